//! SYM07: some clients reached some nodes, and no dead node or dead client explains which (Alfatafta et al. 2020).
//!
//! There are clients a and b and nodes m and n: a reached m and not n, b reached n and not m. A node that is down is reached by
//! nobody, and a client that is cut off reaches nobody; neither leaves that.

use std::ops::Range;

use rustc_hash::FxHashMap;
use seriatim_history::ValueId;

use super::reach::{self, GAP, Pair};
use crate::kind::SymptomKind;
use crate::rules::{Asked, Candidates};
use crate::setting::{Setting, Unit};
use crate::statistics::fewer;
use crate::symptom::{Number, Scope, Symptom, Tested};

/// See there.
pub(crate) static CUT: Setting = Setting {
    name: "sym07.cut",
    unit: Unit::Share,
    default: 0.2,
    about: "A client did not reach a node of whose operations there no more than this share happened.",
};

/// See there.
pub(crate) static REACHED: Setting = Setting {
    name: "sym07.reached",
    unit: Unit::Share,
    default: 0.8,
    about: "A client reached a node of whose operations there at least this share happened.",
};

/// How many operations of a client at a node tell whether it reached that, at the least.
const LEAST: u64 = 2;

pub(crate) fn find(of: &Asked<'_>) -> Candidates {
    let mut candidates = Candidates::default();
    let pairs = reach::pairs(of);
    let mut taken: Vec<Range<i64>> = Vec::new();
    for spell in reach::spells(of, &pairs) {
        if taken.iter().any(|other| other.start < spell.end && spell.start < other.end) {
            continue;
        }
        let Some((p, symptom)) = compare(of, &pairs, &spell) else { continue };
        candidates.tests.push(p);
        if let Some(symptom) = symptom {
            candidates.symptoms.push(symptom);
            taken.push(spell);
        }
    }
    candidates
}

/// The test of a window, and the symptom where it is one; nothing where no clients and nodes are so in its first half.
fn compare(of: &Asked<'_>, pairs: &[Pair], window: &Range<i64>) -> Option<(f64, Option<Symptom>)> {
    let [first, second] = reach::halves(window);
    let [cut, reached] = crossed(of, pairs, &first);
    if cut.is_empty() {
        return None;
    }
    let tested = [&cut, &reached].map(|pairs| reach::sum(of, pairs, &second));
    let p = fewer(tested[0], tested[1]);
    let symptom = || {
        let all = [&cut, &reached].map(|pairs| reach::sum(of, pairs, window));
        let usual = [&cut, &reached].map(|pairs| reach::share(reach::usual(of, pairs, window)));
        let (ill, well) = (reach::share(all[0])?, reach::share(all[1])?);
        // Where these had never been reached, nothing was cut.
        let widened = (well - ill) - (usual[1]? - usual[0]?).max(0.0);
        let enough = reach::are_enough(of, [(&cut, all[0]), (&reached, all[1])]);
        let are_sides = ill <= of.thresholds.of(&CUT) && well >= of.thresholds.of(&REACHED);
        if !enough || !are_sides || widened < of.thresholds.of(&GAP) {
            return None;
        }
        let of_both = |name: fn(&Pair) -> ValueId| {
            let mut all: Vec<_> = cut.iter().chain(&reached).map(name).collect();
            all.sort_unstable();
            all.dedup();
            all
        };
        let (nodes, processes) = (of_both(|pair| pair.node), of_both(|pair| pair.client));
        Some(Symptom {
            kind: SymptomKind::PartialPartition,
            is_likeness: false,
            window: reach::times(of, window),
            numbers: vec![
                Number::count("clients", processes.len() as u64),
                Number::count("nodes", nodes.len() as u64),
                Number::count("cut", cut.len() as u64),
                Number::count("reached", reached.len() as u64),
                Number::share("ill", ill).usually(usual[0]),
                Number::share("well", well).usually(usual[1]),
            ],
            scope: Scope { nodes, processes, ..Scope::default() },
            effect: Some(well - ill),
            sample: (reach::size(all[0]), reach::size(all[1])),
            test: Some(Tested { p, q: 1.0 }),
            shown: Vec::new(),
        })
    };
    Some((p, symptom()))
}

