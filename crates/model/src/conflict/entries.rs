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

/// An entry that a read shows: so many appends of it must have come before.
#[derive(PartialEq, Eq, Hash)]
struct Need {
    count: usize,
    /// The kept ones.
    kept: Mask,
    /// Where those that were left out may be.
    others: Vec<Window>,
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
        let mut appends: FxHashMap<ValueId, (Mask, Vec<Window>)> = FxHashMap::default();
        for access in accesses {
            if let Access::ReadLog(all) = access {
                all.iter().for_each(|&entry| _ = appends.entry(entry).or_default());
            }
        }
        for (at, access) in (0_u32..).zip(accesses) {
            if let &(Access::Append(entry) | Access::AppendAt(entry, _)) = access {
                appends.entry(entry).and_modify(|(kept, _)| *kept |= 1 << at);
            }
        }
        for other in others {
            lengths.add(&other)?;
            if let &Some(Access::Append(entry) | Access::AppendAt(entry, _)) = &other.access {
                appends.entry(entry).and_modify(|(_, others)| others.push(other.window));
            }
        }
        let does = accesses.iter().map(|access| {
            Some(match access {
                &Access::Append(entry) => Does::Append(entry, None),
                &Access::AppendAt(entry, place) => Does::Append(entry, Some(place)),
                Access::ReadLog(all) => Does::Read(all.clone(), needs(all, &appends)),
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

/// What must have been appended for these entries to be there, as far as that may not be so.
fn needs(all: &[ValueId], appends: &FxHashMap<ValueId, (Mask, Vec<Window>)>) -> Vec<Need> {
    let mut sorted = all.to_vec();
    sorted.sort_unstable();
    let mut needs = FxHashSet::default();
    for same in sorted.chunk_by(|a, b| a == b) {
        let (kept, others) = &appends[&same[0]];
        let anyway = others.iter().filter(|window| window.may_precede(0)).count();
        if same.len() > anyway {
            needs.insert(Need { count: same.len(), kept: *kept, others: others.clone() });
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
                    let others = need.others.iter().filter(|window| window.may_precede(done)).count();
                    need.count <= (need.kept & done).count_ones() as usize + others
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
