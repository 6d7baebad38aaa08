//! Logs: every read is a beginning of every longer one, and of what was appended nothing is missing or out of order.

use rustc_hash::FxHashMap;
use seriatim_history::{OpId, ValueId};
use seriatim_model::Access;

use super::strange::{self, FEW, Puts};
use super::torn;
use crate::Anomaly;
use crate::catalog::AnomalyKind;
use crate::pace::Pace;
use crate::role::Role;
use crate::words::{Few, NEVER, Word, shown};

/// The anomalies of a log that starts empty. None where it is time to stop.
pub(crate) fn find(
    words: &[Word],
    failed: &dyn Fn(ValueId) -> Option<OpId>,
    goes_on: &dyn Fn() -> bool,
) -> Vec<Anomaly> {
    let Some((puts, mut found)) = strange::find(words, failed, goes_on) else { return Vec::new() };
    let mut reads: Vec<Read<'_>> = words
        .iter()
        .filter_map(|word| match &word.access {
            Access::ReadLog(entries) if word.has_happened() => Some(Read { word, entries }),
            _ => None,
        })
        .collect();
    reads.sort_by_key(|read| read.entries.len());
    if !goes_on() {
        return Vec::new();
    }
    let mut pace = Pace::new(goes_on);
    let before = found.len();
    if differ(&reads, &mut pace) {
        let strange = found.iter().map(Anomaly::subject).collect();
        torn::take_out(&mut reads, &strange, &mut pace, &mut found);
    }
    // Whoever comes later was told what is longer.
    for pair in reads.windows(2) {
        if !pace.goes_on_with(1 + pair[0].entries.len()) {
            return Vec::new();
        }
        if !pair[1].entries.starts_with(pair[0].entries) {
            let cast = [(Role::Read, pair[0].word), (Role::Read, pair[1].word)];
            found.push(shown(AnomalyKind::DivergentLogs, cast));
        }
    }
    if !goes_on() {
        return Vec::new();
    }
    let Some(longest) = reads.last() else { return found };
    let mut places: FxHashMap<ValueId, Few> = FxHashMap::default();
    for (place, &entry) in longest.entries.iter().enumerate() {
        if !pace.goes_on_with(1) {
            return Vec::new();
        }
        places.entry(entry).or_default().push(place);
    }
    let firsts = Firsts::new(&reads);
    doubles(words, &puts, longest, &places, &firsts, &mut found);
    if !goes_on() {
        return Vec::new();
    }
    order(words, &puts, longest, &firsts, &mut pace, &mut found);
    if found.len() > before {
        // Where logs differ, nobody can say what comes late to which; but what nobody sees again is lost.
        reads.sort_by_key(|read| read.word.call);
        gone(words, &puts, &reads, &mut pace, &mut found);
        return found;
    }
    reads.sort_by_key(|read| read.word.call);
    backwards(&reads, &mut found);
    if !goes_on() {
        return Vec::new();
    }
    missing(words, &puts, &reads, &places, &mut found);
    found
}

/// Somebody read the whole log.
#[derive(Clone, Copy)]
pub(super) struct Read<'a> {
    pub(super) word: &'a Word,
    pub(super) entries: &'a [ValueId],
}

/// Who was the first to be told what stands at some places.
struct Firsts<'a> {
    /// In the order of their lengths.
    reads: &'a [Read<'a>],
    /// Of each and all longer ones the first to return.
    first: Vec<usize>,
}

impl<'a> Firsts<'a> {
    fn new(reads: &'a [Read<'a>]) -> Self {
        let mut first: Vec<usize> = (0..reads.len()).collect();
        for at in (1..reads.len()).rev() {
            if reads[first[at]].word.ret < reads[first[at - 1]].word.ret {
                first[at - 1] = first[at];
            }
        }
        Self { reads, first }
    }

    /// The first of those in which these entries stand where the longest one has them; where logs differ that may be that one.
    fn of(&self, entries: &[(usize, ValueId)], longest: &'a Read<'a>) -> &'a Word {
        let last = entries.iter().map(|&(place, _)| place).max().unwrap_or(0);
        let long = self.reads.partition_point(|read| read.entries.len() <= last);
        let read = self.first.get(long).map(|&at| &self.reads[at]);
        let has_them = |read: &&Read<'a>| entries.iter().all(|&(place, entry)| read.entries[place] == entry);
        read.filter(has_them).unwrap_or(longest).word
    }
}

