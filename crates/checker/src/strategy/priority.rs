//! A priority queue of distinct values, of which several may have one rank (ALGORITHMS §C4).
//!
//! From the least rank to the greatest: a value is taken in the first slot that its operations allow and in which no
//! value of a lesser rank must be there; it must be there from the last slot in which it can be put in time for those
//! who saw it. What lies between is where no greater rank can come out.

use seriatim_model::{Kind, Model, Part};

use super::items::{Does, Items, Life, Prefix, Span};
use crate::numbered::{NEVER, Numbered};

/// A part that meets the conditions: each value is put in at most once, and whatever was taken is known.
#[derive(Debug)]
pub(crate) struct Priority<'a> {
    items: Items<'a>,
}

/// Where an operation stands among those of its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    /// What leaves, lesser ranks first; with what comes and leaves in between.
    Leave(i128, Step),
    /// Finding nothing.
    Nothing,
    /// What comes and stays, greater ranks first: the complement of a rank.
    Come(i128, Step),
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
    pub(super) fn new<M: Model>(model: &M, part: &Part<M::Op>, numbered: &'a Numbered) -> Option<Self> {
        let items = Items::new(model, part, numbered, Kind::PriorityQueue)?;
        (!items.any(Does::TakeAny)).then_some(Self { items })
    }

    /// A linearization of the prefix that ends with the return `cut`: the operations in order. `None` where there is none.
    pub(super) fn linearize(&self, cut: u32) -> Option<Vec<u32>> {
        let Prefix { mut lives, mut empties } = self.items.prefix(cut)?;
        let rank = |life: &Life| self.items.ranks[life.value as usize];
        lives.sort_unstable_by_key(|life| (rank(life), life.value));
        let mut free = Free::new(self.items.events);
        let mut written: Vec<Written> = Vec::with_capacity(self.items.does.len());
        for group in lives.chunk_by_mut(|a, b| rank(a) == rank(b)) {
            let rank = rank(&group[0]);
            for life in &mut *group {
                self.live(life, rank, &mut free, cut, &mut written)?;
            }
            for life in group {
                free.cover(life.first_ret, life.last_call);
            }
        }
        self.items.place(&lives, &mut empties)?;
        written.extend(empties.into_iter().map(|(slot, op)| (slot, Phase::Nothing, op)));
        written.sort_unstable();
        Some(written.into_iter().map(|(.., op)| op).collect())
    }

    /// Finds a slot for each operation of a value, and narrows its life to the slots in which it must be there. `None`
    /// where a lesser rank is there whenever the value should be the first.
    fn live(
        &self,
        life: &mut Life,
        rank: i128,
        free: &mut Free,
        cut: u32,
        written: &mut Vec<Written>,
    ) -> Option<()> {
        // It is taken after the first slots in which it can be seen, and put in before the last ones.
        let (mut earliest, mut latest) = (life.put_call, life.first_ret - 1);
        for op in self.items.peeks(life.value, cut) {
            let Span { call, ret } = self.items.spans[op as usize];
            earliest = earliest.max(free.next(call.max(life.put_call)).filter(|&slot| slot < ret)?);
            latest = latest.min(free.previous(ret - 1)?);
        }
        let taken = match life.take {
            Some(_) if life.last_call != NEVER => free.next(life.last_call.max(earliest)),
            _ => None,
        };
        if life.take_ret != NEVER {
            taken.filter(|&slot| slot < life.take_ret)?;
            latest = latest.min(free.previous(life.take_ret - 1)?);
        }
        let put = taken.map_or(latest, |taken| taken.min(latest));
        life.first_ret = latest + 1;
        life.last_call = taken.unwrap_or(NEVER);
        // What is put in when it is taken, or later than it could be, comes and leaves in one slot.
        let is_passing = taken.is_some_and(|taken| taken == put);
        let phase = |slot: u32, step| {
            if slot == put && !is_passing { Phase::Come(!rank, step) } else { Phase::Leave(rank, step) }
        };
        written.push((put, phase(put, Step::Put), life.put));
        for op in self.items.peeks(life.value, cut) {
            let slot = free.next(self.items.spans[op as usize].call.max(put))?;
            written.push((slot, phase(slot, Step::Peek), op));
        }
        if let (Some(slot), Some(take)) = (taken, life.take) {
            written.push((slot, Phase::Leave(rank, Step::Take), take));
        }
        Some(())
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
