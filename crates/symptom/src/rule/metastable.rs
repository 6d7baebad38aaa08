//! SYM03: a fault ended, clients asked as much as before, and service stayed as bad as in the fault (Bronson et al. 2021,
//! "Metastable failures in distributed systems", section 2).
//!
//! That something keeps it bad is known only where service comes back after clients ask less: else it is a likeness. A closed
//! loop asks less by itself when answers are late, which is a slow recovery.

use crate::baseline::{SAMPLE, Usual, between};
use crate::kind::SymptomKind;
use crate::rule::heal::{Heal, heals};
use crate::rule::{Part, sliding::slides};
use crate::rules::{Asked, Candidates};
use crate::setting::{Setting, Unit};
use crate::statistics::rarer;
use crate::symptom::{Number, Symptom, Tested};

/// See there.
pub(crate) static LEAST: Setting = Setting {
    name: "sym03.least",
    unit: Unit::Time,
    default: 30.0,
    about: "Service stays bad at least so long after the fault.",
};

/// See there.
pub(crate) static FAULTS: Setting = Setting {
    name: "sym03.faults",
    unit: Unit::Factor,
    default: 3.0,
    about: "And at least so many times as long as the fault lasted.",
};

/// See there.
pub(crate) static GOOD: Setting = Setting {
    name: "sym03.good",
    unit: Unit::Share,
    default: 0.5,
    about: "Service is bad while no more than this share of what usually happens in a second does.",
};

/// See there.
pub(crate) static ASKED: Setting = Setting {
    name: "sym03.asked",
    unit: Unit::Share,
    default: 0.9,
    about: "Clients ask as before while they ask at least this share of what they usually do.",
};

/// Bad service that outlasts a fault.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stuck {
    to: i64,
    /// Whether service came back when clients asked less, and not before.
    is_shown: bool,
    ok: (f64, f64),
    calls: (f64, f64),
    /// That chance alone left so little.
    p: f64,
    sample: (u64, u64),
}

/// Rates are looked at in windows of this length, in nanoseconds.
const LENGTH: i64 = 3_000_000_000;

/// Whether service stayed bad after the end of a fault, although clients asked as before.
pub(crate) fn is_stuck(asked: &Asked<'_>, heal: &Heal) -> Option<Stuck> {
    let Asked { observed, baseline, thresholds, .. } = *asked;
    let counts = observed.counts(|_, _| true);
    let usual = baseline.usual(observed, thresholds.of(&SAMPLE), |_, _| true).filter(Usual::is_good)?;
    let (good, full) = (usual.ok() * thresholds.of(&GOOD), usual.calls() * thresholds.of(&ASKED));
    let fault = heal.spell.to - heal.spell.from;
    let least = thresholds.nanoseconds(&LEAST).max((fault as f64 * thresholds.of(&FAULTS)) as i64);
    if heal.until - heal.at < least {
        return None;
    }
    // Service was bad in the fault already, and changes nothing as it ends.
    let seconds = |from: i64, to: i64| ((to - from) as f64 / 1e9).max(1e-9);
    let before = between(observed, &counts, heal.spell.from, heal.at);
    if f64::from(before.ok) > good * seconds(heal.spell.from, heal.at) {
        return None;
    }
    // In shorter windows there is now and then much, or little, by chance; where rates are low, in these as well.
    let slides = slides(observed, &counts, (heal.at, heal.until), LENGTH);
    let expected = |rate: f64| rate * LENGTH as f64 / 1e9;
    let chance = |count: f64| 3.0 * count.sqrt();
    let (much, little) = (expected(good), expected(full * 0.8));
    let back = slides.iter().find(|slide| f64::from(slide.cell.ok) > much + chance(much));
    let to = back.map_or(heal.until, |slide| slide.from);
    // They ask less for a while before it comes back: that is not part of the time in which they ask as before.
    let relief = slides.iter().find(|slide| f64::from(slide.cell.calls) < little - chance(little));
    let end = relief.map_or(to, |slide| slide.from.min(to));
    if end - heal.at < least {
        return None;
    }
    let of = between(observed, &counts, heal.at, end);
    let (ok, calls) = (f64::from(of.ok) / seconds(heal.at, end), f64::from(of.calls) / seconds(heal.at, end));
    let is_shown = back.is_some() && relief.is_some_and(|slide| slide.from <= to);
    (ok <= good && calls >= full).then_some(Stuck {
        to: end,
        is_shown,
        ok: (ok, usual.ok()),
        calls: (calls, usual.calls()),
        p: rarer((of.ok.into(), seconds(heal.at, end)), (usual.cell.ok.into(), usual.seconds)),
        sample: (of.settled().into(), usual.cell.settled().into()),
    })
}

