//! Short logs; one of six requests reads a whole one.

use std::collections::BTreeMap;
use std::time::Duration;

use super::lives::Lives;
use super::{Draw, Finale, Generator};
use crate::request::Request;
use crate::seed::Dice;

struct Logs {
    dice: Dice,
    lives: Lives,
    last: BTreeMap<u32, i64>,
}

/// Logs, by a seed.
pub(super) fn begin(seed: u64, _clients: usize) -> Box<dyn Generator> {
    Box::new(Logs { dice: Dice::new(seed, "log"), lives: Lives::new("l", 3, 120), last: BTreeMap::new() })
}

impl Generator for Logs {
    fn next(&mut self, _client: usize) -> Draw {
        let object = self.lives.draw(&mut self.dice);
        let key = self.lives.key(object);
        let request = if self.dice.below(6) == 0 {
            Request::ReadLog { key }
        } else {
            let last = self.last.entry(object).or_default();
            *last += 1;
            Request::Append { key, value: *last }
        };
        Draw { request, wait: Duration::ZERO }
    }

    fn finale(&self) -> Finale {
        let reads =
            (0..self.lives.born()).map(|object| Request::ReadLog { key: self.lives.key(object) }).collect();
        Finale { reads, is_needed: true, ..Finale::default() }
    }
}
