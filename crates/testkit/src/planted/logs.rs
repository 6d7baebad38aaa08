//! What is planted in append logs.
//!
//! Every read of a history is a beginning of its longest one, so what is changed there is changed in all reads that go so
//! far, and in the places that appends were told.

use std::collections::BTreeMap;

use super::draft::{Draft, NEAR, Op, Outcome};
use crate::rng::Rng;
use crate::script::Datum;
use crate::vocabulary::NEVER_WRITTEN;

/// How often another place is tried.
const TRIES: usize = 200;

fn is_read(op: &Op) -> bool {
    op.is_done() && op.function == "read"
}

fn is_append(op: &Op) -> bool {
    op.function == "append" && op.outcome != Outcome::Refused
}

fn entries(log: &Datum) -> &[Datum] {
    if let Datum::List(entries) = log { entries } else { &[] }
}

/// The log as far as anybody knows it.
struct Log {
    /// The reads, in the order of their calls.
    reads: Vec<usize>,
    /// The entries of the longest read.
    entries: Vec<Datum>,
    /// Who appended each entry.
    appends: BTreeMap<Datum, usize>,
    /// Where each entry of the longest read stands.
    places: BTreeMap<Datum, usize>,
}

impl Log {
    fn of(draft: &Draft) -> Self {
        let all = || 0..draft.ops().len();
        let reads: Vec<usize> = all().filter(|&at| is_read(&draft.ops()[at])).collect();
        let longest = longest(draft, &reads);
        let entries = longest.map_or(Vec::new(), |read| entries(draft.answer(read)).to_vec());
        let appends = all().filter(|&at| is_append(&draft.ops()[at]));
        let appends = appends.map(|at| (draft.argument(at).clone(), at)).collect();
        let places = entries.iter().cloned().zip(0..).collect();
        Self { reads, entries, appends, places }
    }

    /// The append of the entry at a place.
    fn append(&self, place: usize) -> Option<usize> {
        self.appends.get(self.entries.get(place)?).copied()
    }

    /// How long the log was for certain when something happened: as long as somebody had seen it, and behind every entry
    /// whose append had returned. `None` where nobody knows where one of these stands.
    fn length_at(&self, draft: &Draft, line: usize) -> Option<usize> {
        let ops = draft.ops();
        let reads = self.reads.iter().filter(|&&read| ops[read].ret() < line);
        let seen = reads.map(|&read| entries(draft.answer(read)).len()).max().unwrap_or(0);
        let appended = self.appends.iter().filter(|&(_, &append)| ops[append].ret() < line);
        let mut places = appended.map(|(entry, _)| self.places.get(entry).map(|place| place + 1));
        places.try_fold(seen, |known: usize, place| Some(known.max(place?)))
    }

    /// Lets reads be of another log, and moves the places that appends were told. `changed` tells what becomes of a read
    /// that it is to change.
    fn change(
        &self,
        draft: &mut Draft,
        changed: impl Fn(&Op, &[Datum]) -> Option<Vec<Datum>>,
        moved: impl Fn(usize) -> usize,
    ) -> Vec<usize> {
        let mut affected = Vec::new();
        for &read in &self.reads {
            if let Some(log) = changed(&draft.ops()[read], entries(draft.answer(read))) {
                draft.set_answer(read, Datum::List(log));
                affected.push(read);
            }
        }
        for &append in self.appends.values() {
            let told = draft.result(append).filter(|_| draft.ops()[append].is_done()).and_then(Datum::as_int);
            if let Some(told) = told.and_then(|told| usize::try_from(told).ok()) {
                draft.set_result(append, Datum::Int(moved(told) as i64));
            }
        }
        affected
    }

    /// Puts an entry at a place; the reads that see it.
    fn insert(&self, draft: &mut Draft, place: usize, entry: &Datum) -> Vec<usize> {
        let changed = |_: &Op, log: &[Datum]| {
            (log.len() > place).then(|| {
                let mut log = log.to_vec();
                log.insert(place, entry.clone());
                log
            })
        };
        self.change(draft, changed, |told| told + usize::from(told >= place))
    }
}

/// Of reads the longest, and of several the last.
fn longest(draft: &Draft, reads: &[usize]) -> Option<usize> {
    reads.iter().copied().max_by_key(|&read| (entries(draft.answer(read)).len(), read))
}

