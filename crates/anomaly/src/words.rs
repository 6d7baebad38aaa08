//! What the operations of a part did, one after the other, with the instants between which they did it.

use seriatim_history::{OpId, ValueId};
use seriatim_model::{Access, Entry, Model, Part};
use smallvec::SmallVec;

use crate::Anomaly;
use crate::catalog::AnomalyKind;
use crate::evidence::Evidence;
use crate::role::Role;
use crate::touch::BLOCK;

/// Operations of which there is one, as a rule.
pub(crate) type Few = SmallVec<[usize; 2]>;

/// An instant after all events of a history.
pub(crate) const NEVER: u64 = u64::MAX;

/// What one operation did.
#[derive(Clone, Debug)]
pub(crate) struct Word {
    pub(crate) id: OpId,
    pub(crate) access: Access,
    /// The event of its call.
    pub(crate) call: u64,
    /// The event of its return; [`NEVER`] where nobody knows whether it happened.
    pub(crate) ret: u64,
}

impl Word {
    /// Whether it is known to have happened.
    pub(crate) fn has_happened(&self) -> bool {
        self.ret < NEVER
    }

    /// Whether it had returned when the other one was called.
    pub(crate) fn is_before(&self, other: &Self) -> bool {
        self.ret < other.call
    }
}

/// What one operation did; `None` where there are no words for it.
pub(crate) fn word<M: Model>(model: &M, entry: &Entry<M::Op>) -> Option<Word> {
    let mut accesses = model.accesses(&entry.op);
    let access = accesses.pop().filter(|_| accesses.is_empty())?;
    let ret = entry.ret.map_or(NEVER, |ret| u64::from(ret.0));
    Some(Word { id: entry.id, access, call: u64::from(entry.call.0), ret })
}

/// The operations of a part, in the order of their calls; `None` where one has no words, or it is time to stop.
pub(crate) fn of<M: Model>(model: &M, part: &Part<M::Op>, goes_on: &dyn Fn() -> bool) -> Option<Vec<Word>> {
    let mut words = Vec::with_capacity(part.entries.len());
    for block in part.entries.chunks(BLOCK) {
        if !goes_on() {
            return None;
        }
        for entry in block {
            words.push(word(model, entry)?);
        }
    }
    Some(words)
}

/// The value that an operation puts into a register, a set, a container or a log.
pub(crate) fn put(access: &Access) -> Option<ValueId> {
    match *access {
        Access::Append(value) | Access::AppendAt(value, _) => Some(value),
        _ => access.puts_in(),
    }
}

/// The values of a register, a set, a container or a log that an operation saw there.
pub(crate) fn seen(access: &Access) -> &[ValueId] {
    match access {
        Access::Present(value)
        | Access::Removed(value)
        | Access::Take(value)
        | Access::Peek(value)
        | Access::Read(value)
        | Access::Swap(value, _) => std::slice::from_ref(value),
        Access::ReadAll(values) | Access::ReadLog(values) => values,
        _ => &[],
    }
}

/// An anomaly that a few operations show in the parts they play.
pub(crate) fn shown<'a>(kind: AnomalyKind, cast: impl IntoIterator<Item = (Role, &'a Word)>) -> Anomaly {
    let mut cast: Vec<_> = cast.into_iter().map(|(role, word)| (role, word.id)).collect();
    cast.sort_by_key(|&(_, id)| id);
    Anomaly { kind, evidence: Evidence::NoOrder(cast) }
}
