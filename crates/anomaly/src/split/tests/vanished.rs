//! What one side acknowledged is gone.

use super::*;

fn adds(elements: u32, lost: impl Fn(u32, &str) -> bool) -> (History, Vec<OpId>) {
    let nodes = ["n1", "n2", "n3"];
    let mut lines: Vec<Line> = Vec::new();
    let mut gone = Vec::new();
    let mut kept = Vec::new();
    for at in 0..elements {
        let node = nodes[at as usize % 3];
        lines.push((at % 3, node, format!("\"f\":\"add\",\"value\":{at}"), 10 * at, 10 * at + 1));
        if lost(at, node) {
            gone.push(OpId(at));
        } else {
            kept.push(at.to_string());
        }
    }
    let all = format!("\"f\":\"read\",\"value\":[{}]", kept.join(","));
    lines.push((0, "n1", all, 10 * elements, 10 * elements + 1));
    (history(&lines), gone)
}

#[test]
fn what_one_side_put_in_is_gone() {
    let (history, lost) = adds(90, |at, node| (30..60).contains(&at) && node == "n1");
    let clues = Clues { lost: &lost };
    let [split] = found(&set(), &history, clues).try_into().expect("there is one");
    assert_eq!((split.rung, split.lost), (Rung::Vanished, Some(10)));
    assert_eq!(names(&history, &split), [texts(&["n1"]), texts(&["n2", "n3"])]);
    assert!(split.acknowledged[1] >= 18, "{split:?}");
    // Where a leader went down, everybody's is gone.
    let (history, lost) = adds(90, |at, _| (30..60).contains(&at));
    assert_eq!(found(&set(), &history, Clues { lost: &lost }), []);
    // Until the others find a new leader, theirs is lost as well.
    let (history, lost) =
        adds(300, |at, node| (99..150).contains(&at) || (150..249).contains(&at) && node == "n1");
    let clues = Clues { lost: &lost };
    let [split] = found(&set(), &history, clues).try_into().expect("there is one");
    assert_eq!(split.lost, Some(33));
    // Where elements are lost now and then, a few of them in a row are of one node by chance.
    let (history, lost) = adds(300, |at, _| (at + 1).wrapping_mul(2_654_435_761) >> 16 & 1 == 0);
    assert_eq!(found(&set(), &history, Clues { lost: &lost }), []);
}

/// Writes to registers of their own by each node in turn, from 0 to 600; n3 is cut off from 200 to 400. Which of them are
/// lost is given; of the others each is read by another node.
fn writes(faults: &[(&str, &str, u32, u32)], lost: impl Fn(u32, &str) -> bool) -> Vec<SplitBrain> {
    let nodes = ["n1", "n2", "n3"];
    let mut lines: Vec<Line> = Vec::new();
    let mut gone = Vec::new();
    for at in 0..60_u32 {
        let node = nodes[at as usize % 3];
        let keyed = |what: &str, value: u32| format!("\"f\":\"{what}\",\"key\":\"k{at}\",\"value\":{value}");
        lines.push((at % 3, node, keyed("write", 1000 + at), 10 * at, 10 * at + 1));
        let is_lost = lost(10 * at, node);
        gone.extend(is_lost.then_some(OpId(lines.len() as u32 - 1)));
        if !is_lost {
            // Who is on the same side, or the node itself, while n3 is cut off.
            let reader = if node == "n3" { 2 } else { 0 };
            lines.push((reader, nodes[reader as usize], keyed("read", 1000 + at), 10 * at + 3, 10 * at + 4));
        }
    }
    found(&register(), &faulted(&lines, faults), Clues { lost: &gone })
}

#[test]
fn what_a_node_wrote_to_registers_while_it_was_cut_off_is_gone() {
    let is_cut = |at: u32, node: &str| node == "n3" && (200..400).contains(&at);
    let [split] = writes(&[("partition", "n3", 195, 405)], is_cut).try_into().expect("there is one");
    assert_eq!((split.rung, split.lost), (Rung::Vanished, Some(7)));
    // Clocks take a node's writes as well, and others' are not lost in a cut of another node.
    assert_eq!(writes(&[], is_cut), []);
    assert_eq!(writes(&[("partition", "n1", 195, 405)], is_cut), []);
    assert_eq!(writes(&[("kill", "n3", 195, 405)], is_cut), []);
    // What was lost before the cut is none of it.
    assert_eq!(writes(&[("partition", "n3", 305, 405)], is_cut), []);
}

#[test]
fn what_only_the_losers_saw_of_a_register_may_be_gone_as_well() {
    // Every other write of n3 was read by n3 before it was gone.
    let half = |at: u32, node: &str| node == "n3" && (100..500).contains(&at) && at % 60 == 20;
    let [split] = writes(&[("partition", "n3", 95, 505)], half).try_into().expect("there is one");
    assert_eq!((split.rung, split.lost), (Rung::Vanished, Some(6)));
}
