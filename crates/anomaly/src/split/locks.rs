//! Two nodes that each give away one lock.
//!
//! One hold that overlaps many others is that of a client that was paused while its lease ended; the lock did what it
//! promises. Two sides that each grant are told by holds of both that overlap, more than a few of each; or by fewer that
//! both were granted while the nodes could not reach each other, when one of them at most had the right to.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};
use seriatim_history::{EventId, History, OpId, ValueId, Window};
use seriatim_model::{Access, Model, Part};

use super::agents::Agents;
use super::cuts::Cuts;
use super::{Rung, SplitBrain, since};
use crate::words;

/// From the return of an acquire to the call of the release that ends it: so long it was surely held.
#[derive(Clone, Copy, Debug)]
struct Hold {
    acquire: OpId,
    agent: u32,
    call: EventId,
    from: EventId,
    to: EventId,
}

/// So many holds of either side overlap one of the other's, at the least, where nothing says that they were apart.
const HOLDS: usize = 3;

/// Two nodes each of which granted what the other one had granted.
struct Mutual {
    nodes: [u32; 2],
    /// How many of their holds overlap one of the other's.
    grants: [usize; 2],
    /// The first two holds that overlap, and the last.
    first: [Hold; 2],
    last: [Hold; 2],
}

/// Where two nodes each granted one lock at one time; `None` where it is time to stop.
pub(super) fn find<M: Model>(
    model: &M,
    parts: &[Part<M::Op>],
    history: &History,
    windows: &[Window],
    agents: &Agents,
    goes_on: &dyn Fn() -> bool,
) -> Option<Vec<SplitBrain>> {
    let mut found = Vec::new();
    // Clients that hold a lock at once say nothing about nodes.
    if !agents.are_nodes {
        return Some(Vec::new());
    }
    let cuts = Cuts::new(history, windows, agents);
    for (at, part) in parts.iter().enumerate() {
        let mut holds = holds(model, part, history, agents, goes_on)?;
        holds.sort_by_key(|hold| hold.from);
        found.extend(
            clusters(&holds)
                .into_iter()
                .filter_map(|holds| in_cluster(holds, &cuts))
                .map(|mutual| (at, mutual)),
        );
    }
    Some(told(found, windows, agents))
}

/// What was found on any lock within one window of a fault is told as one, with the node on one side that is of most of it.
fn told(found: Vec<(usize, Mutual)>, windows: &[Window], agents: &Agents) -> Vec<SplitBrain> {
    let mut by_window: BTreeMap<Option<usize>, Vec<(usize, Mutual)>> = BTreeMap::new();
    for (part, mutual) in found {
        by_window.entry(since(windows, mutual.first[0].from)).or_default().push((part, mutual));
    }
    by_window.into_values().map(|found| together(&found, agents)).collect()
}

fn together(found: &[(usize, Mutual)], agents: &Agents) -> SplitBrain {
    let mut often: BTreeMap<u32, usize> = BTreeMap::new();
    for (_, mutual) in found {
        for node in mutual.nodes {
            *often.entry(node).or_default() += mutual.grants.iter().sum::<usize>();
        }
    }
    let most =
        often.iter().max_by_key(|&(&node, &count)| (count, Reverse(node))).map_or(0, |(&node, _)| node);
    let others: Vec<u32> = often.keys().copied().filter(|&node| node != most).collect();
    let mut acknowledged = [0, 0];
    for (_, mutual) in found {
        for (node, grants) in mutual.nodes.into_iter().zip(mutual.grants) {
            acknowledged[usize::from(node != most)] += grants;
        }
    }
    let mut parts: Vec<usize> = found.iter().map(|&(part, _)| part).collect();
    parts.dedup();
    let first =
        found.iter().map(|(_, mutual)| mutual.first).min_by_key(|both| both[1].from.max(both[0].from));
    let last = found.iter().map(|(_, mutual)| mutual.last).max_by_key(|both| both[1].from.max(both[0].from));
    let (first, last) = first.zip(last).expect("something was found");
    let later = |both: [Hold; 2]| if both[0].from < both[1].from { both[1].acquire } else { both[0].acquire };
    SplitBrain {
        rung: Rung::Grants,
        are_nodes: true,
        sides: [vec![agents.name(most)], others.into_iter().map(|node| agents.name(node)).collect()],
        window: [later(first), later(last)],
        acknowledged,
        missed: [0, 0],
        parts: parts.len(),
        shown: vec![("grant", first[0].acquire), ("grant of the other side", first[1].acquire)],
        heal: None,
        lost: None,
    }
}

