//! What is decided about a part.

use seriatim_history::{EventId, OpId, ValueId};
use seriatim_model::{Conflict, Keys, Linearization};

use crate::strategy::Strategy;

/// The answer for one part, or for several together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict<Yes> {
    /// There is a linearization.
    Linearizable(Yes),
    /// There is none.
    NotLinearizable(Refutation),
    /// The limits were met first.
    Unknown(Cause),
}

/// Evidence that there is no linearization: the shortest prefix of the part that has none.
///
/// That prefix ends with the earliest return such that no order contains every operation that had returned by then
/// (operations still open may be used, with their eventual answers). It depends on the history and the model only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refutation {
    /// The operation whose return ends the prefix: it cannot be linearized together with all that returned before it.
    pub op: OpId,
    /// Its return.
    pub ret: EventId,
    /// How many operations of the part were called by then.
    pub prefix: usize,
    /// Few operations of that prefix that show by themselves that there is none, as the verifier has checked; `None`
    /// where none were found. Like the prefix they depend on the history and the model only.
    pub evidence: Option<Conflict>,
}

/// Why a part is not decided, and how far its search came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cause {
    /// What stopped it.
    pub reason: crate::limits::StopReason,
    /// How far it came.
    pub reached: Reached,
}

/// How far a search came, and what it is up against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Reached {
    /// How many returns of the part some order was found for, one after the other from the start.
    pub returns: usize,
    /// How many returns the part has.
    pub of: usize,
    /// The most operations that were open at once, those of unknown outcome not counted.
    pub width: usize,
    /// How many operations of unknown outcome it has.
    pub indeterminate: usize,
    /// How many configurations were entered.
    pub configurations: u64,
}

/// What was decided about one part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The key that the operations share.
    pub key: Option<ValueId>,
    /// The pieces of the object that were touched together, where the model tells them apart.
    pub touched: Keys,
    /// The operations that were checked, in the order of their calls.
    pub ops: Vec<OpId>,
    /// How it was decided.
    pub strategy: Strategy,
    /// How many configurations the search entered; 0 for a strategy that does not search.
    pub configurations: u64,
    /// The answer.
    pub verdict: Verdict<Linearization>,
}
