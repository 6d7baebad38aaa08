//! Two locks that are taken, held for some milliseconds and given back.
//!
//! Whoever believes to hold a lock gives it back some time, whatever became of it meanwhile.

use std::time::Duration;

use super::{Draw, Finale, Generator};
use crate::request::{Answer, Outcome, Request};
use crate::seed::Dice;

/// How many locks there are.
const LOCKS: u64 = 2;

struct Locks {
    dice: Dice,
    /// What each client believes to hold.
    held: Vec<Option<String>>,
}

/// Locks, by a seed and for so many clients.
pub(super) fn begin(seed: u64, clients: usize) -> Box<dyn Generator> {
    Box::new(Locks { dice: Dice::new(seed, "lock"), held: vec![None; clients] })
}

impl Generator for Locks {
    fn next(&mut self, client: usize) -> Draw {
        match self.held[client].take() {
            Some(key) => {
                let wait = Duration::from_millis(self.dice.millis(3, 30));
                Draw { request: Request::Release { key }, wait }
            }
            None => {
                let key = format!("lock{}", self.dice.below(LOCKS));
                Draw { request: Request::Acquire { key }, wait: Duration::ZERO }
            }
        }
    }

    fn saw(&mut self, client: usize, request: &Request, outcome: &Outcome) {
        if let (Request::Acquire { key }, Outcome::Ok(Answer::Granted(_))) = (request, outcome) {
            self.held[client] = Some(key.clone());
        }
    }

    fn finale(&self) -> Finale {
        Finale::default()
    }
}
