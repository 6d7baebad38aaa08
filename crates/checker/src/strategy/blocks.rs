//! A register whose values are distinct: zones of values, blocks of compare-and-set chains (Gibbons & Korach 1997;
//! ALGORITHMS §C1).
//!
//! All operations of one value stand together in any linearization: its write, its reads, and the compare-and-set that
//! replaces it, behind which the operations of the next value follow. Such a chain is a block; there is a linearization
//! if and only if each block has one and the blocks have an order.
//!
//! Operations that saw what the value was not are left out at first: without them there must be an order (ALGORITHMS
//! §C1.5, §C8). They are put into the order that was found; where that has no room for one, another order might.

use rustc_hash::FxHashMap;
use seriatim_history::ValueId;
use seriatim_model::{Access, Kind, Model, Part};

use super::Attempt;
use super::insert::insert;
use super::zones::{Zone, any_two_conflict, arrange};
use crate::numbered::{NEVER, Numbered};

/// What an operation does to the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    Read(u32),
    Write(u32),
    Swap(u32, u32),
    /// Saw that it holds another value.
    Differ(u32),
}

/// A part that meets the conditions: each value is put in at most once, the initial one never.
#[derive(Debug)]
pub(crate) struct Blocks<'a> {
    numbered: &'a Numbered,
    does: Vec<Does>,
    /// For each value, the operation that puts it in. The initial value is number 0 and has none.
    producer: Vec<Option<u32>>,
}

/// The initial value's number.
const INITIAL: u32 = 0;

/// A chain of values: its operations in an order of its own.
struct Block {
    /// One more than the events, so that the initial value can stand before all.
    zone: Zone,
    ops: Vec<u32>,
}

impl<'a> Blocks<'a> {
    /// `None` where the part does not meet the conditions.
    pub(super) fn new<M: Model>(model: &M, part: &Part<M::Op>, numbered: &'a Numbered) -> Option<Self> {
        let Kind::Register { initial } = model.kind() else { return None };
        let mut numbers: FxHashMap<ValueId, u32> = FxHashMap::default();
        numbers.insert(initial, INITIAL);
        let mut producer = vec![None];
        let mut does = Vec::with_capacity(part.entries.len());
        for (at, entry) in (0..).zip(&part.entries) {
            let mut number = |value| {
                *numbers.entry(value).or_insert_with(|| {
                    producer.push(None);
                    u32::try_from(producer.len() - 1).expect("fewer than 2^32 values")
                })
            };
            let done = match *model.accesses(&entry.op).as_slice() {
                [Access::Read(value)] => Does::Read(number(value)),
                [Access::Write(value)] => Does::Write(number(value)),
                [Access::Swap(from, to)] => Does::Swap(number(from), number(to)),
                [Access::Differs(value)] => Does::Differ(number(value)),
                _ => return None,
            };
            if let Does::Write(value) | Does::Swap(_, value) = done
                && (value == INITIAL || producer[value as usize].replace(at).is_some())
            {
                return None;
            }
            does.push(done);
        }
        Some(Self { numbered, does, producer })
    }

    /// A linearization of the prefix that ends with the return `cut`.
    pub(super) fn linearize(&self, cut: u32) -> Attempt {
        let Some(blocks) = self.blocks(cut) else { return Attempt::Impossible };
        let zones: Vec<_> = blocks.iter().map(|block| block.zone).collect();
        let Some(arranged) = arrange(&zones) else { return Attempt::Impossible };
        let order: Vec<u32> = arranged.into_iter().flat_map(|at| blocks[at].ops.iter().copied()).collect();
        let ops = &self.numbered.ops;
        let differ: Vec<u32> = (0..)
            .zip(&self.does)
            .filter(|&(at, does)| matches!(does, Does::Differ(_)) && ops[at as usize].ret <= cut)
            .map(|(at, _)| at)
            .collect();
        if differ.is_empty() { Attempt::Order(order) } else { self.with_differing(cut, order, &differ) }
    }

    /// The order with those in it who saw what the value was not.
    fn with_differing(&self, cut: u32, mut order: Vec<u32>, differ: &[u32]) -> Attempt {
        if let Some(order) = self.insert(&order, differ) {
            return Attempt::Order(order);
        }
        // One more value at the end may be of help, written by whoever need not have done so.
        let mut is_used = vec![false; self.does.len()];
        order.iter().for_each(|&op| is_used[op as usize] = true);
        let is_spare = |&at: &usize| {
            matches!(self.does[at], Does::Write(_)) && !is_used[at] && self.numbered.ops[at].call < cut
        };
        let Some(spare) = (0..self.does.len()).find(is_spare) else { return Attempt::Unknown };
        order.push(u32::try_from(spare).expect("fewer than 2^32 operations"));
        self.insert(&order, differ).map_or(Attempt::Unknown, Attempt::Order)
    }

