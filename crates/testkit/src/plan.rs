//! What to simulate.

use seriatim_model::ModelName;

use crate::rng::Rng;

/// How large a history is and what goes wrong in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// The model whose object is simulated.
    pub model: ModelName,
    /// How many operations.
    pub operations: usize,
    /// How many clients, each of which does one operation at a time.
    pub clients: usize,
    /// How many different values the clients write; 0 where each value is written once.
    pub values: usize,
    /// How many independent objects; 0 where operations have no key.
    pub keys: usize,
    /// How many operations overlap with one, about: from nearly one after the other (below 1) to all at once.
    pub spread: f64,
    /// The share of operations of unknown outcome.
    pub crash: f64,
    /// The share of operations that fail without any effect.
    pub fail: f64,
    /// The share of operations that are lied about.
    pub lie: f64,
    /// Whether a nemesis writes into the log, too.
    pub nemesis: bool,
}

impl Plan {
    /// A small history of a kind drawn at random, for comparison with the oracle.
    pub fn small(model: ModelName, rng: &mut Rng) -> Self {
        let lies = rng.chance(0.75);
        Self {
            model,
            operations: rng.between(3, 8),
            clients: rng.between(2, 5),
            values: *rng.pick(&[0, 0, 1, 2, 2, 3, 5]),
            keys: *rng.pick(&[0, 0, 0, 1, 2, 3]),
            spread: *rng.pick(&[0.4, 0.7, 1.0, 1.5, 2.0, 3.0]),
            crash: *rng.pick(&[0.0, 0.1, 0.2, 0.4]),
            fail: *rng.pick(&[0.0, 0.0, 0.1]),
            lie: if lies { *rng.pick(&[0.15, 0.3, 0.5]) } else { 0.0 },
            nemesis: rng.chance(0.1),
        }
    }

    /// A history that is too large for the oracle, of few values and often with many crashes: for comparison of one way
    /// to decide with another.
    pub fn medium(model: ModelName, rng: &mut Rng) -> Self {
        Self {
            operations: rng.between(6, 14),
            clients: rng.between(2, 6),
            values: *rng.pick(&[0, 0, 1, 2, 3, 4]),
            keys: 0,
            crash: *rng.pick(&[0.0, 0.1, 0.3, 0.5]),
            ..Self::small(model, rng)
        }
    }

    /// A history with 20 clients and more at work at once, or many crashes: too wide for a plain search.
    pub fn wide(model: ModelName, rng: &mut Rng) -> Self {
        let clients = rng.between(20, 40);
        Self {
            operations: rng.between(30, 120),
            clients,
            values: *rng.pick(&[0, 2, 3, 5, 20]),
            keys: 0,
            spread: clients as f64 * *rng.pick(&[0.3, 0.6, 1.0]),
            crash: *rng.pick(&[0.0, 0.02, 0.1, 0.3]),
            lie: *rng.pick(&[0.0, 0.03, 0.06]),
            ..Self::small(model, rng)
        }
    }

    /// A long history in which all is well.
    pub fn long(model: ModelName, operations: usize, clients: usize) -> Self {
        Self {
            model,
            operations,
            clients,
            values: 0,
            keys: 0,
            spread: clients as f64 / 2.0,
            crash: 0.0,
            fail: 0.0,
            lie: 0.0,
            nemesis: false,
        }
    }
}
