//! A symptom that was found, as data. Sentences are made elsewhere, from the row's template.

use seriatim_history::{OpId, ValueId};

use crate::kind::SymptomKind;
use crate::setting::Unit;

/// A failure pattern that a history shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Symptom {
    /// Which.
    pub kind: SymptomKind,
    /// Whether it is only what it looks like: other things that the row names as confounders would leave the same trace.
    pub is_likeness: bool,
    /// Where.
    pub scope: Scope,
    /// From when to when, in nanoseconds of the recorded time.
    pub window: (i64, i64),
    /// The numbers that show it; the row's template names each.
    pub numbers: Vec<Number>,
    /// How large the difference is, in the measure that the row names.
    pub effect: Option<f64>,
    /// How many operations it was seen in, and how many they were compared with.
    pub sample: (u64, u64),
    /// The statistical test, where the row has one.
    pub test: Option<Tested>,
    /// Few operations that show it, with their roles, where single operations do.
    pub shown: Vec<(&'static str, OpId)>,
}

/// Where something was seen; all of a list that is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// At these nodes.
    pub nodes: Vec<ValueId>,
    /// By these clients.
    pub processes: Vec<ValueId>,
    /// On these keys.
    pub keys: Vec<ValueId>,
    /// Asking this.
    pub functions: Vec<ValueId>,
}

/// A number that shows a symptom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number {
    /// Its name in the row's template.
    pub name: &'static str,
    /// The number; of a time, in nanoseconds.
    pub value: f64,
    /// What it counts.
    pub unit: Unit,
    /// The same in the time it is compared with.
    pub usual: Option<f64>,
}

impl Number {
    /// So many.
    pub(crate) fn count(name: &'static str, value: u64) -> Self {
        Self { name, value: value as f64, unit: Unit::Count, usual: None }
    }

    /// So many nanoseconds.
    pub(crate) fn time(name: &'static str, value: f64) -> Self {
        Self { name, value, unit: Unit::Time, usual: None }
    }

    /// So many a second.
    pub(crate) fn rate(name: &'static str, value: f64) -> Self {
        Self { name, value, unit: Unit::Rate, usual: None }
    }

    /// So large a share of one.
    pub(crate) fn share(name: &'static str, value: f64) -> Self {
        Self { name, value, unit: Unit::Share, usual: None }
    }

    /// So many times as much.
    pub(crate) fn factor(name: &'static str, value: f64) -> Self {
        Self { name, value, unit: Unit::Factor, usual: None }
    }

    /// It beside what it usually is; nothing where that is not known.
    pub(crate) fn usually(self, usual: impl Into<Option<f64>>) -> Self {
        Self { usual: usual.into(), ..self }
    }
}

/// A test of the hypothesis that there is no difference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tested {
    /// The probability of so large a difference by chance.
    pub p: f64,
    /// The same corrected for how many tests were made on this history (Benjamini & Hochberg 1995).
    pub q: f64,
}
