//! Small histories of two sides, and of what only looks like two sides.

use seriatim_history::build::Overrides;
use seriatim_history::format::{self, csv::ColumnMap};
use seriatim_history::{
    FailedCas, Format, History, HistoryBuilder, NilRead, OpId, Source, SourceId, ValueId, windows,
};
use seriatim_model::register::Register;
use seriatim_model::set::Set;
use seriatim_model::{Model, part};

use super::*;

mod locks;
mod logs;
mod vanished;

/// One operation: who, on which node, what (as JSON), from when to when.
pub(crate) type Line = (u32, &'static str, String, u32, u32);

pub(crate) fn history(lines: &[Line]) -> History {
    faulted(lines, &[])
}

/// The same with faults: what each is, to which node, from when to when.
fn faulted(lines: &[Line], faults: &[(&str, &str, u32, u32)]) -> History {
    let fault = |(name, node, call, ret): &(&str, &str, u32, u32)| {
        let nodes = if node.is_empty() { String::new() } else { format!("\"nodes\":[\"{node}\"],") };
        format!("{{\"type\":\"fault\",\"name\":\"{name}\",{nodes}\"call\":{call},\"return\":{ret}}}\n")
    };
    let line = |(process, node, what, call, ret): &Line| {
        let node = if node.is_empty() { String::new() } else { format!("\"node\":\"{node}\",") };
        format!("{{\"process\":{process},{node}\"type\":\"ok\",{what},\"call\":{call},\"return\":{ret}}}\n")
    };
    let text: String = lines.iter().map(line).chain(faults.iter().map(fault)).collect();
    history_of(&text)
}

pub(crate) fn history_of(text: &str) -> History {
    let mut builder = HistoryBuilder::new(Format::Jsonl);
    let source = Source { id: SourceId(0), text };
    format::read(Format::Jsonl, source, &ColumnMap::default(), &mut builder);
    builder.finish(Overrides::default()).expect("the history is well-formed")
}

pub(crate) fn write(value: u32) -> String {
    format!("\"f\":\"write\",\"value\":{value}")
}

pub(crate) fn read(value: u32) -> String {
    format!("\"f\":\"read\",\"value\":{value}")
}

pub(crate) fn register() -> Register {
    let (initial, nil_read) = (ValueId::NIL, NilRead::Value);
    Register { initial, nil_read, failed_cas: FailedCas::Drop, cas: true }
}

fn set() -> Set {
    Set { initial: std::iter::empty::<ValueId>().collect(), nil_read: NilRead::Value }
}

fn found<M: Model>(model: &M, history: &History, clues: Clues<'_>) -> Vec<SplitBrain> {
    let parts = part::split(model, history).expect("the operations are those of the model");
    find(model, &parts, history, &windows(history), clues, &|| true)
}

fn names(history: &History, split: &SplitBrain) -> [Vec<String>; 2] {
    [0, 1].map(|side: usize| {
        let mut names: Vec<_> = split.sides[side].iter().map(|&name| history.values.show(name)).collect();
        names.sort_unstable();
        names
    })
}

fn texts(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| format!("\"{name}\"")).collect()
}

/// Both sides know 1; then each writes and reads its own, and after the heal nobody sees what n1 wrote.
fn divided() -> Vec<Line> {
    vec![
        (0, "n1", write(1), 0, 1),
        (1, "n2", read(1), 2, 3),
        (0, "n1", write(2), 10, 11),
        (1, "n2", write(3), 12, 13),
        (0, "n1", read(2), 14, 15),
        (2, "n3", read(3), 16, 17),
        (0, "n1", write(4), 18, 19),
        (1, "n2", read(3), 20, 21),
        (1, "n2", write(5), 22, 23),
        (0, "n1", read(4), 24, 25),
        (0, "n1", read(5), 30, 31),
        (2, "n3", read(5), 32, 33),
    ]
}

