//! Things and their numbers: each is kept once, and read by all threads without a lock.

use std::hash::{BuildHasher, Hash};
use std::sync::{Mutex, MutexGuard, PoisonError};

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;

use crate::limits::growing;

/// Numbers things from 0 on, in the order in which they come up.
#[derive(Debug)]
pub(crate) struct Interner<T> {
    all: boxcar::Vec<T>,
    /// Where each one stands, with the half of its hash by which it is found.
    places: Mutex<HashTable<(u32, u32)>>,
}

impl<T: Eq + Hash> Interner<T> {
    pub(crate) fn new() -> Self {
        Self { all: boxcar::Vec::new(), places: Mutex::new(HashTable::new()) }
    }

    /// The thing with a number that was given.
    pub(crate) fn get(&self, number: u32) -> &T {
        &self.all[number as usize]
    }

    /// The number of a thing, and whether it is new.
    pub(crate) fn number(&self, thing: T) -> (u32, bool) {
        let half = half_of(&thing);
        let mut places = self.places();
        if let Some(&(_, known)) =
            places.find(spread(half), |&(other, at)| other == half && *self.get(at) == thing)
        {
            return (known, false);
        }
        let number = u32::try_from(self.all.push(thing)).expect("fewer than 2^32 numbers");
        places.insert_unique(spread(half), (half, number), |&(half, _)| spread(half));
        (number, true)
    }

    /// About how many bytes it holds until `soon` more are numbered, without what they hold on the heap.
    pub(crate) fn bytes(&self, soon: usize) -> usize {
        let places = self.places();
        // Its place grows piece by piece, and nothing moves.
        (places.len() + soon) * size_of::<(T, usize)>()
            + growing(places.len(), places.capacity(), size_of::<(u32, u32)>() + 1, soon)
    }

    fn places(&self) -> MutexGuard<'_, HashTable<(u32, u32)>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The upper half of a hash.
fn half_of(thing: &impl Hash) -> u32 {
    (FxBuildHasher.hash_one(thing) >> 32) as u32
}

/// A hash for a table, which goes by its upper bits and its lower ones.
fn spread(half: u32) -> u64 {
    u64::from(half).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_are_numbered_once_in_their_order() {
        let interner = Interner::new();
        for round in 0..2 {
            for at in 0..10_000_u32 {
                assert_eq!(interner.number(at * 7), (at, round == 0));
            }
        }
        assert!((0..10_000).all(|at| *interner.get(at) == at * 7));
    }

    /// All of one hash.
    #[derive(Debug, PartialEq, Eq)]
    struct Alike(u32);

    impl Hash for Alike {
        fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
            0.hash(state);
        }
    }

    #[test]
    fn things_of_equal_hash_are_told_apart() {
        let interner = Interner::new();
        let numbers: Vec<u32> = (0..100).map(|at| interner.number(Alike(at)).0).collect();
        assert!(numbers.iter().copied().eq(0..100));
        assert_eq!(interner.number(Alike(42)), (42, false));
    }
}
