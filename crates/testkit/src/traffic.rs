//! Traffic: clients that are at work all the time, and a log of it that is written as it goes.
//!
//! Each client calls, waits for a random time, hears the answer, and calls again; the object acts at a random instant
//! of that time. So `clients` operations are open at every instant, as in the histories that load generators record
//! and the general search finds hard, and not the few that [`Plan`](crate::Plan) lets overlap. Without a planted lie a
//! history is linearizable by construction: the order in which the objects acted is a linearization.
//!
//! Nothing is kept but the objects and what is open: ten million operations take as much memory as ten thousand.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use seriatim_history::build::EventKind;
use seriatim_model::ModelName;

use crate::rng::Rng;
use crate::script::{Datum, Line, Script};
use crate::simulate::object::{Object, Reply, Request};
use crate::simulate::{Visitor, with_objects};
use crate::vocabulary::{NEVER_WRITTEN, Vocabulary};

/// How long an operation takes on average, in nanoseconds.
const MEAN: u64 = 1_000_000;

/// A crashed operation takes effect, if ever, within so many times the average.
const LATE: u64 = 8;

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

/// What is next for an operation or for the client that does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The client calls.
    Call,
    /// The object acts, and the client hears of it at that time.
    Act { ret: u64 },
    /// The client hears.
    Return,
    /// The client gives up.
    GiveUp { tells: bool },
    /// The object acts, and nobody hears of it.
    ActUnheard,
}

/// A client, or what it left behind.
struct Slot {
    stage: Stage,
    process: i64,
    operation: u32,
    key: usize,
    request: Request,
    reply: Option<Reply>,
}

/// The clients of a history.
struct Clients<'a, F> {
    traffic: &'a Traffic,
    rng: Rng,
    sink: F,
}

impl<E, F: FnMut(Line) -> Result<(), E>> Visitor for Clients<'_, F> {
    type Out = Result<Summary, E>;

    fn of<O: Object>(self, objects: Vec<O>) -> Self::Out {
        let Self { traffic, mut rng, sink } = self;
        let clients = traffic.clients.max(1);
        let (mut slots, mut agenda) = (Vec::with_capacity(clients), Agenda::default());
        for process in 0..clients {
            let request = Request { function: "", argument: None };
            slots.push(Slot {
                stage: Stage::Call,
                process: process as i64,
                operation: 0,
                key: 0,
                request,
                reply: None,
            });
            agenda.add(rng.bits() % MEAN, process);
        }
        let run = Run {
            traffic,
            words: Vocabulary::new(traffic.values),
            planter: traffic.plant.map(|plant| Planter::new(plant, traffic)),
            rng,
            sink,
            objects,
            slots,
            vacant: Vec::new(),
            agenda,
            called: 0,
            latest: -1,
            summary: Summary::default(),
        };
        run.all()
    }
}

/// What will happen when: the earliest first, and what was planned first among what happens at one time.
#[derive(Default)]
struct Agenda {
    steps: BinaryHeap<Reverse<(u64, u64, usize)>>,
    planned: u64,
}

impl Agenda {
    fn add(&mut self, time: u64, slot: usize) {
        self.planned += 1;
        self.steps.push(Reverse((time, self.planned, slot)));
    }

    fn next(&mut self) -> Option<(u64, usize)> {
        self.steps.pop().map(|Reverse((time, _, slot))| (time, slot))
    }
}

struct Run<'a, O, F> {
    traffic: &'a Traffic,
    words: Vocabulary,
    planter: Option<Planter<O>>,
    rng: Rng,
    sink: F,
    objects: Vec<O>,
    slots: Vec<Slot>,
    vacant: Vec<usize>,
    agenda: Agenda,
    called: usize,
    latest: i64,
    summary: Summary,
}

