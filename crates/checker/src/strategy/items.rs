//! Distinct values that are put in once and come out once: what the strategies for queues, stacks and bags share.
//!
//! Time is counted in the events of the part, from 0; slot `t` is the time between event `t` and the next. A value must
//! be there in the slots from the first return of any operation that knows it up to the last call of such an operation
//! that it is still there for (ALGORITHMS §C, COVER). A prefix ends with an event `end`, a return, or the last event.

use seriatim_history::ValueId;
use seriatim_model::{Access, Kind, Model, Part};

use super::numbers::Numbers;
use crate::numbered::{NEVER, Numbered};

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    Put(u32),
    Take(u32),
    Peek(u32),
    Empty,
    TakeAny,
}

/// When an operation is called and returns, in events of the part.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) call: u32,
    /// [`NEVER`] where it does not return.
    pub(super) ret: u32,
}

/// A part in which each value is put in at most once.
#[derive(Debug)]
pub(super) struct Items<'a> {
    pub(super) numbered: &'a Numbered<'a>,
    pub(super) does: Vec<Does>,
    pub(super) spans: Vec<Span>,
    /// For each value, its number in the history. Values stand in the order in which they were first spoken of.
    pub(super) values: Vec<u32>,
    /// For each value, its rank; empty where ranks mean nothing.
    pub(super) ranks: Vec<i128>,
    /// The operations that saw a value next to come out: those of a value together, in the order of their calls.
    peeks: Vec<u32>,
    /// For each value, where its peeks begin; and where the last ones end. Empty where there is no peek.
    peeks_of: Vec<u32>,
    /// The operations that took nobody knows what, if anything, in the order of their calls.
    pub(super) any_takes: Vec<u32>,
    /// Whether anybody found nothing.
    pub(super) has_empties: bool,
    /// How many events there are.
    pub(super) events: u32,
}

/// All that a prefix says about one value that was there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Life {
    pub(super) value: u32,
    pub(super) put: u32,
    /// The operation that takes it, or may take it where that one has not returned.
    pub(super) take: Option<u32>,
    /// The call of its put.
    pub(super) put_call: u32,
    /// The first return of all its operations, from which on it must be there.
    pub(super) first_ret: u32,
    /// The last call of all its operations, up to which it must be there; [`NEVER`] where nobody takes it.
    pub(super) last_call: u32,
    /// The last call of those that found it next to come out and left it there; 0 where there is none.
    seen_call: u32,
    /// The first return of those that found it next to come out.
    pub(super) front_ret: u32,
    /// The last call of those; [`NEVER`] where nobody takes it.
    pub(super) front_call: u32,
    /// The return of its take.
    pub(super) take_ret: u32,
}

impl Life {
    fn new(value: u32) -> Self {
        Self {
            value,
            put: NEVER,
            take: None,
            put_call: NEVER,
            first_ret: NEVER,
            last_call: NEVER,
            seen_call: 0,
            front_ret: NEVER,
            front_call: NEVER,
            take_ret: NEVER,
        }
    }

    /// It may be taken by an operation that was called then and does not return.
    pub(super) fn may_be_taken(&mut self, take: u32, call: u32) {
        self.take = Some(take);
        self.last_call = self.put_call.max(self.seen_call).max(call);
        self.front_call = self.seen_call.max(call);
    }

    /// Whether an operation that returned took it.
    pub(super) fn was_taken(&self) -> bool {
        self.take_ret != NEVER
    }
}

/// What a prefix of a part says; every value's own operations are in an order that can be.
#[derive(Clone, Debug)]
pub(super) struct Prefix {
    /// The event that it ends with.
    pub(super) end: u32,
    pub(super) lives: Vec<Life>,
    /// The operations that found nothing and returned, in the order of their calls; with a slot for each, once they are
    /// [placed](Items::place), and then in the order of these.
    pub(super) empties: Vec<(u32, u32)>,
}

/// Something that cannot be: about when it comes to light, as the event of a return. A hint of where the shortest
/// prefix without a linearization ends, and no more than that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Conflict(pub(super) u32);

