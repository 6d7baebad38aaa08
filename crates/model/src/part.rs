//! What can be checked apart: the sub-histories of independent objects.

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use seriatim_history::{Completion, EventId, History, OpId, Operation, ValueId};

use crate::error::OpError;
use crate::model::{Footprint, Keys, Model};

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
    pub touched: Keys,
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

/// All parts of a history, in the terms of a model.
pub type Parts<M> = Vec<Part<<M as Model>::Op>>;

/// How many operations a thread reads at a time.
const BLOCK: usize = 1 << 14;

/// How many parts are made between two questions whether to go on: each takes some memory, however small it is.
const PARTS: usize = 1 << 12;

/// No part yet.
const NONE: u32 = u32::MAX;

/// Reads the operations of a history as those of `model`, on all threads of the pool that this is called in, and splits
/// them into parts by key and footprint, in the order in which the parts are first touched. Operations that say nothing
/// about the object are in no part.
///
/// # Errors
/// All operations that the model cannot read, in the order of calls.
pub fn split<M: Model>(model: &M, history: &History) -> Result<Parts<M>, Vec<Unreadable>> {
    split_while(model, history, &|| true).map(|parts| parts.expect("it goes on to the end"))
}

/// The same, for as long as `goes_on` says so, which is asked now and then on all threads: `None` where it was left off.
///
/// # Errors
/// As [`split`].
pub fn split_while<M: Model>(
    model: &M,
    history: &History,
    goes_on: &(dyn Fn() -> bool + Sync),
) -> Result<Option<Parts<M>>, Vec<Unreadable>> {
    let read = |(block, operations)| goes_on().then(|| read(model, history, block * BLOCK, operations));
    let read: Option<Vec<_>> = if history.operations.len() <= BLOCK {
        // To wake a thread takes longer.
        history.operations.chunks(BLOCK).enumerate().map(read).collect()
    } else {
        history.operations.par_chunks(BLOCK).enumerate().map(read).collect()
    };
    let Some(read) = read else { return Ok(None) };
    let (mut blocks, mut touched) = (Vec::with_capacity(read.len()), Vec::with_capacity(read.len()));
    let mut unreadable = Vec::new();
    for read in read {
        match read {
            Ok(block) => {
                blocks.push(block.entries);
                touched.push(block.touched);
            }
            Err(errors) => unreadable.extend(errors),
        }
    }
    if unreadable.is_empty() { Ok(group(model, history, blocks, touched, goes_on)) } else { Err(unreadable) }
}

/// Operations that were read, and what each of them touches.
struct Block<Op> {
    entries: Vec<Entry<Op>>,
    touched: Vec<Touched>,
}

/// What an operation touches.
#[derive(Clone, Copy)]
struct Touched {
    /// The object.
    key: Option<ValueId>,
    what: What,
}

/// How much of an object an operation touches.
#[derive(Clone, Copy)]
enum What {
    Whole,
    One(ValueId),
    Several,
}

impl What {
    fn of(footprint: Footprint) -> Self {
        match footprint {
            Footprint::Keys(keys) => match *keys.as_slice() {
                [] => Self::Whole,
                [one] => Self::One(one),
                _ => Self::Several,
            },
            Footprint::Whole => Self::Whole,
        }
    }
}

/// Reads the operations from `first` on, and tells what each touches.
fn read<M: Model>(
    model: &M,
    history: &History,
    first: usize,
    operations: &[Operation],
) -> Result<Block<M::Op>, Vec<Unreadable>> {
    let mut entries = Vec::with_capacity(operations.len());
    let mut touched = Vec::with_capacity(operations.len());
    let mut unreadable = Vec::new();
    for (at, operation) in (first..).zip(operations) {
        let id = OpId(u32::try_from(at).expect("fewer than 2^32 operations"));
        match model.parse(operation, &history.values) {
            Ok(Some(op)) => {
                touched.push(Touched { key: operation.key, what: What::of(model.footprint(&op)) });
                let ret = match operation.completion {
                    Completion::Unknown => None,
                    Completion::Ok(_) | Completion::Fail(_) => operation.ret(),
                };
                entries.push(Entry { id, op, call: operation.call.event, ret });
            }
            Ok(None) => {}
            Err(error) => unreadable.push(Unreadable { id, error }),
        }
    }
    if unreadable.is_empty() { Ok(Block { entries, touched }) } else { Err(unreadable) }
}

