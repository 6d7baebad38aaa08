//! A queue, a stack, a bag or a priority queue: which values may be there, and in which order.
//!
//! Only values all of whose puts are kept are *tracked*: of any other nothing is known, so what is said of it is taken on
//! trust. What is known are the tracked values that were put in and not taken out, in order. Where an operation that was
//! left out may have taken one, that one is *lost*: it may be there or not, so it is in nobody's way. All that are there
//! are among those that are known, in the same order, and but for lost ones all that are known are there.

use seriatim_history::ValueId;

use super::gap::{Mask, Other, Windows};
use super::orders::Object;
use crate::access::{Access, Kind};

/// A value by its place among those of the kept operations; `None` where it is not tracked.
type Tracked = Option<u8>;

#[derive(Clone, Copy)]
enum Does {
    Put(Tracked),
    Take(Tracked),
    Peek(Tracked),
    Empty,
    TakeAny,
}

pub(super) struct Container {
    kind: Kind,
    does: Vec<Does>,
    /// For each value its rank.
    ranks: Vec<i128>,
    /// For each value, where those that were left out may take it.
    take: Vec<Windows>,
    /// Where those that were left out may take any value.
    take_any: Windows,
}

/// A value that was put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Item {
    value: u8,
    is_lost: bool,
}

impl Container {
    /// `None` where an operation is none of a container of this kind.
    pub(super) fn new(kind: Kind, accesses: &[Access], others: impl Iterator<Item = Other>) -> Option<Self> {
        let mut values: Vec<ValueId> = Vec::new();
        let mut ranks: Vec<Option<i128>> = Vec::new();
        for access in accesses {
            if let &(Access::Put(value)
            | Access::PutRanked(value, _)
            | Access::Take(value)
            | Access::Peek(value)) = access
                && !values.contains(&value)
            {
                values.push(value);
                ranks.push(None);
            }
        }
        let place = |value: ValueId| values.iter().position(|&known| known == value);
        let mut is_tracked = vec![true; values.len()];
        for access in accesses {
            // A value has one rank.
            let (value, rank) = match *access {
                Access::Put(value) => (value, 0),
                Access::PutRanked(value, rank) => (value, rank),
                _ => continue,
            };
            let at = place(value)?;
            is_tracked[at] &= ranks[at].replace(rank).is_none_or(|known| known == rank);
        }
        let mut take = vec![Windows::default(); values.len()];
        let mut take_any = Windows::default();
        for other in others {
            match other.access? {
                Access::Put(value) | Access::PutRanked(value, _) => {
                    place(value).into_iter().for_each(|at| is_tracked[at] = false);
                }
                Access::Take(value) => {
                    place(value).into_iter().for_each(|at| take[at].add(other.window));
                }
                Access::TakeAny => take_any.add(other.window),
                Access::Peek(_) | Access::Empty => {}
                _ => return None,
            }
        }
        let tracked = |value: ValueId| {
            let at = place(value).filter(|&at| is_tracked[at])?;
            u8::try_from(at).ok()
        };
        let does = accesses.iter().map(|access| {
            Some(match *access {
                Access::Put(value) | Access::PutRanked(value, _) => Does::Put(tracked(value)),
                Access::Take(value) => Does::Take(tracked(value)),
                Access::Peek(value) => Does::Peek(tracked(value)),
                Access::Empty => Does::Empty,
                Access::TakeAny => Does::TakeAny,
                _ => return None,
            })
        });
        let does = does.collect::<Option<Vec<_>>>()?;
        let ranks = ranks.into_iter().map(|rank| rank.unwrap_or(0)).collect();
        Some(Self { kind, does, ranks, take, take_any })
    }

    /// What is there once a value comes out next, and where in it that value stands; `None` where it cannot be the next.
    fn reach(&self, items: &[Item], value: u8) -> Option<(Vec<Item>, usize)> {
        let is_it = |item: &Item| item.value == value;
        let at = match self.kind {
            Kind::Stack => items.iter().rposition(is_it)?,
            _ => items.iter().position(is_it)?,
        };
        let rank = |item: &Item| self.ranks[item.value as usize];
        let is_in_the_way = |place: usize, item: &Item| match self.kind {
            Kind::Queue => place < at,
            Kind::Stack => place > at,
            Kind::PriorityQueue => rank(item) < rank(&items[at]),
            _ => false,
        };
        let blocks = |(place, item): (usize, &Item)| is_in_the_way(place, item) && !item.is_lost;
        if items.iter().enumerate().any(blocks) {
            return None;
        }
        // Who was in the way is gone. Of several of one value nobody knows which one it is.
        let is_one = items.iter().filter(|item| is_it(item)).count() == 1;
        let left = items.iter().enumerate().filter(|&(place, item)| !is_one || !is_in_the_way(place, item));
        let left: Vec<(usize, Item)> = left.map(|(place, &item)| (place, item)).collect();
        let stands = left.iter().position(|&(place, _)| place == at)?;
        Some((left.into_iter().map(|(_, item)| item).collect(), stands))
    }

    fn taken(&self, items: &[Item], value: u8) -> Option<Vec<Item>> {
        let (mut left, at) = self.reach(items, value)?;
        // If one of several may have been lost, then the one that is taken may be any of them.
        let is_any_lost = left.iter().any(|item| item.value == value && item.is_lost);
        left.remove(at);
        left.iter_mut().filter(|item| item.value == value).for_each(|item| item.is_lost |= is_any_lost);
        Some(left)
    }

    fn is_ordered(&self) -> bool {
        matches!(self.kind, Kind::Queue | Kind::Stack)
    }
}

impl Object for Container {
    type State = Vec<Item>;

    fn start(&self) -> Vec<Item> {
        Vec::new()
    }

    fn next(&self, items: &Vec<Item>, done: Mask, op: usize) -> impl IntoIterator<Item = Vec<Item>> {
        let any = self.take_any.is_open(done);
        let lose = |&Item { value, is_lost }: &Item| {
            let is_lost = is_lost || any || self.take[value as usize].is_open(done);
            Item { value, is_lost }
        };
        let mut items: Vec<Item> = items.iter().map(lose).collect();
        let mut next: Vec<Vec<Item>> = Vec::new();
        match self.does[op] {
            Does::Put(None) | Does::Take(None) | Does::Peek(None) => next.push(items),
            Does::Put(Some(value)) => {
                items.push(Item { value, is_lost: false });
                next.push(items);
            }
            Does::Take(Some(value)) => next.extend(self.taken(&items, value)),
            Does::Peek(Some(value)) => next.extend(self.reach(&items, value).map(|(mut left, at)| {
                // It is there now, if it is the only one.
                let is_one = left.iter().filter(|item| item.value == value).count() == 1;
                left[at].is_lost &= !is_one;
                left
            })),
            Does::Empty => next.extend(items.iter().all(|item| item.is_lost).then(Vec::new)),
            Does::TakeAny => {
                // It may have taken a value of which nothing is known, too.
                let mut values: Vec<u8> = items.iter().map(|item| item.value).collect();
                values.sort_unstable();
                values.dedup();
                next.extend(values.into_iter().filter_map(|value| self.taken(&items, value)));
                next.push(items);
            }
        }
        if !self.is_ordered() {
            next.iter_mut().for_each(|items| items.sort_unstable());
        }
        next
    }
}
