//! Two operations that name a window in which a state would have to change too often.

use seriatim_history::ValueId;
use seriatim_model::{Access, Kind, Model, Part};

use super::Scout;

/// Of how many elements windows are looked for, where the last operation saw a whole set.
const ELEMENTS: usize = 8;

impl<M: Model> Scout<'_, M> {
    /// A late start for a window that ends with the last operation. There is one in all that the algorithm for two states
    /// refutes: it asks for the same changes as the verifier from the first operation on, unless somebody added or removed
    /// something without being told whether that made a difference, and made none; then it says neither yes nor no. Of a
    /// read of the whole nobody knows which element it is at odds with, so only some are tried.
    pub(super) fn of_window(&self) -> Option<Vec<usize>> {
        match self.model.kind() {
            Kind::Mutex { .. } => self.starting_with(self.part, self.until_stopped(0..self.called).collect()),
            Kind::Set => self.elements().into_iter().find_map(|element| {
                let is_named = |at: &usize| self.access(*at).is_some_and(|it| it.values().eq([element]));
                let ops: Vec<usize> = self.until_stopped(0..self.called).filter(is_named).collect();
                let of_element = self.what_matters(&self.with_last(ops.iter().take(1).copied().collect()));
                self.starting_with(of_element.as_ref().unwrap_or(self.part), ops)
            }),
            _ => None,
        }
    }

    /// The element of the last operation, or those that others named last before it.
    fn elements(&self) -> Vec<ValueId> {
        let Some(last) = self.access(self.last) else { return Vec::new() };
        let Access::ReadAll(_) = last else { return last.values().collect() };
        let mut elements: Vec<ValueId> = Vec::new();
        for at in self.until_stopped(0..self.called).collect::<Vec<_>>().into_iter().rev() {
            let named = self.access(at).into_iter().flat_map(|access| access.values());
            elements.extend(named.filter(|element| !elements.contains(element)).collect::<Vec<_>>());
            if elements.len() >= ELEMENTS {
                break;
            }
        }
        elements
    }

    /// The last operation, and of some, in the order of their calls, a late one with which it shows something.
    fn starting_with(&self, part: &Part<M::Op>, mut ops: Vec<usize>) -> Option<Vec<usize>> {
        ops.retain(|&at| at != self.last);
        let pair = |back: usize| self.with_last(vec![ops[ops.len() - back]]);
        let shows = |back: &usize| self.holds(part, &pair(*back));
        // Longer and longer ones, and then between the last one that is too short and the first that is not.
        let doubled = std::iter::successors(Some(1), |back| Some(2 * back));
        let mut lengths = doubled.take_while(|&back| back < ops.len()).chain([ops.len()]);
        if ops.is_empty() {
            return None;
        }
        let mut enough = lengths.find(shows)?;
        let mut too_short = enough / 2;
        while enough - too_short > 1 {
            let middle = usize::midpoint(enough, too_short);
            if shows(&middle) {
                enough = middle;
            } else {
                too_short = middle;
            }
        }
        Some(pair(enough))
    }
}
