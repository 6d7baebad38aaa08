//! What is recorded of ZooKeeper.

use crate::fault::isolate::Isolate;
use crate::fault::kill::{Kill, KillAll};
use crate::fault::pause::{PAUSE_CLIENTS, Pause};
use crate::fault::{Fault, Who};
use crate::row::{Expectation, Row};
use crate::setting::Setting;
use crate::workload::Workload;

/// Reads as they are: each server answers from what it has.
const PLAIN: Setting = Setting { name: "no-sync", options: &[("reads", "plain")] };
/// Each read makes its server catch up with the leader before.
const SYNC: Setting = Setting { name: "sync", options: &[("reads", "after sync")] };
/// Counters are written back without asking for the version that was read.
const BLIND: Setting =
    Setting { name: "no-version", options: &[("reads", "after sync"), ("counts", "without a version")] };
/// Locks are ephemeral nodes of sessions that are kept alive in the background.
const EPHEMERAL: Setting = Setting {
    name: "ephemeral",
    options: &[("session", "kept in the background"), ("session timeout in ms", "2000")],
};
/// The same, but while a client is paused nothing keeps its session alive.
const ONE_THREAD: Setting = Setting {
    name: "one-thread",
    options: &[("session", "kept by requests"), ("session timeout in ms", "1500")],
};

const STALE: &str = "Writes are linearizable. Reads are answered by the server that is asked, which may be behind: ZooKeeper \
    promises that each client sees writes in their order, not that it sees the last one.";
const FRESH: &str = "Writes are linearizable. `sync` before a read has the server catch up with the leader, so that the read is \
    fresh as long as that leader is not deposed without knowing it.";
const LOSING: &str = "Each write is linearizable. What a client writes after it has read is one operation only if it says which version \
    it read, and this one does not.";
const LEASE: &str = "A lock is an ephemeral node, and goes when the session of its holder expires. Only one session has the \
    first node at a time. Whether a holder knows that its session is over is another matter.";
const CHECKED: &str = "A lock is an ephemeral node, and its holder may not know that it is gone. What the lock guards checks tokens: the \
    transactions that made the nodes, in the order in which these have their turn. Whoever comes late is refused.";

const fn row(
    workload: Workload,
    setting: Setting,
    faults: &'static [&'static dyn Fault],
    promise: &'static str,
    expectation: Expectation,
) -> Row {
    Row { system: "zookeeper", workload, setting, faults, nodes: 3, promise, expectation }
}

const VALID: Expectation = Expectation::Valid;

/// All of them.
pub(super) const ROWS: &[Row] = &[
    row(Workload::Register, PLAIN, &[], STALE, Expectation::May(&["LIN001"])),
    row(
        Workload::Register,
        PLAIN,
        &[&Isolate(Who::Follower), &Pause(Who::Follower)],
        STALE,
        Expectation::May(&["LIN001"]),
    ),
    row(Workload::Register, SYNC, &[&Isolate(Who::Leader), &Kill(Who::Leader)], FRESH, VALID),
    row(Workload::CasRegister, SYNC, &[&Isolate(Who::Leader), &Pause(Who::Leader)], FRESH, VALID),
    row(Workload::SmallRegister, SYNC, &[&Isolate(Who::Follower), &Kill(Who::Follower)], FRESH, VALID),
    row(Workload::Set, SYNC, &[&Isolate(Who::Leader), &KillAll], FRESH, VALID),
    row(Workload::Counter, SYNC, &[&Isolate(Who::Leader)], FRESH, VALID),
    row(Workload::Counter, BLIND, &[], LOSING, Expectation::May(&["LIN019", "LIN020"])),
    row(Workload::Queue, SYNC, &[&Isolate(Who::Follower)], FRESH, VALID),
    row(Workload::Log, PLAIN, &[], STALE, Expectation::May(&["LIN016"])),
    row(Workload::Log, SYNC, &[&Isolate(Who::Leader), &Kill(Who::Leader)], FRESH, VALID),
    row(Workload::FencedLock, EPHEMERAL, &[&Isolate(Who::Leader), &PAUSE_CLIENTS], LEASE, VALID),
    row(
        Workload::FencedLock,
        ONE_THREAD,
        &[&PAUSE_CLIENTS, &PAUSE_CLIENTS],
        LEASE,
        Expectation::May(&["LIN010"]),
    ),
    row(
        Workload::Guarded,
        ONE_THREAD,
        &[&PAUSE_CLIENTS, &PAUSE_CLIENTS, &PAUSE_CLIENTS],
        LEASE,
        Expectation::May(&["LIN019", "LIN020"]),
    ),
    row(
        Workload::FencedGuarded,
        ONE_THREAD,
        &[&PAUSE_CLIENTS, &PAUSE_CLIENTS, &PAUSE_CLIENTS],
        CHECKED,
        VALID,
    ),
];
