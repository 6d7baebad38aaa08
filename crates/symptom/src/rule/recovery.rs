//! SYM02: a fault ended, and service came back late: of everything, or of a node.
//!
//! Service is back when about as much happens as usual for a while. Time after most clients left says nothing, and neither
//! does time in which the next fault is under way.

use crate::baseline::{SAMPLE, Usual, between};
use crate::kind::SymptomKind;
use crate::rule::heal::{Heal, heals};
use crate::rule::{Part, load, metastable, sliding::slides};
use crate::rules::{Asked, Candidates};
use crate::setting::{Setting, Unit};
use crate::statistics::rarer;
use crate::symptom::{Number, Symptom, Tested};

/// See there.
pub(crate) static WAIT: Setting = Setting {
    name: "sym02.wait",
    unit: Unit::Time,
    default: 2.0,
    about: "Service that is back so soon after a fault came back in time.",
};

/// See there.
pub(crate) static SHARE: Setting = Setting {
    name: "sym02.share",
    unit: Unit::Share,
    default: 0.7,
    about: "Service is back when this share of what usually happens in a second does.",
};

/// See there.
pub(crate) static HOLD: Setting =
    Setting { name: "sym02.hold", unit: Unit::Time, default: 1.0, about: "And it does so for so long." };

/// What came late after the end of a fault.
struct Late {
    part: Part,
    heal: Heal,
    /// When service was back, or when nobody could tell any more.
    to: i64,
    /// When the first operation happened; as `to` where none did.
    first: i64,
    /// What happened a second, meanwhile and usually.
    ok: (f64, f64),
    calls: (f64, f64),
    /// How many happened, and in how many seconds: meanwhile and usually.
    happened: [(u64, f64); 2],
    sample: (u64, u64),
}

pub(crate) fn find(asked: &Asked<'_>) -> Candidates {
    let mut symptoms = Vec::new();
    let nodes: Vec<_> = asked.observed.nodes().into_iter().flatten().collect();
    for heal in heals(asked) {
        // Service that stays bad although clients ask as ever is worse.
        if metastable::is_stuck(asked, &heal).is_some() {
            continue;
        }
        if let Some(late) = of_all(asked, heal) {
            symptoms.push(symptom(&late));
            continue;
        }
        if nodes.len() > 1 {
            let late = nodes.iter().filter_map(|&node| of_node(asked, heal, Part::node(node)));
            symptoms.extend(late.map(|late| symptom(&late)));
        }
    }
    let tests = symptoms.iter().filter_map(|symptom| symptom.test).map(|test| test.p).collect();
    Candidates { symptoms, tests }
}

/// Whether about as much as usual happens late.
fn of_all(asked: &Asked<'_>, heal: Heal) -> Option<Late> {
    let Asked { observed, thresholds, .. } = *asked;
    let counts = observed.counts(|_, _| true);
    let usual = asked.baseline.usual(observed, thresholds.of(&SAMPLE), |_, _| true).filter(Usual::is_good)?;
    let hold = thresholds.nanoseconds(&HOLD);
    let enough = usual.ok() * thresholds.of(&SHARE) * hold as f64 / 1e9;
    let is_back = |ok: u32| f64::from(ok) >= enough;
    let slides = slides(observed, &counts, (heal.at, heal.until), hold);
    // From a fault that did nothing to it, or before which it was bad already, service has nothing to come back.
    let was_good = is_back(between(observed, &counts, heal.spell.from - hold, heal.spell.from).ok);
    let was_bad = was_good && !is_back(between(observed, &counts, heal.at - hold, heal.at).ok);
    let back = slides.iter().find(|slide| is_back(slide.cell.ok)).map(|slide| slide.from);
    let to = back.unwrap_or(heal.until);
    // Where all that is asked is done, and as fast as ever, clients ask less of their own accord.
    let of = between(observed, &counts, heal.at, to);
    let latencies = observed.latencies(heal.at, to, |_, _| true);
    let is_slower = |share: f64, times: f64| {
        let both = latencies.quantile(share).zip(usual.latencies.quantile(share));
        both.is_some_and(|(now, usually)| now >= times * usually)
    };
    let share = usual.cell.share().unwrap_or(1.0);
    let is_worse = f64::from(of.ok) < 0.9 * share * f64::from(of.calls) || of.ok == 0;
    let is_bad = is_worse || is_slower(0.5, 1.5) || is_slower(0.9, 2.0);
    (was_bad && is_bad && to - heal.at >= thresholds.nanoseconds(&WAIT))
        .then(|| late(asked, heal, Part::ALL, &counts, &usual, to))
        .flatten()
}

