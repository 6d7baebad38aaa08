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
pub(crate) mod timeline;

use seriatim_history::History;
use seriatim_model::ModelName;

use self::container::{Container, Discipline};
use self::counter::Counter;
use self::ids::Ids;
use self::kv::Kv;
use self::lock::{Lock, Rule, Semaphore};
use self::log::Log;
use self::multi_register::MultiRegister;
use self::object::Object;
use self::register::Register;
use self::set::Set;
use crate::plan::Plan;
use crate::rng::Rng;
use crate::script::{Datum, Script};

/// The history that follows from a seed. What its objects start with is declared in it.
pub fn simulate(seed: u64, plan: &Plan) -> History {
    script(seed, plan).history()
}

/// The same, as events that can still be changed.
pub fn script(seed: u64, plan: &Plan) -> Script {
    let mut rng = Rng::new(!seed);
    let rng = &mut rng;
    let initial = rng.chance(0.15).then(|| initial(plan.model, rng)).flatten();
    let start = initial.as_ref();
    let script = with_objects(plan.model, start, plan.keys.max(1), rng, timeline::Run { plan, seed });
    Script { initial, ..script }
}

/// As [`script`], of objects that start as they do when they are not told what with.
pub(crate) fn script_from_nothing(seed: u64, plan: &Plan) -> Script {
    with_objects(plan.model, None, plan.keys.max(1), &mut Rng::new(!seed), timeline::Run { plan, seed })
}

/// What to do with the objects of a history once their type is known.
pub(crate) trait Visitor {
    /// What comes of it.
    type Out;

    /// Does it with one object for each key.
    fn of<O: Object>(self, objects: Vec<O>) -> Self::Out;
}

/// Makes an object of a model for each of `keys`, all starting with `start`, and hands them to `run`.
pub(crate) fn with_objects<V: Visitor>(
    model: ModelName,
    start: Option<&Datum>,
    keys: usize,
    rng: &mut Rng,
    run: V,
) -> V::Out {
    let container = |discipline| vec![Container::new(discipline, start); keys];
    let lock = |rule| vec![Lock::new(rule, start); keys];
    let register = |cas| vec![Register { holds: start.cloned().unwrap_or(Datum::Nil), cas }; keys];
    match model {
        ModelName::Register => run.of(register(false)),
        ModelName::CasRegister => run.of(register(true)),
        ModelName::MultiRegister => run.of(vec![MultiRegister::new(start); keys]),
        ModelName::Kv => run.of(vec![Kv::new(start, rng); keys]),
        ModelName::Mutex => run.of(lock(Rule::Anonymous)),
        ModelName::OwnerMutex => run.of(lock(Rule::Owner)),
        ModelName::ReentrantMutex => run.of(lock(Rule::Reentrant)),
        ModelName::FencedMutex => run.of(lock(Rule::Fenced)),
        ModelName::Queue => run.of(container(Discipline::Fifo)),
        ModelName::Stack => run.of(container(Discipline::Lifo)),
        ModelName::Deque => run.of(container(Discipline::TwoEnds)),
        ModelName::PriorityQueue => run.of(container(Discipline::Least)),
        ModelName::MaxPriorityQueue => run.of(container(Discipline::Greatest)),
        ModelName::Bag => run.of(container(Discipline::Any)),
        ModelName::Set => run.of(vec![Set::new(start, rng); keys]),
        ModelName::Counter => run.of(vec![Counter::new(start, rng); keys]),
        ModelName::Log => run.of(vec![Log::new(start, rng); keys]),
        ModelName::Semaphore => run.of(vec![Semaphore::new(start); keys]),
        ModelName::UniqueIds => run.of(vec![Ids::default(); keys]),
    }
}

/// Something for an object to start with; `None` where it can only start as it does.
fn initial(model: ModelName, rng: &mut Rng) -> Option<Datum> {
    let some = |rng: &mut Rng| Datum::Int(1 + rng.below(3) as i64);
    let list = |rng: &mut Rng| (0..rng.between(0, 3)).map(|_| some(rng)).collect();
    Some(match model {
        ModelName::Register | ModelName::CasRegister | ModelName::Kv => some(rng),
        ModelName::MultiRegister if rng.chance(0.5) => some(rng),
        ModelName::MultiRegister => {
            Datum::Map(vec![(Datum::text("x"), some(rng)), (Datum::text("y"), some(rng))])
        }
        ModelName::Mutex => Datum::text("held"),
        ModelName::Set => Datum::Set(list(rng)),
        ModelName::Queue
        | ModelName::Stack
        | ModelName::Deque
        | ModelName::PriorityQueue
        | ModelName::MaxPriorityQueue
        | ModelName::Bag
        | ModelName::Log => Datum::List(list(rng)),
        ModelName::Counter => Datum::Int(rng.below(7) as i64 - 3),
        ModelName::Semaphore => Datum::Int(rng.below(4) as i64),
        ModelName::OwnerMutex | ModelName::ReentrantMutex | ModelName::FencedMutex | ModelName::UniqueIds => {
            return None;
        }
    })
}

#[cfg(test)]
mod tests {
    use seriatim_history::Completion;
    use seriatim_model::catalog::MODELS;

    use super::*;

    #[test]
    fn a_seed_always_gives_the_same_history() {
        for row in MODELS {
            for seed in 0..50 {
                let plan = Plan::small(row.name, &mut Rng::new(seed));
                assert_eq!(script(seed, &plan), script(seed, &plan), "{} {seed}", row.word);
            }
            let plan = Plan::small(row.name, &mut Rng::new(1));
            assert!((0..50).any(|seed| script(seed, &plan) != script(1, &plan)), "{}", row.word);
        }
    }

    #[test]
    fn long_wide_and_crashing_histories_have_what_was_planned() {
        for row in MODELS {
            let plan = Plan { crash: 0.2, keys: 3, ..Plan::long(row.name, 20_000, 200) };
            let history = simulate(7, &plan);
            assert_eq!(history.operations.len(), plan.operations, "{}", row.word);
            let crashed =
                |operation: &&seriatim_history::Operation| operation.completion == Completion::Unknown;
            let crashed = history.operations.iter().filter(crashed).count();
            assert!(crashed.abs_diff(4_000) < 400, "{}: {crashed} of unknown outcome", row.word);
            // How many calls stand before each return at the most, minus the returns: the clients at work.
            let mut events: Vec<(u32, i32)> = Vec::new();
            for operation in history.operations.iter().filter(|operation| operation.ret().is_some()) {
                events.push((operation.call.event.0, 1));
                events.extend(operation.ret().map(|ret| (ret.0, -1)));
            }
            events.sort_unstable();
            let mut open = 0;
            let width = events.iter().map(|(_, change)| {
                open += change;
                open
            });
            let width = width.max().unwrap_or_default();
            assert!((50..=200).contains(&width), "{}: {width} at once", row.word);
        }
    }

    #[test]
    fn one_client_does_one_thing_at_a_time() {
        for row in MODELS {
            let plan = Plan { lie: 0.0, ..Plan::long(row.name, 100, 1) };
            let history = simulate(3, &plan);
            let ends = history
                .operations
                .windows(2)
                .all(|pair| pair[0].ret().is_none_or(|ret| ret < pair[1].call.event));
            assert!(ends, "{}", row.word);
        }
    }
}
