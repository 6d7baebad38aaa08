//! The tools that are compared, and what they say.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Who decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Tool {
    Seriatim,
    PorcupineRs,
    TodcUtils,
    Stateright,
}

impl Tool {
    pub(crate) const ALL: [Self; 4] = [Self::Seriatim, Self::PorcupineRs, Self::TodcUtils, Self::Stateright];

    /// The name of its package.
    pub(crate) fn package(self) -> &'static str {
        match self {
            Self::Seriatim => "seriatim",
            Self::PorcupineRs => "porcupine-rs",
            Self::TodcUtils => "todc-utils",
            Self::Stateright => "stateright",
        }
    }
}

/// What is said of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Answer {
    Valid,
    Invalid,
    Unknown,
}

impl Answer {
    /// Of a history whose parts have these answers.
    pub(crate) fn of_all(parts: impl IntoIterator<Item = Self>) -> Self {
        parts.into_iter().fold(Self::Valid, |all, part| match (all, part) {
            (Self::Invalid, _) | (_, Self::Invalid) => Self::Invalid,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::Valid, Self::Valid) => Self::Valid,
        })
    }

    pub(crate) fn of(is_linearizable: bool) -> Self {
        if is_linearizable { Self::Valid } else { Self::Invalid }
    }

    /// Whether no history has both answers.
    pub(crate) fn contradicts(self, other: Self) -> bool {
        self != other && self != Self::Unknown && other != Self::Unknown
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Valid => "valid",
            Self::Invalid => "invalid",
            Self::Unknown => "unknown",
        })
    }
}

/// What a tool made of one history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Decided {
    pub(crate) answer: Answer,
    /// From the history in memory to the answer.
    pub(crate) seconds: f64,
    pub(crate) operations: usize,
    /// How many configurations our search entered; 0 for others.
    pub(crate) configurations: u64,
    /// Our strategies, sorted; empty for others.
    pub(crate) strategies: Vec<String>,
}
