//! SYM11: clients asked again and again for what was asked already.
//!
//! Where tries are numbered, that is how many there are to a request. Where they are not, it only looks like it: clients call
//! far more while far less happens, and more is open than usual. In a closed loop whose failures return at once clients call
//! more, too, but less is open.

use crate::baseline::{SAMPLE, between, within};
use crate::cell::Cell;
use crate::kind::SymptomKind;
use crate::rule::sliding::{sharpened, slides, stretches, united};
use crate::rule::{Part, load};
use crate::rules::{Asked, Candidates};
use crate::setting::{Setting, Unit};
use crate::statistics::fewer;
use crate::symptom::{Number, Symptom, Tested};

/// See there.
pub(crate) static TRIES: Setting = Setting {
    name: "sym11.tries",
    unit: Unit::Factor,
    default: 3.0,
    about: "Where tries are numbered: so many to a request.",
};

/// See there.
pub(crate) static LOAD: Setting = Setting {
    name: "sym11.load",
    unit: Unit::Factor,
    default: 2.0,
    about: "Where they are not: so many times the calls that are usual in a second.",
};

/// See there.
pub(crate) static FALL: Setting = Setting {
    name: "sym11.fall",
    unit: Unit::Share,
    default: 0.3,
    about: "And the share of what happens is less than usual by so much.",
};

/// See there.
pub(crate) static LEAST: Setting =
    Setting { name: "sym11.least", unit: Unit::Time, default: 1.0, about: "That lasts at least so long." };

/// In windows of this length it is looked for, in nanoseconds.
const LENGTH: i64 = 1_000_000_000;

/// A time that is put together from parts is told where so much of what is asked of each holds of it.
const NEARLY: f64 = 0.9;

/// In most of so many parts of a window clients have to call more.
const QUARTERS: i64 = 4;

pub(crate) fn find(asked: &Asked<'_>) -> Candidates {
    let Asked { observed, baseline, thresholds, .. } = *asked;
    let sample = thresholds.of(&SAMPLE);
    let is_numbered = observed.are_tries_known;
    // That there are many tries to a request needs nothing to fall from.
    let usual = baseline.usual(observed, sample, |_, _| true).filter(|usual| is_numbered || usual.is_good());
    let (Some(usual), Some(span)) = (usual, observed.span()) else { return Candidates::default() };
    let counts = observed.counts(|_, _| true);
    let slides = slides(observed, &counts, span, LENGTH);
    let usual_tries = tries(&usual.cell);
    let open = load::open(&counts);
    let usual_open = mean(
        baseline
            .stretches()
            .iter()
            .flat_map(|&(from, to)| &open[within(&observed.cells, open.len(), from, to)]),
    );
    let usual_share = usual.cell.share().unwrap_or(1.0);
    let holds = |cell: &Cell, (from, to): (i64, i64), share: f64| {
        if is_numbered {
            let least = thresholds.of(&TRIES).max(1.5 * usual_tries.unwrap_or(1.0));
            return tries(cell).is_some_and(|tries| tries >= share * least);
        }
        let calls = f64::from(cell.calls) * 1e9 / (to - from) as f64;
        // A burst that is over at once is not that clients ask on and on.
        let most = |count: usize| 4 * count >= 3 * QUARTERS as usize;
        let quarter = (to - from) / QUARTERS;
        let often = (0..QUARTERS).filter(|at| {
            let begin = from + at * quarter;
            let calls = between(observed, &counts, begin, begin + quarter).calls;
            f64::from(calls) * 1e9 / quarter as f64 >= share * thresholds.of(&LOAD) * usual.calls()
        });
        calls >= share * thresholds.of(&LOAD) * usual.calls()
            && most(often.count())
            && cell.share().is_some_and(|share| usual_share - share >= thresholds.of(&FALL))
            && mean(&open[within(&observed.cells, open.len(), from, to)]) >= usual_open
    };
    let windows = stretches(&slides, |_, slide| {
        slide.cell.calls >= 10 && holds(&slide.cell, (slide.from, slide.to), 1.0)
    });
    let windows =
        united(windows, |from, to| holds(&between(observed, &counts, from, to), (from, to), NEARLY));
    let mut all = Candidates::default();
    for window in windows {
        let (from, to) = sharpened(observed, window, LENGTH);
        let cell = between(observed, &counts, from, to);
        let is_told = f64::from(cell.calls) >= sample && holds(&cell, (from, to), NEARLY);
        if !is_told || to - from < thresholds.nanoseconds(&LEAST) {
            continue;
        }
        // Either fewer happen, or fewer are first tries.
        let p = if is_numbered {
            let first = |cell: &Cell| [u64::from(cell.numbered - cell.again), cell.again.into()];
            fewer(first(&cell), first(&usual.cell))
        } else {
            fewer(cell.outcomes(), usual.cell.outcomes())
        };
        all.tests.push(p);
        let calls = f64::from(cell.calls) * 1e9 / (to - from) as f64;
        // Either is known.
        let often = match tries(&cell).filter(|_| is_numbered) {
            Some(tries) => Number::factor("tries", tries).usually(usual_tries),
            None => Number::factor("load", calls / usual.calls()),
        };
        all.symptoms.push(Symptom {
            kind: SymptomKind::RetryAmplification,
            is_likeness: !is_numbered,
            scope: Part::ALL.scope(),
            window: (from, to),
            numbers: vec![
                Number::time("lasted", (to - from) as f64),
                Number::rate("calls", calls).usually(usual.calls()),
                Number::share("share", cell.share().unwrap_or(0.0)).usually(usual_share),
                often,
            ],
            effect: Some(often.value),
            sample: (cell.calls.into(), usual.cell.calls.into()),
            test: Some(Tested { p, q: 1.0 }),
            shown: Vec::new(),
        });
    }
    all
}

