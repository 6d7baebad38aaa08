//! Numbers the states and remembers the steps: the only place where the search meets a model.

use std::hash::{BuildHasher, Hash};
use std::sync::Mutex;

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

/// The steps of a model, asked for once each by everybody who has a table.
pub(crate) struct Table<'s, 'a> {
    stepper: &'s Mutex<Box<dyn Stepper + 'a>>,
    steps: Steps,
    several: Vec<StateId>,
    /// By class.
    observers: &'s [bool],
    found: Vec<StateId>,
    asked: u64,
}

impl<'s, 'a> Table<'s, 'a> {
    /// `observers` tells of each class whether it only observes; `states` how many states there can be at the most,
    /// where that is known.
    pub(crate) fn new(
        stepper: &'s Mutex<Box<dyn Stepper + 'a>>,
        observers: &'s [bool],
        states: Option<usize>,
    ) -> Self {
        let steps = Steps::new(observers.len(), states);
        Self { stepper, steps, several: Vec::new(), observers, found: Vec::new(), asked: 0 }
    }

    /// The initial state.
    pub(crate) const INITIAL: StateId = 0;

    /// Where an operation of `class` leads from `state`.
    pub(crate) fn next(&mut self, state: StateId, class: u32) -> Outcomes {
        if let Some(known) = self.steps.get(state, class) {
            return known;
        }
        self.asked += 1;
        self.found.clear();
        self.stepper.lock().expect("no model panics").step(state, class, &mut self.found);
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
        self.steps.insert(state, class, outcomes);
        outcomes
    }

    /// How many steps the model was asked for.
    pub(crate) fn asked(&self) -> u64 {
        self.asked
    }

    /// One of the states that a step leads to.
    pub(crate) fn outcome(&self, outcomes: Outcomes, at: u32) -> Option<StateId> {
        match outcomes {
            Outcomes::One(state) if at == 0 => Some(state),
            Outcomes::Several { start, len } if at < len => Some(self.several[(start + at) as usize]),
            Outcomes::None | Outcomes::One(_) | Outcomes::Several { .. } => None,
        }
    }

    /// The value that a register holds in `state`.
    pub(crate) fn value_of(&self, state: StateId) -> Option<ValueId> {
        self.stepper.lock().expect("no model panics").value_of(state)
    }

    /// About how many bytes the table holds until `soon` more steps are asked for, the states left out.
    pub(crate) fn bytes(&self, soon: usize) -> usize {
        self.steps.bytes(soon) + self.several.capacity() * 4
    }
}

/// What is known of steps.
enum Steps {
    /// A row for each state, a cell for each class.
    Dense { classes: usize, cells: Vec<Option<Outcomes>> },
    /// Where there may be too many states or classes for rows.
    Sparse(FxHashMap<(StateId, u32), Outcomes>),
}

impl Steps {
    /// The cells that rows may take.
    const CELLS: usize = 1 << 22;

    fn new(classes: usize, states: Option<usize>) -> Self {
        match states.and_then(|states| states.checked_mul(classes)) {
            Some(cells) if cells <= Self::CELLS => Self::Dense { classes, cells: Vec::new() },
            _ => Self::Sparse(FxHashMap::default()),
        }
    }

    fn get(&self, state: StateId, class: u32) -> Option<Outcomes> {
        match self {
            Self::Dense { classes, cells } => {
                cells.get(state as usize * classes + class as usize).copied().flatten()
            }
            Self::Sparse(steps) => steps.get(&(state, class)).copied(),
        }
    }

    fn insert(&mut self, state: StateId, class: u32, outcomes: Outcomes) {
        match self {
            Self::Dense { classes, cells } => {
                let at = state as usize * *classes + class as usize;
                if cells.len() <= at {
                    cells.resize((state as usize + 1) * *classes, None);
                }
                cells[at] = Some(outcomes);
            }
            Self::Sparse(steps) => {
                steps.insert((state, class), outcomes);
            }
        }
    }

    /// About how many bytes it holds until `soon` more steps are known.
    fn bytes(&self, soon: usize) -> usize {
        match self {
            Self::Dense { cells, .. } => cells.capacity() * size_of::<Option<Outcomes>>(),
            Self::Sparse(steps) => {
                let entry = size_of::<((StateId, u32), Outcomes)>() + 1;
                growing(steps.len(), steps.capacity(), entry, soon)
            }
        }
    }
}

/// A model without its types, and the numbers of its states. State 0 is the initial one.
pub(crate) trait Stepper: Send {
    /// The states that an operation of a class leads to.
    fn step(&mut self, state: StateId, class: u32, out: &mut Vec<StateId>);
    /// The value that a register holds.
    fn value_of(&self, state: StateId) -> Option<ValueId>;
    /// About how many bytes the states hold until `soon` more are numbered.
    fn bytes(&self, soon: usize) -> usize;
}

/// The steps of a model; `classes` names one operation of `part` for each class.
pub(crate) fn stepper<'a, M: Model>(
    model: &'a M,
    part: &'a Part<M::Op>,
    classes: &[u32],
) -> Box<dyn Stepper + 'a> {
    let ops: Vec<_> = classes.iter().map(|&op| &part.entries[op as usize].op).collect();
    let mut states = Interner::default();
    states.number(model.init());
    Box::new(Typed { model, ops, states, heap: 0 })
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
