//! Two nodes that answered logs which grew apart.
//!
//! Where two reads of a log part, each has something there that the other one does not have at all: one that only lacks
//! an entry, or has two in another order, was torn or sorted. Of all pairs of reads those are compared that are next to
//! each other in length, since every read is a beginning of the next longer one where none have grown apart, and those
//! that follow each other on few different nodes: O(what was read).

use std::collections::VecDeque;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use seriatim_history::{EventId, History, OpId, ValueId};
use seriatim_model::{Access, Model, Part};

use super::agents::Agents;
use super::{Rung, SplitBrain};
use crate::words::{self, Word};

/// A read is compared with the last one before it of each of so many other nodes.
const OTHERS: usize = 3;

/// Somebody read a whole log.
struct Read {
    id: OpId,
    agent: u32,
    ret: u64,
    entries: Arc<[ValueId]>,
}

/// Where nodes answered logs of which neither is a beginning of the other, of each log the first time; `None` where it is
/// time to stop.
pub(super) fn find<M: Model>(
    model: &M,
    parts: &[Part<M::Op>],
    history: &History,
    agents: &Agents,
    goes_on: &dyn Fn() -> bool,
) -> Option<Vec<SplitBrain>> {
    let mut found: Vec<(EventId, SplitBrain)> = Vec::new();
    for part in parts {
        let words = words::of(model, part, goes_on)?;
        let reads = reads(&words, agents);
        let begun = begun(&words);
        let mut pairs = Vec::new();
        for [one, other] in neighbours(&reads) {
            if !goes_on() {
                return None;
            }
            pairs.extend(grown_apart(&reads[one], &reads[other], &begun));
        }
        pairs.sort_by_key(|pair| pair[1].ret);
        // Whoever answers much later what had grown apart by then shows nothing of the time between.
        let last = pairs.iter().map(|[earlier, _]| earlier).max_by_key(|read| read.ret);
        if let (Some([one, other]), Some(last)) = (pairs.first(), last) {
            let last = if last.ret > other.ret { last } else { other };
            let end = history.operation(other.id).ret().unwrap_or(EventId(u32::MAX));
            found.push((end, told([one, other], last, agents)));
        }
    }
    // One split goes through all logs.
    Some(found.into_iter().min_by_key(|&(end, _)| end).map(|(_, split)| split).into_iter().collect())
}

fn reads(words: &[Word], agents: &Agents) -> Vec<Read> {
    let whole = words.iter().filter(|word| word.has_happened()).filter_map(|word| {
        let Access::ReadLog(entries) = &word.access else { return None };
        let agent = agents.of(word.id)?;
        Some(Read { id: word.id, agent, ret: word.ret, entries: entries.clone() })
    });
    let mut all: Vec<Read> = whole.collect();
    all.sort_by_key(|read| read.ret);
    all
}

/// When each entry was first being appended.
fn begun(words: &[Word]) -> FxHashMap<ValueId, u64> {
    let mut all = FxHashMap::default();
    for word in words {
        if let Some(value) = words::put(&word.access) {
            let call = all.entry(value).or_insert(word.call);
            *call = word.call.min(*call);
        }
    }
    all
}

/// The reads that are compared: by their places in the order of their returns.
fn neighbours(reads: &[Read]) -> impl Iterator<Item = [usize; 2]> {
    let mut by_length: Vec<usize> = (0..reads.len()).collect();
    by_length.sort_by_key(|&at| reads[at].entries.len());
    let mut next: Vec<[usize; 2]> = by_length.windows(2).map(|pair| [pair[0], pair[1]]).collect();
    let mut last: VecDeque<usize> = VecDeque::new();
    for (at, read) in reads.iter().enumerate() {
        last.retain(|&other| reads[other].agent != read.agent);
        next.extend(last.iter().map(|&other| [other, at]));
        last.push_front(at);
        last.truncate(OTHERS);
    }
    next.into_iter()
}

/// Two reads by different nodes that have grown apart, the earlier one first. What the later one has instead was being
/// appended when the earlier one was answered: a log that was cut back, and went on otherwise, has not.
fn grown_apart<'a>(one: &'a Read, other: &'a Read, begun: &FxHashMap<ValueId, u64>) -> Option<[&'a Read; 2]> {
    let [first, second] = if one.ret <= other.ret { [one, other] } else { [other, one] };
    let (here, there) =
        first.entries.iter().zip(second.entries.iter()).find(|(here, there)| here != there)?;
    let is_mutual = || !second.entries.contains(here) && !first.entries.contains(there);
    let is_at_once = begun.get(there).is_some_and(|&call| call <= first.ret);
    (one.agent != other.agent && is_at_once && is_mutual()).then_some([first, second])
}

fn told([one, other]: [&Read; 2], last: &Read, agents: &Agents) -> SplitBrain {
    SplitBrain {
        rung: Rung::Prefixes,
        are_nodes: agents.are_nodes,
        sides: [one, other].map(|read| vec![agents.name(read.agent)]),
        window: [one.id, last.id],
        acknowledged: [0, 0],
        missed: [1, 1],
        parts: 1,
        shown: vec![("log read", one.id), ("other log read", other.id)],
        heal: None,
        lost: None,
    }
}
