//! Numbers the states and remembers the steps: the only place where the search meets a model.

use std::hash::{BuildHasher, Hash};

use rustc_hash::{FxBuildHasher, FxHashMap};
use seriatim_history::ValueId;
use seriatim_model::{Model, Part};

use crate::limits::growing;

/// The number of a state.
pub(crate) type StateId = u32;

/// The states that a step leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcomes {
    /// The operation cannot happen.
    None,
    /// There is one.
    One(StateId),
    /// There are several: a range of [`Table::several`].
    Several { start: u32, len: u32 },
}

/// The steps of a model, asked for once each.
pub(crate) struct Table<'a> {
    stepper: Box<dyn Stepper + 'a>,
    steps: FxHashMap<(StateId, u32), Outcomes>,
    several: Vec<StateId>,
    observers: Vec<bool>,
    found: Vec<StateId>,
}

impl<'a> Table<'a> {
    /// State 0 is the initial one. `classes` names one operation of `part` for each class.
    pub(crate) fn new<M: Model>(model: &'a M, part: &'a Part<M::Op>, classes: &'a [u32]) -> Self {
        let ops: Vec<_> = classes.iter().map(|&op| &part.entries[op as usize].op).collect();
        let observers = ops.iter().map(|op| model.observes(op)).collect();
        let mut states = Interner::default();
        states.number(model.init());
        let stepper = Box::new(Typed { model, ops, states, heap: 0 });
        Self { stepper, steps: FxHashMap::default(), several: Vec::new(), observers, found: Vec::new() }
    }

    /// The initial state.
    pub(crate) const INITIAL: StateId = 0;

    /// Where an operation of `class` leads from `state`.
    pub(crate) fn next(&mut self, state: StateId, class: u32) -> Outcomes {
        if let Some(&known) = self.steps.get(&(state, class)) {
            return known;
        }
        self.found.clear();
        self.stepper.step(state, class, &mut self.found);
        if self.observers[class as usize] {
            let stays = self.found.iter().all(|&next| next == state);
            assert!(stays, "an operation that its model calls an observer changes the state");
        }
        let outcomes = match *self.found.as_slice() {
            [] => Outcomes::None,
            [next] => Outcomes::One(next),
            _ => {
                let number = |at: usize| u32::try_from(at).expect("fewer than 2^32 outcomes");
                let start = number(self.several.len());
                self.several.extend_from_slice(&self.found);
                Outcomes::Several { start, len: number(self.found.len()) }
            }
        };
        self.steps.insert((state, class), outcomes);
        outcomes
    }

    /// One of the states that a step leads to.
    pub(crate) fn outcome(&self, outcomes: Outcomes, at: u32) -> Option<StateId> {
        match outcomes {
            Outcomes::One(state) if at == 0 => Some(state),
            Outcomes::Several { start, len } if at < len => Some(self.several[(start + at) as usize]),
            Outcomes::None | Outcomes::One(_) | Outcomes::Several { .. } => None,
        }
    }

    /// Whether operations of `class` only observe.
    pub(crate) fn observes(&self, class: u32) -> bool {
        self.observers[class as usize]
    }

    /// The value that a register holds in `state`.
    pub(crate) fn value_of(&self, state: StateId) -> Option<ValueId> {
        self.stepper.value_of(state)
    }

    /// About how many bytes the table holds until `soon` more steps are asked for.
    pub(crate) fn bytes(&self, soon: usize) -> usize {
        let entry = size_of::<((StateId, u32), Outcomes)>() + 1;
        growing(self.steps.len(), self.steps.capacity(), entry, soon)
            + self.several.capacity() * 4
            + self.stepper.bytes(soon)
    }
}

/// A model without its types.
trait Stepper {
    fn step(&mut self, state: StateId, class: u32, out: &mut Vec<StateId>);
    fn value_of(&self, state: StateId) -> Option<ValueId>;
    fn bytes(&self, soon: usize) -> usize;
}

struct Typed<'a, M: Model> {
    model: &'a M,
    ops: Vec<&'a M::Op>,
    states: Interner<M::State>,
    heap: usize,
}

impl<M: Model> Stepper for Typed<'_, M> {
    fn step(&mut self, state: StateId, class: u32, out: &mut Vec<StateId>) {
        let next: Vec<_> =
            self.model.step(&self.states.all[state as usize], self.ops[class as usize]).into_iter().collect();
        for next in next {
            let before = self.states.all.len();
            let heap = self.model.heap(&next);
            out.push(self.states.number(next));
            if self.states.all.len() > before {
                self.heap += heap;
            }
        }
    }

    fn value_of(&self, state: StateId) -> Option<ValueId> {
        self.model.value_of(&self.states.all[state as usize])
    }

    fn bytes(&self, soon: usize) -> usize {
        let states = &self.states;
        growing(states.all.len(), states.all.capacity(), size_of::<M::State>() + 4, soon)
            + growing(states.places.len(), states.places.capacity(), 17, soon)
            + self.heap
    }
}

/// States and their numbers, each state kept once.
struct Interner<S> {
    all: Vec<S>,
    /// Hash to the latest state with it; states of equal hash are chained through `earlier`.
    places: FxHashMap<u64, StateId>,
    earlier: Vec<StateId>,
}

const NONE: StateId = StateId::MAX;

impl<S> Default for Interner<S> {
    fn default() -> Self {
        Self { all: Vec::new(), places: FxHashMap::default(), earlier: Vec::new() }
    }
}

impl<S: Eq + Hash> Interner<S> {
    fn number(&mut self, state: S) -> StateId {
        let hash = FxBuildHasher.hash_one(&state);
        let latest = self.places.get(&hash).copied().unwrap_or(NONE);
        let mut at = latest;
        while at != NONE {
            if self.all[at as usize] == state {
                return at;
            }
            at = self.earlier[at as usize];
        }
        let id = StateId::try_from(self.all.len()).expect("fewer than 2^32 states");
        self.all.push(state);
        self.earlier.push(latest);
        self.places.insert(hash, id);
        id
    }
}
