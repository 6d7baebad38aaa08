//! What some functions were asked in a time, each compared with what is usual of itself, since what is asked changes.

use seriatim_history::ValueId;

use crate::baseline::{SAMPLE, Usual, between};
use crate::cell::{Cell, Latencies};
use crate::grid::Fold;
use crate::rule::brown_out::{HIGH, LOW, TIMES};
use crate::rules::Asked;

/// Of what happens, so much is slow.
const SLOW: f64 = 0.03;

/// What was seen of some functions at some nodes in a stretch of time.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    pub(super) cell: Cell,
    pub(super) latencies: Latencies,
    slow: u64,
}

impl Seen {
    /// How many that happened were not slow, and how many were.
    pub(super) fn pace(&self) -> [u64; 2] {
        [self.latencies.len() - self.slow, self.slow]
    }

    pub(super) fn slow_share(&self) -> f64 {
        self.slow as f64 / self.latencies.len().max(1) as f64
    }
}

/// What is asked by the functions that have something usual.
pub(super) struct Known<'a, F> {
    asked: &'a Asked<'a>,
    /// Which node's functions are looked at.
    has: F,
    /// Each function, the time from which on it is slow, in nanoseconds, and its counts.
    pub(super) functions: Vec<(ValueId, f64, Vec<Cell>)>,
}

impl<'a, F: Fn(Option<ValueId>, ValueId) -> bool> Known<'a, F> {
    pub(super) fn new(asked: &'a Asked<'a>, has: F) -> Self {
        let Asked { observed, baseline, thresholds, .. } = *asked;
        let of = |function: ValueId| {
            let has = |node, of| of == function && has(node, of);
            baseline.usual(observed, thresholds.of(&SAMPLE), has).filter(Usual::is_good)?;
            let slow = baseline.seldom_exceeded(observed, has)? * thresholds.of(&TIMES);
            Some((function, slow, observed.counts(has)))
        };
        let functions = observed.functions().into_iter().filter_map(of).collect();
        Self { asked, has, functions }
    }

    pub(super) fn seen(&self, (from, to): (i64, i64)) -> Seen {
        let observed = self.asked.observed;
        let mut seen = Seen::default();
        for (function, slow, counts) in &self.functions {
            let latencies = observed.latencies(from, to, |node, of| of == *function && (self.has)(node, of));
            seen.slow += latencies.longer(*slow);
            seen.latencies.fold(latencies);
            seen.cell.fold(between(observed, counts, from, to));
        }
        seen
    }

    /// What is usual; without a time that is in question, unless that is most of it.
    pub(super) fn usual(&self, without: Option<(i64, i64)>) -> Seen {
        let mut usual = Seen::default();
        let baseline = self.asked.baseline;
        let rest = without.and_then(|window| baseline.without(window));
        for &window in rest.as_ref().unwrap_or(baseline).stretches() {
            let Seen { cell, latencies, slow } = self.seen(window);
            usual.cell.fold(cell);
            usual.latencies.fold(latencies);
            usual.slow += slow;
        }
        usual
    }
}

/// How a stretch of time compares with what is usual.
pub(super) struct Judged {
    is_partial: bool,
    is_slow: bool,
}

impl Judged {
    pub(super) fn is_bad(&self) -> bool {
        self.is_partial || self.is_slow
    }
}

pub(super) fn judge(asked: &Asked<'_>, seen: &Seen, usual: &Seen, least: u32) -> Judged {
    let of = |setting| asked.thresholds.of(setting);
    let share = seen.cell.share().zip(usual.cell.share()).map(|(now, usually)| now / usually);
    let is_enough = seen.cell.settled() >= least;
    Judged {
        is_partial: is_enough && share.is_some_and(|share| (of(&LOW)..=of(&HIGH)).contains(&share)),
        is_slow: is_enough
            && share.is_some_and(|share| share >= of(&LOW))
            && seen.slow >= 3
            && seen.slow_share() >= SLOW
            && seen.slow_share() >= 2.0 * usual.slow_share(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Trace;

    /// How it is judged that so many happened, did not, and were slow, beside others that are usual; where so many are enough.
    fn judged(now: (u32, u32, u64), usual: (u32, u32, u64), least: u32) -> (bool, bool) {
        let seen = |(ok, fail, slow): (u32, u32, u64)| {
            let mut latencies = Latencies::default();
            (0..ok).for_each(|_| latencies.count(1_000_000));
            Seen { cell: Cell { ok, fail, ..Cell::default() }, latencies, slow }
        };
        let of = Trace::new().ask(|asked| judge(asked, &seen(now), &seen(usual), least));
        assert_eq!(of.is_bad(), of.is_partial || of.is_slow);
        (of.is_partial, of.is_slow)
    }

    #[test]
    fn part_of_it_is_neither_nothing_nor_all() {
        let is_partial = |ok, usually| judged((ok, 1_000 - ok, 0), (usually, 1_000 - usually, 0), 1).0;
        assert_eq!([199, 200, 950, 951].map(|ok| is_partial(ok, 1_000)), [false, true, true, false]);
        assert_eq!([99, 100, 475, 476].map(|ok| is_partial(ok, 500)), [false, true, true, false]);
        assert_eq!([4, 5].map(|least| judged((2, 2, 0), (100, 0, 0), least).0), [true, false]);
    }

    #[test]
    fn some_are_slow_where_twice_as_many_are_as_usual() {
        let is_slow = |now, usually| judged(now, (1_000, 0, usually), 1).1;
        assert_eq!([is_slow((100, 0, 3), 0), is_slow((66, 0, 2), 0)], [true, false]);
        assert_eq!([is_slow((1_000, 0, 30), 0), is_slow((1_000, 0, 29), 0)], [true, false]);
        assert_eq!([is_slow((1_000, 0, 80), 40), is_slow((1_000, 0, 79), 40)], [true, false]);
        assert_eq!([is_slow((200, 800, 20), 0), is_slow((199, 801, 20), 0)], [true, false]);
        assert_eq!([4, 5].map(|least| judged((4, 0, 4), (100, 0, 0), least).1), [true, false]);
    }
}
