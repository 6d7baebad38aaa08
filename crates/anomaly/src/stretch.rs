//! How long each value of a register was there.
//!
//! A value that only one operation puts in is there for one unbroken *stretch* of every linearization: from that
//! operation on until the next one that puts something in. Whoever saw the value lies in its stretch. A swap ends the
//! stretch of what it saw and begins that of what it put in, so stretches that swaps join follow each other at once: they
//! are a *chain*, and of two chains one lies as a whole before the other (the clusters of Gibbons & Korach 1997, §4, and
//! their zones; with swaps: the blocks of Golab, Li & Shah 2011, chained).
//!
//! Of chains it is known which was first where an operation of one had returned when one of the other was called.

use rustc_hash::FxHashMap;
use seriatim_history::{EventId, ValueId};
use seriatim_model::{Model, Part};

use crate::touch::Touch;

/// Where a value stands: its chain, and its place there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) chain: usize,
    pub(crate) at: usize,
}

/// Where an operation stands in its chain: before all that stand further behind, whatever else is known. Whoever puts in
/// the value at `at` has rank 2·at, whoever only saw it 2·at + 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rank {
    pub(crate) chain: usize,
    pub(crate) rank: usize,
}

/// One chain.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    /// Its values, in their order.
    pub(crate) values: Vec<ValueId>,
    /// Whether it begins with the initial value, and so before everything.
    pub(crate) is_first: bool,
    /// The operations of its stretches that happened, by their places in the part.
    pub(crate) members: Vec<usize>,
    /// Of each member and all later ones the one that returned first.
    first_return: Vec<Option<(EventId, usize)>>,
    /// The last of them to be called.
    pub(crate) last_call: EventId,
}

/// The stretches of a part.
#[derive(Clone, Debug)]
pub(crate) struct Stretches {
    pub(crate) touches: Vec<Touch>,
    pub(crate) chains: Vec<Chain>,
    values: FxHashMap<ValueId, Place>,
    writers: FxHashMap<ValueId, Writers>,
    /// Whether each operation is known to have happened: it returned, or what only it puts in was seen.
    happened: Vec<bool>,
    /// Swaps that each saw what the one before put in, round to where they began.
    pub(crate) rings: Vec<Vec<usize>>,
    /// A value that two swaps replaced, and the swaps.
    pub(crate) forks: Vec<(ValueId, usize, usize)>,
    initial: ValueId,
}

/// Who puts a value in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Writers {
    One(usize),
    Several,
}

impl Stretches {
    /// Those of a register that starts with `initial`; `None` where some operation has no words.
    pub(crate) fn new<M: Model>(model: &M, part: &Part<M::Op>, initial: ValueId) -> Option<Self> {
        let touches = Touch::all(model, part)?;
        let mut writers: FxHashMap<ValueId, Writers> = FxHashMap::default();
        for (at, touch) in touches.iter().enumerate() {
            if let Some(value) = touch.put {
                writers
                    .entry(value)
                    .and_modify(|known| *known = Writers::Several)
                    .or_insert(Writers::One(at));
            }
        }
        let mut all = Self {
            happened: part.entries.iter().map(|entry| entry.ret.is_some()).collect(),
            touches,
            chains: Vec::new(),
            values: FxHashMap::default(),
            writers,
            rings: Vec::new(),
            forks: Vec::new(),
            initial,
        };
        all.find_what_happened();
        all.join();
        all.assign(part);
        Some(all)
    }

    /// The only operation that puts a value in, where that is one.
    pub(crate) fn writer(&self, value: ValueId) -> Option<usize> {
        match self.writers.get(&value) {
            Some(&Writers::One(at)) if value != self.initial => Some(at),
            _ => None,
        }
    }

    /// Whether nobody puts a value in.
    pub(crate) fn is_from_nowhere(&self, value: ValueId) -> bool {
        value != self.initial && !self.writers.contains_key(&value)
    }

    /// Where a value stands, if it is there for one stretch.
    pub(crate) fn place(&self, value: ValueId) -> Option<Place> {
        self.values.get(&value).copied()
    }

    /// Where an operation stands: with what it put in, or else with what it saw.
    pub(crate) fn rank(&self, op: usize) -> Option<Rank> {
        if !self.happened[op] {
            return None;
        }
        let touch = self.touches[op];
        if let Some(Place { chain, at }) = touch.put.and_then(|value| self.place(value)) {
            return Some(Rank { chain, rank: 2 * at });
        }
        let Place { chain, at } = touch.saw.and_then(|value| self.place(value))?;
        Some(Rank { chain, rank: 2 * at + 1 })
    }

    /// Whether an operation is known to have happened.
    pub(crate) fn has_happened(&self, op: usize) -> bool {
        self.happened[op]
    }

