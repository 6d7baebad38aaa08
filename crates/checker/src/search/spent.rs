//! Multisets of operations that never return and were used all the same: how many of each kind.

use rustc_hash::FxHashMap;

/// The number of a multiset.
pub(crate) type SpentId = u32;

/// Every multiset that came up, each once.
#[derive(Debug)]
pub(crate) struct Spent {
    all: Vec<Box<[(u32, u32)]>>,
    numbers: FxHashMap<Box<[(u32, u32)]>, SpentId>,
    more: FxHashMap<(SpentId, u32), SpentId>,
    pairs: usize,
}

impl Spent {
    /// Nothing was used.
    pub(crate) const NOTHING: SpentId = 0;

    pub(crate) fn new() -> Self {
        let numbers = std::iter::once((Box::default(), Self::NOTHING)).collect();
        Self { all: vec![Box::default()], numbers, more: FxHashMap::default(), pairs: 0 }
    }

    /// How many of `kind` were used.
    pub(crate) fn count(&self, spent: SpentId, kind: u32) -> u32 {
        let counts = &self.all[spent as usize];
        counts.binary_search_by_key(&kind, |&(kind, _)| kind).map_or(0, |at| counts[at].1)
    }

    /// One more of `kind`, if that came up before.
    pub(crate) fn added(&self, spent: SpentId, kind: u32) -> Option<SpentId> {
        self.more.get(&(spent, kind)).copied()
    }

    /// One more of `kind`.
    pub(crate) fn add(&mut self, spent: SpentId, kind: u32) -> SpentId {
        if let Some(known) = self.added(spent, kind) {
            return known;
        }
        let mut counts = self.all[spent as usize].to_vec();
        match counts.binary_search_by_key(&kind, |&(kind, _)| kind) {
            Ok(at) => counts[at].1 += 1,
            Err(at) => counts.insert(at, (kind, 1)),
        }
        let id = self.number(counts.into());
        self.more.insert((spent, kind), id);
        id
    }

    /// Those of some kinds only.
    pub(crate) fn only(&mut self, spent: SpentId, keep: impl Fn(u32) -> bool) -> SpentId {
        let kept = self.counts(spent).iter().copied().filter(|&(kind, _)| keep(kind));
        let kept = kept.collect();
        self.number(kept)
    }

    fn number(&mut self, counts: Box<[(u32, u32)]>) -> SpentId {
        self.numbers.get(&counts).copied().unwrap_or_else(|| {
            let id = SpentId::try_from(self.all.len()).expect("fewer than 2^32 multisets");
            self.pairs += counts.len();
            self.all.push(counts.clone());
            self.numbers.insert(counts, id);
            id
        })
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
        &self.all[spent as usize]
    }

    /// About how many bytes it holds.
    pub(crate) fn bytes(&self) -> usize {
        self.pairs * 16 + self.all.capacity() * 16 + self.numbers.capacity() * 24 + self.more.capacity() * 16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multisets_are_compared_kind_by_kind() {
        let mut spent = Spent::new();
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
