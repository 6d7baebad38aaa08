//! What must stand together in any linearization, as one piece of time: from the first return of its operations, before
//! which it must have begun, to the last call, after which it must end (Gibbons & Korach 1997; ALGORITHMS §C, BLOCKS).
//!
//! A zone B must come before a zone C where B's first return comes before C's last call. There is an order if and only
//! if no two zones must each come before the other.

use crate::numbered::{NEVER, Numbered};

/// The piece of time of some operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Zone {
    /// The first return, before which it must have begun; [`NEVER`] where nothing returns.
    pub(super) first_ret: u32,
    /// The last call, after which it must end; [`NEVER`] where it does not end.
    pub(super) last_call: u32,
}

/// Two zones, as their places, that must each come before the other.
pub(super) fn any_two_conflict(zones: &[Zone]) -> Option<(usize, usize)> {
    let by_ret = in_order(zones, |zone| zone.first_ret);
    // Of the zones with the earliest returns, the two latest calls: one may be that of the zone that is asked about.
    let mut latest: Vec<[Option<(u32, u32)>; 2]> = Vec::with_capacity(by_ret.len());
    let mut two = [None; 2];
    for &at in &by_ret {
        let new = Some((zones[at as usize].last_call, at));
        if new > two[0] {
            two = [new, two[0]];
        } else if new > two[1] {
            two[1] = new;
        }
        latest.push(two);
    }
    by_ret.iter().find_map(|&at| {
        let zone = &zones[at as usize];
        let before = by_ret.partition_point(|&other| zones[other as usize].first_ret < zone.last_call);
        let others = before.checked_sub(1).map_or([None; 2], |last| latest[last]);
        let conflicting = |&(call, other): &(u32, u32)| other != at && call > zone.first_ret;
        others.into_iter().flatten().find(conflicting).map(|(_, other)| (at as usize, other as usize))
    })
}

/// The places of zones in the order of an event, and of these.
fn in_order(zones: &[Zone], event: impl Fn(&Zone) -> u32) -> Vec<u32> {
    let number = |at: usize| u64::try_from(at).expect("places have 32 bits");
    let mut all: Vec<u64> =
        zones.iter().enumerate().map(|(at, zone)| u64::from(event(zone)) << 32 | number(at)).collect();
    all.sort_unstable();
    // The lower half is the place.
    all.into_iter().map(|both| both as u32).collect()
}

/// An order of the zones, as their places; `None` where there is none.
///
/// The zone whose last call is the earliest can come first if no other has returned by then; otherwise only the zone
/// with the earliest return can (ALGORITHMS §C1.6).
pub(super) fn arrange(numbered: &Numbered<'_>, zones: &[Zone]) -> Option<Vec<usize>> {
    let by_call = in_order(zones, |zone| zone.last_call);
    let by_ret = in_order(zones, |zone| zone.first_ret);
    let mut is_placed = vec![false; zones.len()];
    let mut order = Vec::with_capacity(zones.len());
    // The first of each that is not placed, and the second by return.
    let (mut call, mut first, mut second) = (0, 0, 0);
    while order.len() < zones.len() {
        if numbered.is_over(order.len()) {
            return None;
        }
        let next = |all: &[u32], mut at: usize| {
            while all.get(at).is_some_and(|&zone| is_placed[zone as usize]) {
                at += 1;
            }
            at
        };
        call = next(&by_call, call);
        first = next(&by_ret, first);
        second = next(&by_ret, second.max(first + 1));
        let ret = |at: usize| by_ret.get(at).map_or(NEVER, |&zone| zones[zone as usize].first_ret);
        let (called, returned) = (by_call[call], by_ret[first]);
        // The earliest return among the others.
        let others = |at| if at == returned { ret(second) } else { ret(first) };
        let pick = [called, returned].into_iter().find(|&at| zones[at as usize].last_call <= others(at))?;
        is_placed[pick as usize] = true;
        order.push(pick as usize);
    }
    Some(order)
}
