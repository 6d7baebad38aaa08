//! One look at the events of a queue without peeks, in their order.

use crate::numbered::NEVER;
use crate::strategy::items::{Does, Items};

/// What the events say.
#[derive(Debug)]
pub(super) enum Scanned {
    /// The prefixes that end with one of the first so many returns have linearizations.
    Yes(usize),
    /// The shortest prefix without a linearization ends with the return at this place.
    No(usize),
}

/// What was seen of a value so far.
#[derive(Clone, Copy)]
struct Seen {
    put_call: u32,
    put_ret: u32,
    /// The call of the first operation to take it.
    take_call: u32,
    was_taken: bool,
    /// A crashed take must have taken it.
    is_gone: bool,
}

/// Looks at each event once: a queue without peeks, and where takes crashed, without anybody who found nothing.
///
/// Two values v and w contradict each other where v was put in before w was, and w was taken before anybody was called
/// to take v. Such a v comes to light when w's take returns: it is among the first whose puts returned. By then a
/// crashed take must have been called for each such v.
pub(super) fn scan(items: &Items<'_>) -> Scanned {
    let fresh = Seen { put_call: NEVER, put_ret: NEVER, take_call: NEVER, was_taken: false, is_gone: false };
    let mut seen = vec![fresh; items.values.len()];
    // The values whose puts returned, in the order of these returns; which of them must be out by now.
    let mut entered: Vec<u32> = Vec::new();
    let mut out = 0;
    // How many crashed takes were called, how many of them are needed.
    let (mut crashed, mut needed) = (0_usize, 0);
    // How many values must be there, and the last slot in which none had to be.
    let (mut there, mut free) = (0_usize, None);
    let mut called = 0;
    let mut returns = items.numbered.returns.iter().enumerate();
    for event in 0..items.events {
        if items.numbered.is_over(event as usize) {
            return Scanned::Yes(0);
        }
        if there == 0 {
            free = event.checked_sub(1);
        }
        if items.spans.get(called).is_some_and(|span| span.call == event) {
            match items.does[called] {
                Does::Put(value) => seen[value as usize].put_call = event,
                Does::Take(value) => {
                    let seen = &mut seen[value as usize];
                    if seen.take_call == NEVER {
                        seen.take_call = event;
                        there -= usize::from(seen.put_ret != NEVER);
                    }
                }
                Does::TakeAny => crashed += 1,
                Does::Empty | Does::Peek(_) => {}
            }
            called += 1;
            continue;
        }
        let (at, &op) = returns.next().expect("what is no call is a return");
        let call = items.spans[op as usize].call;
        match items.does[op as usize] {
            Does::Put(value) => {
                let seen = &mut seen[value as usize];
                seen.put_ret = event;
                entered.push(value);
                there += usize::from(seen.take_call == NEVER);
            }
            Does::Take(value) => {
                let taken = seen[value as usize];
                if taken.put_call == NEVER || taken.was_taken || taken.is_gone {
                    return Scanned::No(at);
                }
                // The first to be called was not the one that took it, so it was there longer than was thought.
                if taken.take_call != call {
                    return Scanned::Yes(at);
                }
                seen[value as usize].was_taken = true;
                while let Some(&first) = entered.get(out) {
                    let first = &mut seen[first as usize];
                    if first.put_ret > taken.put_call {
                        break;
                    }
                    if first.take_call == NEVER {
                        first.is_gone = true;
                        needed += 1;
                    }
                    out += 1;
                }
                if needed > crashed {
                    return Scanned::No(at);
                }
            }
            Does::Empty if free.is_none_or(|free| free < call) => return Scanned::No(at),
            Does::Empty | Does::TakeAny | Does::Peek(_) => {}
        }
    }
    Scanned::Yes(items.numbered.returns.len())
}
