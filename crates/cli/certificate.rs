//! The certificate of a history as a file: schema `seriatim-certificate/1`.

use serde::{Deserialize, Serialize};
use seriatim_history::format::csv::ColumnMap;
use seriatim_history::format::literal;
use seriatim_history::{FailedCas, Format, NilRead, OpId, Order, Ties, Value, ValueId, Values};
use seriatim_model::catalog::ModelName;
use seriatim_model::removal::Sort;
use seriatim_model::{Choice, Conflict, Core, Linearization, Step};

use crate::choose::Chosen;
use crate::load::Loaded;
use crate::settings::{Rule, Settings};

/// The name of the schema.
pub(crate) const SCHEMA: &str = "seriatim-certificate/1";

/// What is claimed about a history, and how to read it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Certificate {
    pub(crate) schema: String,
    pub(crate) history: Subject,
    pub(crate) format: String,
    pub(crate) model: String,
    pub(crate) options: RecordedOptions,
    pub(crate) parts: Vec<CertifiedPart>,
}

/// The history that a certificate is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Subject {
    /// The path at the time.
    pub(crate) path: String,
    /// How many bytes its files have, as they are stored.
    pub(crate) bytes: usize,
    /// How many operations of clients it has.
    pub(crate) operations: usize,
}

/// The rules that were in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RecordedOptions {
    /// The value that the object starts with, as EDN; the model's own where there is none.
    pub(crate) initial: Option<String>,
    pub(crate) nil_read: String,
    pub(crate) failed_cas: String,
    pub(crate) ties: String,
    pub(crate) order: String,
    pub(crate) independent: bool,
    /// The columns of a table, as `--map` takes them.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) map: String,
    /// The functions whose failures count as of unknown outcome.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) treat_fail_as_info: Vec<String>,
}

/// What is claimed about one part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct CertifiedPart {
    /// The key, for people.
    pub(crate) key: Option<serde_json::Value>,
    /// Its operations: numbers from 0, in the order of the calls of the history.
    pub(crate) operations: Vec<u32>,
    #[serde(flatten)]
    pub(crate) claim: Claim,
}

/// What is claimed, and its proof.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "lowercase")]
pub(crate) enum Claim {
    /// There is an order: each operation and which of the model's outcomes follows it.
    Valid { order: Vec<(u32, u32)> },
    /// There is none; and a few operations that show it, where such were found.
    Invalid {
        refutation: ClaimedRefutation,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        evidence: Vec<u32>,
        /// Where there are none: what sound steps leave of the part.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        core: Option<ClaimedCore>,
    },
    /// Nothing is claimed.
    Unknown { reason: String },
}

/// The shortest prefix without an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ClaimedRefutation {
    /// The operation whose return ends it.
    pub(crate) operation: u32,
    /// How many operations of the part were called by then.
    pub(crate) prefix_operations: usize,
}

/// A few operations that have no order, and the steps that leave them of a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ClaimedCore {
    pub(crate) steps: Vec<ClaimedStep>,
    /// The operations that are left.
    pub(crate) operations: Vec<u32>,
}

/// One of the steps: `{"cut": 7}`, `{"observers": [3, 4]}`, `{"values": {"operations": [1], "elements": ["7"]}}`,
/// `{"part": [5, 6]}`, `{"start": 5}` or `{"widen": [5, 6, 5, 6]}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ClaimedStep {
    /// What comes after the return of an operation goes; after its call where its outcome is unknown.
    Cut(u32),
    /// Operations go that only looked.
    Observers(Vec<u32>),
    /// Values go.
    Values {
        /// With all operations on them.
        operations: Vec<u32>,
        /// What reads of the whole show no more, as EDN.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        elements: Vec<String>,
    },
    /// One part stays.
    Part(Vec<u32>),
    /// What was over by the return of an operation goes, and the only possible state stands for it.
    Start(u32),
    /// The order of events in which operations overlap that did not: of each its call, and then its return where it has one.
    Widen(Vec<u32>),
}

