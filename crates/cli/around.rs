//! Which operations of a part are drawn around those of a finding.

use seriatim_history::{EventId, History, OpId};

/// So many are drawn.
const DRAWN: usize = 24;

/// Operations of a part that were under way while those of a core were, but for themselves: those that were called last.
pub(crate) fn around(
    history: &History,
    core: &[OpId],
    part: impl DoubleEndedIterator<Item = OpId>,
) -> Vec<OpId> {
    let end = |id: OpId| history.operation(id).end.map_or(EventId(u32::MAX), |end| end.event);
    let first = core.iter().map(|&id| history.operation(id).call.event).min();
    let last =
        core.iter().map(|&id| history.operation(id).ret().unwrap_or(history.operation(id).call.event)).max();
    let (Some(first), Some(last)) = (first, last) else { return Vec::new() };
    let is_near = |&id: &OpId| history.operation(id).call.event <= last && end(id) >= first;
    let mut near: Vec<OpId> =
        part.rev().filter(is_near).filter(|id| !core.contains(id)).take(DRAWN).collect();
    near.reverse();
    near
}
