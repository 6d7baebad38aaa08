//! The one lie of a history: where it is told, and what.

use std::collections::BTreeMap;

use seriatim_model::ModelName;

use crate::rng::Rng;
use crate::script::Datum;
use crate::simulate::object::{Object, Reply, Request};
use crate::traffic::{Lie, Plant, Traffic};
use crate::vocabulary::NEVER_WRITTEN;

/// So many objects are kept as they were, of which one lies later: with many keys, few are asked again soon.
const REMEMBERED: usize = 256;

/// Waits for the place of the lie.
pub(super) struct Planter<O> {
    model: ModelName,
    lie: Lie,
    /// From which operation on one may be lied about.
    from: u32,
    /// Some objects by key, as they were when half of the operations before the lie had taken place.
    past: BTreeMap<usize, O>,
}

impl<O: Object> Planter<O> {
    pub(super) fn new(plant: Plant, traffic: &Traffic) -> Self {
        let from = (plant.at.clamp(0.0, 1.0) * traffic.operations as f64) as u32;
        Self { model: traffic.model, lie: plant.lie, from, past: BTreeMap::new() }
    }

    /// Sees the object before it acts.
    pub(super) fn look(&mut self, operation: u32, key: usize, object: &O) {
        let is_time = operation >= self.from / 2 && self.past.len() < REMEMBERED;
        if self.lie == Lie::Stale && is_time {
            self.past.entry(key).or_insert_with(|| object.clone());
        }
    }

    /// A false answer to an operation, if this is the place and there is one.
    pub(super) fn forge(
        &self,
        operation: u32,
        key: usize,
        process: i64,
        request: &Request,
        reply: &Reply,
        mut rng: Rng,
    ) -> Option<Reply> {
        // A compare-and-set is told what it did, too.
        let observes = reply.ok
            && request.function != "cas"
            && (reply.value != request.argument || reply.result.is_some());
        if operation < self.from || !observes {
            return None;
        }
        match self.lie {
            Lie::Stale => {
                let mut past = self.past.get(&key)?.clone();
                // With the same random numbers it differs only where the object does.
                Some(past.act(process, request, &mut rng)).filter(|forged| forged != reply && forged.ok)
            }
            Lie::NeverWritten => {
                let told = reply.value.as_ref().filter(|_| reply.value != request.argument)?;
                let value = Some(never_written(self.model, told)?);
                Some(Reply { value, ..reply.clone() })
            }
        }
    }
}

/// What nobody wrote, in the shape of an answer; `None` where no answer of a model comes from what was written.
fn never_written(model: ModelName, told: &Datum) -> Option<Datum> {
    let stranger = Datum::Int(NEVER_WRITTEN);
    let added = |items: &[Datum]| items.iter().cloned().chain([stranger.clone()]).collect();
    Some(match (model, told) {
        (
            ModelName::Mutex
            | ModelName::OwnerMutex
            | ModelName::ReentrantMutex
            | ModelName::FencedMutex
            | ModelName::Semaphore
            | ModelName::UniqueIds
            | ModelName::MultiRegister,
            _,
        )
        | (_, Datum::Bool(_) | Datum::Map(_)) => return None,
        (ModelName::Set | ModelName::Log, Datum::List(items)) => Datum::List(added(items)),
        (ModelName::Set, Datum::Set(items)) => Datum::Set(added(items)),
        (_, Datum::Text(_)) => Datum::text("never written"),
        _ => stranger,
    })
}
