//! A part in plain numbers: what every strategy and the search work on.

use std::collections::BinaryHeap;
use std::hash::Hash;

use rustc_hash::FxHashMap;
use seriatim_model::{Entry, Part};

use crate::limits::{Stop, StopReason};

/// The place of an operation that never returns: after every event.
pub(crate) const NEVER: u32 = u32::MAX;

/// How many operations are numbered between two looks at the request to stop.
const BLOCK: usize = 1 << 14;

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
///
/// Whoever works on it looks whether to stop, and leaves off where it is: what comes of that means nothing, and is thrown
/// away by [`check`](crate::check_parts), which looks again.
#[derive(Clone, Debug)]
pub(crate) struct Numbered<'a> {
    /// The operations, in the order of their calls.
    pub(crate) ops: Vec<Interval>,
    /// For each class, one operation of it.
    pub(crate) classes: Vec<u32>,
    /// The operations that return, in the order of their returns.
    pub(crate) returns: Vec<u32>,
    stop: &'a Stop,
}

impl<'a> Numbered<'a> {
    /// The intervals of a part; all operations are of class 0, and there is no class, until they are
    /// [classified](Numbered::classify).
    pub(crate) fn intervals<Op>(part: &Part<Op>, stop: &'a Stop) -> Self {
        let interval = |entry: &Entry<Op>| Interval {
            call: entry.call.0,
            ret: entry.ret.map_or(NEVER, |ret| ret.0),
            class: 0,
        };
        let mut ops = Vec::with_capacity(part.entries.len());
        for block in part.entries.chunks(BLOCK) {
            // Nothing of it is better than a part of it.
            if stop.requested().is_some() {
                ops.clear();
                break;
            }
            ops.extend(block.iter().map(interval));
        }
        Self::of(ops, stop)
    }

    /// These operations, in the order of their calls.
    pub(crate) fn of(ops: Vec<Interval>, stop: &'a Stop) -> Self {
        let returns = returns(&ops);
        Self { ops, classes: Vec::new(), returns, stop }
    }

    /// The request to stop.
    pub(crate) fn stop(&self) -> &'a Stop {
        self.stop
    }

    /// Whether whoever works on the part is to stop, as far as a loop sees it that is at this step.
    pub(crate) fn is_over(&self, step: usize) -> bool {
        self.stop.is_requested_at(step)
    }

    /// Numbers the classes of the operations, which a search asks for and most strategies do not.
    pub(crate) fn classify<Op: Eq + Hash>(&mut self, part: &Part<Op>) {
        let mut class_of: FxHashMap<&Op, u32> = FxHashMap::default();
        let number = |at: usize| u32::try_from(at).expect("fewer than 2^32 operations");
        let classes = &mut self.classes;
        classes.clear();
        for (at, (entry, op)) in part.entries.iter().zip(&mut self.ops).enumerate() {
            if self.stop.is_requested_at(at) {
                return;
            }
            op.class = *class_of.entry(&entry.op).or_insert_with(|| {
                classes.push(number(at));
                number(classes.len() - 1)
            });
        }
    }

    /// A slot for each operation that returns, such that no two that are open together share one, and how many slots
    /// that takes: the width of the part. The slot of an operation that never returns is 0 and means nothing.
    pub(crate) fn slots(&self) -> (Vec<u32>, u32) {
        let mut slots = vec![0; self.ops.len()];
        let mut free: BinaryHeap<std::cmp::Reverse<u32>> = BinaryHeap::new();
        let (mut width, mut returned) = (0, 0);
        for (at, op) in self.ops.iter().enumerate().filter(|(_, op)| op.ret != NEVER) {
            if self.is_over(at) {
                break;
            }
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

    /// The part as it is known before a return, counted from 0: an operation that returns no earlier may take effect, with
    /// the answer that it will have, or not.
    ///
    /// # Errors
    /// Why there was no time: half of a prefix would say something else.
    pub(crate) fn prefix<Op: Clone>(&self, part: &Part<Op>, returns: usize) -> Result<Part<Op>, StopReason> {
        let end = self.ops[self.returns[returns] as usize].ret;
        let open = |entry: &Entry<Op>| Entry { ret: entry.ret.filter(|ret| ret.0 < end), ..entry.clone() };
        let called = &part.entries[..part.entries.partition_point(|entry| entry.call.0 < end)];
        let mut entries = Vec::with_capacity(called.len());
        for block in called.chunks(BLOCK) {
            if let Some(reason) = self.stop.requested() {
                return Err(reason);
            }
            entries.extend(block.iter().map(open));
        }
        Ok(Part { key: part.key, touched: part.touched.clone(), entries })
    }

    /// How many operations never return.
    pub(crate) fn indeterminate(&self) -> usize {
        self.ops.len() - self.returns.len()
    }
}

/// The operations that return, in the order of their returns.
fn returns(ops: &[Interval]) -> Vec<u32> {
    let returning = || (0..).zip(ops).filter(|(_, op)| op.ret != NEVER).map(|(at, op)| (at, op.ret));
    let (first, last) =
        returning().fold((NEVER, 0), |(first, last), (_, ret)| (first.min(ret), last.max(ret)));
    // No two events have one place. Where the part makes up most of a history, its returns fill places enough.
    if last.saturating_sub(first) as usize <= 4 * ops.len() {
        let mut at_place = vec![NEVER; last.saturating_sub(first) as usize + 1];
        returning().for_each(|(at, ret)| at_place[(ret - first) as usize] = at);
        at_place.retain(|&at| at != NEVER);
        return at_place;
    }
    let mut returns: Vec<u32> = returning().map(|(at, _)| at).collect();
    returns.sort_unstable_by_key(|&at| ops[at as usize].ret);
    returns
}
