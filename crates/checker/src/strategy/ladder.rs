//! Something that grows by one at a time and is seen as large as it is: the length of a log, a counter of single
//! increments (ALGORITHMS §C6, LEVELS).
//!
//! Whoever saw a level stands between the step to it and the step from it. A step whose place is known stands there.
//! All of these tell by when each step must have been taken, the later the higher it stands. The other places are
//! filled from below: of the steps that must take place and are called in time the one that returns first (earliest
//! deadline first), for what is called in time for a place is so for every higher one. Where there is none, the one that
//! need not take place and is called first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{Attempt, Hint};
use crate::numbered::{NEVER, Numbered};

/// What a prefix says of something that grows.
pub(super) struct Ladder<'a> {
    numbered: &'a Numbered<'a>,
    /// The return that the prefix ends with.
    cut: u32,
    /// Which level was seen, by which operation; all of these returned.
    pub(super) seen: Vec<(u64, u32)>,
    /// The steps that take place, from this level each.
    pub(super) fixed: Vec<(u64, u32)>,
    /// The steps that may take place, from this level each, in the order of their calls. They do not return.
    pub(super) spare: Vec<(u64, u32)>,
    /// The steps that may stand anywhere, in the order of their calls. Those that do not return need not take place.
    pub(super) free: Vec<u32>,
}

impl<'a> Ladder<'a> {
    /// The prefix that ends with the return `cut`, of which nothing is said yet.
    pub(super) fn new(numbered: &'a Numbered<'a>, cut: u32) -> Self {
        Self { numbered, cut, seen: Vec::new(), fixed: Vec::new(), spare: Vec::new(), free: Vec::new() }
    }

    /// Whether an operation returned within the prefix.
    pub(super) fn has_returned(&self, op: u32) -> bool {
        self.ret(op) != NEVER
    }

    fn call(&self, op: u32) -> u32 {
        self.numbered.ops[op as usize].call
    }

    /// [`NEVER`] where it does not return within the prefix.
    fn ret(&self, op: u32) -> u32 {
        Some(self.numbered.ops[op as usize].ret).filter(|&ret| ret <= self.cut).unwrap_or(NEVER)
    }

    /// An order of the operations. It is not known that there is none only where a place can be filled by a step that
    /// need not take place, but by one that must as well.
    pub(super) fn climb(mut self) -> Attempt {
        let levels = self.seen.iter().map(|&(level, _)| level);
        let top =
            levels.chain(self.fixed.iter().map(|&(level, _)| level.saturating_add(1))).max().unwrap_or(0);
        if top > (self.fixed.len() + self.spare.len() + self.free.len()) as u64 {
            // Whoever saw the highest level did so in vain.
            let highest = self.seen.iter().filter(|&&(level, _)| level == top).map(|&(_, op)| self.ret(op));
            return Attempt::Impossible(highest.min().map_or(Hint::NONE, Hint));
        }
        let top = top as usize;
        let mut steps = vec![NEVER; top];
        for &(level, op) in &self.fixed {
            let other = std::mem::replace(&mut steps[level as usize], op);
            if other != NEVER {
                return Attempt::Impossible(Hint::all([self.ret(op), self.ret(other)]));
            }
        }
        let until = self.until(top);
        let is_any_spare = self.fill_with_spare(&mut steps, &until);
        let (required, optional): (Vec<u32>, Vec<u32>) =
            self.free.iter().partition(|&&op| self.has_returned(op));
        let failure = |hint| {
            if is_any_spare && !required.is_empty() { Attempt::Unknown } else { Attempt::Impossible(hint) }
        };
        // Stable: who saw the same stays in the order of the calls.
        self.seen.sort_by_key(|&(level, _)| level);
        let mut order = Vec::with_capacity(self.seen.len() + top + self.free.len());
        let mut seen = self.seen.iter().peekable();
        let (mut required_left, mut optional_left) =
            (required.iter().copied().peekable(), optional.iter().copied());
        let mut in_time: BinaryHeap<Reverse<(u32, u32)>> = BinaryHeap::new();
        for (level, (&step, &until)) in (0_u64..).zip(steps.iter().zip(&until)) {
            if self.numbered.is_over(level as usize) {
                return Attempt::Unknown;
            }
            while let Some(&(_, op)) = seen.next_if(|&&(of, _)| of == level) {
                order.push(op);
            }
            if step != NEVER {
                order.push(step);
                continue;
            }
            while let Some(op) = required_left.next_if(|&op| self.call(op) < until) {
                in_time.push(Reverse((self.ret(op), op)));
            }
            let Some(op) = in_time.pop().map(|Reverse((_, op))| op).or_else(|| optional_left.next()) else {
                // Nobody was called in time.
                return failure(Hint(until));
            };
            order.push(op);
        }
        order.extend(seen.map(|&(_, op)| op));
        // Whoever is left stands above all that is known.
        let mut left: Vec<_> = in_time.into_iter().map(|Reverse((_, op))| op).chain(required_left).collect();
        left.sort_unstable();
        order.extend(left);
        if self.agrees_with_time(&order) { Attempt::Order(order) } else { failure(Hint::NONE) }
    }

    /// The return before which each step must have been taken.
    fn until(&self, top: usize) -> Vec<u32> {
        let mut until = vec![NEVER; top];
        for &(level, op) in &self.seen {
            if let Some(before) = (level as usize).checked_sub(1) {
                until[before] = until[before].min(self.ret(op));
            }
        }
        for &(level, op) in &self.fixed {
            until[level as usize] = until[level as usize].min(self.ret(op));
        }
        for level in (1..until.len()).rev() {
            until[level - 1] = until[level - 1].min(until[level]);
        }
        until
    }

    /// Fills places with steps that may stand there alone, where that keeps nobody from being in time; whether any was
    /// filled so.
    fn fill_with_spare(&self, steps: &mut [u32], until: &[u32]) -> bool {
        let mut is_any = false;
        for &(level, op) in &self.spare {
            // Of several, the first to be called can stand there whenever others can.
            if level < steps.len() as u64
                && steps[level as usize] == NEVER
                && self.call(op) < until[level as usize]
            {
                steps[level as usize] = op;
                is_any = true;
            }
        }
        is_any
    }

    /// Whether nothing stands behind what was called after its return.
    fn agrees_with_time(&self, order: &[u32]) -> bool {
        let mut latest_call = 0;
        order.iter().all(|&op| {
            latest_call = latest_call.max(self.call(op));
            self.ret(op) >= latest_call
        })
    }
}
