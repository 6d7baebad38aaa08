use super::*;
use crate::trace::{Came, READ, Trace, ms};

#[test]
fn before_the_first_fault_is_usual_where_enough_was_asked() {
    let mut trace = Trace::new();
    trace.steady(0..10_000, 10, 2).fault(4_000, 6_000, &[]);
    let observed = trace.observed();
    let usual = Baseline::new(&observed, &Thresholds::default());
    let [(from, to)] = usual.stretches() else { panic!("{usual:?}") };
    assert!((ms(995)..ms(1_005)).contains(from), "{from}");
    assert_eq!(*to, ms(4_000));
    let of = usual.usual(&observed, 30.0, |_, _| true).expect("enough was asked");
    assert!((98.0..102.0).contains(&of.calls()), "{}", of.calls());
    assert_eq!(of.cell.share(), Some(1.0));
    assert!(usual.usual(&observed, 1e6, |_, _| true).is_none());
}

#[test]
fn else_also_what_comes_after() {
    let mut trace = Trace::new();
    trace.steady(0..10_000, 50, 2).fault(2_000, 3_000, &[]).fault(2_500, 4_000, &[]);
    let usual = Baseline::new(&trace.observed(), &Thresholds::default());
    assert_eq!(usual.stretches().len(), 2);
    assert_eq!(usual.stretches()[1].0, ms(7_000));
    assert!(usual.has(ms(8_000)) && !usual.has(ms(3_500)));
}

#[test]
fn what_is_in_question_is_left_out_unless_it_is_most() {
    let usual = Baseline { stretches: vec![(0, 10), (20, 40)] };
    let without = |from, to| usual.without((from, to)).map(|rest| rest.stretches);
    assert_eq!(without(5, 25), Some(vec![(0, 5), (25, 40)]));
    assert_eq!(without(22, 30), Some(vec![(0, 10), (20, 22), (30, 40)]));
    assert_eq!(without(10, 20), Some(usual.stretches.clone()));
    assert_eq!(without(5, 32), None);
}

#[test]
fn half_of_what_is_usual_may_be_in_question() {
    let usual = Baseline { stretches: vec![(0, 10), (20, 40)] };
    assert_eq!([30, 31].map(|to| usual.without((5, to)).is_some()), [true, false]);
    assert_eq!(usual.length(), 30);
    assert_eq!(
        [-1, 0, 9, 10, 19, 20, 40].map(|time| usual.has(time)),
        [false, true, true, false, false, true, false]
    );
}

#[test]
fn what_lies_between_faults_is_usual_a_while_after_each() {
    let mut trace = Trace::new();
    trace.steady(0..20_000, 50, 2).fault(2_100, 3_000, &[]).fault(10_000, 11_000, &[]).fault(
        12_000,
        13_000,
        &[],
    );
    let stretches = |trace: &Trace| {
        let usual = Baseline::new(&trace.observed(), &trace.thresholds);
        usual.stretches().iter().map(|(from, to)| (from / ms(1), to / ms(1))).collect::<Vec<_>>()
    };
    // The first two seconds are left out, and the last stretch in which clients are counted is the last.
    assert_eq!(stretches(&trace), [(1_996, 2_100), (6_000, 10_000), (16_000, 19_960)]);
    // Between these times two are called.
    trace.thresholds.set(&ENOUGH, 2.0);
    assert_eq!(stretches(&trace), [(1_996, 2_100)]);
    trace.thresholds.set(&ENOUGH, 3.0);
    assert_eq!(stretches(&trace).len(), 3);
}

#[test]
fn stretches_that_lie_within_are_counted() {
    let mut trace = Trace::new();
    trace.steady(1_000..2_000, 10, 2);
    let observed = trace.observed();
    let within = |from, to| within(&observed.cells, 100, ms(from), ms(to));
    assert_eq!([within(1_000, 1_020), within(1_005, 1_025), within(990, 1_010)], [0..2, 1..2, 0..1]);
    assert_eq!([within(1_990, 3_000), within(1_020, 1_010), within(500, 600)], [99..100, 2..2, 0..0]);
}

