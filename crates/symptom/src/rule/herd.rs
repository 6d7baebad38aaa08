//! SYM13: after a fault clients ask in step: in bursts far above what chance leaves, or again and again after one time.
//!
//! Counts of calls in bins are compared with the bins next to them, so that a rate which changes does not count (von Neumann
//! 1941), and without the two greatest changes, so that neither a single step nor a single burst does, unless far more ask at
//! once than had waited. Where the rate changes most, the time before that is looked at by itself, too: clients that are let in
//! again at last soon ask for so much that the bursts before are lost in it. Clients that ask in bursts all along do so by their
//! schedule.

use crate::baseline::{SAMPLE, within};
use crate::kind::SymptomKind;
use crate::rule::heal::heals;
use crate::rule::{Part, load};
use crate::rules::{Asked, Candidates};
use crate::setting::{Setting, Unit};
use crate::statistics::{beats, dispersed};
use crate::symptom::{Number, Symptom, Tested};

/// See there.
pub(crate) static TIMES: Setting = Setting {
    name: "sym13.times",
    unit: Unit::Factor,
    default: 10.0,
    about: "The index of dispersion of calls is so many times the usual one, or that of chance where that is greater.",
};

/// See there.
pub(crate) static BEAT: Setting = Setting {
    name: "sym13.beat",
    unit: Unit::Share,
    default: 0.5,
    about: "Or calls are correlated with those a fixed time before by so much, and usually by less than half of it.",
};

/// See there.
pub(crate) static AFTER: Setting = Setting {
    name: "sym13.after",
    unit: Unit::Time,
    default: 10.0,
    about: "For so long after a fault clients are looked at.",
};

/// How long a bin is, in nanoseconds.
const BIN: i64 = 100_000_000;
/// The correlation is less by so much at some lag before the one of a beat.
const TROUGH: f64 = 0.4;
/// So many of the greatest changes are taken to be none: a burst that does not come again makes these.
const LEFT_OUT: usize = 2;
/// Unless in a bin so many times as many are called as waited and as are usually called at a time, at the most.
const CROWD: f64 = 2.0;
/// A crowd is gone after so many bins.
const SOON: usize = 3;
/// What comes again after one time comes again after two of them as well: of lags whose correlation is nearly as high as the highest, by
/// so much, the shortest one is the beat.
const NEARLY: f64 = 0.05;
/// With fewer bins nothing is told.
const BINS: usize = 15;

pub(crate) fn find(asked: &Asked<'_>) -> Candidates {
    let Asked { observed, baseline, thresholds, .. } = *asked;
    let counts = observed.counts(|_, _| true);
    // So many stretches make a bin.
    let count = usize::try_from(BIN / observed.cells.width()).unwrap_or(0).max(1);
    let bins = |from: i64, to: i64| -> Vec<f64> {
        let cells = &counts[within(&observed.cells, counts.len(), from, to)];
        let whole = cells.chunks_exact(count);
        whole.map(|cells| cells.iter().map(|cell| f64::from(cell.calls)).sum()).collect()
    };
    let mut all = Candidates::default();
    // Where stretches are longer than a bin, nothing is known of bursts.
    if observed.cells.width() > BIN {
        return all;
    }
    let open = load::open(&counts);
    // How many were open as each bin began.
    let waiting = |from: i64, to: i64| -> Vec<f64> {
        let places = within(&observed.cells, counts.len(), from, to);
        let begins = places.step_by(count);
        begins.map(|at| at.checked_sub(1).map_or(0.0, |before| open[before] as f64)).collect()
    };
    // What is looked at is no part of what is usual.
    let usual = |looked: (i64, i64)| {
        let parts = baseline
            .stretches()
            .iter()
            .flat_map(|&(from, to)| [(from, to.min(looked.0)), (from.max(looked.1), to)]);
        let longest =
            parts.filter(|(from, to)| from < to).map(|(from, to)| bins(from, to)).max_by_key(Vec::len);
        longest.filter(|bins| bins.len() >= BINS)
    };
    for heal in heals(asked) {
        let to = heal.until.min(heal.at + thresholds.nanoseconds(&AFTER));
        let Some(usual) = usual((heal.at, to)) else { continue };
        let whole = bins(heal.at, to);
        let waiting = waiting(heal.at, to);
        let first = &whole[..change(&whole)];
        let until = heal.at + first.len() as i64 * BIN;
        for (after, to) in [(&whole[..], to), (first, until)] {
            let found = of_bins(asked, (after, &waiting), &usual, (heal.at, to), &mut all.tests);
            if found.is_some() {
                all.symptoms.extend(found);
                break;
            }
        }
    }
    all
}

