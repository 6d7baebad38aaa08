//! The failure patterns that have a code.

/// A failure pattern of a run: never a violation by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum SymptomKind {
    /// Nothing that was asked was done for a while.
    AvailabilityGap,
    /// A fault ended, and service came back late.
    SlowRecovery,
    /// A fault ended, clients asked as much as before, and service stayed bad.
    MetastableFailure,
    /// Part of what was asked was done, or it took far longer than usual.
    BrownOut,
    /// Some clients found a node well while others found it ill.
    GrayFailure,
    /// A node answered, far slower than the others.
    FailSlowNode,
    /// Some clients reached some nodes, in a pattern that no dead node and no dead client explains.
    PartialPartition,
    /// Two sides acted as if the other one were not there.
    SplitBrain,
    /// A node went on answering what it knew once.
    StuckReplica,
    /// Wrong answers while error rate and latency were as always.
    SilentWrongData,
    /// Clients asked again and again for what was asked already.
    RetryAmplification,
    /// What was asked once was done twice.
    DuplicateEffect,
    /// Clients asked in step.
    ThunderingHerd,
    /// One node failed after the other, each under the load of the ones before.
    CascadingFailure,
    /// Recorded times that cannot be.
    RecorderClockFault,
    /// Stamps of servers that lie outside of the requests they belong to.
    ServerClockSkew,
    /// What was acknowledged shortly before a crash is gone.
    DurabilityLoss,
    /// What had been replaced came back.
    Resurrection,
    /// A process stood still, and then went on as if nothing had been.
    ProcessPause,
    /// Waiting ended at one same length for many: the clients' patience, not the system.
    TimeoutCliff,
    /// Requests of one kind were done while those of another kind were not.
    PartialService,
    /// The history did not exercise what was required of it.
    NotCovered,
}

impl SymptomKind {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 22] = [
        Self::AvailabilityGap,
        Self::SlowRecovery,
        Self::MetastableFailure,
        Self::BrownOut,
        Self::GrayFailure,
        Self::FailSlowNode,
        Self::PartialPartition,
        Self::SplitBrain,
        Self::StuckReplica,
        Self::SilentWrongData,
        Self::RetryAmplification,
        Self::DuplicateEffect,
        Self::ThunderingHerd,
        Self::CascadingFailure,
        Self::RecorderClockFault,
        Self::ServerClockSkew,
        Self::DurabilityLoss,
        Self::Resurrection,
        Self::ProcessPause,
        Self::TimeoutCliff,
        Self::PartialService,
        Self::NotCovered,
    ];
}
