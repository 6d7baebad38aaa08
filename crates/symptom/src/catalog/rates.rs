//! Rows of rates, ratios and waiting.

use super::Row;
use crate::kind::SymptomKind;
use crate::rule::{
    brown_out, cascade, gap, herd, metastable, partial_service, recovery, retry, timeout_cliff,
};

pub(super) const ROWS: &[Row] = &[
    Row {
        kind: SymptomKind::AvailabilityGap,
        code: "SYM01",
        name: "availability gap",
        told: "Nothing that was asked {where} happened for {gap}; usually at most {gap.usual} lie between two operations that \
               happen. Called in that time: {calls operation}; open at once: up to {open}.",
        confounders: &[
            "Clients that all stand still at once, in the midst of their operations, leave the same trace.",
            "A client in a closed loop asks nothing while it waits: how much was missed is not known.",
        ],
        effect: Some("how many times as long as what is usual between two operations that happen"),
        test: Some(
            "Fisher's exact, one-sided, on short stretches in which something was asked, for all places in the run",
        ),
        settings: &[&gap::LEAST, &gap::TIMES, &gap::ATTEMPTS],
    },
    Row {
        kind: SymptomKind::SlowRecovery,
        code: "SYM02",
        name: "slow recovery",
        told: "For {recovery} after the fault of {fault} had ended, {ok} operations a second happened {where}, usually {ok.usual}; \
               clients called {calls} a second, usually {calls.usual}. The first one happened after {first}.",
        confounders: &[
            "A fault that ended later than was recorded leaves the same trace.",
            "Clients that wait between tries for longer and longer come back late by themselves.",
        ],
        effect: Some("the rate of what happened, as a share of the usual one"),
        test: Some("conditional test of two Poisson rates, one-sided"),
        settings: &[&recovery::WAIT, &recovery::SHARE, &recovery::HOLD],
    },
    Row {
        kind: SymptomKind::MetastableFailure,
        code: "SYM03",
        name: "metastable failure",
        told: "For {lasted} after the fault of {fault} had ended, {ok} operations a second happened, usually {ok.usual}, while clients \
               called {calls} a second, usually {calls.usual}.",
        confounders: &[
            "A fault that ended later than was recorded leaves the same trace.",
            "What keeps service bad is not seen; that something does is shown only where service comes back after clients ask less.",
        ],
        effect: Some("the rate of what happened, as a share of the usual one"),
        test: Some("conditional test of two Poisson rates, one-sided"),
        settings: &[&metastable::LEAST, &metastable::FAULTS, &metastable::GOOD, &metastable::ASKED],
    },
    Row {
        kind: SymptomKind::BrownOut,
        code: "SYM04",
        name: "brown-out",
        told: "For {lasted}, {share} of what was asked {where} happened, usually {share.usual}; the 99th percentile of its latency was {p99}, \
               usually {p99.usual}[; {slow} of it took several times as long as that of its function usually is].",
        confounders: &[
            "Clients that ask for more, or for what is harder, leave the same trace.",
            "A small machine that does something else meanwhile leaves the same trace.",
        ],
        effect: Some("the share of what happened, less the usual one"),
        test: Some(
            "Fisher's exact test, one-sided, of what happened and did not, or of what was slow and was not; the lesser p",
        ),
        settings: &[&brown_out::LEAST, &brown_out::LOW, &brown_out::HIGH, &brown_out::TIMES],
    },
    Row {
        kind: SymptomKind::RetryAmplification,
        code: "SYM11",
        name: "retry amplification",
        told: "For {lasted}, clients called {calls} operations a second, usually {calls.usual}, and {share} of them happened, usually {share.usual}[; to each request there were {tries} tries][; that is {load} times the usual load, and tries are not numbered].",
        confounders: &[
            "Tries that a driver makes by itself are not recorded, so there can be more.",
            "Where tries are not numbered, clients that have more to ask just then leave the same trace.",
        ],
        effect: Some("tries to a request, or calls over the usual ones where tries are not numbered"),
        test: Some(
            "Fisher's exact test, one-sided, of first tries and others, or of what happened and did not",
        ),
        settings: &[&retry::TRIES, &retry::LOAD, &retry::FALL, &retry::LEAST],
    },
    Row {
        kind: SymptomKind::ThunderingHerd,
        code: "SYM13",
        name: "thundering herd",
        told: "After the fault clients called up to {most operation} in a tenth of a second, usually {most.usual}: an index of dispersion of \
               {index}, usually {index.usual}[. Calls were most like those {beat} before, with a correlation of {correlation}].",
        confounders: &["Clients whose schedule has bursts just then leave the same trace."],
        effect: Some(
            "the index of dispersion of calls in tenths of a second, over the usual one, or one where that is less",
        ),
        test: Some(
            "chi-squared of the index of dispersion, or Fisher's transformation of the correlation, for all lags",
        ),
        settings: &[&herd::TIMES, &herd::BEAT, &herd::AFTER],
    },
    Row {
        kind: SymptomKind::CascadingFailure,
        code: "SYM14",
        name: "cascading failure",
        told: "After one node had failed, {nodes node} more did within {within}, without a fault of their own, each after it was called at least {rise} times as often as usual for {lasted} ({where}).",
        confounders: &[
            "Only what clients send elsewhere is seen, not what nodes do.",
            "Faults that were not recorded leave the same trace.",
        ],
        effect: Some("the least rise of calls before a node failed"),
        test: Some(
            "conditional test of two Poisson rates, one-sided, of the calls of the node that rose least, for all times at which it could have",
        ),
        settings: &[&cascade::RISE, &cascade::NODES, &cascade::APART],
    },
    Row {
        kind: SymptomKind::TimeoutCliff,
        code: "SYM20",
        name: "timeout cliff",
        told: "{operations operation} did not happen and ended within a hundredth of {timeout}, {share} of all that ended; the 99th \
               percentile of what happens is usually {timeout.usual}. Clients gave up: what they waited for would have taken longer, so \
               latencies are lower bounds.",
        confounders: &[
            "A server that gives up after one time leaves the same trace.",
            "Clients in a closed loop ask nothing while they wait, so slow times are counted too seldom (coordinated omission).",
        ],
        effect: Some("the time, over the usual 99th percentile"),
        test: Some(
            "binomial, of what ends within a hundredth among what does within a tenth, for all lengths",
        ),
        settings: &[&timeout_cliff::SHARE, &timeout_cliff::LEAST, &timeout_cliff::TIMES],
    },
    Row {
        kind: SymptomKind::PartialService,
        code: "SYM21",
        name: "partial service",
        told: "For {lasted}, {refused} of what was asked {where} happened, usually {refused.usual}, and {refusals operation} did not; of \
               another function {served} happened in that time.",
        confounders: &[
            "Requests that are refused because of what they ask, such as a compare-and-set that expects too much, leave the same trace.",
        ],
        effect: Some("the difference of the shares"),
        test: Some("Fisher's exact test, one-sided"),
        settings: &[&partial_service::SERVED, &partial_service::REFUSED, &partial_service::LEAST],
    },
];
