//! Proof that a part is linearizable, and its verification. Nothing here searches.

use seriatim_history::OpId;
use thiserror::Error;

use crate::model::Model;
use crate::part::{Entry, Part};

/// One operation of a linearization, and which of the states that the model allows follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The operation.
    pub op: OpId,
    /// The place of the following state among the outcomes of [`Model::step`]; 0 for a deterministic model.
    pub outcome: u32,
}

/// An order of the operations of a part that a sequential object allows and that real time allows (Herlihy & Wing
/// 1990, §2.2). Operations of unknown outcome may be missing.
pub type Linearization = Vec<Choice>;

/// Why an order is no linearization.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refused {
    /// It names an operation that is not of the part.
    #[error("operation {} is not of this part", .0.0)]
    Foreign(OpId),
    /// It names an operation twice.
    #[error("operation {} stands there twice", .0.0)]
    Twice(OpId),
    /// It leaves out an operation that happened.
    #[error("operation {} happened and is missing", .0.0)]
    Missing(OpId),
    /// It puts an operation after one that was only called when the first had returned.
    #[error("operation {} had returned before operation {} was called, but stands after it", .late.0, .after.0)]
    TooLate {
        /// The operation that had returned.
        late: OpId,
        /// The one that was called later and stands earlier.
        after: OpId,
    },
    /// The model does not allow a step.
    #[error("operation {} cannot happen there", .0.0)]
    Illegal(OpId),
}

/// Checks in one pass that `proof` is a linearization of `part`: every operation of it at most once and every
/// completed one once, none before another that had returned when it was called, and each step allowed by the model.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn verify<M: Model>(model: &M, part: &Part<M::Op>, proof: &[Choice]) -> Result<(), Refused> {
    verify_while(model, part, proof, || true).map(drop)
}

/// The same, for as long as `goes_on` says so, which is asked now and then: `false` where it was left off.
///
/// # Errors
/// As [`verify`].
pub fn verify_while<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    proof: &[Choice],
    goes_on: impl Fn() -> bool,
) -> Result<bool, Refused> {
    /// How many steps lie between two questions whether to go on: a step may be as long as a state.
    const STEPS: usize = 1 << 8;
    let mut near = 0;
    let mut seen = vec![false; part.entries.len()];
    let mut state = model.init();
    // Of all that stands earlier only the latest call matters: whoever had returned before it stands too late.
    let mut latest = None;
    for (step, choice) in proof.iter().enumerate() {
        if step.is_multiple_of(STEPS) && !goes_on() {
            return Ok(false);
        }
        let at = place(&part.entries, choice.op, near).ok_or(Refused::Foreign(choice.op))?;
        near = at + 1;
        if std::mem::replace(&mut seen[at], true) {
            return Err(Refused::Twice(choice.op));
        }
        let entry = &part.entries[at];
        if let Some((call, after)) = latest
            && entry.ret.is_some_and(|ret| ret < call)
        {
            return Err(Refused::TooLate { late: entry.id, after });
        }
        if latest.is_none_or(|(call, _)| call < entry.call) {
            latest = Some((entry.call, entry.id));
        }
        if !model.advance(&mut state, &entry.op, choice.outcome as usize) {
            return Err(Refused::Illegal(choice.op));
        }
    }
    match part.entries.iter().zip(&seen).find(|(entry, seen)| entry.ret.is_some() && !**seen) {
        Some((entry, _)) => Err(Refused::Missing(entry.id)),
        None => Ok(true),
    }
}

/// Where an operation stands among those of a part, whose numbers ascend: looked for from `near` on, in steps that
/// double, because what stands together in an order was called at about the same time.
fn place<Op>(entries: &[Entry<Op>], id: OpId, near: usize) -> Option<usize> {
    let comes_before = |at: usize| entries.get(at).is_some_and(|entry| entry.id < id);
    let (mut low, mut high, mut step) = (near, near, 1);
    if comes_before(near) {
        while comes_before(high) {
            low = high + 1;
            high += step;
            step *= 2;
        }
    } else {
        while low > 0 && !comes_before(low - 1) {
            high = low - 1;
            low = low.saturating_sub(step);
            step *= 2;
        }
    }
    let (low, high) = (low.min(entries.len()), high.min(entries.len()));
    let at = low + entries[low..high].partition_point(|entry| entry.id < id);
    entries.get(at).filter(|entry| entry.id == id).map(|_| at)
}

#[cfg(test)]
mod tests {
    use seriatim_history::{EventId, FailedCas, NilRead, ValueId, Values};

    use super::*;
    use crate::model::Keys;
    use crate::register::{Op, Register};

    /// What comes of an order of these operations, each with its call and return.
    fn verified(ops: &[(Op, u32, Option<u32>)], order: &[u32]) -> Result<(), Refused> {
        let entry = |(id, &(op, call, ret)): (u32, &(Op, u32, Option<u32>))| Entry {
            id: OpId(2 * id),
            op,
            call: EventId(call),
            ret: ret.map(EventId),
        };
        let part = Part { key: None, touched: Keys::new(), entries: (0..).zip(ops).map(entry).collect() };
        let (nil_read, failed_cas) = (NilRead::Value, FailedCas::Drop);
        let model = Register { initial: ValueId::NIL, nil_read, failed_cas, cas: false };
        let proof: Vec<_> = order.iter().map(|&id| Choice { op: OpId(id), outcome: 0 }).collect();
        verify(&model, &part, &proof)
    }

    #[test]
    fn whatever_is_wrong_with_an_order_is_refused() {
        let mut values = Values::new();
        let (one, two) = (values.int(1), values.int(2));
        // A write, a read of it that overlaps another write, and one that nobody heard of again.
        let ops = [
            (Op::Write(one), 0, Some(1)),
            (Op::Read(one), 2, Some(4)),
            (Op::Write(two), 3, Some(5)),
            (Op::Write(one), 6, None),
        ];
        for (order, expected) in [
            (&[0, 2, 4][..], Ok(())),
            (&[0, 2, 4, 6], Ok(())),
            (&[0, 4, 2], Err(Refused::Illegal(OpId(2)))),
            (&[0, 2], Err(Refused::Missing(OpId(4)))),
            (&[], Err(Refused::Missing(OpId(0)))),
            (&[0, 2, 4, 0], Err(Refused::Twice(OpId(0)))),
            (&[0, 2, 3, 4], Err(Refused::Foreign(OpId(3)))),
            (&[0, 2, 4, 8], Err(Refused::Foreign(OpId(8)))),
            (&[4, 0, 2], Err(Refused::TooLate { late: OpId(0), after: OpId(4) })),
            // Whoever nobody heard of again may come late, but not early.
            (&[0, 2, 6, 4], Err(Refused::TooLate { late: OpId(4), after: OpId(6) })),
        ] {
            assert_eq!(verified(&ops, order), expected, "{order:?}");
        }
    }

    #[test]
    fn a_replay_is_left_off_when_asked_to() {
        let part: Part<Op> = Part { key: None, touched: Keys::new(), entries: Vec::new() };
        let (nil_read, failed_cas) = (NilRead::Value, FailedCas::Drop);
        let model = Register { initial: ValueId::NIL, nil_read, failed_cas, cas: false };
        let proof = [Choice { op: OpId(0), outcome: 0 }];
        assert_eq!(verify_while(&model, &part, &proof, || false), Ok(false));
        assert_eq!(verify_while(&model, &part, &proof, || true), Err(Refused::Foreign(OpId(0))));
    }
}
