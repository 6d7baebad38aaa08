//! What is planted in registers, with and without compare-and-set, and in keys of a store.
//!
//! A value counts only where one operation puts it in, or nobody puts nil in and it is there from the start. That u is
//! *older* than w means: somebody who saw or wrote u had returned when w was called.

use std::collections::BTreeMap;

use seriatim_model::ModelName;

use super::draft::{Draft, NEAR, Op, Outcome};
use crate::rng::Rng;
use crate::script::Datum;
use crate::vocabulary::NEVER_WRITTEN;

/// How often another place is tried.
const TRIES: usize = 200;

/// What an operation did to the register, or may have done.
#[derive(Clone, Debug, Default)]
pub(super) struct Touch {
    pub(super) saw: Option<Datum>,
    pub(super) put: Option<Datum>,
}

/// What all operations did.
struct Register {
    touches: Vec<Touch>,
    /// Who puts each value in, the first one, and how many do.
    writers: BTreeMap<Datum, (usize, usize)>,
}

impl Register {
    /// `None` where values grow out of others.
    fn of(draft: &Draft) -> Option<Self> {
        if draft.ops().iter().any(|op| op.function == "append") {
            return None;
        }
        let touches: Vec<_> = (0..draft.ops().len()).map(|at| touch(draft, at)).collect();
        let mut writers: BTreeMap<Datum, (usize, usize)> = BTreeMap::new();
        for (at, touch) in touches.iter().enumerate() {
            if let Some(put) = &touch.put {
                writers.entry(put.clone()).or_insert((at, 0)).1 += 1;
            }
        }
        Some(Self { touches, writers })
    }

    /// The value that somebody who is done saw or put in.
    fn told(&self, draft: &Draft, at: usize) -> Option<&Datum> {
        let touch = &self.touches[at];
        touch.put.as_ref().or(touch.saw.as_ref()).filter(|_| draft.ops()[at].is_done())
    }

    /// Whether nobody can put a value in twice.
    fn is_distinct(&self, value: &Datum) -> bool {
        match self.writers.get(value) {
            Some(&(_, writers)) => writers == 1 && *value != Datum::Nil,
            None => *value == Datum::Nil,
        }
    }

    fn writer(&self, value: &Datum) -> Option<usize> {
        self.writers.get(value).map(|&(writer, _)| writer)
    }

    /// A value that is older than what an operation puts in: one that somebody near told of.
    fn older(&self, draft: &Draft, write: usize, rng: &mut Rng) -> Option<Datum> {
        let ops = draft.ops();
        let earlier = (write.saturating_sub(NEAR)..write).filter(|&at| ops[at].is_before(&ops[write]));
        let told = earlier.filter_map(|at| self.told(draft, at)).filter(|value| self.is_distinct(value));
        let told: Vec<&Datum> = told.collect();
        told.get(rng.below(told.len())).map(|&value| value.clone())
    }
}

pub(super) fn touch(draft: &Draft, at: usize) -> Touch {
    let op = &draft.ops()[at];
    if op.outcome == Outcome::Refused {
        return Touch::default();
    }
    match (op.function, draft.argument(at)) {
        ("read" | "get", _) => {
            Touch { saw: Some(draft.answer(at).clone()).filter(|_| op.is_done()), put: None }
        }
        ("write" | "put", value) => Touch { saw: None, put: Some(value.clone()) },
        ("delete", _) => Touch { saw: None, put: Some(Datum::Nil) },
        ("cas", Datum::List(pair)) => Touch { saw: Some(pair[0].clone()), put: Some(pair[1].clone()) },
        _ => Touch::default(),
    }
}

fn is_read(op: &Op) -> bool {
    op.is_done() && matches!(op.function, "read" | "get")
}

fn is_write(op: &Op) -> bool {
    matches!(op.function, "write" | "put")
}

/// The names of a read and of a write.
fn words(draft: &Draft) -> (&'static str, &'static str) {
    if draft.model == ModelName::Kv { ("get", "put") } else { ("read", "write") }
}

/// A read tells of what nobody wrote.
pub(super) fn value_from_nowhere(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    let _ = Register::of(draft)?;
    let read = draft.pick(is_read, rng)?;
    draft.set_answer(read, Datum::Int(NEVER_WRITTEN));
    Some(vec![draft.ops()[read].number])
}

