//! A pattern of a history, beside its violations.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::finding::{Fault, Role};
use super::gate::Baselined;
use super::{Json, Text, finite};
use crate::found;
use crate::report::HistoryReport;
use crate::symptom::{NumberReport, SplitReport, SymptomReport, UnitReport};
use crate::told;

/// A pattern of a history, beside its violations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Symptom<'a> {
    /// Its stable code.
    pub code: Text<'a>,
    /// Its name, with hyphens.
    pub name: Text<'a>,
    /// `note`; `error` where the run fails for it, since somebody asked for that.
    #[serde(default = "note")]
    pub severity: Text<'a>,
    /// `seen`, or `consistent with`.
    pub confidence: Text<'a>,
    /// What was seen, in sentences.
    pub message: Text<'a>,
    /// From when on it was seen, in seconds of the recorded time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_s: Option<f64>,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_s: Option<f64>,
    /// Where it was seen; none where that is the whole system, or is told in the sentences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<SymptomScope<'a>>,
    /// The numbers that show it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<Number<'a>>,
    /// How large the difference is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect<'a>>,
    /// In how many operations it was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<Sample>,
    /// The statistical test, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<Test<'a>>,
    /// What else leaves the same trace.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub confounders: Vec<Text<'a>>,
    /// The fault that it goes with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault<'a>>,
    /// `during` that fault, or `after` it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<Text<'a>>,
    /// The two sides, where there are some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<Split<'a>>,
    /// Few operations that show it.
    pub operations: Vec<Role<'a>>,
    /// What stays the same when the same thing is seen again.
    #[serde(default)]
    pub fingerprint: Text<'a>,
    /// The entry of a baseline that it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baselined: Option<Baselined>,
}

fn note<'a>() -> Text<'a> {
    "note".into()
}

/// Where a symptom was seen; all of what is empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SymptomScope<'a> {
    /// At these nodes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<Json<'a>>,
    /// By these clients.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub processes: Vec<Json<'a>>,
    /// On these keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<Json<'a>>,
    /// Asking for this.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub functions: Vec<Text<'a>>,
    /// The same in words: `at n2`.
    pub shown: Text<'a>,
}

/// A number that shows a symptom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Number<'a> {
    /// Its name.
    pub name: Text<'a>,
    /// The number, in its unit.
    pub value: f64,
    /// What it counts: `seconds`, `count`, `rate` (a second), `share` (of one), or `factor`.
    pub unit: Text<'a>,
    /// The same in the time that it is compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usual: Option<f64>,
    /// The number as people write it, with its unit.
    pub shown: Text<'a>,
    /// What it usually is, written so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usual_shown: Option<Text<'a>>,
}

/// How large a difference is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Effect<'a> {
    /// In which measure.
    pub measure: Text<'a>,
    /// How large it is in that.
    pub value: f64,
}

/// How many operations stand behind a symptom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sample {
    /// In how many it was seen.
    pub seen: u64,
    /// With how many these were compared.
    pub compared_with: u64,
}

/// A test of the hypothesis that there is no difference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Test<'a> {
    /// Its name.
    pub name: Text<'a>,
    /// The probability of so large a difference by chance.
    pub p: f64,
    /// The same, corrected for how many tests were made on the history (Benjamini and Hochberg, 1995).
    pub q: f64,
}

/// Two sides that were apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Split<'a> {
    /// What shows it: `grants`, `prefixes`, `jointly` or `vanished`.
    pub rung: Text<'a>,
    /// `nodes` or `clients`.
    pub sides_are: Text<'a>,
    /// Who was on which side.
    pub sides: [Vec<Json<'a>>; 2],
    /// From when on, in seconds of the recorded time.
    pub from_s: Option<f64>,
    /// Until when.
    pub to_s: Option<f64>,
    /// The fault meanwhile.
    pub fault: Option<Fault<'a>>,
    /// How much each side acknowledged.
    pub acknowledged: [usize; 2],
    /// How many answers of each side lack what the other one had acknowledged.
    pub missed: [usize; 2],
    /// In how many parts.
    pub parts: usize,
    /// The line of the answer that first saw on one side what the other had written.
    pub heal_line: Option<usize>,
    /// When, in seconds of the recorded time.
    pub heal_s: Option<f64>,
    /// How much of what the first side acknowledged is lost.
    pub lost: Option<usize>,
}

