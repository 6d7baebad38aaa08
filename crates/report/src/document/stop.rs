//! Where a part stops being linearizable: what may be the case there, and what could have been answered.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Text, is_none};
use crate::finding::{InsteadReport, PossibleAnswer};
use crate::frontier::{FrontierReport, LeftReport, StandingReport};
use crate::operation::OperationReport;

/// What could have been answered to an operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Possible<'a> {
    /// The operation.
    pub shown: Text<'a>,
    /// The line on which it ended.
    pub line: usize,
    /// Whether other observers of the part are left aside, since the part stops being linearizable at one of them.
    #[serde(default)]
    pub others_left_aside: bool,
    /// The answers that fit into some order of all that had happened by then.
    pub answers: Vec<PossibleValue<'a>>,
    /// How many more are known.
    #[serde(default, skip_serializing_if = "is_none")]
    pub more: usize,
    /// What all that are known come to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Text<'a>>,
    /// Whether no other answer does.
    pub are_all: bool,
}

/// An answer that could have been given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PossibleValue<'a> {
    /// The answer.
    pub value: Text<'a>,
    /// The line of whoever put it in; none where it was there from the start.
    pub line: Option<usize>,
    /// Whether that operation was still under way.
    pub under_way: bool,
}

/// What may be the case where a part stops being linearizable; or why that is not determined.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Frontier<'a> {
    /// The operation that returns there.
    pub shown: Text<'a>,
    /// The line on which it ended.
    pub line: usize,
    /// Whether other observers of the part are left aside, since the part stops being linearizable at one of them.
    #[serde(default)]
    pub others_left_aside: bool,
    /// What a state must have for it to happen.
    pub needs: Option<Text<'a>>,
    /// The last steps of one order of what had returned before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step<'a>>,
    /// How many configurations there are: of each state those that took the fewest open operations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configurations: Option<usize>,
    /// In how many states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub states: Option<usize>,
    /// Some of the states.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub standings: Vec<Standing<'a>>,
    /// Where the orders end in which the operation comes earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub furthest_line: Option<usize>,
    /// Why it is not determined; nothing else is told then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_determined: Option<Text<'a>>,
}

/// One step of an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Step<'a> {
    /// What the operation did.
    pub shown: Text<'a>,
    /// The line on which it ended, or was called.
    pub line: usize,
    /// The state after it.
    pub state: Text<'a>,
}

/// A state in which the operation cannot happen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Standing<'a> {
    /// The state.
    pub state: Text<'a>,
    /// How many configurations are in it.
    pub configurations: usize,
    /// The open operations that have taken effect in the first configuration.
    pub taken: Vec<Open<'a>>,
    /// Those that have not in each.
    pub left: Vec<Left<'a>>,
    /// How many more of those.
    #[serde(default, skip_serializing_if = "is_none")]
    pub left_more: usize,
}

/// An open operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Open<'a> {
    /// What it did.
    pub shown: Text<'a>,
    /// The line on which it ended, or was called.
    pub line: usize,
}

/// An open operation that has not taken effect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Left<'a> {
    /// What it did.
    pub shown: Text<'a>,
    /// The line on which it ended, or was called.
    pub line: usize,
    /// The states that it leads to, in none of which the other one can happen; none where it is itself impossible.
    pub leads_to: Vec<Text<'a>>,
}

impl<'a> Possible<'a> {
    pub(super) fn new(instead: &'a InsteadReport) -> Self {
        let value = |answer: &'a PossibleAnswer| PossibleValue {
            value: (&answer.value).into(),
            line: answer.by.map(|by| by.line),
            under_way: answer.by.is_some_and(|by| by.is_open),
        };
        Self {
            shown: (&instead.operation.shown).into(),
            line: instead.operation.last_line(),
            others_left_aside: instead.is_alone,
            answers: instead.answers.iter().map(value).collect(),
            more: instead.more,
            summary: instead.summary.as_ref().map(|summary| summary.into()),
            are_all: instead.are_all,
        }
    }
}

impl<'a> Open<'a> {
    fn new(of: &'a OperationReport) -> Self {
        Self { shown: (&of.shown).into(), line: of.last_line() }
    }
}

impl<'a> Left<'a> {
    fn new(left: &'a LeftReport) -> Self {
        let of = &left.operation;
        let leads_to = left.leads.iter().map(|state| state.into()).collect();
        Self { shown: (&of.shown).into(), line: of.last_line(), leads_to }
    }
}

impl<'a> Standing<'a> {
    fn new(of: &'a StandingReport) -> Self {
        Self {
            state: (&of.state).into(),
            configurations: of.configurations,
            taken: of.taken.iter().map(Open::new).collect(),
            left: of.left.iter().map(Left::new).collect(),
            left_more: of.left_more,
        }
    }
}

impl<'a> Frontier<'a> {
    pub(super) fn new(frontier: &'a FrontierReport) -> Self {
        let known = frontier.surviving.as_ref().ok();
        let standings = known.iter().flat_map(|known| &known.standings);
        Self {
            shown: (&frontier.operation.shown).into(),
            line: frontier.operation.last_line(),
            others_left_aside: frontier.is_alone,
            needs: frontier.needs.as_ref().map(|needs| needs.into()),
            steps: frontier
                .steps
                .iter()
                .map(|(of, state)| Step {
                    shown: (&of.shown).into(),
                    line: of.last_line(),
                    state: state.into(),
                })
                .collect(),
            configurations: known.map(|known| known.configurations),
            states: known.map(|known| known.states),
            standings: standings.map(Standing::new).collect(),
            furthest_line: known.and_then(|known| known.furthest.as_ref()).map(OperationReport::last_line),
            not_determined: frontier.surviving.as_ref().err().map(|why| why.into()),
        }
    }
}
