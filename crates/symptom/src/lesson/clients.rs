//! Lessons about what clients do to what is measured.

use super::Lesson;
use crate::kind::SymptomKind;

pub(super) const TIMEOUT_CLIFF: Lesson = Lesson {
    kind: SymptomKind::TimeoutCliff,
    definition: "Waiting ended at one same length for many operations: it is the clients' patience that was measured, \
                 not the system. What lies beyond, and what would have been asked meanwhile, is not in the numbers; \
                 the latter is called coordinated omission.",
    trigger: "A system that is slower than the clients' timeout for some requests, or does not answer them at all.",
    sustaining: "Nothing in the system. In the numbers it lasts as long as clients wait for one answer before they ask \
                 again: each long wait takes the place of many short ones that would have been slow, too.",
    trace: "A spike in the distribution of latencies at a round number (1 s, 5 s), all of it `info` or `fail`, and no \
            `ok` beyond it.",
    rule: "At least {sym20.share} of all operations that end, and {sym20.operations} or more, did not happen and ended within 1 % of one length, \
           which is at least {sym20.times} as long as the 99th percentile of what usually happens, and far more than chance would have beside one length (binomial test, corrected). Where clients ask in a \
           closed loop and there are such waits, the latencies of the report are lower bounds.",
    picture: "\
 1 ms  ########################
 4 ms  ###############
16 ms  ###
64 ms  #
 1 s   ##########        <- within 1 % of one length, none of them ok
 4 s

P0 could ask  | | | | | | | | | | | | |
P0 asked      | |-- waits for 1 s --| |   nine were never asked",
    look_alikes: &[
        (
            "a delay of the system",
            "A sleep, a batch or an election of a fixed length ends `ok` at that length. A cliff ends otherwise.",
        ),
        (
            "SYM19",
            "The ends agree, and the lengths differ. At a cliff the lengths agree, and the ends differ.",
        ),
        (
            "SYM01",
            "The cliff is how a gap looks in a distribution of latencies; the gap says when. Both may be told.",
        ),
        (
            "a network timeout",
            "Seconds that double (1, 3, 7, …) are the operating system that connects again, beneath the client.",
        ),
    ],
    look_at: "Which timeout has that length: the client's, the driver's, the proxy's or the server's. Whether the \
              server worked on after the client had gone. What the distribution is when each wait counts for all the \
              calls it replaced.",
    defences: &[
        "Load in an open loop for measuring: calls at planned times, latency counted from the planned time and not \
         from the actual one (wrk2; HdrHistogram with the expected interval).",
        "Timeouts chosen from the latency that is allowed to fail (p99.9 and a margin), one for each attempt, with a \
         deadline over all attempts; not a round number that nobody chose.",
        "The deadline sent along with the request, so that the server stops where the client does.",
        "Timeouts counted by themselves, never dropped from the latencies; report the share that ended so beside the \
         quantiles.",
        "Record them as `info`: a timeout tells that nobody knows, and as `fail` it makes violations that are none \
         (LIN004).",
    ],
    sources: &[
        "Tene, How NOT to Measure Latency (talk: coordinated omission); wrk2; HdrHistogram (recording with an expected \
         interval)",
        "Schroeder, Wierman & Harchol-Balter, Open Versus Closed: A Cautionary Tale, NSDI 2006",
        "Dean & Barroso, The Tail at Scale, CACM 56(2) 2013",
        "AWS Builders' Library, Timeouts, retries, and backoff with jitter (choosing a timeout from a quantile)",
    ],
};
