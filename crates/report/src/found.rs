//! The findings of a history one by one, each with a fingerprint: what a gate, a baseline and a comparison of two runs go by.

use std::borrow::Cow;

use serde_json::Value;

use crate::document::{self, Baselined, History, shown};
use crate::finding::AnomalyReport;
use crate::part::{PartReport, PartVerdict, RefutationReport};
use crate::report::{HistoryReport, Verdict};
use crate::symptom::SymptomReport;
use crate::words;

/// What stands for a code where a violation has none.
pub const UNNAMED: &str = "violation";

/// What sort of thing was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// A violation that has a name.
    Anomaly,
    /// A violated part that no name covers.
    Unnamed,
    /// A pattern beside violations.
    Symptom,
}

/// Something that was found in a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<'a> {
    /// What sort of thing it is.
    pub sort: Sort,
    /// What stays the same when the same thing is found again.
    pub fingerprint: Cow<'a, str>,
    /// Its stable code, or [`UNNAMED`].
    pub code: Cow<'a, str>,
    /// Its name, with hyphens.
    pub name: Cow<'a, str>,
    /// How often it was found.
    pub count: usize,
}

/// A history on which a gate has something to say.
pub trait Judged {
    /// The file or directory, as the user named it.
    fn path(&self) -> &str;
    /// The answer.
    fn verdict(&self) -> Verdict;
    /// Whether anything of it is not decided, beside what is violated.
    fn is_open(&self) -> bool;
    /// Whether it lacks something that was required.
    fn is_unmet(&self) -> bool;
    /// Notes for each finding which entry of a baseline it is in.
    fn mark(&mut self, of: &mut dyn FnMut(&Found<'_>) -> Option<Baselined>);
    /// Notes for each symptom whether the run fails for it.
    fn gate(&mut self, of: &dyn Fn(&Found<'_>) -> bool) {
        let _ = of;
    }
    /// Notes as which verdict the history counts, where that is another one.
    fn count_as(&mut self, verdict: Option<Verdict>);
}

impl Judged for HistoryReport {
    fn path(&self) -> &str {
        &self.path
    }

    fn verdict(&self) -> Verdict {
        self.verdict
    }

    fn is_open(&self) -> bool {
        self.is_cut_short || self.counts().2 > 0
    }

    fn is_unmet(&self) -> bool {
        !self.unmet.is_empty()
    }

    fn mark(&mut self, of: &mut dyn FnMut(&Found<'_>) -> Option<Baselined>) {
        let model = self.model.as_ref().map(|model| model.name);
        for anomaly in &mut self.anomalies {
            let found = Found {
                sort: Sort::Anomaly,
                fingerprint: of_anomaly(anomaly, model).into(),
                code: anomaly.code.into(),
                name: anomaly.name.replace(' ', "-").into(),
                count: anomaly.count,
            };
            anomaly.baselined = of(&found);
        }
        for part in &mut self.parts {
            let fingerprint = match &part.verdict {
                PartVerdict::Invalid(refutation) if !refutation.is_named => of_part(part, refutation, model),
                _ => continue,
            };
            let found = unnamed(fingerprint.into());
            if let PartVerdict::Invalid(refutation) = &mut part.verdict {
                refutation.baselined = of(&found);
            }
        }
        for symptom in &mut self.symptoms {
            symptom.baselined = of(&reported(symptom, model));
        }
    }

    fn gate(&mut self, of: &dyn Fn(&Found<'_>) -> bool) {
        let model = self.model.as_ref().map(|model| model.name);
        for symptom in &mut self.symptoms {
            symptom.is_gated = of(&reported(symptom, model));
        }
    }

    fn count_as(&mut self, verdict: Option<Verdict>) {
        self.counts_as = verdict;
    }
}

impl Judged for History<'_> {
    fn path(&self) -> &str {
        &self.path
    }

    fn verdict(&self) -> Verdict {
        self.verdict
    }

    fn is_open(&self) -> bool {
        self.cut_short || self.parts.iter().any(|part| part.verdict == Verdict::Unknown)
    }

    fn is_unmet(&self) -> bool {
        !self.unmet.is_empty()
    }

    fn mark(&mut self, of: &mut dyn FnMut(&Found<'_>) -> Option<Baselined>) {
        let model = self.model.as_deref();
        for anomaly in &mut self.anomalies {
            anomaly.baselined = of(&named(anomaly));
        }
        for part in &mut self.parts {
            let Some(found) = violated(part, model) else { continue };
            let baselined = of(&found);
            if let Some(refutation) = &mut part.refutation {
                refutation.baselined = baselined;
            }
        }
        for symptom in &mut self.symptoms {
            symptom.baselined = of(&seen(symptom, model));
        }
    }

    fn gate(&mut self, of: &dyn Fn(&Found<'_>) -> bool) {
        let model = self.model.as_deref();
        for symptom in &mut self.symptoms {
            symptom.severity = if of(&seen(symptom, model)) { "error" } else { "note" }.into();
        }
    }

    fn count_as(&mut self, verdict: Option<Verdict>) {
        self.counts_as = verdict;
    }
}

/// All findings of a history, each with what it is about: violations first, symptoms last.
pub fn findings<'a>(history: &'a History<'_>) -> Vec<(Found<'a>, String)> {
    let model = history.model.as_deref();
    let anomalies = history.anomalies.iter().map(|anomaly| {
        let of = anomaly.operations.iter().find(|of| of.id == anomaly.subject);
        let key = anomaly.key.as_ref().map_or(String::new(), |key| format!(" of key {}", shown(key)));
        let subject = match of {
            Some(of) => format!("{}{key}", of.shown),
            None => format!("{}{key}", anomaly.name.replace('-', " ")),
        };
        (named(anomaly), subject)
    });
    let parts = history.parts.iter().filter_map(|part| {
        let refutation = part.refutation.as_ref()?;
        let about = match (&part.key, part.touched.is_empty()) {
            (None, true) => refutation.operation.shown.to_string(),
            _ => format!("{} of {}", refutation.operation.shown, part.name()),
        };
        Some((violated(part, model)?, about))
    });
    let symptoms = history.symptoms.iter().map(|symptom| (seen(symptom, model), symptom.message.to_string()));
    anomalies.chain(parts).chain(symptoms).collect()
}

fn named<'a>(anomaly: &'a document::Anomaly<'_>) -> Found<'a> {
    Found {
        sort: Sort::Anomaly,
        // An earlier version wrote none.
        fingerprint: Cow::Borrowed(if anomaly.fingerprint.is_empty() {
            &anomaly.code
        } else {
            &anomaly.fingerprint
        }),
        code: Cow::Borrowed(&anomaly.code),
        name: Cow::Borrowed(&anomaly.name),
        count: anomaly.count,
    }
}

/// A violated part that no anomaly names.
fn violated<'a>(part: &'a document::Part<'_>, model: Option<&str>) -> Option<Found<'a>> {
    let refutation = part.refutation.as_ref().filter(|refutation| !refutation.is_named)?;
    Some(unnamed(match &*refutation.fingerprint {
        // An earlier version wrote none.
        "" => {
            let touched = part.touched.iter().map(|piece| &**piece);
            Cow::Owned(of_unnamed(model, part.key.as_deref(), touched, &refutation.operation.f))
        }
        known => Cow::Borrowed(known),
    }))
}

fn reported(symptom: &SymptomReport, model: Option<&str>) -> Found<'static> {
    Found {
        sort: Sort::Symptom,
        fingerprint: of_symptom(symptom, model).into(),
        code: symptom.code.into(),
        name: symptom.name.replace(' ', "-").into(),
        count: 1,
    }
}

fn seen<'a>(symptom: &'a document::Symptom<'_>, model: Option<&str>) -> Found<'a> {
    let fingerprint = match &*symptom.fingerprint {
        // An earlier version wrote none.
        "" => of_pattern(&symptom.code, model, symptom.split.as_ref().map(|split| &*split.rung)).into(),
        known => Cow::Borrowed(known),
    };
    Found {
        sort: Sort::Symptom,
        fingerprint,
        code: Cow::Borrowed(&symptom.code),
        name: Cow::Borrowed(&symptom.name),
        count: 1,
    }
}

fn unnamed(fingerprint: Cow<'_, str>) -> Found<'_> {
    let name = "violation-without-a-name".into();
    Found { sort: Sort::Unnamed, fingerprint, code: UNNAMED.into(), name, count: 1 }
}

/// The fingerprint of a kind of violation. Parts of a finding are in no order that a run keeps to.
pub(crate) fn of_anomaly(anomaly: &AnomalyReport, model: Option<&str>) -> String {
    let mut played: Vec<_> = anomaly
        .operations
        .iter()
        .map(|of| format!("{}:{}", of.role.replace(' ', "-"), of.operation.function))
        .collect();
    played.sort_unstable();
    format!("{}/{}/{}", anomaly.code, model.unwrap_or("none"), played.join(","))
}

/// The fingerprint of a violated part that nothing names.
pub(crate) fn of_part(part: &PartReport, refutation: &RefutationReport, model: Option<&str>) -> String {
    let key = part.key.as_ref().map(|key| &key.json);
    let touched = part.touched.iter().map(|piece| &piece.json);
    of_unnamed(model, key, touched, &refutation.operation.function)
}

/// The fingerprint of a symptom: what it was seen of, what was asked, and beside which fault. Which of the nodes, clients or keys it
/// was is another one in each run.
pub(crate) fn of_symptom(symptom: &SymptomReport, model: Option<&str>) -> String {
    let pattern = of_pattern(symptom.code, model, symptom.split.as_ref().map(|split| split.rung));
    let SymptomReport { nodes, processes, keys, functions, fault, .. } = symptom;
    let parts = [
        (!nodes.is_empty()).then(|| "nodes".to_owned()),
        (!processes.is_empty()).then(|| "clients".to_owned()),
        (!keys.is_empty()).then(|| "keys".to_owned()),
        (!functions.is_empty()).then(|| functions.join(",")),
        fault.as_ref().map(|(window, _)| format!("beside:{}", words::fault(&window.name))),
    ];
    parts.into_iter().flatten().fold(pattern, |all, part| format!("{all}/{part}"))
}

fn of_pattern(code: &str, model: Option<&str>, rung: Option<&str>) -> String {
    let rung = rung.map_or(String::new(), |rung| format!("/{rung}"));
    format!("{code}/{}{rung}", model.unwrap_or("none"))
}

/// Nothing is known of what two parts without a name have in common, so each has one of its own: by its key, or by the first
/// pieces that it touches.
fn of_unnamed<'a>(
    model: Option<&str>,
    key: Option<&Value>,
    touched: impl Iterator<Item = &'a Value>,
    function: &str,
) -> String {
    let names: Vec<_> = key
        .into_iter()
        .map(Value::to_string)
        .chain(touched.take(PartReport::NAMED).map(Value::to_string))
        .collect();
    format!("{UNNAMED}/{}/{}/{function}", model.unwrap_or("none"), names.join(","))
}
