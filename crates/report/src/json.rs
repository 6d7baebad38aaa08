//! The report for programs: schema `seriatim-report/1`. Changes only add to it.

mod stop;

use std::io;

use serde::Serialize;
use serde_json::Value;
use seriatim_history::Severity;

use self::stop::{Frontier, Possible};
use crate::Renderer;
use crate::explain;
use crate::finding::{
    AnomalyOperation, AnomalyReport, Counts, GuaranteeAnswer, KeptReport, ScopeReport, SplitReport,
    SymptomReport, WindowReport,
};
use crate::report::{
    HistoryReport, OperationReport, OptionInForce, PartReport, PartVerdict, Problem, RefutationReport,
    Report, Shown, UnknownReport,
};

/// The name of the schema.
pub const SCHEMA: &str = "seriatim-report/1";

/// Renders the whole report as one JSON object.
#[derive(Clone, Copy, Debug, Default)]
pub struct Json;

impl Renderer for Json {
    fn render(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
        let whole = Whole {
            schema: SCHEMA,
            verdict: report.verdict.word(),
            exit_code: report.exit_code,
            histories: report.histories.iter().map(History::new).collect(),
            notes: report.notes.iter().map(String::as_str).collect(),
        };
        serde_json::to_writer_pretty(&mut *out, &whole)?;
        writeln!(out)
    }
}

/// Renders each history as one JSON object on a line of its own.
#[derive(Clone, Copy, Debug, Default)]
pub struct Jsonl;

impl Renderer for Jsonl {
    fn render(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
        for history in &report.histories {
            serde_json::to_writer(&mut *out, &Line { schema: SCHEMA, history: History::new(history) })?;
            writeln!(out)?;
        }
        Ok(())
    }
}

#[derive(Serialize)]
struct Whole<'a> {
    schema: &'static str,
    verdict: &'static str,
    exit_code: u8,
    histories: Vec<History<'a>>,
    notes: Vec<&'a str>,
}

#[derive(Serialize)]
struct Line<'a> {
    schema: &'static str,
    #[serde(flatten)]
    history: History<'a>,
}

#[derive(Serialize)]
struct History<'a> {
    path: &'a str,
    format: Option<&'static str>,
    model: Option<&'static str>,
    model_source: Option<&'static str>,
    model_inferred: bool,
    property: &'static str,
    verdict: &'static str,
    options: serde_json::Map<String, Value>,
    operations: Operations,
    parts: Vec<Part<'a>>,
    anomalies: Vec<Anomaly<'a>>,
    symptoms: Vec<Symptom<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    still_holds: Option<Kept>,
    diagnostics: Vec<Diagnostic<'a>>,
    diagnostics_total: usize,
    notes: Vec<Diagnostic<'a>>,
}

impl<'a> History<'a> {
    fn new(history: &'a HistoryReport) -> Self {
        let source = history.model.as_ref().map(|model| model.source);
        let all = history.operations;
        debug_assert_eq!(history.proved.parts, 0, "programs are told each part");
        Self {
            path: &history.path,
            format: history.format,
            model: history.model.as_ref().map(|model| model.name),
            model_source: source.map(crate::ModelSource::word),
            model_inferred: source == Some(crate::ModelSource::Inferred),
            property: history.property,
            verdict: history.verdict.word(),
            options: history.options.iter().map(option).collect(),
            operations: Operations {
                total: all.total,
                ok: all.ok,
                fail: all.fail,
                info: all.info,
                faults: all.faults,
            },
            parts: history.parts.iter().map(Part::new).collect(),
            anomalies: history.anomalies.iter().map(Anomaly::new).collect(),
            symptoms: history.symptoms.iter().map(Symptom::new).collect(),
            still_holds: history.kept.as_ref().map(Kept::new),
            diagnostics: history.diagnostics.iter().map(Diagnostic::new).collect(),
            diagnostics_total: history.diagnostics_total,
            notes: history.notes.iter().map(Diagnostic::new).collect(),
        }
    }
}

