//! What was found, as plain data: whoever renders it needs neither the history nor the model.

use std::borrow::Cow;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as JsonValue;
use seriatim_history::{Severity, Value, ValueId, Values};

use crate::document::{Baselined, Shard, Share, Unmet};
use crate::finding::{AnomalyReport, InsteadReport, KeptReport, SymptomReport};
use crate::frontier::FrontierReport;
use crate::place::Place;
use crate::run::RunReport;
use crate::text::shortened;

/// The answer for a history or a whole run, from good to bad: the whole is as bad as its worst part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Everything was proved.
    Valid,
    /// Nothing that says anything was checked.
    Vacuous,
    /// Something could not be decided.
    Unknown,
    /// The input could not be read.
    Error,
    /// Something was refuted.
    Invalid,
}

impl Verdict {
    /// Jepsen's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Vacuous => "vacuous",
            Self::Unknown => "unknown",
            Self::Error => "error",
            Self::Invalid => "invalid",
        }
    }
}

/// What a run found.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The worst of the histories' verdicts.
    pub verdict: Verdict,
    /// The code that the process ends with.
    pub exit_code: u8,
    /// The command that was called, word by word, but for what changes nothing of what was found.
    pub command: Vec<String>,
    /// The histories, in the order in which they were given.
    pub histories: Vec<HistoryReport>,
    /// Doubts about the run as a whole.
    pub notes: Vec<String>,
    /// Which share of the parts was decided, where that is not all.
    pub shard: Option<Shard>,
}

/// A file that a history was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRead {
    /// The path as the user named it.
    pub path: String,
    /// How many bytes it has, as it is stored.
    pub bytes: usize,
    /// Their XXH3 of 128 bits, as hexadecimal digits; `None` where they were not all read in order.
    pub xxh3: Option<String>,
}

/// What was found out about one history.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryReport {
    /// The file or directory, as the user named it.
    pub path: String,
    /// The files that it was read from.
    pub files: Vec<FileRead>,
    /// The name of the format; `None` where it was not found out.
    pub format: Option<&'static str>,
    /// The model; `None` where none was chosen.
    pub model: Option<ModelChoice>,
    /// The property that was checked.
    pub property: &'static str,
    /// The answer.
    pub verdict: Verdict,
    /// How many operations there are.
    pub operations: Operations,
    /// The recorded time from which seconds are counted, in nanoseconds.
    pub origin: i64,
    /// What was in force.
    pub options: Vec<OptionInForce>,
    /// What was checked apart, in the order in which it was first touched, but for what is only counted.
    pub parts: Vec<PartReport>,
    /// Parts that were proved linearizable, where nobody wants to be told them one by one.
    pub proved: Counted,
    /// The violations that have a name, each kind once.
    pub anomalies: Vec<AnomalyReport>,
    /// What they show together.
    pub symptoms: Vec<SymptomReport>,
    /// What still holds, where that was looked into.
    pub kept: Option<KeptReport>,
    /// The run as a whole, where somebody wants to know.
    pub run: Option<RunReport>,
    /// What is wrong with the input: the first errors.
    pub diagnostics: Vec<Problem>,
    /// How many errors there are, shown or not.
    pub diagnostics_total: usize,
    /// Doubts about a history that was used all the same.
    pub notes: Vec<Problem>,
    /// As which verdict the history counts where the process ends, if that is another one.
    pub counts_as: Option<Verdict>,
    /// What it was to have exercised, and did not.
    pub unmet: Vec<Unmet>,
    /// Whether there were parts that are not told, because there was no time left for them.
    pub is_cut_short: bool,
    /// How many of its parts were decided, where the others are left to other shards.
    pub share: Option<Share>,
}

impl HistoryReport {
    /// A history of which nothing is known yet but its path.
    pub fn new(path: impl Into<String>, verdict: Verdict) -> Self {
        Self {
            path: path.into(),
            files: Vec::new(),
            format: None,
            model: None,
            property: "linearizable",
            verdict,
            operations: Operations::default(),
            origin: 0,
            options: Vec::new(),
            parts: Vec::new(),
            proved: Counted::default(),
            anomalies: Vec::new(),
            symptoms: Vec::new(),
            kept: None,
            run: None,
            diagnostics: Vec::new(),
            diagnostics_total: 0,
            notes: Vec::new(),
            counts_as: None,
            unmet: Vec::new(),
            is_cut_short: false,
            share: None,
        }
    }

