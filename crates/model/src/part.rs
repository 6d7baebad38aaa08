//! What can be checked apart: the sub-histories of independent objects.

use rustc_hash::FxHashMap;
use seriatim_history::{Completion, EventId, History, OpId, ValueId};

use crate::error::OpError;
use crate::model::{Footprint, Model};

/// An operation of a part, in the terms of its model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<Op> {
    /// The operation of the history.
    pub id: OpId,
    /// What it is to the model.
    pub op: Op,
    /// Its call.
    pub call: EventId,
    /// The event from which on it is over; `None` where it may take effect at any time, or never.
    pub ret: Option<EventId>,
}

/// A sub-history that can be checked apart (H|x of Herlihy & Wing 1990), in the order of calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part<Op> {
    /// The key that its operations share, where they have one.
    pub key: Option<ValueId>,
    /// The parts of the object that were ever touched together, where the model tells; sorted.
    pub touched: Vec<ValueId>,
    /// The operations.
    pub entries: Vec<Entry<Op>>,
}

/// An operation that the model cannot read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The operation.
    pub id: OpId,
    /// Why.
    pub error: OpError,
}

/// Reads the operations of a history as those of `model`, and splits them into parts by key and footprint, in the
/// order in which the parts are first touched. Operations that say nothing about the object are in no part.
///
/// # Errors
/// All operations that the model cannot read, in the order of calls.
pub fn split<M: Model>(model: &M, history: &History) -> Result<Vec<Part<M::Op>>, Vec<Unreadable>> {
    let mut unreadable = Vec::new();
    let mut entries = Vec::with_capacity(history.operations.len());
    for (at, operation) in history.operations.iter().enumerate() {
        let id = OpId(u32::try_from(at).expect("fewer than 2^32 operations"));
        match model.parse(operation, &history.values) {
            Ok(Some(op)) => {
                let ret = match operation.completion {
                    Completion::Unknown => None,
                    Completion::Ok(_) | Completion::Fail(_) => operation.ret(),
                };
                entries.push((operation.key, Entry { id, op, call: operation.call.event, ret }));
            }
            Ok(None) => {}
            Err(error) => unreadable.push(Unreadable { id, error }),
        }
    }
    if !unreadable.is_empty() {
        return Err(unreadable);
    }
    Ok(group(model, entries))
}

fn group<M: Model>(model: &M, entries: Vec<(Option<ValueId>, Entry<M::Op>)>) -> Vec<Part<M::Op>> {
    // A node for each key, and one for each key and piece of its object that is touched on its own.
    let mut joined = Joined::default();
    let mut whole: FxHashMap<Option<ValueId>, usize> = FxHashMap::default();
    let mut pieces: FxHashMap<(Option<ValueId>, ValueId), usize> = FxHashMap::default();
    let mut roots = Vec::with_capacity(entries.len());
    let mut touches_whole: Vec<Option<ValueId>> = Vec::new();
    for (key, entry) in &entries {
        let node = match model.footprint(&entry.op) {
            Footprint::Keys(keys) if !keys.is_empty() => {
                let mut nodes =
                    keys.iter().map(|&piece| *pieces.entry((*key, piece)).or_insert_with(|| joined.add()));
                let first = nodes.next().expect("not empty");
                let others: Vec<_> = nodes.collect();
                others.into_iter().for_each(|other| joined.join(first, other));
                first
            }
            Footprint::Keys(_) | Footprint::Whole => *whole.entry(*key).or_insert_with(|| {
                touches_whole.push(*key);
                joined.add()
            }),
        };
        roots.push(node);
    }
    for (&(key, _), &piece) in &pieces {
        if let Some(&all) = whole.get(&key) {
            joined.join(all, piece);
        }
    }
    let mut part_of: FxHashMap<usize, usize> = FxHashMap::default();
    let mut parts: Vec<Part<M::Op>> = Vec::new();
    for ((key, entry), node) in entries.into_iter().zip(roots) {
        let part = *part_of.entry(joined.root(node)).or_insert_with(|| {
            parts.push(Part { key, touched: Vec::new(), entries: Vec::new() });
            parts.len() - 1
        });
        parts[part].entries.push(entry);
    }
    for (&(_, piece), &node) in &pieces {
        let part = part_of[&joined.root(node)];
        parts[part].touched.push(piece);
    }
    for part in &mut parts {
        part.touched.sort_unstable();
    }
    parts
}

/// Sets of nodes that were joined (union-find, with path halving).
#[derive(Default)]
struct Joined {
    parent: Vec<usize>,
}

impl Joined {
    fn add(&mut self) -> usize {
        self.parent.push(self.parent.len());
        self.parent.len() - 1
    }

    fn root(&mut self, mut node: usize) -> usize {
        while self.parent[node] != node {
            self.parent[node] = self.parent[self.parent[node]];
            node = self.parent[node];
        }
        node
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.parent[a.max(b)] = a.min(b);
    }
}
