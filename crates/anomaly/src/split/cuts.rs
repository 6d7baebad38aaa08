//! When nodes could not reach each other, as the faults of the history say.

use rustc_hash::FxHashSet;
use seriatim_history::{EventId, History, Window};

use super::agents::Agents;

/// The partitions of a history.
pub(super) struct Cuts(Vec<Cut>);

struct Cut {
    start: EventId,
    end: EventId,
    /// The nodes that were cut off; none where nobody says which, or all were named.
    nodes: FxHashSet<u32>,
}

impl Cuts {
    pub(super) fn new(history: &History, windows: &[Window], agents: &Agents) -> Self {
        let of = |window: &Window| {
            let is_named = |&agent: &u32| window.nodes.contains(&agents.name(agent));
            let named: FxHashSet<u32> = (0..agents.count() as u32).filter(is_named).collect();
            let nodes = if named.len() == agents.count() { FxHashSet::default() } else { named };
            Cut { start: window.start, end: window.end.unwrap_or(EventId(u32::MAX)), nodes }
        };
        let partitions = windows.iter().filter(|window| window.is_partition(&history.values));
        Self(partitions.map(of).collect())
    }

    /// Whether a partition held from the call of one operation to the return of another, for all of several of them, and as
    /// far as it names nodes parted those two.
    pub(super) fn are_apart<const N: usize>(
        &self,
        [one, other]: [u32; 2],
        times: [(EventId, EventId); N],
    ) -> bool {
        self.0.iter().any(|cut| {
            let holds = times.iter().all(|&(call, ret)| cut.start <= call && ret <= cut.end);
            let parts = cut.nodes.is_empty() || cut.nodes.contains(&one) != cut.nodes.contains(&other);
            holds && parts
        })
    }
}
