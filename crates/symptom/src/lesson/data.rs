//! Lessons about data that is wrong, gone, doubled or back again.

use super::Lesson;
use crate::kind::SymptomKind;

pub(super) const SILENT_WRONG_DATA: Lesson = Lesson {
    kind: SymptomKind::SilentWrongData,
    definition: "Answers were wrong, and that is proved, while error rate and latency were as always: wrong while \
                 green.",
    trigger: "Whatever makes a system answer instead of refuse: a stale replica, two leaders, a lost acknowledgement, \
              a fallback to a cache, a bug in a merge, corruption.",
    sustaining: "That nobody is told. Dashboards count errors and measure time; a wrong answer is quick and has status \
                 200, so it is counted as good.",
    trace: "An operation of a proved anomaly (LIN…) in a time in which the share of errors and the 99th percentile of \
            latencies are those of the baseline.",
    rule: "A proved anomaly at a known time, and from {sym10.around} before to {sym10.around} after it the share of operations that did not \
           happen is at most {sym10.errors} of all above what is usual, and no more than two in a hundred take longer than {sym10.latency} the usual 99th percentile, which itself stays below three times the usual.",
    picture: "\
second       0    5   10   15   20   25
errors      0%   0%   0%   0%   0%   0%     green
p99       9 ms 8 ms 9 ms 9 ms 8 ms 9 ms     green
P0           |--write 2: ok--|
P1                            |--read: 1--|  wrong, and proved",
    look_alikes: &[
        (
            "wrong while red",
            "The same anomaly with errors or slowness around it: there somebody would have looked. The report says how \
             many of the proved anomalies were green, of how many.",
        ),
        (
            "SYM15",
            "A wrong recording is no wrong system: clocks of recorders that differ make reads from the future \
             (LIN005), and a timeout recorded as `fail` makes dirty reads (LIN004). Look there first, and at `seriatim \
             lint`.",
        ),
        (
            "a promise that was not made",
            "Reads that may be old by contract (eventual consistency, follower reads) are wrong only against the model \
             that was asked for.",
        ),
    ],
    look_at: "The anomaly's own lesson (`seriatim explain` with its code). Which monitor could have seen it: none that \
              looks at one request by itself, since it takes two answers that contradict each other.",
    defences: &[
        "Probes that know the answer: write a value that nobody else writes, read it back by every replica and path, \
         and alert on the wrong one, not on the error.",
        "Refuse rather than guess: a read that cannot be confirmed by lease or majority is an error; fallbacks that \
         answer with something else turn errors into wrong data.",
        "Checksums from client to client, and scrubbing that reads what nobody reads; comparison of replicas by hash \
         trees in the background.",
        "Invariants that are looked at in production: balances that add up, versions that never go back, one holder \
         for each lock.",
        "Histories of tests and of canaries checked for consistency in CI, as here: it is the only measure in which \
         this is red.",
    ],
    sources: &[
        "Alquraan et al., An Analysis of Network-Partitioning Failures in Cloud Systems, OSDI 2018 (catastrophic \
         effects such as data loss)",
        "Huang et al., Gray Failure: The Achilles' Heel of Cloud-Scale Systems, HotOS 2017",
        "Ganesan, Alagappan, Arpaci-Dusseau & Arpaci-Dusseau, Redundancy Does Not Imply Fault Tolerance, FAST 2017",
        "Hochschild et al., Cores That Don't Count, HotOS 2021; Bairavasundaram et al., An Analysis of Data Corruption \
         in the Storage Stack, FAST 2008",
        "AWS Builders' Library, Avoiding fallback in distributed systems",
    ],
};

