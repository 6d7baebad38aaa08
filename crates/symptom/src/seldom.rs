//! The latency that is seldom exceeded in the time that is usual.

use seriatim_history::ValueId;

use crate::baseline::Baseline;
use crate::cell::Latencies;
use crate::grid::Fold;
use crate::observed::Observed;
use crate::statistics::median;

/// So many operations there are at least in each of the pieces in which latencies are compared, and so many pieces.
const PIECE: (u64, std::ops::RangeInclusive<u64>) = (100, 4..=16);

impl Baseline {
    /// The latency that one in a hundred of some nodes' functions usually exceeds, in nanoseconds: that which three of four pieces of the
    /// time that is usual stay below, without the longest stretch of pieces that are slower than others. So one time in which all was
    /// slow is not usual, and what comes again and again is. Of all of it where there is little.
    pub fn seldom_exceeded(
        &self,
        observed: &Observed,
        has: impl Fn(Option<ValueId>, ValueId) -> bool,
    ) -> Option<f64> {
        let whole = self.stretches().iter().fold(Latencies::default(), |mut all, &(from, to)| {
            all.fold(observed.latencies(from, to, &has));
            all
        });
        let pieces = (whole.len() / (2 * PIECE.0)).min(*PIECE.1.end());
        let of_pieces = || {
            let of = |(from, to)| Some(observed.latencies(from, to, &has)).filter(|of| of.len() >= PIECE.0);
            let seldom: Vec<_> =
                self.pieces(pieces).into_iter().filter_map(of).filter_map(|of| of.quantile(0.99)).collect();
            let mut seldom = without_the_slowest(seldom);
            seldom.sort_unstable_by(f64::total_cmp);
            (seldom.len() as u64 >= *PIECE.1.start()).then(|| seldom[3 * seldom.len() / 4])
        };
        let known = if pieces >= *PIECE.1.start() { of_pieces() } else { None };
        known.or_else(|| whole.quantile(0.99))
    }
}

/// Latencies, which are in the order of time, without the longest run of those that are twice as long as the middle one, unless that is a
/// third of all.
fn without_the_slowest(mut of: Vec<f64>) -> Vec<f64> {
    let Some(middle) = median(of.clone()) else { return of };
    let is_slow = |latency: f64| latency > 2.0 * middle;
    let runs = of.chunk_by(|one, other| is_slow(*one) == is_slow(*other)).scan(0, |from, run| {
        *from += run.len();
        Some((*from - run.len()..*from, is_slow(run[0])))
    });
    let longest = runs.filter(|(_, is_slow)| *is_slow).map(|(run, _)| run).max_by_key(ExactSizeIterator::len);
    if let Some(run) = longest.filter(|run| 3 * run.len() < of.len()) {
        of.drain(run);
    }
    of
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setting::Thresholds;
    use crate::trace::Trace;

    #[test]
    fn a_stretch_in_which_all_was_slow_is_not_usual() {
        let mut trace = Trace::new();
        trace.steady(0..10_000, 5, 3).steady(10_000..13_000, 5, 60).steady(13_000..20_000, 5, 3);
        let observed = trace.observed();
        let usual = Baseline::new(&observed, &Thresholds::default());
        let all = usual.usual(&observed, 30.0, |_, _| true).expect("enough was asked");
        assert!(all.latencies.quantile(0.99).is_some_and(|of| of > 50e6));
        assert!(usual.seldom_exceeded(&observed, |_, _| true).is_some_and(|of| of < 4e6));
        assert_eq!(usual.seldom_exceeded(&observed, |_, _| false), None);
    }

    #[test]
    fn one_slow_time_is_left_out_of_many_pieces() {
        let of = |of: &[f64]| without_the_slowest(of.to_vec());
        assert_eq!(of(&[1.0, 1.0, 9.0, 8.0, 1.0, 7.0, 1.0, 1.0, 1.0]), [1.0, 1.0, 1.0, 7.0, 1.0, 1.0, 1.0]);
        assert_eq!(of(&[1.0, 9.0, 1.0]), [1.0, 9.0, 1.0]);
        assert_eq!(of(&[1.0, 1.0, 1.0, 9.0, 9.0]).len(), 5);
        // Twice as long as the middle one is not slow.
        assert_eq!(of(&[3.0, 3.0, 6.0, 3.0]).len(), 4);
        assert_eq!(of(&[3.0, 3.0, 6.1, 3.0]).len(), 3);
        assert!(of(&[]).is_empty());
    }

    #[test]
    fn what_is_slow_again_and_again_is_usual() {
        let mut trace = Trace::new();
        for at in 0..5 {
            trace.steady(4_000 * at..4_000 * at + 2_800, 5, 3).steady(
                4_000 * at + 2_800..4_000 * at + 4_000,
                5,
                60,
            );
        }
        let observed = trace.observed();
        let usual = Baseline::new(&observed, &Thresholds::default());
        assert!(usual.seldom_exceeded(&observed, |_, _| true).is_some_and(|of| of > 50e6));
    }
}
