//! Rows of what others find.

use super::Row;
use crate::kind::SymptomKind;

pub(super) const ROWS: &[Row] = &[
    Row {
        kind: SymptomKind::SplitBrain,
        code: "SYM08",
        name: "split brain",
        told: "Two sides acted as if the other one were not there.",
        confounders: &[],
        effect: None,
        test: None,
        settings: &[],
    },
    Row {
        kind: SymptomKind::StuckReplica,
        code: "SYM09",
        name: "stuck replica or zombie leader",
        told: "A node went on answering what it knew once.",
        confounders: &[],
        effect: None,
        test: None,
        settings: &[],
    },
    Row {
        kind: SymptomKind::NotCovered,
        code: "COV01",
        name: "not covered",
        told: "The history did not exercise what was required of it.",
        confounders: &[],
        effect: None,
        test: None,
        settings: &[],
    },
];
