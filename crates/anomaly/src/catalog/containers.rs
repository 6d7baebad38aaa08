//! Rows about what has elements: queues, stacks, priority queues, bags, sets and logs.

use super::{AnomalyKind, Row};

pub(super) const DUPLICATE_ELEMENT: Row = Row {
    kind: AnomalyKind::DuplicateElement,
    code: "LIN011",
    name: "duplicate element",
    definition: "An element came out more often than it was put in, or stands in a log more often than it \
                 was appended.",
    rule: "more operations took e out than may have put e in, or a read of a log has e more often than may \
           have appended it; what was there at the start counts as put in, and so does what has an unknown \
           outcome",
    picture: "\
P0  |--enqueue 1: ok--|
P1                      |--dequeue: 1--|
P2                        |--dequeue: 1--|      1 was put in once",
    mechanism: "The system did one thing twice: it handed an element out again since it had not heard that \
                it arrived, or it put one in again since it was asked again.",
    rules_out: "linearizability, and exactly once; a queue that promises at least once may do this",
    causes: &[
        "a message that was delivered again: its consumer did not acknowledge it in time, or lost its \
         connection",
        "a client that counts a message as taken before the broker has heard its acknowledgement",
        "a retry of an enqueue or an append whose first attempt had worked, inside of the driver or outside",
        "a failover to a node that had not heard what was taken out",
        "two sides of a partition that each hand out what both have",
    ],
    look_at: "whether the second delivery was marked as a repeated one; whether the element was sent more \
              than once; the fault between the two, and the nodes that answered them",
    defences: &[
        "request identifiers that the system remembers, so that a retry is known",
        "consumers that note which messages they have dealt with, and skip them",
        "an answer to whoever takes only after a majority knows that it was taken",
        "clients that record a take as `info` where its acknowledgement was not confirmed",
    ],
    source: "Henzinger, Sezgin & Vafeiadis 2013 (VRepet); Jepsen (total-queue, duplicated)",
};

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

pub(super) const LOST_ELEMENT: Row = Row {
    kind: AnomalyKind::LostElement,
    code: "LIN013",
    name: "lost element",
    definition: "An element was acknowledged or seen, and is missing from then on.",
    rule: "a ⟶ r, a put e in or saw it, and nobody can have taken it out before r; r read all elements, or \
           asked for e, and did not see it, or found nothing to take, or took what comes out only after e; \
           and nobody sees e later",
    picture: "\
P0  |--add 1: ok--|
P1                  |--read: [ ]--|  |--read: [2]--|  … and never 1",
    mechanism: "The element was told to be in before it was where it has to be, and what had it is gone.",
    rules_out: "linearizability, and durability",
    causes: &[
        "asynchronous replication: the node that acknowledged it died, and one without it took over",
        "a partition that was healed by throwing away what one side had taken in (autoheal)",
        "an element that was not on the disk when the machine stopped",
        "messages that count as taken when they are sent (automatic acknowledgement): what a consumer \
         fetched ahead is gone when it stops",
        "a bound on length or age that drops elements without a word",
        "two adds to a set that is read, changed and written back: one overwrites the other",
    ],
    look_at: "the fault between the acknowledgement and the first look without the element, and which node \
              acknowledged it; whether it is in a queue for rejected messages, or on a node that nobody \
              asked; for a queue, whether the run drained it at the end",
    defences: &[
        "acknowledge after a majority has it: quorum queues, publisher confirms",
        "fsync before the answer",
        "a minority that pauses instead of going on, so that there is nothing to throw away",
        "additions that the store itself makes, instead of a read and a write",
    ],
    source: "Jepsen (set-full, total-queue, lost); Alquraan et al. 2018 (data loss)",
};

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

pub(super) const LATE_ELEMENT: Row = Row {
    kind: AnomalyKind::LateElement,
    code: "LIN016",
    name: "late element",
    definition: "An element was acknowledged or seen, then somebody did not see it, and later it is there.",
    rule: "as a lost element, where somebody sees e later: r read all elements, or asked for e, and did not \
           see it, or found nothing to take, and e is seen or comes out later",
    picture: "\
P0  |--add 1: ok--|
P1                  |--read: [ ]--|  |--read: [1]--|",
    mechanism: "The answer came from a replica, or a part of the queue, that had not heard of the element, \
                and did not ask further.",
    rules_out: "linearizability; for a set or a log alone it may leave sequential consistency possible",
    causes: &[
        "reads from followers, or reads that are not confirmed by a quorum",
        "a queue in several parts, which says that it is empty after a look at some of them",
        "a broker that says that it is empty while another consumer has fetched the messages ahead, and \
         gives them back later",
        "an index, a search engine or a cache that follows the store after a while",
        "a leader that was deposed and does not know it",
    ],
    look_at: "which node answered, and whether it is always the same; how long the element was missing; for \
              a queue, where the element was meanwhile",
    defences: &[
        "quorum reads, or reads through the log",
        "a sync before the read",
        "an empty answer only after all parts were asked, or by the leader of the queue",
    ],
    source: "Jepsen (set-full, stale); Henzinger, Sezgin & Vafeiadis 2013 (VWit)",
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

pub(super) const REORDERED_ELEMENT: Row = Row {
    kind: AnomalyKind::ReorderedElement,
    code: "LIN014",
    name: "reordered element",
    definition: "Elements came out, or stand in a log, in an order that contradicts the one in which they \
                 were put in.",
    rule: "queue: put e ⟶ put f and take f ⟶ take e; stack: put e ⟶ put f ⟶ take e ⟶ take f; priority queue: \
           put e ⟶ take f ⟶ take e, and e goes before f; log: append e ⟶ append f, and f stands before e; or \
           more steps of this kind, which go round",
    picture: "\
P0  |--enqueue 1--| |--enqueue 2--|
P1                                  |--dequeue: 2--| |--dequeue: 1--|",
    mechanism: "The system keeps elements in another order than the one in which it acknowledged them: there \
                are several queues behind one name, or an element was put back at another place.",
    rules_out: "linearizability; where one process put both in and one took both out, sequential consistency \
                of a queue",
    causes: &[
        "several partitions or shards behind one queue or log",
        "a message that was not acknowledged, and went back into the queue, behind others",
        "several messages under way at once, of which the first was lost and sent again",
        "an order by time stamps, from clocks that differ",
        "several consumers at once, each with messages fetched ahead",
        "two logs that were merged after a partition",
    ],
    look_at: "whether one of the two had been delivered before and came back; the partitions and nodes that \
              took them in, and their time stamps",
    defences: &[
        "one partition, and one consumer at a time, for what must keep its order",
        "places given by one leader, in its log, and not by a clock",
        "producers that number what they send, and a queue that takes nothing out of turn",
    ],
    source: "Henzinger, Sezgin & Vafeiadis 2013 (VOrd); Bouajjani et al. 2015; Herlihy & Wing 1990",
};
