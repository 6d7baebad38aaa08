//! What is recorded of MariaDB with Galera.

use crate::fault::isolate::Isolate;
use crate::fault::kill::Kill;
use crate::fault::pause::Pause;
use crate::fault::{Fault, Who};
use crate::row::{Expectation, OLD_VALUES, Row};
use crate::setting::Setting;
use crate::workload::Workload;

const DEFAULT: Setting = Setting { name: "default", options: &[] };
const SYNC_WAIT: Setting = Setting { name: "sync-wait", options: &[("wsrep_sync_wait", "7")] };
const DIRTY: Setting = Setting { name: "dirty-reads", options: &[("wsrep_dirty_reads", "ON")] };
const IGNORE: Setting =
    Setting { name: "ignore-quorum", options: &[("wsrep_sync_wait", "7"), ("pc.ignore_quorum", "true")] };
const SELECT_UPDATE: Setting =
    Setting { name: "select-update", options: &[("wsrep_sync_wait", "7"), ("counts", "select, update")] };
const FOR_UPDATE: Setting = Setting {
    name: "for-update",
    options: &[("wsrep_sync_wait", "7"), ("counts", "select for update, update")],
};
const SNAPSHOT: Setting = Setting {
    name: "snapshot-isolation",
    options: &[("wsrep_sync_wait", "7"), ("innodb_snapshot_isolation", "ON"), ("counts", "select, update")],
};

const BEHIND: &str = "Writes are ordered among all servers, but a server may show a write later than the one that took it: \
    without `wsrep_sync_wait` reads may be stale.";
const FRESH: &str = "With `wsrep_sync_wait = 7` a server shows all that was committed before it answers, and one without a \
    majority refuses.";
const STRAY: &str = "With `wsrep_dirty_reads` a server without a majority answers reads from what it has.";
const SPLIT: &str = "With `pc.ignore_quorum` a server goes on without a majority: two sides take writes, which never \
    become one again.";
const LOSING: &str =
    "At InnoDB's repeatable read, a transaction may overwrite a row that was changed after it read it.";
const LOCKING: &str = "`select … for update` locks the row, and a write of another server that comes first makes the \
    transaction fail.";
const ONE: &str = "One statement that reads and writes a row locks it, and a write of another server that comes first makes it \
    fail.";
const STRICT: &str =
    "With `innodb_snapshot_isolation` whoever writes a row that was changed since the snapshot fails.";

const fn row(
    workload: Workload,
    setting: Setting,
    faults: &'static [&'static dyn Fault],
    promise: &'static str,
    expectation: Expectation,
) -> Row {
    Row { system: "galera", workload, setting, faults, nodes: 3, promise, expectation }
}

const VALID: Expectation = Expectation::Valid;

/// All of them.
pub(super) const ROWS: &[Row] = &[
    row(Workload::Register, DEFAULT, &[], BEHIND, OLD_VALUES),
    row(Workload::CasRegister, SYNC_WAIT, &[&Isolate(Who::Leader), &Kill(Who::Follower)], FRESH, VALID),
    row(Workload::SmallRegister, SYNC_WAIT, &[&Pause(Who::Follower)], FRESH, VALID),
    row(Workload::Register, DIRTY, &[&Isolate(Who::Leader)], STRAY, OLD_VALUES),
    row(Workload::Set, SYNC_WAIT, &[&Isolate(Who::Leader)], FRESH, VALID),
    row(Workload::Set, IGNORE, &[&Isolate(Who::Leader)], SPLIT, Expectation::May(&["LIN013"])),
    row(Workload::Counter, SELECT_UPDATE, &[], LOSING, Expectation::May(&["LIN019", "LIN020"])),
    row(Workload::Counter, FOR_UPDATE, &[], LOCKING, VALID),
    row(Workload::Counter, SYNC_WAIT, &[&Isolate(Who::Follower)], ONE, VALID),
    row(Workload::Counter, SNAPSHOT, &[], STRICT, VALID),
    row(Workload::Bank, SYNC_WAIT, &[], LOSING, Expectation::May(&["LIN099"])),
    row(Workload::Bank, SNAPSHOT, &[], STRICT, VALID),
];
