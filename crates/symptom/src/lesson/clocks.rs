//! Lessons about time: clocks that are wrong, and processes that do not notice that it passes.

use super::Lesson;
use crate::kind::SymptomKind;

pub(super) const RECORDER_CLOCK_FAULT: Lesson = Lesson {
    kind: SymptomKind::RecorderClockFault,
    definition: "The recorded times cannot be: an operation ends before it begins, time runs back, or a value is seen \
                 before it was put in. It is a fault of the measurement first, and the verdict may rest on it.",
    trigger: "Several recorders with a clock each; a clock that was stepped (NTP, a virtual machine that resumes) \
              while it was recorded; a wall clock used to measure durations; a log that was merged or sorted wrongly.",
    sustaining: "A constant difference lasts for the whole run; drift grows. Nothing in the system under test makes it \
                 or ends it.",
    trace: "Ends before calls; lines of one process whose times run back; a read that ended before the write of its \
            value was called, on another client's clock (LIN005 where the order of lines or one clock says so).",
    rule: "An operation ends before it is called, or a line has an earlier time than the one before, or a value was \
           seen before its write began; {sym15.backward} operation of the first sort is enough, or one of the others. For these inversions the offsets of the recorders are solved \
           as difference constraints (Bellman-Ford): where constant offsets explain all, the least ones are told; \
           where a cycle is negative no constant offsets can, and it is real: a read from the future, or a fault of \
           the recorder.",
    picture: "\
as recorded       P0's clock                     |--write 5--|
                  P1's clock    |--read: 5--|
                                            |<-->|  0.4 s too early
with P1 + 0.4 s   P0's clock                     |--write 5--|
                  P1's clock         |--read: 5--|  now they overlap",
    look_alikes: &[
        (
            "a read from the future (LIN005)",
            "With one recorder and one clock there is no offset to blame: the value was used before, or the record is \
             wrong.",
        ),
        (
            "SYM16",
            "There it is the server's stamp that does not fit, and the clients' times agree with each other.",
        ),
        (
            "a value used twice",
            "An earlier run, or another client, put in the same value. Let values be unique, and start with an empty \
             store.",
        ),
        (
            "calls written late",
            "A recorder that writes the call when the answer comes makes operations too short: reads seem to end \
             before writes begin though all clocks are right.",
        ),
    ],
    look_at: "How many clocks wrote the times, and which; whether the offset is the same over the run (a constant), \
              grows (drift) or jumps (a step). Whether the verdict changes when the order of lines counts instead of \
              times. Time synchronisation's log on the recorders' hosts.",
    defences: &[
        "One recorder process for all clients, and the order of its lines as the order of events: it cannot contradict \
         itself.",
        "A monotonic clock for durations and order; the wall clock, read once at the beginning, only to name the day.",
        "Where several recorders are needed: events ordered by messages (logical clocks), or intervals widened by the \
         clocks' error, so that doubt makes operations overlap rather than follow each other.",
        "Measure offsets at the beginning and the end of a run by round trips, and write them into the head of the \
         file.",
        "Slewing instead of stepping while a test runs.",
    ],
    sources: &[
        "Lamport, Time, Clocks, and the Ordering of Events in a Distributed System, CACM 1978",
        "Cristian, Probabilistic Clock Synchronization, Distributed Computing 1989 (offsets from round trips)",
        "Cormen, Leiserson, Rivest & Stein, Introduction to Algorithms, section Difference constraints and shortest \
         paths",
    ],
};

pub(super) const SERVER_CLOCK_SKEW: Lesson = Lesson {
    kind: SymptomKind::ServerClockSkew,
    definition: "Servers stamped requests with times outside of the interval in which clients had them open: the \
                 clocks of server and client are apart by at least so much.",
    trigger: "A host without time synchronisation, or whose source is wrong or out of reach; a virtual machine that \
              was suspended or moved; a clock that is stepped; a test that bends clocks on purpose.",
    sustaining: "Drift goes on until somebody corrects it. A correction by a step is a fault of its own: leases expire \
                 at once, or time runs back.",
    trace: "`server_ts` before the call or after the end, at one node, by about the same amount for all its operations \
            (an offset) or by one that grows (drift).",
    rule: "At least {sym16.share} of a node's stamps lie before the call or after the end of their operation by more than {sym16.epsilon}. \
           Told are how many, by how much the worst does, and which constant offset would put all inside.",
    picture: "\
client    call |-----------------------| end
n1                      ^ stamp                     inside: says nothing
n2                                            ^ stamp  outside
                                       |<---->|  n2 is ahead by this or more",
    look_alikes: &[
        (
            "SYM15",
            "The clients' own times contradict each other. Where only one client differs from all servers it is that \
             client's clock.",
        ),
        (
            "a stamp of something else",
            "A commit or a flush after the answer, or a cached answer with the stamp of its write, lies outside with \
             all clocks right. Know what the stamp says.",
        ),
        (
            "units and zones",
            "An offset of whole hours, or by a factor of a thousand, is a fault of reading the stamp.",
        ),
        (
            "coarse stamps",
            "Stamps in whole seconds lie up to a second before. The bound has to allow for that.",
        ),
    ],
    look_at: "The node's time synchronisation (offset, stratum, last step) at that time. What in the system trusts \
              clocks: leases, last writer wins, snapshots by time, expiry of keys and certificates. Whether anomalies \
              (lost writes, stale reads) are at the same node.",
    defences: &[
        "Nothing that must be right depends on wall clocks: order by a log or by logical or hybrid clocks; leases by \
         monotonic clocks with a bound on their drift.",
        "Where time decides, carry the uncertainty: an interval instead of an instant, and wait it out before \
         acknowledging (commit wait).",
        "Nodes that watch their offset to their peers and stop serving beyond the bound that the algorithm assumes.",
        "Synchronisation from several sources, slewed, with an alarm on offset and on the loss of all sources.",
        "Refuse stamps that lie far in the future, instead of letting them win over all later writes.",
    ],
    sources: &[
        "Corbett et al., Spanner: Google's Globally-Distributed Database, OSDI 2012, §3 (TrueTime) and §4 (commit \
         wait)",
        "Kulkarni, Demirbas, Madappa, Avva & Leone, Logical Physical Clocks, OPODIS 2014 (hybrid logical clocks)",
        "Marzullo & Owicki, Maintaining the Time in a Distributed System, PODC 1983 (intersection of intervals)",
        "RFC 5905, Network Time Protocol Version 4, 2010",
    ],
};

