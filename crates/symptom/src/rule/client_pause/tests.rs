use super::*;
use crate::rule::process_pause;
use crate::setting::Setting;
use crate::trace::{Came, READ, Trace, client, ms};

/// Twelve clients of three nodes in closed loops for 20 s, of which some stand still for 3 s: before they ask, or as they wait.
fn still(at: i64, is_still: impl Fn(u32) -> bool, waits: bool) -> Trace {
    let mut trace = Trace::new();
    for by in 0..12 {
        let mut now = i64::from(by);
        while now < 20_000 {
            let is_held = (at..at + 3_000).contains(&now) && is_still(by);
            let late = i64::from(by) % 5;
            if is_held && !waits {
                now = at + 3_000 + late;
            }
            let took = if is_held && waits { at + 3_000 + late - now } else { 4 };
            trace.add((by, by % 3), READ, now, Some((took, Came::Ok)));
            now += took + 30;
        }
    }
    trace
}

/// What is found of some that stand still from 8 s on.
fn found(is_still: impl Fn(u32) -> bool, waits: bool) -> Vec<Symptom> {
    still(8_000, is_still, waits).find(process_pause::find).symptoms
}

#[test]
fn clients_that_stood_still_are_told() {
    let found = found(|by| by % 4 == 1, false);
    let [symptom] = &found[..] else { panic!("{found:?}") };
    assert_eq!(symptom.scope.processes, [1, 5, 9].map(client));
    assert!(!symptom.is_likeness);
    assert!((ms(7_900)..ms(8_600)).contains(&symptom.window.0) && symptom.window.1 <= ms(11_000));
}

#[test]
fn few_of_very_many_stand_still_by_chance() {
    // Three of so many clients.
    let found = |all: u32| {
        let mut trace = Trace::new();
        for by in 0..all {
            let mut now = i64::from(by);
            while now < 20_000 {
                if by < 3 && (8_000..11_000).contains(&now) {
                    now = 11_000 + i64::from(by);
                }
                trace.add((by, by % 3), READ, now, Some((4, Came::Ok)));
                now += 60;
            }
        }
        trace.find(process_pause::find).symptoms.len()
    };
    assert_eq!([found(24), found(27)], [1, 0]);
}

#[test]
fn who_waits_may_be_cut_off() {
    let found = found(|by| by % 4 == 1, true);
    let [symptom] = &found[..] else { panic!("{found:?}") };
    assert!(symptom.is_likeness);
}

/// The same clients, of which some rest together at such times: a fault at 12 s needs all of them.
fn rests(at: &[(i64, i64)]) -> Vec<Symptom> {
    let mut trace = Trace::new();
    for by in 0..12 {
        let mut now = i64::from(by);
        while now < 20_000 {
            let rest = at.iter().find(|&&(from, to)| by % 4 == 1 && (from..to).contains(&now));
            now = rest.map_or(now, |(_, to)| to + i64::from(by) % 5);
            trace.add((by, by % 3), READ, now, Some((4, Came::Ok)));
            now += 34;
        }
    }
    trace.fault(12_000, 15_000, &[]);
    trace.find(process_pause::find).symptoms
}

#[test]
fn where_little_is_usual_a_life_of_work_tells() {
    // What was done to them began so early that hardly anything is usual.
    let mut trace = still(3_000, |by| by % 4 == 1, false);
    trace.fault(3_000, 6_000, &[]);
    let found = trace.find(process_pause::find).symptoms;
    let [symptom] = &found[..] else { panic!("{found:?}") };
    assert_eq!(symptom.scope.processes, [1, 5, 9].map(client));
}

#[test]
fn who_rests_in_what_is_usual_is_no_witness() {
    assert_eq!(rests(&[(9_000, 12_000)]).len(), 1);
    // Most of what is usual, until they are needed.
    assert!(rests(&[(3_000, 12_000)]).is_empty());
    // Also at another time.
    assert!(rests(&[(4_000, 6_000), (9_000, 12_000)]).is_empty());
}

