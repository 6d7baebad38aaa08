//! A counter: amounts are added, and the sum is read.
//!
//! An operation of unknown outcome: whatever adds may take effect at any time after its call, or never; a read says
//! nothing.

use seriatim_history::{Completion, NilRead, Operation, ValueId, Values};
use smallvec::smallvec;

use crate::access::{Access, Accesses, Kind};
use crate::error::OpError;
use crate::model::Model;
use crate::read::{Function, LARGEST_AMOUNT, Reader, Row, functions, with, without};

/// A counter that starts with `initial`.
#[derive(Clone, Debug)]
pub struct Counter {
    /// The sum it starts with; at most 64 bits.
    pub initial: i128,
    /// What a completed read of nil says.
    pub nil_read: NilRead,
}

/// An operation of a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// Added this amount.
    Add(i128),
    /// Saw this sum.
    Read(i128),
    /// Added the first and saw the second, which is the sum after it.
    AddAndGet(i128, i128),
    /// Added the first and saw the second, which is the sum before it.
    GetAndAdd(i128, i128),
}

#[derive(Clone, Copy)]
enum F {
    Add(Amount, Answers),
    Read,
}

#[derive(Clone, Copy)]
enum Amount {
    /// The argument.
    Given,
    /// The argument, or 1.
    Up,
    /// The argument, or 1, taken away.
    Down,
    /// This, without an argument.
    Fixed(i128),
}

#[derive(Clone, Copy)]
enum Answers {
    Nothing,
    After,
    Before,
}

const TABLE: [Row<F>; 10] = [
    with("add", &[], F::Add(Amount::Given, Answers::Nothing)),
    with("increment", &["inc", "incr"], F::Add(Amount::Up, Answers::Nothing)),
    with("decrement", &["dec", "decr"], F::Add(Amount::Down, Answers::Nothing)),
    without("read", &["r", "get", "value"], F::Read),
    with("add-and-get", &[], F::Add(Amount::Given, Answers::After)),
    without("inc-and-get", &["increment-and-get", "incr-and-get"], F::Add(Amount::Fixed(1), Answers::After)),
    without("dec-and-get", &["decrement-and-get", "decr-and-get"], F::Add(Amount::Fixed(-1), Answers::After)),
    with("fetch-and-add", &["get-and-add"], F::Add(Amount::Given, Answers::Before)),
    without(
        "fetch-and-inc",
        &["get-and-inc", "get-and-increment"],
        F::Add(Amount::Fixed(1), Answers::Before),
    ),
    without(
        "fetch-and-dec",
        &["get-and-dec", "get-and-decrement"],
        F::Add(Amount::Fixed(-1), Answers::Before),
    ),
];

pub(crate) const FUNCTIONS: &[Function] = &functions(&TABLE);

impl Model for Counter {
    type Op = Op;
    type State = i128;

    fn parse(&self, operation: &Operation, values: &Values) -> Result<Option<Op>, OpError> {
        let of = Reader::new(operation, values);
        let (function, completion) = (of.function(&TABLE)?, operation.completion);
        Ok(match (function, completion) {
            (_, Completion::Fail(_)) | (F::Read, Completion::Unknown) => None,
            (F::Read, Completion::Ok(answer)) => {
                if answer.value == Some(ValueId::NIL)
                    && answer.result.is_none()
                    && self.nil_read == NilRead::Wildcard
                {
                    return Ok(None);
                }
                Some(Op::Read(of.integer(answer, "the sum, an integer")?))
            }
            (F::Add(amount, answers), completion) => {
                let amount = match amount {
                    Amount::Given => of.amount()?,
                    Amount::Up => of.amount_or_one()?,
                    Amount::Down => -of.amount_or_one()?,
                    Amount::Fixed(amount) => {
                        of.no_argument("`add-and-get` and `fetch-and-add` take an amount")?;
                        amount
                    }
                };
                Some(match (answers, completion) {
                    (Answers::After, Completion::Ok(answer)) => {
                        Op::AddAndGet(amount, of.integer(answer, "the new sum, an integer")?)
                    }
                    (Answers::Before, Completion::Ok(answer)) => {
                        Op::GetAndAdd(amount, of.integer(answer, "the sum before, an integer")?)
                    }
                    _ => Op::Add(amount),
                })
            }
        })
    }

