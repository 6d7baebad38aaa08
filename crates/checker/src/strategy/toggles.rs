//! An object of two states that answers tell: an element of a set, which is there or not, or a lock that anyone may
//! release, which is held or free (ALGORITHMS §C5).
//!
//! Nothing is done before a return asks for it. Whoever only saw a state may have seen it at any time since its call,
//! so only the last time at which the object was in that state matters. Whoever changes the state does so where the
//! other state is asked for, the one that returns first before the others: whoever must still do so at some time can
//! change places with it. Time passes through *epochs*: the state changes at the start of each.
//!
//! An add that is told nothing changes the state or finds it as it wants it, and up to its return there is no telling
//! which of the two is of more use. Where one returned before it was asked to change the state, a no says nothing.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use seriatim_history::ValueId;
use seriatim_model::{Access, Kind, Model, Part};

use super::{Attempt, Hint};
use crate::numbered::{NEVER, Numbered};

/// What an operation does, to or with which of the two states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    /// Changes the other state to this one.
    Change(bool),
    /// Leaves this state, whatever was before.
    Set(bool),
    /// Sees this state.
    See(bool),
}

impl Does {
    /// What an operation does to one element of a set, and to which.
    pub(super) fn of_element(access: &Access) -> Option<(Self, ValueId)> {
        Some(match *access {
            Access::Added(element) => (Self::Change(true), element),
            Access::Removed(element) => (Self::Change(false), element),
            Access::Add(element) => (Self::Set(true), element),
            Access::Remove(element) => (Self::Set(false), element),
            Access::Present(element) => (Self::See(true), element),
            Access::Absent(element) => (Self::See(false), element),
            _ => return None,
        })
    }

    /// Whether the operation can happen in a state, which is then as it leaves it.
    fn happens(self, state: &mut bool) -> bool {
        let before = std::mem::replace(state, self.to());
        match self {
            Self::Change(to) => before != to,
            Self::Set(_) => true,
            Self::See(seen) => before == seen,
        }
    }

    /// Whether operations can happen one after the other.
    pub(super) fn all_happen(mut state: bool, does: impl IntoIterator<Item = Self>) -> bool {
        does.into_iter().all(|does| does.happens(&mut state))
    }

    /// The state that the operation leaves.
    pub(super) fn to(self) -> bool {
        match self {
            Self::Change(to) | Self::Set(to) | Self::See(to) => to,
        }
    }
}

/// A part that meets the conditions: all operations are about one element, or one lock, and not all of them only add.
#[derive(Debug)]
pub(crate) struct Toggles<'a> {
    numbered: &'a Numbered<'a>,
    initial: bool,
    does: Vec<Does>,
}

/// The operations that were called and can still change the state to one of the two; with their returns.
#[derive(Default)]
struct Open {
    /// Those that must change it before they return.
    must: BinaryHeap<Reverse<(u32, u32)>>,
    /// Those that may change it before they return, which may be never.
    may: BinaryHeap<Reverse<(u32, u32)>>,
}

impl<'a> Toggles<'a> {
    /// `None` where the part does not meet the conditions.
    pub(super) fn new<M: Model>(model: &M, part: &Part<M::Op>, numbered: &'a Numbered<'a>) -> Option<Self> {
        let initial = match model.kind() {
            Kind::Set => false,
            Kind::Mutex { held } => held,
            _ => return None,
        };
        let mut element: Option<ValueId> = None;
        let mut does = Vec::with_capacity(part.entries.len());
        for (at, entry) in part.entries.iter().enumerate() {
            if numbered.is_over(at) {
                return None;
            }
            let (done, of) = match *model.accesses(&entry.op).as_slice() {
                [ref access] if let Some(of_element) = Does::of_element(access) => of_element,
                [Access::Acquire(..)] => (Does::Change(true), ValueId::NIL),
                [Access::Release(_)] => (Does::Change(false), ValueId::NIL),
                [Access::AcquireRefused(_)] => (Does::See(true), ValueId::NIL),
                [Access::ReleaseRefused(_)] => (Does::See(false), ValueId::NIL),
                _ => return None,
            };
            if *element.get_or_insert(of) != of {
                return None;
            }
            does.push(done);
        }
        // A set that only grows has levels.
        does.iter().any(|&does| does != Does::Set(true)).then_some(Self { numbered, initial, does })
    }

    /// An element that is not there at the start, and what is done to it.
    pub(super) fn of_element(numbered: &'a Numbered<'a>, does: Vec<Does>) -> Self {
        Self { numbered, initial: false, does }
    }

