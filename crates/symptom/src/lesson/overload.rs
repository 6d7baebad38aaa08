//! Lessons about load that makes itself: what goes on when its reason is gone.

use super::Lesson;
use crate::kind::SymptomKind;

pub(super) const METASTABLE_FAILURE: Lesson = Lesson {
    kind: SymptomKind::MetastableFailure,
    definition: "A trigger put the system into a bad state, and it stayed there when the trigger was gone: it is kept \
                 busy, and hardly anything of what it does is of use. It does not come back by itself at the load that \
                 it bore easily before.",
    trigger: "Anything that takes capacity or adds load for a moment: a burst, a partition, a lost cache, a slow disk, \
              a deployment. The system was vulnerable before, with more load than it could recover under; the trigger \
              only tipped it.",
    sustaining: "A loop that feeds the overload: retries of what timed out, work done for clients that have given up, \
                 caches that cannot fill because the store behind them is overloaded, failovers and catch-up that cost \
                 what is lacking, slow error paths (stack traces, logs, reconnections). The loop, and not the trigger, \
                 is the cause worth removing.",
    trace: "Goodput falls at the fault and does not rise at the heal, while clients ask as much as before or more. \
            Operations end at the clients' timeout rather than by a refusal. Where the load drops, by hand or because \
            clients stop, goodput returns within seconds.",
    rule: "After the end of a fault, for {sym03.least} and for {sym03.faults} as long as the fault took, whichever is longer, goodput \
           stays at or below {sym03.good} of what is usual, less than chance would have (conditional test of two Poisson rates, corrected), while clients call at least {sym03.asked} as often as usual. What shows a \
           loop is that goodput returns only after the load drops. Without that the history is consistent with a loop, \
           and no more is told.",
    picture: "\
second       0   5  10  15  20  25  30  35  40  45  50  55  60
faults                [burst]
called /s  100 100 100 240 190 180 180 180 180 180 180  20 100
ok /s      100 100 100  14   6   5   5   4   5   5   5  20 100
                            ^ over, and nothing changes  ^ load
                                                           is shed",
    look_alikes: &[
        (
            "SYM02",
            "Recovery gets on by itself, if slowly: the curve rises. Clients in a closed loop wait, and so ask less; \
             then their load is no proof of a loop, and SYM02 is what is told.",
        ),
        (
            "a fault that did not end",
            "The heal was recorded and did not work, or something else broke meanwhile. Look at the nodes and the \
             network themselves after the heal.",
        ),
        (
            "too little capacity",
            "At the same load before the fault all was well; where the load grew for good, it is plain overload, and \
             ends with the load, also without a trigger.",
        ),
        ("SYM14", "Nodes fall one after the other. Often it is the same loop, seen node by node."),
        (
            "SYM11",
            "A storm of retries is the most frequent loop. Where the attempts are recorded they show it; SYM03 says \
             that it holds itself up.",
        ),
    ],
    look_at: "What the system works at while it does nothing of use: the share of retries, the age of a request when \
              work on it begins against its client's timeout, hit rates of caches, queue lengths. What ended it: the \
              push that was needed (shed load, restart, block retries, warm the cache) names the loop.",
    defences: &[
        "Retry budgets: retries may add 10 % to the load of first tries, and no more. A cap on attempts for each \
         request alone still multiplies load when all fail; and retry at one layer only.",
        "Deadlines that travel with the request, looked at before each step of work: what nobody waits for any more is \
         dropped. This breaks the loop of work for clients that are gone.",
        "Admission control that holds goodput at its peak under any load: bounded queues, shedding by priority, newest \
         first or CoDel when there is a backlog.",
        "A way to push back, ready and tried out: a switch that turns retries off, a limit at the door that is let up \
         step by step, a restart with cold caches that is rehearsed.",
        "Circuit breakers in clients, which probe with few requests. With thought: they are a second state that can \
         stick, too.",
        "Room to recover: run at a load at which the system can also fill a cold cache and bear a failover. Test \
         exactly that: overload it, take the overload away, and look whether it returns.",
    ],
    sources: &[
        "Bronson, Aghayev, Charapko & Zhu, Metastable Failures in Distributed Systems, HotOS 2021 (states, trigger, \
         sustaining effect)",
        "Huang, Magnusson, Muralikrishna, Estyak, Isaacs, Aghayev, Zhu & Charapko, Metastable Failures in the Wild, \
         OSDI 2022 (22 cases of 11 organisations)",
        "AWS Builders' Library, Timeouts, retries, and backoff with jitter; Using load shedding to avoid overload",
        "Google, Site Reliability Engineering, ch. 21 (retry budgets) and ch. 22",
        "Schroeder, Wierman & Harchol-Balter, Open Versus Closed: A Cautionary Tale, NSDI 2006 (why closed loops hide \
         it)",
    ],
};

