//! What is planted in counters.

use super::draft::{Draft, Op, Outcome};
use crate::rng::Rng;
use crate::script::Datum;

/// How often another place is tried.
const TRIES: usize = 200;

/// By what an operation changes the sum, if it happens.
fn change(draft: &Draft, at: usize) -> i64 {
    let op = &draft.ops()[at];
    let given = draft.int(at).unwrap_or(1);
    match op.function {
        _ if op.outcome == Outcome::Refused => 0,
        "decrement" | "dec-and-get" | "fetch-and-dec" => -given,
        "read" => 0,
        _ => given,
    }
}

/// The sum that an operation saw, before its own change.
fn saw(draft: &Draft, at: usize) -> Option<i64> {
    let op = &draft.ops()[at];
    let told = draft.answer(at).as_int().filter(|_| op.is_done())?;
    match op.function {
        "read" | "fetch-and-add" | "fetch-and-inc" | "fetch-and-dec" => Some(told),
        "add-and-get" | "inc-and-get" | "dec-and-get" => Some(told - change(draft, at)),
        _ => None,
    }
}

fn only_grows(draft: &Draft) -> bool {
    (0..draft.ops().len()).all(|at| change(draft, at) >= 0)
}

fn is_read(op: &Op) -> bool {
    op.is_done() && op.function == "read"
}

/// The greatest sum that somebody had seen when an operation was called, and the first to return with it.
fn greatest_before(draft: &Draft, read: usize) -> Option<(i64, usize)> {
    let ops = draft.ops();
    let seen = (0..ops.len()).filter(|&at| ops[at].is_before(&ops[read]));
    let seen = seen.filter_map(|at| Some((saw(draft, at)?, at)));
    seen.max_by_key(|&(sum, at)| (sum, std::cmp::Reverse(ops[at].ret())))
}

/// A read tells of less than somebody had seen, and nobody takes anything away.
pub(super) fn counter_goes_back(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    if !only_grows(draft) {
        return None;
    }
    for _ in 0..TRIES {
        let read = draft.pick(is_read, rng)?;
        let Some((sum, other)) = greatest_before(draft, read).filter(|&(sum, _)| sum > 0) else { continue };
        let less = 1 + rng.below(sum.min(3) as usize) as i64;
        draft.set_answer(read, Datum::Int(sum - less));
        return Some(vec![draft.ops()[other].number, draft.ops()[read].number]);
    }
    None
}

/// A read tells of less than was added for certain, or of more than may have been. Where nobody takes anything away, it
/// is no less than anybody had seen, and no more than anybody sees later.
pub(super) fn counter_out_of_bounds(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    let only_grows = only_grows(draft);
    for _ in 0..TRIES {
        let read = draft.pick(is_read, rng)?;
        let ops = draft.ops();
        let (mut least, mut most) = (0, 0);
        for at in 0..ops.len() {
            let change = change(draft, at);
            let is_certain = ops[at].is_before(&ops[read]);
            let is_possible = ops[at].call < ops[read].ret();
            least += if is_certain { change.max(0) } else { 0 } + if is_possible { change.min(0) } else { 0 };
            most += if is_certain { change.min(0) } else { 0 } + if is_possible { change.max(0) } else { 0 };
        }
        let beyond = 1 + rng.below(3) as i64;
        let told = if rng.chance(0.5) { least - beyond } else { most + beyond };
        let is_less =
            |at: usize| ops[read].is_before(&ops[at]) && saw(draft, at).is_some_and(|sum| sum < told);
        let goes_back =
            greatest_before(draft, read).is_some_and(|(sum, _)| sum > told) || (0..ops.len()).any(is_less);
        if only_grows && goes_back {
            continue;
        }
        draft.set_answer(read, Datum::Int(told));
        return Some(vec![draft.ops()[read].number]);
    }
    None
}