impl ClaimedCore {
    /// A core of a history with these values.
    pub(crate) fn new(core: &Core, values: &Values) -> Self {
        let numbers = |ops: &[OpId]| ops.iter().map(|op| op.0).collect();
        let step = |step: &Step| match step {
            Step::Cut(op) => ClaimedStep::Cut(op.0),
            Step::LeaveOut { sort: Sort::Observers, ops, .. } => ClaimedStep::Observers(numbers(ops)),
            Step::LeaveOut { sort: Sort::Values, ops, elements } => ClaimedStep::Values {
                operations: numbers(ops),
                elements: elements.iter().map(|&element| edn(values, element)).collect(),
            },
            Step::Part(ops) => ClaimedStep::Part(numbers(ops)),
            Step::Start(op) => ClaimedStep::Start(op.0),
            Step::Widen(ops) => ClaimedStep::Widen(numbers(ops)),
        };
        Self { steps: core.steps.iter().map(step).collect(), operations: numbers(&core.ops) }
    }

    /// The core as the verifier takes it.
    ///
    /// # Errors
    /// What is no value.
    pub(crate) fn core(&self, values: &mut Values) -> Result<Core, String> {
        let ops = |numbers: &[u32]| numbers.iter().copied().map(OpId).collect();
        let mut element = |text: &String| {
            literal::value(text, values).ok_or_else(|| format!("the element `{text}` is no value"))
        };
        let step = |step: &ClaimedStep| {
            Ok(match step {
                ClaimedStep::Cut(op) => Step::Cut(OpId(*op)),
                ClaimedStep::Observers(operations) => {
                    Step::LeaveOut { sort: Sort::Observers, ops: ops(operations), elements: Vec::new() }
                }
                ClaimedStep::Values { operations, elements } => Step::LeaveOut {
                    sort: Sort::Values,
                    ops: ops(operations),
                    elements: elements.iter().map(&mut element).collect::<Result<_, String>>()?,
                },
                ClaimedStep::Part(operations) => Step::Part(ops(operations)),
                ClaimedStep::Start(op) => Step::Start(OpId(*op)),
                ClaimedStep::Widen(operations) => Step::Widen(ops(operations)),
            })
        };
        let steps = self.steps.iter().map(step).collect::<Result<_, String>>()?;
        Ok(Core { steps, ops: ops(&self.operations) })
    }
}

impl RecordedOptions {
    /// What was in force.
    pub(crate) fn new(chosen: &Chosen, settings: &Settings, values: &Values) -> Self {
        let columns = settings.map.columns.iter().map(|(ours, theirs)| format!("{ours}={theirs}"));
        Self {
            initial: chosen.options.initial.map(|initial| edn(values, initial)),
            nil_read: chosen.rules.nil_read.0.word().to_owned(),
            failed_cas: chosen.rules.failed_cas.0.word().to_owned(),
            ties: chosen.rules.ties.0.word().to_owned(),
            order: chosen.rules.order.0.word().to_owned(),
            independent: chosen.rules.independent.0,
            map: columns.collect::<Vec<_>>().join(","),
            treat_fail_as_info: settings.doubted.functions().to_vec(),
        }
    }
}

impl Certificate {
    /// A certificate of a history.
    pub(crate) fn new(
        path: &str,
        loaded: &Loaded,
        chosen: &Chosen,
        settings: &Settings,
        parts: Vec<CertifiedPart>,
    ) -> Self {
        let Loaded { texts, history, .. } = loaded;
        Self {
            schema: SCHEMA.to_owned(),
            history: Subject {
                path: path.to_owned(),
                bytes: texts.bytes(),
                operations: history.operations.len(),
            },
            format: history.format.name().to_owned(),
            model: chosen.model.name().to_owned(),
            options: RecordedOptions::new(chosen, settings, &history.values),
            parts,
        }
    }

    /// How to read the history again.
    ///
    /// # Errors
    /// A name that is not known.
    pub(crate) fn settings(&self) -> Result<Settings, String> {
        fn rule<R: Rule>(name: &str, word: &str) -> Result<Option<R>, String> {
            R::parse(word).map(Some).map_err(|error| format!("`{name}` is `{word}`: {error}"))
        }
        let options = &self.options;
        Ok(Settings {
            model: Some(
                ModelName::from_name(&self.model)
                    .ok_or_else(|| format!("there is no model `{}`", self.model))?,
            ),
            format: Some(
                Format::from_name(&self.format)
                    .ok_or_else(|| format!("there is no format `{}`", self.format))?,
            ),
            map: ColumnMap::parse(&options.map)?,
            initial: options.initial.clone(),
            nil_read: rule::<NilRead>("nil_read", &options.nil_read)?,
            failed_cas: rule::<FailedCas>("failed_cas", &options.failed_cas)?,
            ties: rule::<Ties>("ties", &options.ties)?,
            order: rule::<Order>("order", &options.order)?,
            independent: Some(options.independent),
            doubted: options.treat_fail_as_info.iter().cloned().collect(),
        })
    }
}

