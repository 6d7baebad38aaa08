//! A fifo queue of distinct values (ALGORITHMS §C2).
//!
//! A value v must stand before a value w where an operation of v returns before w's put is called, or where v is found
//! at the front by an operation that returns before one that finds w there is called. There is a linearization if and
//! only if nothing need be there when nothing is found, and an order of the values obeys all of this. With peeks three
//! values may contradict each other where no two do, so the order is looked for value by value.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use seriatim_model::{Kind, Model, Part};

use super::items::{Does, Due, Items, Late, Life, Prefix, due};
use crate::numbered::{NEVER, Numbered};

/// A part that meets the conditions: each value is put in at most once, and whatever was taken is known.
#[derive(Debug)]
pub(crate) struct Queue<'a> {
    items: Items<'a>,
}

impl<'a> Queue<'a> {
    /// `None` where the part does not meet the conditions.
    pub(super) fn new<M: Model>(model: &M, part: &Part<M::Op>, numbered: &'a Numbered) -> Option<Self> {
        let items = Items::new(model, part, numbered, Kind::Queue)?;
        (!items.any(Does::TakeAny)).then_some(Self { items })
    }

    /// A linearization of the prefix that ends with the return `cut`: the operations in order. `None` where there is none.
    pub(super) fn linearize(&self, cut: u32) -> Option<Vec<u32>> {
        let prefix = self.items.prefix(cut)?;
        let mut order = arrange(&prefix.lives)?;
        // Whoever may be gone when nothing is found is. No value that is gone then must stand behind one that is not.
        if !prefix.empties.is_empty() {
            let gone = |last_call| prefix.empties.partition_point(|&(slot, _)| slot < last_call);
            order.sort_by_cached_key(|&at| gone(prefix.lives[at as usize].last_call));
        }
        Some(self.write(&prefix, &order, cut))
    }

    /// Whether there is a linearization of the prefix that ends with the return `cut`.
    pub(super) fn is_feasible(&self, cut: u32) -> bool {
        self.items.prefix(cut).is_some_and(|prefix| arrange(&prefix.lives).is_some())
    }

    /// The operations, each as late as it can be, such that the values come in and go out in an order.
    fn write(&self, prefix: &Prefix, order: &[u32], cut: u32) -> Vec<u32> {
        let items = &self.items;
        let lives: Vec<Life> = order.iter().map(|&at| prefix.lives[at as usize]).collect();
        let mut place = vec![0; items.does.len()];
        for (at, life) in lives.iter().enumerate() {
            place[life.value as usize] = at;
        }
        let mut late = Late::new(items);
        // How many values came in, and how many are out.
        let (mut entered, mut left) = (0, 0);
        let enter = |late: &mut Late<'_, '_>, entered: &mut usize, until: usize| {
            while *entered < until {
                late.emit(lives[*entered].put);
                *entered += 1;
            }
        };
        let leave = |late: &mut Late<'_, '_>, entered: &mut usize, left: &mut usize, until: usize| {
            while *left < until {
                enter(late, entered, *left + 1);
                late.emit_peeks(lives[*left].value, cut);
                late.emit(lives[*left].take.expect("a value that another is found behind was taken"));
                *left += 1;
            }
        };
        for due in due(items, prefix, cut) {
            let op = match due {
                Due::Empty { op, slot } => {
                    let gone = left + lives[left..].partition_point(|life| life.last_call <= slot);
                    leave(&mut late, &mut entered, &mut left, gone);
                    op
                }
                Due::Return(op) => {
                    match items.does[op as usize] {
                        Does::Put(value) => enter(&mut late, &mut entered, place[value as usize] + 1),
                        Does::Peek(value) => {
                            let at = place[value as usize];
                            leave(&mut late, &mut entered, &mut left, at);
                            enter(&mut late, &mut entered, at + 1);
                        }
                        Does::Take(value) => {
                            leave(&mut late, &mut entered, &mut left, place[value as usize] + 1);
                        }
                        Does::Empty | Does::TakeAny => {}
                    }
                    op
                }
            };
            late.emit(op);
        }
        late.order
    }
}

/// An order of the values; `None` where there is none.
///
/// A value can be the next if no other of those that are left must stand before it. What is the least return among them
/// only grows, so who may come in by then stays so, and waits in a heap for its turn to go out.
fn arrange(lives: &[Life]) -> Option<Vec<u32>> {
    let sorted = |key: fn(&Life) -> u32| {
        let mut all: Vec<(u32, u32)> = (0..).zip(lives).map(|(at, life)| (key(life), at)).collect();
        all.sort_unstable();
        all
    };
    let by_put = sorted(|life| life.put_call);
    let by_ret = sorted(|life| life.first_ret);
    let by_front = sorted(|life| life.front_ret);
    let mut is_placed = vec![false; lives.len()];
    let (mut fed, mut ret, mut front) = (0, 0, 0);
    // The second value from the front that is left stands no earlier than this.
    let mut second = 0;
    let mut is_fed = vec![false; lives.len()];
    let mut heap: BinaryHeap<Reverse<(u32, u32)>> = BinaryHeap::new();
    let mut order = Vec::with_capacity(lives.len());
    while order.len() < lives.len() {
        while is_placed[by_ret[ret].1 as usize] {
            ret += 1;
        }
        while is_placed[by_front[front].1 as usize] {
            front += 1;
        }
        second = second.max(front + 1);
        while by_front.get(second).is_some_and(|&(_, at)| is_placed[at as usize]) {
            second += 1;
        }
        while let Some(&(call, at)) = by_put.get(fed).filter(|&&(call, _)| call <= by_ret[ret].0) {
            debug_assert!(call <= lives[at as usize].first_ret);
            heap.push(Reverse((lives[at as usize].front_call, at)));
            is_fed[at as usize] = true;
            fed += 1;
        }
        while heap.peek().is_some_and(|&Reverse((_, at))| is_placed[at as usize]) {
            heap.pop();
        }
        let (first_ret, first) = by_front[front];
        let second_ret = by_front.get(second).map_or(NEVER, |&(ret, _)| ret);
        let others = |at| if at == first { second_ret } else { first_ret };
        let can_leave = |at: &u32| lives[*at as usize].front_call <= others(*at);
        let least = heap.peek().map(|&Reverse((_, at))| at);
        let pick = least
            .filter(can_leave)
            .or_else(|| Some(first).filter(|&at| is_fed[at as usize]).filter(can_leave))?;
        is_placed[pick as usize] = true;
        order.push(pick);
    }
    Some(order)
}
