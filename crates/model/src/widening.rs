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

#[cfg(test)]
mod tests {
    use seriatim_history::build::Overrides;
    use seriatim_history::format::{self, csv::ColumnMap};
    use seriatim_history::{Format, HistoryBuilder, Source, SourceId};

    use super::*;

    /// Writes, each by a client: when each was called and when it returned; it never did where that is 0.
    fn history(times: &[(u32, u32, u32)]) -> History {
        let line = |&(client, call, ret): &(u32, u32, u32)| match ret {
            0 => format!(r#"{{"process":{client},"f":"write","value":1,"call":{call},"type":"info"}}"#),
            _ => format!(r#"{{"process":{client},"f":"write","value":1,"call":{call},"return":{ret}}}"#),
        };
        let text = times.iter().map(line).collect::<Vec<_>>().join("\n");
        let mut builder = HistoryBuilder::new(Format::Jsonl);
        let source = Source { id: SourceId(0), text: &text };
        format::read(Format::Jsonl, source, &ColumnMap::default(), &mut builder);
        builder.finish(Overrides::default()).expect("it is well-formed")
    }

    #[test]
    fn an_order_that_only_lets_operations_overlap_is_taken() {
        let sequence = history(&[(0, 1, 2), (1, 3, 4), (2, 5, 0)]);
        assert_eq!(order(&sequence), [0, 0, 1, 1, 2]);
        for (new, is_wider) in [
            (&[0, 0, 1, 1, 2][..], true),
            (&[0, 1, 0, 1, 2], true),
            (&[1, 0, 1, 0, 2], true),
            (&[2, 1, 0, 0, 1], true),
            // The second is over before the first is called.
            (&[1, 1, 0, 0, 2], false),
            (&[0, 0, 2, 1, 1, 2], false),
            (&[0, 0, 1, 1], false),
            (&[0, 0, 1, 2], false),
            (&[0, 0, 1, 1, 3], false),
        ] {
            assert_eq!(widened(&sequence, new).is_some(), is_wider, "{new:?}");
        }
        let both = history(&[(0, 1, 3), (1, 2, 4)]);
        assert_eq!(widened(&both, &[0, 0, 1, 1]), None, "they overlap, and one would be over first");
    }

    #[test]
    fn events_keep_their_places_and_lose_their_times() {
        let sequence = history(&[(0, 1, 2), (1, 3, 4), (2, 5, 0)]);
        let new = widened(&sequence, &[1, 0, 2, 0, 1]).expect("it is wider");
        let events = |at: usize| {
            let operation: &Operation = &new[at].1;
            (new[at].0, operation.call.event.0, operation.ret().map(|ret| ret.0))
        };
        let first = order(&sequence).len() as u32;
        assert_eq!(first, 5);
        let [a, b, c] = [0, 1, 2].map(events);
        assert_eq!((a.0, b.0, c.0), (1, 0, 2));
        assert!(a.1 < b.1 && b.1 < c.1 && Some(c.1) < b.2 && b.2 < a.2, "{a:?} {b:?} {c:?}");
        assert!(new.iter().all(|(_, operation)| operation.call.time.is_none()));
        assert!(new.iter().all(|(_, operation)| operation.end.is_none_or(|end| end.time.is_none())));
    }

    #[test]
    fn each_wider_order_lets_one_pair_overlap() {
        // Two at once, then two at once, then one of the client of the first.
        let all = history(&[(0, 1, 3), (1, 2, 4), (2, 5, 7), (3, 6, 8), (0, 9, 10)]);
        let apart = |operations: &[&Operation]| -> Vec<(usize, usize)> {
            let places = || 0..operations.len();
            let pairs = places().flat_map(|a| places().map(move |b| (a, b)));
            let follows =
                |a: usize, b: usize| operations[a].ret().is_some_and(|ret| ret < operations[b].call.event);
            pairs.filter(|&(a, b)| follows(a, b)).collect()
        };
        let before = apart(&all.operations.iter().collect::<Vec<_>>());
        let ways = wider(&all);
        let pairs: Vec<_> = ways.iter().map(|way| (way.first, way.second)).collect();
        assert_eq!(pairs, [(3, 4), (2, 4), (1, 3), (0, 3), (1, 2), (0, 2)]);
        for way in ways {
            let new = widened(&all, &way.order).expect("it is wider");
            let mut now: Vec<&Operation> = vec![&all.operations[0]; 5];
            new.iter().for_each(|(at, operation)| now[*at] = operation);
            let after = apart(&now);
            let gone = before.iter().filter(|pair| !after.contains(pair)).count();
            assert_eq!((after.len() + 1, gone), (before.len(), 1), "{way:?}");
        }
        assert_eq!(wider(&history(&[(0, 1, 2), (0, 3, 4)])), [], "a client does one thing at a time");
    }
}
