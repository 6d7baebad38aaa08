//! What is recorded of NATS JetStream.
//!
//! Its followers wait for four to nine seconds before they choose another leader, so what hits one lasts longer here.

use crate::fault::isolate::{Halves, Isolate};
use crate::fault::kill::{Kill, KillAll};
use crate::fault::lasting::Lasting;
use crate::fault::limp::LIMP;
use crate::fault::lossy::{LOSS, Lossy};
use crate::fault::pause::Pause;
use crate::fault::slow::{SLOW, Slow};
use crate::fault::{Fault, Who};
use crate::row::{Expectation, OLD_VALUES, Row};
use crate::setting::Setting;
use crate::workload::Workload;

const BUCKET: Setting =
    Setting { name: "leader-reads", options: &[("replicas", "3"), ("keeps", "last"), ("reads", "leader")] };
const DIRECT: Setting =
    Setting { name: "any-reads", options: &[("replicas", "3"), ("keeps", "last"), ("reads", "any")] };
const THREE: Setting = Setting { name: "r3", options: &[("replicas", "3")] };
const ONE: Setting = Setting { name: "r1", options: &[("replicas", "1")] };

const LONG: (u64, u64) = (11_000, 13_000);
const ISOLATED: Lasting = Lasting::new(&Isolate(Who::Leader), LONG);
const HALVES: Lasting = Lasting::new(&Halves, LONG);
const KILLED: Lasting = Lasting::new(&Kill(Who::Leader), LONG);
const PAUSED: Lasting = Lasting::new(&Pause(Who::Leader), LONG);
const SLOWED: Slow = Slow { who: Who::Leader, manner: SLOW };
const LOSING: Lossy = Lossy { who: Who::Leader, percent: LOSS };

const STALE: Expectation = OLD_VALUES;

/// A compare-and-set that overlooked a write takes it away, so that others read what it was to be.
const RACED: Expectation = Expectation::May(&[
    "LIN001", "LIN002", "LIN006", "LIN007", "LIN008", "LIN009", "LIN012", "LIN023", "LIN099",
]);

const TORN: Expectation = Expectation::May(&["LIN013", "LIN014", "LIN016", "LIN018", "LIN022", "LIN024"]);

const LED: &str = "Writes are in order and on a majority. Reads are answered by the leader, which does not ask whether it \
                   still leads, so that one that was cut off may tell old values until it steps down.";
const SWAPPED: &str = "A put that names the revision it follows is meant to happen only after that one. This version looks \
                       at the revision before it replicates, so two at once that follow one revision may both be \
                       acknowledged (mended in 2.9.21).";
const ACKED: &str = "A message that was acknowledged is on a majority of three, and stays.";
const LOSES: &str = "A message that was acknowledged is on a majority of three, and stays. Where one leader after the other fails, this \
                     version was seen to lose one all the same.";
const REPLAYED: &str = "A message that was acknowledged is on a majority. A consumer delivers what some replica has, which may lag; and \
                        in this version a replica that was cut off while it led keeps messages that nobody else has, in front \
                        of those that came later.";
const ALONE: &str = "A message that was acknowledged is on one node, handed to its operating system.";

/// One row a line.
#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    row(Workload::Register, BUCKET, &[], LED, Expectation::Valid),
    row(Workload::Register, BUCKET, &[&ISOLATED], LED, STALE),
    row(Workload::Register, BUCKET, &[&PAUSED], LED, STALE),
    row(Workload::Register, BUCKET, &[&SLOWED], LED, STALE),
    row(Workload::CasRegister, BUCKET, &[], SWAPPED, RACED),
    row(Workload::Register, DIRECT, &[], "Reads are answered by any replica, which may lag behind.", STALE),
    row(Workload::Set, THREE, &[], ACKED, Expectation::Valid),
    row(Workload::Set, THREE, &[&ISOLATED], ACKED, Expectation::Valid),
    row(Workload::Set, THREE, &[&ISOLATED, &KILLED, &PAUSED], LOSES, Expectation::May(&["LIN013"])),
    row(Workload::Set, THREE, &[&KillAll], ACKED, Expectation::Valid),
    row(Workload::Set, THREE, &[&LOSING], ACKED, Expectation::Valid),
    row(Workload::Set, THREE, &[&LIMP], ACKED, Expectation::Valid),
    row(Workload::Set, ONE, &[&Kill(Who::Leader)], ALONE, Expectation::Valid),
    row(Workload::Log, THREE, &[&HALVES], REPLAYED, TORN),
];

const fn row(
    workload: Workload,
    setting: Setting,
    faults: &'static [&'static dyn Fault],
    promise: &'static str,
    expectation: Expectation,
) -> Row {
    Row { system: "nats", workload, setting, faults, nodes: 3, promise, expectation }
}