#[test]
fn two_sides_that_each_go_on_are_told_with_what_was_lost() {
    let history = history(&divided());
    let [split] = found(&register(), &history, Clues::default()).try_into().expect("there is one");
    assert_eq!(split.rung, Rung::Jointly);
    assert_eq!(names(&history, &split), [texts(&["n1"]), texts(&["n2", "n3"])]);
    assert_eq!((split.acknowledged, split.lost, split.parts), ([2, 2], Some(2), 1));
    assert!(split.missed.iter().all(|&missed| missed > 0), "{split:?}");
    assert_eq!(split.heal, Some(OpId(10)));
    // Who sees the other side's last write tells enough.
    let history = self::history(&divided()[..11]);
    let [split] = found(&register(), &history, Clues::default()).try_into().expect("there is one");
    assert_eq!(split.lost, Some(2));
    assert!(split.are_nodes);
}

#[test]
fn who_answers_nothing_meanwhile_is_on_no_side() {
    let mut lines = divided();
    lines.insert(2, (3, "n4", read(1), 4, 5));
    lines.push((3, "n4", read(5), 40, 41));
    let history = history(&lines);
    let [split] = found(&register(), &history, Clues::default()).try_into().expect("there is one");
    assert_eq!(names(&history, &split), [texts(&["n1"]), texts(&["n2", "n3"])]);
}

#[test]
fn three_nodes_that_each_go_on_are_told_two_by_two() {
    let nodes = ["n1", "n2", "n3"];
    let mut lines: Vec<Line> =
        vec![(0, "n1", write(1), 0, 1), (1, "n2", read(1), 2, 3), (2, "n3", read(1), 4, 5)];
    for (at, node) in (0..18_u32).flat_map(|at| (0..3_u32).map(move |node| (at, node))) {
        // In turn, so that each was written to last.
        let turn = (node + at) % 3;
        let (time, value) = (10 + 12 * at + 2 * turn, 100 * (node + 1) + at);
        lines.push((node, nodes[node as usize], write(value), time, time + 1));
        lines.push((node, nodes[node as usize], read(value), time + 6, time + 7));
    }
    lines.sort_by_key(|line| line.3);
    let history = history(&lines);
    let found = found(&register(), &history, Clues::default());
    let mut all: Vec<_> = found.iter().map(|split| names(&history, split).concat()).collect();
    all.iter_mut().for_each(|names| names.sort_unstable());
    all.sort_unstable();
    assert_eq!(all, [texts(&["n1", "n2"]), texts(&["n1", "n3"]), texts(&["n2", "n3"])]);
    assert!(found.iter().all(|split| split.acknowledged.iter().all(|&count| count > 5)), "{found:?}");
}

#[test]
fn a_side_that_only_answers_is_a_stale_replica() {
    let lines = [
        (0, "n1", write(1), 0, 1),
        (1, "n2", read(1), 2, 3),
        (0, "n1", write(2), 10, 11),
        (1, "n2", read(1), 12, 13),
        (0, "n1", write(3), 14, 15),
        (1, "n2", read(1), 16, 17),
        (0, "n1", read(3), 18, 19),
        (1, "n2", read(3), 30, 31),
    ];
    assert_eq!(found(&register(), &history(&lines), Clues::default()), []);
}

#[test]
fn what_is_missed_inside_a_side_is_no_split() {
    // Whoever asks n3 after n2 has written is told what was there before, too.
    let mut lines = divided();
    for (at, line) in (0..).zip(&mut lines) {
        if at == 5 || at == 7 {
            *line = (line.0, line.1, read(1), line.3, line.4);
        }
    }
    assert_eq!(found(&register(), &history(&lines), Clues::default()), []);
}

#[test]
fn whoever_lags_by_a_moment_is_not_apart() {
    // Each node is told of the other's writes, always one too late.
    let mut lines = Vec::new();
    for at in 0..60_u32 {
        let (time, [here, there]) = (10 * at, if at % 2 == 0 { ["n1", "n2"] } else { ["n2", "n1"] });
        lines.push((at % 2, here, write(at + 1), time, time + 1));
        if at > 0 {
            lines.push(((at + 1) % 2, there, read(at), time + 2, time + 3));
        }
        if at > 1 {
            lines.push((at % 2, here, read(at - 1), time + 4, time + 5));
        }
    }
    assert_eq!(found(&register(), &history(&lines), Clues::default()), []);
}