    /// A crashed operation happened if what only it puts in was seen; then so did whoever put in what it saw.
    fn find_what_happened(&mut self) {
        let mut seen: Vec<ValueId> = Vec::new();
        for (touch, _) in self.touches.iter().zip(&self.happened).filter(|&(_, &happened)| happened) {
            seen.extend(touch.saw);
        }
        while let Some(value) = seen.pop() {
            let Some(writer) = self.writer(value) else { continue };
            if !std::mem::replace(&mut self.happened[writer], true) {
                seen.extend(self.touches[writer].saw);
            }
        }
    }

    /// Whether a value is there for one stretch, of which something is known.
    fn has_stretch(&self, value: ValueId) -> bool {
        if value == self.initial {
            return !self.writers.contains_key(&value);
        }
        self.writer(value).is_some_and(|writer| self.happened[writer])
    }

    /// Joins stretches to chains.
    fn join(&mut self) {
        // What follows a value, and the swap that put it there.
        let mut next: FxHashMap<ValueId, (usize, Option<ValueId>)> = FxHashMap::default();
        let mut roots: Vec<ValueId> = Vec::new();
        if self.has_stretch(self.initial) {
            roots.push(self.initial);
        }
        let mut swapped: Vec<ValueId> = Vec::new();
        for (at, touch) in self.touches.iter().enumerate().filter(|&(at, _)| self.happened[at]) {
            let Some(put) = touch.put else { continue };
            let is_begun = self.has_stretch(put);
            match touch.saw.filter(|&saw| self.has_stretch(saw)) {
                Some(saw) => {
                    match next.get(&saw) {
                        Some(&(first, _)) => self.forks.push((saw, first, at)),
                        None => _ = next.insert(saw, (at, is_begun.then_some(put))),
                    }
                    if is_begun {
                        swapped.push(put);
                    }
                }
                None if is_begun => roots.push(put),
                None => {}
            }
        }
        // Who lost against another swap of the same value begins a chain of its own.
        let followers = |put: &ValueId| {
            let saw = self.writer(*put).and_then(|writer| self.touches[writer].saw);
            saw.and_then(|saw| next.get(&saw)).is_some_and(|&(_, known)| known == Some(*put))
        };
        roots.extend(swapped.iter().filter(|put| !followers(put)));
        for root in roots {
            let mut chain = Chain::new(root == self.initial);
            self.walk(root, &next, &mut chain);
            self.chains.push(chain);
        }
        // What is left has no beginning.
        for &value in &swapped {
            if self.values.contains_key(&value) {
                continue;
            }
            let mut ring = Chain::new(false);
            self.walk(value, &next, &mut ring);
            let swaps = ring.values.iter().filter_map(|&value| self.writer(value));
            self.rings.push(swaps.collect());
            ring.values.clear();
            self.chains.push(ring);
        }
    }

    fn walk(
        &mut self,
        root: ValueId,
        next: &FxHashMap<ValueId, (usize, Option<ValueId>)>,
        chain: &mut Chain,
    ) {
        let mut value = root;
        loop {
            let place = Place { chain: self.chains.len(), at: chain.values.len() };
            if self.values.contains_key(&value) {
                break;
            }
            self.values.insert(value, place);
            chain.values.push(value);
            let Some(&(_, Some(follower))) = next.get(&value) else { break };
            value = follower;
        }
    }

    /// Puts the operations into their chains.
    fn assign<Op>(&mut self, part: &Part<Op>) {
        for op in 0..self.touches.len() {
            if !self.happened[op] {
                continue;
            }
            let touch = self.touches[op];
            let of = |value: Option<ValueId>| value.and_then(|value| self.place(value));
            let (put, saw) = (of(touch.put), of(touch.saw));
            for place in
                [saw, put.filter(|put| saw.is_none_or(|saw| saw.chain != put.chain))].into_iter().flatten()
            {
                self.chains[place.chain].members.push(op);
            }
        }
        for chain in &mut self.chains {
            let mut first = None;
            chain.first_return = vec![None; chain.members.len()];
            for (at, &op) in chain.members.iter().enumerate().rev() {
                let entry = &part.entries[op];
                first = entry.ret.map(|ret| (ret, op)).into_iter().chain(first).min();
                chain.first_return[at] = first;
            }
            chain.last_call = chain.members.last().map_or(EventId(0), |&op| part.entries[op].call);
        }
    }
}

impl Chain {
    fn new(is_first: bool) -> Self {
        let (values, members, first_return) = (Vec::new(), Vec::new(), Vec::new());
        Self { values, is_first, members, first_return, last_call: EventId(0) }
    }

    /// Whether something is known of it.
    pub(crate) fn is_known(&self) -> bool {
        !self.values.is_empty()
    }

    /// The first of its operations to return, among those that were called after `event`.
    pub(crate) fn first_return_after<Op>(
        &self,
        part: &Part<Op>,
        event: Option<EventId>,
    ) -> Option<(EventId, usize)> {
        let from = event.map_or(0, |event| self.members.partition_point(|&op| part.entries[op].call < event));
        self.first_return.get(from).copied().flatten()
    }

    /// The first of its operations to return.
    pub(crate) fn first_return(&self) -> Option<(EventId, usize)> {
        self.first_return.first().copied().flatten()
    }
}
