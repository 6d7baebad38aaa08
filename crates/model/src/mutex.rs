//! Locks: held by one at a time. Anonymous, by owner, re-entrant, and with fencing tokens.
//!
//! The owner is the process. After an operation of unknown outcome a Jepsen client goes on as another process, so
//! what the first one then holds it holds for ever: that is why a test should not lose track of its locks.
//!
//! An operation of unknown outcome: an acquire may succeed at any time after its call at which it can, or never; a
//! release may happen at any time after its call at which it can, or never.

use seriatim_history::{Answer, Completion, Operation, Value, ValueId, Values};
use smallvec::smallvec;

use crate::access::{Access, Accesses, Kind};
use crate::error::OpError;
use crate::model::Model;
use crate::read::{Function, Reader, Row, functions, without};

/// Who may do what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discipline {
    /// Nobody knows who holds it: anyone may release it.
    Anonymous,
    /// Only its holder may release it.
    Owner,
    /// Its holder may acquire it again, and must release it as often.
    Reentrant,
    /// Only its holder may release it, and each acquire gets a token greater than every one before.
    Fenced,
}

/// A lock that is free at the start, unless it says otherwise.
#[derive(Clone, Debug)]
pub struct Mutex {
    /// Who may do what.
    pub discipline: Discipline,
    /// Whether it is held at the start, by nobody who is known.
    pub held: bool,
}

/// What a lock remembers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// Who holds it, and how many times over. The holder of an anonymous lock is nil.
    pub holder: Option<(ValueId, u32)>,
    /// A bound that the next token must exceed.
    pub token: Option<i128>,
}

/// An operation of a lock, by whom: nil for an anonymous one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// Got it, and this token where there are tokens and it is known.
    Acquire(ValueId, Option<i128>),
    /// Did not get it, for it was held.
    AcquireRefused(ValueId),
    /// Gave it back.
    Release(ValueId),
    /// Could not give it back, for it did not hold it.
    ReleaseRefused(ValueId),
}

#[derive(Clone, Copy)]
enum F {
    Acquire,
    Release,
}

const TABLE: [Row<F>; 2] = [
    without("acquire", &["lock", "try-lock", "try-acquire"], F::Acquire),
    without("release", &["unlock"], F::Release),
];

pub(crate) const FUNCTIONS: &[Function] = &functions(&TABLE);

/// The keys under which a map keeps a token.
const TOKENS: [&str; 6] = ["token", "fencing-token", "fencing_token", "rev", "revision", "fence"];

impl Mutex {
    fn token(&self, of: Reader<'_>, answer: Answer, values: &Values) -> Result<Option<i128>, OpError> {
        if self.discipline != Discipline::Fenced {
            return Ok(None);
        }
        let int = |value| match values.get(value) {
            Value::Int(int) => Some(*int),
            Value::Text(text) => text.parse().ok(),
            _ => None,
        };
        let member = |map| TOKENS.iter().find_map(|name| int(of.member(map, values.find_text(name)?)?));
        let found = [answer.result, answer.value].into_iter().flatten();
        match found.into_iter().find_map(|value| int(value).or_else(|| member(value))) {
            Some(token) => Ok(Some(token)),
            None => Err(of.bad_answer(answer, "a token: an integer, or a map with a `token` or `rev`")),
        }
    }
}

impl Model for Mutex {
    type Op = Op;
    type State = State;

    fn parse(&self, operation: &Operation, values: &Values) -> Result<Option<Op>, OpError> {
        let of = Reader::new(operation, values);
        let owner = match self.discipline {
            Discipline::Anonymous => ValueId::NIL,
            Discipline::Owner | Discipline::Reentrant | Discipline::Fenced => operation.process,
        };
        Ok(match (of.function(&TABLE)?, operation.completion) {
            (_, Completion::Fail(_)) => None,
            (F::Acquire, Completion::Ok(answer)) if of.bare_truth(answer) == Some(false) => {
                Some(Op::AcquireRefused(owner))
            }
            (F::Acquire, Completion::Ok(answer)) => Some(Op::Acquire(owner, self.token(of, answer, values)?)),
            (F::Acquire, Completion::Unknown) => Some(Op::Acquire(owner, None)),
            (F::Release, Completion::Ok(answer)) if of.bare_truth(answer) == Some(false) => {
                Some(Op::ReleaseRefused(owner))
            }
            (F::Release, Completion::Ok(_) | Completion::Unknown) => Some(Op::Release(owner)),
        })
    }

    fn init(&self) -> State {
        State { holder: self.held.then_some((ValueId::NIL, 1)), token: None }
    }

