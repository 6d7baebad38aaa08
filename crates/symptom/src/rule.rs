//! The rules, a file each, and what they have in common: series that are looked at, and how clients ask.

pub(crate) mod brown_out;
pub(crate) mod cascade;
mod client_pause;
mod client_silence;
mod codes;
pub(crate) mod duplicate_effect;
pub(crate) mod durability_loss;
pub(crate) mod fail_slow;
pub(crate) mod gap;
pub(crate) mod gray_failure;
pub(crate) mod heal;
pub(crate) mod herd;
mod hole;
mod key_gap;
mod known;
pub(crate) mod load;
pub(crate) mod metastable;
mod node_pause;
pub(crate) mod partial_partition;
pub(crate) mod partial_service;
pub(crate) mod process_pause;
pub(crate) mod reach;
pub(crate) mod recorder_clock;
pub(crate) mod recovery;
pub(crate) mod resurrection;
pub(crate) mod retry;
pub(crate) mod server_clock;
pub(crate) mod silent_wrong_data;
pub(crate) mod sliding;
pub(crate) mod timeout_cliff;

use seriatim_history::ValueId;

use crate::symptom::Scope;

/// A part of what was asked: all of it, or that of a node, a function, or both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) node: Option<ValueId>,
    pub(crate) function: Option<ValueId>,
}

impl Part {
    /// All that was asked.
    pub(crate) const ALL: Self = Self { node: None, function: None };

    /// What was asked of a node.
    pub(crate) fn node(node: ValueId) -> Self {
        Self { node: Some(node), function: None }
    }

    /// Whether a node's function belongs to it.
    pub(crate) fn has(self, node: Option<ValueId>, function: ValueId) -> bool {
        (self.node.is_none() || self.node == node) && self.function.is_none_or(|of| of == function)
    }

    pub(crate) fn scope(self) -> Scope {
        Scope {
            nodes: Vec::from_iter(self.node),
            functions: Vec::from_iter(self.function),
            ..Scope::default()
        }
    }
}

/// How much of the first stretch of time lies in the second one, as a share of it.
pub(crate) fn covered(of: (i64, i64), by: (i64, i64)) -> f64 {
    let common = of.1.min(by.1).saturating_sub(of.0.max(by.0)).max(0);
    common as f64 / of.1.saturating_sub(of.0).max(1) as f64
}
