//! What is recorded of PostgreSQL.

use crate::fault::action::Act;
use crate::fault::isolate::Isolate;
use crate::fault::kill::Kill;
use crate::fault::pause::{PAUSE_CLIENTS, Pause};
use crate::fault::{Fault, Who};
use crate::row::{Expectation, OLD_VALUES, Row};
use crate::setting::Setting;
use crate::workload::Workload;

/// A standby becomes the primary while the old one is cut off and still serves clients of its own.
const PROMOTE: Act = Act { name: "promote", lasts: (2_500, 3_500) };

const ASYNC: Setting = Setting { name: "async", options: &[] };
const OWN_READS: Setting = Setting { name: "own-reads", options: &[("reads", "own node")] };
const APPLY_OWN: Setting = Setting {
    name: "remote-apply-own-reads",
    options: &[
        ("synchronous_standby_names", "FIRST 2 (n2, n3)"),
        ("synchronous_commit", "remote_apply"),
        ("reads", "own node"),
    ],
};
const APPLY_STANDBY: Setting = Setting {
    name: "remote-apply-standby-reads",
    options: &[
        ("synchronous_standby_names", "FIRST 1 (n2)"),
        ("synchronous_commit", "remote_apply"),
        ("reads", "standby"),
    ],
};
const SYNC: Setting = Setting { name: "sync", options: &[("synchronous_standby_names", "FIRST 1 (n2)")] };
const SYNC_CANCEL: Setting = Setting {
    name: "sync-cancel",
    options: &[("synchronous_standby_names", "FIRST 1 (n2)"), ("patience", "cancels")],
};
const SYNC_HEED: Setting = Setting {
    name: "sync-cancel-heeded",
    options: &[("synchronous_standby_names", "FIRST 1 (n2)"), ("patience", "cancels, heeds warnings")],
};
const COMMIT_OFF: Setting = Setting { name: "commit-off", options: &[("synchronous_commit", "off")] };
const READ_COMMITTED: Setting =
    Setting { name: "read-committed", options: &[("isolation", "read committed")] };
const REPEATABLE_READ: Setting =
    Setting { name: "repeatable-read", options: &[("isolation", "repeatable read")] };
const SERIALIZABLE: Setting = Setting { name: "serializable", options: &[("isolation", "serializable")] };
const FOR_UPDATE: Setting = Setting { name: "for-update", options: &[("rows", "for update")] };
const SKIP_LOCKED: Setting = Setting { name: "skip-locked", options: &[("rows", "for update skip locked")] };
const SKIP_JOBS: Setting = Setting {
    name: "skip-locked-jobs",
    options: &[("rows", "for update skip locked"), ("jobs", "2 ms, one of ten fails")],
};
const ALONE: Setting = Setting { name: "advisory-lock", options: &[("rows", "advisory lock")] };

const ONE: &str =
    "One server does everything, and what it has committed it keeps: a crash of it loses nothing.";
const BEHIND: &str = "Standbys follow the primary and may be behind: PostgreSQL promises no more of a read that one of them \
    answers.";
const APPLY: &str = "With `remote_apply` a commit returns when the standbys show it. They show it before the primary does, and \
    not at the same moment.";
const APPLY_ONE: &str = "With `remote_apply` a commit returns when the standby shows it; whoever reads only there sees one \
    order.";
const SPLIT: &str = "Replication is asynchronous, and nothing in PostgreSQL keeps two servers from being primaries at once: \
    that is left to whoever promotes one.";
const SYNCHRONOUS: &str = "A commit returns when the standby has it, so none that returned is lost when that standby is \
    promoted. The old primary goes on answering reads.";
const CANCELLED: &str = "A commit that waits for a standby and is cancelled has been done all the same, on the primary only; \
    PostgreSQL reports success, and a warning that few clients look at.";
const OFF: &str = "With `synchronous_commit = off` a commit returns before it is written: a crash of the server may lose what \
    was committed in the last moments.";
const WEAK: &str = "At read committed, what was read may be changed by others before the transaction writes.";
const SNAPSHOT: &str =
    "At repeatable read, whoever writes a row that somebody changed since the snapshot fails.";
