//! Writes to registers that were acknowledged, perhaps seen, and then gone: what is there is what was there before them.
//!
//! A write that nobody ever saw is a lost one (LIN002); one that somebody saw before it was gone shows as stale reads. Either
//! one is gone where the first observation after its last one, or after its return, tells a value that had been there before
//! it was called. Values that several operations put in tell nothing. O(n · log n).

use rustc_hash::FxHashMap;
use seriatim_history::{EventId, History, OpId, ValueId};
use seriatim_model::{Kind, Model, Part};

use crate::touch::Touch;

/// A write, and until when it was known to be there.
struct Write {
    at: usize,
    known: EventId,
    is_alone: bool,
}

/// The acknowledged writes that are gone, each with the first observation that lacks it; none where it is time to stop.
pub fn gone<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    history: &History,
    goes_on: &dyn Fn() -> bool,
) -> Vec<(OpId, OpId)> {
    let Kind::Register { initial } = model.kind() else { return Vec::new() };
    let Some(touches) = Touch::all(model, part, goes_on) else { return Vec::new() };
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
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use seriatim_model::part;

    use super::*;
    use crate::split::tests::{Line, history, read, register, write};

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
}
