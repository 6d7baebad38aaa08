//! Who contradicts an operation of a queue, a stack, a bag or a priority queue: the other operations of its value, a
//! value that must come before it and behind it, or values that are in its way for as long as it takes.

use rustc_hash::FxHashMap;
use seriatim_history::ValueId;
use seriatim_model::conflict::LARGEST;
use seriatim_model::{Access, Kind, Model};

use super::{Scout, Seen};
use crate::numbered::NEVER;

/// All that the prefix says of a value.
#[derive(Clone, Copy, Debug)]
struct Life {
    put: Option<u32>,
    put_call: u32,
    take: Option<u32>,
    take_ret: u32,
    /// The operation that returned first, and its return: from then on the value must be there.
    first: (u32, u32),
    /// The operation that was called last of those after which it may be gone, and its call; [`NEVER`] where nobody takes
    /// it.
    last: (u32, u32),
    /// The first return and the last call of those that found it next to come out.
    front_ret: (u32, u32),
    front_call: (u32, u32),
}

/// How many guesses of one sort are made.
const GUESSES: usize = 4;

impl Life {
    fn new(last: u32) -> Self {
        Self {
            put: None,
            put_call: NEVER,
            take: None,
            take_ret: NEVER,
            first: (NEVER, last),
            last: (0, last),
            front_ret: (NEVER, last),
            front_call: (0, last),
        }
    }

    /// The event up to which it must be there.
    fn until(&self) -> u32 {
        if self.take.is_some() { self.last.0 } else { NEVER }
    }

    fn front_until(&self) -> u32 {
        if self.take.is_some() { self.front_call.0 } else { NEVER }
    }

    /// The operations that say when it must be there, and when it was seen.
    fn ops(&self) -> Vec<usize> {
        let edges = [self.first, self.last, self.front_ret, self.front_call].map(|(_, at)| at);
        let ops = self.put.into_iter().chain(self.take).chain(edges);
        let mut ops: Vec<usize> = ops.map(|at| at as usize).collect();
        ops.sort_unstable();
        ops.dedup();
        ops
    }

    /// Those without which nothing is known of it.
    fn few(&self) -> Vec<usize> {
        let first = Some(self.first).filter(|&(ret, _)| ret != NEVER).map(|(_, at)| at);
        let ops = self.put.into_iter().chain(self.take).chain(first);
        let mut ops: Vec<usize> = ops.map(|at| at as usize).collect();
        ops.sort_unstable();
        ops.dedup();
        ops
    }
}

/// All values of the prefix, and the operations that are about none.
struct Lives {
    lives: Vec<Life>,
    /// For each of them its rank; empty where ranks mean nothing.
    ranks: Vec<i128>,
    /// For each value, by its number in the history, its place among the lives; for those whose numbers are small.
    near: Vec<u32>,
    /// The same for the others.
    far: FxHashMap<ValueId, u32>,
    /// The operations about one value, that of the last one.
    own: Vec<usize>,
    any_takes: Vec<usize>,
    empties: Vec<(u32, u32, usize)>,
}

impl Lives {
    /// `None` for a value of which the prefix says nothing.
    fn number(&self, value: ValueId) -> Option<usize> {
        let near = self.near.get(value.index()).copied().unwrap_or(NEVER);
        let place = if near == NEVER { *self.far.get(&value)? } else { near };
        Some(place as usize)
    }

    fn number_or_new(&mut self, value: ValueId, scout: (usize, usize)) -> usize {
        let (called, last) = scout;
        let next = u32::try_from(self.lives.len()).expect("fewer than 2^32 values");
        let place = if value.index() < 4 * called {
            if self.near.len() <= value.index() {
                self.near.resize(value.index() + 1, NEVER);
            }
            &mut self.near[value.index()]
        } else {
            self.far.entry(value).or_insert(NEVER)
        };
        if *place == NEVER {
            *place = next;
            self.lives.push(Life::new(u32::try_from(last).expect("fewer than 2^32 operations")));
        }
        *place as usize
    }
}

