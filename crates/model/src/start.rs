//! Where a history may start in the middle: the moments at which it is certain what state the object is in.
//!
//! An operation takes effect no sooner than some return needs it: of the operations that are open at a return only those
//! are done then that lead to the one that returns, and the others wait. Every linearization can be brought into this
//! form (Wing & Gong 1993), so the ways to come past a return, few or many, are all that there are. Each is a
//! *configuration*: the state, and which of the open operations are done.
//!
//! Where all configurations past a return have the same state, that state may stand for all that was over by then: if the
//! whole has a linearization, it goes through one of them, and what follows there is one of
//!
//! - what was called later, as it was;
//! - what is open and done in none of them, as it was;
//! - what is open and done in some of them, which is now of unknown outcome: it happens, or it does not;
//! - nothing of what is open and done in all of them;
//!
//! from that state on. Of configurations that differ only in which operations of unknown outcome are done, those are left
//! off that have done more than another: whatever follows them follows that other, too. Of operations of unknown outcome
//! that do the same the first is done first, since none ever returns.

use std::hash::Hash;

use rustc_hash::{FxHashMap, FxHashSet};
use seriatim_history::{Completion, EventId, History, Operation};

use crate::model::Model;
use crate::part::Entry;

/// The most configurations that are made at one return; past it nothing is known.
const MOST: usize = 1 << 12;

/// The most configurations that are made in all.
const ALL: usize = 1 << 22;

/// A return at which the state is certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start<S> {
    /// The return.
    pub ret: EventId,
    /// The state after it.
    pub state: S,
    /// The calls of the open operations that are done for certain.
    pub done: Vec<EventId>,
    /// The calls of the open operations that may be done, but for those of unknown outcome.
    pub doubtful: Vec<EventId>,
}

/// The returns at which the state of the object is certain that these operations, all of one part in the order of their
/// calls, are of: from the first, up to the return after which there is no configuration, or too many.
pub fn starts<M: Model>(model: &M, entries: &[Entry<M::Op>]) -> Vec<Start<M::State>> {
    let mut walk = Walk {
        model,
        entries,
        open: Vec::new(),
        configurations: vec![Configuration { state: model.init(), done: Vec::new(), crashed: Vec::new() }],
        made: 0,
    };
    let mut events: Vec<(EventId, usize, bool)> = Vec::with_capacity(2 * entries.len());
    for (at, entry) in entries.iter().enumerate() {
        events.push((entry.call, at, false));
        events.extend(entry.ret.map(|ret| (ret, at, true)));
    }
    events.sort_unstable();
    let mut found = Vec::new();
    for (event, at, returns) in events {
        if !returns {
            walk.open.push(at);
            continue;
        }
        if !walk.pass(at) {
            break;
        }
        found.extend(walk.start(event));
    }
    found
}

/// What is left of a history where it starts at a return: operations that were over are gone.
pub fn started<S>(history: &History, start: &Start<S>) -> Vec<Operation> {
    let done: FxHashSet<EventId> = start.done.iter().copied().collect();
    let doubtful: FxHashSet<EventId> = start.doubtful.iter().copied().collect();
    let is_left = |operation: &&Operation| {
        operation.ret().is_none_or(|ret| ret > start.ret) && !done.contains(&operation.call.event)
    };
    let left = history.operations.iter().filter(is_left).cloned();
    left.map(|operation| match doubtful.contains(&operation.call.event) {
        true => Operation { completion: Completion::Unknown, error: None, end: None, ..operation },
        false => operation,
    })
    .collect()
}

/// A way to come past a return. Operations are known by their places, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Configuration<S> {
    state: S,
    /// Those that are open, will return, and are done.
    done: Vec<usize>,
    /// Those of unknown outcome that are done.
    crashed: Vec<usize>,
}

/// The configurations with a state and done operations, by what else is done in them: none has done all that another has.
type Least<S> = FxHashMap<(S, Vec<usize>), Vec<Vec<usize>>>;

struct Walk<'a, M: Model> {
    model: &'a M,
    entries: &'a [Entry<M::Op>],
    /// What was called and has not returned.
    open: Vec<usize>,
    configurations: Vec<Configuration<M::State>>,
    made: usize,
}