    fn started(&self, state: &State, values: &mut Values) -> Option<(Self, ValueId)> {
        // Only of one that has no owners can be said at the start that it is held.
        let held = state.holder.is_some();
        let word = values.text(if held { "held" } else { "free" });
        (self.discipline == Discipline::Anonymous).then_some((Self { held, ..self.clone() }, word))
    }

    fn step(&self, &state: &State, op: &Op) -> impl IntoIterator<Item = State> {
        let State { holder, token } = state;
        match *op {
            Op::Acquire(owner, got) => {
                let depth = match holder {
                    None => Some(1),
                    Some((by, depth)) if self.discipline == Discipline::Reentrant && by == owner => {
                        depth.checked_add(1)
                    }
                    Some(_) => None,
                };
                // An unknown token exceeds the bound too, so at the least it moves the bound by one.
                let bound = match (token, got) {
                    (Some(bound), Some(got)) => (got > bound).then_some(Some(got)),
                    (Some(bound), None) => bound.checked_add(1).map(Some),
                    (None, got) => Some(got),
                };
                depth.zip(bound).map(|(depth, token)| State { holder: Some((owner, depth)), token })
            }
            Op::Release(owner) => match holder {
                Some((by, depth)) if by == owner => {
                    let holder = (depth > 1).then(|| (by, depth - 1));
                    Some(State { holder, token })
                }
                Some(_) | None => None,
            },
            Op::AcquireRefused(owner) => {
                let held =
                    holder.is_some_and(|(by, _)| self.discipline != Discipline::Reentrant || by != owner);
                held.then_some(state)
            }
            Op::ReleaseRefused(owner) => holder.is_none_or(|(by, _)| by != owner).then_some(state),
        }
    }

    fn observes(&self, op: &Op) -> bool {
        matches!(op, Op::AcquireRefused(_) | Op::ReleaseRefused(_))
    }

    fn kind(&self) -> Kind {
        match (self.discipline, self.held) {
            (Discipline::Anonymous, held) => Kind::Mutex { held },
            (discipline, false) => Kind::OwnedMutex { reentrant: discipline == Discipline::Reentrant },
            // Who holds it is not known, and so nobody can let go of it.
            (_, true) => Kind::Other,
        }
    }

    fn accesses(&self, op: &Op) -> Accesses {
        if self.discipline != Discipline::Anonymous && self.held {
            return Accesses::new();
        }
        smallvec![match *op {
            Op::Acquire(owner, token) => Access::Acquire(owner, token),
            Op::AcquireRefused(owner) => Access::AcquireRefused(owner),
            Op::Release(owner) => Access::Release(owner),
            Op::ReleaseRefused(owner) => Access::ReleaseRefused(owner),
        }]
    }

    fn answers(&self, state: &State, op: &Op) -> Option<Vec<Op>> {
        let (Op::Acquire(owner, _)
        | Op::AcquireRefused(owner)
        | Op::Release(owner)
        | Op::ReleaseRefused(owner)) = *op;
        let both = match op {
            // A token that nobody tells is one that is greater than every one before.
            Op::Acquire(..) | Op::AcquireRefused(_) => [Op::Acquire(owner, None), Op::AcquireRefused(owner)],
            Op::Release(_) | Op::ReleaseRefused(_) => [Op::Release(owner), Op::ReleaseRefused(owner)],
        };
        let is_allowed = |op: &Op| self.step(state, op).into_iter().next().is_some();
        Some(both.into_iter().filter(is_allowed).collect())
    }

    fn needs(&self, op: &Op, values: &Values) -> Option<String> {
        let is_reentrant = self.discipline == Discipline::Reentrant;
        let by = |owner: ValueId| match self.discipline {
            Discipline::Anonymous => "held".to_owned(),
            Discipline::Owner | Discipline::Reentrant | Discipline::Fenced => {
                format!("held by process {}", values.show(owner))
            }
        };
        Some(match *op {
            Op::Acquire(_, Some(token)) => format!("free, with every token before less than {token}"),
            Op::Acquire(owner, None) if is_reentrant => format!("free, or {}", by(owner)),
            Op::Acquire(_, None) => "free".to_owned(),
            Op::AcquireRefused(owner) if is_reentrant => {
                format!("held, but not by process {}", values.show(owner))
            }
            Op::AcquireRefused(_) => "held".to_owned(),
            Op::Release(owner) => by(owner),
            Op::ReleaseRefused(_) if self.discipline == Discipline::Anonymous => "free".to_owned(),
            Op::ReleaseRefused(owner) => format!("not {}", by(owner)),
        })
    }

