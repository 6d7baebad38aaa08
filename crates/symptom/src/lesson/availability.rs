//! Lessons about service that is not there, or not all of it.

use super::Lesson;
use crate::kind::SymptomKind;

pub(super) const AVAILABILITY_GAP: Lesson = Lesson {
    kind: SymptomKind::AvailabilityGap,
    definition: "Nothing that clients asked was done for a while, although they asked. This is being down as clients \
                 see it: whether a process runs does not matter, whether anybody is answered does.",
    trigger: "A leader that dies or is cut off and must be replaced; a majority that is gone; a process that stands \
              still; a full disk; a rollout that restarts all nodes at once.",
    sustaining: "As a rule nothing: the gap ends with an election, a restart or the end of the fault. It outlasts its \
                 reason where failure is detected late, where elections are split, and where clients wait on a dead \
                 connection until their own timeout.",
    trace: "Calls and no `ok`: they end as `info` after the client's timeout, as `fail` (refused, no leader), or \
            never. How the gap ends tells more. Many old calls that end at once had waited inside the system; where \
            only new ones succeed, what waited was dropped.",
    rule: "No operation ended `ok` for {sym01.gap} or longer, and for {sym01.times} as long as what 99.9 % of the times between two \
           `ok` usually stay below, while {sym01.attempts} operations or more were called, far longer than chance would have (Fisher's exact test on short stretches, corrected). Where all clients wait in a closed loop, \
           that they wait stands for these calls, if there are two of them or more, and of a node as many as that. The whole system is asked first, \
           then each node, each function and each key; what is told of the whole is not told again of its parts. A time in which nobody asked is no gap, and neither are many short ones between which little happens: that is a brown-out. Where there are too many keys, no single one is looked at.",
    picture: "\
faults            [====== leader killed ======]
P0  |w: ok| |r: ok| |--w ............ info--|   |w: ok| |r: ok|
P1   |r: ok| |w: ok|  |--r ...... info--| |r: fail| |r: ok|
                   |<--- asked, and nothing is ok --->|",
    look_alikes: &[
        (
            "no attempts",
            "Clients that stop asking leave the same silence. Count the calls: without any it is the test that paused, \
             and nothing is known of the system.",
        ),
        (
            "SYM19",
            "After a pause what was in flight ends in one moment, and well: it had only been held. After a gap it \
             mostly ended badly, each at its own timeout.",
        ),
        ("SYM04", "In a brown-out some operations are still done; in a gap none is."),
        ("SYM21", "Only one kind of request is refused. Look at each function by itself."),
        ("SYM05", "Others are answered by the same node meanwhile. Look at each client by itself."),
    ],
    look_at: "How long after the fault the gap began (detection), and how long after the new leader or the heal it \
              ended (repair, and clients that find out). The errors: refused, no leader, and timeout are three \
              different stories. Heartbeat, election and keepalive settings against the length of the gap.",
    defences: &[
        "A budget for failover that is added up and tested: heartbeat × misses until a node counts as dead, plus the \
         election, plus the clients' discovery, must stay below the gap that you can bear. Random election timeouts, \
         so that elections do not split.",
        "A timeout for each attempt well below the deadline of the request, and another node for the next attempt. A \
         client with one timeout of 10 s sees a gap of 10 s, however fast the election was.",
        "Planned stops that hand over first: transfer of leadership, connections drained, one node at a time, and each \
         only when the one before serves again.",
        "Replicas placed so that no single zone, rack or power feed holds a majority.",
        "Retries with capped exponential backoff and full jitter: the end of a gap is where herds (SYM13) and storms \
         (SYM11) come from.",
    ],
    sources: &[
        "Hauer, Hoffmann, Lunney, Ardelean & Diwan, Meaningful Availability, NSDI 2020 (availability as users see it, \
         over windows)",
        "Fox & Brewer, Harvest, Yield, and Scalable Tolerant Systems, HotOS 1999 (yield)",
        "Ongaro & Ousterhout, In Search of an Understandable Consensus Algorithm, USENIX ATC 2014, §9.3 (time without \
         a leader)",
    ],
};

