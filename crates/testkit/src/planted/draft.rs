//! A history in which something is about to be planted: the operations of one of its objects, and what is changed.
//!
//! Places are places among the lines of the history as it was. Lines that are added stand before the line at their
//! place, in the order in which they were added; so an operation can be put between any two events, and what is known of
//! the others stays true. Making one costs O(n); what is added is merged in when it is finished.

use std::collections::{BTreeMap, BTreeSet};

use seriatim_history::build::EventKind;
use seriatim_model::ModelName;

use crate::rng::Rng;
use crate::script::{Datum, Line, Script};
use crate::vocabulary::NEVER_WRITTEN;

/// What became of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It happened, and said "yes" where it says anything.
    Done,
    /// It failed, or said "no" to what it was asked to do.
    Refused,
    /// Nobody knows.
    Unknown,
}

/// An operation of the object.
#[derive(Clone, Debug)]
pub(super) struct Op {
    pub(super) number: u32,
    pub(super) process: i64,
    pub(super) function: &'static str,
    pub(super) outcome: Outcome,
    /// The line of its call.
    pub(super) call: usize,
    /// The line of its completion; of one of unknown outcome that may be missing.
    end: Option<usize>,
}

impl Op {
    /// The line from which on it is over; after all lines where nobody knows.
    pub(super) fn ret(&self) -> usize {
        self.end.filter(|_| self.outcome != Outcome::Unknown).unwrap_or(usize::MAX)
    }

    pub(super) fn is_done(&self) -> bool {
        self.outcome == Outcome::Done
    }

    pub(super) fn is_before(&self, other: &Self) -> bool {
        self.ret() < other.call
    }
}

/// The history.
pub(super) struct Draft {
    pub(super) model: ModelName,
    lines: Vec<Line>,
    key: Option<i64>,
    /// The operations of the object, in the order of their calls.
    ops: Vec<Op>,
    added: Vec<(usize, Line)>,
    removed: BTreeSet<u32>,
    next_operation: u32,
    next_value: i64,
    next_process: i64,
}

impl Draft {
    /// A history of objects of a model, of which one is chosen.
    pub(super) fn new(model: ModelName, script: Script, rng: &mut Rng) -> Self {
        let lines = script.lines;
        let keys: BTreeSet<Option<i64>> =
            lines.iter().filter(|line| line.process.is_some()).map(|line| line.key).collect();
        let keys: Vec<_> = keys.into_iter().collect();
        let key = keys.get(rng.below(keys.len())).copied().flatten();
        let mut largest = 0;
        for line in &lines {
            for value in [&line.value, &line.result].into_iter().flatten() {
                largest = largest.max(largest_of(value));
            }
        }
        let next =
            |of: fn(&Line) -> Option<i64>| lines.iter().filter_map(of).max().map_or(0, |last| last + 1);
        let next_operation = u32::try_from(next(|line| Some(line.operation.into()))).expect("few operations");
        let next_process = next(|line| line.process);
        let ops = operations(&lines, key);
        let (added, removed) = Default::default();
        Self { model, lines, key, ops, added, removed, next_operation, next_value: largest + 1, next_process }
    }

    /// The operations of the object, in the order of their calls.
    pub(super) fn ops(&self) -> &[Op] {
        &self.ops
    }

    /// One of the operations that fit.
    pub(super) fn pick(&self, fits: impl Fn(&Op) -> bool, rng: &mut Rng) -> Option<usize> {
        let fitting: Vec<usize> = (0..self.ops.len()).filter(|&at| fits(&self.ops[at])).collect();
        fitting.get(rng.below(fitting.len())).copied()
    }

    /// One of the first operations that fit and stand behind another.
    pub(super) fn pick_behind(
        &self,
        other: usize,
        fits: impl Fn(&Op) -> bool,
        rng: &mut Rng,
    ) -> Option<usize> {
        let behind = (other + 1..self.ops.len()).filter(|&at| fits(&self.ops[at]));
        let near: Vec<usize> = behind.take(NEAR).collect();
        near.get(rng.below(near.len())).copied()
    }

    /// How many lines there are: the last place.
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// What an operation was asked.
    pub(super) fn argument(&self, at: usize) -> &Datum {
        self.lines[self.ops[at].call].value.as_ref().unwrap_or(&Datum::Nil)
    }

    /// The integer that an operation was asked about.
    pub(super) fn int(&self, at: usize) -> Option<i64> {
        self.argument(at).as_int()
    }

    /// What an operation was answered; nil where nobody heard of it.
    pub(super) fn answer(&self, at: usize) -> &Datum {
        self.ops[at].end.and_then(|end| self.lines[end].value.as_ref()).unwrap_or(&Datum::Nil)
    }

    /// The result that an operation was told apart from its answer.
    pub(super) fn result(&self, at: usize) -> Option<&Datum> {
        self.ops[at].end.and_then(|end| self.lines[end].result.as_ref())
    }

    /// Gives an operation another answer.
    pub(super) fn set_answer(&mut self, at: usize, answer: Datum) {
        let end = self.ops[at].end.expect("an operation that is answered has returned");
        self.lines[end].value = Some(answer);
    }

    /// Gives an operation another result.
    pub(super) fn set_result(&mut self, at: usize, result: Datum) {
        let end = self.ops[at].end.expect("an operation that is answered has returned");
        self.lines[end].result = Some(result);
    }

