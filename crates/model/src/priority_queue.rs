//! A priority queue: the least element comes out first, or the greatest; among equals any.
//!
//! An element is an integer, which is its own priority, or a pair `[priority item]`.
//!
//! An operation of unknown outcome: an insert may take effect at any time after its call, or never; a delete takes any
//! of the first elements there are then, if there are any; a peek says nothing.

use std::sync::Arc;

use seriatim_history::{Completion, Operation, ValueId, Values};
use smallvec::smallvec;

use crate::access::{Access, Accesses, Kind};
use crate::error::OpError;
use crate::model::Model;
use crate::read::{Function, Reader, Row, TAKEN, functions, with, without};
use crate::sorted::Sorted;

/// A priority queue that holds `initial` at the start.
#[derive(Clone, Debug)]
pub struct PriorityQueue {
    /// Whether the greatest element comes first, and not the least.
    pub greatest_first: bool,
    /// What it holds at the start, sorted.
    pub initial: Arc<[Element]>,
}

/// A value and its priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Element {
    /// What elements are compared by.
    pub priority: i128,
    /// The value.
    pub value: ValueId,
}

impl Element {
    /// The element that a value is: an integer, or a pair whose first is one.
    pub fn of(value: ValueId, values: &Values) -> Option<Self> {
        let priority = match values.as_list(value) {
            Some(&[priority, _]) => priority,
            Some(_) => return None,
            None => value,
        };
        Some(Self { priority: values.as_int(priority)?, value })
    }
}

/// An operation of a priority queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// Put this element in.
    Insert(Element),
    /// Took this element, one of the first.
    Delete(Element),
    /// Took one of the first elements: nobody knows which.
    DeleteUnknown,
    /// Saw that this element is one of the first.
    Peek(Element),
    /// Found it empty.
    Empty,
}

#[derive(Clone, Copy)]
enum F {
    Insert,
    Delete,
    Peek,
}

const TABLE: [Row<F>; 3] = [
    with("insert", &["add", "offer", "push", "enqueue", "enq"], F::Insert),
    without(
        "delete-min",
        &["extract-min", "remove-min", "pop-min", "delete", "poll", "pop", "dequeue", "deq"],
        F::Delete,
    ),
    without("find-min", &["peek-min", "get-min", "min", "peek", "top", "front"], F::Peek),
];
const MAX_TABLE: [Row<F>; 3] = [
    TABLE[0],
    without(
        "delete-max",
        &["extract-max", "remove-max", "pop-max", "delete", "poll", "pop", "dequeue", "deq"],
        F::Delete,
    ),
    without("find-max", &["peek-max", "get-max", "max", "peek", "top", "front"], F::Peek),
];

pub(crate) const FUNCTIONS: &[Function] = &functions(&TABLE);
pub(crate) const MAX_FUNCTIONS: &[Function] = &functions(&MAX_TABLE);

const EXPECTED: &str = "an integer or a pair `[priority item]` whose priority is an integer";

impl PriorityQueue {
    /// Those elements of which any may come out next.
    fn first(&self, state: &Sorted<Element>) -> impl Iterator<Item = Element> {
        let first = self.first_priority(state);
        let at_first = state.from(move |element| Some(element.priority) < first).copied();
        at_first.take_while(move |element| Some(element.priority) == first)
    }

    /// The priority of whatever comes out next.
    fn first_priority(&self, state: &Sorted<Element>) -> Option<i128> {
        let first = if self.greatest_first { state.last() } else { state.first() };
        first.map(|element| element.priority)
    }

    /// Those elements that may come out next, equal ones once.
    fn different_first(&self, state: &Sorted<Element>) -> impl Iterator<Item = Element> {
        let mut last = None;
        self.first(state).filter(move |&element| last.replace(element) != Some(element))
    }
}

impl Model for PriorityQueue {
    type Op = Op;
    type State = Sorted<Element>;

    fn parse(&self, operation: &Operation, values: &Values) -> Result<Option<Op>, OpError> {
        let of = Reader::new(operation, values);
        let function = of.function(if self.greatest_first { &MAX_TABLE } else { &TABLE })?;
        Ok(match (function, operation.completion) {
            (_, Completion::Fail(_)) | (F::Peek, Completion::Unknown) => None,
            (F::Insert, completion) => {
                if let Completion::Ok(answer) = completion {
                    of.not_refused(answer)?;
                }
                let element = Element::of(of.argument(EXPECTED)?, values);
                Some(Op::Insert(element.ok_or_else(|| of.bad_argument(EXPECTED))?))
            }
            (F::Delete, Completion::Unknown) => Some(Op::DeleteUnknown),
            (F::Delete | F::Peek, Completion::Ok(answer)) => {
                let Some(value) = of.taken(answer)? else { return Ok(Some(Op::Empty)) };
                let element = Element::of(value, values).ok_or_else(|| of.bad_answer(answer, TAKEN))?;
                Some(if matches!(function, F::Delete) { Op::Delete(element) } else { Op::Peek(element) })
            }
        })
    }

    fn init(&self) -> Self::State {
        self.initial.iter().copied().collect()
    }

    fn step(&self, state: &Self::State, op: &Op) -> impl IntoIterator<Item = Self::State> {
        let outcomes = if *op == Op::DeleteUnknown { self.different_first(state).count() } else { 1 };
        (0..outcomes).filter_map(|outcome| {
            let mut next = state.clone();
            self.advance(&mut next, op, outcome).then_some(next)
        })
    }

