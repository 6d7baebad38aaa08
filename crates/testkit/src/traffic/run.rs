//! Clients at work: a simulation from event to event, in which what happens at an instant happens in one order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use seriatim_history::build::EventKind;

use crate::rng::Rng;
use crate::script::{Datum, Line};
use crate::simulate::Visitor;
use crate::simulate::object::{Object, Reply, Request};
use crate::traffic::plant::Planter;
use crate::traffic::{Summary, Traffic};
use crate::vocabulary::Vocabulary;

/// How long an operation takes on average, in nanoseconds.
const MEAN: u64 = 1_000_000;

/// A crashed operation takes effect, if ever, within so many times the average.
const LATE: u64 = 8;

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
pub(super) struct Clients<'a, F> {
    pub(super) traffic: &'a Traffic,
    pub(super) rng: Rng,
    pub(super) sink: F,
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
        (self.sink)(Line { kind, process, function, key, value, result, time, node: None, operation })
    }
}
