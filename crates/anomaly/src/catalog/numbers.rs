//! Rows about numbers: counters and identifiers.

use super::{AnomalyKind, Row};

pub(super) const DUPLICATE_ID: Row = Row {
    kind: AnomalyKind::DuplicateId,
    code: "LIN021",
    name: "duplicate id",
    definition: "Two operations got one and the same identifier.",
    rule: "two operations that returned got the identifier i",
    picture: "\
P0  |--generate: 17--|
P1                       |--generate: 17--|",
    mechanism: "What was given out was not remembered, or two nodes believed that it was theirs to give.",
    rules_out: "linearizability of the source of identifiers, and what they are for: to tell things apart",
    causes: &[
        "a block of identifiers that was handed out twice, after a restore from a snapshot or of a cloned \
         machine",
        "a sequence whose last values were lost in a failover to a replica that was behind",
        "two nodes with one and the same number, where identifiers are made of a node, a time and a count",
        "a clock that was set back, where they are made of times",
        "a count made of a read and a write, or random numbers that are too short or begin alike",
        "one answer for two requests: a retry, a proxy or a cache that repeats it",
    ],
    look_at: "the nodes that gave the two out, what happened between them (restart, restore, failover), and \
              whether the identifiers after them are repeated, too",
    defences: &[
        "a block that is on the disks of a majority before the first of it is given out",
        "after a restore, a start well above all that may have been given out",
        "numbers of nodes that are leased by a log, not written in a file that is copied",
        "a node that gives nothing out while its clock is behind what it used last",
        "random identifiers of 122 bits or more, from the generator of the operating system",
        "a unique constraint where they are stored",
    ],
    source: "Jepsen (unique-ids)",
};

pub(super) const COUNTER_GOES_BACK: Row = Row {
    kind: AnomalyKind::CounterGoesBack,
    code: "LIN020",
    name: "counter goes back",
    definition: "A read of a counter that is only added to saw less than another that had returned before it \
                 was called.",
    rule: "nobody takes anything away, r1 ⟶ r2, r1 saw m, r2 saw n, and n < m",
    picture: "\
P0    |------------add 1---------------|
P1        |--read: 1--|
P2                      |--read: 0--|  it was 0 at the start",
    mechanism: "The second reader was answered by a replica that was behind the first one's, or an addition \
                was taken back.",
    rules_out: "linearizability; where one process read both, sequential consistency and monotonic reads",
    causes: &[
        "reads from followers, each as far as it is",
        "a sum of several shards, each of which was asked at another time, from another replica",
        "a failover to a replica that lacks the last additions",
        "a count that is read, changed and written back: an older sum overwrites a newer one",
        "a count in memory that was written down now and then, and was lost with the process",
    ],
    look_at: "whether what is missing came back (then a replica is behind) or never did (then additions are \
              lost); the nodes that answered the two reads",
    defences: &[
        "reads by the leader, or with a quorum",
        "additions that the store itself makes, instead of a read and a write",
        "readers that tell how far they have seen, and replicas that wait until they are there",
    ],
    source: "Terry et al. 1994 (monotonic reads)",
};

pub(super) const COUNTER_OUT_OF_BOUNDS: Row = Row {
    kind: AnomalyKind::CounterOutOfBounds,
    code: "LIN019",
    name: "counter out of bounds",
    definition: "A read of a counter saw less than what had been added for certain, or more than was ever \
                 asked to be added.",
    rule: "r saw less than the start, plus the additions ⟶ r, minus all that operations called before r \
           returned take away; or more than the start, plus all additions called before r returned, minus \
           what was taken away ⟶ r",
    picture: "\
P0  |--add 1: ok--| |--add 2: ok--|
P1                                  |--read: 2--|       at least 3",
    mechanism: "An addition was lost or not there yet, or it was made twice.",
    rules_out: "linearizability; too little alone may leave sequential consistency possible",
    causes: &[
        "too little: a read from a replica, or of a shard, that had not heard of all additions",
        "too little: a count that is read, changed and written back, so that one of two additions is lost",
        "too little: asynchronous replication, and a failover to a node without the last additions",
        "too much: a retry of an addition that had worked; additions cannot be told from each other",
        "too much: an addition that was recorded as `fail` after a timeout: it is `info`",
        "too much: an earlier run's count, where the start is not what the checker was told",
    ],
    look_at: "how far off it is: the size of one addition points at that one; whether later reads are right \
              again; retries and timeouts at the time; and --init",
    defences: &[
        "request identifiers with additions, so that a retry is known",
        "additions that the store itself makes, or a compare-and-set that is tried again only when it was \
         refused",
        "acknowledge after a majority has it",
        "reads with a quorum, of all shards at one instant",
    ],
    source: "Jepsen (counter)",
};
