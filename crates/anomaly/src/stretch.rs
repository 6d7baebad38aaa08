//! How long each value of a register was there.
//!
//! A value that only one operation puts in is there for one unbroken *stretch* of every linearization: from that
//! operation on until the next one that puts something in. Whoever saw the value lies in its stretch. A swap ends the
//! stretch of what it saw and begins that of what it put in, so stretches that swaps join follow each other at once: they
//! are a *chain*, and of two chains one lies as a whole before the other (the clusters of Gibbons & Korach 1997, §4, and
//! their zones; with swaps: the blocks of Golab, Li & Shah 2011, chained).
//!
//! Of chains it is known which was first where an operation of one had returned when one of the other was called.

use std::ops::Range;

use rustc_hash::FxHashMap;
use seriatim_history::{EventId, ValueId};
use seriatim_model::{Model, Part};

use crate::by_value::ByValue;
use crate::touch::{BLOCK, Touch};

/// Where a value stands: its chain, and its place there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) chain: usize,
    pub(crate) at: usize,
}

impl Place {
    /// The [rank](Rank) of whoever puts the value in.
    pub(crate) fn rank_of_put(self) -> usize {
        2 * self.at
    }

    /// The rank of whoever saw it.
    pub(crate) fn rank_of_sight(self) -> usize {
        2 * self.at + 1
    }
}

/// Where an operation stands in its chain: before all that stand further behind, whatever else is known. Whoever only
/// saw a value stands behind whoever put it in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rank {
    pub(crate) chain: usize,
    pub(crate) rank: usize,
}

/// One chain.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    /// Whether it begins with the initial value, and so before everything.
    pub(crate) is_first: bool,
    /// Whether it begins at all: swaps that go round in a ring have no order.
    pub(crate) is_known: bool,
    /// When the last of its operations was called.
    pub(crate) last_call: EventId,
    /// Where its values and its operations stand among those of all chains.
    values: Range<usize>,
    members: Range<usize>,
}

/// The stretches of a part.
#[derive(Clone, Debug)]
pub(crate) struct Stretches {
    pub(crate) touches: Vec<Touch>,
    pub(crate) chains: Vec<Chain>,
    /// The values of all chains, chain by chain.
    in_order: Vec<ValueId>,
    /// The operations that happened in the stretches of all chains, chain by chain, by their places in the part.
    members: Vec<usize>,
    /// Of each of these and all later ones of its chain the one that returned first.
    first_return: Vec<Option<(EventId, usize)>>,
    places: ByValue<Place>,
    writers: ByValue<Writers>,
    /// Whether each operation is known to have happened: it returned, or what only it puts in was seen.
    happened: Vec<bool>,
    /// Swaps that each saw what the one before put in, round to where they began.
    pub(crate) rings: Vec<Vec<usize>>,
    /// A value that two swaps replaced, and the swaps.
    pub(crate) forks: Vec<(ValueId, usize, usize)>,
    initial: ValueId,
}

/// What follows a value: the first swap to replace it, and what that put in, if that is there for one stretch.
type Next = FxHashMap<ValueId, (usize, Option<ValueId>)>;

/// Who puts a value in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Writers {
    One(usize),
    Several,
}

impl Stretches {
    /// Those of a register that starts with `initial`; `None` where some operation has no words, or it is time to stop.
    pub(crate) fn new<M: Model>(
        model: &M,
        part: &Part<M::Op>,
        initial: ValueId,
        goes_on: &dyn Fn() -> bool,
    ) -> Option<Self> {
        let touches = Touch::all(model, part, goes_on)?;
        let named = touches.iter().flat_map(|touch| [touch.saw, touch.put]).flatten();
        let largest = named.chain([initial]).max();
        let mut writers: ByValue<Writers> = ByValue::new(largest, touches.len());
        for (at, touch) in touches.iter().enumerate() {
            if let Some(value) = touch.put {
                let known = writers.get(value);
                writers.insert(value, if known.is_some() { Writers::Several } else { Writers::One(at) });
            }
        }
        let mut all = Self {
            happened: part.entries.iter().map(|entry| entry.ret.is_some()).collect(),
            touches,
            chains: Vec::new(),
            in_order: Vec::new(),
            members: Vec::new(),
            first_return: Vec::new(),
            places: ByValue::new(largest, part.entries.len()),
            writers,
            rings: Vec::new(),
            forks: Vec::new(),
            initial,
        };
        // Each of these takes about as long.
        let steps: [&dyn Fn(&mut Self); 3] =
            [&Self::find_what_happened, &|all: &mut Self| all.join(goes_on), &|all: &mut Self| {
                all.assign(part, goes_on)
            }];
        for step in steps {
            if !goes_on() {
                return None;
            }
            step(&mut all);
        }
        // What was left off on the way is not whole.
        goes_on().then_some(all)
    }

    /// The only operation that puts a value in, where that is one.
    pub(crate) fn writer(&self, value: ValueId) -> Option<usize> {
        match self.writers.get(value) {
            Some(Writers::One(at)) if value != self.initial => Some(at),
            _ => None,
        }
    }

    /// Whether nobody puts a value in.
    pub(crate) fn is_from_nowhere(&self, value: ValueId) -> bool {
        value != self.initial && self.writers.get(value).is_none()
    }

    /// Where a value stands, if it is there for one stretch.
    pub(crate) fn place(&self, value: ValueId) -> Option<Place> {
        self.places.get(value)
    }

