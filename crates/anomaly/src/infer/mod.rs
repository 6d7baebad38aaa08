//! What accesses say about the order of operations: a file for each data type.

mod container;
pub(crate) mod counter;
mod flip;
mod ids;
mod lock;
mod log;
pub(crate) mod register;
mod set;
mod strange;
pub(crate) mod torn;

use seriatim_history::{OpId, ValueId};
use seriatim_model::{Kind, Model, Part};

use crate::Anomaly;
use crate::words;

/// The anomalies of an object that is no register. None where an operation has no words, or it is time to stop.
pub(crate) fn find<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    failed: &dyn Fn(ValueId) -> Option<OpId>,
    goes_on: &dyn Fn() -> bool,
) -> Vec<Anomaly> {
    let Some(words) = words::of(model, part, goes_on) else { return Vec::new() };
    let found = match model.kind() {
        kind @ (Kind::Queue | Kind::Stack | Kind::Bag | Kind::PriorityQueue) => {
            container::find(kind, &words, failed, goes_on)
        }
        Kind::Set => set::find(&words, failed, goes_on),
        Kind::Log => log::find(&words, failed, goes_on),
        Kind::Counter { initial } => counter::find(initial, &words, goes_on),
        Kind::UniqueIds => ids::find(&words),
        Kind::Mutex { .. } => lock::find(&words, false),
        Kind::OwnedMutex { .. } => lock::find(&words, true),
        _ => Vec::new(),
    };
    if goes_on() { found } else { Vec::new() }
}
