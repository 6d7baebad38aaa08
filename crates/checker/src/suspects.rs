//! Few operations that show why a part has no linearization, found from where its shortest bad prefix ends.
//!
//! The operation that ends that prefix is always one of them: without it the others would have an order. For the rest
//! there are guesses, a kind of object at a time, each from a few looks at all operations; the verifier of the model
//! tells which of them hold ([`conflict::verify`]). What holds is made smaller until nothing can be left out. What is
//! found depends on the part and on nothing else: not on the strategy that refuted it, nor on threads or luck.
//!
//! Nothing is promised: some refutations need many operations, and then there may be none.

mod container;
mod locks;
mod log;
mod register;
mod set;
mod shrink;
mod sums;
mod window;

use std::collections::BinaryHeap;
use std::ops::Range;

use rustc_hash::FxHashSet;
use seriatim_history::{EventId, OpId, ValueId};
use seriatim_model::conflict::{self, Conflict, LARGEST};
use seriatim_model::{Access, Entry, Kind, Model, Part};

use crate::limits::Stop;
use crate::numbered::NEVER;

/// A part, and the return at which it was refuted.
pub(crate) struct Scout<'a, M: Model> {
    model: &'a M,
    part: &'a Part<M::Op>,
    /// The operation that returns there.
    last: usize,
    /// The event of that return.
    end: u32,
    /// How many operations were called before it.
    called: usize,
    /// Once it asks for that, nothing holds any more.
    stop: &'a Stop,
}

/// One operation of the prefix.
struct Seen {
    at: usize,
    call: u32,
    /// [`NEVER`] where it does not return.
    ret: u32,
    access: Access,
}

/// How many operations people like to be told of at most.
const READABLE: usize = 6;

/// From so many operations on, what does not matter to a guess is put aside before the guess is made smaller.
const LARGE: usize = 1 << 6;

impl<'a, M: Model> Scout<'a, M> {
    /// Of the part and the operation whose return ends its shortest prefix without a linearization.
    pub(crate) fn new(model: &'a M, part: &'a Part<M::Op>, last: usize, stop: &'a Stop) -> Self {
        let end = part.entries[last].ret.map_or(NEVER, |ret| ret.0);
        let called = part.entries.partition_point(|entry| entry.call.0 < end);
        Self { model, part, last, end, called, stop }
    }

    /// Operations that contradict each other, as few as were found.
    pub(crate) fn find(&self) -> Option<Conflict> {
        let found = self.by_kind();
        let found = if found.as_ref().is_some_and(|ops| ops.len() <= READABLE) {
            found
        } else {
            let other = if self.called <= LARGEST {
                self.reduced((0..self.called).collect())
            } else {
                self.nearest()
            };
            // Of two that hold, the smaller one.
            found.into_iter().chain(other).min_by_key(Vec::len)
        };
        let is_readable = found.as_ref().is_some_and(|ops| ops.len() <= READABLE);
        let found = if is_readable { found } else { self.of_window().or(found) };
        found.map(|ops| self.conflict(&ops))
    }

    /// The same with those who put in the values that these operations saw, if they are few: what was over early enough
    /// can be left out, but tells people what happened. Nobody who did so is missing in `part`.
    fn with_writers(&self, part: &Part<M::Op>, ops: Vec<usize>) -> Vec<usize> {
        let accesses = ops.iter().filter_map(|&op| self.access(op));
        let values: FxHashSet<ValueId> = accesses.flat_map(|access| access.values()).collect();
        if values.is_empty() || ops.len() >= READABLE {
            return ops;
        }
        let puts_in = |entry: &&Entry<M::Op>| match self.model.accesses(&entry.op).as_slice() {
            [access] => access.puts_in().is_some_and(|value| values.contains(&value)),
            _ => false,
        };
        let in_prefix = self.until_stopped(0..part.entries.len()).map(|at| &part.entries[at]);
        let in_prefix = in_prefix.take_while(|entry| entry.call.0 < self.end);
        let writers = in_prefix.filter(puts_in).take(READABLE + 1).map(|entry| self.place(entry.id));
        let mut all: Vec<usize> = ops.iter().copied().chain(writers).collect();
        all.sort_unstable();
        all.dedup();
        if all.len() <= READABLE && self.holds(part, &all) { all } else { ops }
    }

