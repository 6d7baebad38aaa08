//! For tests: small random histories of registers, as what they are and as a history, and what orders of them there are
//! by definition.

use seriatim_history::build::EventKind;
use seriatim_history::{FailedCas, History, NilRead};
use seriatim_model::Part;
use seriatim_model::part::split;
use seriatim_model::register::{Op, Register};
use seriatim_testkit::{Datum, Line, Rng, Script};

/// What an operation did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Did {
    Read(i64),
    Write(i64),
    Swap(i64, i64),
}

impl Did {
    pub(crate) fn saw(self) -> Option<i64> {
        match self {
            Self::Read(value) | Self::Swap(value, _) => Some(value),
            Self::Write(_) => None,
        }
    }

    pub(crate) fn put(self) -> Option<i64> {
        match self {
            Self::Write(value) | Self::Swap(_, value) => Some(value),
            Self::Read(_) => None,
        }
    }
}

/// An operation, with its events' places in the order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Raw {
    pub(crate) process: i64,
    pub(crate) key: i64,
    pub(crate) did: Did,
    pub(crate) call: usize,
    pub(crate) ret: Option<usize>,
    pub(crate) times: (i64, i64),
    /// Its session, and its place there; which nobody but the definitions looks at.
    pub(crate) session: usize,
    pub(crate) at: usize,
}

/// What to make.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) operations: usize,
    pub(crate) processes: usize,
    pub(crate) keys: usize,
    pub(crate) swaps: f64,
    pub(crate) crashes: f64,
    pub(crate) repeats: f64,
    pub(crate) nowhere: f64,
}

pub(crate) fn random_shape(rng: &mut Rng) -> Shape {
    Shape {
        operations: rng.between(2, 6),
        processes: rng.between(2, 3),
        keys: rng.between(1, 2),
        swaps: if rng.chance(0.4) { 0.3 } else { 0.0 },
        crashes: if rng.chance(0.3) { 0.2 } else { 0.0 },
        repeats: 0.0,
        nowhere: if rng.chance(0.1) { 0.1 } else { 0.0 },
    }
}

/// The initial value of all registers.
pub(crate) const INITIAL: i64 = 0;

/// Operations in the order of their calls.
pub(crate) fn random(rng: &mut Rng, shape: &Shape) -> Vec<Raw> {
    let mut plans: Vec<(i64, i64, u8)> = Vec::new();
    let mut puts: Vec<Vec<i64>> = vec![vec![INITIAL]; shape.keys];
    let mut kinds = Vec::new();
    for at in 0..shape.operations {
        let key = rng.below(shape.keys);
        let kind = if rng.chance(shape.swaps) { 2 } else { u8::from(rng.chance(0.45)) };
        let value = if rng.chance(shape.repeats) { *rng.pick(&[INITIAL, 1]) } else { 10 + at as i64 };
        if kind > 0 {
            puts[key].push(value);
        }
        plans.push((rng.below(shape.processes) as i64, key as i64, kind));
        kinds.push(value);
    }
    let mut did: Vec<Did> = Vec::new();
    for (&(_, key, kind), &value) in plans.iter().zip(&kinds) {
        let saw = if rng.chance(shape.nowhere) { 99 } else { *rng.pick(&puts[key as usize]) };
        did.push(match kind {
            0 => Did::Read(saw),
            2 if saw != value => Did::Swap(saw, value),
            _ => Did::Write(value),
        });
    }
    // Events in some order: each process does one thing at a time.
    let mut waiting: Vec<Vec<usize>> = vec![Vec::new(); shape.processes];
    for (at, plan) in plans.iter().enumerate().rev() {
        waiting[plan.0 as usize].push(at);
    }
    let mut open: Vec<Option<usize>> = vec![None; shape.processes];
    let mut all: Vec<Raw> = Vec::new();
    let (mut event, mut time) = (0, 0);
    while open.iter().any(Option::is_some) || waiting.iter().any(|waiting| !waiting.is_empty()) {
        let process = rng.below(shape.processes);
        if rng.chance(0.7) {
            time += rng.below(4) as i64;
        }
        if let Some(raw) = open[process] {
            let raw: &mut Raw = &mut all[raw];
            raw.ret = (!rng.chance(shape.crashes)).then_some(event);
            raw.times.1 = time;
            open[process] = None;
        } else if let Some(at) = waiting[process].pop() {
            let (_, key, _) = plans[at];
            open[process] = Some(all.len());
            let (process, did) = (process as i64, did[at]);
            let times = (time, time);
            all.push(Raw { process, key, did, call: event, ret: None, times, session: 0, at: 0 });
        } else {
            continue;
        }
        event += 1;
    }
    let mut sessions = 0;
    let mut current: Vec<Option<(usize, usize)>> = vec![None; shape.processes];
    for raw in &mut all {
        let now = &mut current[raw.process as usize];
        let (session, at) = now.unwrap_or_else(|| {
            sessions += 1;
            (sessions, 0)
        });
        (raw.session, raw.at) = (session, at);
        *now = raw.ret.is_some().then_some((session, at + 1));
    }
    all
}

