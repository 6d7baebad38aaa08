//! Where a register can be cut in two: an instant at which nothing is open, and at which it is known what it holds.
//!
//! At a *quiescent* instant no operation is open, and none that may change anything was left without a return. What the
//! register holds then was put in by one of the last changes: those after which no other was called. It is known
//!
//! - where all of these put in the same value, as one alone does: the cut is *determined*, in every order;
//! - where an operation that is called later needs a value that nobody else begins to put in before it has returned: in
//!   every order that has this operation in it, that value is there at the cut.
//!
//! Where neither holds, several values are possible, and the next quiescent instant is asked instead.

use rustc_hash::FxHashMap;
use seriatim_history::ValueId;
use seriatim_model::Access;

use super::register::{RegisterPart, put, saw};
use crate::numbered::{Interval, NEVER, Numbered};

/// Into how many pieces a part is cut at the most: enough to keep threads at work, and few to begin.
const PIECES: usize = 1 << 4;

/// How many operations behind a quiescent instant are asked what they saw.
const NEAR: usize = 1 << 4;

/// An instant at which a part is cut in two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// The first operation behind it.
    pub(super) at: usize,
    /// How many operations had returned before.
    pub(super) returned: usize,
    /// A write of the value that is there, wherever in the part it stands; none where it is the initial one.
    pub(super) write: Option<usize>,
    /// The operation behind it that needs the value, where it is known by that only.
    pub(super) told_by: Option<usize>,
}

impl Cut {
    /// Where a part begins.
    pub(super) const START: Self = Self { at: 0, returned: 0, write: None, told_by: None };
}

/// Where a part is cut, into pieces of so many operations at the least.
pub(super) fn cuts(register: &RegisterPart, numbered: &Numbered<'_>, least: usize) -> Vec<Cut> {
    let ops = &numbered.ops;
    let least = (ops.len() / PIECES).max(least).max(1);
    let access = |op: &Interval| &register.accesses[op.class as usize];
    let mut writes: FxHashMap<ValueId, usize> = FxHashMap::default();
    for (at, op) in ops.iter().enumerate() {
        if numbered.is_over(at) {
            return Vec::new();
        }
        if let Access::Write(value) = *access(op)
            && op.ret != NEVER
        {
            writes.entry(value).or_insert(at);
        }
    }
    let write = |value: ValueId| {
        if value == register.initial { Some(None) } else { writes.get(&value).map(|&write| Some(write)) }
    };
    let mut cuts: Vec<Cut> = Vec::new();
    let (mut last, mut returned) = (None, 0);
    // The last changes, each with its return and what it put in.
    let mut changes: Vec<(u32, ValueId)> = Vec::new();
    for (at, op) in ops.iter().enumerate() {
        if numbered.is_over(at) {
            break;
        }
        let start = cuts.last().map_or(0, |cut| cut.at);
        if at - start >= least && last.is_none_or(|last| last < op.call) {
            let mut values = changes.iter().map(|&(_, value)| value);
            let first = values.next().unwrap_or(register.initial);
            let known = if values.all(|value| value == first) { Some((first, None)) } else { None };
            let known = known.or_else(|| {
                let (value, by) = told(register, ops, at)?;
                changes.iter().any(|&(_, put)| put == value).then_some((value, Some(by)))
            });
            if let Some((value, told_by)) = known
                && let Some(write) = write(value)
            {
                cuts.push(Cut { at, returned, write, told_by });
            }
        }
        let change = put(access(op));
        if op.ret == NEVER {
            if change.is_some() {
                break;
            }
            continue;
        }
        returned += 1;
        last = last.max(Some(op.ret));
        if let Some(value) = change {
            changes.retain(|&(ret, _)| ret > op.call);
            changes.push((op.ret, value));
        }
    }
    cuts
}

