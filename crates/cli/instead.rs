//! What could have been answered instead of what was: tried out, one answer after the other.

use seriatim_checker::{Limits, Refutation, not_replaced, possible};
use seriatim_history::{Answer, Completion, History, OpId, Operation, ValueId};
use seriatim_model::{Access, Kind, Model, Part};

use crate::clock;

/// What could have been answered to an operation.
#[derive(Debug)]
pub(crate) struct Instead {
    /// The operation.
    pub(crate) of: OpId,
    /// What it did.
    pub(crate) shown: String,
    /// What it could have done in some order, with whoever put in what it would have seen; nobody where that was there
    /// from the start, or nothing is.
    pub(crate) answers: Vec<(String, Option<OpId>)>,
    /// Whether there is no other that does.
    pub(crate) are_all: bool,
}

/// So many answers are tried.
const TRIED: usize = 12;
/// For so many operations at the most, since each answer is decided anew.
const OPERATIONS: usize = 100_000;

/// What could have been answered to the operation with which a part stops being linearizable, where that reads a register
/// or takes something out of a container. `None` where it does something else, or there is no time to find out.
pub(crate) fn instead<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    history: &History,
    refutation: &Refutation,
    limits: &Limits<'_>,
) -> Option<Instead>
where
    M::State: Ord,
{
    let at = part.entries.binary_search_by_key(&refutation.op, |entry| entry.id).ok()?;
    let access = only(model, &part.entries[at].op)?;
    let candidates = match (model.kind(), &access) {
        (Kind::Register { initial }, Access::Read(_)) => of_register(model, part, refutation.op, initial),
        (Kind::Queue | Kind::Stack | Kind::Bag | Kind::PriorityQueue, Access::Take(_)) => {
            of_container(model, part, at)
        }
        _ => return None,
    };
    if refutation.prefix > OPERATIONS || !clock::has_time_to_spare() {
        return None;
    }
    let operation = history.operation(refutation.op);
    let asked = |&(value, put): &(ValueId, Option<OpId>)| {
        let op = model.parse(&answered(operation, value)?, &history.values).ok().flatten()?;
        Some((op, put))
    };
    let mut tried: Vec<_> = candidates.iter().filter_map(asked).collect();
    let are_all = tried.len() == candidates.len() && tried.len() <= TRIED;
    tried.truncate(TRIED);
    let ops: Vec<M::Op> = tried.iter().map(|(op, _)| op.clone()).collect();
    let fit = possible(model, part, refutation, &ops, limits, &clock::has_time_to_spare)?;
    let fitting = tried.iter().zip(fit).filter(|&(_, fits)| fits).map(|(tried, _)| tried);
    let answers = fitting.map(|(op, put)| (model.show_op(op, &history.values), *put)).collect();
    let shown = model.show_op(&part.entries[at].op, &history.values);
    Some(Instead { of: refutation.op, shown, answers, are_all })
}

fn only<M: Model>(model: &M, op: &M::Op) -> Option<Access> {
    let mut accesses = model.accesses(op);
    accesses.pop().filter(|_| accesses.is_empty())
}

/// An operation as if it had been answered something else.
fn answered(operation: &Operation, value: ValueId) -> Option<Operation> {
    let Completion::Ok(answer) = operation.completion else { return None };
    let mut operation = operation.clone();
    // What one record tells whole has its answer for an argument.
    if operation.argument.is_some() && operation.argument == answer.value {
        operation.argument = Some(value);
    }
    operation.completion = Completion::Ok(Answer { value: Some(value), ..answer });
    Some(operation)
}

/// The values that may still have been there, the latest first; the initial one where nothing surely replaced it.
fn of_register<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    of: OpId,
    initial: ValueId,
) -> Vec<(ValueId, Option<OpId>)> {
    let put = |at: usize| match only(model, &part.entries[at].op) {
        Some(Access::Write(value) | Access::Swap(_, value)) => Some(value),
        _ => None,
    };
    let puts: Vec<usize> = (0..part.entries.len()).filter(|&at| put(at).is_some()).collect();
    let mut all: Vec<(ValueId, Option<OpId>)> = Vec::new();
    let there = not_replaced(part, of, &puts);
    let at = |id: OpId| part.entries.partition_point(|entry| entry.id < id);
    let call = part.entries[at(of)].call;
    let is_replaced = puts.iter().any(|&at| part.entries[at].ret.is_some_and(|ret| ret < call));
    for at in there {
        if let Some(value) = put(at).filter(|value| all.iter().all(|(known, _)| known != value)) {
            all.push((value, Some(part.entries[at].id)));
        }
    }
    if !is_replaced && all.iter().all(|&(known, _)| known != initial) {
        all.push((initial, None));
    }
    all
}

/// Nothing, and the elements that nobody is known to have taken out before, the first ones first.
fn of_container<M: Model>(model: &M, part: &Part<M::Op>, of: usize) -> Vec<(ValueId, Option<OpId>)> {
    let (call, ret) = (part.entries[of].call, part.entries[of].ret);
    let mut taken: Vec<ValueId> = Vec::new();
    let mut all: Vec<(ValueId, Option<OpId>)> = Vec::new();
    for entry in part.entries.iter().take_while(|entry| ret.is_none_or(|ret| entry.call < ret)) {
        match only(model, &entry.op) {
            Some(Access::Take(value)) if entry.ret.is_some_and(|ret| ret < call) => taken.push(value),
            Some(access) => all.extend(access.puts_in().map(|value| (value, Some(entry.id)))),
            None => {}
        }
    }
    taken.sort_unstable();
    all.retain(|(value, _)| taken.binary_search(value).is_err());
    // It may have been empty.
    all.insert(0, (ValueId::NIL, None));
    all
}
