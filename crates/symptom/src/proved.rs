//! What is proved of a history by others, as far as rules here go by it.

use seriatim_history::{OpId, ValueId};

/// An instance of an anomaly that is proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proved {
    /// Its code, as `LIN001`.
    pub code: &'static str,
    /// The operation that it is about, for reports.
    pub subject: OpId,
    /// The recorded time at which the wrong answer was there, in nanoseconds, where that is known; of what is lost, an answer that
    /// lacks it.
    pub time: Option<i64>,
    /// The node that gave it.
    pub node: Option<ValueId>,
    /// The recorded time at which what is lost had been acknowledged, and the node that did, of what is lost.
    pub acknowledged: Option<(i64, Option<ValueId>)>,
    /// Of a look at a counter: whether it saw more than was ever added, so that something was added twice.
    pub is_surplus: bool,
    /// Of a value that is old: whether the node that told it, or the same client where no nodes are known, had told a newer one.
    pub is_back: bool,
    /// Of a value that was seen before it was put in: when it was seen, by whom, and when it was put in, by whom. Whose clock
    /// recorded it is its process.
    pub inversion: Option<[(i64, ValueId); 2]>,
}

impl Proved {
    /// Since when it was there, and at which node: of what is lost, since it was acknowledged.
    pub fn began(&self) -> (Option<i64>, Option<ValueId>) {
        self.acknowledged.map_or((self.time, self.node), |(time, node)| (Some(time), node))
    }
}

/// Something that was acknowledged and is not there any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone {
    /// The operation that put it in.
    pub subject: OpId,
    /// The recorded time at which it had been acknowledged, in nanoseconds, and the node that did.
    pub acknowledged: (i64, Option<ValueId>),
    /// The recorded time at which an answer lacked it, where that is known.
    pub missed: Option<i64>,
}

/// What is proved of a history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Joined {
    /// All instances, in the order of the numbers of their subjects.
    pub proved: Vec<Proved>,
    /// What was acknowledged and is gone, whether or not anybody saw it before, in the order of the numbers of the subjects.
    pub gone: Vec<Gone>,
    /// Of each two clients the least time from when the first put something in to when the second had seen it, as recorded, in
    /// nanoseconds, where something was seen before it was put in; a pair may be there several times.
    pub differences: Vec<([ValueId; 2], i64)>,
    /// Two sides that were apart and nodes that stood still, with when that was: `SplitBrain` or `StuckReplica`.
    pub sides: Vec<(crate::kind::SymptomKind, Option<(i64, i64)>)>,
    /// Which of the faults are crashes, by their places among [`crate::Observed::windows`].
    pub crashes: Vec<usize>,
    /// How many lines have an earlier time than the one before, where that was noted.
    pub times_run_back: usize,
}
