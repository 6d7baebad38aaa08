//! SYM10: answers were wrong while every dashboard was green. Around each wrong answer whose time is known, the whole system
//! failed as seldom and answered as fast as it does without faults.

use rustc_hash::FxHashMap;

use crate::baseline::{SAMPLE, Usual, between};
use crate::cell::Cell;
use crate::kind::SymptomKind;
use crate::proved::Proved;
use crate::rule::recorder_clock;
use crate::rules::{Asked, Candidates};
use crate::setting::{Setting, Unit};
use crate::symptom::{Number, Scope, Symptom};

/// See there.
pub(crate) static AROUND: Setting = Setting {
    name: "sym10.around",
    unit: Unit::Time,
    default: 5.0,
    about: "So long before and after a wrong answer all must have been as always.",
};

/// See there.
pub(crate) static ERRORS: Setting = Setting {
    name: "sym10.errors",
    unit: Unit::Share,
    default: 0.01,
    about: "All is as always where no more than this, and what chance explains, is added to the usual share of operations that did \
            not happen.",
};

/// See there.
pub(crate) static LATENCY: Setting = Setting {
    name: "sym10.latency",
    unit: Unit::Factor,
    default: 1.5,
    about: "All is as always where no more than two in a hundred take longer than so many times the usual 99th percentile of \
            latencies.",
};

/// From so many times the usual 99th percentile on, service is browned out (SYM04), however few it takes long for.
const BROWN: f64 = 3.0;

/// So many standard errors of a difference of shares are taken as chance.
const CHANCE: f64 = 2.58;

/// How many operations are shown.
const SHOWN: usize = 3;

pub(crate) fn find(of: &Asked<'_>) -> Candidates {
    let mut candidates = Candidates::default();
    // Where clocks that are apart explain what was seen too early, they may explain what was seen too late.
    if recorder_clock::are_apart(of) {
        return candidates;
    }
    // What was seen before it was put in may be a matter of the clocks that recorded it.
    let is_wrong = |proved: &&Proved| proved.code.starts_with("LIN") && proved.inversion.is_none();
    let timed = of.joined.proved.iter().filter(is_wrong);
    let timed: Vec<_> = timed.filter_map(|proved| Some((proved.time?, proved))).collect();
    let usual = of.baseline.usual(of.observed, of.thresholds.of(&SAMPLE), |_, _| true);
    let known = usual.and_then(|usual| Some((bad(&usual.cell)?, slowest(&usual)?, usual.cell.settled())));
    let Some((usual, normal, size)) = known.filter(|_| !timed.is_empty()) else { return candidates };
    let counts = of.observed.counts(|_, _| true);
    let most = (usual + of.thresholds.of(&ERRORS), normal * of.thresholds.of(&LATENCY));
    // Where some operations never happen, as what is refused, their share varies by chance.
    let chance = |count: u32| {
        let each = 1.0 / f64::from(count) + 1.0 / f64::from(size);
        CHANCE * (usual * (1.0 - usual) * each).sqrt()
    };
    // What is around a wrong answer is known to a stretch in which latencies are counted.
    let grid = &of.observed.latencies;
    let reach = of.thresholds.nanoseconds(&AROUND).max(grid.width());
    let mut known: FxHashMap<i64, Option<(f64, f64)>> = FxHashMap::default();
    let mut green = |at: i64| {
        *known.entry(grid.place(at)).or_insert_with_key(|&place| {
            let (from, to) = (grid.time(place) - reach, grid.time(place + 1) + reach);
            let around = Usual {
                seconds: 0.0,
                cell: between(of.observed, &counts, from, to),
                latencies: of.observed.latencies(from, to, |_, _| true),
            };
            let enough = f64::from(around.cell.settled()) >= of.thresholds.of(&SAMPLE);
            let seen = enough.then(|| Some((bad(&around.cell)?, slowest(&around)?))).flatten();
            // Where one in a hundred takes far longer than all others, chance makes two of it.
            let second = around.latencies.quantile(0.98).unwrap_or(f64::MAX);
            let is_bright = |seen: &(f64, f64)| second <= most.1 && seen.1 < BROWN * normal;
            seen.filter(|seen| seen.0 <= most.0 + chance(around.cell.settled()) && is_bright(seen))
        })
    };
    let wrong: Vec<_> = timed.iter().filter_map(|&(at, proved)| Some((at, proved, green(at)?))).collect();
    let times = || wrong.iter().map(|(at, ..)| *at);
    let Some(window) = times().min().zip(times().max()) else { return candidates };
    let worst = |of: fn(&(f64, f64)) -> f64| wrong.iter().map(|(.., seen)| of(seen)).fold(0.0, f64::max);
    let mut nodes: Vec<_> = wrong.iter().filter_map(|(_, proved, _)| proved.node).collect();
    nodes.sort_unstable();
    nodes.dedup();
    candidates.symptoms.push(Symptom {
        kind: SymptomKind::SilentWrongData,
        is_likeness: false,
        scope: Scope { nodes, ..Scope::default() },
        window,
        numbers: vec![
            Number::count("wrong", wrong.len() as u64),
            Number::count("known", timed.len() as u64),
            Number::share("errors", worst(|seen| seen.0)).usually(usual),
            Number::time("p99", worst(|seen| seen.1)).usually(normal),
        ],
        effect: None,
        sample: (wrong.len() as u64, timed.len() as u64),
        test: None,
        shown: wrong.iter().take(SHOWN).map(|(_, proved, _)| ("wrong", proved.subject)).collect(),
    });
    candidates
}

