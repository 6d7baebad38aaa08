//! Pairs events to operations: the only judge of whether a history is well-formed.

use std::collections::hash_map::Entry;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::convention::{Declared, Order, Ties};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::format::Format;
use crate::operation::{Answer, Completion, EventId, Fault, History, Note, Operation, Point};
use crate::span::Span;
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
            format,
            events: Vec::new(),
            intervals: Vec::new(),
            faults: Vec::new(),
            notes: Vec::new(),
            errors: Diagnostics::new(),
        }
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
        // Within one time: closed intervals put all calls before all ends. Ordered ties put ends first, save those of
        // operations that began at that very time.
        let rank = |is_end: bool, is_instant: bool| match (ties, is_end, is_instant) {
            (Ties::Overlap, is_end, _) => u8::from(is_end),
            (Ties::Ordered, true, false) => 0,
            (Ties::Ordered, false, true) => 1,
            (Ties::Ordered, true, true) => 2,
            (Ties::Ordered, false, false) => 3,
        };
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
        let mut pairing = Pairing::new(self.format, self.faults);
        let mut operation_of = vec![usize::MAX; self.intervals.len()];
        for (_, half) in halves {
            match half {
                Half::Event(at) => pairing.event(&mut self.values, &self.events[at]),
                Half::Call(at) => operation_of[at] = pairing.call(&self.intervals[at]),
                Half::End(at) => pairing.end(operation_of[at], &self.intervals[at]),
            }
        }
        pairing.finish(self.values, self.declared, self.notes, self.errors)
    }

    fn pair(mut self) -> Result<History, Diagnostics> {
        let mut pairing = Pairing::new(self.format, self.faults);
        pairing.is_incomplete = !self.errors.is_empty();
        for event in &self.events {
            pairing.event(&mut self.values, event);
        }
        pairing.finish(self.values, self.declared, self.notes, self.errors)
    }
}

/// Who a completion belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Owner {
    Process(ValueId),
    Id(ValueId),
}

struct Pairing {
    format: Format,
    /// Some records could not be read, and so are missing here.
    is_incomplete: bool,
    operations: Vec<Operation>,
    faults: Vec<Fault>,
    open: FxHashMap<Owner, usize>,
    open_unnamed: Vec<usize>,
    /// Processes whose latest operation ended as unknown.
    retired: FxHashSet<ValueId>,
    /// How many operations that were recorded whole are open, by process.
    overlapping: FxHashMap<ValueId, usize>,
    next: u32,
    reused: (usize, Option<Span>),
    not_clients: (usize, Option<Span>),
    overlaps: (usize, Option<Span>),
    stray: (usize, Option<Span>),
    errors: Vec<Diagnostic>,
}

impl Pairing {
    fn new(format: Format, faults: Vec<(Event, Option<i64>)>) -> Self {
        let mut pairing = Self {
            format,
            is_incomplete: false,
            operations: Vec::new(),
            faults: Vec::new(),
            open: FxHashMap::default(),
            open_unnamed: Vec::new(),
            retired: FxHashSet::default(),
            overlapping: FxHashMap::default(),
            next: 0,
            reused: (0, None),
            not_clients: (0, None),
            overlaps: (0, None),
            stray: (0, None),
            errors: Vec::new(),
        };
        for (event, end) in &faults {
            pairing.take_fault(event, *end);
        }
        pairing
    }

    fn point(&mut self, time: Option<i64>, span: Span) -> Point {
        let event = EventId(self.next);
        self.next = self.next.checked_add(1).expect("fewer than 2^32 events");
        Point { event, time, span }
    }

    fn take_fault(&mut self, event: &Event, end: Option<i64>) {
        let process = match event.actor {
            Actor::Client(process) | Actor::Other(process) => process,
            Actor::Unnamed => ValueId::NIL,
        };
        let start = Point { event: EventId(self.next), time: event.time, span: event.span };
        self.faults.push(Fault {
            process,
            name: event.function,
            value: event.value,
            node: event.node,
            start,
            end,
        });
    }

    fn event(&mut self, values: &mut Values, event: &Event) {
        if matches!(event.actor, Actor::Other(_)) {
            if event.kind != EventKind::Info {
                count(&mut self.not_clients, event.span);
            }
            return self.take_fault(event, None);
        }
        match event.kind {
            EventKind::Invoke => self.invoke(values, event),
            EventKind::Ok | EventKind::Fail | EventKind::Info => self.complete(values, event),
        }
    }

