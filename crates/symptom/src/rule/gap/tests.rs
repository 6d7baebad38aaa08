use super::*;
use crate::trace::{Came, READ, Trace, WRITE, ms, node};

fn found(trace: &Trace) -> Vec<(Vec<seriatim_history::ValueId>, Vec<seriatim_history::ValueId>)> {
    let parts = trace.find(find).symptoms.into_iter();
    parts.map(|symptom| (symptom.scope.nodes, symptom.scope.functions)).collect()
}

fn failing(trace: &mut Trace, during: std::ops::Range<i64>, nodes: &[u32]) {
    for (at, time) in during.step_by(100).enumerate() {
        trace.add((at as u32 % 4, nodes[at % nodes.len()]), READ, time, Some((5, Came::Fail)));
    }
}

#[test]
fn all_that_is_asked_fails() {
    let mut trace = Trace::new();
    trace.steady(0..5_000, 10, 2).steady(8_000..10_000, 10, 2).fault(5_000, 8_000, &[]);
    failing(&mut trace, 5_005..8_000, &[0, 1, 2]);
    let [symptom] = trace.find(find).symptoms.try_into().expect("it is told once, of everything");
    assert_eq!(symptom.scope, Part::ALL.scope());
    assert!((ms(2_900)..ms(3_100)).contains(&(symptom.window.1 - symptom.window.0)), "{symptom:?}");
    // Usually ten milliseconds lie between two.
    assert!(symptom.effect.is_some_and(|times| (299.0..=300.0).contains(&times)), "{symptom:?}");
}

#[test]
fn all_clients_wait() {
    let mut trace = Trace::new();
    trace.steady(0..5_000, 10, 2).steady(8_000..10_000, 10, 2);
    for by in 0..4 {
        trace.add((by, by % 3), WRITE, 5_000, Some((3_000, Came::Ok)));
    }
    assert_eq!(found(&trace), [(vec![], vec![])]);
}

#[test]
fn one_client_that_waits_is_not_enough() {
    let mut trace = Trace::new();
    trace.steady(0..5_000, 10, 2).steady(8_000..10_000, 10, 2);
    trace.add((1, 1), WRITE, 5_000, Some((3_000, Came::Ok)));
    assert_eq!(found(&trace), []);
}

#[test]
fn where_nobody_asks_there_is_no_gap() {
    let mut trace = Trace::new();
    trace.steady(0..5_000, 10, 2).steady(8_000..10_000, 10, 2);
    assert_eq!(found(&trace), []);
    // Nor where they come back together and are answered a bit later.
    for by in 0..8 {
        trace.add((by, by % 3), READ, 7_960, Some((38, Came::Ok)));
    }
    assert_eq!(found(&trace), []);
}

#[test]
fn a_stall_of_half_a_second_is_none() {
    let mut trace = Trace::new();
    trace.steady(0..5_000, 10, 2).steady(5_600..10_000, 10, 2);
    for by in 0..4 {
        trace.add((by, by % 3), WRITE, 5_000, Some((600, Came::Ok)));
    }
    assert_eq!(found(&trace), []);
}

#[test]
fn few_who_still_ask_see_one_gap() {
    // Others turn away; after 8 s one in a second asks, twice with more than that in between.
    let mut trace = Trace::new();
    trace.steady(0..5_000, 10, 2).steady(15_000..20_000, 10, 2).fault(5_000, 15_000, &[]);
    failing(&mut trace, 5_005..5_400, &[0, 1, 2]);
    for at in [6_000, 6_500, 7_900, 9_800, 10_900, 11_300, 12_000, 13_900, 14_800] {
        trace.add((1, 1), READ, at, Some((5, Came::Fail)));
    }
    let [symptom] = trace.find(find).symptoms.try_into().expect("it is told once, of everything");
    assert!((ms(9_900)..ms(10_100)).contains(&(symptom.window.1 - symptom.window.0)), "{symptom:?}");
}

#[test]
fn one_node_fails() {
    let mut trace = Trace::new();
    trace.steady(0..10_000, 10, 2);
    let is_down = |at: i64| (5_000..8_000).contains(&at);
    let mut other = Trace::new();
    for at in (0..10_000).step_by(50) {
        let came = if is_down(at) { Came::Info } else { Came::Ok };
        other.add((7, 4), READ, at, Some((20, came))).add((8, 5), WRITE, at, Some((20, Came::Ok)));
    }
    assert_eq!(found(&other), [(vec![node(4)], vec![]), (vec![], vec![READ])]);
    assert_eq!(found(&trace), []);
}

