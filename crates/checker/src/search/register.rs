//! What a part says of a register, class by class: what both the reductions and the bounds for registers work on.

use rustc_hash::FxHashSet;
use seriatim_history::ValueId;
use seriatim_model::{Access, Kind, Model, Part};

use crate::numbered::{NEVER, Numbered};

/// What the operations of each class see in a register and put into it.
#[derive(Debug)]
pub(super) struct RegisterPart {
    pub(super) initial: ValueId,
    /// By class.
    pub(super) accesses: Vec<Access>,
    /// How many values there are, the initial one among them.
    pub(super) values: usize,
}

impl RegisterPart {
    /// `None` where the object is no register, or does something that these words cannot say.
    pub(super) fn new<M: Model>(model: &M, part: &Part<M::Op>, numbered: &Numbered) -> Option<Self> {
        let Kind::Register { initial } = model.kind() else { return None };
        let accesses: Option<Vec<Access>> = numbered
            .classes
            .iter()
            .enumerate()
            .map(|(at, &op)| match model.accesses(&part.entries[op as usize].op).as_slice() {
                [access @ (Access::Read(_) | Access::Write(_) | Access::Swap(..) | Access::Differs(_))] => {
                    (!numbered.is_over(at)).then(|| access.clone())
                }
                _ => None,
            })
            .collect();
        let accesses = accesses?;
        let mut values: FxHashSet<ValueId> = std::iter::once(initial).collect();
        for (at, access) in accesses.iter().enumerate() {
            if numbered.is_over(at) {
                return None;
            }
            values.extend(saw(access).into_iter().chain(put(access)));
        }
        Some(Self { initial, accesses, values: values.len() })
    }

    /// The first return, by number, that no order reaches for a reason that takes no search: its operation saw a value
    /// that nobody had begun to put in, or that was surely replaced before it looked.
    ///
    /// Of all that put the value in, the one that returned last is the best excuse: if another write was called after
    /// that and had returned when the operation was called, the value was gone (this is what makes a register regular:
    /// Lamport 1986). It is a necessary condition only.
    pub(super) fn first_impossible(&self, numbered: &Numbered) -> Option<usize> {
        let saw = |class: u32| saw(&self.accesses[class as usize]);
        let put = |class: u32| put(&self.accesses[class as usize]);
        // Events are counted from 1 here, so that the initial value can be there before all.
        let after_start = |event: u32| event.saturating_add(1);
        // Who puts each value in, by call, with the latest return so far.
        let mut writers: rustc_hash::FxHashMap<ValueId, Vec<(u32, u32)>> = rustc_hash::FxHashMap::default();
        writers.insert(self.initial, vec![(0, 0)]);
        for (at, op) in numbered.ops.iter().enumerate() {
            if numbered.is_over(at) {
                return None;
            }
            if let Some(value) = put(op.class) {
                let known = writers.entry(value).or_default();
                let ret = after_start(op.ret);
                let latest = known.last().map_or(ret, |&(_, latest)| ret.max(latest));
                known.push((after_start(op.call), latest));
            }
        }
        // Writes that are known to have happened, by call, with the earliest return of each and all later ones.
        let mut replacing: Vec<(u32, u32)> = Vec::new();
        for op in numbered.ops.iter().filter(|op| op.ret != NEVER && put(op.class).is_some()) {
            replacing.push((after_start(op.call), after_start(op.ret)));
        }
        for at in (1..replacing.len()).rev() {
            replacing[at - 1].1 = replacing[at - 1].1.min(replacing[at].1);
        }
        let is_impossible = |op: u32| {
            let op = &numbered.ops[op as usize];
            let Some(value) = saw(op.class) else { return false };
            let begun = writers.get(&value).map_or(&[][..], |known| {
                &known[..known.partition_point(|&(call, _)| call < after_start(op.ret))]
            });
            let Some(&(_, latest)) = begun.last() else { return true };
            let later = replacing.partition_point(|&(call, _)| call <= latest);
            latest != NEVER && replacing.get(later).is_some_and(|&(_, ret)| ret < after_start(op.call))
        };
        let mut returns = numbered.returns.iter().enumerate().take_while(|&(at, _)| !numbered.is_over(at));
        returns.find(|&(_, &op)| is_impossible(op)).map(|(at, _)| at)
    }
}

/// The value that an access needs the register to hold.
pub(super) fn saw(access: &Access) -> Option<ValueId> {
    match *access {
        Access::Read(value) | Access::Swap(value, _) => Some(value),
        _ => None,
    }
}

/// The value that an access leaves in the register.
pub(super) fn put(access: &Access) -> Option<ValueId> {
    match *access {
        Access::Write(value) | Access::Swap(_, value) => Some(value),
        _ => None,
    }
}