    fn invoke(&mut self, values: &mut Values, event: &Event) {
        let process = match event.actor {
            Actor::Client(process) => process,
            Actor::Other(_) | Actor::Unnamed => ValueId::NIL,
        };
        // A missing function is that of the elle examples: a transaction.
        let function = event.function.unwrap_or_else(|| values.text("txn"));
        let owner = match (event.id, event.actor) {
            (Some(id), _) => Some(Owner::Id(id)),
            (None, Actor::Client(process)) => Some(Owner::Process(process)),
            (None, _) => None,
        };
        let at = self.operations.len();
        if let Some(owner) = owner {
            match self.open.entry(owner) {
                Entry::Occupied(open) => {
                    let earlier = &self.operations[*open.get()];
                    let who = match owner {
                        Owner::Process(process) => format!("process {}", values.show(process)),
                        Owner::Id(id) => format!("operation id {}", values.show(id)),
                    };
                    let error = Diagnostic::error(event.span, format!("{who} invokes an operation while another of it is open"))
                        .related(earlier.call.span, "this invocation has not been completed")
                        .help("a process does one thing at a time: record the completion first, give each client a process of its own, or pair events by `id`");
                    self.errors.push(error);
                    return;
                }
                Entry::Vacant(place) => {
                    place.insert(at);
                }
            }
        } else {
            self.open_unnamed.push(at);
        }
        if matches!(owner, Some(Owner::Process(_))) && self.retired.remove(&process) {
            count(&mut self.reused, event.span);
        }
        let call = self.point(event.time, event.span);
        let operation = Operation {
            process,
            function,
            key: event.key,
            argument: event.value,
            completion: Completion::Unknown,
            error: None,
            node: event.node,
            call,
            end: None,
        };
        self.operations.push(operation);
    }

    fn complete(&mut self, values: &Values, event: &Event) {
        let at = match (event.id, event.actor) {
            (Some(id), _) => self.open.remove(&Owner::Id(id)),
            (None, Actor::Client(process)) => self.open.remove(&Owner::Process(process)),
            (None, _) => match self.unnamed(event) {
                Ok(at) => at,
                Err(error) => return self.errors.push(error),
            },
        };
        let Some(at) = at else {
            if event.kind == EventKind::Info {
                // Nobody knows what became of something that nobody asked for: it was nothing, or the log lost it.
                return count(&mut self.stray, event.span);
            }
            let who = match (event.id, event.actor) {
                (Some(id), _) => format!("operation id {}", values.show(id)),
                (None, Actor::Client(process)) => format!("process {}", values.show(process)),
                (None, _) => "the client".to_owned(),
            };
            let message =
                format!("{who} completes an operation (`{}`) that it never invoked", event.kind.word());
            let help = if self.is_incomplete {
                "every completion needs an `invoke` of the same process before it; it may be one that could not be read"
            } else {
                "every completion needs an `invoke` of the same process before it; was the beginning of the log cut off?"
            };
            return self.errors.push(Diagnostic::error(event.span, message).help(help));
        };
        let invoked = &self.operations[at];
        if let Some(function) = event.function.filter(|&function| function != invoked.function) {
            let message = format!(
                "this completes `{}`, but what was invoked is `{}`",
                values.as_text(function).unwrap_or_default(),
                values.as_text(invoked.function).unwrap_or_default()
            );
            self.errors
                .push(Diagnostic::error(event.span, message).related(invoked.call.span, "invoked here"));
        }
        if let (Some(key), Some(asked)) = (event.key, invoked.key)
            && key != asked
        {
            let message = format!(
                "this completes an operation on key {}, but what was invoked is on key {}",
                values.show(key),
                values.show(asked)
            );
            self.errors
                .push(Diagnostic::error(event.span, message).related(invoked.call.span, "invoked here"));
        }
        let end = self.point(event.time, event.span);
        let operation = &mut self.operations[at];
        operation.end = Some(end);
        operation.error = event.error;
        operation.key = operation.key.or(event.key);
        operation.node = operation.node.or(event.node);
        let answer = Answer { value: event.value, result: event.result };
        operation.completion = match event.kind {
            EventKind::Ok => Completion::Ok(answer),
            EventKind::Fail => Completion::Fail(answer),
            EventKind::Info | EventKind::Invoke => Completion::Unknown,
        };
        if operation.completion == Completion::Unknown {
            self.retired.insert(operation.process);
        }
    }

    /// The open invocation that a completion without a process belongs to.
    fn unnamed(&mut self, event: &Event) -> Result<Option<usize>, Diagnostic> {
        let mut fitting = (0..self.open_unnamed.len()).filter(|&at| {
            let function = self.operations[self.open_unnamed[at]].function;
            event.function.is_none_or(|completed| completed == function)
        });
        let Some(at) = fitting.next() else { return Ok(None) };
        if let Some(other) = fitting.next() {
            let error = Diagnostic::error(
                event.span,
                "this completion names no process, and several open invocations fit",
            )
            .related(self.operations[self.open_unnamed[at]].call.span, "this one fits")
            .related(self.operations[self.open_unnamed[other]].call.span, "and this one")
            .help("record `process` with every event");
            return Err(error);
        }
        Ok(Some(self.open_unnamed.remove(at)))
    }

