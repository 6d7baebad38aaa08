//! One key of a key-value store: its value is got, put, deleted, appended to, and compared and set. A key that is
//! absent holds nil.
//!
//! An operation of unknown outcome: a put, a delete, an append or a compare-and-set may take effect at any time after
//! its call, or never; a get says nothing.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use seriatim_history::{Completion, FailedCas, NilRead, Operation, ValueId, Values};
use smallvec::smallvec;

use crate::access::{Access, Accesses, Kind, TextAccess};
use crate::error::OpError;
use crate::model::Model;
use crate::read::{Function, Reader, Row, functions, same_name, with, without};

/// A key that starts with `initial`.
#[derive(Clone, Debug)]
pub struct Kv {
    /// The value it starts with; nil where it starts absent.
    initial: ValueId,
    /// What a completed get of nil says.
    nil_read: NilRead,
    /// What a failed compare-and-set says.
    failed_cas: FailedCas,
    /// What appending needs to know.
    texts: Arc<Texts>,
}

/// What a key holds.
///
/// Appending makes texts that the history never mentions. Only what such a text may yet become matters: those that
/// cannot grow into a mentioned one are all alike, since no get can have seen them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// A value of the history.
    Value(ValueId),
    /// A text that is no value of the history, but that a text of the history begins with.
    Prefix(Beginning),
    /// Any other text.
    Other,
}

/// What some texts of the history begin with. Sorted, these stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Beginning {
    /// The first of them.
    first: u32,
    /// Where they end.
    end: u32,
    /// How many bytes they all begin with.
    len: u32,
}

/// An operation of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// It held this value.
    Get(ValueId),
    /// It was given this value; nil where it was deleted.
    Put(ValueId),
    /// This text was put behind its text.
    Append(ValueId),
    /// It held the first value and was given the second.
    Cas(ValueId, ValueId),
    /// It did not hold this value, so it was not given another.
    CasRefused(ValueId),
}

#[derive(Clone, Copy)]
enum F {
    Get,
    Put,
    Delete,
    Append,
    Cas,
}

const TABLE: [Row<F>; 5] = [
    without("get", &["read", "r"], F::Get),
    with("put", &["write", "w", "set"], F::Put),
    without("delete", &["del", "remove"], F::Delete),
    with("append", &[], F::Append),
    with("cas", &["compare-and-set"], F::Cas),
];

pub(crate) const FUNCTIONS: &[Function] = &functions(&TABLE);

/// The texts of a history.
#[derive(Debug, Default)]
struct Texts {
    sorted: Vec<(Box<str>, ValueId)>,
    /// The texts that begin with the text of a value; the first is that text.
    known: FxHashMap<ValueId, Beginning>,
}

impl Texts {
    /// None where the history has no function that appends: they are not cheap.
    fn new(values: &Values) -> Self {
        if !values.texts().any(|(text, _)| same_name("append", text)) {
            return Self::default();
        }
        let mut sorted: Vec<_> = values.texts().map(|(text, id)| (text.into(), id)).collect();
        sorted.sort_unstable();
        let number = |at: usize| u32::try_from(at).expect("fewer than 2^32 texts of fewer bytes");
        let mut known = FxHashMap::default();
        // Those that may yet begin further texts, each of which begins the next.
        let mut open: Vec<usize> = Vec::new();
        let mut close = |first: usize, end: usize| {
            let (text, id): &(Box<str>, ValueId) = &sorted[first];
            known.insert(*id, Beginning { first: number(first), end: number(end), len: number(text.len()) });
        };
        for (at, (text, _)) in sorted.iter().enumerate() {
            while let Some(first) = open.pop_if(|&mut first| !text.starts_with(&*sorted[first].0)) {
                close(first, at);
            }
            open.push(at);
        }
        open.into_iter().for_each(|first| close(first, sorted.len()));
        Self { sorted, known }
    }

    fn get(&self, id: ValueId) -> Option<&str> {
        self.known.get(&id).map(|&text| self.show(text))
    }

    fn show(&self, Beginning { first, len, .. }: Beginning) -> &str {
        &self.sorted[first as usize].0[..len as usize]
    }

    /// What all texts begin with.
    fn empty(&self) -> Beginning {
        Beginning { first: 0, end: u32::try_from(self.sorted.len()).expect("fewer than 2^32 texts"), len: 0 }
    }

    /// What comes of putting `more` behind what some texts begin with.
    fn append(&self, Beginning { first, end, len }: Beginning, more: &str) -> State {
        let among = &self.sorted[first as usize..end as usize];
        let rest = |at: usize| &among[at].0[len as usize..];
        let number = |at: usize| u32::try_from(at).expect("no more than there are");
        let at = among.partition_point(|(text, _)| text[len as usize..] < *more);
        if at == among.len() || !rest(at).starts_with(more) {
            return State::Other;
        }
        if rest(at) == more {
            return State::Value(among[at].1);
        }
        let count = among[at..].partition_point(|(text, _)| text[len as usize..].starts_with(more));
        let first = first + number(at);
        State::Prefix(Beginning { first, end: first + number(count), len: len + number(more.len()) })
    }
}

