//! Puts invocations and completions together, in the order of events, and says what does not fit.

use rustc_hash::{FxHashMap, FxHashSet};

use super::kept::Kept;
use super::open::{Open, Owner};
use super::{Actor, Event, EventKind, Interval};
use crate::convention::Declared;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::format::Format;
use crate::operation::{Answer, Completion, EventId, Fault, History, Note, Operation, Point};
use crate::span::Span;
use crate::told::Told;
use crate::value::{ValueId, Values};

/// Puts invocations and completions together, one event after the other.
#[derive(Debug)]
pub(super) struct Pairing {
    format: Format,
    /// Some records could not be read, and so are missing here.
    pub(super) is_incomplete: bool,
    pub(super) operations: Kept,
    /// How many operations have an end.
    ended: usize,
    pub(super) faults: Vec<Fault>,
    open: Open,
    open_unnamed: Vec<usize>,
    /// Processes whose latest operation ended as unknown.
    retired: FxHashSet<ValueId>,
    /// How many operations that were recorded whole are open, by process.
    overlapping: FxHashMap<ValueId, usize>,
    pub(super) next: u32,
    reused: (usize, Option<Span>),
    not_clients: (usize, Option<Span>),
    overlaps: (usize, Option<Span>),
    stray: (usize, Option<Span>),
    pub(super) errors: Vec<Diagnostic>,
}

impl Pairing {
    /// Nothing but `faults`; the operations go to where `operations` keeps them.
    pub(super) fn new(format: Format, faults: &[(Event, Option<i64>)], operations: Kept) -> Self {
        let mut pairing = Self {
            format,
            is_incomplete: false,
            operations,
            ended: 0,
            faults: Vec::new(),
            open: Open::default(),
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
        for (event, end) in faults {
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
            events: None,
        });
    }

    /// Takes an event that tells this of its operation.
    pub(super) fn event(&mut self, values: &mut Values, event: &Event, told: Told) {
        if matches!(event.actor, Actor::Other(_)) {
            if event.kind != EventKind::Info {
                count(&mut self.not_clients, event.span);
            }
            return self.take_fault(event, None);
        }
        match event.kind {
            EventKind::Invoke => self.invoke(values, event, told),
            EventKind::Ok | EventKind::Fail | EventKind::Info => self.complete(values, event, told),
        }
    }

    fn invoke(&mut self, values: &mut Values, event: &Event, told: Told) {
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
        if let Some(owner) = owner
            && let Some(open) = self.open.get(owner)
        {
            let who = match owner {
                Owner::Process(process) => format!("process {}", values.show(process)),
                Owner::Id(id) => format!("operation id {}", values.show(id)),
            };
            let error = Diagnostic::error(event.span, format!("{who} invokes an operation while another of it is open"))
                .related(self.operations[open].call.span, "this invocation has not been completed")
                .help("a process does one thing at a time: record the completion first, give each client a process of its own, or pair events by `id`");
            self.errors.push(error);
            return;
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
            told: None,
            call,
            end: None,
        };
        let at = self.operations.push(operation, told);
        match owner {
            Some(owner) => self.open.insert(owner, at),
            None => self.open_unnamed.push(at),
        }
    }

    fn complete(&mut self, values: &Values, event: &Event, told: Told) {
        let at = match (event.id, event.actor) {
            (Some(id), _) => self.open.remove(Owner::Id(id)),
            (None, Actor::Client(process)) => self.open.remove(Owner::Process(process)),
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
        self.ended += 1;
        operation.error = event.error;
        operation.key = operation.key.or(event.key);
        // Whoever answers knows better who that is than whoever asks.
        operation.node = event.node.or(operation.node);
        let answer = Answer { value: event.value, result: event.result };
        operation.completion = match event.kind {
            EventKind::Ok => Completion::Ok(answer),
            EventKind::Fail => Completion::Fail(answer),
            EventKind::Info | EventKind::Invoke => Completion::Unknown,
        };
        if operation.completion == Completion::Unknown {
            self.retired.insert(operation.process);
        }
        self.operations.tell(at, told);
        self.operations.end(at);
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

    pub(super) fn call(&mut self, interval: &Interval) -> usize {
        let open = self.overlapping.entry(interval.process).or_default();
        *open += 1;
        if *open > 1 && interval.end.is_some() {
            count(&mut self.overlaps, interval.span);
        }
        let call = self.point(Some(interval.call), interval.span);
        let operation = Operation {
            process: interval.process,
            function: interval.function,
            key: interval.key,
            argument: interval.argument,
            // A record that claims an outcome without an end is as indeterminate as one without an outcome.
            completion: if interval.end.is_some() { interval.completion } else { Completion::Unknown },
            error: interval.error,
            node: interval.node,
            told: None,
            call,
            end: None,
        };
        self.operations.push(operation, interval.told)
    }

    pub(super) fn end(&mut self, at: usize, interval: &Interval) {
        if let Some(open) = self.overlapping.get_mut(&interval.process) {
            *open -= 1;
        }
        let end = self.point(interval.end, interval.span);
        self.operations[at].end = Some(end);
        self.operations.end(at);
        self.ended += 1;
    }

    /// The history of what is kept, and the numbers of its operations where others were given away.
    pub(super) fn finish(
        self,
        values: Values,
        declared: Declared,
        mut notes: Vec<Note>,
        mut errors: Diagnostics,
    ) -> Result<(History, Vec<u32>), Diagnostics> {
        let missing = self.operations.called() - self.ended;
        for error in self.errors {
            errors.push(error);
        }
        if !errors.is_empty() {
            return Err(errors);
        }
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
        let (operations, numbers, told) = self.operations.into_parts();
        let (format, faults, events) = (self.format, self.faults, self.next as usize);
        Ok((History { format, values, operations, faults, events, declared, notes, told }, numbers))
    }
}

pub(super) fn count((count, first): &mut (usize, Option<Span>), span: Span) {
    *count += 1;
    first.get_or_insert(span);
}
