//! What a lock is for: clients add to one ledger, each while it believes to hold the lock.
//!
//! Whoever got the lock looks at the ledger, and some milliseconds later puts in what it saw and one more. The ledger is the lab's
//! own and does at once what it is told, so whatever goes wrong is the lock's. Where the ledger checks tokens, it takes nothing
//! from whoever comes with an older one than it has seen: that is the standard defence against locks that end unnoticed.

use std::time::Duration;

use super::{Draw, Finale, Generator};
use crate::request::{Answer, Outcome, Reply, Request};
use crate::seed::Dice;

const LOCK: &str = "lock";
const LEDGER: &str = "ledger";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// It holds nothing.
    Free,
    /// It got the lock, with a token, and saw what the ledger had.
    Holding { token: Option<i64>, saw: i64 },
    /// It is to give the lock back.
    Over,
}

struct Guarded {
    dice: Dice,
    steps: Vec<Step>,
    ledger: i64,
    /// The latest token that the ledger has seen, where it checks.
    latest: Option<i64>,
    is_checked: bool,
}

/// A ledger that takes whatever comes.
pub(super) fn unchecked(seed: u64, clients: usize) -> Box<dyn Generator> {
    Box::new(guarded(seed, clients, false))
}

/// A ledger that checks tokens.
pub(super) fn checked(seed: u64, clients: usize) -> Box<dyn Generator> {
    Box::new(guarded(seed, clients, true))
}

fn guarded(seed: u64, clients: usize, is_checked: bool) -> Guarded {
    let dice = Dice::new(seed, "guarded");
    Guarded { dice, steps: vec![Step::Free; clients], ledger: 0, latest: None, is_checked }
}

impl Guarded {
    /// Whether the ledger takes a token; it remembers the latest.
    fn takes(&mut self, token: Option<i64>) -> bool {
        if self.is_checked && token < self.latest {
            return false;
        }
        self.latest = self.latest.max(token);
        true
    }
}

impl Generator for Guarded {
    fn next(&mut self, client: usize) -> Draw {
        match self.steps[client] {
            Step::Free if self.dice.percent(20) => {
                Draw { request: Request::Count { key: LEDGER.to_owned() }, wait: Duration::ZERO }
            }
            Step::Free => Draw { request: Request::Acquire { key: LOCK.to_owned() }, wait: Duration::ZERO },
            Step::Holding { .. } => {
                let wait = Duration::from_millis(self.dice.millis(3, 30));
                Draw { request: Request::Increment { key: LEDGER.to_owned(), by: 1 }, wait }
            }
            Step::Over => Draw { request: Request::Release { key: LOCK.to_owned() }, wait: Duration::ZERO },
        }
    }

    fn answer(&mut self, client: usize, request: &Request) -> Option<Reply> {
        match request {
            Request::Count { .. } => Some(Reply::ok(Answer::Value(Some(self.ledger)))),
            Request::Increment { by, .. } => {
                let Step::Holding { token, saw } = self.steps[client] else {
                    return Some(Reply::fail("it does not hold the lock"));
                };
                if !self.takes(token) {
                    return Some(Reply::fail("the ledger has seen a later token"));
                }
                self.ledger = saw + by;
                Some(Reply::ok(Answer::Done))
            }
            _ => None,
        }
    }

    fn saw(&mut self, client: usize, request: &Request, outcome: &Outcome) {
        match (request, outcome) {
            (Request::Acquire { .. }, Outcome::Ok(Answer::Granted(token))) => {
                // To look is to come with a token, too: a put of an earlier holder must not come between.
                self.steps[client] = if self.takes(*token) {
                    Step::Holding { token: *token, saw: self.ledger }
                } else {
                    Step::Over
                };
            }
            (Request::Increment { .. }, _) => self.steps[client] = Step::Over,
            (Request::Release { .. }, _) => self.steps[client] = Step::Free,
            _ => {}
        }
    }

    fn finale(&self) -> Finale {
        Finale::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first client stands still while it holds the lock, which the second gets meanwhile.
    fn overtaken(is_checked: bool) -> (Outcome, i64) {
        let mut guarded = guarded(1, 2, is_checked);
        let acquire = Request::Acquire { key: LOCK.to_owned() };
        let add = Request::Increment { key: LEDGER.to_owned(), by: 1 };
        guarded.saw(0, &acquire, &Outcome::Ok(Answer::Granted(Some(5))));
        for token in [6, 7] {
            guarded.saw(1, &acquire, &Outcome::Ok(Answer::Granted(Some(token))));
            let reply = guarded.answer(1, &add).expect("the ledger answers");
            assert_eq!(reply.outcome, Outcome::Ok(Answer::Done));
            guarded.saw(1, &add, &reply.outcome);
        }
        let late = guarded.answer(0, &add).expect("the ledger answers");
        (late.outcome, guarded.ledger)
    }

    #[test]
    fn without_tokens_whoever_comes_late_undoes_what_others_did() {
        assert_eq!(overtaken(false), (Outcome::Ok(Answer::Done), 1));
    }

    #[test]
    fn with_tokens_whoever_comes_late_is_refused() {
        assert_eq!(overtaken(true), (Outcome::Fail("the ledger has seen a later token".to_owned()), 2));
    }

    #[test]
    fn a_client_acquires_adds_and_releases_and_looks_in_between() {
        let mut guarded = guarded(1, 1, true);
        let mut said = Vec::new();
        for token in 0..200 {
            let request = guarded.next(0).request;
            let outcome = guarded
                .answer(0, &request)
                .map_or(Outcome::Ok(Answer::Granted(Some(token))), |reply| reply.outcome);
            guarded.saw(0, &request, &outcome);
            said.push(request.function());
        }
        let told = said.join(" ").replace("read ", "");
        assert!(told.starts_with("acquire add release acquire add release"), "{told}");
        assert!(said.contains(&"read"));
        assert_eq!(guarded.ledger, said.iter().filter(|function| **function == "add").count() as i64);
    }
}
