//! Names for what few operations show that have no order, whatever the others did. Whoever found them does not matter.

use seriatim_history::{History, OpId};
use seriatim_model::{Access, Kind, Model, Part};

use crate::Anomaly;
use crate::catalog::AnomalyKind;
use crate::evidence::Evidence;
use crate::role::Role;
use crate::touch::Touch;
use crate::words::{self, Word};

/// The name that fits operations which have no order, in the order of their calls: `core` of a part of a history. That
/// they have none is not looked into here; [`Evidence::verify`] does.
pub fn name_core<M: Model>(model: &M, part: &Part<M::Op>, history: &History, core: &[OpId]) -> Anomaly {
    let named = words_of(model, part, core).and_then(|words| match model.kind() {
        Kind::Register { .. } => register(history, &words),
        Kind::Mutex { .. } | Kind::OwnedMutex { .. } => lock(&words),
        Kind::Queue | Kind::Stack | Kind::PriorityQueue => container(&words),
        _ => None,
    });
    named.unwrap_or_else(|| {
        let cast = core.iter().map(|&id| (Role::Any, id)).collect();
        Anomaly { kind: AnomalyKind::UnclassifiedCore, evidence: Evidence::NoOrder(cast) }
    })
}

/// What the operations of a core did; `None` where one has no words.
fn words_of<M: Model>(model: &M, part: &Part<M::Op>, core: &[OpId]) -> Option<Vec<Word>> {
    let word = |&id: &OpId| {
        let at = part.entries.binary_search_by_key(&id, |entry| entry.id).ok()?;
        words::word(model, &part.entries[at])
    };
    core.iter().map(word).collect()
}

/// An operation that saw what nobody had put in, or two, of which the second saw something else than what was there after the first: no value that it may have
/// seen was put in between.
fn register(history: &History, words: &[Word]) -> Option<Anomaly> {
    let touch = |word: &Word| Touch::of(std::slice::from_ref(&word.access));
    if let [only] = words {
        // Whoever puts in what it saw was called too late.
        touch(only)?.saw?;
        return Some(words::shown(AnomalyKind::ReadFromTheFuture, [(Role::SawOlder, only)]));
    }
    let [first, second] = words else { return None };
    let (earlier, later) = (touch(first)?, touch(second)?);
    if !first.is_before(second) {
        let both = earlier.put.is_some() && later.put.is_some() && earlier.saw.is_some();
        let is_twice = both && earlier.saw == later.saw;
        return is_twice
            .then(|| words::shown(AnomalyKind::LostUpdate, words.iter().map(|word| (Role::Any, word))));
    }
    let saw = later.saw?;
    let process = |word: &Word| history.operation(word.id).process;
    let is_own = process(first) == process(second);
    let (kind, role) = match (earlier.put, earlier.saw) {
        (Some(put), _) if put != saw && is_own => (AnomalyKind::OwnWriteNotRead, Role::Overwrote),
        (Some(put), _) if put != saw => (AnomalyKind::StaleRead, Role::Overwrote),
        (None, Some(seen)) if seen != saw && is_own => (AnomalyKind::NonMonotonicRead, Role::SawNewer),
        (None, Some(seen)) if seen != saw => (AnomalyKind::OrderDisagreement, Role::SawNewer),
        _ => return None,
    };
    Some(words::shown(kind, [(role, first), (Role::SawOlder, second)]))
}

/// Nothing but acquires: from the first to the last of them there are more than releases leave room for.
fn lock(words: &[Word]) -> Option<Anomaly> {
    let is_grant = |word: &Word| matches!(word.access, Access::Acquire(..));
    let [first, between @ .., last] = words else { return None };
    if !words.iter().all(is_grant) {
        return None;
    }
    let between = between.iter().map(|word| (Role::Granted, word));
    let ends = [(Role::FirstGrant, first), (Role::LastGrant, last)];
    Some(words::shown(AnomalyKind::DoubleGrant, between.chain(ends)))
}

/// Elements that were put in and came out, every one of them.
fn container(words: &[Word]) -> Option<Anomaly> {
    let mut balance = Vec::new();
    let mut cast = Vec::new();
    for word in words {
        let (role, value, by) = match word.access {
            Access::Put(value) | Access::PutRanked(value, _) => (Role::Put, value, 1),
            Access::Take(value) => (Role::Took, value, -1),
            _ => return None,
        };
        cast.push((role, word));
        balance.push((value, by));
    }
    balance.sort_unstable();
    let is_even =
        balance.chunk_by(|a, b| a.0 == b.0).all(|all| all.iter().map(|&(_, by)| by).sum::<i32>() == 0);
    is_even.then(|| words::shown(AnomalyKind::ReorderedElement, cast))
}
