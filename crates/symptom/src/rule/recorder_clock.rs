//! SYM15: recorded times that cannot be. An operation ends before it begins; times run back; a value was seen before it was
//! put in.
//!
//! If each recorder's clock is off by a constant o, then of a value that p saw at s and q put in at t, o(p) − o(q) ≤ s − t.
//! A set of such bounds can be met if and only if their graph has no negative cycle, and the shortest paths meet them
//! (Bellman 1958; CLRS §24.4). So either offsets explain what was seen, and the least are told, or no constant offsets do.
//! What was seen in time bounds them as well: whoever sees soon what the other one puts in is not far behind it. Where that
//! is not known, offsets may still be contradicted by the rest.

use petgraph::Graph;
use petgraph::algo::{bellman_ford, find_negative_cycle};
use petgraph::graph::NodeIndex;
use rustc_hash::FxHashMap;
use seriatim_history::ValueId;

use crate::kind::SymptomKind;
use crate::rules::{Asked, Candidates};
use crate::setting::{Setting, Unit};
use crate::statistics::median;
use crate::symptom::{Number, Scope, Symptom};

/// See there.
pub(crate) static BACKWARD: Setting = Setting {
    name: "sym15.backward",
    unit: Unit::Count,
    default: 1.0,
    about: "At least so many operations end before they begin, or so many values were seen before they were put in, or so many \
            lines have an earlier time than the one before.",
};

/// How many operations are shown.
const SHOWN: usize = 3;

pub(crate) fn find(of: &Asked<'_>) -> Candidates {
    let mut candidates = Candidates::default();
    let Some(window) = of.observed.span() else { return candidates };
    let least = of.thresholds.of(&BACKWARD);
    let (backward, worst) = of.observed.backward;
    let back = of.joined.times_run_back as u64;
    let early: Vec<_> = of.joined.proved.iter().filter(|proved| proved.inversion.is_some()).collect();
    let seen = early.len() as u64;
    if [backward, back, seen].into_iter().all(|count| count == 0 || (count as f64) < least) {
        return candidates;
    }
    let inversions: Vec<_> = early.iter().filter_map(|proved| proved.inversion).collect();
    let offsets = explain(&inversions, &of.joined.differences);
    candidates.symptoms.push(Symptom {
        kind: SymptomKind::RecorderClockFault,
        // Who writes lines for several clients may write them late; a value that is seen early may be one from the future.
        is_likeness: backward == 0,
        scope: Scope { processes: offsets.off, ..Scope::default() },
        window,
        numbers: vec![
            Number::count("backward", backward),
            Number::time("worst", worst as f64),
            Number::count("back", back),
            Number::count("early", seen),
            Number::count("explained", offsets.explained),
            Number::time("offset", offsets.most),
            Number::count("unexplained", seen - offsets.explained),
        ],
        effect: None,
        sample: (backward + back + seen, of.observed.operations),
        test: None,
        shown: early.iter().take(SHOWN).map(|proved| ("seen", proved.subject)).collect(),
    });
    candidates
}

/// Whether much of what is proved may be a matter of clocks that are apart: operations that end before they begin, or many values
/// that were seen before they were put in and that offsets explain.
pub(crate) fn are_apart(of: &Asked<'_>) -> bool {
    let inversions: Vec<_> = of.joined.proved.iter().filter_map(|proved| proved.inversion).collect();
    of.observed.backward.0 > 0
        || MANY * explain(&inversions, &of.joined.differences).explained > of.joined.proved.len() as u64
}

/// Of so many wrong answers one that was seen too early is enough to doubt the clocks.
const MANY: u64 = 10;

/// The offsets of clocks that explain what was seen before it was put in.
#[derive(Debug, Default)]
struct Offsets {
    /// How many they explain.
    explained: u64,
    /// How far the farthest two clocks are apart, in nanoseconds.
    most: f64,
    /// Whose clocks are off from where most of them are.
    off: Vec<ValueId>,
}

