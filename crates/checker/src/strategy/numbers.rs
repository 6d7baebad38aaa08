//! Numbers for the values of a part.

use rustc_hash::FxHashMap;

use crate::numbered::NEVER;

/// Numbers the values of a part from 0 on, as they come.
#[derive(Debug)]
pub(crate) struct Numbers {
    /// The least value that is spoken of.
    first: u32,
    /// For each value from there on its number, or [`NEVER`]; where values are so far apart that this takes more room
    /// than those who speak of them do, empty.
    near: Vec<u32>,
    far: FxHashMap<u32, u32>,
    /// The value of each number.
    pub(crate) all: Vec<u32>,
}

impl Numbers {
    /// Of these values, as often as they are spoken of.
    pub(crate) fn new(values: impl Iterator<Item = u32>) -> Self {
        let (mut first, mut last, mut count) = (NEVER, 0, 0);
        for value in values {
            (first, last) = (first.min(value), last.max(value));
            count += 1;
        }
        let room = last.saturating_sub(first) as usize + 1;
        let near = vec![NEVER; if room <= 4 * count { room } else { 0 }];
        Self { first, near, far: FxHashMap::default(), all: Vec::new() }
    }

    /// The number of any value, if it has one.
    pub(crate) fn find(&self, value: u32) -> Option<u32> {
        let number = if self.near.is_empty() {
            self.far.get(&value)
        } else {
            value.checked_sub(self.first).and_then(|at| self.near.get(at as usize))
        };
        number.copied().filter(|&number| number != NEVER)
    }

    /// The number of one of the values.
    pub(crate) fn number(&mut self, value: u32) -> u32 {
        let next = u32::try_from(self.all.len()).expect("fewer than 2^32 values");
        let number = if self.near.is_empty() {
            self.far.entry(value).or_insert(next)
        } else {
            &mut self.near[(value - self.first) as usize]
        };
        if *number == NEVER || *number == next {
            *number = next;
            self.all.push(value);
        }
        *number
    }
}
