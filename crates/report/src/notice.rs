//! What other programs are told of a document, one thing at a time: where it is, how bad it is, and in which words.

use std::borrow::Cow;

use crate::beside;
use crate::document::{Anomaly, Baselined, Diagnostic, Document, History, Part, Role, Symptom, Verdict};
use crate::words::plural;

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Something is wrong.
    Error,
    /// Something may be.
    Warning,
    /// Something is worth knowing.
    Note,
}

/// Rules that are no anomalies: something is wrong, or unknown, and no name says what.
pub const OTHER_RULES: &[(&str, &str, &str)] = &[
    ("violation", "violation without a name", "Some part of a history has no linearization."),
    ("unknown", "not decided", "The limits were met before some part of a history was decided."),
    ("vacuous", "nothing was checked", "A history says nothing that could be wrong."),
    ("input", "malformed input", "A file cannot be read as a history."),
    ("doubt", "doubtful input", "A history was used although something about it is strange."),
];

/// One thing to tell.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice<'a> {
    /// How bad it is.
    pub level: Level,
    /// The code of an anomaly, or a rule of [`OTHER_RULES`].
    pub rule: Cow<'a, str>,
    /// In few words.
    pub title: String,
    /// In a sentence or two.
    pub message: String,
    /// The file.
    pub path: Cow<'a, str>,
    /// The line of the file, from 1; none where the file as a whole is meant.
    pub line: Option<usize>,
    /// Other lines that explain it, each with what is there.
    pub related: Vec<(Cow<'a, str>, usize, String)>,
    /// What stays the same when the same thing happens again.
    pub fingerprint: Option<&'a str>,
    /// The entry of a baseline that it is in.
    pub baselined: Option<&'a Baselined>,
}

impl Notice<'_> {
    /// Whether it is let pass, because it is known.
    pub fn is_let_pass(&self) -> bool {
        self.baselined.is_some_and(Baselined::is_in_force)
    }

    /// The message, and what a baseline says of it.
    pub fn in_full(&self) -> String {
        match self.baselined {
            Some(baselined) => format!("{} ({})", self.message, baselined.told()),
            None => self.message.clone(),
        }
    }
}

/// The rule of a history that lacks what it was to have exercised.
pub const UNMET: &str = "COV01";

/// Everything there is to tell of a document, history after history, the worst first.
pub fn notices<'a>(document: &'a Document<'_>) -> Vec<Notice<'a>> {
    document.histories.iter().flat_map(of_history).collect()
}

/// Everything there is to tell of a history, the worst first.
pub fn of_history<'a>(history: &'a History<'_>) -> Vec<Notice<'a>> {
    let parts = || history.parts.iter();
    let mut all: Vec<_> = history.anomalies.iter().map(|anomaly| of_anomaly(history, anomaly)).collect();
    all.extend(parts().filter_map(|part| unnamed(history, part)));
    all.extend(history.symptoms.iter().filter(|of| of.is_failing()).map(|of| of_symptom(history, of)));
    all.extend(history.diagnostics.iter().map(|problem| of_problem(history, problem, "input")));
    all.extend(parts().filter_map(|part| undecided(history, part)));
    all.extend(history.unmet.iter().map(|unmet| Notice {
        level: Level::Error,
        rule: UNMET.into(),
        title: format!("{UNMET} not covered"),
        message: unmet.message.clone(),
        path: Cow::Borrowed(&*history.path),
        line: None,
        related: Vec::new(),
        fingerprint: None,
        baselined: None,
    }));
    let reason = match history.verdict {
        Verdict::Vacuous if !history.unmet.is_empty() => None,
        Verdict::Vacuous => Some(("vacuous", Level::Warning)),
        Verdict::Unknown if parts().all(|part| part.unknown.is_none()) => Some(("unknown", Level::Error)),
        _ => None,
    };
    // The first doubt of a history on which nothing was decided says why.
    let mut notes = history.notes.iter();
    if let Some((rule, level)) = reason {
        let why = notes.next().map(|problem| of_problem(history, problem, rule));
        all.extend(why.map(|why| Notice { level, ..why }));
    }
    all.extend(history.symptoms.iter().filter(|of| !of.is_failing()).map(|of| of_symptom(history, of)));
    all.extend(notes.map(|problem| of_problem(history, problem, "doubt")));
    all
}