/// A read tells of what only a write that failed would have put in.
pub(super) fn dirty_read(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    let _ = Register::of(draft)?;
    let write = draft.pick(|op| op.outcome == Outcome::Refused && is_write(op), rng)?;
    let failed = draft.ops()[write].clone();
    let read = draft.pick_behind(write, |op| is_read(op) && failed.is_before(op), rng)?;
    draft.set_answer(read, draft.argument(write).clone());
    Some(vec![failed.number, draft.ops()[read].number])
}

/// A read tells of what is written once it has returned.
pub(super) fn read_from_the_future(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    let _ = Register::of(draft)?;
    let read = draft.pick(is_read, rng)?;
    let early = draft.ops()[read].clone();
    let write = draft.pick_behind(read, |op| op.is_done() && is_write(op) && early.is_before(op), rng)?;
    draft.set_answer(read, draft.argument(write).clone());
    Some(vec![early.number, draft.ops()[write].number])
}

/// A read tells of what is older than a write that had returned when it was called, and its own process put in nothing
/// since.
pub(super) fn stale_read(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    let register = Register::of(draft)?;
    for _ in 0..TRIES {
        let read = draft.pick(is_read, rng)?;
        let ops = draft.ops();
        let near = read.saturating_sub(NEAR)..read;
        let newer: Vec<usize> = near
            .filter(|&at| ops[at].is_done() && is_write(&ops[at]) && ops[at].is_before(&ops[read]))
            .collect();
        let Some(&newer) = newer.get(rng.below(newer.len())) else { continue };
        let Some(old) = register.older(draft, newer, rng) else { continue };
        let since = register.writer(&old);
        let is_own = |at: usize| {
            let is_settled = since.is_some_and(|since| at == since || ops[at].is_before(&ops[since]));
            ops[at].process == ops[read].process && register.touches[at].put.is_some() && !is_settled
        };
        if (0..read).any(is_own) {
            continue;
        }
        let number = ops[read].number;
        draft.set_answer(read, old);
        return Some(vec![number]);
    }
    None
}

/// A read tells of what is older than what its own process put in last.
pub(super) fn own_write_not_read(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    let register = Register::of(draft)?;
    for _ in 0..TRIES {
        let read = draft.pick(is_read, rng)?;
        let ops = draft.ops();
        let is_own = |&at: &usize| {
            ops[at].process == ops[read].process && ops[at].is_done() && register.touches[at].put.is_some()
        };
        let Some(write) = (0..read).rev().find(is_own) else { continue };
        // What a key is deleted with is no value that counts.
        if !register.touches[write].put.as_ref().is_some_and(|put| register.is_distinct(put)) {
            continue;
        }
        let Some(old) = register.older(draft, write, rng) else { continue };
        let named = vec![ops[write].number, ops[read].number];
        draft.set_answer(read, old);
        return Some(named);
    }
    None
}

/// A place at which the register holds what somebody told alone, and that value.
struct Settled {
    place: usize,
    value: Datum,
}

/// A place right behind an operation that nothing overlapped, when no other was open but such of unknown outcome.
fn settled(draft: &Draft, register: &Register, rng: &mut Rng) -> Option<Settled> {
    let ops = draft.ops();
    for _ in 0..TRIES {
        let last = draft.pick(|op| op.is_done(), rng)?;
        let Some(value) = register.told(draft, last).filter(|value| register.is_distinct(value)) else {
            continue;
        };
        let (call, place) = (ops[last].call, ops[last].ret() + 1);
        let is_alone = |at: usize| {
            let op = &ops[at];
            at == last || op.outcome == Outcome::Unknown || op.ret() < call || op.call >= place
        };
        if (0..ops.len()).all(is_alone) {
            return Some(Settled { place, value: value.clone() });
        }
    }
    None
}

/// A settled place behind which nobody sees again what is there, so that something else can be written at once.
fn settled_for_good(draft: &Draft, register: &Register, rng: &mut Rng) -> Option<Settled> {
    for _ in 0..NEAR {
        let found = settled(draft, register, rng)?;
        let is_seen_later = |at: usize| {
            let op = &draft.ops()[at];
            let may_be_later = op.call >= found.place || op.outcome == Outcome::Unknown;
            may_be_later && register.touches[at].saw.as_ref() == Some(&found.value)
        };
        if !(0..draft.ops().len()).any(is_seen_later) {
            return Some(found);
        }
    }
    None
}

