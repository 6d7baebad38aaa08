//! Values of registers that came back: whoever tells what is old had told what is newer before.
//!
//! That separates what was there and is undone from a copy that is only behind, which never had the newer value. That it was
//! acknowledged there is not enough: whoever is behind may pass writes on. A value is newer than an old one that a single
//! operation put in if it was put in after the old one had been acknowledged or seen. Where several put it in, as deletions
//! do, whoever answers must have had the old value before it. O(n · log n).

use rustc_hash::FxHashMap;
use seriatim_history::{EventId, History, OpId, ValueId};
use seriatim_model::{Kind, Model, Part};

use crate::touch::Touch;

/// An answer that only tells what was seen.
#[derive(Clone, Copy)]
struct Answer {
    ret: EventId,
    call: EventId,
    /// When the value was put in, as late as possible.
    put: EventId,
    /// Whether one operation alone put it in.
    is_sure: bool,
}

/// What is known of a value.
#[derive(Default)]
struct Known {
    /// The calls of what put it in, in order.
    puts: Vec<EventId>,
    /// The first event by which it surely was there.
    there: Option<EventId>,
}

/// Which of some wrong answers tell what is old after the node that gave them, or the same client where no nodes are known, had
/// told what is newer.
pub fn came_back<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    history: &History,
    wrong: &[OpId],
    goes_on: &dyn Fn() -> bool,
) -> Vec<OpId> {
    let Kind::Register { initial } = model.kind() else { return Vec::new() };
    let Some(touches) = Touch::all(model, part, goes_on).filter(|_| !wrong.is_empty()) else {
        return Vec::new();
    };
    let known = known(part, &touches, initial);
    let are_nodes = part.entries.iter().any(|entry| history.operation(entry.id).node.is_some());
    let who = |id: OpId| {
        let operation = history.operation(id);
        if are_nodes { operation.node } else { Some(operation.process) }
    };
    // By whoever answered: all answers, and the first one of each value or acknowledgement of it.
    let mut answers: FxHashMap<ValueId, Vec<Answer>> = FxHashMap::default();
    let mut first: FxHashMap<(ValueId, ValueId), EventId> = FxHashMap::default();
    for (entry, touch) in part.entries.iter().zip(&touches) {
        let (Some(ret), Some(of)) = (entry.ret, who(entry.id)) else { continue };
        for value in [touch.saw, touch.put].into_iter().flatten() {
            let had = first.entry((of, value)).or_insert(ret);
            *had = ret.min(*had);
        }
        if let (Some(value), None) = (touch.saw, touch.put) {
            let puts = &known[&value].puts;
            let by_then = puts.partition_point(|&put| put < ret);
            let put = by_then.checked_sub(1).map_or(EventId(0), |last| puts[last]);
            let answer = Answer { ret, call: entry.call, put, is_sure: puts.len() == 1 };
            answers.entry(of).or_default().push(answer);
        }
    }
    answers.values_mut().for_each(|all| newest_of_all_earlier(all));
    let is_back = |&id: &OpId| {
        let at = part.entries.binary_search_by_key(&id, |entry| entry.id).ok()?;
        // Whoever also put something in may have been done twice.
        let (value, of) = (touches[at].saw.filter(|_| touches[at].put.is_none())?, who(id)?);
        let there = known[&value].there.filter(|_| known[&value].puts.len() == 1)?;
        let all = answers.get(&of)?;
        let earlier = all.partition_point(|answer| answer.ret < part.entries[at].call);
        let newest = all[earlier.checked_sub(1)?];
        let had = first.get(&(of, value)).is_some_and(|&had| had < newest.call);
        Some(newest.put > there && (newest.is_sure || had))
    };
    wrong.iter().copied().filter(|id| is_back(id).unwrap_or(false)).collect()
}

