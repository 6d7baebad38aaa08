//! What a node is asked for of some kinds, beside what other nodes are asked for of these.

use std::ops::Range;

use seriatim_history::ValueId;

use crate::baseline::{SAMPLE, Usual, between};
use crate::cell::Latencies;
use crate::grid::Fold;
use crate::rules::Asked;

/// Operations of some functions at a node.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) node: ValueId,
    pub(super) functions: Vec<ValueId>,
}

impl Group {
    pub(super) fn has(&self, function: ValueId) -> bool {
        self.functions.contains(&function)
    }

    /// How long it took what happened of a node in some stretches.
    pub(super) fn latencies(&self, of: &Asked<'_>, node: ValueId, places: &Range<i64>) -> Latencies {
        let mut all = Latencies::default();
        for ((at, function), series) in &of.observed.series {
            if *at == Some(node) && self.has(*function) {
                let cells = places.clone().filter_map(|place| of.observed.latencies.get(*series, place));
                cells.for_each(|more| all.fold(more.clone()));
            }
        }
        all
    }

    /// The other nodes that are asked for the same.
    pub(super) fn peers(&self, of: &Asked<'_>) -> Vec<ValueId> {
        let asked = of.observed.series.iter().filter(|((_, function), _)| self.has(*function));
        let mut peers: Vec<_> =
            asked.filter_map(|((node, _), _)| node.filter(|&node| node != self.node)).collect();
        peers.dedup();
        peers
    }

    /// What is usual of a node, without the time in which this one may be slow; nothing of too little.
    pub(super) fn usually(&self, of: &Asked<'_>, node: ValueId, but: (i64, i64)) -> Option<Usual> {
        let has = |at, function| at == Some(node) && self.has(function);
        let counts = of.observed.counts(has);
        let mut usual = Usual::default();
        for &(from, to) in of.baseline.stretches() {
            for (from, to) in [(from, to.min(but.0)), (from.max(but.1), to)] {
                if from < to {
                    usual.cell.fold(between(of.observed, &counts, from, to));
                    usual.latencies.fold(of.observed.latencies(from, to, has));
                    usual.seconds += (to - from) as f64 / 1e9;
                }
            }
        }
        (usual.latencies.len() as f64 >= of.thresholds.of(&SAMPLE)).then_some(usual)
    }
}
