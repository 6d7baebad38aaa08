//! Sequences with two ends: the fifo queue (Herlihy & Wing 1990, §2.1), the stack and the deque.
//!
//! A queue and a stack are deques of which only some functions are used, so one model is all three.
//!
//! An operation of unknown outcome: a push may take effect at any time after its call, or never; a pop takes whatever
//! is at its end then, if anything is; a peek says nothing.

use seriatim_history::{Completion, Operation, ValueId, Values};
use smallvec::smallvec;

use crate::access::{Access, Accesses, Kind, Unit};
use crate::error::OpError;
use crate::model::Model;
use crate::read::{Function, Reader, Row, functions, with, without};
use crate::sequence::Sequence;

/// Which sequence it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// In at the back, out at the front.
    Queue,
    /// In and out at the back.
    Stack,
    /// In and out at both ends.
    Deque,
}

/// A queue, a stack or a deque that holds `initial` at the start, front first.
#[derive(Clone, Debug)]
pub struct Deque {
    /// Which of them.
    pub shape: Shape,
    /// What it holds at the start.
    pub initial: Sequence,
}

/// An end of a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// Where a queue is served.
    Front,
    /// Where a queue grows; the top of a stack.
    Back,
}

/// An operation of a queue, a stack or a deque.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// Put this value at this end.
    Push(End, ValueId),
    /// Took this value from this end.
    Pop(End, ValueId),
    /// Took whatever was at this end: nobody knows what it was.
    PopUnknown(End),
    /// Saw this value at this end.
    Peek(End, ValueId),
    /// Found it empty.
    Empty,
}

#[derive(Clone, Copy)]
enum F {
    Push(End),
    Pop(End),
    Peek(End),
    Drain,
}

use End::{Back, Front};

const QUEUE_TABLE: [Row<F>; 3] = [
    with("enqueue", &["enq", "offer", "add"], F::Push(Back)),
    without("dequeue", &["deq", "poll", "remove"], F::Pop(Front)),
    without("peek", &["front"], F::Peek(Front)),
];
/// Not a function of the catalogue: it is known only to be refused with an explanation.
const DRAIN: [Row<F>; 1] = [without("drain", &[], F::Drain)];
const STACK_TABLE: [Row<F>; 3] = [
    with("push", &[], F::Push(Back)),
    without("pop", &[], F::Pop(Back)),
    without("peek", &["top"], F::Peek(Back)),
];
const DEQUE_TABLE: [Row<F>; 6] = [
    with("push-front", &["add-first", "offer-first", "pushfront"], F::Push(Front)),
    with("push-back", &["add-last", "offer-last", "pushback"], F::Push(Back)),
    without("pop-front", &["remove-first", "poll-first", "popfront"], F::Pop(Front)),
    without("pop-back", &["remove-last", "poll-last", "popback"], F::Pop(Back)),
    without("peek-front", &["peek-first", "peekfront"], F::Peek(Front)),
    without("peek-back", &["peek-last", "peekback"], F::Peek(Back)),
];

pub(crate) const QUEUE_FUNCTIONS: &[Function] = &functions(&QUEUE_TABLE);
pub(crate) const STACK_FUNCTIONS: &[Function] = &functions(&STACK_TABLE);
pub(crate) const DEQUE_FUNCTIONS: &[Function] = &functions(&DEQUE_TABLE);

/// The operation takes effect, if it may; where it may not, what `state` is means nothing.
fn change(state: &mut Sequence, op: &Op) -> bool {
    match *op {
        Op::Push(Front, value) => state.add_front(value),
        Op::Push(Back, value) => state.add_back(value),
        Op::Pop(Front, value) => return state.take_front() == Some(value),
        Op::Pop(Back, value) => return state.take_back() == Some(value),
        Op::PopUnknown(Front) => return state.take_front().is_some(),
        Op::PopUnknown(Back) => return state.take_back().is_some(),
        Op::Peek(Front, value) => return state.front() == Some(value),
        Op::Peek(Back, value) => return state.back() == Some(value),
        Op::Empty => return state.is_empty(),
    }
    true
}

