//! What must stand together in any linearization, as one piece of time: from the first return of its operations, before
//! which it must have begun, to the last call, after which it must end (Gibbons & Korach 1997; ALGORITHMS §C, BLOCKS).
//!
//! A zone B must come before a zone C where B's first return comes before C's last call. There is an order if and only
//! if no two zones must each come before the other.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::numbered::NEVER;

/// The piece of time of some operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Zone {
    /// The first return, before which it must have begun; [`NEVER`] where nothing returns.
    pub(super) first_ret: u32,
    /// The last call, after which it must end; [`NEVER`] where it does not end.
    pub(super) last_call: u32,
}

/// Whether two zones must each come before the other.
pub(super) fn any_two_conflict(zones: &[Zone]) -> bool {
    let mut by_ret: Vec<&Zone> = zones.iter().collect();
    by_ret.sort_unstable_by_key(|zone| zone.first_ret);
    // Of the zones with the earliest returns, the two latest calls: one may be that of the zone that is asked about.
    let mut latest: Vec<[Option<(u32, usize)>; 2]> = Vec::with_capacity(by_ret.len());
    let mut two = [None; 2];
    for (at, zone) in by_ret.iter().enumerate() {
        let new = Some((zone.last_call, at));
        if new > two[0] {
            two = [new, two[0]];
        } else if new > two[1] {
            two[1] = new;
        }
        latest.push(two);
    }
    by_ret.iter().enumerate().any(|(at, zone)| {
        let before = by_ret.partition_point(|other| other.first_ret < zone.last_call);
        let others = before.checked_sub(1).map_or([None; 2], |last| latest[last]);
        others.into_iter().flatten().any(|(call, other)| other != at && call > zone.first_ret)
    })
}

/// An order of the zones, as their places; `None` where there is none.
///
/// The zone whose last call is the earliest can come first if no other has returned by then; otherwise only the zone
/// with the earliest return can (ALGORITHMS §C1.6).
pub(super) fn arrange(zones: &[Zone]) -> Option<Vec<usize>> {
    let heap = |key: fn(&Zone) -> u32| -> BinaryHeap<_> {
        zones.iter().enumerate().map(|(at, zone)| Reverse((key(zone), at))).collect()
    };
    let (mut by_call, mut by_ret) = (heap(|zone| zone.last_call), heap(|zone| zone.first_ret));
    let mut is_placed = vec![false; zones.len()];
    let mut order = Vec::with_capacity(zones.len());
    while order.len() < zones.len() {
        let earliest = |heap: &mut BinaryHeap<Reverse<(u32, usize)>>| loop {
            let Reverse((key, at)) = *heap.peek().expect("a zone is left");
            if !is_placed[at] {
                return (key, at);
            }
            heap.pop();
        };
        let (_, called) = earliest(&mut by_call);
        let (ret, returned) = earliest(&mut by_ret);
        // The earliest return among the others, where `returned` itself is left out.
        by_ret.pop();
        let next_ret = loop {
            match by_ret.peek() {
                Some(&Reverse((_, at))) if is_placed[at] => {
                    by_ret.pop();
                }
                Some(&Reverse((key, _))) => break key,
                None => break NEVER,
            }
        };
        by_ret.push(Reverse((ret, returned)));
        let others = |at| if at == returned { next_ret } else { ret };
        let pick = [called, returned].into_iter().find(|&at| zones[at].last_call <= others(at))?;
        is_placed[pick] = true;
        order.push(pick);
    }
    Some(order)
}
