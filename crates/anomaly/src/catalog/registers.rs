//! Rows about registers.

use super::{AnomalyKind, Row};

pub(super) const LOST_UPDATE: Row = Row {
    kind: AnomalyKind::LostUpdate,
    code: "LIN009",
    name: "lost update",
    definition: "Two compare-and-sets both replaced one and the same value, which was there once.",
    rule: "two operations saw v and put something else in, and only one operation puts v in",
    picture: "\
P0  |--cas 1 to 2: ok--|
P1     |--cas 1 to 3: ok--|            1 was written once",
    mechanism: "Both looked before either wrote: what was looked at was not what was written to.",
    rules_out: "linearizability of the register, and snapshot isolation (lost update, P4)",
    causes: &[
        "a compare-and-set made of a read and a write",
        "two leaders that each accept one",
        "a retry that was applied twice",
    ],
    look_at: "which nodes answered the two, and whether one of them was a retry",
    defences: &[
        "compare and set where the data is, by the leader of its log",
        "conditional writes with a version that is used once",
        "request identifiers, so that a retry is known",
    ],
    source: "Berenson et al. 1995 (P4); Adya 1999",
};

pub(super) const LOST_WRITE: Row = Row {
    kind: AnomalyKind::LostWrite,
    code: "LIN002",
    name: "lost write",
    definition: "A write was acknowledged, and whoever looked later saw what had been there before it.",
    rule: "w returned, nobody ever saw what it put in, and all who were called later saw what was older: at least two, \
           and three where other reads are stale",
    picture: "\
P0  |--write 1--|
P1                |--write 2: ok--|
P2                                  |--read: 1--|  |--read: 1--|  … and never 2",
    mechanism: "The write was told to be done before it was where it has to be, and what had it is gone.",
    rules_out: "linearizability, and durability",
    causes: &[
        "asynchronous replication: the leader acknowledged, died, and another one took over",
        "a split brain that was healed in favour of the other side",
        "a write that was not on the disk when the machine stopped",
    ],
    look_at: "the fault between the write and the first read that does not see it; which node acknowledged it",
    defences: &[
        "acknowledge after a majority has it",
        "fsync before the answer",
        "a leader that steps down when it cannot reach a majority",
    ],
    source: "Alquraan et al. 2018 (data loss); Jepsen",
};

pub(super) const OWN_WRITE_NOT_READ: Row = Row {
    kind: AnomalyKind::OwnWriteNotRead,
    code: "LIN007",
    name: "own write not read",
    definition: "A process saw what had been there before it put something else in itself.",
    rule: "as a stale read, where the newer value was put in by the process that read",
    picture: "\
P0  |--write 2: ok--| |--read: 1--|    1 was there before",
    mechanism: "The process wrote to one replica and read from another that did not have it yet.",
    rules_out: "linearizability, sequential consistency, and read your writes",
    causes: &[
        "reads from followers",
        "a connection that moved to another node",
        "a cache in front of the store",
    ],
    look_at: "the nodes that answered the two operations",
    defences: &[
        "reads by the leader with a quorum or a lease",
        "sessions: a replica waits until it has what the client saw last",
    ],
    source: "Terry et al. 1994 (read your writes)",
};

pub(super) const STALE_READ: Row = Row {
    kind: AnomalyKind::StaleRead,
    code: "LIN001",
    name: "stale read",
    definition: "An operation saw a value although a newer one had been put in before it was called.",
    rule: "r saw v, w' put in another value, v was there before that of w', and w' ⟶ r; v was there before where \
           only w puts v in and w ⟶ w', where v is the initial value, or where other operations say so",
    picture: "\
P0  |--write 1--|
P1                |--write 2: ok--|
P2                                  |--read: 1--|",
    mechanism: "The answer came from a replica that had not heard of the newer value, and did not ask whether there \
                is one.",
    rules_out: "linearizability; alone it leaves sequential consistency possible",
    causes: &[
        "reads from followers, or reads that are not confirmed by a quorum",
        "a leader that was deposed and does not know it: its lease is too long, or its clock too slow",
        "a cache in front of the store",
    ],
    look_at: "which node answered, and whether it is always the same; the fault that was at work",
    defences: &[
        "quorum reads, or reads through the log",
        "leases with a bound on how much clocks may differ",
        "a sync before the read",
    ],
    source: "Gibbons & Korach 1997, §4; Golab, Li & Shah 2011",
};

