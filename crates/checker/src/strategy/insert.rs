//! Puts operations that only saw something into an order of the others.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::numbered::{NEVER, Numbered};

/// The order with `observers` in it, which stand in the order of their calls and all return: each at the first place
/// that real time allows and that sees what it saw, or `None` where there is no such place for one.
///
/// `legal` is asked for the first place, from one on, that sees what an operation saw; a place is how many operations
/// of the order stand before it, and too great where there is none. Where one observer has a place the first is as good
/// for all others as any: only what was called after its return must not stand before it. O(n log n).
pub(super) fn insert(
    numbered: &Numbered,
    order: &[u32],
    observers: &[u32],
    legal: impl Fn(u32, usize) -> usize,
) -> Option<Vec<u32>> {
    let ops = &numbered.ops;
    let mut place_of = vec![usize::MAX; ops.len()];
    order.iter().enumerate().for_each(|(place, &op)| place_of[op as usize] = place);
    // For each operation the first place of those that were called no earlier.
    let mut first_from = place_of.clone();
    for at in (1..ops.len()).rev() {
        first_from[at - 1] = first_from[at - 1].min(first_from[at]);
    }
    let mut returns = numbered.returns.iter().peekable();
    // Where observers stand that have a place, and their returns.
    let mut placed: BinaryHeap<Reverse<(u32, usize)>> = BinaryHeap::new();
    let mut places: Vec<(usize, u32)> = Vec::with_capacity(observers.len());
    let mut earliest = 0;
    for (at, &observer) in observers.iter().enumerate() {
        if numbered.is_over(at) {
            return None;
        }
        let call = ops[observer as usize].call;
        while let Some(&op) = returns.next_if(|&&op| ops[op as usize].ret < call) {
            if place_of[op as usize] != usize::MAX {
                earliest = earliest.max(place_of[op as usize] + 1);
            }
        }
        while let Some(&Reverse((ret, place))) = placed.peek().filter(|&&Reverse((ret, _))| ret < call) {
            debug_assert!(ret != NEVER, "observers return");
            earliest = earliest.max(place);
            placed.pop();
        }
        let ret = ops[observer as usize].ret;
        let later = ops.partition_point(|op| op.call < ret);
        let latest = first_from.get(later).copied().unwrap_or(usize::MAX).min(order.len());
        let place = legal(observer, earliest);
        if place > latest {
            return None;
        }
        placed.push(Reverse((ret, place)));
        places.push((place, observer));
    }
    places.sort_unstable();
    let mut all = Vec::with_capacity(order.len() + observers.len());
    let mut places = places.into_iter().peekable();
    for place in 0..=order.len() {
        while let Some((_, observer)) = places.next_if(|&(of, _)| of == place) {
            all.push(observer);
        }
        all.extend(order.get(place));
    }
    Some(all)
}