impl<M: Model> Scout<'_, M> {
    pub(super) fn of_container(&self, kind: Kind) -> Option<Vec<usize>> {
        let last = self.seen(self.last)?;
        let about = last.access.values().next();
        let all = self.lives(about);
        if about.is_some()
            && let Some(found) = self.reduced(all.own.clone())
        {
            return Some(found);
        }
        let found = match about.and_then(|value| all.number(value)) {
            Some(own) => self.of_value(kind, &all, own, &last),
            None => self.first_of(self.covers(&all, (last.call, last.ret), &[self.last], |_, _| true)),
        };
        found.or_else(|| self.of_empties(&all)).or_else(|| self.shrunk())
    }

    fn lives(&self, about: Option<ValueId>) -> Lives {
        let mut all = Lives {
            lives: Vec::new(),
            ranks: Vec::new(),
            near: Vec::new(),
            far: FxHashMap::default(),
            own: Vec::new(),
            any_takes: Vec::new(),
            empties: Vec::new(),
        };
        for Seen { at, call, ret, access } in self.prefix() {
            let has_returned = ret <= self.end;
            let Some(value) = access.values().next() else {
                match access {
                    Access::Empty if has_returned => all.empties.push((call, ret, at)),
                    Access::TakeAny => all.any_takes.push(at),
                    _ => {}
                }
                continue;
            };
            if Some(value) == about {
                all.own.push(at);
            }
            let number = all.number_or_new(value, (self.called, self.last));
            if let Access::PutRanked(_, rank) = access {
                all.ranks.resize(all.lives.len(), 0);
                all.ranks[number] = rank;
            }
            let at = u32::try_from(at).expect("fewer than 2^32 operations");
            let life = &mut all.lives[number];
            if has_returned {
                life.first = life.first.min((ret, at));
            }
            match access {
                Access::Put(_) | Access::PutRanked(..) => (life.put, life.put_call) = (Some(at), call),
                Access::Take(_) if life.take.is_none() || has_returned => {
                    (life.take, life.take_ret) = (Some(at), if has_returned { ret } else { NEVER });
                }
                _ => {}
            }
            if !matches!(access, Access::Peek(_)) || has_returned {
                life.last = life.last.max((call, at));
                if access.puts_in().is_none() {
                    life.front_call = life.front_call.max((call, at));
                    if has_returned {
                        life.front_ret = life.front_ret.min((ret, at));
                    }
                }
            }
        }
        all
    }

    /// Who contradicts what was done with a value.
    fn of_value(&self, kind: Kind, all: &Lives, own: usize, last: &Seen) -> Option<Vec<usize>> {
        let v = all.lives[own];
        let rank = |at: usize| all.ranks.get(at).copied().unwrap_or_default();
        let others = || all.lives.iter().enumerate().filter(move |&(at, _)| at != own);
        let pair = |&(at, w): &(usize, &Life)| {
            let must_be = w.first.0 != NEVER;
            must_be
                && match kind {
                    Kind::Queue => {
                        let before = |a: &Life, b: &Life| {
                            a.first.0 < b.put_call
                                || a.front_ret.0 < b.front_until() && a.front_ret.0 != NEVER
                        };
                        let is_behind =
                            |a: &Life, b: &Life| a.first.0 < b.put_call && b.front_ret.0 < a.front_until();
                        is_behind(w, &v) || is_behind(&v, w) || before(w, &v) && before(&v, w)
                    }
                    Kind::Stack => {
                        let (start, end) = (v.first.0.min(w.first.0), v.until().max(w.until()));
                        let is_bottom =
                            |a: &Life| a.put_call < start && (a.take.is_none() || a.take_ret >= end);
                        let overlap = v.first.0 < w.until() && w.first.0 < v.until();
                        overlap && !is_bottom(&v) && !is_bottom(w)
                    }
                    Kind::PriorityQueue => {
                        let from = w.put_call.max(w.front_call.0);
                        rank(own) < rank(at) && v.first.0 <= from && v.until() >= w.front_ret.0
                    }
                    _ => false,
                }
        };
        let mut guesses: Vec<Vec<usize>> = Vec::new();
        for (_, w) in others().filter(pair).take(GUESSES) {
            guesses.push([v.ops(), w.ops()].concat());
            guesses.push([v.few(), w.few(), self.some(all)].concat());
        }
        let in_the_way = |at: usize, w: &Life| match kind {
            Kind::Stack => w.put_call > v.first.0,
            Kind::PriorityQueue => rank(at) < rank(own),
            Kind::Queue => w.first.0 < v.put_call,
            _ => false,
        };
        if last.access.puts_in().is_none() {
            let from = last.call.max(v.put_call);
            guesses.extend(self.covers(all, (from, last.ret), &v.few(), in_the_way));
        }
        self.first_of(guesses)
    }

    /// The first of those who took nobody knows what.
    fn some(&self, all: &Lives) -> Vec<usize> {
        all.any_takes.iter().copied().take(GUESSES).collect()
    }

    /// Values that are there one after the other all through a time: as few as can be; and where some may have been taken
    /// by whoever took nobody knows what, one more than those are.
    fn covers(
        &self,
        all: &Lives,
        (from, to): (u32, u32),
        with: &[usize],
        is_meant: impl Fn(usize, &Life) -> bool,
    ) -> Vec<Vec<usize>> {
        let is_there = |&(at, life): &(usize, &Life)| life.first.0 < life.until() && is_meant(at, life);
        let meant = || all.lives.iter().enumerate().filter(is_there).map(|(_, life)| life);
        let mut guesses = Vec::new();
        let mut ops = with.to_vec();
        let mut at = from;
        while at < to && ops.len() <= LARGEST && self.stop.requested().is_none() {
            let next = meant().filter(|life| life.first.0 <= at).max_by_key(|life| life.until());
            let Some(next) = next.filter(|life| life.until() > at) else {
                ops.clear();
                break;
            };
            ops.extend(next.few());
            at = next.until();
        }
        if !ops.is_empty() {
            if !all.any_takes.is_empty() {
                guesses.push([ops.clone(), self.some(all)].concat());
            }
            guesses.push(ops);
        }
        if !all.any_takes.is_empty() && all.any_takes.len() < GUESSES {
            let all_along = meant().filter(|life| life.first.0 <= from && life.until() >= to);
            let several = all_along.take(all.any_takes.len() + 1).flat_map(Life::few);
            guesses.push(with.iter().copied().chain(several).chain(self.some(all)).collect());
        }
        guesses
    }

    /// An operation that found nothing while something was there all along.
    fn of_empties(&self, all: &Lives) -> Option<Vec<usize>> {
        if all.empties.is_empty() {
            return None;
        }
        let mut times: Vec<(u32, u32)> = all
            .lives
            .iter()
            .map(|life| (life.first.0, life.until()))
            .filter(|(first, until)| first < until)
            .collect();
        times.sort_unstable();
        let mut joined: Vec<(u32, u32)> = Vec::new();
        for (first, until) in times {
            match joined.last_mut() {
                Some((_, end)) if first <= *end => *end = until.max(*end),
                _ => joined.push((first, until)),
            }
        }
        let is_covered = |&&(call, ret, _): &&(u32, u32, usize)| {
            let at = joined.partition_point(|&(first, _)| first <= call);
            at.checked_sub(1).is_some_and(|at| joined[at].1 >= ret)
        };
        let covered = all.empties.iter().filter(is_covered).take(GUESSES);
        let guesses: Vec<_> =
            covered.flat_map(|&(call, ret, at)| self.covers(all, (call, ret), &[at], |_, _| true)).collect();
        self.first_of(guesses)
    }
}