    fn place(&self, id: OpId) -> usize {
        let place = self.part.entries.binary_search_by_key(&id, |entry| entry.id);
        place.expect("what is kept of a part is of it")
    }

    fn by_kind(&self) -> Option<Vec<usize>> {
        match self.model.kind() {
            Kind::Register { initial } => self.of_register(initial),
            Kind::Set => self.of_set(),
            Kind::Counter { .. } => self.of_counter(),
            Kind::Log => self.of_log(),
            Kind::OwnedMutex { .. } => self.of_lock(),
            Kind::UniqueIds => self.of_identifiers(),
            kind @ (Kind::Queue | Kind::Stack | Kind::Bag | Kind::PriorityQueue) => self.of_container(kind),
            _ => None,
        }
    }

    /// The first guess that holds, made smaller.
    fn first_of(&self, guesses: impl IntoIterator<Item = Vec<usize>>) -> Option<Vec<usize>> {
        guesses.into_iter().find_map(|guess| self.reduced(guess))
    }

    /// The first guess that holds, as it is: of operations that all belong to the story.
    fn first_told(&self, guesses: impl IntoIterator<Item = Vec<usize>>) -> Option<Vec<usize>> {
        guesses.into_iter().find_map(|mut guess| {
            guess.push(self.last);
            guess.sort_unstable();
            self.holds(self.part, &guess).then_some(guess)
        })
    }

    /// A guess made smaller, as long as it holds; `None` where it does not.
    fn reduced(&self, guess: Vec<usize>) -> Option<Vec<usize>> {
        let ops = self.with_last(guess);
        let set_aside = if ops.len() <= LARGEST { self.what_matters(&ops) } else { return None };
        self.reduced_in(set_aside.as_ref().unwrap_or(self.part), ops)
    }

    /// The same where nothing else of the part matters than what is in `part`.
    fn reduced_in(&self, part: &Part<M::Op>, guess: Vec<usize>) -> Option<Vec<usize>> {
        let ops = self.with_last(guess);
        if !self.holds(part, &ops) {
            return None;
        }
        // From the oldest on, and from the newest on.
        let forward = self.minimal(part, ops.clone(), false);
        let backward = self.minimal(part, ops, true);
        let fewest = if backward.len() < forward.len() { backward } else { forward };
        Some(self.with_writers(part, fewest))
    }

    fn with_last(&self, mut guess: Vec<usize>) -> Vec<usize> {
        guess.push(self.last);
        guess.sort_unstable();
        guess.dedup();
        guess
    }

    /// What holds without any operation that it also holds without, but for the last of the prefix.
    fn minimal(&self, part: &Part<M::Op>, mut ops: Vec<usize>, from_newest: bool) -> Vec<usize> {
        // What is less may show more, of a model that may do anything once something was left out: so once is not enough.
        loop {
            let before = ops.len();
            let mut order = ops.clone();
            if from_newest {
                order.reverse();
            }
            for op in order.into_iter().filter(|&op| op != self.last) {
                let fewer: Vec<usize> = ops.iter().copied().filter(|&other| other != op).collect();
                if self.holds(part, &fewer) {
                    ops = fewer;
                }
            }
            if ops.len() == before {
                return ops;
            }
        }
    }

    fn holds(&self, part: &Part<M::Op>, ops: &[usize]) -> bool {
        let goes_on = || self.stop.requested().is_none();
        goes_on() && conflict::verify_while(self.model, part, &self.conflict(ops), &goes_on).is_ok()
    }

    /// These places, up to where it is time to stop: then nothing [holds](Scout::holds) that is guessed from them.
    fn until_stopped(&self, places: Range<usize>) -> impl Iterator<Item = usize> {
        places.take_while(|&at| !self.stop.is_requested_at(at))
    }

    fn conflict(&self, ops: &[usize]) -> Conflict {
        Conflict { ops: ops.iter().map(|&op| self.part.entries[op].id).collect() }
    }

