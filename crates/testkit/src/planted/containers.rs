//! What is planted in queues, stacks, priority queues and bags.
//!
//! In their histories only what puts in has an unknown outcome, so whatever was taken out is known. An element is *in*
//! from the return of the operation that put it in until the call of the one that took it out.

use std::collections::BTreeMap;

use seriatim_model::ModelName;

use super::draft::{Draft, NEAR, Op, Outcome};
use crate::rng::Rng;
use crate::script::Datum;
use crate::vocabulary::NEVER_WRITTEN;

/// How often another place is tried.
const TRIES: usize = 200;

const PUTS: [&str; 6] = ["enqueue", "enq", "push", "insert", "add", "put"];
const TAKES: [&str; 8] = ["dequeue", "deq", "pop", "delete-min", "poll", "take", "remove", "pop-back"];

fn is_put(op: &Op) -> bool {
    PUTS.contains(&op.function)
}

fn is_take(op: &Op) -> bool {
    op.is_done() && TAKES.contains(&op.function)
}

/// What takes something out of the container of a model.
fn take_of(model: ModelName) -> &'static str {
    match model {
        ModelName::Stack => "pop",
        ModelName::Bag => "take",
        ModelName::PriorityQueue => "delete-min",
        _ => "dequeue",
    }
}

/// An element that is known to have been put in, or may have been, and who took it out.
#[derive(Clone, Copy, Debug)]
struct Stay {
    put: usize,
    take: Option<usize>,
}

/// The elements, in the order in which the operations that put them in were called.
fn stays(draft: &Draft) -> Vec<Stay> {
    let mut takes: BTreeMap<&Datum, usize> = BTreeMap::new();
    let ops = draft.ops();
    for at in (0..ops.len()).filter(|&at| is_take(&ops[at])) {
        takes.insert(draft.answer(at), at);
    }
    let puts = (0..ops.len()).filter(|&at| is_put(&ops[at]) && ops[at].outcome != Outcome::Refused);
    puts.map(|put| Stay { put, take: takes.get(draft.argument(put)).copied() }).collect()
}

/// Adds an operation that takes an element out, or finds nothing.
fn take(draft: &mut Draft, place: usize, answer: Datum, rng: &mut Rng) -> u32 {
    let process = draft.idle(place, &[], rng);
    draft.done(place, process, take_of(draft.model), Datum::Nil, answer)
}

/// A place near behind another one.
fn behind(draft: &Draft, place: usize, rng: &mut Rng) -> usize {
    rng.between(place, draft.len().min(place + 4 * NEAR))
}

/// Something comes out that nobody put in.
pub(super) fn value_from_nowhere(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    let place = rng.below(draft.len() + 1);
    Some(vec![take(draft, place, Datum::Int(NEVER_WRITTEN), rng)])
}

/// Something comes out that somebody failed to put in.
pub(super) fn dirty_read(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    let put = draft.pick(|op| is_put(op) && op.outcome == Outcome::Refused, rng)?;
    let place = behind(draft, draft.ops()[put].ret() + 1, rng);
    Some(vec![draft.ops()[put].number, take(draft, place, draft.argument(put).clone(), rng)])
}

/// Something comes out before anybody is asked to put it in.
pub(super) fn read_from_the_future(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    let put = draft.pick(|op| is_put(op) && op.is_done(), rng)?;
    let call = draft.ops()[put].call;
    let place = rng.between(call.saturating_sub(4 * NEAR), call);
    Some(vec![draft.ops()[put].number, take(draft, place, draft.argument(put).clone(), rng)])
}

/// What was put in once comes out twice.
pub(super) fn duplicate_element(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    let stays = stays(draft);
    for _ in 0..TRIES {
        let stay = stays.get(rng.below(stays.len()))?;
        let Some(first) = stay.take.filter(|_| draft.ops()[stay.put].is_done()) else { continue };
        let place = behind(draft, draft.ops()[stay.put].ret() + 1, rng);
        let again = take(draft, place, draft.argument(stay.put).clone(), rng);
        return Some(vec![draft.ops()[stay.put].number, draft.ops()[first].number, again]);
    }
    None
}