/// The history that operations are.
pub(crate) fn history(all: &[Raw]) -> (History, Register) {
    let mut events: Vec<(usize, Line)> = Vec::new();
    for (operation, raw) in (0..).zip(all) {
        let (function, value) = match raw.did {
            Did::Read(value) => ("read", Datum::Int(value)),
            Did::Write(value) => ("write", Datum::Int(value)),
            Did::Swap(from, to) => ("cas", Datum::pair(Datum::Int(from), Datum::Int(to))),
        };
        let asked = if function == "read" { Datum::Nil } else { value.clone() };
        let call = Line {
            kind: EventKind::Invoke,
            process: Some(raw.process),
            function,
            key: Some(raw.key),
            value: Some(asked),
            result: None,
            node: None,
            time: raw.times.0,
            operation,
        };
        if let Some(ret) = raw.ret {
            let time = raw.times.1;
            events.push((ret, Line { kind: EventKind::Ok, value: Some(value), time, ..call.clone() }));
        } else {
            // Where it stands says nothing.
            let time = raw.times.0;
            events.push((raw.call, Line { kind: EventKind::Info, time, ..call.clone() }));
        }
        events.push((raw.call, call));
    }
    events.sort_by_key(|(at, line)| (*at, line.kind != EventKind::Invoke));
    let lines = events.into_iter().map(|(_, line)| line).collect();
    let history = Script { initial: Some(Datum::Int(INITIAL)), lines }.history();
    let initial = history.declared.initial.expect("it is declared");
    let model = Register { initial, nil_read: NilRead::Value, failed_cas: FailedCas::Drop, cas: true };
    (history, model)
}

/// Its parts.
pub(crate) fn parts(model: &Register, history: &History) -> Vec<Part<Op>> {
    split(model, history).expect("it can be read")
}

/// What happened and what may have: without crashed reads.
fn relevant(all: &[Raw]) -> Vec<Raw> {
    all.iter().filter(|raw| raw.ret.is_some() || raw.did.put().is_some()).copied().collect()
}

/// What `fits` says of some choice of the operations that crashed, with all that did not.
fn any_completion(all: &[Raw], fits: impl Fn(&[Raw]) -> bool) -> bool {
    let all = relevant(all);
    let crashed: Vec<usize> = (0..all.len()).filter(|&at| all[at].ret.is_none()).collect();
    (0..1_usize << crashed.len()).any(|chosen| {
        let is_in = |at: &usize| {
            crashed.iter().position(|crashed| crashed == at).is_none_or(|bit| chosen >> bit & 1 == 1)
        };
        let chosen: Vec<Raw> = (0..all.len()).filter(is_in).map(|at| all[at]).collect();
        fits(&chosen)
    })
}

/// Whether there is an order that keeps to `before` and is legal for those of which `sees` says so.
fn has_order(all: &[Raw], before: &dyn Fn(usize, usize) -> bool, sees: &dyn Fn(usize) -> bool) -> bool {
    fn go(
        all: &[Raw],
        before: &dyn Fn(usize, usize) -> bool,
        sees: &dyn Fn(usize) -> bool,
        done: &mut Vec<bool>,
        state: &[i64],
    ) -> bool {
        if done.iter().all(|&done| done) {
            return true;
        }
        for next in 0..all.len() {
            if done[next] || (0..all.len()).any(|other| !done[other] && before(other, next)) {
                continue;
            }
            let key = all[next].key as usize;
            if sees(next) && all[next].did.saw().is_some_and(|saw| saw != state[key]) {
                continue;
            }
            let mut after = state.to_vec();
            after[key] = all[next].did.put().unwrap_or(after[key]);
            done[next] = true;
            if go(all, before, sees, done, &after) {
                return true;
            }
            done[next] = false;
        }
        false
    }
    go(all, before, sees, &mut vec![false; all.len()], &[INITIAL; 4])
}

