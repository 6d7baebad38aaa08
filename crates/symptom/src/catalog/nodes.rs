//! Rows of single nodes, clients and clocks.

use super::Row;
use crate::kind::SymptomKind;
use crate::rule::{
    durability_loss, fail_slow, partial_partition, process_pause, reach, recorder_clock, server_clock,
    silent_wrong_data,
};

pub(super) const ROWS: &[Row] = &[
    Row {
        kind: SymptomKind::GrayFailure,
        code: "SYM05",
        name: "gray failure",
        told: "{clients client} found a node ill that {others} others found well, {where}: {ill} of what they asked it happened (usually \
               {ill.usual}), and {well} of what the others did.",
        confounders: &[
            "The way of those clients to the node, or what they have in common, may be what is ill.",
            "Clients may differ by what they ask: by keys, by kinds, by how long they wait.",
        ],
        effect: Some("difference of the shares that happened"),
        test: Some("Fisher's exact, one-sided, on the second half of the window"),
        settings: &[&reach::GAP, &reach::LASTS],
    },
    Row {
        kind: SymptomKind::FailSlowNode,
        code: "SYM06",
        name: "fail-slow node",
        told: "Half of {operations answer} {where} took about {median} or longer (usually {median.usual}), {ratio} what the other nodes took ({others}; \
               usually {ratio.usual}), while {ok} of what was asked happened.",
        confounders: &[
            "A node that does more than others, as a leader, may be slower than usual where all is busier than usual.",
            "The way to the node, or the clients that ask it, may be what is slow.",
        ],
        effect: Some("times the median of the other nodes' medians"),
        test: Some("Mann–Whitney, one-sided, with ties"),
        settings: &[&fail_slow::RATIO, &fail_slow::LASTS, &fail_slow::HAPPENED],
    },
    Row {
        kind: SymptomKind::PartialPartition,
        code: "SYM07",
        name: "partial partition",
        told: "Of {clients client} and {nodes node}, {cut pair} did not reach each other ({ill} of what was asked happened, usually \
               {ill.usual}) while {reached} did ({well}), crosswise: no dead node and no dead client explains it.",
        confounders: &[
            "Only links between clients and nodes are seen, not those between nodes.",
            "Clients may keep a connection that is dead to one node, each to another.",
        ],
        effect: Some("difference of the shares that happened"),
        test: Some("Fisher's exact, one-sided, on the second half of the window"),
        settings: &[&partial_partition::CUT, &partial_partition::REACHED],
    },
    Row {
        kind: SymptomKind::SilentWrongData,
        code: "SYM10",
        name: "silent wrong data",
        told: "{wrong} of {known wrong answer} came while all was green: {errors} of operations did not happen (usually {errors.usual}), and \
               the 99th percentile of latencies was {p99} (usually {p99.usual}).",
        confounders: &[
            "Something may have gone wrong earlier, and only have been read now.",
            "Rates are those of all nodes together: the errors of a few may not show in them.",
        ],
        effect: None,
        test: None,
        settings: &[&silent_wrong_data::AROUND, &silent_wrong_data::ERRORS, &silent_wrong_data::LATENCY],
    },
    Row {
        kind: SymptomKind::DuplicateEffect,
        code: "SYM12",
        name: "duplicate effect",
        told: "Seen {times time} {where}: what was asked for once came about more often.",
        confounders: &[
            "Values that the workload itself puts in twice.",
            "Delivery that is promised at least once, not exactly once.",
        ],
        effect: None,
        test: None,
        settings: &[],
    },
    Row {
        kind: SymptomKind::RecorderClockFault,
        code: "SYM15",
        name: "recorder clock fault",
        told: "Recorded times cannot be right[; operations that end before they begin: {backward}, by {worst} at most]\
               [; lines with an earlier time than one before them: {back}][; values seen before they were put in: {early}]\
               [; of these, clocks that are up to {offset} apart would explain {explained}, if those {where} are off]\
               [; not explained by any constant difference between clocks: {unexplained}].",
        confounders: &[
            "Lines of several writers in one log may stand in another order than they came about.",
            "A value that is seen early may be one: where all clients have one clock, it is a read from the future.",
        ],
        effect: None,
        test: None,
        settings: &[&recorder_clock::BACKWARD],
    },
    Row {
        kind: SymptomKind::ServerClockSkew,
        code: "SYM16",
        name: "server clock skew",
        told: "{outside} of {stamps stamp} {where} lie outside of their requests: by {early} before the call and by {late} after the end, at most[. A clock that is ahead by {ahead} would explain all][. A clock that is behind by {behind} would explain all][. No constant explains all {unexplained}].",
        confounders: &[
            "The clock of the client that recorded the request may be the one that is off.",
            "A stamp may be that of an earlier write, which a read only hands on.",
        ],
        effect: Some("seconds outside of the request, at most"),
        test: None,
        settings: &[&server_clock::EPSILON, &server_clock::SHARE],
    },
    Row {
        kind: SymptomKind::DurabilityLoss,
        code: "SYM17",
        name: "durability loss",
        told: "Lost with a crash: {lost acknowledged operation} {where}, none of which was acknowledged more than {within} before it. Of all that is lost, {share} went so.",
        confounders: &[
            "A new leader may have lacked what the crashed one had not yet replicated: on its disk it may still be.",
            "A fault that is recorded late or early moves what is near it.",
        ],
        effect: None,
        test: None,
        settings: &[&durability_loss::WITHIN, &durability_loss::SHARE, &durability_loss::LEAST],
    },
    Row {
        kind: SymptomKind::Resurrection,
        code: "SYM18",
        name: "resurrection",
        told: "Seen {times time} {where}: what had been replaced or taken out came back after something newer had been seen.",
        confounders: &[
            "A copy that begins to lag, or a node that asks in turn one that lags and one that does not.",
            "A value that was put in a second time, where values repeat.",
        ],
        effect: None,
        test: None,
        settings: &[],
    },
    Row {
        kind: SymptomKind::ProcessPause,
        code: "SYM19",
        name: "process pause",
        told: "No sign of life for {gap} {where}; then {share} of the {held} that had stood still went on within {within}.",
        confounders: &[
            "A link that was cut and came back, after which what waited was sent again.",
            "What holds back many and then lets them go at once, as a lock, an election, or a full disk.",
            "A workload that lets some clients rest.",
        ],
        effect: None,
        test: None,
        settings: &[
            &process_pause::GAP,
            &process_pause::WAITING,
            &process_pause::SHARE,
            &process_pause::WITHIN,
        ],
    },
];