/// An entry stands in the log that nobody appended.
pub(super) fn value_from_nowhere(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    let log = Log::of(draft);
    let place = rng.below(log.entries.len());
    let first = *log.insert(draft, place, &Datum::Int(NEVER_WRITTEN)).first()?;
    Some(vec![draft.ops()[first].number])
}

/// An entry stands in the log whose append failed.
pub(super) fn dirty_read(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    let log = Log::of(draft);
    let append = draft.pick(|op| op.function == "append" && op.outcome == Outcome::Refused, rng)?;
    let place = log.length_at(draft, draft.ops()[append].ret())?;
    let entry = draft.argument(append).clone();
    let first = *log.insert(draft, place, &entry).first()?;
    Some(vec![draft.ops()[append].number, draft.ops()[first].number])
}

/// A read sees an entry that is appended only later.
pub(super) fn read_from_the_future(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    let read = draft.pick(is_read, rng)?;
    let early = draft.ops()[read].clone();
    let append = draft.pick_behind(read, |op| is_append(op) && op.is_done() && early.is_before(op), rng)?;
    let mut log = entries(draft.answer(read)).to_vec();
    log.push(draft.argument(append).clone());
    draft.set_answer(read, Datum::List(log));
    Some(vec![early.number, draft.ops()[append].number])
}

/// What was appended once stands in the log twice.
pub(super) fn duplicate_element(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    let log = Log::of(draft);
    let place = rng.below(log.entries.len());
    let append = log.append(place)?;
    let again = place + 1 + rng.below(log.entries.len().checked_sub(place + 1)?.min(NEAR));
    let entry = log.entries[place].clone();
    let told = log.insert(draft, again, &entry);
    let first = told.into_iter().min_by_key(|&read| draft.ops()[read].ret())?;
    Some(vec![draft.ops()[append].number, draft.ops()[first].number])
}

/// What was appended stands nowhere.
pub(super) fn lost_element(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    let log = Log::of(draft);
    for _ in 0..TRIES {
        let place = rng.below(log.entries.len());
        let append = log.append(place).filter(|&append| draft.ops()[append].is_done());
        let Some(append) = append else { continue };
        let ops = draft.ops();
        let behind = |&&read: &&usize| ops[append].is_before(&ops[read]);
        let Some(&look) = log.reads.iter().find(behind) else { continue };
        let named = vec![ops[append].number, ops[look].number];
        let changed = |_: &Op, log: &[Datum]| {
            (log.len() > place).then(|| {
                let mut log = log.to_vec();
                log.remove(place);
                log
            })
        };
        log.change(draft, changed, |told| told - usize::from(told > place));
        return Some(named);
    }
    None
}

/// A read misses the end of the log, of which one append had returned, and a later one sees it.
pub(super) fn late_element(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    let log = Log::of(draft);
    for _ in 0..TRIES {
        let read = draft.pick(is_read, rng)?;
        let ops = draft.ops();
        let appended = log.appends.iter().filter(|&(_, &append)| ops[append].is_before(&ops[read]));
        let places: Option<Vec<(usize, usize)>> =
            appended.map(|(entry, &append)| Some((*log.places.get(entry)?, append))).collect();
        let Some((place, append)) = places.and_then(|places| places.into_iter().max()) else { continue };
        let sees_it =
            |&&other: &&usize| ops[other].call > ops[read].call && entries(draft.answer(other)).len() > place;
        if !log.reads.iter().any(|other| sees_it(&other)) {
            continue;
        }
        let named = vec![ops[append].number, ops[read].number];
        let left = place - rng.below(3.min(place + 1));
        draft.set_answer(read, Datum::List(log.entries[..left].to_vec()));
        return Some(named);
    }
    None
}