impl Kv {
    /// A key of the history that `values` are of: all of them, for a text that is missing cannot be appended.
    pub fn new(initial: ValueId, nil_read: NilRead, failed_cas: FailedCas, values: &Values) -> Self {
        Self { initial, nil_read, failed_cas, texts: Arc::new(Texts::new(values)) }
    }

    /// What comes of putting a text behind a state; nothing comes of putting it behind what is no text.
    fn append(&self, state: State, more: ValueId) -> Option<State> {
        let base = match state {
            State::Value(ValueId::NIL) => self.texts.empty(),
            State::Value(id) => *self.texts.known.get(&id)?,
            State::Prefix(text) => text,
            State::Other => return Some(State::Other),
        };
        Some(self.texts.append(base, self.texts.get(more)?))
    }
}

impl Model for Kv {
    type Op = Op;
    type State = State;

    fn parse(&self, operation: &Operation, values: &Values) -> Result<Option<Op>, OpError> {
        let of = Reader::new(operation, values);
        Ok(match (of.function(&TABLE)?, operation.completion) {
            (F::Get, Completion::Ok(answer)) => match of.answer(answer, "the value, or nil")? {
                ValueId::NIL if self.nil_read == NilRead::Wildcard => None,
                value => Some(Op::Get(value)),
            },
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
            (_, Completion::Fail(_)) | (F::Get, Completion::Unknown) => None,
            (F::Put, _) => Some(Op::Put(of.argument("a value")?)),
            (F::Delete, _) => Some(Op::Put(ValueId::NIL)),
            (F::Append, _) => {
                let text = of.argument("a text")?;
                if values.as_text(text).is_none() {
                    return Err(of.bad_argument("a text"));
                }
                if self.texts.get(text).is_none() {
                    return Err(of.unsupported(
                        "takes a text that the model was not told of",
                        "make the model from the values of the whole history",
                    ));
                }
                Some(Op::Append(text))
            }
        })
    }

    fn init(&self) -> State {
        State::Value(self.initial)
    }

    fn started(&self, state: &State, _: &mut Values) -> Option<(Self, ValueId)> {
        let initial = self.value_of(state)?;
        Some((Self { initial, ..self.clone() }, initial))
    }

    fn step(&self, state: &State, op: &Op) -> impl IntoIterator<Item = State> {
        let holds = |value| *state == State::Value(value);
        match *op {
            Op::Get(value) => holds(value).then_some(*state),
            Op::Put(value) => Some(State::Value(value)),
            Op::Append(text) => self.append(*state, text),
            Op::Cas(from, to) => holds(from).then_some(State::Value(to)),
            Op::CasRefused(from) => (!holds(from)).then_some(*state),
        }
    }

    fn observes(&self, op: &Op) -> bool {
        matches!(op, Op::Get(_) | Op::CasRefused(_))
    }

    fn kind(&self) -> Kind {
        Kind::Register { initial: self.initial }
    }

    fn accesses(&self, op: &Op) -> Accesses {
        smallvec![match *op {
            Op::Get(value) => Access::Read(value),
            Op::Put(value) => Access::Write(value),
            Op::Cas(from, to) => Access::Swap(from, to),
            Op::CasRefused(from) => Access::Differs(from),
            Op::Append(_) => return Accesses::new(),
        }]
    }

