//! What was acknowledged, perhaps seen, and then gone, also where no single operation proves which.
//!
//! A write to a register that nobody ever saw is a lost one (LIN002); one that somebody saw before it was gone shows as stale
//! reads. Either one is gone where the first observation after its last one, or after its return, tells a value that had been
//! there before it was called: what is there is what was there before. Values that several operations put in tell nothing.
//!
//! Of a container that somebody found empty, what was put in before and nobody took out is gone, but for as many as were taken
//! out by operations of which nobody knows what they took, or whether they did. Which ones those took is not known; of
//! what is left to take, the first, so that as many are left as are surely gone. O(n · log n).

use rustc_hash::{FxHashMap, FxHashSet};
use seriatim_history::{EventId, History, OpId, ValueId};
use seriatim_model::{Access, Kind, Model, Part};

use crate::touch::Touch;
use crate::words::{self, Few, Word};

/// A write, and until when it was known to be there.
struct Write {
    at: usize,
    known: EventId,
    is_alone: bool,
}

/// The operations that put in what is gone, each with the first observation that lacks it; none where it is time to stop.
pub fn gone<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    history: &History,
    goes_on: &dyn Fn() -> bool,
) -> Vec<(OpId, OpId)> {
    let mut found = match model.kind() {
        Kind::Register { initial } => of_registers(model, part, history, initial, goes_on),
        Kind::Queue | Kind::Stack | Kind::PriorityQueue | Kind::Bag => {
            of_containers(model, part, history, goes_on)
        }
        _ => None,
    }
    .unwrap_or_default();
    found.sort_unstable();
    found
}

/// Of a container; `None` where it is time to stop.
fn of_containers<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    history: &History,
    goes_on: &dyn Fn() -> bool,
) -> Option<Vec<(OpId, OpId)>> {
    let words = words::of(model, part, goes_on)?;
    let mut puts: FxHashMap<ValueId, Few> = FxHashMap::default();
    let mut seen: FxHashSet<ValueId> = FxHashSet::default();
    let mut empties: Vec<&Word> = Vec::new();
    let mut unknown = 0;
    for (at, word) in words.iter().enumerate() {
        if let Some(value) = words::put(&word.access) {
            puts.entry(value).or_default().push(at);
        }
        seen.extend(words::seen(&word.access));
        match word.access {
            Access::TakeAny => unknown += 1,
            Access::Empty if word.has_happened() => empties.push(word),
            _ => {}
        }
    }
    let mut gone: Vec<(OpId, OpId)> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let Some(value) = words::put(&word.access).filter(|value| !seen.contains(value)) else { continue };
        let is_alone = puts.get(&value).is_some_and(|puts| puts[..] == [at]);
        let is_acknowledged = history.operation(word.id).ret().is_some();
        // The words are in the order of their calls, and so are those that found nothing.
        let next = empties.partition_point(|empty| empty.call <= word.ret);
        let empty = empties.get(next).filter(|_| is_alone && is_acknowledged);
        gone.extend(empty.map(|empty| (word.id, empty.id)));
    }
    // Where most of it may have been taken, nothing is sure.
    Some(if gone.len() > 2 * unknown { gone.split_off(unknown) } else { Vec::new() })
}

