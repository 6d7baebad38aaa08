//! SYM06: a node that answers, far slower than the others do and than it usually does (Gunawi et al. 2018).
//!
//! Each second a node's median is compared with the median of the other nodes' medians of the same kind of operation; seconds
//! in which it is far above, put together, are tested as a whole. A leader may always be slower than its followers: what
//! counts is how much more than usual it is.

use std::ops::Range;

use seriatim_history::ValueId;

use crate::baseline::{SAMPLE, Usual, between};
use crate::cell::Latencies;
use crate::grid::Fold;
use crate::kind::SymptomKind;
use crate::ranks::longer;
use crate::rules::{Asked, Candidates};
use crate::setting::{Setting, Unit};
use crate::statistics::median;
use crate::symptom::{Number, Scope, Symptom, Tested};

/// See there.
pub(crate) static RATIO: Setting = Setting {
    name: "sym06.ratio",
    unit: Unit::Factor,
    default: 5.0,
    about: "A node is slow where its median latency is at least so many times the median of the other nodes' medians, and so many \
            times what that ratio usually is, if that is above one.",
};

/// See there.
pub(crate) static LASTS: Setting = Setting {
    name: "sym06.lasts",
    unit: Unit::Time,
    default: 5.0,
    about: "A node must be slow for at least so long.",
};

/// See there.
pub(crate) static HAPPENED: Setting = Setting {
    name: "sym06.ok",
    unit: Unit::Share,
    default: 0.95,
    about: "At least this share of what it is asked happens, or as much as usually does; else it is ill in another way.",
};

/// In how long a stretch a node is compared, in nanoseconds.
const BLOCK: i64 = 1_000_000_000;

pub(crate) fn find(of: &Asked<'_>) -> Candidates {
    let mut candidates = Candidates::default();
    let mut found: Vec<Symptom> = Vec::new();
    for function in of.observed.functions() {
        let asked: Vec<_> =
            of.observed.series.iter().filter(|((node, of), _)| *of == function && node.is_some()).collect();
        if asked.len() < 2 {
            continue;
        }
        for &&((node, _), series) in &asked {
            let node = node.expect("only those are taken that tell it");
            let peers: Vec<_> = asked.iter().filter(|(_, other)| *other != series).map(|of| of.1).collect();
            let slow = slow(of, series, &peers);
            if slow.is_empty() {
                candidates.tests.push(1.0);
            }
            for places in slow {
                let Some((p, symptom)) = compare(of, (node, function), series, &peers, places) else {
                    continue;
                };
                candidates.tests.push(p);
                found.extend(symptom);
            }
        }
    }
    candidates.symptoms = together(of, found);
    candidates
}

/// The latencies of a series in some stretches, put together.
fn sum(of: &Asked<'_>, series: usize, places: Range<i64>) -> Latencies {
    let mut all = Latencies::default();
    places.filter_map(|at| of.observed.latencies.get(series, at)).for_each(|more| all.fold(more.clone()));
    all
}

/// The median of the medians of some series, of those that have any.
fn typical(of: &Asked<'_>, peers: &[usize], places: &Range<i64>) -> Option<f64> {
    median(peers.iter().filter_map(|&series| sum(of, series, places.clone()).quantile(0.5)).collect())
}

/// The stretches in which a node may be slow: those of seconds in which it is, and of what lies between them in which it ended
/// nothing, or which is one second.
fn slow(of: &Asked<'_>, series: usize, peers: &[usize]) -> Vec<Range<i64>> {
    let grid = &of.observed.latencies;
    let step = (BLOCK + grid.width() - 1) / grid.width();
    let mut all: Vec<Range<i64>> = Vec::new();
    // How many seconds in which it was not slow came after the last one of those.
    let mut fine = usize::MAX;
    for start in grid.span().step_by(step as usize) {
        let places = start..start + step;
        let own = sum(of, series, places.clone()).quantile(0.5);
        let Some((own, others)) = own.zip(typical(of, peers, &places)) else { continue };
        if own < of.thresholds.of(&RATIO) * others {
            fine = fine.saturating_add(1);
            continue;
        }
        match all.last_mut() {
            Some(last) if fine <= 1 => last.end = places.end,
            _ => all.push(places),
        }
        fine = 0;
    }
    all
}

