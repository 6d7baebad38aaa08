//! Tests of whether a difference could be chance, and their correction where many are made.

use statrs::distribution::{Binomial, ChiSquared, ContinuousCDF, DiscreteCDF, Normal};
use statrs::stats_tests::Alternative;
use statrs::stats_tests::fisher::fishers_exact;

/// All tests that were made on a history (Benjamini & Hochberg 1995): of what is told with `q` below a bound, no greater
/// share is expected to be chance.
#[derive(Clone, Debug)]
pub(crate) struct Corrected {
    /// Each p, the least first, with its q.
    all: Vec<(f64, f64)>,
}

impl Corrected {
    /// Of the p of every test that was made, also of those that found nothing.
    pub(crate) fn new(mut tests: Vec<f64>) -> Self {
        tests.sort_unstable_by(f64::total_cmp);
        let count = tests.len() as f64;
        let mut all: Vec<_> =
            tests.iter().enumerate().map(|(at, &p)| (p, p * count / (at + 1) as f64)).collect();
        let mut least = 1.0_f64;
        for (_, q) in all.iter_mut().rev() {
            least = least.min(*q);
            *q = least;
        }
        Self { all }
    }

    /// The q of a test with this p, which is one of those that were made.
    pub(crate) fn q(&self, p: f64) -> f64 {
        let at = self.all.partition_point(|(other, _)| *other < p);
        self.all.get(at).map_or(1.0, |(_, q)| *q)
    }
}

/// The probability that chance alone leaves so small a share of happened operations in `some` against `others`, each given as
/// how many happened and how many did not (Fisher's exact test, one-sided).
pub(crate) fn fewer(some: [u64; 2], others: [u64; 2]) -> f64 {
    // Rows are the two outcomes, columns the two samples.
    let table = [some[0], others[0], some[1], others[1]];
    fishers_exact(&table, Alternative::Less).map_or(1.0, |p| p.clamp(0.0, 1.0))
}

/// The probability that chance alone leaves so few in some seconds, beside so many in others, where all of them come at one rate
/// (the conditional test of two Poisson rates, Przyborowski & Wilenski 1940, one-sided).
pub(crate) fn rarer((some, seconds): (u64, f64), (others, usual): (u64, f64)) -> f64 {
    let share = seconds / (seconds + usual);
    Binomial::new(share, some + others).map_or(1.0, |all| all.cdf(some).clamp(0.0, 1.0))
}

/// The probability that of so many, each of which lies in a part with this probability, so many or more do.
pub(crate) fn crowded(in_part: u64, of: u64, share: f64) -> f64 {
    match in_part {
        0 => 1.0,
        _ => Binomial::new(share, of).map_or(1.0, |all| all.sf(in_part - 1).clamp(0.0, 1.0)),
    }
}

/// The probability that independent arrivals at one rate leave counts whose variance is so many times their mean.
pub(crate) fn dispersed(index: f64, bins: usize) -> f64 {
    let freedom = bins.saturating_sub(1) as f64;
    ChiSquared::new(freedom).map_or(1.0, |chi| chi.sf(index * freedom))
}

/// The probability that counts which have nothing to do with each other are correlated by so much, of so many pairs (Fisher's
/// transformation).
pub(crate) fn beats(correlation: f64, pairs: usize) -> f64 {
    let z = correlation.clamp(-0.999_999, 0.999_999).atanh() * (pairs as f64 - 3.0).max(0.0).sqrt();
    Normal::standard().sf(z)
}

/// The middle one of some numbers.
pub(crate) fn median(mut of: Vec<f64>) -> Option<f64> {
    of.sort_unstable_by(f64::total_cmp);
    of.get(of.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_tests_are_corrected_for() {
        // The example of section 3.2 of the paper: with 0.05, the four least are told.
        let all = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
            0.6528, 0.7590, 1.0,
        ];
        let corrected = Corrected::new(all.to_vec());
        assert_eq!(all.iter().filter(|&&p| corrected.q(p) <= 0.05).count(), 4);
        assert!((corrected.q(0.0095) - 0.0095 * 15.0 / 4.0).abs() < 1e-9);
        assert_eq!(Corrected::new(vec![0.02]).q(0.02), 0.02);
    }

    #[test]
    fn shares_differ_or_not() {
        assert!(fewer([10, 90], [990, 10]) < 1e-50);
        assert!(fewer([30, 0], [990, 10]) > 0.5);
        assert!(fewer([0, 0], [10, 0]) >= 1.0);
        // Fisher's lady tasting tea: three of four.
        assert!((fewer([1, 3], [3, 1]) - 17.0 / 70.0).abs() < 1e-9);
    }

    #[test]
    fn rates_differ_or_not() {
        // Of ten that come in either of two equal times, one or none in the first: 11 of 1,024.
        assert!((rarer((1, 3.0), (9, 3.0)) - 11.0 / 1_024.0).abs() < 1e-12);
        assert!(rarer((500, 10.0), (1_000, 10.0)) < 1e-20);
        assert!(rarer((100, 1.0), (10_000, 100.0)) > 0.4);
        assert_eq!(rarer((0, 1.0), (0, 1.0)), 1.0);
        assert!(rarer((700_000, 10.0), (10_000_000, 100.0)) < 1e-20);
    }

    #[test]
    fn parts_are_crowded_or_not() {
        // Heads only, of four coins.
        assert!((crowded(4, 4, 0.5) - 1.0 / 16.0).abs() < 1e-12);
        assert!(crowded(50, 60, 0.1) < 1e-20 && crowded(6, 60, 0.1) > 0.3);
        assert_eq!((crowded(0, 0, 0.1), crowded(0, 5, 0.1)), (1.0, 1.0));
    }

    #[test]
    fn counts_are_dispersed_or_not() {
        assert!(dispersed(0.2, 20) > 0.99);
        assert!(dispersed(15.0, 20) < 1e-30);
        // The 99th percentile with 19 degrees of freedom is 36.19.
        assert!((dispersed(36.19 / 19.0, 20) - 0.01).abs() < 1e-4);
    }

    #[test]
    fn counts_are_correlated_or_not() {
        assert!((beats(0.0, 50) - 0.5).abs() < 1e-9);
        assert!(beats(0.7, 30) < 1e-4 && beats(-0.7, 30) > 0.99 && beats(1.0, 3) <= 0.5);
    }

    #[test]
    fn a_correlation_counts_by_how_many_pairs_there_are() {
        // Five times the inverse hyperbolic tangent of a half is 2.7465.
        assert!((beats(0.5, 28) - 0.003_012).abs() < 1e-5);
        assert_eq!((beats(0.5, 3), beats(0.5, 2)), (0.5, 0.5));
    }

    #[test]
    fn the_middle_one_is_the_later_of_two() {
        assert_eq!(median(vec![9.0, 1.0, 4.0]), Some(4.0));
        assert_eq!(median(vec![9.0, 1.0, 4.0, 2.0]), Some(4.0));
        assert_eq!(median(Vec::new()), None);
    }
}
