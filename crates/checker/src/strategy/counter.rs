//! A counter that only grows or only falls (ALGORITHMS §C6): by one amount every time, or by amounts each of which
//! tells the sum before it.

use rustc_hash::FxHashMap;
use seriatim_model::{Access, Kind, Model, Part};

use super::ladder::Ladder;
use super::{Attempt, Hint};
use crate::numbered::{NEVER, Numbered};

/// What an operation does; how far from the start the sum is, counted upwards.
#[derive(Clone, Copy, Debug)]
enum Does {
    /// Saw the sum.
    See(i128),
    /// Saw the first sum and made it the second.
    Step(i128, i128),
    /// Made it greater by the one amount that there is.
    Free,
    /// Saw what cannot be.
    Never,
}

/// A part that meets the conditions.
#[derive(Debug)]
pub(crate) struct Counter<'a> {
    numbered: &'a Numbered<'a>,
    does: Vec<Does>,
    /// The one amount that is added; `None` where every step knows its place.
    amount: Option<i128>,
}

impl<'a> Counter<'a> {
    /// `None` where the part does not meet the conditions.
    pub(super) fn new<M: Model>(model: &M, part: &Part<M::Op>, numbered: &'a Numbered<'a>) -> Option<Self> {
        let Kind::Counter { initial } = model.kind() else { return None };
        let mut amounts = Amounts { sign: 0, one: None, differ: false };
        let mut any_free = false;
        let mut does = Vec::with_capacity(part.entries.len());
        for (at, entry) in part.entries.iter().enumerate() {
            if numbered.is_over(at) {
                return None;
            }
            let far = |sum: i128| sum.checked_sub(initial);
            does.push(match *model.accesses(&entry.op).as_slice() {
                [Access::Sum(sum)] | [Access::ChangeFrom(sum, 0)] => far(sum).map_or(Does::Never, Does::See),
                [Access::Never] => Does::Never,
                [Access::ChangeFrom(before, amount)] if amounts.add(amount) => {
                    let step = far(before).and_then(|before| Some((before, before.checked_add(amount)?)));
                    step.map_or(Does::Never, |(before, after)| Does::Step(before, after))
                }
                [Access::Change(amount)] if amount != 0 && amounts.add(amount) => {
                    any_free = true;
                    Does::Free
                }
                _ => return None,
            });
        }
        if any_free && amounts.differ {
            return None;
        }
        if amounts.sign < 0 {
            for does in &mut does {
                *does = match *does {
                    Does::See(sum) => sum.checked_neg().map_or(Does::Never, Does::See),
                    Does::Step(before, after) => match (before.checked_neg(), after.checked_neg()) {
                        (Some(before), Some(after)) => Does::Step(before, after),
                        _ => Does::Never,
                    },
                    other => other,
                };
            }
        }
        let amount = amounts.one.filter(|_| any_free).map(i128::abs);
        Some(Self { numbered, does, amount })
    }

    /// A linearization of the prefix that ends with the return `cut`.
    pub(super) fn linearize(&self, cut: u32) -> Attempt {
        match self.amount {
            Some(amount) => self.ladder(cut, amount).map_or_else(Attempt::Impossible, Ladder::climb),
            None => self.chain(cut).into(),
        }
    }

    /// The operations that were called before the return `cut`.
    fn called(&self, cut: u32) -> impl Iterator<Item = (u32, Does)> {
        (0..)
            .zip(self.does.iter().copied())
            .take_while(move |&(at, _)| self.numbered.ops[at as usize].call < cut)
    }