#[test]
fn what_only_looks_like_it_is_not() {
    // One, two, or all of them.
    assert!(found(|by| by == 1, false).is_empty());
    assert!(found(|by| by < 2, false).is_empty());
    assert!(found(|_| true, false).is_empty());
    // They wait for one node, which stands still: that is told of the node.
    let found = found(|by| by % 3 == 1, true);
    let [symptom] = &found[..] else { panic!("{found:?}") };
    assert!(symptom.scope.processes.is_empty() && !symptom.scope.nodes.is_empty());
}

#[test]
fn the_numbers_are_of_who_stood_still_and_who_went_on() {
    let found = found(|by| by % 4 == 1, false);
    let numbers: Vec<_> = found[0].numbers.iter().map(|number| number.value).collect();
    // It is known to a fourth of a second.
    assert_eq!(found[0].window, (ms(8_250), ms(11_000)));
    assert_eq!(numbers, [ms(2_750) as f64, 3.0, 1.0, ms(500) as f64]);
    assert_eq!(found[0].sample, (3, 9));
}

#[test]
fn three_have_to_stand_still_for_a_second() {
    let told = |setting: &Setting, value: f64| {
        let mut trace = still(8_000, |by| by % 4 == 1, false);
        trace.thresholds.set(setting, value);
        trace.find(process_pause::find).symptoms.len()
    };
    assert_eq!([told(&WAITING, 3.0), told(&WAITING, 4.0)], [1, 0]);
    assert_eq!([told(&GAP, 2.75), told(&GAP, 2.76)], [1, 0]);
}

#[test]
fn one_who_waits_for_nothing_shows_that_they_stood_still() {
    // Of three, so many wait.
    let is_likeness = |waits: u32| {
        let mut trace = Trace::new();
        for by in 0..12 {
            let mut now = i64::from(by);
            while now < 20_000 {
                let is_held = by % 4 == 1 && (8_000..11_000).contains(&now);
                let until = 11_000 + i64::from(by) % 5;
                if is_held && by / 4 >= waits {
                    now = until;
                }
                let took = if is_held && by / 4 < waits { until - now } else { 4 };
                trace.add((by, by % 3), READ, now, Some((took, Came::Ok)));
                now += took + 30;
            }
        }
        let found = trace.find(process_pause::find).symptoms;
        found.iter().map(|symptom| symptom.is_likeness).collect::<Vec<_>>()
    };
    assert_eq!([0, 2, 3].map(is_likeness), [[false], [false], [true]]);
}

/// How often it is told of twelve clients that ask every so many milliseconds, of which three rest from 8 s on for so long; when these
/// begin, and when they are answered badly, is given.
fn told(every: i64, long: i64, begin: i64, bad: std::ops::Range<i64>) -> usize {
    let mut trace = Trace::new();
    for by in 0..12 {
        let is_one = by % 4 == 1;
        let mut now = i64::from(by) * every / 12 + if is_one { begin } else { 0 };
        while now < 20_000 {
            if is_one && (8_000..8_000 + long).contains(&now) {
                now += long;
            }
            let came = if is_one && bad.contains(&now) { Came::Fail } else { Came::Ok };
            trace.add((by, by % 3), READ, now, Some((4, came)));
            now += every;
        }
    }
    trace.find(process_pause::find).symptoms.len()
}

#[test]
fn who_asks_seldom_has_to_rest_for_long() {
    // Each half of a second they do something: for six of these they rest, or for fewer.
    assert_eq!([told(400, 3_600, 0, 0..0), told(400, 2_000, 0, 0..0)], [1, 0]);
}

#[test]
fn who_comes_later_is_a_witness_as_well() {
    assert_eq!(told(34, 3_000, 4_000, 0..0), 1);
}

#[test]
fn who_was_answered_badly_waits_of_its_own_accord() {
    assert_eq!(told(34, 3_000, 0, 7_500..8_000), 0);
    assert_eq!(told(34, 3_000, 0, 7_000..7_500), 1);
}
