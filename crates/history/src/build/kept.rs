//! The operations of a history that are kept: all of them, or those alone that were not given away yet.

use std::ops::{Index, IndexMut};

use crate::operation::{OpId, Operation};
use crate::told::{AllTold, Told};

/// Operations by their places. A place says which operation is meant from when it is called until it is given away.
#[derive(Debug, Default)]
pub(super) struct Kept {
    operations: Vec<Operation>,
    /// What is known of the places where operations are given away. Where none are, each is at the place of its number.
    passing: Option<Passing>,
    /// What is told of those that are kept.
    told: AllTold,
}

/// Places that are used again.
#[derive(Debug, Default)]
struct Passing {
    /// The numbers of the operations, place for place.
    numbers: Vec<u32>,
    /// The places of those that have ended and were not given away.
    ended: Vec<u32>,
    /// The places of those that were given away.
    free: Vec<u32>,
    /// How many operations were called.
    called: u32,
}

impl Kept {
    /// Nothing yet; what ends is going to be given away.
    pub(super) fn in_passing() -> Self {
        Self { operations: Vec::new(), passing: Some(Passing::default()), told: AllTold::default() }
    }

    /// Makes room for as many more.
    pub(super) fn reserve(&mut self, operations: usize) {
        self.operations.reserve(operations);
    }

    /// How many operations were called.
    pub(super) fn called(&self) -> usize {
        self.passing.as_ref().map_or(self.operations.len(), |passing| passing.called as usize)
    }

    /// Keeps an operation that is called, of which this is told; gives its place.
    pub(super) fn push(&mut self, mut operation: Operation, told: Told) -> usize {
        operation.told = self.told.tell(None, told);
        let next = self.operations.len();
        if let Some(passing) = &mut self.passing {
            let number = passing.called;
            passing.called = number.checked_add(1).expect("fewer than 2^32 operations");
            if let Some(at) = passing.free.pop() {
                passing.numbers[at as usize] = number;
                self.operations[at as usize] = operation;
                return at as usize;
            }
            passing.numbers.push(number);
        }
        self.operations.push(operation);
        next
    }

    /// Adds what is told of the operation at this place.
    pub(super) fn tell(&mut self, at: usize, told: Told) {
        let operation = &mut self.operations[at];
        operation.told = self.told.tell(operation.told, told);
    }

    /// The operation at this place has ended.
    pub(super) fn end(&mut self, at: usize) {
        if let Some(passing) = &mut self.passing {
            passing.ended.push(u32::try_from(at).expect("fewer than 2^32 operations"));
        }
    }

    /// Gives away all operations that have ended, in the order of their ends, with their numbers and what is told
    /// of them.
    pub(super) fn drain(&mut self, mut ended: impl FnMut(OpId, &Operation, Told)) {
        let Some(passing) = &mut self.passing else { return };
        for at in passing.ended.drain(..) {
            let operation = &self.operations[at as usize];
            ended(OpId(passing.numbers[at as usize]), operation, self.told.take(operation.told));
            passing.free.push(at);
        }
    }

    /// What is kept, in the order of the calls, the numbers of that (none where nothing was to be given away), and what is told.
    pub(super) fn into_parts(self) -> (Vec<Operation>, Vec<u32>, AllTold) {
        let Some(mut passing) = self.passing else { return (self.operations, Vec::new(), self.told) };
        passing.free.sort_unstable();
        let is_free = |at: &u32| passing.free.binary_search(at).is_ok();
        let kept = passing.numbers.iter().zip(self.operations).zip(0..).filter(|(_, at)| !is_free(at));
        let mut kept: Vec<(u32, Operation)> =
            kept.map(|((&number, operation), _)| (number, operation)).collect();
        kept.sort_by_key(|&(number, _)| number);
        let (numbers, operations) = kept.into_iter().unzip();
        (operations, numbers, self.told)
    }
}

impl Index<usize> for Kept {
    type Output = Operation;

    fn index(&self, at: usize) -> &Operation {
        &self.operations[at]
    }
}

impl IndexMut<usize> for Kept {
    fn index_mut(&mut self, at: usize) -> &mut Operation {
        &mut self.operations[at]
    }
}
