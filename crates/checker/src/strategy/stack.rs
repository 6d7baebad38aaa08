//! A stack of distinct values (ALGORITHMS §C3; Lee & Mathur 2025 for the shape of the recursion).
//!
//! Where nothing need be there, nothing is, without loss; what lies between two such slots is a run of its own. In a run
//! some value must lie at the bottom: it can have been pushed before the run and popped after it, and each of its peeks
//! has a slot in which no other value of the run need be there. Any such value will do; without it the run falls into
//! runs inside it. Whether a value can be the bottom only changes from no to yes on the way, so each is looked at as the
//! runs shrink: by who can have been pushed early enough, the one that can be popped the latest.
//!
//! Pops of unknown outcome are assigned to values by a guess ([`super::crashed`]): a value that must lie upon another is
//! due when that is next seen at the top.

mod cover;
mod latest;

use std::ops::Range;

use seriatim_model::{Kind, Model, Part};

use self::cover::Cover;
use self::latest::Latest;
use super::Outcome;
use super::crashed::{of_fronts, settle};
use super::items::{Conflict, Items, Life, Prefix, Span};
use super::prefix::{self, Known};
use crate::numbered::{NEVER, Numbered};

/// A part that meets the conditions: each value is put in at most once.
#[derive(Debug)]
pub(crate) struct Stack<'a> {
    items: Items<'a>,
}

/// A time in which something must be there all along, from the slot `start` to before the slot `end`.
#[derive(Clone, Copy, Debug)]
struct Run {
    start: u32,
    end: u32,
}

/// Operations, each with the slot in which it takes effect.
type Written = Vec<(u32, u32)>;

/// What is still to be written: the last is the next.
enum Task {
    /// The values inside a run.
    Run(Run),
    /// One operation, in this slot.
    Op(u32, u32),
}

impl<'a> Stack<'a> {
    /// `None` where the part does not meet the conditions.
    pub(super) fn new<M: Model>(model: &M, part: &Part<M::Op>, numbered: &'a Numbered<'a>) -> Option<Self> {
        Items::new(model, part, numbered, Kind::Stack).map(|items| Self { items })
    }

    pub(super) fn decide(&self) -> Outcome {
        let items = &self.items;
        let write = |held: Written, passing: Vec<Life>| self.write(held, passing);
        prefix::decide(items, 0, |end| self.judge(end, write), |end| self.judge(end, |_, _| ()))
    }

    /// Judges the prefix that ends with the event `end`: `then` gets the operations of the values that must be there at
    /// some time, and the other values.
    fn judge<T>(&self, end: u32, then: impl Fn(Written, Vec<Life>) -> T) -> Known<T> {
        let items = &self.items;
        let prefix = match items.prefix(end) {
            Ok(prefix) => prefix,
            Err(conflict) => return Known::No(conflict),
        };
        // Who is surely pushed after another lies upon it.
        let demands = |prefix: &Prefix| of_fronts(items, prefix, |prefix, at| prefix.lives[at].first_ret + 1);
        let key = |prefix: &Prefix, at: usize| prefix.lives[at].put_call + 1;
        settle(items, prefix, false, demands, key, |prefix| {
            items.place(prefix, |_| true)?;
            // Who need not be there in any slot is pushed, seen and popped in one.
            let (held, passing): (Vec<Life>, Vec<Life>) =
                prefix.lives.iter().partition(|life| life.first_ret < life.last_call);
            let held = in_order(held, end, |life| life.first_ret);
            let written = self.nest(&held, &prefix.empties, end)?;
            Ok(then(written, passing))
        })
    }

    /// All operations, in order.
    fn write(&self, held: Written, passing: Vec<Life>) -> Vec<u32> {
        let end = self.items.last_event();
        let mut order = Vec::with_capacity(self.items.does.len());
        let mut passing = passing;
        passing.sort_unstable_by_key(|life| life.last_call);
        let mut passing = passing.into_iter().peekable();
        let mut pass = |until: u32, order: &mut Vec<u32>| {
            while let Some(life) = passing.next_if(|life| life.last_call < until) {
                order.push(life.put);
                order.extend(self.items.peeks(life.value, end));
                order.extend(life.take);
            }
        };
        for (at, (slot, op)) in held.into_iter().enumerate() {
            if self.items.numbered.is_over(at) {
                break;
            }
            pass(slot, &mut order);
            order.push(op);
        }
        pass(NEVER, &mut order);
        order
    }

    /// The operations of the values that must be there at some time, and those that found nothing, in order and each
    /// with a slot.
    fn nest(&self, lives: &[Life], empties: &[(u32, u32)], last: u32) -> Result<Written, Conflict> {
        let mut written = Vec::with_capacity(2 * lives.len() + empties.len());
        let mut empties = empties.iter().copied().peekable();
        let mut rest = lives;
        while let Some(first) = rest.first() {
            // Whoever found nothing saw the bottom of all, on which the runs stand.
            let mut run = Run { start: first.first_ret, end: first.last_call };
            let inside = rest.iter().take_while(|life| {
                let is_inside = life.first_ret < run.end;
                run.end = if is_inside { run.end.max(life.last_call) } else { run.end };
                is_inside
            });
            let (inside, others) = rest.split_at(inside.count());
            run.end = run.end.min(last + 1);
            while let Some(empty) = empties.next_if(|&(slot, _)| slot < run.start) {
                written.push(empty);
            }
            self.stack_up(run, inside, last, &mut written)?;
            rest = others;
        }
        written.extend(empties);
        Ok(written)
    }

