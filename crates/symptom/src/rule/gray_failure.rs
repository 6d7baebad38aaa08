//! SYM05: some clients found a node ill while others found it well (Huang et al. 2017, "differential observability").
//!
//! It must be the node they differ on: who finds other nodes just as ill is ill himself. Where those clients asked no other
//! node, that is not known, and it is a likeness. Where whole kinds of operations fail, clients may differ by what they ask.

use std::ops::Range;

use seriatim_history::ValueId;

use super::partial_partition;
use super::reach::{self, GAP, Pair};
use crate::baseline::{SAMPLE, between};
use crate::kind::SymptomKind;
use crate::rules::{Asked, Candidates};
use crate::statistics::fewer;
use crate::symptom::{Number, Scope, Symptom, Tested};

/// How many operations at other nodes tell whether a client finds these ill as well, at the least.
const ELSEWHERE: u64 = 5;
/// With shares of two kinds of operations on either side of these, it is the kinds that differ.
const KINDS: (f64, f64) = (0.05, 0.95);

pub(crate) fn find(of: &Asked<'_>) -> Candidates {
    let mut candidates = Candidates::default();
    let pairs = reach::pairs(of);
    // What is told as links that are cut crosswise is not told again of each node.
    let told = partial_partition::find(of).symptoms;
    let mut nodes: Vec<_> = pairs.iter().map(|pair| pair.node).collect();
    nodes.sort_unstable();
    nodes.dedup();
    for node in nodes {
        let asking: Vec<_> = pairs.iter().copied().filter(|pair| pair.node == node).collect();
        let mut taken: Vec<(i64, i64)> =
            told.iter().filter(|told| told.scope.nodes.contains(&node)).map(|told| told.window).collect();
        for spell in reach::bridged_spells(of, &asking) {
            let (from, to) = reach::times(of, &spell);
            if taken.iter().any(|other| other.0 < to && from < other.1) {
                continue;
            }
            let Some((p, symptom)) = compare(of, &pairs, &asking, &spell) else { continue };
            candidates.tests.push(p);
            if let Some(symptom) = symptom {
                candidates.symptoms.push(symptom);
                taken.push((from, to));
            }
        }
    }
    candidates
}

/// The test of a window of a node, and the symptom where it is one; nothing where clients do not differ in its first half.
fn compare(
    of: &Asked<'_>,
    pairs: &[Pair],
    asking: &[Pair],
    window: &Range<i64>,
) -> Option<(f64, Option<Symptom>)> {
    let [first, second] = reach::halves(window);
    let gap = of.thresholds.of(&GAP);
    let happened = |pair: &Pair| reach::share(reach::outcomes(of, pair, first.clone()));
    let known: Vec<_> = asking.iter().filter_map(|&pair| Some((pair, happened(&pair)?))).collect();
    let best = known.iter().map(|(_, share)| *share).fold(0.0, f64::max);
    let (dark, light): (Vec<_>, Vec<_>) = known.iter().partition(|(_, share)| *share < best - gap);
    let [mut dark, light] =
        [dark, light].map(|side| side.into_iter().map(|&(pair, _)| pair).collect::<Vec<Pair>>());
    // Who finds other nodes ill as well says nothing of this one.
    let elsewhere = |pair: &Pair| {
        // Pairs are in the order of clients.
        let first = pairs.partition_point(|other| other.client < pair.client);
        let own = pairs[first..].iter().take_while(|other| other.client == pair.client);
        let others = own.filter(|other| other.node != pair.node);
        let outcomes = reach::sum(of, others, window);
        reach::share(outcomes).filter(|_| reach::size(outcomes) >= ELSEWHERE)
    };
    dark.retain(|pair| elsewhere(pair).is_none_or(|share| share >= best - gap));
    if dark.is_empty() || light.is_empty() {
        return None;
    }
    let p = fewer(reach::sum(of, &dark, &second), reach::sum(of, &light, &second));
    let symptom = || {
        let all = [&dark, &light].map(|side| reach::sum(of, side, window));
        let usual = [&dark, &light].map(|side| reach::share(reach::usual(of, side, window)));
        let (ill, well) = (reach::share(all[0])?, reach::share(all[1])?);
        let widened = (well - ill) - (usual[1]? - usual[0]?).max(0.0);
        let enough = reach::are_enough(of, [(&dark, all[0]), (&light, all[1])]);
        let node = asking[0].node;
        if !enough || widened < gap || kinds_differ(of, node, reach::times(of, window)) {
            return None;
        }
        let processes: Vec<ValueId> = dark.iter().map(|pair| pair.client).collect();
        Some(Symptom {
            kind: SymptomKind::GrayFailure,
            // Who asked no other node may be ill himself.
            is_likeness: dark.iter().all(|pair| elsewhere(pair).is_none()),
            window: reach::times(of, window),
            numbers: vec![
                Number::count("clients", dark.len() as u64),
                Number::count("others", light.len() as u64),
                Number::share("ill", ill).usually(usual[0]),
                Number::share("well", well).usually(usual[1]),
            ],
            scope: Scope { nodes: vec![node], processes, ..Scope::default() },
            effect: Some(well - ill),
            sample: (reach::size(all[0]), reach::size(all[1])),
            test: Some(Tested { p, q: 1.0 }),
            shown: Vec::new(),
        })
    };
    Some((p, symptom()))
}

