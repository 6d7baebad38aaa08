//! What a history shows beside its violations, as plain data: failure patterns, what came after what, and what no history
//! of clients shows. None of it is a verdict.

use crate::document::Baselined;
use crate::finding::{AnomalyOperation, WindowReport};
use crate::shown::Shown;

/// A pattern of a history, beside its violations.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SymptomReport {
    /// Its stable code.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Whether it is only what it looks like.
    pub is_likeness: bool,
    /// Whether the run fails for it, since somebody asked for that.
    pub is_gated: bool,
    /// What was seen, in sentences.
    pub message: String,
    /// From when to when, in seconds as those of the run are counted; none where no times tell it.
    pub window: Option<(f64, f64)>,
    /// The nodes that it was seen at; none where it is not about some.
    pub nodes: Vec<Shown>,
    /// The clients that saw it; none where it is not about some.
    pub processes: Vec<Shown>,
    /// The keys that it was seen on; none where it is not about some.
    pub keys: Vec<Shown>,
    /// What was asked; none where it is not about some of it.
    pub functions: Vec<String>,
    /// The numbers that show it.
    pub numbers: Vec<NumberReport>,
    /// How large the difference is: in which measure, and how much.
    pub effect: Option<(&'static str, f64)>,
    /// In how many operations it was seen, and with how many these were compared.
    pub sample: Option<(u64, u64)>,
    /// The statistical test, where there is one.
    pub test: Option<TestReport>,
    /// What else leaves the same trace.
    pub confounders: &'static [&'static str],
    /// The fault that it goes with, and whether it was `during` that or `after` it.
    pub fault: Option<(WindowReport, &'static str)>,
    /// Few operations that show it.
    pub operations: Vec<AnomalyOperation>,
    /// The two sides, where there are some.
    pub split: Option<SplitReport>,
    /// The entry of a baseline that it is in.
    pub baselined: Option<Baselined>,
}

impl SymptomReport {
    /// Whether it is told by the lines of its operations; else by its numbers.
    pub(crate) fn is_drawn(&self) -> bool {
        self.numbers.is_empty() && !self.operations.is_empty()
    }

    /// Whether the run fails for it: somebody asked for that, and no baseline lets it pass.
    pub(crate) fn is_failing(&self) -> bool {
        self.is_gated && !self.baselined.as_ref().is_some_and(Baselined::is_in_force)
    }
}

/// A number that shows a symptom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NumberReport {
    /// Its name.
    pub name: &'static str,
    /// The number, in its unit.
    pub value: f64,
    /// What it counts.
    pub unit: UnitReport,
    /// The same in the time that it is compared with.
    pub usual: Option<f64>,
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitReport {
    /// Seconds.
    Seconds,
    /// Things.
    Count,
    /// Things a second.
    Rate,
    /// A share of one.
    Share,
    /// How many times as much.
    Factor,
}

/// A test of the hypothesis that there is no difference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TestReport {
    /// Its name.
    pub name: &'static str,
    /// The probability of so large a difference by chance.
    pub p: f64,
    /// The same, corrected for how many tests were made on the history.
    pub q: f64,
}

/// Things that came one after the other, the root first. It says nothing but that order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChainReport {
    /// What came, in the order of its beginnings.
    pub links: Vec<LinkReport>,
    /// The same in a sentence.
    pub message: String,
}

/// One of the things that came one after the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LinkReport {
    /// The code of the symptom or the anomaly; of a fault, its name.
    pub code: String,
    /// What to call it: `fail-slow node`, `stale read`; of a fault, the nodes that it was done to.
    pub label: String,
    /// Whether it was done to the system.
    pub is_fault: bool,
    /// From when on, in seconds as those of the run are counted.
    pub from: f64,
    /// Until when; none where it had no end.
    pub to: Option<f64>,
}

/// Wrong answers while all that dashboards show was as always.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GreenReport {
    /// How many proved anomalies were there meanwhile.
    pub wrong: usize,
    /// Of how many.
    pub of: usize,
    /// The share of operations that did not happen, then and usually.
    pub errors: (f64, f64),
    /// The latency that 99 % of operations did not exceed, then and usually, in seconds.
    pub p99: (f64, f64),
}

/// Two sides that were apart.
#[derive(Clone, Debug, PartialEq)]
pub struct SplitReport {
    /// What shows it: `grants`, `prefixes`, `jointly` or `vanished`.
    pub rung: &'static str,
    /// Whether the sides are nodes; else they are clients.
    pub are_nodes: bool,
    /// Who was on which side.
    pub sides: [Vec<Shown>; 2],
    /// From when to when, in seconds of the recorded time.
    pub window: (Option<f64>, Option<f64>),
    /// The fault meanwhile.
    pub fault: Option<WindowReport>,
    /// How much each side acknowledged.
    pub acknowledged: [usize; 2],
    /// How many answers of each side lack what the other one had acknowledged.
    pub missed: [usize; 2],
    /// On how many parts.
    pub parts: usize,
    /// Which operation first saw on one side what the other had written.
    pub heal: Option<Healed>,
    /// How much of what the first side acknowledged is lost.
    pub lost: Option<usize>,
}

/// Where two sides were first seen to be one again.
#[derive(Clone, Debug, PartialEq)]
pub struct Healed {
    /// The line of the answer.
    pub line: usize,
    /// When, in seconds of the recorded time.
    pub at: Option<f64>,
}