pub(super) const RETRY_AMPLIFICATION: Lesson = Lesson {
    kind: SymptomKind::RetryAmplification,
    definition: "Clients asked again and again for what was asked already, so that load rose just when less of it was \
                 done.",
    trigger: "Requests that fail or are slow, for whatever reason: a leader that changes, a lost packet, a brown-out.",
    sustaining: "Each failure makes more requests, and more requests make more failures. Layers multiply: three \
                 attempts at each of four layers are 81 at the last one. That is the most frequent loop of SYM03.",
    trace: "With numbered attempts: many tries for one request in a window. Without: calls rise as the share of `ok` \
            falls, and fall when it rises. Retries inside of a driver are seen by neither: to the client it is one \
            long call.",
    rule: "For {sym11.least} or longer. Where attempts are recorded (`attempt`, or one `op_id` for all tries of a request): {sym11.tries} as many tries as requests, or more. Else: calls \
           rise to at least {sym11.load} what is usual while the share of `ok` falls by {sym11.fall} of all or more, in most quarters of each second.",
    picture: "\
faults              [= slow disk =]
second       0     5    10    15    20    25
ok /s      100   100    22    18    70   100
called /s  100   100   310   390   160   100

P0  |w #1: ok|   |w #1 .. info||w #2 .. info||w #3 .. info||w #4: ok|
                 |<----------- one request, four attempts ---------->|",
    look_alikes: &[
        (
            "more users",
            "First tries rise, too, and the share of `ok` was well when they did. Numbered attempts tell it at once: \
             `attempt` in the recording.",
        ),
        (
            "a faster generator",
            "Refusals are quick, and a closed loop that gets quick refusals asks more often without trying anything \
             again. Look whether it is the same request.",
        ),
        (
            "SYM13",
            "A herd asks in step, at one instant or at one rhythm. A storm may be smooth. Without jitter it is both.",
        ),
        ("SYM03", "There it goes on when the fault is over."),
    ],
    look_at: "Who tries again: count the layers (client, driver, proxy, service mesh, job queue) and multiply. Which \
              errors are tried again; a refusal because of overload should not be, or late. The timeout of an attempt \
              against the latency under load: below it, every attempt fails.",
    defences: &[
        "A retry budget for each client (a token bucket that successes fill, about a tenth of the load), beside a cap \
         on attempts for each request.",
        "Capped exponential backoff with full jitter: wait a random time between 0 and min(cap, base × 2^n). Backoff \
         alone only delays the load; for long overload the budget is what helps.",
        "Retries at one layer, the one that knows whether the request may be repeated; errors that say whether to try \
         again (`Retry-After`, overloaded, not retryable).",
        "Hedged requests only after the 95th percentile and within a budget: they are retries, too.",
        "Idempotency keys, so that a retry that meets its own first try does the work once (else SYM12).",
        "`attempt` as a field of requests and metrics: load by attempts is the one graph that shows a storm at a \
         glance.",
    ],
    sources: &[
        "AWS Builders' Library, Timeouts, retries, and backoff with jitter",
        "Brooker, Exponential Backoff And Jitter, AWS Architecture Blog 2015 (full jitter)",
        "Google, Site Reliability Engineering, ch. 21 (per-request and per-client retry budgets) and ch. 22 (Retries)",
        "Huang et al., Metastable Failures in the Wild, OSDI 2022 (retries as the most common sustaining effect)",
        "Dean & Barroso, The Tail at Scale, CACM 56(2) 2013 (hedged requests, deferred to the 95th percentile)",
    ],
};

pub(super) const THUNDERING_HERD: Lesson = Lesson {
    kind: SymptomKind::ThunderingHerd,
    definition: "Clients asked in step: many calls in one instant and few in the next, although each client by itself \
                 asks no more than usual.",
    trigger: "One event that all see at once: a heal, a restart, a cache entry that expires, a lock that is released, \
              a full minute.",
    sustaining: "The same rule with the same numbers in all clients: equal timeouts and equal backoffs keep those \
                 together that failed together. Whoever is slowed down by the crowd joins it, so steps grow by \
                 themselves.",
    trace: "Bursts of calls after the heal, in a rhythm that is the clients' timeout or backoff; each burst with \
            latencies that rise from its first to its last call.",
    rule: "In the {sym13.after} after the end of a fault the index of dispersion (variance by mean) of the calls in bins of 100 \
           ms is at least {sym13.times} what is usual, or what chance has where that is greater; or the calls are \
           correlated by {sym13.beat} or more with those at one fixed time before, which is named, and usually by less than half of that. The two greatest changes are left out, since a single burst is what the end of any wait leaves in a closed loop; but not where at one time more than twice as many ask as had waited and usually ask.",
    picture: "\
faults     [= down =]
P0  .w..r...x         w         r         w         r
P1  r..w..r.x         r         w         w         w
P2  ..w.r..wx         w         w         r         r
P3  w..r..w.x         w         r         r         w
            |- 1 s -  |- 1 s -  |- 1 s -  |- 1 s -  | all in step",
    look_alikes: &[
        (
            "the generator",
            "A test that starts its clients in step, or asks by a schedule, has this rhythm in the baseline, too. The \
             rule compares with that; where there is no baseline, look at the test's own pace.",
        ),
        (
            "SYM19",
            "After a pause what was held ends in one moment, and clients in a closed loop ask anew together: one \
             burst, no rhythm.",
        ),
        (
            "SYM11",
            "More calls altogether. A herd may have no more of them than usual, only at the same time.",
        ),
        (
            "batches",
            "A client that sends its calls in groups is uneven by itself. Look whether the burst has many clients in \
             it.",
        ),
    ],
    look_at: "The distance between bursts: which timeout, backoff, lifetime or period is just that long? What event \
              the first one followed. Queue length and refusals at the burst, against the mean, which looks harmless.",
    defences: &[
        "Jitter on everything that repeats: full jitter on backoff, random offsets on timers and cron jobs, lifetimes \
         that vary by some percent. Capping the exponent without jitter brings all to the same rhythm again.",
        "Coalescing: one asks, the others wait for the answer (single flight, leases in a cache); expired entries that \
         are still served while one refreshes them, or refreshed early at random.",
        "Reconnection at a limited rate on both sides: clients wait a random time first, and the server accepts only \
         as many handshakes as it can bear.",
        "Wake one and not all: queues for locks (watch the predecessor, not the lock), one connection for each \
         accepted event.",
        "Slow start after a heal: let the limit at the door rise over some seconds.",
    ],
    sources: &[
        "Floyd & Jacobson, The Synchronization of Periodic Routing Messages, IEEE/ACM Transactions on Networking 1994",
        "Nishtala et al., Scaling Memcache at Facebook, NSDI 2013, §3.2.1 (leases against thundering herds)",
        "Vattani, Chierichetti & Lowenstein, Optimal Probabilistic Cache Stampede Prevention, VLDB 2015",
        "AWS Builders' Library, Timeouts, retries, and backoff with jitter (jitter on all timers)",
        "Cox & Lewis, The Statistical Analysis of Series of Events, 1966 (index of dispersion)",
    ],
};