/// Nobody takes out what somebody put in, although what comes only after it came out, or although somebody found nothing.
pub(super) fn lost_element(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    let stays = stays(draft);
    for _ in 0..TRIES {
        let stay = *stays.get(rng.below(stays.len()))?;
        let ops = draft.ops();
        let Some(first) = stay.take.filter(|_| ops[stay.put].is_done()) else { continue };
        let put = &ops[stay.put];
        let mut named = vec![put.number];
        if draft.model == ModelName::Queue {
            // Of those that were put in after it the first to come out.
            let taken = stays.iter().filter(|other| put.is_before(&ops[other.put]));
            let taken = taken.filter_map(|other| Some((ops[other.take?].ret(), other.put, other.take?)));
            let Some((_, other, take)) = taken.min() else { continue };
            named.extend([ops[other].number, ops[take].number]);
        } else {
            let is_empty =
                |&at: &usize| is_take(&ops[at]) && *draft.answer(at) == Datum::Nil && put.is_before(&ops[at]);
            let Some(look) = (0..ops.len()).find(is_empty) else { continue };
            named.push(ops[look].number);
        }
        draft.remove(first);
        return Some(named);
    }
    None
}

/// Somebody finds nothing while something is in that comes out later.
pub(super) fn late_element(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    let stays = stays(draft);
    for _ in 0..TRIES {
        let stay = stays.get(rng.below(stays.len()))?;
        let ops = draft.ops();
        let Some(out) = stay.take else { continue };
        let (from, to) = (ops[stay.put].ret(), ops[out].call);
        if from >= to {
            continue;
        }
        let place = rng.between(from + 1, to);
        // What never comes out would be lost, and not late.
        let is_left = |other: &Stay| other.take.is_none() && ops[other.put].ret() < place;
        if stays.iter().any(is_left) {
            continue;
        }
        return Some(vec![take(draft, place, Datum::Nil, rng)]);
    }
    None
}

/// Two elements come out in the contrary order.
pub(super) fn reordered_element(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    let stays = stays(draft);
    for _ in 0..TRIES {
        let early = rng.below(stays.len());
        let late = early + 1 + rng.below(NEAR.min(stays.len().saturating_sub(early + 1)));
        let (Some(&one), Some(&other)) = (stays.get(early), stays.get(late)) else { continue };
        let ops = draft.ops();
        let (Some(take_one), Some(take_other)) = (one.take, other.take) else { continue };
        let (put_one, put_other) = (&ops[one.put], &ops[other.put]);
        // Whichever came out first; both were in by then.
        let (first, second) = if ops[take_one].is_before(&ops[take_other]) {
            (take_one, take_other)
        } else {
            (take_other, take_one)
        };
        let were_in = put_one.is_before(&ops[first]) && put_other.is_before(&ops[first]);
        if !were_in || !ops[first].is_before(&ops[second]) {
            continue;
        }
        let is_due = match draft.model {
            ModelName::PriorityQueue => priority(draft.answer(first)) < priority(draft.answer(second)),
            ModelName::Queue => put_one.is_before(put_other) && first == take_one,
            _ => put_one.is_before(put_other) && first == take_other,
        };
        // Nothing else may come out in between that shows the same, by who took it.
        let is_between = |stay: &Stay| {
            let take = stay.take.map(|take| &ops[take]);
            stay.put != one.put
                && stay.put != other.put
                && take.is_some_and(|take| take.ret() > ops[first].call && take.call < ops[second].ret())
        };
        if !is_due || stays.iter().any(is_between) {
            continue;
        }
        let (here, there) = (draft.answer(first).clone(), draft.answer(second).clone());
        let named = vec![put_one.number, put_other.number, ops[first].number, ops[second].number];
        draft.set_answer(first, there);
        draft.set_answer(second, here);
        return Some(named);
    }
    None
}

/// What an element comes out by: the least first.
fn priority(element: &Datum) -> i64 {
    match element {
        Datum::List(items) => items.first().map_or(0, priority),
        other => other.as_int().unwrap_or(0),
    }
}
