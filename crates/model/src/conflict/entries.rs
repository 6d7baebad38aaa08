//! A log: how many entries it may have, and which come in which order.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use seriatim_history::ValueId;

use super::gap::{Mask, Other, Window};
use super::orders::Object;
use super::sums::{Points, Sums};
use crate::access::Access;

enum Does {
    /// Appended an entry; and how many it stands behind, where that is known.
    Append(ValueId, Option<usize>),
    /// Saw these entries, of which each must have been appended.
    Read(Arc<[ValueId]>, Vec<Need>),
}

/// An entry that a read shows: so many appends of it must have come before, beside those that were left out and may have
/// come before all that is kept.
#[derive(PartialEq, Eq, Hash)]
struct Need {
    count: usize,
    by: Appends,
}

/// Who appends an entry, but for those that were left out and may come before all that is kept.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
struct Appends {
    /// The kept ones.
    kept: Mask,
    /// Where those that were left out may be.
    others: Vec<Window>,
}

/// A number for each entry that a read shows. Entries that are appended one after the other mostly have values of
/// neighbouring numbers, and a read shows them about in that order: a table in the order of the values is read along.
#[derive(Clone)]
struct Counts {
    /// The least number of a value.
    first: usize,
    /// By the values from there on, [`NOT_SHOWN`] for those that no read shows; empty where they are far apart.
    near: Vec<u32>,
    far: FxHashMap<ValueId, u32>,
}

/// No read shows that entry.
const NOT_SHOWN: u32 = u32::MAX;

impl Counts {
    /// Zero for each of the entries that are shown.
    fn new<'a>(shown: impl Iterator<Item = &'a [ValueId]> + Clone) -> Self {
        let all = || shown.clone().flatten();
        let (mut first, mut last) = (usize::MAX, 0);
        for entry in all() {
            (first, last) = (first.min(entry.index()), last.max(entry.index()));
        }
        let room = last.saturating_sub(first) + 1;
        let is_near = room <= 4 * shown.clone().map(<[ValueId]>::len).sum::<usize>();
        let near = vec![NOT_SHOWN; if is_near { room } else { 0 }];
        let mut counts = Self { first, near, far: FxHashMap::default() };
        for &entry in all() {
            match counts.near.get_mut(entry.index() - first) {
                Some(count) => *count = 0,
                None => _ = counts.far.insert(entry, 0),
            }
        }
        counts
    }

    /// The number of an entry; `None` where no read shows it.
    fn get(&mut self, entry: ValueId) -> Option<&mut u32> {
        if self.near.is_empty() {
            return self.far.get_mut(&entry);
        }
        let at = entry.index().checked_sub(self.first)?;
        self.near.get_mut(at).filter(|count| **count != NOT_SHOWN)
    }
}

pub(super) struct Entries {
    does: Vec<Does>,
    /// The log as a sum of single entries.
    lengths: Sums,
}

/// What is known of a log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct State {
    /// When it was how long.
    lengths: Points,
    /// The kept operations that appended, in order.
    appended: Vec<usize>,
    /// The kept operation that read it last.
    read: Option<usize>,
}

impl Entries {
    /// `None` where an operation is none of a log.
    pub(super) fn new(accesses: &[Access], others: impl Iterator<Item = Other>) -> Option<Self> {
        let mut lengths = Sums::of_log(accesses)?;
        let shown = accesses.iter().filter_map(|access| match access {
            Access::ReadLog(all) => Some(&**all),
            _ => None,
        });
        // How many were left out that may have come before all that is kept: of most entries, all there is to know.
        let mut anyway = Counts::new(shown);
        let mut appends: FxHashMap<ValueId, Appends> = FxHashMap::default();
        let mut times = anyway.clone();
        for (at, access) in (0_u32..).zip(accesses) {
            if let &(Access::Append(entry) | Access::AppendAt(entry, _)) = access {
                appends.entry(entry).or_default().kept |= 1 << at;
            }
        }
        for other in others {
            lengths.add(&other)?;
            if let &Some(Access::Append(entry) | Access::AppendAt(entry, _)) = &other.access
                && let Some(count) = anyway.get(entry)
            {
                if other.window.may_precede(0) {
                    *count += 1;
                } else {
                    appends.entry(entry).or_default().others.push(other.window);
                }
            }
        }
        let mut needs = |all: &[ValueId]| needs(all, &mut times, &mut anyway, &appends);
        let does = accesses.iter().map(|access| {
            Some(match access {
                &Access::Append(entry) => Does::Append(entry, None),
                &Access::AppendAt(entry, place) => Does::Append(entry, Some(place)),
                Access::ReadLog(all) => Does::Read(all.clone(), needs(all)),
                _ => return None,
            })
        });
        Some(Self { does: does.collect::<Option<Vec<_>>>()?, lengths })
    }

    /// Whether a log of these entries can be what came of `appended`.
    fn shows(&self, all: &[ValueId], appended: &[usize]) -> bool {
        let mut place = 0;
        appended.iter().all(|&op| {
            let Does::Append(entry, at) = self.does[op] else { unreachable!("only appends append") };
            let found = match at {
                Some(at) => Some(at).filter(|&at| at >= place && all.get(at) == Some(&entry)),
                None => all.iter().skip(place).position(|&other| other == entry).map(|skip| place + skip),
            };
            place = found.map_or(place, |found| found + 1);
            found.is_some()
        })
    }
}

/// What must have been appended for these entries to be there, as far as that may not be so. `times` is zero for all
/// entries, and so it is left.
fn needs(
    all: &[ValueId],
    times: &mut Counts,
    anyway: &mut Counts,
    appends: &FxHashMap<ValueId, Appends>,
) -> Vec<Need> {
    let mut others = |entry: ValueId| *anyway.get(entry).expect("a read shows it");
    for &entry in all {
        *times.get(entry).expect("a read shows it") += 1;
    }
    let mut needs = FxHashSet::default();
    for &entry in all {
        let times = std::mem::take(times.get(entry).expect("a read shows it"));
        let count = times.saturating_sub(others(entry)) as usize;
        if count > 0 {
            needs.insert(Need { count, by: appends.get(&entry).cloned().unwrap_or_default() });
        }
    }
    needs.into_iter().collect()
}

impl Object for Entries {
    type State = State;

    fn start(&self) -> State {
        State { lengths: Sums::start(), appended: Vec::new(), read: None }
    }

    fn next(&self, state: &State, done: Mask, op: usize) -> impl IntoIterator<Item = State> {
        let mut next = state.clone();
        let is_possible = match &self.does[op] {
            Does::Append(..) => {
                next.appended.push(op);
                true
            }
            Does::Read(all, needs) => {
                next.read = Some(op);
                let starts_as_before = state.read.is_none_or(|read| {
                    let Does::Read(before, _) = &self.does[read] else { unreachable!("only reads read") };
                    all.starts_with(before)
                });
                let were_appended = needs.iter().all(|need| {
                    let Need { count, by } = need;
                    let others = by.others.iter().filter(|window| window.may_precede(done)).count();
                    *count <= (by.kept & done).count_ones() as usize + others
                });
                starts_as_before && were_appended && self.shows(all, &state.appended)
            }
        };
        next.lengths = match self.lengths.see(&state.lengths, done, op) {
            Some(lengths) if is_possible => lengths,
            _ => return None,
        };
        Some(next)
    }
}
