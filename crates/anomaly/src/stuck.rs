//! A node that goes on answering what it knew once: a replica that hangs, or a leader that was deposed and does not know.
//!
//! All stale answers of a history come from it, and for some time it told one and the same, although others had gone on. An
//! answer that is late by a moment is no such thing: replicas lag.

use std::collections::BTreeSet;

use seriatim_history::{History, OpId, ValueId};
use seriatim_model::{Kind, Model, Part};

use crate::touch::Touch;

/// So many stale answers, at the least.
const ANSWERS: usize = 3;
/// For so long it has told the same, in nanoseconds, and for so many times as long as lies between two writes.
const LONG: u64 = 1_000_000_000;
const TIMES: u64 = 3;

/// A node that answers what is old, and no other does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stuck {
    /// The node.
    pub node: ValueId,
    /// How many stale answers it gave.
    pub answers: usize,
    /// The longest that it told the same after something newer had been acknowledged or seen elsewhere, in nanoseconds.
    pub frozen: u64,
    /// What it overlooked then, and the answer.
    pub shown: (OpId, OpId),
}

/// The node that is stuck, if there is one: `stale` are all stale answers of the parts, each with what it overlooked before it.
pub fn stuck<M: Model>(
    model: &M,
    parts: &[Part<M::Op>],
    history: &History,
    stale: &[(OpId, OpId)],
    goes_on: &dyn Fn() -> bool,
) -> Option<Stuck> {
    let Kind::Register { .. } = model.kind() else { return None };
    let nodes: BTreeSet<Option<ValueId>> =
        stale.iter().map(|&(_, answer)| history.operation(answer).node).collect();
    let [Some(node)] = nodes.into_iter().collect::<Vec<_>>()[..] else { return None };
    let has_others = history.operations.iter().any(|operation| operation.node.is_some_and(|of| of != node));
    if stale.len() < ANSWERS || !has_others {
        return None;
    }
    let time = |newer: OpId, answer: OpId| {
        let lag = history.operation(answer).call.time? - history.operation(newer).end?.time?;
        u64::try_from(lag).ok()
    };
    let lag = |&(newer, answer): &(OpId, OpId)| time(newer, answer).unwrap_or(0);
    let &(newer, answer) = stale.iter().max_by_key(|&pair| lag(pair))?;
    let frozen = time(newer, answer)?;
    let is_of = |part: &&Part<M::Op>| part.entries.binary_search_by_key(&answer, |entry| entry.id).is_ok();
    let part = parts.iter().find(is_of)?;
    let touches = Touch::all(model, part, goes_on)?;
    if frozen < LONG.max(TIMES * gap(part, history, &touches)) {
        return None;
    }
    let (from, to) = (history.operation(newer).end?.event, history.operation(answer).call.event);
    let mut told = BTreeSet::new();
    for (entry, touch) in part.entries.iter().zip(&touches) {
        let is_meanwhile = entry.call > from && entry.call <= to && entry.ret.is_some();
        if is_meanwhile && history.operation(entry.id).node == Some(node) {
            told.extend(touch.saw);
        }
    }
    (told.len() == 1).then_some(Stuck { node, answers: stale.len(), frozen, shown: (newer, answer) })
}

/// The median time between two acknowledged writes of a part, in nanoseconds.
fn gap<Op>(part: &Part<Op>, history: &History, touches: &[Touch]) -> u64 {
    let writes = part.entries.iter().zip(touches).filter(|(_, touch)| touch.put.is_some());
    let ends = writes.filter_map(|(entry, _)| {
        entry.ret?;
        history.operation(entry.id).end?.time
    });
    let mut ends: Vec<i64> = ends.collect();
    ends.sort_unstable();
    let mut gaps: Vec<u64> = ends.windows(2).map(|pair| pair[1].abs_diff(pair[0])).collect();
    gaps.sort_unstable();
    gaps.get(gaps.len() / 2).copied().unwrap_or(0)
}