    fn insert(&self, order: &[u32], differ: &[u32]) -> Option<Vec<u32>> {
        // The value before each place of the order, and behind its last operation.
        let mut value = INITIAL;
        let mut values = vec![value];
        values.extend(order.iter().map(|&op| {
            if let Does::Write(to) | Does::Swap(_, to) = self.does[op as usize] {
                value = to;
            }
            value
        }));
        // For each place the next one that has another value.
        let mut next = vec![values.len(); values.len()];
        for place in (1..values.len()).rev() {
            next[place - 1] = if values[place] == values[place - 1] { next[place] } else { place };
        }
        insert(self.numbered, order, differ, |op, place| {
            let Does::Differ(value) = self.does[op as usize] else { unreachable!("it saw a difference") };
            if values[place] == value { next[place] } else { place }
        })
    }

    /// Whether there is a linearization of the prefix that ends with the return `cut`, but for those who saw what the
    /// value was not.
    pub(super) fn is_feasible(&self, cut: u32) -> bool {
        self.blocks(cut).is_some_and(|blocks| {
            let zones: Vec<_> = blocks.iter().map(|block| block.zone).collect();
            !any_two_conflict(&zones)
        })
    }

    /// The blocks of a prefix; `None` where one of them is impossible by itself.
    fn blocks(&self, cut: u32) -> Option<Vec<Block>> {
        let ops = &self.numbered.ops;
        let has_returned = |op: u32| ops[op as usize].ret <= cut;
        // What must have been put in: what is seen by an operation that returned, and what leads there by swaps.
        let mut needed = vec![false; self.producer.len()];
        let mut todo: Vec<u32> = Vec::new();
        for (at, &does) in (0..).zip(&self.does) {
            if has_returned(at)
                && let Does::Read(value) | Does::Swap(value, _) = does
            {
                todo.push(value);
            }
        }
        while let Some(value) = todo.pop() {
            if std::mem::replace(&mut needed[value as usize], true) || value == INITIAL {
                continue;
            }
            // Nobody puts it in, or not before the prefix ends.
            let producer = self.producer[value as usize].filter(|&op| ops[op as usize].call < cut)?;
            if let Does::Swap(from, _) = self.does[producer as usize] {
                todo.push(from);
            }
        }
        let is_kept = |op: u32| match self.does[op as usize] {
            Does::Differ(_) => false,
            Does::Read(_) => has_returned(op),
            Does::Write(value) | Does::Swap(_, value) => {
                has_returned(op) || needed[value as usize] && ops[op as usize].call < cut
            }
        };
        let mut reads: Vec<Vec<u32>> = vec![Vec::new(); self.producer.len()];
        let mut swapped: Vec<Option<u32>> = vec![None; self.producer.len()];
        let mut kept = 0;
        for (at, &does) in (0..).zip(&self.does).filter(|&(at, _)| is_kept(at)) {
            kept += 1;
            match does {
                Does::Read(value) => reads[value as usize].push(at),
                // Two operations replaced the same value.
                Does::Swap(from, _) if swapped[from as usize].is_some() => return None,
                Does::Swap(from, _) => swapped[from as usize] = Some(at),
                Does::Write(_) | Does::Differ(_) => {}
            }
        }
        let mut blocks = Vec::new();
        let mut placed = 0;
        for (value, producer) in (0..).zip(&self.producer) {
            let head = match *producer {
                None if value == INITIAL => None,
                Some(op) if is_kept(op) && matches!(self.does[op as usize], Does::Write(_)) => Some(op),
                _ => continue,
            };
            let block = self.block(head, value, cut, &reads, &swapped)?;
            placed += block.ops.len();
            blocks.push(block);
        }
        // What is left is a chain without a beginning.
        (placed == kept).then_some(blocks)
    }

    /// The chain that begins with a value; `None` where its own order contradicts real time.
    fn block(
        &self,
        head: Option<u32>,
        value: u32,
        cut: u32,
        reads: &[Vec<u32>],
        swapped: &[Option<u32>],
    ) -> Option<Block> {
        let ops = &self.numbered.ops;
        // The initial value was put in before everything: as if at 0, where events are counted from 1.
        let mut first_ret = if head.is_none() { 0 } else { NEVER };
        let mut latest_call = 0;
        let mut order = Vec::new();
        let mut level = |level: &[u32]| {
            let mut call = latest_call;
            for &op in level {
                let interval = &ops[op as usize];
                let ret = if interval.ret <= cut { interval.ret + 1 } else { NEVER };
                // An operation of an earlier level was called only after this one had returned.
                if ret < latest_call {
                    return false;
                }
                first_ret = first_ret.min(ret);
                call = call.max(interval.call + 1);
                order.push(op);
            }
            latest_call = call;
            true
        };
        let mut is_possible = level(head.as_slice());
        let mut at = value;
        loop {
            // The reads of a value stand in the order of their calls already.
            is_possible = is_possible && level(&reads[at as usize]);
            let Some(swap) = swapped[at as usize].filter(|_| is_possible) else { break };
            is_possible = level(&[swap]);
            let Does::Swap(_, to) = self.does[swap as usize] else { unreachable!("only swaps replace") };
            at = to;
        }
        is_possible.then_some(Block { zone: Zone { first_ret, last_call: latest_call }, ops: order })
    }
}
