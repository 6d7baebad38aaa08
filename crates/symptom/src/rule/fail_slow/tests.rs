use super::*;
use crate::trace::{Came, READ, Trace, WRITE, ms, node};

/// Node 2 takes so long of 40 s from 20 s to 30 s, and so long before; others take so long then, and 4 ms before.
fn found(then: i64, before: i64, others: i64) -> Candidates {
    let mut trace = Trace::new();
    trace.fault(20_000, 30_000, &[2]);
    for time in (0..40_000).step_by(20) {
        let is_then = (20_000..30_000).contains(&time);
        for of in 0..3 {
            let long = match (of, is_then) {
                (2, true) => then,
                (2, false) => before,
                (_, true) => others,
                (_, false) => 4,
            };
            // No two take equally long.
            trace.add((of, of), READ, time, Some((long + time / 20 % 3, Came::Ok)));
        }
    }
    trace.find(find)
}

#[test]
fn a_node_that_limps_is_told() {
    let found = found(100, 4, 4);
    let [symptom] = &found.symptoms[..] else { panic!("{found:?}") };
    assert_eq!(symptom.scope, Scope { nodes: vec![node(2)], ..Scope::default() });
    let (from, to) = symptom.window;
    assert!(
        (ms(19_000)..ms(21_500)).contains(&from) && (ms(29_000)..ms(31_500)).contains(&to),
        "{from} {to}"
    );
    assert!(symptom.effect.is_some_and(|ratio| ratio > 10.0));
    assert!(symptom.test.is_some_and(|test| test.p < 1e-9));
}

#[test]
fn what_is_always_slow_or_slow_everywhere_is_not() {
    // A leader, that does more.
    assert!(found(100, 100, 4).symptoms.is_empty());
    assert!(found(100, 4, 100).symptoms.is_empty());
    assert!(found(12, 4, 4).symptoms.is_empty());
}

#[test]
fn a_node_that_fails_is_ill_in_another_way() {
    let mut trace = Trace::new();
    trace.steady(0..40_000, 5, 2);
    for time in (20_000..30_000).step_by(20) {
        let came = if time % 100 == 0 { Came::Fail } else { Came::Ok };
        trace.add((5, 2), READ, time, Some((200, came)));
    }
    trace.fault(20_000, 30_000, &[2]);
    assert!(trace.find(find).symptoms.is_empty());
}

/// Four nodes that are asked by two functions for 40 s, mostly by reads, take so long for these.
fn asked(long: impl Fn(u32, ValueId, i64) -> i64) -> Vec<Symptom> {
    let mut trace = Trace::new();
    for (at, time) in (0..40_000).step_by(20).enumerate() {
        let function = if at % 4 == 0 { WRITE } else { READ };
        for of in 0..4 {
            let long = long(of, function, time) + time / 20 % 3;
            trace.add((of, of), function, time, Some((long, Came::Ok)));
        }
    }
    trace.find(find).symptoms
}

/// As long as others take, or so long at node 1 in such seconds.
fn in_seconds(slow: &[(i64, i64)]) -> Vec<(i64, i64)> {
    let is_slow = |time: i64| slow.iter().any(|&(from, to)| (from..to).contains(&(time / 1_000)));
    let found = asked(|of, _, time| if of == 1 && is_slow(time) { 100 } else { 4 });
    found.iter().map(|symptom| symptom.window).map(|(from, to)| (from / ms(1_000), to / ms(1_000))).collect()
}

#[test]
fn five_seconds_count_of_which_one_may_be_fine() {
    assert_eq!(in_seconds(&[(10, 15)]), [(10, 15)]);
    assert_eq!(in_seconds(&[(10, 14)]), []);
    assert_eq!(in_seconds(&[(10, 13), (14, 17)]), [(10, 17)]);
    assert_eq!(in_seconds(&[(10, 16), (18, 24)]), [(10, 16), (18, 24)]);
}

#[test]
fn a_leader_is_compared_with_what_it_usually_is() {
    // It takes twice as long as others do, and then some eight or twelve times.
    assert!(found(40, 8, 4).symptoms.is_empty());
    let found = found(64, 8, 4);
    let [symptom] = &found.symptoms[..] else { panic!("{found:?}") };
    let (ratio, usual) = (symptom.numbers[2].value, symptom.numbers[2].usual.expect("it is known"));
    assert!((11.0..14.0).contains(&ratio) && (1.6..2.1).contains(&usual), "{ratio} {usual}");
    assert_eq!(symptom.window, (ms(20_000), ms(30_000)));
}

