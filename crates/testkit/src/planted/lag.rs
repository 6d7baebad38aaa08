//! Would lag alone explain it? The judge of what a history in which nodes were divided has to tell.
//!
//! Say that there is one log of all writes, in an order that real time allows, and that each side answers from a beginning
//! of it: as long as it likes to lag, but never shorter than before, and never without what the side itself wrote or told
//! already; compare-and-sets act at the end of the log. If the history can be that of such a system, nothing in it shows
//! that both sides went on by themselves. It can if and only if the orders that follow for any two values are no cycle. All
//! pairs are looked at, so this is for small histories.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Draft, Op};
use super::registers::touch;
use super::sets::items;
use crate::script::Datum;

/// Which value stands before which.
type Order<T> = BTreeMap<T, BTreeSet<T>>;

/// Whether a register that starts with nil could be such a log; `side` tells who is on which side. Every value is written
/// once.
pub(super) fn explains_register(draft: &Draft, side: impl Fn(&Op) -> usize) -> bool {
    let ops = draft.ops();
    let touches: Vec<_> = (0..ops.len()).map(|at| touch(draft, at)).collect();
    // Whoever puts a value in and saw another one stands right behind it.
    let mut next: BTreeMap<&Datum, &Datum> = BTreeMap::new();
    for (op, touch) in ops.iter().zip(&touches) {
        if let (true, Some(saw), Some(put)) = (op.is_done(), &touch.saw, &touch.put)
            && next.insert(saw, put).is_some()
        {
            return false;
        }
    }
    let follows: BTreeSet<&Datum> = next.values().copied().collect();
    let values = touches.iter().flat_map(|touch| [&touch.saw, &touch.put]).flatten().chain([&Datum::Nil]);
    let mut places: BTreeMap<&Datum, (usize, usize)> = BTreeMap::new();
    for (chain, first) in values.filter(|value| !follows.contains(value)).enumerate() {
        let mut value = first;
        for at in 0.. {
            places.entry(value).or_insert((chain, at));
            let Some(&behind) = next.get(value) else { break };
            value = behind;
        }
    }
    let mut order: Order<usize> = BTreeMap::new();
    let mut is_possible = true;
    let mut before = |one: &Datum, other: &Datum| {
        let (Some(&one), Some(&other)) = (places.get(one), places.get(other)) else { return };
        if one.0 == other.0 {
            is_possible &= one.1 <= other.1;
        } else {
            order.entry(one.0).or_default().insert(other.0);
        }
    };
    touches
        .iter()
        .flat_map(|touch| [&touch.saw, &touch.put])
        .flatten()
        .for_each(|value| before(&Datum::Nil, value));
    for (early, did) in ops.iter().zip(&touches).filter(|(op, _)| op.is_done()) {
        for (late, then) in ops.iter().zip(&touches).filter(|(late, _)| early.is_before(late)) {
            for value in [&did.saw, &did.put].into_iter().flatten() {
                if let Some(put) = &then.put {
                    before(value, put);
                }
                if let Some(saw) = then.saw.as_ref().filter(|_| late.is_done() && side(early) == side(late)) {
                    before(value, saw);
                }
            }
        }
    }
    is_possible && !has_cycle(&order)
}

/// The same for a set that starts empty. Every element is added once; those that somebody removes tell nothing.
pub(super) fn explains_set(draft: &Draft, side: impl Fn(&Op) -> usize) -> bool {
    let ops = draft.ops();
    let of = |function: &str| {
        let all = (0..ops.len()).filter(|&at| ops[at].function == function);
        all.filter_map(|at| Some((draft.argument(at).as_int()?, at))).collect::<BTreeMap<i64, usize>>()
    };
    let (mut adds, removes) = (of("add"), of("remove"));
    adds.retain(|element, _| !removes.contains_key(element));
    // What somebody saw, and what not.
    let saw = |at: usize, element: i64| match (ops[at].function, draft.answer(at)) {
        ("read", answer @ (Datum::List(_) | Datum::Set(_))) => {
            Some(items(answer).contains(&Datum::Int(element)))
        }
        ("contains", &Datum::Bool(is_there)) if draft.argument(at).as_int() == Some(element) => {
            Some(is_there)
        }
        _ => None,
    };
    let knows = |at: usize, element: i64| {
        ops[at].is_done() && (adds.get(&element) == Some(&at) || saw(at, element) == Some(true))
    };
    let mut order: Order<i64> = BTreeMap::new();
    for &element in adds.keys() {
        for at in (0..ops.len()).filter(|&at| knows(at, element)) {
            for (&later, &add) in &adds {
                if ops[at].is_before(&ops[add]) {
                    order.entry(element).or_default().insert(later);
                }
            }
            let is_behind = |&late: &usize| {
                ops[late].is_done() && ops[at].is_before(&ops[late]) && side(&ops[at]) == side(&ops[late])
            };
            if (0..ops.len()).filter(is_behind).any(|late| saw(late, element) == Some(false)) {
                return false;
            }
            for &other in adds.keys().filter(|&&other| ops[at].is_done() && saw(at, other) == Some(false)) {
                if saw(at, element) == Some(true) {
                    order.entry(element).or_default().insert(other);
                }
            }
        }
    }
    !has_cycle(&order)
}

/// Whether something stands before itself.
fn has_cycle<T: Ord + Copy>(order: &Order<T>) -> bool {
    let mut left = order.clone();
    loop {
        let is_last =
            |behind: &BTreeSet<T>, left: &Order<T>| behind.iter().all(|value| !left.contains_key(value));
        let done: Vec<T> =
            left.iter().filter(|(_, behind)| is_last(behind, &left)).map(|(&value, _)| value).collect();
        if done.is_empty() {
            return !left.is_empty();
        }
        done.iter().for_each(|value| _ = left.remove(value));
    }
}
