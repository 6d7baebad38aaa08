//! SYM20: many operations that did not happen ended after one and the same time, far above what is usual: the patience of
//! clients ended, not the system's work. What they would have waited for is not measured.

use crate::kind::SymptomKind;
use crate::observed::Observed;
use crate::rule::Part;
use crate::rules::{Asked, Candidates};
use crate::setting::{Setting, Unit};
use crate::statistics::crowded;
use crate::symptom::{Number, Symptom, Tested};

/// See there.
pub(crate) static SHARE: Setting = Setting {
    name: "sym20.share",
    unit: Unit::Share,
    default: 0.05,
    about: "This share of all operations that end does not happen, and ends within a hundredth of one time.",
};

/// See there.
pub(crate) static LEAST: Setting = Setting {
    name: "sym20.operations",
    unit: Unit::Count,
    default: 20.0,
    about: "And at least so many of them do.",
};

/// See there.
pub(crate) static TIMES: Setting = Setting {
    name: "sym20.times",
    unit: Unit::Factor,
    default: 3.0,
    about: "The time is so many times as long as the 99th percentile of what usually happens.",
};

/// Of those that end within a tenth of the time, so many end within a hundredth: a hill is no cliff.
const STEEP: f64 = 0.5;

pub(crate) fn find(asked: &Asked<'_>) -> Candidates {
    let symptoms = Vec::from_iter(cliff(asked));
    let tests = symptoms.iter().filter_map(|symptom| symptom.test).map(|test| test.p).collect();
    Candidates { symptoms, tests }
}

fn cliff(asked: &Asked<'_>) -> Option<Symptom> {
    let Asked { observed, baseline, thresholds, .. } = *asked;
    let sample = thresholds.of(&crate::baseline::SAMPLE);
    let usual = baseline.usual(observed, sample, |_, _| true)?;
    let seldom = usual.latencies.quantile(0.99)?;
    let lengths = &observed.lengths[1];
    let lengths: Vec<_> = lengths
        .iter_recorded()
        .map(|of| (lengths.median_equivalent(of.value_iterated_to()) as f64, of.count_at_value()))
        .collect();
    let all = observed.lengths[0].len() + observed.lengths[1].len();
    let within = |from: f64, to: f64| -> u64 {
        let from = lengths.partition_point(|(length, _)| *length < from);
        let to = lengths.partition_point(|(length, _)| *length <= to);
        lengths[from..to.max(from)].iter().map(|(_, count)| u64::from(*count)).sum()
    };
    let far = lengths.iter().filter(|(length, _)| *length >= seldom * thresholds.of(&TIMES));
    // Many lengths have as many within a hundredth of them: the one that most of these have is the patience of clients.
    let (count, _, length) = far
        .map(|&(length, exactly)| (within(length * 0.99, length * 1.01), exactly, length))
        .max_by(|one, other| (one.0, one.1).cmp(&(other.0, other.1)).then(other.2.total_cmp(&one.2)))?;
    let share = count as f64 / all as f64;
    let beside = within(length * 0.9, length * 1.1);
    let is_steep = count as f64 >= STEEP * beside as f64;
    // Any length could have been the one.
    let p = (crowded(count, beside, 0.1) * lengths.len() as f64).min(1.0);
    let is_cliff = count as f64 >= thresholds.of(&LEAST) && share >= thresholds.of(&SHARE) && is_steep;
    is_cliff.then(|| Symptom {
        kind: SymptomKind::TimeoutCliff,
        is_likeness: false,
        scope: Part::ALL.scope(),
        window: window(observed, length as i64),
        numbers: vec![
            Number::time("timeout", length).usually(seldom),
            Number::count("operations", count),
            Number::share("share", share),
        ],
        effect: Some(length / seldom),
        sample: (all, usual.cell.ok.into()),
        test: Some(Tested { p, q: 1.0 }),
        shown: Vec::new(),
    })
}