pub(crate) fn find(asked: &Asked<'_>) -> Candidates {
    let stuck = heals(asked).into_iter().filter_map(|heal| is_stuck(asked, &heal).map(|stuck| (heal, stuck)));
    let symptoms: Vec<_> = stuck
        .map(|(heal, stuck)| Symptom {
            kind: SymptomKind::MetastableFailure,
            is_likeness: !stuck.is_shown,
            scope: Part::ALL.scope(),
            window: (heal.at, stuck.to),
            numbers: vec![
                Number::time("lasted", (stuck.to - heal.at) as f64),
                Number::time("fault", (heal.spell.to - heal.spell.from) as f64),
                Number::rate("ok", stuck.ok.0).usually(stuck.ok.1),
                Number::rate("calls", stuck.calls.0).usually(stuck.calls.1),
            ],
            effect: Some(stuck.ok.0 / stuck.ok.1),
            sample: stuck.sample,
            test: Some(Tested { p: stuck.p, q: 1.0 }),
            shown: Vec::new(),
        })
        .collect();
    let tests = symptoms.iter().filter_map(|symptom| symptom.test).map(|test| test.p).collect();
    Candidates { symptoms, tests }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::recovery;
    use crate::trace::{Came, READ, Trace};

    /// A fault from 10 to 15 seconds, after which one of ten operations happens until a time; so many are asked, one each so
    /// many milliseconds until they are asked seldom, two seconds before.
    fn trace(back: i64, every: usize) -> Trace {
        let mut trace = Trace::new();
        trace.steady(0..10_000, 10, 2).steady(back..70_000, 10, 2).fault(10_000, 15_000, &[]);
        for (at, time) in (10_000..back - 2_000).step_by(every).enumerate() {
            let came = if at % 10 == 0 { Came::Ok } else { Came::Info };
            trace.add((at as u32 % 200, 0), READ, time, Some((1_500, came)));
        }
        trace
    }

    #[test]
    fn service_stays_bad_until_clients_ask_less() {
        let [symptom] = trace(55_000, 10).find(find).symptoms.try_into().expect("it is told once");
        assert!(!symptom.is_likeness, "{symptom:?}");
        assert_eq!(trace(55_000, 10).find(recovery::find).symptoms, []);
        // Where that is not seen, it only looks like it.
        let [symptom] = trace(72_000, 10).find(find).symptoms.try_into().expect("it is told once");
        assert!(symptom.is_likeness, "{symptom:?}");
    }

    #[test]
    fn clients_that_ask_less_by_themselves_see_a_slow_recovery() {
        assert_eq!(trace(55_000, 100).find(find).symptoms, []);
        assert_eq!(trace(55_000, 100).find(recovery::find).symptoms.len(), 1);
    }

    #[test]
    fn a_short_one_is_none() {
        assert_eq!(trace(30_000, 10).find(find).symptoms, []);
    }

    /// What is told where a fault that begins at 10 s lasts so long, and its aftermath: for how long it lasted, in milliseconds. Of a
    /// hundred calls a second so many happen in either of them, and in the aftermath so many are made.
    fn lasted((fault, bad): (i64, i64), shares: [i64; 2], calls: impl Fn(i64) -> i64) -> Option<i64> {
        let (heal, back) = (10_000 + fault, 10_000 + fault + bad);
        let mut trace = Trace::new();
        for at in 0..back / 10 + 1_000 {
            let time = 10 * at;
            let (share, calls) = match time {
                ..10_000 => (100, 100),
                _ if time < heal => (shares[0], 100),
                _ if time < back => (shares[1], calls(time - heal)),
                _ => (100, 100),
            };
            // Both are spread over each second.
            if at * 37 % 100 < calls {
                let came = if at * 71 % 100 < share { Came::Ok } else { Came::Fail };
                trace.add((at as u32 % 4, 0), READ, time, Some((3, came)));
            }
        }
        trace.fault(10_000, heal, &[]);
        let found = trace.find(find).symptoms;
        found.first().map(|symptom| (symptom.window.1 - symptom.window.0) / 1_000_000)
    }

    #[test]
    fn it_lasts_thirty_seconds_and_three_times_as_long_as_the_fault() {
        // It is looked at each 750 ms; service is back where that is known of three seconds.
        assert_eq!([31_200, 30_400].map(|bad| lasted((5_000, bad), [0, 10], |_| 100)), [Some(30_000), None]);
        assert_eq!([37_200, 36_400].map(|bad| lasted((12_000, bad), [0, 10], |_| 100)), [Some(36_000), None]);
    }

    #[test]
    fn service_is_bad_in_the_fault_and_after_it_while_clients_ask_as_before() {
        let is_told = |shares, calls: i64| lasted((5_000, 40_000), shares, |_| calls).is_some();
        assert_eq!([45, 55].map(|share| is_told([share, 10], 100)), [true, false]);
        assert_eq!([45, 55].map(|share| is_told([0, share], 100)), [true, false]);
        assert_eq!([93, 87].map(|calls| is_told([0, 10], calls)), [true, false]);
        // That they ask a bit less for a while is not why it comes back.
        let calls = |time: i64| if (20_000..24_000).contains(&time) { 70 } else { 100 };
        assert!(lasted((5_000, 40_000), [0, 10], calls).is_some_and(|lasted| lasted > 38_000));
    }

    #[test]
    fn the_numbers_are_rates() {
        let found = trace(55_000, 10).find(find).symptoms;
        let [lasted, fault, ok, calls] = &found[0].numbers[..] else { panic!("{found:?}") };
        // Clients ask less from the 53rd second on.
        assert!((36e9..38e9).contains(&lasted.value) && fault.value == 5e9, "{found:?}");
        assert!((9.5..10.5).contains(&ok.value) && ok.usual.is_some_and(|ok| ok > 99.0), "{found:?}");
        assert!((99.0..101.0).contains(&calls.value), "{found:?}");
    }
}
