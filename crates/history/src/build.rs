//! Pairs events to operations: the only judge of whether a history is well-formed.

mod kept;
mod open;
mod pairing;
mod stream;

pub(crate) use self::stream::{Stream, Unusual};

use rustc_hash::FxHashSet;

use self::kept::Kept;
use self::pairing::Pairing;
use crate::convention::{Declared, Order, Ties};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::format::Format;
use crate::operation::{Completion, History, Note};
use crate::span::Span;
use crate::told::{AllTold, Told, ToldId};
use crate::value::{ValueId, Values};

/// What an event says of its operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// It was asked.
    Invoke,
    /// It happened.
    Ok,
    /// It did not happen.
    Fail,
    /// Nobody knows.
    Info,
}

impl EventKind {
    /// Reads Jepsen's word, in any case, with or without its colon.
    pub fn from_word(word: &str) -> Option<Self> {
        let word = word.strip_prefix(':').unwrap_or(word);
        let is = |known: &str| word.eq_ignore_ascii_case(known);
        if is("invoke") {
            Some(Self::Invoke)
        } else if is("ok") {
            Some(Self::Ok)
        } else if is("fail") {
            Some(Self::Fail)
        } else if is("info") {
            Some(Self::Info)
        } else {
            None
        }
    }

    /// Jepsen's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Invoke => "invoke",
            Self::Ok => "ok",
            Self::Fail => "fail",
            Self::Info => "info",
        }
    }
}

/// Who recorded an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A client.
    Client(ValueId),
    /// The nemesis, or any other process that is no client.
    Other(ValueId),
    /// The format does not say: the completion belongs to the open invocation of the same function, if there is only one.
    Unnamed,
}

/// An invocation or a completion, as a format found it.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// What it says.
    pub kind: EventKind,
    /// Who recorded it.
    pub actor: Actor,
    /// What was asked; a completion may leave it out.
    pub function: Option<ValueId>,
    /// The independent object; a completion may leave it out.
    pub key: Option<ValueId>,
    /// The argument of an invocation, the answer of a completion. `None` where no value was recorded at all.
    pub value: Option<ValueId>,
    /// A result apart from the value.
    pub result: Option<ValueId>,
    /// The node that was asked.
    pub node: Option<ValueId>,
    /// The error that a completion names.
    pub error: Option<ValueId>,
    /// Pairs an invocation with its completion, whatever else its process does.
    pub id: Option<ValueId>,
    /// Recorded time in nanoseconds.
    pub time: Option<i64>,
    /// Where it stands what it tells of its operation beside what that is.
    pub told: Option<ToldId>,
    /// Recorded place in the order.
    pub index: Option<i64>,
    /// The text that recorded it.
    pub span: Span,
}

impl Event {
    /// An event that says nothing further yet.
    pub fn new(kind: EventKind, actor: Actor, span: Span) -> Self {
        let none = None;
        Self {
            kind,
            actor,
            function: none,
            key: none,
            value: none,
            result: none,
            node: none,
            error: none,
            id: none,
            time: None,
            told: None,
            index: None,
            span,
        }
    }
}

/// An operation in one record, as a format found it.
#[derive(Clone, Copy, Debug)]
pub struct Interval {
    /// The client.
    pub process: ValueId,
    /// What was asked.
    pub function: ValueId,
    /// The independent object.
    pub key: Option<ValueId>,
    /// The argument. `None` where no value was recorded at all.
    pub argument: Option<ValueId>,
    /// What became of it.
    pub completion: Completion,
    /// The error that was named.
    pub error: Option<ValueId>,
    /// The node that was asked.
    pub node: Option<ValueId>,
    /// What is told of it beside what it is.
    pub told: Told,
    /// When it was called, in nanoseconds.
    pub call: i64,
    /// When it ended; `None` where it never did.
    pub end: Option<i64>,
    /// The text that recorded it.
    pub span: Span,
}

/// What whoever reads a history decides over the head of the input.
#[derive(Clone, Copy, Debug, Default)]
pub struct Overrides {
    /// What equal times mean.
    pub ties: Option<Ties>,
    /// What orders the events.
    pub order: Option<Order>,
}

/// Takes what a format finds, in the order in which it stands in the input, and makes a history of it.
///
/// Every record that a format meets ends as an event, an interval, a fault or an error. Errors do not stop the
/// reading: [`HistoryBuilder::finish`] gives the history, or all that is wrong with it.
#[derive(Debug)]
pub struct HistoryBuilder {
    /// The values of the history, for readers to number what they find.
    pub values: Values,
    /// What the input says of how to read it.
    pub declared: Declared,
    /// What events tell of their operations beside what these are, for readers to add to.
    pub told: AllTold,
    format: Format,
    events: Vec<Event>,
    intervals: Vec<Interval>,
    faults: Vec<(Event, Option<i64>)>,
    notes: Vec<Note>,
    errors: Diagnostics,
}

impl HistoryBuilder {
    /// A builder for a history in `format`.
    pub fn new(format: Format) -> Self {
        Self {
            values: Values::new(),
            declared: Declared::default(),
            told: AllTold::default(),
            format,
            events: Vec::new(),
            intervals: Vec::new(),
            faults: Vec::new(),
            notes: Vec::new(),
            errors: Diagnostics::new(),
        }
    }

