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

#[cfg(test)]
mod tests {
    use seriatim_history::{EventId, OpId};

    use super::*;
    use crate::session::Step;

    #[test]
    fn only_an_order_that_sessions_and_registers_keep_to_replays() {
        let step = |id: u32, session, at, source, writes| {
            let (call, ret) = (EventId(2 * id), Some(EventId(2 * id + 1)));
            Step { id: OpId(id), key: 0, session, at, source, writes, call, ret }
        };
        let all = vec![
            step(0, 0, 0, None, true),
            step(1, 1, 0, Some(Source::Initial), false),
            step(2, 1, 1, Some(Source::Write(0)), false),
        ];
        let steps = Steps { all, sessions: vec![vec![0], vec![1, 2]], keys: 1, ..Steps::default() };
        assert!(replays(&steps, &[1, 0, 2]));
        for wrong in [&[0, 1, 2][..], &[1, 2, 0], &[2, 0, 1], &[1, 0], &[1, 0, 2, 2]] {
            assert!(!replays(&steps, wrong), "{wrong:?}");
        }
    }
}
