//! Traffic: clients that are at work all the time, and a log of it that is written as it goes.
//!
//! Each client calls, waits for a random time, hears the answer, and calls again; the object acts at a random instant
//! of that time. So `clients` operations are open at every instant, as in the histories that load generators record
//! and the general search finds hard, and not the few that [`Plan`](crate::Plan) lets overlap. Without a planted lie a
//! history is linearizable by construction: the order in which the objects acted is a linearization.
//!
//! Nothing is kept but the objects and what is open: ten million operations take as much memory as ten thousand.

mod plant;
mod run;

use seriatim_model::ModelName;

use self::run::Clients;
use crate::rng::Rng;
use crate::script::{Line, Script};
use crate::simulate::with_objects;

/// How much traffic, and what goes wrong in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Traffic {
    /// The model whose objects are asked.
    pub model: ModelName,
    /// How many operations.
    pub operations: usize,
    /// How many clients, each of which does one operation at a time.
    pub clients: usize,
    /// How many different values the clients write; 0 where each value is written once.
    pub values: usize,
    /// How many independent objects; 0 where operations have no key.
    pub keys: usize,
    /// How long a client rests between two operations, as a multiple of how long an operation takes; 0 for never.
    pub rest: f64,
    /// The share of operations of unknown outcome. Their clients go on as new processes, as Jepsen's do.
    pub crash: f64,
    /// The one lie, if any.
    pub plant: Option<Plant>,
}

/// One false answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plant {
    /// What is told.
    pub lie: Lie,
    /// After which share of the operations it is told, as soon as somebody asks for something that can be lied about.
    pub at: f64,
}

/// A false answer to an operation that observes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// What the object would have answered when half of the operations before the lie had taken place. With few values
    /// that may happen to be a possible answer, too.
    Stale,
    /// A value that no operation ever writes: the history is certainly not linearizable. Told only by objects that
    /// give back what was put into them, and by counters.
    NeverWritten,
}

/// What was generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Summary {
    /// How many operations of unknown outcome there are.
    pub crashed: usize,
    /// The operation that is lied about, in the order of the calls; `None` where there was nothing to lie about.
    pub planted: Option<u32>,
}

impl Traffic {
    /// Traffic without keys, rests, crashes and lies.
    pub fn new(model: ModelName, operations: usize, clients: usize) -> Self {
        Self { model, operations, clients, values: 0, keys: 0, rest: 0.0, crash: 0.0, plant: None }
    }

    /// Hands every event of the history that follows from a seed to `sink`, in order.
    ///
    /// # Errors
    /// The first error of `sink`.
    pub fn run<E>(&self, seed: u64, sink: impl FnMut(Line) -> Result<(), E>) -> Result<Summary, E> {
        let mut rng = Rng::new(seed ^ 0x7261_6666_6963);
        let mut objects = rng.fork();
        let clients = Clients { traffic: self, rng, sink };
        with_objects(self.model, None, self.keys.max(1), &mut objects, clients)
    }

    /// The same as one script, for histories that are small enough.
    pub fn script(&self, seed: u64) -> (Script, Summary) {
        let mut lines = Vec::with_capacity(2 * self.operations);
        let keep = |line| {
            lines.push(line);
            Ok::<_, std::convert::Infallible>(())
        };
        let Ok(summary) = self.run(seed, keep);
        (Script { initial: None, lines }, summary)
    }
}

#[cfg(test)]
mod tests {
    use seriatim_history::{Completion, History};
    use seriatim_model::catalog::MODELS;
    use seriatim_model::{Model, ModelOptions, part, with_any_model};

    use super::*;
    use crate::oracle;