    /// Forgets everything, and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.values.clear();
        self.declared = Declared::default();
        self.told.clear();
        self.events.clear();
        self.intervals.clear();
        self.faults.clear();
        self.notes.clear();
        self.errors = Diagnostics::new();
    }

    /// Takes an event; one of a process that is no client is kept as a fault.
    pub fn event(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Takes an operation that one record tells whole.
    pub fn interval(&mut self, interval: Interval) {
        self.intervals.push(interval);
    }

    /// Takes a fault that one record tells whole; `event` is its start, `end` the time of its end.
    pub fn fault(&mut self, event: Event, end: Option<i64>) {
        self.faults.push((event, end));
    }

    /// Takes a doubt.
    pub fn note(&mut self, note: Note) {
        self.notes.push(note);
    }

    /// Takes an error of syntax.
    pub fn error(&mut self, error: Diagnostic) {
        self.errors.push(error);
    }

    #[cfg(test)]
    pub(crate) fn events(&self) -> &[Event] {
        &self.events
    }

    /// How many records were taken so far, errors included.
    pub fn records(&self) -> usize {
        self.events.len() + self.intervals.len() + self.faults.len() + self.errors.total()
    }

    /// Puts the events in order, pairs them and judges the whole.
    ///
    /// # Errors
    /// All that is wrong with the input, in file order.
    pub fn finish(mut self, overrides: Overrides) -> Result<History, Diagnostics> {
        let ties = overrides.ties.or(self.declared.ties).unwrap_or(self.format.row().ties);
        let order = overrides.order.or(self.declared.order).unwrap_or_default();
        if self.intervals.is_empty() && order == Order::Line {
            self.sort_by_index();
            self.note_times_that_run_back();
            self.pair()
        } else {
            self.sort_by_time(ties)
        }
    }

    /// Sorts the events by index where each has one of its own and they stand in another order.
    fn sort_by_index(&mut self) {
        let is_sorted = |events: &[Event]| events.windows(2).all(|w| w[0].index < w[1].index);
        let with_index =
            self.events.iter().filter(|event| event.index.is_some_and(|index| index >= 0)).count();
        if with_index == 0 || with_index == self.events.len() && is_sorted(&self.events) {
            return;
        }
        let distinct: FxHashSet<_> = self.events.iter().map(|event| event.index).collect();
        if with_index == self.events.len() && distinct.len() == self.events.len() {
            self.events.sort_by_key(|event| event.index);
            self.notes.push(Note::SortedByIndex);
        } else {
            self.notes.push(Note::IndexesIgnored);
        }
    }

    fn note_times_that_run_back(&mut self) {
        let (mut latest, mut count, mut first) = (i64::MIN, 0, None);
        for event in &self.events {
            // Jepsen writes -1 where it does not know.
            let Some(time) = event.time.filter(|&time| time >= 0) else { continue };
            if time < latest {
                count += 1;
                first.get_or_insert(event.span);
            }
            latest = latest.max(time);
        }
        if let Some(first) = first {
            self.notes.push(Note::TimesRunBack(count, first));
        }
    }

    /// Turns intervals into events, and puts all events in the order of their times.
    fn sort_by_time(mut self, ties: Ties) -> Result<History, Diagnostics> {
        for event in &self.events {
            if event.time.is_none() {
                let message = "this event has no time, and the events of this history are ordered by time";
                self.errors.push(
                    Diagnostic::error(event.span, message)
                        .help("give every record its times, or order by line"),
                );
            }
        }
        for interval in &self.intervals {
            if interval.end.is_some_and(|end| end < interval.call) {
                let message = format!(
                    "this operation ended at {}, before it was called at {}",
                    interval.end.unwrap_or_default(),
                    interval.call
                );
                self.errors.push(Diagnostic::error(interval.span, message));
            }
        }
        if !self.errors.is_empty() {
            return Err(self.errors);
        }
        let rank = |is_end, is_instant| ties.rank(is_end, is_instant);
        enum Half {
            Event(usize),
            Call(usize),
            End(usize),
        }
        let mut halves = Vec::with_capacity(self.events.len() + 2 * self.intervals.len());
        for (at, event) in self.events.iter().enumerate() {
            let is_end = event.kind != EventKind::Invoke && !matches!(event.actor, Actor::Other(_));
            halves.push(((event.time.unwrap_or_default(), rank(is_end, false)), Half::Event(at)));
        }
        for (at, interval) in self.intervals.iter().enumerate() {
            let is_instant = interval.end == Some(interval.call);
            halves.push(((interval.call, rank(false, is_instant)), Half::Call(at)));
            if let Some(end) = interval.end {
                halves.push(((end, rank(true, is_instant)), Half::End(at)));
            }
        }
        halves.sort_by_key(|&(key, _)| key);
        let mut pairing = Pairing::new(self.format, &self.faults, Kept::default());
        let mut operation_of = vec![usize::MAX; self.intervals.len()];
        for (_, half) in halves {
            match half {
                Half::Event(at) => {
                    let event = &self.events[at];
                    pairing.event(&mut self.values, event, self.told.of(event.told));
                }
                Half::Call(at) => operation_of[at] = pairing.call(&self.intervals[at]),
                Half::End(at) => pairing.end(operation_of[at], &self.intervals[at]),
            }
        }
        Ok(pairing.finish(self.values, self.declared, self.notes, self.errors)?.0)
    }

    fn pair(mut self) -> Result<History, Diagnostics> {
        let mut pairing = Pairing::new(self.format, &self.faults, Kept::default());
        pairing.is_incomplete = !self.errors.is_empty();
        for event in &self.events {
            pairing.event(&mut self.values, event, self.told.of(event.told));
        }
        Ok(pairing.finish(self.values, self.declared, self.notes, self.errors)?.0)
    }
}

#[cfg(test)]
mod tests;
