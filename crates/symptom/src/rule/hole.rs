//! Where nothing of a series happened although it was asked, whatever is told of it, and how long that usually is so.
//!
//! Time in which nobody asked and nothing was open is in no hole.

use crate::baseline::{SAMPLE, within};
use crate::cell::Cell;
use crate::grid::{Fold, Grid};
use crate::rule::gap::{ATTEMPTS, LEAST};
use crate::rule::load;
use crate::rules::Asked;

/// A stretch in which nothing of a series happened, although it was asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hole {
    pub(crate) window: (i64, i64),
    /// Operations that were called in it.
    pub(crate) calls: u64,
    /// How many were open at a time in it, at the most; those that were called in it and never returned are open until its end.
    pub(crate) open: u64,
    /// Operations that ended in it, and did not happen.
    pub(crate) failed: u64,
    /// In how many short stretches of it something was asked.
    pub(crate) asked: u64,
}

/// The stretches of a series in which nothing happened for so long, although enough was called, or all of so many clients waited.
pub(crate) fn holes<T: Fold>(
    asked: &Asked<'_>,
    grid: &Grid<T>,
    counts: &[Cell],
    least: i64,
    waiting: Option<f64>,
) -> Vec<Hole> {
    let thresholds = asked.thresholds;
    let width = grid.width();
    let open = load::open(counts);
    let pause = (thresholds.nanoseconds(&LEAST) / width).max(1) as usize;
    let of = |(from, to): (usize, usize)| {
        let calls = |until| counts[from..until].iter().map(|cell| u64::from(cell.calls)).sum::<u64>();
        // Who asks as it ends says nothing of the time before.
        let early = calls(from + (to - from) * 3 / 4);
        let waited = open[from + (to - from) / 2];
        let is_asked =
            early as f64 >= thresholds.of(&ATTEMPTS) || waiting.is_some_and(|all| waited as f64 >= all);
        let is_long = (to - from) as i64 * width >= least;
        (is_long && is_asked).then(|| Hole {
            window: (grid.time(grid.span().start + from as i64), grid.time(grid.span().start + to as i64)),
            calls: calls(to),
            open: most_open(&counts[from..to], &open[from..to]),
            failed: counts[from..to].iter().map(|cell| u64::from(cell.fail + cell.info)).sum(),
            asked: (from..to).filter(|&at| open[at] > 0 || counts[at].calls > 0).count() as u64,
        })
    };
    silent(counts, &open, pause).into_iter().filter_map(of).collect()
}

/// How many were open at a time, at the most, where so many of those that returned were.
fn most_open(counts: &[Cell], open: &[i64]) -> u64 {
    let mut without_end = 0;
    let of = |(cell, open): (&Cell, &i64)| {
        without_end += i64::from(cell.calls) - i64::from(cell.ended_calls);
        u64::try_from(open + without_end).unwrap_or(0)
    };
    counts.iter().zip(open).map(of).max().unwrap_or(0)
}

/// The places from the first in which something was asked, and nothing happened, to the next in which something did; without those
/// at the end in which nobody asked, and in pieces where nobody did for longer than `pause` and a fourth of the time.
fn silent(counts: &[Cell], open: &[i64], pause: usize) -> Vec<(usize, usize)> {
    let mut all = Vec::new();
    // Where something was asked since something happened.
    let mut asked: Vec<usize> = Vec::new();
    // After the last one nothing is answered any more.
    for (at, cell) in counts.iter().zip(open).map(Some).chain([None]).enumerate() {
        match cell {
            Some((cell, open)) if cell.ok == 0 => asked.extend((*open > 0 || cell.calls > 0).then_some(at)),
            answered => {
                let pieces = pieces(&asked, pause);
                let last = pieces.len().saturating_sub(1);
                for (number, piece) in pieces.into_iter().enumerate() {
                    let (from, to) = (piece[0], piece[piece.len() - 1]);
                    // What is answered now was waited for until now.
                    let is_until = number == last && answered.is_some() && at - to <= pause;
                    all.push((from, if is_until { at } else { to + 1 }));
                }
                asked.clear();
            }
        }
    }
    all
}

/// Parts of some places, which are in order, between any two of which more than `pause` and a fourth of all lie.
fn pieces(places: &[usize], pause: usize) -> Vec<&[usize]> {
    let (Some(first), Some(last)) = (places.first(), places.last()) else { return Vec::new() };
    let hole = |at: usize| places[at] - places[at - 1];
    let widest = (1..places.len()).max_by_key(|&at| hole(at));
    match widest.filter(|&at| hole(at) > pause.max((last - first) / 4)) {
        Some(at) => [&places[..at], &places[at..]].into_iter().flat_map(|part| pieces(part, pause)).collect(),
        None => vec![places],
    }
}

/// What is usual between two operations of a series that happen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usually {
    /// The time that is seldom exceeded, in nanoseconds.
    pub(crate) between: i64,
    /// How many happened.
    pub(crate) count: u64,
    /// In how many of the short stretches in which something was asked something happened, and in how many nothing did.
    pub(crate) stretches: [u64; 2],
    /// How many happened of what was asked, and how many did not.
    pub(crate) outcomes: [u64; 2],
}

/// What is usual in a series. The longest of all times between two is left out, and one more for each thousand: one stall of a
/// machine makes no rule. Nothing where too little happened.
pub(crate) fn usually<T: Fold>(asked: &Asked<'_>, grid: &Grid<T>, counts: &[Cell]) -> Option<Usually> {
    let open = load::open(counts);
    let mut between: Vec<i64> = Vec::new();
    let (mut count, mut stretches, mut outcomes) = (0, [0; 2], [0; 2]);
    for &(from, to) in asked.baseline.stretches() {
        let mut since = None;
        for at in within(grid, counts.len(), from, to) {
            let has_happened = counts[at].ok > 0;
            outcomes.iter_mut().zip(counts[at].outcomes()).for_each(|(all, of)| *all += of);
            stretches[usize::from(!has_happened)] +=
                u64::from(has_happened || open[at] > 0 || counts[at].calls > 0);
            if has_happened {
                between.extend(since.map(|since| (at - since) as i64));
                since = Some(at);
                count += u64::from(counts[at].ok);
            }
        }
    }
    between.sort_unstable();
    let left_out = 1 + count as usize / 1_000;
    let seldom = between.len().checked_sub(1 + left_out).map(|at| between[at])?;
    let is_enough = count as f64 >= asked.thresholds.of(&SAMPLE);
    is_enough.then(|| Usually { between: seldom * grid.width(), count, stretches, outcomes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_nobody_asks_for_long_there_are_two() {
        assert_eq!(pieces(&[1, 2, 3, 13, 14, 40], 5), [&[1, 2, 3][..], &[13, 14], &[40]]);
        assert_eq!(pieces(&[1, 11, 21, 31, 41], 5), [[1, 11, 21, 31, 41]]);
        assert!(pieces(&[], 5).is_empty());
    }
}
