//! An order of the values of a queue.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::numbered::NEVER;
use crate::strategy::items::{Conflict, Items, Life, Prefix};

/// An order of the values; where there is none, what is in the way of one.
///
/// A value can be the next if no other of those that are left must stand before it. What is the least return among them
/// only grows, so who may come in by then stays so, and waits in a heap for its turn to go out.
pub(super) fn arrange(items: &Items<'_>, prefix: &Prefix) -> Result<Vec<u32>, Conflict> {
    let lives = &prefix.lives;
    let by_put = in_order(prefix, |life| life.put_call);
    let by_ret = in_order(prefix, |life| life.first_ret);
    let by_front = in_order(prefix, |life| life.front_ret);
    let first_ret = |at: u32| lives[at as usize].first_ret;
    let front_ret = |at: u32| lives[at as usize].front_ret;
    let mut is_placed = vec![false; lives.len()];
    let (mut fed, mut ret, mut front) = (0, 0, 0);
    // The second value from the front that is left stands no earlier than this.
    let mut second = 0;
    let mut is_fed = vec![false; lives.len()];
    let mut heap: BinaryHeap<Reverse<(u32, u32)>> = BinaryHeap::new();
    let mut order = Vec::with_capacity(lives.len());
    while order.len() < lives.len() {
        if items.numbered.is_over(order.len()) {
            return Err(Conflict(prefix.end));
        }
        while is_placed[by_ret[ret] as usize] {
            ret += 1;
        }
        while is_placed[by_front[front] as usize] {
            front += 1;
        }
        second = second.max(front + 1);
        while by_front.get(second).is_some_and(|&at| is_placed[at as usize]) {
            second += 1;
        }
        let least_ret = first_ret(by_ret[ret]);
        while let Some(&at) = by_put.get(fed).filter(|&&at| lives[at as usize].put_call <= least_ret) {
            debug_assert!(lives[at as usize].put_call <= first_ret(at));
            heap.push(Reverse((lives[at as usize].front_call, at)));
            is_fed[at as usize] = true;
            fed += 1;
        }
        while heap.peek().is_some_and(|&Reverse((_, at))| is_placed[at as usize]) {
            heap.pop();
        }
        let first = by_front[front];
        let second_ret = by_front.get(second).map_or(NEVER, |&at| front_ret(at));
        let others = |at| if at == first { second_ret } else { front_ret(first) };
        let can_leave = |at: &u32| lives[*at as usize].front_call <= others(*at);
        let least = heap.peek().map(|&Reverse((_, at))| at);
        let pick = least
            .filter(can_leave)
            .or_else(|| Some(first).filter(|&at| is_fed[at as usize]).filter(can_leave));
        let Some(pick) = pick else {
            // Each of the values that are left must stand behind one of these three, and must by then.
            let known = [front_ret(first), second_ret].map(|ret| if ret == NEVER { 0 } else { ret });
            return Err(Conflict(least_ret.max(known[0]).max(known[1])));
        };
        is_placed[pick as usize] = true;
        order.push(pick);
    }
    Ok(order)
}

/// The places of the values in the order of an event that each has for itself; last those that do not have it.
fn in_order(prefix: &Prefix, event: impl Fn(&Life) -> u32) -> Vec<u32> {
    let mut at_event = vec![NEVER; prefix.end as usize + 1];
    let mut last = Vec::new();
    for (at, life) in (0..).zip(&prefix.lives) {
        match at_event.get_mut(event(life) as usize) {
            Some(place) => *place = at,
            None => last.push(at),
        }
    }
    at_event.retain(|&at| at != NEVER);
    at_event.append(&mut last);
    at_event
}
