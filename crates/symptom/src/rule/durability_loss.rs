//! SYM17: what was acknowledged shortly before a crash is gone: it had not been made to last (Pillai et al. 2014; Rebello et
//! al. 2020). Of all that is lost, nearly all had been acknowledged within a moment before a crash of the node that did.

use seriatim_history::ValueId;

use crate::kind::SymptomKind;
use crate::proved::Gone;
use crate::rules::{Asked, Candidates};
use crate::setting::{Setting, Unit};
use crate::symptom::{Number, Scope, Symptom};

/// See there.
pub(crate) static WITHIN: Setting = Setting {
    name: "sym17.within",
    unit: Unit::Time,
    default: 1.0,
    about: "What was acknowledged no longer than this before a crash is what the crash may have taken.",
};

/// See there.
pub(crate) static SHARE: Setting = Setting {
    name: "sym17.share",
    unit: Unit::Share,
    default: 0.9,
    about: "At least this share of all that is lost had been acknowledged so shortly before a crash.",
};

/// See there.
pub(crate) static LEAST: Setting = Setting {
    name: "sym17.least",
    unit: Unit::Count,
    default: 3.0,
    about: "At least so many acknowledged operations are lost with a crash.",
};

/// How many operations are shown.
const SHOWN: usize = 3;

pub(crate) fn find(of: &Asked<'_>) -> Candidates {
    let within = of.thresholds.nanoseconds(&WITHIN);
    let lost = &of.joined.gone;
    let crashes = of.joined.crashes.iter().filter_map(|&at| of.observed.windows.get(at));
    let timed = crashes.filter_map(|window| Some((window.from?, window)));
    // What a crash may have taken: each lost thing belongs to the first crash after it was acknowledged.
    let mut timed: Vec<_> = timed.map(|(from, window)| (from, window, Vec::new())).collect();
    timed.sort_by_key(|(from, ..)| *from);
    for gone in lost {
        let (acknowledged, by) = gone.acknowledged;
        let is_hit = |nodes: &[ValueId]| nodes.is_empty() || by.is_none_or(|by| nodes.contains(&by));
        // A crash is somewhere in its fault: a node that was dead acknowledged nothing.
        let near = |from: i64, to: Option<i64>| {
            acknowledged >= from.saturating_sub(within) && acknowledged <= to.unwrap_or(i64::MAX)
        };
        let crash =
            timed.iter_mut().find(|(from, window, _)| near(*from, window.to) && is_hit(&window.nodes));
        if let Some((.., taken)) = crash {
            taken.push(gone);
        }
    }
    let near = timed.iter().map(|(.., taken)| taken.len()).sum::<usize>() as f64;
    let mut candidates = Candidates::default();
    if near < of.thresholds.of(&SHARE) * lost.len() as f64 {
        return candidates;
    }
    let least = of.thresholds.of(&LEAST);
    for (from, window, taken) in timed.iter().filter(|(.., taken)| taken.len() as f64 >= least) {
        candidates.symptoms.push(symptom(*from, &window.nodes, taken, (near, lost.len())));
    }
    candidates
}