    fn call(&mut self, interval: &Interval) -> usize {
        let open = self.overlapping.entry(interval.process).or_default();
        *open += 1;
        if *open > 1 && interval.end.is_some() {
            count(&mut self.overlaps, interval.span);
        }
        let call = self.point(Some(interval.call), interval.span);
        self.operations.push(Operation {
            process: interval.process,
            function: interval.function,
            key: interval.key,
            argument: interval.argument,
            completion: interval.completion,
            error: interval.error,
            node: interval.node,
            call,
            end: None,
        });
        self.operations.len() - 1
    }

    fn end(&mut self, at: usize, interval: &Interval) {
        if let Some(open) = self.overlapping.get_mut(&interval.process) {
            *open -= 1;
        }
        let end = self.point(interval.end, interval.span);
        self.operations[at].end = Some(end);
    }

    fn finish(
        self,
        values: Values,
        declared: Declared,
        mut notes: Vec<Note>,
        mut errors: Diagnostics,
    ) -> Result<History, Diagnostics> {
        for error in self.errors {
            errors.push(error);
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let missing = self.operations.iter().filter(|operation| operation.end.is_none()).count();
        if missing > 0 {
            notes.push(Note::MissingCompletions(missing));
        }
        if let (count, Some(first)) = self.reused {
            notes.push(Note::ProcessReused(count, first));
        }
        if let (count, Some(first)) = self.not_clients {
            notes.push(Note::NotClients(count, first));
        }
        if let (count, Some(first)) = self.stray {
            notes.push(Note::StrayInfos(count, first));
        }
        if let (count, Some(first)) = self.overlaps {
            notes.push(Note::OverlappingProcess(count, first));
        }
        let mut operations = self.operations;
        for operation in &mut operations {
            // A record that claims an outcome without an end is as indeterminate as one without an outcome.
            if operation.end.is_none() {
                operation.completion = Completion::Unknown;
            }
        }
        let (format, faults, events) = (self.format, self.faults, self.next as usize);
        Ok(History { format, values, operations, faults, events, declared, notes })
    }
}

fn count((count, first): &mut (usize, Option<Span>), span: Span) {
    *count += 1;
    first.get_or_insert(span);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convention::{Order, Ties};
    use crate::span::SourceId;

    /// Builds a history from events `(process, kind, time)`; the process -1 is the nemesis. Their spans are their places.
    fn build(events: &[(i64, EventKind, i64)], overrides: Overrides) -> Result<History, Diagnostics> {
        let mut builder = HistoryBuilder::new(Format::Jsonl);
        let read = builder.values.text("read");
        for (at, &(process, kind, time)) in events.iter().enumerate() {
            let id = builder.values.int(i128::from(process));
            let actor = if process < 0 { Actor::Other(id) } else { Actor::Client(id) };
            let mut event = Event::new(kind, actor, Span::new(SourceId(0), at, at + 1));
            (event.function, event.time) = (Some(read), Some(time));
            builder.event(event);
        }
        builder.finish(overrides)
    }

    use EventKind::{Fail, Info, Invoke, Ok as Done};

    #[test]
    fn events_are_paired_by_process() {
        let history =
            build(&[(0, Invoke, 0), (1, Invoke, 1), (0, Done, 2), (1, Fail, 3)], Overrides::default())
                .expect("well-formed");
        let places: Vec<_> =
            history.operations.iter().map(|op| (op.call.event.0, op.ret().map(|ret| ret.0))).collect();
        assert_eq!(places, [(0, Some(2)), (1, Some(3))]);
        assert!(matches!(history.operations[1].completion, Completion::Fail(_)));
        assert!(history.notes.is_empty());
    }

    #[test]
    fn what_never_completes_is_indeterminate() {
        let history = build(&[(0, Invoke, 0), (1, Invoke, 1), (1, Info, 2)], Overrides::default())
            .expect("well-formed");
        assert!(
            history.operations.iter().all(|op| op.completion == Completion::Unknown && op.ret().is_none())
        );
        assert_eq!(history.notes, [Note::MissingCompletions(1)]);
    }

    #[test]
    fn a_process_does_one_thing_at_a_time() {
        let errors = build(&[(0, Invoke, 0), (0, Invoke, 1), (0, Done, 2)], Overrides::default())
            .expect_err("two at once");
        assert_eq!(errors.total(), 1);
        assert_eq!(errors.first()[0].span.map(|span| span.start), Some(1));
        assert_eq!(errors.first()[0].related[0].span.start, 0);
    }

    #[test]
    fn a_completion_needs_an_invocation_unless_it_says_nothing() {
        let errors = build(&[(0, Done, 0), (1, Invoke, 1), (1, Done, 2), (1, Fail, 3)], Overrides::default())
            .expect_err("two of them");
        assert_eq!(
            errors.first().iter().map(|error| error.span.map(|span| span.start)).collect::<Vec<_>>(),
            [Some(0), Some(3)]
        );
        let history =
            build(&[(1, Invoke, 0), (1, Done, 1), (1, Info, 2)], Overrides::default()).expect("a stray info");
        assert_eq!(history.notes, [Note::StrayInfos(1, Span::new(SourceId(0), 2, 3))]);
    }

    #[test]
    fn the_nemesis_is_no_client() {
        let history =
            build(&[(-1, Info, 0), (0, Invoke, 1), (-1, Invoke, 2), (0, Done, 3)], Overrides::default())
                .expect("well-formed");
        assert_eq!((history.operations.len(), history.faults.len()), (1, 2));
        assert_eq!(history.faults.iter().map(|fault| fault.start.event.0).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(history.notes, [Note::NotClients(1, Span::new(SourceId(0), 2, 3))]);
    }

    #[test]
    fn a_process_that_goes_on_after_an_unknown_outcome_is_noted() {
        let history =
            build(&[(0, Invoke, 0), (0, Info, 1), (0, Invoke, 2), (0, Done, 3)], Overrides::default())
                .expect("well-formed");
        assert_eq!(history.notes, [Note::ProcessReused(1, Span::new(SourceId(0), 2, 3))]);
    }

    #[test]
    fn lines_count_unless_times_are_asked_for() {
        let events = [(0, Invoke, 5), (0, Done, 7), (1, Invoke, 6), (1, Done, 8)];
        let by_line = build(&events, Overrides::default()).expect("well-formed");
        assert_eq!(by_line.notes, [Note::TimesRunBack(1, Span::new(SourceId(0), 2, 3))]);
        assert!(by_line.operations[0].ret() < Some(by_line.operations[1].call.event));
        let by_time = build(&events, Overrides { order: Some(Order::Time), ..Overrides::default() })
            .expect("well-formed");
        assert!(by_time.operations[0].ret() > Some(by_time.operations[1].call.event));
    }

    /// Builds a history from intervals `(call, end)` of one process each.
    fn intervals(times: &[(i64, i64)], ties: Ties) -> History {
        let mut builder = HistoryBuilder::new(Format::Csv);
        let read = builder.values.text("read");
        for (at, &(call, end)) in (0..).zip(times) {
            let answer = Answer { value: Some(ValueId::NIL), result: None };
            let process = builder.values.int(at);
            builder.interval(Interval {
                process,
                function: read,
                key: None,
                argument: None,
                completion: Completion::Ok(answer),
                error: None,
                node: None,
                call,
                end: Some(end),
                span: Span::default(),
            });
        }
        builder.finish(Overrides { ties: Some(ties), ..Overrides::default() }).expect("well-formed")
    }

    #[test]
    fn ties_overlap_or_are_ordered() {
        let precedes = |times: &[(i64, i64)], ties| {
            let history = intervals(times, ties);
            history.operations[0].ret() < Some(history.operations[1].call.event)
        };
        assert!(!precedes(&[(1, 2), (2, 3)], Ties::Overlap));
        assert!(precedes(&[(1, 2), (2, 3)], Ties::Ordered));
        // An operation that takes no time is called before it returns, whatever ties mean; two of them overlap.
        assert!(precedes(&[(1, 2), (2, 2)], Ties::Ordered));
        assert!(precedes(&[(2, 2), (2, 3)], Ties::Ordered));
        assert!(!precedes(&[(2, 2), (2, 2)], Ties::Ordered));
        assert!(!precedes(&[(2, 2), (2, 2)], Ties::Overlap));
    }

    #[test]
    fn indexes_sort_where_each_event_has_its_own() {
        let mut builder = HistoryBuilder::new(Format::Edn);
        let read = builder.values.text("read");
        for (at, (kind, index)) in [(Done, 9), (Invoke, 4)].into_iter().enumerate() {
            let mut event =
                Event::new(kind, Actor::Client(builder.values.int(0)), Span::new(SourceId(0), at, at + 1));
            (event.function, event.index) = (Some(read), Some(index));
            builder.event(event);
        }
        let history = builder.finish(Overrides::default()).expect("well-formed");
        assert_eq!(history.notes, [Note::SortedByIndex]);
        assert!(matches!(history.operations[0].completion, Completion::Ok(_)));
    }
}
