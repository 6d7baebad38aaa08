//! Many independent objects of one model as one object: what splitting by key is compared with.

use std::collections::BTreeMap;

use seriatim_history::{Operation, ValueId, Values};

use crate::error::OpError;
use crate::model::Model;

/// The objects of all keys as one object, which no key splits: the operations must be stripped of their keys, so it
/// reads the key itself and gives [`Footprint::Whole`](crate::Footprint::Whole) for everything.
///
/// For tests of locality: its verdict on a history equals that of `M` on the parts.
#[derive(Clone, Debug)]
pub struct Keyed<M>(pub M);

impl<M: Model> Model for Keyed<M>
where
    M::State: Ord,
{
    type Op = (Option<ValueId>, M::Op);
    type State = BTreeMap<Option<ValueId>, M::State>;

    fn parse(&self, operation: &Operation, values: &Values) -> Result<Option<Self::Op>, OpError> {
        Ok(self.0.parse(operation, values)?.map(|op| (operation.key, op)))
    }

    fn init(&self) -> Self::State {
        BTreeMap::new()
    }

    fn step(&self, state: &Self::State, (key, op): &Self::Op) -> impl IntoIterator<Item = Self::State> {
        let before = state.get(key).cloned().unwrap_or_else(|| self.0.init());
        let follow = |next| {
            let mut state = state.clone();
            if next == self.0.init() {
                state.remove(key)
            } else {
                state.insert(*key, next)
            };
            state
        };
        self.0.step(&before, op).into_iter().map(follow).collect::<Vec<_>>()
    }

    fn observes(&self, (_, op): &Self::Op) -> bool {
        self.0.observes(op)
    }

    fn show_op(&self, (key, op): &Self::Op, values: &Values) -> String {
        let key = key.map_or(String::new(), |key| format!("{}: ", values.show(key)));
        format!("{key}{}", self.0.show_op(op, values))
    }

    fn show_state(&self, state: &Self::State, values: &Values) -> String {
        let shown = state.iter().map(|(key, state)| {
            let key = key.map_or("-".to_owned(), |key| values.show(key));
            format!("{key}: {}", self.0.show_state(state, values))
        });
        format!("{{{}}}", shown.collect::<Vec<_>>().join(", "))
    }
}