    fn init(&self) -> i128 {
        self.initial
    }

    fn started(&self, &state: &i128, values: &mut Values) -> Option<(Self, ValueId)> {
        (state.abs() <= LARGEST_AMOUNT).then(|| (Self { initial: state, ..self.clone() }, values.int(state)))
    }

    fn step(&self, &state: &i128, op: &Op) -> impl IntoIterator<Item = i128> {
        // Amounts have 64 bits and operations 32, so a sum of 127 bits has room.
        match *op {
            Op::Add(amount) => Some(state + amount),
            Op::Read(sum) => (state == sum).then_some(state),
            Op::AddAndGet(amount, after) => (state + amount == after).then_some(after),
            Op::GetAndAdd(amount, before) => (state == before).then_some(state + amount),
        }
    }

    fn observes(&self, op: &Op) -> bool {
        matches!(op, Op::Read(_) | Op::Add(0) | Op::AddAndGet(0, _) | Op::GetAndAdd(0, _))
    }

    fn kind(&self) -> Kind {
        Kind::Counter { initial: self.initial }
    }

    fn accesses(&self, op: &Op) -> Accesses {
        smallvec![match *op {
            Op::Add(amount) => Access::Change(amount),
            Op::Read(sum) => Access::Sum(sum),
            // No sum is as far off as one that cannot be written down.
            Op::AddAndGet(amount, after) => {
                after.checked_sub(amount).map_or(Access::Never, |before| Access::ChangeFrom(before, amount))
            }
            Op::GetAndAdd(amount, before) => Access::ChangeFrom(before, amount),
        }]
    }

    fn answers(&self, &state: &i128, op: &Op) -> Option<Vec<Op>> {
        Some(vec![match *op {
            Op::Add(_) => *op,
            Op::Read(_) => Op::Read(state),
            Op::AddAndGet(amount, _) => Op::AddAndGet(amount, state + amount),
            Op::GetAndAdd(amount, _) => Op::GetAndAdd(amount, state),
        }])
    }

    fn needs(&self, op: &Op, _: &Values) -> Option<String> {
        match *op {
            Op::Add(_) => None,
            Op::Read(sum) | Op::GetAndAdd(_, sum) => Some(sum.to_string()),
            Op::AddAndGet(amount, after) => Some(
                after.checked_sub(amount).map_or("a sum out of all bounds".to_owned(), |sum| sum.to_string()),
            ),
        }
    }

    fn show_op(&self, op: &Op, _: &Values) -> String {
        match op {
            Op::Add(amount) => format!("add {amount}"),
            Op::Read(sum) => format!("read {sum}"),
            Op::AddAndGet(amount, after) => format!("add {amount} and get {after}"),
            Op::GetAndAdd(amount, before) => format!("get {before} and add {amount}"),
        }
    }

    fn show_state(&self, state: &i128, _: &Values) -> String {
        state.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps() {
        let model = Counter { initial: 0, nil_read: NilRead::Value };
        for (state, op, next) in [
            (3, Op::Add(2), Some(5)),
            (3, Op::Add(-4), Some(-1)),
            (3, Op::Read(3), Some(3)),
            (3, Op::Read(4), None),
            (3, Op::AddAndGet(2, 5), Some(5)),
            (3, Op::AddAndGet(2, 3), None),
            (3, Op::GetAndAdd(2, 3), Some(5)),
            (3, Op::GetAndAdd(2, 5), None),
        ] {
            let found: Vec<_> = model.step(&state, &op).into_iter().collect();
            assert_eq!(found, Vec::from_iter(next), "{op:?} in {state}");
        }
    }
}
