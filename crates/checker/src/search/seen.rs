//! The configurations that were entered, as antichains: none is kept that another one makes needless.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::shared::{LOOK, SHARDS};
use super::spent::SpentId;
use super::window::Window;
use crate::limits::growing;
use crate::table::StateId;

/// What two configurations must agree on to be compared.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Key<W> {
    pub(super) event: u32,
    pub(super) state: StateId,
    /// The linearized ones that neither only observe nor write blindly.
    pub(super) rigid: W,
}

/// What two configurations with the same key may differ in.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Point<W> {
    /// The linearized ones that only observe.
    pub(super) observers: W,
    /// The linearized ones that write blindly.
    pub(super) writes: W,
    pub(super) spent: SpentId,
}

/// The configurations that were entered.
pub(super) struct Seen<W> {
    points: FxHashMap<Key<W>, SmallVec<[Point<W>; 1]>>,
    spilled: usize,
    width: u32,
    dominance: bool,
}

/// What became of a configuration that was to be entered, and how many others it was compared with.
pub(super) struct Entered {
    /// What the one had used that makes it needless; `None` where it is entered.
    pub(super) refused_by: Option<SpentId>,
    pub(super) compared: usize,
}

impl<W: Window> Seen<W> {
    /// `dominance`: a configuration is needless once one was entered that can do all it can; otherwise only once the
    /// very same was entered.
    pub(super) fn new(width: u32, dominance: bool) -> Self {
        Self { points: FxHashMap::default(), spilled: 0, width, dominance }
    }

    /// Enters a configuration, unless it is needless.
    ///
    /// X makes Y needless if they agree on their key, X has done every observer that Y has, X has as much of every kind
    /// left (`at_most`), and X has linearized the same blind writes as Y or lacks only some that can still be hidden:
    /// those in `hideable`, which tells them for the new one. Then every completion of Y is one of X (see README.md).
    pub(super) fn enter(
        &mut self,
        key: Key<W>,
        new: Point<W>,
        hideable: &W,
        mut at_most: impl FnMut(SpentId, SpentId) -> bool,
    ) -> Entered {
        let points = self.points.entry(key).or_default();
        let compared = points.len();
        if self.dominance {
            let mut is_needless = |x: &Point<W>| {
                x.observers.includes(&new.observers)
                    && new.writes.includes(&x.writes)
                    && (new.writes == x.writes || hideable.includes(&new.writes.without(&x.writes)))
                    && at_most(x.spent, new.spent)
            };
            if let Some(by) = points.iter().find(|x| is_needless(x)) {
                return Entered { refused_by: Some(by.spent), compared };
            }
            points.retain(|old| {
                !(new.observers.includes(&old.observers)
                    && new.writes == old.writes
                    && at_most(new.spent, old.spent))
            });
        } else if points.contains(&new) {
            return Entered { refused_by: Some(new.spent), compared };
        }
        points.push(new);
        if points.len() > 1 {
            self.spilled += 1;
        }
        Entered { refused_by: None, compared }
    }

    /// Remembers a configuration by less than it used, if it is still remembered.
    pub(super) fn weaken(&mut self, key: &Key<W>, point: &Point<W>, spent: SpentId) {
        let points = self.points.get_mut(key).into_iter().flatten();
        points.filter(|old| *old == point).for_each(|old| old.spent = spent);
    }

    /// About how many bytes it holds.
    pub(super) fn bytes(&self) -> usize {
        let point = size_of::<Point<W>>() + 2 * W::heap(self.width);
        let entry = size_of::<(Key<W>, SmallVec<[Point<W>; 1]>)>() + 1 + 3 * W::heap(self.width);
        growing(self.points.len(), self.points.capacity(), entry, LOOK as usize / SHARDS)
            + self.spilled * 2 * point
    }
}
