//! stateright's `LinearizabilityTester`. It knows operations without a return, and no keys: they are checked one after
//! the other.

use stateright::semantics::{ConsistencyTester, LinearizabilityTester, SequentialSpec};

use crate::peer::{Asked, Happened, Tasks, events};
use crate::tool::Answer;

/// It recurses once for each operation.
const STACK: usize = 4 << 30;

#[derive(Clone, Debug)]
struct Register(u32);

impl SequentialSpec for Register {
    type Op = Asked;
    /// Whether the answer that was heard is the answer that is given.
    type Ret = bool;

    fn invoke(&mut self, asked: &Asked) -> bool {
        match asked.step(self.0) {
            Some(next) => {
                self.0 = next;
                true
            }
            None => false,
        }
    }
}

pub(super) fn decide(tasks: &Tasks) -> Answer {
    let all = || tasks.iter().all(|tasks| is_linearizable(tasks));
    let decided = std::thread::scope(|scope| {
        let deep = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, all);
        deep.expect("a thread can be started").join().expect("stateright does not panic")
    });
    Answer::of(decided)
}

fn is_linearizable(tasks: &[crate::peer::Task]) -> bool {
    let mut tester = LinearizabilityTester::new(Register(0));
    for happened in events(tasks) {
        let recorded = match happened {
            Happened::Call(task) => tester.on_invoke(task.client, task.asked).map(drop),
            Happened::Return(task) => tester.on_return(task.client, true).map(drop),
        };
        recorded.expect("a client does one operation at a time");
    }
    tester.is_consistent()
}