pub(super) const DUPLICATE_EFFECT: Lesson = Lesson {
    kind: SymptomKind::DuplicateEffect,
    definition: "What was asked once was done twice.",
    trigger: "An answer that was lost on its way: the request had taken effect, and somebody who did not know that \
              asked again: the client, its driver, a proxy, a queue that delivers again, a new leader that replays.",
    sustaining: "Retries without a memory on the other side. Each further failure doubles more; nothing undoes what \
                 was done.",
    trace: "An element that stands twice in a log or comes out twice (LIN011), a counter above the sum of all that was \
            tried (LIN019), an identifier given twice (LIN021), two compare-and-sets that both replaced one value \
            (LIN009).",
    rule: "A proved anomaly that says that more was done than asked: a unique element twice in a log or taken out \
           twice, a counter above the sum of all attempted additions, one id given to two, or two swaps of one value \
           that was put in once.",
    picture: "\
P0  |--append 7 ....... info| |--append 7, again: ok--|
node       +7, answer lost              +7
P1                                                      |--read: [7 7]--|",
    look_alikes: &[
        (
            "equal values",
            "Two operations that put in the same value are two requests, not one twice. Let values be unique, by \
             client and number.",
        ),
        (
            "at least once",
            "A queue may promise that. Then it is no violation, but the consumer has to be ready for it.",
        ),
        (
            "SYM11",
            "A storm of retries is where duplicates come from; without effects twice it only costs load.",
        ),
        (
            "SYM18",
            "An element that comes back after it was removed was not done twice: its removal was lost.",
        ),
    ],
    look_at: "The attempts of that request in the logs of client, driver and proxy: which layer asked again, and after \
              which error. Whether the second came to another node or after a new leader. Whether the request carries \
              an identity that survives a retry.",
    defences: &[
        "Idempotency keys made by whoever starts the request, stored with the effect in one transaction, and kept for \
         longer than the longest retry can come.",
        "Session numbers in the replicated state itself (client id and sequence), so that a new leader knows what the \
         old one did.",
        "Requests that are idempotent by nature: set to a value instead of add, put with a version that must match, \
         upserts with a unique constraint.",
        "Timeouts treated as unknown: ask what became of the request before doing it again.",
        "Consumers that note what they have dealt with, together with the effect; exactly once is at least once and a \
         memory.",
        "Drivers whose silent retries are off for whatever is not idempotent.",
    ],
    sources: &[
        "Saltzer, Reed & Clark, End-to-End Arguments in System Design, ACM TOCS 1984 (duplicate message suppression)",
        "Birrell & Nelson, Implementing Remote Procedure Calls, ACM TOCS 1984",
        "Ongaro, Consensus: Bridging Theory and Practice, PhD thesis, Stanford 2014, §6.3 (sessions that filter \
         duplicates)",
        "AWS Builders' Library, Making retries safe with idempotent APIs",
        "yugabyte-db #399 (one request applied twice)",
    ],
};

pub(super) const DURABILITY_LOSS: Lesson = Lesson {
    kind: SymptomKind::DurabilityLoss,
    definition: "What had been acknowledged shortly before a crash is gone after it: the acknowledgement came before \
                 the data was safe.",
    trigger: "A kill, a power cut or a failover of the node that acknowledged.",
    sustaining: "Nothing: the loss is done in one moment, and final. It repeats with every crash.",
    trace: "Lost writes or elements (LIN002, LIN013) whose acknowledgements all lie in a short time before the fault \
            and at the node that it hit; what was acknowledged earlier is there.",
    rule: "{sym17.least} acknowledged operations or more are lost that were acknowledged within {sym17.within} before a kill, crash or power \
           fault of the node that acknowledged them, and these are at least {sym17.share} of all that is lost. \
           Lost is what nobody sees from some time on, whether or not somebody saw it before; of a container that was found \
           empty, all but as much as operations of unknown outcome may have taken.",
    picture: "\
n1   |w 5: ok| |w 6: ok| |w 7: ok| |w 8: ok|  x killed   restarted
                         |<--- 1 s before --->|
P1                                                          |--read: 6--|
                         7 and 8 had been acknowledged",
    look_alikes: &[
        (
            "SYM08",
            "There the other side acknowledged something meanwhile, and what is lost is all that one side wrote over \
             the whole cut, not the last moment before a crash.",
        ),
        (
            "lost at random",
            "Losses that are spread over the run, far from any crash, are of another kind: a bug, eviction, last \
             writer wins by clocks.",
        ),
        (
            "late, not lost (LIN001, LIN016)",
            "A replica that has to catch up after the restart shows it later. A final read tells.",
        ),
        (
            "SYM18",
            "An old value is back because the newer one was lost: the same loss, as seen at a register.",
        ),
    ],
    look_at: "What an acknowledgement waits for: memory, the page cache, a disk's cache, one disk, a majority. The \
              interval of the flush against the age of what was lost: the two agree where that is the reason. What \
              recovery cut off, and whether it said so.",
    defences: &[
        "fsync before the acknowledgement, with group commit to pay for it; of a new file, also of its directory. A \
         kill only loses what the process held; a power cut also what the page cache and the disk's cache hold, so \
         test both.",
        "Stop at the first failed fsync: a second one may succeed without the data being there. Crash, and recover \
         from the log.",
        "Acknowledge after a majority has it in stable storage; replication to memory alone survives one crash and not \
         a rack's power cut.",
        "Before a failover compare what candidates have, and choose the one with the most; refuse the failover, rather \
         than lose unseen, where nobody has it all.",
        "Checksums and lengths in the log, so that recovery can tell a torn end, which may go, from corruption in the \
         middle, which may not.",
        "Say the promise: where fsync every second is the choice, one second of loss is the contract; clients must be \
         able to ask for more for what matters.",
    ],
    sources: &[
        "Pillai et al., All File Systems Are Not Created Equal: On the Complexity of Crafting Crash-Consistent \
         Applications, OSDI 2014",
        "Rebello et al., Can Applications Recover from fsync Failures?, USENIX ATC 2020",
        "Redis documentation, Persistence (appendfsync: always, everysec, no)",
        "etcd #14370 (a single node loses an acknowledged write at a crash)",
    ],
};

