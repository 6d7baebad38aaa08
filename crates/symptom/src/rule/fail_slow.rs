//! SYM06: a node that answers, far slower than the others do and than it usually does (Gunawi et al. 2018).
//!
//! Each second, or in longer stretches where it is asked seldom, a node's median is compared with the median of the other nodes'
//! medians of the same kind of operation; those in which it is far above, put together, are tested as a whole. A leader may
//! always be slower than its followers: what counts is how much more than usual it is.

mod group;

use std::ops::Range;

use group::Group;
use seriatim_history::ValueId;

use crate::baseline::{SAMPLE, between};
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

/// In how long a stretch a node is compared, in nanoseconds, at the least.
const BLOCK: i64 = 1_000_000_000;
/// So many answers of it are in a stretch on average, where longer ones are looked at, too: a median of fewer is mostly chance.
const EACH: u64 = 8;

pub(crate) fn find(of: &Asked<'_>) -> Candidates {
    let mut candidates = Candidates::default();
    let mut found: Vec<(Group, Symptom)> = Vec::new();
    for &((node, function), _) in &of.observed.series {
        let Some(node) = node else { continue };
        let group = Group { node, functions: vec![function] };
        let peers = group.peers(of);
        if peers.is_empty() {
            continue;
        }
        let slow = slow(of, &group, &peers);
        if slow.is_empty() {
            candidates.tests.push(1.0);
        }
        for places in slow {
            let Some((p, symptom)) = compare(of, &group, &peers, places) else { continue };
            candidates.tests.push(p);
            found.extend(symptom.map(|symptom| (group.clone(), symptom)));
        }
    }
    candidates.symptoms = together(of, found);
    candidates
}

/// The stretches in which a node may be slow: of a second each, and longer ones where it is asked too seldom for these.
fn slow(of: &Asked<'_>, group: &Group, peers: &[ValueId]) -> Vec<Range<i64>> {
    let grid = &of.observed.latencies;
    let step = (BLOCK + grid.width() - 1) / grid.width();
    let mut all = slow_in(of, group, peers, step);
    let answers = group.latencies(of, group.node, &grid.span()).len();
    let long = (EACH as i64 * (grid.span().end - grid.span().start)) / (answers.max(1) as i64);
    if long > step {
        let rough = slow_in(of, group, peers, long).into_iter();
        all.extend(rough.filter_map(|places| trimmed(of, group, peers, places, step)));
        all.dedup();
    }
    all
}

/// Whether a node was slow in some stretches; nothing where too little is known.
fn is_slow(of: &Asked<'_>, group: &Group, peers: &[ValueId], places: &Range<i64>) -> Option<bool> {
    let own = group.latencies(of, group.node, places).quantile(0.5)?;
    Some(own >= of.thresholds.of(&RATIO) * typical(of, group, peers, places)?)
}

/// The median of the medians of some nodes, of those that have any.
fn typical(of: &Asked<'_>, group: &Group, peers: &[ValueId], places: &Range<i64>) -> Option<f64> {
    median(peers.iter().filter_map(|&peer| group.latencies(of, peer, places).quantile(0.5)).collect())
}

