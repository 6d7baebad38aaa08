//! A sum: what may have been added between any two operations that saw it.

use super::gap::{Mask, Other, Window};
use super::orders::Object;
use crate::access::Access;

/// What a kept operation saw and added.
#[derive(Clone, Copy, Debug)]
struct Does {
    /// The sum before it, where that is known.
    saw: Option<i128>,
    adds: i128,
}

/// What those that were left out add who may be at the same places. Whoever does not return is never where it must
/// come before something, so it need not be told from the others.
#[derive(Clone, Copy, Debug)]
struct Amounts {
    window: Window,
    /// What the positive ones add up to, and the negative ones.
    sums: [i128; 2],
}

pub(super) struct Sums {
    initial: i128,
    does: Vec<Does>,
    amounts: Vec<Amounts>,
}

/// When a sum was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Point {
    /// Those that came before.
    before: Mask,
    /// These, and the operation that saw it.
    with: Mask,
    /// What it was.
    sum: i128,
}

/// All points, the first ones first.
pub(super) type Points = Vec<Point>;

impl Sums {
    /// `None` where an operation is none of a counter, or amounts are too large to add.
    pub(super) fn of_counter(
        initial: i128,
        accesses: &[Access],
        others: impl Iterator<Item = Other>,
    ) -> Option<Self> {
        let does = accesses.iter().map(|access| does(access).filter(|_| !is_of_log(access)));
        let mut sums = Self { initial, does: does.collect::<Option<Vec<_>>>()?, amounts: Vec::new() };
        for other in others {
            sums.add(&other)?;
        }
        Some(sums)
    }

    /// The number of entries of a log.
    pub(super) fn of_log(accesses: &[Access]) -> Option<Self> {
        let does = accesses.iter().map(|access| does(access).filter(|_| is_of_log(access)));
        Some(Self { initial: 0, does: does.collect::<Option<Vec<_>>>()?, amounts: Vec::new() })
    }

    /// Takes an operation into account that was left out; `None` where that cannot be.
    pub(super) fn add(&mut self, other: &Other) -> Option<()> {
        let access = other.access.as_ref()?;
        if *access == Access::Never {
            return Some(());
        }
        let adds = does(access)?.adds;
        if adds == 0 {
            return Some(());
        }
        let known = self.amounts.iter().rposition(|amounts| amounts.window == other.window);
        let at = known.unwrap_or_else(|| {
            self.amounts.push(Amounts { window: other.window, sums: [0; 2] });
            self.amounts.len() - 1
        });
        let sum = &mut self.amounts[at].sums[usize::from(adds < 0)];
        *sum = sum.checked_add(adds)?;
        Some(())
    }

    pub(super) fn start() -> Points {
        Vec::new()
    }

    /// The points with that of `op`, if it saw the sum and can have seen it; `None` where it cannot.
    pub(super) fn see(&self, points: &Points, before: Mask, op: usize) -> Option<Points> {
        let Some(sum) = self.does[op].saw else { return Some(points.clone()) };
        let point = Point { before, with: before | 1 << op, sum };
        let is_possible = std::iter::once(None).chain(points.iter().map(Some)).all(|earlier| {
            // Where sums are too large to tell, they are possible.
            self.is_possible(earlier, &point).unwrap_or(true)
        });
        is_possible.then(|| points.iter().copied().chain([point]).collect())
    }

    /// Whether the sum may have come from what it was at a point, or at the start, to what it was at another; `None`
    /// where that is too large to tell.
    fn is_possible(&self, from: Option<&Point>, to: &Point) -> Option<bool> {
        let between = to.before & !from.map_or(0, |from| from.before);
        let kept = (0..)
            .zip(&self.does)
            .filter(|&(at, _): &(u32, _)| between & 1 << at != 0)
            .try_fold(0_i128, |sum, (_, does)| sum.checked_add(does.adds))?;
        let was = from.map_or(self.initial, |from| from.sum);
        let (mut least, mut most) = (kept, kept);
        for &Amounts { window, sums: [up, down] } in &self.amounts {
            // Nothing comes before the start.
            let must =
                window.must_precede(to.with) && from.is_none_or(|from| !window.may_precede(from.before));
            let may =
                window.may_precede(to.before) && from.is_none_or(|from| !window.must_precede(from.with));
            if must {
                least = least.checked_add(up.checked_add(down)?)?;
                most = most.checked_add(up.checked_add(down)?)?;
            } else if may {
                least = least.checked_add(down)?;
                most = most.checked_add(up)?;
            }
        }
        let difference = to.sum.checked_sub(was)?;
        Some((least..=most).contains(&difference))
    }
}

fn is_of_log(access: &Access) -> bool {
    matches!(access, Access::Append(_) | Access::AppendAt(..) | Access::ReadLog(_))
}

/// What an operation saw and added; a log is a sum of entries.
fn does(access: &Access) -> Option<Does> {
    let count = |count: usize| i128::try_from(count).ok();
    Some(match access {
        &Access::Change(adds) => Does { saw: None, adds },
        &Access::ChangeFrom(saw, adds) => Does { saw: Some(saw), adds },
        &Access::Sum(saw) => Does { saw: Some(saw), adds: 0 },
        Access::Append(_) => Does { saw: None, adds: 1 },
        &Access::AppendAt(_, place) => Does { saw: Some(count(place)?), adds: 1 },
        Access::ReadLog(all) => Does { saw: Some(count(all.len())?), adds: 0 },
        _ => return None,
    })
}

impl Object for Sums {
    type State = Points;

    fn start(&self) -> Points {
        Self::start()
    }

    fn next(&self, points: &Points, done: Mask, op: usize) -> impl IntoIterator<Item = Points> {
        self.see(points, done, op)
    }
}