#[test]
fn a_second_counts_in_which_five_were_asked_early() {
    // One waits from the fifth second until some millisecond; so many others ask at a time, and fail.
    let told = |until: i64, count: u32, at: i64| {
        let mut trace = Trace::new();
        trace.steady(0..5_000, 10, 2).steady(until..10_000, 10, 2);
        trace.add((0, 0), READ, 5_000, Some((until - 5_000, Came::Ok)));
        (1..=count).for_each(|by| _ = trace.add((by % 4, 0), READ, at, Some((3, Came::Fail))));
        found(&trace).contains(&(vec![], vec![]))
    };
    assert_eq!([told(6_000, 4, 5_100), told(5_990, 4, 5_100), told(6_000, 3, 5_100)], [true, false, false]);
    // In the last fourth of the time is too late.
    assert_eq!([told(8_000, 4, 7_200), told(8_000, 4, 7_300)], [true, false]);
}

#[test]
fn clients_that_give_up_before_its_middle_do_not_wait() {
    let mut trace = Trace::new();
    trace.steady(0..5_000, 10, 2).steady(8_000..10_000, 10, 2);
    for by in 0..4 {
        let came = if by == 0 { (3_000, Came::Ok) } else { (300, Came::Fail) };
        trace.add((by, by % 3), READ, 5_000, Some(came));
    }
    assert_eq!(found(&trace), []);
}

#[test]
fn after_the_last_who_asks_there_is_no_gap() {
    let mut trace = Trace::new();
    trace.steady(0..5_000, 10, 2).steady(8_000..10_000, 10, 2);
    failing(&mut trace, 5_000..5_900, &[0, 1, 2]);
    assert_eq!(found(&trace), []);
}

#[test]
fn a_gap_is_long_beside_what_usually_lies_between_two() {
    // One is asked each 200 ms, and for so long nothing happens.
    let told = |long: i64| {
        let mut trace = Trace::new();
        trace.steady(0..20_000, 200, 2).steady(20_000 + long..40_000, 200, 2);
        // Few are asked, and nobody knows what became of them: what fails would tell it sooner.
        (0..5).for_each(|at| _ = trace.add((0, 0), READ, 20_000 + at * 250, None));
        !found(&trace).is_empty()
    };
    assert_eq!([told(1_900), told(2_000)], [false, true]);
}

#[test]
fn a_stall_for_each_thousand_is_left_out_of_what_is_usual() {
    // Each twentieth of a second one is asked that takes 35 ms; there are such stalls of half a second.
    let usual = |stalls: &[i64], every: usize| {
        let mut trace = Trace::new();
        for time in
            (0..30_000).step_by(every).filter(|time| !stalls.iter().any(|at| (*at..at + 450).contains(time)))
        {
            trace.add((0, 0), READ, time, Some((35, Came::Ok)));
        }
        trace.fault(25_000, 26_000, &[]);
        trace.ask(|asked| {
            usually(asked, &asked.observed.cells, &asked.observed.counts(|_, _| true))
                .expect("enough happened")
        })
    };
    let between = |stalls: &[i64], every| usual(stalls, every).between / ms(1);
    assert_eq!([between(&[], 50), between(&[9_000], 50), between(&[9_000, 12_000], 50)], [50, 50, 500]);
    assert_eq!([between(&[9_000, 12_000], 20), between(&[9_000, 12_000, 15_000], 20)], [20, 480]);
    // From the third second to the fault: in one of four short stretches in which something was asked something happened.
    let all = usual(&[], 50);
    assert_eq!((all.count, all.stretches), (440, [440, 1_320]));
}

#[test]
fn a_hole_has_room_at_many_places_of_a_run() {
    let mut trace = Trace::new();
    trace.steady(2_000..12_000, 10, 2);
    // One of one is not served, and one of ten others: chance leaves that in two of eleven ways.
    let p = |from, to| trace.ask(|asked| chance(asked, (ms(from), ms(to)), 1, [9, 1]));
    assert!((p(3_000, 8_000) - 2.0 * 2.0 / 11.0).abs() < 1e-6);
    assert!((p(3_000, 23_000) - 2.0 / 11.0).abs() < 1e-6);
    assert_eq!(p(3_000, 3_100), 1.0);
}

/// How many gaps are told of a fault of twenty seconds in which nothing happens at some times, and so many of a hundred do else;
/// that as many happen usually is given as well.
fn told(dark: &[(i64, i64)], between: i64, usually: i64) -> usize {
    let mut trace = Trace::new();
    for at in 0..4_000_i64 {
        let time = 10 * at;
        let is_dark = dark.iter().any(|&(from, to)| (from..to).contains(&time));
        let share = if (10_000..30_000).contains(&time) { between } else { usually };
        // Spread over each hundred.
        let came = if !is_dark && at * 37 % 100 < share { Came::Ok } else { Came::Fail };
        trace.add((at as u32 % 4, 0), READ, time, Some((3, came)));
    }
    trace.fault(10_000, 30_000, &[]);
    trace.find(find).symptoms.len()
}

