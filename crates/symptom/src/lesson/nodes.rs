//! Lessons about nodes that are neither well nor dead, and about links between some of them.

use super::Lesson;
use crate::kind::SymptomKind;

pub(super) const GRAY_FAILURE: Lesson = Lesson {
    kind: SymptomKind::GrayFailure,
    definition: "Some clients found a node well while others found it ill at the same time: differential \
                 observability. Where those who found it well are the ones that decide whether it stays in service, \
                 nobody acts.",
    trigger: "A fault that only some requests meet: a link or a port that drops packets, one bad core or disk of \
              several, a full connection table, one expired credential, a thread pool of one kind of request that \
              hangs.",
    sustaining: "The observer's view: heartbeats, load balancers and health checks go a way that still works, so the \
                 node is kept in service, and gets its share of requests for as long as nobody looks where clients \
                 look.",
    trace: "In one window, at one node, two clients' shares of `ok` are far apart, and each client is well at other \
            nodes. It is called client asymmetry; it is a gray failure where the history also has somebody who found \
            the node well: other clients, or an event that says that it reported healthy.",
    rule: "At one node and for {sym05.lasts} or longer the shares of `ok` of some clients and of others differ by {sym05.gap} of all or more, and by so much more than usual (Fisher's exact test, corrected for all comparisons, q < 0.001), with {baseline.sample} operations a side, and the difference does not follow the clients to other nodes.",
    picture: "\
P0 to n2   |ok| |ok| |ok| |ok| |ok| |ok|        98 % ok
P1 to n2   |info| |info| |fail| |info|           4 % ok
check n2   |up| |up|  |up|  |up|  |up|          stays in service
P1 to n1   |ok| |ok| |ok| |ok| |ok|             it is not P1",
    look_alikes: &[
        (
            "one bad client host",
            "The client fails at every node, not at this one alone. Compare it with itself elsewhere.",
        ),
        (
            "SYM07",
            "A pattern over several nodes and clients: some pairs are cut. A gray failure may be one such link; where \
             the pattern needs two clients and two nodes, SYM07 says it better.",
        ),
        ("SYM21", "What differs is what is asked, not who asks: compare the same function."),
        (
            "different keys",
            "One shard of the node is ill, and clients use different keys. Compare clients on the same keys.",
        ),
        ("SYM04", "All clients suffer the same."),
    ],
    look_at: "What lies between that client and that node and not between others: path, address, pool, credential, \
              version. What the health check exercises of all that a client needs. The client's error beside the \
              node's own counters: requests that never arrived, or that it thinks it answered.",
    defences: &[
        "Health as clients see it: servers are judged by the outcomes that their clients report (outlier detection, \
         passive checks), not only by asking themselves.",
        "Checks that take a client's way: same port, same path, same pool, a read and a write of real data, from \
         several places.",
        "Clients that leave a bad pair on their own: an attempt elsewhere after a timeout, a circuit breaker for each \
         endpoint, ejection for a while with a bound on how many.",
        "Watchdogs inside that exercise the same locks, queues and disks as requests do, and stop the node when one \
         hangs: a crash is easier to bear than a gray failure.",
        "Evidence from many observers put together before deciding that all is well.",
    ],
    sources: &[
        "Huang, Guo, Zhou, Lorch, Dang, Chintalapati & Yao, Gray Failure: The Achilles' Heel of Cloud-Scale Systems, \
         HotOS 2017 (differential observability)",
        "Huang, Guo, Lorch, Zhou & Dang, Capturing and Enhancing In Situ System Observability for Failure Detection, \
         OSDI 2018 (Panorama)",
        "Lou, Huang & Smith, Understanding, Detecting and Localizing Partial Failures in Large System Software, NSDI \
         2020",
        "AWS Builders' Library, Implementing health checks",
    ],
};