#[test]
fn a_moment_in_which_both_miss_something_is_no_time_apart() {
    // What either node writes the other one reads at once, but for one moment: by then it may well be chance.
    let mut lines = Vec::new();
    let mut value = 0;
    for at in 0..40_u32 {
        let (time, [one, other]) = (10 * at, if at % 2 == 0 { ["n1", "n2"] } else { ["n2", "n1"] });
        value += 1;
        lines.push((at % 2, one, write(value), time, time + 1));
        lines.push((1 - at % 2, other, read(value), time + 2, time + 3));
    }
    let moment = |node: u32, what: String, time: u32| {
        (node, ["n1", "n2"][node as usize], what, 400 + 2 * time, 401 + 2 * time)
    };
    lines.push(moment(0, write(101), 0));
    lines.push(moment(1, write(102), 1));
    lines.push(moment(0, read(101), 2));
    lines.push(moment(0, write(103), 3));
    lines.push(moment(1, read(102), 4));
    let apart = lines[lines.len() - 5..].to_vec();
    assert_eq!(found(&register(), &history(&lines), Clues::default()), []);
    // Nothing else is known of how often they see each other.
    assert_eq!(found(&register(), &history(&apart), Clues::default()).len(), 1);
}

#[test]
fn what_is_still_being_written_is_not_missed() {
    let told = |ret: u32| {
        let lines = [
            (0, "n1", write(1), 0, 1),
            (1, "n2", write(2), 2, 3),
            (0, "n1", read(1), 4, 5),
            (0, "n1", write(3), 6, ret),
            (1, "n2", read(2), 8, 20),
        ];
        found(&register(), &history(&lines), Clues::default()).len()
    };
    assert_eq!((told(7), told(15)), (1, 0));
}

#[test]
fn who_lags_first_and_who_lags_then_are_not_apart() {
    // n2 goes on to tell 1 for a while, and n1 goes on to tell 3, which was written only after that.
    let lines = [
        (1, "n2", write(1), 0, 1),
        (0, "n1", write(2), 10, 11),
        (1, "n2", read(1), 12, 13),
        (0, "n1", write(3), 14, 15),
        (1, "n2", write(4), 16, 17),
        (0, "n1", read(3), 18, 19),
    ];
    let divided = found(&register(), &history(&lines), Clues::default());
    assert_eq!(divided, [], "1 was read for the last time before 3 was written");
}

#[test]
fn what_was_seen_of_the_other_side_ends_the_time_apart() {
    // n1 sees 3 before it reads 2 again; what n2 sees of an earlier write, and n1 of another, comes only later.
    let lines = |saw_it: bool| {
        let mut lines = vec![
            (0, "n1", write(1), 0, 10),
            (1, "n2", read(1), 20, 30),
            (0, "n1", write(2), 100, 110),
            (1, "n2", read(1), 112, 115),
            (1, "n2", write(4), 120, 130),
            (1, "n2", write(3), 140, 150),
            (0, "n1", read(2), 350, 360),
            (1, "n2", read(2), 490, 500),
            (0, "n1", read(4), 590, 600),
        ];
        if saw_it {
            lines.insert(6, (0, "n1", read(3), 290, 300));
        }
        found(&register(), &history(&lines), Clues::default()).len()
    };
    assert_eq!((lines(true), lines(false)), (0, 1));
}

/// n1 led, and n2 took over, as n3 saw; times are tenths of seconds. What n1 does meanwhile is given.
fn deposed(zombie: &[Line]) -> (History, Vec<SplitBrain>, Option<crate::Stuck>) {
    let mut lines = vec![
        (0, "n1", write(1), 0, 1),
        (1, "n2", read(1), 2, 3),
        (2, "n3", write(20), 3, 4),
        (1, "n2", write(2), 5, 6),
        (2, "n3", read(2), 7, 8),
        (2, "n3", read(2), 13, 14),
        (1, "n2", write(3), 15, 16),
        (2, "n3", read(3), 20, 21),
        (2, "n3", read(3), 38, 39),
    ];
    lines.extend_from_slice(zombie);
    lines.sort_by_key(|line| line.3);
    lines.iter_mut().for_each(|line| (line.3, line.4) = (line.3 * 100_000_000, line.4 * 100_000_000));
    let (history, model) = (history(&lines), register());
    let parts = part::split(&model, &history).expect("the operations are those of the model");
    let anomalies = parts.iter().flat_map(|part| crate::find(&model, part, &history));
    let stale: Vec<_> = anomalies.filter_map(|anomaly| anomaly.overlooked()).collect();
    let splits = found(&model, &history, Clues::default());
    let stuck = crate::stuck(&model, &parts, &history, &stale, &|| true);
    (history, splits, stuck)
}

