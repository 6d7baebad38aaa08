//! Histories by simulation: clients, an object that answers them at one instant of each operation, crashes, failures,
//! and lies of every kind.
//!
//! Without lies a history is linearizable by construction: the order in which the object acted is a linearization.
//! The objects are written apart from the models, so that the two definitions judge each other.

pub mod object;
mod register;
mod timeline;



use crate::plan::Plan;
use crate::script::{Datum, Script};

/// A register's history.
pub fn register(seed: u64, plan: &Plan, cas: bool) -> Script {
    timeline::run(vec![register::Register { holds: Datum::Nil, cas }; plan.keys.max(1)], plan, seed)
}
