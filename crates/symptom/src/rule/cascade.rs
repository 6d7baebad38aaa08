//! SYM14: one node failed after the other, without a fault of their own, each after it was asked more than usual.
//!
//! A node fails where it has a gap or a brown-out. Clients that look for another node when one fails are seen; what nodes send
//! each other is not.

use seriatim_history::ValueId;

use crate::baseline::{SAMPLE, Usual, between, spells};
use crate::kind::SymptomKind;
use crate::rule::Part;
use crate::rule::brown_out::{Brown, browns};
use crate::rule::gap::gaps;
use crate::rules::{Asked, Candidates, Q};
use crate::setting::{Setting, Unit};
use crate::statistics::rarer;
use crate::symptom::{Number, Scope, Symptom, Tested};

/// See there.
pub(crate) static RISE: Setting = Setting {
    name: "sym14.rise",
    unit: Unit::Factor,
    default: 1.5,
    about: "Before a node fails, it is called so many times as often as usual.",
};

/// See there.
pub(crate) static NODES: Setting = Setting {
    name: "sym14.nodes",
    unit: Unit::Count,
    default: 2.0,
    about: "So many nodes fail in this way.",
};

/// See there.
pub(crate) static APART: Setting = Setting {
    name: "sym14.apart",
    unit: Unit::Time,
    default: 0.3,
    about: "Each fails so much later than the one before.",
};

/// A brown-out of a node counts from this length on, in nanoseconds.
const SHORT: i64 = 750_000_000;
/// The time before a failure in which it is looked how often a node is called, in nanoseconds, at most.
const BEFORE: i64 = 2_000_000_000;

/// A node that failed.
#[derive(Clone, Copy, Debug)]
struct Failure {
    node: ValueId,
    from: i64,
    to: i64,
    /// Whether something was being done to it.
    is_own: bool,
}

/// A node that failed after it had been asked more than usual.
#[derive(Clone, Copy, Debug)]
struct Felled {
    failure: Failure,
    /// How many times as often as usual it was called, and for how long, in nanoseconds.
    rise: f64,
    lasted: i64,
    /// How often it was called then, and is in the time that is usual.
    calls: [u64; 2],
    /// That chance alone brought so many calls.
    p: f64,
}

pub(crate) fn find(asked: &Asked<'_>) -> Candidates {
    let symptoms = cascades(asked);
    let tests = symptoms.iter().filter_map(|symptom| symptom.test).map(|test| test.p).collect();
    Candidates { symptoms, tests }
}

/// The first failure of each node, in the order of time.
fn failures(asked: &Asked<'_>) -> Vec<Failure> {
    let observed = asked.observed;
    let nodes: Vec<_> = observed.nodes().into_iter().flatten().collect();
    if nodes.len() < 2 {
        return Vec::new();
    }
    let spells = spells(observed);
    let gaps = gaps(asked);
    // Many windows were looked at.
    let most = asked.thresholds.of(&Q) * 1e-3;
    let is_sure = |brown: &Brown| brown.p <= most;
    let of = |&node: &ValueId| {
        let part = Part::node(node);
        let mut all: Vec<_> = gaps.iter().filter(|gap| gap.part == part).map(|gap| gap.window).collect();
        // When it went dark is known better than when it got worse.
        if all.is_empty() {
            all.extend(browns(asked, part, SHORT).into_iter().filter(is_sure).map(|brown| brown.window));
        }
        let (from, _) = *all.iter().min()?;
        let to = all.iter().map(|(_, to)| *to).max()?;
        let is_own = spells.iter().any(|spell| {
            let nodes = &observed.windows[spell.window].nodes;
            // One that names no nodes is done to all; what it did shows soon after.
            (nodes.is_empty() || nodes.contains(&node))
                && spell.from <= from + SHORT
                && from < spell.to + SHORT
        });
        Some(Failure { node, from, to, is_own })
    };
    let mut all: Vec<_> = nodes.iter().filter_map(of).collect();
    all.sort_by_key(|failure| (failure.from, failure.node));
    all
}

