//! Counters: sums that lie beyond what was added, and such that go back.

use seriatim_history::OpId;
use seriatim_model::{Access, Kind, Model, Part};

use crate::Anomaly;
use crate::catalog::AnomalyKind;
use crate::role::Role;
use crate::touch::BLOCK;
use crate::words::{Word, shown};

/// The anomalies of a counter that starts with `initial`, one for each look at it. None where it is time to stop.
pub(crate) fn find(initial: i128, words: &[Word], goes_on: &dyn Fn() -> bool) -> Vec<Anomaly> {
    let change = |word: &Word| match word.access {
        Access::Change(by) | Access::ChangeFrom(_, by) => by,
        _ => 0,
    };
    let saw = |word: &Word| match word.access {
        Access::Sum(sum) | Access::ChangeFrom(sum, _) if word.has_happened() => Some(sum),
        _ => None,
    };
    let only_grows = words.iter().all(|word| change(word) >= 0);
    // What certainly was added when an operation was called, and what may have been when it returned.
    let certainly =
        Sums::new(words.iter().filter(|word| word.has_happened()).map(|word| (word.ret, change(word))));
    let possibly = Sums::new(words.iter().map(|word| (word.call, change(word))));
    let mut by_return: Vec<(&Word, i128)> =
        words.iter().filter_map(|word| Some((word, saw(word)?))).collect();
    by_return.sort_by_key(|(word, _)| word.ret);
    let mut greatest: Option<(&Word, i128)> = None;
    let mut next = 0;
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        if at.is_multiple_of(BLOCK) && !goes_on() {
            return Vec::new();
        }
        let Some(sum) = saw(word) else { continue };
        while let Some(&(other, seen)) = by_return.get(next).filter(|(other, _)| other.is_before(word)) {
            if greatest.is_none_or(|(_, greatest)| greatest < seen) {
                greatest = Some((other, seen));
            }
            next += 1;
        }
        if let Some((other, _)) = greatest.filter(|&(_, seen)| only_grows && seen > sum) {
            let cast = [(Role::Counted, other), (Role::CountedLess, word)];
            found.push(shown(AnomalyKind::CounterGoesBack, cast));
            continue;
        }
        // Its own change is behind what it saw.
        let own = change(word);
        let (certain, possible) = (certainly.before(word.call), possibly.before(word.ret));
        let least = initial.saturating_add(certain.up).saturating_add(possible.down - own.min(0));
        let most = initial.saturating_add(certain.down).saturating_add(possible.up - own.max(0));
        if sum < least || sum > most {
            found.push(shown(AnomalyKind::CounterOutOfBounds, [(Role::Counted, word)]));
        }
    }
    found
}

/// Which of some looks at a counter saw more than all that may have been added by then comes to: what was added once counts
/// twice there, or was never asked for.
pub fn saw_too_much<M: Model>(model: &M, part: &Part<M::Op>, looks: &[OpId]) -> Vec<OpId> {
    let Kind::Counter { initial } = model.kind() else { return Vec::new() };
    let Some(words) = crate::words::of(model, part, &|| true) else { return Vec::new() };
    let change = |word: &Word| match word.access {
        Access::Change(by) | Access::ChangeFrom(_, by) => by,
        _ => 0,
    };
    let possibly = Sums::new(words.iter().map(|word| (word.call, change(word))));
    let saw_more = |id: &OpId| {
        let Ok(at) = words.binary_search_by_key(id, |word| word.id) else { return false };
        let word = &words[at];
        let (Access::Sum(sum) | Access::ChangeFrom(sum, _)) = word.access else { return false };
        let most = initial.saturating_add(possibly.before(word.ret).up - change(word).max(0));
        sum > most
    };
    looks.iter().copied().filter(saw_more).collect()
}

/// What is added and taken away.
#[derive(Clone, Copy, Default)]
struct Both {
    up: i128,
    down: i128,
}

/// What comes together up to each instant.
struct Sums {
    instants: Vec<u64>,
    so_far: Vec<Both>,
}

impl Sums {
    fn new(changes: impl Iterator<Item = (u64, i128)>) -> Self {
        let mut changes: Vec<(u64, i128)> = changes.filter(|&(_, by)| by != 0).collect();
        changes.sort_unstable();
        let so_far = changes.iter().scan(Both::default(), |sum, &(_, by)| {
            sum.up = sum.up.saturating_add(by.max(0));
            sum.down = sum.down.saturating_add(by.min(0));
            Some(*sum)
        });
        Self { so_far: so_far.collect(), instants: changes.iter().map(|&(at, _)| at).collect() }
    }

    /// What comes together before an instant.
    fn before(&self, instant: u64) -> Both {
        let count = self.instants.partition_point(|&at| at < instant);
        count.checked_sub(1).map_or(Both::default(), |last| self.so_far[last])
    }
}
