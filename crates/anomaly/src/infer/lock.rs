//! Locks: two that held one at the same instant, and tokens that do not grow.
//!
//! Whoever acquired a lock holds it at least from the return of the acquire until the first call of a release that may
//! end this hold. Of two such spans of time that overlap, neither can lie before the other.

use rustc_hash::FxHashMap;
use seriatim_history::ValueId;
use seriatim_model::Access;

use crate::Anomaly;
use crate::catalog::AnomalyKind;
use crate::role::Role;
use crate::words::{NEVER, Word, shown};

/// The anomalies of a lock, one for each acquire at most. Where it has owners, each alone can release what it holds.
pub(crate) fn find(words: &[Word], has_owners: bool) -> Vec<Anomaly> {
    let mut releases: FxHashMap<Option<ValueId>, Vec<&Word>> = FxHashMap::default();
    let whose = |owner: ValueId| has_owners.then_some(owner);
    for word in words {
        if let Access::Release(owner) = word.access {
            releases.entry(whose(owner)).or_default().push(word);
        }
    }
    let releases: FxHashMap<_, _> =
        releases.into_iter().map(|(owner, all)| (owner, Releases::new(all))).collect();
    let mut holds: Vec<Hold<'_>> = words
        .iter()
        .filter_map(|acquire| {
            let Access::Acquire(owner, token) = acquire.access else { return None };
            let until = releases.get(&whose(owner)).map_or(NEVER, |all| all.first_behind(acquire));
            Some(Hold { acquire, owner: whose(owner), token, until }).filter(|_| acquire.has_happened())
        })
        .collect();
    holds.sort_by_key(|hold| hold.acquire.ret);
    let mut longest: [Option<&Hold<'_>>; 2] = [None; 2];
    let mut is_double = vec![false; words.len()];
    let place = |word: &Word| words.partition_point(|other| other.id < word.id);
    let mut found = Vec::new();
    // Of the others nobody knows an instant at which they are held.
    for hold in holds.iter().filter(|hold| hold.until > hold.acquire.ret) {
        // Whoever holds it already may acquire it again, for all that is known here.
        let is_other = |other: &&&Hold<'_>| !has_owners || other.owner != hold.owner;
        let other = longest.iter().flatten().find(is_other).filter(|other| other.until > hold.acquire.ret);
        if let Some(other) = other {
            is_double[place(hold.acquire)] = true;
            let cast = [(Role::Granted, other.acquire), (Role::Granted, hold.acquire)];
            found.push(shown(AnomalyKind::DoubleGrant, cast));
        }
        // The longest holds of two owners.
        match longest {
            [Some(first), _] if first.until >= hold.until => {
                let is_second = first.owner != hold.owner || !has_owners;
                if is_second && longest[1].is_none_or(|second| second.until < hold.until) {
                    longest[1] = Some(hold);
                }
            }
            [Some(first), _] if first.owner == hold.owner && has_owners => longest[0] = Some(hold),
            [first, _] => longest = [Some(hold), first],
        }
    }
    let mut greatest: Option<(&Word, i128)> = None;
    let mut next = 0;
    for word in words.iter().filter(|word| word.has_happened()) {
        let Access::Acquire(_, Some(token)) = word.access else { continue };
        while let Some(hold) = holds.get(next).filter(|hold| hold.acquire.is_before(word)) {
            if let Some(token) = hold.token.filter(|&token| greatest.is_none_or(|(_, known)| known < token)) {
                greatest = Some((hold.acquire, token));
            }
            next += 1;
        }
        if let Some((other, _)) = greatest.filter(|&(_, known)| known >= token && !is_double[place(word)]) {
            let cast = [(Role::Granted, other), (Role::Granted, word)];
            found.push(shown(AnomalyKind::FencingRegression, cast));
        }
    }
    found
}

/// Somebody holds a lock.
struct Hold<'a> {
    acquire: &'a Word,
    owner: Option<ValueId>,
    token: Option<i128>,
    /// The first call that may end it.
    until: u64,
}

/// Releases that may end a hold of one owner, or of anybody.
struct Releases {
    /// Their returns, and of each and all later ones the first call.
    rets: Vec<u64>,
    calls: Vec<u64>,
}

impl Releases {
    fn new(mut all: Vec<&Word>) -> Self {
        all.sort_by_key(|release| release.ret);
        let mut calls: Vec<u64> = all.iter().map(|release| release.call).collect();
        for at in (1..calls.len()).rev() {
            calls[at - 1] = calls[at - 1].min(calls[at]);
        }
        Self { rets: all.iter().map(|release| release.ret).collect(), calls }
    }

    /// The first call of one that did not return before the acquire was called.
    fn first_behind(&self, acquire: &Word) -> u64 {
        let from = self.rets.partition_point(|&ret| ret < acquire.call);
        self.calls.get(from).copied().unwrap_or(NEVER)
    }
}
