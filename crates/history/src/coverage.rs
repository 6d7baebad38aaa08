//! How many operations of each kind there were before, during and after each fault.

use rustc_hash::FxHashMap;

use crate::operation::{Completion, EventId, History, Operation};
use crate::value::ValueId;
use crate::window::Window;

/// A stretch of a history, with respect to its faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// All of a history without faults.
    All,
    /// Before the first fault began.
    Before,
    /// While some fault with this name lasted; faults with one name count together.
    During(ValueId),
    /// While no fault lasted, after the first began and before the last ended.
    Between,
    /// After the last fault ended.
    After,
}

/// How many operations had which outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// Those that happened.
    pub ok: usize,
    /// Those that did not.
    pub fail: usize,
    /// Those of which nobody knows.
    pub info: usize,
}

impl Outcomes {
    /// Counts one.
    pub fn count(&mut self, completion: Completion) {
        *match completion {
            Completion::Ok(_) => &mut self.ok,
            Completion::Fail(_) => &mut self.fail,
            Completion::Unknown => &mut self.info,
        } += 1;
    }
}

/// How many operations of each function there were in each phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The phases, in the order of time; those of faults in the order of their first beginnings.
    pub phases: Vec<Phase>,
    /// For each function, in the order in which they were first called, the outcomes by phase.
    pub functions: Vec<(ValueId, Vec<Outcomes>)>,
}

impl Coverage {
    /// The coverage of a history with these windows. An operation that was under way in several phases counts in each fault
    /// that it met; in the others only if it met none.
    pub fn of(history: &History, windows: &[Window]) -> Self {
        let spans = spans(windows);
        let first = windows.iter().map(|window| window.start).min();
        let last = windows.iter().map(|window| window.end.unwrap_or(EventId(u32::MAX))).max();
        let (Some(first), Some(last)) = (first, last) else {
            return Self::counted(history, vec![Phase::All], |_, met| met.push(0));
        };
        let during = spans.iter().map(|&(name, _)| Phase::During(name));
        let phases =
            [Phase::Before].into_iter().chain(during).chain([Phase::Between, Phase::After]).collect();
        Self::counted(history, phases, |operation, met| {
            let met_by = spans.iter().zip(1..).filter(|((_, spans), _)| meets(operation, spans));
            met.extend(met_by.map(|(_, at)| at));
            if met.is_empty() {
                let at = operation.call.event;
                let phases = spans.len() + 1;
                met.push(if at < first {
                    0
                } else if at < last {
                    phases
                } else {
                    phases + 1
                });
            }
        })
    }

    /// What `phases_of` says is met by each operation, by the places of `phases`.
    fn counted(
        history: &History,
        phases: Vec<Phase>,
        phases_of: impl Fn(&Operation, &mut Vec<usize>),
    ) -> Self {
        let mut functions: Vec<(ValueId, Vec<Outcomes>)> = Vec::new();
        let mut places = FxHashMap::default();
        let mut met = Vec::new();
        for operation in &history.operations {
            let place = *places.entry(operation.function).or_insert_with(|| {
                functions.push((operation.function, vec![Outcomes::default(); phases.len()]));
                functions.len() - 1
            });
            met.clear();
            phases_of(operation, &mut met);
            met.iter().for_each(|&phase| functions[place].1[phase].count(operation.completion));
        }
        Self { phases, functions }
    }
}

/// From the first event of a client in it to the first one after it.
type Span = (EventId, EventId);

/// When faults with each name lasted: in order, and without overlaps.
fn spans(windows: &[Window]) -> Vec<(ValueId, Vec<Span>)> {
    let mut all: Vec<(ValueId, Vec<Span>)> = Vec::new();
    // Windows are in the order of their beginnings.
    for window in windows {
        let span = (window.start, window.end.unwrap_or(EventId(u32::MAX)));
        match all.iter_mut().find(|(name, _)| *name == window.name) {
            None => all.push((window.name, vec![span])),
            Some((_, spans)) => match spans.last_mut() {
                Some(last) if span.0 <= last.1 => last.1 = last.1.max(span.1),
                _ => spans.push(span),
            },
        }
    }
    all
}

/// Whether an operation was under way at some time of these spans.
fn meets(operation: &Operation, spans: &[Span]) -> bool {
    let call = operation.call.event;
    let next = spans.partition_point(|&(_, end)| end <= call);
    let end = operation.end.map_or(EventId(u32::MAX), |end| end.event);
    spans.get(next).is_some_and(|&(start, _)| start <= end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::{self, csv::ColumnMap};
    use crate::{Format, HistoryBuilder, Source, SourceId, build::Overrides, windows};

    fn covered(text: &str) -> Vec<(String, Vec<[usize; 3]>)> {
        let mut builder = HistoryBuilder::new(Format::Jsonl);
        format::read(Format::Jsonl, Source { id: SourceId(0), text }, &ColumnMap::default(), &mut builder);
        let history = builder.finish(Overrides::default()).expect("the history is well-formed");
        let windows = windows(&history);
        let coverage = Coverage::of(&history, &windows);
        let told = |(function, outcomes): (ValueId, Vec<Outcomes>)| {
            let counts = outcomes.iter().map(|of| [of.ok, of.fail, of.info]).collect();
            (history.values.as_text(function).expect("a name").to_owned(), counts)
        };
        // What counts where is what a look at every window says.
        for (at, phase) in coverage.phases.iter().enumerate() {
            let Phase::During(name) = phase else { continue };
            let meets =
                |of: &&Operation| windows.iter().any(|window| window.name == *name && window.holds(of));
            let met = history.operations.iter().filter(meets).count();
            let counted =
                coverage.functions.iter().map(|(_, of)| of[at].ok + of[at].fail + of[at].info).sum();
            assert_eq!(met, counted);
        }
        coverage.functions.into_iter().map(told).collect()
    }

    fn event(process: u8, kind: &str, f: &str) -> String {
        format!("{{\"process\":{process},\"type\":\"{kind}\",\"f\":\"{f}\",\"value\":1}}\n")
    }

    fn fault(name: &str) -> String {
        format!("{{\"process\":\"nemesis\",\"type\":\"info\",\"f\":\"{name}\"}}\n")
    }

    #[test]
    fn operations_count_where_they_were_under_way() {
        let op = |process: u8, f: &str, end: &str| event(process, "invoke", f) + &event(process, end, f);
        let text = [
            op(0, "write", "ok"),
            event(1, "invoke", "read"),
            fault("start-partition"),
            event(1, "ok", "read"),
            op(0, "write", "fail"),
            fault("stop-partition"),
            op(0, "write", "ok"),
            fault("kill"),
            op(2, "write", "info"),
            fault("restart"),
            fault("start-partition"),
            op(0, "read", "ok"),
            fault("stop-partition"),
            op(0, "read", "ok"),
            op(0, "write", "ok"),
        ]
        .concat();
        let none = [0; 3];
        assert_eq!(
            covered(&text),
            [
                // Before, during the partitions, during the kill, between, after.
                ("write".to_owned(), vec![[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0], [1, 0, 0]]),
                ("read".to_owned(), vec![none, [2, 0, 0], none, none, [1, 0, 0]]),
            ]
        );
        assert_eq!(covered(&op(0, "write", "ok")), [("write".to_owned(), vec![[1, 0, 0]])]);
    }
}
