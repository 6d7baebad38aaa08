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
