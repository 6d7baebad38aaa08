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
mod tests;
