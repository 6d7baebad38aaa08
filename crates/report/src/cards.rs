//! For people: each finding by itself, with the lines that show it and what there is to say of it.

use std::fmt::Write as _;

use seriatim_history::Severity;

use crate::diagnostic::{DRAWING, Mark, Picture};
use crate::document::Baselined;
use crate::finding::{AnomalyOperation, AnomalyReport};
use crate::frontier;
use crate::report::HistoryReport;
use crate::symptom::SymptomReport;
use crate::text::{Text, what_next};
use crate::timeline::timeline;
use crate::whereabouts::{lateness, plain, possible, sides, whereabouts};
use crate::words::{count, plural};

/// How many kinds of violations are told in full, and how many lines of each are drawn.
const FINDINGS_SHOWN: usize = 3;
const MARKS_SHOWN: usize = 4;

impl Text {
    /// What has a name, most telling first.
    pub(crate) fn findings(&self, out: &mut String, history: &HistoryReport) {
        let help = what_next(history);
        for symptom in history.symptoms.iter().filter(|of| of.is_drawn()) {
            let _ = write!(out, "\n{}", self.symptom(symptom));
        }
        let shown = if self.verbose { history.anomalies.len() } else { FINDINGS_SHOWN };
        for (at, anomaly) in history.anomalies.iter().take(shown).enumerate() {
            // What is the case in a part is said once.
            let stops = |other: &AnomalyReport| other.frontier.as_ref().map(|frontier| frontier.operation.id);
            let is_new_part = history.anomalies[..at].iter().all(|other| stops(other) != stops(anomaly));
            let help = Some(help.as_str()).filter(|_| at == 0);
            let _ = write!(out, "\n{}", self.anomaly(anomaly, history.origin, is_new_part, help));
        }
        let hidden = history.anomalies.len().saturating_sub(shown);
        if hidden > 0 {
            let what = plural(hidden, "kind is", "kinds are");
            let _ = writeln!(out, "\n{} more {what} not told in full; `-v` tells all", count(hidden));
        }
    }

    fn anomaly(&self, anomaly: &AnomalyReport, origin: i64, is_new_part: bool, help: Option<&str>) -> String {
        let key = anomaly.key.as_ref().map_or(String::new(), |key| format!(" of key {}", key.text));
        let title = format!("{}{key}", anomaly.name);
        let labels: Vec<String> = anomaly.operations.iter().map(label).collect();
        let marks = marks(&anomaly.operations, &labels, Some(anomaly.subject));
        let (of, prefix) = anomaly.within;
        let few = anomaly.operations.len();
        let smallest = format!(
            "{} of {} {}; no order of the first {} explains them",
            count(few),
            count(of),
            plural(of, "operation", "operations"),
            count(prefix),
        );
        let whereabouts = whereabouts(anomaly).map(|told| {
            if anomaly.count == 1 { told } else { format!("{} times: {told}", count(anomaly.count)) }
        });
        let (lateness, possible) = (lateness(anomaly), anomaly.instead.as_ref().and_then(possible));
        let frontier = anomaly.frontier.as_ref().filter(|_| is_new_part).map(frontier::told);
        let known = anomaly.baselined.as_ref().map(Baselined::told);
        let core = anomaly.operations.iter().map(|of| &of.operation);
        let faults: Vec<_> = anomaly.scope.windows.iter().filter_map(|(fault, _)| fault.as_ref()).collect();
        let when = timeline(core, &faults, origin, self.pen()).join("\n");
        let notes = [
            ("known", known.as_deref()),
            ("why", Some(anomaly.message.as_str())),
            (DRAWING, Some(when.as_str()).filter(|when| !when.is_empty())),
            ("frontier", frontier.as_deref()),
            ("possible", possible.as_deref()),
            ("smallest", Some(smallest.as_str())),
            ("late", lateness.as_deref()),
            ("where", whereabouts.as_deref()),
        ];
        let notes = notes.into_iter().filter_map(|(name, told)| Some((name, told?))).collect();
        let (severity, code) = (severity(&anomaly.baselined), anomaly.code);
        Picture { severity, code, title: &title, marks, notes, help }.draw(self.color, self.of_sentences())
    }

    fn symptom(&self, symptom: &SymptomReport) -> String {
        let sides = symptom.split.as_ref().map_or(String::new(), |split| format!(": {}", sides(split)));
        let likely = if symptom.is_likeness { "consistent with a " } else { "" };
        let title = format!("{likely}{}{sides}", symptom.name);
        let labels: Vec<String> = symptom.operations.iter().map(label).collect();
        let marks = marks(&symptom.operations, &labels, None);
        let known = symptom.baselined.as_ref().map(Baselined::told);
        let known = known.iter().map(|told| ("known", told.as_str()));
        let notes = known.chain([("why", symptom.message.as_str())]).collect();
        let severity = if symptom.is_failing() { Severity::Error } else { Severity::Warning };
        let code = symptom.code;
        Picture { severity, code, title: &title, marks, notes, help: None }
            .draw(self.color, self.of_sentences())
    }
}

/// How bad a violation is: one that is known and let pass is told beside the others.
pub(crate) fn severity(baselined: &Option<Baselined>) -> Severity {
    if baselined.as_ref().is_some_and(Baselined::is_in_force) { Severity::Warning } else { Severity::Error }
}

/// What is said of an operation under its line.
fn label(of: &AnomalyOperation) -> String {
    let node = of.operation.node.as_ref().map_or(String::new(), |node| format!(", {}", plain(node)));
    format!("{}{node}", of.role)
}

/// The lines of some operations, first that of the one which it is about.
fn marks<'a>(
    operations: &'a [AnomalyOperation],
    labels: &'a [String],
    subject: Option<u32>,
) -> Vec<Mark<'a>> {
    let mark = |(of, label): (&'a AnomalyOperation, &'a String)| {
        let place = of.operation.end.as_ref().unwrap_or(&of.operation.call);
        Mark { place, label: label.as_str(), is_primary: subject.is_none_or(|id| id == of.operation.id) }
    };
    let mut all: Vec<_> = operations.iter().zip(labels).map(mark).collect();
    // What is said to be the same place by one record for all is drawn once.
    all.sort_by_key(|mark| (!mark.is_primary, mark.place.line));
    all.truncate(MARKS_SHOWN);
    all
}
