//! A register whose values are distinct: zones of values, blocks of compare-and-set chains (Gibbons & Korach 1997;
//! ALGORITHMS §C1).
//!
//! All operations of one value stand together in any linearization: its write, its reads, and the compare-and-set that
//! replaces it, behind which the operations of the next value follow. Such a chain is a block. A block B must come
//! before a block C where an operation of B returns before one of C is called; there is a linearization if and only if
//! each block has one and no two blocks must each come before the other.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rustc_hash::FxHashMap;
use seriatim_history::ValueId;
use seriatim_model::{Access, Kind, Model, Part};

use crate::numbered::{NEVER, Numbered};

/// What an operation does to the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    Read(u32),
    Write(u32),
    Swap(u32, u32),
}

/// A part that meets the conditions: each value is put in at most once, the initial one never, and no operation saw
/// what the value was not.
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
    /// The first return, before which the block must have begun.
    first_ret: u32,
    /// The last call, after which it must end.
    last_call: u32,
    /// One more than the event, so that the initial value can stand before all.
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

    /// A linearization of the prefix that ends with the return `cut`: the operations in order. `None` where there is none.
    pub(super) fn linearize(&self, cut: u32) -> Option<Vec<u32>> {
        let blocks = self.blocks(cut)?;
        let order = arrange(&blocks)?;
        Some(order.into_iter().flat_map(|at| blocks[at].ops.iter().copied()).collect())
    }

    /// Whether there is a linearization of the prefix that ends with the return `cut`.
    pub(super) fn is_feasible(&self, cut: u32) -> bool {
        self.blocks(cut).is_some_and(|blocks| !any_two_conflict(&blocks))
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
        let is_kept = |op: u32| {
            has_returned(op)
                || match self.does[op as usize] {
                    Does::Read(_) => false,
                    Does::Write(value) | Does::Swap(_, value) => {
                        needed[value as usize] && ops[op as usize].call < cut
                    }
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
                Does::Write(_) => {}
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
        is_possible.then_some(Block { first_ret, last_call: latest_call, ops: order })
    }
}

/// Whether two blocks must each come before the other.
fn any_two_conflict(blocks: &[Block]) -> bool {
    let mut by_ret: Vec<&Block> = blocks.iter().collect();
    by_ret.sort_unstable_by_key(|block| block.first_ret);
    // Of the blocks with the earliest returns, the two latest calls: one may be that of the block that is asked about.
    let mut latest: Vec<[Option<(u32, usize)>; 2]> = Vec::with_capacity(by_ret.len());
    let mut two = [None; 2];
    for (at, block) in by_ret.iter().enumerate() {
        let new = Some((block.last_call, at));
        if new > two[0] {
            two = [new, two[0]];
        } else if new > two[1] {
            two[1] = new;
        }
        latest.push(two);
    }
    by_ret.iter().enumerate().any(|(at, block)| {
        let before = by_ret.partition_point(|other| other.first_ret < block.last_call);
        let others = before.checked_sub(1).map_or([None; 2], |last| latest[last]);
        others.into_iter().flatten().any(|(call, other)| other != at && call > block.first_ret)
    })
}

/// An order of the blocks; `None` where there is none.
///
/// The block whose last call is the earliest can come first if no other has returned by then; otherwise only the block
/// with the earliest return can (ALGORITHMS §C1.6).
fn arrange(blocks: &[Block]) -> Option<Vec<usize>> {
    let heap = |key: fn(&Block) -> u32| -> BinaryHeap<_> {
        blocks.iter().enumerate().map(|(at, block)| Reverse((key(block), at))).collect()
    };
    let (mut by_call, mut by_ret) = (heap(|block| block.last_call), heap(|block| block.first_ret));
    let mut is_placed = vec![false; blocks.len()];
    let mut order = Vec::with_capacity(blocks.len());
    while order.len() < blocks.len() {
        let earliest = |heap: &mut BinaryHeap<Reverse<(u32, usize)>>| loop {
            let Reverse((key, at)) = *heap.peek().expect("a block is left");
            if !is_placed[at] {
                return (key, at);
            }
            heap.pop();
        };
        let (_, called) = earliest(&mut by_call);
        let (ret, returned) = earliest(&mut by_ret);
        // The earliest return among the others, where `returned` itself is left out.
        by_ret.pop();
        let next_ret = loop {
            match by_ret.peek() {
                Some(&Reverse((_, at))) if is_placed[at] => {
                    by_ret.pop();
                }
                Some(&Reverse((key, _))) => break key,
                None => break NEVER,
            }
        };
        by_ret.push(Reverse((ret, returned)));
        let others = |at| if at == returned { next_ret } else { ret };
        let pick = [called, returned].into_iter().find(|&at| blocks[at].last_call <= others(at))?;
        is_placed[pick] = true;
        order.push(pick);
    }
    Some(order)
}