    /// The part without what the verifier has no use for once it is told of some of these operations; `None` where that
    /// is hardly less.
    fn what_matters(&self, ops: &[usize]) -> Option<Part<M::Op>> {
        let has_values = matches!(
            self.model.kind(),
            Kind::Register { .. } | Kind::Set | Kind::Queue | Kind::Stack | Kind::Bag | Kind::PriorityQueue
        );
        let accesses = || ops.iter().filter_map(|&op| self.access(op));
        // Who saw a whole or a difference says something of all values.
        let is_wide = accesses()
            .any(|access| matches!(access, Access::ReadAll(_) | Access::Differs(_) | Access::Never));
        if self.called <= LARGE || !has_values || is_wide {
            return None;
        }
        let values: Vec<ValueId> = accesses().flat_map(|access| access.values()).collect();
        // Who names no value may have to do with any.
        let matters = |entry: &Entry<M::Op>| match self.model.accesses(&entry.op).as_slice() {
            [Access::Empty] => false,
            [access] => {
                let mut own = access.values().peekable();
                own.peek().is_none() || own.any(|value| values.contains(&value))
            }
            _ => true,
        };
        let mut kept = ops.iter().copied().peekable();
        let mut is_kept = |at: usize| kept.next_if_eq(&at).is_some();
        let these = self
            .until_stopped(0..self.part.entries.len())
            .filter(|&at| is_kept(at) || matters(&self.part.entries[at]));
        Some(self.of_these(these.collect()))
    }

    /// The part of these operations only, in order, and of the first other one that changes anything: so that it shows that
    /// something was left out.
    fn of_these(&self, mut ops: Vec<usize>) -> Part<M::Op> {
        let mut sorted = ops.iter().copied().peekable();
        let changes = |&at: &usize| !self.model.observes(&self.part.entries[at].op);
        let others =
            self.until_stopped(0..self.part.entries.len()).filter(|at| sorted.next_if_eq(at).is_none());
        if let Some(other) = others.into_iter().find(changes) {
            ops.insert(ops.partition_point(|&at| at < other), other);
        }
        let entries = ops.into_iter().map(|at| self.part.entries[at].clone()).collect();
        Part { key: self.part.key, touched: self.part.touched.clone(), entries }
    }

    /// What an operation does, where there is a word for it.
    fn access(&self, at: usize) -> Option<Access> {
        self.model.accesses(&self.part.entries[at].op).pop()
    }

    fn seen(&self, at: usize) -> Option<Seen> {
        let entry = &self.part.entries[at];
        let ret = entry.ret.map_or(NEVER, |ret| ret.0);
        Some(Seen { at, call: entry.call.0, ret, access: self.access(at)? })
    }

    /// All operations of the prefix.
    fn prefix(&self) -> impl Iterator<Item = Seen> {
        self.until_stopped(0..self.called).filter_map(|at| self.seen(at))
    }

    /// The operations that returned last before the prefix ends, and in the middle of it those that are still open.
    fn nearest(&self) -> Option<Vec<usize>> {
        self.nearest_of(|_| true)
    }

    /// The same among some of the operations.
    fn nearest_of(&self, is_meant: impl Fn(usize) -> bool) -> Option<Vec<usize>> {
        let ret = |at: usize| self.part.entries[at].ret.unwrap_or(EventId(NEVER)).0;
        let mut returned: BinaryHeap<std::cmp::Reverse<(u32, usize)>> = BinaryHeap::new();
        let mut open: Vec<usize> = Vec::new();
        for at in self.until_stopped(0..self.called).filter(|&at| at != self.last && is_meant(at)) {
            if ret(at) > self.end {
                open.push(at);
                continue;
            }
            returned.push(std::cmp::Reverse((ret(at), at)));
            if returned.len() >= LARGEST {
                returned.pop();
            }
        }
        let mut returned: Vec<_> = returned.into_iter().map(|std::cmp::Reverse(op)| op).collect();
        returned.sort_unstable();
        let latest: Vec<usize> = returned.into_iter().rev().map(|(_, at)| at).collect();
        let open: Vec<usize> = open.into_iter().rev().collect();
        let guess = |returned: usize, still_open: usize| {
            latest.iter().take(returned).chain(open.iter().take(still_open)).copied().collect()
        };
        let all = LARGEST - 1;
        let few = open.len().min(all - 2);
        let half = open.len().min(all / 2);
        let counts = [(3, 0), (all, 0), (all - half, half), (all - few, few)];
        self.first_of(counts.map(|(returned, open)| guess(returned, open)))
    }

    /// Who got the same identifier.
    fn of_identifiers(&self) -> Option<Vec<usize>> {
        let got = self.access(self.last)?;
        let mut others = self.prefix().filter(|seen| seen.at != self.last && seen.access == got);
        self.first_of([others.next().map(|seen| seen.at).into_iter().collect()])
    }
}
