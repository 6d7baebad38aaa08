//! How stale the reads of a register are: in time, and in versions.
//!
//! Delta (Golab, Li & Shah 2011, "Analyzing consistency properties for fun and profit"): the shortest time by which every
//! read must have been called earlier for the part to have no violation. Calls that move earlier only take order away, so
//! whatever is long enough stays so if it is made longer, and the shortest is found by halving: `n log n` for each bit of
//! the longest time. The anomaly finder decides each, which misses nothing where every value is put in once.
//!
//! Versions: a read is behind by the writes that were called after that of its version had returned, and had returned
//! when it was called. One more than that is the least `k` for which the part may be k-atomic (Golab, Hurwitz & Li 2013):
//! `n log n`.

use std::cmp::Reverse;

use rustc_hash::FxHashMap;
use seriatim_history::{EventId, History, OpId, ValueId};
use seriatim_model::{Entry, Kind, Model, Part};

use crate::failed::Failed;
use crate::infer::register;
use crate::pace::Pace;
use crate::reach::Count;
use crate::touch::Touch;

/// The least number of nanoseconds by which every read must move earlier so that a part of a register has no violation.
/// An operation that sees and puts in at once does not move. A recorded time that runs back counts as the latest before
/// it, as the order of events is not in question.
///
/// `None` where that does not help, where a time is missing, where several operations put in one value or a refused
/// compare-and-set saw that it is another, and where it is time to stop.
pub fn delta<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    history: &History,
    goes_on: &dyn Fn() -> bool,
) -> Option<u64> {
    let Kind::Register { initial } = model.kind() else { return None };
    let touches = Touch::all(model, part, goes_on)?;
    if !puts_each_once(&touches, initial) {
        return None;
    }
    let shift = Shift::new(part, history, &touches)?;
    let suffices = |by: u64| {
        let moved = shift.by(by);
        let found = register::find(model, &moved, history, initial, &Failed::default(), goes_on);
        goes_on().then_some(found.is_empty())
    };
    if suffices(0)? {
        return Some(0);
    }
    let (mut short, mut long) = (0, shift.longest());
    if !suffices(long)? {
        return None;
    }
    while long - short > 1 {
        let middle = short + (long - short) / 2;
        if suffices(middle)? { long = middle } else { short = middle }
    }
    Some(long)
}

/// Whether every value has one origin, and is told where it was seen.
fn puts_each_once(touches: &[Touch], initial: ValueId) -> bool {
    let mut put: Vec<ValueId> = touches.iter().filter_map(|touch| touch.put).chain([initial]).collect();
    put.sort_unstable();
    let is_told = |touch: &Touch| *touch != Touch::default();
    put.windows(2).all(|pair| pair[0] != pair[1]) && touches.iter().all(is_told)
}

/// A part, and when its events were.
struct Shift<'a, Op> {
    part: &'a Part<Op>,
    touches: &'a [Touch],
    /// Of each operation the times of its call and of its return.
    times: Vec<(i64, Option<i64>)>,
    /// The time of the first event.
    first: i64,
}

impl<'a, Op: Clone> Shift<'a, Op> {
    /// `None` where a time is missing.
    fn new(part: &'a Part<Op>, history: &History, touches: &'a [Touch]) -> Option<Self> {
        let mut events: Vec<(EventId, i64, usize, bool)> = Vec::with_capacity(2 * part.entries.len());
        for (at, entry) in part.entries.iter().enumerate() {
            let operation = history.operation(entry.id);
            events.push((entry.call, operation.call.time?, at, false));
            if let Some(ret) = entry.ret {
                events.push((ret, operation.end?.time?, at, true));
            }
        }
        events.sort_unstable();
        let mut times = vec![(0, None); part.entries.len()];
        let first = events.first().map_or(0, |&(_, time, ..)| time);
        let mut latest = first;
        for (_, time, at, returns) in events {
            latest = latest.max(time);
            if returns { times[at].1 = Some(latest) } else { times[at].0 = latest }
        }
        Some(Self { part, touches, times, first })
    }

    fn reads_only(&self, at: usize) -> bool {
        self.touches[at].put.is_none()
    }

