//! What a gate says of a run: which findings are known and let pass, what was asked for and is missing, and which share of the
//! parts a run decided.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The entry of a baseline that a finding is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Baselined {
    /// Why it is let pass.
    pub reason: String,
    /// Who says so.
    pub author: String,
    /// The last day on which it is let pass: `YYYY-MM-DD`.
    pub expires: String,
    /// Whether that day was over: the finding counts again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub expired: bool,
}

/// Something that a run was to exercise, and did not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unmet {
    /// The requirement, as it was given.
    pub requirement: String,
    /// How much of it there is, and where.
    pub message: String,
}

/// Which share of the parts of its histories a run decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shard {
    /// Which one it is, from 1.
    pub index: u32,
    /// Of how many.
    pub of: u32,
}

/// How many parts of a history a shard decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Share {
    /// So many.
    pub parts: usize,
    /// Of so many.
    pub of: usize,
}

impl Baselined {
    /// Whether the finding is let pass.
    pub fn is_in_force(&self) -> bool {
        !self.expired
    }

    /// In a few words: who lets it pass, until when, and why.
    pub fn told(&self) -> String {
        let Self { reason, author, expires, expired } = self;
        let until = if *expired { ", expired after" } else { " until" };
        format!("baselined by {author}{until} {expires}: {reason}")
    }
}