impl<O: Object, E, F: FnMut(Line) -> Result<(), E>> Run<'_, O, F> {
    fn all(mut self) -> Result<Summary, E> {
        while let Some((now, at)) = self.agenda.next() {
            match self.slots[at].stage {
                Stage::Call if self.called == self.traffic.operations => {}
                Stage::Call => self.call(now, at)?,
                Stage::Act { ret } => {
                    self.act(at);
                    self.slots[at].stage = Stage::Return;
                    self.agenda.add(ret, at);
                }
                Stage::Return => {
                    let reply =
                        self.slots[at].reply.take().expect("the object acted before its client hears");
                    let kind = if reply.ok { EventKind::Ok } else { EventKind::Fail };
                    self.tell(now, at, kind, reply.value, reply.result)?;
                    self.rest(now, at);
                }
                Stage::GiveUp { tells } => {
                    if tells {
                        let value = self.slots[at].request.argument.clone();
                        self.tell(now, at, EventKind::Info, value, None)?;
                    }
                    self.slots[at].process += self.traffic.clients.max(1) as i64;
                    self.rest(now, at);
                }
                Stage::ActUnheard => {
                    let Slot { process, key, request, .. } = &self.slots[at];
                    self.objects[*key].act(*process, request, &mut self.rng);
                    self.vacant.push(at);
                }
            }
        }
        Ok(self.summary)
    }

    fn call(&mut self, now: u64, at: usize) -> Result<(), E> {
        let operation = u32::try_from(self.called).expect("fewer than 2^32 operations");
        self.called += 1;
        let key = self.rng.below(self.objects.len());
        let request = self.objects[key].ask(self.slots[at].process, &mut self.words, &mut self.rng);
        let argument = request.argument.clone();
        let lasts = 2 + self.rng.bits() % (2 * MEAN);
        let slot = &mut self.slots[at];
        (slot.operation, slot.key, slot.request) = (operation, key, request);
        self.tell(now, at, EventKind::Invoke, argument, None)?;
        if self.rng.chance(self.traffic.crash) {
            self.summary.crashed += 1;
            if self.rng.chance(0.5) {
                let acts = now + 1 + self.rng.bits() % (LATE * MEAN);
                self.act_unheard(acts, at);
            }
            self.slots[at].stage = Stage::GiveUp { tells: self.rng.chance(0.7) };
            self.agenda.add(now + lasts, at);
        } else {
            let acts = now + 1 + self.rng.bits() % (lasts - 1);
            self.slots[at].stage = Stage::Act { ret: now + lasts };
            self.agenda.add(acts, at);
        }
        Ok(())
    }

    /// Leaves the operation of a client to take effect by itself.
    fn act_unheard(&mut self, time: u64, of: usize) {
        let Slot { process, operation, key, ref request, .. } = self.slots[of];
        let (request, stage) = (request.clone(), Stage::ActUnheard);
        let ghost = Slot { stage, process, operation, key, request, reply: None };
        let at = match self.vacant.pop() {
            Some(at) => {
                self.slots[at] = ghost;
                at
            }
            None => {
                self.slots.push(ghost);
                self.slots.len() - 1
            }
        };
        self.agenda.add(time, at);
    }

    fn act(&mut self, at: usize) {
        let Slot { process, operation, key, ref request, .. } = self.slots[at];
        let object = &mut self.objects[key];
        let reply = match self.planter.take() {
            None => object.act(process, request, &mut self.rng),
            Some(mut planter) => {
                let before = self.rng.clone();
                planter.look(operation, key, object);
                let reply = object.act(process, request, &mut self.rng);
                match planter.forge(operation, key, process, request, &reply, before) {
                    Some(forged) => {
                        self.summary.planted = Some(operation);
                        forged
                    }
                    None => {
                        self.planter = Some(planter);
                        reply
                    }
                }
            }
        };
        self.slots[at].reply = Some(reply);
    }

    /// The client calls again, now or after a rest.
    fn rest(&mut self, now: u64, at: usize) {
        let longest = (2.0 * self.traffic.rest * MEAN as f64) as u64;
        let rests = if longest > 0 { self.rng.bits() % longest } else { 0 };
        self.slots[at].stage = Stage::Call;
        self.agenda.add(now + rests, at);
    }

    fn tell(
        &mut self,
        now: u64,
        at: usize,
        kind: EventKind,
        value: Option<Datum>,
        result: Option<Datum>,
    ) -> Result<(), E> {
        let Slot { process, operation, key, ref request, .. } = self.slots[at];
        // No two times are equal, so that the times alone tell the order, too.
        self.latest = (self.latest + 1).max(i64::try_from(now).unwrap_or(i64::MAX));
        let key = (self.traffic.keys > 0).then_some(key as i64);
        let (process, function, time) = (Some(process), request.function, self.latest);
        (self.sink)(Line { kind, process, function, key, value, result, time, operation })
    }
}