/// Whether a node did nearly all that was asked of one kind, and nearly nothing of another.
fn kinds_differ(of: &Asked<'_>, node: ValueId, (from, to): (i64, i64)) -> bool {
    let shares = of.observed.functions().into_iter().filter_map(|function| {
        let counts = of.observed.counts(|at, what| (at, what) == (Some(node), function));
        let cell = between(of.observed, &counts, from, to);
        cell.share().filter(|_| f64::from(cell.settled()) >= of.thresholds.of(&SAMPLE))
    });
    let shares: Vec<_> = shares.collect();
    shares.iter().any(|&share| share <= KINDS.0) && shares.iter().any(|&share| share >= KINDS.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{Came, READ, Trace, WRITE, client, node};

    /// Six clients ask nodes for 30 s, in which there is a fault from 10 s to 20 s, and find some ill.
    fn trace(asks: impl Fn(u32, i64) -> u32, is_ill: impl Fn(u32, u32, i64) -> bool) -> Trace {
        let mut trace = Trace::new();
        trace.fault(10_000, 20_000, &[]);
        for by in 0..6 {
            for at in 0..300_i64 {
                let (time, of) = (100 * at, asks(by, at));
                let function = if by % 2 == 0 { READ } else { WRITE };
                let came = if is_ill(by, of, time) { (90, Came::Info) } else { (3, Came::Ok) };
                trace.add((by, of), function, time, Some(came));
            }
        }
        trace
    }

    /// The same, where they find them ill in the fault only.
    fn found(asks: impl Fn(u32, i64) -> u32, is_ill: impl Fn(u32, u32, i64) -> bool) -> Candidates {
        trace(asks, |by, of, time| (10_000..20_000).contains(&time) && is_ill(by, of, time)).find(find)
    }

    fn in_turn(by: u32, at: i64) -> u32 {
        (at as u32 + by) % 3
    }

    #[test]
    fn a_node_that_some_find_ill_is_told() {
        let found = found(in_turn, |by, of, _| by < 3 && of == 1);
        let [symptom] = &found.symptoms[..] else { panic!("{found:?}") };
        assert_eq!((&symptom.scope.nodes[..], symptom.is_likeness), (&[node(1)][..], false));
        assert_eq!(symptom.scope.processes, [0, 1, 2].map(client));
        assert!(
            symptom.effect.is_some_and(|gap| gap > 0.9) && symptom.test.is_some_and(|test| test.p < 1e-9)
        );
    }

    #[test]
    fn what_goes_well_now_and_then_does_not_end_a_bad_time() {
        // Of seven in a row that a client asks an ill node, the third and the fourth go well.
        let found = found(in_turn, |by, of, time| by == 2 && of == 1 && !(2..4).contains(&(time / 300 % 7)));
        let [symptom] = &found.symptoms[..] else { panic!("{found:?}") };
        assert_eq!(symptom.scope.processes, [client(2)]);
        let (from, to) = symptom.window;
        assert!(to - from > 8_000_000_000, "{from} {to}");
    }

    #[test]
    fn who_asks_one_node_may_be_ill_himself() {
        let found = found(|_, _| 1, |by, _, _| by == 2 || by == 3);
        let [symptom] = &found.symptoms[..] else { panic!("{found:?}") };
        assert!(symptom.is_likeness);
    }

    #[test]
    fn ill_clients_ill_nodes_and_ill_kinds_are_not_told() {
        for found in [
            // A client that is ill takes that to each node.
            found(in_turn, |by, _, _| by == 0),
            found(in_turn, |_, of, _| of == 1),
            // Writes fail, and some clients only write.
            found(|_, _| 1, |by, _, _| by % 2 == 1),
            // Each has its bad second.
            found(in_turn, |by, _, time| (time / 1_000) % 6 == i64::from(by)),
        ] {
            assert!(found.symptoms.is_empty(), "{found:?}");
        }
    }

    /// The clients of what is found where all ask one node.
    fn clients(is_ill: impl Fn(u32, i64) -> bool) -> Vec<Vec<ValueId>> {
        let found = found(|_, _| 1, |by, _, time| is_ill(by, time));
        found.symptoms.into_iter().map(|symptom| symptom.scope.processes).collect()
    }

    #[test]
    fn a_node_may_be_ill_for_some_and_then_for_others() {
        // The longer time is looked at first, whichever comes first.
        for turn in [14_000, 16_000] {
            let found = clients(|by, time| if time < turn { by < 2 } else { by > 3 });
            assert!(found.len() == 2 && found.contains(&vec![client(0), client(1)]), "{found:?}");
        }
        assert_eq!(clients(|by, time| by < 2 && !(14_000..16_000).contains(&time)).len(), 2);
    }

    #[test]
    fn who_finds_half_of_it_well_is_on_the_other_side() {
        let found = clients(|by, time| by < 2 || (by == 2 && time / 100 % 2 == 0));
        assert_eq!(found, [[client(0), client(1)]]);
    }

    #[test]
    fn the_whole_of_a_time_tells_how_far_they_are_apart() {
        // One in five happens to three of them.
        let found = found(|_, _| 1, |by, _, time| by < 3 && time % 500 != 200);
        let [symptom] = &found.symptoms[..] else { panic!("{found:?}") };
        let [ill, well] = [2, 3].map(|at| (symptom.numbers[at].value, symptom.numbers[at].usual));
        assert_eq!((ill, well), ((0.2, Some(1.0)), (1.0, Some(1.0))));
        assert_eq!(symptom.effect, Some(0.8));
        // They are far apart for five seconds; in the next five more than half of it happens to these, and less to others.
        let found = clients(|by, time| match (by < 3, time < 15_000) {
            (true, true) => true,
            (true, false) => time % 500 < 200,
            (false, true) => false,
            (false, false) => ![100, 400].contains(&(time % 500)),
        });
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn what_is_usually_apart_does_not_count() {
        // Of three clients' operations two in five never happen, and then none does: they are further apart by 0.6.
        let told = |gap: f64| {
            let mut trace = trace(
                |_, _| 1,
                |by, _, time| {
                    by < 3 && ((10_000..20_000).contains(&time) || [0, 300].contains(&(time % 500)))
                },
            );
            trace.thresholds.set(&GAP, gap);
            trace.find(find).symptoms.len()
        };
        assert_eq!([told(0.6), told(0.61)], [1, 0]);
    }

    #[test]
    fn kinds_differ_where_nearly_all_of_one_and_nothing_of_another_happens() {
        // All reads happen, or no writes do.
        assert_eq!(clients(|by, _| by == 1 || by == 3), [[client(1), client(3)]]);
        assert_eq!(clients(|by, _| by % 2 == 1 || by == 0), [[0, 1, 3, 5].map(client)]);
        // Both, at one node of three.
        let found = found(in_turn, |by, of, _| by % 2 == 1 && of == 1);
        assert!(found.symptoms.is_empty(), "{found:?}");
    }

    #[test]
    fn clients_that_are_ill_everywhere_make_no_test() {
        assert!(found(in_turn, |by, _, _| by == 0).tests.is_empty());
    }
}