#[test]
fn functions_that_are_slow_together_are_told_once() {
    // Reads are slow for ten seconds, and writes two seconds later.
    let found = asked(|of, function, time| {
        let from = if function == READ { 10_000 } else { 12_000 };
        if of == 1 && (from..from + 10_000).contains(&time) { 100 } else { 4 }
    });
    let [symptom] = &found[..] else { panic!("{found:?}") };
    assert_eq!(symptom.scope, Scope { nodes: vec![node(1)], ..Scope::default() });
    assert_eq!(symptom.window, (ms(10_000), ms(22_000)));
    // The numbers are those of both.
    assert!((590..610).contains(&symptom.sample.0), "{symptom:?}");
    // One of them by itself has its name.
    for one in [READ, WRITE] {
        let found =
            asked(
                |of, function, time| {
                    if of == 1 && function == one && (10_000..20_000).contains(&time) { 100 } else { 4 }
                },
            );
        let scopes: Vec<_> = found.iter().map(|symptom| symptom.scope.functions.clone()).collect();
        assert_eq!(scopes, [[one]]);
    }
}

#[test]
fn two_nodes_are_told_apart() {
    let found = asked(|of, _, time| {
        let is_slow =
            (of == 1 && (10_000..20_000).contains(&time)) || (of == 2 && (25_000..35_000).contains(&time));
        if is_slow { 100 } else { 4 }
    });
    let nodes: Vec<_> = found.iter().map(|symptom| symptom.scope.nodes.clone()).collect();
    assert_eq!(nodes, [[node(1)], [node(2)]]);
}

#[test]
fn few_operations_of_either_side_tell_nothing() {
    // So many of a node that is slow for five seconds, and of the other one then.
    let with = |own: i64, other: i64| {
        let mut trace = Trace::new();
        for (of, count) in [(0, other), (1, own)] {
            (0..20_000).step_by(50).filter(|time| !(10_000..15_000).contains(time)).for_each(|time| {
                trace.add((of, of), READ, time, Some((4, Came::Ok)));
            });
            for at in 0..count {
                // Of each second as many, but for the last one.
                let time = 10_000 + at % 5 * 1_000 + at / 5 * 100;
                trace.add((of, of), READ, time, Some((if of == 1 { 90 } else { 4 }, Came::Ok)));
            }
        }
        trace.find(find).symptoms.len()
    };
    assert_eq!([with(30, 30), with(29, 30), with(30, 29)], [1, 0, 0]);
}

#[test]
fn a_node_fails_where_more_fails_than_usual() {
    // One in ten usually fails; then one in so many does.
    let with = |then: i64| {
        let mut trace = Trace::new();
        for (at, time) in
            (0..40_i64).flat_map(|second| (0..100).map(move |at| (at, 1_000 * second + 10 * at)))
        {
            let is_then = (20_000..30_000).contains(&time);
            let every = if is_then { then } else { 10 };
            let came = if at % every == 0 { Came::Fail } else { Came::Ok };
            trace.add((1, 1), READ, time, Some((if is_then { 100 } else { 4 }, came)));
            trace.add((2, 2), READ, time, Some((4, Came::Ok)));
        }
        trace.find(find).symptoms.len()
    };
    assert_eq!([with(10), with(7), with(6)], [1, 1, 0]);
}

#[test]
fn numbers_are_those_of_all_that_is_named() {
    let mut trace = Trace::new();
    for time in (0..40_000).step_by(20) {
        for of in 0..3 {
            let is_slow = of == 2 && (20_000..30_000).contains(&time);
            // Reads take 67 ms where they took 6 ms, writes 72 ms.
            let (function, long) = if time / 20 % 4 == 0 {
                (WRITE, if is_slow { 72 } else { 6 })
            } else {
                (READ, if is_slow { 67 } else { 6 })
            };
            trace.add((of, of), function, time + i64::from(of), Some((long, Came::Ok)));
        }
    }
    let found = trace.find(find);
    let [symptom] = &found.symptoms[..] else { panic!("{found:?}") };
    let number = |name| symptom.numbers.iter().find(|of| of.name == name).expect("it is there").value;
    assert!(symptom.scope.functions.is_empty());
    assert!((470.0..=510.0).contains(&number("operations")), "{symptom:?}");
    // Both are of one class of latencies.
    assert!((66e6..81e6).contains(&number("median")), "{symptom:?}");
}

#[test]
fn a_node_that_is_asked_seldom_limps_as_well() {
    let mut trace = Trace::new();
    // Twice in a second, after times that vary by far; from 80 s to 120 s ten times as long.
    for at in 0..480_i64 {
        let time = at * 500;
        for of in 0..3 {
            let long = [2, 60, 5, 9, 3, 30, 7][((at * 3 + i64::from(of)) % 7) as usize];
            let times = if of == 1 && (80_000..120_000).contains(&time) { 15 } else { 1 };
            let function = if at % 2 == 0 { READ } else { WRITE };
            trace.add((of, of), function, time, Some((long * times, Came::Ok)));
        }
    }
    let found = trace.find(find);
    let [symptom] = &found.symptoms[..] else { panic!("{found:?}") };
    assert_eq!(symptom.scope, Scope { nodes: vec![node(1)], ..Scope::default() });
    let (from, to) = symptom.window;
    assert!(
        (ms(76_000)..ms(90_000)).contains(&from) && (ms(110_000)..ms(125_000)).contains(&to),
        "{from} {to}"
    );
}
