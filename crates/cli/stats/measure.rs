//! The figures of a recording, from one pass over its operations and one over its events.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;
use seriatim_history::{Completion, Coverage, History, Outcomes, Phase, ValueId, windows};

use crate::choose::Chosen;
use crate::describe;
use crate::load::Problems;
use crate::reading::Reading;

/// What a recording holds.
#[derive(Debug, Serialize)]
pub(super) struct Recording {
    pub(super) path: String,
    pub(super) format: &'static str,
    /// The model that `check` would take, and who chose it.
    pub(super) model: Option<Model>,
    /// Why there is no model.
    pub(super) model_problem: Option<String>,
    pub(super) operations: Counts,
    /// The share of operations of unknown outcome.
    pub(super) info_share: f64,
    /// The functions, in the order in which they were first called.
    pub(super) functions: Vec<Function>,
    /// `None` where no operation has a key.
    pub(super) keys: Option<Keys>,
    pub(super) processes: usize,
    /// The nodes, sorted by name.
    pub(super) nodes: Vec<Node>,
    /// `None` where no time was recorded.
    pub(super) times: Option<Times>,
    pub(super) concurrency: Concurrency,
    pub(super) faults: Faults,
    /// What is odd about it, as `check` says it.
    pub(super) notes: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Model {
    pub(super) name: &'static str,
    pub(super) source: &'static str,
}

/// How many operations ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Counts {
    pub(super) total: usize,
    pub(super) ok: usize,
    pub(super) fail: usize,
    pub(super) info: usize,
}

#[derive(Debug, Serialize)]
pub(super) struct Function {
    pub(super) name: String,
    #[serde(flatten)]
    pub(super) counts: Counts,
    /// The same by phase of the faults; an operation that met several counts in each.
    pub(super) phases: Vec<OfPhase>,
    /// Of the operations that happened; `None` where no such one has both its times.
    pub(super) latency_ns: Option<Latency>,
}

#[derive(Debug, Serialize)]
pub(super) struct OfPhase {
    pub(super) phase: &'static str,
    /// The name of the faults, of the phase `during`.
    pub(super) fault: Option<String>,
    #[serde(flatten)]
    pub(super) counts: Counts,
}

/// How long operations took, in nanoseconds: of each percentile, the least time that so many did not exceed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Latency {
    pub(super) count: usize,
    pub(super) min: i64,
    pub(super) p50: i64,
    pub(super) p90: i64,
    pub(super) p99: i64,
    pub(super) max: i64,
}

/// How many operations there are on a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Keys {
    pub(super) count: usize,
    pub(super) min: usize,
    pub(super) median: usize,
    pub(super) max: usize,
    /// Operations without one.
    pub(super) without: usize,
}

#[derive(Debug, Serialize)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) operations: usize,
}

#[derive(Debug, Serialize)]
pub(super) struct Times {
    pub(super) from_ns: i64,
    pub(super) to_ns: i64,
    pub(super) duration_ns: i64,
    /// Operations called in a second; `None` where it all took no time.
    pub(super) rate: Option<f64>,
}

/// How many operations were under way at once.
#[derive(Debug, Serialize)]
pub(super) struct Concurrency {
    pub(super) max: usize,
    /// On average: over time, or over events where not all have times in their order.
    pub(super) mean: f64,
    pub(super) mean_over: &'static str,
    /// The share of operations that overlap another one.
    pub(super) overlapping: f64,
}

#[derive(Debug, Serialize)]
pub(super) struct Faults {
    /// Records of what was done to the system.
    pub(super) records: usize,
    pub(super) windows: Vec<Window>,
}

#[derive(Debug, Serialize)]
pub(super) struct Window {
    pub(super) name: String,
    pub(super) nodes: Vec<String>,
    pub(super) from_ns: Option<i64>,
    pub(super) to_ns: Option<i64>,
    /// Whether its end is recorded.
    pub(super) ended: bool,
    /// How many operations were under way in it.
    pub(super) operations: usize,
}

