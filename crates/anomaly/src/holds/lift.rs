//! What follows from answers: whoever implies something broken is broken by the same operations, and what something that
//! holds implies holds.

use super::{GUARANTEES, Guarantee, Held, Why};

/// What is known of a guarantee, from what is known of it and of others; the fewest operations where it is broken.
fn known(answers: &[(Guarantee, Held)], guarantee: Guarantee) -> Option<Held> {
    let is_broken = |(other, held): &(Guarantee, Held)| match held {
        Held::Broken(by) if *other == guarantee || guarantee.implies(*other) => Some(by.clone()),
        _ => None,
    };
    if let Some(by) = answers.iter().filter_map(is_broken).min_by_key(Vec::len) {
        return Some(Held::Broken(by));
    }
    let holds = |(other, held): &(Guarantee, Held)| {
        *held == Held::Holds && (*other == guarantee || other.implies(guarantee))
    };
    answers.iter().any(holds).then_some(Held::Holds)
}

/// Whether the answer for a guarantee follows from others.
pub(super) fn is_known(answers: &[(Guarantee, Held)], guarantee: Guarantee) -> bool {
    known(answers, guarantee).is_some()
}

/// An answer for each guarantee; the reason is for those of which nothing is said.
pub(super) fn complete(answers: Vec<(Guarantee, Held)>, why: Why) -> Vec<(Guarantee, Held)> {
    let said =
        |guarantee| answers.iter().find(|&&(other, _)| other == guarantee).map(|(_, held)| held.clone());
    let answer = |guarantee| {
        known(&answers, guarantee).or_else(|| said(guarantee)).unwrap_or(Held::NotDetermined(why))
    };
    GUARANTEES.iter().map(|row| (row.guarantee, answer(row.guarantee))).collect()
}

#[cfg(test)]
mod tests {
    use seriatim_history::OpId;

    use super::*;

    #[test]
    fn what_holds_above_holds_below_and_what_is_broken_below_is_broken_above() {
        let broken = |ids: &[u32]| Held::Broken(ids.iter().map(|&id| OpId(id)).collect());
        let answers = vec![
            (Guarantee::WritesFollowReads, broken(&[1, 2, 3])),
            (Guarantee::Pram, Held::Holds),
            (Guarantee::Causal, broken(&[1, 2])),
            (Guarantee::Regular, Held::NotDetermined(Why::Overlaps)),
        ];
        assert!(is_known(&answers, Guarantee::MonotonicReads) && !is_known(&answers, Guarantee::Regular));
        let complete = complete(answers, Why::TimeUp);
        let expected = [
            (Guarantee::Sequential, broken(&[1, 2])),
            (Guarantee::Regular, Held::NotDetermined(Why::Overlaps)),
            (Guarantee::Causal, broken(&[1, 2])),
            (Guarantee::Pram, Held::Holds),
            (Guarantee::ReadYourWrites, Held::Holds),
            (Guarantee::MonotonicReads, Held::Holds),
            (Guarantee::MonotonicWrites, Held::Holds),
            (Guarantee::WritesFollowReads, broken(&[1, 2, 3])),
        ];
        assert_eq!(complete, expected);
    }
}
