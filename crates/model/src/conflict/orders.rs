//! Tries the orders of a few operations.

use std::hash::Hash;

use rustc_hash::FxHashSet;

use super::gap::{Kept, Mask};

/// What is known of an object while an order is tried: a state stands for all in which the object may be.
pub(super) trait Object {
    type State: Clone + Eq + Hash;

    /// What is known before anything happened.
    fn start(&self) -> Self::State;

    /// The kept operations that an order must contain.
    fn required(&self, kept: &Kept) -> Mask {
        kept.required()
    }

    /// What may be known when `op` took effect after those of `done`, and after whatever those that were left out could
    /// do before it: empty where it cannot have taken effect.
    fn next(&self, state: &Self::State, done: Mask, op: usize) -> impl IntoIterator<Item = Self::State>;
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// An order is possible.
    Order,
    /// None is.
    None,
    /// There are more than are tried.
    TooMany,
}

/// How many different situations are looked at.
const SITUATIONS: usize = 1 << 15;

/// Whether an order of the kept operations, those that do not return taken or left, is possible.
pub(super) fn any_order<O: Object>(object: &O, kept: &Kept) -> Found {
    let mut seen: FxHashSet<(Mask, O::State)> = FxHashSet::default();
    let mut todo = vec![(0, object.start())];
    let required = object.required(kept);
    while let Some((done, state)) = todo.pop() {
        if required & !done == 0 {
            return Found::Order;
        }
        for op in 0..kept.len() {
            if done & 1 << op != 0 || kept.before(op) & !done != 0 {
                continue;
            }
            for next in object.next(&state, done, op) {
                let situation = (done | 1 << op, next);
                if seen.insert(situation.clone()) {
                    todo.push(situation);
                }
            }
        }
        if seen.len() > SITUATIONS {
            return Found::TooMany;
        }
    }
    Found::None
}
