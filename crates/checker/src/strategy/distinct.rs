//! Identifiers that must differ: any order is legal, or none is.

use rustc_hash::FxHashMap;
use seriatim_history::ValueId;
use seriatim_model::{Access, Kind, Model, Part};

use super::{Attempt, Hint};
use crate::numbered::{Interval, Numbered};

/// A part whose operations each got an identifier.
#[derive(Debug)]
pub(crate) struct Distinct<'a> {
    numbered: &'a Numbered<'a>,
    /// The earliest return by which two operations with one identifier had both returned.
    repeated: Option<u32>,
}

impl<'a> Distinct<'a> {
    /// `None` where the part does not meet the conditions.
    pub(super) fn new<M: Model>(model: &M, part: &Part<M::Op>, numbered: &'a Numbered<'a>) -> Option<Self> {
        if model.kind() != Kind::UniqueIds {
            return None;
        }
        let mut first: FxHashMap<ValueId, u32> = FxHashMap::default();
        let mut repeated: Option<u32> = None;
        for (at, (entry, op)) in part.entries.iter().zip(&numbered.ops).enumerate() {
            if numbered.is_over(at) {
                return None;
            }
            let &[Access::Unique(id)] = model.accesses(&entry.op).as_slice() else { return None };
            let ret = entry.ret?.0;
            debug_assert_eq!(ret, op.ret);
            if let Some(earlier) = first.insert(id, ret) {
                let both = ret.max(earlier);
                repeated = Some(repeated.map_or(both, |least| least.min(both)));
                first.insert(id, ret.min(earlier));
            }
        }
        Some(Self { numbered, repeated })
    }

    /// A linearization of the prefix that ends with the return `cut`.
    pub(super) fn linearize(&self, cut: u32) -> Attempt {
        if let Some(repeated) = self.repeated.filter(|&repeated| repeated <= cut) {
            return Attempt::Impossible(Hint(repeated));
        }
        let returned = |&(_, op): &(u32, &Interval)| op.ret <= cut;
        Attempt::Order((0..).zip(&self.numbered.ops).filter(returned).map(|(at, _)| at).collect())
    }
}