fn cascades(asked: &Asked<'_>) -> Vec<Symptom> {
    let Asked { observed, baseline, thresholds, .. } = *asked;
    let apart = thresholds.nanoseconds(&APART);
    let failures = failures(asked);
    let mut felled: Vec<Felled> = Vec::new();
    let mut last: Option<Failure> = None;
    for &failure in &failures {
        let Some(before) = last.replace(failure) else { continue };
        // Those before still fail, or just did: else it is a matter of its own.
        let is_next = failure.from >= before.from + apart && failure.from <= before.to + BEFORE;
        let part = Part::node(failure.node);
        let has = |node, function| part.has(node, function);
        let usual = baseline.usual(observed, thresholds.of(&SAMPLE), has).filter(Usual::is_good);
        let Some(usual) = usual.filter(|_| is_next && !failure.is_own) else { continue };
        let from = before.from.max(failure.from - BEFORE);
        let counts = observed.counts(has);
        // When it failed is blurred by the windows in which that was seen: the greatest rate of some counts.
        let length = ((failure.from - from) / 2).max(500_000_000);
        let most_of = |from: i64, to: i64| {
            let begins = (0..).map(|at| from + at * 100_000_000).take_while(|begin| *begin <= to);
            begins.map(|begin| between(observed, &counts, begin, begin + length).calls).max().unwrap_or(0)
        };
        let most = most_of(from, failure.from);
        let rise = f64::from(most) / (usual.calls() * length as f64 / 1e9);
        // Bursts that are usual are no rise.
        let usually =
            baseline.stretches().iter().map(|&(from, to)| most_of(from, to - length)).max().unwrap_or(0);
        let is_enough =
            f64::from(most) >= thresholds.of(&SAMPLE) && f64::from(most) >= 1.1 * f64::from(usually);
        if is_enough && rise >= thresholds.of(&RISE) {
            let calls = u64::from(usual.cell.calls);
            let p = chance((calls, usual.seconds), (most.into(), length as f64 / 1e9));
            felled.push(Felled { failure, rise, lasted: length, calls: [most.into(), calls], p });
        }
    }
    if (felled.len() as f64) < thresholds.of(&NODES) {
        return Vec::new();
    }
    let first = failures[0];
    let nodes = std::iter::once(first.node).chain(felled.iter().map(|of| of.failure.node));
    let mut nodes: Vec<_> = nodes.collect();
    nodes.dedup();
    let least = felled.iter().map(|of| of.rise).fold(f64::INFINITY, f64::min);
    let lasted = felled.iter().map(|of| of.lasted).min().unwrap_or(0);
    let calls = |at: usize| felled.iter().map(|of| of.calls[at]).sum();
    let from = first.from;
    let to = felled.iter().map(|of| of.failure.to).max().unwrap_or(from);
    let last = felled.iter().map(|of| of.failure.from).max().unwrap_or(from);
    vec![Symptom {
        kind: SymptomKind::CascadingFailure,
        is_likeness: false,
        scope: Scope { nodes, ..Scope::default() },
        window: (from, to),
        numbers: vec![
            Number::count("nodes", felled.len() as u64),
            Number::time("within", (last - from) as f64),
            Number::factor("rise", least).usually(1.0),
            Number::time("lasted", lasted as f64),
        ],
        effect: Some(least),
        sample: (calls(0), calls(1)),
        test: Some(Tested { p: felled.iter().map(|of| of.p).fold(0.0, f64::max), q: 1.0 }),
        shown: Vec::new(),
    }]
}

