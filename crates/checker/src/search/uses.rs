//! Who needs which value of a register: what tells a search which writes are of use, and for how many a supply lasts.
//!
//! A write that nobody sees can always be put directly before another write: it is *hidden* there. So of all that could
//! be written next only values are tried that somebody open needs; what remains is hidden as late as it can be
//! (README.md has the proofs).

use rustc_hash::FxHashMap;
use seriatim_history::ValueId;
use seriatim_model::Access;

use super::register::{RegisterPart, put, saw};
use crate::numbered::{Interval, NEVER, Numbered};

/// A value's number; [`NO_VALUE`] where there is none.
type Number = u32;

const NO_VALUE: Number = u32::MAX;

/// What each class needs and leaves, by number of value; and who will need each value.
#[derive(Debug)]
pub(super) struct Uses {
    needs: Vec<Number>,
    puts: Vec<Number>,
    needs_another: Vec<bool>,
    numbers: FxHashMap<ValueId, Number>,
    /// For each value, the returns of those that need it, in order.
    returns: Vec<Vec<u32>>,
    /// For each value, how many operations that never return may need it.
    indeterminate: Vec<usize>,
    /// The returns of those that need some value to be gone, in order.
    negative: Vec<u32>,
    /// For each return of the part, the first return of a blind write that is called after it.
    next_write: Vec<u32>,
}

impl Uses {
    /// Whoever asks to stop gets what means nothing.
    pub(super) fn new(register: &RegisterPart, numbered: &Numbered) -> Self {
        let mut numbers: FxHashMap<ValueId, Number> = FxHashMap::default();
        let mut number = |value: Option<ValueId>| {
            let new = Number::try_from(numbers.len()).expect("fewer than 2^32 values");
            value.map_or(NO_VALUE, |value| *numbers.entry(value).or_insert(new))
        };
        let goes_on = |&(at, _): &(usize, &Access)| !numbered.is_over(at);
        let accesses = || register.accesses.iter().enumerate().take_while(goes_on).map(|(_, access)| access);
        let needs: Vec<_> = accesses().map(|access| number(saw(access))).collect();
        let puts: Vec<_> = accesses().map(|access| number(put(access))).collect();
        let needs_another: Vec<_> =
            register.accesses.iter().map(|access| matches!(access, Access::Differs(_))).collect();
        let mut returns = vec![Vec::new(); numbers.len()];
        let mut indeterminate = vec![0; numbers.len()];
        for (at, op) in numbered.ops.iter().enumerate() {
            if numbered.is_over(at) {
                break;
            }
            let value = needs[op.class as usize];
            if value == NO_VALUE {
                continue;
            }
            if op.ret != NEVER {
                returns[value as usize].push(op.ret);
            } else if puts[op.class as usize] != NO_VALUE {
                indeterminate[value as usize] += 1;
            }
        }
        returns.iter_mut().for_each(|returns| returns.sort_unstable());
        let needs_gone = |op: &&Interval| needs_another[op.class as usize] && op.ret != NEVER;
        let mut negative: Vec<_> = numbered.ops.iter().filter(needs_gone).map(|op| op.ret).collect();
        negative.sort_unstable();
        let mut next_write = vec![NEVER; numbered.returns.len()];
        let mut writes =
            numbered.ops.iter().rev().filter(|op| {
                op.ret != NEVER && matches!(register.accesses[op.class as usize], Access::Write(_))
            });
        let mut write = writes.next();
        let mut first = NEVER;
        for (at, &op) in numbered.returns.iter().enumerate().rev() {
            while let Some(later) = write.filter(|write| write.call > numbered.ops[op as usize].ret) {
                first = first.min(later.ret);
                write = writes.next();
            }
            next_write[at] = first;
        }
        Self { needs, puts, needs_another, numbers, returns, indeterminate, negative, next_write }
    }

    /// The number of a value, if anybody puts it in or needs it.
    pub(super) fn number(&self, value: ValueId) -> Option<usize> {
        self.numbers.get(&value).map(|&number| number as usize)
    }

    /// How many values there are.
    pub(super) fn values(&self) -> usize {
        self.returns.len()
    }

    /// The number of the value that a class needs.
    pub(super) fn needs(&self, class: u32) -> Option<usize> {
        Some(self.needs[class as usize]).filter(|&value| value != NO_VALUE).map(|value| value as usize)
    }

    /// The number of the value that a class leaves.
    pub(super) fn puts(&self, class: u32) -> Option<usize> {
        Some(self.puts[class as usize]).filter(|&value| value != NO_VALUE).map(|value| value as usize)
    }

    /// Whether a class needs some value to be gone.
    pub(super) fn needs_another(&self, class: u32) -> bool {
        self.needs_another[class as usize]
    }

    /// The first return of a blind write that is called after a return.
    pub(super) fn next_write(&self, event: u32) -> u32 {
        self.next_write[event as usize]
    }

    /// How often, at the most, it can be of use from a return on to put in what a class leaves: each time somebody else
    /// must see it, or must see that another value is gone.
    pub(super) fn demand(&self, class: u32, ret: u32) -> usize {
        self.puts(class).map_or(usize::MAX, |value| {
            let left = |returns: &[u32]| returns.len() - returns.partition_point(|&other| other < ret);
            left(&self.returns[value]) + left(&self.negative) + self.indeterminate[value]
        })
    }
}
