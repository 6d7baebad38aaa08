//! Random numbers that a seed determines, on every machine.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

/// Random numbers that a seed determines.
#[derive(Clone, Debug)]
pub(crate) struct Dice(Xoshiro256PlusPlus);

impl Dice {
    /// Those of a seed, for some purpose: what is drawn for one says nothing about another.
    pub(crate) fn new(seed: u64, purpose: &str) -> Self {
        // FNV-1a: it only has to keep purposes apart.
        let mixed = purpose.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(Xoshiro256PlusPlus::seed_from_u64(seed ^ mixed))
    }

    /// Any number.
    pub(crate) fn any(&mut self) -> u64 {
        self.0.random()
    }

    /// A number below another, which is not 0.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0.random_range(0..end.max(1))
    }

    /// A place in a list that is not empty.
    pub(crate) fn place(&mut self, len: usize) -> usize {
        self.0.random_range(0..len.max(1))
    }

    /// Yes, in so many of a hundred cases.
    pub(crate) fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    /// A number of milliseconds, both ends included.
    pub(crate) fn millis(&mut self, from: u64, to: u64) -> u64 {
        self.0.random_range(from..=to.max(from))
    }
}