    /// How many parts were proved linearizable, refuted, and left open.
    pub fn counts(&self) -> (usize, usize, usize) {
        let of =
            |fits: fn(&PartVerdict) -> bool| self.parts.iter().filter(|part| fits(&part.verdict)).count();
        (
            self.proved.parts + of(|verdict| matches!(verdict, PartVerdict::Valid)),
            of(|verdict| matches!(verdict, PartVerdict::Invalid(_))),
            of(|verdict| matches!(verdict, PartVerdict::Unknown(_))),
        )
    }

    /// How many parts were checked apart, told one by one or only counted.
    pub fn parts_total(&self) -> usize {
        self.proved.parts + self.parts.len()
    }
}

/// The model that a history was checked against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelChoice {
    /// Its name.
    pub name: &'static str,
    /// Who chose it.
    pub source: ModelSource,
}

/// Who chose a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelSource {
    /// The command line.
    Given,
    /// The input.
    Declared,
    /// The functions of the history.
    Inferred,
}

impl ModelSource {
    /// The word for reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Declared => "declared",
            Self::Inferred => "inferred",
        }
    }
}

/// How many operations a history has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
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

/// A choice that gives the history its meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionInForce {
    /// Its name, with underscores.
    pub name: &'static str,
    /// What was in force.
    pub value: String,
    /// Where it came from.
    pub source: OptionSource,
}

/// Where a choice came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionSource {
    /// The command line.
    Given,
    /// The input.
    Declared,
    /// The rule of the format.
    Format,
    /// The model's own.
    Model,
    /// Found from the history.
    Automatic,
    /// The rule of this program.
    Default,
}

impl OptionSource {
    /// The word for reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Declared => "declared",
            Self::Format => "format",
            Self::Model => "model",
            Self::Automatic => "automatic",
            Self::Default => "default",
        }
    }
}

/// Parts of which no more is told than how many they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// How many there are.
    pub parts: usize,
    /// How many of them have neither a key nor pieces that they touch.
    pub unnamed: usize,
    /// How many operations were checked in them.
    pub operations: usize,
}

impl Counted {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            parts: self.parts + other.parts,
            unnamed: self.unnamed + other.unnamed,
            operations: self.operations + other.operations,
        }
    }
}

/// What was found out about one part of a history.
#[derive(Clone, Debug, PartialEq)]
pub struct PartReport {
    /// The key that its operations share.
    pub key: Option<Shown>,
    /// The pieces of the object that were touched together, where the model tells them apart; no more than it takes to
    /// [name](PartReport::NAMED) the part, where nobody wants to be told them all.
    pub touched: Vec<Shown>,
    /// How many there are.
    pub touched_total: usize,
    /// The answer.
    pub verdict: PartVerdict,
    /// How many operations were checked.
    pub operations: usize,
    /// How it was decided.
    pub strategy: &'static str,
    /// How many configurations a search entered.
    pub configurations: u64,
    /// How long it took; `None` where times are not wanted.
    pub elapsed: Option<Duration>,
    /// The number of its first operation, where other shards have the parts before and after it.
    pub first: Option<u32>,
}

impl PartReport {
    /// How many of its pieces are in the name of a part.
    pub const NAMED: usize = 4;

    /// The part as a person calls it: `key 17`, or the object that the key-value store is.
    pub fn name(&self) -> String {
        match (&self.key, self.touched.as_slice()) {
            (Some(key), []) => format!("key {}", key.text),
            (Some(key), _) => format!("key {}, {}", key.text, self.pieces()),
            (None, []) => "the history".to_owned(),
            (None, _) => self.pieces(),
        }
    }

    fn pieces(&self) -> String {
        let first: Vec<_> = self.touched.iter().take(Self::NAMED).map(|piece| piece.text.as_str()).collect();
        match self.touched_total {
            1 => format!("key {}", first.join(", ")),
            ..=Self::NAMED => format!("keys {}", first.join(", ")),
            total => format!("keys {} and {} more", first.join(", "), total - Self::NAMED),
        }
    }
}

/// The answer for one part.
#[derive(Clone, Debug, PartialEq)]
pub enum PartVerdict {
    /// There is an order, and it was verified.
    Valid,
    /// There is none.
    Invalid(Box<RefutationReport>),
    /// The limits were met first.
    Unknown(UnknownReport),
}

