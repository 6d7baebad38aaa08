//! A bag of distinct values: each is a thing of its own, but for those who found nothing there (ALGORITHMS §C5, COVER).
//!
//! A take of unknown outcome only ever helps those. In a slot in which nothing is found, every value that nobody is known
//! to have taken and that must be there by then was taken by a crashed take of its own, called by then. Values that must
//! be there at a time are there later, and takes that were called stay so: hence there are enough takes for all slots
//! in which nothing is found, whichever these are, if and only if there are enough in each of them by itself. So every
//! operation that found nothing looks for a slot on its own, and the test is exact.
//!
//! Not so in a prefix that ends while a take of a known value is open: that value may have gone with a crashed take
//! first. Then a prefix has a linearization if it has one where that is not so, and has none if it has none where the
//! value may be gone at any time; between the two the search must decide.

use seriatim_model::{Kind, Model, Part};

use super::Outcome;
use super::items::{Conflict, Does, Due, Items, Late, Prefix, due};
use super::prefix::{self, Known};
use crate::numbered::{NEVER, Numbered};

/// A part that meets the conditions: each value is put in at most once.
#[derive(Debug)]
pub(crate) struct Bag<'a> {
    items: Items<'a>,
}

impl<'a> Bag<'a> {
    /// `None` where the part does not meet the conditions.
    pub(super) fn new<M: Model>(model: &M, part: &Part<M::Op>, numbered: &'a Numbered<'a>) -> Option<Self> {
        Items::new(model, part, numbered, Kind::Bag).map(|items| Self { items })
    }

    pub(super) fn decide(&self) -> Outcome {
        let linearize = |end| self.judge(end, |prefix| self.write(prefix));
        prefix::decide(&self.items, 0, linearize, |end| self.judge(end, |_| ()))
    }

    /// What the model's outcomes are along an order.
    pub(super) fn outcomes(&self, order: &[u32]) -> Vec<(u32, u32)> {
        super::outcome::choose(&self.items, order)
    }

    fn judge<T>(&self, end: u32, then: impl Fn(Prefix) -> T) -> Known<T> {
        let items = &self.items;
        let mut prefix = match items.prefix(end) {
            Ok(prefix) => prefix,
            Err(conflict) => return Known::No(conflict),
        };
        if items.any_takes.is_empty() || prefix.empties.is_empty() {
            return items.place(&mut prefix, |_| true).map(|()| then(prefix)).into();
        }
        let mut easier = prefix.clone();
        match self.assign(&mut prefix, false) {
            Ok(()) => Known::Yes(then(prefix)),
            Err(_) => self.assign(&mut easier, true).map_or_else(Known::No, |()| Known::Maybe),
        }
    }

    /// Finds a slot for each operation that found nothing, and a crashed take for each value that must be gone then.
    /// Whether values that are being taken may be gone at any time is up to `may_go`.
    fn assign(&self, prefix: &mut Prefix, may_go: bool) -> Result<(), Conflict> {
        let items = &self.items;
        let end = prefix.end;
        let slots = end as usize + 1;
        // How many more values that nobody takes must be there than crashed takes were called.
        let mut change = vec![0_i32; slots];
        for life in &mut prefix.lives {
            if life.take.is_none() {
                change[life.first_ret as usize] += 1;
                life.last_call = 0;
            } else if may_go && !life.was_taken() {
                life.last_call = 0;
            }
        }
        let calls = items.any_takes.iter().map(|&op| (op, items.spans[op as usize].call));
        let mut crashed = calls.take_while(|&(_, call)| call < end).peekable();
        for (_, call) in crashed.clone() {
            change[call as usize] -= 1;
        }
        let mut lacking = 0;
        for change in &mut change {
            lacking += *change;
            *change = lacking;
        }
        items.place(prefix, |slot| change.get(slot as usize).is_none_or(|&lacking| lacking <= 0))?;
        let last = prefix.empties.last().map_or(0, |&(slot, _)| slot);
        prefix.lives.sort_unstable_by_key(|life| life.first_ret);
        for life in prefix.lives.iter_mut().filter(|life| life.take.is_none()) {
            match crashed.next_if(|_| life.first_ret <= last) {
                Some((take, call)) => life.may_be_taken(take, call),
                None => life.last_call = NEVER,
            }
        }
        Ok(())
    }

    /// The operations in order, each as late as it can be.
    fn write(&self, mut prefix: Prefix) -> Vec<u32> {
        let items = &self.items;
        prefix.lives.sort_unstable_by_key(|life| life.last_call);
        let mut put = vec![NEVER; items.values.len()];
        for life in &prefix.lives {
            put[life.value as usize] = life.put;
        }
        let mut late = Late::new(items);
        let mut left = 0;
        for (at, due) in due(items, &prefix).enumerate() {
            if items.numbered.is_over(at) {
                break;
            }
            let op = match due {
                Due::Empty { op, slot } => {
                    while let Some(life) = prefix.lives.get(left).filter(|life| life.last_call <= slot) {
                        late.emit(life.put);
                        late.emit(life.take.expect("a value that is gone was taken"));
                        left += 1;
                    }
                    op
                }
                Due::Return(op) => {
                    if let Does::Take(value) = items.does[op as usize] {
                        late.emit(put[value as usize]);
                    }
                    op
                }
            };
            late.emit(op);
        }
        late.order
    }
}
