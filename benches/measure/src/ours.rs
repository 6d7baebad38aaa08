//! Decides a history with seriatim's checker, in this process.

use std::collections::BTreeSet;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use seriatim_checker::{Limits, Memory, Options, Stop, StopReason, Verdict, check};
use seriatim_model::{Model, Visitor, with_model};

use crate::error::Error;
use crate::input::Input;
use crate::tool::{Answer, Decided};

/// What our searches may hold together.
const MEMORY: usize = 4 << 30;

/// Splits, decides and verifies; stops after `limit`.
pub(crate) fn decide(input: &Input, options: Options, limit: Duration) -> Result<Decided, Error> {
    let visitor = Decide { input, options, limit };
    let decided = with_model(input.model, &input.options, &input.history.values, visitor);
    decided.map_err(|error| Error::new(error.to_string()))?
}

struct Decide<'a> {
    input: &'a Input,
    options: Options,
    limit: Duration,
}

impl Visitor for Decide<'_> {
    type Out = Result<Decided, Error>;

    fn visit<M: Model + Clone + Send + 'static>(self, model: M) -> Self::Out
    where
        M::State: Ord,
    {
        let (stop, memory) = (Stop::new(), Memory::new(MEMORY));
        let limits = Limits { configurations: u64::MAX, stop: &stop, memory: &memory };
        // The thread that would stop it is of the measuring and not of what is measured.
        let (decisions, seconds) = stopping(&stop, self.limit, || {
            let started = Instant::now();
            let decisions = check(&model, &self.input.history, &limits, self.options, &());
            (decisions, started.elapsed().as_secs_f64())
        });
        let decisions = decisions.map_err(|unreadable| {
            Error::new(format!("the model cannot read {} operations", unreadable.len()))
        })?;
        let answers = decisions.iter().map(|decision| match decision.verdict {
            Verdict::Linearizable(_) => Answer::Valid,
            Verdict::NotLinearizable(_) => Answer::Invalid,
            Verdict::Unknown(_) => Answer::Unknown,
        });
        let strategies: BTreeSet<_> = decisions.iter().map(|decision| decision.strategy.name()).collect();
        Ok(Decided {
            answer: Answer::of_all(answers),
            seconds,
            operations: self.input.history.operations.len(),
            configurations: decisions.iter().map(|decision| decision.configurations).sum(),
            strategies: strategies.into_iter().map(str::to_owned).collect(),
        })
    }
}

/// Does something, and asks it to stop after `limit`.
pub(crate) fn stopping<T>(stop: &Stop, limit: Duration, work: impl FnOnce() -> T) -> T {
    let (done, watched) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            if watched.recv_timeout(limit) == Err(mpsc::RecvTimeoutError::Timeout) {
                stop.request(StopReason::Timeout);
            }
        });
        let out = work();
        drop(done);
        out
    })
}