    fn text_access(&self, op: &Op) -> Option<TextAccess<'_>> {
        let text = |value| if value == ValueId::NIL { Some("") } else { self.texts.get(value) };
        match *op {
            Op::Get(value) => text(value).map(TextAccess::Saw),
            Op::Put(value) => text(value).map(TextAccess::Put),
            Op::Append(value) => text(value).map(TextAccess::Append),
            Op::Cas(..) | Op::CasRefused(_) => None,
        }
    }

    fn value_of(&self, state: &State) -> Option<ValueId> {
        match state {
            State::Value(value) => Some(*value),
            State::Prefix(_) | State::Other => None,
        }
    }

    fn answers(&self, state: &State, op: &Op) -> Option<Vec<Op>> {
        let holds = |value| *state == State::Value(value);
        Some(match *op {
            // What is there may be no value of the history.
            Op::Get(_) => vec![Op::Get(self.value_of(state)?)],
            Op::Cas(from, _) if !holds(from) => vec![Op::CasRefused(from)],
            Op::Put(_) | Op::Cas(..) => vec![*op],
            Op::Append(text) => self.append(*state, text).map(|_| *op).into_iter().collect(),
            // What it was to put in is not told.
            Op::CasRefused(_) => return None,
        })
    }

    fn needs(&self, op: &Op, values: &Values) -> Option<String> {
        match *op {
            Op::Get(value) | Op::Cas(value, _) => Some(values.show(value)),
            Op::CasRefused(from) => Some(format!("anything but {}", values.show(from))),
            Op::Append(_) => Some("a text, or nothing".to_owned()),
            Op::Put(_) => None,
        }
    }

    fn show_op(&self, op: &Op, values: &Values) -> String {
        let show = |value| values.show(value);
        match *op {
            Op::Get(value) => format!("get {}", show(value)),
            Op::Put(ValueId::NIL) => "delete".to_owned(),
            Op::Put(value) => format!("put {}", show(value)),
            Op::Append(text) => format!("append {}", show(text)),
            Op::Cas(from, to) => format!("cas {} to {}", show(from), show(to)),
            Op::CasRefused(from) => format!("cas from {} refused", show(from)),
        }
    }

    fn show_state(&self, state: &State, values: &Values) -> String {
        match state {
            State::Value(value) => values.show(*value),
            State::Prefix(text) => format!("{:?}", self.texts.show(*text)),
            State::Other => "a text that nobody got".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps() {
        let mut values = Values::new();
        let _ = values.text("append");
        let [empty, x, y, xy, xyz] = ["", "x", "y", "xy", "xyzx"].map(|text| values.text(text));
        let (one, nil) = (values.int(1), ValueId::NIL);
        let model = Kv::new(nil, NilRead::Value, FailedCas::Drop, &values);
        let value = State::Value;
        let prefix = |text: &str| model.texts.append(model.texts.empty(), text);
        let z = values.text("z"); // which the model does not know
        for (state, op, next) in [
            (value(nil), Op::Get(nil), Some(value(nil))),
            (value(nil), Op::Get(empty), None),
            (value(x), Op::Get(x), Some(value(x))),
            (value(x), Op::Put(nil), Some(value(nil))),
            (prefix("xyz"), Op::Put(y), Some(value(y))),
            (value(nil), Op::Append(x), Some(value(x))),
            (value(empty), Op::Append(x), Some(value(x))),
            (value(nil), Op::Append(empty), Some(value(empty))),
            (value(x), Op::Append(y), Some(value(xy))),
            (value(xy), Op::Append(y), Some(State::Other)),
            (prefix("xyz"), Op::Append(x), Some(value(xyz))),
            (prefix("xyz"), Op::Append(y), Some(State::Other)),
            (State::Other, Op::Append(x), Some(State::Other)),
            (value(one), Op::Append(x), None),
            (value(x), Op::Append(z), None),
            (State::Other, Op::Get(x), None),
            (State::Other, Op::Put(x), Some(value(x))),
            (value(x), Op::Cas(x, y), Some(value(y))),
            (value(x), Op::Cas(y, x), None),
            (prefix("xyz"), Op::Cas(xyz, x), None),
            (value(x), Op::CasRefused(y), Some(value(x))),
            (value(x), Op::CasRefused(x), None),
            (State::Other, Op::CasRefused(x), Some(State::Other)),
        ] {
            let found: Vec<_> = model.step(&state, &op).into_iter().collect();
            assert_eq!(found, Vec::from_iter(next), "{op:?} in {state:?}");
        }
        assert!(matches!(prefix("xyz"), State::Prefix(_)));
        assert_eq!(model.show_state(&prefix("xyz"), &values), r#""xyz""#);
    }

    #[test]
    fn what_is_appended_is_what_the_whole_text_is() {
        let all: Vec<String> =
            ["", "a", "ab", "aba", "abab", "ä", "äb", "b", "ba", "bab", "bb"].map(str::to_owned).into();
        // Some of them are of the history, and others are not.
        for chosen in 0_u32..1 << all.len() {
            let mut values = Values::new();
            let _ = values.text("append");
            let is_chosen = |at: usize| chosen & 1 << at != 0;
            for text in all.iter().enumerate().filter(|&(at, _)| is_chosen(at)).map(|(_, text)| text) {
                let _ = values.text(text);
            }
            let model = Kv::new(ValueId::NIL, NilRead::Value, FailedCas::Drop, &values);
            let texts = &model.texts;
            for base in &all {
                for more in &all {
                    let whole = texts.append(texts.empty(), &format!("{base}{more}"));
                    let parts = match texts.append(texts.empty(), base) {
                        State::Value(id) => texts.append(texts.known[&id], more),
                        State::Prefix(text) => texts.append(text, more),
                        State::Other => State::Other,
                    };
                    assert_eq!(parts, whole, "{base:?} and {more:?}");
                    if let State::Prefix(text) = whole {
                        assert_eq!(texts.show(text), format!("{base}{more}"));
                    }
                }
            }
        }
    }
}
