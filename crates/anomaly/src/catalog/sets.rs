//! Rows about sets alone.

use super::{AnomalyKind, Row};

pub(super) const ZOMBIE_ELEMENT: Row = Row {
    kind: AnomalyKind::ZombieElement,
    code: "LIN017",
    name: "zombie element",
    definition: "An element that had been taken out was seen again, and nobody had put it in since.",
    rule: "d ⟶ r, d took e out, r saw e, and nobody who puts e in can come between them",
    picture: "\
P0  |--add 1: ok--| |--remove 1: ok--|
P1                                     |--read: [1]--|",
    mechanism: "The removal was not everywhere: a copy that still had the element answered, or the element \
                was copied back from there.",
    rules_out: "linearizability; where one process did both, read your writes",
    causes: &[
        "reads from followers that have not heard of the removal",
        "a replica that was away for longer than markers of removed elements are kept, and brings the \
         element back",
        "sets of several replicas that are joined by union: what one of them still has comes back",
        "asynchronous replication: the removal was lost in a failover",
        "a backup, a cache or an index that still has the element",
    ],
    look_at: "whether it goes away again (then a replica is behind) or stays (then the removal is lost); \
              which node answered, and how long it had been away",
    defences: &[
        "removals through the same log as additions",
        "markers of removed elements that are kept until every replica has them",
        "repairs that end before such a marker may be dropped",
        "reads by the leader, or with a quorum",
    ],
    source: "Alquraan et al. 2018 (reappearance of deleted data)",
};

pub(super) const STALE_ELEMENT: Row = Row {
    kind: AnomalyKind::StaleElement,
    code: "LIN025",
    name: "stale element",
    definition: "An element was added to a set, then somebody did not see it there, and later it is there.",
    rule: "a ⟶ r, a added e or saw it, nobody can have removed it before r, r read the whole set or asked for e and did not \
           see it, and somebody who is called later does",
    picture: "\
P0  |--add 1: ok--|
P1                  |--read: [ ]--|  |--read: [1]--|",
    mechanism: "The answer came from a replica, or an index, that had not heard of the element yet.",
    rules_out: "linearizability; it may leave sequential consistency possible, where another process added it",
    causes: &[
        "reads from followers, or reads that are not confirmed by a quorum",
        "an index, a search engine or a cache that follows the store after a while",
        "a snapshot that was taken before the element came and is read after it was acknowledged",
        "a leader that was deposed and does not know it",
    ],
    look_at: "which node answered, and whether it is always the same; how long the element was missing: it is stale for \
              so long, and lost where nobody sees it again",
    defences: &[
        "quorum reads, or reads through the log",
        "a sync, or a refresh of the index, before the read",
    ],
    source: "Jepsen (set-full, stale)",
};

pub(super) const NEVER_READ: Row = Row {
    kind: AnomalyKind::NeverRead,
    code: "COV02",
    name: "never-read element",
    definition: "An element was acknowledged, and nobody looked for it after that: a note, and no violation.",
    rule: "a added e and returned, nobody saw e, nobody tries to remove it, and nobody who read the whole set or asked for e \
           was called after a had returned. Where somebody was and did not see e, it is a lost element",
    picture: "\
P0                  |--add 1: ok--|
P1  |--read: [ ]--|                     … and no read after that",
    mechanism: "The test ended, or its readers failed, before anybody looked.",
    rules_out: "nothing: whether the element is there is not known",
    causes: &[
        "a run without a final read, or whose final read failed or has an unknown outcome",
        "readers that were cut off until the end",
    ],
    look_at: "what became of the last reads, and why there was none after the last add",
    defences: &["a final read of the whole set, after all faults are healed, until it is answered"],
    source: "Jepsen (set-full, never-read)",
};
