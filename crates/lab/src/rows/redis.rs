//! What is recorded of Redis with Sentinel.

use crate::fault::Fault;
use crate::fault::Who::{Follower, Leader};
use crate::fault::clock::StepClock;
use crate::fault::disk::{RollBack, Wipe};
use crate::fault::isolate::{Isolate, OneWay};
use crate::fault::kill::{Bounce, Kill};
use crate::fault::lasting::Lasting;
use crate::fault::pause::{PAUSE_CLIENTS, Pause, REST_CLIENTS};
use crate::row::Expectation::{self, May, Valid};
use crate::row::{OLD_VALUES, Row};
use crate::setting::Setting;
use crate::workload::Workload::{
    self, Bank, CasRegister, Counter, Crowd, FencedGuarded, FencedLock, Guarded, Lock, Log, Queue, Register,
    Set, SmallRegister,
};

const PRIMARY: Setting = Setting { name: "primary", options: &[("reads", "primary")] };
const REPLICA: Setting = Setting { name: "replica", options: &[("reads", "replica")] };
const WAIT: Setting = Setting { name: "wait-1", options: &[("reads", "primary"), ("wait", "1")] };
const MIN_REPLICAS: Setting =
    Setting { name: "min-replicas-1", options: &[("reads", "primary"), ("min-replicas", "1")] };
/// Sentinels that wait for so long promote nobody while a server is started again.
const PATIENT: (&str, &str) = ("down-after", "10000");
const MEMORY: Setting = Setting { name: "memory", options: &[("reads", "primary"), PATIENT] };
const FSYNC: Setting =
    Setting { name: "fsync-always", options: &[("reads", "primary"), ("fsync", "always"), PATIENT] };
const NO_FSYNC: Setting =
    Setting { name: "fsync-no", options: &[("reads", "primary"), ("fsync", "no"), PATIENT] };
const TTL: Setting = Setting { name: "ttl", options: &[("lock", "SET NX PX 1000, not renewed")] };
const TOKENS: Setting =
    Setting { name: "tokens", options: &[("lock", "SET NX PX 1000, not renewed"), ("tokens", "yes")] };
/// A server that does some 450 requests a second, for clients who ask 270, and up to six times as many where they lose patience.
const COSTLY: [(&str, &str); 4] = [("reads", "primary"), ("cost", "2"), ("known-for", "600000"), PATIENT];
const RETRIED: Setting =
    Setting { name: "retried", options: &[COSTLY[0], COSTLY[1], COSTLY[2], COSTLY[3], ("tries", "6")] };
const ONCE: Setting = Setting { name: "once", options: &COSTLY };
const CHEAP: Setting = Setting {
    name: "retried-cheap",
    options: &[("reads", "primary"), ("known-for", "600000"), PATIENT, ("tries", "6")],
};

/// It comes when there is something to compare it with, and is over soon.
const TRIGGER: Lasting =
    Lasting { fault: &Pause(Leader), lasts: (3_000, 3_000), comes_after: Some((12_000, 13_000)) };
/// It comes when it has long been over, and lasts until the server has done what nobody waits for.
const REST: Lasting =
    Lasting { fault: &REST_CLIENTS, lasts: (16_000, 16_000), comes_after: Some((34_000, 35_000)) };

const ONE: &str = "One server does one command after the other; while nothing fails, there is one primary.";
const FAILOVER: &str = "Redis replicates asynchronously: what a primary acknowledged and had not passed on when another was \
                        promoted is lost, and until it learns of that, it takes writes beside the new one.";
const STALE: &str = "A replica answers with what it has, which may be old.";
const WAITS: &str = "WAIT tells how many replicas have a write. Redis says that it makes losses unlikely, not impossible, \
                     and a read of the old primary is as stale as without.";
const MIN: &str = "A primary without replicas refuses writes once it has noticed, which takes a second or more; what it \
                   acknowledged until then is lost.";
const EMPTY: &str =
    "Without persistence a primary that is back before anybody noticed is empty, and its replicas copy that.";
const DURABLE: &str = "What was acknowledged is on the disk, and sentinels wait until the primary is back.";
const UNSYNCED: &str = "When the operating system writes the log to the disk is its own affair. The fault gives back the disk \
                        as it was a second before, as after a loss of power.";