#[derive(Serialize)]
struct Anomaly<'a> {
    code: &'static str,
    name: String,
    count: usize,
    parts: usize,
    key: Option<&'a Value>,
    message: &'a str,
    operations: Vec<Role<'a>>,
    minimal: Minimal,
    #[serde(skip_serializing_if = "Option::is_none")]
    lag: Option<Lag>,
    #[serde(skip_serializing_if = "Option::is_none")]
    versions_behind: Option<u32>,
    scope: Scope<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    possible: Option<Possible<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frontier: Option<Frontier<'a>>,
}

/// The operations that show it by themselves.
#[derive(Serialize)]
struct Minimal {
    operations: usize,
    lines: Vec<usize>,
}

/// How late the first answer was, and the latest of all.
#[derive(Serialize)]
struct Lag {
    first_ms: f64,
    longest_ms: f64,
}

/// Where and when all instances were.
#[derive(Serialize)]
struct Scope<'a> {
    nodes: Vec<Count<'a>>,
    keys: Vec<Count<'a>>,
    processes: Vec<Count<'a>>,
    faults: Vec<CountedFault<'a>>,
}

#[derive(Serialize)]
struct Count<'a> {
    value: Option<&'a Value>,
    count: usize,
}

#[derive(Serialize)]
struct CountedFault<'a> {
    fault: Option<Fault<'a>>,
    count: usize,
}

/// A fault, from when to when in seconds of the recorded time.
#[derive(Serialize)]
struct Fault<'a> {
    name: &'a str,
    nodes: &'a [String],
    from_s: Option<f64>,
    to_s: Option<f64>,
}

impl<'a> Fault<'a> {
    fn new(window: &'a WindowReport) -> Self {
        let WindowReport { name, nodes, from, to } = window;
        Self { name, nodes, from_s: *from, to_s: *to }
    }
}