/// The figures of a recording; `chosen` is what `check` would check it against.
pub(super) fn recording(reading: &Reading, chosen: Result<&Chosen, &Problems>) -> Recording {
    let history = &reading.loaded.history;
    let told = describe::read(&reading.path, &reading.loaded, &reading.settings);
    let counts = Counts {
        total: told.operations.total,
        ok: told.operations.ok,
        fail: told.operations.fail,
        info: told.operations.info,
    };
    let processes: FxHashSet<ValueId> =
        history.operations.iter().map(|operation| operation.process).collect();
    Recording {
        path: reading.path.clone(),
        format: history.format.name(),
        model: chosen.ok().map(|chosen| {
            let choice = chosen.model_choice();
            Model { name: choice.name, source: choice.source.word() }
        }),
        model_problem: chosen
            .err()
            .and_then(|problems| problems.first.first())
            .map(|problem| problem.message.clone()),
        operations: counts,
        info_share: share(counts.info, counts.total),
        functions: functions(history),
        keys: keys(history),
        processes: processes.len(),
        nodes: nodes(history),
        times: times(history),
        concurrency: concurrency(history),
        faults: faults(history),
        notes: told.notes.iter().map(|note| note.message.clone()).collect(),
    }
}

/// A share, exact to a ten-thousandth; 0 of nothing.
fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { rounded(part as f64 / whole as f64) }
}

fn rounded(number: f64) -> f64 {
    (number * 10_000.0).round() / 10_000.0
}

fn functions(history: &History) -> Vec<Function> {
    let coverage = Coverage::of(history, &windows(history));
    let mut latencies: FxHashMap<ValueId, Vec<i64>> = FxHashMap::default();
    let mut totals: FxHashMap<ValueId, Outcomes> = FxHashMap::default();
    for operation in &history.operations {
        totals.entry(operation.function).or_default().count(operation.completion);
        if let (Completion::Ok(_), Some(call), Some(end)) =
            (operation.completion, operation.call.time, operation.end.and_then(|end| end.time))
        {
            latencies.entry(operation.function).or_default().push(end.saturating_sub(call));
        }
    }
    let counts =
        |of: Outcomes| Counts { total: of.ok + of.fail + of.info, ok: of.ok, fail: of.fail, info: of.info };
    let phase = |(phase, &of): (&Phase, &Outcomes)| {
        let (phase, fault) = match *phase {
            Phase::All => ("all", None),
            Phase::Before => ("before", None),
            Phase::During(name) => ("during", Some(text(history, name))),
            Phase::Between => ("between", None),
            Phase::After => ("after", None),
        };
        OfPhase { phase, fault, counts: counts(of) }
    };
    let function = |(name, outcomes): &(ValueId, Vec<Outcomes>)| Function {
        name: text(history, *name),
        counts: counts(totals.get(name).copied().unwrap_or_default()),
        phases: coverage.phases.iter().zip(outcomes).map(phase).collect(),
        latency_ns: latencies.get(name).and_then(|all| latency(all.clone())),
    };
    coverage.functions.iter().map(function).collect()
}

fn latency(mut all: Vec<i64>) -> Option<Latency> {
    all.sort_unstable();
    let (&min, &max) = (all.first()?, all.last()?);
    let percentile = |of: usize| all[(all.len() * of).div_ceil(100).max(1) - 1];
    Some(Latency {
        count: all.len(),
        min,
        p50: percentile(50),
        p90: percentile(90),
        p99: percentile(99),
        max,
    })
}

fn keys(history: &History) -> Option<Keys> {
    let mut of_keys: FxHashMap<ValueId, usize> = FxHashMap::default();
    let mut without = 0;
    for operation in &history.operations {
        match operation.key {
            Some(key) => *of_keys.entry(key).or_default() += 1,
            None => without += 1,
        }
    }
    let mut counts: Vec<usize> = of_keys.into_values().collect();
    counts.sort_unstable();
    let (&min, &max) = (counts.first()?, counts.last()?);
    Some(Keys { count: counts.len(), min, median: counts[(counts.len() - 1) / 2], max, without })
}

fn nodes(history: &History) -> Vec<Node> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut by_value: FxHashMap<ValueId, usize> = FxHashMap::default();
    for node in history.operations.iter().filter_map(|operation| operation.node) {
        *by_value.entry(node).or_default() += 1;
    }
    for (node, operations) in by_value {
        *counts.entry(text(history, node)).or_default() += operations;
    }
    counts.into_iter().map(|(name, operations)| Node { name, operations }).collect()
}

fn times(history: &History) -> Option<Times> {
    let all =
        || history.operations.iter().flat_map(|of| [of.call.time, of.end.and_then(|end| end.time)]).flatten();
    let (from, to) = (all().min()?, all().max()?);
    let duration = to.saturating_sub(from);
    let rate = history.operations.len() as f64 / (duration as f64 / 1e9);
    Some(Times {
        from_ns: from,
        to_ns: to,
        duration_ns: duration,
        rate: (duration > 0).then(|| rounded(rate)),
    })
}