    /// What brings every read before all that ever happened.
    fn longest(&self) -> u64 {
        let reads = (0..self.times.len()).filter(|&at| self.reads_only(at));
        // One more than the time since the first event, whatever that was.
        reads.map(|at| self.times[at].0.abs_diff(self.first) + 1).max().unwrap_or(0)
    }

    /// The part with its reads called so much earlier. Where a call comes to the time of another event it stands before
    /// that: what begins when something ends is concurrent with it.
    fn by(&self, nanoseconds: u64) -> Part<Op> {
        let mut events = Vec::with_capacity(2 * self.times.len());
        for (at, (entry, &(call, ret))) in self.part.entries.iter().zip(&self.times).enumerate() {
            let moves = nanoseconds > 0 && self.reads_only(at);
            let time = i128::from(call) - if moves { i128::from(nanoseconds) } else { 0 };
            events.push((time, !moves, entry.call, at, false));
            if let (Some(ret), Some(time)) = (entry.ret, ret) {
                events.push((i128::from(time), true, ret, at, true));
            }
        }
        events.sort_unstable();
        let mut entries: Vec<Entry<Op>> = self.part.entries.clone();
        for (place, (.., at, returns)) in (0..).zip(events) {
            if returns { entries[at].ret = Some(EventId(place)) } else { entries[at].call = EventId(place) }
        }
        entries.sort_unstable_by_key(|entry| entry.call);
        Part { entries, ..self.part.clone() }
    }
}

/// The operations that saw something which was behind, and by how many versions at least, in the order of their calls.
/// None where the part is of no register, where some operation has no words, and where it is time to stop; what a value
/// that several put in says is not asked.
pub fn versions_behind<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    goes_on: &dyn Fn() -> bool,
) -> Vec<(OpId, u32)> {
    let Kind::Register { initial } = model.kind() else { return Vec::new() };
    let Some(touches) = Touch::all(model, part, goes_on) else { return Vec::new() };
    count_behind(part, &touches, initial, goes_on).unwrap_or_default()
}

fn count_behind<Op>(
    part: &Part<Op>,
    touches: &[Touch],
    initial: ValueId,
    goes_on: &dyn Fn() -> bool,
) -> Option<Vec<(OpId, u32)>> {
    let since = since(part, touches, initial);
    // By their returns, the earliest last.
    let mut writes: Vec<(EventId, usize)> = Vec::new();
    for (at, entry) in part.entries.iter().enumerate().filter(|&(at, _)| touches[at].put.is_some()) {
        writes.extend(entry.ret.map(|ret| (ret, at)));
    }
    writes.sort_unstable_by_key(|&write| Reverse(write));
    let mut returned = Count::new(part.entries.len());
    let mut behind = Vec::new();
    let mut pace = Pace::new(goes_on);
    for (at, entry) in part.entries.iter().enumerate() {
        if !pace.goes_on_with(1) {
            return None;
        }
        while let Some((_, write)) = writes.pop_if(|&mut (ret, _)| ret < entry.call) {
            returned.add(write);
        }
        let Some(since) = touches[at].saw.and_then(|value| since(at, value)) else { continue };
        // Entries stand in the order of their calls.
        let from = since.map_or(0, |ret| part.entries.partition_point(|entry| entry.call < ret));
        let count = returned.from(from);
        if count > 0 {
            behind.push((entry.id, count));
        }
    }
    Some(behind)
}

/// Since when what an operation saw may have been overwritten: `None` where nobody knows or it cannot have been, and the
/// start for the initial value.
fn since<'a, Op>(
    part: &'a Part<Op>,
    touches: &'a [Touch],
    initial: ValueId,
) -> impl Fn(usize, ValueId) -> Option<Option<EventId>> + use<'a, Op> {
    let mut writers: FxHashMap<ValueId, Option<usize>> = FxHashMap::default();
    for (at, touch) in touches.iter().enumerate() {
        if let Some(value) = touch.put {
            writers.entry(value).and_modify(|writer| *writer = None).or_insert(Some(at));
        }
    }
    move |reader, value| match writers.get(&value) {
        // What saw something without having returned may not have happened.
        _ if part.entries[reader].ret.is_none() => None,
        None if value == initial => Some(None),
        Some(&Some(writer)) if value != initial => part.entries[writer].ret.map(Some),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