#[test]
fn half_of_it_is_good() {
    let of = |ok, fail| Usual { cell: Cell { ok, fail, ..Cell::default() }, ..Usual::default() };
    assert_eq!([of(1, 1), of(1, 2), of(0, 0)].map(|usual| usual.is_good()), [true, false, false]);
}

#[test]
fn faults_are_known_by_their_beginnings() {
    let mut trace = Trace::new();
    trace.steady(0..10_000, 50, 2).fault(5_000, 4_000, &[]).fault(3_000, 4_000, &[]);
    let mut observed = trace.observed();
    observed.windows[1].to = None;
    let all: Vec<_> = spells(&observed).iter().map(|of| (of.window, of.to / ms(1), of.has_ended)).collect();
    assert_eq!(all, [(1, 9_960, false), (0, 5_000, true)]);
}

#[test]
fn of_few_all_of_it_counts() {
    // For six seconds all is slow: in less than a minute 540 are usual, and then 1,800.
    let of = |long: i64| {
        let mut trace = Trace::new();
        trace.steady(0..30_000, 100, 3).steady(30_000..36_000, 100, 60).steady(36_000..long, 100, 3);
        let observed = trace.observed();
        let usual = Baseline::new(&observed, &Thresholds::default());
        usual.seldom_exceeded(&observed, |_, _| true).is_some_and(|of| of > 50e6)
    };
    assert_eq!([of(60_000), of(200_000)], [true, false]);
}

#[test]
fn well_after_faults_is_usual_where_little_time_is_before_them_and_it_is_like_that() {
    let stretches = |came: Came, from: i64| {
        let mut trace = Trace::new();
        trace.steady(0..from, 10, 2).steady(from..60_000, 10, 2).fault(10_000, 14_000, &[]);
        for time in (from..60_000).step_by(10) {
            trace.add((7, 1), READ, time, Some((3, came)));
        }
        Baseline::new(&trace.observed(), &Thresholds::default()).stretches
    };
    let [(_, to), (from, _)] = stretches(Came::Ok, 20_000)[..] else { panic!("there are two") };
    assert_eq!((to, from), (ms(10_000), ms(24_000)));
    // Service did not come back.
    assert_eq!(stretches(Came::Fail, 20_000).len(), 1);
    // Enough time is before it.
    let mut trace = Trace::new();
    trace.steady(0..60_000, 10, 2).fault(20_000, 24_000, &[]);
    assert_eq!(Baseline::new(&trace.observed(), &Thresholds::default()).stretches().len(), 1);
}

#[test]
fn a_node_that_did_not_come_back_is_not_usual() {
    let mut trace = Trace::new();
    trace.fault(10_000, 14_000, &[]);
    for (at, time) in (0..60_000).step_by(5).enumerate() {
        let to = at as u32 % 8;
        let came = if to == 3 && time > 10_000 && at % 3 == 0 { Came::Fail } else { Came::Ok };
        trace.add((at as u32 % 6, to), READ, time, Some((3, came)));
    }
    let usual = Baseline::new(&trace.observed(), &Thresholds::default());
    assert_eq!(usual.stretches().len(), 1);
}

#[test]
fn a_time_in_which_most_was_asked_and_least_happened_is_not_usual() {
    let with = |bad: std::ops::Range<i64>| {
        let mut trace = Trace::new();
        trace.steady(0..bad.start, 10, 2).steady(bad.end..40_000, 10, 2);
        for time in bad {
            trace.add((7, 1), READ, time, Some((3, Came::Fail)));
        }
        let observed = trace.observed();
        let usual = Baseline::new(&observed, &Thresholds::default());
        usual.usual(&observed, 30.0, |_, _| true).and_then(|of| of.cell.share()).expect("some was asked")
    };
    assert!(with(18_000..26_000) > 0.99);
    // Most of the time is what is usual.
    assert!(with(10_000..32_000) < 0.5);
}
