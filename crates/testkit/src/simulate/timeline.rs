//! When clients call, when the object acts, when clients hear of it, and what goes wrong on the way.

use seriatim_history::build::EventKind;

use crate::plan::Plan;
use crate::rng::Rng;
use crate::script::{Datum, Line, Script};
use crate::simulate::Visitor;
use crate::simulate::object::{Object, Reply, Request};
use crate::vocabulary::Vocabulary;

/// How many units of time pass from one action of an object to the next, about.
const TICK: i64 = 1000;

/// Up to this many operations every state of an object is kept, for lies that tell of another time.
const SMALL: usize = 64;

/// How an operation is lied about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lie {
    /// The answer is of another time: one that is over, or one still to come.
    OtherTime,
    /// As before, and the operation has no effect.
    OtherTimeWithoutEffect,
    /// It is said to be done and has no effect.
    Lost,
    /// It takes effect twice.
    Twice,
    /// It is said to have failed and took effect.
    FailedButDone,
    /// The answer has the right shape and is false otherwise.
    Distorted,
    /// It is recorded earlier or later than it took place.
    OtherPlace,
}

const LIES: [Lie; 9] = [
    Lie::OtherTime,
    Lie::OtherTime,
    Lie::OtherTimeWithoutEffect,
    Lie::Lost,
    Lie::Twice,
    Lie::FailedButDone,
    Lie::Distorted,
    Lie::Distorted,
    Lie::OtherPlace,
];

struct Client {
    process: i64,
    /// When it is done with all it did so far.
    free: i64,
}

/// What an operation looks like from outside.
struct Told {
    key: usize,
    process: i64,
    request: Request,
    call: i64,
    /// The completion, if there is one.
    end: Option<(i64, EventKind, Reply)>,
    /// Which state of its object the answer is to be taken from, once all are known.
    answer_from: Option<usize>,
}

/// A simulation to be.
#[derive(Clone, Copy)]
pub(crate) struct Run<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) seed: u64,
}

impl Visitor for Run<'_> {
    /// The events of the objects' clients.
    type Out = Script;

    fn of<O: Object>(self, objects: Vec<O>) -> Script {
        run(objects, self.plan, self.seed)
    }
}

