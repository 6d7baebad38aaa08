//! What is open at a return event: moved forth and back with the search, so that nothing is kept for each event.

use rustc_hash::FxHashMap;

use super::window::Window;
use crate::numbered::{NEVER, Numbered};

/// A kind of operations that never return: their class where equal ones are taken together, else each for itself.
#[derive(Clone, Debug)]
pub(crate) struct Crashed {
    pub(crate) class: u32,
    /// The operations, in the order of their calls: the search always spends the earliest.
    pub(crate) ops: Vec<u32>,
}

/// What is known of the classes of a part.
#[derive(Debug)]
pub(crate) struct Traits {
    /// Whether a class only observes.
    pub(crate) observes: Vec<bool>,
    /// Whether it may happen in every state and leads to the same one always, in a part where that is of use.
    pub(crate) is_blind: Vec<bool>,
}

/// The open operations as of one return: everything called before it that had not returned before it.
pub(crate) struct Cursor<'a, W> {
    part: &'a Numbered<'a>,
    slots: &'a [u32],
    traits: &'a Traits,
    event: usize,
    /// Open operations that return, the one that returns last first. The last of them is the one whose return this is.
    open: Vec<u32>,
    /// The slots of the open ones that only observe.
    observers: W,
    /// The slots of the open ones that write blindly.
    blind: W,
    /// For each slot, the operation that is open in it, or was the last to be.
    at_slot: Vec<u32>,
    /// How many of the part's operations were called before this return.
    called: usize,
    crashed: Vec<Crashed>,
    kind_of: FxHashMap<u32, u32>,
    /// How many operations of each kind were called before this return.
    available: Vec<u32>,
    /// How many kinds have one that was: kinds stand in the order of their first calls.
    kinds: usize,
}

impl<'a, W: Window> Cursor<'a, W> {
    /// Stands at the first return. Operations that never return and only observe say nothing and are left out.
    pub(crate) fn new(
        part: &'a Numbered<'a>,
        slots: &'a [u32],
        width: u32,
        traits: &'a Traits,
        by_class: bool,
    ) -> Self {
        let mut crashed: Vec<Crashed> = Vec::new();
        let mut kind_of = FxHashMap::default();
        let mut kind_of_class: FxHashMap<u32, u32> = FxHashMap::default();
        for (at, op) in (0..).zip(&part.ops) {
            if op.ret != NEVER || traits.observes[op.class as usize] {
                continue;
            }
            let new = u32::try_from(crashed.len()).expect("fewer than 2^32 kinds");
            let kind = if by_class { *kind_of_class.entry(op.class).or_insert(new) } else { new };
            if kind == new {
                crashed.push(Crashed { class: op.class, ops: Vec::new() });
            }
            crashed[kind as usize].ops.push(at);
            kind_of.insert(at, kind);
        }
        let available = vec![0; crashed.len()];
        let mut cursor = Self {
            part,
            slots,
            traits,
            event: 0,
            open: Vec::new(),
            observers: W::empty(width),
            blind: W::empty(width),
            at_slot: vec![0; width as usize],
            called: 0,
            crashed,
            kind_of,
            available,
            kinds: 0,
        };
        if !part.returns.is_empty() {
            cursor.call_until_return();
        }
        cursor
    }

    /// Moves to a return, step by step.
    pub(crate) fn seek(&mut self, event: u32) {
        let event = event as usize;
        while self.event < event {
            let op = self.open.pop().expect("the operation that returns is open");
            self.unmark(op);
            self.event += 1;
            self.call_until_return();
        }
        while self.event > event {
            self.event -= 1;
            self.take_back_calls();
            let op = self.part.returns[self.event];
            self.open.push(op);
            self.mark(op);
        }
    }

    fn call_until_return(&mut self) {
        let ret = self.ret();
        while let Some(op) = self.part.ops.get(self.called).filter(|op| op.call < ret) {
            let at = self.called as u32;
            self.called += 1;
            if op.ret == NEVER {
                if let Some(&kind) = self.kind_of.get(&at) {
                    self.available[kind as usize] += 1;
                    self.kinds = self.kinds.max(kind as usize + 1);
                }
            } else {
                let place = self.open.partition_point(|&other| self.part.ops[other as usize].ret > op.ret);
                self.open.insert(place, at);
                self.mark(at);
            }
        }
    }

    /// Takes back the calls between the return that the cursor moves back to and the next one.
    fn take_back_calls(&mut self) {
        let ret = self.ret();
        while self.called > 0 && self.part.ops[self.called - 1].call > ret {
            self.called -= 1;
            let at = self.called as u32;
            let op = &self.part.ops[self.called];
            if op.ret == NEVER {
                if let Some(&kind) = self.kind_of.get(&at) {
                    self.available[kind as usize] -= 1;
                    if self.available[kind as usize] == 0 {
                        self.kinds = kind as usize;
                    }
                }
            } else {
                let place = self.open.iter().position(|&open| open == at).expect("what was called is open");
                self.open.remove(place);
                self.unmark(at);
            }
        }
    }

    fn mark(&mut self, op: u32) {
        self.at_slot[self.slots[op as usize] as usize] = op;
        let class = self.part.ops[op as usize].class as usize;
        if self.traits.observes[class] {
            self.observers.insert(self.slots[op as usize]);
        }
        if self.traits.is_blind[class] {
            self.blind.insert(self.slots[op as usize]);
        }
    }

    fn unmark(&mut self, op: u32) {
        self.observers.remove(self.slots[op as usize]);
        self.blind.remove(self.slots[op as usize]);
    }

    /// The event number of the return that the cursor stands at.
    pub(crate) fn ret(&self) -> u32 {
        self.part.ops[self.part.returns[self.event] as usize].ret
    }

    /// The operation that returns here.
    pub(crate) fn returning(&self) -> u32 {
        self.part.returns[self.event]
    }

    /// The open operation that returns as number `at` from here on, counting from 0.
    pub(crate) fn by_return(&self, at: usize) -> Option<u32> {
        self.open.len().checked_sub(at + 1).map(|place| self.open[place])
    }

    /// The open operations, the one that returns last first.
    pub(crate) fn open(&self) -> &[u32] {
        &self.open
    }

    /// The open operation in a slot.
    pub(crate) fn at_slot(&self, slot: u32) -> u32 {
        self.at_slot[slot as usize]
    }

    /// The slots of those that only observe.
    pub(crate) fn observers(&self) -> &W {
        &self.observers
    }

    /// The slots of those that write blindly.
    pub(crate) fn blind(&self) -> &W {
        &self.blind
    }

    /// Whether an operation writes blindly.
    pub(crate) fn is_blind(&self, op: u32) -> bool {
        self.traits.is_blind[self.part.ops[op as usize].class as usize]
    }

    /// How many kinds of operations that never return have been called.
    pub(crate) fn kinds(&self) -> usize {
        self.kinds
    }

    /// How many of a kind have been called.
    pub(crate) fn available(&self, kind: u32) -> u32 {
        self.available[kind as usize]
    }

    /// The class of each kind of operations that never return, called or not.
    pub(crate) fn classes_of_kinds(&self) -> impl Iterator<Item = u32> {
        self.crashed.iter().map(|crashed| crashed.class)
    }

    /// How many operations were called before this return.
    pub(crate) fn called(&self) -> u32 {
        self.called as u32
    }

    /// A kind of operations that never return.
    pub(crate) fn crashed(&self, kind: u32) -> &Crashed {
        &self.crashed[kind as usize]
    }
}
