//! What came after what, and whether anybody could have noticed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Text, finite};
use crate::beside;
use crate::symptom::{ChainReport, GreenReport, LinkReport};

/// Things that came one after the other, the root first. It claims that order, and no cause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Chain<'a> {
    /// What came, in the order of its beginnings.
    pub links: Vec<Link<'a>>,
    /// The same in a sentence.
    pub message: Text<'a>,
}

/// One of the things that came one after the other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Link<'a> {
    /// The code of the symptom or the anomaly; of a fault, its name.
    pub code: Text<'a>,
    /// What it is called; of a fault, the nodes that it was done to.
    pub label: Text<'a>,
    /// Whether it was done to the system.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fault: bool,
    /// From when on, in seconds of the recorded time.
    pub from_s: f64,
    /// Until when; none where it had no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_s: Option<f64>,
}

/// Wrong answers while error rate and latency were as always.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Green<'a> {
    /// It in a sentence.
    pub message: Text<'a>,
    /// How many proved anomalies were there meanwhile.
    pub wrong: usize,
    /// Of how many.
    pub of: usize,
    /// The share of operations that did not happen then.
    pub errors: f64,
    /// The same usually.
    pub errors_usual: f64,
    /// The latency that 99 % of operations did not exceed then, in seconds.
    pub p99_s: f64,
    /// The same usually.
    pub p99_usual_s: f64,
}

impl<'a> Chain<'a> {
    pub(crate) fn new(chain: &'a ChainReport) -> Self {
        Self { links: chain.links.iter().map(Link::new).collect(), message: (&chain.message).into() }
    }
}

impl<'a> Link<'a> {
    fn new(link: &'a LinkReport) -> Self {
        Self {
            code: (&link.code).into(),
            label: (&link.label).into(),
            fault: link.is_fault,
            from_s: finite(link.from).unwrap_or(0.0),
            to_s: link.to.and_then(finite),
        }
    }
}

impl Green<'_> {
    pub(crate) fn new(green: &GreenReport) -> Self {
        let known = |number: f64| finite(number).unwrap_or(0.0);
        Self {
            message: beside::green(green).into(),
            wrong: green.wrong,
            of: green.of,
            errors: known(green.errors.0),
            errors_usual: known(green.errors.1),
            p99_s: known(green.p99.0),
            p99_usual_s: known(green.p99.1),
        }
    }
}