impl Claim {
    /// The operations as the verifier of evidence takes them.
    pub(crate) fn conflict(evidence: &[u32]) -> Conflict {
        Conflict { ops: evidence.iter().map(|&op| OpId(op)).collect() }
    }

    /// The order as the verifier takes it.
    pub(crate) fn linearization(order: &[(u32, u32)]) -> Linearization {
        order.iter().map(|&(op, outcome)| Choice { op: OpId(op), outcome }).collect()
    }
}

/// A value as EDN, from which [`seriatim_history::format::literal`] reads it again.
fn edn(values: &Values, id: ValueId) -> String {
    let all = |items: &[ValueId]| items.iter().map(|&item| edn(values, item)).collect::<Vec<_>>().join(" ");
    match values.get(id) {
        Value::Text(text) => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
        Value::List(items) => format!("[{}]", all(items)),
        Value::Set(items) => format!("#{{{}}}", all(items)),
        Value::Map(items) => {
            let pairs =
                items.iter().map(|&(key, value)| format!("{} {}", edn(values, key), edn(values, value)));
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
        }
        Value::Nil | Value::Bool(_) | Value::Int(_) | Value::Decimal(_) => values.show(id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_they_are_read() {
        let mut values = Values::new();
        let (int, text) = (values.int(-3), values.text("a\"\\\n\u{7}é"));
        let decimal = values.number("1.5").expect("a number");
        let list = values.list([int, text, decimal, ValueId::NIL, ValueId::TRUE]);
        let set = values.set(vec![int, list]);
        let map = values.map(vec![(set, list), (text, int)]);
        let empty = (values.list([]), values.set(vec![]), values.map(vec![]));
        for value in [int, text, decimal, list, set, map, empty.0, empty.1, empty.2, ValueId::FALSE] {
            let written = edn(&values, value);
            assert_eq!(literal::value(&written, &mut values), Some(value), "{written}");
        }
    }

    #[test]
    fn a_core_is_read_as_it_is_written() {
        let mut values = Values::new();
        let elements = vec![values.int(7), values.text("a\"b")];
        let ops = |numbers: &[u32]| numbers.iter().copied().map(OpId).collect::<Vec<_>>();
        let core = Core {
            steps: vec![
                Step::Cut(OpId(3)),
                Step::LeaveOut { sort: Sort::Observers, ops: ops(&[1, 2]), elements: Vec::new() },
                Step::LeaveOut { sort: Sort::Values, ops: ops(&[4]), elements },
                Step::Part(ops(&[0, 3])),
                Step::Start(OpId(0)),
                Step::Widen(ops(&[0, 3, 0, 3])),
            ],
            ops: ops(&[0, 3]),
        };
        let written = serde_json::to_string(&ClaimedCore::new(&core, &values)).expect("it is JSON");
        let expected = r#"{"steps":[{"cut":3},{"observers":[1,2]},{"values":{"operations":[4],"elements":["7","\"a\\\"b\""]}},{"part":[0,3]},{"start":0},{"widen":[0,3,0,3]}],"operations":[0,3]}"#;
        assert_eq!(written, expected);
        let read: ClaimedCore = serde_json::from_str(&written).expect("it is a core");
        assert_eq!(read.core(&mut values), Ok(core));
    }

    #[test]
    fn a_claim_is_told_by_its_verdict() {
        let text = r#"{"key":1,"operations":[0,1],"verdict":"valid","order":[[1,0],[0,0]]}"#;
        let part: CertifiedPart = serde_json::from_str(text).expect("it is a part");
        assert_eq!(part.claim, Claim::Valid { order: vec![(1, 0), (0, 0)] });
        assert_eq!(serde_json::to_string(&part).expect("it is JSON"), text);
    }
}
