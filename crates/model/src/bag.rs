//! A bag: elements go in, and any of them comes out.
//!
//! An operation of unknown outcome: a put may take effect at any time after its call, or never; a take takes any
//! element there is then, if there is one.

use std::sync::Arc;

use seriatim_history::{Completion, Operation, ValueId, Values};
use smallvec::smallvec;

use crate::access::{Access, Accesses, Kind};
use crate::error::OpError;
use crate::model::{Footprint, Model};
use crate::read::{Function, Reader, Row, functions, with, without};
use crate::sorted::Sorted;

/// A bag that holds `initial` at the start.
#[derive(Clone, Debug)]
pub struct Bag {
    /// What it holds at the start, sorted.
    pub initial: Arc<[ValueId]>,
}

/// An operation of a bag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// Put this element in.
    Put(ValueId),
    /// Took this element.
    Take(ValueId),
    /// Took an element: nobody knows which.
    TakeUnknown,
    /// Found it empty.
    Empty,
}

#[derive(Clone, Copy)]
enum F {
    Put,
    Take,
}

const TABLE: [Row<F>; 2] = [
    with("put", &["add", "insert", "enqueue", "enq", "offer"], F::Put),
    without("take", &["remove", "get", "dequeue", "deq", "poll"], F::Take),
];

pub(crate) const FUNCTIONS: &[Function] = &functions(&TABLE);

impl Model for Bag {
    type Op = Op;
    type State = Sorted<ValueId>;

    fn parse(&self, operation: &Operation, values: &Values) -> Result<Option<Op>, OpError> {
        let of = Reader::new(operation, values);
        Ok(match (of.function(&TABLE)?, operation.completion) {
            (_, Completion::Fail(_)) => None,
            (F::Put, completion) => {
                if let Completion::Ok(answer) = completion {
                    of.not_refused(answer)?;
                }
                Some(Op::Put(of.element()?))
            }
            (F::Take, Completion::Unknown) => Some(Op::TakeUnknown),
            (F::Take, Completion::Ok(answer)) => Some(of.taken(answer)?.map_or(Op::Empty, Op::Take)),
        })
    }

    fn init(&self) -> Self::State {
        self.initial.iter().copied().collect()
    }

    fn step(&self, state: &Self::State, op: &Op) -> impl IntoIterator<Item = Self::State> {
        let outcomes = if *op == Op::TakeUnknown { state.different() } else { 1 };
        (0..outcomes).filter_map(|outcome| {
            let mut next = state.clone();
            self.advance(&mut next, op, outcome).then_some(next)
        })
    }

    fn advance(&self, state: &mut Self::State, op: &Op, outcome: usize) -> bool {
        match op {
            Op::TakeUnknown => {
                let taken = state.nth_different(outcome);
                return taken.is_some_and(|value| state.remove(&value));
            }
            Op::Put(value) => state.insert(*value),
            Op::Take(value) => return outcome == 0 && state.remove(value),
            Op::Empty => return outcome == 0 && state.is_empty(),
        }
        outcome == 0
    }

    fn observes(&self, op: &Op) -> bool {
        matches!(op, Op::Empty)
    }

    /// How many of an element there are is a thing of its own, unless emptiness or an unknown element speaks of all.
    fn footprint(&self, op: &Op) -> Footprint {
        match op {
            Op::Put(value) | Op::Take(value) => Footprint::Keys(smallvec![*value]),
            Op::TakeUnknown | Op::Empty => Footprint::Whole,
        }
    }

    fn kind(&self) -> Kind {
        if self.initial.is_empty() { Kind::Bag } else { Kind::Other }
    }

    fn accesses(&self, op: &Op) -> Accesses {
        smallvec![match *op {
            Op::Put(value) => Access::Put(value),
            Op::Take(value) => Access::Take(value),
            Op::TakeUnknown => Access::TakeAny,
            Op::Empty => Access::Empty,
        }]
    }

    fn heap(&self, state: &Self::State) -> usize {
        state.heap()
    }

    fn answers(&self, state: &Self::State, op: &Op) -> Option<Vec<Op>> {
        match op {
            Op::Put(_) => Some(vec![*op]),
            Op::Take(_) | Op::TakeUnknown | Op::Empty if state.is_empty() => Some(vec![Op::Empty]),
            Op::Take(_) | Op::TakeUnknown | Op::Empty => Some(
                (0..state.different()).filter_map(|place| state.nth_different(place)).map(Op::Take).collect(),
            ),
        }
    }

    fn needs(&self, op: &Op, values: &Values) -> Option<String> {
        match op {
            Op::Put(_) => None,
            Op::Take(value) => Some(format!("{} in it", values.show(*value))),
            Op::TakeUnknown => Some("something in it".to_owned()),
            Op::Empty => Some("nothing in it".to_owned()),
        }
    }

    fn show_op(&self, op: &Op, values: &Values) -> String {
        match op {
            Op::Put(value) => format!("put {}", values.show(*value)),
            Op::Take(value) => format!("take {}", values.show(*value)),
            Op::TakeUnknown => "take something".to_owned(),
            Op::Empty => "find it empty".to_owned(),
        }
    }

    fn show_state(&self, state: &Self::State, values: &Values) -> String {
        let all: Vec<_> = state.iter().map(|&value| values.show(value)).collect();
        format!("[{}]", all.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps() {
        let mut values = Values::new();
        let [a, b, c] = [1, 2, 3].map(|int| values.int(int));
        let model = Bag { initial: Arc::new([]) };
        let step = |state: &[ValueId], op| {
            let state = state.iter().copied().collect();
            let next = model.step(&state, &op).into_iter();
            next.map(|next| next.iter().copied().collect()).collect::<Vec<Vec<_>>>()
        };
        let aab: &[_] = &[a, a, b];
        for (state, op, next) in [
            (aab, Op::Put(a), vec![vec![a, a, a, b]]),
            (aab, Op::Put(c), vec![vec![a, a, b, c]]),
            (aab, Op::Take(a), vec![vec![a, b]]),
            (aab, Op::Take(b), vec![vec![a, a]]),
            (aab, Op::Take(c), vec![]),
            (aab, Op::TakeUnknown, vec![vec![a, b], vec![a, a]]),
            (&[], Op::TakeUnknown, vec![]),
            (aab, Op::Empty, vec![]),
            (&[], Op::Empty, vec![vec![]]),
        ] {
            assert_eq!(step(state, op), next, "{op:?} in {state:?}");
        }
    }
}
