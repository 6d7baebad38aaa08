//! Operations that failed, and so are no part of what is checked: what they would have put in.

use rustc_hash::FxHashMap;
use seriatim_history::{Completion, History, OpId, Operation, ValueId};
use seriatim_model::{Footprint, Model, Part};

/// What an operation that failed was asked to do: had nobody known what became of it, it would have been read as one
/// that may have happened.
pub fn asked<M: Model>(model: &M, history: &History, operation: &Operation) -> Option<M::Op> {
    let asked = Operation { completion: Completion::Unknown, ..operation.clone() };
    model.parse(&asked, &history.values).ok().flatten()
}

/// The values that operations which failed on the object of a part would have put in, each with the first of them.
pub(crate) fn puts<M: Model>(model: &M, part: &Part<M::Op>, history: &History) -> FxHashMap<ValueId, OpId> {
    let mut puts = FxHashMap::default();
    for (at, operation) in (0..).zip(&history.operations) {
        for value in values(model, part, history, operation) {
            puts.entry(value).or_insert(OpId(at));
        }
    }
    puts
}

/// Whether an operation failed on the object of a part, and would have put a value in.
pub(crate) fn puts_in<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    history: &History,
    id: OpId,
    value: ValueId,
) -> bool {
    let operation = history.operations.get(id.index());
    operation.is_some_and(|operation| values(model, part, history, operation).contains(&value))
}

/// What an operation would have put in, if it failed on the object of a part.
fn values<M: Model>(model: &M, part: &Part<M::Op>, history: &History, operation: &Operation) -> Vec<ValueId> {
    if !matches!(operation.completion, Completion::Fail(_)) || operation.key != part.key {
        return Vec::new();
    }
    let Some(op) = asked(model, history, operation) else { return Vec::new() };
    let is_of_part = match model.footprint(&op) {
        Footprint::Whole => true,
        Footprint::Keys(keys) => keys.iter().any(|key| part.touched.contains(key)),
    };
    if !is_of_part {
        return Vec::new();
    }
    model.accesses(&op).iter().filter_map(|access| access.puts_in()).collect()
}
