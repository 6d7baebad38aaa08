//! Rows of rates, ratios and waiting.

use super::Row;
use crate::kind::SymptomKind;
use crate::rule::{gap, metastable, recovery};

pub(super) const ROWS: &[Row] = &[
    Row {
        kind: SymptomKind::AvailabilityGap,
        code: "SYM01",
        name: "availability gap",
        told: "Nothing that was asked {where} happened for {gap}; usually at most {gap.usual} lie between two operations that \
               happen. {calls} operations were called in that time, and {open} were open in the middle of it.",
        confounders: &[
            "Clients that all stand still at once, in the midst of their operations, leave the same trace.",
            "A client in a closed loop asks nothing while it waits: how much was missed is not known.",
        ],
        effect: Some("how many times as long as what is usual between two operations that happen"),
        test: None,
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
        test: None,
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
        test: None,
        settings: &[&metastable::LEAST, &metastable::FAULTS, &metastable::GOOD, &metastable::ASKED],
    },
    Row {
        kind: SymptomKind::BrownOut,
        code: "SYM04",
        name: "brown-out",
        told: "Part of what was asked happened, or it took far longer than usual.",
        confounders: &[],
        effect: None,
        test: None,
        settings: &[],
    },
    Row {
        kind: SymptomKind::RetryAmplification,
        code: "SYM11",
        name: "retry amplification",
        told: "Clients asked again and again.",
        confounders: &[],
        effect: None,
        test: None,
        settings: &[],
    },
    Row {
        kind: SymptomKind::ThunderingHerd,
        code: "SYM13",
        name: "thundering herd",
        told: "Clients asked in step.",
        confounders: &[],
        effect: None,
        test: None,
        settings: &[],
    },
    Row {
        kind: SymptomKind::CascadingFailure,
        code: "SYM14",
        name: "cascading failure",
        told: "One node failed after the other.",
        confounders: &[],
        effect: None,
        test: None,
        settings: &[],
    },
    Row {
        kind: SymptomKind::TimeoutCliff,
        code: "SYM20",
        name: "timeout cliff",
        told: "Waiting ended at one length for many.",
        confounders: &[],
        effect: None,
        test: None,
        settings: &[],
    },
    Row {
        kind: SymptomKind::PartialService,
        code: "SYM21",
        name: "partial service",
        told: "Requests of one kind happened while those of another kind did not.",
        confounders: &[],
        effect: None,
        test: None,
        settings: &[],
    },
];
