//! What happened to registers, session by session: who did what in which order, and whose write each operation saw.
//!
//! A *session* is a process up to its first operation of unknown outcome, whatever it was about: as with Jepsen, whoever
//! goes on under that name is somebody else. Only what is known to have happened is there: what returned, and what was
//! seen. A crashed write that nobody saw may be left out, since whoever follows it in an order saw nothing of it.
//!
//! Where a value may have come from several operations, whoever saw it counts as having seen nothing: that takes
//! something away from what is asked of an order, so what has none has none, but what has one may have none. The
//! [doubt](Steps::doubt) says so. A pass over the parts, one over the history for what crashed, and a sort.

use rustc_hash::FxHashMap;
use seriatim_history::{Completion, EventId, History, OpId, ValueId};
use seriatim_model::{Model, Part};

use crate::by_value::ByValue;
use crate::holds::Why;
use crate::touch::{BLOCK, Touch};

/// Where what was seen came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Source {
    /// It was there at the start.
    Initial,
    /// A step put it in.
    Write(usize),
    /// Nobody puts it in.
    Nowhere,
}

impl Source {
    /// The step that put it in.
    pub(crate) fn write(self) -> Option<usize> {
        if let Self::Write(at) = self { Some(at) } else { None }
    }
}

/// An operation that happened.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) id: OpId,
    /// The part that it is of.
    pub(crate) key: usize,
    pub(crate) session: usize,
    /// Its place in its session.
    pub(crate) at: usize,
    /// What it saw, where that is known.
    pub(crate) source: Option<Source>,
    /// Whether it put something in.
    pub(crate) writes: bool,
    pub(crate) call: EventId,
    pub(crate) ret: Option<EventId>,
}

impl Step {
    /// Whether it saw something and put nothing in.
    pub(crate) fn reads_only(&self) -> bool {
        !self.writes && self.source.is_some()
    }
}

/// The operations that happened.
#[derive(Clone, Debug, Default)]
pub(crate) struct Steps {
    /// In the order of their calls.
    pub(crate) all: Vec<Step>,
    /// The steps of each session, in their order.
    pub(crate) sessions: Vec<Vec<usize>>,
    /// How many parts there are.
    pub(crate) keys: usize,
    /// Why an order that explains all that is known may not explain all that was seen.
    pub(crate) doubt: Option<Why>,
    /// Who tells that an operation of unknown outcome happened.
    pub(crate) told_by: FxHashMap<OpId, OpId>,
    /// Whether some process did several things at once.
    pub(crate) overlaps: bool,
}

/// An operation before it has a place.
struct Draft {
    id: OpId,
    key: usize,
    source: Option<DraftSource>,
    writes: bool,
    happened: bool,
    call: EventId,
    ret: Option<EventId>,
}

enum DraftSource {
    Initial,
    Write(OpId),
    Nowhere,
}

/// Who puts a value in, by its place in its part.
#[derive(Clone, Copy)]
enum Writers {
    One(usize),
    Several,
}