fn earlier_in_session(a: &Raw, b: &Raw) -> bool {
    a.session == b.session && a.at < b.at
}

pub(crate) fn is_sequential(all: &[Raw]) -> bool {
    any_completion(all, |all| has_order(all, &|a, b| earlier_in_session(&all[a], &all[b]), &|_| true))
}

/// Whether there is an order that real time keeps to, too, for what counts as the time of a call and of a return.
pub(crate) fn is_linearizable<T: Ord>(
    all: &[Raw],
    call: impl Fn(&Raw) -> T,
    ret: impl Fn(&Raw) -> Option<T>,
) -> bool {
    any_completion(all, |all| {
        let before = |a: usize, b: usize| ret(&all[a]).is_some_and(|ret| ret < call(&all[b]));
        has_order(all, &before, &|_| true)
    })
}

/// Whether each session has an order of all writes and its own reads.
fn has_views(all: &[Raw], before: &dyn Fn(usize, usize) -> bool) -> bool {
    (0..=all.iter().map(|raw| raw.session).max().unwrap_or(0)).all(|session| {
        let own = |at: usize| all[at].session == session;
        let kept: Vec<usize> = (0..all.len()).filter(|&at| own(at) || all[at].did.put().is_some()).collect();
        let view: Vec<Raw> = kept.iter().map(|&at| all[at]).collect();
        has_order(&view, &|a, b| before(kept[a], kept[b]), &|at| own(kept[at]))
    })
}

pub(crate) fn is_pram(all: &[Raw]) -> bool {
    any_completion(all, |all| has_views(all, &|a, b| earlier_in_session(&all[a], &all[b])))
}

/// What comes before what by the order of sessions and by values, each of which only one operation puts in.
fn causes(all: &[Raw]) -> Vec<Vec<bool>> {
    let saw = |a: usize, b: usize| {
        all[a].key == all[b].key && all[a].did.put().is_some() && all[a].did.put() == all[b].did.saw()
    };
    let direct = |a: usize, b: usize| earlier_in_session(&all[a], &all[b]) || saw(a, b);
    let mut before: Vec<Vec<bool>> =
        (0..all.len()).map(|a| (0..all.len()).map(|b| direct(a, b)).collect()).collect();
    for middle in 0..all.len() {
        for a in 0..all.len() {
            for b in 0..all.len() {
                before[a][b] |= before[a][middle] && before[middle][b];
            }
        }
    }
    before
}

pub(crate) fn is_causal(all: &[Raw]) -> bool {
    any_completion(all, |all| {
        let before = causes(all);
        (0..all.len()).all(|at| !before[at][at]) && has_views(all, &|a, b| before[a][b])
    })
}

/// What happened: what returned, and what was seen by what happened.
pub(crate) fn happened(all: &[Raw]) -> Vec<Raw> {
    let mut is_in: Vec<bool> = all.iter().map(|raw| raw.ret.is_some()).collect();
    for _ in 0..all.len() {
        for at in 0..all.len() {
            let put = all[at].did.put();
            is_in[at] |= put.is_some()
                && (0..all.len()).any(|other| {
                    is_in[other] && all[other].key == all[at].key && all[other].did.saw() == put
                });
        }
    }
    all.iter().zip(is_in).filter(|(_, is_in)| *is_in).map(|(raw, _)| *raw).collect()
}

pub(crate) fn is_regular(all: &[Raw]) -> bool {
    let all = happened(all);
    all.iter().all(|reader| {
        let Some(saw) = reader.did.saw() else { return true };
        let writes = || all.iter().filter(|write| write.key == reader.key && write.did.put().is_some());
        let source = writes().find(|write| write.did.put() == Some(saw));
        let since = match source {
            None if saw != INITIAL => return false,
            None => None,
            Some(write) if reader.ret.is_some_and(|ret| ret < write.call) => return false,
            Some(write) => match write.ret {
                Some(ret) => Some(ret),
                None => return true,
            },
        };
        !writes().any(|other| {
            other.ret.is_some_and(|ret| ret < reader.call) && since.is_none_or(|since| since < other.call)
        })
    })
}