/// While an append is open somebody sees its entry, and then somebody does not.
pub(super) fn log_goes_back(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    let log = Log::of(draft);
    for _ in 0..TRIES {
        let place = rng.below(draft.len() + 1);
        let Some(length) = log.length_at(draft, place) else { continue };
        let entry = Datum::Int(draft.fresh());
        let changed = |op: &Op, log: &[Datum]| {
            (log.len() > length || op.call >= place).then(|| {
                let mut log = log.to_vec();
                log.insert(length, entry.clone());
                log
            })
        };
        log.change(draft, changed, |told| told + usize::from(told >= length));
        let shorter = log.entries[..length].to_vec();
        let longer: Vec<Datum> = shorter.iter().cloned().chain([entry.clone()]).collect();
        let writer = draft.idle(place, &[], rng);
        let first = draft.idle(place, &[writer], rng);
        let second = if rng.chance(0.5) { first } else { draft.idle(place, &[writer, first], rng) };
        let open = draft.call(place, writer, "append", entry.clone());
        let saw_more = draft.done(place, first, "read", Datum::Nil, Datum::List(longer));
        let saw_less = draft.done(place, second, "read", Datum::Nil, Datum::List(shorter));
        draft.answer_call(place, open, entry);
        return Some(vec![saw_more, saw_less]);
    }
    None
}

/// A read ends with another entry than all other reads have at that place: one that nobody else saw, whose append nobody
/// knows the outcome of.
pub(super) fn divergent_logs(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    let log = Log::of(draft);
    for _ in 0..TRIES {
        let read = draft.pick(is_read, rng)?;
        let (ops, seen) = (draft.ops(), entries(draft.answer(read)));
        let Some(last) = seen.len().checked_sub(1) else { continue };
        let goes_on = |&&other: &&usize| other != read && entries(draft.answer(other)).len() > last;
        if !log.reads.iter().any(|other| goes_on(&other)) {
            continue;
        }
        let (number, call, mut seen) = (ops[read].number, ops[read].call, seen.to_vec());
        let (entry, writer) = (draft.fresh(), draft.new_process());
        draft.call(rng.between(call.saturating_sub(NEAR), call), writer, "append", Datum::Int(entry));
        seen[last] = Datum::Int(entry);
        draft.set_answer(read, Datum::List(seen));
        return Some(vec![number]);
    }
    None
}

/// A read lacks something in front of its last entry that another read has there: the beginning, or a piece of the middle.
pub(super) fn torn_log(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    let log = Log::of(draft);
    for _ in 0..TRIES {
        let read = draft.pick(is_read, rng)?;
        let seen = entries(draft.answer(read));
        if seen.len() < 2 {
            continue;
        }
        let from = if rng.chance(0.5) { 0 } else { rng.below(seen.len() - 1) };
        let to = rng.between(from + 1, seen.len() - 1);
        let shows_it = |&&other: &&usize| other != read && entries(draft.answer(other)).len() > to;
        if !log.reads.iter().any(|other| shows_it(&other)) {
            continue;
        }
        let torn = [&seen[..from], &seen[to..]].concat();
        let number = draft.ops()[read].number;
        draft.set_answer(read, Datum::List(torn));
        return Some(vec![number]);
    }
    None
}

/// Two entries stand in the log in the contrary order of their appends.
pub(super) fn reordered_element(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    let log = Log::of(draft);
    for _ in 0..TRIES {
        let place = rng.below(log.entries.len());
        let (Some(early), Some(late)) = (log.append(place), log.append(place + 1)) else { continue };
        let ops = draft.ops();
        let called_before =
            (0..place).filter_map(|place| log.append(place)).map(|append| ops[append].call).max();
        // Whoever sees one of the two sees it before it is appended, unless it is so late.
        let is_early = |&&read: &&usize| {
            entries(draft.answer(read)).len() == place + 1 && ops[read].is_before(&ops[late])
        };
        let is_due = ops[early].is_before(&ops[late]) && called_before < Some(ops[late].call);
        if !is_due || log.reads.iter().any(|read| is_early(&read)) {
            continue;
        }
        let mut named = vec![ops[early].number, ops[late].number];
        let changed = |_: &Op, seen: &[Datum]| {
            (seen.len() > place).then(|| {
                let mut seen = seen.to_vec();
                seen[place] = log.entries[place + 1].clone();
                if let Some(next) = seen.get_mut(place + 1) {
                    *next = log.entries[place].clone();
                }
                seen
            })
        };
        let affected = log.change(draft, changed, |told| match told {
            told if told == place => place + 1,
            told if told == place + 1 => place,
            told => told,
        });
        // The first to be told of both.
        let sees_both = |&read: &usize| entries(draft.answer(read)).len() > place + 1;
        let first = affected.into_iter().filter(sees_both).min_by_key(|&read| draft.ops()[read].ret())?;
        named.push(draft.ops()[first].number);
        return Some(named);
    }
    None
}
