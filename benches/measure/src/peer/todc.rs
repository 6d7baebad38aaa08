//! todc-utils' `WGLChecker`. It knows no keys and no operations without a return: keys are checked one after the other,
//! and what nobody heard of returns last.

use todc_utils::linearizability::WGLChecker;
use todc_utils::linearizability::history::{Action, History};
use todc_utils::specifications::Specification;

use crate::peer::{Asked, Happened, Tasks, events};
use crate::tool::Answer;

struct Register;

impl Specification for Register {
    type State = u32;
    type Operation = Asked;

    fn init() -> u32 {
        0
    }

    fn apply(asked: &Asked, &state: &u32) -> (bool, u32) {
        asked.step(state).map_or((false, state), |next| (true, next))
    }
}

pub(super) fn decide(tasks: &Tasks) -> Answer {
    let is_linearizable = |tasks: &Vec<_>| {
        let mut actions: Vec<_> = events(tasks)
            .into_iter()
            .map(|happened| match happened {
                Happened::Call(task) => (task.client, Action::Call(task.asked)),
                Happened::Return(task) => (task.client, Action::Response(task.asked)),
            })
            .collect();
        let unheard = tasks.iter().filter(|task| task.ret.is_none());
        actions.extend(unheard.map(|task| (task.client, Action::Response(task.asked))));
        WGLChecker::<Register>::is_linearizable(History::from_actions(actions))
    };
    Answer::of(tasks.iter().filter(|tasks| !tasks.is_empty()).all(is_linearizable))
}
