//! Numbers the states and remembers the steps: the only place where the search meets a model.

use std::sync::atomic::{AtomicUsize, Ordering};

use rustc_hash::FxHashMap;
use seriatim_history::ValueId;
use seriatim_model::{Model, Part};

use crate::interner::Interner;
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
    stepper: &'s (dyn Stepper + 'a),
    steps: Steps,
    several: Vec<StateId>,
    /// By class.
    observers: &'s [bool],
    found: Vec<StateId>,
    asked: u64,
    glances: u64,
}

impl<'s, 'a> Table<'s, 'a> {
    /// `observers` tells of each class whether it only observes; `states` how many states there can be at the most,
    /// where that is known.
    pub(crate) fn new(stepper: &'s (dyn Stepper + 'a), observers: &'s [bool], states: Option<usize>) -> Self {
        let steps = Steps::new(observers.len(), states);
        Self { stepper, steps, several: Vec::new(), observers, found: Vec::new(), asked: 0, glances: 0 }
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
        self.steps.insert(state, class, outcomes);
        outcomes
    }

    /// What an operation of `class` would do in `state`, and whether it makes one of class `aim` legal; `None` where it
    /// cannot happen. Where there may be many states none is kept for what is only looked at.
    pub(crate) fn glance(&mut self, state: StateId, class: u32, aim: u32) -> Option<Glance> {
        if matches!(self.steps, Steps::Sparse(_)) {
            if self.steps.get(state, class) == Some(Outcomes::None) {
                return None;
            }
            self.glances += 1;
            return self.stepper.glance(state, class, aim);
        }
        match self.next(state, class) {
            Outcomes::None => None,
            Outcomes::Several { .. } => Some(Glance { enables: true, is_idle: false }),
            Outcomes::One(next) => {
                let enables = self.next(next, aim) != Outcomes::None;
                Some(Glance { enables, is_idle: next == state })
            }
        }
    }

    /// How many steps the model was asked for, and how many it was only to look at.
    pub(crate) fn asked(&self) -> (u64, u64) {
        (self.asked, self.glances)
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
        self.stepper.value_of(state)
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

/// What a step would do, without the states that it leads to being kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Glance {
    /// Whether another operation would be legal then, or there is more than one outcome.
    pub(crate) enables: bool,
    /// Whether nothing changes.
    pub(crate) is_idle: bool,
}

/// A model without its types, and the numbers of its states. State 0 is the initial one.
pub(crate) trait Stepper: Sync {
    /// The states that an operation of a class leads to.
    fn step(&self, state: StateId, class: u32, out: &mut Vec<StateId>);
    /// What an operation of a class would do, and whether it makes one of class `aim` legal; `None` where it cannot
    /// happen.
    fn glance(&self, state: StateId, class: u32, aim: u32) -> Option<Glance>;
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
    let states = Interner::new();
    states.number(model.init());
    Box::new(Typed { model, ops, states, heap: AtomicUsize::new(0) })
}

struct Typed<'a, M: Model> {
    model: &'a M,
    ops: Vec<&'a M::Op>,
    states: Interner<M::State>,
    /// Bytes that the states hold on the heap.
    heap: AtomicUsize,
}

impl<M: Model> Stepper for Typed<'_, M> {
    fn step(&self, state: StateId, class: u32, out: &mut Vec<StateId>) {
        for next in self.model.step(self.states.get(state), self.ops[class as usize]) {
            let heap = self.model.heap(&next);
            let (number, is_new) = self.states.number(next);
            out.push(number);
            if is_new {
                self.heap.fetch_add(heap, Ordering::Relaxed);
            }
        }
    }

    fn glance(&self, state: StateId, class: u32, aim: u32) -> Option<Glance> {
        let state = self.states.get(state);
        let mut outcomes = self.model.step(state, self.ops[class as usize]).into_iter();
        let next = outcomes.next()?;
        if outcomes.next().is_some() {
            return Some(Glance { enables: true, is_idle: false });
        }
        let enables = self.model.step(&next, self.ops[aim as usize]).into_iter().next().is_some();
        Some(Glance { enables, is_idle: next == *state })
    }

    fn value_of(&self, state: StateId) -> Option<ValueId> {
        self.model.value_of(self.states.get(state))
    }

    fn bytes(&self, soon: usize) -> usize {
        self.states.bytes(soon) + self.heap.load(Ordering::Relaxed)
    }
}
