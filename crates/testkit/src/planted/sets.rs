//! What is planted in sets. Every element is added once.

use super::draft::{Draft, NEAR, Op, Outcome};
use crate::rng::Rng;
use crate::script::Datum;
use crate::vocabulary::NEVER_WRITTEN;

/// How often another place is tried.
const TRIES: usize = 200;

fn is_add(op: &Op) -> bool {
    op.function == "add"
}

fn is_read(op: &Op) -> bool {
    op.is_done() && op.function == "read"
}

/// The elements of a whole set.
pub(super) fn items(set: &Datum) -> &[Datum] {
    match set {
        Datum::List(items) | Datum::Set(items) => items,
        _ => &[],
    }
}

/// The same whole set with other elements.
fn with(set: &Datum, items: Vec<Datum>) -> Datum {
    if matches!(set, Datum::Set(_)) { Datum::Set(items) } else { Datum::List(items) }
}

/// Whether an operation saw an element, or that it is missing; `None` where it tells nothing of it.
fn saw(draft: &Draft, at: usize, element: &Datum) -> Option<bool> {
    let op = &draft.ops()[at];
    match op.function {
        "read" if op.is_done() => Some(items(draft.answer(at)).contains(element)),
        "contains" if op.is_done() && draft.argument(at) == element => {
            let told = draft.result(at).unwrap_or(draft.answer(at));
            Some(*told == Datum::Bool(true))
        }
        _ => None,
    }
}

/// Lets an operation see an element, or miss it.
fn show(draft: &mut Draft, at: usize, element: &Datum, is_there: bool) {
    if draft.ops()[at].function == "contains" {
        draft.set_answer(at, Datum::Bool(is_there));
        return;
    }
    let whole = draft.answer(at);
    let mut rest: Vec<Datum> = items(whole).iter().filter(|&item| item != element).cloned().collect();
    if is_there {
        rest.push(element.clone());
    }
    let whole = with(whole, rest);
    draft.set_answer(at, whole);
}

/// Lets somebody between two places see an element: one who reads the whole set, or else one who is added and asks for
/// it.
fn sight(draft: &mut Draft, element: &Datum, from: usize, to: usize, rng: &mut Rng) -> u32 {
    let fits = |op: &Op| is_read(op) && op.call >= from && op.ret() < to;
    let near: Vec<usize> = (0..draft.ops().len()).filter(|&at| fits(&draft.ops()[at])).take(NEAR).collect();
    if let Some(&read) = near.get(rng.below(near.len())) {
        show(draft, read, element, true);
        return draft.ops()[read].number;
    }
    let place = rng.between(from, to);
    let process = draft.idle(place, &[], rng);
    draft.done(place, process, "contains", element.clone(), Datum::Bool(true))
}

/// An operation that added an element, which nobody removes.
fn kept(draft: &Draft, rng: &mut Rng) -> Option<usize> {
    let add = draft.pick(|op| is_add(op) && op.is_done(), rng)?;
    let element = draft.argument(add);
    let removes = |at: usize| draft.ops()[at].function == "remove" && draft.argument(at) == element;
    (!(0..draft.ops().len()).any(removes)).then_some(add)
}

/// Somebody sees what nobody added.
pub(super) fn value_from_nowhere(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    let from = rng.below(draft.len());
    Some(vec![sight(draft, &Datum::Int(NEVER_WRITTEN + 7), from, draft.len(), rng)])
}

/// Somebody sees what somebody failed to add.
pub(super) fn dirty_read(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    // Whoever was told that an element was there did not fail.
    let add = draft.pick(|op| is_add(op) && op.outcome == Outcome::Refused, rng)?;
    if draft.result(add).is_some() || *draft.answer(add) == Datum::Bool(false) {
        return None;
    }
    let (number, from) = (draft.ops()[add].number, draft.ops()[add].ret() + 1);
    Some(vec![number, sight(draft, &draft.argument(add).clone(), from, draft.len(), rng)])
}

/// Somebody sees what is added only later.
pub(super) fn read_from_the_future(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    let add = draft.pick(|op| is_add(op) && op.is_done(), rng)?;
    let (number, call) = (draft.ops()[add].number, draft.ops()[add].call);
    let from = call.saturating_sub(8 * NEAR);
    Some(vec![number, sight(draft, &draft.argument(add).clone(), from, call, rng)])
}

/// Somebody sees an element twice in one look at the whole set.
pub(super) fn duplicate_element(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    let read = draft.pick(is_read, rng)?;
    let mut told = items(draft.answer(read)).to_vec();
    let twice = told.get(rng.below(told.len()))?.clone();
    told.insert(rng.below(told.len() + 1), twice);
    draft.set_answer(read, Datum::List(told));
    Some(vec![draft.ops()[read].number])
}

/// Nobody sees what somebody added.
pub(super) fn lost_element(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    for _ in 0..TRIES {
        let Some(add) = kept(draft, rng) else { continue };
        let element = draft.argument(add).clone();
        let is_behind =
            |&at: &usize| saw(draft, at, &element).is_some() && draft.ops()[add].is_before(&draft.ops()[at]);
        let Some(look) = (0..draft.ops().len()).find(is_behind) else { continue };
        for at in 0..draft.ops().len() {
            if saw(draft, at, &element) == Some(true) {
                show(draft, at, &element, false);
            }
        }
        return Some(vec![draft.ops()[add].number, draft.ops()[look].number]);
    }
    None
}

/// Somebody misses what somebody had added or seen, and others see it later.
pub(super) fn stale_element(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    for _ in 0..TRIES {
        let Some(add) = kept(draft, rng) else { continue };
        let element = draft.argument(add).clone();
        let ops = draft.ops();
        let sightings: Vec<usize> =
            (0..ops.len()).filter(|&at| saw(draft, at, &element) == Some(true)).collect();
        let late: Vec<usize> = sightings
            .iter()
            .copied()
            .filter(|&at| ops[add].is_before(&ops[at]))
            .filter(|&at| sightings.iter().any(|&later| ops[later].call > ops[at].call))
            .collect();
        let Some(&look) = late.get(rng.below(late.len().min(NEAR))) else { continue };
        // The first to return of those who knew of it.
        let knew = sightings.iter().copied().filter(|&at| at != look).chain([add]);
        let known = knew.min_by_key(|&at| ops[at].ret()).unwrap_or(add);
        let named = vec![ops[known].number, ops[look].number];
        show(draft, look, &element, false);
        return Some(named);
    }
    None
}

/// Somebody sees what had been removed.
pub(super) fn zombie_element(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    for _ in 0..TRIES {
        let remove = draft.pick(|op| op.is_done() && op.function == "remove", rng)?;
        let element = draft.argument(remove).clone();
        let ops = draft.ops();
        let of_element = |at: &usize| *draft.argument(*at) == element;
        let add = (0..ops.len()).filter(of_element).find(|&at| is_add(&ops[at]));
        let removes = (0..ops.len()).filter(of_element).filter(|&at| ops[at].function == "remove").count();
        let is_removed = add.is_some_and(|add| ops[add].is_done() && ops[add].is_before(&ops[remove]));
        if !is_removed || removes > 1 {
            continue;
        }
        let (number, from) = (ops[remove].number, ops[remove].ret() + 1);
        return Some(vec![number, sight(draft, &element, from, draft.len(), rng)]);
    }
    None
}
