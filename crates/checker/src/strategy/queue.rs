//! A fifo queue of distinct values (ALGORITHMS §C2).
//!
//! A value v must stand before a value w where an operation of v returns before w's put is called, or where v is found
//! at the front by an operation that returns before one that finds w there is called. There is a linearization if and
//! only if nothing need be there when nothing is found, and an order of the values obeys all of this. With peeks three
//! values may contradict each other where no two do, so the order is looked for value by value.
//!
//! Without peeks two values contradict each other or none do, and one look at the events in their order tells the
//! shortest prefix in which two do ([`scan`]). Takes of unknown outcome are decided exactly where there is no peek, and
//! by a guess where there is ([`super::crashed`]).

mod arrange;
mod scan;

use seriatim_model::{Kind, Model, Part};

use self::arrange::arrange;
use self::scan::{Scanned, scan};
use super::Outcome;
use super::crashed::{self, Demand, settle};
use super::items::{Does, Due, Items, Late, Life, Prefix, due};
use super::prefix::{self, Known};
use crate::numbered::Numbered;

/// A part that meets the conditions: each value is put in at most once.
#[derive(Debug)]
pub(crate) struct Queue<'a> {
    items: Items<'a>,
}

impl<'a> Queue<'a> {
    /// `None` where the part does not meet the conditions.
    pub(super) fn new<M: Model>(model: &M, part: &Part<M::Op>, numbered: &'a Numbered<'a>) -> Option<Self> {
        Items::new(model, part, numbered, Kind::Queue).map(|items| Self { items })
    }

    pub(super) fn decide(&self) -> Outcome {
        let items = &self.items;
        let good = if items.has_peeks() || (items.has_empties && !items.any_takes.is_empty()) {
            0
        } else {
            match scan(items) {
                Scanned::No(at) => return Outcome::Refuted { at, before: None },
                Scanned::Yes(good) => good,
            }
        };
        let write = |prefix: &Prefix, order: Vec<u32>| self.write(prefix, &order);
        prefix::decide(items, good, |end| self.judge(end, write), |end| self.judge(end, |_, _| ()))
    }

    /// Judges the prefix that ends with the event `end`: `then` gets an order of its values.
    fn judge<T>(&self, end: u32, then: impl Fn(&Prefix, Vec<u32>) -> T) -> Known<T> {
        let items = &self.items;
        let prefix = match items.prefix(end) {
            Ok(prefix) => prefix,
            Err(conflict) => return Known::No(conflict),
        };
        let is_open = |life: &Life| !life.was_taken() && life.take.is_some();
        let is_exact = !items.has_peeks() && (prefix.empties.is_empty() || !prefix.lives.iter().any(is_open));
        // A value that was put in before w was can only be there until w is found at the front.
        let demands = |prefix: &Prefix| {
            let found = prefix.lives.iter().map(|w| Demand { key: 0, call: w.put_call, ret: w.front_ret });
            found.chain(crashed::of_empties(items, prefix)).collect()
        };
        settle(
            items,
            prefix,
            is_exact,
            demands,
            |_, _| 1,
            |prefix| {
                items.place(prefix, |_| true)?;
                let mut order = arrange(items, prefix)?;
                // Whoever may be gone when nothing is found is. No value that is gone then must stand behind one that is not.
                if !prefix.empties.is_empty() {
                    let gone = |last_call| prefix.empties.partition_point(|&(slot, _)| slot < last_call);
                    order.sort_by_cached_key(|&at| gone(prefix.lives[at as usize].last_call));
                }
                Ok(then(prefix, order))
            },
        )
    }

