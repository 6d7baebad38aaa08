//! Banks of four accounts. A client looks at them, then moves something between two if they still hold what it saw.

use std::time::Duration;

use super::lives::Lives;
use super::{Draw, Finale, Generator};
use crate::request::{Answer, Outcome, Request};
use crate::seed::Dice;

/// Accounts of a bank.
const ACCOUNTS: usize = 4;

struct Banks {
    dice: Dice,
    lives: Lives,
    /// What each client saw last.
    seen: Vec<Option<Vec<(String, i64)>>>,
}

/// Banks, by a seed and for so many clients.
pub(super) fn begin(seed: u64, clients: usize) -> Box<dyn Generator> {
    Box::new(Banks {
        dice: Dice::new(seed, "bank"),
        lives: Lives::new("b", 3, 150),
        seen: vec![None; clients],
    })
}

fn accounts(bank: &str) -> Vec<String> {
    (1..=ACCOUNTS).map(|account| format!("{bank}-{account}")).collect()
}

impl Generator for Banks {
    fn next(&mut self, client: usize) -> Draw {
        let request = match self.seen[client].take() {
            Some(seen) => {
                let from = self.dice.place(seen.len());
                let to = (from + 1 + self.dice.place(seen.len() - 1)) % seen.len();
                let amount = 1 + self.dice.below(5) as i64;
                Request::Transfer { from: seen[from].clone(), to: seen[to].clone(), amount }
            }
            None => {
                let object = self.lives.draw(&mut self.dice);
                Request::ReadAccounts { accounts: accounts(&self.lives.key(object)) }
            }
        };
        Draw { request, wait: Duration::ZERO }
    }

    fn saw(&mut self, client: usize, request: &Request, outcome: &Outcome) {
        if let (Request::ReadAccounts { accounts }, Outcome::Ok(Answer::Balances(balances))) =
            (request, outcome)
        {
            self.seen[client] = Some(accounts.iter().cloned().zip(balances.iter().copied()).collect());
        }
    }

    fn finale(&self) -> Finale {
        let reads = (0..self.lives.born())
            .map(|object| Request::ReadAccounts { accounts: accounts(&self.lives.key(object)) })
            .collect();
        Finale { reads, is_needed: true, ..Finale::default() }
    }
}