impl Steps {
    /// Those of parts of registers that start with `initial`.
    pub(crate) fn new<M: Model>(
        model: &M,
        parts: &[&Part<M::Op>],
        initial: ValueId,
        history: &History,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<Self, Why> {
        let mut all = Self { keys: parts.len(), ..Self::default() };
        let mut drafts = Vec::with_capacity(parts.iter().map(|part| part.entries.len()).sum());
        for (key, part) in parts.iter().enumerate() {
            let Some(touches) = Touch::all(model, part, goes_on) else {
                return Err(if goes_on() { Why::NoWords } else { Why::TimeUp });
            };
            all.draft(key, part, &touches, initial, &mut drafts);
        }
        if parts.len() > 1 {
            drafts.sort_unstable_by_key(|draft| draft.id);
        }
        all.place(&drafts, history, goes_on)?;
        Ok(all)
    }

    /// Drafts of the operations of a part.
    fn draft<Op>(
        &mut self,
        key: usize,
        part: &Part<Op>,
        touches: &[Touch],
        initial: ValueId,
        drafts: &mut Vec<Draft>,
    ) {
        let largest = touches.iter().flat_map(|touch| [touch.saw, touch.put]).flatten().max();
        let mut writers: ByValue<Writers> = ByValue::new(largest.max(Some(initial)), touches.len());
        for (at, touch) in touches.iter().enumerate() {
            if let Some(value) = touch.put {
                let is_known = writers.get(value).is_some();
                writers.insert(value, if is_known { Writers::Several } else { Writers::One(at) });
            }
        }
        let mut happened: Vec<bool> = part.entries.iter().map(|entry| entry.ret.is_some()).collect();
        let only_writer = |value| match writers.get(value) {
            Some(Writers::One(at)) if value != initial => Some(at),
            _ => None,
        };
        // A crashed operation happened if what only it puts in was seen; then so did whoever put in what it saw.
        let seen = |at: usize| touches[at].saw.and_then(only_writer).map(|writer| (writer, at));
        let returned = (0..touches.len()).filter(|&at| happened[at]);
        let mut todo: Vec<(usize, usize)> = returned.filter_map(seen).collect();
        while let Some((writer, reader)) = todo.pop() {
            if !std::mem::replace(&mut happened[writer], true) {
                self.told_by.insert(part.entries[writer].id, part.entries[reader].id);
                todo.extend(seen(writer));
            }
        }
        for (at, entry) in part.entries.iter().enumerate() {
            let touch = touches[at];
            let source = touch.saw.and_then(|value| match writers.get(value) {
                None if value == initial => Some(DraftSource::Initial),
                None => Some(DraftSource::Nowhere),
                Some(Writers::One(writer)) if value != initial => {
                    Some(DraftSource::Write(part.entries[writer].id))
                }
                Some(_) => None,
            });
            if happened[at] {
                if touch.saw.is_some() && source.is_none() {
                    self.doubt = Some(Why::RepeatedValues);
                } else if touch == Touch::default() {
                    self.doubt = self.doubt.or(Some(Why::FailedSwaps));
                }
            }
            let (id, writes, happened) = (entry.id, touch.put.is_some(), happened[at]);
            drafts.push(Draft { id, key, source, writes, happened, call: entry.call, ret: entry.ret });
        }
    }

    /// Gives each operation that happened its place in its session.
    fn place(&mut self, drafts: &[Draft], history: &History, goes_on: &dyn Fn() -> bool) -> Result<(), Why> {
        let crashes = Crashes::of(history);
        let mut sessions: FxHashMap<(ValueId, usize), usize> = FxHashMap::default();
        let mut busy: FxHashMap<ValueId, EventId> = FxHashMap::default();
        let mut steps: Vec<usize> = Vec::new();
        for (at, draft) in drafts.iter().enumerate() {
            if at.is_multiple_of(BLOCK) && !goes_on() {
                return Err(Why::TimeUp);
            }
            let process = history.operation(draft.id).process;
            let until = busy.entry(process).or_insert(draft.call);
            self.overlaps |= *until > draft.call;
            *until = (*until).max(draft.ret.unwrap_or(draft.call));
            if !draft.happened {
                continue;
            }
            let session =
                *sessions.entry((process, crashes.before(process, draft.id))).or_insert_with(|| {
                    self.sessions.push(Vec::new());
                    self.sessions.len() - 1
                });
            steps.push(at);
            let place = self.sessions[session].len();
            self.sessions[session].push(self.all.len());
            let Draft { id, key, writes, call, ret, .. } = *draft;
            self.all.push(Step { id, key, session, at: place, source: None, writes, call, ret });
        }
        for (step, &at) in steps.iter().enumerate() {
            self.all[step].source = drafts[at].source.as_ref().map(|source| match *source {
                DraftSource::Initial => Source::Initial,
                DraftSource::Nowhere => Source::Nowhere,
                DraftSource::Write(id) => {
                    let write = self.all.binary_search_by_key(&id, |step| step.id);
                    Source::Write(write.expect("what was seen has happened"))
                }
            });
        }
        Ok(())
    }

    /// The step that its session did before.
    pub(crate) fn before(&self, step: usize) -> Option<usize> {
        let Step { session, at, .. } = self.all[step];
        at.checked_sub(1).map(|at| self.sessions[session][at])
    }

    /// The step that an operation is.
    pub(crate) fn at(&self, id: OpId) -> usize {
        self.all.binary_search_by_key(&id, |step| step.id).expect("it is one of the steps")
    }

    /// The operations that steps are, and those that tell that they happened, in the order of their calls, each once.
    pub(crate) fn ids(&self, steps: impl IntoIterator<Item = usize>) -> Vec<OpId> {
        let mut ids: Vec<OpId> = steps.into_iter().map(|step| self.all[step].id).collect();
        let mut at = 0;
        while let Some(id) = ids.get(at) {
            // Who tells has returned, or is told of by another who does not lean on this one.
            ids.extend(self.told_by.get(id).copied());
            at += 1;
        }
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}

/// The operations of unknown outcome of each process.
struct Crashes {
    sorted: Vec<(ValueId, OpId)>,
}

impl Crashes {
    fn of(history: &History) -> Self {
        let crashed = (0..).zip(&history.operations);
        let crashed = crashed.filter(|(_, operation)| operation.completion == Completion::Unknown);
        let mut sorted: Vec<_> = crashed.map(|(id, operation)| (operation.process, OpId(id))).collect();
        sorted.sort_unstable();
        Self { sorted }
    }

    /// How many of a process there are before an operation.
    fn before(&self, process: ValueId, id: OpId) -> usize {
        let up_to = |end| self.sorted.partition_point(|&known| known < end);
        up_to((process, id)) - up_to((process, OpId(0)))
    }
}
