//! An error or a doubt.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use seriatim_history::Severity;

use super::Text;
use crate::problem::Problem;

/// An error or a doubt, and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Diagnostic<'a> {
    /// `error` or `warning`.
    pub severity: Text<'a>,
    /// What is wrong.
    pub message: Text<'a>,
    /// The file; none where the input as a whole is meant.
    pub path: Option<Text<'a>>,
    /// The line, from 1.
    pub line: Option<usize>,
    /// The column in characters, from 1.
    pub column: Option<usize>,
    /// What to do about it.
    pub help: Option<Text<'a>>,
    /// Other places that explain it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Related<'a>>,
}

/// A further place, with what is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Related<'a> {
    /// What is there.
    pub message: Text<'a>,
    /// The file.
    pub path: Text<'a>,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl<'a> Diagnostic<'a> {
    pub(super) fn new(problem: &'a Problem) -> Self {
        let place = problem.place.as_deref();
        let related = problem.related.iter().map(|related| Related {
            message: (&related.message).into(),
            path: (&related.place.path).into(),
            line: related.place.line,
            column: related.place.column,
        });
        Self {
            severity: match problem.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            }
            .into(),
            message: (&problem.message).into(),
            path: place.map(|place| (&place.path).into()),
            line: place.map(|place| place.line),
            column: place.map(|place| place.column),
            help: problem.help.as_ref().map(|help| help.into()),
            related: related.collect(),
        }
    }
}
