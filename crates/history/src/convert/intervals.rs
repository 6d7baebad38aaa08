//! The native format with an operation a line, where the times order everything.
//!
//! The recorded times are written if they say the order of the events, by one of the two rules for equal times. Otherwise the
//! places of the events stand for times. An operation that this form cannot hold is written as two events.

use super::fit::{event_after, overlapping};
use super::{Line, completed, lines};
use crate::convention::{Order, Ties};
use crate::native::{self, Clients};
use crate::operation::{Completion, EventId, History, Operation};
use crate::value::ValueId;

/// Writes a history that fits, and leaves it with the times that were written.
pub(super) fn write(history: &mut History, notes: &mut Vec<String>) -> String {
    let known = history.declared.ties.unwrap_or_default();
    let rules = [known, if known == Ties::Overlap { Ties::Ordered } else { Ties::Overlap }];
    let ties = rules.into_iter().find(|&ties| say_the_order(history, ties));
    if ties.is_none() {
        notes.push(match has_times(history) {
            true => "the recorded times do not say the order of the events and were left out: the places of the events stand in their stead"
                .to_owned(),
            false => "not every event has a time: the places of the events stand in their stead".to_owned(),
        });
        places_for_times(history);
    }
    history.declared.ties = Some(ties.unwrap_or(known));
    history.declared.order = Some(Order::Time);
    history.declared.time_unit = None;
    let split = history.operations.iter().filter(|operation| is_split(operation)).count();
    if split > 0 {
        let what = if split == 1 { "1 operation is" } else { "operations are" };
        let count = if split == 1 { String::new() } else { format!("{split} ") };
        notes.push(format!(
            "{count}{what} written as two events each: an answer without a value, where there was an argument, has no other form"
        ));
    }
    let clients = Clients::of(history);
    let needs_id = overlapping(&history.operations).is_some();
    let mut out = native::head(history);
    for line in lines(history) {
        match line {
            Line::Call(operation, at) if is_split(operation) => {
                native::call(history, operation, &clients, needs_id.then_some(at), &mut out);
            }
            Line::End(operation, at) if is_split(operation) => {
                native::end(history, operation, &clients, needs_id.then_some(at), &mut out);
            }
            Line::Call(operation, _) => whole(history, operation, &mut out),
            Line::End(..) => {}
            Line::Fault(fault) => native::fault(history, fault, &mut out),
        }
    }
    out
}

/// Whether the form with an operation a line cannot hold an operation: its answer would be taken to be its argument.
fn is_split(operation: &Operation) -> bool {
    match operation.completion {
        Completion::Ok(answer) | Completion::Fail(answer) => {
            answer.value.is_none() && operation.argument.is_some()
        }
        Completion::Unknown => false,
    }
}

fn whole(history: &History, operation: &Operation, out: &mut String) {
    let (kind, answer) = completed(operation);
    native::begin(history, operation, kind, out);
    native::some(history, "value", operation.argument, out);
    native::some(history, "output", answer.value.filter(|_| answer.value != operation.argument), out);
    native::some(history, "result", answer.result, out);
    native::some(history, "error", operation.error, out);
    native::some(history, "node", operation.node.filter(|&node| node != ValueId::NIL), out);
    native::attempt(history.told(operation), out);
    native::stamp(history.told(operation), out);
    native::times(operation.call.time, operation.end.map(|end| end.time), out);
}

fn has_times(history: &History) -> bool {
    let of_operations = history
        .operations
        .iter()
        .all(|operation| operation.call.time.is_some() && operation.end.is_none_or(|end| end.time.is_some()));
    of_operations && history.faults.iter().all(|fault| fault.start.time.is_some())
}