/// So many objects are kept as they were, of which one lies later: with many keys, few are asked again soon.
const REMEMBERED: usize = 256;

/// Waits for the place of the lie.
struct Planter<O> {
    model: ModelName,
    lie: Lie,
    /// From which operation on one may be lied about.
    from: u32,
    /// Some objects by key, as they were when half of the operations before the lie had taken place.
    past: BTreeMap<usize, O>,
}

impl<O: Object> Planter<O> {
    fn new(plant: Plant, traffic: &Traffic) -> Self {
        let from = (plant.at.clamp(0.0, 1.0) * traffic.operations as f64) as u32;
        Self { model: traffic.model, lie: plant.lie, from, past: BTreeMap::new() }
    }

    /// Sees the object before it acts.
    fn look(&mut self, operation: u32, key: usize, object: &O) {
        let is_time = operation >= self.from / 2 && self.past.len() < REMEMBERED;
        if self.lie == Lie::Stale && is_time {
            self.past.entry(key).or_insert_with(|| object.clone());
        }
    }

    /// A false answer to an operation, if this is the place and there is one.
    fn forge(
        &self,
        operation: u32,
        key: usize,
        process: i64,
        request: &Request,
        reply: &Reply,
        mut rng: Rng,
    ) -> Option<Reply> {
        // A compare-and-set is told what it did, too.
        let observes = reply.ok
            && request.function != "cas"
            && (reply.value != request.argument || reply.result.is_some());
        if operation < self.from || !observes {
            return None;
        }
        match self.lie {
            Lie::Stale => {
                let mut past = self.past.get(&key)?.clone();
                // With the same random numbers it differs only where the object does.
                Some(past.act(process, request, &mut rng)).filter(|forged| forged != reply && forged.ok)
            }
            Lie::NeverWritten => {
                let told = reply.value.as_ref().filter(|_| reply.value != request.argument)?;
                let value = Some(never_written(self.model, told)?);
                Some(Reply { value, ..reply.clone() })
            }
        }
    }
}

/// What nobody wrote, in the shape of an answer; `None` where no answer of a model comes from what was written.
fn never_written(model: ModelName, told: &Datum) -> Option<Datum> {
    let stranger = Datum::Int(NEVER_WRITTEN);
    let added = |items: &[Datum]| items.iter().cloned().chain([stranger.clone()]).collect();
    Some(match (model, told) {
        (
            ModelName::Mutex
            | ModelName::OwnerMutex
            | ModelName::ReentrantMutex
            | ModelName::FencedMutex
            | ModelName::Semaphore
            | ModelName::UniqueIds
            | ModelName::MultiRegister,
            _,
        )
        | (_, Datum::Bool(_) | Datum::Map(_)) => return None,
        (ModelName::Set | ModelName::Log, Datum::List(items)) => Datum::List(added(items)),
        (ModelName::Set, Datum::Set(items)) => Datum::Set(added(items)),
        (_, Datum::Text(_)) => Datum::text("never written"),
        _ => stranger,
    })
}

#[cfg(test)]
mod tests {
    use seriatim_history::{Completion, History};
    use seriatim_model::catalog::MODELS;
    use seriatim_model::{Model, ModelOptions, part, with_model};

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
        with_model(model, &options, &history.values, Oracle(history)).expect("a model of the catalogue")
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
