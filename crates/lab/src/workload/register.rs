//! Registers, read half of the time.

use std::collections::BTreeMap;
use std::time::Duration;

use super::lives::Lives;
use super::{Draw, Finale, Generator};
use crate::request::Request;
use crate::seed::Dice;

/// How many values there are where they come again.
const FEW: u64 = 5;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Values {
    /// Each is put in once.
    Unique,
    /// They come again.
    Few,
}

struct Registers {
    dice: Dice,
    lives: Lives,
    /// The last value that was drawn for a register.
    last: BTreeMap<u32, i64>,
    values: Values,
    /// How many of a hundred requests are compare-and-sets.
    swaps: u64,
}

/// Reads and writes, each value once.
pub(super) fn unique(seed: u64, _clients: usize) -> Box<dyn Generator> {
    registers(seed, Values::Unique, 0)
}

/// Reads, writes and compare-and-sets, each value once.
pub(super) fn cas(seed: u64, _clients: usize) -> Box<dyn Generator> {
    registers(seed, Values::Unique, 20)
}

/// Reads, writes and compare-and-sets of few values.
pub(super) fn small(seed: u64, _clients: usize) -> Box<dyn Generator> {
    registers(seed, Values::Few, 20)
}

fn registers(seed: u64, values: Values, swaps: u64) -> Box<dyn Generator> {
    let lives = Lives::new("r", 3, if values == Values::Few { 150 } else { 300 });
    Box::new(Registers { dice: Dice::new(seed, "register"), lives, last: BTreeMap::new(), values, swaps })
}

impl Registers {
    fn fresh(&mut self, object: u32) -> i64 {
        match self.values {
            Values::Few => self.dice.below(FEW) as i64,
            Values::Unique => {
                let last = self.last.entry(object).or_default();
                *last += 1;
                *last
            }
        }
    }

    /// What may be there: a value that was drawn not long ago.
    fn guess(&mut self, new: i64) -> i64 {
        match self.values {
            Values::Few => self.dice.below(FEW) as i64,
            Values::Unique => (new - 1 - self.dice.below(3) as i64).max(1),
        }
    }
}

impl Generator for Registers {
    fn next(&mut self, _client: usize) -> Draw {
        let object = self.lives.draw(&mut self.dice);
        let key = self.lives.key(object);
        let drawn = self.dice.below(100);
        let request = if drawn < 50 {
            Request::Read { key }
        } else {
            let new = self.fresh(object);
            if drawn < 50 + self.swaps && (self.values == Values::Few || new > 1) {
                let old = self.guess(new);
                Request::Cas { key, old, new }
            } else {
                Request::Write { key, value: new }
            }
        };
        Draw { request, wait: Duration::ZERO }
    }

    fn finale(&self) -> Finale {
        let reads = self.lives.alive().into_iter().map(|key| Request::Read { key }).collect();
        Finale { reads, ..Finale::default() }
    }
}
