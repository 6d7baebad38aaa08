//! Values that cannot have been where they were seen, whatever the object: from nowhere, of operations that failed, and
//! from the future.

use rustc_hash::FxHashMap;
use seriatim_history::{OpId, ValueId};

use crate::Anomaly;
use crate::catalog::AnomalyKind;
use crate::evidence::Evidence;
use crate::pace::Pace;
use crate::role::Role;
use crate::touch::BLOCK;
use crate::words::{self, Few, Word, shown};

/// More operations that put in one value than this are not named one by one.
pub(crate) const FEW: usize = 4;

/// Who puts in each value, in the order of the calls.
pub(crate) type Puts = FxHashMap<ValueId, Few>;

/// Who puts in what; `None` where it is time to stop.
fn puts(words: &[Word], goes_on: &dyn Fn() -> bool) -> Option<Puts> {
    let mut puts = Puts::default();
    for (at, word) in words.iter().enumerate() {
        if at.is_multiple_of(BLOCK) && !goes_on() {
            return None;
        }
        if let Some(value) = words::put(&word.access) {
            puts.entry(value).or_default().push(at);
        }
    }
    Some(puts)
}

/// Who puts in what, and what is strange in what operations saw, one anomaly for each of them. Nothing is there at the start. `None` where it is
/// time to stop.
pub(crate) fn find(
    words: &[Word],
    failed: &dyn Fn(ValueId) -> Option<OpId>,
    goes_on: &dyn Fn() -> bool,
) -> Option<(Puts, Vec<Anomaly>)> {
    let puts = puts(words, goes_on)?;
    let mut found = Vec::new();
    // The first call that puts in each value.
    let first = |value: &ValueId| puts.get(value).map(|puts| words[puts[0]].call);
    let mut pace = Pace::new(goes_on);
    for word in words {
        if !pace.goes_on_with(1 + words::seen(&word.access).len()) {
            return None;
        }
        if !word.has_happened() {
            continue;
        }
        let strange =
            words::seen(&word.access).iter().find(|value| first(value).is_none_or(|call| call > word.ret));
        let Some(&value) = strange else { continue };
        let reader = word.id;
        found.push(match puts.get(&value) {
            None => match failed(value) {
                None => Anomaly {
                    kind: AnomalyKind::ValueFromNowhere,
                    evidence: Evidence::NoWriter { reader, value },
                },
                Some(write) => Anomaly {
                    kind: AnomalyKind::DirtyRead,
                    evidence: Evidence::Failed { reader, value, write },
                },
            },
            Some(puts) if puts.len() <= FEW => {
                let cast = puts.iter().map(|&put| (Role::Put, &words[put]));
                shown(AnomalyKind::ReadFromTheFuture, cast.chain([(Role::Saw, word)]))
            }
            Some(_) => continue,
        });
    }
    Some((puts, found))
}