/// What is told of the calls after a fault.
fn of_bins(
    asked: &Asked<'_>,
    (after, waiting): (&[f64], &[f64]),
    usual: &[f64],
    window: (i64, i64),
    tests: &mut Vec<f64>,
) -> Option<Symptom> {
    let thresholds = asked.thresholds;
    let calls: f64 = after.iter().sum();
    if after.len() < BINS || calls < thresholds.of(&SAMPLE) {
        return None;
    }
    // More than all who waited and who usually ask at a time: no end of a wait leaves that, even once.
    let is_crowd = after.iter().zip(waiting).enumerate().any(|(at, (calls, open))| {
        // It comes and goes; a rate that is higher from now on does not.
        let beside = [at.checked_sub(SOON), Some(at + SOON)].into_iter().flatten();
        let is_spike = beside.filter_map(|at| after.get(at)).all(|other| CROWD * other < *calls);
        is_spike && *calls > CROWD * (open + most(usual))
    });
    let left_out = if is_crowd { 0 } else { LEFT_OUT };
    let usual_index = neighbours(usual, LEFT_OUT).unwrap_or(0.0);
    let index = neighbours(after, left_out).unwrap_or(0.0);
    let p_index = dispersed(index, after.len());
    let (lag, beat) = strongest(after);
    let usual_beat = correlation(usual, lag).unwrap_or(0.0);
    let p_beat = (beats(beat, after.len() - lag) * lags(after.len()).count() as f64).min(1.0);
    tests.extend([p_index, p_beat]);
    let is_burst = index >= thresholds.of(&TIMES) * usual_index.max(1.0);
    // What is not more dispersed than chance and than usual has a beat of a clock, not of a herd; what is never more at a time
    // than usual has that of clients who give up after one time.
    let is_beat = beat >= thresholds.of(&BEAT)
        && usual_beat < beat / 2.0
        && index >= 2.0 * usual_index.max(1.0)
        && most(after) > most(usual);
    // A correlation that is none of a beat is not told.
    let has_beat = beat >= thresholds.of(&BEAT);
    let (told_lag, told_beat) = if has_beat { (lag, beat) } else { (0, 0.0) };
    (is_burst || is_beat).then(|| Symptom {
        kind: SymptomKind::ThunderingHerd,
        is_likeness: false,
        scope: Part::ALL.scope(),
        window,
        numbers: vec![
            Number::factor("index", index).usually(usual_index),
            Number::time("beat", told_lag as f64 * BIN as f64),
            Number::share("correlation", told_beat).usually(has_beat.then_some(usual_beat)),
            Number::count("most", most(after) as u64).usually(most(usual)),
        ],
        effect: Some(index / usual_index.max(1.0)),
        sample: (calls as u64, usual.iter().sum::<f64>() as u64),
        test: Some(Tested { p: if is_burst { p_index } else { p_beat }, q: 1.0 }),
        shown: Vec::new(),
    })
}

fn most(bins: &[f64]) -> f64 {
    bins.iter().copied().fold(0.0, f64::max)
}

/// After how many bins the rate changes most: there two rates make the counts likelier than at any other place.
fn change(bins: &[f64]) -> usize {
    let whole: f64 = bins.iter().sum();
    let likely =
        |calls: f64, count: usize| if calls > 0.0 { calls * (calls / count as f64).ln() } else { 0.0 };
    let mut best = (bins.len(), f64::NEG_INFINITY);
    let mut calls = 0.0;
    for (at, of) in (1..bins.len()).zip(bins) {
        calls += of;
        let both = likely(calls, at) + likely(whole - calls, bins.len() - at);
        if both > best.1 {
            best = (at, both);
        }
    }
    best.0
}

/// The index of dispersion of counts by their neighbours: a variance of half the mean square of differences, over the mean. So
/// many of the greatest differences are taken to be none.
fn neighbours(bins: &[f64], left_out: usize) -> Option<f64> {
    let mean = bins.iter().sum::<f64>() / bins.len() as f64;
    let mut squares: Vec<f64> = bins.windows(2).map(|two| (two[1] - two[0]).powi(2)).collect();
    squares.sort_unstable_by(f64::total_cmp);
    let kept = &squares[..squares.len().saturating_sub(left_out)];
    (mean > 0.0 && !kept.is_empty()).then(|| kept.iter().sum::<f64>() / (2 * squares.len()) as f64 / mean)
}

/// The lags that are looked at: at least three periods are there.
fn lags(bins: usize) -> std::ops::RangeInclusive<usize> {
    2..=bins / 3
}

/// The lag after which counts are most like those before, and their correlation.
fn strongest(bins: &[f64]) -> (usize, f64) {
    let of: Vec<f64> = (0..=bins.len() / 3).map(|lag| correlation(bins, lag).unwrap_or(0.0)).collect();
    // Counts that rise or fall slowly are like those shortly before, too: a beat has a trough in front of it.
    let has_trough = |lag: &usize| of[1..*lag].iter().any(|&before| before <= of[*lag] - TROUGH);
    let all = || lags(bins.len()).filter(has_trough).map(|lag| (lag, of[lag]));
    let highest = all().map(|(_, correlation)| correlation).fold(f64::NEG_INFINITY, f64::max);
    // Bins cut a burst in two: a neighbour of a higher one is that one's flank.
    let is_peak = |&(lag, here): &(usize, f64)| of.get(lag + 1).is_none_or(|&next| next <= here);
    all().filter(|(_, here)| *here >= highest - NEARLY).find(is_peak).unwrap_or((2, 0.0))
}

/// The correlation of counts with those of so many bins before.
fn correlation(bins: &[f64], lag: usize) -> Option<f64> {
    let pairs = bins.len().checked_sub(lag)?;
    let (some, others) = (&bins[..pairs], &bins[lag..]);
    let mean = |of: &[f64]| of.iter().sum::<f64>() / pairs as f64;
    let (mean, other_mean) = (mean(some), mean(others));
    let sum = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
        some.iter().zip(others).map(|(&one, &other)| of(one - mean, other - other_mean)).sum()
    };
    let both = (sum(&|one, _| one * one) * sum(&|_, other| other * other)).sqrt();
    (both > 0.0).then(|| sum(&|one, other| one * other) / both)
}

#[cfg(test)]
mod tests;