/// Of a register that starts with `initial`; `None` where it is time to stop.
fn of_registers<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    history: &History,
    initial: ValueId,
    goes_on: &dyn Fn() -> bool,
) -> Option<Vec<(OpId, OpId)>> {
    let touches = Touch::all(model, part, goes_on)?;
    let all = || part.entries.iter().zip(&touches).enumerate();
    let mut writes: FxHashMap<ValueId, Write> = FxHashMap::default();
    for (at, (entry, touch)) in all() {
        if let Some(value) = touch.put {
            let known = entry.ret.unwrap_or(EventId(u32::MAX));
            let write = writes.entry(value).or_insert(Write { at, known, is_alone: true });
            write.is_alone = write.at == at && value != initial;
        }
    }
    // Who saw what, in the order of the calls, as the entries are.
    let mut answers: Vec<(EventId, ValueId, OpId)> = Vec::new();
    for (_, (entry, touch)) in all() {
        let (Some(value), Some(ret)) = (touch.saw, entry.ret) else { continue };
        answers.push((entry.call, value, entry.id));
        if let Some(write) = writes.get_mut(&value) {
            write.known = write.known.max(ret);
        }
    }
    let mut found = Vec::new();
    for write in writes.values().filter(|write| write.is_alone) {
        let entry = &part.entries[write.at];
        let is_acknowledged = history.operation(entry.id).ret().is_some();
        let next = answers.partition_point(|&(call, ..)| call <= write.known);
        let Some(&(_, value, answer)) = answers.get(next).filter(|_| is_acknowledged) else { continue };
        let was_before = match writes.get(&value) {
            Some(other) if other.is_alone => part.entries[other.at].ret.is_some_and(|ret| ret < entry.call),
            Some(_) => false,
            None => value == initial,
        };
        if was_before {
            found.push((entry.id, answer));
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use seriatim_model::bag::Bag;
    use seriatim_model::part;

    use super::*;
    use crate::split::tests::{Line, history, history_of, read, register, write};

    fn gone_of(lines: &[Line]) -> Vec<(u32, u32)> {
        let history = history(lines);
        let parts = part::split(&register(), &history).expect("the operations are those of the model");
        gone(&register(), &parts[0], &history, &|| true)
            .into_iter()
            .map(|(write, by)| (write.0, by.0))
            .collect()
    }

    fn lines(of: &[(String, u32, u32)]) -> Vec<Line> {
        (0..).zip(of).map(|(process, (what, call, ret))| (process, "n1", what.clone(), *call, *ret)).collect()
    }

    #[test]
    fn what_is_told_no_more_is_gone_whether_or_not_it_was_seen() {
        let unseen = [(write(1), 0, 1), (write(2), 2, 3), (read(1), 4, 5), (read(1), 6, 7)];
        assert_eq!(gone_of(&lines(&unseen)), [(1, 2)]);
        let seen = [(write(1), 0, 1), (write(2), 2, 3), (read(2), 4, 5), (read(1), 6, 7)];
        assert_eq!(gone_of(&lines(&seen)), [(1, 3)]);
        // What is told again is only late, and what came later may stand above it.
        let late = [(write(1), 0, 1), (write(2), 2, 3), (read(1), 4, 5), (read(2), 6, 7)];
        assert_eq!(gone_of(&lines(&late)), []);
        let above = [(write(1), 0, 1), (write(2), 2, 3), (write(3), 4, 5), (read(3), 6, 7), (read(1), 8, 9)];
        assert_eq!(gone_of(&lines(&above)), [(2, 4)]);
        // The initial value was before all.
        let initial = [(write(1), 0, 1), ("\"f\":\"read\",\"value\":null".to_owned(), 2, 3)];
        assert_eq!(gone_of(&lines(&initial)), [(0, 1)]);
    }

    #[test]
    fn what_may_have_been_first_or_last_is_not() {
        // Both writes, or the write and the read, were under way at one time; and 1 was written twice.
        assert_eq!(gone_of(&lines(&[(write(1), 0, 3), (write(2), 2, 4), (read(1), 5, 6)])), []);
        assert_eq!(gone_of(&lines(&[(write(1), 0, 1), (write(2), 2, 5), (read(1), 4, 6)])), []);
        assert_eq!(
            gone_of(&lines(&[(write(1), 0, 1), (write(2), 2, 3), (write(1), 4, 5), (read(1), 6, 7)])),
            []
        );
    }

    /// What is gone of a bag: puts of 0 to 9, of which some are taken, and somebody who finds it empty; so many takes are open.
    fn gone_of_bag(taken: &[u32], open: u32, empty_at: u32) -> Vec<u32> {
        let line = |process: u32, rest: &str| format!("{{\"process\":{process},{rest}}}\n");
        let mut text = String::new();
        for at in 0..10 {
            let (call, ret) = (10 * at, 10 * at + 1);
            text += &line(
                at,
                &format!("\"type\":\"ok\",\"f\":\"enqueue\",\"value\":{at},\"call\":{call},\"return\":{ret}"),
            );
        }
        for &at in taken {
            let (call, ret) = (100 + at, 120 + at);
            text += &line(
                20 + at,
                &format!("\"type\":\"ok\",\"f\":\"dequeue\",\"value\":{at},\"call\":{call},\"return\":{ret}"),
            );
        }
        for at in 0..open {
            text += &line(40 + at, "\"type\":\"info\",\"f\":\"dequeue\",\"value\":null,\"call\":90");
        }
        let found_nothing = format!(
            "\"type\":\"ok\",\"f\":\"dequeue\",\"value\":null,\"call\":{empty_at},\"return\":{}",
            empty_at + 1
        );
        text += &line(90, &found_nothing);
        let history = history_of(&text);
        let model = Bag { initial: Vec::new().into() };
        let parts = part::split(&model, &history).expect("the operations are those of the model");
        let gone = gone(&model, &parts[0], &history, &|| true);
        let value = |id: OpId| history.operation(id).argument.map(|value| history.values.show(value));
        gone.iter().filter_map(|&(put, _)| value(put)?.parse().ok()).collect()
    }

    #[test]
    fn of_a_container_as_much_is_gone_as_nobody_can_have_taken() {
        assert_eq!(gone_of_bag(&[0, 1, 2, 3, 4, 5, 6, 7], 0, 200), [8, 9]);
        // What was put in after somebody looked may be there.
        assert_eq!(gone_of_bag(&[0, 1, 2, 3, 4, 5, 6, 7], 0, 85), [8]);
        // Open ones took two at the most.
        assert_eq!(gone_of_bag(&[0, 1], 2, 200), [4, 5, 6, 7, 8, 9]);
        assert_eq!(gone_of_bag(&[0, 1], 4, 200), []);
    }
}
