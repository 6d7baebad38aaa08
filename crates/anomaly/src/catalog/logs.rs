//! Rows about logs that are read as a whole.

use super::{AnomalyKind, Row};

pub(super) const DIVERGENT_LOGS: Row = Row {
    kind: AnomalyKind::DivergentLogs,
    code: "LIN018",
    name: "divergent logs",
    definition: "Two reads of a log saw different entries at one and the same place.",
    rule: "r1 and r2 read the whole log, and neither saw a beginning of what the other saw",
    picture: "\
P0  |--read: [1 2]--|
P1                      |--read: [1 3]--|       2 or 3 is at the second place",
    mechanism: "There are two logs: two nodes each gave the place to another entry, and readers were told \
                so.",
    rules_out: "linearizability, sequential consistency, and the agreement that a log is for",
    causes: &[
        "a split brain: two leaders that each append",
        "a node that shows entries before they are committed, and takes them back when it is deposed",
        "a replica that takes entries without a look at whether the ones before them are its leader's",
        "two logs that were merged after a partition, by time stamps",
        "a node that came back with an old disk, or an empty one, and was counted for a majority",
    ],
    look_at: "the first place at which the two differ: who appended the two entries, which nodes \
              acknowledged them, and the fault at that time",
    defences: &[
        "at most one leader in a term, elected by a majority, which steps down when it cannot reach one",
        "a follower that takes an entry only where it has the one before it (Raft)",
        "reads of committed entries only",
        "fsync before a vote, and before an entry is acknowledged",
    ],
    source: "Ongaro & Ousterhout 2014 (log matching); Kingsbury & Alvaro 2020 (incompatible order)",
};

pub(super) const TORN_LOG: Row = Row {
    kind: AnomalyKind::TornLog,
    code: "LIN024",
    name: "torn log",
    definition: "A read of a log lacks an entry that stands in front of one that it saw: the beginning, or something in the \
                 middle.",
    rule: "r and s read the whole log, what both saw stands in one order in both, r lacks something that s has in front of an \
           entry that both saw, s lacks nothing of that sort, and only one of the two has entries behind the last that \
           both saw",
    picture: "\
P0  |--read: [1 2 3]--|
P1                        |--read: [1 3]--|     2 stands in front of 3
P2                        |--read: [2 3]--|     so does 1",
    mechanism: "There is one log, and the reader was given pieces of it: some were not there yet, or were gone, and nobody \
                said so. Of divergent logs each has something at a place where the other one has something else.",
    rules_out: "linearizability, sequential consistency, and that a log has no gaps",
    causes: &[
        "pages or segments that were read one by one while the log changed",
        "a replica that took entries out of their order, and shows what it has",
        "a beginning that was thrown away (compaction, retention) before a read of all of it",
        "a read that skips an entry it cannot decode, or whose transaction is still open (gaps in sequences)",
        "writes to the disk that were torn when the machine stopped",
    ],
    look_at: "which node answered, whether the entries that are missing come later or never, and whether a piece begins \
              or ends where they are missing",
    defences: &[
        "entries that are taken only where the one before them is there (Raft's log matching)",
        "a place in every entry, so that a reader sees that one is missing",
        "reads as of one committed index, and an error where a part of that is gone",
        "checksums, and a look at them before a log is served",
    ],
    source: "Ongaro & Ousterhout 2014 (log matching); Kingsbury & Alvaro 2020 (incompatible order)",
};

pub(super) const LOG_GOES_BACK: Row = Row {
    kind: AnomalyKind::LogGoesBack,
    code: "LIN022",
    name: "log goes back",
    definition: "A read of a log saw less of it than another read that had returned before it was called.",
    rule: "r1 ⟶ r2, both read the whole log, and what r2 saw is a beginning of what r1 saw, and shorter",
    picture: "\
P0    |----------append 2------------------|
P1        |--read: [1 2]--|
P2                          |--read: [1]--|",
    mechanism: "The second reader was answered by a replica that was behind the first one's, or what the \
                first one saw was taken back.",
    rules_out: "linearizability; where one process read both, sequential consistency and monotonic reads",
    causes: &[
        "reads from followers, each as far as it is",
        "a connection that moved to another node",
        "a node that shows entries before a majority has them: another leader may cut them off",
        "a failover to a replica that lacks the end of the log",
    ],
    look_at: "whether the entries that went away came back (then a replica is behind) or never did (then \
              they are lost); the nodes that answered the two reads",
    defences: &[
        "reads by the leader, which first makes sure that it still is one",
        "readers that tell how far they have seen, and replicas that wait until they are there",
        "reads of committed entries only",
    ],
    source: "Terry et al. 1994 (monotonic reads); Ongaro & Ousterhout 2014 (read-only operations)",
};