/// A symptom: worth knowing, and no more than that unless the run fails for it.
fn of_symptom<'a>(history: &'a History<'_>, symptom: &'a Symptom<'_>) -> Notice<'a> {
    Notice {
        level: if symptom.is_failing() { Level::Error } else { Level::Note },
        rule: Cow::Borrowed(&*symptom.code),
        title: format!("{} {}", symptom.code, beside::called(symptom)),
        message: beside::in_one(symptom),
        path: Cow::Borrowed(&*history.path),
        line: symptom.operations.last().map(|of| of.line),
        related: symptom
            .operations
            .iter()
            .map(|of| (path(of, history), of.line, played(&of.role, &of.shown)))
            .collect(),
        fingerprint: Some(&*symptom.fingerprint).filter(|known| !known.is_empty()),
        baselined: symptom.baselined.as_ref(),
    }
}

fn path<'a>(of: &'a Role<'_>, history: &'a History<'_>) -> Cow<'a, str> {
    Cow::Borrowed(of.path.as_deref().unwrap_or(&history.path))
}

fn played(role: &str, shown: &str) -> String {
    format!("{role}: {shown}")
}

fn of_anomaly<'a>(history: &'a History<'_>, anomaly: &'a Anomaly<'_>) -> Notice<'a> {
    let subject = anomaly.operations.iter().find(|of| of.id == anomaly.subject).or(anomaly.operations.last());
    let others = anomaly.operations.iter().filter(|of| Some(of.id) != subject.map(|of| of.id));
    let times = match (anomaly.count, anomaly.parts) {
        (..=1, _) => String::new(),
        (count, ..=1) => format!(" ({count} times)"),
        (count, parts) => format!(" ({count} times, in {parts} parts)"),
    };
    Notice {
        level: Level::Error,
        rule: Cow::Borrowed(&*anomaly.code),
        title: format!("{} {}", anomaly.code, anomaly.name.replace('-', " ")),
        message: format!("{}{times}", anomaly.message),
        path: subject.map_or(Cow::Borrowed(&*history.path), |of| path(of, history)),
        line: subject.map(|of| of.line),
        related: others.map(|of| (path(of, history), of.line, played(&of.role, &of.shown))).collect(),
        fingerprint: Some(&anomaly.fingerprint),
        baselined: anomaly.baselined.as_ref(),
    }
}

fn unnamed<'a>(history: &'a History<'_>, part: &'a Part<'_>) -> Option<Notice<'a>> {
    let refutation = part.refutation.as_ref().filter(|refutation| !refutation.is_named)?;
    let of = &refutation.operation;
    Some(Notice {
        level: Level::Error,
        rule: "violation".into(),
        title: format!("{} is not {}", part.name(), history.property),
        message: format!("{}: no order of what was called by then explains it", of.shown),
        path: Cow::Borrowed(&*of.path),
        line: Some(of.line),
        related: refutation
            .evidence
            .iter()
            .flat_map(|evidence| &evidence.operations)
            .map(|of| (Cow::Borrowed(&*of.path), of.line, of.shown.to_string()))
            .collect(),
        fingerprint: Some(&*refutation.fingerprint).filter(|known| !known.is_empty()),
        baselined: refutation.baselined.as_ref(),
    })
}

fn undecided<'a>(history: &'a History<'_>, part: &'a Part<'_>) -> Option<Notice<'a>> {
    let unknown = part.unknown.as_ref()?;
    Some(Notice {
        level: Level::Error,
        rule: "unknown".into(),
        title: format!("{} is not decided", part.name()),
        message: format!(
            "{} after {} of {} {}; {}",
            unknown.reason,
            unknown.returns_reached,
            unknown.returns_total,
            plural(unknown.returns_total, "return", "returns"),
            unknown.advice
        ),
        path: Cow::Borrowed(&*history.path),
        line: None,
        related: Vec::new(),
        fingerprint: None,
        baselined: None,
    })
}

fn of_problem<'a>(history: &'a History<'_>, problem: &'a Diagnostic<'_>, rule: &'static str) -> Notice<'a> {
    let help = problem.help.iter().map(|help| format!("; {help}"));
    Notice {
        level: if problem.severity == "error" { Level::Error } else { Level::Warning },
        rule: rule.into(),
        title: title(rule).to_owned(),
        message: std::iter::once(problem.message.to_string()).chain(help).collect(),
        path: Cow::Borrowed(problem.path.as_deref().unwrap_or(&history.path)),
        line: problem.line,
        related: problem
            .related
            .iter()
            .map(|of| (Cow::Borrowed(&*of.path), of.line, of.message.to_string()))
            .collect(),
        fingerprint: None,
        baselined: None,
    }
}

fn title(rule: &str) -> &'static str {
    OTHER_RULES.iter().find(|(name, ..)| *name == rule).map_or("", |&(_, title, _)| title)
}
