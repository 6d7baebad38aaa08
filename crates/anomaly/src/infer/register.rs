//! Registers: what was seen tells which write came before, where only one operation puts the value in.

use rustc_hash::FxHashMap;
use seriatim_history::{EventId, OpId, ValueId};
use seriatim_model::{Model, Part};

use crate::Anomaly;
use crate::catalog::AnomalyKind;
use crate::evidence::{Because, Edge, Evidence, Touch};

/// Who puts a value in.
#[derive(Clone, Copy)]
enum Writer {
    /// Only this operation: its call, and its return if it is known to have happened.
    One(OpId, EventId, Option<EventId>),
    Several,
}

/// The anomalies of a register that starts with `initial`. None where some operation's accesses have no words.
pub(crate) fn find<M: Model>(model: &M, part: &Part<M::Op>, initial: ValueId) -> Vec<Anomaly> {
    let touches: Option<Vec<Touch>> =
        part.entries.iter().map(|entry| Touch::of(&model.accesses(&entry.op))).collect();
    let Some(touches) = touches else { return Vec::new() };
    let mut writers: FxHashMap<ValueId, Writer> = FxHashMap::default();
    for (entry, touch) in part.entries.iter().zip(&touches) {
        if let Some(value) = touch.put {
            let one = Writer::One(entry.id, entry.call, entry.ret);
            writers.entry(value).and_modify(|writer| *writer = Writer::Several).or_insert(one);
        }
    }
    // Operations that put something in and are known to have happened, by their calls; and of each and all later ones
    // the one that returned first: the first to have replaced whatever was there before its call.
    let mut replacing: Vec<(EventId, EventId, OpId)> = Vec::new();
    for (entry, touch) in part.entries.iter().zip(&touches) {
        if let (Some(_), Some(ret)) = (touch.put, entry.ret) {
            replacing.push((entry.call, ret, entry.id));
        }
    }
    let mut first: Vec<(EventId, OpId)> = vec![(EventId(u32::MAX), OpId(u32::MAX)); replacing.len() + 1];
    for at in (0..replacing.len()).rev() {
        let (_, ret, id) = replacing[at];
        first[at] = first[at + 1].min((ret, id));
    }
    let first_after = |event: Option<EventId>| {
        let from = event.map_or(0, |event| replacing.partition_point(|&(call, ..)| call < event));
        first.get(from).copied()
    };
    let mut anomalies = Vec::new();
    for (entry, touch) in part.entries.iter().zip(&touches) {
        let (Some(value), Some(ret)) = (touch.saw, entry.ret) else { continue };
        let reader = entry.id;
        let edge = |from, to, because| Edge { from, to, because };
        // Where the value came from: after which event it was there, if only one operation can have put it there.
        let (since, write) = match writers.get(&value) {
            Some(Writer::Several) => continue,
            Some(_) if value == initial => continue,
            None if value == initial => (None, None),
            None => {
                let evidence = Evidence::NoWriter { reader, value };
                anomalies.push(Anomaly { kind: AnomalyKind::ValueFromNowhere, evidence });
                continue;
            }
            Some(&Writer::One(write, call, _)) if ret < call => {
                let cycle =
                    vec![edge(reader, write, Because::RealTime), edge(write, reader, Because::Saw { value })];
                anomalies
                    .push(Anomaly { kind: AnomalyKind::ReadFromTheFuture, evidence: Evidence::Cycle(cycle) });
                continue;
            }
            // An indeterminate write may have happened at any time.
            Some(Writer::One(_, _, None)) => continue,
            Some(&Writer::One(write, _, Some(ret))) => (Some(ret), Some(write)),
        };
        if let Some((replaced, by)) = first_after(since)
            && replaced < entry.call
        {
            let because = Because::SawReplaced { value, write };
            let cycle = vec![edge(by, reader, Because::RealTime), edge(reader, by, because)];
            anomalies.push(Anomaly { kind: AnomalyKind::StaleRead, evidence: Evidence::Cycle(cycle) });
        }
    }
    anomalies
}
