//! What is recorded of etcd.

use crate::fault::Fault;
use crate::fault::Who::{Follower, Leader};
use crate::fault::isolate::{Halves, Isolate, OneWay, Ring};
use crate::fault::kill::{Kill, KillAll};
use crate::fault::lasting::Lasting;
use crate::fault::limp::Limp;
use crate::fault::pause::{PAUSE_CLIENTS, Pause};
use crate::row::Expectation::{self, May, Valid};
use crate::row::{OLD_VALUES, Row};
use crate::setting::Setting;
use crate::workload::Workload::{
    self, Bank, CasRegister, Counter, FencedGuarded, FencedLock, Guarded, Lock, Log, Register, Set,
    SmallRegister,
};

const LINEARIZABLE: Setting = Setting { name: "linearizable", options: &[("reads", "linearizable")] };
const SERIALIZABLE: Setting = Setting { name: "serializable", options: &[("reads", "serializable")] };
const COMPARED: Setting =
    Setting { name: "compared", options: &[("reads", "linearizable"), ("increments", "compared")] };
const BLIND: Setting =
    Setting { name: "blind", options: &[("reads", "linearizable"), ("increments", "blind")] };
const LEASE: Setting =
    Setting { name: "lease", options: &[("lock", "a key with a lease of 1 s, not kept alive")] };

/// Long enough to be told from a few slow answers, and with time before it to compare it with.
const LIMPING: Lasting = Lasting {
    fault: &Limp { who: Follower, stands: 160, runs: 40 },
    lasts: (14_000, 15_000),
    comes_after: Some((6_000, 7_000)),
};

const ALL: &str = "etcd promises linearizability of all requests but serializable reads and watches.";
const STALE: &str = "A serializable read is answered by the server at hand and may be stale; writes and transactions are \
                     linearizable.";
const LOST: &str = "Each put is linearizable. What a client puts after it has read is one operation only if the client \
                    compares, and this one does not.";
const LEASED: &str = "A lease ends when its time is over, also while its owner stands still and believes to hold the lock. \
                      etcd says that its locks alone do not exclude: what they guard must check the token.";
const CHECKED: &str = "A lease ends when its time is over, also while its owner stands still. What the lock guards checks tokens, \
                       which are revisions of the store and only grow, so whoever comes late is refused.";

/// The rows.
pub(super) const ROWS: &[Row] = &[
    row(CasRegister, LINEARIZABLE, &[&Isolate(Leader)], 3, ALL, Valid),
    row(CasRegister, LINEARIZABLE, &[&Pause(Leader), &Kill(Leader)], 3, ALL, Valid),
    row(CasRegister, LINEARIZABLE, &[&Halves, &Ring], 5, ALL, Valid),
    row(SmallRegister, LINEARIZABLE, &[&Isolate(Follower), &KillAll], 3, ALL, Valid),
    row(Register, SERIALIZABLE, &[], 3, STALE, OLD_VALUES),
    row(Register, SERIALIZABLE, &[&LIMPING], 3, STALE, OLD_VALUES),
    row(CasRegister, SERIALIZABLE, &[&Isolate(Leader)], 3, STALE, OLD_VALUES),
    row(Set, LINEARIZABLE, &[&KillAll], 3, ALL, Valid),
    row(Log, LINEARIZABLE, &[&OneWay(Leader)], 3, ALL, Valid),
    row(Counter, COMPARED, &[&Isolate(Leader)], 3, ALL, Valid),
    row(Counter, BLIND, &[], 3, LOST, May(&["LIN019", "LIN020"])),
    row(Bank, LINEARIZABLE, &[&Pause(Leader)], 3, ALL, Valid),
    row(Lock, LEASE, &[&Isolate(Leader)], 3, LEASED, Valid),
    row(Lock, LEASE, &[&PAUSE_CLIENTS, &PAUSE_CLIENTS], 3, LEASED, May(&["LIN010"])),
    row(FencedLock, LEASE, &[&PAUSE_CLIENTS, &PAUSE_CLIENTS], 3, LEASED, May(&["LIN010"])),
    row(
        Guarded,
        LEASE,
        &[&PAUSE_CLIENTS, &PAUSE_CLIENTS, &PAUSE_CLIENTS],
        3,
        LEASED,
        May(&["LIN019", "LIN020"]),
    ),
    row(FencedGuarded, LEASE, &[&PAUSE_CLIENTS, &PAUSE_CLIENTS, &PAUSE_CLIENTS], 3, CHECKED, Valid),
];

const fn row(
    workload: Workload,
    setting: Setting,
    faults: &'static [&'static dyn Fault],
    nodes: usize,
    promise: &'static str,
    expectation: Expectation,
) -> Row {
    Row { system: "etcd", workload, setting, faults, nodes, promise, expectation }
}
