//! Who contradicts an operation of a lock that only its holder may release.

use rustc_hash::FxHashMap;
use seriatim_history::ValueId;
use seriatim_model::{Access, Model};

use super::Scout;

impl<M: Model> Scout<'_, M> {
    pub(super) fn of_lock(&self) -> Option<Vec<usize>> {
        let last = self.seen(self.last)?;
        let by = last.access.owner()?;
        // Who acquired it and was not called to release it, and who has a later token.
        let mut holders: FxHashMap<ValueId, Vec<usize>> = FxHashMap::default();
        let mut later = None;
        let mut own: Vec<usize> = Vec::new();
        for seen in self.prefix().filter(|seen| seen.at != self.last) {
            let Some(other) = seen.access.owner() else { continue };
            if other == by {
                own.push(seen.at);
            }
            match seen.access {
                Access::Acquire(_, token) if seen.ret < self.end => {
                    holders.entry(other).or_default().push(seen.at);
                    if let (Access::Acquire(_, Some(mine)), Some(token)) = (&last.access, token)
                        && token >= *mine
                    {
                        later = Some(seen.at);
                    }
                }
                Access::Release(_) => _ = holders.entry(other).or_default().pop(),
                _ => {}
            }
        }
        let mut guesses: Vec<Vec<usize>> = Vec::new();
        guesses.extend(later.map(|at| vec![at]));
        let mut held: Vec<usize> = holders.into_values().filter_map(|all| all.last().copied()).collect();
        held.sort_unstable();
        guesses.extend(held.into_iter().rev().take(3).map(|at| vec![at]));
        guesses.push(own[own.len().saturating_sub(4)..].to_vec());
        guesses.push(own[own.len().saturating_sub(10)..].to_vec());
        self.first_of(guesses)
    }
}
