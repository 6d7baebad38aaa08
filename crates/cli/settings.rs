//! What a user says of the meaning of the input, over its own head and over what its format usually means.

use seriatim_history::format::csv::ColumnMap;
use seriatim_history::{FailedCas, Format, NilRead, Order, Ties};
use seriatim_model::catalog::ModelName;

use crate::doubted::Doubted;

/// What a user says of the meaning of the input; `None` leaves a choice to the input, then to its format.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    /// The model.
    pub(crate) model: Option<ModelName>,
    /// The format.
    pub(crate) format: Option<Format>,
    /// The columns of a table.
    pub(crate) map: ColumnMap,
    /// The value that the object starts with, as JSON or EDN.
    pub(crate) initial: Option<String>,
    /// What a read of nil says.
    pub(crate) nil_read: Option<NilRead>,
    /// What a failed compare-and-set says.
    pub(crate) failed_cas: Option<FailedCas>,
    /// What equal times mean.
    pub(crate) ties: Option<Ties>,
    /// What orders the events.
    pub(crate) order: Option<Order>,
    /// Whether `[key value]` tuples are taken apart.
    pub(crate) independent: Option<bool>,
    /// Functions whose failures are of unknown outcome.
    pub(crate) doubted: Doubted,
}

/// A choice between few rules, each with a word for the command line, for reports and for certificates.
pub(crate) trait Rule: Copy + PartialEq + 'static {
    /// Each rule and its word.
    const WORDS: &'static [(Self, &'static str)];

    /// The word of this rule.
    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(rule, _)| *rule == self).map_or("", |&(_, word)| word)
    }

    /// The rule of a word.
    fn from_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, known)| *known == word).map(|&(rule, _)| rule)
    }

    /// The rule of a word, for the command line.
    fn parse(word: &str) -> Result<Self, String> {
        Self::from_word(word).ok_or_else(|| {
            let words: Vec<_> = Self::WORDS.iter().map(|(_, word)| format!("`{word}`")).collect();
            format!("expected {}", words.join(" or "))
        })
    }
}

impl Rule for NilRead {
    const WORDS: &'static [(Self, &'static str)] = &[(Self::Value, "value"), (Self::Wildcard, "wildcard")];
}

impl Rule for FailedCas {
    const WORDS: &'static [(Self, &'static str)] = &[(Self::Drop, "drop"), (Self::Observe, "observe")];
}

impl Rule for Ties {
    const WORDS: &'static [(Self, &'static str)] = &[(Self::Overlap, "overlap"), (Self::Ordered, "ordered")];
}

impl Rule for Order {
    const WORDS: &'static [(Self, &'static str)] = &[(Self::Line, "line"), (Self::Time, "time")];
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words_lead_back<R: Rule + std::fmt::Debug>() {
        for &(rule, word) in R::WORDS {
            assert_eq!((rule.word(), R::from_word(word)), (word, Some(rule)));
        }
        assert_eq!(R::from_word("other"), None);
    }

    #[test]
    fn every_rule_has_a_word() {
        words_lead_back::<NilRead>();
        words_lead_back::<FailedCas>();
        words_lead_back::<Ties>();
        words_lead_back::<Order>();
        assert_eq!(Ties::parse("x"), Err("expected `overlap` or `ordered`".to_owned()));
    }
}
