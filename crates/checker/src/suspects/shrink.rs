//! Leaves out whole values as long as a strategy still says no: what a container without some values cannot do, it
//! cannot do with them either.

use rustc_hash::FxHashMap;
use seriatim_history::ValueId;
use seriatim_model::conflict::LARGEST;
use seriatim_model::{Keys, Model, Part};

use super::Scout;
use crate::numbered::Numbered;
use crate::strategy::{Exact, Outcome};

/// How many operations are judged, all attempts together.
const WORK: usize = 1 << 16;

impl<M: Model> Scout<'_, M> {
    /// Operations that contradict each other, of as few values as can be; `None` where that would take too long.
    pub(super) fn shrunk(&self) -> Option<Vec<usize>> {
        // The operations of each value, and each of those that are about none; the newest last.
        let mut numbers: FxHashMap<ValueId, usize> = FxHashMap::default();
        let mut units: Vec<Vec<usize>> = Vec::new();
        let mut always: Vec<usize> = Vec::new();
        if self.called > WORK / 4 {
            return None;
        }
        for seen in self.prefix() {
            match seen.access.values().next() {
                Some(value) => {
                    let number = *numbers.entry(value).or_insert_with(|| {
                        units.push(Vec::new());
                        units.len() - 1
                    });
                    units[number].push(seen.at);
                }
                None if seen.access == seriatim_model::Access::TakeAny => always.push(seen.at),
                None => units.push(vec![seen.at]),
            }
        }
        units.retain(|unit| !unit.contains(&self.last));
        let last = self.access(self.last)?.values().next();
        always.extend(
            self.prefix()
                .filter(|seen| last.is_some() && seen.access.values().next() == last)
                .map(|seen| seen.at),
        );
        always.push(self.last);
        let mut work = 0;
        let mut size = units.len().div_ceil(2);
        while size > 0 {
            let mut from = 0;
            while from < units.len() {
                let to = (from + size).min(units.len());
                let rest = units[..from].iter().chain(&units[to..]).flatten().chain(&always);
                let mut ops: Vec<usize> = rest.copied().collect();
                ops.sort_unstable();
                ops.dedup();
                work += ops.len() + 8;
                if work > WORK {
                    return None;
                }
                if self.is_refuted(&ops) {
                    units.drain(from..to);
                } else {
                    from = to;
                }
            }
            size /= 2;
        }
        let ops: Vec<usize> = units.into_iter().flatten().chain(always).collect();
        (ops.len() <= LARGEST + 1).then(|| self.reduced(ops)).flatten()
    }

    /// Whether a strategy knows that these operations have no linearization in the prefix.
    fn is_refuted(&self, ops: &[usize]) -> bool {
        let entry = |&at: &usize| {
            let mut entry = self.part.entries[at].clone();
            entry.ret = entry.ret.filter(|ret| ret.0 <= self.end);
            entry
        };
        let part = Part { key: None, touched: Keys::new(), entries: ops.iter().map(entry).collect() };
        let numbered = Numbered::intervals(&part, self.stop);
        let exact = Exact::choose(self.model, &part, &numbered, None);
        exact.is_some_and(|exact| {
            matches!(exact.decide(&numbered), Outcome::Refuted { .. } | Outcome::Undecided(Some(_)))
        })
    }
}
