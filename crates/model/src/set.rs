//! A set: elements are added, removed, asked for, and read as a whole.
//!
//! An operation of unknown outcome: an add or a remove may take effect at any time after its call, or never; whoever
//! only looked says nothing.

use std::sync::Arc;

use seriatim_history::{Completion, NilRead, Operation, Value, ValueId, Values};
use smallvec::smallvec;

use crate::access::{Access, Accesses, Kind};
use crate::error::OpError;
use crate::ids::IdSet;
use crate::model::{Footprint, Model};
use crate::read::{Function, Reader, Row, functions, with, without};

/// A set that holds `initial` at the start.
#[derive(Clone, Debug)]
pub struct Set {
    /// What it holds at the start.
    pub initial: IdSet,
    /// What a completed read of nil says.
    pub nil_read: NilRead,
}

/// An operation of a set.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// Added this element, whether or not it was there.
    Add(ValueId),
    /// Added this element and was told whether that made a difference.
    AddAnswered(ValueId, bool),
    /// Removed this element, whether or not it was there.
    Remove(ValueId),
    /// Removed this element and was told whether that made a difference.
    RemoveAnswered(ValueId, bool),
    /// Saw whether this element is there.
    Contains(ValueId, bool),
    /// Saw the whole set: its elements, sorted by number, without repetition.
    Read(Arc<[ValueId]>),
    /// Saw this element twice in one read of the whole set, which no set can show.
    ReadTwice(ValueId),
}

#[derive(Clone, Copy)]
enum F {
    Add,
    Remove,
    Contains,
    Read,
}

const TABLE: [Row<F>; 4] = [
    with("add", &["insert", "put"], F::Add),
    with("remove", &["delete", "rem", "del"], F::Remove),
    with("contains", &["contains?", "member", "has", "exists", "lookup"], F::Contains),
    without("read", &["r", "get", "read-all", "get-all", "elements", "members"], F::Read),
];

pub(crate) const FUNCTIONS: &[Function] = &functions(&TABLE);

impl Model for Set {
    type Op = Op;
    type State = IdSet;

    fn parse(&self, operation: &Operation, values: &Values) -> Result<Option<Op>, OpError> {
        let of = Reader::new(operation, values);
        let function = of.function(&TABLE)?;
        let told = match operation.completion {
            Completion::Ok(answer) => of.truth(answer),
            Completion::Fail(_) => return Ok(None),
            Completion::Unknown => None,
        };
        let element = || of.argument("an element");
        Ok(match (function, operation.completion) {
            (F::Add, _) => {
                let value = element()?;
                Some(told.map_or(Op::Add(value), |new| Op::AddAnswered(value, new)))
            }
            (F::Remove, _) => {
                let value = element()?;
                Some(told.map_or(Op::Remove(value), |was| Op::RemoveAnswered(value, was)))
            }
            (F::Contains, Completion::Ok(answer)) => {
                // Asked for a truth value, the answer may look like the question.
                let told = told.or_else(|| of.bare_truth(answer));
                let told = told.ok_or_else(|| of.bad_answer(answer, "true or false"))?;
                Some(Op::Contains(element()?, told))
            }
            (F::Read, Completion::Ok(answer)) => {
                let expected = "a list or a set of all elements";
                let whole = of.answer(answer, expected)?;
                let (items, once) = match values.get(whole) {
                    Value::Nil if self.nil_read == NilRead::Wildcard => return Ok(None),
                    Value::List(items) => (items, false),
                    Value::Set(items) => (items, true),
                    _ => return Err(of.bad_answer(answer, expected)),
                };
                let mut sorted = items.to_vec();
                if !once {
                    sorted.sort_unstable();
                }
                let twice = sorted.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
                Some(twice.map_or_else(|| Op::Read(sorted.into()), Op::ReadTwice))
            }
            (F::Contains | F::Read, _) => None,
        })
    }

    fn init(&self) -> IdSet {
        self.initial.clone()
    }

    fn step(&self, state: &IdSet, op: &Op) -> impl IntoIterator<Item = IdSet> {
        let mut next = state.clone();
        self.advance(&mut next, op, 0).then_some(next)
    }

    fn advance(&self, state: &mut IdSet, op: &Op, outcome: usize) -> bool {
        let is_allowed = match op {
            Op::Add(value) => {
                state.add(*value);
                true
            }
            Op::AddAnswered(value, new) => state.add(*value) == *new,
            Op::Remove(value) => {
                state.take(*value);
                true
            }
            Op::RemoveAnswered(value, was) => state.take(*value) == *was,
            Op::Contains(value, is) => state.contains(*value) == *is,
            Op::Read(all) => state.is(all),
            Op::ReadTwice(_) => false,
        };
        is_allowed && outcome == 0
    }

    fn observes(&self, op: &Op) -> bool {
        match op {
            Op::Add(_) | Op::AddAnswered(_, true) | Op::Remove(_) | Op::RemoveAnswered(_, true) => false,
            Op::AddAnswered(_, false) | Op::RemoveAnswered(_, false) => true,
            Op::Contains(..) | Op::Read(_) | Op::ReadTwice(_) => true,
        }
    }

    /// Whether one element is there has nothing to do with the others, until somebody reads them all.
    fn footprint(&self, op: &Op) -> Footprint {
        match op {
            Op::Add(value)
            | Op::AddAnswered(value, _)
            | Op::Remove(value)
            | Op::RemoveAnswered(value, _)
            | Op::Contains(value, _) => Footprint::Keys(smallvec![*value]),
            Op::Read(_) | Op::ReadTwice(_) => Footprint::Whole,
        }
    }

