//! Torn logs: reads that lack something in front of what they saw, though there is one log and not two.
//!
//! Of two reads of which neither is a beginning of the other, one is *torn* against the other if, up to the last entry that
//! both saw, it has nothing that the other one lacks, lacks something that the other one has, and all of it stands in the
//! same order; and if behind that entry one of them ends. Everything else may be two logs.

use rustc_hash::{FxHashMap, FxHashSet};
use seriatim_history::{OpId, ValueId};

use super::log::Read;
use crate::Anomaly;
use crate::catalog::AnomalyKind;
use crate::pace::Pace;
use crate::role::Role;
use crate::words::shown;

/// Where entries stand in a log, the last place of each.
type Places = FxHashMap<ValueId, usize>;

fn places(log: &[ValueId]) -> Places {
    log.iter().copied().zip(0..).collect()
}

/// Whether the first of two logs is torn against the second.
pub(crate) fn is_torn(log: &[ValueId], whole: &[ValueId]) -> bool {
    is_torn_against(log, whole, &places(whole))
}

/// The same, where it is known where entries stand in the second one. O(length of the first one).
fn is_torn_against(log: &[ValueId], whole: &[ValueId], places: &Places) -> bool {
    if whole.starts_with(log) || log.starts_with(whole) {
        return false;
    }
    // How many of the first one's entries stand in the second one in their order, and behind how many of that one's.
    let (mut common, mut end) = (0, 0);
    for entry in log {
        match places.get(entry) {
            Some(&place) if place >= end => (common, end) = (common + 1, place + 1),
            Some(_) => return false,
            None => break,
        }
    }
    let has_more = log.len() > common;
    let is_common_later = log[common..].iter().any(|entry| places.contains_key(entry));
    common > 0 && end > common && !is_common_later && !(has_more && whole.len() > end)
}

/// Takes out reads that are torn, each with one against which it is, which is told; of two the longer one is taken for
/// whole unless it is torn itself. Whoever saw what cannot be there (`strange`) is no evidence against others. The reads
/// are in the order of their lengths. O(what was read).
pub(super) fn take_out(
    reads: &mut Vec<Read<'_>>,
    strange: &FxHashSet<OpId>,
    pace: &mut Pace<'_>,
    found: &mut Vec<Anomaly>,
) {
    let is_sane = |read: &Read<'_>| !strange.contains(&read.word.id);
    let mut sane = reads.iter().rev().filter(|read| is_sane(read));
    let Some(mut whole) = sane.next().copied() else { return };
    let mut of_whole = places(whole.entries);
    for read in sane {
        if !pace.goes_on_with(1 + read.entries.len()) {
            return;
        }
        if whole.entries.starts_with(read.entries) {
            continue;
        }
        let of_read = places(read.entries);
        if is_torn_against(whole.entries, read.entries, &of_read) {
            (whole, of_whole) = (*read, of_read);
        }
    }
    reads.retain(|read| {
        let goes_on = pace.goes_on_with(1 + read.entries.len());
        if !goes_on || !is_sane(read) || !is_torn_against(read.entries, whole.entries, &of_whole) {
            return true;
        }
        let cast = [(Role::ReadTorn, read.word), (Role::Read, whole.word)];
        found.push(shown(AnomalyKind::TornLog, cast));
        false
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_beginning_is_not_torn() {
        let log = |entries: &[u32]| entries.iter().map(|&entry| ValueId::at(entry)).collect::<Vec<_>>();
        let torn = |one: &[u32], other: &[u32]| is_torn(&log(one), &log(other));
        assert!(torn(&[2, 3], &[1, 2, 3]) && torn(&[1, 3], &[1, 2, 3]) && torn(&[1, 3, 4], &[1, 2, 3]));
        // Twice the same is no hole in front of it.
        for (one, other) in [(&[1][..], &[1, 1][..]), (&[1, 2], &[1, 2, 1]), (&[1, 1], &[1]), (&[], &[1])] {
            assert!(!torn(one, other), "{one:?} against {other:?}");
        }
        // These may be two logs.
        for (one, other) in [(&[1, 3][..], &[1, 2][..]), (&[2, 1], &[1, 2, 3]), (&[1, 3, 4], &[1, 2, 3, 5])] {
            assert!(!torn(one, other), "{one:?} against {other:?}");
        }
    }
}
