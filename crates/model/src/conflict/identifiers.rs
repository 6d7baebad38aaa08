//! Identifiers: none is given twice.

use super::gap::Mask;
use super::orders::Object;
use crate::access::Access;

pub(super) struct Identifiers {
    /// For each operation, those that got the same.
    same: Vec<Mask>,
}

impl Identifiers {
    /// `None` where an operation is none of this kind.
    pub(super) fn new(accesses: &[Access]) -> Option<Self> {
        if !accesses.iter().all(|access| matches!(access, Access::Unique(_))) {
            return None;
        }
        let same = |access: &Access| {
            let others = (0..).zip(accesses).filter(|&(_, other)| other == access);
            others.fold(0, |all, (at, _): (u32, _)| all | 1 << at)
        };
        Some(Self { same: accesses.iter().map(same).collect() })
    }
}

impl Object for Identifiers {
    type State = ();

    fn start(&self) {}

    fn next(&self, (): &(), done: Mask, op: usize) -> impl IntoIterator<Item = ()> {
        (self.same[op] & done == 0).then_some(())
    }
}
