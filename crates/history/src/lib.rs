//! What happened: the operations that clients recorded, and in which order their events stand.
//!
//! This crate knows syntax and well-formedness, and nothing of what an operation means: a value gets its meaning
//! in `seriatim-model`. A [`History`] is well-formed or there is none; [`HistoryBuilder`] is the only judge of that.

#![warn(clippy::print_stdout, clippy::print_stderr, clippy::exit)]

pub mod build;
pub mod convention;
pub mod convert;
pub mod coverage;
pub mod diagnostic;
pub mod format;
pub mod independent;
pub mod native;
mod operation;
pub mod overview;
pub mod span;
mod told;
pub mod value;
pub mod window;

pub use build::HistoryBuilder;
pub use convention::{Declared, FailedCas, NilRead, Order, Ties, TimeUnit};
pub use coverage::{Coverage, Outcomes, Phase};
pub use diagnostic::{Diagnostic, Diagnostics, Label, Severity};
pub use format::Format;
pub use operation::{Answer, Completion, EventId, Fault, History, Note, OpId, Operation, Point};
pub use overview::Overview;
pub use span::{LineIndex, Source, SourceId, Span};
pub use told::{AllTold, Told, ToldId};
pub use value::{Value, ValueId, Values};
pub use window::{Window, windows};
