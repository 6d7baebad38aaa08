//! Flip-flops: of two values of a register one was seen, then the other one, and then the first one again.
//!
//! Each value is there for one unbroken stretch, so that whichever of the two came first, somebody saw it wrong. Where it
//! is known by other means that the first one is the older one, only the last of the three did, and the first tells nothing
//! that whoever finds an inversion does not know; so it is no flip-flop then (§E of the rules: the newer value, the older
//! one, and the newer one again).

use rustc_hash::FxHashMap;
use seriatim_history::{EventId, OpId, ValueId};
use seriatim_model::Part;

use crate::Anomaly;
use crate::catalog::AnomalyKind;
use crate::evidence::{Because, Edge, Evidence};
use crate::stretch::Stretches;

/// Who saw a value.
#[derive(Clone, Copy)]
struct Seen {
    /// The first to return.
    first: (EventId, usize),
    /// The last to be called.
    last: usize,
}

/// Names those inversions flip-flops that are. O(n), and O(log n) for each.
pub(super) fn name<Op>(part: &Part<Op>, stretches: &Stretches, is_wrong: &[bool], found: &mut [Anomaly]) {
    let is_inversion = |anomaly: &&mut Anomaly| {
        matches!(anomaly.kind, AnomalyKind::NonMonotonicRead | AnomalyKind::OrderDisagreement)
    };
    let mut inversions = found.iter_mut().filter(is_inversion).peekable();
    if inversions.peek().is_none() {
        return;
    }
    let flips = Flips { part, stretches, seen: seen(part, stretches, is_wrong) };
    for anomaly in inversions {
        if let Some(edges) = flips.of(&anomaly.evidence) {
            *anomaly = Anomaly { kind: AnomalyKind::FlipFlop, evidence: Evidence::Cycle(edges) };
        }
    }
}

/// Of each value who saw it, and put in nothing, and is not known to have seen it wrong.
fn seen<Op>(part: &Part<Op>, stretches: &Stretches, is_wrong: &[bool]) -> FxHashMap<ValueId, Seen> {
    let mut seen: FxHashMap<ValueId, Seen> = FxHashMap::default();
    for (op, entry) in part.entries.iter().enumerate() {
        let (Some(value), Some(ret)) = (only_saw(stretches, op), entry.ret) else { continue };
        if is_wrong[op] {
            continue;
        }
        let first = (ret, op);
        let known = seen.entry(value).or_insert(Seen { first, last: op });
        *known = Seen { first: known.first.min(first), last: op };
    }
    seen
}

/// The value that an operation saw which put in nothing.
fn only_saw(stretches: &Stretches, op: usize) -> Option<ValueId> {
    let touch = stretches.touches[op];
    touch.saw.filter(|_| touch.put.is_none() && stretches.has_happened(op))
}

struct Flips<'a, Op> {
    part: &'a Part<Op>,
    stretches: &'a Stretches,
    seen: FxHashMap<ValueId, Seen>,
}

impl<Op> Flips<'_, Op> {
    /// What shows a flip-flop, where what shows an inversion is part of one.
    fn of(&self, inversion: &Evidence) -> Option<Vec<Edge>> {
        let Evidence::Cycle(edges) = inversion else { return None };
        let older = edges.iter().find(|edge| matches!(edge.because, Because::Older { .. }))?;
        let [newer, reader] = [older.to, older.from];
        let order = self.comes_back_to(newer, reader).or_else(|| self.comes_back_from(newer, reader))?;
        let because = Because::Older { order: Some(order) };
        Some(vec![
            Edge { from: newer, to: reader, because: Because::RealTime },
            Edge { from: reader, to: newer, because },
        ])
    }

    /// Somebody saw again what the first of two saw: the second one saw what is older in between.
    fn comes_back_to(&self, newer: OpId, reader: OpId) -> Option<(OpId, OpId)> {
        let (at, value) = self.saw(newer)?;
        let (middle, other) = self.saw(reader)?;
        let again = self.seen.get(&value)?.last;
        let returned = self.part.entries[middle].ret?;
        let is_behind = self.part.entries[again].call > returned;
        (again != at && is_behind && self.is_of_another_chain(value, other))
            .then(|| (reader, self.part.entries[again].id))
    }

    /// Somebody had seen, before the first of two, what the second one saw again; and nothing but that tells which of the
    /// values is older.
    fn comes_back_from(&self, newer: OpId, reader: OpId) -> Option<(OpId, OpId)> {
        let (middle, other) = self.saw(newer)?;
        let (_, value) = self.saw(reader)?;
        let (ret, before) = self.seen.get(&value)?.first;
        let is_before = ret < self.part.entries[middle].call;
        let old = self.stretches.place(value)?.chain;
        let write = self.stretches.writer(other)?;
        let is_known_older = self.stretches.chains[old].is_first
            || self.stretches.first_return(old).is_some_and(|(ret, _)| ret < self.part.entries[write].call);
        (is_before && !is_known_older && self.is_of_another_chain(value, other))
            .then(|| (self.part.entries[before].id, newer))
    }

    /// Where an operation stands that only saw something, and what.
    fn saw(&self, id: OpId) -> Option<(usize, ValueId)> {
        let at = self.part.entries.binary_search_by_key(&id, |entry| entry.id).ok()?;
        Some((at, only_saw(self.stretches, at)?))
    }

    /// Whether two values were not made one of the other by swaps, which tell their order.
    fn is_of_another_chain(&self, one: ValueId, other: ValueId) -> bool {
        let chain = |value: ValueId| self.stretches.place(value).map(|place| place.chain);
        chain(one).is_some() && chain(other).is_some() && chain(one) != chain(other)
    }
}
