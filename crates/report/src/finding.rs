//! Violations and patterns that have a name, as plain data.

use crate::document::Baselined;
use crate::frontier::FrontierReport;
use crate::operation::OperationReport;
use crate::placement::PlacementsReport;
use crate::shown::Shown;

/// A kind of violation that has a name, and the first instance of it.
#[derive(Clone, Debug, PartialEq)]
pub struct AnomalyReport {
    /// Its stable code.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// How many observations show it.
    pub count: usize,
    /// In how many parts.
    pub parts: usize,
    /// The key of the first instance.
    pub key: Option<Shown>,
    /// The first instance, in a sentence.
    pub message: String,
    /// The operations that the sentence speaks of.
    pub operations: Vec<AnomalyOperation>,
    /// Which of the operations must come before which, by their numbers, and why.
    pub edges: Vec<(u32, u32, &'static str)>,
    /// Others of the same part that were under way about then, where somebody wants to see them.
    pub around: Vec<AnomalyOperation>,
    /// The number of the one that it is about.
    pub subject: u32,
    /// Whether the subject was told that something is there which is lost, not answered what cannot be.
    pub is_lost: bool,
    /// How late the answer of the first instance was, and the longest of all, in nanoseconds; where times tell it.
    pub lag: Option<(u64, u64)>,
    /// How many versions the answer of the first instance is behind, at least.
    pub versions: Option<u32>,
    /// Of how many operations the part of the first instance has, and up to which of them there is no order.
    pub within: (usize, usize),
    /// Where and when all instances were.
    pub scope: ScopeReport,
    /// What could have been answered where the part of the first instance stops being linearizable, as far as that was found.
    pub instead: Option<InsteadReport>,
    /// What may be the case where it does so.
    pub frontier: Option<FrontierReport>,
    /// Where its operations, and those around it, could stand in the order that leads there, where somebody wants to see that.
    pub placements: Option<PlacementsReport>,
    /// The entry of a baseline that it is in.
    pub baselined: Option<Baselined>,
    /// The number of the first operation of the part of the first instance, where other shards have other parts.
    pub first: Option<u32>,
}

/// What could have been answered to an operation.
#[derive(Clone, Debug, PartialEq)]
pub struct InsteadReport {
    /// The operation.
    pub operation: OperationReport,
    /// Whether other observers of the part are left aside, since the part stops being linearizable at one of them.
    pub is_alone: bool,
    /// The answers that fit into some order of all that had happened by then.
    pub answers: Vec<PossibleAnswer>,
    /// How many more are known.
    pub more: usize,
    /// What all that are known come to, where that is told.
    pub summary: Option<String>,
    /// Whether no other answer does.
    pub are_all: bool,
}

/// An answer that could have been given.
#[derive(Clone, Debug, PartialEq)]
pub struct PossibleAnswer {
    /// The answer.
    pub value: String,
    /// Whoever put it in; nobody where it was there from the start.
    pub by: Option<Justified>,
}

/// Whoever put in what could have been answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Justified {
    /// The line where it ended, or was called.
    pub line: usize,
    /// Whether it was still under way.
    pub is_open: bool,
}

/// An operation of a finding, and its part in it.
#[derive(Clone, Debug, PartialEq)]
pub struct AnomalyOperation {
    /// `read`, `write` or `overwrite`.
    pub role: &'static str,
    /// The operation.
    pub operation: OperationReport,
}

/// How often there is what, the most frequent first; nothing for what nobody tells.
pub type Counts<T> = Vec<(Option<T>, usize)>;

/// Where and when instances were.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScopeReport {
    /// How many instances there are.
    pub of: usize,
    /// By the node that was asked.
    pub nodes: Counts<Shown>,
    /// By the key.
    pub keys: Counts<Shown>,
    /// By the client.
    pub processes: Counts<Shown>,
    /// By the fault that was done to the system meanwhile; none where no fault has a beginning that is known.
    pub windows: Counts<WindowReport>,
}

impl ScopeReport {
    /// The same, with what is equally frequent in an order that does not depend on who counted.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        let text = |shown: &Shown| (shown.text.len(), shown.text.clone());
        sort(&mut self.nodes, text);
        sort(&mut self.keys, text);
        sort(&mut self.processes, text);
        // Those of one name in the order of their beginnings.
        let began = |window: &WindowReport| window.from.map_or(String::new(), |from| format!("{from:>24.9}"));
        sort(&mut self.windows, |window| (0, format!("{} {}", window.name, began(window))));
        self
    }

    /// That of these instances and others.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            of: self.of + other.of,
            nodes: merged(self.nodes, other.nodes),
            keys: merged(self.keys, other.keys),
            processes: merged(self.processes, other.processes),
            windows: merged(self.windows, other.windows),
        }
        .sorted()
    }
}

fn sort<T>(counts: &mut Counts<T>, name: impl Fn(&T) -> (usize, String)) {
    counts.sort_by_cached_key(|(what, count)| (std::cmp::Reverse(*count), what.as_ref().map(&name)));
}

fn merged<T: PartialEq>(mut one: Counts<T>, other: Counts<T>) -> Counts<T> {
    for (what, count) in other {
        match one.iter_mut().find(|(known, _)| *known == what) {
            Some((_, known)) => *known += count,
            None => one.push((what, count)),
        }
    }
    one.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    one
}

/// A stretch of time in which something was done to the system.
#[derive(Clone, Debug, PartialEq)]
pub struct WindowReport {
    /// What.
    pub name: String,
    /// To which nodes.
    pub nodes: Vec<String>,
    /// From when on, in seconds of the recorded time.
    pub from: Option<f64>,
    /// Until when.
    pub to: Option<f64>,
}

/// What a history keeps to that is not linearizable.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptReport {
    /// All of it, from the strongest guarantee to the weakest.
    pub whole: Vec<GuaranteeReport>,
    /// Of how many refuted parts each guarantee holds, is broken, and is not determined; in the same order.
    pub parts: Vec<(&'static str, [usize; 3])>,
    /// By how much the clocks would have to differ for every part to be linearizable, in nanoseconds, and for how many parts
    /// that is known.
    pub delta: Option<(u64, usize)>,
    /// The most versions that an answer is behind.
    pub versions: u32,
}

/// Whether a guarantee holds.
#[derive(Clone, Debug, PartialEq)]
pub struct GuaranteeReport {
    /// Its name.
    pub name: &'static str,
    /// Whether no other one that holds implies it.
    pub is_strongest: bool,
    /// The answer.
    pub answer: GuaranteeAnswer,
}

/// Whether a guarantee holds.
#[derive(Clone, Debug, PartialEq)]
pub enum GuaranteeAnswer {
    /// It does.
    Holds,
    /// It does not, as the operations on these lines show.
    Broken(Vec<usize>),
    /// Nobody knows, for this reason.
    NotDetermined(&'static str),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_add_up() {
        let of = |counts: &[(u8, usize)]| -> Counts<u8> {
            counts.iter().map(|&(what, count)| (Some(what), count)).collect()
        };
        assert_eq!(merged(of(&[(1, 3), (2, 1)]), of(&[(2, 4), (3, 1)])), of(&[(2, 5), (1, 3), (3, 1)]));
        assert_eq!(merged(vec![(None::<u8>, 2)], vec![(None, 3)]), [(None, 5)]);
    }
}
