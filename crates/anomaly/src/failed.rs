//! Operations that failed, and so are no part of what is checked: what they would have put in.

use std::cell::OnceCell;

use rustc_hash::FxHashMap;
use seriatim_history::{Completion, History, OpId, Operation, ValueId};
use seriatim_model::{Footprint, Kind, Model, Part};

use crate::touch::BLOCK;
use crate::words;

/// By key and value, in the order of calls.
type Puts = FxHashMap<(Option<ValueId>, ValueId), Vec<OpId>>;

/// What the operations of a history that failed would have put in; looked up when somebody asks first.
#[derive(Debug, Default)]
pub struct Failed {
    puts: OnceCell<Puts>,
}

impl Failed {
    /// The first operation that failed on the object of a part, and would have put a value in. `None` also where it is
    /// time to stop.
    pub(crate) fn putting<M: Model>(
        &self,
        model: &M,
        part: &Part<M::Op>,
        history: &History,
        value: ValueId,
        goes_on: &dyn Fn() -> bool,
    ) -> Option<OpId> {
        let all = match self.puts.get() {
            Some(all) => all,
            None => {
                let all = puts(model, history, goes_on)?;
                self.puts.get_or_init(|| all)
            }
        };
        let known = all.get(&(part.key, value))?;
        known.iter().copied().find(|&id| puts_in(model, part, history, id, value))
    }
}

/// What an operation that failed was asked to do: had nobody known what became of it, it would have been read as one
/// that may have happened.
pub fn asked<M: Model>(model: &M, history: &History, operation: &Operation) -> Option<M::Op> {
    let asked = Operation { completion: Completion::Unknown, ..operation.clone() };
    model.parse(&asked, &history.values).ok().flatten()
}

/// What all operations that failed would have put in; `None` where it is time to stop.
fn puts<M: Model>(model: &M, history: &History, goes_on: &dyn Fn() -> bool) -> Option<Puts> {
    let mut puts = Puts::default();
    for (at, operation) in (0..).zip(&history.operations) {
        if (at as usize).is_multiple_of(BLOCK) && !goes_on() {
            return None;
        }
        if !matches!(operation.completion, Completion::Fail(_)) {
            continue;
        }
        let Some(op) = asked(model, history, operation) else { continue };
        for value in model.accesses(&op).iter().filter_map(words::put) {
            puts.entry((operation.key, value)).or_default().push(OpId(at));
        }
    }
    Some(puts)
}

/// Whether an operation failed on the object of a part, and would have put a value in.
pub(crate) fn puts_in<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    history: &History,
    id: OpId,
    value: ValueId,
) -> bool {
    let Some(operation) = history.operations.get(id.index()) else { return false };
    if !matches!(operation.completion, Completion::Fail(_)) || operation.key != part.key {
        return false;
    }
    let Some(op) = asked(model, history, operation) else { return false };
    let is_of_part = match model.footprint(&op) {
        Footprint::Whole => true,
        // Whoever saw an element of a set saw the set that it failed to get into.
        Footprint::Keys(_) if model.kind() == Kind::Set => true,
        Footprint::Keys(keys) => keys.iter().any(|key| part.touched.contains(key)),
    };
    is_of_part && model.accesses(&op).iter().any(|access| words::put(access) == Some(value))
}
