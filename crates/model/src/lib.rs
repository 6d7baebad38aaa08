//! What should happen, and what counts as proof.
//!
//! A [`Model`] is the sequential specification of an object: it knows neither time nor concurrency. [`certificate::verify`]
//! replays a claimed linearization against it. Nothing in this crate searches for one, but of the few operations that a
//! [`reduction`] leaves.

#![warn(clippy::print_stdout, clippy::print_stderr, clippy::exit)]

pub mod access;
pub mod any;
pub mod catalog;
pub mod certificate;
pub mod conflict;
pub mod error;
pub mod ids;
pub mod infer;
pub mod keyed;
mod model;
pub mod part;
mod read;
pub mod reduction;
pub mod removal;
pub mod sequence;
pub mod sorted;
pub mod start;
pub mod widening;

pub mod bag;
pub mod counter;
pub mod deque;
pub mod kv;
pub mod log;
pub mod multi_register;
pub mod mutex;
pub mod priority_queue;
pub mod register;
pub mod semaphore;
pub mod set;
pub mod unique_ids;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod reading;

pub use access::{Access, Accesses, Kind, TextAccess, Unit};
pub use any::AnyModel;
pub use catalog::{Function, ModelName, ModelOptions, OptionError, Visitor, with_any_model, with_model};
pub use certificate::{Choice, Linearization, Refused};
pub use conflict::{Conflict, NotShown};
pub use error::OpError;
pub use infer::{Inference, infer, infer_with};
pub use model::{Footprint, Keys, Model};
pub use part::{Entry, Part, Unreadable};
pub use reduction::{Core, Doubt, Step};
