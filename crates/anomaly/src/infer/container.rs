//! Queues, stacks, priority queues and bags: what came out too often, in the wrong order, or not at all.
//!
//! A value is *in* from the return of the operation that put it in until the call of the one that took it out, at least.
//! An order is judged where every value of a pair is put in by one operation and came out of one at most: of a queue, if
//! the first one's put had returned when the second's was called, it comes out first (VOrd and VRepet of Henzinger, Sezgin
//! & Vafeiadis 2013); of a stack, what was put on top is in the way; of a priority queue, what has a lesser rank is.

use rustc_hash::FxHashMap;
use seriatim_history::{OpId, ValueId};
use seriatim_model::{Access, Kind};

use super::strange::{self, FEW};
use crate::Anomaly;
use crate::catalog::AnomalyKind;
use crate::reach::Reach;
use crate::role::Role;
use crate::touch::BLOCK;
use crate::words::{Few, NEVER, Word, shown};

/// A value that one operation put in, and one took out at most.
struct Stay {
    put: usize,
    take: Option<usize>,
    /// Until when it is in at least, once its put has returned.
    leaves: u64,
    /// When it was out, as far as anybody knows.
    out: u64,
    rank: i128,
}

/// The anomalies of an object of this kind. None where it is time to stop.
pub(crate) fn find(
    kind: Kind,
    words: &[Word],
    failed: &dyn Fn(ValueId) -> Option<OpId>,
    goes_on: &dyn Fn() -> bool,
) -> Vec<Anomaly> {
    let Some((puts, mut found)) = strange::find(words, failed, goes_on) else { return Vec::new() };
    let mut takes: FxHashMap<ValueId, Few> = FxHashMap::default();
    // From when on somebody may have taken out anything.
    let mut anything = NEVER;
    for (at, word) in words.iter().enumerate() {
        if at.is_multiple_of(BLOCK) && !goes_on() {
            return Vec::new();
        }
        match word.access {
            Access::Take(value) if word.has_happened() => takes.entry(value).or_default().push(at),
            Access::Take(_) | Access::TakeAny => anything = anything.min(word.call),
            _ => {}
        }
    }
    let mut stays: Vec<Stay> = Vec::new();
    for (at, (value, puts)) in puts.iter().enumerate() {
        if at.is_multiple_of(BLOCK) && !goes_on() {
            return Vec::new();
        }
        let taken = takes.get(value).map_or(&[][..], Few::as_slice);
        if taken.len() > puts.len() {
            duplicates(words, puts, taken, &mut found);
        } else if let &[put] = &puts[..]
            && taken.iter().all(|&take| words[take].ret > words[put].call)
        {
            let take = taken.first().copied();
            let rank = if let Access::PutRanked(_, rank) = words[put].access { rank } else { 0 };
            let leaves = take.map_or(anything, |take| words[take].call);
            let out = take.map_or(NEVER, |take| words[take].ret);
            stays.push(Stay { put, take, leaves, out, rank });
        }
    }
    // The order of a map is nobody's.
    stays.sort_by_key(|stay| stay.put);
    found.sort_by_key(|anomaly| anomaly.evidence.operations().pop());
    if !goes_on() {
        return Vec::new();
    }
    empties(words, &stays, &mut found);
    if !goes_on() {
        return Vec::new();
    }
    match kind {
        Kind::Queue => queue(words, &stays, &mut found),
        Kind::Stack => in_the_way(words, &stays, |stay| words[stay.put].call, &mut found, true),
        Kind::PriorityQueue => {
            let mut ranks: Vec<i128> = stays.iter().map(|stay| stay.rank).collect();
            ranks.sort_unstable();
            ranks.dedup();
            let place = |stay: &Stay| ranks.partition_point(|&rank| rank < stay.rank) as u64;
            in_the_way(words, &stays, place, &mut found, false);
        }
        _ => {}
    }
    found
}

/// Somebody took out a value once more than it was put in.
fn duplicates(words: &[Word], puts: &[usize], takes: &[usize], found: &mut Vec<Anomaly>) {
    if puts.len() > FEW || words[puts[0]].call > takes.iter().map(|&take| words[take].ret).min().unwrap_or(0)
    {
        return;
    }
    let mut takes = takes.to_vec();
    takes.sort_by_key(|&take| words[take].ret);
    let (fair, extra) = takes.split_at(puts.len());
    for &take in extra {
        let puts = puts.iter().map(|&put| (Role::Put, &words[put]));
        let takes = fair.iter().chain([&take]).map(|&take| (Role::Took, &words[take]));
        found.push(shown(AnomalyKind::DuplicateElement, puts.chain(takes)));
    }
}

