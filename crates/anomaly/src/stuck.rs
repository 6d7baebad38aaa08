//! A node that goes on answering what it knew once: a replica that hangs, or a leader that was deposed and does not know.
//!
//! All stale answers of a history come from it, but for few: where two writes overlap, a stale answer may pass for the newer
//! one and put the blame on others. And for some time it told one and the same, although something newer had come since it
//! last told anything else. An answer that is late by a moment is no such thing: replicas lag. What it acknowledged meanwhile
//! says nothing of what it knows, since it may pass writes on. And others know more meanwhile: where all tell what is old, a
//! new leader lacks what the old one had not passed on, and nobody stands still. O(n), with each answer compared to the one
//! before.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use seriatim_history::{History, OpId, ValueId};
use seriatim_model::{Access, Kind, Model, Part};

use crate::touch::BLOCK;

/// So many stale answers, at the least; and where it told several things that were stale, so many of one.
const ANSWERS: usize = 3;
/// Of a hundred stale answers so many are its own, at the least.
const SHARE: usize = 95;
/// For so long it has told the same, in nanoseconds, and for so many times as long as lies between two writes.
const LONG: u64 = 1_000_000_000;
const TIMES: u64 = 3;

/// A node that answers what is old, and hardly any other does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stuck {
    /// The node.
    pub node: ValueId,
    /// How many stale answers it gave.
    pub answers: usize,
    /// How many there are of all nodes.
    pub of: usize,
    /// The longest that it told the same after something newer had been acknowledged or seen elsewhere, in nanoseconds.
    pub frozen: u64,
    /// What it overlooked then, and the last answer.
    pub shown: (OpId, OpId),
    /// The first that it overlooked of all that stood still at that time, and the last answer.
    pub window: [OpId; 2],
}

/// For so long one part stood still: what was overlooked and the last stale answer, with their times.
#[derive(Clone, Copy)]
struct Still {
    newer: (i64, OpId),
    answer: (i64, OpId),
    answers: usize,
    /// Whether something was written, or another node told something else, between two of them.
    has_moved: bool,
}

impl Still {
    fn length(&self) -> u64 {
        u64::try_from(self.answer.0 - self.newer.0).unwrap_or(0)
    }
}

/// The node that is stuck, if there is one: `stale` are all stale answers of the parts, each with what it overlooked before it.
pub fn stuck<M: Model>(
    model: &M,
    parts: &[Part<M::Op>],
    history: &History,
    stale: &[(OpId, OpId)],
    goes_on: &dyn Fn() -> bool,
) -> Option<Stuck> {
    let (Kind::Register { .. } | Kind::Set | Kind::Counter { .. } | Kind::Log) = model.kind() else {
        return None;
    };
    // One answer may overlook much: what had come first tells since when it is stale.
    let mut newer: FxHashMap<OpId, (i64, OpId)> = FxHashMap::default();
    let mut nodes: BTreeMap<Option<ValueId>, usize> = BTreeMap::new();
    for &(id, answer) in stale {
        let Some(came) = history.operation(id).end.and_then(|end| end.time) else { continue };
        let known = newer.entry(answer).or_insert_with(|| {
            *nodes.entry(history.operation(answer).node).or_default() += 1;
            (came, id)
        });
        *known = (came, id).min(*known);
    }
    let (&node, &answers) = nodes.iter().max_by_key(|&(_, &count)| count)?;
    let (node, of) = (node?, newer.len());
    let has_others = history.operations.iter().any(|operation| operation.node.is_some_and(|of| of != node));
    if answers < ANSWERS || answers * 100 < of * SHARE || !has_others {
        return None;
    }
    let mut all = Vec::new();
    for part in parts.iter().filter(|part| part.entries.iter().any(|entry| newer.contains_key(&entry.id))) {
        all.extend(stood_still(model, part, history, node, &newer, goes_on)?);
    }
    let longest = *all.iter().max_by_key(|still| still.length())?;
    Some(Stuck {
        node,
        answers,
        of,
        frozen: longest.length(),
        shown: (longest.newer.1, longest.answer.1),
        window: span(all, longest),
    })
}