pub(super) const FLIP_FLOP: Row = Row {
    kind: AnomalyKind::FlipFlop,
    code: "LIN023",
    name: "flip-flop",
    definition: "Of two values one was seen, then the other one, and then the first one again, and nobody put it in again.",
    rule: "r1 ⟶ r2 ⟶ r3, r1 and r3 saw u, r2 saw v, one operation puts in u, one v, and u is not known to be the older one: \
           nothing of u had returned when the write of v was called. Where u is the older one r3 alone is wrong, as of \
           order disagreement; where the write of u had returned before r2, it is a stale read",
    picture: "\
P0    |-----------------write 2-------------------|
P1      |--read: 2--|              |--read: 2--|
P2                    |--read: 1--|                    1 was there before",
    mechanism: "Two copies answered in turn, one of which had the write and one had not; neither was asked whether the other \
                one had told more already.",
    rules_out: "linearizability; a regular register may do this (Lamport 1986). Monotonic reads, where one process saw all \
                three",
    causes: &[
        "a load balancer in front of replicas, each of which answers by itself",
        "reads from any replica during a write, or after one of unknown outcome that some replicas have",
        "caches of several processes, of which one was refreshed",
        "a quorum read that does not write back what it found",
    ],
    look_at: "the nodes that answered the three reads: as a rule the first and the last are one, and the second another; and \
              what became of the write",
    defences: &[
        "quorum reads that write back before they answer (Attiya, Bar-Noy & Dolev 1995)",
        "reads by the leader",
        "sessions that stay with one replica, or carry along how far they have seen",
    ],
    source: "Lamport 1986 (new-old inversion); Herlihy & Wing 1990",
};

pub(super) const NON_MONOTONIC_READ: Row = Row {
    kind: AnomalyKind::NonMonotonicRead,
    code: "LIN006",
    name: "non-monotonic read",
    definition: "A process saw something newer first, and something older then.",
    rule: "r1 ⟶ r2 of one process, r1 saw u, r2 saw v, and v was there before u",
    picture: "\
P0    |----------write 2---------------|
P1        |--read: 2--| |--read: 1--|  1 was there before",
    mechanism: "The process was answered by two replicas, the second of them behind the first.",
    rules_out: "linearizability, sequential consistency, and monotonic reads",
    causes: &["reads from followers, each as far as it is", "a connection that moved to another node"],
    look_at: "the nodes that answered the two reads",
    defences: &[
        "reads by the leader",
        "sessions: no answer from a replica that is behind what the client saw",
    ],
    source: "Terry et al. 1994 (monotonic reads)",
};

pub(super) const ORDER_DISAGREEMENT: Row = Row {
    kind: AnomalyKind::OrderDisagreement,
    code: "LIN008",
    name: "order disagreement",
    definition: "Somebody saw an old value after somebody else had seen a newer one.",
    rule: "r1 ⟶ r2, r1 saw u, r2 saw v, and v was there before u (new-old inversion)",
    picture: "\
P0    |----------write 2---------------|
P1        |--read: 2--|
P2                      |--read: 1--|  1 was there before",
    mechanism: "While a write was under way some replicas had it and others had not, and readers were told so.",
    rules_out: "linearizability; a regular register may do this (Lamport 1986)",
    causes: &[
        "reads from one replica each, during a write",
        "a quorum read that does not write back what it found",
    ],
    look_at: "the nodes that answered the two reads, and how long the write was open",
    defences: &[
        "quorum reads that write back before they answer (Attiya, Bar-Noy & Dolev 1995)",
        "reads by the leader",
    ],
    source: "Lamport 1986 (regular and atomic registers)",
};

pub(super) const GENERAL_CYCLE: Row = Row {
    kind: AnomalyKind::GeneralCycle,
    code: "LIN012",
    name: "general cycle",
    definition: "Operations must each come before the next, and the last one before the first.",
    rule: "a cycle of real time, of who saw what, and of what was there before what, that has no other name",
    picture: "\
P0  |--cas 1 to 2: ok--|
P1     |--cas 2 to 1: ok--|            nobody else puts in 1 or 2",
    mechanism: "What was seen has no beginning.",
    rules_out: "linearizability",
    causes: &[
        "several of the other anomalies together",
        "compare-and-sets that were answered by several leaders",
    ],
    look_at: "each step of the cycle: the operations and the nodes that answered them",
    defences: &["one order for all operations on an object, by a log that a majority agrees to"],
    source: "Adya 1999 (cycles); Gibbons & Korach 1997",
};
