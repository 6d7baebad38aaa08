//! Numbers that show a symptom, in few words.

use crate::setting::Unit;
use crate::symptom::Number;

/// So many.
pub(crate) fn count(name: &'static str, value: u64) -> Number {
    Number { name, value: value as f64, unit: Unit::Count, usual: None }
}

/// So many nanoseconds.
pub(crate) fn time(name: &'static str, value: f64) -> Number {
    Number { name, value, unit: Unit::Time, usual: None }
}

/// So large a share of one.
pub(crate) fn share(name: &'static str, value: f64) -> Number {
    Number { name, value, unit: Unit::Share, usual: None }
}

/// So many times as much.
pub(crate) fn factor(name: &'static str, value: f64) -> Number {
    Number { name, value, unit: Unit::Factor, usual: None }
}

impl Number {
    /// It beside what it usually is.
    pub(crate) fn usually(self, usual: Option<f64>) -> Self {
        Self { usual, ..self }
    }
}
