//! Rows about nodes that went on by themselves: symptoms, which stand beside a violation and are none by themselves.

use super::{AnomalyKind, Row};

pub(super) const SPLIT_BRAIN: Row = Row {
    kind: AnomalyKind::SplitBrain,
    code: "SYM08",
    name: "split brain",
    definition: "Two groups of nodes each acted as if the other one were not there: both acknowledged at one time what the \
                 other did not know.",
    rule: "of two sides each acknowledged w1 and w2 on one object, with w1 ⟶ r2 and w2 ⟶ r1 where r1 and r2 saw what is \
           older, the times between w1 and r2 and between w2 and r1 overlap, and for so long neither side saw \
           anything that the other one wrote; or both granted one lock at one time, three times or more each or across \
           a partition; or one granted it with a token no greater than the other's before, beside the other one or across \
           a partition; or logs were read on two nodes of which neither is a beginning of the other; or what one side acknowledged is gone and what \
           the other acknowledged meanwhile is there. One way alone is a stale replica. So a leader that was deposed and \
           goes on to acknowledge is one side of a split brain, with what it lost; one that only answers is SYM09",
    picture: "\
n1   |--write 1: ok--|          |--read: 1--|         |--read: 2--|
         · · · · · · · cut off · · · · · · · · ·  heal
n2      |--write 2: ok--|    |--read: 2--|              1 is gone",
    mechanism: "The nodes could not reach each other, and both sides had, or chose, somebody to accept writes. When they \
                meet again one of the two states is thrown away, with all that was acknowledged in it.",
    rules_out: "linearizability, and every promise that an acknowledged write stays",
    causes: &[
        "a failover by somebody who sees only that the leader does not answer (Sentinel, a script, an operator), while \
         the old leader still serves the clients that reach it",
        "leaders without a lease or a majority: asynchronous replication in which a node answers alone",
        "a partition that is healed by throwing one side away (autoheal, last writer wins)",
        "a node that was promoted by hand without the other one being fenced off",
        "a paused leader that wakes up and answers before it learns that it was deposed",
    ],
    look_at: "who was leader on either side and since when; how the clients found it; what the loser did with its state when \
              it came back; whether the window is that of a partition. A client's history shows that two answered, not \
              which of them knew itself to be leader",
    defences: &[
        "writes by a majority only, so that one side of a cut at most can acknowledge (Raft, Paxos, quorum queues)",
        "a leader that steps down when it cannot reach a majority within its lease",
        "fencing off the old leader before a new one is promoted (STONITH, a token that storage checks)",
        "synchronous replication to somebody without whom nothing is acknowledged (WAIT, min-replicas-to-write)",
    ],
    source: "Davidson, Garcia-Molina & Skeen 1985; Alquraan et al. 2018; Gilbert & Lynch 2002",
};

pub(super) const STUCK_REPLICA: Row = Row {
    kind: AnomalyKind::StuckReplica,
    code: "SYM09",
    name: "stuck replica or zombie leader",
    definition: "One node went on answering what it knew once, while the others had gone on.",
    rule: "19 of 20 stale answers of the history, and three or more, are of one node, and for a second or longer (and three times \
           as long as lies between two writes) it told one and the same although something newer had \
           been acknowledged, be it by itself: it may pass writes on; and meanwhile something was written, or another node \
           told something else. So of registers, and of what whole sets, logs and \
           counters hold. \
           Where it acknowledged writes of its own meanwhile that others did not know, two sides acted at one time: that is \
           a split brain (SYM08)",
    picture: "\
n1   |--write 2: ok--|  |--write 3: ok--|  |--read: 3--|
n2   |--read: 1--|   |--read: 1--|   |--read: 1--|   |--read: 1--|",
    mechanism: "The node was cut off from what the others agree on, or stopped applying it, and still serves reads from \
                what it has.",
    rules_out: "linearizability; to a client that stays with the node all may look well",
    causes: &[
        "a replica whose stream of changes broke, and which nobody takes out of service",
        "a leader that was deposed while it was paused or cut off, and answers from memory",
        "reads that are served by any node, without asking whether it is up to date (serializable reads, secondary \
         preferred)",
        "an apply loop that died in a process that lives",
    ],
    look_at: "the node's lag or revision against the others', its log of replication, and whether its health check looks at \
              either",
    defences: &[
        "reads that ask a majority, or a leader with a lease",
        "a bound on lag from which on a replica refuses to answer",
        "health checks that read what was just written elsewhere",
    ],
    source: "Gray & Cheriton 1989 (leases); Huang et al. 2017 (gray failure)",
};
