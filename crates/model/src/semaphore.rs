//! A counting semaphore (Dijkstra 1962): permits are acquired and released.
//!
//! An operation of unknown outcome: an acquire may take its permits at any time after its call at which there are
//! enough, or never; a release may give its permits back at any time after its call, or never.

use seriatim_history::{Completion, Operation, ValueId, Values};

use crate::access::Unit;
use crate::error::OpError;
use crate::model::Model;
use crate::read::{Function, LARGEST_AMOUNT, Reader, Row, functions, with};

/// A semaphore without an upper bound.
#[derive(Clone, Debug)]
pub struct Semaphore {
    /// How many permits there are at the start; at most 64 bits.
    pub initial: i128,
}

/// An operation of a semaphore.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// Got so many permits.
    Acquire(i128),
    /// Was refused so many permits, for there were fewer.
    Refused(i128),
    /// Gave so many permits back.
    Release(i128),
}

#[derive(Clone, Copy)]
enum F {
    Acquire,
    Release,
}

const TABLE: [Row<F>; 2] = [
    with("acquire", &["try-acquire", "wait", "p", "down", "decr", "dec", "decrement"], F::Acquire),
    with("release", &["signal", "v", "up", "incr", "inc", "increment", "post"], F::Release),
];

pub(crate) const FUNCTIONS: &[Function] = &functions(&TABLE);

impl Model for Semaphore {
    type Op = Op;
    type State = i128;

    fn parse(&self, operation: &Operation, values: &Values) -> Result<Option<Op>, OpError> {
        let of = Reader::new(operation, values);
        let function = of.function(&TABLE)?;
        let permits = of.amount_or_one()?;
        if permits < 0 {
            return Err(of.bad_argument("a number of permits"));
        }
        Ok(match (function, operation.completion) {
            (_, Completion::Fail(_)) => None,
            (F::Acquire, Completion::Ok(answer)) if of.truth(answer) == Some(false) => {
                Some(Op::Refused(permits))
            }
            (F::Acquire, Completion::Ok(_) | Completion::Unknown) => Some(Op::Acquire(permits)),
            (F::Release, completion) => {
                if let Completion::Ok(answer) = completion {
                    of.not_refused(answer)?;
                }
                Some(Op::Release(permits))
            }
        })
    }

    fn init(&self) -> i128 {
        self.initial
    }

    fn started(&self, &state: &i128, values: &mut Values) -> Option<(Self, ValueId)> {
        (state <= LARGEST_AMOUNT).then(|| (Self { initial: state }, values.int(state)))
    }

    fn step(&self, &state: &i128, op: &Op) -> impl IntoIterator<Item = i128> {
        // Amounts have 64 bits and operations 32, so a sum of 127 bits has room.
        match *op {
            Op::Acquire(permits) => (state >= permits).then(|| state - permits),
            Op::Refused(permits) => (state < permits).then_some(state),
            Op::Release(permits) => Some(state + permits),
        }
    }

    fn observes(&self, op: &Op) -> bool {
        matches!(op, Op::Refused(_) | Op::Acquire(0) | Op::Release(0))
    }

    /// Without an acquire there are more permits, which is well for everybody but whoever was refused.
    fn unit(&self, op: &Op) -> Unit {
        match op {
            Op::Acquire(_) => Unit::Alone,
            Op::Release(_) => Unit::Stays,
            Op::Refused(_) => Unit::Bars,
        }
    }

    fn answers(&self, &state: &i128, op: &Op) -> Option<Vec<Op>> {
        Some(vec![match *op {
            Op::Acquire(permits) | Op::Refused(permits) if state >= permits => Op::Acquire(permits),
            Op::Acquire(permits) | Op::Refused(permits) => Op::Refused(permits),
            Op::Release(_) => *op,
        }])
    }

    fn needs(&self, op: &Op, _: &Values) -> Option<String> {
        match op {
            Op::Acquire(permits) => Some(format!("at least {permits} free")),
            Op::Refused(permits) => Some(format!("fewer than {permits} free")),
            Op::Release(_) => None,
        }
    }

    fn show_op(&self, op: &Op, _: &Values) -> String {
        match op {
            Op::Acquire(permits) => format!("acquire {permits}"),
            Op::Refused(permits) => format!("be refused {permits}"),
            Op::Release(permits) => format!("release {permits}"),
        }
    }

    fn show_state(&self, state: &i128, _: &Values) -> String {
        format!("{state} free")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps() {
        let model = Semaphore { initial: 1 };
        for (state, op, next) in [
            (2, Op::Acquire(1), Some(1)),
            (2, Op::Acquire(2), Some(0)),
            (2, Op::Acquire(3), None),
            (2, Op::Refused(3), Some(2)),
            (2, Op::Refused(2), None),
            (2, Op::Release(3), Some(5)),
        ] {
            let found: Vec<_> = model.step(&state, &op).into_iter().collect();
            assert_eq!(found, Vec::from_iter(next), "{op:?} in {state}");
        }
    }
}
