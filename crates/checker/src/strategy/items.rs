//! Distinct values that are put in once and come out once: what the strategies for queues, stacks and bags share.
//!
//! Time is counted in the events of the part, from 0; slot `t` is the time between event `t` and the next. A value must
//! be there in the slots from the first return of any operation that knows it up to the last call of such an operation
//! that it is still there for (ALGORITHMS §C, COVER).

use rustc_hash::FxHashMap;
use seriatim_history::ValueId;
use seriatim_model::{Access, Kind, Model, Part};

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
    pub(super) numbered: &'a Numbered,
    pub(super) does: Vec<Does>,
    pub(super) spans: Vec<Span>,
    /// For each value, the operation that puts it in.
    put: Vec<Option<u32>>,
    /// For each value, its rank; 0 where ranks mean nothing.
    pub(super) ranks: Vec<i128>,
    /// The operations that saw a value next to come out: those of a value together, in the order of their calls.
    peeks: Vec<u32>,
    /// For each value, where its peeks begin; and where the last ones end.
    peeks_of: Vec<u32>,
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
    /// The first return of those that found it next to come out.
    pub(super) front_ret: u32,
    /// The last call of those; [`NEVER`] where nobody takes it.
    pub(super) front_call: u32,
    /// The return of its take.
    pub(super) take_ret: u32,
}

/// What a prefix of a part says; every value's own operations are in an order that can be.
#[derive(Debug)]
pub(super) struct Prefix {
    pub(super) lives: Vec<Life>,
    /// The operations that found nothing and returned, each with a slot in which nothing need be there, in the order
    /// of these slots.
    pub(super) empties: Vec<(u32, u32)>,
}

impl<'a> Items<'a> {
    /// `None` where the part is not of this kind or does not meet the conditions.
    pub(super) fn new<M: Model>(
        model: &M,
        part: &Part<M::Op>,
        numbered: &'a Numbered,
        kind: Kind,
    ) -> Option<Self> {
        if model.kind() != kind {
            return None;
        }
        let mut numbers: FxHashMap<ValueId, u32> = FxHashMap::default();
        let mut put = Vec::new();
        let mut ranks = Vec::new();
        let mut peeks = Vec::new();
        let mut does = Vec::with_capacity(part.entries.len());
        for (at, entry) in (0..).zip(&part.entries) {
            let mut rank = None;
            let mut number = |value| {
                *numbers.entry(value).or_insert_with(|| {
                    put.push(None);
                    ranks.push(0);
                    u32::try_from(put.len() - 1).expect("fewer than 2^32 values")
                })
            };
            let done = match *model.accesses(&entry.op).as_slice() {
                [Access::Put(value)] => Does::Put(number(value)),
                [Access::PutRanked(value, its)] => {
                    rank = Some(its);
                    Does::Put(number(value))
                }
                [Access::Take(value)] => Does::Take(number(value)),
                [Access::Peek(value)] => Does::Peek(number(value)),
                [Access::Empty] => Does::Empty,
                [Access::TakeAny] => Does::TakeAny,
                _ => return None,
            };
            if let (Some(rank), Does::Put(value)) = (rank, done) {
                ranks[value as usize] = rank;
            }
            match done {
                Does::Put(value) if put[value as usize].replace(at).is_some() => return None,
                Does::Peek(value) => peeks.push((value, at)),
                Does::Put(_) | Does::Take(_) | Does::Empty | Does::TakeAny => {}
            }
            does.push(done);
        }
        peeks.sort_unstable();
        let mut peeks_of = vec![0; put.len() + 1];
        for &(value, _) in &peeks {
            peeks_of[value as usize + 1] += 1;
        }
        for value in 0..put.len() {
            peeks_of[value + 1] += peeks_of[value];
        }
        let peeks = peeks.into_iter().map(|(_, op)| op).collect();
        let (spans, events) = spans(numbered);
        Some(Self { numbered, does, spans, put, ranks, peeks, peeks_of, events })
    }

    /// Whether any operation is of a sort.
    pub(super) fn any(&self, sort: Does) -> bool {
        self.does.contains(&sort)
    }

    /// The peeks of a value that returned before the prefix ended.
    pub(super) fn peeks(&self, value: u32, cut: u32) -> impl Iterator<Item = u32> {
        let [start, end] = [0, 1].map(|next| self.peeks_of[value as usize + next] as usize);
        self.peeks[start..end].iter().copied().filter(move |&op| self.has_returned(op, cut))
    }

    fn has_returned(&self, op: u32, cut: u32) -> bool {
        self.numbered.ops[op as usize].ret <= cut
    }

