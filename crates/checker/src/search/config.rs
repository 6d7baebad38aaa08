//! Where a search stands, and how it got there.

use super::spent::SpentId;
use crate::table::StateId;

/// A configuration at which the operation that returns is not linearized yet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Config<W> {
    pub(super) event: u32,
    pub(super) state: StateId,
    pub(super) linearized: W,
    pub(super) spent: SpentId,
}

/// How a configuration was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// It was not: this is where the search began.
    Start,
    /// By an open operation, which is linearized behind the first `hidden` open blind writes.
    Open { op: u32, hidden: u32 },
    /// By one of a kind of operations that never return.
    Crashed { kind: u32, hidden: u32 },
    /// Only without [`super::Reductions::just_in_time`]: the operation that returned is linearized; on to the next return.
    Advance,
}

/// A decision, and which of its outcomes followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) decision: Decision,
    pub(super) outcome: u32,
}