#[test]
fn a_deposed_leader_that_acknowledges_is_a_side_and_one_that_answers_is_stuck() {
    let (history, splits, stuck) = deposed(&[
        (0, "n1", read(1), 9, 10),
        (0, "n1", write(10), 11, 12),
        (0, "n1", read(10), 18, 19),
        (0, "n1", read(10), 30, 31),
        (0, "n1", read(3), 36, 37),
    ]);
    let [split] = splits.try_into().expect("there is one");
    assert_eq!(names(&history, &split), [texts(&["n1"]), texts(&["n2", "n3"])]);
    assert_eq!((split.rung, split.lost), (Rung::Jointly, Some(1)));
    assert_eq!(stuck, None);
    let answers = |last: u32| {
        let answers = [1, 1, last].into_iter().zip([9, 18, 30]);
        let mut all: Vec<Line> = answers.map(|(value, at)| (0, "n1", read(value), at, at + 1)).collect();
        all.push((0, "n1", read(3), 36, 37));
        all
    };
    let (history, splits, stuck) = deposed(&answers(1));
    assert_eq!(splits, []);
    let stuck = stuck.expect("n1 told one and the same");
    assert_eq!((history.values.show(stuck.node), stuck.answers), ("\"n1\"".to_owned(), 3));
    // Whoever follows, however late, does not stand still.
    let (_, splits, stuck) = deposed(&answers(2));
    assert_eq!((splits, stuck), (Vec::new(), None));
}

/// What n1 passes on is acknowledged by it, and each time it answers what it has.
#[test]
fn who_passes_writes_on_and_stands_still_is_stuck() {
    let lines = |follows: bool| -> Vec<Line> {
        let mut all = vec![(0, "n1", write(1), 0, 1), (1, "n2", read(1), 2, 3)];
        for at in (0..6).map(|turn| 6 + 6 * turn) {
            let told = if follows { at - 6 } else { 0 }.max(1);
            let passed = [(0, "n1", write(at), at, at + 1), (0, "n1", read(told), at + 2, at + 3)];
            all.extend(passed);
            all.push((1, "n2", read(at), at + 4, at + 5));
        }
        all.iter_mut().for_each(|line| (line.3, line.4) = (line.3 * 100_000_000, line.4 * 100_000_000));
        all
    };
    let found = |lines: &[Line]| {
        let (history, model) = (history(lines), register());
        let parts = part::split(&model, &history).expect("the operations are those of the model");
        let anomalies = parts.iter().flat_map(|part| crate::find(&model, part, &history));
        let stale: Vec<_> = anomalies.filter_map(|anomaly| anomaly.lacked()).collect();
        crate::stuck(&model, &parts, &history, &stale, &|| true)
    };
    let stuck = found(&lines(false)).expect("it told 1 all the time");
    assert_eq!((stuck.answers, stuck.of, stuck.window), (6, 6, [OpId(2), OpId(18)]));
    assert_eq!(stuck.frozen, 3_100_000_000);
    assert_eq!(found(&lines(true)), None, "it is a write behind, and follows");
}

/// The elements of a set that is only asked for one by one are parts of their own, and of one set.
#[test]
fn sets_that_are_asked_for_one_element_at_a_time_grow_apart() {
    let add = |node: &'static str, process: u32, value: u32, at: u32| -> Line {
        (process, node, format!("\"f\":\"add\",\"value\":{value}"), at, at + 1)
    };
    let ask = |node: &'static str, process: u32, value: u32, result: bool, at: u32| -> Line {
        (process, node, format!("\"f\":\"contains\",\"value\":{value},\"result\":{result}"), at, at + 1)
    };
    let mut lines = vec![add("n1", 0, 1, 0), ask("n2", 1, 1, true, 2)];
    lines.extend([
        add("n1", 0, 2, 10),
        add("n2", 1, 3, 12),
        ask("n1", 0, 3, false, 14),
        ask("n2", 1, 2, false, 16),
    ]);
    let history = history(&lines);
    let [split] = found(&set(), &history, Clues::default()).try_into().expect("there is one");
    assert_eq!((split.rung, split.missed, split.parts), (Rung::Jointly, [1, 1], 1));
    // One way alone is a lag.
    lines[4] = ask("n1", 0, 3, true, 14);
    assert_eq!(found(&set(), &self::history(&lines), Clues::default()), []);
}

