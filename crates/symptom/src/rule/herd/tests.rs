use super::*;
use crate::trace::{Came, READ, Trace, ms};

/// Twenty clients that ask now and then, and from when a fault ends until three seconds later at such times.
fn trace(after: impl Fn(i64) -> Vec<i64>) -> Trace {
    let mut trace = Trace::new();
    let mut add = |at: i64| {
        let by = trace_client(at);
        trace.add((by, 0), READ, at, Some((5, Came::Ok)));
    };
    (0..12_000).step_by(23).filter(|at| !(4_000..9_000).contains(at)).for_each(|at| add(at + at * 7 % 19));
    (6_000..9_000).step_by(1_000).flat_map(after).for_each(add);
    trace.fault(4_000, 6_000, &[]);
    trace
}

fn trace_client(at: i64) -> u32 {
    (at % 20) as u32
}

#[test]
fn all_ask_at_once_and_again() {
    let all = trace(|second| (0..60).map(|at| second + 500 + at).collect());
    assert_eq!(all.find(find).symptoms.len(), 1);
    // Few clients make small bursts, which come back.
    let few = trace(|second| (0..12).map(|at| second + 500 + at).collect());
    assert_eq!(few.find(find).symptoms.len(), 1);
}

#[test]
fn clients_that_come_back_to_the_usual_rate_are_no_herd() {
    let all = trace(|second| (0..40).map(|at| second + at * 25 + at * 7 % 11).collect());
    assert_eq!(all.find(find).symptoms, []);
    let late = trace(|second| {
        let count = if second < 7_000 { 0 } else { 40 };
        (0..count).map(|at| second + at * 25 + at * 7 % 11).collect()
    });
    assert_eq!(late.find(find).symptoms, []);
}

/// A fault from the fourth to the sixth second, and these calls after it until the sixteenth.
fn long(after: impl Fn(i64) -> i64) -> Trace {
    let mut trace = Trace::new();
    for time in 0..16_000 {
        let count = if time < 4_000 { i64::from(time % 7 == 0) } else { after(time) };
        (0..count).for_each(|_| {
            trace.add((trace_client(time), 0), READ, time, Some((5, Came::Ok)));
        });
    }
    trace.fault(4_000, 6_000, &[]);
    trace
}

#[test]
fn a_herd_that_is_let_in_again_was_one() {
    // Forty ask each second, and from 10.3 s on three in each millisecond.
    let all = long(|time| if time < 10_300 { i64::from(time % 1_000 < 40) } else { 3 });
    let windows: Vec<_> = all.find(find).symptoms.iter().map(|of| of.window).collect();
    let [(from, to)] = windows[..] else { panic!("{windows:?}") };
    assert_eq!(from, ms(6_000));
    assert!((ms(10_000)..=ms(10_400)).contains(&to), "{to}");
}

#[test]
fn clients_who_give_up_after_one_time_are_no_herd() {
    // Twelve ask each second, and usually fourteen or fifteen do in a tenth of it.
    let all =
        long(|time| if time < 10_300 { i64::from(time % 1_000 < 12) } else { i64::from(time % 7 == 0) });
    assert_eq!(all.find(find).symptoms, []);
}

#[test]
fn one_burst_is_a_herd_where_it_is_far_more_than_usual_and_one_step_is_none() {
    let burst = |most: i64, each: i64| {
        long(move |time| {
            if (8_000..8_000 + most).contains(&time) {
                each
            } else {
                i64::from(time > 8_100 && time % 7 == 0)
            }
        })
    };
    // As many as may have waited ask once.
    assert_eq!(burst(25, 1).find(find).symptoms, []);
    assert_eq!(burst(40, 4).find(find).symptoms.len(), 1);
    let step = long(|time| if time < 10_300 { i64::from(time % 50 == 0) } else { 30 });
    assert_eq!(step.find(find).symptoms, []);
}

#[test]
fn a_schedule_is_no_herd() {
    let mut trace = Trace::new();
    for second in (0..16_000).step_by(500) {
        for at in 0..30 {
            trace.add((at, 0), READ, second + i64::from(at), Some((5, Came::Ok)));
        }
    }
    trace.fault(8_000, 10_000, &[]);
    assert_eq!(trace.find(find).symptoms, []);
}

#[test]
fn a_rate_changes_where_two_make_the_counts_likeliest() {
    assert_eq!(change(&[1.0, 1.0, 1.0, 10.0, 10.0]), 3);
    assert_eq!(change(&[9.0, 8.0, 0.0, 0.0, 0.0, 0.0]), 2);
    assert_eq!([change(&[7.0]), change(&[])], [1, 0]);
}

#[test]
fn counts_are_compared_with_their_neighbours() {
    let bins = [1.0, 3.0, 1.0, 3.0];
    assert_eq!([0, 3].map(|left_out| neighbours(&bins, left_out)), [Some(1.0), None]);
    assert!(neighbours(&bins, 1).is_some_and(|index| (index - 2.0 / 3.0).abs() < 1e-9));
    assert_eq!(neighbours(&[0.0; 4], 0), None);
}