/// Somebody found nothing while something was in.
fn empties(words: &[Word], stays: &[Stay], found: &mut Vec<Anomaly>) {
    let mut by_put: Vec<&Stay> = stays.iter().filter(|stay| words[stay.put].has_happened()).collect();
    by_put.sort_by_key(|stay| words[stay.put].ret);
    // What is lost is told of each, by the first that finds nothing; what only comes late of the one that comes last.
    let (lost, late): (Vec<&Stay>, Vec<&Stay>) = by_put.into_iter().partition(|stay| stay.take.is_none());
    let (mut lost, mut late) = (lost.into_iter().peekable(), late.into_iter().peekable());
    let mut longest: Option<&Stay> = None;
    // In the order of the calls, as all words are.
    for word in words.iter().filter(|word| word.access == Access::Empty && word.has_happened()) {
        let is_in = |stay: &&Stay| words[stay.put].ret < word.call;
        // Who may have taken out anything may have taken any of them, so that all are known to be in for as long.
        while let Some(stay) = lost.next_if(|stay| is_in(stay) && stay.leaves > word.ret) {
            let cast = [(Role::Put, &words[stay.put]), (Role::Missed, word)];
            found.push(shown(AnomalyKind::LostElement, cast));
        }
        while let Some(stay) = late.next_if(is_in) {
            if longest.is_none_or(|longest| longest.leaves < stay.leaves) {
                longest = Some(stay);
            }
        }
        if let Some(stay) = longest.filter(|stay| stay.leaves > word.ret) {
            let take = stay.take.map(|take| (Role::Took, &words[take]));
            let cast = [(Role::Put, &words[stay.put]), (Role::Missed, word)].into_iter().chain(take);
            found.push(shown(AnomalyKind::LateElement, cast));
        }
    }
}

/// Something that was put in later came out first, or something that never came out was overtaken.
fn queue(words: &[Word], stays: &[Stay], found: &mut Vec<Anomaly>) {
    let mut firsts: Vec<&Stay> = stays.iter().filter(|stay| words[stay.put].has_happened()).collect();
    firsts.sort_by_key(|stay| std::cmp::Reverse(words[stay.put].ret));
    let mut seconds: Vec<&Stay> = stays.iter().filter(|stay| stay.take.is_some()).collect();
    seconds.sort_by_key(|stay| std::cmp::Reverse(words[stay.put].call));
    let mut earliest: Option<&Stay> = None;
    let mut next = 0;
    let mut here = Vec::new();
    for first in firsts {
        while let Some(second) =
            seconds.get(next).filter(|second| words[second.put].call > words[first.put].ret)
        {
            if earliest.is_none_or(|earliest| second.out < earliest.out) {
                earliest = Some(second);
            }
            next += 1;
        }
        if let Some(second) = earliest.filter(|second| second.out < first.leaves) {
            here.push(order(words, first, second));
        }
    }
    here.reverse();
    found.append(&mut here);
}

/// Something came out while something else was in that would have had to come out before it. What is in the way of a
/// value has a greater `place` than it where `is_above`, else a lesser one; of a stack it also is put in after it.
fn in_the_way(
    words: &[Word],
    stays: &[Stay],
    place: impl Fn(&Stay) -> u64,
    found: &mut Vec<Anomaly>,
    is_above: bool,
) {
    let mut places: Vec<u64> = stays.iter().map(&place).collect();
    places.sort_unstable();
    places.dedup();
    let of = |wanted: u64| places.partition_point(|&place| place < wanted);
    let mut ins: Vec<usize> = (0..stays.len()).filter(|&at| words[stays[at].put].has_happened()).collect();
    ins.sort_by_key(|&at| words[stays[at].put].ret);
    let mut outs: Vec<(usize, &Stay)> = stays.iter().filter_map(|stay| Some((stay.take?, stay))).collect();
    outs.sort_by_key(|&(take, _)| words[take].call);
    let mut reach = Reach::new(places.len());
    let mut next = 0;
    let mut is_told = vec![false; stays.len()];
    for (take, stay) in outs {
        while let Some(&at) = ins.get(next).filter(|&&at| words[stays[at].put].ret < words[take].call) {
            let place = of(place(&stays[at]));
            // Only the first so many places can be asked for.
            let place = if is_above { places.len() - 1 - place } else { place };
            reach.set(place, stays[at].leaves, at);
            next += 1;
        }
        let before = if is_above {
            if !words[stay.put].has_happened() {
                continue;
            }
            // Those that were put in after it had returned.
            places.len() - places.partition_point(|&place| place <= words[stay.put].ret)
        } else {
            of(place(stay))
        };
        let Some((leaves, at)) = reach.greatest(before) else { continue };
        if leaves > words[take].ret && !std::mem::replace(&mut is_told[at], stays[at].take.is_none()) {
            found.push(order(words, &stays[at], stay));
        }
    }
}

/// What would have had to come out first, and what did.
fn order(words: &[Word], first: &Stay, second: &Stay) -> Anomaly {
    let kind = if first.take.is_some() { AnomalyKind::ReorderedElement } else { AnomalyKind::LostElement };
    let puts = [(Role::Put, &words[first.put]), (Role::LaterPut, &words[second.put])];
    let take = |stay: &Stay| stay.take.map(|take| &words[take]);
    let takes = [(Role::Took, take(second)), (Role::TookLater, take(first))];
    let takes = takes.into_iter().filter_map(|(role, take)| Some((role, take?)));
    shown(kind, puts.into_iter().chain(takes))
}
