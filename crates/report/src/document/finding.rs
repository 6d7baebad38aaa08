//! A violation that has a name.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::gate::Baselined;
use super::placement::Placements;
use super::stop::{Frontier, Possible};
use super::{Json, Text, round};
use crate::finding::{AnomalyOperation, AnomalyReport, Counts, ScopeReport, WindowReport};
use crate::found;
use crate::report::HistoryReport;
use crate::shown::Shown;
use crate::words::shortened;

/// A violation that has a name: the first instance of its kind, and how many there are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Anomaly<'a> {
    /// Its stable code: `seriatim explain CODE` tells what it is.
    pub code: Text<'a>,
    /// Its name, with hyphens.
    pub name: Text<'a>,
    /// How many observations show it.
    pub count: usize,
    /// In how many parts.
    pub parts: usize,
    /// What stays the same when the same thing happens again: the code, the object, and what the operations of the first
    /// instance were asked, without values, times or lines.
    #[serde(default)]
    pub fingerprint: Text<'a>,
    /// The key of the first instance.
    pub key: Option<Json<'a>>,
    /// The number of the operation that the first instance is about.
    #[serde(default)]
    pub subject: u32,
    /// The first instance, in a sentence.
    pub message: Text<'a>,
    /// The operations that the sentence speaks of.
    pub operations: Vec<Role<'a>>,
    /// Which of the operations must come before which in every order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edges: Vec<Edge<'a>>,
    /// Others of the same part that were under way about then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub around: Vec<Role<'a>>,
    /// The operations that show it by themselves.
    pub minimal: Minimal,
    /// How late the answer was, where times tell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lag: Option<Lag>,
    /// How many versions the answer of the first instance is behind, at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub versions_behind: Option<u32>,
    /// Where and when all instances were.
    pub scope: Scope<'a>,
    /// What could have been answered where the part of the first instance stops being linearizable, as far as that was
    /// found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub possible: Option<Possible<'a>>,
    /// What may be the case where it does so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frontier: Option<Frontier<'a>>,
    /// Where its operations, and those around it, could stand in the order of the frontier's steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placements: Option<Placements<'a>>,
    /// The entry of a baseline that it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baselined: Option<Baselined>,
    /// The number of the first operation of the part of the first instance, in the report of a shard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<u32>,
}

/// One operation before another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Edge<'a> {
    /// The number of the earlier one.
    pub from: u32,
    /// The number of the later one.
    pub to: u32,
    /// Why: `real time`, `read from`, `older` or `swapped away`.
    pub because: Text<'a>,
}

/// The operations that show a violation by themselves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Minimal {
    /// How many they are.
    pub operations: usize,
    /// The lines on which they ended.
    pub lines: Vec<usize>,
}

/// How late answers were, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Lag {
    /// The first.
    pub first_ms: f64,
    /// The latest of all.
    pub longest_ms: f64,
}

/// Where and when all instances were, the most frequent first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Scope<'a> {
    /// By the node that was asked.
    pub nodes: Vec<Count<'a>>,
    /// By the key.
    pub keys: Vec<Count<'a>>,
    /// By the client.
    pub processes: Vec<Count<'a>>,
    /// By the fault meanwhile.
    pub faults: Vec<CountedFault<'a>>,
}

/// How many instances have a node, a key or a client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Count<'a> {
    /// Which; none where nobody tells.
    pub value: Option<Json<'a>>,
    /// How many.
    pub count: usize,
}

/// How many instances there are during a fault.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CountedFault<'a> {
    /// Which; none for those outside of all.
    pub fault: Option<Fault<'a>>,
    /// How many.
    pub count: usize,
}

/// A fault, from when to when in seconds of the recorded time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fault<'a> {
    /// What was done.
    pub name: Text<'a>,
    /// To which nodes.
    pub nodes: Vec<Text<'a>>,
    /// From when on.
    pub from_s: Option<f64>,
    /// Until when.
    pub to_s: Option<f64>,
}

/// An operation of a finding, and its part in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Role<'a> {
    /// Its part: `read`, `write`, `overwrite` and the like.
    pub role: Text<'a>,
    /// Its number: operations are numbered from 0 in the order of their calls.
    #[serde(default)]
    pub id: u32,
    /// Its client.
    pub process: Json<'a>,
    /// The node that was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<Json<'a>>,
    /// What it was asked.
    #[serde(default)]
    pub f: Text<'a>,
    /// What became of it: `ok`, `fail` or `info`.
    #[serde(default)]
    pub outcome: Text<'a>,
    /// When it was called, in seconds of the recorded time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_s: Option<f64>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_s: Option<f64>,
    /// The file that it is in, where the history has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Text<'a>>,
    /// What it did, as the model tells it.
    pub shown: Text<'a>,
    /// What it was answered, or the beginning of that where it is long; of those that were only under way, of which `shown`
    /// says no more than what they were asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<Text<'a>>,
    /// The line on which it ended, as far as is recorded.
    pub line: usize,
    /// The line on which it was called.
    pub call_line: usize,
    /// What recorded its call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_text: Option<Text<'a>>,
    /// What recorded its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_text: Option<Text<'a>>,
}

