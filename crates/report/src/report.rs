//! What was found, as plain data: whoever renders it needs neither the history nor the model.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{Shard, Share, Unmet};
use crate::finding::{AnomalyReport, KeptReport};
use crate::part::{Counted, PartReport, PartVerdict};
use crate::problem::Problem;
use crate::run::RunReport;
use crate::symptom::{ChainReport, GreenReport, SymptomReport};

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
    /// What came after what.
    pub chains: Vec<ChainReport>,
    /// Whether answers were wrong while nothing else showed it.
    pub green: Option<GreenReport>,
    /// What a history like this one cannot show, a sentence each, without a full stop.
    pub not_visible: Vec<String>,
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
            chains: Vec::new(),
            green: None,
            not_visible: Vec::new(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_is_worst_and_an_error_is_worse_than_a_doubt() {
        let mut all = [Verdict::Error, Verdict::Valid, Verdict::Invalid, Verdict::Vacuous, Verdict::Unknown];
        all.sort();
        let words: Vec<_> = all.iter().map(|verdict| verdict.word()).collect();
        assert_eq!(words, ["valid", "vacuous", "unknown", "error", "invalid"]);
    }
}