impl<'a> Scope<'a> {
    fn new(scope: &'a ScopeReport) -> Self {
        let counts = |counts: &'a Counts<Shown>| {
            let count = |(value, count): &'a (Option<Shown>, usize)| Count {
                value: value.as_ref().map(|value| &value.json),
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

/// A pattern of the history.
#[derive(Serialize)]
struct Symptom<'a> {
    code: &'static str,
    name: String,
    /// `seen`, or `consistent with`.
    confidence: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    split: Option<Split<'a>>,
    operations: Vec<Role<'a>>,
}

/// What a history keeps to that is not linearizable.
#[derive(Serialize)]
struct Kept {
    strongest: Vec<&'static str>,
    whole: Vec<Guarantee>,
    violated_parts: Vec<OfParts>,
    /// By how much the clocks would have to differ for that many parts to be linearizable.
    delta_ms: Option<f64>,
    delta_parts: usize,
    versions_behind: u32,
}

#[derive(Serialize)]
struct Guarantee {
    name: &'static str,
    holds: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<Vec<usize>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_determined: Option<&'static str>,
}

#[derive(Serialize)]
struct OfParts {
    name: &'static str,
    holds: usize,
    broken: usize,
    not_determined: usize,
}

impl Kept {
    fn new(kept: &KeptReport) -> Self {
        let whole = kept.whole.iter().map(|of| {
            let (holds, lines, not_determined) = match &of.answer {
                GuaranteeAnswer::Holds => (Some(true), None, None),
                GuaranteeAnswer::Broken(lines) => (Some(false), Some(lines.clone()), None),
                GuaranteeAnswer::NotDetermined(why) => (None, None, Some(*why)),
            };
            Guarantee { name: of.name, holds, lines, not_determined }
        });
        let parts = kept.parts.iter().map(|&(name, [holds, broken, not_determined])| OfParts {
            name,
            holds,
            broken,
            not_determined,
        });
        Self {
            strongest: kept.whole.iter().filter(|of| of.is_strongest).map(|of| of.name).collect(),
            whole: whole.collect(),
            violated_parts: parts.collect(),
            delta_ms: kept.delta.map(|(delta, _)| milliseconds(delta)),
            delta_parts: kept.delta.map_or(0, |(_, of)| of),
            versions_behind: kept.versions,
        }
    }
}

/// Two sides that were apart.
#[derive(Serialize)]
struct Split<'a> {
    rung: &'static str,
    sides_are: &'static str,
    sides: [Vec<&'a Value>; 2],
    from_s: Option<f64>,
    to_s: Option<f64>,
    fault: Option<Fault<'a>>,
    acknowledged: [usize; 2],
    missed: [usize; 2],
    parts: usize,
    heal_line: Option<usize>,
    heal_s: Option<f64>,
    lost: Option<usize>,
}

impl<'a> Split<'a> {
    fn new(split: &'a SplitReport) -> Self {
        Self {
            rung: split.rung,
            sides_are: if split.are_nodes { "nodes" } else { "clients" },
            sides: split.sides.each_ref().map(|side| side.iter().map(|name| &name.json).collect()),
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

impl<'a> Symptom<'a> {
    fn new(symptom: &'a SymptomReport) -> Self {
        Self {
            code: symptom.code,
            name: symptom.name.replace(' ', "-"),
            confidence: if symptom.is_likeness { "consistent with" } else { "seen" },
            message: &symptom.message,
            split: symptom.split.as_ref().map(Split::new),
            operations: symptom.operations.iter().map(Role::new).collect(),
        }
    }
}

impl<'a> Anomaly<'a> {
    fn new(anomaly: &'a AnomalyReport) -> Self {
        let mut lines: Vec<usize> = anomaly.operations.iter().map(|of| of.operation.last_line()).collect();
        lines.sort_unstable();
        Self {
            code: anomaly.code,
            name: anomaly.name.replace(' ', "-"),
            count: anomaly.count,
            parts: anomaly.parts,
            key: anomaly.key.as_ref().map(|key| &key.json),
            message: &anomaly.message,
            operations: anomaly.operations.iter().map(Role::new).collect(),
            minimal: Minimal { operations: lines.len(), lines },
            lag: anomaly.lag.map(|(first, longest)| Lag {
                first_ms: milliseconds(first),
                longest_ms: milliseconds(longest),
            }),
            versions_behind: anomaly.versions,
            scope: Scope::new(&anomaly.scope),
            possible: anomaly.instead.as_ref().map(Possible::new),
            frontier: anomaly.frontier.as_ref().map(Frontier::new),
        }
    }
}

fn milliseconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e6
}

impl<'a> Role<'a> {
    fn new(of: &'a AnomalyOperation) -> Self {
        let operation = &of.operation;
        let (process, shown) = (&operation.process.json, operation.shown.as_str());
        Role { role: of.role, process, shown, line: operation.last_line(), call_line: operation.call.line }
    }
}

#[derive(Serialize)]
struct Role<'a> {
    role: &'static str,
    process: &'a Value,
    shown: &'a str,
    /// Where it ended, as far as is recorded.
    line: usize,
    call_line: usize,
}

fn option(option: &OptionInForce) -> (String, Value) {
    (option.name.to_owned(), serde_json::json!({ "value": option.value, "from": option.source.word() }))
}

#[derive(Serialize)]
struct Operations {
    total: usize,
    ok: usize,
    fail: usize,
    info: usize,
    faults: usize,
}

#[derive(Serialize)]
struct Part<'a> {
    key: Option<&'a Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    touched: Vec<&'a Value>,
    verdict: &'static str,
    operations: usize,
    strategy: &'static str,
    configurations: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    elapsed_ms: Option<f64>,
    unknown: Option<Unknown<'a>>,
    refutation: Option<Refutation<'a>>,
}

impl<'a> Part<'a> {
    fn new(part: &'a PartReport) -> Self {
        let (unknown, refutation) = match &part.verdict {
            PartVerdict::Valid => (None, None),
            PartVerdict::Unknown(unknown) => (Some(Unknown::new(unknown)), None),
            PartVerdict::Invalid(refutation) => (None, Some(Refutation::new(part, refutation))),
        };
        Self {
            key: part.key.as_ref().map(|key| &key.json),
            touched: part.touched.iter().map(|piece| &piece.json).collect(),
            verdict: part.verdict.word(),
            operations: part.operations,
            strategy: part.strategy,
            configurations: part.configurations,
            elapsed_ms: part.elapsed.map(|elapsed| round(elapsed.as_secs_f64() * 1e3, 1e3)),
            unknown,
            refutation,
        }
    }
}

#[derive(Serialize)]
struct Unknown<'a> {
    reason: &'static str,
    returns_reached: usize,
    returns_total: usize,
    share: f64,
    width: usize,
    indeterminate: usize,
    configurations: u64,
    advice: &'a str,
}

