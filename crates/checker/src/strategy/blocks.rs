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

use super::insert::insert;
use super::zones::{Zone, any_two_conflict, arrange};
use super::{Attempt, Hint};
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
    numbered: &'a Numbered<'a>,
    does: Vec<Does>,
    /// For each value, the operation that puts it in. The initial value is number 0 and has none.
    producer: Vec<Option<u32>>,
}

/// The initial value's number.
const INITIAL: u32 = 0;

/// The chains of values of a prefix.
#[derive(Default)]
struct Chains {
    /// When each must stand. One more than the events, so that the initial value can stand before all.
    zones: Vec<Zone>,
    /// For each, the return of the operation that was called last.
    last_ret: Vec<u32>,
    /// The operations of the chains, one chain after the other, each in an order of its own; empty where nobody asks.
    ops: Vec<u32>,
    /// Where those of each chain end.
    ends: Vec<usize>,
}

impl Chains {
    /// The operations of a chain.
    fn ops(&self, chain: usize) -> &[u32] {
        let start = chain.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.ops[start..self.ends[chain]]
    }
}

/// What is done to each value of a prefix.
struct Known {
    /// The reads, those of a value together, in the order of their calls.
    reads: Vec<u32>,
    /// For each value, where its reads begin; and where the last ones end.
    reads_of: Vec<u32>,
    /// For each value, the operation that replaces it.
    swapped: Vec<u32>,
}

impl Known {
    fn reads(&self, value: u32) -> &[u32] {
        &self.reads[self.reads_of[value as usize] as usize..self.reads_of[value as usize + 1] as usize]
    }
}

