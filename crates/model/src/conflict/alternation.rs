//! How often a state changes to and fro: what operations that follow each other closely ask for, and who there is to do it.
//!
//! An element of a set is there or not, a lock is held or free, and whoever changes that finds it the other way. So the
//! changes alternate: where five adds of an element succeed, there are four removes between them. Two kept operations
//! name a window, from the first call of either to the last return. Of all operations of the part, those that are called
//! and return in the window take effect in it: they *ask* for changes. Those that overlap it may take effect in it, and
//! each makes one change at most: there are no more changes in either direction than operations that lead there and
//! overlap it. That much is so of an operation of unknown outcome too, which asks for nothing.
//!
//! The changes that are asked for are counted return by return, from each state that there may be at the start: the
//! initial one only, if nobody who may have changed it was called before.
//!
//! - Whoever saw a state, or left it whatever was before, asks for one change when it returns if the state is the other
//!   way and no change was asked for since its call. In a linearization with as many changes by its call as were asked
//!   for by then, the state is the other way at the call, and so it must change; and one with more has one more already.
//! - Whoever changes the state makes one of the changes in its direction. Each of these, as it is asked for, is taken to
//!   be made by the operation that must make one and returns first, of those that were called and have made none. Whoever
//!   returns and has made none asks for one more, and before that for one in the other direction if the state is as it
//!   leaves it. For look at the last change of its direction that was made by nobody who returns as early, or at the
//!   start of the window where there is none. Nobody who must make one and returns as early was open then. So it, and
//!   all that made one since, were called since: a linearization has as many changes of that direction from there on, and
//!   that is one more than were asked for.
//!
//! So by each return a linearization has at least as many changes as were asked for. Once more of one direction are asked
//! for than operations that lead there were called, there is none.
//!
//! Where nobody adds or removes the element without being told whether that made a difference, this misses nothing from
//! the beginning of the part on: changes that are made when they are asked for, by those to whom they are counted, are a
//! linearization for as long as there is somebody to make them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use seriatim_history::{EventId, ValueId};

use super::orders::Found;
use super::{Scene, Watch};
use crate::access::{Access, Kind};
use crate::model::Model;

/// What an operation has to do with the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    Nothing,
    /// Saw it.
    See(bool),
    /// Changed it to this one.
    Change(bool),
    /// Left this one, whatever it was.
    Make(bool),
}

/// Whose state it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    Element(ValueId),
    Lock,
}

impl Of {
    /// What an operation does to it; `None` where it is none of such an object.
    fn does(self, access: &Access) -> Option<Does> {
        let (does, element) = match (self, access) {
            (Self::Lock, Access::Acquire(..)) => return Some(Does::Change(true)),
            (Self::Lock, Access::Release(_)) => return Some(Does::Change(false)),
            (Self::Lock, Access::AcquireRefused(_)) => return Some(Does::See(true)),
            (Self::Lock, Access::ReleaseRefused(_)) => return Some(Does::See(false)),
            (Self::Element(element), Access::ReadAll(all)) => {
                return Some(Does::See(all.binary_search(&element).is_ok()));
            }
            (Self::Element(_), Access::Never) => return Some(Does::Nothing),
            (Self::Element(_), &Access::Added(element)) => (Does::Change(true), element),
            (Self::Element(_), &Access::Removed(element)) => (Does::Change(false), element),
            (Self::Element(_), &Access::Add(element)) => (Does::Make(true), element),
            (Self::Element(_), &Access::Remove(element)) => (Does::Make(false), element),
            (Self::Element(_), &Access::Present(element)) => (Does::See(true), element),
            (Self::Element(_), &Access::Absent(element)) => (Does::See(false), element),
            _ => return None,
        };
        Some(if self == Self::Element(element) { does } else { Does::Nothing })
    }
}

/// An operation that overlaps the window.
#[derive(Clone, Copy, Debug)]
struct Overlapping {
    call: EventId,
    /// Its return, if it must take effect in the window.
    asks: Option<EventId>,
    does: Does,
}

/// What is done in a window.
struct Alternation<'a> {
    /// In the order of their calls.
    ops: Vec<Overlapping>,
    /// Those that must take effect in the window, in the order of their returns.
    returns: Vec<(EventId, usize)>,
    /// The states that there may be at its start.
    starts: Vec<bool>,
    watch: &'a Watch<'a>,
}

