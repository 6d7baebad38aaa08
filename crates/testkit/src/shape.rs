//! Small histories of a register that are hard for a search that does not see what they come down to.
//!
//! With K crashed writes there are K! orders and 2^K sets that a plain search may try. Each shape is a history of the
//! issue trackers and papers in its purest form; what is to be found in it follows from how it is made.

use seriatim_history::build::EventKind;

use crate::corpus::Expectation;
use crate::script::{Datum, Line, Script};
use crate::vocabulary::NEVER_WRITTEN;

/// A shape; each is made of K writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// K crashed writes of different values, then a read of a value that nobody wrote.
    CrashedDistinct,
    /// K crashed writes of one value, then a read of a value that nobody wrote.
    CrashedSame,
    /// K crashed writes of different values, each read afterwards, the last first.
    CrashedReversed,
    /// K writes of different values at once, then a read of the first.
    ConcurrentFirst,
    /// K writes of different values at once, then a read of what was there before.
    ConcurrentNone,
    /// K crashed writes of different values; one value is read, then overwritten, then read again.
    CrashedStale,
}

impl Shape {
    /// Every shape.
    pub const ALL: [Self; 6] = [
        Self::CrashedDistinct,
        Self::CrashedSame,
        Self::CrashedReversed,
        Self::ConcurrentFirst,
        Self::ConcurrentNone,
        Self::CrashedStale,
    ];

    /// Its name on a command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::CrashedDistinct => "crashed-distinct",
            Self::CrashedSame => "crashed-same",
            Self::CrashedReversed => "crashed-reversed",
            Self::ConcurrentFirst => "concurrent-first",
            Self::ConcurrentNone => "concurrent-none",
            Self::CrashedStale => "crashed-stale",
        }
    }

    /// The shape with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shape| shape.name() == name)
    }

    /// What must be found in it, if it has at least one write.
    pub fn expectation(self) -> Expectation {
        match self {
            Self::CrashedReversed | Self::ConcurrentFirst => Expectation::Valid,
            Self::CrashedDistinct | Self::CrashedSame | Self::ConcurrentNone | Self::CrashedStale => {
                Expectation::Invalid
            }
        }
    }

    /// The history with `writes` writes.
    pub fn script(self, writes: u32) -> Script {
        let mut pen = Pen::default();
        let value = |write: u32| Datum::Int(i64::from(write));
        match self {
            Self::ConcurrentFirst | Self::ConcurrentNone => {
                (1..=writes).for_each(|write| pen.line(EventKind::Invoke, write, "write", value(write)));
                (1..=writes).for_each(|write| pen.line(EventKind::Ok, write, "write", value(write)));
            }
            _ => {
                let of = |write| if self == Self::CrashedSame { value(1) } else { value(write) };
                (1..=writes).for_each(|write| pen.line(EventKind::Invoke, write, "write", of(write)));
            }
        }
        let next = writes + 1;
        match self {
            Self::CrashedDistinct | Self::CrashedSame => pen.read(next, Datum::Int(NEVER_WRITTEN)),
            Self::CrashedReversed => (1..=writes).rev().for_each(|write| pen.read(next, value(write))),
            Self::ConcurrentFirst => pen.read(next, value(1)),
            Self::ConcurrentNone => pen.read(next, Datum::Nil),
            Self::CrashedStale => {
                pen.read(next, value(1));
                pen.done(next, "write", value(next), value(next));
                pen.read(next, value(1));
            }
        }
        pen.script
    }
}

/// Writes a history event by event.
#[derive(Default)]
struct Pen {
    script: Script,
}

impl Pen {
    /// An event of a process that does one operation, or one at a time.
    fn line(&mut self, kind: EventKind, process: u32, function: &'static str, value: Datum) {
        let time = self.script.lines.len() as i64;
        let (operation, process) = (process, Some(i64::from(process)));
        let (key, value, result, node) = (None, Some(value), None, None);
        self.script.lines.push(Line { kind, process, function, key, value, result, time, node, operation });
    }

    fn done(&mut self, process: u32, function: &'static str, argument: Datum, answer: Datum) {
        self.line(EventKind::Invoke, process, function, argument);
        self.line(EventKind::Ok, process, function, answer);
    }

    fn read(&mut self, process: u32, value: Datum) {
        self.done(process, "read", Datum::Nil, value);
    }
}

#[cfg(test)]
mod tests {
    use seriatim_history::{FailedCas, NilRead, ValueId};
    use seriatim_model::part;
    use seriatim_model::register::Register;

    use super::*;
    use crate::oracle;

    #[test]
    fn shapes_are_what_they_are_said_to_be() {
        let nil_read = NilRead::Value;
        let model = Register { initial: ValueId::NIL, nil_read, failed_cas: FailedCas::Drop, cas: true };
        for shape in Shape::ALL {
            assert_eq!(Shape::from_name(shape.name()), Some(shape));
            for writes in 1..=4 {
                let history = shape.script(writes).history();
                let parts = part::split(&model, &history).expect("operations of a register");
                let valid = parts.iter().all(|part| oracle::is_linearizable(&model, part));
                let expected = shape.expectation() == Expectation::Valid;
                assert_eq!(valid, expected, "{} of {writes}", shape.name());
            }
        }
    }
}