    fn show_op(&self, op: &Op, values: &Values) -> String {
        let by = |owner: ValueId| match self.discipline {
            Discipline::Anonymous => String::new(),
            Discipline::Owner | Discipline::Reentrant | Discipline::Fenced => {
                format!(" by process {}", values.show(owner))
            }
        };
        match *op {
            Op::Acquire(owner, Some(token)) => format!("acquire{} with token {token}", by(owner)),
            Op::Acquire(owner, None) if self.discipline == Discipline::Fenced => {
                format!("acquire{} with some token", by(owner))
            }
            Op::Acquire(owner, None) => format!("acquire{}", by(owner)),
            Op::AcquireRefused(owner) => format!("acquire{} refused", by(owner)),
            Op::Release(owner) => format!("release{}", by(owner)),
            Op::ReleaseRefused(owner) => format!("release{} refused", by(owner)),
        }
    }

    fn show_state(&self, state: &State, values: &Values) -> String {
        let held = match state.holder {
            None => "free".to_owned(),
            Some((ValueId::NIL, _)) => "held".to_owned(),
            Some((owner, 1)) => format!("held by process {}", values.show(owner)),
            Some((owner, depth)) => format!("held by process {} {depth} times over", values.show(owner)),
        };
        match state.token {
            None => held,
            Some(token) => format!("{held}, token {token}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps() {
        use Discipline::{Anonymous, Fenced, Owner, Reentrant};
        let mut values = Values::new();
        let [a, b] = [1, 2].map(|int| values.int(int));
        let free = State::default();
        let held = |by, depth| State { holder: Some((by, depth)), token: None };
        let token = |state: State, token| State { token: Some(token), ..state };
        let nobody = ValueId::NIL;
        for (discipline, state, op, next) in [
            (Anonymous, free, Op::Acquire(nobody, None), Some(held(nobody, 1))),
            (Anonymous, held(nobody, 1), Op::Acquire(nobody, None), None),
            (Anonymous, held(nobody, 1), Op::Release(nobody), Some(free)),
            (Anonymous, free, Op::Release(nobody), None),
            (Anonymous, free, Op::AcquireRefused(nobody), None),
            (Anonymous, held(nobody, 1), Op::AcquireRefused(nobody), Some(held(nobody, 1))),
            (Anonymous, free, Op::ReleaseRefused(nobody), Some(free)),
            (Anonymous, held(nobody, 1), Op::ReleaseRefused(nobody), None),
            (Owner, free, Op::Acquire(a, None), Some(held(a, 1))),
            (Owner, held(a, 1), Op::Acquire(a, None), None),
            (Owner, held(a, 1), Op::Release(b), None),
            (Owner, held(a, 1), Op::Release(a), Some(free)),
            (Owner, held(a, 1), Op::ReleaseRefused(b), Some(held(a, 1))),
            (Owner, held(a, 1), Op::AcquireRefused(a), Some(held(a, 1))),
            (Reentrant, held(a, 1), Op::Acquire(a, None), Some(held(a, 2))),
            (Reentrant, held(a, 1), Op::Acquire(b, None), None),
            (Reentrant, held(a, 2), Op::Release(a), Some(held(a, 1))),
            (Reentrant, held(a, 1), Op::Release(a), Some(free)),
            (Reentrant, held(a, 1), Op::AcquireRefused(a), None),
            (Reentrant, held(a, 1), Op::AcquireRefused(b), Some(held(a, 1))),
            (Fenced, free, Op::Acquire(a, Some(3)), Some(token(held(a, 1), 3))),
            (Fenced, token(free, 3), Op::Acquire(b, Some(4)), Some(token(held(b, 1), 4))),
            (Fenced, token(free, 3), Op::Acquire(b, Some(3)), None),
            (Fenced, token(free, 3), Op::Acquire(b, None), Some(token(held(b, 1), 4))),
            (Fenced, free, Op::Acquire(b, None), Some(held(b, 1))),
            (Fenced, token(held(a, 1), 3), Op::Acquire(b, Some(4)), None),
            (Fenced, token(held(a, 1), 3), Op::Release(a), Some(token(free, 3))),
            (Fenced, token(held(a, 1), 3), Op::Release(b), None),
        ] {
            let model = Mutex { discipline, held: false };
            let found: Vec<_> = model.step(&state, &op).into_iter().collect();
            assert_eq!(found, Vec::from_iter(next), "{discipline:?}: {op:?} in {state:?}");
        }
    }
}