#[test]
fn gaps_between_which_little_happens_are_a_brown_out() {
    let three = [(12_000, 13_200), (18_000, 19_200), (25_000, 26_200)];
    assert_eq!([told(&three, 50, 100), told(&three, 100, 100)], [0, 3]);
    // Two may be chance; four are more than three.
    assert_eq!(told(&three[..2], 50, 100), 2);
    assert_eq!(told(&[&three[..], &[(28_000, 29_200)]].concat(), 50, 100), 0);
    // For most of the time nothing happens: that is one.
    assert_eq!(told(&[(12_000, 14_000), (14_400, 16_400), (16_800, 18_800)], 50, 100), 1);
    // Nine tenths of what usually happens are as usual.
    assert_eq!([told(&three, 74, 80), told(&three, 70, 80)], [3, 0]);
}

#[test]
fn what_is_asked_in_a_hole_is_counted() {
    let mut trace = Trace::new();
    trace.steady(0..5_000, 10, 2).steady(8_000..10_000, 10, 2);
    (5_000..8_000).step_by(500).for_each(|at| _ = trace.add((0, 0), READ, at, Some((25, Came::Fail))));
    let gaps = trace.ask(gaps);
    let gap = gaps.iter().find(|gap| gap.part == Part::ALL).expect("it is there");
    // Each is open at the end of two short stretches.
    assert_eq!((gap.hole.calls, gap.hole.open, gap.hole.asked), (6, 1, 12));
}

#[test]
fn many_between_which_nearly_nothing_happens_are_one() {
    // One operation happens every two seconds, and once three of them are missing.
    let mut trace = Trace::new();
    trace.steady(0..10_000, 10, 2).steady(30_000..40_000, 10, 2).fault(10_000, 30_000, &[]);
    failing(&mut trace, 10_005..30_000, &[0, 1, 2]);
    for at in (12_000..30_000).step_by(2_000).filter(|at| !(19_000..25_000).contains(at)) {
        trace.add((1, at as u32 / 2_000 % 3), READ, at, Some((5, Came::Ok)));
    }
    let [symptom] = trace.find(find).symptoms.try_into().expect("it is told once");
    assert!((ms(7_900)..ms(8_100)).contains(&(symptom.window.1 - symptom.window.0)), "{symptom:?}");
}

#[test]
fn where_little_is_asked_a_gap_is_known_by_what_fails() {
    // Each node is asked three times a second, and one turns all away for five seconds.
    let with = |came| {
        let mut trace = Trace::new();
        // It is shorter than it has to be without answers.
        trace.thresholds.set(&TIMES, 100.0);
        for (at, time) in (0..120_000).step_by(100).enumerate() {
            let (to, time) = (at as u32 % 3, time + at as i64 * 7 % 600);
            let is_out = to == 1 && (60_000..65_000).contains(&time);
            let came = if is_out { came } else { (5, Came::Ok) };
            trace.add((at as u32 % 7, to), READ, time, Some(came));
        }
        found(&trace)
    };
    assert_eq!(with((5, Came::Fail)), [(vec![node(1)], vec![])]);
    // Where one in a hundred happens for long, that none does for a while is chance.
    let mut trace = Trace::new();
    trace.steady(0..20_000, 300, 2).fault(20_000, 40_000, &[]);
    for (at, time) in (20_000..40_000).step_by(10).enumerate() {
        let came = if at % 200 == 199 { Came::Ok } else { Came::Fail };
        trace.add((at as u32 % 7, at as u32 % 3), READ, time, Some((5, came)));
    }
    assert_eq!(found(&trace), []);
    assert_eq!(with((5, Came::Ok)), []);
}

#[test]
fn what_never_returned_was_open() {
    let mut trace = Trace::new();
    trace.steady(0..5_000, 10, 2).steady(8_000..10_000, 10, 2);
    for at in (5_000..8_000).step_by(100) {
        trace.add((at as u32 % 4, 1), READ, at, None);
    }
    let [symptom] = trace.find(find).symptoms.try_into().expect("it is told once");
    let open = symptom.numbers.iter().find(|number| number.name == "open").expect("it is told");
    assert!((28.0..=30.0).contains(&open.value), "{symptom:?}");
}
