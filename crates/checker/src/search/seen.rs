//! The configurations that were entered, as antichains: none is kept that another one makes needless.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::shared::{LOOK, SHARDS};
use super::spent::SpentId;
use super::window::Window;
use crate::limits::{growing, table};
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

/// What is remembered of a configuration once everything it leads to has failed.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Failed<W> {
    /// Those that were not linearized, and that mattered.
    pub(super) need: W,
    /// The writes that were linearized and lacked.
    pub(super) used: W,
    /// What was used of those crashed operations that were lacked.
    pub(super) spent: SpentId,
}

/// What makes a configuration needless.
pub(super) enum Refused<W> {
    /// One that was entered can do all it can.
    Entered(Point<W>),
    /// It fails as another one did.
    Failed(Failed<W>),
}

/// What is known of configurations with the same key.
struct Known<W> {
    entered: SmallVec<[Point<W>; 1]>,
    failed: SmallVec<[Failed<W>; 1]>,
}

/// The configurations that were entered.
pub(super) struct Seen<W> {
    points: FxHashMap<Key<W>, Known<W>>,
    spilled: usize,
    width: u32,
    dominance: bool,
}

/// What became of a configuration that was to be entered, and how many others it was compared with.
pub(super) struct Entered<W> {
    /// `None` where it is entered.
    pub(super) refused: Option<Refused<W>>,
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
        at_most: impl Fn(SpentId, SpentId) -> bool,
    ) -> Entered<W> {
        let empty = || Known { entered: SmallVec::new(), failed: SmallVec::new() };
        let Known { entered: points, failed } = self.points.entry(key).or_insert_with(empty);
        let compared = points.len() + failed.len();
        if self.dominance {
            let fails_as = |x: &&Failed<W>| {
                x.need.is_apart(&new.observers)
                    && x.need.is_apart(&new.writes)
                    && new.writes.includes(&x.used)
                    && at_most(x.spent, new.spent)
            };
            if let Some(by) = failed.iter().rev().find(fails_as) {
                return Entered { refused: Some(Refused::Failed(by.clone())), compared };
            }
            let is_needless = |x: &Point<W>| {
                x.observers.includes(&new.observers)
                    && new.writes.includes(&x.writes)
                    && (new.writes == x.writes || hideable.includes(&new.writes.without(&x.writes)))
                    && at_most(x.spent, new.spent)
            };
            if let Some(by) = points.iter().find(|x| is_needless(x)) {
                return Entered { refused: Some(Refused::Entered(by.clone())), compared };
            }
            points.retain(|old| {
                !(new.observers.includes(&old.observers)
                    && new.writes == old.writes
                    && at_most(new.spent, old.spent))
            });
        } else if points.contains(&new) {
            return Entered { refused: Some(Refused::Entered(new)), compared };
        }
        points.push(new);
        self.spilled += usize::from(points.len() > 1);
        Entered { refused: None, compared }
    }

    /// A configuration has failed: it is remembered by what that is down to, too, and in the stead of others that failed
    /// for more.
    pub(super) fn fail(&mut self, key: &Key<W>, new: Failed<W>) {
        let Some(Known { failed, .. }) = self.points.get_mut(key) else { return };
        failed.retain(|old| {
            !(old.need.includes(&new.need) && old.used.includes(&new.used) && old.spent == new.spent)
        });
        failed.push(new);
        self.spilled += usize::from(failed.len() > 1);
    }

    /// About how many bytes it holds, or soon will.
    pub(super) fn bytes(&self) -> usize {
        let (len, capacity) = (self.points.len(), self.points.capacity());
        growing(len, capacity, self.entry(), LOOK as usize / SHARDS) + self.spilled()
    }

    /// About how many bytes it holds.
    pub(super) fn held(&self) -> usize {
        table(self.points.capacity(), self.entry()) + self.spilled()
    }

    fn entry(&self) -> usize {
        size_of::<(Key<W>, Known<W>)>() + 1 + 3 * W::heap(self.width)
    }

    fn spilled(&self) -> usize {
        self.spilled * 2 * (size_of::<Point<W>>().max(size_of::<Failed<W>>()) + 2 * W::heap(self.width))
    }
}
