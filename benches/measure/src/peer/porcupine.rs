//! porcupine-rs: a port of porcupine. It partitions by itself, and gives each partition a thread.

use porcupine_rs::{Model, Operation};

use crate::peer::{Asked, Tasks};
use crate::tool::Answer;

#[derive(Clone, Debug)]
struct Registers;

impl Model for Registers {
    type State = u32;
    type Op = (usize, Asked);
    type Metadata = ();

    fn partition_operations(history: &[Operation<Self>]) -> Vec<Vec<Operation<Self>>> {
        let keys = history.iter().map(|operation| operation.op.0 + 1).max().unwrap_or(0);
        let mut parts = vec![Vec::new(); keys];
        history.iter().for_each(|operation| parts[operation.op.0].push(operation.clone()));
        parts
    }

    fn init() -> u32 {
        0
    }

    fn step(&state: &u32, (_, asked): &(usize, Asked)) -> (bool, u32) {
        asked.step(state).map_or((false, state), |next| (true, next))
    }
}

pub(super) fn decide(tasks: &Tasks) -> Answer {
    let operations = tasks.iter().flatten().map(|task| Operation::<Registers> {
        client_id: u32::try_from(task.client).ok(),
        call_time: task.call.into(),
        return_time: task.ret.map_or(i64::MAX, i64::from),
        op: (task.key, task.asked),
        metadata: None,
    });
    Answer::of(porcupine_rs::check_operations(&operations.collect::<Vec<_>>()))
}
