//! A priority queue of distinct values, of which several may have one rank (ALGORITHMS §C4).
//!
//! From the least rank to the greatest: a value is taken in the first slot that its operations allow and in which no
//! value of a lesser rank must be there; it must be there from the last slot in which it can be put in time for those
//! who saw it. What lies between is where no greater rank can come out.
//!
//! Deletes of unknown outcome are assigned to values by a guess ([`super::crashed`]): a value is due when one of a greater
//! rank is next found to come out.

use seriatim_model::{Kind, Model, Part};

use super::Outcome;
use super::crashed::{of_fronts, settle};
use super::items::{Conflict, Items, Life, Prefix, Span};
use super::prefix::{self, Known};
use crate::numbered::{NEVER, Numbered};

/// A part that meets the conditions: each value is put in at most once.
#[derive(Debug)]
pub(crate) struct Priority<'a> {
    items: Items<'a>,
    /// The values, those of the least rank first.
    by_rank: Vec<u32>,
    /// For each value, how many lesser ranks there are.
    level: Vec<u32>,
}

/// Where an operation stands among those of its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    /// What leaves, lesser ranks first; with what comes and leaves in between.
    Leave(u32, Step),
    /// Finding nothing.
    Nothing,
    /// What comes and stays, greater ranks first: the complement of a level.
    Come(u32, Step),
}

/// What may be done with several values of one rank: first this to all, then that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Put,
    Peek,
    Take,
}

/// An operation, with what it is sorted by.
type Written = (u32, Phase, u32);

impl<'a> Priority<'a> {
    /// `None` where the part does not meet the conditions.
    pub(super) fn new<M: Model>(model: &M, part: &Part<M::Op>, numbered: &'a Numbered<'a>) -> Option<Self> {
        let items = Items::new(model, part, numbered, Kind::PriorityQueue)?;
        let count = u32::try_from(items.values.len()).expect("fewer than 2^32 values");
        // A value that nobody puts in has no rank, and no prefix in which that matters.
        let rank = |value: u32| items.ranks.get(value as usize).copied().unwrap_or(0);
        let mut ranked: Vec<(i128, u32)> = (0..count).map(|value| (rank(value), value)).collect();
        ranked.sort_unstable();
        let mut level = vec![0; items.values.len()];
        let mut current = 0;
        for (at, &(rank, value)) in ranked.iter().enumerate() {
            current += u32::from(at > 0 && ranked[at - 1].0 != rank);
            level[value as usize] = current;
        }
        let by_rank = ranked.into_iter().map(|(_, value)| value).collect();
        Some(Self { items, by_rank, level })
    }

    pub(super) fn decide(&self) -> Outcome {
        let order = |mut written: Vec<Written>| {
            written.sort_unstable();
            written.into_iter().map(|(.., op)| op).collect()
        };
        let linearize = |end| self.judge(end, true, order);
        prefix::decide(&self.items, 0, linearize, |end| self.judge(end, false, |_| ()))
    }

    /// What the model's outcomes are along an order.
    pub(super) fn outcomes(&self, order: &[u32]) -> Vec<(u32, u32)> {
        super::outcome::choose(&self.items, order)
    }

    /// Judges the prefix that ends with the event `end`: `then` gets the operations, if they are to be written.
    fn judge<T>(&self, end: u32, is_written: bool, then: impl Fn(Vec<Written>) -> T) -> Known<T> {
        let items = &self.items;
        let prefix = match items.prefix(end) {
            Ok(prefix) => prefix,
            Err(conflict) => return Known::No(conflict),
        };
        let level = |prefix: &Prefix, at: usize| self.level[prefix.lives[at].value as usize];
        let key = |prefix: &Prefix, at: usize| u32::MAX - level(prefix, at);
        let demands = |prefix: &Prefix| of_fronts(items, prefix, key);
        settle(items, prefix, false, demands, key, |prefix| {
            let mut written = Vec::with_capacity(if is_written { items.does.len() } else { 0 });
            self.fit(prefix, is_written.then_some(&mut written))?;
            Ok(then(written))
        })
    }