pub(super) const FAIL_SLOW_NODE: Lesson = Lesson {
    kind: SymptomKind::FailSlowNode,
    definition: "A node answered, and rightly, but far more slowly than its peers and than itself before: it limps. It \
                 is fail-slow, not fail-stop, and so it is not replaced.",
    trigger: "A disk that retries sectors, a worn or hot device, a network card that fell back to a lower speed, a \
              noisy neighbour, a throttled CPU, a misconfigured node, swapping, packet loss on one link.",
    sustaining: "Nothing has to: a limping part limps until somebody takes it out. It spreads, because others wait for \
                 it: quorums that include it, leaders on it, pools full of calls to it.",
    trace: "`ok` throughout, with latencies at one node that are shifted as a whole, not only in the tail. Where it is \
            a leader or in every quorum, all are slow and it does not stand out: then only the time of the fault \
            tells.",
    rule: "For {sym06.lasts} or longer a node's median latency is at least {sym06.ratio} the median of its peers' medians, and {sym06.ratio} what that ratio usually is (Mann-Whitney test, corrected, q < 0.001), and at least {sym06.ok} of what it is asked \
           happens, or as much as usually does.",
    picture: "\
               before            during
n1  p50          3 ms              3 ms    |-|  |-|  |-|  |-|
n2  p50          3 ms             41 ms    |------------| |------
n3  p50          4 ms              4 ms    |-|  |-|  |-|  |-|
    ok           100 %            100 %    nothing fails anywhere",
    look_alikes: &[
        (
            "a leader",
            "It does more work for each request. It was so in the baseline, too: compare it with itself.",
        ),
        ("a far node", "Another region is slower, and always. Compare it with itself."),
        ("SYM04", "All nodes are slow together: load, or something that they share."),
        (
            "SYM19",
            "A pause is one long call for each client, and then all is as before. A limp is many calls, each somewhat \
             long.",
        ),
        ("SYM05", "Only some of its clients find it slow."),
    ],
    look_at: "The node's disk latency, retransmissions, link speed, clock rate, steal time, compactions, swap, against \
              a peer of the same make. Whether it is leader. Whether its clients' load is the same as that of its \
              peers.",
    defences: &[
        "Detection by comparing peers: latency quantiles of each node against its group, over windows; a fixed bound \
         does not fit all loads.",
        "Hedged requests after the 95th percentile, with a small budget, for reads that any replica can answer: the \
         slow one's answer is no longer waited for.",
        "Balancing by what is outstanding (least requests, power of two choices), so that a slow node gets less by \
         itself; round robin fills it up.",
        "Quorums that wait for the fastest majority, and a leader that hands over when it is slower than its \
         followers.",
        "Limits on calls in flight for each node, so that waiting for one does not take all threads.",
        "Take it out, and record why: a node that is often slow and never dead is hardware to replace.",
    ],
    sources: &[
        "Gunawi et al., Fail-Slow at Scale: Evidence of Hardware Performance Faults in Large Production Systems, FAST \
         2018 (101 reports)",
        "Do, Hao, Leesatapornwongsa, Patana-anake & Gunawi, Limplock: Understanding the Impact of Limpware on \
         Scale-Out Cloud Systems, SoCC 2013",
        "Lu et al., Perseus: A Fail-Slow Detection Framework for Cloud Storage Systems, FAST 2023",
        "Dean & Barroso, The Tail at Scale, CACM 56(2) 2013 (hedged and tied requests)",
    ],
};

