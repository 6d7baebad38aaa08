//! Histories whose operations take longer: if an operation that was over before another was called now overlaps it, there
//! is one reason less for an order to be forbidden, so whatever linearization there was is still one.
//!
//! What real time says is only which operations were over before which were called (Herlihy & Wing 1990, §2.3), so a new
//! order of events is a widening exactly if it says nothing of this kind that the old one does not.

use seriatim_history::{Completion, EventId, History, Operation, Point};

/// The events of a history in order: of each operation, by its place, first its call, then its return where it has one.
pub fn order(history: &History) -> Vec<usize> {
    let mut events: Vec<(EventId, usize)> = Vec::with_capacity(2 * history.operations.len());
    for (at, operation) in history.operations.iter().enumerate() {
        events.push((operation.call.event, at));
        events.extend(operation.ret().map(|ret| (ret, at)));
    }
    events.sort_unstable();
    events.into_iter().map(|(_, at)| at).collect()
}

/// The operations of a history whose events stand in another order, in the order of their calls, each with its place
/// before; `None` where it is no order of these events, or some operation is now over before another was called which it
/// was not. Nobody knows at what times that would be.
pub fn widened(history: &History, order: &[usize]) -> Option<Vec<(usize, Operation)>> {
    let operations = &history.operations;
    let events = |operation: &Operation| 1 + usize::from(operation.ret().is_some());
    let mut mentioned = vec![0; operations.len()];
    let mut over: Option<EventId> = None;
    for &at in order {
        let operation = operations.get(at)?;
        mentioned[at] += 1;
        match mentioned[at] {
            1 if over.is_some_and(|over| over > operation.call.event) => return None,
            1 => {}
            2 => over = over.max(Some(operation.ret()?)),
            _ => return None,
        }
    }
    if operations.iter().zip(&mentioned).any(|(operation, &times)| times != events(operation)) {
        return None;
    }
    let mut places: Vec<EventId> = operations.iter().map(|operation| operation.call.event).collect();
    places.extend(operations.iter().filter_map(Operation::ret));
    places.sort_unstable();
    let mut new: Vec<(usize, Operation)> = Vec::with_capacity(operations.len());
    let mut placed: Vec<Option<usize>> = vec![None; operations.len()];
    for (&at, &event) in order.iter().zip(&places) {
        let moved = |point: Point| Point { event, time: None, ..point };
        match placed[at] {
            None => {
                placed[at] = Some(new.len());
                let operation = operations[at].clone();
                new.push((at, Operation { call: moved(operation.call), ..operation }));
            }
            Some(place) => new[place].1.end = new[place].1.end.map(moved),
        }
    }
    for (_, operation) in &mut new {
        if operation.completion == Completion::Unknown {
            let is_later = |end: &Point| end.event > operation.call.event;
            operation.end = operation.end.filter(is_later).map(|end| Point { time: None, ..end });
        }
    }
    Some(new)
}

/// An order of events in which one operation overlaps another that was called when it was over, and all else is as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wider {
    /// The place of the operation that was over.
    pub first: usize,
    /// The place of the operation that was called then.
    pub second: usize,
    /// The order.
    pub order: Vec<usize>,
}

/// All such orders, first those of what is called last; but none for two operations of one client, which does one thing at
/// a time.
pub fn wider(history: &History) -> Vec<Wider> {
    let operations = &history.operations;
    let events = order(history);
    let mut called = vec![false; operations.len()];
    let is_call: Vec<bool> = events.iter().map(|&at| !std::mem::replace(&mut called[at], true)).collect();
    let mut all = Vec::new();
    // Only where no call and no return stands between the two is nothing else said of them.
    let mut end = events.len();
    while let Some(calls) = (0..end).rev().find(|&at| !is_call[at]).map(|at| at + 1) {
        let returns = (0..calls).rev().find(|&at| is_call[at]).map_or(0, |at| at + 1);
        for call in (calls..end).rev() {
            for ret in (returns..calls).rev() {
                let (first, second) = (events[ret], events[call]);
                if operations[first].process == operations[second].process {
                    continue;
                }
                let mut order: Vec<usize> = events[..returns].to_vec();
                order.extend((returns..calls).filter(|&at| at != ret).map(|at| events[at]));
                order.extend([second, first]);
                order.extend((calls..end).filter(|&at| at != call).map(|at| events[at]));
                order.extend(&events[end..]);
                all.push(Wider { first, second, order });
            }
        }
        end = returns;
    }
    all
}
