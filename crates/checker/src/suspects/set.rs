//! Who contradicts a read of a whole set, or an operation on one element.

use rustc_hash::{FxHashMap, FxHashSet};
use seriatim_history::ValueId;
use seriatim_model::{Access, Model};

use super::{Scout, Seen};

/// Of all that may have left an element as it is, what returns last.
#[derive(Clone, Copy)]
struct Latest {
    ret: u32,
    /// Of those that returned before the last operation was called, the one that was called last, and its call.
    done: Option<(u32, usize)>,
}

impl Latest {
    fn with(known: Option<Self>, seen: &Seen, last_call: u32) -> Option<Self> {
        let done = (seen.ret < last_call).then_some((seen.call, seen.at));
        let known = known.unwrap_or(Self { ret: 0, done: None });
        Some(Self { ret: known.ret.max(seen.ret), done: known.done.max(done) })
    }
}

/// The element that an operation puts in or takes out, and which of these.
fn changed(access: &Access) -> Option<(ValueId, bool)> {
    match *access {
        Access::Add(element) | Access::Added(element) => Some((element, true)),
        Access::Remove(element) | Access::Removed(element) => Some((element, false)),
        _ => None,
    }
}

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
        let mut torn = None;
        let mut changes: FxHashMap<ValueId, [Option<Latest>; 2]> = FxHashMap::default();
        // For each element that is shown, the first operation to add it; of the others, the first add to return.
        let mut adds: FxHashMap<ValueId, (u32, usize)> = FxHashMap::default();
        let mut earliest: Option<(u32, usize)> = None;
        for seen in self.prefix().filter(|seen| seen.at != self.last) {
            if let Some((element, to)) = changed(&seen.access) {
                let known = &mut changes.entry(element).or_default()[usize::from(to)];
                *known = Latest::with(*known, &seen, last.call);
            }
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
                        earliest = Some(
                            earliest.map_or((seen.ret, seen.at), |known| known.min((seen.ret, seen.at))),
                        );
                    }
                }
                _ => {}
            }
        }
        // Who left an element as the last operation did not see it, and nobody can have changed that.
        let at_odds = changes.into_iter().filter_map(|(element, [absent, present])| {
            let (other, as_seen) =
                if shown.contains(&element) { (absent?, present) } else { (present?, absent) };
            let (call, at) = other.done?;
            as_seen.is_none_or(|as_seen| as_seen.ret < call).then_some(at)
        });
        guesses.extend(torn.into_iter().chain(at_odds.max()).map(|at| vec![at]));
        let latest = adds.into_values().max();
        if let (Some((_, early)), Some((_, late))) = (earliest, latest) {
            guesses.push(vec![early, late]);
        }
        guesses.push(Vec::new());
        self.first_of(guesses)
    }
}
