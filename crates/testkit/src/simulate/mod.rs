//! Histories by simulation: clients, an object that answers them at one instant of each operation, crashes, failures,
//! and lies of every kind.
//!
//! Without lies a history is linearizable by construction: the order in which the object acted is a linearization.
//! The objects are written apart from the models, so that the two definitions judge each other.

mod container;
mod counter;
mod ids;
mod kv;
mod lock;
mod log;
mod multi_register;
pub mod object;
mod register;
mod set;
mod timeline;

use crate::plan::Plan;
use crate::rng::Rng;
use crate::script::{Datum, Script};

/// A history of the model with this name, from a seed.
pub fn by_name(name: &str, seed: u64, plan: &Plan) -> Option<Script> {
    let objects = plan.keys.max(1);
    macro_rules! run {
        ($object:expr) => {
            Some(timeline::run(vec![$object; objects], plan, seed))
        };
    }
    match name {
        "register" => run!(register::Register { holds: Datum::Nil, cas: false }),
        "cas-register" => run!(register::Register { holds: Datum::Nil, cas: true }),
        "multi-register" => run!(multi_register::MultiRegister::default()),
        "kv" => run!(kv::Kv::new(&mut Rng::new(!seed))),
        "queue" => run!(container::Container::new(container::Discipline::Fifo)),
        "stack" => run!(container::Container::new(container::Discipline::Lifo)),
        "deque" => run!(container::Container::new(container::Discipline::TwoEnds)),
        "priority-queue" => run!(container::Container::new(container::Discipline::Least)),
        "max-priority-queue" => run!(container::Container::new(container::Discipline::Greatest)),
        "bag" => run!(container::Container::new(container::Discipline::Any)),
        "set" => run!(set::Set::new(&mut Rng::new(!seed))),
        "counter" => run!(counter::Counter { sum: 0 }),
        "log" => run!(log::Log::default()),
        "mutex" => run!(lock::Lock::new(lock::Rule::Anonymous)),
        "owner-mutex" => run!(lock::Lock::new(lock::Rule::Owner)),
        "reentrant-mutex" => run!(lock::Lock::new(lock::Rule::Reentrant)),
        "fenced-mutex" => run!(lock::Lock::new(lock::Rule::Fenced)),
        "semaphore" => run!(lock::Semaphore { free: 1 }),
        "unique-ids" => run!(ids::Ids::default()),
        _ => None,
    }
}