impl PartVerdict {
    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Valid => Verdict::Valid.word(),
            Self::Invalid(_) => Verdict::Invalid.word(),
            Self::Unknown(_) => Verdict::Unknown.word(),
        }
    }
}

/// Evidence that there is no order: the shortest prefix that has none.
#[derive(Clone, Debug, PartialEq)]
pub struct RefutationReport {
    /// The operation whose return ends it.
    pub operation: OperationReport,
    /// How many operations of the part were called by then.
    pub prefix_operations: usize,
    /// Few operations that show it by themselves, in the order of their calls; none where these were not found.
    pub evidence: Vec<OperationReport>,
    /// Whether the part has a violation with a name.
    pub is_named: bool,
    /// What could have been answered to the operation, where the part has none and that was found.
    pub instead: Option<InsteadReport>,
    /// What may be the case where it returns, where the part has none.
    pub frontier: Option<FrontierReport>,
    /// The entry of a baseline that it is in, where the part has no violation with a name.
    pub baselined: Option<Baselined>,
}

/// One operation of a history.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationReport {
    /// Its number: operations are numbered from 0 in the order of their calls.
    pub id: u32,
    /// Its client.
    pub process: Shown,
    /// What was asked.
    pub function: String,
    /// The argument.
    pub argument: Option<Shown>,
    /// The answer.
    pub value: Option<Shown>,
    /// The node that was asked.
    pub node: Option<Shown>,
    /// What it did, as the model tells it.
    pub shown: String,
    /// What became of it.
    pub outcome: Outcome,
    /// The recorded times of its call and of its end, in nanoseconds.
    pub times: (Option<i64>, Option<i64>),
    /// What recorded its call and its end, where somebody wants to see that.
    pub raw: (Option<String>, Option<String>),
    /// Where its call is recorded.
    pub call: Place,
    /// Where its return is recorded.
    pub end: Option<Place>,
}

/// What became of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It happened.
    Ok,
    /// It did not happen.
    Fail,
    /// Nobody knows.
    Info,
}

impl Outcome {
    /// Jepsen's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Fail => "fail",
            Self::Info => "info",
        }
    }
}

impl OperationReport {
    /// The line on which it ended, as far as is recorded.
    pub fn last_line(&self) -> usize {
        self.end.as_ref().unwrap_or(&self.call).line
    }

    /// What it did, and which client, where the one does not tell the other.
    pub(crate) fn by_whom(&self) -> String {
        let by = format!("by process {}", self.process.text);
        let did = self.in_short();
        if did.contains(&by) { did.into_owned() } else { format!("{did} {by}") }
    }

    /// What it did, for people: the beginning of it, where it names more values than anybody reads.
    pub fn in_short(&self) -> Cow<'_, str> {
        const READABLE: usize = 1_000;
        shortened(&self.shown, READABLE)
    }
}

/// Why a part is not decided, and how far its search came.
#[derive(Clone, Debug, PartialEq)]
pub struct UnknownReport {
    /// What stopped it: `timeout`, `memory`, `configurations` or `interrupted`.
    pub reason: &'static str,
    /// How many returns some order was found for, one after the other from the start.
    pub returns_reached: usize,
    /// How many returns the part has.
    pub returns_total: usize,
    /// The most operations that were open at once, those of unknown outcome not counted.
    pub width: usize,
    /// How many operations of unknown outcome it has.
    pub indeterminate: usize,
    /// How many configurations were entered.
    pub configurations: u64,
    /// What to do about it.
    pub advice: String,
}

impl UnknownReport {
    /// How much of the part some order was found for, from 0 to 1.
    pub fn share(&self) -> f64 {
        if self.returns_total == 0 { 0.0 } else { self.returns_reached as f64 / self.returns_total as f64 }
    }
}

/// An error or a doubt, with its places found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// The offending text; absent where the input as a whole is meant.
    pub place: Option<Box<Place>>,
    /// Other places that explain it.
    pub related: Vec<Related>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Problem {
    /// Something that is wrong with the input as a whole.
    pub fn error(message: impl Into<String>) -> Self {
        let severity = Severity::Error;
        Self { severity, message: message.into(), place: None, related: Vec::new(), help: None }
    }

    /// A doubt about the input as a whole.
    pub fn warning(message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(message) }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds the place.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(Box::new(place));
        self
    }
}