impl<'a> Items<'a> {
    /// `None` where the part is not of this kind or does not meet the conditions.
    pub(super) fn new<M: Model>(
        model: &M,
        part: &Part<M::Op>,
        numbered: &'a Numbered<'a>,
        kind: Kind,
    ) -> Option<Self> {
        if model.kind() != kind {
            return None;
        }
        let index = |value: ValueId| u32::try_from(value.index()).expect("values have 32 bits");
        let mut does = Vec::with_capacity(part.entries.len());
        let mut ranked = Vec::new();
        for (at, entry) in part.entries.iter().enumerate() {
            if numbered.is_over(at) {
                return None;
            }
            does.push(match *model.accesses(&entry.op).as_slice() {
                [Access::Put(value)] => Does::Put(index(value)),
                [Access::PutRanked(value, rank)] => {
                    ranked.push((index(value), rank));
                    Does::Put(index(value))
                }
                [Access::Take(value)] => Does::Take(index(value)),
                [Access::Peek(value)] => Does::Peek(index(value)),
                [Access::Empty] => Does::Empty,
                [Access::TakeAny] => Does::TakeAny,
                _ => return None,
            });
        }
        let named = does.iter().filter_map(|does| match *does {
            Does::Put(value) | Does::Take(value) | Does::Peek(value) => Some(value),
            Does::Empty | Does::TakeAny => None,
        });
        let mut numbers = Numbers::new(named);
        let mut is_put = Vec::new();
        let mut peeks = Vec::new();
        let mut any_takes = Vec::new();
        let mut has_empties = false;
        for (at, does) in (0..).zip(&mut does) {
            if numbered.is_over(at as usize) {
                return None;
            }
            let (Does::Put(value) | Does::Take(value) | Does::Peek(value)) = does else {
                match does {
                    Does::TakeAny => any_takes.push(at),
                    _ => has_empties = true,
                }
                continue;
            };
            *value = numbers.number(*value);
            if *value as usize == is_put.len() {
                is_put.push(false);
            }
            match *does {
                Does::Put(value) if std::mem::replace(&mut is_put[value as usize], true) => return None,
                Does::Peek(value) => peeks.push((value, at)),
                Does::Put(_) | Does::Take(_) | Does::Empty | Does::TakeAny => {}
            }
        }
        let mut ranks = vec![0; if ranked.is_empty() { 0 } else { is_put.len() }];
        ranked.into_iter().for_each(|(value, rank)| ranks[numbers.number(value) as usize] = rank);
        let mut peeks_of = vec![0; if peeks.is_empty() { 0 } else { is_put.len() + 1 }];
        peeks.sort_unstable();
        for &(value, _) in &peeks {
            peeks_of[value as usize + 1] += 1;
        }
        for value in 1..peeks_of.len() {
            peeks_of[value] += peeks_of[value - 1];
        }
        let peeks = peeks.into_iter().map(|(_, op)| op).collect();
        let (spans, events) = spans(numbered);
        let values = numbers.all;
        Some(Self { numbered, does, spans, values, ranks, peeks, peeks_of, any_takes, has_empties, events })
    }

    /// The last event: the prefix that ends with it is the whole.
    pub(super) fn last_event(&self) -> u32 {
        self.events.saturating_sub(1)
    }

    /// Whether any operation saw a value next to come out.
    pub(super) fn has_peeks(&self) -> bool {
        !self.peeks.is_empty()
    }

    /// The peeks of a value that returned before the prefix ended.
    pub(super) fn peeks(&self, value: u32, end: u32) -> impl Iterator<Item = u32> {
        let place = |at: usize| self.peeks_of.get(at).map_or(0, |&place| place as usize);
        let all = &self.peeks[place(value as usize)..place(value as usize + 1)];
        all.iter().copied().filter(move |&op| self.spans[op as usize].ret <= end)
    }

    /// What the prefix that ends with the event `end` says; where one value's operations contradict each other or real
    /// time, that.
    pub(super) fn prefix(&self, end: u32) -> Result<Prefix, Conflict> {
        let mut lives: Vec<Life> = Vec::new();
        let mut empties = Vec::new();
        let mut conflict: Option<Conflict> = None;
        let mut found = |ret: u32| {
            conflict = Some(Conflict(conflict.map_or(ret, |Conflict(first)| first.min(ret))));
        };
        for (at, (&does, &Span { call, ret })) in (0..).zip(self.does.iter().zip(&self.spans)) {
            if call > end {
                break;
            }
            if self.numbered.is_over(at as usize) {
                return Err(Conflict(end));
            }
            let has_returned = ret <= end;
            let value = match does {
                Does::Put(value) | Does::Take(value) | Does::Peek(value) => value,
                Does::Empty => {
                    if has_returned {
                        empties.push((0, at));
                    }
                    continue;
                }
                Does::TakeAny => continue,
            };
            if value as usize == lives.len() {
                lives.push(Life::new(value));
            }
            let life = &mut lives[value as usize];
            if has_returned {
                life.first_ret = life.first_ret.min(ret);
            }
            match does {
                Does::Put(_) => (life.put, life.put_call) = (at, call),
                Does::Take(_) if has_returned => {
                    // Two operations took the same value.
                    if life.was_taken() {
                        found(life.take_ret.max(ret));
                    }
                    (life.take, life.take_ret) = (Some(at), life.take_ret.min(ret));
                    life.front_ret = life.front_ret.min(ret);
                }
                // Of several that may have taken it, the first to be called can do so whenever others can.
                Does::Take(_) => life.take = life.take.or(Some(at)),
                Does::Peek(_) if has_returned => {
                    life.front_ret = life.front_ret.min(ret);
                    life.seen_call = life.seen_call.max(call);
                }
                Does::Peek(_) | Does::Empty | Does::TakeAny => {}
            }
        }
        // What no operation that returned knows of need not have been there.
        lives.retain(|life| life.first_ret != NEVER);
        for life in &mut lives {
            // Nobody puts it in, or not before somebody saw it.
            if life.first_ret < life.put_call {
                found(life.first_ret);
                continue;
            }
            // It was seen after it had been taken.
            if life.take_ret < life.seen_call {
                let after = |&op: &u32| self.spans[op as usize].call > life.take_ret;
                let seen = self.peeks(life.value, end).filter(after).map(|op| self.spans[op as usize].ret);
                seen.min().into_iter().for_each(&mut found);
            }
            if let Some(take) = life.take {
                life.may_be_taken(take, self.spans[take as usize].call);
            }
        }
        match conflict {
            Some(conflict) => Err(conflict),
            None => Ok(Prefix { end, lives, empties }),
        }
    }

