//! Two nodes that each granted one lock, of which one gave out fencing tokens no greater than the other's before.
//!
//! A service that lost its state, and begins again with smaller tokens, does so once, on all nodes. Two that each grant are
//! told by a node that goes on: between two tokens of one that are too small the other one grants a greater one still. One is
//! enough where the nodes could not reach each other then, unless what had granted the greater one crashed meanwhile.
//! O(grants · log grants).

use std::collections::{BTreeMap, BTreeSet};

use seriatim_history::{EventId, History, OpId, ValueId, Window};
use seriatim_model::{Access, Model, Part};

use super::agents::Agents;
use super::cuts::Cuts;
use super::{Rung, SplitBrain, since};
use crate::words;

/// A lock was granted, with a token.
#[derive(Clone, Copy, Debug)]
struct Grant {
    id: OpId,
    agent: u32,
    token: i128,
    call: EventId,
    ret: EventId,
}

/// A grant with a token no greater than that of an earlier one by another node.
#[derive(Clone, Copy, Debug)]
struct Back {
    greater: Grant,
    grant: Grant,
}

/// Where two nodes gave out tokens one beside the other, of each lock and two nodes; `None` where it is time to stop.
pub(super) fn find<M: Model>(
    model: &M,
    parts: &[Part<M::Op>],
    history: &History,
    windows: &[Window],
    agents: &Agents,
    goes_on: &dyn Fn() -> bool,
) -> Option<Vec<SplitBrain>> {
    if !agents.are_nodes {
        return Some(Vec::new());
    }
    let cuts = Cuts::new(history, windows, agents);
    let crashes: Vec<_> = windows.iter().filter(|window| window.is_crash(&history.values)).collect();
    let is_crashed = |back: &Back| {
        crashes.iter().any(|crash| {
            let is_its = crash.nodes.is_empty() || crash.nodes.contains(&agents.name(back.greater.agent));
            is_its && crash.start <= back.grant.ret && crash.end.is_none_or(|end| back.greater.call <= end)
        })
    };
    let is_across = |back: &Back| {
        let nodes = [back.greater.agent, back.grant.agent];
        cuts.are_apart(nodes, [(back.grant.call, back.grant.ret)]) && !is_crashed(back)
    };
    let mut shown = Vec::new();
    for part in parts {
        let all = backs(&grants(model, part, history, agents, goes_on)?);
        let mut pairs: Vec<[u32; 2]> = all.iter().map(Back::nodes).collect();
        pairs.sort_unstable();
        pairs.dedup();
        for nodes in pairs {
            let of_both: Vec<Back> = all.iter().filter(|back| back.nodes() == nodes).copied().collect();
            if goes_on_beside(&of_both) {
                shown.extend(of_both);
            } else {
                shown.extend(of_both.into_iter().filter(is_across));
            }
        }
    }
    Some(together(shown, windows).iter().filter_map(|all| told(all, agents)).collect())
}

/// What is told as one: all since the beginning of the same fault, if no node is on both sides then, else that of each two.
fn together(shown: Vec<Back>, windows: &[Window]) -> Vec<Vec<Back>> {
    let mut by_window: BTreeMap<Option<usize>, Vec<Back>> = BTreeMap::new();
    for back in shown {
        by_window.entry(since(windows, back.grant.call)).or_default().push(back);
    }
    let mut all = Vec::new();
    for mut of_window in by_window.into_values() {
        of_window.sort_by_key(|back| back.grant.call);
        let is_on_both = |back: &Back| of_window.iter().any(|other| other.greater.agent == back.grant.agent);
        if !of_window.iter().any(is_on_both) {
            all.push(of_window);
            continue;
        }
        let mut by_nodes: BTreeMap<[u32; 2], Vec<Back>> = BTreeMap::new();
        for back in of_window {
            by_nodes.entry(back.nodes()).or_default().push(back);
        }
        all.extend(by_nodes.into_values());
    }
    all
}

impl Back {
    fn nodes(&self) -> [u32; 2] {
        [self.greater.agent, self.grant.agent]
    }
}

/// The grants of a lock that are known to have happened, in the order of their calls.
fn grants<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    history: &History,
    agents: &Agents,
    goes_on: &dyn Fn() -> bool,
) -> Option<Vec<Grant>> {
    let grant = |word: &words::Word| {
        let Access::Acquire(_, Some(token)) = word.access else { return None };
        let operation = history.operation(word.id);
        let (id, agent, call) = (word.id, agents.of(word.id)?, operation.call.event);
        Some(Grant { id, agent, token, call, ret: operation.ret()? })
    };
    let mut all: Vec<Grant> = words::of(model, part, goes_on)?.iter().filter_map(grant).collect();
    all.sort_by_key(|grant| grant.call);
    Some(all)
}

/// Each grant with a token that is no greater than the greatest that another node had granted before it was asked for.
fn backs(grants: &[Grant]) -> Vec<Back> {
    let mut by_return: Vec<&Grant> = grants.iter().collect();
    by_return.sort_by_key(|grant| grant.ret);
    let mut returned = by_return.into_iter().peekable();
    // The greatest ones of two nodes.
    let mut greatest: [Option<Grant>; 2] = [None; 2];
    let mut all = Vec::new();
    for grant in grants {
        while let Some(before) = returned.next_if(|before| before.ret < grant.call) {
            greatest = match greatest {
                [Some(first), second] if before.token <= first.token => {
                    let is_second = before.agent != first.agent
                        && second.is_none_or(|second| second.token < before.token);
                    [Some(first), if is_second { Some(*before) } else { second }]
                }
                [Some(first), second] if first.agent == before.agent => [Some(*before), second],
                [first, _] => [Some(*before), first],
            };
        }
        let other = greatest.iter().flatten().find(|greater| greater.agent != grant.agent);
        let greater = other.filter(|greater| grant.token <= greater.token);
        all.extend(greater.map(|&greater| Back { greater, grant: *grant }));
    }
    all
}

/// Whether the node with the greater tokens granted a greater one still between two that were too small.
fn goes_on_beside(of_both: &[Back]) -> bool {
    of_both.windows(2).any(|pair| {
        let [one, other] = [&pair[0], &pair[1]];
        one.greater.token < other.greater.token && one.grant.ret < other.greater.call
    })
}

fn told(shown: &[Back], agents: &Agents) -> Option<SplitBrain> {
    let (first, last) = (shown.first()?, shown.last()?);
    let greater: BTreeSet<OpId> = shown.iter().map(|back| back.greater.id).collect();
    let side = |of: fn(&Back) -> u32| {
        let nodes: BTreeSet<u32> = shown.iter().map(of).collect();
        nodes.into_iter().map(|node| agents.name(node)).collect::<Vec<ValueId>>()
    };
    Some(SplitBrain {
        rung: Rung::Tokens,
        are_nodes: true,
        sides: [side(|back| back.greater.agent), side(|back| back.grant.agent)],
        window: [first.grant.id, last.grant.id],
        acknowledged: [greater.len(), shown.len()],
        missed: [0, 0],
        parts: 1,
        shown: vec![("greater token", first.greater.id), ("token no greater", first.grant.id)],
        heal: None,
        lost: None,
    })
}
