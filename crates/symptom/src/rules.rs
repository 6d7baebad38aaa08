//! All rules, asked one after the other; and what is done with what they find.
//!
//! Each makes its tests and gives the p of all of them. What is told is corrected for all tests that were made on the
//! history, so more rules do not mean more chance findings.

use crate::baseline::{Baseline, CALM, ENOUGH, SAMPLE, SETTLE, SHORT, WARM_UP};
use crate::kind::SymptomKind;
use crate::observed::Observed;
use crate::proved::Joined;
use crate::rule::{self, covered};
use crate::setting::{Setting, Thresholds, Unit};
use crate::statistics::Corrected;
use crate::symptom::{Scope, Symptom};

/// See there.
pub static Q: Setting = Setting {
    name: "q",
    unit: Unit::Share,
    default: 0.001,
    about: "What has a test is told where chance would leave so large a difference with a smaller probability, corrected for all \
            tests that were made on the history.",
};

/// The settings that several rules go by.
pub(crate) static COMMON: &[&Setting] = &[&Q, &SAMPLE, &WARM_UP, &ENOUGH, &SETTLE, &SHORT, &CALM];

/// What a rule is given.
pub(crate) struct Asked<'a> {
    pub(crate) observed: &'a Observed,
    pub(crate) baseline: &'a Baseline,
    pub(crate) joined: &'a Joined,
    pub(crate) thresholds: &'a Thresholds,
}

/// What a rule found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Candidates {
    /// What it would tell. Where there was a test, its p is known and its q is not.
    pub(crate) symptoms: Vec<Symptom>,
    /// The p of every comparison that it made, also of those that found nothing.
    pub(crate) tests: Vec<f64>,
}