    /// Where an operation stands: with what it put in, or else with what it saw.
    pub(crate) fn rank(&self, op: usize) -> Option<Rank> {
        if !self.happened[op] {
            return None;
        }
        let touch = self.touches[op];
        if let Some(place) = touch.put.and_then(|value| self.place(value)) {
            return Some(Rank { chain: place.chain, rank: place.rank_of_put() });
        }
        let place = touch.saw.and_then(|value| self.place(value))?;
        Some(Rank { chain: place.chain, rank: place.rank_of_sight() })
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

    /// Whether a value is there for one stretch, where an operation that happened saw it or put it in.
    fn has_stretch(&self, value: ValueId) -> bool {
        if value == self.initial {
            return self.writers.get(value).is_none();
        }
        self.writer(value).is_some()
    }

    /// Joins stretches to chains; leaves off where it is time to stop.
    fn join(&mut self, goes_on: &dyn Fn() -> bool) {
        let mut next: Next = FxHashMap::default();
        let mut roots: Vec<ValueId> = Vec::new();
        if self.has_stretch(self.initial) {
            roots.push(self.initial);
        }
        let mut swapped: Vec<ValueId> = Vec::new();
        for (at, touch) in self.touches.iter().enumerate().filter(|&(at, _)| self.happened[at]) {
            if at.is_multiple_of(BLOCK) && !goes_on() {
                return;
            }
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
        for (at, root) in roots.into_iter().enumerate() {
            if at.is_multiple_of(BLOCK) && !goes_on() {
                return;
            }
            self.walk(root, &next, true);
        }
        // What is left has no beginning.
        for &value in &swapped {
            if self.place(value).is_some() {
                continue;
            }
            let ring = self.walk(value, &next, false);
            let swaps = self.in_order[ring].iter().filter_map(|&value| self.writer(value));
            self.rings.push(swaps.collect());
        }
    }

    /// Adds the chain of which a value is the first, or a ring of which it is one; where its values stand.
    fn walk(&mut self, root: ValueId, next: &Next, is_known: bool) -> Range<usize> {
        let start = self.in_order.len();
        let mut value = root;
        while self.place(value).is_none() {
            self.places.insert(value, Place { chain: self.chains.len(), at: self.in_order.len() - start });
            self.in_order.push(value);
            let Some(&(_, Some(follower))) = next.get(&value) else { break };
            value = follower;
        }
        let values = start..self.in_order.len();
        let is_first = root == self.initial;
        self.chains.push(Chain {
            is_first,
            is_known,
            last_call: EventId(0),
            values: values.clone(),
            members: 0..0,
        });
        values
    }

    /// The chains that an operation is of: one, or two where it began a chain with what it saw in another.
    fn chains_of(&self, op: usize) -> impl Iterator<Item = usize> + use<> {
        let touch = if self.happened[op] { self.touches[op] } else { Touch::default() };
        let of = |value: Option<ValueId>| value.and_then(|value| self.place(value)).map(|place| place.chain);
        let (saw, put) = (of(touch.saw), of(touch.put));
        saw.into_iter().chain(put.filter(|&put| saw != Some(put)))
    }

    /// Puts the operations into their chains; leaves off where it is time to stop.
    fn assign<Op>(&mut self, part: &Part<Op>, goes_on: &dyn Fn() -> bool) {
        for op in 0..self.touches.len() {
            if op.is_multiple_of(BLOCK) && !goes_on() {
                return;
            }
            for chain in self.chains_of(op) {
                self.chains[chain].members.end += 1;
            }
        }
        let mut from = 0;
        for chain in &mut self.chains {
            let to = from + chain.members.end;
            // It grows as operations come to it.
            chain.members = from..from;
            from = to;
        }
        self.members = vec![0; from];
        for op in 0..self.touches.len() {
            if op.is_multiple_of(BLOCK) && !goes_on() {
                return;
            }
            for chain in self.chains_of(op) {
                let chain = &mut self.chains[chain];
                self.members[chain.members.end] = op;
                chain.members.end += 1;
                chain.last_call = part.entries[op].call;
            }
        }
        self.first_return = vec![None; from];
        for chain in &self.chains {
            let mut first = None;
            for at in chain.members.clone().rev() {
                let op = self.members[at];
                first = part.entries[op].ret.map(|ret| (ret, op)).into_iter().chain(first).min();
                self.first_return[at] = first;
            }
        }
    }

    /// The values of a chain, in their order.
    pub(crate) fn values(&self, chain: usize) -> &[ValueId] {
        &self.in_order[self.chains[chain].values.clone()]
    }

    /// The operations of a chain, in the order of their calls.
    pub(crate) fn members(&self, chain: usize) -> &[usize] {
        &self.members[self.chains[chain].members.clone()]
    }

    /// The first operation of a chain to return, among those that were called after `event`.
    pub(crate) fn first_return_after<Op>(
        &self,
        part: &Part<Op>,
        chain: usize,
        event: EventId,
    ) -> Option<(EventId, usize)> {
        let before = self.members(chain).partition_point(|&op| part.entries[op].call < event);
        self.first_return[self.chains[chain].members.clone()].get(before).copied().flatten()
    }

    /// The first operation of a chain to return.
    pub(crate) fn first_return(&self, chain: usize) -> Option<(EventId, usize)> {
        self.first_return[self.chains[chain].members.clone()].first().copied().flatten()
    }
}