/// Whether two operations that are kept name a window in which more changes are asked for than can be.
pub(super) fn count<M: Model>(scene: &Scene<'_, M>) -> Found {
    let [first, second] = scene.ops.as_slice() else { return Found::Order };
    let ends = [first.ret, second.ret].into_iter().flatten();
    let Some(until) = ends.max() else { return Found::Order };
    let (initial, whose) = match scene.model.kind() {
        Kind::Set => {
            let accesses = [first, second].into_iter().filter_map(|entry| scene.access(entry));
            let elements = accesses.flat_map(|access| access.values());
            (false, elements.map(Of::Element).collect())
        }
        Kind::Mutex { held } => (held, vec![Of::Lock]),
        _ => return Found::Order,
    };
    let is_too_much = |&of: &Of| {
        let found = Alternation::new(scene, of, initial, (first.call, until));
        found.is_some_and(|found| found.is_too_much())
    };
    if whose.iter().any(is_too_much) { Found::None } else { Found::Order }
}

impl<'a> Alternation<'a> {
    /// What is done to a state from one event to another; `None` where there are no words for what somebody does.
    fn new<M: Model>(
        scene: &Scene<'a, M>,
        of: Of,
        initial: bool,
        (from, until): (EventId, EventId),
    ) -> Option<Self> {
        let mut ops = Vec::new();
        let mut starts = vec![initial];
        let all = scene.part.entries.iter().take_while(|entry| entry.call < until).enumerate();
        for (at, entry) in all {
            if !scene.watch.goes_on_at(at) {
                return None;
            }
            let does = of.does(&scene.access(entry)?)?;
            let changes = matches!(does, Does::Change(_) | Does::Make(_));
            if changes && entry.call < from && starts.len() == 1 {
                starts.push(!initial);
            }
            if does != Does::Nothing && entry.ret.is_none_or(|ret| ret > from) {
                let asks = entry.ret.filter(|&ret| entry.call >= from && ret <= until);
                ops.push(Overlapping { call: entry.call, asks, does });
            }
        }
        let asks = ops.iter().enumerate().filter_map(|(at, op)| Some((op.asks?, at)));
        let mut returns: Vec<(EventId, usize)> = asks.collect();
        returns.sort_unstable();
        Some(Self { ops, returns, starts, watch: scene.watch })
    }

    fn is_too_much(&self) -> bool {
        self.starts.iter().all(|&start| Count::new(self, start).comes_to_too_much())
    }
}

/// The changes that are asked for from one state at the start of the window on.
struct Count<'a> {
    of: &'a Alternation<'a>,
    state: bool,
    changes: u32,
    /// For each of the two states, how many operations that may lead there were called, but for those that are counted
    /// in changes.
    may: [usize; 2],
    /// For each of the two, those that must lead there and have not, with their returns.
    must: [BinaryHeap<Reverse<(EventId, usize)>>; 2],
    /// For each operation that was called, how many changes had been asked for then.
    at_call: Vec<u32>,
    /// Those that must change the state and have.
    has_changed: Vec<bool>,
}

impl<'a> Count<'a> {
    fn new(of: &'a Alternation<'a>, start: bool) -> Self {
        let has_changed = vec![false; of.ops.len()];
        let at_call = Vec::with_capacity(of.ops.len());
        let (may, must) = Default::default();
        Self { of, state: start, changes: 0, may, must, at_call, has_changed }
    }

    fn comes_to_too_much(mut self) -> bool {
        for (step, &(ret, op)) in self.of.returns.iter().enumerate() {
            if !self.of.watch.goes_on_at(step) {
                return false;
            }
            self.call_until(ret);
            if !self.ret(op) {
                return true;
            }
        }
        false
    }

    fn call_until(&mut self, event: EventId) {
        while let Some(op) = self.of.ops.get(self.at_call.len()).filter(|op| op.call < event) {
            if let Does::Change(to) | Does::Make(to) = op.does {
                self.may[usize::from(to)] += 1;
            }
            if let (Does::Change(to), Some(ret)) = (op.does, op.asks) {
                self.must[usize::from(to)].push(Reverse((ret, self.at_call.len())));
            }
            self.at_call.push(self.changes);
        }
    }

    /// Counts what an operation asks for that returns; `false` if that is too much.
    fn ret(&mut self, op: usize) -> bool {
        match self.of.ops[op].does {
            Does::Nothing => true,
            Does::See(to) | Does::Make(to) => {
                self.state == to || self.changes > self.at_call[op] || self.change(to)
            }
            Does::Change(to) => {
                self.has_changed[op] || (self.state != to || self.change(!to)) && self.change(to)
            }
        }
    }

    /// Counts one change; `false` if nobody is left who can do it.
    fn change(&mut self, to: bool) -> bool {
        if let Some(Reverse((_, op))) = self.must[usize::from(to)].pop() {
            self.has_changed[op] = true;
        }
        let may = &mut self.may[usize::from(to)];
        self.state = to;
        self.changes += 1;
        let is_anybody_left = *may > 0;
        *may = may.saturating_sub(1);
        is_anybody_left
    }
}