/// What a crash at a time took, of all that is lost.
fn symptom(from: i64, nodes: &[ValueId], taken: &[&Gone], (near, lost): (f64, usize)) -> Symptom {
    let acknowledged = taken.iter().map(|gone| gone.acknowledged.0);
    // The crash came no earlier than the last of them.
    let crashed = acknowledged.clone().max().unwrap_or(from).max(from);
    let longest = acknowledged.map(|time| crashed - time).max().unwrap_or(0);
    let seen = taken.iter().filter_map(|gone| gone.missed).max().unwrap_or(from);
    Symptom {
        kind: SymptomKind::DurabilityLoss,
        is_likeness: false,
        scope: Scope { nodes: nodes.to_vec(), ..Scope::default() },
        window: (from, seen.max(from)),
        numbers: vec![
            Number::count("lost", taken.len() as u64),
            Number::time("within", longest as f64),
            Number::share("share", near / lost as f64),
        ],
        effect: None,
        sample: (taken.len() as u64, lost as u64),
        test: None,
        shown: taken.iter().take(SHOWN).map(|gone| ("lost", gone.subject)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use seriatim_history::OpId;

    use super::*;
    use crate::trace::{Trace, ms, node};

    /// A crash of node 1 at 5 s, and what is lost: when each was acknowledged, in milliseconds, and by whom.
    fn found(lost: &[(i64, u32)], is_crash: bool) -> Vec<Symptom> {
        let mut trace = Trace::new();
        trace.steady(0..10_000, 20, 2).fault(5_000, 7_000, &[1]);
        trace.joined.crashes = if is_crash { vec![0] } else { Vec::new() };
        let of = |&(at, by): &(i64, u32)| Gone {
            subject: OpId(0),
            acknowledged: (ms(at), Some(node(by))),
            missed: Some(ms(8_000)),
        };
        trace.joined.gone = lost.iter().map(of).collect();
        trace.find(find).symptoms
    }

    #[test]
    fn what_a_crash_took_is_told() {
        let [symptom] = &found(&[(4_500, 1), (4_700, 1), (4_990, 1)], true)[..] else {
            panic!("one is found")
        };
        assert_eq!((symptom.window, symptom.scope.nodes.clone()), ((ms(5_000), ms(8_000)), vec![node(1)]));
        assert_eq!(symptom.numbers[1].value, ms(500) as f64);
    }

    #[test]
    fn what_it_did_not_take_is_not() {
        let near = [(4_500, 1), (4_700, 1), (4_990, 1)];
        // A partition is no crash; others answered; it was long before, or after; there are few.
        assert!(found(&near, false).is_empty());
        assert!(found(&near.map(|(at, _)| (at, 2)), true).is_empty());
        assert!(found(&near.map(|(at, by)| (at - 2_000, by)), true).is_empty());
        assert!(found(&near.map(|(at, by)| (at + 3_000, by)), true).is_empty());
        assert!(found(&near[..2], true).is_empty());
        // As much is lost that no crash explains.
        assert!(found(&[&near[..], &[(1_000, 1), (1_100, 2)]].concat(), true).is_empty());
    }

    #[test]
    fn a_second_before_the_crash_and_all_of_its_fault_are_near() {
        let near = [(4_500, 1), (4_700, 1)];
        let told = |at: i64| found(&[near[0], near[1], (at, 1)], true).len();
        assert_eq!([4_000, 3_999].map(told), [1, 0]);
        assert_eq!([7_000, 7_001].map(told), [1, 0]);
    }

    #[test]
    fn nearly_all_that_is_lost_is_near() {
        let told = |far: usize| {
            let lost = [vec![(4_900, 1); 9], vec![(1_000, 1); far]].concat();
            found(&lost, true).iter().map(|symptom| symptom.numbers[2].value).collect::<Vec<_>>()
        };
        assert_eq!([told(1), told(2)], [vec![0.9], vec![]]);
    }

    #[test]
    fn a_crash_comes_no_earlier_than_what_it_took() {
        let found = found(&[(4_500, 1), (4_700, 1), (5_200, 1)], true);
        let numbers: Vec<_> = found[0].numbers.iter().map(|number| number.value).collect();
        assert_eq!(numbers, [3.0, ms(700) as f64, 1.0]);
        assert_eq!((found[0].sample, found[0].shown.len()), ((3, 3), SHOWN));
    }

    #[test]
    fn what_is_lost_belongs_to_the_first_crash_of_its_node() {
        // Nodes 1 and 2 crash one after the other, and then any of them.
        let mut trace = Trace::new();
        trace.steady(0..10_000, 20, 2);
        trace.fault(5_000, 5_500, &[1]).fault(5_200, 5_700, &[2]).fault(5_400, 6_000, &[]);
        trace.joined.crashes = vec![0, 1, 2];
        let of = |(at, by): (i64, Option<u32>)| Gone {
            subject: OpId(0),
            acknowledged: (ms(at), by.map(node)),
            missed: Some(ms(8_000)),
        };
        let lost = [(4_900, Some(1)), (4_910, None), (4_920, Some(2)), (4_930, Some(2)), (4_940, Some(3))];
        trace.joined.gone = lost.map(of).to_vec();
        trace.thresholds.set(&LEAST, 1.0);
        let found = trace.find(find).symptoms;
        let taken: Vec<_> = found.iter().map(|of| (of.window.0 / ms(1), of.sample.0)).collect();
        assert_eq!(taken, [(5_000, 2), (5_200, 2), (5_400, 1)]);
    }
}