    /// The operations, each as late as it can be, such that the values come in and go out in an order.
    fn write(&self, prefix: &Prefix, order: &[u32]) -> Vec<u32> {
        let items = &self.items;
        let lives: Vec<Life> = order.iter().map(|&at| prefix.lives[at as usize]).collect();
        let mut place = vec![0; items.values.len()];
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
                late.emit_peeks(lives[*left].value, prefix.end);
                late.emit(lives[*left].take.expect("a value that another is found behind was taken"));
                *left += 1;
            }
        };
        for (at, due) in due(items, prefix).enumerate() {
            if items.numbered.is_over(at) {
                break;
            }
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

#[cfg(test)]
mod tests {
    use seriatim_history::{EventId, OpId, Values};
    use seriatim_model::Entry;
    use seriatim_model::deque::{Deque, End, Op, Shape};
    use seriatim_model::sequence::Sequence;

    use super::*;
    use crate::limits::Stop;
    use seriatim_model::Keys;

    static STOP: Stop = Stop::new();

    /// What is decided of a queue's operations, each with its call and return: the return that refutes them.
    fn refuted(ops: &[(Op, u32, Option<u32>)]) -> Option<u32> {
        let entry = |(id, &(op, call, ret)): (u32, &(Op, u32, Option<u32>))| Entry {
            id: OpId(id),
            op,
            call: EventId(call),
            ret: ret.map(EventId),
        };
        let part = Part { key: None, touched: Keys::new(), entries: (0..).zip(ops).map(entry).collect() };
        let model = Deque { shape: Shape::Queue, initial: Sequence::default() };
        let numbered = Numbered::intervals(&part, &STOP);
        let queue = Queue::new(&model, &part, &numbered).expect("distinct values");
        match queue.decide() {
            Outcome::Order(_) => None,
            Outcome::Refuted { at, .. } => Some(numbered.ops[numbered.returns[at] as usize].ret),
            Outcome::Undecided(_) => panic!("nothing here is beyond the strategy"),
        }
    }

    #[test]
    fn takes_that_crashed_or_came_twice() {
        let mut values = Values::new();
        let [a, b, c, d, e] = [1, 2, 3, 4, 5].map(|int| values.int(int));
        let (put, take) = (|value| Op::Push(End::Back, value), |value| Op::Pop(End::Front, value));
        let any = Op::PopUnknown(End::Front);
        let entered = [(put(a), 0, Some(1)), (put(b), 2, Some(3))];
        for (ops, bad) in [
            // Somebody must have taken the first value, in time.
            (vec![(take(b), 4, Some(5))], Some(5)),
            (vec![(any, 4, None), (take(b), 5, Some(6))], None),
            (vec![(take(b), 4, Some(6)), (any, 5, None)], None),
            (vec![(take(b), 4, Some(5)), (any, 6, None)], Some(5)),
            // One take that crashed took one value only.
            (vec![(any, 4, None), (put(c), 5, Some(6)), (take(c), 7, Some(8))], Some(8)),
            (vec![(any, 4, None), (any, 5, None), (put(c), 6, Some(7)), (take(c), 8, Some(9))], None),
            // It is needed only until it is known who took the value, and then that comes too late.
            (vec![(any, 4, None), (take(b), 5, Some(6)), (take(a), 7, Some(8))], Some(8)),
            (vec![(take(a), 4, Some(7)), (take(b), 5, Some(6))], None),
            // Twice, of which the first to be called would have been in time and the first to return was not.
            (vec![(take(a), 4, Some(9)), (take(b), 5, Some(6)), (take(a), 7, Some(8))], Some(8)),
            (vec![(take(a), 4, Some(9)), (take(a), 5, Some(6)), (take(b), 7, Some(8))], Some(9)),
            // The first take is needed by whoever found nothing, so the other must do for what is due at the same time.
            (
                vec![
                    (put(d), 4, Some(17)),
                    (take(a), 5, Some(6)),
                    (put(c), 7, Some(9)),
                    (Op::Empty, 8, Some(13)),
                    (take(b), 10, Some(11)),
                    (any, 12, None),
                    (any, 14, None),
                    (put(e), 18, Some(19)),
                    (take(e), 20, Some(21)),
                ],
                None,
            ),
        ] {
            let all: Vec<_> = entered.iter().chain(&ops).copied().collect();
            assert_eq!(refuted(&all), bad, "{ops:?}");
        }
    }
}
