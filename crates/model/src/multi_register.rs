//! Registers that transactions read and write together, all at one instant.
//!
//! A transaction of unknown outcome: its writes may take effect together at any time after its call, or never; what
//! it read says nothing, for nobody saw it.

use rustc_hash::FxHashMap;
use seriatim_history::{Completion, NilRead, Operation, ValueId, Values};
use smallvec::SmallVec;

use crate::error::OpError;
use crate::model::{Footprint, Model};
use crate::read::{Function, Reader, Row, functions, same_name, with};

/// Registers and what they start with.
#[derive(Clone, Debug)]
pub struct MultiRegister {
    /// What registers start with that [`each`](Self::each) does not name.
    pub initial: ValueId,
    /// What single registers start with.
    pub each: FxHashMap<ValueId, ValueId>,
    /// What a completed read of nil says.
    pub nil_read: NilRead,
}

/// A transaction: its reads and writes in order.
pub type Op = Box<[Micro]>;

/// A read or a write within a transaction. A read sees the writes before it in its transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Micro {
    /// The register held the value.
    Read(ValueId, ValueId),
    /// The register was given the value.
    Write(ValueId, ValueId),
}

/// The registers that hold another value than at the start, sorted.
pub type State = SmallVec<[(ValueId, ValueId); 2]>;

/// The function names the kind of transaction, and changes nothing: what it does stands in its value.
const TABLE: [Row<()>; 3] =
    [with("txn", &["transaction"], ()), with("read", &["r"], ()), with("write", &["w"], ())];

pub(crate) const FUNCTIONS: &[Function] = &functions(&TABLE);

const EXPECTED: &str = "a list of reads `[:r register value]` and writes `[:w register value]`";
const ANSWERED: &str = "its reads and writes again, with the values that were read";

/// A member of a transaction, as it is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    Read(ValueId, Option<ValueId>),
    Write(ValueId, ValueId),
    Append,
}

impl Written {
    /// `[f register value]`, where the value of a read may be missing.
    fn of(value: ValueId, values: &Values) -> Option<Self> {
        let (&function, rest) = values.as_list(value)?.split_first()?;
        let name = values.as_text(function)?;
        let is = |names: &[&str]| names.iter().any(|known| same_name(known, name));
        match *rest {
            [register] if is(&["r", "read"]) => Some(Self::Read(register, None)),
            [register, value] if is(&["r", "read"]) => Some(Self::Read(register, Some(value))),
            [register, value] if is(&["w", "write"]) => Some(Self::Write(register, value)),
            [_, _] if is(&["append"]) => Some(Self::Append),
            _ => None,
        }
    }

    /// All members of what may be a transaction.
    pub(crate) fn all(value: ValueId, values: &Values) -> Option<Vec<Self>> {
        values.as_list(value)?.iter().map(|&member| Self::of(member, values)).collect()
    }
}

impl MultiRegister {
    fn initial(&self, register: ValueId) -> ValueId {
        self.each.get(&register).copied().unwrap_or(self.initial)
    }

    fn get(&self, state: &State, register: ValueId) -> ValueId {
        match state.binary_search_by_key(&register, |&(register, _)| register) {
            Ok(at) => state[at].1,
            Err(_) => self.initial(register),
        }
    }

    fn set(&self, state: &mut State, register: ValueId, value: ValueId) {
        let is_initial = value == self.initial(register);
        match state.binary_search_by_key(&register, |&(register, _)| register) {
            Ok(at) if is_initial => drop(state.remove(at)),
            Ok(at) => state[at].1 = value,
            Err(_) if is_initial => {}
            Err(at) => state.insert(at, (register, value)),
        }
    }
}

impl Model for MultiRegister {
    type Op = Op;
    type State = State;

    fn parse(&self, operation: &Operation, values: &Values) -> Result<Option<Op>, OpError> {
        let of = Reader::new(operation, values);
        of.function(&TABLE)?;
        let asked = Written::all(of.argument(EXPECTED)?, values).ok_or_else(|| of.bad_argument(EXPECTED))?;
        if asked.contains(&Written::Append) {
            return Err(of.unsupported(
                "appends to lists, which this model does not have",
                "this model has reads and writes of registers; transactions that append to lists are another property",
            ));
        }
        let answered = match operation.completion {
            Completion::Fail(_) => return Ok(None),
            Completion::Unknown => None,
            Completion::Ok(answer) => {
                let whole = of.answer(answer, ANSWERED)?;
                let told = Written::all(whole, values).filter(|told| repeats(&asked, told));
                Some(told.ok_or_else(|| of.bad_answer(answer, ANSWERED))?)
            }
        };
        let micro = answered.as_ref().unwrap_or(&asked).iter().filter_map(|written| match *written {
            Written::Read(_, Some(ValueId::NIL)) if self.nil_read == NilRead::Wildcard => None,
            Written::Read(register, Some(value)) if answered.is_some() => Some(Micro::Read(register, value)),
            Written::Write(register, value) => Some(Micro::Write(register, value)),
            Written::Read(..) | Written::Append => None,
        });
        let op: Op = micro.collect();
        Ok((!op.is_empty()).then_some(op))
    }

