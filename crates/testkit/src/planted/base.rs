//! Histories in which nothing is planted yet: linearizable by construction, with several clients, crashes and failures.
//!
//! What crashes is chosen for each model, so that it does not excuse everything that follows: a dequeue of unknown
//! outcome may have taken anything, and a lock whose holder is gone is never released. There the simulation crashes
//! nothing, and some operations of which it is known what became of them are said to be of unknown outcome afterwards: a
//! history never gets less linearizable by that.

use std::collections::BTreeMap;

use seriatim_history::build::EventKind;
use seriatim_model::ModelName;

use crate::plan::Plan;
use crate::rng::Rng;
use crate::script::{Datum, Script};
use crate::simulate;

/// How many keys operations have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keys {
    /// None or a few.
    Few,
    /// So many that each is asked about for a part of the time only.
    Many,
}

/// From here on a history is large: it has more clients, and crashes and failures are rarer.
const LARGE: usize = 10_000;

/// A history of so many operations.
pub(super) fn script(seed: u64, model: ModelName, keys: Keys, operations: usize) -> Script {
    let mut rng = Rng::new(seed);
    let is_large = operations >= LARGE;
    let keys = match (keys, is_large) {
        (Keys::Few, false) => *rng.pick(&[0, 0, 0, 2, 3]),
        (Keys::Few, true) => *rng.pick(&[0, 0, 10]),
        (Keys::Many, false) => rng.between(3, 5),
        (Keys::Many, true) => rng.between(50, 500),
    };
    let share = if is_large { 0.01 } else { 0.06 };
    let crashes = crashes(model);
    let plan = Plan {
        model,
        operations,
        clients: if is_large { rng.between(8, 16) } else { rng.between(3, 6) },
        values: 0,
        keys,
        spread: *rng.pick(&[0.7, 1.5, 2.5]),
        crash: if crashes.is_some() { 0.0 } else { share },
        fail: share,
        lie: 0.0,
        nemesis: rng.chance(0.3),
    };
    let mut script = simulate::script_from_nothing(seed, &plan);
    if let Some(crashes) = crashes {
        crash(&mut script, crashes, plan.clients, share, &mut rng);
    }
    script
}

/// Which operations are said to be of unknown outcome afterwards.
#[derive(Clone, Copy)]
struct Crashes {
    functions: &'static [&'static str],
    /// Those that were told "no", and so had no effect; else those that had one.
    are_refused: bool,
}

/// What crashes afterwards; `None` where the simulation crashes anything.
fn crashes(model: ModelName) -> Option<Crashes> {
    let done = |functions| Some(Crashes { functions, are_refused: false });
    match model {
        ModelName::Queue | ModelName::Stack | ModelName::Bag | ModelName::PriorityQueue => {
            done(&["enqueue", "enq", "push", "put", "add", "insert"])
        }
        // Anybody can release it, so one release that is yet to come excuses every second grant.
        ModelName::Mutex => done(&["acquire"]),
        // Whoever holds it must be known by the same name until it is released.
        ModelName::OwnerMutex | ModelName::ReentrantMutex | ModelName::FencedMutex => {
            Some(Crashes { functions: &["acquire"], are_refused: true })
        }
        _ => None,
    }
}

/// Says of some operations that nobody knows what became of them. Clients get new names then, as Jepsen's do, unless all
/// that they were told was "no".
fn crash(script: &mut Script, which: Crashes, clients: usize, share: f64, rng: &mut Rng) {
    let mut names: BTreeMap<i64, i64> = BTreeMap::new();
    let mut arguments: BTreeMap<u32, Option<Datum>> = BTreeMap::new();
    for line in &mut script.lines {
        let Some(client) = line.process else { continue };
        let name = names.entry(client).or_insert(client);
        line.process = Some(*name);
        if !which.functions.contains(&line.function) {
            continue;
        }
        if line.kind == EventKind::Invoke {
            arguments.insert(line.operation, line.value.clone());
            continue;
        }
        let no = Some(Datum::Bool(false));
        let is_refused = line.kind == EventKind::Fail || line.value == no || line.result == no;
        let argument = arguments.remove(&line.operation).flatten();
        if is_refused == which.are_refused && rng.chance(share) {
            (line.kind, line.value, line.result) = (EventKind::Info, argument, None);
            *name += if which.are_refused { 0 } else { clients as i64 };
        }
    }
}
