//! Where a part stops being linearizable: what may be the case there, and what could have been answered.

use serde::Serialize;

use crate::finding::{InsteadReport, PossibleAnswer};
use crate::frontier::{FrontierReport, LeftReport, StandingReport};
use crate::report::OperationReport;

/// What could have been answered where a part stops being linearizable.
#[derive(Serialize)]
pub(super) struct Possible<'a> {
    shown: &'a str,
    line: usize,
    others_left_aside: bool,
    answers: Vec<PossibleValue<'a>>,
    #[serde(skip_serializing_if = "is_none")]
    more: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'a str>,
    are_all: bool,
}

#[derive(Serialize)]
struct PossibleValue<'a> {
    value: &'a str,
    line: Option<usize>,
    under_way: bool,
}

impl<'a> Possible<'a> {
    pub(super) fn new(instead: &'a InsteadReport) -> Self {
        let value = |answer: &'a PossibleAnswer| PossibleValue {
            value: &answer.value,
            line: answer.by.map(|by| by.line),
            under_way: answer.by.is_some_and(|by| by.is_open),
        };
        Self {
            shown: &instead.operation.shown,
            line: instead.operation.last_line(),
            others_left_aside: instead.is_alone,
            answers: instead.answers.iter().map(value).collect(),
            more: instead.more,
            summary: instead.summary.as_deref(),
            are_all: instead.are_all,
        }
    }
}

/// What may be the case where a part stops being linearizable; or why that is not determined.
#[derive(Serialize)]
pub(super) struct Frontier<'a> {
    shown: &'a str,
    line: usize,
    others_left_aside: bool,
    needs: Option<&'a str>,
    #[serde(flatten)]
    surviving: Surviving<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Surviving<'a> {
    Known {
        configurations: usize,
        states: usize,
        standings: Vec<Standing<'a>>,
        /// Where the orders end in which the operation comes earlier.
        furthest_line: Option<usize>,
    },
    Unknown {
        not_determined: &'a str,
    },
}

/// One state; not all are told where there are many.
#[derive(Serialize)]
struct Standing<'a> {
    state: &'a str,
    configurations: usize,
    /// The open operations that have taken effect in the first configuration.
    taken: Vec<Open<'a>>,
    /// Those that have not in each.
    left: Vec<Left<'a>>,
    #[serde(skip_serializing_if = "is_none")]
    left_more: usize,
}

#[derive(Serialize)]
struct Open<'a> {
    shown: &'a str,
    line: usize,
}

#[derive(Serialize)]
struct Left<'a> {
    shown: &'a str,
    line: usize,
    /// The states that it leads to; none where it is impossible.
    leads_to: &'a [String],
}

impl<'a> Open<'a> {
    fn new(of: &'a OperationReport) -> Self {
        Self { shown: &of.shown, line: of.last_line() }
    }
}

impl<'a> Left<'a> {
    fn new(left: &'a LeftReport) -> Self {
        let of = &left.operation;
        Self { shown: &of.shown, line: of.last_line(), leads_to: &left.leads }
    }
}

impl<'a> Standing<'a> {
    fn new(of: &'a StandingReport) -> Self {
        Self {
            state: &of.state,
            configurations: of.configurations,
            taken: of.taken.iter().map(Open::new).collect(),
            left: of.left.iter().map(Left::new).collect(),
            left_more: of.left_more,
        }
    }
}

impl<'a> Frontier<'a> {
    pub(super) fn new(frontier: &'a FrontierReport) -> Self {
        Self {
            shown: &frontier.operation.shown,
            line: frontier.operation.last_line(),
            others_left_aside: frontier.is_alone,
            needs: frontier.needs.as_deref(),
            surviving: match &frontier.surviving {
                Ok(surviving) => Surviving::Known {
                    configurations: surviving.configurations,
                    states: surviving.states,
                    standings: surviving.standings.iter().map(Standing::new).collect(),
                    furthest_line: surviving.furthest.as_ref().map(OperationReport::last_line),
                },
                Err(why) => Surviving::Unknown { not_determined: why },
            },
        }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "what serde asks for")]
fn is_none(count: &usize) -> bool {
    *count == 0
}
