//! SYM12: what was asked once was done twice (Alquraan et al. 2018; yugabyte #399). Others prove it; here it gets its name.

use super::codes::of_codes;
use crate::kind::SymptomKind;
use crate::proved::Proved;
use crate::rules::{Asked, Candidates};

/// The codes of what came about twice, and whether only that leaves them: an element that came out twice, an identifier that
/// two got; two updates of one version may be two clients', and a counter counts only where it saw more than was ever added.
const CODES: &[(&str, bool)] = &[("LIN011", true), ("LIN021", true), ("LIN009", false), ("LIN019", true)];

pub(crate) fn find(of: &Asked<'_>) -> Candidates {
    // A counter that is too low has lost something.
    let is_twice = |proved: &Proved| proved.code != "LIN019" || proved.is_surplus;
    let is_sure =
        |proved: &Proved| CODES.iter().find(|(code, _)| *code == proved.code).map(|&(_, sure)| sure);
    of_codes(of, SymptomKind::DuplicateEffect, |proved| is_sure(proved).filter(|_| is_twice(proved)))
}

#[cfg(test)]
mod tests {
    use super::super::codes::tests::{find_of, proved};
    use super::*;

    #[test]
    fn two_of_one_are_told() {
        let found =
            find_of(find, vec![proved("LIN001", 1_000), proved("LIN011", 2_000), proved("LIN011", 3_000)]);
        let [symptom] = &found.symptoms[..] else { panic!("{found:?}") };
        assert_eq!((symptom.kind, symptom.is_likeness), (SymptomKind::DuplicateEffect, false));
        assert_eq!(symptom.numbers[0].value, 2.0);
        assert_eq!(symptom.window, (2_000_000_000, 3_000_000_000));
        // Two updates of one version may have been asked for by two.
        let found = find_of(find, vec![proved("LIN009", 2_000)]);
        assert!(found.symptoms[0].is_likeness);
    }

    #[test]
    fn a_counter_counts_where_it_is_too_high() {
        let low = proved("LIN019", 2_000);
        assert!(find_of(find, vec![low.clone()]).symptoms.is_empty());
        let found = find_of(find, vec![Proved { is_surplus: true, ..low }]);
        assert!(!found.symptoms[0].is_likeness);
    }

    #[test]
    fn other_wrong_answers_are_not() {
        let found =
            find_of(find, vec![proved("LIN001", 1_000), proved("LIN013", 2_000), proved("LIN017", 2_000)]);
        assert!(found.symptoms.is_empty());
    }
}