/// For each event its time, and whether it is a call.
fn events(history: &History) -> Vec<(Option<i64>, bool)> {
    let mut all = vec![(None, true); history.events];
    for operation in &history.operations {
        all[operation.call.event.0 as usize] = (operation.call.time, true);
        if let Some(end) = operation.end {
            all[end.event.0 as usize] = (end.time, false);
        }
    }
    all
}

fn concurrency(history: &History) -> Concurrency {
    let events = events(history);
    let is_timed = events.windows(2).all(|pair| match (pair[0].0, pair[1].0) {
        (Some(one), Some(next)) => one <= next,
        _ => false,
    });
    let whole = match (events.first(), events.last()) {
        (Some((Some(first), _)), Some((Some(last), _))) => last.saturating_sub(*first),
        _ => 0,
    };
    let over_time = is_timed && whole > 0;
    let (mut open, mut max, mut sum) = (0_usize, 0, 0.0);
    for (at, &(time, is_call)) in events.iter().enumerate() {
        open = if is_call { open + 1 } else { open.saturating_sub(1) };
        max = max.max(open);
        let weight = match (over_time, time, events.get(at + 1)) {
            (true, Some(time), Some(&(Some(next), _))) => (next - time) as f64,
            (true, ..) => 0.0,
            (false, ..) => 1.0,
        };
        sum += open as f64 * weight;
    }
    let over = if over_time { whole as f64 } else { events.len() as f64 };
    Concurrency {
        max,
        mean: if events.is_empty() { 0.0 } else { rounded(sum / over) },
        mean_over: if over_time { "time" } else { "events" },
        overlapping: share(
            overlapping(history).into_iter().filter(|&overlaps| overlaps).count(),
            history.operations.len(),
        ),
    }
}

/// For each operation, whether it overlaps another one.
pub(crate) fn overlapping(history: &History) -> Vec<bool> {
    // How many calls there were before each event, and how many ends.
    let (mut calls, mut ends) = (Vec::with_capacity(history.events), Vec::with_capacity(history.events));
    let (mut called, mut ended) = (0_usize, 0_usize);
    for (_, is_call) in events(history) {
        calls.push(called);
        ends.push(ended);
        *(if is_call { &mut called } else { &mut ended }) += 1;
    }
    let overlaps = |operation: &seriatim_history::Operation| {
        let call = operation.call.event.0 as usize;
        let until = operation.end.map_or(called, |end| calls[end.event.0 as usize]);
        calls[call] > ends[call] || until > calls[call] + 1
    };
    history.operations.iter().map(overlaps).collect()
}

fn faults(history: &History) -> Faults {
    let window = |window: seriatim_history::Window| Window {
        name: text(history, window.name),
        nodes: window.nodes.iter().map(|&node| text(history, node)).collect(),
        from_ns: window.from,
        to_ns: window.to,
        ended: window.end.is_some() || window.to.is_some(),
        operations: history.operations.iter().filter(|operation| window.holds(operation)).count(),
    };
    Faults { records: history.faults.len(), windows: windows(history).into_iter().map(window).collect() }
}

/// A name as it was recorded, without quotes.
fn text(history: &History, id: ValueId) -> String {
    history.values.as_text(id).map_or_else(|| history.values.show(id), str::to_owned)
}

/// A time as a person reads it.
pub(crate) fn duration(nanoseconds: i64) -> String {
    let exact = nanoseconds as f64;
    match nanoseconds.unsigned_abs() {
        0..1_000 => format!("{nanoseconds} ns"),
        1_000..1_000_000 => format!("{:.1} µs", exact / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} ms", exact / 1e6),
        1_000_000_000..600_000_000_000 => format!("{:.3} s", exact / 1e9),
        _ => format!("{:.1} min", exact / 6e10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_time_that_was_measured() {
        let of = latency((1..=200).rev().collect()).expect("there are some");
        assert_eq!((of.count, of.min, of.p50, of.p90, of.p99, of.max), (200, 1, 100, 180, 198, 200));
        let one = latency(vec![7]).expect("there is one");
        assert_eq!((one.min, one.p50, one.p99, one.max), (7, 7, 7, 7));
        let few = latency((1..=7).collect()).expect("there are some");
        assert_eq!((few.p50, few.p90, few.p99), (4, 7, 7));
        assert_eq!(latency(Vec::new()), None);
    }

    #[test]
    fn times_are_shown_in_their_unit() {
        for (time, shown) in
            [(-5, "-5 ns"), (1_500, "1.5 µs"), (2_000_000, "2.0 ms"), (61_000_000_000, "61.000 s")]
        {
            assert_eq!(duration(time), shown);
        }
        assert_eq!(duration(900_000_000_000), "15.0 min");
    }
}
