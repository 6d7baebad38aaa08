//! Nodes that grant one lock.

use seriatim_model::mutex::{Discipline, Mutex};

use super::*;

const OWNED: Mutex = Mutex { discipline: Discipline::Owner, held: false };

const FENCED: Mutex = Mutex { discipline: Discipline::Fenced, held: false };

/// A hold, from the call of its acquire to that of its release.
fn hold(process: u32, node: &'static str, from: u32, to: u32) -> [Line; 2] {
    let what = |f: &str| format!("\"f\":\"{f}\",\"value\":null");
    [(process, node, what("acquire"), from, from + 1), (process, node, what("release"), to, to + 1)]
}

/// What is told of holds, with faults.
fn told(holds: &[[Line; 2]], faults: &[(&str, &str, u32, u32)]) -> Vec<[Vec<String>; 2]> {
    let mut lines = holds.concat();
    lines.sort_by_key(|line| line.3);
    let history = faulted(&lines, faults);
    let all = found(&OWNED, &history, Clues::default());
    assert!(all.iter().all(|split| split.rung == Rung::Grants));
    all.iter().map(|split| names(&history, split)).collect()
}

#[test]
fn two_nodes_that_grant_are_told_from_a_client_that_was_paused() {
    let mut holds = Vec::new();
    for at in 0..4 {
        holds.push(hold(0, "n1", 100 * at, 100 * at + 80));
        holds.push(hold(1, "n2", 100 * at + 50, 100 * at + 130));
    }
    assert_eq!(told(&holds, &[]), [[texts(&["n1"]), texts(&["n2"])]]);
    // One long hold overlaps many others.
    let mut one = vec![hold(0, "n1", 0, 900)];
    one.extend((0..6).map(|at| hold(1, "n2", 100 * at + 50, 100 * at + 130)));
    assert_eq!(told(&one, &[]), [] as [[Vec<String>; 2]; 0]);
    // So do many of a host that stands still, each of which was granted when the lease of the one before had ended.
    let mut all: Vec<[Line; 2]> = (0..4).map(|at| hold(10 + at, "n1", 100 * at, 900 + 10 * at)).collect();
    all.extend((0..6).map(|at| hold(1, "n2", 100 * at + 50, 100 * at + 130)));
    assert_eq!(told(&all, &[]), [] as [[Vec<String>; 2]; 0]);
    // One of them lets go before the next one is granted.
    all[0] = hold(10, "n1", 0, 99);
    assert_eq!(told(&all, &[]).len(), 1);
}

#[test]
fn one_grant_of_each_is_told_where_both_were_granted_across_a_cut() {
    let holds = [hold(0, "n1", 100, 180), hold(1, "n2", 150, 230), hold(2, "n3", 300, 310)];
    let none = [] as [[Vec<String>; 2]; 0];
    let both = [[texts(&["n1"]), texts(&["n2"])]];
    assert_eq!(told(&holds, &[]), none);
    assert_eq!(told(&holds, &[("partition", "n1", 90, 400)]), both);
    assert_eq!(told(&holds, &[("partition", "", 90, 400)]), both);
    // Neither of these is cut off from the other; one was granted before; one after; and others' faults cut nothing.
    assert_eq!(told(&holds, &[("partition", "n3", 90, 400)]), none);
    assert_eq!(told(&holds, &[("partition", "n1", 120, 400)]), none);
    assert_eq!(told(&holds, &[("partition", "n1", 90, 140)]), none);
    assert_eq!(told(&holds, &[("pause", "n1", 90, 400)]), none);
}

