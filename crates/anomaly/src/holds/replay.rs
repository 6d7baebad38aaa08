//! Whether an order is one that all sessions and registers keep to: the proof of sequential consistency. Nothing here
//! searches.

use crate::session::{Source, Steps};

/// Whether an order has every step once, those of each session in their order, and each sees the last write of its key.
pub(super) fn replays(steps: &Steps, order: &[usize]) -> bool {
    let mut done = vec![0; steps.sessions.len()];
    let mut last = vec![Source::Initial; steps.keys];
    let is_next = |&at: &usize| {
        let step = &steps.all[at];
        let is_legal = step.source.is_none_or(|source| source == last[step.key]);
        let is_in_turn = done[step.session] == step.at;
        done[step.session] += 1;
        if step.writes {
            last[step.key] = Source::Write(at);
        }
        is_legal && is_in_turn
    };
    order.len() == steps.all.len() && order.iter().all(is_next)
}
