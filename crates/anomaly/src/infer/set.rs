//! Sets: elements that are missing although they were added, and that are there although they were removed.
//!
//! Whoever added an element and returned, or saw it and returned, was before every look that was called later. So the
//! element is there then, unless it was removed in between (lost and stale elements of Jepsen's `set-full`; here whoever
//! overlaps is given the benefit of the doubt).

use rustc_hash::{FxHashMap, FxHashSet};
use seriatim_history::{OpId, ValueId};
use seriatim_model::Access;

use super::strange;
use crate::Anomaly;
use crate::catalog::AnomalyKind;
use crate::pace::Pace;
use crate::role::Role;
use crate::words::{self, Few, Word, shown};

/// So many looks at one element are worth it.
const STEPS: usize = 200_000_000;

/// What happened to an element.
#[derive(Default)]
struct Life {
    adds: Few,
    removes: Few,
    /// Of those who put it in or saw it, the first to return.
    known: Option<usize>,
    /// The last call of an operation that saw it.
    last_seen: u64,
}

/// The anomalies of a set that starts empty. None where it is time to stop.
pub(crate) fn find(
    words: &[Word],
    failed: &dyn Fn(ValueId) -> Option<OpId>,
    goes_on: &dyn Fn() -> bool,
) -> Vec<Anomaly> {
    let Some((_, mut found)) = strange::find(words, failed, goes_on) else { return Vec::new() };
    let mut lives: FxHashMap<ValueId, Life> = FxHashMap::default();
    let mut pace = Pace::new(goes_on);
    for (at, word) in words.iter().enumerate() {
        if !pace.goes_on_with(1 + words::seen(&word.access).len()) {
            return Vec::new();
        }
        if let Some(value) = words::put(&word.access) {
            lives.entry(value).or_default().adds.push(at);
        }
        if let Access::Remove(value) | Access::Removed(value) = word.access {
            lives.entry(value).or_default().removes.push(at);
        }
        if !word.has_happened() {
            continue;
        }
        let put = words::put(&word.access);
        let seen = words::seen(&word.access);
        for value in seen.iter().chain(&put) {
            let Some(life) = lives.get_mut(value).filter(|life| !life.adds.is_empty()) else { continue };
            if life.known.is_none_or(|known| words[known].ret > word.ret) {
                life.known = Some(at);
            }
        }
        for value in seen {
            let Some(life) = lives.get_mut(value) else { continue };
            life.last_seen = life.last_seen.max(word.call);
        }
    }
    let finder = Finder { words, lives: &lives };
    let mut looks = Looks { found: &mut found, is_lost: FxHashSet::default(), left: STEPS };
    // Elements by when they are known to be there, so that whoever reads the whole set need not look at the others.
    let mut known: Vec<(u64, ValueId)> =
        lives.iter().filter_map(|(&value, life)| Some((words[life.known?].ret, value))).collect();
    known.sort_unstable();
    for word in words {
        if !pace.goes_on_with(1 + words::seen(&word.access).len()) {
            return Vec::new();
        }
        if !word.has_happened() {
            continue;
        }
        match &word.access {
            &(Access::Absent(value) | Access::Added(value)) => {
                looks.all(finder.misses(word, value));
            }
            Access::ReadAll(values) => {
                let there = known.partition_point(|&(ret, _)| ret < word.call);
                if looks.left < there {
                    break;
                }
                looks.left -= there;
                if !pace.goes_on_with(there) {
                    return Vec::new();
                }
                let missing = known[..there].iter().filter(|(_, value)| values.binary_search(value).is_err());
                looks.all(missing.filter_map(|&(_, value)| finder.misses(word, value)));
            }
            Access::Never => {
                looks.found.push(shown(AnomalyKind::DuplicateElement, [(Role::SawTwice, word)]));
            }
            _ => {}
        }
        let zombie = words::seen(&word.access).iter().find_map(|&value| finder.resurrected(word, value));
        looks.found.extend(zombie);
    }
    found
}

struct Finder<'a> {
    words: &'a [Word],
    lives: &'a FxHashMap<ValueId, Life>,
}

impl Finder<'_> {
    /// Whether somebody had put in, or seen, what an operation does not see, and nobody can have removed it since.
    fn misses(&self, word: &Word, value: ValueId) -> Option<Missed> {
        let life = self.lives.get(&value)?;
        let is_kept = |known: &Word| {
            let is_out_of_the_way = |&remove: &usize| {
                let remove = &self.words[remove];
                remove.is_before(known) || remove.call > word.ret
            };
            known.is_before(word) && life.removes.iter().all(is_out_of_the_way)
        };
        let adds = life.adds.iter().rev().copied();
        let known = if life.removes.is_empty() {
            life.known.filter(|&known| self.words[known].is_before(word))?
        } else {
            adds.take(strange::FEW)
                .find(|&add| self.words[add].has_happened() && is_kept(&self.words[add]))?
        };
        let role = if words::put(&self.words[known].access).is_some() { Role::Put } else { Role::Saw };
        let is_late = life.last_seen > word.call;
        let kind = if is_late { AnomalyKind::StaleElement } else { AnomalyKind::LostElement };
        Some(Missed { value, anomaly: shown(kind, [(role, &self.words[known]), (Role::Missed, word)]) })
    }

    /// Whether an operation saw what had been removed, and nobody can have added since.
    fn resurrected(&self, word: &Word, value: ValueId) -> Option<Anomaly> {
        let life = self.lives.get(&value)?;
        let removes = life.removes.iter().rev().map(|&remove| &self.words[remove]);
        let remove = removes.filter(|remove| remove.is_before(word)).max_by_key(|remove| remove.call)?;
        let is_out_of_the_way = |&add: &usize| {
            let add = &self.words[add];
            add.is_before(remove) || add.call > word.ret
        };
        let is_so = life.adds.iter().all(is_out_of_the_way);
        is_so.then(|| shown(AnomalyKind::ZombieElement, [(Role::Removed, remove), (Role::Saw, word)]))
    }
}

/// An element that somebody missed.
struct Missed {
    value: ValueId,
    anomaly: Anomaly,
}

/// What was found by looking at elements.
struct Looks<'a> {
    found: &'a mut Vec<Anomaly>,
    /// What is lost is told once, however often it is looked for.
    is_lost: FxHashSet<ValueId>,
    left: usize,
}

impl Looks<'_> {
    /// What one operation missed: all that is lost, and one thing that is late.
    fn all(&mut self, missed: impl IntoIterator<Item = Missed>) {
        let mut is_late = false;
        for Missed { value, anomaly } in missed {
            let is_new = match anomaly.kind {
                AnomalyKind::LostElement => self.is_lost.insert(value),
                _ => !std::mem::replace(&mut is_late, true),
            };
            if is_new {
                self.found.push(anomaly);
            }
        }
    }
}
