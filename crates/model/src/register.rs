//! A register: it holds one value (Herlihy & Wing 1990, §2.1). With compare-and-set it is a cas-register; both are
//! this model.
//!
//! An operation of unknown outcome: a write or a compare-and-set may take effect at any time after its call, or
//! never; a compare-and-set that found another value did nothing, which is the same as never. A read says nothing.

use seriatim_history::{Completion, FailedCas, NilRead, Operation, ValueId, Values};
use smallvec::smallvec;

use crate::access::{Access, Accesses, Kind};
use crate::error::OpError;
use crate::model::Model;
use crate::read::{Function, Reader, Row, functions, with, without};

/// A register that starts with `initial`.
#[derive(Clone, Debug)]
pub struct Register {
    /// The value it starts with.
    pub initial: ValueId,
    /// What a completed read of nil says.
    pub nil_read: NilRead,
    /// What a failed compare-and-set says.
    pub failed_cas: FailedCas,
    /// Whether it has compare-and-set.
    pub cas: bool,
}

/// An operation of a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// It held this value.
    Read(ValueId),
    /// It was given this value.
    Write(ValueId),
    /// It held the first value and was given the second.
    Cas(ValueId, ValueId),
    /// It did not hold this value, so it was not given another.
    CasRefused(ValueId),
}

#[derive(Clone, Copy)]
enum F {
    Read,
    Write,
    Cas,
}

const TABLE: [Row<F>; 3] = [
    without("read", &["r", "get"], F::Read),
    with("write", &["w", "put", "set"], F::Write),
    with("cas", &["compare-and-set"], F::Cas),
];

pub(crate) const FUNCTIONS: &[Function] = &functions(&TABLE);

impl Model for Register {
    type Op = Op;
    type State = ValueId;

    fn parse(&self, operation: &Operation, values: &Values) -> Result<Option<Op>, OpError> {
        let table = if self.cas { &TABLE[..] } else { &TABLE[..2] };
        let of = Reader::new(operation, values);
        Ok(match (of.function(table)?, operation.completion) {
            (F::Read, Completion::Ok(answer)) => match of.answer(answer, "the value that was read")? {
                ValueId::NIL if self.nil_read == NilRead::Wildcard => None,
                value => Some(Op::Read(value)),
            },
            (F::Read, Completion::Fail(_) | Completion::Unknown) | (F::Write, Completion::Fail(_)) => None,
            (F::Write, Completion::Ok(_) | Completion::Unknown) => Some(Op::Write(of.argument("a value")?)),
            (F::Cas, completion) => {
                let [from, to] = of.swap()?;
                match completion {
                    Completion::Ok(answer) if of.truth(answer) == Some(false) => Some(Op::CasRefused(from)),
                    Completion::Ok(_) | Completion::Unknown => Some(Op::Cas(from, to)),
                    Completion::Fail(_) if self.failed_cas == FailedCas::Observe => {
                        Some(Op::CasRefused(from))
                    }
                    Completion::Fail(_) => None,
                }
            }
        })
    }

    fn init(&self) -> ValueId {
        self.initial
    }

    fn started(&self, &state: &ValueId, _: &mut Values) -> Option<(Self, ValueId)> {
        Some((Self { initial: state, ..self.clone() }, state))
    }

    fn step(&self, &state: &ValueId, op: &Op) -> impl IntoIterator<Item = ValueId> {
        match *op {
            Op::Read(value) => (state == value).then_some(state),
            Op::Write(value) => Some(value),
            Op::Cas(from, to) => (state == from).then_some(to),
            Op::CasRefused(from) => (state != from).then_some(state),
        }
    }

    fn observes(&self, op: &Op) -> bool {
        matches!(op, Op::Read(_) | Op::CasRefused(_))
    }

    fn kind(&self) -> Kind {
        Kind::Register { initial: self.initial }
    }

    fn accesses(&self, op: &Op) -> Accesses {
        smallvec![match *op {
            Op::Read(value) => Access::Read(value),
            Op::Write(value) => Access::Write(value),
            Op::Cas(from, to) => Access::Swap(from, to),
            Op::CasRefused(from) => Access::Differs(from),
        }]
    }

    fn value_of(&self, state: &ValueId) -> Option<ValueId> {
        Some(*state)
    }

    fn answers(&self, state: &ValueId, op: &Op) -> Option<Vec<Op>> {
        Some(vec![match *op {
            Op::Read(_) => Op::Read(*state),
            Op::Cas(from, _) if *state != from => Op::CasRefused(from),
            Op::Write(_) | Op::Cas(..) => *op,
            // What it was to put in is not told.
            Op::CasRefused(_) => return None,
        }])
    }

    fn needs(&self, op: &Op, values: &Values) -> Option<String> {
        match *op {
            Op::Read(value) | Op::Cas(value, _) => Some(values.show(value)),
            Op::CasRefused(from) => Some(format!("anything but {}", values.show(from))),
            Op::Write(_) => None,
        }
    }

    fn show_op(&self, op: &Op, values: &Values) -> String {
        let show = |value| values.show(value);
        match *op {
            Op::Read(value) => format!("read {}", show(value)),
            Op::Write(value) => format!("write {}", show(value)),
            Op::Cas(from, to) => format!("cas {} to {}", show(from), show(to)),
            Op::CasRefused(from) => format!("cas from {} refused", show(from)),
        }
    }

    fn show_state(&self, state: &ValueId, values: &Values) -> String {
        values.show(*state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps() {
        let mut values = Values::new();
        let [zero, one, two] = [0, 1, 2].map(|int| values.int(int));
        let model =
            Register { initial: zero, nil_read: NilRead::Value, failed_cas: FailedCas::Drop, cas: true };
        let step = |state, op| model.step(&state, &op).into_iter().collect::<Vec<_>>();
        for (state, op, next) in [
            (zero, Op::Read(zero), Some(zero)),
            (zero, Op::Read(one), None),
            (zero, Op::Write(one), Some(one)),
            (one, Op::Cas(one, two), Some(two)),
            (zero, Op::Cas(one, two), None),
            (zero, Op::CasRefused(one), Some(zero)),
            (one, Op::CasRefused(one), None),
        ] {
            assert_eq!(step(state, op), Vec::from_iter(next), "{op:?} in {state:?}");
        }
    }
}