impl<'a> Anomaly<'a> {
    pub(super) fn new(anomaly: &'a AnomalyReport, history: &HistoryReport) -> Self {
        let mut lines: Vec<usize> = anomaly.operations.iter().map(|of| of.operation.last_line()).collect();
        lines.sort_unstable();
        Self {
            code: anomaly.code.into(),
            name: anomaly.name.replace(' ', "-").into(),
            count: anomaly.count,
            parts: anomaly.parts,
            fingerprint: found::of_anomaly(anomaly, history.model.as_ref().map(|model| model.name)).into(),
            key: anomaly.key.as_ref().map(|key| Cow::Borrowed(&key.json)),
            subject: anomaly.subject,
            message: (&anomaly.message).into(),
            operations: anomaly.operations.iter().map(|of| Role::new(of, history)).collect(),
            edges: anomaly
                .edges
                .iter()
                .map(|&(from, to, because)| Edge { from, to, because: because.into() })
                .collect(),
            around: anomaly.around.iter().map(|of| Role::around(of, history)).collect(),
            minimal: Minimal { operations: lines.len(), lines },
            lag: anomaly.lag.map(|(first, longest)| Lag {
                first_ms: milliseconds(first),
                longest_ms: milliseconds(longest),
            }),
            versions_behind: anomaly.versions,
            scope: Scope::new(&anomaly.scope),
            possible: anomaly.instead.as_ref().map(Possible::new),
            frontier: anomaly.frontier.as_ref().map(Frontier::new),
            placements: anomaly.placements.as_ref().map(Placements::new),
            baselined: anomaly.baselined.clone(),
            first: anomaly.first,
        }
    }
}

impl<'a> Fault<'a> {
    pub(super) fn new(window: &'a WindowReport) -> Self {
        let WindowReport { name, nodes, from, to } = window;
        let nodes = nodes.iter().map(|node| node.into()).collect();
        Self { name: name.into(), nodes, from_s: *from, to_s: *to }
    }
}

impl<'a> Scope<'a> {
    fn new(scope: &'a ScopeReport) -> Self {
        let counts = |counts: &'a Counts<Shown>| {
            let count = |(value, count): &'a (Option<Shown>, usize)| Count {
                value: value.as_ref().map(|value| Cow::Borrowed(&value.json)),
                count: *count,
            };
            counts.iter().map(count).collect()
        };
        let fault = |(window, count): &'a (Option<WindowReport>, usize)| CountedFault {
            fault: window.as_ref().map(Fault::new),
            count: *count,
        };
        Self {
            nodes: counts(&scope.nodes),
            keys: counts(&scope.keys),
            processes: counts(&scope.processes),
            faults: scope.windows.iter().map(fault).collect(),
        }
    }
}

impl<'a> Role<'a> {
    pub(super) fn new(of: &'a AnomalyOperation, history: &HistoryReport) -> Self {
        let operation = &of.operation;
        let origin = history.origin;
        let seconds = |time: i64| round((time - origin) as f64 / 1e9, 1e9);
        let (call, end) = operation.times;
        Self {
            role: of.role.into(),
            id: operation.id,
            process: Cow::Borrowed(&operation.process.json),
            node: operation.node.as_ref().map(|node| Cow::Borrowed(&node.json)),
            f: (&operation.function).into(),
            outcome: operation.outcome.word().into(),
            call_s: call.map(seconds),
            end_s: end.map(seconds),
            path: Some(&operation.call.path).filter(|path| **path != history.path).map(|path| path.into()),
            shown: (&operation.shown).into(),
            answered: None,
            line: operation.last_line(),
            call_line: operation.call.line,
            call_text: operation.raw.0.as_ref().map(|text| text.into()),
            end_text: operation.raw.1.as_ref().map(|text| text.into()),
        }
    }
}

impl<'a> Role<'a> {
    /// The same of an operation that was only under way: nothing but this says what it was answered.
    fn around(of: &'a AnomalyOperation, history: &HistoryReport) -> Self {
        /// So much of an answer is told.
        const READABLE: usize = 200;
        let answered = of.operation.value.as_ref().map(|value| shortened(&value.text, READABLE));
        Self { answered, ..Self::new(of, history) }
    }
}

pub(super) fn milliseconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e6
}