    /// A value that is nowhere else in the history.
    pub(super) fn fresh(&mut self) -> i64 {
        self.next_value += 1;
        self.next_value - 1
    }

    /// A process that does nothing else at a place: one that is known, where there is one.
    pub(super) fn idle(&mut self, place: usize, but: &[i64], rng: &mut Rng) -> i64 {
        // Whether each did nothing when it was last seen, and will be heard of again: so it did not crash.
        let mut is_idle: BTreeMap<i64, bool> = BTreeMap::new();
        for line in &self.lines[..place] {
            if let Some(process) = line.process {
                let ends = matches!(line.kind, EventKind::Ok | EventKind::Fail);
                is_idle.insert(process, ends && !self.removed.contains(&line.operation));
            }
        }
        for (at, line) in &self.added {
            if let Some(process) = line.process
                && *at >= place
            {
                is_idle.insert(process, false);
            }
        }
        let idle = is_idle.iter().filter(|&(process, &idle)| idle && !but.contains(process));
        let idle: Vec<i64> = idle.map(|(&process, _)| process).collect();
        if idle.is_empty() { self.new_process() } else { *rng.pick(&idle) }
    }

    /// A process that does nothing but what is added.
    pub(super) fn new_process(&mut self) -> i64 {
        self.next_process += 1;
        self.next_process - 1
    }

    /// Adds a call.
    pub(super) fn call(
        &mut self,
        place: usize,
        process: i64,
        function: &'static str,
        argument: Datum,
    ) -> u32 {
        let operation = self.next_operation;
        self.next_operation += 1;
        self.add(place, EventKind::Invoke, process, function, argument, operation);
        operation
    }

    /// Adds the answer to a call that was added.
    pub(super) fn answer_call(&mut self, place: usize, operation: u32, answer: Datum) {
        let call = self.added.iter().find(|(_, line)| line.operation == operation);
        let (_, call) = call.expect("the call was added before");
        let (process, function) = (call.process.expect("a client called"), call.function);
        self.add(place, EventKind::Ok, process, function, answer, operation);
    }

    /// Adds an operation that is answered at once.
    pub(super) fn done(
        &mut self,
        place: usize,
        process: i64,
        function: &'static str,
        argument: Datum,
        answer: Datum,
    ) -> u32 {
        let operation = self.call(place, process, function, argument);
        self.answer_call(place, operation, answer);
        operation
    }

    fn add(
        &mut self,
        place: usize,
        kind: EventKind,
        process: i64,
        function: &'static str,
        value: Datum,
        operation: u32,
    ) {
        let (process, value) = (Some(process), Some(value));
        let (key, result, time, node) = (self.key, None, 0, None);
        self.added.push((place, Line { kind, process, function, key, value, result, time, node, operation }));
    }

    /// Takes an operation of the object out of the history.
    pub(super) fn remove(&mut self, at: usize) {
        self.removed.insert(self.ops[at].number);
    }

    /// The history with everything that was changed.
    pub(super) fn finish(mut self) -> Script {
        self.added.sort_by_key(|&(place, _)| place);
        let mut added = self.added.into_iter().peekable();
        let mut lines: Vec<Line> = Vec::with_capacity(self.lines.len() + added.len());
        for (place, line) in self.lines.into_iter().enumerate() {
            while let Some((_, added)) = added.next_if(|&(before, _)| before <= place) {
                lines.push(added);
            }
            if line.process.is_none() || !self.removed.contains(&line.operation) {
                lines.push(line);
            }
        }
        lines.extend(added.map(|(_, line)| line));
        // As everywhere here no two times are equal.
        let mut latest = -1;
        for line in &mut lines {
            line.time = line.time.max(latest + 1);
            latest = line.time;
        }
        Script { initial: None, lines }
    }
}

/// So many operations are near to one.
pub(super) const NEAR: usize = 24;

/// The largest integer that somebody may have written; strangers are larger.
fn largest_of(value: &Datum) -> i64 {
    match value {
        &Datum::Int(value) if value < NEVER_WRITTEN => value,
        Datum::List(items) | Datum::Set(items) => items.iter().map(largest_of).max().unwrap_or(0),
        Datum::Map(items) => items.iter().map(|(_, value)| largest_of(value)).max().unwrap_or(0),
        _ => 0,
    }
}

/// The operations on an object.
fn operations(lines: &[Line], key: Option<i64>) -> Vec<Op> {
    let mut ops: Vec<Op> = Vec::new();
    let mut open: BTreeMap<u32, usize> = BTreeMap::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(process) = line.process.filter(|_| line.key == key) else { continue };
        let (number, function) = (line.operation, line.function);
        if line.kind == EventKind::Invoke {
            open.insert(number, ops.len());
            let outcome = Outcome::Unknown;
            ops.push(Op { number, process, function, outcome, call: at, end: None });
            continue;
        }
        let op = &mut ops[open.remove(&number).expect("what is answered was called")];
        op.end = Some(at);
        // Of a question a "no" is an answer.
        let is_no = |told: &Option<Datum>| *told == Some(Datum::Bool(false)) && function != "contains";
        op.outcome = match line.kind {
            EventKind::Info => Outcome::Unknown,
            EventKind::Ok if !is_no(&line.value) && !is_no(&line.result) => Outcome::Done,
            _ => Outcome::Refused,
        };
    }
    ops
}