const WIPED: &str = "A primary that comes back with an empty disk is empty, and its replicas copy that.";
const EXPIRES: &str = "A lock expires, also while its owner stands still and believes to hold it. Redis says so, and that what \
                       it guards must check a token.";
const STORM: &str = "One server does one command after the other. Clients that lose patience ask again at once, and the server does \
                     what nobody waits for any more.";
const BURIED: &str = "Clients that lose patience ask again at once, and the server does what nobody waits for any more. Where sentinels wait \
                      for an answer as long as all others do, they may promote a replica, and what was acknowledged and not \
                      passed on is lost.";
const WRONG_CLOCK: &str = "The system is as ever. Half of the clients record by a clock that is ahead for a while: what is found is \
                           of the recording.";
const CHECKED: &str = "A lock expires, also while its owner stands still. What it guards checks tokens, which grow as long as the \
                       primary is the same, so whoever comes late is refused.";

/// The rows.
pub(super) const ROWS: &[Row] = &[
    row(CasRegister, PRIMARY, &[], ONE, Valid),
    row(CasRegister, PRIMARY, &[&Isolate(Leader)], FAILOVER, OLD_VALUES),
    row(CasRegister, PRIMARY, &[&Isolate(Follower)], ONE, Valid),
    row(SmallRegister, PRIMARY, &[&OneWay(Leader)], FAILOVER, OLD_VALUES),
    row(Register, PRIMARY, &[&Pause(Leader), &Kill(Leader)], FAILOVER, OLD_VALUES),
    row(Register, PRIMARY, &[&StepClock], WRONG_CLOCK, Valid),
    row(Crowd, RETRIED, &[&TRIGGER, &REST], BURIED, OLD_VALUES),
    row(Crowd, ONCE, &[&TRIGGER, &REST], STORM, Valid),
    row(Crowd, CHEAP, &[&TRIGGER], STORM, Valid),
    row(Register, REPLICA, &[], STALE, OLD_VALUES),
    row(Set, PRIMARY, &[&Isolate(Leader)], FAILOVER, May(&["LIN013"])),
    row(Set, WAIT, &[&Isolate(Leader)], WAITS, May(&[])),
    row(Set, MIN_REPLICAS, &[&Isolate(Leader)], MIN, May(&["LIN013"])),
    row(Set, MEMORY, &[&Bounce(Leader)], EMPTY, May(&["LIN013"])),
    row(Set, FSYNC, &[&Bounce(Leader)], DURABLE, Valid),
    row(Set, FSYNC, &[&Wipe(Leader)], WIPED, May(&["LIN013"])),
    row(Set, NO_FSYNC, &[&RollBack(Leader)], UNSYNCED, May(&["LIN013"])),
    row(Queue, PRIMARY, &[&Isolate(Leader)], FAILOVER, May(&["LIN011", "LIN013", "LIN014", "LIN016"])),
    row(Counter, PRIMARY, &[&Isolate(Leader)], FAILOVER, May(&["LIN019", "LIN020"])),
    row(Log, PRIMARY, &[&Isolate(Leader)], FAILOVER, May(&["LIN013", "LIN016", "LIN018", "LIN022"])),
    row(Bank, PRIMARY, &[&Isolate(Leader)], FAILOVER, May(&["LIN099"])),
    row(Lock, TTL, &[], ONE, Valid),
    row(Lock, TTL, &[&PAUSE_CLIENTS, &PAUSE_CLIENTS], EXPIRES, May(&["LIN010"])),
    row(Lock, TTL, &[&Isolate(Leader)], FAILOVER, May(&["LIN010"])),
    row(FencedLock, TOKENS, &[&PAUSE_CLIENTS, &PAUSE_CLIENTS], EXPIRES, May(&["LIN010"])),
    row(
        Guarded,
        TOKENS,
        &[&PAUSE_CLIENTS, &PAUSE_CLIENTS, &PAUSE_CLIENTS],
        EXPIRES,
        May(&["LIN019", "LIN020"]),
    ),
    row(FencedGuarded, TOKENS, &[&PAUSE_CLIENTS, &PAUSE_CLIENTS, &PAUSE_CLIENTS], CHECKED, Valid),
];

const fn row(
    workload: Workload,
    setting: Setting,
    faults: &'static [&'static dyn Fault],
    promise: &'static str,
    expectation: Expectation,
) -> Row {
    Row { system: "redis", workload, setting, faults, nodes: 3, promise, expectation }
}
