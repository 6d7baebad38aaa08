//! Is there a linearization? Every part of a history is decided by the cheapest exact strategy whose conditions it
//! meets; every yes is verified by [`seriatim_model::certificate`] before it leaves this crate.

#![warn(clippy::print_stdout, clippy::print_stderr, clippy::exit)]

mod answers;
mod check;
pub mod frontier;
mod interner;
pub mod limits;
mod numbered;
pub mod reduce;
mod rounds;
mod search;
pub mod strategy;
mod suspects;
mod table;
mod verdict;

pub use answers::{not_replaced, possible};
pub use check::{Observer, Options, check, check_parts};
pub use frontier::{Frontier, Standing, Undetermined};
pub use limits::{Limits, Memory, Stop, StopReason};
pub use reduce::{Goal, Reduced, reduce};
pub use search::Reductions;
pub use strategy::Strategy;
pub use verdict::{Cause, Decision, Reached, Refutation, Verdict};