impl Model for Deque {
    type Op = Op;
    type State = Sequence;

    fn parse(&self, operation: &Operation, values: &Values) -> Result<Option<Op>, OpError> {
        let of = Reader::new(operation, values);
        let function = match self.shape {
            Shape::Queue => of.function(&QUEUE_TABLE).or_else(|error| of.function(&DRAIN).map_err(|_| error)),
            Shape::Stack => of.function(&STACK_TABLE),
            Shape::Deque => of.function(&DEQUE_TABLE),
        };
        Ok(match (function?, operation.completion) {
            (F::Drain, _) => {
                return Err(of.unsupported(
                    "takes many elements at moments of their own, which is no operation of a queue",
                    "record each element that it took as a `dequeue` with the drain's interval",
                ));
            }
            (_, Completion::Fail(_)) | (F::Peek(_), Completion::Unknown) => None,
            (F::Push(end), completion) => {
                if let Completion::Ok(answer) = completion {
                    of.not_refused(answer)?;
                }
                Some(Op::Push(end, of.element()?))
            }
            (F::Pop(end), Completion::Unknown) => Some(Op::PopUnknown(end)),
            (F::Pop(end), Completion::Ok(answer)) => {
                Some(of.taken(answer)?.map_or(Op::Empty, |value| Op::Pop(end, value)))
            }
            (F::Peek(end), Completion::Ok(answer)) => {
                Some(of.taken(answer)?.map_or(Op::Empty, |value| Op::Peek(end, value)))
            }
        })
    }

    fn init(&self) -> Sequence {
        self.initial.clone()
    }

    fn started(&self, state: &Sequence, values: &mut Values) -> Option<(Self, ValueId)> {
        let initial = values.list(state.to_vec());
        Some((Self { initial: state.clone(), ..self.clone() }, initial))
    }

    fn step(&self, state: &Sequence, op: &Op) -> impl IntoIterator<Item = Sequence> {
        let mut next = state.clone();
        change(&mut next, op).then_some(next)
    }

    fn advance(&self, state: &mut Sequence, op: &Op, outcome: usize) -> bool {
        state.own();
        outcome == 0 && change(state, op)
    }

    fn observes(&self, op: &Op) -> bool {
        matches!(op, Op::Peek(..) | Op::Empty)
    }

    fn kind(&self) -> Kind {
        match self.shape {
            Shape::Queue if self.initial.is_empty() => Kind::Queue,
            Shape::Stack if self.initial.is_empty() => Kind::Stack,
            Shape::Queue | Shape::Stack | Shape::Deque => Kind::Other,
        }
    }

    /// Which end it is goes without saying for a queue and a stack, and a deque has no kind.
    fn accesses(&self, op: &Op) -> Accesses {
        if self.shape == Shape::Deque {
            return Accesses::new();
        }
        smallvec![match *op {
            Op::Push(_, value) => Access::Put(value),
            Op::Pop(_, value) => Access::Take(value),
            Op::PopUnknown(_) => Access::TakeAny,
            Op::Peek(_, value) => Access::Peek(value),
            Op::Empty => Access::Empty,
        }]
    }

    /// What holds nothing at the start holds what is left of it in the same order when a value is gone: whatever came out
    /// at an end comes out there still. Whoever took nobody knows what need not have taken anything.
    fn unit(&self, op: &Op) -> Unit {
        match *op {
            _ if !self.initial.is_empty() => Unit::Bars,
            Op::Push(_, value) | Op::Pop(_, value) | Op::Peek(_, value) => Unit::Value(value),
            Op::PopUnknown(_) | Op::Empty => Unit::Stays,
        }
    }

    fn heap(&self, _: &Sequence) -> usize {
        64 // one node; the others are shared
    }