fn run<O: Object>(mut objects: Vec<O>, plan: &Plan, seed: u64) -> Script {
    let mut rng = Rng::new(seed);
    let mut words = Vocabulary::new(plan.values);
    let mut clients: Vec<_> =
        (0..plan.clients.max(1) as i64).map(|process| Client { process, free: 0 }).collect();
    let mut past: Vec<Vec<O>> = objects.iter().map(|object| vec![object.clone()]).collect();
    let mut told = Vec::with_capacity(plan.operations);
    let mut now = 0;
    let reach = (plan.spread * TICK as f64) as usize;
    for number in 0..plan.operations {
        let key = rng.below(objects.len());
        let ideal = (number as i64 + 1) * TICK;
        let at = free_client(&clients, ideal, &mut rng);
        let client = &mut clients[at];
        let point = ideal.max(now + 1).max(client.free + 2);
        now = point;
        let mut ago = |reach: usize| 1 + rng.below(reach.max(1)) as i64;
        let (before, after, long_before) = (ago(reach), ago(reach), ago(4 * reach));
        let object = &mut objects[key];
        let request = object.ask(client.process, &mut words, &mut rng);
        if rng.chance(plan.crash) {
            let call = (point - long_before).max(client.free + 1);
            if rng.chance(0.5) {
                object.act(client.process, &request, &mut rng);
            }
            let end = rng.chance(0.7).then(|| {
                // What an `info` carries means nothing.
                let value =
                    if rng.chance(0.5) { request.argument.clone() } else { Some(Datum::text("timed-out")) };
                (call + after, EventKind::Info, Reply { ok: false, value, result: None })
            });
            told.push(Told { key, process: client.process, request, call, end, answer_from: None });
            client.free = call + after;
            // Jepsen never uses such a process again; others do, once they have recorded an end.
            if told.last().is_some_and(|told| told.end.is_none()) || rng.chance(0.9) {
                client.process += plan.clients.max(1) as i64;
            }
        } else {
            let mut call = (point - before).max(client.free + 1);
            let mut ret = point + after;
            let lie = rng.chance(plan.lie).then(|| *rng.pick(&LIES));
            let mut answer_from = None;
            let reply = if lie == Some(Lie::FailedButDone) {
                object.act(client.process, &request, &mut rng);
                Reply::refused(&request)
            } else if rng.chance(plan.fail) {
                Reply::refused(&request)
            } else {
                let undone = matches!(lie, Some(Lie::Lost | Lie::OtherTimeWithoutEffect));
                let before = undone.then(|| object.clone());
                let reply = object.act(client.process, &request, &mut rng);
                match (lie, before) {
                    (Some(Lie::Lost), Some(before)) => *object = before,
                    (Some(Lie::Twice), _) => {
                        object.act(client.process, &request, &mut rng);
                    }
                    (Some(Lie::OtherTimeWithoutEffect), Some(before)) => {
                        *object = before;
                        answer_from = Some(rng.below(plan.operations));
                    }
                    (Some(Lie::OtherTime), _) => answer_from = Some(rng.below(plan.operations)),
                    (Some(Lie::OtherPlace), _) => {
                        let moved = (1 + rng.below(4) as i64) * TICK;
                        let moved = if rng.chance(0.5) { moved } else { -moved };
                        call = (call + moved).max(client.free + 1);
                        ret = (ret + moved).max(call + 1);
                    }
                    _ => {}
                }
                if lie == Some(Lie::Distorted) {
                    object.distort(&request, reply, &words, &mut rng)
                } else {
                    reply
                }
            };
            let kind = if reply.ok { EventKind::Ok } else { EventKind::Fail };
            client.free = ret;
            let end = Some((ret, kind, reply));
            told.push(Told { key, process: client.process, request, call, end, answer_from });
        }
        if plan.lie > 0.0 && (plan.operations <= SMALL || rng.chance(16.0 / plan.operations as f64)) {
            past[key].push(objects[key].clone());
        }
    }
    for told in &mut told {
        if let (Some(at), Some((_, kind, reply))) = (told.answer_from, &mut told.end) {
            let states = &past[told.key];
            let mut other = states[at % states.len()].clone();
            *reply = other.act(told.process, &told.request, &mut rng);
            *kind = if reply.ok { EventKind::Ok } else { EventKind::Fail };
        }
    }
    write(told, plan, &mut rng)
}

/// A client that is free at a time, or the one that is free first.
fn free_client(clients: &[Client], time: i64, rng: &mut Rng) -> usize {
    for _ in 0..4 {
        let at = rng.below(clients.len());
        if clients[at].free + 2 <= time {
            return at;
        }
    }
    let first = clients.iter().enumerate().min_by_key(|(_, client)| client.free);
    first.map_or(0, |(at, _)| at)
}

/// The lines of a log, in the order of their times.
fn write(told: Vec<Told>, plan: &Plan, rng: &mut Rng) -> Script {
    let mut lines = Vec::with_capacity(2 * told.len() + 2);
    let key = |key: usize| (plan.keys > 0).then_some(key as i64);
    let last = told.iter().map(|told| told.call).max().unwrap_or_default();
    for (operation, told) in (0..).zip(told) {
        let process = Some(told.process);
        let function = told.request.function;
        lines.push(Line {
            kind: EventKind::Invoke,
            process,
            function,
            key: key(told.key),
            value: told.request.argument,
            result: None,
            time: told.call,
            node: None,
            operation,
        });
        if let Some((time, kind, Reply { value, result, .. })) = told.end {
            let (key, node) = (key(told.key), None);
            lines.push(Line { kind, process, function, key, value, result, time, node, operation });
        }
    }
    if plan.nemesis {
        for function in ["start-partition", "stop-partition"] {
            let time = rng.below(last.max(1) as usize) as i64;
            let (process, key, value) = (None, None, Some(Datum::text("n1")));
            lines.push(Line {
                kind: EventKind::Info,
                process,
                function,
                key,
                value,
                result: None,
                time,
                node: None,
                operation: 0,
            });
        }
    }
    lines.sort_by_key(|line| line.time);
    // No two times are equal, so that the times alone tell the order, too.
    let mut latest = i64::MIN;
    for line in &mut lines {
        line.time = line.time.max(latest.saturating_add(1));
        latest = line.time;
    }
    Script { initial: None, lines }
}