    /// What the prefix says in amounts; or who saw what no number of amounts makes.
    fn ladder(&self, cut: u32, amount: i128) -> Result<Ladder<'a>, Hint> {
        let mut ladder = Ladder::new(self.numbered, cut);
        let level = |sum: i128| if sum % amount == 0 { u64::try_from(sum / amount).ok() } else { None };
        for (at, does) in self.called(cut) {
            if self.numbered.is_over(at as usize) {
                return Err(Hint::NONE);
            }
            let seen = Hint(self.numbered.ops[at as usize].ret);
            match (does, ladder.has_returned(at)) {
                (Does::See(sum), true) => ladder.seen.push((level(sum).ok_or(seen)?, at)),
                (Does::Step(before, _), true) => ladder.fixed.push((level(before).ok_or(seen)?, at)),
                (Does::Step(before, _), false) => ladder.spare.extend(level(before).map(|level| (level, at))),
                (Does::Free, _) => ladder.free.push(at),
                (Does::Never, true) => return Err(seen),
                (Does::See(_) | Does::Never, false) => {}
            }
        }
        Ok(ladder)
    }

    /// An order of a prefix in which every step knows its place; `None` where there is none.
    ///
    /// What returned stands in the order of the sums. Between two that do not meet a path of steps that did not return
    /// must lead from one to the other, each called before anything that stands behind returns; any such path will do.
    fn chain(&self, cut: u32) -> Option<Vec<u32>> {
        let ops = &self.numbered.ops;
        // By the sum before, who only saw it first, and by call.
        let mut known: Vec<(i128, i128, u32)> = Vec::new();
        let mut spare: Vec<(i128, i128, u32)> = Vec::new();
        for (at, does) in self.called(cut) {
            if self.numbered.is_over(at as usize) {
                return None;
            }
            match (does, ops[at as usize].ret <= cut) {
                (Does::See(sum), true) => known.push((sum, sum, at)),
                (Does::Step(before, after), true) => known.push((before, after, at)),
                (Does::Step(before, after), false) => spare.push((before, after, at)),
                (Does::Never, true) => return None,
                (Does::See(_) | Does::Never | Does::Free, _) => {}
            }
        }
        known.sort_unstable();
        spare.sort_unstable();
        let mut until = NEVER;
        let mut untils: Vec<u32> = known
            .iter()
            .rev()
            .map(|&(_, _, op)| {
                until = until.min(ops[op as usize].ret);
                until
            })
            .collect();
        untils.reverse();
        let mut order = Vec::with_capacity(known.len());
        let (mut sum, mut latest_call) = (0, 0);
        for (&(before, after, op), until) in known.iter().zip(untils) {
            if self.numbered.is_over(order.len()) {
                return None;
            }
            if before > sum {
                let from = spare.partition_point(|&(start, _, _)| start < sum);
                let in_time = spare[from..].iter().filter(|&&(_, _, op)| ops[op as usize].call < until);
                order.extend(path(sum, before, in_time)?);
            } else if before < sum {
                return None;
            }
            sum = after;
            order.push(op);
        }
        let is_in_time = order.iter().all(|&op| {
            let op = &ops[op as usize];
            latest_call = op.call.max(latest_call);
            op.ret > cut || op.ret > latest_call
        });
        is_in_time.then_some(order)
    }
}

/// Steps that lead from a sum to a greater one; `None` where none do. They come in the order of the sums they start at.
fn path<'b>(from: i128, to: i128, steps: impl Iterator<Item = &'b (i128, i128, u32)>) -> Option<Vec<u32>> {
    // For each sum that can be reached, the last step to it.
    let mut last: FxHashMap<i128, Option<(i128, u32)>> = FxHashMap::default();
    last.insert(from, None);
    for &(before, after, op) in steps.take_while(|&&(before, _, _)| before < to) {
        if last.contains_key(&before) {
            last.entry(after).or_insert(Some((before, op)));
        }
    }
    let mut order = Vec::new();
    let mut at = to;
    while let Some((before, op)) = *last.get(&at)? {
        order.push(op);
        at = before;
    }
    order.reverse();
    Some(order)
}

/// What is known of the amounts that are added.
struct Amounts {
    /// 1 where all are positive, -1 where all are negative, 0 where there are none.
    sign: i128,
    one: Option<i128>,
    differ: bool,
}

impl Amounts {
    /// `false` where it leads the other way than those before.
    fn add(&mut self, amount: i128) -> bool {
        self.differ |= *self.one.get_or_insert(amount) != amount;
        self.sign = if self.sign == 0 { amount.signum() } else { self.sign };
        self.sign == amount.signum()
    }
}
