//! Rows about locks.

use super::{AnomalyKind, Row};

pub(super) const DOUBLE_GRANT: Row = Row {
    kind: AnomalyKind::DoubleGrant,
    code: "LIN010",
    name: "double grant",
    definition: "Two held a lock at one and the same instant.",
    rule: "a1 and a2 got the lock, and whichever of them was first, no release that ended its hold can have \
           come between them",
    picture: "\
P0  |--acquire: ok--|                      |--release: ok--|
P1                    |--acquire: ok--|                      both have it",
    mechanism: "The lock went to a second client while the first one believed that it had it: it was taken \
                from the first without its knowing, or two nodes each gave it away.",
    rules_out: "linearizability of the lock, and mutual exclusion, which is all that a lock is for",
    causes: &[
        "a lease that ended while its holder was paused (garbage collection, a machine that was stopped, a \
         slow disk)",
        "a client that goes on after its session ended, because it does not look",
        "asynchronous replication: the grant was lost in a failover, and the new leader gave the lock again",
        "two sides of a partition that each grant",
        "clocks that jump or run at different speeds, where leases are measured by them",
        "a release by somebody who had lost the lock already, and that freed the next holder's",
    ],
    look_at: "how long the first hold lasted, against its lease; pauses of that client; which node granted \
              which. If the lease ended as was agreed, the lock did what it promises, and it is the client \
              that must not go on",
    defences: &[
        "fencing tokens that the protected resource checks: no lock can hold back a client that was paused",
        "grants by a log that a majority agrees to",
        "holders that stop before their lease ends, with a margin for clocks and pauses",
        "a release that names the grant which it ends",
    ],
    source: "Gray & Cheriton 1989 (leases); Kleppmann 2016; Alquraan et al. 2018 (broken locks)",
};

pub(super) const FENCING_REGRESSION: Row = Row {
    kind: AnomalyKind::FencingRegression,
    code: "LIN015",
    name: "fencing token regression",
    definition: "A lock was granted with a token that is not greater than that of a grant before it.",
    rule: "a1 ⟶ a2, both got the lock, a1 with the token t1 and a2 with t2, and t2 ≤ t1",
    picture: "\
P0  |--acquire: 34--| |--release: ok--|
P1                                      |--acquire: 33--|",
    mechanism: "What the tokens are counted with went back, or there is more than one of it.",
    rules_out: "linearizability of a lock with tokens, and what they are for: the resource lets the old \
                holder in, and may turn the new one away",
    causes: &[
        "a failover, or a restore from a snapshot, that lost the last grants",
        "the version of a key for a token: it begins again when the key is deleted and made anew",
        "tokens from a clock that was set back, or from clocks that differ",
        "two nodes that each count for themselves, on two sides of a partition",
        "a count in memory, which begins again with the process",
    ],
    look_at: "what the token is made of; whether a restart, a failover or a restore lies between the two \
              grants; whether the tokens go on from the smaller one",
    defences: &[
        "the place of the grant in a replicated log for a token (a revision of the whole store, a zxid)",
        "a term before the count, so that whoever takes over is above all that was",
        "a resource that keeps the greatest token it saw, on its disk, and refuses smaller ones",
    ],
    source: "Burrows 2006 (sequencers); Kleppmann 2016 (fencing tokens)",
};
