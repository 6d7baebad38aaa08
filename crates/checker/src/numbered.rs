//! A part in plain numbers: what every strategy and the search work on.

use std::collections::BinaryHeap;
use std::hash::Hash;

use rustc_hash::FxHashMap;
use seriatim_model::Part;

/// The place of an operation that never returns: after every event.
pub(crate) const NEVER: u32 = u32::MAX;

/// One operation of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interval {
    /// The event of its call.
    pub(crate) call: u32,
    /// The event of its return, or [`NEVER`].
    pub(crate) ret: u32,
    /// Equal operations have equal classes.
    pub(crate) class: u32,
}

/// A part as intervals and classes; an operation's number is its place in the part.
#[derive(Clone, Debug)]
pub(crate) struct Numbered {
    /// The operations, in the order of their calls.
    pub(crate) ops: Vec<Interval>,
    /// For each class, one operation of it.
    pub(crate) classes: Vec<u32>,
    /// The operations that return, in the order of their returns.
    pub(crate) returns: Vec<u32>,
}

impl Numbered {
    pub(crate) fn new<Op: Eq + Hash>(part: &Part<Op>) -> Self {
        let mut class_of: FxHashMap<&Op, u32> = FxHashMap::default();
        let mut classes = Vec::new();
        let number = |at: usize| u32::try_from(at).expect("fewer than 2^32 operations");
        let ops: Vec<_> = part
            .entries
            .iter()
            .enumerate()
            .map(|(at, entry)| {
                let class = *class_of.entry(&entry.op).or_insert_with(|| {
                    classes.push(number(at));
                    number(classes.len() - 1)
                });
                Interval { call: entry.call.0, ret: entry.ret.map_or(NEVER, |ret| ret.0), class }
            })
            .collect();
        let mut returns: Vec<_> =
            (0..number(ops.len())).filter(|&op| ops[op as usize].ret != NEVER).collect();
        returns.sort_unstable_by_key(|&op| ops[op as usize].ret);
        Self { ops, classes, returns }
    }

    /// A slot for each operation that returns, such that no two that are open together share one, and how many slots
    /// that takes: the width of the part. The slot of an operation that never returns is 0 and means nothing.
    pub(crate) fn slots(&self) -> (Vec<u32>, u32) {
        let mut slots = vec![0; self.ops.len()];
        let mut free: BinaryHeap<std::cmp::Reverse<u32>> = BinaryHeap::new();
        let (mut width, mut returned) = (0, 0);
        for (at, op) in self.ops.iter().enumerate().filter(|(_, op)| op.ret != NEVER) {
            while self.ops[self.returns[returned] as usize].ret < op.call {
                free.push(std::cmp::Reverse(slots[self.returns[returned] as usize]));
                returned += 1;
            }
            slots[at] = free.pop().map_or_else(
                || {
                    width += 1;
                    width - 1
                },
                |std::cmp::Reverse(slot)| slot,
            );
        }
        (slots, width)
    }

    /// How many operations never return.
    pub(crate) fn indeterminate(&self) -> usize {
        self.ops.len() - self.returns.len()
    }
}