/// n1 was killed with what it had not passed on: n2 leads, and nobody knows better.
#[test]
fn a_new_leader_that_lacks_what_the_old_one_knew_is_not_stuck() {
    let stuck = |others: &[Line]| {
        let mut lines = vec![(0, "n1", write(1), 0, 1), (1, "n2", read(1), 2, 3), (0, "n1", write(2), 4, 5)];
        lines.extend([10, 16, 22, 28, 36].map(|at| (1, "n2", read(1), at, at + 1)));
        lines.extend_from_slice(others);
        lines.sort_by_key(|line| line.3);
        lines.iter_mut().for_each(|line| (line.3, line.4) = (line.3 * 90_000_000, line.4 * 90_000_000));
        let (history, model) = (history(&lines), register());
        let parts = part::split(&model, &history).expect("the operations are those of the model");
        let anomalies = parts.iter().flat_map(|part| crate::find(&model, part, &history));
        let stale: Vec<_> = anomalies.filter_map(|anomaly| anomaly.lacked()).collect();
        crate::stuck(&model, &parts, &history, &stale, &|| true).map(|stuck| stuck.answers)
    };
    assert_eq!(
        stuck(&[(2, "n3", read(1), 13, 14), (1, "n2", write(3), 40, 41), (2, "n3", read(3), 42, 43)]),
        None
    );
    // Others know what n2 does not; or write on.
    assert_eq!(stuck(&[(2, "n3", read(2), 13, 14)]), Some(5));
    assert_eq!(stuck(&[(2, "n3", write(3), 13, 14)]), Some(5));
    assert_eq!(stuck(&[(2, "n3", read(2), 38, 39)]), None);
}

/// Adds and looks of two nodes: of what either one took the other one's look lacks, or the later look of the first has it.
#[test]
fn sets_that_grow_apart_are_told_and_one_that_lags_is_not() {
    let add = |node: &'static str, process: u32, value: u32, at: u32| -> Line {
        (process, node, format!("\"f\":\"add\",\"value\":{value}"), at, at + 1)
    };
    let look = |node: &'static str, process: u32, values: &str, at: u32| -> Line {
        (process, node, format!("\"f\":\"read\",\"value\":[{values}]"), at, at + 1)
    };
    let both = [
        add("n1", 0, 1, 0),
        look("n2", 1, "1", 2),
        add("n1", 0, 2, 10),
        add("n2", 1, 3, 12),
        look("n1", 0, "1,2", 14),
        look("n2", 1, "1,3", 16),
        add("n1", 0, 4, 18),
        look("n1", 0, "1,3", 30),
        look("n2", 1, "1,3", 32),
    ];
    let history = self::history(&both);
    let [split] = found(&set(), &history, Clues::default()).try_into().expect("there is one");
    assert_eq!(names(&history, &split), [texts(&["n1"]), texts(&["n2"])]);
    assert_eq!((split.rung, split.lost, split.missed), (Rung::Jointly, Some(2), [1, 1]));
    // What n2 took n1 knows at once.
    let mut lags = both.to_vec();
    lags[4] = look("n1", 0, "1,2,3", 14);
    lags[7] = look("n1", 0, "1,2,3,4", 30);
    lags[8] = look("n2", 1, "1,2,3,4", 32);
    assert_eq!(found(&set(), &self::history(&lags), Clues::default()), []);
    // Whoever removes something, or tries to, may have been first.
    let mut removed = both.to_vec();
    removed.insert(3, (2, "n1", "\"f\":\"remove\",\"value\":2".to_owned(), 11, 12));
    assert_eq!(found(&set(), &self::history(&removed), Clues::default()), []);
}

#[test]
fn clients_are_put_together_where_nobody_names_nodes() {
    let mut lines = divided();
    lines.iter_mut().for_each(|line| line.1 = "");
    let history = history(&lines);
    let [split] = found(&register(), &history, Clues::default()).try_into().expect("there is one");
    assert!(!split.are_nodes);
    let shown = |clients: &[u32]| clients.iter().map(u32::to_string).collect::<Vec<_>>();
    assert_eq!(names(&history, &split), [shown(&[0]), shown(&[1, 2])]);
}
