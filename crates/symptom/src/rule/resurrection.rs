//! SYM18: what had been replaced came back (Alquraan et al. 2018, "data reappearance"). Others prove it; here it gets its name.

use super::codes::of_codes;
use crate::kind::SymptomKind;
use crate::rules::{Asked, Candidates};

/// The codes of what was seen again after what came later, and whether only a return leaves them: an element that had been
/// taken out; of a value of a register, a copy that is behind may be asked in turn with one that is not.
const CODES: &[(&str, bool)] = &[("LIN017", true), ("LIN023", false)];

pub(crate) fn find(of: &Asked<'_>) -> Candidates {
    of_codes(of, SymptomKind::Resurrection, CODES, |_| true)
}

#[cfg(test)]
mod tests {
    use super::super::codes::tests::{find_of, proved};
    use super::*;

    #[test]
    fn what_comes_back_is_told() {
        let found = find_of(find, vec![proved("LIN017", 1_000), proved("LIN023", 4_000)]);
        let [symptom] = &found.symptoms[..] else { panic!("{found:?}") };
        assert_eq!((symptom.kind, symptom.is_likeness), (SymptomKind::Resurrection, false));
        assert_eq!(symptom.window, (1_000_000_000, 4_000_000_000));
        assert!(find_of(find, vec![proved("LIN023", 4_000)]).symptoms[0].is_likeness);
    }

    #[test]
    fn what_is_only_old_is_not() {
        let found =
            find_of(find, vec![proved("LIN001", 1_000), proved("LIN022", 2_000), proved("LIN002", 2_000)]);
        assert!(found.symptoms.is_empty());
    }
}
