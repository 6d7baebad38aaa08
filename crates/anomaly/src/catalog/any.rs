//! Rows that are about every data type.

use super::{AnomalyKind, Row};

pub(super) const VALUE_FROM_NOWHERE: Row = Row {
    kind: AnomalyKind::ValueFromNowhere,
    code: "LIN003",
    name: "value from nowhere",
    definition: "An operation saw a value that nobody ever put in, and that was not there at the start.",
    rule: "an operation saw a value that was not there at the start and that no operation puts in",
    picture: "\
P0  |--write 1--|
P1                |--read: 7--|        nobody wrote 7",
    mechanism: "The value was made up inside the system, or came from outside of the test: what was read is not what \
                any client sent.",
    rules_out: "every consistency model that says where values come from, down to read uncommitted",
    causes: &[
        "corruption, of memory, of a file, or of a message",
        "data that an earlier run left behind: the initial value is not what the checker was told",
        "a client outside of the recording that wrote, too",
        "a log that is not whole: the beginning was cut off, or a client's part was lost",
    ],
    look_at: "where the value occurs elsewhere: in another key, an earlier run, a client's retry; and --init",
    defences: &[
        "checksums from client to client",
        "a fresh key space, or a wiped disk, for each run",
        "values that tell who wrote them and when, so that a stranger is seen at once",
    ],
    source: "Adya 1999, §3.1 (thin air); elle",
};

pub(super) const DIRTY_READ: Row = Row {
    kind: AnomalyKind::DirtyRead,
    code: "LIN004",
    name: "dirty read",
    definition: "An operation saw a value that only an operation which failed would have put in.",
    rule: "an operation saw a value that nobody puts in, and an operation that would have put it in failed",
    picture: "\
P0  |--write 2: fail--|
P1                      |--read: 2--|  and yet it is there",
    mechanism: "The system took effect and told the client that it had not; or it showed what it was about to take \
                back.",
    rules_out: "read committed and everything above it",
    causes: &[
        "the client recorded `fail` for what it does not know: a timeout or a lost connection is `info`",
        "a leader applied an entry before it was committed, and was deposed",
        "a retry inside of the driver succeeded after the first attempt had failed",
    ],
    look_at: "the error that the failed operation came with; it is legal if that outcome was really unknown, and \
              would have to be recorded as `info`: --treat-fail-as-info f=<the function> takes it so",
    defences: &[
        "clients that record `fail` only for errors which promise that nothing happened",
        "effects that become visible only once they are committed",
    ],
    source: "Adya 1999, §3.1 (G1a, aborted reads)",
};

pub(super) const READ_FROM_THE_FUTURE: Row = Row {
    kind: AnomalyKind::ReadFromTheFuture,
    code: "LIN005",
    name: "read from the future",
    definition: "An operation had returned with a value before anybody was asked to put it in.",
    rule: "r saw v, only w puts v in (or what v was made of by swaps), and r ⟶ w",
    picture: "\
P0  |--read: 5--|
P1                |--write 5--|        nobody else writes 5",
    mechanism: "No system can do that: the record is wrong, or the value was used twice.",
    rules_out: "every consistency model",
    causes: &[
        "clocks of several recorders that differ",
        "a value that was used before, by another run or by a client that is not in the log",
        "a recorder that writes calls when the answers come",
    ],
    look_at: "whose clock wrote the times: one recorder cannot contradict itself, two can",
    defences: &["one recorder, or one clock", "values that no two writes share"],
    source: "Gibbons & Korach 1997, §4",
};

pub(super) const UNCLASSIFIED_CORE: Row = Row {
    kind: AnomalyKind::UnclassifiedCore,
    code: "LIN099",
    name: "unclassified core",
    definition: "Few operations that no order can explain, and that no other name fits.",
    rule: "these operations have no order by themselves, whatever all others did, and no other rule finds \
           anything",
    picture: "\
P0  |--acquire: ok--|
P1     |--acquire: ok--|
P2        |--acquire: ok--|            a semaphore with two permits",
    mechanism: "It is certain that something went wrong, and which operations show it; what went wrong has \
                no rule here.",
    rules_out: "linearizability",
    causes: &[
        "a data type, or functions of one together, for which the table has no rule",
        "a value that several operations put in, so that nobody knows whose was seen",
        "several anomalies that only show together",
        "a model, or a value at the start, that is not what the object promises",
    ],
    look_at: "the operations that are shown: which of their answers is the one that cannot be, and which \
              nodes gave them; --model and --init",
    defences: &[
        "values that no two operations share, so that the next run can be given a name",
        "a `node` with each operation, so that it is known who answered",
        "one order for all operations on an object, by a log that a majority agrees to",
    ],
    source: "ours; Herlihy & Wing 1990 (linearizability)",
};
