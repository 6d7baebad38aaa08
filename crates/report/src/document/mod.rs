//! The report as a document: what the JSON schema `seriatim-report/1` describes, and all that other renderers may show.
//!
//! A document is made of a [`Report`], or read back from JSON, so that what was checked once can be rendered again
//! elsewhere. It borrows from the report what it can. Changes only add to it: every field that came later has a default.

mod chain;
mod finding;
mod gate;
mod kept;
mod part;
mod placement;
mod problem;
mod run;
mod stop;
mod symptom;

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use chain::{Chain, Green, Link};
pub use finding::{Anomaly, Count, CountedFault, Edge, Fault, Lag, Minimal, Role, Scope};
pub use gate::{Baselined, Shard, Share, Unmet};
pub use kept::{Guarantee, Kept, OfParts};
pub use part::{Evidence, Operation, Part, Refutation, Unknown};
pub use placement::{Placement, Placements, Span};
pub use problem::{Diagnostic, Related};
pub use run::{Phase, Run, Timeline};
pub use stop::{Frontier, Left, Open, Possible, PossibleValue, Standing, Step};
pub use symptom::{Effect, Number, Sample, Split, Symptom, SymptomScope, Test};

pub use crate::report::Verdict;
use crate::report::{HistoryReport, OptionInForce, Report};

/// The name of the schema.
pub const SCHEMA: &str = "seriatim-report/1";

/// A text that is borrowed from a report, or was read.
pub type Text<'a> = Cow<'a, str>;

/// A value of a history, as JSON: sets are arrays, and keys of maps are strings.
pub type Json<'a> = Cow<'a, serde_json::Value>;

/// What `seriatim check` found: the verdict on every history, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "seriatim-report/1")]
pub struct Document<'a> {
    /// `seriatim-report/1`. Later versions of the program only add fields.
    pub schema: Text<'a>,
    /// The worst verdict of all histories.
    pub verdict: Verdict,
    /// The code that the process ended with: 0 clean, 1 violation, 2 bad input, 3 unknown, 4 nothing checked, 130 interrupted.
    pub exit_code: u8,
    /// The version of the program that checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Text<'a>>,
    /// The command that was called, word by word, but for where its reports go, how they look, and how many threads it had.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<Text<'a>>,
    /// The histories, in the order in which they were given.
    pub histories: Vec<History<'a>>,
    /// Doubts about the run as a whole.
    pub notes: Vec<Text<'a>>,
    /// Which share of the parts of each history was decided, where that is not all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
}

/// What was found out about one history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct History<'a> {
    /// The file or directory, as the user named it.
    pub path: Text<'a>,
    /// The files that it was read from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileRead<'a>>,
    /// The name of its format; none where that was not found out.
    pub format: Option<Text<'a>>,
    /// The object that it was checked against; none where none was chosen.
    pub model: Option<Text<'a>>,
    /// Who chose the model: `given`, `declared` or `inferred`.
    pub model_source: Option<Text<'a>>,
    /// Whether the functions of the history chose it.
    pub model_inferred: bool,
    /// The property that was checked.
    pub property: Text<'a>,
    /// The answer.
    pub verdict: Verdict,
    /// The choices that give the history its meaning.
    pub options: BTreeMap<Text<'a>, Choice<'a>>,
    /// How many operations there are.
    pub operations: Operations,
    /// What was checked apart, in the order in which it was first touched.
    pub parts: Vec<Part<'a>>,
    /// The violations that have a name, each kind once.
    pub anomalies: Vec<Anomaly<'a>>,
    /// Patterns beside them.
    pub symptoms: Vec<Symptom<'a>>,
    /// What stands above all other findings, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headline: Option<Text<'a>>,
    /// Whether answers were wrong while nothing that is usually watched showed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wrong_while_green: Option<Green<'a>>,
    /// What came after what: faults, symptoms and anomalies in the order of their beginnings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chains: Vec<Chain<'a>>,
    /// What this history cannot show, as far as patterns beside violations go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_visible: Vec<Text<'a>>,
    /// What holds all the same, where that was looked into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub still_holds: Option<Kept<'a>>,
    /// The run as a whole: its faults, and what happened before, during and after them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<Run<'a>>,
    /// What is wrong with the input: the first errors.
    pub diagnostics: Vec<Diagnostic<'a>>,
    /// How many errors there are, shown or not.
    pub diagnostics_total: usize,
    /// Doubts about a history that was used all the same.
    pub notes: Vec<Diagnostic<'a>>,
    /// As which verdict the history counts for the exit code, where that is another one: its violations are baselined, or none
    /// of those that `--fail-on` names; or something else that `--fail-on` names was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts_as: Option<Verdict>,
    /// What it was to have exercised, and did not (COV01).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmet: Vec<Unmet>,
    /// Whether there are parts that are not listed, because there was no time left for them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut_short: bool,
    /// How many of its parts were decided, where the others are left to other shards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Share>,
}