pub(super) const SLOW_RECOVERY: Lesson = Lesson {
    kind: SymptomKind::SlowRecovery,
    definition: "A fault ended, and service came back late: the time from the heal until clients got their usual \
                 goodput is much longer than a restart or an election takes.",
    trigger: "The end of a fault: a partition healed, a node restarted, a pause over. The system must now notice, \
              catch up and be found again.",
    sustaining: "Work that must be done before service, and ends: replay of a log, transfer of a snapshot, cold \
                 caches, connections and elections anew, clients that sleep in a long backoff, a backlog that is \
                 worked off. Where the backlog grows faster than it is worked off it never ends by itself, and that is \
                 SYM03.",
    trace: "After the heal calls go on to fail, or take long, and then get better step by step, or at one instant that \
            is the sum of some timeouts. Per node: the first `ok` of the node that was away comes late, although \
            others serve.",
    rule: "Two times are measured from the end of each fault: until the first `ok`, and until goodput holds {sym02.share} of what is usual for {sym02.hold}, and less happens than chance would have (conditional test of two Poisson rates, corrected). A recovery that takes less than {sym02.wait} came in time, and what was bad before the fault does not recover from it. Where clients went on to ask \
           as much as before and it stayed bad for long, SYM03 is told instead.",
    picture: "\
faults              [=== partition ===]
second       0    4    8   12   16   20   24   28   32   36   40
ok /s      100  100    3    0    0    0    4   20   55   90  100
                                      ^ healed            ^ 90 %
                                      |<----- 16 s ------>|",
    look_alikes: &[
        (
            "SYM03",
            "There clients ask as much as before, and goodput stays low until something breaks the loop. Here it gets \
             better by itself, or clients ask less: clients in a closed loop ask less because they wait, so with them \
             a loop and a slow recovery look alike.",
        ),
        (
            "a wrong mark",
            "The end of the fault was written when the command was sent, not when it took effect: a process that was \
             started needs time to run. Compare the mark with the node's own log.",
        ),
        (
            "clients that back off",
            "The system is well and nobody asks. Then what is called after the heal is `ok` at once, and calls are \
             few.",
        ),
        ("SYM14", "Another node fails meanwhile, under the load of the first."),
    ],
    look_at: "What the time is the sum of: detection, election, reconnection (a client's backoff, a DNS lifetime, a \
              connection pool), replay, snapshot, cache. Whether the curve is a step (a timeout) or a slope (a \
              backlog). Replication lag and queue lengths from the heal on.",
    defences: &[
        "Backoff that is capped near the time a failover takes, with full jitter: a cap of a minute adds up to a \
         minute to every recovery.",
        "Queues that drop what is too old: a request whose client has given up is work that delays recovery. Deadlines \
         that travel with the request let every hop see that.",
        "Snapshots and log truncation often enough that replay fits into the recovery budget; catch-up traffic that is \
         limited, so that it does not compete with clients.",
        "Readiness that is honest: a node takes traffic when it has caught up and is warm, and then in growing shares \
         (slow start).",
        "Recovery as an ordinary event: crash-only components that restart in seconds, and drills that measure the \
         time.",
    ],
    sources: &[
        "Candea & Fox, Crash-Only Software, HotOS 2003",
        "AWS Builders' Library, Avoiding insurmountable queue backlogs (recovery from a backlog)",
        "Google, Site Reliability Engineering, ch. 22 (slow startup and cold caching)",
        "openraft #1878 (the end of a fault recorded wrongly)",
    ],
};

pub(super) const BROWN_OUT: Lesson = Lesson {
    kind: SymptomKind::BrownOut,
    definition: "The system was neither up nor down: part of what was asked was done, or all of it took far longer \
                 than usual, for seconds.",
    trigger: "More load than capacity; one of several shards, replicas or dependencies that is ill; packet loss; a \
              compaction, a backup or a checkpoint that takes the disk; a saturated pool of connections or threads.",
    sustaining: "Often nothing but the trigger. Where clients wait long and try again, waiting itself takes the \
                 resources (connections, threads, memory) that would end it, and a brown-out turns into SYM03 or \
                 SYM14.",
    trace: "`ok` and other outcomes side by side in the same second, or only `ok` with a tail many times as long. The \
            mean hardly moves: look at quantiles.",
    rule: "For {sym04.least} or longer between {sym04.low} and {sym04.high} of what usually happens did, or operations took {sym04.times} as long as \
           the 99th percentile of their function usually is, far more of them than chance would have (Fisher's exact \
           test, corrected), and it is no gap (SYM01). That percentile is what three of four pieces of the time without faults stay below, but for the longest slow stretch of it, so that what is slow once is not usual, and what is slow again and again is. A failure that is an answer, as that a queue is empty or a lock is held, counts as done. Of the whole system, or of a node or a function where only that one shows it, unless it has a name of its own there (SYM05, SYM06, SYM07, SYM21).",
    picture: "\
second            0     5    10    15    20    25    30
called /s       200   200   200   200   200   200   200
ok              99%   99%   61%   48%   57%   99%   99%
p50            4 ms  4 ms  5 ms  6 ms  5 ms  4 ms  4 ms
p99           12 ms 12 ms 240ms 900ms 610ms 12 ms 12 ms
                         |<-- neither up nor down -->|",
    look_alikes: &[
        (
            "SYM01",
            "Nothing at all is done. A gap that is short beside the stretch it is counted in looks like a brown-out: \
             look at shorter stretches.",
        ),
        (
            "SYM06",
            "One node alone is slow, and its operations are `ok`. A brown-out of the whole may be just that node's \
             share.",
        ),
        ("SYM21", "One function is `ok` throughout, another one is not: that is a mode, no weakness of all."),
        ("SYM07", "Which of them fail depends on who asks whom."),
        (
            "a new workload",
            "Larger values or another mix of functions make latencies longer with nothing being ill. Compare the same \
             function.",
        ),
    ],
    look_at: "Ratio and quantiles by node, by function and by key: what is the share that fails a share of? Saturation \
              (queues, pools, CPU, disk) at its beginning. Whether what failed was refused quickly, which is shedding \
              and wanted, or timed out, which is not.",
    defences: &[
        "Admission control and load shedding at the door: refuse quickly and cheaply what cannot be served in its \
         deadline, so that the rest is served well. By priority, so that what matters is refused last.",
        "Backpressure with bounded queues; a queue that is always full only adds its length to every latency (CoDel, \
         or newest first).",
        "Bulkheads: pools for each dependency and each tenant, so that one ill shard does not take the threads of all.",
        "Deliberate degradation: leave out what is optional (recommendations, counts) before anything essential fails.",
        "Alerts on quantiles and on the share of good events as clients see them, not on means and not on processes \
         that run.",
    ],
    sources: &[
        "Fox & Brewer, Harvest, Yield, and Scalable Tolerant Systems, HotOS 1999",
        "Klein, Maggio, Årzén & Hernández-Rodriguez, Brownout: Building More Robust Cloud Applications, ICSE 2014 \
         (where it is done on purpose)",
        "AWS Builders' Library, Using load shedding to avoid overload",
        "Google, Site Reliability Engineering, ch. 21 (Handling Overload)",
        "Nichols & Jacobson, Controlling Queue Delay, ACM Queue 2012 (CoDel)",
    ],
};

