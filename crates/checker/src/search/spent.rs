//! Multisets of operations that never return and were used all the same: how many of each kind.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;

use crate::interner::Interner;
use crate::limits::growing;

/// The number of a multiset.
pub(crate) type SpentId = u32;

/// Every multiset that came up, each once.
#[derive(Debug)]
pub(crate) struct Spent {
    all: Interner<Box<[(u32, u32)]>>,
    /// What one more of a kind makes of a multiset.
    more: Mutex<FxHashMap<(SpentId, u32), SpentId>>,
    /// How many kinds all multisets tell of, one after the other.
    told: AtomicUsize,
}

impl Spent {
    /// Nothing was used.
    pub(crate) const NOTHING: SpentId = 0;

    pub(crate) fn new() -> Self {
        let all = Interner::new();
        all.number(Box::default());
        Self { all, more: Mutex::default(), told: AtomicUsize::new(0) }
    }

    /// How many of `kind` were used.
    pub(crate) fn count(&self, spent: SpentId, kind: u32) -> u32 {
        let counts = self.counts(spent);
        counts.binary_search_by_key(&kind, |&(kind, _)| kind).map_or(0, |at| counts[at].1)
    }

    /// One more of `kind`.
    pub(crate) fn add(&self, spent: SpentId, kind: u32) -> SpentId {
        if let Some(&known) = self.more().get(&(spent, kind)) {
            return known;
        }
        let counts = self.counts(spent);
        let more = match counts.binary_search_by_key(&kind, |&(kind, _)| kind) {
            Ok(at) => {
                let mut more: Box<[_]> = counts.into();
                more[at].1 += 1;
                more
            }
            Err(at) => [&counts[..at], &[(kind, 1)], &counts[at..]].concat().into(),
        };
        let id = self.number(more);
        self.more().insert((spent, kind), id);
        id
    }

    /// Those of some kinds only.
    pub(crate) fn only(&self, spent: SpentId, keep: impl Fn(u32) -> bool) -> SpentId {
        let counts = self.counts(spent);
        if counts.iter().all(|&(kind, _)| keep(kind)) {
            return spent;
        }
        self.number(counts.iter().copied().filter(|&(kind, _)| keep(kind)).collect())
    }

    fn number(&self, counts: Box<[(u32, u32)]>) -> SpentId {
        let told = counts.len();
        let (id, is_new) = self.all.number(counts);
        if is_new {
            self.told.fetch_add(told, Ordering::Relaxed);
        }
        id
    }

    fn more(&self) -> MutexGuard<'_, FxHashMap<(SpentId, u32), SpentId>> {
        self.more.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether `a` used at most as many of each kind as `b`, or where it used more has `enough` of them left: asked with
    /// the kind and how many were used.
    pub(crate) fn at_most(&self, a: SpentId, b: SpentId, enough: impl Fn(u32, u32) -> bool) -> bool {
        if a == b || a == Self::NOTHING {
            return true;
        }
        let mut of_b = self.counts(b).iter().peekable();
        self.counts(a).iter().all(|&(kind, count)| {
            while of_b.next_if(|&&(other, _)| other < kind).is_some() {}
            let used = of_b.next_if(|&&(other, _)| other == kind).map_or(0, |&(_, used)| used);
            used >= count || enough(kind, count)
        })
    }

    /// The kinds that were used and how many of each, in the order of kinds.
    pub(crate) fn counts(&self, spent: SpentId) -> &[(u32, u32)] {
        self.all.get(spent)
    }

    /// About how many bytes it holds until `soon` more came up.
    pub(crate) fn bytes(&self, soon: usize) -> usize {
        /// What the allocator keeps for itself of each multiset.
        const HEADER: usize = 16;
        let more = self.more();
        self.all.bytes(soon)
            + self.told.load(Ordering::Relaxed) * size_of::<(u32, u32)>()
            + more.len() * HEADER
            + growing(more.len(), more.capacity(), size_of::<((SpentId, u32), SpentId)>() + 1, soon)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multisets_are_compared_kind_by_kind() {
        let spent = Spent::new();
        let one = spent.add(Spent::NOTHING, 1);
        let two = spent.add(one, 1);
        let other = spent.add(Spent::NOTHING, 2);
        let both = spent.add(one, 2);
        assert_eq!(spent.add(other, 1), both);
        assert_eq!((spent.count(two, 1), spent.count(two, 2)), (2, 0));
        let at_most = |a, b| spent.at_most(a, b, |_, _| false);
        assert!(
            at_most(Spent::NOTHING, one) && at_most(one, two) && at_most(one, both) && at_most(other, both)
        );
        assert!(!at_most(two, one) && !at_most(two, both) && !at_most(other, two) && !at_most(both, two));
        assert!(!at_most(one, Spent::NOTHING) && !at_most(one, other));
        let enough = |kind, count| kind == 1 && count < 2;
        assert!(spent.at_most(one, Spent::NOTHING, enough) && spent.at_most(both, other, enough));
        assert!(!spent.at_most(two, Spent::NOTHING, enough) && !spent.at_most(both, one, enough));
    }
}
