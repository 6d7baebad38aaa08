//! Which known anomaly is it? Looks for known ways to have no linearization, by reasoning about accesses alone.
//!
//! This crate and the checker do not know each other: what is found here is an anomaly whatever a search says, since
//! its [`Evidence`] verifies edge by edge against the history. A part without an anomaly may still be invalid.
//!
//! And what is left: which weaker guarantees registers keep that are not linearizable ([`held`]), and how stale their reads
//! are ([`delta()`], [`versions_behind`]).

#![warn(clippy::print_stdout, clippy::print_stderr, clippy::exit)]

mod back;
mod by_value;
pub mod catalog;
mod chain;
mod cores;
pub mod cycle;
mod delta;
mod differences;
pub mod evidence;
mod failed;
mod gone;
pub mod graph;
pub mod holds;
mod infer;
mod lag;
mod pace;
mod reach;
pub mod relation;
mod role;
mod scope;
mod session;
#[cfg(test)]
mod small;
pub mod split;
mod stretch;
mod stuck;
mod touch;
mod unread;
mod words;

use seriatim_history::{History, OpId};
use seriatim_model::{Kind, Model, Part};

pub use back::came_back;
pub use catalog::AnomalyKind;
pub use cores::name_core;
pub use delta::{delta, versions_behind};
pub use differences::differences;
pub use failed::{Failed, asked};

pub use evidence::{Because, Edge, Evidence, Refused};
pub use gone::gone;
pub use holds::{Guarantee, Held, Why, held, strongest};
pub use infer::counter::saw_too_much;
pub use relation::{Relation, Relations};
pub use role::Role;
pub use scope::Scope;
pub use split::SplitBrain;
pub use stuck::{Stuck, stuck};
pub use unread::never_read;

/// A named violation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anomaly {
    /// Which.
    pub kind: AnomalyKind,
    /// What shows it.
    pub evidence: Evidence,
}

impl Anomaly {
    /// The operation that the anomaly is about: whoever was answered what cannot be, or, where something is lost, whoever
    /// was told that it is there.
    pub fn subject(&self) -> OpId {
        self.evidence.subject(self.kind.is_of_loss())
    }

    /// The operation that was answered what cannot be; where something is lost, one that lacks it.
    pub fn witness(&self) -> OpId {
        self.evidence.subject(false)
    }
}

/// The anomalies of a part of a history, in the order of the observations that show them; at most one for each.
pub fn find<M: Model>(model: &M, part: &Part<M::Op>, history: &History) -> Vec<Anomaly> {
    find_while(model, part, history, &Failed::default(), &|| true)
}

/// The same, for as long as `goes_on` says so, which is asked now and then: none where it was left off. All parts of a
/// history share what is known of its operations that failed.
pub fn find_while<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    history: &History,
    failed: &Failed,
    goes_on: &dyn Fn() -> bool,
) -> Vec<Anomaly> {
    match model.kind() {
        Kind::Register { initial } => infer::register::find(model, part, history, initial, failed, goes_on),
        _ => {
            let failed = |value| failed.putting(model, part, history, value, goes_on);
            infer::find(model, part, &failed, goes_on)
        }
    }
}
