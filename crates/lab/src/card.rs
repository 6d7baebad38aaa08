//! What there is to know of a recording, beside it as JSON.

use serde::Serialize;

use crate::drive::Happened;
use crate::recording::Counts;
use crate::row::{Expectation, Row};
use crate::schedule::Step;
use crate::setting::Setting;
use crate::verdict::Verdict;

/// What there is to know of a recording.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Card {
    /// The row.
    pub(crate) row: String,
    /// The file of the history, beside this one.
    pub(crate) history: String,
    /// The system and its version, as its own program tells it.
    pub(crate) system: String,
    /// How many nodes, and how they are connected.
    pub(crate) topology: String,
    /// How many clients, and how they choose a node.
    pub(crate) clients: String,
    /// Name and options of the setting.
    pub(crate) setting_name: &'static str,
    /// The options.
    pub(crate) setting: Setting,
    /// What the system promises in this setting.
    pub(crate) promise: &'static str,
    /// What is to be found: `valid`, or codes that may appear.
    pub(crate) expectation: Vec<&'static str>,
    /// What everything that is drawn follows from.
    pub(crate) seed: u64,
    /// How long clients worked, in milliseconds.
    pub(crate) load_ms: u64,
    /// What was to be done to the system.
    pub(crate) schedule: Vec<Step>,
    /// What was done to it, and when, in milliseconds of the recording.
    pub(crate) faults: Vec<Happened>,
    /// How requests ended, by function.
    pub(crate) outcomes: Counts,
    /// Whether the system became whole again; else why not.
    pub(crate) settled: String,
    /// Whether all of the last requests were answered; else why not.
    pub(crate) last_requests: String,
    /// Why the recording is worth nothing, if so. It was not checked then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) void: Option<String>,
    /// What `seriatim check` found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) found: Option<Verdict>,
    /// What records it again. It is never the same, since the system and the network draw, too.
    pub(crate) again: String,
}

impl Card {
    /// `valid` and so on, or `void`.
    pub(crate) fn verdict(&self) -> &str {
        self.found.as_ref().map_or("void", |found| &found.verdict)
    }
}

/// What is to be found in a recording of a row.
pub(crate) fn expectation(row: &Row) -> Vec<&'static str> {
    match row.expectation {
        Expectation::Valid => vec!["valid"],
        Expectation::May(codes) => codes.to_vec(),
    }
}

/// How nodes are connected.
pub(crate) fn topology(row: &Row) -> String {
    format!(
        "{} nodes, each in a network namespace of its own, on one bridge; clients are on the bridge and reach all nodes \
         whatever is cut between these",
        row.nodes
    )
}

/// Who the clients are.
pub(crate) fn clients(row: &Row) -> String {
    format!(
        "{} clients, client i by way of node 1 + i mod {}, {} ms on average between an answer and the next request",
        row.workload.clients(),
        row.nodes,
        row.workload.pace()
    )
}
