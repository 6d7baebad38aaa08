//! SYM18: what had been replaced came back (Alquraan et al. 2018, "data reappearance"). Others prove it; here it gets its name.
//! Which of two answers was the later one is known by recorded times: where clocks are apart, nothing is told.

use super::{codes::of_codes, recorder_clock};
use crate::kind::SymptomKind;
use crate::proved::Proved;
use crate::rules::{Asked, Candidates};

/// What came back, for sure: an element that had been taken out; an old value of a node that had told a newer one.
fn is_sure(proved: &Proved) -> bool {
    proved.code == "LIN017" || proved.is_back && proved.node.is_some()
}

/// What only looks so where nobody says which node was asked: a copy that is behind may be asked in turn with one that is not.
fn is_like(proved: &Proved) -> bool {
    proved.node.is_none() && (proved.is_back || proved.code == "LIN023")
}

pub(crate) fn find(of: &Asked<'_>) -> Candidates {
    if recorder_clock::are_apart(of) {
        return Candidates::default();
    }
    let told = |proved: &Proved| is_sure(proved).then_some(true).or_else(|| is_like(proved).then_some(false));
    of_codes(of, SymptomKind::Resurrection, told)
}

#[cfg(test)]
mod tests {
    use seriatim_history::ValueId;

    use super::super::codes::tests::{find_of, proved};
    use super::*;
    use crate::trace::{client, ms};

    #[test]
    fn what_comes_back_is_told() {
        let back = Proved { is_back: true, node: Some(ValueId::at(1)), ..proved("LIN001", 4_000) };
        let found = find_of(find, vec![proved("LIN017", 1_000), back.clone()]);
        let [symptom] = &found.symptoms[..] else { panic!("{found:?}") };
        assert_eq!((symptom.kind, symptom.is_likeness), (SymptomKind::Resurrection, false));
        assert_eq!(symptom.window, (1_000_000_000, 4_000_000_000));
        assert!(!find_of(find, vec![back]).symptoms[0].is_likeness);
    }

    #[test]
    fn where_clocks_are_apart_nobody_knows_what_came_back() {
        let back = Proved { is_back: true, node: Some(ValueId::at(1)), ..proved("LIN001", 4_000) };
        let early = |at: i64| {
            let of = |late: i64, by| (ms(at + late), client(by));
            Proved { inversion: Some([of(0, 0), of(300, 3)]), ..proved("LIN005", at) }
        };
        assert!(find_of(find, vec![back.clone(), early(2_000), early(3_000)]).symptoms.is_empty());
        // What one client saw early of itself is no matter of clocks.
        let own = Proved { inversion: Some([(ms(1), client(0)), (ms(2), client(0))]), ..proved("LIN005", 1) };
        assert_eq!(find_of(find, vec![back, own]).symptoms.len(), 1);
    }

    #[test]
    fn where_no_nodes_are_known_it_only_looks_so() {
        let back = Proved { is_back: true, ..proved("LIN006", 4_000) };
        for one in [back, proved("LIN023", 4_000)] {
            assert!(find_of(find, vec![one]).symptoms[0].is_likeness);
        }
    }

    #[test]
    fn what_is_only_old_is_not() {
        let of_a_node = Proved { node: Some(ValueId::at(1)), ..proved("LIN023", 1_000) };
        let found = find_of(find, vec![proved("LIN001", 1_000), of_a_node, proved("LIN002", 2_000)]);
        assert!(found.symptoms.is_empty());
    }
}
