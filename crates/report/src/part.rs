//! What was found out about a part of a history, or about several that are only counted.

use std::time::Duration;

use crate::document::Baselined;
use crate::finding::InsteadReport;
use crate::frontier::FrontierReport;
use crate::operation::OperationReport;
use crate::report::Verdict;
use crate::shown::Shown;

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

#[cfg(test)]
mod tests {
    use super::*;

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
