//! An append log: entries are appended, and the log is read whole.
//!
//! An operation of unknown outcome: an append may take effect at any time after its call, or never; a read says
//! nothing.

use std::sync::Arc;

use seriatim_history::{Completion, NilRead, Operation, Value, ValueId, Values};
use smallvec::smallvec;

use crate::access::{Access, Accesses, Kind};
use crate::error::OpError;
use crate::model::Model;
use crate::read::{Function, Reader, Row, functions, with, without};
use crate::sequence::Sequence;

/// A log that holds `initial` at the start.
#[derive(Clone, Debug)]
pub struct Log {
    /// What it holds at the start.
    pub initial: Sequence,
    /// What a completed read of nil says.
    pub nil_read: NilRead,
}

/// An operation of a log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// Appended this entry.
    Append(ValueId),
    /// Appended this entry, before which there were so many.
    AppendAt(ValueId, usize),
    /// Saw all entries.
    Read(Arc<[ValueId]>),
}

#[derive(Clone, Copy)]
enum F {
    Append,
    Read,
}

const TABLE: [Row<F>; 2] =
    [with("append", &["add", "write", "w"], F::Append), without("read", &["r", "read-all", "get"], F::Read)];

pub(crate) const FUNCTIONS: &[Function] = &functions(&TABLE);

impl Model for Log {
    type Op = Op;
    type State = Sequence;

    fn parse(&self, operation: &Operation, values: &Values) -> Result<Option<Op>, OpError> {
        let of = Reader::new(operation, values);
        Ok(match (of.function(&TABLE)?, operation.completion) {
            (_, Completion::Fail(_)) | (F::Read, Completion::Unknown) => None,
            (F::Append, Completion::Unknown) => Some(Op::Append(of.argument("an entry")?)),
            (F::Append, Completion::Ok(answer)) => {
                of.not_refused(answer)?;
                let entry = of.argument("an entry")?;
                Some(match answer.result.and_then(|result| values.as_int(result)) {
                    Some(place) => match usize::try_from(place) {
                        Ok(place) => Op::AppendAt(entry, place),
                        Err(_) => return Err(of.bad_result(answer, "a number of entries before it")),
                    },
                    None => Op::Append(entry),
                })
            }
            (F::Read, Completion::Ok(answer)) => {
                let expected = "a list of all entries";
                match values.get(of.answer(answer, expected)?) {
                    Value::Nil if self.nil_read == NilRead::Wildcard => None,
                    Value::List(entries) => Some(Op::Read(Arc::clone(entries))),
                    _ => return Err(of.bad_answer(answer, expected)),
                }
            }
        })
    }

    fn init(&self) -> Sequence {
        self.initial.clone()
    }

    fn step(&self, state: &Sequence, op: &Op) -> impl IntoIterator<Item = Sequence> {
        match op {
            Op::Append(entry) => Some(state.push_back(*entry)),
            Op::AppendAt(entry, place) => (state.len() == *place).then(|| state.push_back(*entry)),
            Op::Read(entries) => state.is(entries).then(|| state.clone()),
        }
    }

    fn advance(&self, state: &mut Sequence, op: &Op, outcome: usize) -> bool {
        state.own();
        let is_allowed = match op {
            Op::Append(_) => true,
            Op::AppendAt(_, place) => state.len() == *place,
            Op::Read(entries) => state.is(entries),
        };
        if let (true, Op::Append(entry) | Op::AppendAt(entry, _)) = (is_allowed, op) {
            state.add_back(*entry);
        }
        is_allowed && outcome == 0
    }

    fn observes(&self, op: &Op) -> bool {
        matches!(op, Op::Read(_))
    }

    fn kind(&self) -> Kind {
        if self.initial.is_empty() { Kind::Log } else { Kind::Other }
    }

    fn accesses(&self, op: &Op) -> Accesses {
        smallvec![match op {
            Op::Append(entry) => Access::Append(*entry),
            Op::AppendAt(entry, place) => Access::AppendAt(*entry, *place),
            Op::Read(entries) => Access::ReadLog(entries.clone()),
        }]
    }

    fn heap(&self, _: &Sequence) -> usize {
        64 // one node; the others are shared
    }

    fn answers(&self, state: &Sequence, op: &Op) -> Option<Vec<Op>> {
        Some(vec![match op {
            Op::Append(_) => op.clone(),
            Op::AppendAt(entry, _) => Op::AppendAt(*entry, state.len()),
            Op::Read(_) => Op::Read(state.to_vec().into()),
        }])
    }

    fn needs(&self, op: &Op, values: &Values) -> Option<String> {
        match op {
            Op::Append(_) => None,
            Op::AppendAt(_, 1) => Some("exactly 1 entry".to_owned()),
            Op::AppendAt(_, place) => Some(format!("exactly {place} entries")),
            Op::Read(entries) => Some(format!("exactly {}", show_all(entries, values))),
        }
    }

    fn show_op(&self, op: &Op, values: &Values) -> String {
        match op {
            Op::Append(entry) => format!("append {}", values.show(*entry)),
            Op::AppendAt(entry, place) => format!("append {} at {place}", values.show(*entry)),
            Op::Read(entries) => format!("read {}", show_all(entries, values)),
        }
    }

    fn show_state(&self, state: &Sequence, values: &Values) -> String {
        show_all(&state.to_vec(), values)
    }
}

fn show_all(entries: &[ValueId], values: &Values) -> String {
    format!("[{}]", values.show_all(entries.iter().copied()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps() {
        let mut values = Values::new();
        let [a, b] = [1, 2].map(|int| values.int(int));
        let model = Log { initial: Sequence::default(), nil_read: NilRead::Value };
        let log = |entries: &[_]| entries.iter().copied().collect::<Sequence>();
        for (state, op, next) in [
            (log(&[a]), Op::Append(b), Some(log(&[a, b]))),
            (log(&[a]), Op::AppendAt(b, 1), Some(log(&[a, b]))),
            (log(&[a]), Op::AppendAt(b, 0), None),
            (log(&[a, b]), Op::Read([a, b].into()), Some(log(&[a, b]))),
            (log(&[a, b]), Op::Read([b, a].into()), None),
            (log(&[a, b]), Op::Read([a].into()), None),
        ] {
            let found: Vec<_> = model.step(&state, &op).into_iter().collect();
            assert_eq!(found, Vec::from_iter(next), "{op:?} in {state:?}");
        }
    }
}
