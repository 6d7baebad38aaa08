//! Takes of unknown outcome: which values they may have taken (ALGORITHMS §C2, §C8).
//!
//! Whoever crashed on the way may have taken a value, at any time from its call on. A value that nobody is known to have
//! taken is *due* at the first return of an operation that can only be if the value is gone by then. So each value that
//! is due needs a crashed take of its own that was called earlier, and those that are due first get those that were
//! called first: if that fails, any assignment does. Whatever is assigned beyond that does no harm, because a value
//! that may be taken need not be.
//!
//! That is exact for a fifo queue without peeks. There a value that must be there earlier is due no later than another,
//! so the takes go to the values in the order in which these must be there. Where an assignment crosses that order, it
//! may be uncrossed: the two values are due as before, and together they must be there in no slot more. And it may use
//! the takes that were called first, and leave no value out but the last. What is due is all by which two values can
//! contradict each other, and without peeks two do or none. Not so in a prefix in which somebody found nothing while a
//! take of a known value is open: that value may have gone either way.
//!
//! Elsewhere it is a guess. A guess that has a linearization is one of the history. Where it has none, all values are let
//! go as early as the first crashed take was called: if that has none either, nothing has. Between the two the search
//! must decide.

use super::items::{Conflict, Items, Prefix};
use super::prefix::Known;
use crate::numbered::NEVER;

/// An operation that can only be if certain values are gone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Demand {
    /// It is about values of a greater key than this.
    pub(super) key: u32,
    /// It is about values that must be there before this event.
    pub(super) call: u32,
    /// They must be gone by this return.
    pub(super) ret: u32,
}

/// Judges a prefix: assigns the crashed takes to values, and leaves it to `test` whether that has a linearization.
///
/// `key` is that of the value at a place among the lives. `is_exact` says that the test fails only if every assignment
/// fails.
pub(super) fn settle<T>(
    items: &Items<'_>,
    mut prefix: Prefix,
    is_exact: bool,
    demands: impl FnOnce(&Prefix) -> Vec<Demand>,
    key: impl Fn(&Prefix, usize) -> u32,
    test: impl Fn(&mut Prefix) -> Result<T, Conflict>,
) -> Known<T> {
    let call = |op: u32| items.spans[op as usize].call;
    let crashed = &items.any_takes[..items.any_takes.partition_point(|&op| call(op) < prefix.end)];
    let Some(&first) = crashed.first() else { return test(&mut prefix).into() };
    let taken_from = |prefix: &Prefix, at: usize| prefix.lives[at].take.map_or(NEVER, call);
    let left: Vec<usize> = (0..prefix.lives.len()).filter(|&at| !prefix.lives[at].was_taken()).collect();
    let due = due(demands(&prefix), left.iter().map(|&at| (key(&prefix, at), prefix.lives[at].first_ret)));
    let mut needed: Vec<(u32, usize)> = due
        .into_iter()
        .zip(left.iter().copied())
        .filter(|&(due, at)| taken_from(&prefix, at) > due)
        .collect();
    let first_ret = |at: usize| prefix.lives[at].first_ret;
    needed.sort_unstable_by_key(|&(due, at)| (due, first_ret(at)));
    let mut assigned = prefix.clone();
    let mut free = crashed.iter();
    for (due, at) in needed {
        let Some(&take) = free.next().filter(|&&take| call(take) < due) else {
            return Known::No(Conflict(due));
        };
        assigned.lives[at].may_be_taken(take, call(take));
    }
    let mut others: Vec<usize> =
        left.iter().copied().filter(|&at| assigned.lives[at].take.is_none()).collect();
    others.sort_unstable_by_key(|&at| first_ret(at));
    for (at, &take) in others.into_iter().zip(free) {
        assigned.lives[at].may_be_taken(take, call(take));
    }
    match test(&mut assigned) {
        Ok(found) => return Known::Yes(found),
        Err(conflict) if is_exact => return Known::No(conflict),
        Err(_) => {}
    }
    for at in left {
        if taken_from(&prefix, at) > call(first) {
            prefix.lives[at].may_be_taken(first, call(first));
        }
    }
    test(&mut prefix).map_or_else(Known::No, |_| Known::Maybe)
}

/// For each value, named by its key and the event from which on it must be there, the first return by which it must be
/// gone; [`NEVER`] where it need not be.
fn due(mut demands: Vec<Demand>, values: impl Iterator<Item = (u32, u32)>) -> Vec<u32> {
    let mut values: Vec<_> = (0_usize..).zip(values).collect();
    let mut due = vec![NEVER; values.len()];
    values.sort_unstable_by_key(|&(_, (key, _))| key);
    demands.sort_unstable_by_key(|demand| demand.key);
    let latest = demands.iter().map(|demand| demand.call).max().unwrap_or(0) as usize;
    // A tree of minima over all events from one on (Fenwick 1994, mirrored).
    let mut least = vec![NEVER; latest + 2];
    let mirror = |event: u32| latest + 1 - (event as usize).min(latest + 1);
    let mut demands = demands.into_iter().peekable();
    for (at, (key, first_ret)) in values {
        while let Some(demand) = demands.next_if(|demand| demand.key < key) {
            let mut node = mirror(demand.call);
            while node < least.len() {
                least[node] = least[node].min(demand.ret);
                node += node & node.wrapping_neg();
            }
        }
        let mut node = mirror(first_ret.saturating_add(1));
        while node > 0 {
            due[at] = due[at].min(least[node]);
            node &= node - 1;
        }
    }
    due
}

/// What those who found nothing demand: of every value.
pub(super) fn of_empties(items: &Items<'_>, prefix: &Prefix) -> impl Iterator<Item = Demand> {
    prefix.empties.iter().map(|&(_, op)| {
        let span = items.spans[op as usize];
        Demand { key: 0, call: span.call, ret: span.ret }
    })
}

/// What those demand who found a value next to come out, when they are the sort that can only be if values of a
/// greater key are gone than that of this value, which is at a place among the lives.
pub(super) fn of_fronts(
    items: &Items<'_>,
    prefix: &Prefix,
    key: impl Fn(&Prefix, usize) -> u32,
) -> Vec<Demand> {
    let mut all: Vec<Demand> = of_empties(items, prefix).collect();
    for (at, life) in prefix.lives.iter().enumerate() {
        let key = key(prefix, at);
        let take = life.take.filter(|_| life.was_taken());
        for op in items.peeks(life.value, prefix.end).chain(take) {
            let span = items.spans[op as usize];
            all.push(Demand { key, call: span.call, ret: span.ret });
        }
    }
    all
}