    /// Writes the operations of all values that must be there at some time of a run.
    fn stack_up(&self, run: Run, lives: &[Life], last: u32, written: &mut Written) -> Result<(), Conflict> {
        let end = last + 1;
        let mut cover = Cover::new(run.start, run.end, lives);
        let mut latest = Latest::new(lives);
        let mut todo = vec![Task::Run(run)];
        let before = written.len();
        while let Some(task) = todo.pop() {
            if self.items.numbered.is_over(written.len() - before) {
                return Err(Conflict(last));
            }
            let run = match task {
                Task::Op(slot, op) => {
                    written.push((slot, op));
                    continue;
                }
                Task::Run(run) => run,
            };
            let inside = lives.partition_point(|life| life.first_ret < run.start)
                ..lives.partition_point(|life| life.first_ret < run.end);
            latest.admit(run.start, inside.clone());
            let (at, seen) = self.bottom(run, inside, lives, &cover, &mut latest, last)?;
            let life = lives[at];
            latest.remove(at);
            cover.remove(life.first_ret, life.last_call.min(end));
            // Written backwards: the last task is the next.
            if let Some(take) = life.take.filter(|_| run.end < end) {
                todo.push(Task::Op(run.end, take));
            }
            push_inside(run, &mut cover, seen, &mut todo);
            todo.push(Task::Op(run.start - 1, life.put));
        }
        Ok(())
    }

    /// The value that lies at the bottom of a run, and its peeks with a slot for each, in the order of slots; where no
    /// value can, when the last of those was popped that might have.
    fn bottom(
        &self,
        run: Run,
        inside: Range<usize>,
        lives: &[Life],
        cover: &Cover,
        latest: &mut Latest,
        last: u32,
    ) -> Result<(usize, Written), Conflict> {
        // Those whose peeks do not fit yet may be the bottom of a run inside.
        let mut unfit = Vec::new();
        let mut found = None;
        while let Some(at) = latest.find(inside.clone(), run.end) {
            if let Some(seen) = self.seen(run, &lives[at], cover, last) {
                found = Some((at, seen));
                break;
            }
            latest.remove(at);
            unfit.push(at);
        }
        let is_fit = unfit.is_empty();
        unfit.into_iter().for_each(|at| latest.restore(at));
        found.ok_or_else(|| {
            // A run that some value spans is hopeless when it ends, any other when its last candidate is gone.
            let gone = latest.find(inside, 0).filter(|_| is_fit).map(|at| lives[at].take_ret);
            Conflict(gone.unwrap_or(run.end).min(last))
        })
    }

    /// A slot for each peek of a value in which no other value of the run need be there, in order.
    fn seen(&self, run: Run, life: &Life, cover: &Cover, last: u32) -> Option<Written> {
        let mut seen = Vec::new();
        for op in self.items.peeks(life.value, last) {
            let Span { call, ret } = self.items.spans[op as usize];
            let slot = if call < run.start {
                run.start - 1
            } else if ret > run.end {
                run.end
            } else {
                // What need not be there in a slot of a run is covered by another value.
                cover.first_at_most(call.max(life.first_ret), ret.min(life.last_call), 1)?
            };
            seen.push((slot, op));
        }
        seen.sort_unstable();
        Some(seen)
    }
}

/// Takes a run apart into the runs inside it, and puts those on the list with the operations that saw what lies below
/// them: the first in time last.
fn push_inside(run: Run, cover: &mut Cover, seen: Written, todo: &mut Vec<Task>) {
    let first = todo.len();
    let mut seen = seen.into_iter().peekable();
    let mut start = run.start;
    let mut inside = |start: u32, end: u32, todo: &mut Vec<Task>| {
        if start < end {
            while let Some((slot, op)) = seen.next_if(|&(slot, _)| slot < start) {
                todo.push(Task::Op(slot, op));
            }
            todo.push(Task::Run(Run { start, end }));
        }
    };
    // Each slot is found free once.
    while let Some(free) = cover.first_at_most(start, run.end, 0) {
        cover.close(free);
        inside(start, free, todo);
        start = free + 1;
    }
    inside(start, run.end, todo);
    todo.extend(seen.map(|(slot, op)| Task::Op(slot, op)));
    todo[first..].reverse();
}

/// Values in the order of an event before `end` that each has for itself.
fn in_order(lives: Vec<Life>, end: u32, event: impl Fn(&Life) -> u32) -> Vec<Life> {
    let mut at_event = vec![NEVER; end as usize + 1];
    (0..).zip(&lives).for_each(|(at, life)| at_event[event(life) as usize] = at);
    at_event.into_iter().filter(|&at| at != NEVER).map(|at| lives[at as usize]).collect()
}