/// What the register has to hold before the operation `at` is called, where nothing is open then, and which operation
/// needs it.
fn told(register: &RegisterPart, ops: &[Interval], at: usize) -> Option<(ValueId, usize)> {
    let access = |op: &Interval| &register.accesses[op.class as usize];
    let near = &ops[at..ops.len().min(at + NEAR)];
    let beyond = ops.get(at + NEAR).map_or(NEVER, |op| op.call);
    near.iter().enumerate().filter(|(_, op)| op.ret < beyond).find_map(|(by, op)| {
        let value = saw(access(op))?;
        let others = near.iter().enumerate().take_while(|(_, other)| other.call < op.ret);
        let mut others = others.filter(|&(other, _)| other != by);
        (!others.any(|(_, other)| put(access(other)) == Some(value))).then_some((value, at + by))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Stop;

    const ZERO: ValueId = ValueId::NIL;
    const ONE: ValueId = ValueId::TRUE;
    const TWO: ValueId = ValueId::FALSE;

    /// Where operations are cut, each a call, a return and what it does: where, with the write of what is there, and by
    /// whom it is told.
    fn cut(ops: &[(u32, u32, Access)]) -> Vec<(usize, Option<usize>, Option<usize>)> {
        let stop = Stop::new();
        let intervals = (0..).zip(ops).map(|(class, &(call, ret, _))| Interval { call, ret, class });
        let numbered = Numbered::of(intervals.collect(), &stop);
        let accesses = ops.iter().map(|(_, _, access)| access.clone()).collect();
        let cuts = cuts(&RegisterPart { initial: ZERO, accesses, values: 3 }, &numbered, 1);
        for cut in &cuts {
            let before = ops[..cut.at].iter().filter(|(_, ret, _)| *ret != NEVER).count();
            assert_eq!(cut.returned, before, "{ops:?}");
        }
        cuts.into_iter().map(|cut| (cut.at, cut.write, cut.told_by)).collect()
    }

    #[test]
    fn a_part_is_cut_where_one_change_is_the_last() {
        let (write, read) = (Access::Write(ONE), Access::Read(ONE));
        assert_eq!(cut(&[(0, 1, write.clone()), (2, 3, read.clone())]), [(1, Some(0), None)]);
        assert_eq!(cut(&[(0, 1, read.clone()), (2, 3, write.clone())]), [(1, None, None)]);
        // Something is open.
        assert_eq!(cut(&[(0, 2, write.clone()), (1, 3, read.clone())]), []);
        // Two writes that overlap, and put in the same or not; and one behind both.
        let other = Access::Write(TWO);
        let differs = Access::Differs(ZERO);
        let same = [(0, 2, write.clone()), (1, 3, write.clone())];
        let overlap = [(0, 2, other.clone()), (1, 3, write.clone())];
        let then = |ops: &[(u32, u32, Access)], more: &[(u32, u32, Access)]| [ops, more].concat();
        assert_eq!(cut(&then(&same, &[(4, 5, differs.clone())])), [(2, Some(0), None)]);
        assert_eq!(cut(&then(&overlap, &[(4, 5, differs.clone())])), []);
        assert_eq!(
            cut(&then(&overlap, &[(4, 5, other), (6, 7, differs.clone())])),
            [(3, Some(0), None)],
            "the first write of the value stands for the last"
        );
        // A compare-and-set that was the last; its value is written elsewhere, or it is the initial one, or nowhere.
        let swap = |to| (0, 1, Access::Swap(TWO, to));
        assert_eq!(cut(&[swap(ONE), (2, 3, read.clone())]), []);
        assert_eq!(cut(&[swap(ONE), (2, 3, write.clone())]), [(1, Some(1), None)]);
        assert_eq!(cut(&[swap(ZERO), (2, 3, read.clone())]), [(1, None, None)]);
        // What never returns may act at any time, unless it only looks.
        assert_eq!(cut(&[(0, NEVER, write.clone()), (1, 2, write.clone()), (3, 4, read.clone())]), []);
        let looks = [(0, NEVER, read.clone()), (1, 2, write), (3, 4, read)];
        assert_eq!(cut(&looks), [(1, None, None), (2, Some(1), None)]);
    }

    #[test]
    fn a_part_is_cut_where_it_is_told_which_change_was_the_last() {
        let two = [(0, 2, Access::Write(ONE)), (1, 3, Access::Write(TWO))];
        let told = |more: &[(u32, u32, Access)]| {
            let cuts = cut(&[&two[..], more].concat());
            cuts.first().filter(|cut| cut.0 == 2).map(|&(_, write, by)| (write, by))
        };
        let read = |call, ret, value| (call, ret, Access::Read(value));
        assert_eq!(told(&[read(4, 5, TWO)]), Some((Some(1), Some(2))));
        assert_eq!(told(&[read(4, 7, ONE), read(5, 6, ONE)]), Some((Some(0), Some(2))));
        let swap = |call, ret| (call, ret, Access::Swap(TWO, ONE));
        assert_eq!(told(&[swap(4, 5)]), Some((Some(1), Some(2))), "what it puts in itself comes later");
        // Somebody else may have put it in by then, whether or not it returns.
        let write = |call, ret| (call, ret, Access::Write(TWO));
        assert_eq!(told(&[read(4, 6, TWO), write(5, 7)]), None);
        assert_eq!(told(&[read(4, 6, TWO), write(5, NEVER)]), None);
        assert_eq!(told(&[write(4, 5), read(6, 7, TWO)]), None);
        assert_eq!(told(&[read(4, 5, TWO), write(6, 7)]), Some((Some(1), Some(2))));
        // Nobody has put in what was seen: that is for a search to find.
        assert_eq!(told(&[read(4, 5, ZERO)]), None);
        // Who never returns need not have seen anything.
        assert_eq!(told(&[read(4, NEVER, TWO)]), None);
        // Too far away, or open for too long.
        let looks = |count: u32| (0..count).map(|at| (4 + 3 * at, 5 + 3 * at, Access::Differs(ZERO)));
        let near = NEAR as u32;
        let then =
            |count: u32| looks(count).chain([read(4 + 3 * count, 5 + 3 * count, TWO)]).collect::<Vec<_>>();
        assert_eq!(told(&then(near - 1)), Some((Some(1), Some(near as usize + 1))));
        assert_eq!(told(&then(near)), None);
        let long =
            |ret| [read(4, ret, TWO)].into_iter().chain(looks(near + 1).map(|(a, b, x)| (a + 1, b + 1, x)));
        assert_eq!(told(&long(3 * near + 1).collect::<Vec<_>>()), Some((Some(1), Some(2))));
        assert_eq!(told(&long(3 * near + 4).collect::<Vec<_>>()), None);
    }
}