impl<'a> Unknown<'a> {
    fn new(unknown: &'a UnknownReport) -> Self {
        Self {
            reason: unknown.reason,
            returns_reached: unknown.returns_reached,
            returns_total: unknown.returns_total,
            share: round(unknown.share(), 1e4),
            width: unknown.width,
            indeterminate: unknown.indeterminate,
            configurations: unknown.configurations,
            advice: &unknown.advice,
        }
    }
}

#[derive(Serialize)]
struct Refutation<'a> {
    operation: Operation<'a>,
    prefix_operations: usize,
    evidence: Option<Evidence<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    possible: Option<Possible<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frontier: Option<Frontier<'a>>,
}

/// Few operations that show a refutation by themselves.
#[derive(Serialize)]
struct Evidence<'a> {
    message: String,
    operations: Vec<Operation<'a>>,
}

impl<'a> Refutation<'a> {
    fn new(part: &'a PartReport, refutation: &'a RefutationReport) -> Self {
        let evidence = explain::suffices(refutation).map(|message| {
            let operations = refutation.evidence.iter().map(|operation| Operation::new(part, operation));
            Evidence { message, operations: operations.collect() }
        });
        let operation = Operation::new(part, &refutation.operation);
        Self {
            operation,
            prefix_operations: refutation.prefix_operations,
            evidence,
            possible: refutation.instead.as_ref().map(Possible::new),
            frontier: refutation.frontier.as_ref().map(Frontier::new),
        }
    }
}

impl<'a> Operation<'a> {
    fn new(part: &'a PartReport, operation: &'a OperationReport) -> Self {
        let end = operation.end.as_ref().unwrap_or(&operation.call);
        let json = |shown: &'a Option<Shown>| shown.as_ref().map(|shown| &shown.json);
        Self {
            id: operation.id,
            process: &operation.process.json,
            f: &operation.function,
            key: json(&part.key),
            argument: json(&operation.argument),
            value: json(&operation.value),
            node: json(&operation.node),
            shown: &operation.shown,
            path: &end.path,
            line: end.line,
            call_line: operation.call.line,
        }
    }
}

#[derive(Serialize)]
struct Operation<'a> {
    id: u32,
    process: &'a Value,
    f: &'a str,
    key: Option<&'a Value>,
    argument: Option<&'a Value>,
    value: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<&'a Value>,
    shown: &'a str,
    path: &'a str,
    line: usize,
    call_line: usize,
}

#[derive(Serialize)]
struct Diagnostic<'a> {
    severity: &'static str,
    message: &'a str,
    path: Option<&'a str>,
    line: Option<usize>,
    column: Option<usize>,
    help: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<Related<'a>>,
}

impl<'a> Diagnostic<'a> {
    fn new(problem: &'a Problem) -> Self {
        let place = problem.place.as_deref();
        let related = problem.related.iter().map(|related| Related {
            message: &related.message,
            path: &related.place.path,
            line: related.place.line,
            column: related.place.column,
        });
        Self {
            severity: match problem.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            message: &problem.message,
            path: place.map(|place| place.path.as_str()),
            line: place.map(|place| place.line),
            column: place.map(|place| place.column),
            help: problem.help.as_deref(),
            related: related.collect(),
        }
    }
}

#[derive(Serialize)]
struct Related<'a> {
    message: &'a str,
    path: &'a str,
    line: usize,
    column: usize,
}

fn round(number: f64, scale: f64) -> f64 {
    (number * scale).round() / scale
}