impl<'a> Symptom<'a> {
    pub(crate) fn new(symptom: &'a SymptomReport, history: &HistoryReport) -> Self {
        let split = symptom.split.as_ref();
        let side = |at: fn(&SplitReport) -> Option<f64>| split.and_then(at);
        let (from, to) = symptom.window.unzip();
        Self {
            code: symptom.code.into(),
            name: symptom.name.replace(' ', "-").into(),
            severity: if symptom.is_gated { "error" } else { "note" }.into(),
            confidence: if symptom.is_likeness { "consistent with" } else { "seen" }.into(),
            message: (&symptom.message).into(),
            from_s: from.and_then(finite).or_else(|| side(|split| split.window.0)),
            to_s: to.and_then(finite).or_else(|| side(|split| split.window.1)),
            scope: SymptomScope::new(symptom),
            numbers: symptom.numbers.iter().filter_map(Number::new).collect(),
            effect: symptom
                .effect
                .and_then(|(measure, value)| Some(Effect { measure: measure.into(), value: finite(value)? })),
            sample: symptom.sample.map(|(seen, compared_with)| Sample { seen, compared_with }),
            test: symptom.test.and_then(|test| {
                Some(Test { name: test.name.into(), p: finite(test.p)?, q: finite(test.q)? })
            }),
            confounders: symptom.confounders.iter().map(|&of| of.into()).collect(),
            fault: symptom.fault.as_ref().map(|(fault, _)| Fault::new(fault)),
            phase: symptom.fault.as_ref().map(|&(_, phase)| phase.into()),
            split: split.map(Split::new),
            operations: symptom.operations.iter().map(|of| Role::new(of, history)).collect(),
            fingerprint: found::of_symptom(symptom, history.model.as_ref().map(|model| model.name)).into(),
            baselined: symptom.baselined.clone(),
        }
    }

    /// Whether the run fails for it: somebody asked for that, and no baseline lets it pass.
    pub(crate) fn is_failing(&self) -> bool {
        self.severity == "error" && !self.baselined.as_ref().is_some_and(Baselined::is_in_force)
    }
}

impl<'a> SymptomScope<'a> {
    fn new(symptom: &'a SymptomReport) -> Option<Self> {
        let SymptomReport { nodes, processes, keys, functions, .. } = symptom;
        if nodes.is_empty() && processes.is_empty() && keys.is_empty() && functions.is_empty() {
            return None;
        }
        Some(Self {
            nodes: nodes.iter().map(|name| Cow::Borrowed(&name.json)).collect(),
            processes: processes.iter().map(|name| Cow::Borrowed(&name.json)).collect(),
            keys: keys.iter().map(|name| Cow::Borrowed(&name.json)).collect(),
            functions: functions.iter().map(Into::into).collect(),
            shown: told::place(nodes, processes, keys, functions).into(),
        })
    }
}

impl Number<'_> {
    /// A number; none where JSON has none for it.
    fn new(number: &NumberReport) -> Option<Self> {
        let unit = match number.unit {
            UnitReport::Seconds => "seconds",
            UnitReport::Count => "count",
            UnitReport::Rate => "rate",
            UnitReport::Share => "share",
            UnitReport::Factor => "factor",
        };
        let usual = number.usual.and_then(finite);
        Some(Self {
            name: number.name.replace('_', " ").into(),
            value: finite(number.value)?,
            unit: unit.into(),
            usual,
            shown: told::number(number.value, number.unit).into(),
            usual_shown: usual.map(|usual| told::number(usual, number.unit).into()),
        })
    }
}

impl<'a> Split<'a> {
    fn new(split: &'a SplitReport) -> Self {
        let names = split.sides.each_ref();
        Self {
            rung: split.rung.into(),
            sides_are: if split.are_nodes { "nodes" } else { "clients" }.into(),
            sides: names.map(|side| side.iter().map(|name| Cow::Borrowed(&name.json)).collect()),
            from_s: split.window.0,
            to_s: split.window.1,
            fault: split.fault.as_ref().map(Fault::new),
            acknowledged: split.acknowledged,
            missed: split.missed,
            parts: split.parts,
            heal_line: split.heal.as_ref().map(|heal| heal.line),
            heal_s: split.heal.as_ref().and_then(|heal| heal.at),
            lost: split.lost,
        }
    }
}
