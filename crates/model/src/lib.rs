//! What should happen, and what counts as proof.
//!
//! A [`Model`] is the sequential specification of an object: it knows neither time nor concurrency. [`certificate::verify`]
//! replays a claimed linearization against it; nothing in this crate searches for one.

#![warn(clippy::print_stdout, clippy::print_stderr, clippy::exit)]

pub mod access;
pub mod certificate;
pub mod error;
pub mod keyed;
mod model;
pub mod part;
mod read;

pub mod register;

pub use access::{Access, Accesses, Kind};
pub use certificate::{Choice, Linearization, Refused, Step};
pub use error::OpError;
pub use model::{Footprint, Model};
pub use part::{Entry, Part, Unreadable};
