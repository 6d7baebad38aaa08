//! A register: which values it may hold.

use seriatim_history::ValueId;

use super::gap::{Mask, Other, Windows};
use super::orders::Object;
use crate::access::Access;

/// Values that some kept operation asks about, a bit each, and one bit for all others.
type Values = u32;

enum Does {
    /// Saw that it holds this value.
    See(Values),
    /// Saw that it holds none of these.
    Differ(Values),
    /// Put this value in.
    Put(Values),
    /// Saw the first and put in the second.
    Swap(Values, Values),
}

pub(super) struct Register {
    initial: Values,
    does: Vec<Does>,
    /// For each value, and at last for all others: where it may be put in by those that were left out.
    put: Vec<Windows>,
}

impl Register {
    /// `None` where an operation is none of a register.
    pub(super) fn new(
        initial: ValueId,
        accesses: &[Access],
        others: impl Iterator<Item = Other>,
    ) -> Option<Self> {
        let mut asked: Vec<ValueId> = Vec::new();
        for access in accesses {
            if let &(Access::Read(value) | Access::Swap(value, _) | Access::Differs(value)) = access
                && !asked.contains(&value)
            {
                asked.push(value);
            }
        }
        let place = |value: ValueId| asked.iter().position(|&known| known == value).unwrap_or(asked.len());
        let bit = |value: ValueId| 1 << place(value);
        let does = accesses.iter().map(|access| {
            Some(match *access {
                Access::Read(value) => Does::See(bit(value)),
                Access::Differs(value) => Does::Differ(bit(value)),
                Access::Write(value) => Does::Put(bit(value)),
                Access::Swap(from, to) => Does::Swap(bit(from), bit(to)),
                _ => return None,
            })
        });
        let does = does.collect::<Option<Vec<_>>>()?;
        let mut put = vec![Windows::default(); asked.len() + 1];
        for other in others {
            match other.access {
                Some(Access::Read(_) | Access::Differs(_)) => {}
                Some(Access::Write(value) | Access::Swap(_, value)) => put[place(value)].add(other.window),
                // Nobody knows what it puts in.
                _ => put.iter_mut().for_each(|windows| windows.add(other.window)),
            }
        }
        Some(Self { initial: bit(initial), does, put })
    }
}

impl Object for Register {
    type State = Values;

    fn start(&self) -> Values {
        self.initial
    }

    fn next(&self, &held: &Values, done: Mask, op: usize) -> impl IntoIterator<Item = Values> {
        let put = (0..).zip(&self.put).filter(|(_, windows)| windows.is_open(done));
        let held = put.fold(held, |held, (at, _): (u32, _)| held | 1 << at);
        let next = match self.does[op] {
            Does::See(value) => held & value,
            Does::Differ(value) => held & !value,
            Does::Put(value) => value,
            Does::Swap(from, to) => {
                if held & from == 0 {
                    0
                } else {
                    to
                }
            }
        };
        (next != 0).then_some(next)
    }
}
