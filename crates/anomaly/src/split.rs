//! Split brain: did two groups of nodes each go on by themselves, as if the other one were not there?
//!
//! That two sides were apart is told where each acknowledged writes that the other one, asked later, did not know, at one
//! and the same time: a side that only answers what is old is a stale replica. What shows it is a ladder, of which the
//! highest rung that there is gets told ([`Rung`]). Who is on which side is what `node` tags say; where there are none,
//! clients are put together that see what each other wrote, and what is told is only that it looks so.
//!
//! Every claim about single operations is a fact of the history: who acknowledged what when, and who did not see it. That
//! those facts come from two leaders, not from something else, no client can know; docs/ANOMALIES.md has the limits.

mod agents;
mod elements;
mod locks;
mod sides;
mod sights;
#[cfg(test)]
pub(crate) mod tests;
mod vanished;

use seriatim_history::{Completion, EventId, History, OpId, ValueId, Window};
use seriatim_model::{Kind, Model, Part};

use agents::Agents;
use sights::Seen;

/// What shows that two sides were apart, what is sure first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rung {
    /// Both granted one lock, three times each or more, at one time.
    Grants,
    /// Logs were read on both of which neither is a beginning of the other.
    Prefixes,
    /// Each acknowledged writes that the other did not know, at one time.
    Jointly,
    /// What one of them acknowledged is gone, and what the other acknowledged meanwhile is there.
    Vanished,
}

/// Two sides that were apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SplitBrain {
    /// What shows it.
    pub rung: Rung,
    /// Whether the sides are nodes; else they are clients.
    pub are_nodes: bool,
    /// Who was on which side. What was lost was acknowledged by the first one.
    pub sides: [Vec<ValueId>; 2],
    /// The first operation whose return shows it, and the last one.
    pub window: [OpId; 2],
    /// How many writes, or grants, each side acknowledged meanwhile.
    pub acknowledged: [usize; 2],
    /// How many observations on each side lack something that the other one had acknowledged before.
    pub missed: [usize; 2],
    /// On how many parts of the history.
    pub parts: usize,
    /// Few operations that show it, and what each is.
    pub shown: Vec<(&'static str, OpId)>,
    /// The first operation on one side that saw what the other had written meanwhile.
    pub heal: Option<OpId>,
    /// How many of the writes that the first side acknowledged meanwhile nobody saw any more, where they are known to be
    /// lost.
    pub lost: Option<usize>,
}

/// What is known already of a history in which something is wrong.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clues<'a> {
    /// Acknowledged writes and elements that nobody saw again although they were looked for.
    pub lost: &'a [OpId],
    /// Pairs of reads of logs of which neither is a beginning of the other.
    pub divergent: &'a [(OpId, OpId)],
}

/// So many times two sides are looked for that were apart.
const EPISODES: usize = 8;

/// Where two sides were apart, in the order of time; none where it is time to stop.
pub fn find<M: Model>(
    model: &M,
    parts: &[Part<M::Op>],
    history: &History,
    windows: &[Window],
    clues: Clues<'_>,
    goes_on: &dyn Fn() -> bool,
) -> Vec<SplitBrain> {
    let agents = Agents::new(history);
    let found = match model.kind() {
        Kind::Register { initial } => Seen::of_registers(model, parts, history, initial, &agents, goes_on)
            .map(|seen| apart(&seen, history, &agents, windows, goes_on)),
        Kind::Mutex { .. } | Kind::OwnedMutex { .. } => {
            locks::find(model, parts, history, windows, &agents, goes_on)
        }
        Kind::Set => {
            let seen = Seen::of_sets(model, parts, history, &agents, goes_on);
            let jointly = seen.map(|seen| apart(&seen, history, &agents, windows, goes_on));
            let vanished = vanished::find(model, parts, (history, windows), &agents, clues.lost, goes_on);
            jointly.zip(vanished).map(|(jointly, vanished)| higher(jointly, vanished, history))
        }
        _ => {
            let diverged = clues.divergent.iter().filter_map(|&pair| prefixes(history, &agents, pair));
            let diverged: Vec<_> = diverged.take(1).collect();
            if diverged.is_empty() {
                vanished::find(model, parts, (history, windows), &agents, clues.lost, goes_on)
            } else {
                Some(diverged)
            }
        }
    };
    let mut found = found.filter(|_| goes_on()).unwrap_or_default();
    found.sort_by_key(|split| split.window[0]);
    found
}