/// A rule.
pub(crate) type Rule = fn(&Asked<'_>) -> Candidates;

/// The rules, a line each.
const RULES: &[Rule] = &[
    rule::gap::find,
    rule::recovery::find,
    rule::metastable::find,
    rule::gray_failure::find,
    rule::fail_slow::find,
    rule::partial_partition::find,
    rule::brown_out::find,
    rule::retry::find,
    rule::herd::find,
    rule::cascade::find,
    rule::timeout_cliff::find,
    rule::partial_service::find,
    rule::silent_wrong_data::find,
    rule::duplicate_effect::find,
    rule::recorder_clock::find,
    rule::server_clock::find,
    rule::durability_loss::find,
    rule::resurrection::find,
    rule::process_pause::find,
];

/// What a history shows, in the order of time.
pub fn find(observed: &Observed, joined: &Joined, thresholds: &Thresholds) -> Vec<Symptom> {
    let baseline = &Baseline::new(observed, thresholds);
    let asked = Asked { observed, baseline, joined, thresholds };
    let mut all = Candidates::default();
    for rule in RULES {
        let Candidates { symptoms, tests } = rule(&asked);
        all.symptoms.extend(symptoms);
        all.tests.extend(tests);
    }
    told(all, thresholds)
}

/// What is told of what rules found.
fn told(all: Candidates, thresholds: &Thresholds) -> Vec<Symptom> {
    let corrected = Corrected::new(all.tests);
    let most = thresholds.of(&Q);
    let mut symptoms = all.symptoms;
    symptoms.retain_mut(|symptom| {
        let Some(test) = &mut symptom.test else { return true };
        test.q = corrected.q(test.p);
        test.q <= most
    });
    // What lasts longest stands for what overlaps it.
    symptoms.sort_by_key(|symptom| std::cmp::Reverse(symptom.window.1 - symptom.window.0));
    let mut kept: Vec<Symptom> = Vec::new();
    for symptom in symptoms {
        if !kept.iter().any(|other| is_one(other, &symptom)) {
            kept.push(symptom);
        }
    }
    let is_told = |symptom: &Symptom| {
        kept.iter().any(|other| tells_more(other, symptom) || leaves_by_chance(other, symptom, most))
    };
    let told: Vec<bool> = kept.iter().map(is_told).collect();
    let mut told = told.into_iter();
    kept.retain(|_| !told.next().unwrap_or(false));
    kept.sort_by_key(|symptom| (symptom.window, symptom.kind));
    kept
}

/// Whether one symptom gives a name of its own to what another one only calls partial.
fn tells_more(one: &Symptom, other: &Symptom) -> bool {
    use SymptomKind::{BrownOut, FailSlowNode, GrayFailure, PartialPartition, PartialService};
    let is_one = matches!(one.kind, FailSlowNode | GrayFailure | PartialPartition | PartialService);
    let (some, others) = (&one.scope.nodes, &other.scope.nodes);
    let is_there = some.is_empty() == others.is_empty() && others.iter().all(|node| some.contains(node));
    is_one && other.kind == BrownOut && is_there && covered(other.window, one.window) >= 0.5
}

/// Whether two symptoms tell one thing.
fn is_one(one: &Symptom, other: &Symptom) -> bool {
    let overlap = one.window.0 <= other.window.1 && other.window.0 <= one.window.1;
    one.kind == other.kind && one.scope == other.scope && overlap
}

/// Whether a brown-out of the whole system would leave such a gap of a part of it now and then: as much of what is asked does not
/// happen in it.
fn leaves_by_chance(one: &Symptom, other: &Symptom, most: f64) -> bool {
    use SymptomKind::{AvailabilityGap, BrownOut};
    let number =
        |of: &Symptom, name: &str| of.numbers.iter().find(|number| number.name == name).map(|of| of.value);
    let is_part = one.scope == Scope::default() && other.scope != Scope::default();
    let (Some(share), Some(calls)) = (number(one, "share"), number(other, "calls")) else { return false };
    let length = |of: &Symptom| (of.window.1 - of.window.0).max(1) as f64;
    let chance = (1.0 - share).max(0.0).powf(calls) * length(one) / length(other);
    one.kind == BrownOut
        && other.kind == AvailabilityGap
        && is_part
        && covered(other.window, one.window) >= 0.9
        && chance > most
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::symptom::{Number, Tested};
    use crate::trace::{Came, READ, Trace, node};

    fn symptom(kind: SymptomKind, window: (i64, i64), p: Option<f64>) -> Symptom {
        let test = p.map(|p| Tested { p, q: 1.0 });
        Symptom {
            kind,
            is_likeness: false,
            scope: Scope::default(),
            window,
            numbers: Vec::new(),
            effect: None,
            sample: (0, 0),
            test,
            shown: Vec::new(),
        }
    }

    #[test]
    fn what_has_a_name_of_its_own_is_not_called_partial_as_well() {
        use SymptomKind::{BrownOut, FailSlowNode};
        let told = |nodes: &[u32], window| {
            let at = |kind, nodes: &[u32], window| Symptom {
                scope: Scope { nodes: nodes.iter().map(|&of| node(of)).collect(), ..Scope::default() },
                ..symptom(kind, window, None)
            };
            let symptoms = vec![at(FailSlowNode, &[1], (10, 30)), at(BrownOut, nodes, window)];
            super::told(Candidates { symptoms, tests: Vec::new() }, &Thresholds::default()).len()
        };
        assert_eq!(told(&[1], (12, 35)), 1);
        // Another node, all of them, and mostly another time.
        assert_eq!([told(&[2], (12, 35)), told(&[], (12, 35)), told(&[1], (20, 50))], [2, 2, 2]);
    }

    #[test]
    fn a_gap_that_a_brown_out_leaves_by_chance_is_none() {
        use SymptomKind::{AvailabilityGap, BrownOut};
        let told = |calls, nodes: &[u32], window| {
            let mut brown = symptom(BrownOut, (0, 20_000), None);
            brown.numbers.push(Number::share("share", 0.5));
            let mut gap = symptom(AvailabilityGap, window, None);
            gap.scope.nodes = nodes.iter().map(|&of| node(of)).collect();
            gap.numbers.push(Number::count("calls", calls));
            super::told(Candidates { symptoms: vec![brown, gap], tests: Vec::new() }, &Thresholds::default())
                .len()
        };
        assert_eq!(told(6, &[1], (5_000, 7_000)), 1);
        // Of so many all would not have failed; the whole system; mostly at another time.
        assert_eq!(told(60, &[1], (5_000, 7_000)), 2);
        assert_eq!([told(6, &[], (5_000, 7_000)), told(6, &[1], (19_000, 24_000))], [2, 2]);
    }

    #[test]
    fn chance_is_not_told_and_one_thing_is_told_once() {
        use SymptomKind::{AvailabilityGap, BrownOut};
        let all = Candidates {
            symptoms: vec![
                symptom(BrownOut, (40, 50), Some(0.0009)),
                symptom(BrownOut, (10, 30), Some(0.000_01)),
                symptom(BrownOut, (20, 35), Some(0.000_01)),
                symptom(AvailabilityGap, (15, 20), None),
            ],
            tests: vec![0.0009, 0.000_01, 0.000_01, 0.5, 0.6, 0.7],
        };
        let told = told(all, &Thresholds::default());
        let short: Vec<_> = told.iter().map(|of| (of.kind, of.window)).collect();
        assert_eq!(short, [(BrownOut, (10, 30)), (AvailabilityGap, (15, 20))]);
        let q = told[0].test.expect("it was tested").q;
        assert!((q - 0.000_03).abs() < 1e-9, "{q}");
    }

    #[test]
    fn one_thing_is_told_once_where_its_times_meet() {
        let told = |first, second, scope: &[u32]| {
            let one = symptom(SymptomKind::BrownOut, first, None);
            let mut other = symptom(SymptomKind::BrownOut, second, None);
            other.scope.nodes = scope.iter().map(|&of| node(of)).collect();
            super::told(Candidates { symptoms: vec![one, other], tests: Vec::new() }, &Thresholds::default())
                .len()
        };
        assert_eq!([told((10, 30), (30, 40), &[]), told((30, 40), (10, 30), &[])], [1, 1]);
        assert_eq!([told((10, 30), (31, 40), &[]), told((31, 51), (10, 30), &[])], [2, 2]);
        assert_eq!(told((10, 30), (10, 30), &[1]), 2);
    }

    #[test]
    fn chance_is_one_of_a_thousand() {
        let told = |p| {
            let all = Candidates {
                symptoms: vec![symptom(SymptomKind::BrownOut, (10, 30), Some(p))],
                tests: vec![p],
            };
            super::told(all, &Thresholds::default()).len()
        };
        assert_eq!([told(0.001), told(0.001_1)], [1, 0]);
    }

    #[test]
    fn a_name_of_its_own_is_of_all_its_nodes_and_half_its_time() {
        use SymptomKind::{AvailabilityGap, BrownOut, GrayFailure};
        let tells = |kinds: [SymptomKind; 2], nodes: [&[u32]; 2], window| {
            let at = |kind, nodes: &[u32], window| Symptom {
                scope: Scope { nodes: nodes.iter().map(|&of| node(of)).collect(), ..Scope::default() },
                ..symptom(kind, window, None)
            };
            tells_more(&at(kinds[0], nodes[0], (10, 30)), &at(kinds[1], nodes[1], window))
        };
        let named = [GrayFailure, BrownOut];
        assert!(tells(named, [&[1, 2], &[1]], (20, 40)) && !tells(named, [&[1, 2], &[1]], (21, 41)));
        assert!(!tells(named, [&[1], &[1, 2]], (10, 30)) && !tells(named, [&[1], &[]], (10, 30)));
        assert!(tells(named, [&[], &[]], (10, 30)) && !tells(named, [&[], &[1]], (10, 30)));
        assert!(!tells([AvailabilityGap, BrownOut], [&[1], &[1]], (10, 30)));
        assert!(!tells([GrayFailure, AvailabilityGap], [&[1], &[1]], (10, 30)));
    }

    #[test]
    fn chance_leaves_gaps_of_few_calls() {
        use SymptomKind::{AvailabilityGap, BrownOut};
        let leaves = |kinds: [SymptomKind; 2], share, calls, window| {
            let mut one = symptom(kinds[0], (0, 20_000), None);
            one.numbers.push(Number::share("share", share));
            let mut other = symptom(kinds[1], window, None);
            other.scope.nodes.push(node(1));
            other.numbers.push(Number::count("calls", calls));
            leaves_by_chance(&one, &other, 0.001)
        };
        // One gap of two seconds has room at ten places of twenty.
        let kinds = [BrownOut, AvailabilityGap];
        let of = |share, calls| leaves(kinds, share, calls, (5_000, 7_000));
        assert_eq!([of(0.5, 13), of(0.5, 14), of(0.2, 41), of(0.2, 42)], [true, false, true, false]);
        // It lies within, but for a tenth of it.
        assert!(leaves(kinds, 0.5, 6, (18_200, 20_200)) && !leaves(kinds, 0.5, 6, (18_300, 20_300)));
        assert!(!leaves([AvailabilityGap, AvailabilityGap], 0.5, 6, (5_000, 7_000)));
        assert!(!leaves([BrownOut, BrownOut], 0.5, 6, (5_000, 7_000)));
    }

    #[test]
    fn all_rules_are_asked() {
        let mut trace = Trace::new();
        trace.steady(0..5_000, 10, 2).steady(8_000..10_000, 10, 2).fault(5_000, 8_000, &[]);
        for time in (5_000..8_000).step_by(10) {
            trace.add((time as u32 / 10 % 4, time as u32 / 10 % 3), READ, time, Some((2, Came::Fail)));
        }
        trace.joined.times_run_back = 1;
        let found = find(&trace.observed(), &trace.joined, &trace.thresholds);
        let kinds: Vec<_> = found.iter().map(|symptom| symptom.kind).collect();
        assert_eq!(kinds, [SymptomKind::RecorderClockFault, SymptomKind::AvailabilityGap]);
    }
}