    /// What the prefix that ends with the return `cut` says; `None` where one value's operations contradict each other
    /// or real time, or where something must have been there when nothing was found.
    pub(super) fn prefix(&self, cut: u32) -> Option<Prefix> {
        let mut lives: Vec<Life> = (0..)
            .zip(&self.put)
            .map(|(value, &put)| Life {
                value,
                put: put.unwrap_or(NEVER),
                take: None,
                put_call: NEVER,
                first_ret: NEVER,
                last_call: 0,
                front_ret: NEVER,
                front_call: 0,
                take_ret: NEVER,
            })
            .collect();
        let mut empties = Vec::new();
        for (at, (&does, &Span { call, ret })) in (0..).zip(self.does.iter().zip(&self.spans)) {
            if self.numbered.ops[at as usize].call > cut {
                break;
            }
            let has_returned = self.has_returned(at, cut);
            match does {
                Does::Put(value) => {
                    let life = &mut lives[value as usize];
                    life.put_call = call;
                    life.last_call = life.last_call.max(call);
                    if has_returned {
                        life.first_ret = life.first_ret.min(ret);
                    }
                }
                Does::Take(value) => {
                    let life = &mut lives[value as usize];
                    if has_returned {
                        // Two operations took the same value.
                        if life.take_ret != NEVER {
                            return None;
                        }
                        (life.take, life.take_ret) = (Some(at), ret);
                        life.first_ret = life.first_ret.min(ret);
                        life.front_ret = life.front_ret.min(ret);
                    } else if life.take.is_none() {
                        // Of several that may have taken it, the first to be called can do so whenever others can.
                        life.take = Some(at);
                    }
                }
                Does::Peek(value) if has_returned => {
                    let life = &mut lives[value as usize];
                    life.first_ret = life.first_ret.min(ret);
                    life.front_ret = life.front_ret.min(ret);
                    life.last_call = life.last_call.max(call);
                    life.front_call = life.front_call.max(call);
                }
                Does::Empty if has_returned => empties.push((0, at)),
                Does::Peek(_) | Does::Empty | Does::TakeAny => {}
            }
        }
        // What no operation that returned knows of need not have been there.
        lives.retain(|life| life.first_ret != NEVER);
        for life in &mut lives {
            // Nobody puts it in, or not before somebody saw it, or it was seen after it had been taken.
            if life.first_ret < life.put_call || life.take_ret < life.front_call {
                return None;
            }
            let call = life.take.map_or(NEVER, |take| self.spans[take as usize].call);
            life.last_call = life.last_call.max(call);
            life.front_call = life.front_call.max(call);
        }
        self.place(&lives, &mut empties)?;
        Some(Prefix { lives, empties })
    }

    /// Finds a slot for each operation that found nothing; `None` where something must be there all the time.
    pub(super) fn place(&self, lives: &[Life], empties: &mut [(u32, u32)]) -> Option<()> {
        if empties.is_empty() {
            return Some(());
        }
        let mut change = vec![0_i32; self.events as usize + 1];
        for life in lives.iter().filter(|life| life.first_ret < life.last_call) {
            change[life.first_ret as usize] += 1;
            change[life.last_call.min(self.events) as usize] -= 1;
        }
        // For each slot, the first from it on in which nothing need be there.
        let mut covers = 0;
        let mut next: Vec<u32> = (0..)
            .zip(&change)
            .map(|(slot, change)| {
                covers += change;
                if covers == 0 { slot } else { NEVER }
            })
            .collect();
        for slot in (0..next.len() - 1).rev() {
            next[slot] = next[slot].min(next[slot + 1]);
        }
        for (slot, op) in &mut *empties {
            let Span { call, ret } = self.spans[*op as usize];
            *slot = next[call as usize];
            if *slot >= ret {
                return None;
            }
        }
        empties.sort_unstable();
        Some(())
    }
}

/// The calls and returns of the operations, counted in events of the part; and how many there are.
fn spans(numbered: &Numbered) -> (Vec<Span>, u32) {
    let mut spans: Vec<Span> = Vec::with_capacity(numbered.ops.len());
    let mut returns = numbered.returns.iter().peekable();
    let mut events = 0;
    let mut all = vec![NEVER; numbered.ops.len()];
    let mut rets_before = |call: u32, events: &mut u32| {
        while let Some(&op) = returns.next_if(|&&op| numbered.ops[op as usize].ret < call) {
            all[op as usize] = *events;
            *events += 1;
        }
    };
    for op in &numbered.ops {
        rets_before(op.call, &mut events);
        spans.push(Span { call: events, ret: NEVER });
        events += 1;
    }
    rets_before(NEVER, &mut events);
    spans.iter_mut().zip(all).for_each(|(span, ret)| span.ret = ret);
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
    pub(super) fn emit_peeks(&mut self, value: u32, cut: u32) {
        for op in self.items.peeks(value, cut) {
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
pub(super) fn due(items: &Items<'_>, prefix: &Prefix, cut: u32) -> Vec<Due> {
    let ops = &items.numbered.ops;
    let mut all = Vec::with_capacity(items.numbered.returns.len() + prefix.empties.len());
    let mut empties = prefix.empties.iter().peekable();
    for &op in items.numbered.returns.iter().take_while(|&&op| ops[op as usize].ret <= cut) {
        let ret = items.spans[op as usize].ret;
        while let Some(&(slot, op)) = empties.next_if(|&&(slot, _)| slot < ret) {
            all.push(Due::Empty { op, slot });
        }
        all.push(Due::Return(op));
    }
    all
}