/// What one rung of the ladder shows, and what a lower one shows of other times.
fn higher(mut shown: Vec<SplitBrain>, lower: Vec<SplitBrain>, history: &History) -> Vec<SplitBrain> {
    let span = |split: &SplitBrain| {
        let [first, last] = split.window.map(|id| history.operation(id));
        (first.call.event, last.ret().unwrap_or(EventId(u32::MAX)))
    };
    let spans: Vec<_> = shown.iter().map(span).collect();
    shown.extend(lower.into_iter().filter(|split| {
        let (from, to) = span(split);
        spans.iter().all(|&(start, end)| to < start || end < from)
    }));
    shown
}

/// The first thing that the second of two reads of a log has where the first one has something else.
fn instead(history: &History, one: OpId, other: OpId) -> Option<ValueId> {
    let log = |id: OpId| match history.operation(id).completion {
        Completion::Ok(answer) => history.values.as_list(answer.value?),
        _ => None,
    };
    let (one, other) = (log(one)?, log(other)?);
    one.iter().zip(other).find(|(one, other)| one != other).map(|(_, &other)| other)
}

/// All episodes in which two sides of some registers were apart, what is missed most first; what shows one of them is
/// not counted for another.
fn apart(
    seen: &Seen,
    history: &History,
    agents: &Agents,
    windows: &[Window],
    goes_on: &dyn Fn() -> bool,
) -> Vec<SplitBrain> {
    let mut left = seen.misses.clone();
    let mut found = Vec::new();
    while found.len() < EPISODES && goes_on() {
        let candidates = sides::candidates(seen, &left, agents, windows);
        let candidates = candidates.iter().take_while(|_| goes_on());
        let apart = candidates.filter_map(|sides| sides::apart(seen, &left, sides, history));
        let Some(best) = apart.max_by_key(sides::Apart::weight) else { break };
        // Clients that share no objects cannot be told to be on one side, so that of each time one pair of groups is told.
        left.retain(|miss| !best.holds(miss) && (agents.are_nodes || !best.meets(miss)));
        found.push(sides::told(seen, &best, agents));
    }
    found
}

/// Two reads of a log of which neither is a beginning of the other, where different nodes answered them, and what the later one has
/// instead was being put in already when the earlier one was answered. A log that was cut back, and went on otherwise, is none.
fn prefixes(history: &History, agents: &Agents, (one, other): (OpId, OpId)) -> Option<SplitBrain> {
    let [first, second] = [agents.of(one)?, agents.of(other)?];
    if first == second {
        return None;
    }
    let end = |id: OpId| history.operation(id).ret().unwrap_or(EventId(u32::MAX));
    let window = if end(one) <= end(other) { [one, other] } else { [other, one] };
    let instead = instead(history, window[0], window[1])?;
    let putting = history.operations.iter().filter(|operation| operation.argument == Some(instead));
    let put = putting.map(|operation| operation.call.event).min();
    if put.is_none_or(|put| put > end(window[0])) {
        return None;
    }
    Some(SplitBrain {
        rung: Rung::Prefixes,
        are_nodes: agents.are_nodes,
        sides: [vec![agents.name(first)], vec![agents.name(second)]],
        window,
        acknowledged: [0, 0],
        missed: [1, 1],
        parts: 1,
        shown: vec![("log read", one), ("other log read", other)],
        heal: None,
        lost: None,
    })
}
