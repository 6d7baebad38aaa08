//! A run as a whole, beside its verdict.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use seriatim_history::overview::Dot;
use seriatim_history::{Completion, Coverage, Outcomes, Overview, Phase as When};

use super::finding::Fault;
use super::{Text, round};
use crate::run::RunReport;

/// A run as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Run<'a> {
    /// What was done to the system, from when to when, in the order of the beginnings.
    pub faults: Vec<Fault<'a>>,
    /// What clients asked for, in the order in which it was first called; other fields name these by their places.
    pub functions: Vec<Text<'a>>,
    /// The phases of the run, with respect to its faults.
    pub phases: Vec<Phase<'a>>,
    /// For each function and each phase, how many operations completed `ok`, `fail` and `info`.
    pub coverage: Vec<Vec<[usize; 3]>>,
    /// What happened when; none where the history tells no times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeline: Option<Timeline>,
}

/// A phase of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Phase<'a> {
    /// `all` of a run without faults; else `before`, `during`, `between` or `after` them.
    pub when: Text<'a>,
    /// The name of the faults that it is during.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Text<'a>>,
}

/// What happened when, in stretches of equal length.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Timeline {
    /// When the first stretch begins, in seconds of the recorded time.
    pub from_s: f64,
    /// How long each is, in seconds.
    pub step_s: f64,
    /// How many operations ended `ok`, `fail` and `info` in each.
    pub ended: Vec<[usize; 3]>,
    /// The latency in milliseconds that half of those that ended `ok` did not exceed, and that 99 of a hundred did not.
    pub latency_ms: Vec<Option<[f64; 2]>>,
    /// Some operations: the time of the call in seconds, the latency in milliseconds, the place of the function, and 0 for
    /// `ok`, 1 for `fail`, 2 for `info`.
    pub dots: Vec<(f64, f64, usize, u8)>,
}

impl<'a> Run<'a> {
    pub(super) fn new(run: &'a RunReport, origin: i64) -> Self {
        let Coverage { phases, functions } = &run.coverage;
        let counts = |of: &Outcomes| [of.ok, of.fail, of.info];
        Self {
            faults: run.windows.iter().map(Fault::new).collect(),
            functions: functions.iter().map(|&(id, _)| run.name(id).into()).collect(),
            phases: phases.iter().map(|&phase| of_phase(run, phase)).collect(),
            coverage: functions.iter().map(|(_, phases)| phases.iter().map(counts).collect()).collect(),
            timeline: run.overview.as_ref().map(|overview| Timeline::new(overview, &run.coverage, origin)),
        }
    }
}

fn of_phase(run: &RunReport, phase: When) -> Phase<'_> {
    let (when, fault) = match phase {
        When::All => ("all", None),
        When::Before => ("before", None),
        When::During(name) => ("during", Some(run.name(name).into())),
        When::Between => ("between", None),
        When::After => ("after", None),
    };
    Phase { when: when.into(), fault }
}

impl Timeline {
    fn new(overview: &Overview, coverage: &Coverage, origin: i64) -> Self {
        let seconds = |time: i64| round((time.saturating_sub(origin)) as f64 / 1e9, 1e9);
        let milliseconds = |time: u64| round(time as f64 / 1e6, 1e3);
        let place = |dot: &Dot| coverage.functions.iter().position(|&(id, _)| id == dot.function);
        let dot = |dot: &Dot| {
            let outcome = match dot.completion {
                Completion::Ok(_) => 0,
                Completion::Fail(_) => 1,
                Completion::Unknown => 2,
            };
            (seconds(dot.call), milliseconds(dot.latency), place(dot).unwrap_or(0), outcome)
        };
        let buckets = overview.buckets.iter();
        Self {
            from_s: seconds(overview.from),
            step_s: overview.step as f64 / 1e9,
            ended: buckets.clone().map(|of| [of.outcomes.ok, of.outcomes.fail, of.outcomes.info]).collect(),
            latency_ms: buckets
                .map(|of| of.latency.map(|(half, most)| [milliseconds(half), milliseconds(most)]))
                .collect(),
            dots: overview.dots.iter().map(dot).collect(),
        }
    }
}
