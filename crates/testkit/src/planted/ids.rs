//! What is planted in identifiers.

use super::draft::{Draft, Op};
use crate::rng::Rng;

/// Two are given one identifier.
pub(super) fn duplicate_id(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    let first = draft.pick(Op::is_done, rng)?;
    let second = draft.pick_behind(first, Op::is_done, rng)?;
    draft.set_answer(second, draft.answer(first).clone());
    Some(vec![draft.ops()[first].number, draft.ops()[second].number])
}