/// Whether the first operation of a node happens late.
fn of_node(asked: &Asked<'_>, heal: Heal, part: Part) -> Option<Late> {
    let Asked { observed, baseline, thresholds, .. } = *asked;
    let counts = observed.counts(|node, function| part.has(node, function));
    let usual = baseline.usual(observed, thresholds.of(&SAMPLE), |node, function| part.has(node, function));
    let usual = usual.filter(Usual::is_good)?;
    let width = observed.cells.width();
    let places = crate::baseline::within(&observed.cells, counts.len(), heal.at, heal.until);
    let first = counts[places.clone()].iter().position(|cell| cell.ok > 0);
    let to = first.map_or(heal.until, |at| heal.at + at as i64 * width);
    // It is asked all the while: by several, or by all who ask it and wait.
    let middle = between(observed, &counts, heal.at, heal.at + (to - heal.at) / 2);
    let clients = load::clients(observed, baseline, part).unwrap_or(f64::INFINITY).max(2.0);
    let open = load::open(&counts)[places.start..].get(((to - heal.at) / 2 / width) as usize).copied();
    let is_asked = middle.calls >= 3 || open.is_some_and(|open| open as f64 >= clients);
    (is_asked && to - heal.at >= thresholds.nanoseconds(&WAIT))
        .then(|| late(asked, heal, part, &counts, &usual, to))
        .flatten()
}

fn late(
    asked: &Asked<'_>,
    heal: Heal,
    part: Part,
    counts: &[crate::cell::Cell],
    usual: &Usual,
    to: i64,
) -> Option<Late> {
    let observed = asked.observed;
    let of = between(observed, counts, heal.at, to);
    let open = load::open(counts);
    let places = crate::baseline::within(&observed.cells, counts.len(), heal.at, to);
    let waiting = open.get(places.start + places.len() / 2).copied().unwrap_or(0);
    let first = counts[places.clone()].iter().position(|cell| cell.ok > 0);
    let seconds = (to - heal.at) as f64 / 1e9;
    // Nobody asks and nobody waits: there is nothing to come back.
    (of.calls > 0 || waiting > 0).then(|| Late {
        part,
        heal,
        to,
        first: first.map_or(to, |at| heal.at + at as i64 * observed.cells.width()),
        ok: (f64::from(of.ok) / seconds, usual.ok()),
        calls: (f64::from(of.calls) / seconds, usual.calls()),
        happened: [(of.ok.into(), seconds), (usual.cell.ok.into(), usual.seconds)],
        sample: (of.settled().into(), usual.cell.ok.into()),
    })
}