/// The first and the last of all that stood still at one time with `longest`, or with what did.
fn span(mut all: Vec<Still>, longest: Still) -> [OpId; 2] {
    all.sort_unstable_by_key(|still| still.newer);
    let mut spans: Vec<Still> = Vec::new();
    for still in all {
        match spans.last_mut().filter(|last| still.newer.0 <= last.answer.0) {
            Some(last) => last.answer = last.answer.max(still.answer),
            None => spans.push(still),
        }
    }
    let holds = |span: &&Still| span.newer <= longest.newer && longest.answer <= span.answer;
    let span = spans.iter().find(holds).expect("the longest is one of them");
    [span.newer.1, span.answer.1]
}

/// When a node told one and the same of a part for long; `None` where it is time to stop.
fn stood_still<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    history: &History,
    node: ValueId,
    stale: &FxHashMap<OpId, (i64, OpId)>,
    goes_on: &dyn Fn() -> bool,
) -> Option<Vec<Still>> {
    let mut told: Option<Access> = None;
    // When it was last asked and told something else than the latest.
    let (mut other, mut latest) = (None, None);
    let mut writes: Vec<i64> = Vec::new();
    // All that it told that was stale, and whether something newer had come meanwhile.
    let mut all: Vec<(bool, Still)> = Vec::new();
    let (mut is_same, mut moves) = (false, false);
    for (at, entry) in part.entries.iter().enumerate() {
        if at.is_multiple_of(BLOCK) && !goes_on() {
            return None;
        }
        let operation = history.operation(entry.id);
        let (Some(_), Some(called), Some(ended)) =
            (entry.ret, operation.call.time, operation.end.and_then(|end| end.time))
        else {
            continue;
        };
        let mut accesses = model.accesses(&entry.op);
        let Some(access) = accesses.pop().filter(|_| accesses.is_empty()) else { continue };
        if !is_look(&access) {
            writes.push(ended);
            moves = true;
            continue;
        }
        if operation.node != Some(node) {
            moves |= told.as_ref() != Some(&access);
            continue;
        }
        if told.as_ref() != Some(&access) {
            (other, told, is_same) = (latest, Some(access), false);
        }
        latest = Some(called);
        let Some(&newer) = stale.get(&entry.id) else { continue };
        let answer = (called, entry.id);
        match all.last_mut().filter(|_| is_same) {
            Some((_, still)) => {
                (still.answer, still.answers) = (answer, still.answers + 1);
                still.has_moved |= moves;
            }
            // What had come before it told something else does not count: that may be all that it lacks.
            None => {
                let is_still = other.is_none_or(|other| other < newer.0);
                all.push((is_still, Still { newer, answer, answers: 1, has_moved: false }));
                is_same = true;
            }
        }
        moves = false;
    }
    let least = LONG.max(TIMES * gap(writes));
    // Whoever tells one old thing after the other follows, however late.
    let is_one = all.len() == 1;
    let stood = all.into_iter().filter(|(is_still, still)| {
        *is_still && still.has_moved && (is_one || still.answers >= ANSWERS) && still.length() >= least
    });
    Some(stood.map(|(_, still)| still).collect())
}

/// Whether an operation only tells what the object holds as a whole.
fn is_look(access: &Access) -> bool {
    matches!(access, Access::Read(_) | Access::ReadAll(_) | Access::ReadLog(_) | Access::Sum(_))
}

/// The median time between writes that end at these times, in nanoseconds.
fn gap(mut ends: Vec<i64>) -> u64 {
    ends.sort_unstable();
    let mut gaps: Vec<u64> = ends.windows(2).map(|pair| pair[1].abs_diff(pair[0])).collect();
    gaps.sort_unstable();
    gaps.get(gaps.len() / 2).copied().unwrap_or(0)
}
