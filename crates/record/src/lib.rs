#![doc = include_str!("../README.md")]
//!
//! # How it works
//!
//! Each event is one write to a file in append mode, made while the clock is held still for all others: the order of the
//! lines is the order of the times. Nothing is buffered, so a process that is killed loses what it had not written, and
//! nothing else. No lock outlives a call, so guards may be held across an `await` and sent to other threads.

#![allow(
    clippy::disallowed_methods,
    reason = "a recorder has a file and a clock, and starts the program that checks"
)]
#![warn(clippy::print_stdout, clippy::print_stderr, clippy::exit)]

mod checker;
mod clock;
mod fault;
mod file;
mod line;
mod operation;
mod options;
mod process;
mod recorder;
mod state;

pub use checker::{Checker, assert_linearizable};
pub use fault::{Fault, FaultGuard};
pub use operation::Operation;
pub use options::Options;
pub use process::{CLIENTS, Invocation, Process};
pub use recorder::Recorder;
pub use serde_json::{Value, json};

#[cfg(test)]
mod tests;