    struct Oracle<'a>(&'a History);

    impl seriatim_model::Visitor for Oracle<'_> {
        type Out = bool;

        fn visit<M: Model + Clone + Send + 'static>(self, model: M) -> bool
        where
            M::State: Ord,
        {
            let parts = part::split(&model, self.0).expect("operations of the model");
            parts.iter().all(|part| oracle::is_linearizable(&model, part))
        }
    }

    fn is_linearizable(model: ModelName, history: &History) -> bool {
        let failed_cas = seriatim_history::FailedCas::Observe;
        let options = ModelOptions { failed_cas, ..ModelOptions::default() };
        with_any_model(model, &options, &history.values, Oracle(history)).expect("a model of the catalogue")
    }

    #[test]
    fn what_nobody_lied_about_is_linearizable() {
        for row in MODELS {
            for seed in 0..300 {
                let mut rng = Rng::new(seed);
                let traffic = Traffic {
                    values: *rng.pick(&[0, 1, 2, 3]),
                    keys: *rng.pick(&[0, 0, 2]),
                    rest: *rng.pick(&[0.0, 0.0, 1.0, 4.0]),
                    crash: *rng.pick(&[0.0, 0.2, 0.5]),
                    ..Traffic::new(row.name, rng.between(1, 7), rng.between(1, 6))
                };
                let (script, _) = traffic.script(seed);
                assert!(is_linearizable(row.name, &script.history()), "{traffic:?} {seed}\n{script}");
            }
        }
    }

    #[test]
    fn lies_are_lies() {
        let models = [ModelName::Register, ModelName::CasRegister, ModelName::Queue, ModelName::Bag];
        for model in models {
            for (lie, at_least) in [(Lie::NeverWritten, 1.0), (Lie::Stale, 0.2)] {
                let (mut planted, mut caught) = (0, 0);
                for seed in 0..300 {
                    let plant = Some(Plant { lie, at: 0.5 });
                    let traffic = Traffic { crash: 0.1, plant, ..Traffic::new(model, 7, 2) };
                    let (script, summary) = traffic.script(seed);
                    let Some(operation) = summary.planted else { continue };
                    planted += 1;
                    let history = script.history();
                    caught += usize::from(!is_linearizable(model, &history));
                    let place = script.operations().iter().position(|&other| other == operation);
                    let operation = &history.operations[place.expect("an operation of the script")];
                    assert!(matches!(operation.completion, Completion::Ok(_)), "{script}");
                }
                assert!(planted > 50, "{model:?}, {lie:?}: {planted} lies");
                assert!(caught as f64 >= at_least * f64::from(planted), "{model:?}, {lie:?}: {caught}");
            }
        }
    }

    #[test]
    fn traffic_is_as_wide_and_as_crashed_as_planned() {
        for row in MODELS {
            let traffic = Traffic { crash: 0.2, keys: 3, ..Traffic::new(row.name, 5_000, 50) };
            let (script, summary) = traffic.script(7);
            let history = script.history();
            assert_eq!(history.operations.len(), 5_000, "{}", row.word);
            let unknown =
                |operation: &&seriatim_history::Operation| operation.completion == Completion::Unknown;
            assert_eq!(history.operations.iter().filter(unknown).count(), summary.crashed, "{}", row.word);
            assert!(summary.crashed.abs_diff(1_000) < 150, "{}: {} crashed", row.word, summary.crashed);
            // A process is never used again once it crashed.
            assert!(
                history.notes.iter().all(|note| !matches!(note, seriatim_history::Note::ProcessReused(..)))
            );
            let mut events: Vec<(u32, i32)> = Vec::new();
            for operation in &history.operations {
                events.push((operation.call.event.0, 1));
                events.extend(operation.end.map(|end| (end.event.0, -1)));
            }
            events.sort_unstable();
            let open = events.iter().scan(0, |open, (_, change)| {
                *open += change;
                Some(*open)
            });
            // Without the fifteenth of all operations that end without a word, all clients are at work all the time.
            assert!(open.skip(100).take(1_000).all(|open| open >= 48), "{}", row.word);
        }
    }

    #[test]
    fn a_seed_always_gives_the_same_traffic() {
        let traffic =
            Traffic { values: 5, crash: 0.1, keys: 2, ..Traffic::new(ModelName::CasRegister, 200, 5) };
        assert_eq!(traffic.script(1), traffic.script(1));
        assert_ne!(traffic.script(1), traffic.script(2));
    }
}
