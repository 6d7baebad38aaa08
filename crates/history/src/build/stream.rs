//! Pairs events as they come in, so that none of them need be kept.
//!
//! That is the way of histories that are as they should be: events in order, and nothing wrong. Whatever is otherwise
//! is [`Unusual`], and has to be read again by whoever keeps all events and can say what is wrong.

use super::kept::Kept;
use super::pairing::{Pairing, count};
use super::{Actor, Event, EventKind, HistoryBuilder};
use crate::convention::{Declared, Order};
use crate::diagnostic::Diagnostics;
use crate::format::Format;
use crate::operation::{History, Note, OpId, Operation};
use crate::span::Span;
use crate::told::Told;
use crate::value::{ValueId, Values};

/// Something that only a reader of the whole can judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unusual;

/// A history of which a part was read.
#[derive(Debug)]
pub(crate) struct Stream {
    format: Format,
    values: Values,
    declared: Declared,
    pairing: Pairing,
    /// Faults that one record tells whole; they stand before all others.
    whole: Vec<(Event, Option<i64>)>,
    /// The index of the latest event; the outer option is whether there was one, the inner whether it had an index.
    index: Option<Option<i64>>,
    latest: i64,
    back: (usize, Option<Span>),
    /// Lines of a log that record no operation.
    others: usize,
    /// The number of each value of the piece at hand.
    here: Vec<ValueId>,
}

impl Stream {
    /// Nothing of a history in `format` yet, all of which is going to be kept.
    pub(crate) fn new(format: Format) -> Self {
        Self::with(format, Kept::default())
    }

    /// Nothing of a history in `format` yet, whose operations are given away by [`Stream::drain`].
    pub(crate) fn in_passing(format: Format) -> Self {
        Self::with(format, Kept::in_passing())
    }

    fn with(format: Format, operations: Kept) -> Self {
        Self {
            format,
            values: Values::new(),
            declared: Declared::default(),
            pairing: Pairing::new(format, &[], operations),
            whole: Vec::new(),
            index: None,
            latest: i64::MIN,
            back: (0, None),
            others: 0,
            here: Vec::new(),
        }
    }

    /// Takes the head of the input, which was read with the `piece` that was taken last.
    ///
    /// # Errors
    /// Where it wants another order than that of the input.
    pub(crate) fn declare(&mut self, piece: &HistoryBuilder) -> Result<(), Unusual> {
        self.declared = piece.declared.clone();
        let initial = piece.declared.initial;
        self.declared.initial = initial.map(|initial| self.here[initial.index()]);
        if self.declared.order.unwrap_or_default() == Order::Line { Ok(()) } else { Err(Unusual) }
    }

    /// Makes room for about as many operations as `events` events tell.
    pub(crate) fn reserve(&mut self, events: usize) {
        self.pairing.operations.reserve(events / 2);
    }

    /// How many events were paired.
    pub(crate) fn events(&self) -> usize {
        self.pairing.next as usize
    }

    /// Takes what was read from the piece of the input that begins at `offset`.
    ///
    /// # Errors
    /// Where it holds anything but events and faults in order, each well-formed, and other lines of a log.
    pub(crate) fn take(&mut self, piece: &HistoryBuilder, offset: usize) -> Result<(), Unusual> {
        if !piece.intervals.is_empty() || !piece.errors.is_empty() {
            return Err(Unusual);
        }
        for note in &piece.notes {
            let Note::OtherLines(count) = note else { return Err(Unusual) };
            self.others += count;
        }
        self.values.take(&piece.values, &mut self.here);
        for (event, end) in &piece.faults {
            self.whole.push((self.moved(event, offset), *end));
        }
        for event in &piece.events {
            let event = self.moved(event, offset);
            self.order(&event)?;
            let names_function = event.function.is_some();
            if event.kind == EventKind::Invoke && !names_function && !matches!(event.actor, Actor::Other(_)) {
                return Err(Unusual);
            }
            self.pairing.event(&mut self.values, &event, piece.told.of(event.told));
        }
        if self.pairing.errors.is_empty() { Ok(()) } else { Err(Unusual) }
    }

    /// The event with the numbers that its values have here, at its place in the whole input.
    fn moved(&self, event: &Event, offset: usize) -> Event {
        let here = |id: ValueId| self.here[id.index()];
        let mut moved = *event;
        moved.actor = match event.actor {
            Actor::Client(process) => Actor::Client(here(process)),
            Actor::Other(process) => Actor::Other(here(process)),
            Actor::Unnamed => Actor::Unnamed,
        };
        moved.function = event.function.map(here);
        moved.key = event.key.map(here);
        moved.value = event.value.map(here);
        moved.result = event.result.map(here);
        moved.node = event.node.map(here);
        moved.error = event.error.map(here);
        moved.id = event.id.map(here);
        moved.span.start += offset as u64;
        moved
    }

    /// Looks at what orders events: where each has an index the indexes ascend, and times that run back are counted.
    fn order(&mut self, event: &Event) -> Result<(), Unusual> {
        let index = event.index.filter(|&index| index >= 0);
        let goes_on = match self.index {
            None => true,
            Some(None) => index.is_none(),
            Some(latest) => index > latest,
        };
        self.index = Some(index);
        // Jepsen writes -1 where it does not know.
        if let Some(time) = event.time.filter(|&time| time >= 0) {
            if time < self.latest {
                count(&mut self.back, event.span);
            }
            self.latest = self.latest.max(time);
        }
        if goes_on { Ok(()) } else { Err(Unusual) }
    }

    /// Gives away all operations that have ended, with their numbers; [`Stream::finish`] gives those that never did.
    pub(crate) fn drain(&mut self, mut ended: impl FnMut(OpId, &Operation, Told, &Values)) {
        let values = &self.values;
        self.pairing.operations.drain(|id, operation, told| ended(id, operation, told, values));
    }

    /// How many operations were called.
    pub(crate) fn called(&self) -> usize {
        self.pairing.operations.called()
    }

    /// The history of what was not given away, and the numbers of its operations; none where nothing was to be.
    ///
    /// # Errors
    /// None that [`Stream::take`] has not found.
    pub(crate) fn finish(self) -> Result<(History, Vec<u32>), Unusual> {
        let mut notes = Vec::new();
        if self.others > 0 {
            notes.push(Note::OtherLines(self.others));
        }
        if let (count, Some(first)) = self.back {
            notes.push(Note::TimesRunBack(count, first));
        }
        let mut pairing = self.pairing;
        let mut faults = Pairing::new(self.format, &self.whole, Kept::default()).faults;
        faults.append(&mut pairing.faults);
        pairing.faults = faults;
        pairing.finish(self.values, self.declared, notes, Diagnostics::new()).map_err(|_| Unusual)
    }
}