impl<M: Model> Walk<'_, M> {
    /// Goes past the return of an operation; `false` where there is no way, or there are too many.
    fn pass(&mut self, returns: usize) -> bool {
        let (mut seen, mut past): (Least<M::State>, Least<M::State>) = Default::default();
        let mut todo = std::mem::take(&mut self.configurations);
        let limit = self.made.saturating_add(MOST).min(ALL);
        while let Some(configuration) = todo.pop() {
            if let Ok(at) = configuration.done.binary_search(&returns) {
                let mut configuration = configuration;
                configuration.done.remove(at);
                insert(&mut past, &configuration);
                continue;
            }
            for next in self.next(&configuration, returns) {
                let is_past =
                    next.done.len() == configuration.done.len() && next.crashed == configuration.crashed;
                let is_new = insert(if is_past { &mut past } else { &mut seen }, &next);
                self.made += usize::from(is_new);
                if is_new && !is_past {
                    todo.push(next);
                }
            }
            if self.made > limit {
                return false;
            }
        }
        self.open.retain(|&at| at != returns);
        self.configurations = past
            .into_iter()
            .flat_map(|((state, done), all)| {
                let with = move |crashed| Configuration { state: state.clone(), done: done.clone(), crashed };
                all.into_iter().map(with)
            })
            .collect();
        !self.configurations.is_empty()
    }

    /// The configurations after one more operation. That which returns is not among what is open any more.
    fn next(&self, from: &Configuration<M::State>, returns: usize) -> Vec<Configuration<M::State>> {
        let mut all = Vec::new();
        for (place, &at) in self.open.iter().enumerate() {
            let entry = &self.entries[at];
            let crashes = entry.ret.is_none();
            if from.done.contains(&at) || from.crashed.contains(&at) {
                continue;
            }
            let is_alike = |&before: &usize| {
                let before_it = &self.entries[before];
                before_it.ret.is_none() && before_it.op == entry.op && !from.crashed.contains(&before)
            };
            if crashes && self.open[..place].iter().any(is_alike) {
                continue;
            }
            for state in self.model.step(&from.state, &entry.op) {
                let (mut done, mut crashed) = (from.done.clone(), from.crashed.clone());
                if crashes {
                    if state == from.state {
                        continue;
                    }
                    put(&mut crashed, at);
                } else if at != returns {
                    put(&mut done, at);
                }
                all.push(Configuration { state, done, crashed });
            }
        }
        all
    }

    /// The start after a return, where the state is the same in all configurations.
    fn start(&self, ret: EventId) -> Option<Start<M::State>> {
        let (first, others) = self.configurations.split_first()?;
        if others.iter().any(|other| other.state != first.state) {
            return None;
        }
        let (mut done, mut doubtful) = (Vec::new(), Vec::new());
        for &at in &self.open {
            let entry = &self.entries[at];
            let is_done = |configuration: &&Configuration<M::State>| {
                configuration.done.contains(&at) || configuration.crashed.contains(&at)
            };
            match self.configurations.iter().filter(is_done).count() {
                0 => {}
                count if count == self.configurations.len() => done.push(entry.call),
                _ if entry.ret.is_some() => doubtful.push(entry.call),
                _ => {}
            }
        }
        Some(Start { ret, state: first.state.clone(), done, doubtful })
    }
}

/// Puts a number where it belongs among others in order.
fn put(into: &mut Vec<usize>, number: usize) {
    let at = into.partition_point(|&other| other < number);
    into.insert(at, number);
}

/// Keeps a configuration unless another is known that did no more; `false` where one is. What did more than it goes.
fn insert<S: Clone + Eq + Hash>(least: &mut Least<S>, it: &Configuration<S>) -> bool {
    let is_within = |less: &[usize], more: &[usize]| less.iter().all(|at| more.binary_search(at).is_ok());
    let known = least.entry((it.state.clone(), it.done.clone())).or_default();
    if known.iter().any(|other| is_within(other, &it.crashed)) {
        return false;
    }
    known.retain(|other| !is_within(&it.crashed, other));
    known.push(it.crashed.clone());
    true
}

#[cfg(test)]
mod tests {
    use seriatim_history::{FailedCas, NilRead, OpId, ValueId, Values};