pub(super) const PARTIAL_SERVICE: Lesson = Lesson {
    kind: SymptomKind::PartialService,
    definition: "Requests of one kind were done while those of another kind were not, at the same node and time: the \
                 system was read-only, or write-only.",
    trigger: "A majority, a leader or a synchronous replica is gone, and reads need none of them; a disk is full, or \
              an alarm says so; a failover left a node in read-only state; or the other way round, an index or a read \
              path is broken and writes go on.",
    sustaining: "Often a state that nobody resets: a space alarm that must be disarmed by hand, a read-only flag that \
                 outlives the full disk, a promoted node that was not told that it may write.",
    trace: "In one window the functions divide: `read` is `ok` as always, `write` ends as `fail` or `info`. Health \
            checks that read are green all the while.",
    rule: "For {sym21.least} or longer, of one node or of the whole system, at least {sym21.served} of one function's operations \
           happened and at most {sym21.refused} of another one's, which usually do (Fisher's exact test, corrected). Neither side \
           is judged by fewer than {baseline.sample} operations.",
    picture: "\
faults               [====== disk full ======]
P0  read   |ok| |ok| |ok| |ok| |ok| |ok| |ok| |ok| |ok| |ok|
P1  write  |ok| |ok| |fail| |fail| |fail| |fail| |fail|
P2  write   |ok| |ok| |fail| |fail| |fail| |fail| |fail|
                                                 ^ and after it, too",
    look_alikes: &[
        (
            "SYM04",
            "All functions suffer, each in part. Here one is as always and another one is not done at all.",
        ),
        ("SYM01", "Nothing is done, of whatever function."),
        (
            "conditional operations",
            "A compare-and-set that is refused because the value differs is the workload's doing: record it as `ok` \
             with the result false, not as `fail`.",
        ),
        (
            "stale reads (LIN001)",
            "Reads that need no majority go on in a minority, and may be old: that only reads were answered is a \
             reason to look at what they said.",
        ),
    ],
    look_at: "The errors of the function that is refused (no space, no leader, not enough replicas, read-only). Which \
              of its needs the other function does not share: quorum, leader, disk, token. Whether it ended by itself \
              when the cause was gone.",
    defences: &[
        "Health checks that do what clients do, a write to a key of their own included: one that reads is green while \
         nobody can write.",
        "Quotas and alarms that fire well before a disk is full, and free space kept back for compaction and for \
         clearing the alarm.",
        "Read-only as a state that is entered and left by rule, shown as a metric, with an owner who resets it.",
        "The choice said openly: whether to refuse writes without enough replicas (min.insync.replicas, \
         min-replicas-to-write) is a trade of availability for durability, and clients should get an error of its own \
         for it.",
        "Clients that treat a refusal as final for a while (a circuit breaker for each function) instead of asking \
         ever more.",
    ],
    sources: &[
        "Fox & Brewer, Harvest, Yield, and Scalable Tolerant Systems, HotOS 1999 (decomposition into parts that fail \
         apart)",
        "Gilbert & Lynch, Brewer's Conjecture, SIGACT News 2002",
        "etcd documentation, Maintenance (space quota and the NOSPACE alarm: reads and deletes only)",
        "Lou, Huang & Smith, Understanding, Detecting and Localizing Partial Failures in Large System Software, NSDI \
         2020",
    ],
};