impl<'a> Blocks<'a> {
    /// `None` where the part does not meet the conditions.
    pub(super) fn new<M: Model>(model: &M, part: &Part<M::Op>, numbered: &'a Numbered<'a>) -> Option<Self> {
        let Kind::Register { initial } = model.kind() else { return None };
        let mut numbers: FxHashMap<ValueId, u32> = FxHashMap::default();
        numbers.insert(initial, INITIAL);
        let mut producer = vec![None];
        let mut does = Vec::with_capacity(part.entries.len());
        for (at, entry) in (0..).zip(&part.entries) {
            if numbered.is_over(at as usize) {
                return None;
            }
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
        let chains = match self.chains(cut, true) {
            Ok(chains) => chains,
            Err(hint) => return Attempt::Impossible(hint),
        };
        let Some(arranged) = arrange(self.numbered, &chains.zones) else {
            return Attempt::Impossible(Hint::NONE);
        };
        let mut order = Vec::with_capacity(chains.ops.len());
        arranged.into_iter().for_each(|chain| order.extend_from_slice(chains.ops(chain)));
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

    /// A hint, if there is no linearization of the prefix that ends with the return `cut`, even without those who saw what
    /// the value was not.
    pub(super) fn conflict(&self, cut: u32) -> Option<Hint> {
        match self.chains(cut, false) {
            Ok(chains) => any_two_conflict(&chains.zones).map(|(one, other)| {
                let ret =
                    |chain: usize| [chains.zones[chain].first_ret.saturating_sub(1), chains.last_ret[chain]];
                Hint::all([ret(one), ret(other)].into_iter().flatten())
            }),
            Err(hint) => Some(hint),
        }
    }

    /// The chains of a prefix, with their operations if these are asked for; where one is impossible by itself, a hint.
    fn chains(&self, cut: u32, with_ops: bool) -> Result<Chains, Hint> {
        let ops = &self.numbered.ops;
        let ret = |op: u32| ops[op as usize].ret;
        let has_returned = |op: u32| ret(op) <= cut;
        let called = ops.partition_point(|op| op.call < cut);
        let does = &self.does[..called];
        // What must have been put in: what is seen by an operation that returned, and what leads there by swaps.
        let mut needed = vec![false; self.producer.len()];
        for (at, &does) in (0..).zip(does) {
            if self.numbered.is_over(at as usize) {
                return Err(Hint::NONE);
            }
            let (Does::Read(mut value) | Does::Swap(mut value, _)) = does else { continue };
            if !has_returned(at) {
                continue;
            }
            while value != INITIAL && !std::mem::replace(&mut needed[value as usize], true) {
                // Nobody puts it in, or not before the prefix ends.
                let producer = self.producer[value as usize].filter(|&op| (op as usize) < called);
                let Does::Swap(from, _) = self.does[producer.ok_or(Hint(ret(at)))? as usize] else { break };
                value = from;
            }
        }
        let is_kept = |op: u32| match self.does[op as usize] {
            Does::Differ(_) => false,
            Does::Read(_) => has_returned(op),
            Does::Write(value) | Does::Swap(_, value) => {
                has_returned(op) || needed[value as usize] && (op as usize) < called
            }
        };
        let (known, kept) = self.known(does, is_kept)?;
        let mut chains = Chains::default();
        let mut placed = 0;
        for (value, producer) in (0..).zip(&self.producer) {
            if self.numbered.is_over(value as usize) {
                return Err(Hint::NONE);
            }
            let head = match *producer {
                None if value == INITIAL => None,
                Some(op) if is_kept(op) && matches!(self.does[op as usize], Does::Write(_)) => Some(op),
                _ => continue,
            };
            placed += self.chain(head, value, cut, &known, &mut chains, with_ops)?;
        }
        // What is left is a chain without a beginning.
        if placed == kept { Ok(chains) } else { Err(Hint::NONE) }
    }

    /// What the operations that are kept do, and how many these are; where two replace one value, when both had returned.
    fn known(&self, does: &[Does], is_kept: impl Fn(u32) -> bool) -> Result<(Known, usize), Hint> {
        let ret = |op: u32| self.numbered.ops[op as usize].ret;
        let mut reads_of = vec![0; self.producer.len() + 1];
        let mut swapped = vec![NEVER; self.producer.len()];
        let mut kept = 0;
        let all = || (0..).zip(does).filter(|&(at, _)| is_kept(at));
        for (at, &does) in all() {
            if self.numbered.is_over(kept) {
                return Err(Hint::NONE);
            }
            kept += 1;
            match does {
                Does::Read(value) => reads_of[value as usize + 1] += 1,
                Does::Swap(from, _) => {
                    let other = std::mem::replace(&mut swapped[from as usize], at);
                    if other != NEVER {
                        return Err(Hint::all([ret(at), ret(other)]));
                    }
                }
                Does::Write(_) | Does::Differ(_) => {}
            }
        }
        for value in 1..reads_of.len() {
            reads_of[value] += reads_of[value - 1];
        }
        let mut reads = vec![0; reads_of.last().map_or(0, |&end| end as usize)];
        let mut next = reads_of.clone();
        for (at, &does) in all() {
            if let Does::Read(value) = does {
                reads[next[value as usize] as usize] = at;
                next[value as usize] += 1;
            }
        }
        Ok((Known { reads, reads_of, swapped }, kept))
    }

    /// Adds the chain that begins with a value, and tells how many operations it has; where its own order contradicts
    /// real time, a hint.
    fn chain(
        &self,
        head: Option<u32>,
        value: u32,
        cut: u32,
        known: &Known,
        chains: &mut Chains,
        with_ops: bool,
    ) -> Result<usize, Hint> {
        let ops = &self.numbered.ops;
        // The initial value was put in before everything: as if at 0, where events are counted from 1.
        let mut first_ret = if head.is_none() { 0 } else { NEVER };
        // The latest call, and the return of that operation.
        let mut latest = (0, 0);
        let mut count = 0;
        let mut level = |level: &[u32]| {
            let mut call = latest;
            for &op in level {
                let interval = &ops[op as usize];
                let ret = if interval.ret <= cut { interval.ret + 1 } else { NEVER };
                // An operation of an earlier level was called only after this one had returned.
                if ret < latest.0 {
                    return Err(Hint::all([interval.ret, latest.1]));
                }
                first_ret = first_ret.min(ret);
                call = call.max((interval.call + 1, interval.ret));
            }
            latest = call;
            count += level.len();
            if with_ops {
                chains.ops.extend_from_slice(level);
            }
            Ok(())
        };
        level(head.as_slice())?;
        let mut at = value;
        loop {
            // The reads of a value stand in the order of their calls already.
            level(known.reads(at))?;
            let swap = known.swapped[at as usize];
            if swap == NEVER {
                break;
            }
            level(&[swap])?;
            let Does::Swap(_, to) = self.does[swap as usize] else { unreachable!("only swaps replace") };
            at = to;
        }
        chains.zones.push(Zone { first_ret, last_call: latest.0 });
        chains.last_ret.push(latest.1);
        chains.ends.push(chains.ops.len());
        Ok(count)
    }
}
