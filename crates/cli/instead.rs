//! What could have been answered instead of what was: as the frontier tells it, or tried out, one answer after the other.

use std::collections::BTreeSet;

use seriatim_checker::{Frontier, Limits, Refutation, not_replaced, possible};
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
    /// How many more there are that are not told, beside those that nobody can tell.
    pub(crate) more: usize,
    /// What all of them come to, where they are more than are told.
    pub(crate) summary: Option<String>,
    /// Whether there is no other that does.
    pub(crate) are_all: bool,
}

/// So many answers are told, or tried.
const TRIED: usize = 12;
/// For so many operations at the most, since each answer is decided anew.
const OPERATIONS: usize = 100_000;

/// What could have been answered to the operation with which a part stops being linearizable, as its frontier has it.
pub(crate) fn of_frontier<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    history: &History,
    refutation: &Refutation,
    found: &Frontier<M::State, M::Op>,
) -> Instead {
    let show = |op: &M::Op| model.show_op(op, &history.values);
    let mut answers: Vec<(&M::Op, Option<OpId>)> = found
        .answers
        .iter()
        .map(|&(ref op, changed)| (op, justified(model, part, refutation, op, changed)))
        .collect();
    // The latest first, and what nobody put in last.
    answers.sort_by_key(|&(_, by)| std::cmp::Reverse(by));
    let at = part.entries.binary_search_by_key(&refutation.op, |entry| entry.id);
    Instead {
        of: refutation.op,
        shown: at.map_or(String::new(), |at| show(&part.entries[at].op)),
        summary: if answers.len() > TRIED { summary(model, history, &answers) } else { None },
        more: answers.len().saturating_sub(TRIED),
        answers: answers.iter().take(TRIED).map(|&(op, by)| (show(op), by)).collect(),
        are_all: found.are_all,
    }
}

/// Whoever put in what an answer shows, where that is known: `changed` is the last change before it in some order.
fn justified<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    refutation: &Refutation,
    op: &M::Op,
    changed: Option<OpId>,
) -> Option<OpId> {
    match (model.kind(), model.accesses(op).as_slice()) {
        // What is there is what the last change left.
        (Kind::Register { .. }, [Access::Read(_)])
        | (Kind::Counter { .. }, [Access::Sum(_) | Access::ChangeFrom(..)])
        | (Kind::Log, [Access::ReadLog(_) | Access::AppendAt(..)])
        | (Kind::Mutex { .. } | Kind::OwnedMutex { .. }, [_]) => changed,
        (
            _,
            [Access::Take(value) | Access::Peek(value) | Access::Present(value) | Access::Removed(value)],
        ) => {
            let called = part.entries.iter().take_while(|entry| entry.call <= refutation.ret);
            let is_put = |op: &M::Op| only(model, op).and_then(|access| access.puts_in()) == Some(*value);
            let mut puts = called.filter(|entry| entry.id != refutation.op && is_put(&entry.op));
            // Which of several it was is not known.
            puts.next().filter(|_| puts.next().is_none()).map(|entry| entry.id)
        }
        _ => None,
    }
}

/// What many answers come to, where they are sums, logs or whole sets.
fn summary<M: Model>(model: &M, history: &History, answers: &[(&M::Op, Option<OpId>)]) -> Option<String> {
    let count = answers.len();
    let accesses: Vec<Access> = answers.iter().filter_map(|(op, _)| only(model, op)).collect();
    let sums: BTreeSet<i128> = accesses
        .iter()
        .filter_map(|access| match access {
            Access::Sum(sum) | Access::ChangeFrom(sum, _) => Some(*sum),
            _ => None,
        })
        .collect();
    if let (Some(least), Some(most)) = (sums.first(), sums.last())
        && sums.len() == count
    {
        return Some(format!("{count} sums from {least} to {most}"));
    }
    let lengths: BTreeSet<usize> = accesses
        .iter()
        .filter_map(|access| match access {
            Access::ReadLog(entries) => Some(entries.len()),
            Access::AppendAt(_, place) => Some(*place),
            _ => None,
        })
        .collect();
    if let (Some(least), Some(most)) = (lengths.first(), lengths.last()) {
        return Some(format!("{count} answers, of {least} to {most} entries"));
    }
    let sets: Vec<&[ValueId]> = accesses
        .iter()
        .filter_map(|access| match access {
            Access::ReadAll(all) => Some(&**all),
            _ => None,
        })
        .collect();
    let union: BTreeSet<ValueId> = sets.iter().flat_map(|all| all.iter().copied()).collect();
    let (must, may): (Vec<ValueId>, Vec<ValueId>) =
        union.into_iter().partition(|value| sets.iter().all(|all| all.binary_search(value).is_ok()));
    let show = |values: Vec<ValueId>| format!("#{{{}}}", history.values.show_all(values.into_iter()));
    (sets.len() == count)
        .then(|| format!("{count} sets, which all have {}, and of {} each its own", show(must), show(may)))
}

/// The same where the frontier is too large: answers are tried where the operation reads a register or takes something out
/// of a container. `None` where it does something else, or there is no time to find out.
pub(crate) fn tried<M: Model>(
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
    Some(Instead { of: refutation.op, shown, answers, more: 0, summary: None, are_all })
}

fn only<M: Model>(model: &M, op: &M::Op) -> Option<Access> {
    let mut accesses = model.accesses(op);
    accesses.pop().filter(|_| accesses.is_empty())
}

/// An operation as if it had been answered something else.
pub(crate) fn answered(operation: &Operation, value: ValueId) -> Option<Operation> {
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