pub(super) const PROCESS_PAUSE: Lesson = Lesson {
    kind: SymptomKind::ProcessPause,
    definition: "A process stood still, and then went on as if nothing had been: all that it held ended in one moment.",
    trigger: "Garbage collection that stops the world; a virtual machine that is suspended, moved or starved of CPU; \
              swapping; a container that is throttled; a disk on which everything waits; SIGSTOP.",
    sustaining: "The pause ends by itself. What it does to others may not: they elected another leader meanwhile, and \
                 the process wakes up with its lease, its lock and its connections, none of which it knows to be old.",
    trace: "Of a node: no operation at it ends for a while, and then most of those that were open end within a moment, \
            `ok`. Of a client's host: several clients neither call nor end anything while others go on.",
    rule: "A process shows nothing for {sym19.gap} or longer. Of a node: {sym19.waiting} open operations or more wait for it, and {sym19.share} of them or more happen within {sym19.within} of that time once it goes on. Of clients: as many or more together show nothing while others go on, and then go on. Processes that go on under a new number at one distance are one client.",
    picture: "\
n1                  [== stopped ==]
P0 to n1   |ok| |ok| |------------ok|  |ok| |ok|
P1 to n1  |ok| |ok|  |------------ok|  |ok| |ok|
P2 to n1   |ok| |ok|   |----------ok|  |ok| |ok|
P3 to n2   |ok| |ok| |ok| |ok| |ok| |ok| |ok|       others go on
                                    ^ all at once, and ok",
    look_alikes: &[
        (
            "SYM01",
            "After a gap operations mostly end badly, at their own timeouts. After a pause they end well, together.",
        ),
        (
            "SYM06",
            "A limping node answers slowly for long; each call takes somewhat longer. A pause is one long call for \
             each client.",
        ),
        (
            "a network that was cut",
            "Packets are sent again with growing waits, so what was open ends spread out after the heal. After a pause \
             it ends at once. A short cut can look the same.",
        ),
        (
            "SYM20",
            "Many calls of one same length, but at different times: the clients' patience. In a pause the ends agree, \
             and the lengths differ.",
        ),
        (
            "a stalled test host",
            "All clients of all nodes stop together: it is the recorder's machine. Nothing is known of the system \
             then.",
        ),
    ],
    look_at: "The process's log of garbage collection, the host's steal and throttled time, major page faults, disk \
              waits at that time. Whether it was leader or held a lock, and what it did in the first moment after it \
              woke up.",
    defences: &[
        "Fencing tokens: a number that grows with every grant and that the resource itself checks. A holder that slept \
         cannot know that it lost its lock; only the resource can tell it.",
        "Leases that are looked at by a monotonic clock that also counts suspended time, with a margin; and no answer \
         from memory after the time has passed. The check can be followed by a pause, so this narrows the window, and \
         tokens close it.",
        "Timeouts above usual pauses, and pauses kept below the timeouts: bounded heaps and concurrent collectors, no \
         swap, locked memory, CPU that is reserved.",
        "A watchdog that measures how late its own timer fires, writes it down, and makes the process step down after \
         a long one.",
        "Tests that stop processes (SIGSTOP) for longer than each lease and timeout: a pause finds what a kill does \
         not.",
    ],
    sources: &[
        "Gray & Cheriton, Leases, SOSP 1989",
        "Burrows, The Chubby Lock Service, OSDI 2006, §2.4 (sequencers)",
        "Kleppmann, How to do distributed locking, 2016; Designing Data-Intensive Applications, 2017, ch. 8 (Process \
         pauses)",
    ],
};
