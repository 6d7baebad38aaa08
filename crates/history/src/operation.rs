//! Operations and histories.

use crate::convention::Declared;
use crate::format::Format;
use crate::span::Span;
use crate::told::{AllTold, Told, ToldId};
use crate::value::{ValueId, Values};

/// The number of an operation in its history: operations are numbered in the order of their calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OpId(pub u32);

impl OpId {
    /// Where the operation stands in [`History::operations`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The place of an event among all events of clients. No two events have the same place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(pub u32);

/// One point of a history: an event's place in the order, its recorded time, and where it stands in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// Place in the order of events.
    pub event: EventId,
    /// The recorded time in nanoseconds since some start; for reports only.
    pub time: Option<i64>,
    /// The text that recorded it.
    pub span: Span,
}

/// What a completion carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Answer {
    /// The completion's value; `None` where it carried no value at all.
    pub value: Option<ValueId>,
    /// A result apart from the value, such as `"result":false` of a compare-and-set.
    pub result: Option<ValueId>,
}

/// What became of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completion {
    /// It happened (`:ok`).
    Ok(Answer),
    /// It did not happen (`:fail`).
    Fail(Answer),
    /// Nobody knows (`:info`, or no completion): it may take effect at any time after its call, or never.
    Unknown,
}

/// An invocation and what became of it (Herlihy & Wing 1990, §2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The client. Clients do one operation at a time, unless the format pairs events by itself.
    pub process: ValueId,
    /// What was asked: `read`, `write`, …
    pub function: ValueId,
    /// The independent object that was asked, where the history has several.
    pub key: Option<ValueId>,
    /// The invocation's value; `None` where it carried no value at all.
    pub argument: Option<ValueId>,
    /// What became of it.
    pub completion: Completion,
    /// The error that the completion named.
    pub error: Option<ValueId>,
    /// The node that was asked.
    pub node: Option<ValueId>,
    /// Where it stands what else is told of it.
    pub told: Option<ToldId>,
    /// The invocation.
    pub call: Point,
    /// The completion, also that of an operation whose effect is unknown. `None` where none was recorded.
    pub end: Option<Point>,
}

impl Operation {
    /// The event from which on the operation is known to be over: `None` while its effect is unknown.
    pub fn ret(&self) -> Option<EventId> {
        match self.completion {
            Completion::Unknown => None,
            Completion::Ok(_) | Completion::Fail(_) => self.end.map(|end| end.event),
        }
    }
}

/// Something that was done to the system, not asked of it: an event of the nemesis or of another process that is no client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Who recorded it.
    pub process: ValueId,
    /// What was done.
    pub name: Option<ValueId>,
    /// Details.
    pub value: Option<ValueId>,
    /// The node it was done to.
    pub node: Option<ValueId>,
    /// When; the event number is that of the next client event.
    pub start: Point,
    /// When it ended, where one record tells both.
    pub end: Option<i64>,
    /// The first events of clients at its beginning and at its end, or later, where they were looked up, since the history
    /// does not have all its operations.
    pub events: Option<[Option<EventId>; 2]>,
}

/// A doubt about a history that can be used all the same: shown, never hidden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// Operations without any completion, taken as indeterminate.
    MissingCompletions(usize),
    /// A process went on after an operation of unknown outcome (Jepsen never lets it); first place.
    ProcessReused(usize, Span),
    /// Times that are earlier than on an earlier line; the order of the lines counts. First place.
    TimesRunBack(usize, Span),
    /// Events were sorted by their indexes, for they stood in another order.
    SortedByIndex,
    /// Not all events have an index of their own, so indexes were not used.
    IndexesIgnored,
    /// Events of processes that are not integers but invoke or complete like clients; kept as faults. First place.
    NotClients(usize, Span),
    /// `info` events of clients that had nothing open: they say nothing, unless the invocations were lost. First place.
    StrayInfos(usize, Span),
    /// The last line was cut off and left out.
    TruncatedLine(Span),
    /// A process had several operations open at once (formats that pair events by themselves). First place.
    OverlappingProcess(usize, Span),
    /// Lines of a log that record no operation; how many.
    OtherLines(usize),
    /// A doubt that a format has of its own.
    Format(String),
}

/// What happened: operations in the order of their calls, and what was done to the system meanwhile.
#[derive(Clone, Debug)]
pub struct History {
    /// The format it was read from.
    pub format: Format,
    /// Every value that it mentions.
    pub values: Values,
    /// The operations, in the order of their calls.
    pub operations: Vec<Operation>,
    /// The faults, in order.
    pub faults: Vec<Fault>,
    /// How many events of clients there are.
    pub events: usize,
    /// What the input says of how to read it.
    pub declared: Declared,
    /// Doubts.
    pub notes: Vec<Note>,
    /// What is told of operations beside what they are.
    pub told: AllTold,
}

impl History {
    /// An operation.
    pub fn operation(&self, id: OpId) -> &Operation {
        &self.operations[id.index()]
    }

    /// What is told of an operation beside what it is.
    pub fn told(&self, operation: &Operation) -> Told {
        self.told.of(operation.told)
    }

    /// The name of an operation's function.
    pub fn function(&self, operation: &Operation) -> &str {
        self.values.as_text(operation.function).expect("functions are texts")
    }
}
