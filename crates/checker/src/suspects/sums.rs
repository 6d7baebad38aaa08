//! Who contradicts an operation that saw a sum.

use seriatim_model::{Access, Model};

use super::Scout;

/// The sum that an operation saw before it.
fn saw(access: &Access) -> Option<i128> {
    match *access {
        Access::Sum(sum) | Access::ChangeFrom(sum, _) => Some(sum),
        _ => None,
    }
}

impl<M: Model> Scout<'_, M> {
    pub(super) fn of_counter(&self) -> Option<Vec<usize>> {
        let last = self.seen(self.last)?;
        let sum = saw(&last.access)?;
        // The greatest and the least sum that was seen before, the latest, and the nearest on either side.
        let (mut most, mut least, mut latest, mut below, mut above) = (None, None, None, None, None);
        let mut same = None;
        for seen in self.prefix().filter(|seen| seen.at != self.last && seen.ret < self.end) {
            let Some(other) = saw(&seen.access) else { continue };
            let key = (other, seen.at);
            if other == sum && matches!(seen.access, Access::ChangeFrom(..)) {
                same = same.or(Some(seen.at));
            }
            if seen.ret > last.call {
                continue;
            }
            most = most.max(Some(key));
            least = Some(least.map_or(key, |known: (i128, usize)| known.min(key)));
            latest = latest.max(Some((seen.ret, seen.at)));
            if other <= sum {
                below = below.max(Some(key));
            } else {
                above = Some(above.map_or(key, |known: (i128, usize)| known.min(key)));
            }
        }
        let others = [most, least, below, above].map(|found| found.map(|(_, at)| at));
        let others = others.into_iter().chain([latest.map(|(_, at)| at), same]).flatten();
        let pairs = others.map(|at| vec![at]);
        self.first_of(std::iter::once(Vec::new()).chain(pairs))
    }
}