pub(super) const PARTIAL_PARTITION: Lesson = Lesson {
    kind: SymptomKind::PartialPartition,
    definition: "Some pairs could not reach each other while all of them reached others: a pattern of who reaches whom \
                 that no dead node and no dead client explains.",
    trigger: "A failed link or switch of several, a firewall rule or a route that is wrong for some, a link that works \
              one way only (asymmetric), a network that was joined from parts.",
    sustaining: "Nodes that disagree about who is alive: each side's failure detector is right for itself. Elections \
                 that one node keeps starting because it does not hear the leader, and others keep joining; work that \
                 is placed on nodes that cannot do it, again and again.",
    trace: "A matrix of clients and nodes in one window with a square of which one diagonal is `ok` and the other is \
            not. The links between the nodes are not in a client's history: of them only the consequences are.",
    rule: "In one window there are clients a and b and nodes m and n with a–m and b–n reached, at least {sym07.reached} `ok`, and \
           a–n and b–m cut, at most {sym07.cut} `ok`, which neither a node nor a client that is down can explain, beyond \
           chance (Fisher's exact test, corrected).",
    picture: "\
                  to n1     to n2     to n3
from P0          99 % ok   0 % ok   99 % ok   P0 is up: n1 and n3
from P1          99 % ok  98 % ok   99 % ok   n2 is up: P1 and P2
from P2           1 % ok  99 % ok   99 % ok
                 |<- P0, P2 ->|  ok on one diagonal, cut on the other",
    look_alikes: &[
        ("a dead node", "Its whole column fails."),
        ("a dead client", "Its whole row fails."),
        (
            "SYM05",
            "One node and two clients are enough there. With only one bad pair both say the same; SYM07 needs the \
             square.",
        ),
        (
            "SYM08",
            "What two sides do when they are cut off altogether. A partial partition may lead there where a leader is \
             chosen by hearsay.",
        ),
        (
            "different requests",
            "Clients that ask different functions or keys fail for that reason. Compare the same ones.",
        ),
    ],
    look_at: "Routes and firewall rules in both directions for each cut pair; which links they share. What each node \
              believed of its peers (membership, term, elections started). Whether a third node reached both and could \
              have carried their traffic.",
    defences: &[
        "Failure detection by a quorum of observers: a node is dead when a majority cannot reach it, not when one \
         cannot.",
        "Elections that do not disturb: pre-vote and check-quorum, so that a node that hears nobody does not depose a \
         leader that others hear, and a leader that reaches no majority steps down.",
        "Routing around: an overlay that sends by a node which reaches both (as Nifty does), or clients that try \
         another node.",
        "Health checks along all the links that the work needs, the ones between nodes included; a node that cannot do \
         its work gives it back.",
        "Tests with partial and one-way partitions: complete ones are the easy case.",
    ],
    sources: &[
        "Alfatafta, Alkhatib, Alquraan & Al-Kiswany, Toward a Generic Fault Tolerance Technique for Partial Network \
         Partitioning, OSDI 2020 (51 failures; Nifty)",
        "Alquraan, Takruri, Alfatafta & Al-Kiswany, An Analysis of Network-Partitioning Failures in Cloud Systems, \
         OSDI 2018 (complete, partial, simplex)",
        "Ongaro, Consensus: Bridging Theory and Practice, PhD thesis, Stanford 2014, §9.6 (pre-vote)",
    ],
};

pub(super) const SPLIT_BRAIN: Lesson = Lesson {
    kind: SymptomKind::SplitBrain,
    definition: "Two groups of nodes each acted as if the other one were not there: both acknowledged at one time what \
                 the other did not know.",
    trigger: "A partition, or a pause that looks like one, and somebody who promotes a second authority: a failover by \
              a monitor that only sees that the leader does not answer, a script, an operator.",
    sustaining: "Each side is consistent with itself and serves whoever reaches it, so nothing looks wrong until they \
                 meet. Then one state is thrown away, or both are merged by a rule (last writer wins, union) that \
                 never asked the clients.",
    trace: "Acknowledged writes on both sides in one window, of which neither side's reads show the other's; two \
            holders of one lock; two logs of which neither is a beginning of the other. After the heal the writes of \
            one side are gone together.",
    rule: "The highest rung that holds is told: two nodes granted one lock at one time, 3 times each or more, or once \
           across a partition; one granted it with a fencing token no greater than the other one's before, more than \
           once beside the other one, or once across a partition; two logs \
           read on two nodes of which neither is a beginning of the other; two sides that for one interval, the \
           longest, saw nothing of what the other wrote in it, both having missed something of the other's; all that \
           one side put in meanwhile is gone while what the other put in is there. One way alone is a stale replica \
           (SYM09). The search and its bounds stand in docs/ANOMALIES.md. A leader that was deposed and goes on to \
           acknowledge is one side of a split brain; one that only answers is SYM09.",
    picture: "\
n1   |--write 1: ok--|          |--read: 1--|         |--read: 2--|
         · · · · · · · cut off · · · · · · · · ·  heal
n2      |--write 2: ok--|    |--read: 2--|              1 is gone",
    look_alikes: &[
        (
            "SYM09",
            "One node only answers what it knew, and acknowledges nothing. As soon as it acknowledges writes that the \
             others miss, two act as authority.",
        ),
        (
            "lagging replicas",
            "They see everything, a little later. Sides of a split see nothing of each other until the heal.",
        ),
        (
            "SYM17",
            "What is lost had been acknowledged shortly before a crash, by a node that was alone in knowing it; no \
             second side acknowledged anything meanwhile.",
        ),
        (
            "one paused lock holder",
            "One long hold that overlaps many of others is that of a client that stood still (SYM19), and one grant: \
             no second authority.",
        ),
    ],
    look_at: "Who was leader on either side and since when; how the clients found it; what the loser did with its \
              state when it came back; whether the window is that of a partition. A client's history shows that two \
              answered, not which of them knew itself to be leader.",
    defences: &[
        "Writes by a majority only, so that one side of a cut at most can acknowledge (Raft, Paxos, quorum queues).",
        "A leader that steps down when it cannot reach a majority within its lease, measured by a monotonic clock, \
         with a bound on drift, and shorter than the time after which a new one may be chosen.",
        "Fencing: the old leader is shut off before a new one is promoted (STONITH), or every write carries a token \
         that grows with each leader and that storage checks.",
        "Synchronous replication to somebody without whom nothing is acknowledged (WAIT, min-replicas-to-write). It \
         narrows the window; only a majority closes it.",
        "An odd number of votes in three places; two data centres without a third cannot tell a cut from a death.",
        "No automatic heal that throws a side away unseen: keep the loser's writes for reconciliation, and say so to \
         whoever wrote them.",
    ],
    sources: &[
        "Davidson, Garcia-Molina & Skeen, Consistency in Partitioned Networks, ACM Computing Surveys 1985",
        "Gilbert & Lynch, Brewer's Conjecture and the Feasibility of Consistent, Available, Partition-Tolerant Web \
         Services, SIGACT News 2002",
        "Alquraan et al., An Analysis of Network-Partitioning Failures in Cloud Systems, OSDI 2018",
        "Burrows, The Chubby Lock Service for Loosely-Coupled Distributed Systems, OSDI 2006, §2.4 (sequencers)",
    ],
};

