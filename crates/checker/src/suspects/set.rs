//! Who contradicts a read of a whole set, or an operation on one element.

use rustc_hash::{FxHashMap, FxHashSet};
use seriatim_history::ValueId;
use seriatim_model::{Access, Model};

use super::Scout;

impl<M: Model> Scout<'_, M> {
    pub(super) fn of_set(&self) -> Option<Vec<usize>> {
        let last = self.seen(self.last)?;
        let Access::ReadAll(all) = &last.access else {
            let element = last.access.values().next()?;
            return self.nearest_of(|at| {
                self.access(at).is_some_and(|access| match &access {
                    Access::ReadAll(_) => true,
                    access => access.values().any(|value| value == element),
                })
            });
        };
        let shown: FxHashSet<ValueId> = all.iter().copied().collect();
        let mut guesses: Vec<Vec<usize>> = Vec::new();
        let (mut torn, mut missed) = (None, None);
        // For each element that is shown, the first operation to add it; of the others, the first add to return.
        let mut adds: FxHashMap<ValueId, (u32, usize)> = FxHashMap::default();
        let mut earliest: Option<(u32, usize)> = None;
        for seen in self.prefix().filter(|seen| seen.at != self.last) {
            match &seen.access {
                Access::ReadAll(other) if seen.ret < self.end => {
                    let common = other.iter().filter(|element| shown.contains(element)).count();
                    let is_less = common < other.len();
                    if is_less && (common < all.len() || seen.ret < last.call) {
                        torn = torn.or(Some(seen.at));
                    }
                }
                Access::Add(element) | Access::Added(element) => {
                    if shown.contains(element) {
                        adds.entry(*element).or_insert((seen.call, seen.at));
                    } else {
                        if seen.ret < last.call {
                            missed = Some(seen.at);
                        }
                        earliest = Some(
                            earliest.map_or((seen.ret, seen.at), |known| known.min((seen.ret, seen.at))),
                        );
                    }
                }
                _ => {}
            }
        }
        guesses.extend([torn, missed].into_iter().flatten().map(|at| vec![at]));
        let latest = adds.into_values().max();
        if let (Some((_, early)), Some((_, late))) = (earliest, latest) {
            guesses.push(vec![early, late]);
        }
        guesses.push(Vec::new());
        self.first_of(guesses)
    }
}