/// The probability of so many calls in some seconds by chance, beside what is usual in others, at any of the times at which they could
/// have come: ten in a second.
fn chance(usual: (u64, f64), (most, seconds): (u64, f64)) -> f64 {
    (rarer(usual, (most, seconds)) * usual.1 * 10.0).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{Came, READ, Trace, ms, node};

    /// Four nodes that fail from such times on, and are asked more often by so much as others do.
    fn trace(falls: [i64; 4], is_shifted: bool) -> Trace {
        let mut trace = Trace::new();
        for time in (0..16_000).step_by(40) {
            let up = falls.iter().filter(|&&from| time < from).count().max(1);
            for of in 0..4_u32 {
                let is_up = time < falls[of as usize];
                let times = if is_up && is_shifted { 4 / up } else { 1 };
                // Who loses its node asks another one twice as often when half of them are gone.
                for again in 0..times.max(1) {
                    let came = if is_up { Came::Ok } else { Came::Fail };
                    trace.add(
                        (of * 5 + again as u32, of),
                        READ,
                        time + 7 * again as i64 + i64::from(of),
                        Some((5, came)),
                    );
                }
                if is_up && is_shifted && up == 3 {
                    trace.add((30 + of, of), READ, time + 20, Some((5, Came::Ok)));
                }
            }
        }
        trace
    }

    #[test]
    fn each_fails_under_the_load_of_those_before() {
        let mut all = trace([5_000, 7_000, 9_000, 99_000], true);
        all.fault(5_000, 6_000, &[0]);
        let [symptom] = all.find(find).symptoms.try_into().expect("it is told once");
        assert_eq!(symptom.scope.nodes, [node(0), node(1), node(2)]);
        // Each is called 25 times a second, and more than that for a second before it fails.
        let (seen, usual) = symptom.sample;
        assert!((60..250).contains(&seen) && (100..300).contains(&usual), "{seen} {usual}");
        let number = |name| symptom.numbers.iter().find(|number| number.name == name).map(|of| of.value);
        assert!(number("lasted").is_some_and(|of| (0.5e9..=1e9).contains(&of)));
    }

    #[test]
    fn a_rise_may_be_chance() {
        // Usually none in two seconds, and five in two others: one in 32 ways; there are twenty times at which it could be.
        assert!((chance((0, 2.0), (5, 2.0)) - 20.0 / 32.0).abs() < 1e-9);
        assert_eq!(chance((1_000, 100.0), (12, 1.0)), 1.0);
        assert!(chance((1_000, 100.0), (40, 1.0)) < 1e-6);
    }

    #[test]
    fn nodes_that_fail_together_or_by_their_own_fault_are_none() {
        let mut all = trace([5_000, 5_000, 5_000, 99_000], true);
        all.fault(5_000, 6_000, &[]);
        assert_eq!(all.find(find).symptoms, []);
        let mut all = trace([5_000, 7_000, 9_000, 99_000], true);
        all.fault(5_000, 6_000, &[0]).fault(7_000, 8_000, &[1]).fault(9_000, 9_500, &[2]);
        assert_eq!(all.find(find).symptoms, []);
    }

    #[test]
    fn nodes_that_are_not_asked_more_are_none() {
        let mut all = trace([5_000, 7_000, 9_000, 99_000], false);
        all.fault(5_000, 6_000, &[0]);
        assert_eq!(all.find(find).symptoms, []);
    }

    /// Three nodes that are down at such times, by a fault of the first one at 5 s. Each is called a hundred times a second, and after the
    /// one before went down so many times more.
    fn fall(down: [(i64, i64); 3], more: i64) -> Trace {
        failing(down, more, 100)
    }

    /// The same, where so many of a hundred fail of what is asked of the second one then.
    fn failing(down: [(i64, i64); 3], more: i64, share: i64) -> Trace {
        let mut trace = Trace::new();
        for at in 0..1_500_i64 {
            let time = 10 * at;
            for of in 0..3 {
                let is_more = of > 0 && time >= down[of - 1].0 && at * 37 % 100 < more;
                let is_down = (down[of].0..down[of].1).contains(&time);
                let is_failing = is_down && (of != 1 || at * 71 % 100 < share);
                let came = if is_failing { Came::Fail } else { Came::Ok };
                for again in 0..1 + u32::from(is_more) {
                    let by = 2 * of as u32 + again;
                    trace.add((by, of as u32), READ, time + i64::from(again), Some((2, came)));
                }
            }
        }
        trace.fault(5_000, 5_500, &[0]);
        trace
    }

    const NEVER: (i64, i64) = (99_000, 99_000);

    #[test]
    fn two_fail_under_half_as_much_again() {
        let at = [5_000, 7_000, 9_000].map(|from| (from, 15_000));
        let told = |down, more| fall(down, more).find(find).symptoms.len();
        assert_eq!([told(at, 55), told(at, 45), told([at[0], at[1], NEVER], 100)], [1, 0, 0]);
        let [symptom] = fall(at, 100).find(find).symptoms.try_into().expect("it is told once");
        let [nodes, within, rise, _] = &symptom.numbers[..] else { panic!("{symptom:?}") };
        assert_eq!((nodes.value, within.value, symptom.window.0), (2.0, ms(4_000) as f64, ms(5_000)));
        assert!((1.95..2.05).contains(&rise.value) && symptom.effect == Some(rise.value), "{symptom:?}");
        assert!((690..=710).contains(&symptom.sample.1), "{symptom:?}");
    }

    #[test]
    fn each_fails_a_bit_later_and_while_the_one_before_still_does_or_just_did() {
        let told = |down| fall(down, 100).find(find).symptoms.len();
        let apart = |apart| [0, apart, 2 * apart].map(|later| (5_000 + later, 15_000));
        assert_eq!([told(apart(300)), told(apart(290))], [1, 0]);
        let one = |from: i64| {
            let mut all = fall([(5_000, 6_000), (from, 15_000), NEVER], 100);
            all.thresholds.set(&NODES, 1.0);
            all.find(find).symptoms.len()
        };
        assert_eq!([one(8_000), one(8_010)], [1, 0]);
    }

    #[test]
    fn a_fault_of_its_own_is_near() {
        let told = |from: i64, to: i64, nodes: &[u32]| {
            let mut all = fall([(5_000, 15_000), (7_000, 15_000), NEVER], 100);
            all.fault(from, to, nodes).thresholds.set(&NODES, 1.0);
            all.find(find).symptoms.len()
        };
        assert_eq!([told(7_750, 9_000, &[1]), told(7_760, 9_000, &[1]), told(7_750, 9_000, &[2])], [0, 1, 1]);
        assert_eq!([told(6_000, 6_260, &[1]), told(6_000, 6_250, &[1]), told(6_000, 6_260, &[])], [0, 1, 0]);
    }

    #[test]
    fn few_calls_and_bursts_that_are_usual_are_no_rise() {
        let told = |sample: f64, burst: std::ops::Range<i64>| {
            let mut all = fall([(5_000, 15_000), (7_000, 15_000), NEVER], 100);
            burst.step_by(10).for_each(|time| _ = all.add((9, 1), READ, time, Some((2, Came::Ok))));
            all.thresholds.set(&NODES, 1.0);
            all.thresholds.set(&SAMPLE, sample);
            all.find(find).symptoms.len()
        };
        // In the second in which most are.
        assert_eq!([told(200.0, 0..0), told(201.0, 0..0)], [1, 0]);
        assert_eq!([told(30.0, 3_000..3_800), told(30.0, 3_000..3_900)], [1, 0]);
    }

    #[test]
    fn a_short_brown_out_counts_where_it_is_sure() {
        // Twelve of two hundred fail in a second, or half of them.
        let told = |share: i64, to: i64| {
            let mut all = failing([(5_000, 15_000), (7_000, to), NEVER], 100, share);
            all.thresholds.set(&NODES, 1.0);
            all.find(find).symptoms.len()
        };
        assert_eq!([told(6, 8_000), told(50, 8_000)], [0, 1]);
        assert_eq!([told(50, 7_750), told(50, 7_500)], [1, 0]);
    }
}