pub(super) const RESURRECTION: Lesson = Lesson {
    kind: SymptomKind::Resurrection,
    definition: "What had been deleted or replaced came back after somebody had seen that it was gone.",
    trigger: "A replica that was away and comes back with what it had; a restore, a rebuild of a cache or an index; a \
              failover to a node that had not heard of the change; a heal that joins two states.",
    sustaining: "Where repair copies what it finds, the old value spreads from the one copy that had it, and stays. \
                 Where only one replica answers with it, it comes and goes.",
    trace: "A read of the newer value at a node, or a removal, and after it a read of the older one at the same node, \
            which nobody put in again: LIN017, or any code of what is old at a register (LIN001, LIN002, LIN006, LIN007, \
            LIN008, LIN023).",
    rule: "An element that was removed is seen again, or a node tells a value of a register that is known to have been \
           replaced, after the same node had told a newer one, and nobody put it in since. That a node acknowledged \
           the newer one is not enough, since it may pass writes on. Where no nodes are known the same client must have \
           seen the newer one, or anybody the old, the newer and the old one in turn; that is only a likeness.",
    picture: "\
P0      |-write 1: ok-| |-write 2: ok-|
P1, n3                                  |-read: 2-|      |-read: 1-|
n3                                          restarts, with 1",
    look_alikes: &[
        (
            "SYM09",
            "An old answer of a node that never had the newer one: to its own clients it never changed. Here the node \
             had told the newer one before.",
        ),
        (
            "written again",
            "Where values repeat, the old one may have been put in again (ABA). Let values be unique.",
        ),
        ("SYM17", "The newer one is lost with a crash, and the older one is what is left."),
        ("SYM12", "An element that was done twice was there twice; one that came back had been taken out."),
    ],
    look_at: "Which node showed it, when that node had been away, and for how long against how long markers of \
              deletion are kept. Whether it goes away again (one replica is behind) or stays (it has spread). Whose \
              clock decided between old and new.",
    defences: &[
        "Markers of deletion (tombstones) that are kept until every replica has them; a node that was away longer is \
         rebuilt, not merged.",
        "Repair that finishes within the lifetime of such markers, with an alarm when it does not.",
        "Versions by logical clocks or by a log, not by wall clocks: a fast clock's old write wins over a newer one.",
        "Deletes through the same log and quorum as writes.",
        "Restores and rebuilds that end with the deletions since (a list of what was deleted, kept apart from \
         backups).",
        "Caches that are filled only with a lease or a version, so that a slow reader does not put an old value back \
         after the invalidation.",
    ],
    sources: &[
        "Alquraan et al., An Analysis of Network-Partitioning Failures in Cloud Systems, OSDI 2018 (reappearance of \
         deleted data)",
        "Demers et al., Epidemic Algorithms for Replicated Database Maintenance, PODC 1987 (death certificates)",
        "Apache Cassandra documentation, Tombstones (gc_grace_seconds and repair)",
        "Nishtala et al., Scaling Memcache at Facebook, NSDI 2013, §3.2.1 (stale sets)",
    ],
};