const SERIAL: &str = "At serializable, transactions that no order explains fail.";
const UPDATE: &str = "One statement that reads and writes a row locks it: nothing is lost.";
const WAITING: &str = "At read committed, `for update` waits for the row that was first, and if that is gone goes on in the \
    snapshot of before: now and then a queue may seem empty that is not.";
const SKIPPING: &str = "`skip locked` passes over rows that somebody else is taking. As long as all who take commit, that is an \
    order in which they came.";
const RETURNING: &str = "`skip locked` passes over a row that somebody else works on. If the work fails, the row is there again, \
    and comes out after rows that were put in later: a queue in no certain order.";
const LOCKED: &str = "An advisory lock for each transaction leaves no two at a time.";
const NUMBERED: &str = "Numbers of a sequence are drawn before the commit: a row with a lower number may appear after one with \
    a higher number was read.";
const SESSION: &str = "An advisory lock lasts as long as its session, however long its client says nothing.";

const fn row(
    workload: Workload,
    setting: Setting,
    faults: &'static [&'static dyn Fault],
    promise: &'static str,
    expectation: Expectation,
) -> Row {
    Row { system: "postgres", workload, setting, faults, nodes: 3, promise, expectation }
}

const VALID: Expectation = Expectation::Valid;

/// All of them.
pub(super) const ROWS: &[Row] = &[
    row(Workload::SmallRegister, ASYNC, &[&Isolate(Who::Leader), &Kill(Who::Leader)], ONE, VALID),
    row(Workload::CasRegister, ASYNC, &[&Pause(Who::Leader)], ONE, VALID),
    row(Workload::Register, OWN_READS, &[], BEHIND, OLD_VALUES),
    row(Workload::Register, OWN_READS, &[&Isolate(Who::Follower)], BEHIND, OLD_VALUES),
    row(Workload::Register, APPLY_OWN, &[], APPLY, OLD_VALUES),
    row(Workload::Register, APPLY_STANDBY, &[], APPLY_ONE, VALID),
    row(Workload::CasRegister, ASYNC, &[&PROMOTE], SPLIT, OLD_VALUES),
    row(Workload::Set, ASYNC, &[&PROMOTE], SPLIT, Expectation::May(&["LIN013"])),
    row(Workload::Set, SYNC, &[&PROMOTE], SYNCHRONOUS, VALID),
    row(Workload::CasRegister, SYNC, &[&PROMOTE], SYNCHRONOUS, OLD_VALUES),
    row(Workload::Set, SYNC_CANCEL, &[&PROMOTE], CANCELLED, Expectation::May(&["LIN013"])),
    row(Workload::Set, SYNC_HEED, &[&PROMOTE], CANCELLED, VALID),
    row(Workload::Set, ASYNC, &[&Kill(Who::Leader)], ONE, VALID),
    row(Workload::Set, COMMIT_OFF, &[&Kill(Who::Leader)], OFF, Expectation::May(&["LIN013"])),
    row(Workload::Counter, READ_COMMITTED, &[], WEAK, Expectation::May(&["LIN019", "LIN020"])),
    row(Workload::Counter, REPEATABLE_READ, &[], SNAPSHOT, VALID),
    row(Workload::Counter, ASYNC, &[&Kill(Who::Leader)], UPDATE, VALID),
    row(Workload::Bank, READ_COMMITTED, &[], WEAK, Expectation::May(&["LIN099"])),
    row(Workload::Bank, SERIALIZABLE, &[&Kill(Who::Leader)], SERIAL, VALID),
    row(Workload::Queue, FOR_UPDATE, &[], WAITING, Expectation::May(&["LIN099"])),
    row(Workload::Queue, SKIP_LOCKED, &[], SKIPPING, Expectation::May(&[])),
    row(Workload::Queue, SKIP_JOBS, &[], RETURNING, Expectation::May(&["LIN014"])),
    row(Workload::Queue, ALONE, &[], LOCKED, VALID),
    row(Workload::Log, FOR_UPDATE, &[], NUMBERED, Expectation::May(&["LIN024"])),
    row(Workload::Log, ALONE, &[], LOCKED, VALID),
    row(Workload::Lock, ASYNC, &[&PAUSE_CLIENTS], SESSION, VALID),
];
