//! Any model: its own states and steps, up to where something that was left out may change the state.

use seriatim_history::EventId;

use super::Scene;
use super::gap::{Kept, Mask};
use super::orders::Object;
use crate::model::Model;

pub(super) struct Plain<'a, M: Model> {
    model: &'a M,
    ops: Vec<&'a M::Op>,
    /// The first call of an operation that was left out and may change the state, where there is one: what is kept and
    /// returns later may be in an order or not.
    end: Option<EventId>,
}

impl<'a, M: Model> Plain<'a, M> {
    pub(super) fn new(scene: &Scene<'a, M>) -> Self {
        let mut changing = scene.left_out().filter(|(entry, _)| !scene.model.observes(&entry.op));
        let end = changing.next().map(|(entry, _)| entry.call);
        Self { model: scene.model, ops: scene.ops.iter().map(|entry| &entry.op).collect(), end }
    }
}

impl<M: Model> Object for Plain<'_, M> {
    type State = M::State;

    fn start(&self) -> M::State {
        self.model.init()
    }

    fn required(&self, kept: &Kept) -> Mask {
        self.end.map_or(kept.required(), |end| kept.returned_before(end))
    }

    fn next(&self, state: &M::State, _: Mask, op: usize) -> impl IntoIterator<Item = M::State> {
        self.model.step(state, self.ops[op])
    }
}
