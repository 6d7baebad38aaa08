//! What a run did not exercise: notes on a history, and no violations.

use super::{AnomalyKind, Row};

pub(super) const NOT_COVERED: Row = Row {
    kind: AnomalyKind::NotCovered,
    code: "COV01",
    name: "not covered",
    definition: "The history has less of something than was required of it: it says too little, and is vacuous.",
    rule: "for a requirement of N operations of an outcome, of a function and in a phase where these are named, fewer than N \
           completed so; during faults each fault's name counts by itself, and without any fault nothing was exercised \
           during one",
    picture: "\
faults      [====== partition ======]
P0  |--write 1: ok--|                  |--write 2: ok--|
P1     |--read: 1--|                      |--read: 2--|     … and none during the partition",
    mechanism: "The clients did not reach the system while it mattered, or the faults were never injected.",
    rules_out: "nothing: what was not asked is not known",
    causes: &[
        "clients that fail, or wait, for as long as a fault lasts",
        "a nemesis that did not start, or whose events were not recorded",
        "a run that was too short, or a log that was cut off",
    ],
    look_at: "the table of coverage in the HTML report: how many operations of each function completed in which phase",
    defences: &[
        "a gate that asks for it, by --require",
        "clients on every side of a partition, with timeouts that are shorter than the fault",
    ],
    source: "ours; Jepsen's checkers of statistics ask for one `ok` of each function",
};