    /// Finds a slot for each operation, and writes it where that is wanted.
    fn fit(&self, prefix: &mut Prefix, mut written: Option<&mut Vec<Written>>) -> Result<(), Conflict> {
        let mut place = vec![NEVER; self.level.len()];
        (0..).zip(&prefix.lives).for_each(|(at, life)| place[life.value as usize] = at);
        let mut free = Free::new(prefix.end + 1);
        let level = |value: &u32| self.level[*value as usize];
        for (at, group) in self.by_rank.chunk_by(|a, b| level(a) == level(b)).enumerate() {
            if self.items.numbered.is_over(at) {
                return Err(Conflict(prefix.end));
            }
            let places = || group.iter().map(|&value| place[value as usize]).filter(|&at| at != NEVER);
            for at in places() {
                let life = &mut prefix.lives[at as usize];
                let (put, taken) = self.live(life, &mut free, prefix.end)?;
                if let Some(written) = &mut written {
                    self.write(life, put, taken, &mut free, prefix.end, written);
                }
            }
            for at in places() {
                let life = &prefix.lives[at as usize];
                free.cover(life.first_ret, life.last_call);
            }
        }
        self.items.place(prefix, |_| true)?;
        if let Some(written) = &mut written {
            written.extend(prefix.empties.iter().map(|&(slot, op)| (slot, Phase::Nothing, op)));
        }
        Ok(())
    }

    /// Narrows the life of a value to the slots in which it must be there, and tells the slot in which it is put in and
    /// the one in which it is taken, if it is. There is none where a lesser rank is there whenever it should be the first.
    fn live(&self, life: &mut Life, free: &mut Free, end: u32) -> Result<(u32, Option<u32>), Conflict> {
        // It is put in before the last slots in which it can be seen. The first ones come before it can be taken.
        let mut latest = life.first_ret - 1;
        for op in self.items.peeks(life.value, end) {
            let Span { call, ret } = self.items.spans[op as usize];
            let first = free.next(call.max(life.put_call)).filter(|&slot| slot < ret);
            first.ok_or(Conflict(ret))?;
            latest = latest.min(free.previous(ret - 1).ok_or(Conflict(ret))?);
        }
        let taken = match life.take {
            Some(_) if life.last_call != NEVER => free.next(life.last_call),
            _ => None,
        };
        if life.was_taken() {
            let ret = life.take_ret;
            taken.filter(|&slot| slot < ret).ok_or(Conflict(ret))?;
            latest = latest.min(free.previous(ret - 1).ok_or(Conflict(ret))?);
        }
        life.first_ret = latest + 1;
        life.last_call = taken.unwrap_or(NEVER);
        Ok((taken.map_or(latest, |taken| taken.min(latest)), taken))
    }

    fn write(
        &self,
        life: &Life,
        put: u32,
        taken: Option<u32>,
        free: &mut Free,
        end: u32,
        written: &mut Vec<Written>,
    ) {
        let level = self.level[life.value as usize];
        // What is put in when it is taken, or later than it could be, comes and leaves in one slot.
        let is_passing = taken.is_some_and(|taken| taken == put);
        let phase = |slot: u32, step| {
            if slot == put && !is_passing { Phase::Come(!level, step) } else { Phase::Leave(level, step) }
        };
        written.push((put, phase(put, Step::Put), life.put));
        for op in self.items.peeks(life.value, end) {
            let slot = free.next(self.items.spans[op as usize].call.max(put));
            let slot = slot.expect("a slot was found when the life was narrowed");
            written.push((slot, phase(slot, Step::Peek), op));
        }
        if let (Some(slot), Some(take)) = (taken, life.take) {
            written.push((slot, Phase::Leave(level, Step::Take), take));
        }
    }
}

/// The slots in which nothing need be there.
#[derive(Debug)]
struct Free {
    /// For each slot one from it on, on the way to the first free one; itself where it is free. One more than there are
    /// slots: it is always free.
    next: Vec<u32>,
    /// For each slot, shifted by one, a slot up to it on the way to the last free one.
    previous: Vec<u32>,
}

impl Free {
    fn new(slots: u32) -> Self {
        Self { next: (0..=slots).collect(), previous: (0..=slots).collect() }
    }

    /// The first free slot from one on.
    fn next(&mut self, slot: u32) -> Option<u32> {
        let found = end(&mut self.next, slot);
        (found as usize + 1 < self.next.len()).then_some(found)
    }

    /// The last free slot up to one.
    fn previous(&mut self, slot: u32) -> Option<u32> {
        end(&mut self.previous, slot + 1).checked_sub(1)
    }

    /// The slots from one to before another are free no more.
    fn cover(&mut self, from: u32, to: u32) {
        while let Some(slot) = self.next(from).filter(|&slot| slot < to) {
            self.next[slot as usize] = slot + 1;
            self.previous[slot as usize + 1] = slot;
        }
    }
}

/// The end of a way, which is half as long from then on.
fn end(ways: &mut [u32], mut at: u32) -> u32 {
    while ways[at as usize] != at {
        ways[at as usize] = ways[ways[at as usize] as usize];
        at = ways[at as usize];
    }
    at
}