/// Whether some read is no beginning of the next longer one.
fn differ(reads: &[Read<'_>], pace: &mut Pace<'_>) -> bool {
    reads.windows(2).any(|pair| {
        pace.goes_on_with(1 + pair[0].entries.len()) && !pair[1].entries.starts_with(pair[0].entries)
    })
}

/// Entries stand there more often than they were appended.
fn doubles(
    words: &[Word],
    puts: &Puts,
    longest: &Read<'_>,
    places: &FxHashMap<ValueId, Few>,
    firsts: &Firsts<'_>,
    found: &mut Vec<Anomaly>,
) {
    let mut extra: Vec<(&Few, &Few, ValueId)> = places
        .iter()
        .filter_map(|(&entry, places)| Some((places, puts.get(&entry)?, entry)))
        .filter(|(places, puts, _)| places.len() > puts.len() && puts.len() <= FEW)
        .collect();
    extra.sort_by_key(|&(places, puts, _)| (places, puts));
    found.extend(extra.into_iter().map(|(places, puts, entry)| {
        let too_often: Vec<_> = places[..=puts.len()].iter().map(|&place| (place, entry)).collect();
        let read = firsts.of(&too_often, longest);
        let puts = puts.iter().map(|&put| (Role::Put, &words[put]));
        shown(AnomalyKind::DuplicateElement, puts.chain([(Role::Read, read)]))
    }));
}

/// An entry stands behind one whose append was called when its own had returned.
fn order(
    words: &[Word],
    puts: &Puts,
    longest: &Read<'_>,
    firsts: &Firsts<'_>,
    pace: &mut Pace<'_>,
    found: &mut Vec<Anomaly>,
) {
    let mut latest: Option<(&Word, usize)> = None;
    for (place, &entry) in longest.entries.iter().enumerate() {
        if !pace.goes_on_with(1) {
            return;
        }
        let Some(&[put]) = puts.get(&entry).map(Few::as_slice) else { continue };
        let put = &words[put];
        if let Some((latest, before)) = latest.filter(|(latest, _)| put.is_before(latest)) {
            let read = firsts.of(&[(before, longest.entries[before]), (place, entry)], longest);
            let cast = [(Role::Put, put), (Role::LaterPut, latest), (Role::Read, read)];
            found.push(shown(AnomalyKind::ReorderedElement, cast));
        }
        if latest.is_none_or(|(latest, _)| latest.call < put.call) {
            latest = Some((put, place));
        }
    }
}

/// What was appended, and perhaps seen, is in no read from some read on. The reads are in the order of their calls.
fn gone(words: &[Word], puts: &Puts, reads: &[Read<'_>], pace: &mut Pace<'_>, found: &mut Vec<Anomaly>) {
    let mut seen: FxHashMap<ValueId, u64> = FxHashMap::default();
    for read in reads {
        if !pace.goes_on_with(1 + read.entries.len()) {
            return;
        }
        for &entry in read.entries {
            let last = seen.entry(entry).or_default();
            *last = read.word.ret.max(*last);
        }
    }
    let mut lost: Vec<(usize, &Word)> = puts
        .iter()
        .filter_map(|(entry, puts)| {
            let &[put] = &puts[..] else { return None };
            let known = words[put].ret.max(seen.get(entry).copied().unwrap_or(0));
            let next = reads.partition_point(|read| read.word.call <= known);
            Some((put, reads.get(next).filter(|_| words[put].has_happened())?.word))
        })
        .collect();
    lost.sort_unstable_by_key(|&(put, _)| put);
    found.extend(lost.into_iter().map(|(put, read)| {
        shown(AnomalyKind::LostElement, [(Role::Put, &words[put]), (Role::Missed, read)])
    }));
}

/// Somebody read less than somebody else had read before. The reads are in the order of their calls.
fn backwards(reads: &[Read<'_>], found: &mut Vec<Anomaly>) {
    let mut by_return: Vec<&Read<'_>> = reads.iter().collect();
    by_return.sort_by_key(|read| read.word.ret);
    let mut longest: Option<&Read<'_>> = None;
    let mut next = 0;
    for read in reads {
        while let Some(other) = by_return.get(next).filter(|other| other.word.is_before(read.word)) {
            if longest.is_none_or(|longest| longest.entries.len() < other.entries.len()) {
                longest = Some(other);
            }
            next += 1;
        }
        if let Some(longest) = longest.filter(|longest| longest.entries.len() > read.entries.len()) {
            let cast = [(Role::Read, longest.word), (Role::ReadLess, read.word)];
            found.push(shown(AnomalyKind::LogGoesBack, cast));
        }
    }
}

/// What was appended before a read is missing from it. The reads are in the order of their calls; each is a beginning of
/// the longest one, where entries have `places`.
fn missing(
    words: &[Word],
    puts: &Puts,
    reads: &[Read<'_>],
    places: &FxHashMap<ValueId, Few>,
    found: &mut Vec<Anomaly>,
) {
    // Each with where it stands in the longest read.
    let mut appends: Vec<(&Word, u64)> = puts
        .iter()
        .filter_map(|(entry, puts)| {
            let &[put] = &puts[..] else { return None };
            let place = places.get(entry).map_or(NEVER, |places| places[0] as u64);
            Some((&words[put], place)).filter(|(put, _)| put.has_happened())
        })
        .collect();
    appends.sort_by_key(|(put, _)| put.ret);
    let mut late: Option<(&Word, u64)> = None;
    let mut next = 0;
    for read in reads {
        while let Some(&(put, place)) = appends.get(next).filter(|(put, _)| put.is_before(read.word)) {
            if place == NEVER {
                // It is nowhere: one look is enough.
                found.push(shown(AnomalyKind::LostElement, [(Role::Put, put), (Role::Missed, read.word)]));
            } else if late.is_none_or(|(_, latest)| latest < place) {
                late = Some((put, place));
            }
            next += 1;
        }
        if let Some((put, _)) = late.filter(|&(_, place)| place >= read.entries.len() as u64) {
            found.push(shown(AnomalyKind::LateElement, [(Role::Put, put), (Role::Missed, read.word)]));
        }
    }
}