/// How many tries there are to a request, of those that are numbered.
fn tries(cell: &Cell) -> Option<f64> {
    let first = cell.numbered.saturating_sub(cell.again).max(1);
    (cell.numbered > 0).then(|| f64::from(cell.numbered) / f64::from(first))
}

fn mean<'a>(of: impl IntoIterator<Item = &'a i64>) -> f64 {
    let (sum, count) = of.into_iter().fold((0, 0), |(sum, count), of| (sum + of, count + 1));
    sum as f64 / f64::from(count.max(1))
}

#[cfg(test)]
mod tests {
    use seriatim_history::Told;

    use super::*;
    use crate::trace::{Came, READ, Trace, ms};

    fn trace(every: usize, length: i64, attempt: impl Fn(u32) -> Option<u32>) -> Trace {
        let mut trace = Trace::new();
        let told = |attempt| Told { attempt, ..Told::default() };
        for (at, time) in (0..12_000).step_by(10).enumerate() {
            if !(4_000..8_000).contains(&time) {
                trace.told((at as u32 % 8, 0), READ, time, Some((20, Came::Ok)), told(attempt(0)));
            }
        }
        for (at, time) in (4_000..8_000).step_by(every).enumerate() {
            let came = if at % 3 == 0 { Came::Ok } else { Came::Fail };
            trace.told((at as u32 % 8, 0), READ, time, Some((length, came)), told(attempt(at as u32 % 4)));
        }
        trace.fault(4_000, 8_000, &[]);
        trace
    }

    #[test]
    fn tries_are_many() {
        let [symptom] =
            trace(10, 20, |at| Some(at + 1)).find(find).symptoms.try_into().expect("it is told once");
        assert!(!symptom.is_likeness);
        assert!((3.5..4.5).contains(&symptom.effect.expect("there is one")), "{symptom:?}");
        assert_eq!(trace(4, 200, |_| Some(1)).find(find).symptoms, []);
    }

