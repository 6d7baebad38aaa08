//! Whether latencies of one kind are longer than those of another, without a word on how they are distributed.

use statrs::distribution::{ContinuousCDF, Normal};

use crate::cell::Latencies;

/// The probability that chance alone ranks `some` so far above `others` (Mann & Whitney 1947: one-sided, by the normal
/// approximation, with the correction for ties, of which classes of latencies make many). One where either is empty.
pub(crate) fn longer(some: &Latencies, others: &Latencies) -> f64 {
    let (m, n) = (some.len() as f64, others.len() as f64);
    let all = m + n;
    if m == 0.0 || n == 0.0 || all < 3.0 {
        return 1.0;
    }
    // How often one of `some` is longer than one of `others`; what is equal counts half.
    let (mut wins, mut below, mut ties) = (0.0, 0.0, 0.0);
    for (one, other) in some.counts().zip(others.counts()) {
        let (one, other) = (f64::from(one), f64::from(other));
        wins += one * (below + other / 2.0);
        below += other;
        ties += (one + other).powi(3) - (one + other);
    }
    let variance = m * n / 12.0 * (all + 1.0 - ties / (all * (all - 1.0)));
    if variance <= 0.0 {
        return 1.0;
    }
    let z = (wins - m * n / 2.0 - 0.5) / variance.sqrt();
    Normal::standard().sf(z)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(latencies: impl IntoIterator<Item = u64>) -> Latencies {
        let mut all = Latencies::default();
        latencies.into_iter().for_each(|latency| all.count(latency * 1_000_000));
        all
    }

    #[test]
    fn longer_ones_are_told_from_others() {
        assert!(longer(&of([100; 40]), &of([10; 40])) < 1e-15);
        assert!(longer(&of([10; 40]), &of([100; 40])) > 0.999);
        // All of one class are no longer than each other.
        assert_eq!(longer(&of([10; 40]), &of([10; 40])), 1.0);
        assert_eq!(longer(&of([]), &of([10; 40])), 1.0);
    }

    #[test]
    fn ties_count_half() {
        // Of 1, 2, 2, 3 against 2, 2, 3, 4, each four: R's wilcox.test(x, y, "greater", exact = FALSE) says 0.04165.
        let few = [10, 20, 20, 30].into_iter().cycle().take(16);
        let more = [20, 20, 30, 40].into_iter().cycle().take(16);
        let p = longer(&of(more), &of(few));
        assert!((p - expected()).abs() < 1e-3, "{p}");
    }

    /// The same from ranks: sums of ranks of 16 and 16, ties of 4, 16, 8 and 4.
    fn expected() -> f64 {
        // Ranks: 10 has 2.5, 20 has 12.5 (5 to 20), 30 has 24.5 (21 to 28), 40 has 30.5.
        let sum = 8.0 * 12.5 + 4.0 * 24.5 + 4.0 * 30.5;
        let u: f64 = sum - 16.0 * 17.0 / 2.0;
        let ties = 4.0_f64.powi(3) + 16.0_f64.powi(3) + 8.0_f64.powi(3) + 4.0_f64.powi(3) - 32.0;
        let variance = 256.0 / 12.0 * (33.0 - ties / (32.0 * 31.0));
        Normal::standard().sf((u - 128.0 - 0.5) / variance.sqrt())
    }
}