/// From when to when long operations ended that did not happen, and when the first of them can have begun.
fn window(observed: &Observed, length: i64) -> (i64, i64) {
    let counts = observed.counts(|_, _| true);
    let is_long = |at: &usize| counts[*at].long > 0 && counts[*at].fail + counts[*at].info > 0;
    let time = |at: usize| observed.cells.time(observed.cells.span().start + at as i64);
    let (first, last) = ((0..counts.len()).find(is_long), (0..counts.len()).rev().find(is_long));
    let (first, last) = (first.unwrap_or(0), last.unwrap_or(counts.len() - 1));
    ((time(first) - length).max(time(0)), time(last + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{Came, READ, Trace, ms};

    /// Some operations that end after such times while the others happen at once.
    fn trace(lengths: impl Iterator<Item = i64>, came: Came) -> Trace {
        let mut trace = Trace::new();
        trace.steady(0..10_000, 10, 5).fault(4_000, 8_000, &[]);
        for (at, length) in lengths.enumerate() {
            trace.add((at as u32 % 4, 0), READ, 4_000 + at as i64 * 20, Some((length, came)));
        }
        trace
    }

    #[test]
    fn many_end_when_patience_does() {
        let all = trace((0..150).map(|at| if at % 2 == 0 { 1_000 + at % 6 } else { 1 }), Came::Info);
        let [symptom] = all.find(find).symptoms.try_into().expect("it is told once");
        let timeout = symptom.numbers[0].value;
        assert!((0.98e9..1.02e9).contains(&timeout), "{timeout}");
    }

    #[test]
    fn the_time_that_most_wait_for_is_told() {
        // Most give up after half a second, and some a little earlier or later.
        let long = |at: i64| if at % 10 == 0 { 495 + at % 11 } else { 500 };
        let all = trace((0..150).map(|at| if at % 2 == 0 { long(at) } else { 1 }), Came::Info);
        let [symptom] = all.find(find).symptoms.try_into().expect("it is told once");
        let timeout = symptom.numbers[0].value;
        assert!((499.7e6..500.3e6).contains(&timeout), "{timeout}");
    }

    #[test]
    fn what_fails_at_once_or_after_any_time_is_none() {
        assert_eq!(trace((0..100).map(|_| 1), Came::Fail).find(find).symptoms, []);
        assert_eq!(trace((0..100).map(|at| 500 + 10 * at), Came::Fail).find(find).symptoms, []);
        assert_eq!(trace((0..10).map(|_| 1_000), Came::Info).find(find).symptoms, []);
    }

    #[test]
    fn what_happens_after_one_time_is_none() {
        assert_eq!(trace((0..100).map(|_| 1_000), Came::Ok).find(find).symptoms, []);
    }

    /// Whether as many end after these times as are given with each, beside a thousand that happen at once.
    fn is_told(setting: (&Setting, f64), counts: &[(i64, usize)]) -> bool {
        let lengths = counts.iter().flat_map(|&(length, count)| std::iter::repeat_n(length, count));
        let mut all = trace(lengths, Came::Info);
        all.thresholds.set(setting.0, setting.1);
        !all.find(find).symptoms.is_empty()
    }

    #[test]
    fn many_are_twenty_and_one_in_twenty() {
        assert_eq!([20, 19].map(|count| is_told((&SHARE, 0.01), &[(1_000, count)])), [true, false]);
        assert_eq!([53, 52].map(|count| is_told((&SHARE, 0.05), &[(1_000, count)])), [true, false]);
    }

    #[test]
    fn a_cliff_is_steep_and_far_away() {
        let beside = |count| is_told((&TIMES, 3.0), &[(1_000, 60), (950, count), (1_050, count)]);
        assert_eq!([30, 31].map(beside), [true, false]);
        // Others take five milliseconds, which are known to a fifth.
        assert_eq!([18, 13].map(|length| is_told((&TIMES, 3.0), &[(length, 100)])), [true, false]);
    }

    #[test]
    fn it_lasts_from_the_first_who_waits_to_the_last_end() {
        let mut all = trace((0..60).map(|_| 1_000), Came::Info);
        // Neither what fails at once nor what takes long and happens is part of it.
        all.add((0, 0), READ, 1_000, Some((1, Came::Fail)));
        all.add((0, 0), READ, 8_000, Some((1_500, Came::Ok)));
        let [symptom] = all.find(find).symptoms.try_into().expect("it is told once");
        let (from, to) = symptom.window;
        assert!((ms(3_985)..=ms(4_010)).contains(&from) && to == ms(6_190), "{from} {to}");
        let [timeout, count, share] = &symptom.numbers[..] else { panic!("{symptom:?}") };
        assert_eq!((count.value, share.value, symptom.sample), (60.0, 60.0 / 1_062.0, (1_062, 300)));
        let usual = timeout.usual.expect("it is known");
        assert!((4e6..6e6).contains(&usual) && symptom.effect == Some(timeout.value / usual), "{symptom:?}");
    }
}
