//! The choices that FORMATS leaves to a file, a format or the command line: what must be fixed before a history
//! has one meaning.

use crate::value::ValueId;

/// Whether an operation that returned at the very time at which another was called came before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Ties {
    /// They overlap (closed intervals): sound, since it forbids less.
    #[default]
    Overlap,
    /// The one that returned came first.
    Ordered,
}

impl Ties {
    /// Which of several events of one time comes first: the one with the least rank. `is_instant` says that its operation began
    /// and ended at that very time. Closed intervals put all calls before all ends; ordered ties put ends first, save those of
    /// operations that began only then.
    pub(crate) fn rank(self, is_end: bool, is_instant: bool) -> u8 {
        match (self, is_end, is_instant) {
            (Self::Overlap, is_end, _) => u8::from(is_end),
            (Self::Ordered, true, false) => 0,
            (Self::Ordered, false, true) => 1,
            (Self::Ordered, true, true) => 2,
            (Self::Ordered, false, false) => 3,
        }
    }
}

/// What a completed read of `nil` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum NilRead {
    /// It read the value `nil`.
    #[default]
    Value,
    /// What it read is not known (Knossos): any state is right.
    Wildcard,
}

/// What a compare-and-set that ended as `fail` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum FailedCas {
    /// It did not happen (Jepsen).
    #[default]
    Drop,
    /// It happened, and saw that the value was another than expected.
    Observe,
}

/// What orders the events of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Order {
    /// Where they stand in the file (sorted by `:index` where every event has one).
    #[default]
    Line,
    /// Their times.
    Time,
}

/// The unit of the recorded times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum TimeUnit {
    /// Nanoseconds.
    #[default]
    Nanoseconds,
    /// Microseconds.
    Microseconds,
    /// Milliseconds.
    Milliseconds,
    /// Seconds.
    Seconds,
}

impl TimeUnit {
    /// How many nanoseconds one of it has.
    pub fn nanoseconds(self) -> i64 {
        match self {
            Self::Nanoseconds => 1,
            Self::Microseconds => 1_000,
            Self::Milliseconds => 1_000_000,
            Self::Seconds => 1_000_000_000,
        }
    }
}

/// What the input itself says of how to read it: a header line, a comment that names the object, or the format's own rule.
/// `None` leaves the choice to whoever checks.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Declared {
    /// The name of the model.
    pub model: Option<String>,
    /// The value that the object starts with.
    pub initial: Option<ValueId>,
    /// What a read of nil says.
    pub nil_read: Option<NilRead>,
    /// What a failed compare-and-set says.
    pub failed_cas: Option<FailedCas>,
    /// What equal times mean.
    pub ties: Option<Ties>,
    /// What orders the events.
    pub order: Option<Order>,
    /// The unit of times.
    pub time_unit: Option<TimeUnit>,
}
