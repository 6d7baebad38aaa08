//! A stack of distinct values (ALGORITHMS §C3; Lee & Mathur 2025 for the shape of the recursion).
//!
//! Where nothing need be there, nothing is, without loss; what lies between two such slots is a run of its own. In a run
//! some value must lie at the bottom: it can have been pushed before the run and popped after it, and each of its peeks
//! has a slot in which no other value of the run need be there. Any such value will do; without it the run falls into
//! runs inside it. Whether a value can be the bottom only changes from no to yes on the way, so each is looked at as the
//! runs shrink: by who can have been pushed early enough, the one that can be popped the latest.

mod cover;
mod latest;

use std::ops::Range;

use seriatim_model::{Kind, Model, Part};

use self::cover::Cover;
use self::latest::Latest;
use super::items::{Does, Items, Life, Prefix, Span};
use crate::numbered::{NEVER, Numbered};

/// A part that meets the conditions: each value is put in at most once, and whatever was taken is known.
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

/// What is still to be written: the last is the next.
enum Task {
    /// The values inside a run.
    Run(Run),
    /// One operation, in this slot.
    Op(u32, u32),
}

impl<'a> Stack<'a> {
    /// `None` where the part does not meet the conditions.
    pub(super) fn new<M: Model>(model: &M, part: &Part<M::Op>, numbered: &'a Numbered) -> Option<Self> {
        let items = Items::new(model, part, numbered, Kind::Stack)?;
        (!items.any(Does::TakeAny)).then_some(Self { items })
    }

    /// A linearization of the prefix that ends with the return `cut`: the operations in order. `None` where there is none.
    pub(super) fn linearize(&self, cut: u32) -> Option<Vec<u32>> {
        let Prefix { lives, empties } = self.items.prefix(cut)?;
        // Who need not be there in any slot is pushed, seen and popped in one.
        let (mut held, mut passing): (Vec<Life>, Vec<Life>) =
            lives.into_iter().partition(|life| life.first_ret < life.last_call);
        held.sort_unstable_by_key(|life| life.first_ret);
        passing.sort_unstable_by_key(|life| life.last_call);
        let written = self.nest(&held, &empties, cut)?;
        let mut order = Vec::with_capacity(self.items.does.len());
        let mut passing = passing.into_iter().peekable();
        let mut pass = |until: u32, order: &mut Vec<u32>| {
            while let Some(life) = passing.next_if(|life| life.last_call < until) {
                order.push(life.put);
                order.extend(self.items.peeks(life.value, cut));
                order.extend(life.take);
            }
        };
        for (slot, op) in written {
            pass(slot, &mut order);
            order.push(op);
        }
        pass(NEVER, &mut order);
        Some(order)
    }

    /// The operations of the values that must be there at some time, and those that found nothing, in order and each
    /// with a slot.
    fn nest(&self, lives: &[Life], empties: &[(u32, u32)], cut: u32) -> Option<Vec<(u32, u32)>> {
        let end = self.items.events;
        let mut cover = Cover::new(end, lives);
        let mut latest = Latest::new(lives);
        let mut written = Vec::new();
        let mut todo = Vec::new();
        // Whoever found nothing saw the bottom of all, on which everything stands.
        push_inside(Run { start: 0, end }, &mut cover, empties.to_vec(), &mut todo);
        while let Some(task) = todo.pop() {
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
            let (at, seen) = self.bottom(run, inside, lives, &cover, &mut latest, cut)?;
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
        Some(written)
    }

    /// The value that lies at the bottom of a run, and its peeks with a slot for each, in the order of slots; `None`
    /// where no value can.
    fn bottom(
        &self,
        run: Run,
        inside: Range<usize>,
        lives: &[Life],
        cover: &Cover,
        latest: &mut Latest,
        cut: u32,
    ) -> Option<(usize, Vec<(u32, u32)>)> {
        // Those whose peeks do not fit yet may be the bottom of a run inside.
        let mut unfit = Vec::new();
        let mut found = None;
        while let Some(at) = latest.find(inside.clone(), run.end) {
            if let Some(seen) = self.seen(run, &lives[at], cover, cut) {
                found = Some((at, seen));
                break;
            }
            latest.remove(at);
            unfit.push(at);
        }
        unfit.into_iter().for_each(|at| latest.restore(at));
        found
    }

    /// A slot for each peek of a value in which no other value of the run need be there, in order.
    fn seen(&self, run: Run, life: &Life, cover: &Cover, cut: u32) -> Option<Vec<(u32, u32)>> {
        let mut seen = Vec::new();
        for op in self.items.peeks(life.value, cut) {
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
fn push_inside(run: Run, cover: &mut Cover, seen: Vec<(u32, u32)>, todo: &mut Vec<Task>) {
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