/// The share of operations that did not happen, as far as anybody knows; nothing of none.
fn bad(cell: &Cell) -> Option<f64> {
    cell.share().map(|happened| 1.0 - happened)
}

/// The latency that one in a hundred exceeds, in nanoseconds.
fn slowest(of: &Usual) -> Option<f64> {
    of.latencies.quantile(0.99)
}

#[cfg(test)]
mod tests {
    use super::super::codes::tests::proved;
    use super::*;
    use crate::trace::{Came, READ, Trace, ms, node};

    /// A run of 40 s with a fault from 20 s to 25 s, and one wrong answer at a time.
    fn with(came: (i64, Came), at: i64) -> Candidates {
        let mut trace = Trace::new();
        trace.steady(0..20_000, 10, 2).fault(20_000, 25_000, &[1]).steady(25_000..40_000, 10, 2);
        for time in (20_000..25_000).step_by(10) {
            trace.add((time as u32 / 10 % 4, 1), READ, time, Some(came));
        }
        trace.joined.proved = vec![proved("LIN001", at)];
        trace.find(find)
    }

    #[test]
    fn wrong_while_all_is_as_always_is_told() {
        let found = with((2, Came::Ok), 22_000);
        let [symptom] = &found.symptoms[..] else { panic!("{found:?}") };
        assert_eq!((symptom.numbers[0].value, symptom.numbers[1].value), (1.0, 1.0));
        assert_eq!(symptom.window, (ms(22_000), ms(22_000)));
        // While errors are elsewhere, this one was silent.
        assert_eq!(with((2, Came::Fail), 10_000).symptoms.len(), 1);
    }

    #[test]
    fn chance_is_no_sign() {
        // Few operations, of which one in so many fails, or takes long, and later more.
        let with = |later: i64, (usual, other): ((i64, Came), (i64, Came)), often: i64| {
            let mut trace = Trace::new();
            for at in 0..1_000 {
                let every = if at < 500 { often } else { later };
                let came = if at % every == 0 { other } else { usual };
                trace.add((at as u32 % 4, at as u32 % 3), READ, 40 * at, Some(came));
            }
            trace.fault(20_000, 25_000, &[1]);
            trace.joined.proved = vec![proved("LIN001", 30_000)];
            trace.find(find).symptoms.len()
        };
        let (ok, fail, late) = ((2, Came::Ok), (2, Came::Fail), (5, Came::Ok));
        assert_eq!([8, 6, 4].map(|later| with(later, (ok, fail), 10)), [1, 1, 0]);
        // Three of 275 are more than one in a hundred, thirty are more than two.
        assert_eq!([80, 9].map(|later| with(later, (ok, late), 200)), [1, 0]);
    }

    #[test]
    fn wrong_while_somebody_could_have_seen_it_is_not() {
        assert!(with((2, Came::Fail), 22_000).symptoms.is_empty());
        assert!(with((40, Came::Ok), 22_000).symptoms.is_empty());
        // Within five seconds of errors.
        assert!(with((2, Came::Fail), 28_000).symptoms.is_empty());
    }

    #[test]
    fn five_seconds_around_it_are_looked_at() {
        // What is around it is known to a fourth of a second.
        let told = |at| with((2, Came::Fail), at).symptoms.len();
        assert_eq!([14_990, 15_000].map(told), [1, 0]);
        assert_eq!([30_000, 29_990].map(told), [1, 0]);
    }

    /// Whether it is told where of 1,025 operations around it so many come to this, others as always after 4 ms.
    fn is_told(count: i64, came: (i64, Came)) -> bool {
        let mut trace = Trace::new();
        for at in 0..4_000_i64 {
            let odd = (2_000..2_000 + count).contains(&at);
            trace.add(
                (at as u32 % 4, at as u32 % 3),
                READ,
                10 * at,
                Some(if odd { came } else { (4, Came::Ok) }),
            );
        }
        trace.fault(20_000, 25_000, &[1]);
        trace.joined.proved = vec![proved("LIN001", 22_500)];
        let found = trace.find(find).symptoms;
        let share = found.first().map(|symptom| symptom.numbers[2].value);
        assert!(
            share.is_none_or(|share| came.1 == Came::Ok || (share - count as f64 / 1_025.0).abs() < 1e-9)
        );
        !found.is_empty()
    }

    #[test]
    fn one_more_error_in_a_hundred_is_seen() {
        assert_eq!([10, 11].map(|count| is_told(count, (4, Came::Fail))), [true, false]);
    }

    #[test]
    fn two_in_a_hundred_that_take_half_as_long_again_are_seen() {
        assert_eq!([5, 8].map(|long| is_told(30, (long, Came::Ok))), [true, false]);
        assert_eq!([20, 22].map(|count| is_told(count, (8, Came::Ok))), [true, false]);
        // Or one in a hundred that take three times as long.
        assert_eq!([12, 14].map(|long| is_told(15, (long, Came::Ok))), [true, false]);
    }

    #[test]
    fn the_nodes_that_were_wrong_are_named_once() {
        let mut trace = Trace::new();
        trace.steady(0..20_000, 10, 2);
        let of = |(at, of)| Proved { node: Some(node(of)), ..proved("LIN001", at) };
        trace.joined.proved = [(9_000, 2), (8_000, 1), (12_000, 2)].map(of).to_vec();
        let found = trace.find(find).symptoms;
        assert_eq!(found[0].scope.nodes, [node(1), node(2)]);
        assert_eq!((found[0].window, found[0].sample), ((ms(8_000), ms(12_000)), (3, 3)));
    }
}
