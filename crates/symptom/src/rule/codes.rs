//! What rules share that only give a name to what others proved.

use crate::kind::SymptomKind;
use crate::proved::Proved;
use crate::rules::{Asked, Candidates};
use crate::symptom::{Number, Scope, Symptom};

/// How many operations are shown.
const SHOWN: usize = 3;

/// A symptom that is there where anything is proved that `is_sure` says something of; a likeness where that is never yes. Silent
/// where no times are known.
pub(super) fn of_codes(
    of: &Asked<'_>,
    kind: SymptomKind,
    is_sure: impl Fn(&Proved) -> Option<bool>,
) -> Candidates {
    let mut candidates = Candidates::default();
    let seen: Vec<_> = of.joined.proved.iter().filter(|proved| is_sure(proved).is_some()).collect();
    let times = || seen.iter().filter_map(|proved| proved.time);
    let window = times().min().zip(times().max()).or_else(|| of.observed.span());
    let (false, Some(window)) = (seen.is_empty(), window) else { return candidates };
    let mut nodes: Vec<_> = seen.iter().filter_map(|proved| proved.node).collect();
    nodes.sort_unstable();
    nodes.dedup();
    candidates.symptoms.push(Symptom {
        kind,
        is_likeness: !seen.iter().any(|proved| is_sure(proved) == Some(true)),
        scope: Scope { nodes, ..Scope::default() },
        window,
        numbers: vec![Number::count("times", seen.len() as u64)],
        effect: None,
        sample: (seen.len() as u64, of.joined.proved.len() as u64),
        test: None,
        shown: seen.iter().take(SHOWN).map(|proved| ("shown", proved.subject)).collect(),
    });
    candidates
}

#[cfg(test)]
pub(super) mod tests {
    use seriatim_history::OpId;

    use super::*;
    use crate::proved::Proved;
    use crate::rules::Rule;
    use crate::trace::{Trace, ms};

    /// A wrong answer at so many milliseconds.
    pub(in crate::rule) fn proved(code: &'static str, at: i64) -> Proved {
        Proved {
            code,
            subject: OpId(0),
            time: Some(ms(at)),
            node: None,
            acknowledged: None,
            is_surplus: false,
            is_back: false,
            inversion: None,
        }
    }

    /// What a rule finds in a steady run of which this is proved.
    pub(in crate::rule) fn find_of(rule: Rule, proved: Vec<Proved>) -> Candidates {
        let mut trace = Trace::new();
        trace.steady(0..10_000, 20, 2);
        trace.joined.proved = proved;
        trace.find(rule)
    }

    #[test]
    fn without_times_the_whole_run_is_named() {
        let rule = |of: &Asked<'_>| of_codes(of, SymptomKind::DuplicateEffect, |_| Some(true));
        let found = find_of(rule, vec![Proved { time: None, ..proved("LIN011", 0) }]);
        assert!(found.symptoms[0].window.1 >= ms(9_900));
    }
}