/// Whether whoever sorts what is written by time, with a rule for equal times, finds the order of the events. Faults may
/// change places with events of the same time; they get the places that will be found.
fn say_the_order(history: &mut History, ties: Ties) -> bool {
    if !has_times(history) {
        return false;
    }
    let mut halves: Vec<((i64, u8), Half)> = Vec::new();
    let rank = |is_end, is_instant| ties.rank(is_end, is_instant);
    // Events are taken first, then operations: that is the order of those with equal times.
    let mut fault_at = 0;
    for line in lines(history) {
        match line {
            Line::Fault(fault) => {
                if fault.end.is_none() {
                    let time = fault.start.time.unwrap_or_default();
                    halves.push(((time, rank(false, false)), Half::Fault(fault_at)));
                }
                fault_at += 1;
            }
            Line::Call(operation, at) if is_split(operation) => {
                let time = operation.call.time.unwrap_or_default();
                halves.push(((time, rank(false, false)), Half::Call(at)));
            }
            Line::End(operation, at) if is_split(operation) => {
                let time = operation.end.and_then(|end| end.time).unwrap_or_default();
                halves.push(((time, rank(true, false)), Half::End(at)));
            }
            Line::Call(..) | Line::End(..) => {}
        }
    }
    for (at, operation) in history.operations.iter().enumerate().filter(|(_, operation)| !is_split(operation))
    {
        let call = operation.call.time.unwrap_or_default();
        let end = operation.end.map(|end| end.time.unwrap_or_default());
        if end.is_some_and(|end| end < call) {
            return false;
        }
        let is_instant = end == Some(call);
        halves.push(((call, rank(false, is_instant)), Half::Call(at)));
        halves.extend(end.map(|end| ((end, rank(true, is_instant)), Half::End(at))));
    }
    halves.sort_by_key(|&(key, _)| key);
    let mut found: Vec<(EventId, bool)> = Vec::with_capacity(halves.len());
    let mut places = vec![None; fault_at];
    let mut next_call = 0;
    for (_, half) in &halves {
        match *half {
            Half::Call(at) => {
                if at != next_call {
                    return false;
                }
                next_call += 1;
                found.push((history.operations[at].call.event, false));
            }
            Half::End(at) => {
                let Some(end) = history.operations[at].end else { return false };
                found.push((end.event, true));
            }
            Half::Fault(at) => places[at] = u32::try_from(found.len()).ok().map(EventId),
        }
    }
    // Calls may change places among themselves, and so may ends.
    let same_order = |run: &[(EventId, bool)], from: usize| {
        let ids = run.iter().map(|(event, _)| event.0 as usize);
        ids.clone().min() == Some(from) && ids.max() == Some(from + run.len() - 1)
    };
    let mut from = 0;
    for run in found.chunk_by(|one, other| one.1 == other.1) {
        if !same_order(run, from) {
            return false;
        }
        from += run.len();
    }
    place_faults(history, &halves, &places)
}

/// Gives the faults the places that will be found; not where that is over events of other times.
fn place_faults(history: &mut History, halves: &[((i64, u8), Half)], places: &[Option<EventId>]) -> bool {
    let clients = halves.iter().filter(|(_, half)| !matches!(half, Half::Fault(_)));
    let times: Vec<i64> = clients.map(|&((time, _), _)| time).collect();
    // The faults in the order of the lines.
    let mut order: Vec<usize> = (0..history.faults.len()).collect();
    order.sort_by_key(|&at| history.faults[at].start.event);
    let placed = || order.iter().zip(places).filter_map(|(&at, place)| Some((at, (*place)?)));
    let is_near = |(at, place): (usize, EventId)| {
        let point = history.faults[at].start;
        let between = place.0.min(point.event.0) as usize..place.0.max(point.event.0) as usize;
        times.get(between).is_some_and(|times| times.iter().all(|&time| Some(time) == point.time))
    };
    if !placed().all(is_near) {
        return false;
    }
    let placed: Vec<_> = placed().collect();
    for (at, place) in placed {
        history.faults[at].start.event = place;
    }
    true
}

/// An event of what is written.
#[derive(Clone, Copy)]
enum Half {
    Call(usize),
    End(usize),
    Fault(usize),
}

/// Puts the places of events in the stead of their times: odd for clients, even for faults.
fn places_for_times(history: &mut History) {
    let place = |event: EventId| Some(2 * i64::from(event.0));
    let after = event_after(history);
    for fault in &mut history.faults {
        match (fault.start.time, fault.end) {
            (Some(from), Some(to)) => {
                fault.start.time = place(after(from));
                fault.end = place(after(to));
            }
            _ => fault.start.time = place(fault.start.event),
        }
    }
    for operation in &mut history.operations {
        let clients = |event: EventId| place(event).map(|place| place + 1);
        operation.call.time = clients(operation.call.event);
        if let Some(end) = &mut operation.end {
            end.time = clients(end.event);
        }
    }
}
