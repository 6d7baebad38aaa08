//! What is left with as much of it overlapping as can.

use rustc_hash::FxHashSet;
use seriatim_history::{OpId, Operation};
use seriatim_model::Model;
use seriatim_model::widening::wider;

use super::{Reducer, Tried, Try};

/// The most operations whose events are put in another order: each pair of them may take a try.
const MOST: usize = 64;

/// An operation, and one that was called when it was over.
type Pair = (OpId, OpId);

impl<M: Model> Reducer<'_, M> {
    /// Lets pairs of operations overlap that did not, and leaves out what can be then, by turns, until no pair can any more
    /// and nothing more goes. How many pairs do at the end that did not; `None` where too many operations are left.
    pub(super) fn widen(&mut self) -> Option<usize> {
        if self.history.operations.len() > MOST {
            return None;
        }
        let before = self.apart();
        let mut needed = FxHashSet::default();
        while !self.is_over() && self.overlap(&mut needed) {
            self.shrink();
        }
        let left: FxHashSet<OpId> = self.numbers().into_iter().collect();
        let now = self.apart();
        let overlaps =
            |pair: &&Pair| left.contains(&pair.0) && left.contains(&pair.1) && !now.contains(*pair);
        Some(before.iter().filter(overlaps).count())
    }

    /// Lets pairs of operations overlap, until no single one can any more; `false` where none could. Where a pair that
    /// overlaps leaves a linearization, it leaves one too when more overlaps or goes: it is not tried again, unless a goal
    /// is to be met.
    fn overlap(&mut self, needed: &mut FxHashSet<Pair>) -> bool {
        let mut is_wider = false;
        loop {
            let (mut is_taken, mut undecided) = (false, 0);
            for way in wider(&self.history) {
                if self.is_over() {
                    return is_wider;
                }
                let pair = [way.first, way.second].map(|at| &self.history.operations[at]);
                let [first, second] = pair.map(|operation| self.number(operation));
                // What a goal names is to stay as it was told.
                let is_told = pair.iter().all(|operation| self.is_kept(operation.call.event));
                if is_told || needed.contains(&(first, second)) {
                    continue;
                }
                match self.try_with(&Try::Widen(&way.order)) {
                    Tried::Smaller => is_taken = true,
                    Tried::Failed if self.goal.is_none() => _ = needed.insert((first, second)),
                    Tried::Undecided => undecided += 1,
                    Tried::Same | Tried::Failed => {}
                }
                if is_taken {
                    break;
                }
            }
            if !is_taken {
                self.undecided += undecided;
                return is_wider;
            }
            is_wider = true;
        }
    }

    /// The pairs of operations of which one was over when the other was called.
    fn apart(&self) -> FxHashSet<Pair> {
        let all = || self.history.operations.iter();
        let follows =
            |first: &Operation, next: &Operation| first.ret().is_some_and(|ret| ret < next.call.event);
        let number = |operation| self.number(operation);
        all()
            .flat_map(|first| {
                let next = all().filter(move |next| follows(first, next));
                next.map(move |next| (number(first), number(next)))
            })
            .collect()
    }
}