fn symptom(late: &Late) -> Symptom {
    Symptom {
        kind: SymptomKind::SlowRecovery,
        is_likeness: false,
        scope: late.part.scope(),
        window: (late.heal.at, late.to),
        numbers: vec![
            Number::time("recovery", (late.to - late.heal.at) as f64),
            Number::time("first", (late.first - late.heal.at) as f64),
            Number::time("fault", (late.heal.spell.to - late.heal.spell.from) as f64),
            Number::rate("ok", late.ok.0).usually(late.ok.1),
            Number::rate("calls", late.calls.0).usually(late.calls.1),
        ],
        effect: Some(late.ok.0 / late.ok.1),
        sample: late.sample,
        test: Some(Tested { p: rarer(late.happened[0], late.happened[1]), q: 1.0 }),
        shown: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{Came, READ, Trace, WRITE, ms, node};

    /// A fault from 5 to 8 seconds, after which so little happens as during it until a time; until another one clients ask.
    fn trace(back: i64, until: i64) -> Trace {
        let mut trace = Trace::new();
        trace.steady(0..5_000, 10, 2).steady(back..until, 10, 2).fault(5_000, 8_000, &[1]);
        for (at, time) in (5_000..back.min(until)).step_by(250).enumerate() {
            trace.add((at as u32 % 4, 0), WRITE, time, Some((990, Came::Info)));
        }
        trace
    }

    #[test]
    fn service_comes_back_late() {
        let [symptom] = trace(12_000, 16_000).find(find).symptoms.try_into().expect("it is told once");
        assert_eq!(symptom.window.0, ms(8_000));
        assert!((ms(11_500)..ms(12_100)).contains(&symptom.window.1), "{symptom:?}");
        // It need not come back.
        let [symptom] = trace(20_000, 20_000).find(find).symptoms.try_into().expect("it is told once");
        assert!(symptom.window.1 > ms(19_000), "{symptom:?}");
    }

    #[test]
    fn service_that_is_back_soon_is_not_late() {
        assert_eq!(trace(9_000, 16_000).find(find).symptoms, []);
    }

    #[test]
    fn clients_who_leave_do_not_make_it_late() {
        let mut trace = Trace::new();
        trace.steady(0..8_500, 10, 2).steady(14_000..14_100, 50, 2).fault(5_000, 8_000, &[1]);
        assert_eq!(trace.find(find).symptoms, []);
        // Nor where most of what was asked failed until they left.
        let mut trace = self::trace(8_100, 8_100);
        trace.add((0, 0), READ, 14_000, Some((2, Came::Ok)));
        assert_eq!(trace.find(find).symptoms, []);
    }

    #[test]
    fn clients_who_ask_less_do_not_make_it_late() {
        let mut trace = self::trace(8_100, 8_100);
        trace.steady(8_100..16_000, 25, 2);
        assert_eq!(trace.find(find).symptoms, []);
    }

    #[test]
    fn a_node_comes_back_late() {
        let mut trace = Trace::new();
        trace.steady(0..16_000, 10, 2).fault(5_000, 8_000, &[7]);
        for at in (0..16_000).step_by(50) {
            let came = if (5_000..12_000).contains(&at) { Came::Fail } else { Came::Ok };
            trace.add((9, 7), READ, at, Some((10, came)));
        }
        let [symptom] = trace.find(find).symptoms.try_into().expect("it is told once");
        assert_eq!((symptom.scope.nodes, symptom.window.0), (vec![node(7)], ms(8_000)));
    }

    #[test]
    fn two_seconds_are_late_and_numbers_say_how_late() {
        // Most of it is back a fourth of a second before all of it is.
        let of_all = |back| {
            let symptoms = trace(back, 16_000).find(find).symptoms;
            symptoms.iter().any(|symptom| symptom.scope == Part::ALL.scope())
        };
        assert_eq!([of_all(10_000), of_all(10_250)], [false, true]);
        let numbers = |all: &Trace| {
            let [symptom] = all.find(find).symptoms.try_into().expect("it is told once");
            let ok = &symptom.numbers[3];
            assert_eq!(symptom.effect, ok.usual.map(|usual| ok.value / usual));
            let of = |of: &Number| (of.value, of.usual.unwrap_or(0.0).round());
            symptom.numbers.iter().map(of).collect::<Vec<_>>()
        };
        // Within 3.75 s fifteen are called.
        let mut all = trace(12_000, 16_000);
        let [lasted, fault] = [3_750, 3_000].map(|of| ms(of) as f64);
        assert_eq!(numbers(&all), [(lasted, 0.0), (lasted, 0.0), (fault, 0.0), (0.0, 100.0), (4.0, 100.0)]);
        all.add((1, 1), READ, 9_000, Some((5, Came::Ok)));
        let [_, (first, _), _, (ok, _), _] = numbers(&all)[..] else { panic!("there are five") };
        assert_eq!((first, ok), (ms(1_000) as f64, 1.0 / 3.75));
    }

    /// What is told of a fault from 5 to 8 seconds in which nothing happens. Until the twelfth second one is asked every so many
    /// milliseconds; so many of a hundred happen before and then, these after so long.
    fn after(every: usize, shares: [i64; 2], long: impl Fn(i64) -> i64) -> usize {
        let mut trace = Trace::new();
        let mut add = |time: i64, share: i64, long: i64| {
            // Spread over each hundred.
            let came = if time / 5 * 37 % 100 < share { Came::Ok } else { Came::Fail };
            trace.add(((time / 5 % 4) as u32, 0), READ, time, Some((long, came)));
        };
        (0..5_000).step_by(5).for_each(|time| add(time, shares[0], 2));
        (5_000..8_000).step_by(5).for_each(|time| add(time, 0, 2));
        (8_000..12_000).step_by(every).for_each(|time| add(time, shares[1], long(time)));
        (12_000..16_000).step_by(5).for_each(|time| add(time, shares[0], 2));
        trace.fault(5_000, 8_000, &[]);
        trace.find(find).symptoms.len()
    }

    #[test]
    fn service_is_back_with_most_of_it() {
        assert_eq!([65, 75].map(|share| after(5, [100, share], |_| 2)), [1, 0]);
        // Who asks less finds that as usual where as much of it happens, and as soon.
        assert_eq!([85, 95].map(|share| after(10, [100, share], |_| 2)), [1, 0]);
        assert_eq!([65, 75].map(|share| after(10, [80, share], |_| 2)), [1, 0]);
        assert_eq!([2, 4].map(|long| after(10, [100, 100], |_| long)), [0, 1]);
        // One in five takes ten times as long, or one in twenty.
        assert_eq!(
            [50, 200].map(|every| after(10, [100, 100], |time| if time % every == 0 { 20 } else { 2 })),
            [1, 0]
        );
    }

    #[test]
    fn what_was_out_before_the_fault_did_not_come_of_it() {
        let mut trace = Trace::new();
        for time in (0..20_000).step_by(10) {
            let came = if (9_000..16_000).contains(&time) { Came::Fail } else { Came::Ok };
            trace.add((time as u32 / 10 % 4, 0), READ, time, Some((2, came)));
        }
        trace.fault(10_000, 12_000, &[]);
        assert_eq!(trace.find(find).symptoms, []);
    }

    /// Whether a node is told that is back at a time, and asked at some before: each waits until it is back, or fails after so long.
    fn of_node(back: i64, asked: &[i64], long: Option<i64>) -> bool {
        let mut trace = Trace::new();
        trace.steady(0..16_000, 10, 2).fault(5_000, 8_000, &[7]);
        for at in (0..5_000).step_by(50).chain((back..16_000).step_by(50)) {
            trace.add((9, 7), READ, at, Some((10, Came::Ok)));
        }
        for &at in asked {
            let came = long.map_or((back - at, Came::Ok), |long| (long, Came::Fail));
            trace.add((9, 7), READ, at, Some(came));
        }
        !trace.find(find).symptoms.is_empty()
    }

    #[test]
    fn a_node_is_late_where_somebody_asks_it_in_the_first_half() {
        let soon = [8_100, 8_200, 8_300];
        assert_eq!([of_node(9_980, &soon, Some(5)), of_node(9_990, &soon, Some(5))], [false, true]);
        assert!(!of_node(12_000, &soon[..2], Some(5)));
        assert!(of_node(12_000, &[8_100, 9_000, 9_900], Some(5)));
        assert!(!of_node(12_000, &[8_100, 9_000, 10_100, 11_000], Some(5)));
        // Two wait all the while, or one does; or two do for the first second only.
        assert!(of_node(12_000, &[7_900, 7_950], None) && !of_node(12_000, &[7_900], None));
        assert!(!of_node(12_000, &[7_900, 7_950], Some(1_000)));
    }
}