    fn init(&self) -> State {
        State::new()
    }

    fn step(&self, state: &State, op: &Op) -> impl IntoIterator<Item = State> {
        let mut next = state.clone();
        for micro in op {
            match *micro {
                Micro::Read(register, value) if self.get(&next, register) != value => return None,
                Micro::Read(..) => {}
                Micro::Write(register, value) => self.set(&mut next, register, value),
            }
        }
        Some(next)
    }

    fn observes(&self, op: &Op) -> bool {
        op.iter().all(|micro| matches!(micro, Micro::Read(..)))
    }

    fn footprint(&self, op: &Op) -> Footprint {
        let mut registers: SmallVec<[ValueId; 2]> = op
            .iter()
            .map(|micro| match *micro {
                Micro::Read(register, _) | Micro::Write(register, _) => register,
            })
            .collect();
        registers.sort_unstable();
        registers.dedup();
        Footprint::Keys(registers)
    }

    fn heap(&self, state: &State) -> usize {
        if state.spilled() { state.capacity() * size_of::<(ValueId, ValueId)>() } else { 0 }
    }

    fn answers(&self, state: &State, op: &Op) -> Option<Vec<Op>> {
        let mut state = state.clone();
        let answered = op.iter().map(|micro| match *micro {
            Micro::Read(register, _) => Micro::Read(register, self.get(&state, register)),
            Micro::Write(register, value) => {
                self.set(&mut state, register, value);
                *micro
            }
        });
        Some(vec![answered.collect()])
    }

    fn needs(&self, op: &Op, values: &Values) -> Option<String> {
        let mut written: SmallVec<[ValueId; 2]> = SmallVec::new();
        let mut needed: Vec<String> = Vec::new();
        for micro in op {
            match *micro {
                Micro::Write(register, _) => written.push(register),
                Micro::Read(register, value) => {
                    let own = if written.contains(&register) { " after its own write" } else { "" };
                    needed.push(format!("{} {}{own}", values.show(register), values.show(value)));
                }
            }
        }
        (!needed.is_empty()).then(|| needed.join(" and "))
    }

    fn show_op(&self, op: &Op, values: &Values) -> String {
        let show = |micro: &Micro| match *micro {
            Micro::Read(register, value) => format!("read {} {}", values.show(register), values.show(value)),
            Micro::Write(register, value) => {
                format!("write {} {}", values.show(register), values.show(value))
            }
        };
        op.iter().map(show).collect::<Vec<_>>().join(", ")
    }

    fn show_state(&self, state: &State, values: &Values) -> String {
        let mut registers: Vec<_> =
            self.each.keys().chain(state.iter().map(|(register, _)| register)).collect();
        registers.sort_unstable();
        registers.dedup();
        let show =
            |&register| format!("{} {}", values.show(register), values.show(self.get(state, register)));
        let mut shown: Vec<_> = registers.into_iter().map(show).collect();
        shown.push(format!("others {}", values.show(self.initial)));
        format!("{{{}}}", shown.join(", "))
    }
}

/// Whether a completion tells what was asked, with a value for each read.
fn repeats(asked: &[Written], told: &[Written]) -> bool {
    asked.len() == told.len()
        && asked.iter().zip(told).all(|(asked, told)| match (asked, told) {
            (Written::Read(asked, _), Written::Read(told, Some(_))) => asked == told,
            (asked, told) => asked == told && !matches!(told, Written::Read(..)),
        })
}

#[cfg(test)]
mod tests {
    use Micro::{Read, Write};

    use super::*;

    #[test]
    fn steps() {
        let mut values = Values::new();
        let [x, y] = ["x", "y"].map(|text| values.text(text));
        let [zero, one, two] = [0, 1, 2].map(|int| values.int(int));
        let each = FxHashMap::from_iter([(y, two)]);
        let model = MultiRegister { initial: zero, each, nil_read: NilRead::Value };
        let start: &[_] = &[];
        for (state, op, next) in [
            (start, vec![Read(x, zero), Read(y, two)], Some(vec![])),
            (start, vec![Read(x, zero), Read(y, zero)], None),
            (start, vec![Write(y, one), Write(x, one)], Some(vec![(x, one), (y, one)])),
            (start, vec![Write(x, zero)], Some(vec![])),
            (&[(x, one)], vec![Write(x, zero)], Some(vec![])),
            (&[(x, one)], vec![Write(x, two)], Some(vec![(x, two)])),
            (start, vec![Write(x, one), Read(x, one)], Some(vec![(x, one)])),
            (start, vec![Write(x, one), Read(x, zero)], None),
            (start, vec![Read(x, zero), Write(x, one)], Some(vec![(x, one)])),
        ] {
            let found: Vec<_> =
                model.step(&state.into(), &op.clone().into()).into_iter().map(|next| next.to_vec()).collect();
            assert_eq!(found, Vec::from_iter(next), "{op:?} in {state:?}");
        }
    }
}