    fn kind(&self) -> Kind {
        if self.initial.is_empty() { Kind::Set } else { Kind::Other }
    }

    fn accesses(&self, op: &Op) -> Accesses {
        smallvec![match op {
            Op::Add(value) => Access::Add(*value),
            Op::AddAnswered(value, true) => Access::Added(*value),
            Op::Remove(value) => Access::Remove(*value),
            Op::RemoveAnswered(value, true) => Access::Removed(*value),
            // Whoever was told that nothing changed did nothing but look.
            Op::AddAnswered(value, false) | Op::Contains(value, true) => Access::Present(*value),
            Op::RemoveAnswered(value, false) | Op::Contains(value, false) => Access::Absent(*value),
            Op::Read(all) => Access::ReadAll(all.clone()),
            Op::ReadTwice(_) => Access::Never,
        }]
    }

    fn heap(&self, _: &IdSet) -> usize {
        1024 // the nodes on the way to one element of many; the others are shared
    }

    fn answers(&self, state: &IdSet, op: &Op) -> Option<Vec<Op>> {
        Some(vec![match op {
            Op::Add(_) | Op::Remove(_) => op.clone(),
            Op::AddAnswered(value, _) => Op::AddAnswered(*value, !state.contains(*value)),
            Op::RemoveAnswered(value, _) => Op::RemoveAnswered(*value, state.contains(*value)),
            Op::Contains(value, _) => Op::Contains(*value, state.contains(*value)),
            Op::Read(_) | Op::ReadTwice(_) => {
                let mut all: Vec<ValueId> = state.iter().collect();
                all.sort_unstable();
                Op::Read(all.into())
            }
        }])
    }

    fn needs(&self, op: &Op, values: &Values) -> Option<String> {
        let (value, is) = match op {
            Op::Add(_) | Op::Remove(_) => return None,
            Op::AddAnswered(value, new) => (*value, !new),
            Op::RemoveAnswered(value, is) | Op::Contains(value, is) => (*value, *is),
            Op::Read(all) => return Some(format!("exactly {}", show_all(all.iter().copied(), values))),
            Op::ReadTwice(value) => return Some(format!("{} twice, as in no set", values.show(*value))),
        };
        Some(if is {
            format!("{} in it", values.show(value))
        } else {
            format!("no {} in it", values.show(value))
        })
    }

    fn show_op(&self, op: &Op, values: &Values) -> String {
        match op {
            Op::Add(value) => format!("add {}", values.show(*value)),
            Op::AddAnswered(value, true) => format!("add {}, which was not there", values.show(*value)),
            Op::AddAnswered(value, false) => format!("add {}, which was there", values.show(*value)),
            Op::Remove(value) => format!("remove {}", values.show(*value)),
            Op::RemoveAnswered(value, true) => format!("remove {}, which was there", values.show(*value)),
            Op::RemoveAnswered(value, false) => {
                format!("remove {}, which was not there", values.show(*value))
            }
            Op::Contains(value, true) => format!("see that {} is there", values.show(*value)),
            Op::Contains(value, false) => format!("see that {} is not there", values.show(*value)),
            Op::Read(all) => format!("read {}", show_all(all.iter().copied(), values)),
            Op::ReadTwice(value) => format!("read {} twice at once", values.show(*value)),
        }
    }

    fn show_state(&self, state: &IdSet, values: &Values) -> String {
        show_all(state.iter(), values)
    }
}

fn show_all(all: impl Iterator<Item = ValueId>, values: &Values) -> String {
    format!("#{{{}}}", values.show_all(all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps() {
        let mut values = Values::new();
        let [a, b] = [1, 2].map(|int| values.int(int));
        let model = Set { initial: IdSet::default(), nil_read: NilRead::Value };
        let step = |state: &[ValueId], op: &Op| {
            let state = state.iter().copied().collect();
            model.step(&state, op).into_iter().map(|next| next.iter().collect()).next()
        };
        let (only_a, both): (&[_], &[_]) = (&[a], &[a, b]);
        for (state, op, next) in [
            (only_a, Op::Add(b), Some(both.to_vec())),
            (only_a, Op::Add(a), Some(only_a.to_vec())),
            (only_a, Op::AddAnswered(b, true), Some(both.to_vec())),
            (only_a, Op::AddAnswered(a, true), None),
            (only_a, Op::AddAnswered(a, false), Some(only_a.to_vec())),
            (only_a, Op::AddAnswered(b, false), None),
            (only_a, Op::Remove(a), Some(vec![])),
            (only_a, Op::Remove(b), Some(only_a.to_vec())),
            (both, Op::RemoveAnswered(b, true), Some(only_a.to_vec())),
            (only_a, Op::RemoveAnswered(b, true), None),
            (only_a, Op::RemoveAnswered(b, false), Some(only_a.to_vec())),
            (only_a, Op::RemoveAnswered(a, false), None),
            (only_a, Op::Contains(a, true), Some(only_a.to_vec())),
            (only_a, Op::Contains(b, true), None),
            (only_a, Op::Contains(b, false), Some(only_a.to_vec())),
            (only_a, Op::Contains(a, false), None),
            (both, Op::Read([a, b].into()), Some(both.to_vec())),
            (both, Op::Read([a].into()), None),
            (only_a, Op::Read([b].into()), None),
            (only_a, Op::ReadTwice(a), None),
        ] {
            assert_eq!(step(state, &op), next, "{op:?} in {state:?}");
        }
    }
}