    #[test]
    fn tries_of_one_request_may_have_its_number() {
        // Four tries of each request in the fault, one before and after it.
        let with = |tries: usize| {
            let mut trace = Trace::new();
            let mut number = 0;
            for (at, time) in (0..12_000).step_by(10).enumerate() {
                let is_bad = (4_000..8_000).contains(&time);
                number += u64::from(!is_bad || at.is_multiple_of(tries));
                let came = if is_bad { Came::Fail } else { Came::Ok };
                let told = Told { request: Some(number), ..Told::default() };
                trace.told((at as u32 % 8, 0), READ, time, Some((20, came)), told);
            }
            trace.fault(4_000, 8_000, &[]);
            trace.find(find).symptoms
        };
        let [symptom] = with(4).try_into().expect("it is told once");
        assert!(!symptom.is_likeness);
        assert!((3.9..4.1).contains(&symptom.effect.expect("there is one")), "{symptom:?}");
        assert_eq!(with(2), []);
        // Where each try has a number of its own, nothing is known of tries.
        assert_eq!(with(1), []);
    }

    #[test]
    fn a_storm_may_have_most_of_all_calls() {
        // Nobody recorded a fault: 70 are asked in a second, and ten times as many for eight of forty seconds.
        let with = |is_numbered: bool| {
            let mut trace = Trace::new();
            let mut number = 0;
            let mut ask = |at: i64, is_first: bool, came: (i64, Came)| {
                number += u64::from(is_first);
                let request = Some(number).filter(|_| is_numbered);
                let by = (number % 20) as u32;
                trace.told((by, 0), READ, at, Some(came), Told { request, ..Told::default() });
            };
            (0..40_000).step_by(14).filter(|at| !(15_000..23_000).contains(at)).for_each(|at| {
                ask(at, true, (4, Came::Ok));
            });
            for (at, time) in (15_000..23_000).step_by(2).enumerate() {
                let came = if at % 25 == 0 { Came::Ok } else { Came::Fail };
                ask(time, at.is_multiple_of(10), (20, came));
            }
            trace.find(find).symptoms
        };
        let [symptom] = with(true).try_into().expect("it is told once");
        let numbers: Vec<_> = symptom.numbers.iter().map(|number| number.name).collect();
        assert_eq!(numbers, ["lasted", "calls", "share", "tries"]);
        assert!(symptom.numbers[2].usual.is_some_and(|usual| usual > 0.99), "{symptom:?}");
        let [symptom] = with(false).try_into().expect("it is told once");
        let numbers: Vec<_> = symptom.numbers.iter().map(|number| number.name).collect();
        assert_eq!(numbers, ["lasted", "calls", "share", "load"]);
        assert!(symptom.effect.is_some_and(|load| load > 5.0), "{symptom:?}");
    }

    #[test]
    fn more_is_asked_while_less_happens() {
        let [symptom] = trace(4, 200, |_| None).find(find).symptoms.try_into().expect("it is told once");
        assert!(symptom.is_likeness);
    }

    #[test]
    fn failures_that_return_at_once_let_clients_call_more() {
        assert_eq!(trace(4, 2, |_| None).find(find).symptoms, []);
        assert_eq!(trace(10, 200, |_| None).find(find).symptoms, []);
    }

    /// Whether it is told of clients that call a hundred times a second, of which all happens, and from 4 s on for four seconds at
    /// such times, when so many of a hundred do.
    fn is_told(calls: impl Fn(i64) -> i64, share: i64) -> bool {
        let mut trace = Trace::new();
        let mut number = 0;
        for time in 0..12_000 {
            let is_then = (4_000..8_000).contains(&time);
            let count = if is_then { calls(time - 4_000) } else { i64::from(time % 10 == 0) };
            for _ in 0..count {
                number += 1;
                // Spread over each hundred.
                let came = if is_then && number * 37 % 100 >= share { Came::Fail } else { Came::Ok };
                let long = if is_then { 200 } else { 20 };
                trace.add((number as u32 % 8, 0), READ, time, Some((long, came)));
            }
        }
        trace.fault(4_000, 8_000, &[]);
        !trace.find(find).symptoms.is_empty()
    }