#[test]
fn counts_are_like_those_before() {
    assert!(correlation(&[1.0, 2.0, 3.0, 5.0], 1).is_some_and(|of| (of - 0.981_981).abs() < 1e-6));
    assert!(correlation(&[1.0, 2.0, 1.0, 2.0], 1).is_some_and(|of| (of + 1.0).abs() < 1e-9));
    assert_eq!([correlation(&[3.0; 4], 1), correlation(&[1.0, 2.0], 3)], [None, None]);
    let beat = [9.0, 0.0, 0.0, 0.0].repeat(4);
    assert_eq!(strongest(&beat), (4, 1.0));
    // Five periods are not there of a longer one, and what grows has none.
    assert_eq!(lags(15), 2..=5);
    let grows: Vec<_> = (0..20).map(f64::from).collect();
    assert_eq!(strongest(&grows), (2, 0.0));
}

/// What is told of counts of calls, where so many waited in each bin, and five or six are usual.
fn of_counts(after: &[f64], waiting: f64, most: f64) -> Option<Symptom> {
    let usual = [&[5.0, 6.0].repeat(10)[..], &[most]].concat();
    let waiting = vec![waiting; after.len()];
    Trace::new().ask(|asked| of_bins(asked, (after, &waiting), &usual, (0, ms(2_000)), &mut Vec::new()))
}

#[test]
fn a_crowd_is_more_than_twice_who_waited_and_usually_ask_and_is_gone_soon() {
    let with = |spike: f64, later: f64, waiting: f64| {
        let mut after = vec![5.0; 20];
        (after[10], after[13]) = (spike, later);
        of_counts(&after, waiting, 8.0).is_some()
    };
    assert_eq!([with(60.0, 5.0, 21.0), with(60.0, 5.0, 22.0)], [true, false]);
    assert_eq!([with(60.0, 29.0, 0.0), with(60.0, 30.0, 0.0)], [true, false]);
}

#[test]
fn a_beat_is_of_more_than_usual() {
    let after = [12.0, 3.0, 3.0, 3.0, 3.0].repeat(4);
    let symptom = of_counts(&after, 0.0, 11.0).expect("it is told");
    let numbers: Vec<_> = symptom.numbers.iter().map(|of| of.value).collect();
    // Five of seven changes by nine, over twice nineteen and a mean of 4.8.
    assert!((numbers[0] - 405.0 / 38.0 / 4.8).abs() < 1e-9, "{numbers:?}");
    assert_eq!((numbers[1], numbers[3]), (ms(500) as f64, 12.0));
    assert!((numbers[2] - 1.0).abs() < 1e-9 && symptom.effect == Some(numbers[0]), "{numbers:?}");
    assert_eq!(symptom.sample, (96, 121));
    assert!(of_counts(&after, 0.0, 12.0).is_none());
    // It is no more dispersed than twice what chance leaves.
    assert!(of_counts(&[12.0, 4.0, 4.0, 4.0, 4.0].repeat(4), 0.0, 11.0).is_none());
    // There are too few bins, or too few calls.
    assert!(of_counts(&after[..14], 0.0, 11.0).is_none());
    assert!(of_counts(&[0.0, 0.0, 0.0, 0.0, 9.0].repeat(3), 0.0, 8.0).is_none());
    assert!(of_counts(&[0.0, 0.0, 0.0, 0.0, 10.0].repeat(3), 0.0, 8.0).is_some());
}

#[test]
fn the_shortest_of_equal_beats_is_told() {
    let number = |symptom: &Symptom, name| {
        symptom.numbers.iter().find(|number| number.name == name).expect("it is there").value
    };
    // Every second burst is one client greater.
    let all = trace(|second| (0..60 + second / 1_000 % 2).map(|at| second + 500 + at).collect());
    let [symptom] = all.find(find).symptoms.try_into().expect("it is told once");
    assert_eq!(number(&symptom, "beat"), 1e9);
    // One burst comes again after no time.
    let once = trace(|second| {
        let count = if second == 7_000 { 300 } else { 0 };
        (0..count).map(|at| second + 500 + at % 80).collect()
    });
    let [symptom] = once.find(find).symptoms.try_into().expect("it is told once");
    assert_eq!((number(&symptom, "beat"), number(&symptom, "correlation")), (0.0, 0.0));
}

#[test]
fn a_herd_is_not_what_is_usual() {
    // So little is asked before the fault that the time after it is usual as well.
    let mut trace = Trace::new();
    let mut add = |at: i64| _ = trace.add((trace_client(at), 0), READ, at, Some((5, Came::Ok)));
    (0..4_000).step_by(110).for_each(|at| add(at + at * 7 % 59));
    (0..6).for_each(|burst| (0..20).for_each(|at| add(6_500 + burst * 2_000 + at)));
    trace.fault(4_000, 6_000, &[]);
    assert_eq!(trace.find(find).symptoms.len(), 1);
}
