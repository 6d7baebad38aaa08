//! SYM16: a server stamped requests with times at which they had not begun, or were over. The stamp was made while the request
//! was under way, so whatever is outside is off by at least that much (Cristian 1989).

use crate::baseline::SAMPLE;
use crate::kind::SymptomKind;
use crate::observed::Stamps;
use crate::rules::{Asked, Candidates};
use crate::setting::{Setting, Unit};
use crate::symptom::{Number, Scope, Symptom};

/// See there.
pub(crate) static EPSILON: Setting = Setting {
    name: "sym16.epsilon",
    unit: Unit::Time,
    default: 0.005,
    about: "A stamp that is no further outside of its request than this is not counted as outside.",
};

/// See there.
pub(crate) static SHARE: Setting = Setting {
    name: "sym16.share",
    unit: Unit::Share,
    default: 0.01,
    about: "At least this share of a node's stamps lie outside.",
};

/// Where all clocks are further away than this, they count from another beginning, so nothing follows: ten years, in nanoseconds.
const EPOCHS: i64 = 315_360_000_000_000_000;

pub(crate) fn find(of: &Asked<'_>) -> Candidates {
    let mut candidates = Candidates::default();
    let epsilon = of.thresholds.nanoseconds(&EPSILON);
    let worst = |stamps: &Stamps| stamps.before.1.max(stamps.after.1);
    let are_apart = of.observed.stamps.iter().all(|(_, stamps)| worst(stamps) >= EPOCHS);
    for &(node, stamps) in &of.observed.stamps {
        let outside = stamps.before.0 + stamps.after.0;
        let (early, late) = (stamps.before.1, stamps.after.1);
        let worst = worst(&stamps);
        let is_much = outside as f64 >= of.thresholds.of(&SHARE) * stamps.count as f64;
        let is_enough = stamps.count as f64 >= of.thresholds.of(&SAMPLE);
        let Some(window) = stamps.outside.filter(|_| worst > epsilon && !are_apart && is_much && is_enough)
        else {
            continue;
        };
        // Where one constant is within the bounds of all requests, the least that is tells; else the clock was set meanwhile.
        let one = stamps.offset.filter(|(least, most)| least <= most);
        let offset = one.map_or(0, |(least, most)| if least > 0 { least } else { most.min(0) });
        candidates.symptoms.push(Symptom {
            kind: SymptomKind::ServerClockSkew,
            is_likeness: false,
            scope: Scope { nodes: node.into_iter().collect(), ..Scope::default() },
            window,
            numbers: vec![
                Number::count("outside", outside),
                Number::count("stamps", stamps.count),
                Number::share("share", outside as f64 / stamps.count as f64),
                Number::time("early", early as f64),
                Number::time("late", late as f64),
                Number::time("ahead", offset.max(0) as f64),
                Number::time("behind", -offset.min(0) as f64),
                Number::count("unexplained", if one.is_none() { outside } else { 0 }),
            ],
            effect: Some(worst as f64 / 1e9),
            sample: (outside, stamps.count),
            test: None,
            shown: Vec::new(),
        });
    }
    candidates
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observer::Told;
    use crate::trace::{Came, READ, Trace, ms, node};

    /// Milliseconds since 1970, at some time.
    const EPOCH: i64 = 1_600_000_000_000;

    /// Stamps in the middle of requests of 4 ms, by clocks of two nodes of which the second is ahead.
    fn trace(ahead: impl Fn(i64) -> i64) -> Trace {
        let mut trace = Trace::new();
        for at in 0..200 {
            let time = 20 * at;
            let of = (at % 2) as u32;
            let off = if of == 1 { ahead(time) } else { 0 };
            let told = Told { server_time: Some(ms(time + 2 + off)), ..Told::default() };
            trace.told((of, of), READ, time, Some((4, Came::Ok)), told);
        }
        trace
    }

    fn found(ahead: impl Fn(i64) -> i64) -> Candidates {
        trace(ahead).find(find)
    }

    #[test]
    fn a_clock_that_is_off_is_told() {
        let [symptom] = &found(|_| 100).symptoms[..] else { panic!("one is found") };
        assert_eq!(symptom.scope.nodes, [node(1)]);
        let of = |name| symptom.numbers.iter().find(|number| number.name == name).expect("it is there").value;
        assert_eq!((of("outside"), of("late"), of("early")), (100.0, ms(98) as f64, 0.0));
        // It is ahead by 98 ms at the least.
        assert_eq!(of("ahead"), ms(98) as f64);
        let numbers = |found: Candidates| {
            ["ahead", "behind", "unexplained"].map(|name| {
                let numbers = &found.symptoms[0].numbers;
                numbers.iter().find(|number| number.name == name).expect("it is there").value
            })
        };
        assert_eq!(numbers(found(|_| -100)), [0.0, ms(98) as f64, 0.0]);
        // One that was set meanwhile is off by no constant.
        assert_eq!(numbers(found(|time| if time < 2_000 { 100 } else { -100 })), [0.0, 0.0, 100.0]);
        // One of two that counts since 1970 is off by that.
        assert_eq!(found(|_| EPOCH).symptoms.len(), 1);
    }

    #[test]
    fn one_that_is_right_or_counts_otherwise_is_not() {
        assert!(found(|_| 0).symptoms.is_empty());
        assert!(found(|_| 6).symptoms.is_empty());
        // All since 1970, where clients count from the beginning of the run.
        let mut trace = Trace::new();
        for time in (0..2_000).step_by(20) {
            let told = Told { server_time: Some(ms(time + EPOCH)), ..Told::default() };
            trace.told((0, time as u32 % 3), READ, time, Some((4, Came::Ok)), told);
        }
        assert!(trace.find(find).symptoms.is_empty());
    }

    #[test]
    fn few_stamps_or_few_outside_or_little_outside_are_not_told() {
        let told = |setting: &Setting, value: f64, ahead: fn(i64) -> i64| {
            let mut trace = trace(ahead);
            trace.thresholds.set(setting, value);
            !trace.find(find).symptoms.is_empty()
        };
        assert_eq!([100.0, 101.0].map(|sample| told(&SAMPLE, sample, |_| 100)), [true, false]);
        // One of a hundred lies outside.
        let once = |time: i64| if time == 20 { 100 } else { 0 };
        assert_eq!([0.01, 0.011].map(|share| told(&SHARE, share, once)), [true, false]);
        // So far ahead is two milliseconds less outside.
        assert_eq!([told(&EPSILON, 0.005, |_| 8), told(&EPSILON, 0.005, |_| 7)], [true, false]);
        assert_eq!([told(&EPSILON, 0.005, |_| -8), told(&EPSILON, 0.005, |_| -7)], [true, false]);
    }

    #[test]
    fn it_is_told_how_many_lie_outside_and_how_far() {
        let found = found(|time| if time % 80 == 20 { 100 } else { 0 });
        let [symptom] = &found.symptoms[..] else { panic!("{found:?}") };
        assert_eq!((symptom.sample, symptom.numbers[2].value), ((50, 100), 0.5));
        assert_eq!(symptom.effect, Some(0.098));
        assert_eq!(symptom.window, (ms(20), ms(3_940)));
    }
}