    #[test]
    fn twice_as_much_is_asked_all_along_and_three_of_ten_less_happen() {
        assert_eq!([5, 6].map(|every| is_told(|at| i64::from(at % every == 0), 30)), [true, false]);
        assert_eq!([67, 73].map(|share| is_told(|at| i64::from(at % 4 == 0), share)), [true, false]);
        // As many at once in half of each second, or in three fourths of it.
        assert_eq!(
            [500, 750].map(|until| is_told(|at| i64::from(at % 1_000 < until && at % 2 == 0), 30)),
            [false, true]
        );
        // Twice as many in three fourths of a second are not twice as many in all of it.
        assert!(!is_told(|at| i64::from(at < 750 && at % 5 == 0), 30));
    }

    #[test]
    fn it_is_told_how_much_more_is_asked() {
        let of = |trace: Trace| {
            let [symptom] = trace.find(find).symptoms.try_into().expect("it is told once");
            let lasted = symptom.window.1 - symptom.window.0;
            assert!((ms(3_900)..ms(4_600)).contains(&lasted), "{symptom:?}");
            let seconds = lasted as f64 / 1e9;
            assert!(
                (symptom.sample.0 as f64 / seconds - symptom.numbers[1].value).abs() < 1e-6,
                "{symptom:?}"
            );
            symptom.numbers.into_iter().map(|of| (of.value, of.usual.unwrap_or(0.0))).collect::<Vec<_>>()
        };
        let all = of(trace(4, 200, |_| None));
        let [_, calls, share, (load, _)] = all[..] else { panic!("{all:?}") };
        assert!((230.0..=251.0).contains(&calls.0) && (99.0..101.0).contains(&calls.1), "{all:?}");
        assert!((0.3..0.45).contains(&share.0) && share.1 > 0.99, "{all:?}");
        assert!((load - calls.0 / calls.1).abs() < 1e-6, "{all:?}");
        let all = of(trace(10, 20, |at| Some(at + 1)));
        let [_, _, _, (tries, usually)] = all[..] else { panic!("{all:?}") };
        assert!((3.5..4.5).contains(&tries) && usually == 1.0, "{all:?}");
    }

    #[test]
    fn tries_are_compared_with_what_is_usual() {
        // So many tries of each five requests usually, and then.
        let is_told = |usually: u32, then: u32| {
            let mut trace = Trace::new();
            for time in (0..12_000).step_by(100) {
                let is_then = (4_000..8_000).contains(&time);
                let tries = if is_then { then } else { usually };
                for at in 0..tries {
                    let told = Told { attempt: Some(if at < 5 { 1 } else { 2 }), ..Told::default() };
                    trace.told((at % 8, 0), READ, time + i64::from(at), Some((20, Came::Ok)), told);
                }
            }
            trace.fault(4_000, 8_000, &[]);
            !trace.find(find).symptoms.is_empty()
        };
        assert_eq!(
            [is_told(5, 15), is_told(5, 13), is_told(12, 18), is_told(12, 15)],
            [true, false, true, false]
        );
    }

    #[test]
    fn thirty_calls_tell_of_tries() {
        // Ten a second, and from 10 s on for so many milliseconds twenty, of which each fourth is a first try.
        let told = |long: i64| {
            let mut trace = Trace::new();
            for time in (0..20_000).step_by(50) {
                let (is_then, at) = ((10_000..10_000 + long).contains(&time), time / 50);
                if is_then || at % 2 == 0 {
                    let attempt = if is_then && at % 4 != 0 { 2 } else { 1 };
                    let told = Told { attempt: Some(attempt), ..Told::default() };
                    trace.told((at as u32 % 8, 0), READ, time, Some((20, Came::Ok)), told);
                }
            }
            trace.fault(10_000, 10_000 + long, &[]);
            trace.find(find).symptoms.len()
        };
        assert_eq!([told(1_000), told(2_000)], [0, 1]);
    }
}
