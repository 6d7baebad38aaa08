//! Identifiers that were given out twice.

use rustc_hash::FxHashMap;
use seriatim_history::ValueId;
use seriatim_model::Access;

use crate::Anomaly;
use crate::catalog::AnomalyKind;
use crate::role::Role;
use crate::words::{Word, shown};

/// One anomaly for each operation that got what somebody had got.
pub(crate) fn find(words: &[Word]) -> Vec<Anomaly> {
    let mut given: FxHashMap<ValueId, &Word> = FxHashMap::default();
    let mut found = Vec::new();
    for word in words.iter().filter(|word| word.has_happened()) {
        let Access::Unique(id) = word.access else { continue };
        match given.get(&id) {
            Some(first) => {
                found.push(shown(AnomalyKind::DuplicateId, [(Role::Given, *first), (Role::Given, word)]));
            }
            None => _ = given.insert(id, word),
        }
    }
    found
}
