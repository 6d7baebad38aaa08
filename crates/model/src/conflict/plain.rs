//! Any model: its own states and steps, where nothing that changes them was left out.

use super::gap::Mask;
use super::orders::Object;
use super::Scene;
use crate::model::Model;

pub(super) struct Plain<'a, M: Model> {
    model: &'a M,
    ops: Vec<&'a M::Op>,
}

impl<'a, M: Model> Plain<'a, M> {
    /// `None` where something was left out that may change the state before all kept operations are done.
    pub(super) fn new(scene: &Scene<'a, M>) -> Option<Self> {
        let is_harmless = scene.left_out().all(|(entry, _)| scene.model.observes(&entry.op));
        is_harmless
            .then(|| Self { model: scene.model, ops: scene.ops.iter().map(|entry| &entry.op).collect() })
    }
}

impl<M: Model> Object for Plain<'_, M> {
    type State = M::State;

    fn start(&self) -> M::State {
        self.model.init()
    }

    fn next(&self, state: &M::State, _: Mask, op: usize) -> impl IntoIterator<Item = M::State> {
        self.model.step(state, self.ops[op])
    }
}
