//! Rows about what has elements: queues, stacks, priority queues, bags, sets and logs.

use super::{AnomalyKind, Row};

pub(super) const DUPLICATE_ELEMENT: Row = Row {
    kind: AnomalyKind::DuplicateElement,
    code: "LIN011",
    name: "duplicate element",
    definition: "An element came out more often than it was put in, or stands in a log more often than it \
                 was appended, or twice in a set.",
    rule: "more operations took e out than may have put e in, or a read of a log has e more often than may \
           have appended it, or one read of a whole set has e twice; what was there at the start counts as put in, and so does what has an unknown \
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

pub(super) const LATE_ELEMENT: Row = Row {
    kind: AnomalyKind::LateElement,
    code: "LIN016",
    name: "late element",
    definition: "An element was acknowledged or seen, then somebody did not see it, and later it is there.",
    rule: "as a lost element, where somebody sees e later: r read the whole log and did not see it, or found \
           nothing to take, and e is seen or comes out later. In a set it is a stale element",
    picture: "\
P0  |--put 1: ok--|
P1                  |--take: nothing--|  |--take: 1--|",
    mechanism: "The answer came from a replica, or a part of the queue, that had not heard of the element, \
                and did not ask further.",
    rules_out: "linearizability; for a log alone it may leave sequential consistency possible",
    causes: &[
        "reads from followers, or reads that are not confirmed by a quorum",
        "a queue in several parts, which says that it is empty after a look at some of them",
        "a broker that says that it is empty while another consumer has fetched the messages ahead, and \
         gives them back later",
        "a leader that was deposed and does not know it",
    ],
    look_at: "which node answered, and whether it is always the same; how long the element was missing; for \
              a queue, where the element was meanwhile",
    defences: &[
        "quorum reads, or reads through the log",
        "a sync before the read",
        "an empty answer only after all parts were asked, or by the leader of the queue",
    ],
    source: "Henzinger, Sezgin & Vafeiadis 2013 (VWit)",
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