/// What is known of each value that was put in or seen. The one that is there first was put in before all.
fn known<Op>(part: &Part<Op>, touches: &[Touch], initial: ValueId) -> FxHashMap<ValueId, Known> {
    let mut known: FxHashMap<ValueId, Known> = FxHashMap::default();
    known.insert(initial, Known { puts: vec![EventId(0)], there: Some(EventId(0)) });
    for (entry, touch) in part.entries.iter().zip(touches) {
        for value in [touch.saw, touch.put].into_iter().flatten() {
            let of = known.entry(value).or_default();
            of.there = of.there.into_iter().chain(entry.ret).min();
        }
        if let Some(value) = touch.put {
            known.entry(value).or_default().puts.push(entry.call);
        }
    }
    known
}

/// Sorts answers by their returns, and makes of each the one among it and all earlier ones whose value was put in last.
fn newest_of_all_earlier(answers: &mut [Answer]) {
    answers.sort_unstable_by_key(|answer| answer.ret);
    let mut newest: Option<Answer> = None;
    for answer in answers {
        let of = *newest.get_or_insert(*answer);
        let best = if answer.put >= of.put { *answer } else { of };
        newest = Some(best);
        *answer = Answer { ret: answer.ret, ..best };
    }
}

#[cfg(test)]
mod tests {
    use seriatim_model::part;

    use super::*;
    use crate::split::tests::{Line, history, read, register, write};

    /// What the last of some operations tells, as what it is: back, or only old.
    fn is_back(lines: &[Line]) -> bool {
        let history = history(lines);
        let parts = part::split(&register(), &history).expect("the operations are those of a register");
        let last = OpId(lines.len() as u32 - 1);
        !came_back(&register(), &parts[0], &history, &[last], &|| true).is_empty()
    }

    fn delete() -> String {
        "\"f\":\"write\",\"value\":null".to_owned()
    }

    fn read_nothing() -> String {
        "\"f\":\"read\",\"value\":null".to_owned()
    }

    #[test]
    fn it_had_told_the_newer_value_itself() {
        let told = |node: &'static str| {
            is_back(&[
                (0, "n1", write(1), 0, 1),
                (0, "n1", write(2), 2, 3),
                (1, node, read(2), 4, 5),
                (2, "n2", read(1), 6, 7),
            ])
        };
        assert!(told("n2"));
        assert!(!told("n1"), "n2 never had the newer value");
    }

    #[test]
    fn what_it_had_only_acknowledged_may_have_been_passed_on() {
        let lines = [(0, "n2", write(1), 0, 1), (0, "n2", write(2), 2, 3), (2, "n2", read(1), 6, 7)];
        assert!(!is_back(&lines));
    }

    #[test]
    fn what_was_told_before_the_old_value_was_there_is_none() {
        // 2 was put in while 1 was.
        let at_one_time = [
            (0, "n1", write(1), 0, 3),
            (1, "n1", write(2), 2, 4),
            (1, "n2", read(2), 5, 6),
            (2, "n2", read(1), 7, 8),
        ];
        assert!(!is_back(&at_one_time));
        // And what was put in twice may be there again.
        let twice = [
            (0, "n1", write(1), 0, 1),
            (0, "n1", write(2), 2, 3),
            (1, "n2", read(2), 4, 5),
            (0, "n1", write(1), 6, 7),
            (2, "n2", read(1), 8, 9),
        ];
        assert!(!is_back(&twice));
    }

    #[test]
    fn what_had_been_deleted_is_back_where_it_had_been() {
        let told = |first: &'static str| {
            is_back(&[
                (0, "n1", write(1), 0, 1),
                (1, first, read(1), 2, 3),
                (0, "n1", delete(), 4, 5),
                (1, "n2", read_nothing(), 6, 7),
                (2, "n2", read(1), 8, 9),
            ])
        };
        assert!(told("n2"));
        assert!(!told("n3"), "n2 may have told what was there before 1");
    }

    #[test]
    fn without_nodes_a_client_remembers() {
        let told = |who: u32| {
            is_back(&[
                (0, "", write(1), 0, 1),
                (0, "", write(2), 2, 3),
                (who, "", read(2), 4, 5),
                (2, "", read(1), 6, 7),
            ])
        };
        assert!(told(2) && !told(1));
    }
}
