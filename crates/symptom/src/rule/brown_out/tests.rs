use super::*;
use crate::trace::{Came, READ, Trace, WRITE, ms, node};

/// Reads and writes at three nodes, which take this and come to that from the fourth to the eighth second.
fn trace(of: impl Fn(usize, u32) -> (i64, Came)) -> Trace {
    let mut trace = Trace::new();
    for (at, time) in (0..12_000).step_by(10).enumerate() {
        let (to, function) = (at as u32 % 3, if at % 2 == 0 { READ } else { WRITE });
        let came = if (4_000..8_000).contains(&time) { of(at, to) } else { (3 + at as i64 % 3, Came::Ok) };
        trace.add((at as u32 % 12, to), function, time, Some(came));
    }
    trace.fault(4_000, 8_000, &[]);
    trace
}

fn nodes(trace: &Trace) -> Vec<Vec<ValueId>> {
    trace.find(find).symptoms.into_iter().map(|of| of.scope.nodes).collect()
}

#[test]
fn what_is_left_of_a_time_is_its_longest_part() {
    let of = |others: &[(i64, i64)]| outside((10, 20), others.iter().copied());
    assert_eq!(of(&[]), Some((10, 20)));
    assert_eq!(of(&[(0, 11), (14, 15)]), Some((15, 20)));
    assert_eq!([of(&[(5, 25)]), of(&[(10, 20)])], [None, None]);
    assert_eq!(of(&[(19, 25), (30, 40)]), Some((10, 19)));
}

#[test]
fn part_of_it_happens() {
    let all = trace(|at, _| if at % 5 < 2 { (5, Came::Fail) } else { (5, Came::Ok) });
    assert_eq!(nodes(&all), [[]]);
}

#[test]
fn it_takes_long() {
    let all = trace(|at, _| if at % 10 == 0 { (200, Came::Ok) } else { (5, Came::Ok) });
    assert_eq!(nodes(&all), [[]]);
    assert!(all.find(find).symptoms[0].test.is_some_and(|test| test.p < 1e-6));
}

#[test]
fn one_node_is_bad() {
    let all = trace(|at, to| if to == 2 && at % 4 < 2 { (100, Came::Fail) } else { (5, Came::Ok) });
    assert_eq!(nodes(&all), [[node(2)]]);
}

#[test]
fn a_gap_is_none() {
    assert!(nodes(&trace(|_, _| (5, Came::Fail))).is_empty());
    assert!(nodes(&trace(|_, to| if to == 1 { (5, Came::Fail) } else { (5, Came::Ok) })).is_empty());
}

#[test]
fn two_seconds_are_not_long_enough() {
    let all =
        trace(|at, _| if (450..650).contains(&at) && at % 5 < 2 { (5, Came::Fail) } else { (5, Came::Ok) });
    assert!(nodes(&all).is_empty());
}

#[test]
fn a_stall_is_none() {
    let all = trace(|at, _| if (450..500).contains(&at) { (300, Came::Ok) } else { (5, Came::Ok) });
    assert!(nodes(&all).is_empty());
}

#[test]
fn it_lasts_for_three_seconds_and_numbers_say_how_bad_it_is() {
    let until = |until: usize| {
        let bad = 400..until / 10;
        trace(move |at, _| (5, if bad.contains(&at) && at % 5 < 2 { Came::Fail } else { Came::Ok }))
            .find(find)
            .symptoms
    };
    assert_eq!(until(6_750), []);
    let found = until(7_000);
    let [symptom] = &found[..] else { panic!("{found:?}") };
    assert_eq!(symptom.window, (ms(4_000), ms(7_000)));
    let [lasted, share, p99, slow] = &symptom.numbers[..] else { panic!("{symptom:?}") };
    assert_eq!((lasted.value, share.value, share.usual), (3e9, 0.6, Some(1.0)));
    assert_eq!((slow.value, slow.usual, symptom.effect), (0.0, Some(0.0), Some(0.6 - 1.0)));
    assert!(
        (4e6..7e6).contains(&p99.value) && p99.usual.is_some_and(|of| (4e6..7e6).contains(&of)),
        "{p99:?}"
    );
}

