//! A history as text in another format, without loss: what a format cannot hold is said in a note, or is an error.
//!
//! [`write()`] first makes of the history what the format can hold, and notes each step; then it writes that. So whoever reads the
//! text again has to find the very history that `write` leaves behind, and [`difference`] looks whether it is so.

mod difference;
mod edn;
mod fit;
mod intervals;

pub use self::difference::{Difference, difference};

use crate::build::EventKind;
use crate::convention::Declared;
use crate::diagnostic::Diagnostics;
use crate::format::Format;
use crate::native;
use crate::operation::{Answer, Completion, EventId, Fault, History, Operation};

/// What a history can be written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The native format, an event a line.
    Jsonl,
    /// Jepsen's maps, an event a line.
    Edn,
    /// The native format, an operation a line.
    Intervals,
}

/// A history as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The text.
    pub text: String,
    /// What is not as it was, a sentence each.
    pub notes: Vec<String>,
}

impl Target {
    /// The format that the text is read as.
    pub fn format(self) -> Format {
        match self {
            Self::Jsonl | Self::Intervals => Format::Jsonl,
            Self::Edn => Format::Edn,
        }
    }
}

/// Writes a history, and leaves it as whoever reads the text again will find it.
///
/// # Errors
/// Operations that the format cannot hold.
///
/// EDN has no place for what a history declares: whoever reads it has to be told.
pub fn write(history: &mut History, target: Target) -> Result<Written, Diagnostics> {
    let mut notes = Vec::new();
    fit::fit(history, target, &mut notes)?;
    let text = match target {
        Target::Jsonl => native::write_whole(history),
        Target::Edn => {
            history.declared = Declared::default();
            edn::write(history)
        }
        Target::Intervals => intervals::write(history, &mut notes),
    };
    Ok(Written { text, notes })
}

/// Something that is written on a line of its own.
#[derive(Clone, Copy)]
pub(crate) enum Line<'a> {
    /// An operation begins; its place among the operations.
    Call(&'a Operation, usize),
    /// An operation ends; the same.
    End(&'a Operation, usize),
    /// Something was done to the system.
    Fault(&'a Fault),
}

/// All lines of a history, in their order: a fault stands before the event that follows it.
pub(crate) fn lines(history: &History) -> Vec<Line<'_>> {
    let faults = history.faults.iter().map(|fault| ((fault.start.event, 0), Line::Fault(fault)));
    let mut all: Vec<((EventId, u8), Line<'_>)> = faults.collect();
    for (at, operation) in history.operations.iter().enumerate() {
        all.push(((operation.call.event, 1), Line::Call(operation, at)));
        all.extend(operation.end.map(|end| ((end.event, 1), Line::End(operation, at))));
    }
    // Faults between the same events stay in their order.
    all.sort_by_key(|&(place, _)| place);
    all.into_iter().map(|(_, line)| line).collect()
}

/// What a completion says, and what it answers.
pub(crate) fn completed(operation: &Operation) -> (EventKind, Answer) {
    match operation.completion {
        Completion::Ok(answer) => (EventKind::Ok, answer),
        Completion::Fail(answer) => (EventKind::Fail, answer),
        Completion::Unknown => (EventKind::Info, Answer::default()),
    }
}

#[cfg(test)]
mod tests;
