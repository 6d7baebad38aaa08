//! A part of a history that was checked apart.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::gate::Baselined;
use super::stop::{Frontier, Possible};
use super::{Json, Text, Verdict, round, shown};
use crate::operation::OperationReport;
use crate::part::{PartReport, PartVerdict, RefutationReport, UnknownReport};
use crate::report::HistoryReport;
use crate::shown::Shown;
use crate::{explain, found};

/// A part of a history that was checked apart: what has one key, or touches the same pieces.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Part<'a> {
    /// The key that its operations share.
    pub key: Option<Json<'a>>,
    /// The pieces of the object that were touched together, where the model tells them apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub touched: Vec<Json<'a>>,
    /// `valid`, `invalid` or `unknown`.
    pub verdict: Verdict,
    /// How many operations were checked.
    pub operations: usize,
    /// How it was decided.
    pub strategy: Text<'a>,
    /// How many configurations a search entered.
    pub configurations: u64,
    /// How long it took; absent where times are not wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elapsed_ms: Option<f64>,
    /// Why it is not decided.
    pub unknown: Option<Unknown<'a>>,
    /// Why there is no order.
    pub refutation: Option<Refutation<'a>>,
    /// The number of its first operation, in the report of a shard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<u32>,
}

/// Why a part is not decided, and how far its search came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Unknown<'a> {
    /// What stopped it: `timeout`, `memory`, `configurations` or `interrupted`.
    pub reason: Text<'a>,
    /// How many returns some order was found for, one after the other from the start.
    pub returns_reached: usize,
    /// How many returns the part has.
    pub returns_total: usize,
    /// Their share, from 0 to 1.
    pub share: f64,
    /// The most operations that were open at once, those of unknown outcome not counted.
    pub width: usize,
    /// How many operations of unknown outcome it has.
    pub indeterminate: usize,
    /// How many configurations were entered.
    pub configurations: u64,
    /// What to do about it.
    pub advice: Text<'a>,
}

/// Why there is no order of a part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Refutation<'a> {
    /// The operation whose return ends the shortest prefix without an order.
    pub operation: Operation<'a>,
    /// How many operations of the part were called by then.
    pub prefix_operations: usize,
    /// Whether an anomaly names it.
    #[serde(default)]
    pub is_named: bool,
    /// Few operations that show it by themselves, where they were found.
    pub evidence: Option<Evidence<'a>>,
    /// What could have been answered to the operation, where the part has no name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub possible: Option<Possible<'a>>,
    /// What may be the case where it returns, where the part has no name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frontier: Option<Frontier<'a>>,
    /// Where the part has no name: what stays the same when the same part is violated again at what was asked the same.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub fingerprint: Text<'a>,
    /// The entry of a baseline that it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baselined: Option<Baselined>,
}

/// Few operations that show a refutation by themselves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence<'a> {
    /// What they show.
    pub message: Text<'a>,
    /// The operations, in the order of their calls.
    pub operations: Vec<Operation<'a>>,
}

/// An operation of a history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Operation<'a> {
    /// Its number: operations are numbered from 0 in the order of their calls.
    pub id: u32,
    /// Its client.
    pub process: Json<'a>,
    /// What was asked.
    pub f: Text<'a>,
    /// The key of its part.
    pub key: Option<Json<'a>>,
    /// The argument.
    pub argument: Option<Json<'a>>,
    /// The answer.
    pub value: Option<Json<'a>>,
    /// The node that was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<Json<'a>>,
    /// What it did, as the model tells it.
    pub shown: Text<'a>,
    /// The file that it is in.
    pub path: Text<'a>,
    /// The line on which it ended, as far as is recorded.
    pub line: usize,
    /// The line on which it was called.
    pub call_line: usize,
}

impl<'a> Part<'a> {
    /// The part as a person calls it: `key 17`, or the object that the key-value store is.
    pub fn name(&self) -> String {
        let pieces = || {
            let first: Vec<_> =
                self.touched.iter().take(PartReport::NAMED).map(|piece| shown(piece)).collect();
            match self.touched.len() {
                1 => format!("key {}", first.join(", ")),
                ..=PartReport::NAMED => format!("keys {}", first.join(", ")),
                total => format!("keys {} and {} more", first.join(", "), total - PartReport::NAMED),
            }
        };
        match (&self.key, self.touched.is_empty()) {
            (Some(key), true) => format!("key {}", shown(key)),
            (Some(key), false) => format!("key {}, {}", shown(key), pieces()),
            (None, true) => "the history".to_owned(),
            (None, false) => pieces(),
        }
    }

    pub(super) fn new(part: &'a PartReport, history: &HistoryReport) -> Self {
        let (verdict, unknown, refutation) = match &part.verdict {
            PartVerdict::Valid => (Verdict::Valid, None, None),
            PartVerdict::Unknown(unknown) => (Verdict::Unknown, Some(Unknown::new(unknown)), None),
            PartVerdict::Invalid(refutation) => {
                (Verdict::Invalid, None, Some(Refutation::new(part, refutation, history)))
            }
        };
        Self {
            key: part.key.as_ref().map(|key| Cow::Borrowed(&key.json)),
            touched: part.touched.iter().map(|piece| Cow::Borrowed(&piece.json)).collect(),
            verdict,
            operations: part.operations,
            strategy: part.strategy.into(),
            configurations: part.configurations,
            elapsed_ms: part.elapsed.map(|elapsed| round(elapsed.as_secs_f64() * 1e3, 1e3)),
            unknown,
            refutation,
            first: part.first,
        }
    }
}

impl<'a> Unknown<'a> {
    fn new(unknown: &'a UnknownReport) -> Self {
        Self {
            reason: unknown.reason.into(),
            returns_reached: unknown.returns_reached,
            returns_total: unknown.returns_total,
            share: round(unknown.share(), 1e4),
            width: unknown.width,
            indeterminate: unknown.indeterminate,
            configurations: unknown.configurations,
            advice: (&unknown.advice).into(),
        }
    }
}

impl<'a> Refutation<'a> {
    fn new(part: &'a PartReport, refutation: &'a RefutationReport, history: &HistoryReport) -> Self {
        let evidence = explain::suffices(refutation).map(|message| {
            let operations = refutation.evidence.iter().map(|operation| Operation::new(part, operation));
            Evidence { message: message.into(), operations: operations.collect() }
        });
        let operation = Operation::new(part, &refutation.operation);
        let &RefutationReport { prefix_operations, is_named, .. } = refutation;
        let possible = refutation.instead.as_ref().map(Possible::new);
        let frontier = refutation.frontier.as_ref().map(Frontier::new);
        let model = history.model.as_ref().map(|model| model.name);
        let fingerprint = if is_named { String::new() } else { found::of_part(part, refutation, model) };
        let (fingerprint, baselined) = (fingerprint.into(), refutation.baselined.clone());
        Self { operation, prefix_operations, is_named, evidence, possible, frontier, fingerprint, baselined }
    }
}

impl<'a> Operation<'a> {
    fn new(part: &'a PartReport, operation: &'a OperationReport) -> Self {
        let end = operation.end.as_ref().unwrap_or(&operation.call);
        let json = |shown: &'a Option<Shown>| shown.as_ref().map(|shown| Cow::Borrowed(&shown.json));
        Self {
            id: operation.id,
            process: Cow::Borrowed(&operation.process.json),
            f: (&operation.function).into(),
            key: json(&part.key),
            argument: json(&operation.argument),
            value: json(&operation.value),
            node: json(&operation.node),
            shown: (&operation.shown).into(),
            path: (&end.path).into(),
            line: end.line,
            call_line: operation.call.line,
        }
    }
}
