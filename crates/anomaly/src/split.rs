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
mod cuts;
mod elements;
mod locks;
mod logs;
mod sides;
mod sights;
#[cfg(test)]
pub(crate) mod tests;
mod tokens;
mod vanished;

use seriatim_history::{EventId, History, OpId, ValueId, Window};
use seriatim_model::{Kind, Model, Part};

use agents::Agents;
use sides::Sides;
use sights::Seen;

/// What shows that two sides were apart, what is sure first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rung {
    /// Both granted one lock at one time.
    Grants,
    /// One granted a lock with a fencing token no greater than one that the other had granted before.
    Tokens,
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
    let vanish = || vanished::find(model, parts, (history, windows), &agents, clues.lost, goes_on);
    let found = match model.kind() {
        Kind::Register { initial } => {
            let seen = Seen::of_registers(model, parts, history, initial, &agents, goes_on);
            let jointly = seen.map(|seen| apart(&seen, history, &agents, windows, goes_on));
            jointly.zip(vanish()).map(|(jointly, vanished)| higher(jointly, vanished, history))
        }
        Kind::Mutex { .. } | Kind::OwnedMutex { .. } => {
            let granted = locks::find(model, parts, history, windows, &agents, goes_on);
            let tokens = tokens::find(model, parts, history, windows, &agents, goes_on);
            granted.zip(tokens).map(|(granted, tokens)| higher(granted, tokens, history))
        }
        Kind::Set => {
            let seen = Seen::of_sets(model, parts, history, &agents, goes_on);
            let jointly = seen.map(|seen| apart(&seen, history, &agents, windows, goes_on));
            jointly.zip(vanish()).map(|(jointly, vanished)| higher(jointly, vanished, history))
        }
        Kind::Log => logs::find(model, parts, history, &agents, goes_on)
            .and_then(|grown_apart| if grown_apart.is_empty() { vanish() } else { Some(grown_apart) }),
        _ => vanish(),
    };
    let mut found = found.filter(|_| goes_on()).unwrap_or_default();
    found.sort_by_key(|split| split.window[0]);
    found
}

/// The last fault that had begun by an event.
fn since(windows: &[Window], event: EventId) -> Option<usize> {
    windows.iter().rposition(|window| window.start <= event)
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
    // What two of three sides miss of each other's: those two are on no side together.
    let mut settled = Vec::new();
    let mut found = Vec::new();
    while found.len() < EPISODES && goes_on() {
        let candidates = sides::candidates(seen, &left, agents, windows);
        let best = |of: &[Sides]| {
            let apart = of
                .iter()
                .take_while(|_| goes_on())
                .filter_map(|of| sides::apart(seen, &left, &settled, of, history));
            apart.max_by_key(sides::Apart::weight)
        };
        // Three sides are looked for where two do not tell it.
        let of_three = || best(&candidates.partial).filter(sides::Apart::is_plain);
        let Some(best) = best(&candidates.whole).or_else(of_three) else { break };
        if !best.is_whole() {
            settled.extend(left.iter().filter(|miss| best.holds(miss)).copied());
        }
        // Clients that share no objects cannot be told to be on one side, so that of each time one pair of groups is told.
        left.retain(|miss| !best.holds(miss) && (agents.are_nodes || !best.meets(miss)));
        found.push(sides::told(seen, &best, agents));
    }
    found
}