/// The stretches in which a node may be slow: those of blocks in which it is, and of what lies between them in which it ended
/// nothing, or which is one block.
fn slow_in(of: &Asked<'_>, group: &Group, peers: &[ValueId], step: i64) -> Vec<Range<i64>> {
    let mut all: Vec<Range<i64>> = Vec::new();
    // How many blocks in which it was not slow came after the last one of those.
    let mut fine = usize::MAX;
    for start in of.observed.latencies.span().step_by(step as usize) {
        let places = start..start + step;
        let Some(is_slow) = is_slow(of, group, peers, &places) else { continue };
        if !is_slow {
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

/// The same without the seconds at either end in which the node was not slow, as far as anybody knows: nothing where none is left.
fn trimmed(
    of: &Asked<'_>,
    group: &Group,
    peers: &[ValueId],
    places: Range<i64>,
    step: i64,
) -> Option<Range<i64>> {
    let is_slow = |start: &i64| is_slow(of, group, peers, &(*start..start + step)) == Some(true);
    let seconds = || places.clone().step_by(step as usize);
    let (first, last) = seconds().find(is_slow).zip(seconds().filter(is_slow).last())?;
    Some(first..last + step)
}

/// The test of some stretches, and the symptom where it is one; nothing where there is too little to compare.
fn compare(
    of: &Asked<'_>,
    group: &Group,
    peers: &[ValueId],
    places: Range<i64>,
) -> Option<(f64, Option<Symptom>)> {
    let sample = of.thresholds.of(&SAMPLE);
    let own = group.latencies(of, group.node, &places);
    let mut others = Latencies::default();
    peers.iter().for_each(|&peer| others.fold(group.latencies(of, peer, &places)));
    if (own.len() as f64) < sample || (others.len() as f64) < sample {
        return None;
    }
    let p = longer(&own, &others);
    Some((p, measured(of, group, places, p)))
}

/// The symptom that a group is slow in some stretches, with this p; nothing where it is not, or not enough so.
fn measured(of: &Asked<'_>, group: &Group, places: Range<i64>, p: f64) -> Option<Symptom> {
    let grid = &of.observed.latencies;
    let window = (grid.time(places.start), grid.time(places.end));
    let peers = group.peers(of);
    let middle = |latencies: &Latencies| latencies.interpolated(0.5);
    let own = group.latencies(of, group.node, &places);
    let of_peers: Vec<_> = peers.iter().map(|&peer| group.latencies(of, peer, &places)).collect();
    let usual = group.usually(of, group.node, window)?;
    let of_usual = peers.iter().filter_map(|&peer| middle(&group.usually(of, peer, window)?.latencies));
    let (slow, others_slow) = (middle(&own)?, median(of_peers.iter().filter_map(middle).collect())?);
    let (normal, others_normal) = (middle(&usual.latencies)?, median(of_usual.collect())?);
    let (ratio, usually) = (slow / others_slow, normal / others_normal);
    let counts = of.observed.counts(|at, function| at == Some(group.node) && group.has(function));
    let happened = between(of.observed, &counts, window.0, window.1).share()?;
    let least = of.thresholds.of(&HAPPENED).min(usual.cell.share()? - 0.05);
    let is_slow = ratio >= of.thresholds.of(&RATIO) * usually.max(1.0);
    let lasts = window.1 - window.0 >= of.thresholds.nanoseconds(&LASTS);
    (is_slow && lasts && happened >= least).then(|| Symptom {
        kind: SymptomKind::FailSlowNode,
        is_likeness: false,
        scope: Scope { nodes: vec![group.node], functions: group.functions.clone(), ..Scope::default() },
        window,
        numbers: vec![
            Number::time("median", slow).usually(normal),
            Number::time("others", others_slow).usually(others_normal),
            Number::factor("ratio", ratio).usually(usually),
            Number::share("ok", happened).usually(usual.cell.share()),
            Number::count("operations", own.len()),
        ],
        effect: Some(ratio),
        sample: (own.len(), of_peers.iter().map(Latencies::len).sum()),
        test: Some(Tested { p, q: 1.0 }),
        shown: Vec::new(),
    })
}

/// What is found of one node at one time is told once, with the numbers of all that was slow, if these tell it, too: where a node is
/// asked for what takes long more often than others are, they may not.
fn together(of: &Asked<'_>, mut found: Vec<(Group, Symptom)>) -> Vec<Symptom> {
    found.sort_by_key(|(group, symptom)| (group.node, symptom.window));
    let mut all: Vec<(Group, Symptom)> = Vec::new();
    for (group, symptom) in found {
        let both = all.last().and_then(|last| joined(of, last, (&group, &symptom)));
        match (both, all.last_mut()) {
            (Some(both), Some(last)) => *last = both,
            _ => all.push((group, symptom)),
        }
    }
    let all_of = |(group, mut symptom): (Group, Symptom)| {
        let asked = of.observed.series.iter().filter(|((at, _), _)| *at == Some(group.node)).count();
        if asked == group.functions.len() {
            symptom.scope.functions.clear();
        }
        symptom
    };
    all.into_iter().map(all_of).collect()
}

/// Two things that are found of one node at one time as one.
fn joined(
    of: &Asked<'_>,
    (some, one): &(Group, Symptom),
    (others, other): (&Group, &Symptom),
) -> Option<(Group, Symptom)> {
    if some.node != others.node || other.window.0 > one.window.1 {
        return None;
    }
    let mut functions = [some.functions.clone(), others.functions.clone()].concat();
    functions.sort_unstable();
    functions.dedup();
    let group = Group { functions, ..*some };
    let grid = &of.observed.latencies;
    let places = grid.place(one.window.0)..grid.place(one.window.1.max(other.window.1));
    let p = [one, other].into_iter().filter_map(|of| of.test).map(|test| test.p).fold(1.0, f64::min);
    let symptom = measured(of, &group, places, p)?;
    Some((group, symptom))
}

#[cfg(test)]
mod tests;