/// The pairs of which one client reached a node that another did not, and the other way round: the cut ones, and the others.
fn crossed(of: &Asked<'_>, pairs: &[Pair], places: &Range<i64>) -> [Vec<Pair>; 2] {
    let (cut, reached) = (of.thresholds.of(&CUT), of.thresholds.of(&REACHED));
    let mut clients: FxHashMap<ValueId, [Vec<Pair>; 2]> = FxHashMap::default();
    for &pair in pairs {
        let outcomes = reach::outcomes(of, &pair, places.clone());
        let Some(happened) = reach::share(outcomes).filter(|_| reach::size(outcomes) >= LEAST) else {
            continue;
        };
        if happened <= cut || happened >= reached {
            clients.entry(pair.client).or_default()[usize::from(happened >= reached)].push(pair);
        }
    }
    // Only who did not reach one node and reached another can be one of two.
    let mut both: Vec<_> =
        clients.into_values().filter(|sides| !sides[0].is_empty() && !sides[1].is_empty()).collect();
    both.sort_unstable_by_key(|sides| sides[0][0].client);
    let mut all = [Vec::new(), Vec::new()];
    for (at, one) in both.iter().enumerate() {
        for other in &both[at + 1..] {
            let meet = |some: &[Pair], others: &[Pair]| -> Vec<[Pair; 2]> {
                let same = |pair: &Pair| {
                    others.iter().find(|other| other.node == pair.node).map(|&other| [*pair, other])
                };
                some.iter().filter_map(same).collect()
            };
            // Nodes that one reached and the other did not, and the other way round.
            let (forth, back) = (meet(&one[1], &other[0]), meet(&other[1], &one[0]));
            if !forth.is_empty() && !back.is_empty() {
                for [well, ill] in forth.into_iter().chain(back) {
                    all[0].push(ill);
                    all[1].push(well);
                }
            }
        }
    }
    for side in &mut all {
        side.sort_unstable_by_key(|pair| (pair.client, pair.node));
        side.dedup();
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{Came, READ, Trace, client, ms, node};

    /// Four clients ask three nodes in turn for 30 s, and do not reach some; there is a fault at some time.
    fn trace(fault: (i64, i64), is_cut: impl Fn(u32, u32, i64) -> bool) -> Trace {
        let mut trace = Trace::new();
        trace.fault(fault.0, fault.1, &[]);
        for by in 0..4 {
            for at in 0..300_i64 {
                let (time, of) = (100 * at, (at + i64::from(by)) as u32 % 3);
                let came = if is_cut(by, of, time) { (90, Came::Info) } else { (3, Came::Ok) };
                trace.add((by, of), READ, time, Some(came));
            }
        }
        trace
    }

    /// The same, where they do not reach them from 10 s to 20 s.
    fn found(is_cut: impl Fn(u32, u32) -> bool) -> Candidates {
        let fault = (10_000, 20_000);
        trace(fault, |by, of, time| (fault.0..fault.1).contains(&time) && is_cut(by, of)).find(find)
    }

    #[test]
    fn links_that_are_cut_crosswise_are_told() {
        let found = found(|by, of| (by < 2 && of == 0) || (by >= 2 && of == 1));
        let [symptom] = &found.symptoms[..] else { panic!("{found:?}") };
        assert_eq!(symptom.scope.nodes, [node(0), node(1)]);
        assert_eq!(symptom.scope.processes, [0, 1, 2, 3].map(client));
        assert_eq!((symptom.numbers[2].value, symptom.numbers[3].value), (4.0, 4.0));
        assert!(symptom.test.is_some_and(|test| test.p < 1e-9));
    }

    #[test]
    fn a_dead_node_and_a_dead_client_are_none() {
        for found in [
            found(|_, of| of == 0),
            found(|by, _| by == 0),
            found(|by, of| by == 0 || of == 0),
            // All is well at node 1: that is a gray failure.
            found(|by, of| by < 2 && of == 0),
            // One of two reaches all that the other one does.
            found(|by, of| (by == 0 && of == 0) || (by == 1 && of < 2)),
        ] {
            assert!(found.symptoms.is_empty(), "{found:?}");
        }
    }

    #[test]
    fn what_was_never_reached_was_not_cut() {
        let mut trace = Trace::new();
        trace.fault(10_000, 20_000, &[]);
        for at in 0..600_i64 {
            let (by, of) = (at as u32 % 2, at as u32 / 2 % 2);
            let came = if by == of { (3, Came::Ok) } else { (3, Came::Fail) };
            trace.add((by, of), READ, 50 * at, Some(came));
        }
        assert!(trace.find(find).symptoms.is_empty());
    }

    #[test]
    fn links_may_be_cut_in_one_way_and_then_in_another() {
        // The longer time is looked at first, whichever comes first.
        for turn in [14_000, 16_000] {
            let found = trace((10_000, 20_000), |by, of, time| {
                let (one, other) = if time < turn { (1, 2) } else { (2, 0) };
                (10_000..20_000).contains(&time) && of == if by == 0 || by == 3 { one } else { other }
            });
            let windows: Vec<_> = found.find(find).symptoms.iter().map(|symptom| symptom.window).collect();
            assert!(windows.len() == 2 && windows.contains(&(ms(10_000), ms(turn))), "{windows:?}");
            assert!(windows.contains(&(ms(turn), ms(20_000))), "{windows:?}");
        }
    }

    /// How far apart the two sides are, where that is told from so much on. From 12 s to 18 s only these tries of each five reach a
    /// node, in either half; before, all but some do.
    fn effect(gap: f64, reach: [&[i64]; 2], before: &[i64]) -> Option<f64> {
        let mut trace = trace((12_000, 18_000), |by, of, time| {
            let is_cut = match time {
                ..12_000 => before.contains(&(time / 300 % 5)),
                12_000..18_000 => !reach[usize::from(time >= 15_000)].contains(&(time / 300 % 5)),
                _ => false,
            };
            is_cut && of == u32::from(by < 2)
        });
        trace.thresholds.set(&GAP, gap);
        trace.find(find).symptoms.first().and_then(|symptom| symptom.effect)
    }

    #[test]
    fn one_in_five_may_reach_the_other_side() {
        assert_eq!(effect(0.5, [&[2], &[2]], &[]), Some(0.8));
        assert_eq!(effect(0.5, [&[2], &[1, 3]], &[]), None);
        assert_eq!([0.8, 0.81].map(|gap| effect(gap, [&[2], &[2]], &[]).is_some()), [true, false]);
    }

    #[test]
    fn what_is_usually_apart_does_not_count() {
        // One in five usually does not reach it.
        assert_eq!([0.8, 0.81].map(|gap| effect(gap, [&[], &[]], &[1]).is_some()), [true, false]);
    }
}