pub(super) const CASCADING_FAILURE: Lesson = Lesson {
    kind: SymptomKind::CascadingFailure,
    definition: "One node failed, its load went to the others, and the next one failed under it: one failure fells \
                 node after node.",
    trigger: "The loss of one node, zone or cache in a system whose others have too little room for its share; or one \
              request that kills whoever serves it, and that clients then take to the next node.",
    sustaining: "Load that is moved, not lost: whatever is left gets more each time. Nodes that come back get all of \
                 it at once and fall again. Health checks that fail under load take away nodes that still served.",
    trace: "Nodes stop answering in sequence, without a fault of their own, each after its calls had risen. Only seen \
            where the clients' calls name nodes and move between them; behind a balancer the moves are hidden.",
    rule: "{sym14.nodes} nodes or more enter a gap (SYM01) or a brown-out (SYM04) one after the other, without a fault of their \
           own, each {sym14.apart} or more after the one before and after its rate of calls rose to at least {sym14.rise} what is usual, more than chance would have (conditional test of two Poisson rates, corrected).",
    picture: "\
second         0    5   10   15   20   25   30
faults                [killed: n1 ..............]
n1 called/s  100  100    0    0    0    0    0
n2 called/s  100  100  160  170    0    0    0
   ok         99%  99%  97%  20%
n3 called/s  100  100  150  170  300  300  300
   ok         99%  99%  98%  95%  30%   0%   0%",
    look_alikes: &[
        (
            "one cause for all",
            "A shared disk, switch or configuration fells nodes together, and without load rising first. Look at the \
             rate of calls before each.",
        ),
        ("SYM01", "A majority that is gone stops the rest by design, at one instant and at any load."),
        (
            "SYM03",
            "A loop keeps all of them down. A cascade is how they got there; it may leave such a loop.",
        ),
        (
            "a rolling restart",
            "Nodes go in sequence, each is back before the next, and the load is the same. Record it as a fault.",
        ),
    ],
    look_at: "Load and headroom of each node before its fall; what it ran out of (memory, threads, connections, file \
              handles). Whether one request is the last that each of them got. How the balancer moves load, and how \
              many nodes it will take out.",
    defences: &[
        "Capacity for n − 1 (or n − a zone) at peak load, tested by taking one away, to the point of failure and \
         beyond.",
        "Load shedding in each node, so that more load than it can bear costs refusals and not the node. Refusing must \
         be far cheaper than serving.",
        "A balancer that fails open: where more than some share of nodes looks ill, send to all, for then it is the \
         check that is wrong or the load.",
        "Health checks that tell being busy from being dead; liveness that restarts a node for being slow takes \
         capacity when it is needed most.",
        "Cells and shuffle sharding, which bound how far a bad request or a busy tenant gets; circuit breakers between \
         services.",
        "Slow start for what comes back, and no automatic retry on another node for requests that ended with a crash.",
    ],
    sources: &[
        "Google, Site Reliability Engineering, ch. 22 (Addressing Cascading Failures)",
        "Nygard, Release It!, 2nd ed. 2018 (stability antipatterns: cascading failures; patterns: bulkheads, circuit \
         breaker)",
        "AWS Builders' Library, Implementing health checks (failing open); Workload isolation using shuffle-sharding; \
         Static stability using Availability Zones",
        "Zhou et al., Overload Control for Scaling WeChat Microservices, SoCC 2018",
    ],
};