    use super::*;
    use crate::register::{Op, Register};

    /// The starts of a register that starts with nil: what was done, from when to when; it never ended where that is 0.
    fn found(all: &[(Op, u32, u32)]) -> Vec<Start<ValueId>> {
        let model = Register {
            initial: ValueId::NIL,
            nil_read: NilRead::Value,
            failed_cas: FailedCas::Drop,
            cas: true,
        };
        let entries: Vec<Entry<Op>> = (0..)
            .zip(all)
            .map(|(id, &(op, call, ret))| {
                let ret = (ret > 0).then_some(EventId(ret));
                Entry { id: OpId(id), op, call: EventId(call), ret }
            })
            .collect();
        starts(&model, &entries)
    }

    fn start(ret: u32, state: ValueId, done: &[u32], doubtful: &[u32]) -> Start<ValueId> {
        let calls = |calls: &[u32]| calls.iter().copied().map(EventId).collect();
        Start { ret: EventId(ret), state, done: calls(done), doubtful: calls(doubtful) }
    }

    #[test]
    fn the_state_is_certain_where_all_ways_lead_to_it() {
        let mut values = Values::new();
        let [one, two, three] = [1, 2, 3].map(|int| values.int(int));
        let write = Op::Write;
        // One thing after the other.
        assert_eq!(
            found(&[(write(one), 1, 2), (Op::Read(one), 3, 4), (write(two), 5, 6)]),
            [start(2, one, &[], &[]), start(4, one, &[], &[]), start(6, two, &[], &[])]
        );
        // Whoever was seen is done, though it has not returned; whoever was not waits.
        assert_eq!(
            found(&[(write(one), 1, 9), (write(two), 2, 8), (Op::Read(two), 3, 4)])[0],
            start(4, two, &[2], &[1])
        );
        // Two writes at once: the first may have come before or after the other when that returns.
        let both = found(&[(write(one), 1, 9), (write(two), 2, 8), (Op::Read(one), 10, 11)]);
        assert_eq!(both, [start(8, two, &[], &[1]), start(11, one, &[], &[])]);
        // The swap may wait for its write, or both are done, but not the write alone.
        let swapped = found(&[
            (write(one), 1, 6),
            (write(two), 2, 9),
            (Op::Cas(two, one), 3, 10),
            (Op::Read(one), 7, 8),
        ]);
        assert_eq!(
            swapped,
            [start(6, one, &[], &[2, 3]), start(8, one, &[], &[2, 3]), start(10, one, &[], &[])]
        );
        // A swap that leads there too, of those that may have been done.
        let either = found(&[
            (write(three), 1, 2),
            (Op::Cas(three, one), 3, 20),
            (Op::Cas(three, one), 4, 21),
            (Op::Read(one), 5, 6),
        ]);
        assert_eq!(either[1], start(6, one, &[], &[3, 4]));
    }

    #[test]
    fn what_may_never_have_happened_stays_unless_it_must_have() {
        let mut values = Values::new();
        let [one, two] = [1, 2].map(|int| values.int(int));
        let seen = found(&[(Op::Write(one), 1, 0), (Op::Write(two), 2, 0), (Op::Read(one), 3, 4)]);
        assert_eq!(seen, [start(4, one, &[1], &[])]);
        // One of two that do the same: the first, as good as the other.
        let twice = found(&[(Op::Write(one), 1, 0), (Op::Write(one), 2, 0), (Op::Read(one), 3, 4)]);
        assert_eq!(twice, [start(4, one, &[1], &[])]);
        // No way leads past what nobody wrote.
        assert_eq!(found(&[(Op::Write(one), 1, 2), (Op::Read(two), 3, 4)]), [start(2, one, &[], &[])]);
    }

    #[test]
    fn too_many_ways_are_not_gone() {
        let mut values = Values::new();
        let mut wide: Vec<_> =
            (0..30).map(|at| (Op::Write(values.int(i128::from(at))), at + 1, at + 101)).collect();
        wide.insert(0, (Op::Write(ValueId::NIL), 0, 31));
        let all = found(&wide);
        assert!(all.len() < wide.len(), "{}", all.len());
    }
}
