//! A few counters; one of five requests reads.

use std::time::Duration;

use super::lives::Lives;
use super::{Draw, Finale, Generator};
use crate::request::Request;
use crate::seed::Dice;

struct Counters {
    dice: Dice,
    lives: Lives,
}

/// Counters, by a seed.
pub(super) fn begin(seed: u64, _clients: usize) -> Box<dyn Generator> {
    Box::new(Counters { dice: Dice::new(seed, "counter"), lives: Lives::new("c", 2, 1_000) })
}

impl Generator for Counters {
    fn next(&mut self, _client: usize) -> Draw {
        let object = self.lives.draw(&mut self.dice);
        let key = self.lives.key(object);
        let request =
            if self.dice.percent(20) { Request::Count { key } } else { Request::Increment { key, by: 1 } };
        Draw { request, wait: Duration::ZERO }
    }

    fn finale(&self) -> Finale {
        let reads =
            (0..self.lives.born()).map(|object| Request::Count { key: self.lives.key(object) }).collect();
        Finale { reads, is_needed: true, ..Finale::default() }
    }
}
