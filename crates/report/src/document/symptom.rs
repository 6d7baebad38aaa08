//! A pattern of a history, beside its violations.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::finding::{Fault, Role};
use super::gate::Baselined;
use super::{Json, Text};
use crate::found;
use crate::report::HistoryReport;
use crate::symptom::{SplitReport, SymptomReport};

/// A pattern of a history, beside its violations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Symptom<'a> {
    /// Its stable code.
    pub code: Text<'a>,
    /// Its name, with hyphens.
    pub name: Text<'a>,
    /// `seen`, or `consistent with`.
    pub confidence: Text<'a>,
    /// What was seen, in sentences.
    pub message: Text<'a>,
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
    pub(super) fn new(symptom: &'a SymptomReport, history: &HistoryReport) -> Self {
        Self {
            code: symptom.code.into(),
            name: symptom.name.replace(' ', "-").into(),
            confidence: if symptom.is_likeness { "consistent with" } else { "seen" }.into(),
            message: (&symptom.message).into(),
            split: symptom.split.as_ref().map(Split::new),
            operations: symptom.operations.iter().map(|of| Role::new(of, history)).collect(),
            fingerprint: found::of_symptom(symptom, history.model.as_ref().map(|model| model.name)).into(),
            baselined: symptom.baselined.clone(),
        }
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
