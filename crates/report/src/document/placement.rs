//! Where operations could stand in the order that leads to where a part stops being linearizable.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Text, is_none};
use crate::operation::OperationReport;
use crate::placement::{PlacementReport, PlacementsReport, SpanReport, Stands};

/// Where the operations of a finding, and those around it, could stand in the order that the steps of its `frontier` tell.
/// Steps are numbered from 1. It is about this order: in another one an operation may stand where this one has no place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Placements<'a> {
    /// How many steps of the order come before the first that is told. No operation was tried among them.
    #[serde(default, skip_serializing_if = "is_none")]
    pub earlier_steps: usize,
    /// The operations, in the order of their calls. One that failed has no place in any order.
    pub operations: Vec<Placement<'a>>,
    /// How many more there are that were not tried.
    #[serde(default, skip_serializing_if = "is_none")]
    pub more: usize,
}

/// Where an operation could stand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Placement<'a> {
    /// Its number.
    pub id: u32,
    /// Where it stands: `step`, `before` the steps that are told, at the `end` as what is impossible there, or `nowhere`.
    pub stands: Text<'a>,
    /// The number of the step that it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<usize>,
    /// What is to be said of each gap between two steps, from the first gap to the last. To try one, the operation is taken
    /// out of where it stands.
    pub spans: Vec<Span<'a>>,
}

/// Gaps next to each other of which the same is to be said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Span<'a> {
    /// The step that they come after; none where they come before all that are told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<usize>,
    /// The step that they come before; none where they come after all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<usize>,
    /// Why the operation cannot stand there: `too early` or `too late` in real time, it is `impossible` there, it `breaks a
    /// step` that comes later, the one or the other (`impossible or breaks a step`), or that was `not tried`. None where it can: real time allows it, the operation can happen
    /// there, and so can all steps after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub barred: Option<Text<'a>>,
    /// The line on which the other operation ended, or was called, that stands in the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The number of the step that this is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<usize>,
    /// All of it for people.
    pub message: Text<'a>,
}

impl<'a> Placements<'a> {
    pub(super) fn new(placements: &'a PlacementsReport) -> Self {
        Self {
            earlier_steps: placements.earlier,
            operations: placements.operations.iter().map(Placement::new).collect(),
            more: placements.more,
        }
    }
}

impl Placement<'_> {
    fn new(of: &PlacementReport<OperationReport>) -> Self {
        Self {
            id: of.operation.id,
            stands: match of.stands {
                Stands::At(_) => "step",
                Stands::Before => "before",
                Stands::End => "end",
                Stands::Nowhere => "nowhere",
            }
            .into(),
            step: number(of.stands),
            spans: of.spans.iter().map(|span| Span::new(span, of.stands)).collect(),
        }
    }
}

impl Span<'_> {
    fn new(span: &SpanReport<OperationReport>, stands: Stands) -> Self {
        let other = span.bar.as_ref().and_then(|bar| bar.other());
        Self {
            after: span.after,
            before: span.before,
            barred: span.bar.as_ref().map(|bar| bar.word().into()),
            line: other.map(|(of, _)| of.last_line()),
            step: other.and_then(|(_, stands)| number(stands)),
            message: span.told(stands).into(),
        }
    }
}

fn number(stands: Stands) -> Option<usize> {
    match stands {
        Stands::At(number) => Some(number),
        Stands::Before | Stands::End | Stands::Nowhere => None,
    }
}