/// Puts entries together that cannot be checked apart. Blocks are given up one after the other, so that no more than
/// one of them is held twice.
fn group<M: Model>(
    model: &M,
    history: &History,
    blocks: Vec<Vec<Entry<M::Op>>>,
    touched: Vec<Vec<Touched>>,
    goes_on: &(dyn Fn() -> bool + Sync),
) -> Option<Parts<M>> {
    let key = |id: OpId| history.operation(id).key;
    // A node for each key, and one for each key and piece of its object that is touched on its own.
    let mut joined = Joined::default();
    // By the key's number plus one; operations without a key come first.
    let mut whole: Vec<u32> = vec![NONE; history.values.len() + 1];
    let mut pieces = Pieces::new(history.values.len());
    let mut nodes = Vec::with_capacity(blocks.iter().map(Vec::len).sum());
    for (block, touched) in blocks.iter().zip(touched) {
        if !goes_on() {
            return None;
        }
        for (entry, Touched { key, what }) in block.iter().zip(touched) {
            nodes.push(match what {
                What::Whole => {
                    let known = &mut whole[key.map_or(0, |key| key.index() + 1)];
                    if *known == NONE {
                        *known = joined.add();
                    }
                    *known
                }
                What::One(piece) => pieces.node(key, piece, &mut joined),
                What::Several => {
                    let mut first = NONE;
                    if let Footprint::Keys(keys) = model.footprint(&entry.op) {
                        for piece in keys {
                            let node = pieces.node(key, piece, &mut joined);
                            if first == NONE {
                                first = node;
                            } else {
                                joined.join(first, node);
                            }
                        }
                    }
                    first
                }
            });
        }
    }
    for (key, _, piece) in pieces.all() {
        let all = whole[key.map_or(0, |key| key.index() + 1)];
        if all != NONE {
            joined.join(all, piece);
        }
    }
    let mut part_of = vec![NONE; joined.parent.len()];
    let mut sizes: Vec<usize> = Vec::new();
    for node in &mut nodes {
        let root = joined.root(*node) as usize;
        if part_of[root] == NONE {
            part_of[root] = u32::try_from(sizes.len()).expect("no more parts than operations");
            sizes.push(0);
        }
        *node = part_of[root];
        sizes[*node as usize] += 1;
    }
    let mut parts: Vec<Part<M::Op>> = Vec::with_capacity(sizes.len());
    for size in sizes {
        if parts.len().is_multiple_of(PARTS) && !goes_on() {
            return left_off(parts);
        }
        parts.push(Part { key: None, touched: Keys::new(), entries: Vec::with_capacity(size) });
    }
    let mut nodes = nodes.into_iter();
    for block in blocks {
        if !goes_on() {
            return left_off(parts);
        }
        if let [all] = parts.as_mut_slice() {
            all.key = block.first().map_or(all.key, |entry| key(entry.id));
            all.entries.extend(block);
            continue;
        }
        for (entry, part) in block.into_iter().zip(&mut nodes) {
            let part = &mut parts[part as usize];
            if part.entries.is_empty() {
                part.key = key(entry.id);
            }
            part.entries.push(entry);
        }
    }
    for (at, (_, piece, node)) in pieces.all().enumerate() {
        if at.is_multiple_of(PARTS) && !goes_on() {
            return left_off(parts);
        }
        let part = part_of[joined.root(node) as usize];
        parts[part as usize].touched.push(piece);
    }
    for part in &mut parts {
        part.touched.sort_unstable();
    }
    Some(parts)
}

/// Nothing comes of parts that were left off: many take long to free, so all threads do it.
fn left_off<T: Send>(parts: Vec<T>) -> Option<Vec<T>> {
    parts.into_par_iter().for_each(drop);
    None
}

/// The nodes of the pieces that are touched on their own.
struct Pieces {
    /// Of the object without a key: by the piece's number, [`NONE`] where it has no node. Empty until there is any.
    of_one: Vec<u32>,
    /// Of objects with keys.
    others: FxHashMap<(Option<ValueId>, ValueId), u32>,
    /// How many values the history has.
    values: usize,
}

impl Pieces {
    /// None yet, of a history of so many values.
    fn new(values: usize) -> Self {
        Self { of_one: Vec::new(), others: FxHashMap::default(), values }
    }

    fn node(&mut self, key: Option<ValueId>, piece: ValueId, joined: &mut Joined) -> u32 {
        if key.is_some() || piece.index() >= self.values {
            return *self.others.entry((key, piece)).or_insert_with(|| joined.add());
        }
        self.of_one.resize(self.values, NONE);
        let node = &mut self.of_one[piece.index()];
        if *node == NONE {
            *node = joined.add();
        }
        *node
    }

    /// The keys, pieces and nodes.
    fn all(&self) -> impl Iterator<Item = (Option<ValueId>, ValueId, u32)> {
        let of_one = (0..).zip(&self.of_one).filter(|&(_, &node)| node != NONE);
        let of_one = of_one.map(|(piece, &node)| (None, ValueId::at(piece), node));
        of_one.chain(self.others.iter().map(|(&(key, piece), &node)| (key, piece, node)))
    }
}

/// Sets of nodes that were joined (union-find, with path halving).
#[derive(Default)]
struct Joined {
    parent: Vec<u32>,
}

impl Joined {
    fn add(&mut self) -> u32 {
        let node = u32::try_from(self.parent.len()).expect("fewer than 2^32 keys and pieces");
        self.parent.push(node);
        node
    }

    fn root(&mut self, mut node: u32) -> u32 {
        while self.parent[node as usize] != node {
            self.parent[node as usize] = self.parent[self.parent[node as usize] as usize];
            node = self.parent[node as usize];
        }
        node
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        self.parent[a.max(b) as usize] = a.min(b);
    }
}