    /// Finds a slot for each operation that found nothing: the first of its slots in which nothing need be there, and
    /// which `is_free`.
    pub(super) fn place(&self, prefix: &mut Prefix, is_free: impl Fn(u32) -> bool) -> Result<(), Conflict> {
        let Prefix { end, lives, empties } = prefix;
        if empties.is_empty() {
            return Ok(());
        }
        let slots = *end as usize + 1;
        let mut change = vec![0_i32; slots + 1];
        for life in lives.iter().filter(|life| life.first_ret < life.last_call) {
            change[life.first_ret as usize] += 1;
            change[(life.last_call as usize).min(slots)] -= 1;
        }
        // For each slot, the first from it on in which nothing need be there.
        let mut covers = 0;
        let mut next: Vec<u32> = (0..)
            .zip(&change)
            .map(|(slot, change)| {
                covers += change;
                if covers == 0 && is_free(slot) { slot } else { NEVER }
            })
            .collect();
        for slot in (0..slots).rev() {
            next[slot] = next[slot].min(next[slot + 1]);
        }
        let mut conflict = NEVER;
        for (slot, op) in &mut *empties {
            let Span { call, ret } = self.spans[*op as usize];
            *slot = next[call as usize];
            if *slot >= ret {
                conflict = conflict.min(ret);
            }
        }
        empties.sort_unstable();
        if conflict == NEVER { Ok(()) } else { Err(Conflict(conflict)) }
    }
}

/// The calls and returns of the operations, counted in events of the part; and how many there are.
fn spans(numbered: &Numbered) -> (Vec<Span>, u32) {
    let mut spans: Vec<Span> = Vec::with_capacity(numbered.ops.len());
    let mut returns = numbered.returns.iter().peekable();
    let mut events = 0;
    for op in &numbered.ops {
        while let Some(&ret) = returns.next_if(|&&other| numbered.ops[other as usize].ret < op.call) {
            spans[ret as usize].ret = events;
            events += 1;
        }
        spans.push(Span { call: events, ret: NEVER });
        events += 1;
    }
    for &ret in returns {
        spans[ret as usize].ret = events;
        events += 1;
    }
    (spans, events)
}

/// The order in which operations take effect, written as late as real time allows.
pub(super) struct Late<'a, 'b> {
    items: &'b Items<'a>,
    pub(super) order: Vec<u32>,
    is_done: Vec<bool>,
}

impl<'a, 'b> Late<'a, 'b> {
    pub(super) fn new(items: &'b Items<'a>) -> Self {
        let count = items.does.len();
        Self { items, order: Vec::with_capacity(count), is_done: vec![false; count] }
    }

    /// The operation takes effect, unless it has.
    pub(super) fn emit(&mut self, op: u32) {
        if !std::mem::replace(&mut self.is_done[op as usize], true) {
            self.order.push(op);
        }
    }

    /// The peeks of a value take effect that have not.
    pub(super) fn emit_peeks(&mut self, value: u32, end: u32) {
        for op in self.items.peeks(value, end) {
            self.emit(op);
        }
    }
}

/// What must take effect by some time.
#[derive(Clone, Copy, Debug)]
pub(super) enum Due {
    /// This operation found nothing, and does so now: all values whose last call came before this slot are gone.
    Empty { op: u32, slot: u32 },
    /// This operation returns next.
    Return(u32),
}

/// Everything that comes due in a prefix, in order.
pub(super) fn due(items: &Items<'_>, prefix: &Prefix) -> impl Iterator<Item = Due> {
    let mut empties = prefix.empties.iter().peekable();
    let ret = |op: u32| items.spans[op as usize].ret;
    let mut returns = items.numbered.returns.iter().take_while(move |&&op| ret(op) <= prefix.end).peekable();
    std::iter::from_fn(move || {
        let next = returns.peek().map_or(NEVER, |&&op| ret(op));
        let empty = empties.next_if(|&&(slot, _)| slot < next);
        empty.map(|&(slot, op)| Due::Empty { op, slot }).or_else(|| returns.next().map(|&op| Due::Return(op)))
    })
}