/// Each acquire with the next release by the same process.
fn holds<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    history: &History,
    agents: &Agents,
    goes_on: &dyn Fn() -> bool,
) -> Option<Vec<Hold>> {
    let mut open: FxHashMap<ValueId, Hold> = FxHashMap::default();
    let mut all = Vec::new();
    for word in words::of(model, part, goes_on)? {
        let operation = history.operation(word.id);
        match word.access {
            Access::Acquire(..) => {
                if let (Some(from), Some(agent)) = (operation.ret(), agents.of(word.id)) {
                    let call = operation.call.event;
                    let hold = Hold { acquire: word.id, agent, call, from, to: from };
                    open.insert(operation.process, hold);
                }
            }
            Access::Release(..) => {
                if let Some(hold) = open.remove(&operation.process) {
                    all.push(Hold { to: operation.call.event, ..hold });
                }
            }
            _ => {}
        }
    }
    Some(all)
}

/// Holds that overlap, one after the other: `holds` by their beginnings.
fn clusters(holds: &[Hold]) -> Vec<&[Hold]> {
    let mut all = Vec::new();
    let (mut first, mut end) = (0, EventId(0));
    for (at, hold) in holds.iter().enumerate() {
        if at > first && hold.from > end {
            all.push(&holds[first..at]);
            first = at;
        }
        end = if at == first { hold.to } else { end.max(hold.to) };
    }
    if first < holds.len() {
        all.push(&holds[first..]);
    }
    all
}

/// The two nodes of which most holds overlap: more than a few of each, or any that were granted across a cut.
fn in_cluster(cluster: &[Hold], cuts: &Cuts) -> Option<Mutual> {
    let mut pairs: BTreeMap<[u32; 2], Vec<[Hold; 2]>> = BTreeMap::new();
    for (at, hold) in cluster.iter().enumerate() {
        for later in cluster[at + 1..].iter().take_while(|later| later.from < hold.to) {
            let both = if hold.agent <= later.agent { [*hold, *later] } else { [*later, *hold] };
            if both[0].agent != both[1].agent {
                pairs.entry(both.map(|hold| hold.agent)).or_default().push(both);
            }
        }
    }
    let counted = pairs.into_iter().filter_map(|(nodes, all)| {
        let grants = distinct(&all);
        if grants.iter().all(|&count| count >= HOLDS) && [0, 1].iter().all(|&side| grants_again(&all, side)) {
            return Some((grants, nodes, all));
        }
        let is_across = |both: &[Hold; 2]| cuts.are_apart(nodes, both.map(|hold| (hold.call, hold.from)));
        let across: Vec<_> = all.into_iter().filter(is_across).collect();
        (!across.is_empty()).then(|| (distinct(&across), nodes, across))
    });
    let (grants, nodes, all) = counted.max_by_key(|(grants, ..)| grants[0].min(grants[1]))?;
    Some(Mutual { nodes, grants, first: *all.first()?, last: *all.last()? })
}

/// Whether one side granted again what it had got back: clients that all stand still let go of nothing meanwhile.
fn grants_again(pairs: &[[Hold; 2]], side: usize) -> bool {
    let first_end = pairs.iter().map(|both| both[side].to).min();
    let last_start = pairs.iter().map(|both| both[side].from).max();
    first_end < last_start
}

/// How many holds of either side there are.
fn distinct(pairs: &[[Hold; 2]]) -> [usize; 2] {
    [0, 1].map(|side| {
        let acquires: FxHashSet<OpId> = pairs.iter().map(|both| both[side].acquire).collect();
        acquires.len()
    })
}