    fn advance(&self, state: &mut Self::State, op: &Op, outcome: usize) -> bool {
        let is_first = |element: &Element| self.first_priority(state) == Some(element.priority);
        match op {
            Op::DeleteUnknown => {
                let taken = self.different_first(state).nth(outcome);
                return taken.is_some_and(|element| state.remove(&element));
            }
            Op::Insert(element) => state.insert(*element),
            Op::Delete(element) => return outcome == 0 && is_first(element) && state.remove(element),
            Op::Peek(element) => return outcome == 0 && is_first(element) && state.contains(element),
            Op::Empty => return outcome == 0 && state.is_empty(),
        }
        outcome == 0
    }

    fn observes(&self, op: &Op) -> bool {
        matches!(op, Op::Peek(_) | Op::Empty)
    }

    fn kind(&self) -> Kind {
        if self.initial.is_empty() { Kind::PriorityQueue } else { Kind::Other }
    }

    fn accesses(&self, op: &Op) -> Accesses {
        // The complement of an integer is the less the greater that is, and never too large.
        let rank = |priority: i128| if self.greatest_first { !priority } else { priority };
        smallvec![match *op {
            Op::Insert(Element { priority, value }) => Access::PutRanked(value, rank(priority)),
            Op::Delete(element) => Access::Take(element.value),
            Op::DeleteUnknown => Access::TakeAny,
            Op::Peek(element) => Access::Peek(element.value),
            Op::Empty => Access::Empty,
        }]
    }

    fn heap(&self, state: &Self::State) -> usize {
        state.heap()
    }

    fn answers(&self, state: &Self::State, op: &Op) -> Option<Vec<Op>> {
        match op {
            Op::Insert(_) => Some(vec![*op]),
            // Whether it took or looked is not told.
            Op::Empty => None,
            _ if state.is_empty() => Some(vec![Op::Empty]),
            Op::Delete(_) | Op::DeleteUnknown => Some(self.different_first(state).map(Op::Delete).collect()),
            Op::Peek(_) => Some(self.different_first(state).map(Op::Peek).collect()),
        }
    }

    fn needs(&self, op: &Op, values: &Values) -> Option<String> {
        let first = if self.greatest_first { "greatest" } else { "least" };
        match op {
            Op::Insert(_) => None,
            Op::Delete(element) | Op::Peek(element) => {
                Some(format!("{} among the {first}", values.show(element.value)))
            }
            Op::DeleteUnknown => Some("something in it".to_owned()),
            Op::Empty => Some("nothing in it".to_owned()),
        }
    }

    fn show_op(&self, op: &Op, values: &Values) -> String {
        let which = if self.greatest_first { "max" } else { "min" };
        match op {
            Op::Insert(element) => format!("insert {}", values.show(element.value)),
            Op::Delete(element) => format!("delete-{which} {}", values.show(element.value)),
            Op::DeleteUnknown => format!("delete-{which} something"),
            Op::Peek(element) => format!("find-{which} {}", values.show(element.value)),
            Op::Empty => "find it empty".to_owned(),
        }
    }

    fn show_state(&self, state: &Self::State, values: &Values) -> String {
        let all: Vec<_> = state.iter().map(|element| values.show(element.value)).collect();
        format!("[{}]", all.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps() {
        let mut values = Values::new();
        let [one, two] = [1, 2].map(|int| values.int(int));
        let (a, b) = (values.text("a"), values.text("b"));
        let [low, also_low] = [a, b].map(|item| values.list([one, item]));
        let of = |value| Element::of(value, &values).expect("an element");
        let (low, also_low, high) = (of(low), of(also_low), of(two));
        let step = |greatest_first, state: &[Element], op| {
            let model = PriorityQueue { greatest_first, initial: Arc::new([]) };
            let state = state.iter().copied().collect();
            let next = model.step(&state, &op).into_iter();
            next.map(|next| next.iter().copied().collect()).collect::<Vec<Vec<_>>>()
        };
        let all: &[_] = &[low, also_low, high];
        for (greatest_first, state, op, next) in [
            (false, &all[1..], Op::Insert(low), vec![all.to_vec()]),
            (false, all, Op::Insert(low), vec![vec![low, low, also_low, high]]),
            (false, all, Op::Delete(low), vec![vec![also_low, high]]),
            (false, all, Op::Delete(also_low), vec![vec![low, high]]),
            (false, all, Op::Delete(high), vec![]),
            (true, all, Op::Delete(high), vec![vec![low, also_low]]),
            (true, all, Op::Delete(low), vec![]),
            (false, all, Op::DeleteUnknown, vec![vec![also_low, high], vec![low, high]]),
            (true, all, Op::DeleteUnknown, vec![vec![low, also_low]]),
            (false, &[low, low], Op::DeleteUnknown, vec![vec![low]]),
            (false, &[], Op::DeleteUnknown, vec![]),
            (false, all, Op::Peek(also_low), vec![all.to_vec()]),
            (false, all, Op::Peek(high), vec![]),
            (true, all, Op::Peek(high), vec![all.to_vec()]),
            (false, all, Op::Empty, vec![]),
            (false, &[], Op::Empty, vec![vec![]]),
        ] {
            assert_eq!(step(greatest_first, state, op), next, "{op:?} in {state:?}");
        }
    }
}