    fn answers(&self, state: &Sequence, op: &Op) -> Option<Vec<Op>> {
        let at = |end| if end == Front { state.front() } else { state.back() };
        Some(vec![match *op {
            Op::Push(..) => *op,
            Op::Pop(end, _) | Op::PopUnknown(end) => at(end).map_or(Op::Empty, |value| Op::Pop(end, value)),
            Op::Peek(end, _) => at(end).map_or(Op::Empty, |value| Op::Peek(end, value)),
            // Where it looked is not told.
            Op::Empty => return None,
        }])
    }

    fn needs(&self, op: &Op, values: &Values) -> Option<String> {
        let at = |end| match (self.shape, end) {
            (Shape::Stack, _) => "on top",
            (_, Front) => "in front",
            (_, Back) => "at the back",
        };
        match *op {
            Op::Push(..) => None,
            Op::Pop(end, value) | Op::Peek(end, value) => Some(format!("{} {}", values.show(value), at(end))),
            Op::PopUnknown(_) => Some("something in it".to_owned()),
            Op::Empty => Some("nothing in it".to_owned()),
        }
    }

    fn show_op(&self, op: &Op, values: &Values) -> String {
        let name = |queue: &'static str, stack: &'static str, deque: [&'static str; 2], end| match self.shape
        {
            Shape::Queue => queue,
            Shape::Stack => stack,
            Shape::Deque => deque[usize::from(end == Back)],
        };
        match *op {
            Op::Push(end, value) => {
                let name = name("enqueue", "push", ["push front", "push back"], end);
                format!("{name} {}", values.show(value))
            }
            Op::Pop(end, value) => {
                let name = name("dequeue", "pop", ["pop front", "pop back"], end);
                format!("{name} {}", values.show(value))
            }
            Op::PopUnknown(end) => {
                format!("{} something", name("dequeue", "pop", ["pop front", "pop back"], end))
            }
            Op::Peek(end, value) => {
                let name = name("peek", "peek", ["peek front", "peek back"], end);
                format!("{name} {}", values.show(value))
            }
            Op::Empty => "find it empty".to_owned(),
        }
    }

    fn show_state(&self, state: &Sequence, values: &Values) -> String {
        let all: Vec<_> = state.to_vec().into_iter().map(|value| values.show(value)).collect();
        format!("[{}]", all.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps() {
        let mut values = Values::new();
        let [a, b] = [1, 2].map(|int| values.int(int));
        let model = Deque { shape: Shape::Deque, initial: Sequence::default() };
        let step = |state: &[ValueId], op| {
            let state = state.iter().copied().collect();
            model.step(&state, &op).into_iter().map(|next| next.to_vec()).next()
        };
        let ab: &[_] = &[a, b];
        for (state, op, next) in [
            (ab, Op::Push(Back, a), Some(vec![a, b, a])),
            (ab, Op::Push(Front, b), Some(vec![b, a, b])),
            (ab, Op::Pop(Front, a), Some(vec![b])),
            (ab, Op::Pop(Front, b), None),
            (ab, Op::Pop(Back, b), Some(vec![a])),
            (ab, Op::Pop(Back, a), None),
            (ab, Op::PopUnknown(Front), Some(vec![b])),
            (ab, Op::PopUnknown(Back), Some(vec![a])),
            (&[], Op::PopUnknown(Front), None),
            (&[], Op::Pop(Front, a), None),
            (ab, Op::Peek(Front, a), Some(vec![a, b])),
            (ab, Op::Peek(Front, b), None),
            (ab, Op::Peek(Back, b), Some(vec![a, b])),
            (&[], Op::Peek(Back, b), None),
            (ab, Op::Empty, None),
            (&[], Op::Empty, Some(vec![])),
        ] {
            assert_eq!(step(state, op), next, "{op:?} in {state:?}");
        }
    }
}