/// The test of some stretches, and the symptom where it is one; nothing where there is too little to compare.
fn compare(
    of: &Asked<'_>,
    (node, function): (ValueId, ValueId),
    series: usize,
    peers: &[usize],
    places: Range<i64>,
) -> Option<(f64, Option<Symptom>)> {
    let (sample, grid) = (of.thresholds.of(&SAMPLE), &of.observed.latencies);
    let (from, to) = (grid.time(places.start), grid.time(places.end));
    let own = sum(of, series, places.clone());
    let mut others = Latencies::default();
    peers.iter().for_each(|&peer| others.fold(sum(of, peer, places.clone())));
    if (own.len() as f64) < sample || (others.len() as f64) < sample {
        return None;
    }
    let p = longer(&own, &others);
    let symptom = || {
        let usual = usually(of, (from, to), Some(node), function)?;
        let peer = |at: usize| {
            let ((peer, _), _) = of.observed.series.iter().find(|(_, series)| *series == at)?;
            usually(of, (from, to), *peer, function)?.latencies.quantile(0.5)
        };
        let (slow, others_slow) = (own.quantile(0.5)?, typical(of, peers, &places)?);
        let normal = usual.latencies.quantile(0.5)?;
        let others_normal = median(peers.iter().filter_map(|&at| peer(at)).collect())?;
        let (ratio, usually) = (slow / others_slow, normal / others_normal);
        let counts = of.observed.counts(|at, what| (at, what) == (Some(node), function));
        let happened = between(of.observed, &counts, from, to).share()?;
        let least = of.thresholds.of(&HAPPENED).min(usual.cell.share()? - 0.05);
        let is_slow = ratio >= of.thresholds.of(&RATIO) * usually.max(1.0);
        if !is_slow || happened < least || to - from < of.thresholds.nanoseconds(&LASTS) {
            return None;
        }
        Some(Symptom {
            kind: SymptomKind::FailSlowNode,
            is_likeness: false,
            scope: Scope { nodes: vec![node], functions: vec![function], ..Scope::default() },
            window: (from, to),
            numbers: vec![
                Number::time("median", slow).usually(normal),
                Number::time("others", others_slow).usually(others_normal),
                Number::factor("ratio", ratio).usually(usually),
                Number::share("ok", happened).usually(usual.cell.share()),
                Number::count("operations", own.len()),
            ],
            effect: Some(ratio),
            sample: (own.len(), others.len()),
            test: Some(Tested { p, q: 1.0 }),
            shown: Vec::new(),
        })
    };
    Some((p, symptom()))
}

/// What is usual of a node and a function, without the time in which the node may be slow; nothing of too little.
fn usually(of: &Asked<'_>, but: (i64, i64), node: Option<ValueId>, function: ValueId) -> Option<Usual> {
    let has = |at, what| (at, what) == (node, function);
    let counts = of.observed.counts(has);
    let mut usual = Usual::default();
    for &(from, to) in of.baseline.stretches() {
        for (from, to) in [(from, to.min(but.0)), (from.max(but.1), to)] {
            if from < to {
                usual.cell.fold(between(of.observed, &counts, from, to));
                usual.latencies.fold(of.observed.latencies(from, to, has));
            }
        }
    }
    (usual.latencies.len() as f64 >= of.thresholds.of(&SAMPLE)).then_some(usual)
}

/// What is found of one node at one time is told once, with the numbers of what it was asked most often.
fn together(of: &Asked<'_>, mut found: Vec<Symptom>) -> Vec<Symptom> {
    found.sort_by_key(|symptom| (symptom.scope.nodes.clone(), symptom.window));
    let mut all: Vec<Symptom> = Vec::new();
    for symptom in found {
        match all.last_mut() {
            Some(last) if last.scope.nodes == symptom.scope.nodes && symptom.window.0 <= last.window.1 => {
                let mut functions = [last.scope.functions.clone(), symptom.scope.functions.clone()].concat();
                functions.sort_unstable();
                functions.dedup();
                let window = (last.window.0, last.window.1.max(symptom.window.1));
                if symptom.sample.0 > last.sample.0 {
                    *last = symptom;
                }
                (last.scope.functions, last.window) = (functions, window);
            }
            _ => all.push(symptom),
        }
    }
    for symptom in &mut all {
        let node = symptom.scope.nodes[0];
        if of.observed.series.iter().filter(|((at, _), _)| *at == Some(node)).count()
            == symptom.scope.functions.len()
        {
            symptom.scope.functions.clear();
        }
    }
    all
}

#[cfg(test)]
mod tests {
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
    fn in_seconds(slow: &[std::ops::Range<i64>]) -> Vec<(i64, i64)> {
        let is_slow = |time: i64| slow.iter().any(|seconds| seconds.contains(&(time / 1_000)));
        let found = asked(|of, _, time| if of == 1 && is_slow(time) { 100 } else { 4 });
        found
            .iter()
            .map(|symptom| symptom.window)
            .map(|(from, to)| (from / ms(1_000), to / ms(1_000)))
            .collect()
    }

    #[test]
    fn five_seconds_count_of_which_one_may_be_fine() {
        assert_eq!(in_seconds(&[10..15]), [(10, 15)]);
        assert_eq!(in_seconds(&[10..14]), []);
        assert_eq!(in_seconds(&[10..13, 14..17]), [(10, 17)]);
        assert_eq!(in_seconds(&[10..16, 18..24]), [(10, 16), (18, 24)]);
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
        // The numbers are those of reads.
        assert!((370..380).contains(&symptom.sample.0), "{symptom:?}");
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
            let is_slow = (of == 1 && (10_000..20_000).contains(&time))
                || (of == 2 && (25_000..35_000).contains(&time));
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
}
