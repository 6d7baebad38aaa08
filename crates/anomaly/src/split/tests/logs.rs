//! Logs that grow apart.

use seriatim_model::log::Log;
use seriatim_model::sequence::Sequence;

use super::*;

fn append(process: u32, node: &'static str, value: u32, at: u32) -> Line {
    (process, node, format!("\"f\":\"append\",\"value\":{value}"), at, at + 1)
}

fn look(process: u32, node: &'static str, values: &str, at: u32) -> Line {
    (process, node, format!("\"f\":\"read\",\"value\":[{values}]"), at, at + 1)
}

/// Both appended 1 and then apart 2 and 3; who reads what is given.
fn told(reads: &[Line]) -> (History, Vec<SplitBrain>) {
    let mut lines = vec![append(0, "n1", 1, 0), append(0, "n1", 2, 10), append(1, "n2", 3, 12)];
    lines.extend_from_slice(reads);
    let history = history(&lines);
    let log = Log { initial: Sequence::default(), nil_read: NilRead::Value };
    let found = found(&log, &history, Clues::default());
    (history, found)
}

#[test]
fn nodes_that_answer_logs_of_their_own_are_told_even_if_one_is_put_behind_the_other_later() {
    let apart = [look(0, "n1", "1,2", 20), look(1, "n2", "1,3", 22)];
    let (history, found) = told(&apart);
    let [split] = found.try_into().expect("there is one");
    assert_eq!((split.rung, split.window), (Rung::Prefixes, [OpId(3), OpId(4)]));
    assert_eq!(names(&history, &split), [texts(&["n1"]), texts(&["n2"])]);
    let mut joined = apart.to_vec();
    joined.extend([look(0, "n1", "1,2,3", 30), look(1, "n2", "1,2,3", 32)]);
    let (_, found) = told(&joined);
    let [split] = found.try_into().expect("there is one");
    assert_eq!(split.window, [OpId(3), OpId(4)]);
}

#[test]
fn a_log_that_was_torn_or_sorted_or_cut_back_did_not_grow_apart() {
    // The second read lacks an entry; has both in another order; and is of the same node.
    assert_eq!(told(&[look(0, "n1", "1,2,3", 20), look(1, "n2", "1,3", 22)]).1, []);
    assert_eq!(told(&[look(0, "n1", "1,2,3", 20), look(1, "n2", "1,3,2", 22)]).1, []);
    assert_eq!(told(&[look(0, "n1", "1,2", 20), look(0, "n1", "1,3", 22)]).1, []);
    // What it has instead was appended only after the first answer.
    let cut_back = [look(0, "n1", "1,2", 20), append(1, "n2", 4, 22), look(1, "n2", "1,4", 24)];
    assert_eq!(told(&cut_back).1, []);
    let at_once = [append(1, "n2", 4, 14), look(0, "n1", "1,2", 20), look(1, "n2", "1,4", 24)];
    assert_eq!(told(&at_once).1.len(), 1);
}

#[test]
fn logs_of_very_different_length_are_compared() {
    let mut reads = vec![append(0, "n1", 5, 14), append(0, "n1", 6, 16)];
    reads.extend([look(0, "n1", "1", 20), look(0, "n1", "1,2", 21), look(1, "n2", "1,3", 22)]);
    reads.extend([look(0, "n1", "1,2,5", 24), look(0, "n1", "1,2,5,6", 26), look(1, "n2", "1,3", 28)]);
    let (_, found) = told(&reads);
    let [split] = found.try_into().expect("there is one");
    assert_eq!(split.window, [OpId(6), OpId(9)]);
}