/// Grants by nodes with tokens, one after the other, with faults; each time is ten.
fn tokens(grants: &[(&'static str, i32)], faults: &[(&str, &str, u32, u32)]) -> (History, Vec<SplitBrain>) {
    let line = |(at, &(node, token)): (u32, &(&'static str, i32))| {
        let what = |f: &str| format!("\"f\":\"{f}\",\"value\":{token}");
        let time = 10 * at;
        [(at, node, what("acquire"), time, time + 1), (at, node, what("release"), time + 2, time + 3)]
    };
    let lines: Vec<Line> = (0..).zip(grants).flat_map(line).collect();
    let history = faulted(&lines, faults);
    let found = found(&FENCED, &history, Clues::default());
    (history, found)
}

#[test]
fn tokens_of_two_nodes_beside_each_other_are_told_and_ones_that_began_again_are_not() {
    let beside = [("n1", 1), ("n1", 2), ("n1", 3), ("n2", 3), ("n1", 4), ("n2", 4), ("n1", 5), ("n2", 5)];
    let (history, found) = tokens(&beside, &[]);
    let [split] = found.try_into().expect("there is one");
    assert_eq!((split.rung, split.acknowledged), (Rung::Tokens, [3, 3]));
    assert_eq!(split.window, [OpId(6), OpId(14)]);
    assert_eq!(names(&history, &split), [texts(&["n1"]), texts(&["n2"])]);
    // All begin again, and go on until they have caught up.
    let again = [("n1", 3), ("n2", 4), ("n1", 1), ("n2", 2), ("n1", 3), ("n2", 4), ("n1", 5), ("n2", 6)];
    assert_eq!(tokens(&again, &[]).1, []);
    // One of them gives out too small ones, and the other none any more.
    let one = [("n1", 8), ("n1", 9), ("n2", 3), ("n2", 4), ("n2", 5), ("n2", 6)];
    assert_eq!(tokens(&one, &[]).1, []);
    // A greater one between, that another node gave.
    let three = [("n1", 8), ("n2", 3), ("n3", 9), ("n2", 4)];
    assert_eq!(tokens(&three, &[]).1, []);
}

#[test]
fn one_token_that_goes_back_is_told_across_a_cut() {
    let once = [("n1", 8), ("n2", 3), ("n3", 9)];
    let (history, found) = tokens(&once, &[("partition", "n1", 5, 25)]);
    let [split] = found.try_into().expect("there is one");
    assert_eq!((split.rung, split.acknowledged), (Rung::Tokens, [1, 1]));
    assert_eq!(names(&history, &split), [texts(&["n1"]), texts(&["n2"])]);
    assert_eq!(tokens(&once, &[]).1, []);
    assert_eq!(tokens(&once, &[("partition", "n3", 5, 25)]).1, []);
    assert_eq!(tokens(&once, &[("partition", "n1", 15, 25)]).1, []);
    // What had granted the greater one may have lost its state.
    let crashed = |node, from, to| [("partition", "n1", 5, 25), ("kill", node, from, to)];
    assert_eq!(tokens(&once, &crashed("n1", 2, 12)).1, []);
    assert_eq!(tokens(&once, &crashed("", 2, 12)).1, []);
    assert_eq!(tokens(&once, &crashed("n3", 2, 12)).1.len(), 1);
    assert_eq!(tokens(&once, &crashed("n1", 12, 22)).1.len(), 1);
    // Equal ones are no greater, and the one after is.
    assert_eq!(tokens(&[("n1", 8), ("n2", 8)], &[("partition", "n1", 5, 25)]).1.len(), 1);
    assert_eq!(tokens(&[("n1", 8), ("n2", 9)], &[("partition", "n1", 5, 25)]).1, []);
    // Of several nodes on one side all are told together; of one that is on both, each two by themselves.
    let several = [("n1", 8), ("n2", 3), ("n3", 4), ("n1", 9), ("n3", 5)];
    let (history, found) = tokens(&several, &[("partition", "n1", 5, 60)]);
    let [split] = found.try_into().expect("there is one");
    assert_eq!(names(&history, &split), [texts(&["n1"]), texts(&["n2", "n3"])]);
    assert_eq!((split.acknowledged, split.window), ([2, 3], [OpId(2), OpId(8)]));
    let both = [("n1", 8), ("n2", 7), ("n2", 10), ("n3", 9)];
    assert!(tokens(&both, &[("partition", "", 5, 60)]).1.len() == 2);
    // So is one of the same node no sign of another.
    assert_eq!(tokens(&[("n1", 8), ("n1", 3)], &[("partition", "n1", 5, 25)]).1, []);
}