/// While a write is open one sees it, and then somebody sees what was there before: the same process, or another one.
fn inversion(draft: &mut Draft, rng: &mut Rng, is_same: bool) -> Option<Vec<u32>> {
    let register = Register::of(draft)?;
    let Settled { place, value: old } = settled_for_good(draft, &register, rng)?;
    let (read, write) = words(draft);
    let new = Datum::Int(draft.fresh());
    let crashes = rng.chance(0.3);
    let writer = if crashes { draft.new_process() } else { draft.idle(place, &[], rng) };
    let first = draft.idle(place, &[writer], rng);
    let second = if is_same { first } else { draft.idle(place, &[writer, first], rng) };
    let open = draft.call(place, writer, write, new.clone());
    let saw_new = draft.done(place, first, read, Datum::Nil, new.clone());
    let saw_old = draft.done(place, second, read, Datum::Nil, old);
    if !crashes {
        draft.answer_call(place, open, new);
    }
    Some(vec![saw_new, saw_old])
}

/// A process sees what is being written, and then what was there before.
pub(super) fn non_monotonic_read(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    inversion(draft, rng, true)
}

/// A process sees what is being written, and then another one what was there before.
pub(super) fn order_disagreement(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    inversion(draft, rng, false)
}

/// While a write is open one sees it, then somebody sees what was there before, and then somebody sees it again.
pub(super) fn flip_flop(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    let register = Register::of(draft)?;
    let Settled { place, value: old } = settled_for_good(draft, &register, rng)?;
    let (read, write) = words(draft);
    let new = Datum::Int(draft.fresh());
    let crashes = rng.chance(0.3);
    let writer = if crashes { draft.new_process() } else { draft.idle(place, &[], rng) };
    let open = draft.call(place, writer, write, new.clone());
    let mut named = Vec::new();
    let one = draft.idle(place, &[writer], rng);
    for told in [&new, &old, &new] {
        let reader = if rng.chance(0.5) { one } else { draft.idle(place, &[writer, one], rng) };
        named.push(draft.done(place, reader, read, Datum::Nil, told.clone()));
    }
    if !crashes {
        draft.answer_call(place, open, new);
    }
    Some(named)
}

/// The last write of a key is said to be done, and all who look later see what was there before.
pub(super) fn lost_write(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    let register = Register::of(draft)?;
    let Settled { place, value: old } = settled(draft, &register, rng)?;
    let later: Vec<usize> = (0..draft.ops().len()).filter(|&at| draft.ops()[at].call >= place).collect();
    for at in later {
        draft.remove(at);
    }
    let (read, write) = words(draft);
    let new = Datum::Int(draft.fresh());
    let writer = draft.idle(place, &[], rng);
    let lost = draft.done(place, writer, write, new.clone(), new);
    let mut places: Vec<usize> =
        (0..rng.between(2, 4)).map(|_| rng.between(place, draft.len().min(place + 40 * NEAR))).collect();
    places.sort_unstable();
    let mut named = vec![lost];
    for place in places {
        let reader = draft.new_process();
        named.push(draft.done(place, reader, read, Datum::Nil, old.clone()));
    }
    // Whoever looks first tells of it.
    named.truncate(2);
    Some(named)
}

/// While one replaces a value another one replaces it, too.
pub(super) fn lost_update(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    let register = Register::of(draft)?;
    let is_cas = |op: &Op| op.is_done() && op.function == "cas";
    for _ in 0..TRIES {
        let first = draft.pick(is_cas, rng)?;
        let Some(old) = register.touches[first].saw.clone().filter(|old| register.is_distinct(old)) else {
            continue;
        };
        // Behind its call and before its return, so that both may have been first.
        let (number, place) = (draft.ops()[first].number, draft.ops()[first].ret());
        let process = draft.idle(place, &[], rng);
        let pair = Datum::pair(old, Datum::Int(draft.fresh()));
        let second = draft.done(place, process, "cas", pair.clone(), pair);
        return Some(vec![number, second]);
    }
    None
}

/// Two or three at once each replace what the one before put in, round to the first.
pub(super) fn general_cycle(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    let _ = Register::of(draft)?;
    let place = rng.below(draft.len() + 1);
    let values: Vec<Datum> = (0..rng.between(2, 3)).map(|_| Datum::Int(draft.fresh())).collect();
    let mut ring = Vec::new();
    let mut busy = Vec::new();
    for (at, from) in values.iter().enumerate() {
        let process = draft.idle(place, &busy, rng);
        busy.push(process);
        let pair = Datum::pair(from.clone(), values[(at + 1) % values.len()].clone());
        ring.push((draft.call(place, process, "cas", pair.clone()), pair));
    }
    let named = ring.iter().map(|&(operation, _)| operation).collect();
    rng.shuffle(&mut ring);
    for (operation, pair) in ring {
        draft.answer_call(place, operation, pair);
    }
    Some(named)
}