pub(super) const STUCK_REPLICA: Lesson = Lesson {
    kind: SymptomKind::StuckReplica,
    definition: "One node went on answering what it knew once, while the others had gone on: a replica that is stuck, \
                 or a leader that was deposed and does not know it.",
    trigger: "A stream of changes that broke, a pause after which a leader still believes in its lease, an apply loop \
              that died in a process that lives, a cut.",
    sustaining: "The node looks well: it answers, and quickly. Nothing in an answer says how old it is, and health \
                 checks ask whether there is one.",
    trace: "All stale reads (LIN001) are at one node, and what it tells stays the same for long, or never gets newer, \
            while others acknowledge newer writes.",
    rule: "All stale answers of the history, 3 or more, are of one node, and for 1 s or longer, and 3 times as long as \
           lies between two writes, it told one and the same although something newer had been acknowledged, and meanwhile \
           something was written, or another node told something else: a new leader that lacks what the old one knew is \
           not stuck. It needs to be known which node answered.",
    picture: "\
n1   |--write 2: ok--|  |--write 3: ok--|  |--read: 3--|
n2   |--read: 1--|   |--read: 1--|   |--read: 1--|   |--read: 1--|",
    look_alikes: &[
        ("SYM08", "It also acknowledges writes of its own that the others do not know."),
        (
            "a lagging replica",
            "It gets newer all the time, always some steps behind. A stuck one stands still.",
        ),
        (
            "SYM17",
            "After a failover everybody tells what is old: the new leader never got it, and nobody knows better.",
        ),
        (
            "a cache",
            "An answer from in front of the store is as old as its lifetime and no older, and all nodes have the same.",
        ),
        (
            "nobody writes",
            "Where nothing new is acknowledged, to say the same is right. The rule goes by proved stale reads.",
        ),
    ],
    look_at: "The node's lag or revision against the others', its log of replication, and whether its health check \
              looks at either. When it last applied anything, and what the fault was then.",
    defences: &[
        "Reads that ask a majority (read index, quorum reads), or a leader with a lease; where reads may be old, \
         answers that say how old.",
        "A bound on lag from which on a replica refuses to answer, rather than answer wrongly.",
        "Leases by monotonic clocks, looked at after the read and before the answer: a pause between the two is just \
         the case that matters.",
        "Health checks that read what was just written elsewhere: a heartbeat row with its age catches a replica that \
         answers and does not move.",
        "Watchdogs for the apply loop: a process that cannot apply must stop serving.",
        "Sessions that carry the newest version they saw, so that a node behind it waits or refuses.",
    ],
    sources: &[
        "Gray & Cheriton, Leases: An Efficient Fault-Tolerant Mechanism for Distributed File Cache Consistency, SOSP \
         1989",
        "Huang et al., Gray Failure: The Achilles' Heel of Cloud-Scale Systems, HotOS 2017",
        "Ongaro, Consensus: Bridging Theory and Practice, PhD thesis, Stanford 2014, §6.4 (read-only queries)",
        "etcd #20418 (one member's revision stands still, and it serves)",
    ],
};
