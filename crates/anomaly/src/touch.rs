//! What one operation saw in a register and put into it.

use seriatim_history::ValueId;
use seriatim_model::{Access, Model, Part};

/// So many operations are looked at between two questions whether to go on.
pub(crate) const BLOCK: usize = 1 << 14;

/// What one operation saw in a register and put into it, at one instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Touch {
    pub(crate) saw: Option<ValueId>,
    pub(crate) put: Option<ValueId>,
}

impl Touch {
    /// `None` where these words cannot say what an operation does.
    pub(crate) fn of(accesses: &[Access]) -> Option<Self> {
        match *accesses {
            [Access::Read(value)] => Some(Self { saw: Some(value), put: None }),
            [Access::Write(value)] => Some(Self { saw: None, put: Some(value) }),
            // Who puts in what is there changes nothing.
            [Access::Swap(from, to)] if from == to => Some(Self { saw: Some(from), put: None }),
            [Access::Swap(from, to)] => Some(Self { saw: Some(from), put: Some(to) }),
            [Access::Differs(_)] => Some(Self::default()),
            _ => None,
        }
    }

    /// Those of all operations of a part; `None` where some have no words, or it is time to stop.
    pub(crate) fn all<M: Model>(
        model: &M,
        part: &Part<M::Op>,
        goes_on: &dyn Fn() -> bool,
    ) -> Option<Vec<Self>> {
        let mut all = Vec::with_capacity(part.entries.len());
        for block in part.entries.chunks(BLOCK) {
            if !goes_on() {
                return None;
            }
            for entry in block {
                all.push(Self::of(&model.accesses(&entry.op))?);
            }
        }
        Some(all)
    }
}
