//! Who contradicts an operation that saw a sum.

use seriatim_model::{Access, Model};

use super::{Scout, Seen};

/// The sum that an operation saw before it.
fn saw(access: &Access) -> Option<i128> {
    match *access {
        Access::Sum(sum) | Access::ChangeFrom(sum, _) => Some(sum),
        _ => None,
    }
}

/// What an operation adds.
fn adds(access: &Access) -> i128 {
    match *access {
        Access::Change(adds) | Access::ChangeFrom(_, adds) => adds,
        _ => 0,
    }
}

/// Amounts added up, the positive ones and the negative ones.
#[derive(Clone, Copy, Default)]
struct Amounts([i128; 2]);

impl Amounts {
    fn with(self, amount: i128) -> Self {
        let mut sums = self.0;
        let sum = &mut sums[usize::from(amount < 0)];
        *sum = sum.saturating_add(amount);
        Self(sums)
    }

    /// What is left of these without those, which are some of them.
    fn without(self, those: Self) -> Self {
        Self([self.0[0].saturating_sub(those.0[0]), self.0[1].saturating_sub(those.0[1])])
    }
}

impl<M: Model> Scout<'_, M> {
    /// Of those that saw a sum before the last operation, the one from which on the most must have been added until then,
    /// and the one from which on the least can have been.
    fn at_odds(&self, last: &Seen) -> impl Iterator<Item = usize> + use<M> {
        let others: Vec<Seen> = self.prefix().filter(|seen| seen.at != self.last).collect();
        // What must have been added by then, of those from each on in the order of their calls.
        let mut must = vec![Amounts::default(); others.len() + 1];
        for (at, seen) in others.iter().enumerate().rev() {
            let amount = if seen.ret < last.call { adds(&seen.access) } else { 0 };
            must[at] = must[at + 1].with(amount);
        }
        // What was added for sure when each of these returns happened.
        let mut returns: Vec<(u32, i128)> =
            others.iter().map(|seen| (seen.ret, adds(&seen.access))).collect();
        returns.sort_unstable();
        let mut over = vec![Amounts::default()];
        over.extend(returns.iter().scan(Amounts::default(), |sums, &(_, amount)| {
            *sums = sums.with(amount);
            Some(*sums)
        }));
        let all = over.last().copied().unwrap_or_default();
        let (mut most, mut least) = (None, None);
        for seen in others.iter().filter(|seen| seen.ret < last.call) {
            let Some(sum) = saw(&seen.access) else { continue };
            let own = adds(&seen.access);
            let sum = sum.saturating_add(own);
            let [must_up, must_down] = must[others.partition_point(|other| other.call < seen.ret)].0;
            let before = over[returns.partition_point(|&(ret, _)| ret < seen.call)];
            let [may_up, may_down] = all.without(before).without(Amounts::default().with(own)).0;
            most = most.max(Some((sum.saturating_add(must_up).saturating_add(may_down), seen.at)));
            let key = (sum.saturating_add(may_up).saturating_add(must_down), seen.at);
            least = Some(least.map_or(key, |known: (i128, usize)| known.min(key)));
        }
        [most, least].into_iter().flatten().map(|(_, at)| at)
    }

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
        let pairs = others.chain(self.at_odds(&last)).map(|at| vec![at]);
        let found = self.first_of(std::iter::once(Vec::new()).chain(pairs));
        // A few sums in turn leave less room than any two.
        found.or_else(|| self.nearest_of(|at| self.access(at).is_some_and(|access| saw(&access).is_some())))
    }
}