fn explain(inversions: &[[(i64, ValueId); 2]], differences: &[([ValueId; 2], i64)]) -> Offsets {
    // Of two recorders only the tightest bound counts, which is the earliest sight.
    let mut bounds: FxHashMap<(ValueId, ValueId), (i64, u64)> = FxHashMap::default();
    for &[(seen, by), (put, whose)] in inversions {
        let bound = bounds.entry((whose, by)).or_insert((i64::MAX, 0));
        *bound = (bound.0.min(seen.saturating_sub(put)), bound.1 + 1);
    }
    for &([whose, by], least) in differences {
        let bound = bounds.entry((whose, by)).or_insert((least, 0));
        bound.0 = least.min(bound.0);
    }
    // No offset explains what one recorder wrote.
    bounds.retain(|(whose, by), _| whose != by);
    loop {
        let mut clocks: Vec<_> = bounds.keys().flat_map(|&(one, other)| [one, other]).collect();
        clocks.sort_unstable();
        clocks.dedup();
        let at = |clock: ValueId| clocks.binary_search(&clock).expect("each clock is listed");
        let mut graph = Graph::<(), f64>::with_capacity(clocks.len() + 1, bounds.len() + clocks.len());
        let nodes: Vec<NodeIndex> = clocks.iter().map(|_| graph.add_node(())).collect();
        let root = graph.add_node(());
        for &node in &nodes {
            graph.add_edge(root, node, 0.0);
        }
        let mut edges: Vec<_> = bounds.iter().collect();
        edges.sort_unstable();
        for (&(whose, by), &(bound, _)) in edges {
            graph.add_edge(nodes[at(whose)], nodes[at(by)], bound as f64);
        }
        let Some(cycle) = find_negative_cycle(&graph, root) else {
            let paths = bellman_ford(&graph, root).expect("there is no negative cycle");
            let offsets: Vec<f64> = paths.distances[..clocks.len()].to_vec();
            // Offsets have no zero of their own: most clocks are taken as right.
            let right = median(offsets.clone()).unwrap_or(0.0);
            let away = offsets.iter().map(|offset| (offset - right).abs());
            let farthest = away.clone().fold(0.0, f64::max);
            let ends = [f64::min, f64::max].map(|end| offsets.iter().copied().reduce(end).unwrap_or(right));
            // The least offsets move many clocks a little on behalf of those that are off.
            let off = clocks.iter().zip(away).filter(|(_, away)| *away > farthest / 2.0);
            return Offsets {
                explained: bounds.values().map(|(_, count)| count).sum(),
                most: ends[1] - ends[0],
                off: off.map(|(&clock, _)| clock).collect(),
            };
        };
        // Nothing explains all of a negative cycle: what is in it is left out. The root has no edge into it.
        let on: Vec<_> = cycle.iter().filter_map(|node| clocks.get(node.index()).copied()).collect();
        let before = bounds.len();
        bounds.retain(|(whose, by), (bound, _)| *bound >= 0 || !(on.contains(whose) && on.contains(by)));
        if bounds.len() == before {
            return Offsets::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::codes::tests::{find_of, proved};
    use super::*;
    use crate::proved::Proved;
    use crate::trace::{Came, READ, Trace, client, ms};

    fn early(seen: (i64, u32), put: (i64, u32)) -> Proved {
        let of = |(at, by): (i64, u32)| (ms(at), client(by));
        Proved { inversion: Some([of(seen), of(put)]), ..proved("LIN005", seen.0) }
    }

    fn number(symptom: &Symptom, name: &str) -> f64 {
        symptom.numbers.iter().find(|number| number.name == name).expect("it is there").value
    }

    #[test]
    fn what_ends_before_it_begins_is_told() {
        let mut trace = Trace::new();
        trace.steady(0..5_000, 20, 2).add((0, 0), READ, 2_000, Some((-300, Came::Ok)));
        let [symptom] = &trace.find(find).symptoms[..] else { panic!("one is found") };
        assert_eq!((number(symptom, "backward"), number(symptom, "worst")), (1.0, ms(300) as f64));
        assert!(!symptom.is_likeness);
        trace.joined.times_run_back = 3;
        assert_eq!(number(&trace.find(find).symptoms[0], "back"), 3.0);
    }

    #[test]
    fn offsets_explain_what_they_can() {
        // Client 3 is 700 ms ahead: three others see what it puts in too early.
        let all =
            vec![early((1_000, 0), (1_500, 3)), early((2_000, 1), (2_700, 3)), early((3_000, 2), (3_100, 3))];
        let found = find_of(find, all);
        let [symptom] = &found.symptoms[..] else { panic!("{found:?}") };
        assert_eq!((number(symptom, "explained"), number(symptom, "unexplained")), (3.0, 0.0));
        assert!(number(symptom, "offset") <= ms(700) as f64 && symptom.is_likeness);
    }

    #[test]
    fn no_offset_explains_two_that_are_each_ahead_of_the_other() {
        let all =
            vec![early((1_000, 0), (1_500, 1)), early((2_000, 1), (2_700, 0)), early((3_000, 2), (3_100, 3))];
        let found = find_of(find, all);
        assert_eq!(
            (number(&found.symptoms[0], "explained"), number(&found.symptoms[0], "unexplained")),
            (1.0, 2.0)
        );
        // Nor what one saw early of itself.
        let found = find_of(find, vec![early((1_000, 0), (1_500, 0))]);
        assert_eq!(number(&found.symptoms[0], "unexplained"), 1.0);
    }

    #[test]
    fn what_is_seen_in_time_bounds_the_offsets() {
        // Client 0 sees what client 3 puts in half a second early, and client 3 what client 0 puts in after so long.
        let told = |least: i64| {
            let mut trace = Trace::new();
            trace.steady(0..5_000, 20, 2);
            trace.joined.proved = vec![early((1_000, 0), (1_500, 3))];
            trace.joined.differences =
                vec![([client(0), client(3)], ms(least)), ([client(1), client(2)], ms(9))];
            let [symptom] = trace.find(find).symptoms.try_into().expect("it is told once");
            (number(&symptom, "explained"), number(&symptom, "unexplained"))
        };
        assert_eq!([told(600), told(400)], [(1.0, 0.0), (0.0, 1.0)]);
    }

    #[test]
    fn times_that_can_be_are_not_told() {
        assert!(find_of(find, vec![proved("LIN005", 1_000)]).symptoms.is_empty());
    }

    #[test]
    fn the_clock_that_is_off_is_named_and_how_far() {
        let all =
            vec![early((1_000, 0), (1_500, 3)), early((2_000, 1), (2_700, 3)), early((3_000, 2), (3_650, 3))];
        let found = find_of(find, all);
        assert_eq!(number(&found.symptoms[0], "offset"), ms(700) as f64);
        assert_eq!(found.symptoms[0].scope.processes, [client(3)]);
        assert_eq!(found.symptoms[0].sample.0, 3);
        // Of two that see one too early the earliest counts.
        let found = find_of(find, vec![early((1_000, 0), (1_200, 3)), early((2_000, 0), (2_300, 3))]);
        assert_eq!(number(&found.symptoms[0], "offset"), ms(300) as f64);
    }

    #[test]
    fn what_is_counted_has_to_be_enough() {
        let told = |least: f64, backward: i64, back: usize| {
            let mut trace = Trace::new();
            trace.steady(0..5_000, 20, 2);
            (0..backward).for_each(|at| _ = trace.add((0, 0), READ, 2_000 + at, Some((-300, Came::Ok))));
            trace.joined.times_run_back = back;
            trace.thresholds.set(&BACKWARD, least);
            trace.find(find).symptoms.len()
        };
        assert_eq!([told(2.0, 2, 0), told(2.0, 1, 1), told(2.0, 0, 2), told(0.0, 0, 0)], [1, 0, 1, 0]);
    }

    #[test]
    fn one_of_ten_wrong_answers_is_enough_to_doubt_clocks() {
        let apart = |others: usize, backward: bool| {
            let mut trace = Trace::new();
            trace.steady(0..5_000, 20, 2);
            if backward {
                trace.add((0, 0), READ, 2_000, Some((-300, Came::Ok)));
            }
            trace.joined.proved = vec![proved("LIN001", 1_000); others];
            trace.joined.proved.push(early((1_000, 0), (1_500, 3)));
            trace.ask(are_apart)
        };
        assert_eq!([apart(8, false), apart(9, false), apart(9, true)], [true, false, true]);
    }
}