/// A file that a history was read from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FileRead<'a> {
    /// Its path, as the user named it.
    pub path: Text<'a>,
    /// How many bytes it has, as it is stored.
    pub bytes: usize,
    /// Their XXH3 of 128 bits, as `xxh128sum` prints it: tells files apart, not whether somebody tampered with one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub xxh3: Option<Text<'a>>,
}

/// A choice that gives a history its meaning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Choice<'a> {
    /// Where it came from: `given`, `declared`, `format`, `model`, `automatic` or `default`.
    pub from: Text<'a>,
    /// What was in force.
    pub value: Text<'a>,
}

/// How many operations a history has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Operations {
    /// Those of clients.
    pub total: usize,
    /// Those that happened.
    pub ok: usize,
    /// Those that did not happen.
    pub fail: usize,
    /// Those of unknown outcome.
    pub info: usize,
    /// Events that were done to the system; not among the others.
    pub faults: usize,
}

impl<'a> Document<'a> {
    /// The document of a report.
    pub fn new(report: &'a Report) -> Self {
        Self {
            schema: SCHEMA.into(),
            verdict: report.verdict,
            exit_code: report.exit_code,
            version: Some(env!("CARGO_PKG_VERSION").into()),
            command: report.command.iter().map(|word| word.into()).collect(),
            histories: report.histories.iter().map(History::new).collect(),
            notes: report.notes.iter().map(|note| note.into()).collect(),
            shard: report.shard.clone(),
        }
    }
}

impl<'a> History<'a> {
    pub(crate) fn new(history: &'a HistoryReport) -> Self {
        let source = history.model.as_ref().map(|model| model.source);
        let all = history.operations;
        debug_assert_eq!(history.proved.parts, 0, "programs are told each part");
        Self {
            path: (&history.path).into(),
            files: history.files.iter().map(file).collect(),
            format: history.format.map(Into::into),
            model: history.model.as_ref().map(|model| model.name.into()),
            model_source: source.map(|source| source.word().into()),
            model_inferred: source == Some(crate::ModelSource::Inferred),
            property: history.property.into(),
            verdict: history.verdict,
            options: history.options.iter().map(choice).collect(),
            operations: Operations {
                total: all.total,
                ok: all.ok,
                fail: all.fail,
                info: all.info,
                faults: all.faults,
            },
            parts: history.parts.iter().map(|part| Part::new(part, history)).collect(),
            anomalies: history.anomalies.iter().map(|of| Anomaly::new(of, history)).collect(),
            symptoms: history.symptoms.iter().map(|of| Symptom::new(of, history)).collect(),
            headline: history.green.as_ref().map(|green| crate::beside::green(green).into()),
            wrong_while_green: history.green.as_ref().map(Green::new),
            chains: history.chains.iter().map(Chain::new).collect(),
            not_visible: history.not_visible.iter().map(Into::into).collect(),
            still_holds: history.kept.as_ref().map(Kept::new),
            run: history.run.as_ref().map(|run| Run::new(run, history.origin)),
            diagnostics: history.diagnostics.iter().map(Diagnostic::new).collect(),
            diagnostics_total: history.diagnostics_total,
            notes: history.notes.iter().map(Diagnostic::new).collect(),
            counts_as: history.counts_as,
            unmet: history.unmet.clone(),
            cut_short: history.is_cut_short,
            share: history.share,
        }
    }
}

fn file(file: &crate::report::FileRead) -> FileRead<'_> {
    let xxh3 = file.xxh3.as_ref().map(Into::into);
    FileRead { path: (&file.path).into(), bytes: file.bytes, xxh3 }
}

fn choice(option: &OptionInForce) -> (Text<'_>, Choice<'_>) {
    (option.name.into(), Choice { from: option.source.word().into(), value: (&option.value).into() })
}

/// A number of milliseconds or a share, with no more digits than it is worth.
fn round(number: f64, scale: f64) -> f64 {
    (number * scale).round() / scale
}

/// A number that JSON can tell.
fn finite(number: f64) -> Option<f64> {
    Some(number).filter(|number| number.is_finite())
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "what serde asks for")]
fn is_none(count: &usize) -> bool {
    *count == 0
}

/// The JSON Schema (2020-12) of a document.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Document<'static>).to_value()
}

/// A value for people: a text without quotation marks.
pub fn shown(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}
