//! What one operation saw in a register and put into it.

use seriatim_history::ValueId;
use seriatim_model::{Access, Model, Part};

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

    /// Those of all operations of a part; `None` where some have no words.
    pub(crate) fn all<M: Model>(model: &M, part: &Part<M::Op>) -> Option<Vec<Self>> {
        part.entries.iter().map(|entry| Self::of(&model.accesses(&entry.op))).collect()
    }
}