/// A further place, with what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// The place.
    pub place: Place,
    /// What is there.
    pub message: String,
}

/// A value of a history, for people and for programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// As a person reads it.
    pub text: String,
    /// As JSON: sets become arrays, and keys of maps become strings.
    pub json: JsonValue,
}

impl Shown {
    /// A value of a history.
    pub fn new(values: &Values, id: ValueId) -> Self {
        Self { text: values.show(id), json: json(values, id) }
    }
}

fn json(values: &Values, id: ValueId) -> JsonValue {
    let number = |text: &str| serde_json::from_str(text).map_or_else(|_| text.into(), JsonValue::Number);
    match values.get(id) {
        Value::Nil => JsonValue::Null,
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => {
            i64::try_from(*value).map_or_else(|_| number(&value.to_string()), JsonValue::from)
        }
        Value::Decimal(text) => number(text),
        Value::Text(text) => (&**text).into(),
        Value::List(items) | Value::Set(items) => items.iter().map(|&item| json(values, item)).collect(),
        Value::Map(items) => {
            let key = |id| values.as_text(id).map_or_else(|| values.show(id), ToOwned::to_owned);
            items.iter().map(|&(name, value)| (key(name), json(values, value))).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use seriatim_history::{LineIndex, SourceId, Span};

    use super::*;

    #[test]
    fn a_violation_is_worst_and_an_error_is_worse_than_a_doubt() {
        let mut all = [Verdict::Error, Verdict::Valid, Verdict::Invalid, Verdict::Vacuous, Verdict::Unknown];
        all.sort();
        let words: Vec<_> = all.iter().map(|verdict| verdict.word()).collect();
        assert_eq!(words, ["valid", "vacuous", "unknown", "error", "invalid"]);
    }

    #[test]
    fn values_become_json_without_loss_of_digits() {
        let mut values = Values::new();
        let (large, decimal) =
            (values.int(i128::from(u64::MAX) * 10), values.number("-1.25").expect("a number"));
        let text = values.text("a");
        let list = values.list([large, decimal, text, ValueId::NIL, ValueId::TRUE]);
        let map = values.map(vec![(large, list)]);
        let shown = Shown::new(&values, map);
        assert_eq!(
            shown.json.to_string(),
            r#"{"184467440737095516150":[184467440737095516150,-125e-2,"a",null,true]}"#
        );
    }

    #[test]
    fn what_nobody_reads_is_cut_short() {
        let place = Place::new("p", "", &LineIndex::new(b""), Span::new(SourceId(0), 0, 0));
        let of = |shown: String| OperationReport {
            outcome: Outcome::Ok,
            times: (None, None),
            raw: (None, None),
            id: 0,
            process: Shown { text: "0".to_owned(), json: 0.into() },
            function: "read".to_owned(),
            argument: None,
            value: None,
            node: None,
            shown,
            call: place.clone(),
            end: None,
        };
        assert_eq!(of("é".repeat(1_000)).in_short(), "é".repeat(1_000));
        let cut = format!("{}… and 2,000 more characters", "é".repeat(1_000));
        assert_eq!(of("é".repeat(3_000)).in_short(), cut);
    }

    #[test]
    fn parts_are_named_by_what_they_touch() {
        let shown = |at: i32| Shown { text: at.to_string(), json: at.into() };
        let part = |key: Option<Shown>, touched: Vec<Shown>| {
            let (strategy, configurations, elapsed) = ("search", 0, None);
            PartReport {
                key,
                touched_total: touched.len(),
                touched,
                verdict: PartVerdict::Valid,
                operations: 0,
                strategy,
                configurations,
                elapsed,
                first: None,
            }
            .name()
        };
        assert_eq!(part(None, vec![]), "the history");
        assert_eq!(part(Some(shown(1)), vec![]), "key 1");
        assert_eq!(part(None, vec![shown(1)]), "key 1");
        assert_eq!(part(None, (1..=4).map(shown).collect()), "keys 1, 2, 3, 4");
        assert_eq!(part(None, (1..=6).map(shown).collect()), "keys 1, 2, 3, 4 and 2 more");
        assert_eq!(part(Some(shown(9)), vec![shown(1)]), "key 9, key 1");
    }
}
