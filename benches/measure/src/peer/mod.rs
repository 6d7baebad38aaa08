//! The peers: what they are given, and the calls to them.
//!
//! All are given registers: reads, writes and compare-and-sets, told whether they took place. An operation of unknown
//! outcome is a read that is left out, or a write or compare-and-set that every state allows: the latter does nothing
//! where the value differs. Such an operation may stand last, after all that anybody saw; so a return in the far future
//! says the same as no return at all, for the peers that know no other.

mod porcupine;
mod stateright;
mod todc;

use rustc_hash::FxHashMap;
use seriatim_history::ValueId;
use seriatim_model::register::{Op, Register};
use seriatim_model::{ModelName, part};

use crate::error::Error;
use crate::input::Input;
use crate::tool::{Answer, Tool};

/// What a register was asked and what it answered. Values are numbers; 0 is what it starts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Asked {
    Read(u32),
    Write(u32),
    Cas(u32, u32),
    CasRefused(u32),
    /// A compare-and-set of unknown outcome.
    CasUnheard(u32, u32),
}

impl Asked {
    /// The state that follows, if the operation is possible.
    fn step(self, state: u32) -> Option<u32> {
        match self {
            Self::Read(value) => (value == state).then_some(state),
            Self::Write(value) => Some(value),
            Self::Cas(from, to) => (from == state).then_some(to),
            Self::CasRefused(from) => (from != state).then_some(state),
            Self::CasUnheard(from, to) => Some(if from == state { to } else { state }),
        }
    }
}

/// An operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Task {
    /// A client that does one operation at a time, and none after one that nobody heard of.
    client: usize,
    key: usize,
    asked: Asked,
    call: u32,
    /// `None` where nobody heard of it.
    ret: Option<u32>,
}

/// The operations of each key, in the order of their calls.
pub(crate) type Tasks = Vec<Vec<Task>>;

/// What peers are given of a history.
pub(crate) fn tasks(input: &Input) -> Result<Tasks, Error> {
    if !matches!(input.model, ModelName::Register | ModelName::CasRegister) {
        return Err(Error::new("the peers are given registers only"));
    }
    let initial = input.options.initial.unwrap_or(ValueId::NIL);
    let seriatim_model::ModelOptions { nil_read, failed_cas, .. } = input.options;
    let cas = input.model == ModelName::CasRegister;
    let model = Register { initial, nil_read, failed_cas, cas };
    let parts = part::split(&model, &input.history).map_err(|_| Error::new("not a register"))?;
    let value = |value: ValueId| {
        if value == initial { 0 } else { u32::try_from(value.index() + 1).expect("fewer than 2^32 values") }
    };
    // By process and key: the client that it is, and whether nobody heard of its last operation.
    let mut clients: FxHashMap<(usize, ValueId), (usize, bool)> = FxHashMap::default();
    let mut counts = vec![0; parts.len()];
    let all = parts.iter().enumerate().map(|(key, part)| {
        let told = part.entries.iter().filter_map(|entry| {
            let ret = entry.ret.map(|ret| ret.0);
            let asked = match (entry.op, ret) {
                (Op::Read(_) | Op::CasRefused(_), None) => return None,
                (Op::Read(read), _) => Asked::Read(value(read)),
                (Op::Write(written), _) => Asked::Write(value(written)),
                (Op::Cas(from, to), Some(_)) => Asked::Cas(value(from), value(to)),
                (Op::Cas(from, to), None) => Asked::CasUnheard(value(from), value(to)),
                (Op::CasRefused(from), _) => Asked::CasRefused(value(from)),
            };
            let process = input.history.operation(entry.id).process;
            let client = clients.entry((key, process)).or_insert((usize::MAX, true));
            if client.1 {
                *client = (counts[key], false);
                counts[key] += 1;
            }
            client.1 = ret.is_none();
            Some(Task { client: client.0, key, asked, call: entry.call.0, ret })
        });
        told.collect()
    });
    Ok(all.collect())
}

/// Asks a peer.
pub(crate) fn decide(tool: Tool, tasks: &Tasks) -> Answer {
    match tool {
        Tool::PorcupineRs => porcupine::decide(tasks),
        Tool::TodcUtils => todc::decide(tasks),
        Tool::Stateright => stateright::decide(tasks),
        Tool::Seriatim => unreachable!("seriatim is no peer of itself"),
    }
}

/// Calls, and returns, in the order in which they happened.
#[derive(Clone, Copy, Debug)]
enum Happened {
    Call(Task),
    Return(Task),
}

fn events(tasks: &[Task]) -> Vec<Happened> {
    let calls = tasks.iter().map(|&task| (task.call, Happened::Call(task)));
    let returns = tasks.iter().filter_map(|&task| Some((task.ret?, Happened::Return(task))));
    let mut all: Vec<_> = calls.chain(returns).collect();
    all.sort_by_key(|&(place, _)| place);
    all.into_iter().map(|(_, happened)| happened).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use seriatim_checker::Options;
    use seriatim_history::{FailedCas, NilRead};
    use seriatim_model::ModelOptions;
    use seriatim_testkit::{Lie, Plant, Rng, Traffic};

    use super::*;

    #[test]
    fn peers_and_we_agree_on_small_histories() {
        let mut counts = [0; 2];
        for seed in 0..2_000 {
            let mut rng = Rng::new(seed);
            let plant =
                rng.chance(0.6).then(|| Plant { lie: *rng.pick(&[Lie::Stale, Lie::NeverWritten]), at: 0.4 });
            let traffic = Traffic {
                values: *rng.pick(&[0, 2, 3]),
                keys: *rng.pick(&[0, 2]),
                crash: *rng.pick(&[0.0, 0.3]),
                plant,
                ..Traffic::new(ModelName::CasRegister, rng.between(2, 9), rng.between(1, 5))
            };
            let failed_cas = *rng.pick(&[FailedCas::Drop, FailedCas::Observe]);
            let options = ModelOptions { initial: None, nil_read: NilRead::Value, failed_cas };
            let (script, _) = traffic.script(seed);
            let input = Input { history: script.history(), model: traffic.model, options };
            let limit = Duration::from_secs(60);
            let ours = crate::ours::decide(&input, Options::default(), limit).expect("a register").answer;
            counts[usize::from(ours == Answer::Invalid)] += 1;
            let tasks = tasks(&input).expect("a register");
            for tool in [Tool::PorcupineRs, Tool::TodcUtils, Tool::Stateright] {
                assert_eq!(decide(tool, &tasks), ours, "{tool:?}, seed {seed}, {traffic:?}\n{script}");
            }
        }
        assert!(counts.iter().all(|&count| count > 200), "tested one-sidedly: {counts:?}");
    }
}
