//! What is recorded of RabbitMQ.
//!
//! Brokers take long to start, so faults stand together in few rows. Partitions last long here: nodes take each other for down after five to eight seconds, and only then do both sides go on.

use crate::fault::isolate::Isolate;
use crate::fault::kill::{Kill, KillAll};
use crate::fault::lasting::Lasting;
use crate::fault::pause::Pause;
use crate::fault::{Fault, Who};
use crate::row::{Expectation, Row};
use crate::setting::Setting;
use crate::workload::Workload;

const QUORUM: Setting =
    Setting { name: "quorum", options: &[("queue", "quorum"), ("partitions", "pause_minority")] };
const AUTOHEAL: Setting =
    Setting { name: "mirrored-autoheal", options: &[("queue", "mirrored"), ("partitions", "autoheal")] };
const IGNORE: Setting =
    Setting { name: "mirrored-ignore", options: &[("queue", "mirrored"), ("partitions", "ignore")] };
const MINORITY: Setting = Setting {
    name: "mirrored-pause-minority",
    options: &[("queue", "mirrored"), ("partitions", "pause_minority")],
};

const LONG: (u64, u64) = (12_000, 14_000);
const ISOLATED: Lasting = Lasting::new(&Isolate(Who::Leader), LONG);
const KILLED: Lasting = Lasting::new(&Kill(Who::Leader), (4_000, 6_000));
const PAUSED: Lasting = Lasting::new(&Pause(Who::Leader), LONG);

const ORDER: &str = "Without faults, messages come out in the order in which they went in, each once.";
const ONCE: &str = "A message that was confirmed is on a majority, and is delivered at least once: where its acknowledgement \
                    is lost, it comes again.";
const KEPT: &str = "A message that was confirmed is on a majority, and waits until somebody acknowledges it.";
const MIRRORS: &str = "A message that was confirmed is on all mirrors that can be reached. In a partition each side has a \
                       queue of its own and goes on; afterwards only that of one side is kept.";
const PAUSES: &str = "A message that was confirmed is on all mirrors that can be reached. In a partition the smaller side \
                      stops when it has noticed, and confirms what it is sent until then.";

const AGAIN: Expectation = Expectation::May(&["LIN011"]);
const LOST: Expectation = Expectation::May(&["LIN011", "LIN013", "LIN016"]);

/// One row a line.
#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    row(Workload::Queue, QUORUM, &[], ORDER, Expectation::Valid),
    row(Workload::Queue, MINORITY, &[], ORDER, Expectation::Valid),
    row(Workload::Bag, QUORUM, &[&ISOLATED, &KILLED], ONCE, AGAIN),
    row(Workload::Set, QUORUM, &[&ISOLATED], KEPT, Expectation::Valid),
    row(Workload::Set, QUORUM, &[&KILLED, &PAUSED, &KillAll], KEPT, Expectation::Valid),
    row(Workload::Set, AUTOHEAL, &[&ISOLATED], MIRRORS, LOST),
    row(Workload::Set, MINORITY, &[&ISOLATED], PAUSES, LOST),
    row(Workload::Bag, AUTOHEAL, &[&ISOLATED], MIRRORS, LOST),
    row(Workload::Bag, IGNORE, &[&ISOLATED], MIRRORS, LOST),
];

const fn row(
    workload: Workload,
    setting: Setting,
    faults: &'static [&'static dyn Fault],
    promise: &'static str,
    expectation: Expectation,
) -> Row {
    Row { system: "rabbitmq", workload, setting, faults, nodes: 3, promise, expectation }
}
