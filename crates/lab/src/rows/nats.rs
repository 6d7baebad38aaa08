//! What is recorded of NATS JetStream.

use crate::fault::isolate::{Halves, Isolate};
use crate::fault::kill::{Kill, KillAll};
use crate::fault::limp::LIMP;
use crate::fault::lossy::{LOSS, Lossy};
use crate::fault::pause::Pause;
use crate::fault::slow::{SLOW, Slow};
use crate::fault::{Fault, Who};
use crate::row::{Expectation, Row};
use crate::setting::Setting;
use crate::workload::Workload;

const BUCKET: Setting = Setting {
    name: "leader-reads",
    options: &[("replicas", "3"), ("keeps", "last"), ("reads", "leader")],
};
const DIRECT: Setting =
    Setting { name: "any-reads", options: &[("replicas", "3"), ("keeps", "last"), ("reads", "any")] };
const THREE: Setting = Setting { name: "r3", options: &[("replicas", "3")] };
const ONE: Setting = Setting { name: "r1", options: &[("replicas", "1")] };

const STALE: Expectation = Expectation::May(&["LIN001", "LIN002", "LIN006", "LIN007", "LIN008", "LIN023"]);

const LED: &str = "Writes are in order and on a majority. Reads are answered by the leader, which does not ask whether it \
                   still leads, so that one that was cut off may tell old values until it steps down.";
const SWAPPED: &str = "A put that names the revision it follows is meant to happen only after that one. This version looks \
                       at the revision before it replicates, so two at once that follow one revision may both be \
                       acknowledged (mended in 2.9.21).";
const ACKED: &str = "A message that was acknowledged is on a majority of three, and stays.";
const ALONE: &str = "A message that was acknowledged is on one node, handed to its operating system.";

/// One row a line.
#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    row(Workload::Register, BUCKET, &[], LED, Expectation::Valid),
    row(Workload::Register, BUCKET, &[&Isolate(Who::Leader)], LED, STALE),
    row(Workload::Register, BUCKET, &[&Pause(Who::Leader)], LED, STALE),
    row(Workload::Register, BUCKET, &[&Slow { who: Who::Leader, manner: SLOW }], LED, STALE),
    row(Workload::CasRegister, BUCKET, &[], SWAPPED, Expectation::May(&["LIN009"])),
    row(Workload::Register, DIRECT, &[], "Reads are answered by any replica, which may lag behind.", STALE),
    row(Workload::Set, THREE, &[], ACKED, Expectation::Valid),
    row(Workload::Set, THREE, &[&Isolate(Who::Leader)], ACKED, Expectation::Valid),
    row(Workload::Set, THREE, &[&Isolate(Who::Leader), &Kill(Who::Leader), &Pause(Who::Leader)], ACKED, Expectation::Valid),
    row(Workload::Set, THREE, &[&KillAll], ACKED, Expectation::Valid),
    row(Workload::Set, THREE, &[&Lossy { who: Who::Leader, percent: LOSS }], ACKED, Expectation::Valid),
    row(Workload::Set, THREE, &[&LIMP], ACKED, Expectation::Valid),
    row(Workload::Set, ONE, &[&Kill(Who::Leader)], ALONE, Expectation::Valid),
    row(Workload::Log, THREE, &[&Halves], ACKED, Expectation::Valid),
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