    /// A linearization of the prefix that ends with the return `cut`.
    pub(super) fn linearize(&self, cut: u32) -> Attempt {
        // The order of the calls is one of real time, and mostly the one that there was.
        let returned = || (0..).zip(&self.numbered.ops).filter(|(_, op)| op.ret <= cut).map(|(at, _)| at);
        if Does::all_happen(self.initial, returned().map(|op: u32| self.does[op as usize])) {
            return Attempt::Order(returned().collect());
        }
        let mut run = Run {
            toggles: self,
            cut,
            state: self.initial,
            open: Default::default(),
            epoch: 0,
            began: 0,
            epoch_of: vec![NEVER; self.does.len()],
            changes: Vec::new(),
            is_guess: false,
        };
        match run.go() {
            Ok(()) => Attempt::Order(run.order()),
            Err(_) if run.is_guess => Attempt::Unknown,
            Err(ret) => Attempt::Impossible(Hint(ret)),
        }
    }
}

struct Run<'a, 'b> {
    toggles: &'b Toggles<'a>,
    cut: u32,
    state: bool,
    /// For each of the two states, who can lead there.
    open: [Open; 2],
    epoch: u32,
    /// The event before which the epoch began; 0 for the first, before all.
    began: u32,
    /// For each operation the epoch in which it took effect; [`NEVER`] where it has not.
    epoch_of: Vec<u32>,
    /// The operations that began the epochs, from the second on.
    changes: Vec<u32>,
    /// Whether a choice was made that another might have been better than.
    is_guess: bool,
}

impl Run<'_, '_> {
    /// Has everything that returned take effect; or tells the return by which that is impossible.
    fn go(&mut self) -> Result<(), u32> {
        let numbered = self.toggles.numbered;
        let mut calls = (0..).zip(&numbered.ops).peekable();
        for (at, &op) in numbered.returns.iter().enumerate() {
            if numbered.is_over(at) {
                return Err(self.cut);
            }
            let ret = numbered.ops[op as usize].ret;
            if ret > self.cut {
                break;
            }
            while let Some((called, _)) = calls.next_if(|(_, other)| other.call < ret) {
                self.call(called);
            }
            if !self.ret(op, ret) {
                return Err(ret);
            }
        }
        Ok(())
    }

    fn call(&mut self, op: u32) {
        let ret = self.toggles.numbered.ops[op as usize].ret;
        match self.toggles.does[op as usize] {
            Does::See(_) => {}
            // What returns only behind the prefix comes last of these, which is where it belongs.
            Does::Change(to) if ret != NEVER => self.open[usize::from(to)].must.push(Reverse((ret, op))),
            Does::Change(to) | Does::Set(to) => self.open[usize::from(to)].may.push(Reverse((ret, op))),
        }
    }

    /// Has an operation take effect that returns now; `false` where it cannot.
    fn ret(&mut self, op: u32, now: u32) -> bool {
        if self.epoch_of[op as usize] != NEVER {
            return true;
        }
        let does = self.toggles.does[op as usize];
        let to = does.to();
        // What changes nothing now might have been of use in another order.
        self.is_guess |= does == Does::Set(to);
        if does == Does::Change(to) {
            // Of those who must change it, this one returns first.
            return (self.state != to || self.change(!to, now)) && self.change(to, now);
        }
        let call = self.toggles.numbered.ops[op as usize].call;
        let was_open_before = self.epoch > 0 && self.began > call;
        if self.state != to && !was_open_before && !self.change(to, now) {
            return false;
        }
        // It may be the one that changed the state.
        if self.epoch_of[op as usize] == NEVER {
            self.epoch_of[op as usize] = if self.state == to { self.epoch } else { self.epoch - 1 };
        }
        true
    }

    /// Changes the state to `to`; `false` where nobody can.
    fn change(&mut self, to: bool, now: u32) -> bool {
        let Open { must, may } = &mut self.open[usize::from(to)];
        // Some returned and took effect without changing anything.
        let is_done = |&Reverse((_, op)): &Reverse<(u32, u32)>| self.epoch_of[op as usize] != NEVER;
        while may.peek().is_some_and(is_done) {
            may.pop();
        }
        // Whoever must change it goes first; whoever may can do so later, too.
        let next = must.pop().or_else(|| may.pop());
        let Some(Reverse((_, op))) = next else { return false };
        self.changes.push(op);
        self.epoch += 1;
        self.epoch_of[op as usize] = self.epoch;
        self.began = now;
        self.state = to;
        true
    }

    /// The operations epoch by epoch: first the one that began it, then the others in the order of their calls.
    fn order(&self) -> Vec<u32> {
        let begins = |op: u32, epoch: u32| epoch > 0 && self.changes[epoch as usize - 1] == op;
        let done = (0..).zip(&self.epoch_of).filter(|&(_, &epoch)| epoch != NEVER);
        let mut order: Vec<_> = done.map(|(op, &epoch)| (epoch, !begins(op, epoch), op)).collect();
        order.sort_unstable();
        order.into_iter().map(|(_, _, op)| op).collect()
    }
}
