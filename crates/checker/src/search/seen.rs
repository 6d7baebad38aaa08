//! The configurations that were entered, as antichains: none is kept that another one makes needless.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::LOOK;
use super::spent::{Spent, SpentId};
use super::window::Window;
use crate::limits::growing;
use crate::table::StateId;

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key<W> {
    event: u32,
    state: StateId,
    mutators: W,
}

/// What two configurations with the same key may differ in: which observers are done, and what was spent.
type Point<W> = (W, SpentId);

/// The configurations that were entered.
pub(crate) struct Seen<W> {
    points: FxHashMap<Key<W>, SmallVec<[Point<W>; 1]>>,
    spilled: usize,
    width: u32,
    dominance: bool,
    compared: u64,
}

impl<W: Window> Seen<W> {
    /// `dominance`: a configuration is needless once one was entered that can do all it can; otherwise only once the
    /// very same was entered.
    pub(crate) fn new(width: u32, dominance: bool) -> Self {
        Self { points: FxHashMap::default(), spilled: 0, width, dominance, compared: 0 }
    }

    /// Enters a configuration; `false` where it is needless.
    ///
    /// X makes Y needless if they agree on event, state and linearized mutators, X has done every observer that Y has,
    /// and X has spent at most as much: every completion of Y is one of X (ALGORITHMS §B2b).
    pub(crate) fn enter(
        &mut self,
        event: u32,
        state: StateId,
        mutators: W,
        observers: W,
        spent: SpentId,
        all: &Spent,
    ) -> bool {
        let points = self.points.entry(Key { event, state, mutators }).or_default();
        self.compared += points.len() as u64;
        if self.dominance {
            let serves = |x: &Point<W>, y: &Point<W>| x.0.includes(&y.0) && all.at_most(x.1, y.1);
            let new = (observers, spent);
            if points.iter().any(|point| serves(point, &new)) {
                return false;
            }
            points.retain(|point| !serves(&new, point));
            points.push(new);
        } else {
            let new = (observers, spent);
            if points.contains(&new) {
                return false;
            }
            points.push(new);
        }
        if points.len() > 1 {
            self.spilled += 1;
        }
        true
    }

    /// How many comparisons of configurations were made so far: the work that counting configurations leaves out.
    pub(crate) fn compared(&self) -> u64 {
        self.compared
    }

    /// About how many bytes it holds.
    pub(crate) fn bytes(&self) -> usize {
        let point = size_of::<Point<W>>() + W::heap(self.width);
        let entry = size_of::<(Key<W>, SmallVec<[Point<W>; 1]>)>() + 1 + 2 * W::heap(self.width);
        growing(self.points.len(), self.points.capacity(), entry, LOOK as usize) + self.spilled * 2 * point
    }
}