#[test]
fn where_half_of_the_nodes_are_bad_all_of_it_is() {
    let all = |bad: u32, count: u32| {
        let mut trace = Trace::new();
        for (at, time) in (0..12_000).step_by(10).enumerate() {
            let to = at as u32 % count;
            let is_bad = (4_000..8_000).contains(&time) && to < bad && (at as u32 / count).is_multiple_of(2);
            trace.add(
                (at as u32 % 12, to),
                READ,
                time,
                Some((4, if is_bad { Came::Fail } else { Came::Ok })),
            );
        }
        trace.fault(4_000, 8_000, &[]);
        nodes(&trace)
    };
    assert_eq!([all(1, 2), all(2, 4), all(1, 3)], [[vec![]], [vec![]], [vec![node(0)]]]);
}

#[test]
fn few_operations_tell_nothing() {
    // In three seconds and a fourth 33 are asked.
    let told = |sample: f64| {
        let mut trace = Trace::new();
        for at in 0..600_i64 {
            let is_bad = (300..335).contains(&at) && at % 5 < 2;
            trace.add((0, 0), READ, 100 * at, Some((4, if is_bad { Came::Fail } else { Came::Ok })));
        }
        trace.fault(30_000, 33_500, &[]).thresholds.set(&SAMPLE, sample);
        trace.find(find).symptoms.len()
    };
    assert_eq!([told(33.0), told(34.0)], [1, 0]);
}

#[test]
fn what_is_seldom_slow_usually_is_told_beside_it() {
    // One in two hundred takes long, and then one in ten.
    let mut trace = Trace::new();
    for at in 0..1_200_i64 {
        let every = if (400..800).contains(&at) { 10 } else { 200 };
        let long = if at % every == 7 { 200 } else { 4 };
        trace.add((at as u32 % 12, 0), READ, 10 * at, Some((long, Came::Ok)));
    }
    trace.fault(4_000, 8_000, &[]).thresholds.set(&crate::baseline::WARM_UP, 0.0);
    let found = trace.find(find).symptoms;
    let [symptom] = &found[..] else { panic!("{found:?}") };
    let slow = &symptom.numbers[3];
    assert!(
        (0.09..0.11).contains(&slow.value) && slow.usual.is_some_and(|of| (0.004..0.006).contains(&of)),
        "{slow:?}"
    );
}

#[test]
fn a_client_that_is_ill_makes_no_node_so() {
    // A few of a hundred fail at each node, and a few more at one of them.
    let all = trace(|at, to| {
        let is_ill = at % 25 == 0 || to == 1 && at % 50 == 1;
        if is_ill { (5, Came::Fail) } else { (5, Came::Ok) }
    });
    assert!(nodes(&all).is_empty(), "{:?}", nodes(&all));
}

#[test]
fn one_node_that_does_nothing_is_not_the_whole_system() {
    // For less than a gap is made to take here, it does nothing at all, and then all again.
    let mut trace = Trace::new();
    trace.thresholds.set(&crate::rule::gap::TIMES, 1_000.0);
    for (at, time) in (0..120_000).step_by(167).enumerate() {
        let to = at as u32 % 3;
        let is_out = to == 1 && (60_000..72_000).contains(&time);
        // What the node was told waits for long, so that nothing is known to have failed at it.
        let came = if is_out { None } else { Some((5, Came::Ok)) };
        trace.add((at as u32 % 7, to), READ, time, came);
    }
    assert!(!nodes(&trace).contains(&vec![]), "{:?}", nodes(&trace));
}

#[test]
fn one_node_that_is_slow_is_not_the_whole_system() {
    // It is asked so seldom that a fourth of the run is a fourth of what is known of it.
    let mut trace = Trace::new();
    for (at, time) in (0..60_000).step_by(10).enumerate() {
        let to = at as u32 % 8;
        let is_slow = to == 2 && (30_000..45_000).contains(&time);
        let length = if is_slow { 200 } else { 3 + at as i64 % 3 };
        trace.add((at as u32 % 12, to), READ, time, Some((length, Came::Ok)));
    }
    assert!(!nodes(&trace).contains(&vec![]), "{:?}", nodes(&trace));
}
