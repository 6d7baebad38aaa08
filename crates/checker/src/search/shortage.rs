//! Values that came out of a queue, a stack, a bag or a priority queue more often than anybody had begun to put them in:
//! impossible for a reason that takes no search, whatever the order in which values come out.

use rustc_hash::FxHashMap;
use seriatim_history::ValueId;
use seriatim_model::{Access, Kind, Model, Part};

use crate::numbered::{NEVER, Numbered};

/// What is known of a value.
#[derive(Debug, Default)]
struct Account {
    /// When it began to be put in, each time, in order.
    puts: Vec<u32>,
    /// When it was surely out, each time, in order.
    takes: Vec<u32>,
}

impl Account {
    /// How often it may have been put in before an event.
    fn put(&self, before: u32) -> usize {
        self.puts.partition_point(|&call| call < before)
    }

    /// How often it surely was taken before an event.
    fn taken(&self, before: u32) -> usize {
        self.takes.partition_point(|&ret| ret < before)
    }
}

/// The first return, by number, that no order reaches because its operation took a value, or saw one, that cannot have
/// been left. `None` where there is none, or the object is of another kind.
///
/// Whoever takes a value takes one that was put in before, and nobody else takes the same. So of those that took it and
/// returned up to here there are at most as many as had begun to put it in; whoever sees it needs one more than had taken
/// it before. It is a necessary condition only.
pub(super) fn first<M: Model>(model: &M, part: &Part<M::Op>, numbered: &Numbered) -> Option<usize> {
    if !matches!(model.kind(), Kind::Queue | Kind::Stack | Kind::Bag | Kind::PriorityQueue) {
        return None;
    }
    let accesses: Option<Vec<Access>> = numbered
        .classes
        .iter()
        .map(|&op| match model.accesses(&part.entries[op as usize].op).as_slice() {
            [
                access @ (Access::Put(_)
                | Access::PutRanked(..)
                | Access::Take(_)
                | Access::TakeAny
                | Access::Peek(_)
                | Access::Empty),
            ] => Some(access.clone()),
            _ => None,
        })
        .collect();
    let accesses = accesses?;
    let mut accounts: FxHashMap<ValueId, Account> = FxHashMap::default();
    for op in &numbered.ops {
        if let Access::Put(value) | Access::PutRanked(value, _) = accesses[op.class as usize] {
            accounts.entry(value).or_default().puts.push(op.call);
        }
    }
    for (at, &op) in numbered.returns.iter().enumerate() {
        let op = &numbered.ops[op as usize];
        debug_assert_ne!(op.ret, NEVER, "what returns has a return");
        let is_short = match accesses[op.class as usize] {
            Access::Take(value) => {
                let account = accounts.entry(value).or_default();
                account.takes.push(op.ret);
                account.put(op.ret) < account.takes.len()
            }
            Access::Peek(value) => {
                accounts.get(&value).is_none_or(|account| account.put(op.ret) <= account.taken(op.call))
            }
            _ => false,
        };
        if is_short {
            return Some(at);
        }
    }
    None
}
