//! How a system behaved beside its answers: failure patterns of a run, with the numbers that show them.
//!
//! [`Observer`] looks at each operation once; what it keeps, [`Observed`], follows nodes, kinds of operations and stretches
//! of time. Rules ask that, and what others have proved ([`Joined`]). A symptom is never a violation, and says nothing of
//! what caused it: each names what else leaves the same trace.

#![warn(clippy::print_stdout, clippy::print_stderr, clippy::exit)]

pub mod baseline;
pub mod catalog;
pub mod cell;
mod chain;
mod clients;
pub mod grid;
mod kind;
pub mod lesson;
mod not_visible;
mod observed;
mod observer;
mod proved;
mod ranks;
mod refusal;
mod requests;
mod rule;
mod rules;
mod seldom;
mod setting;
mod statistics;
mod symptom;
#[cfg(test)]
mod trace;

pub use chain::{AFTERMATH, Chain, Green, Link, What, chains, wrong_while_green};
pub use kind::SymptomKind;
pub use not_visible::{NotVisible, not_visible};
pub use observed::{Observed, Pair, Stamps};
pub use observer::{MOST_KEYS, MOST_PAIRS, Observer, Told};
pub use proved::{Gone, Joined, Proved};
pub use rules::{Q, find};
pub use setting::{Setting, Thresholds, Unit};
pub use symptom::{Number, Scope, Symptom, Tested};
