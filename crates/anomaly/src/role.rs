//! The parts that operations play in evidence.

use seriatim_model::Access;

use crate::words;

/// The part that an operation plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It put something in.
    Put,
    /// It put something in after another one had.
    LaterPut,
    /// It took something out.
    Took,
    /// It took out, later, what would have had to come out first.
    TookLater,
    /// It removed something.
    Removed,
    /// It saw something.
    Saw,
    /// It did not see something.
    Missed,
    /// It read a whole log.
    Read,
    /// It read a whole log, of which it saw less.
    ReadLess,
    /// It read a whole log, and lacks something in front of what it saw.
    ReadTorn,
    /// It saw an element twice in one read of a whole set.
    SawTwice,
    /// It put something into a register that the one which saw something else cannot have overlooked.
    Overwrote,
    /// It saw a value of a register.
    SawNewer,
    /// It saw a value of a register that had been replaced.
    SawOlder,
    /// It got hold of a lock.
    Granted,
    /// It got hold of a lock, the first of several.
    FirstGrant,
    /// It got hold of a lock, the last of several.
    LastGrant,
    /// It saw a sum.
    Counted,
    /// It saw a lesser sum.
    CountedLess,
    /// It was given an identifier.
    Given,
    /// Any.
    Any,
}

impl Role {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Put => "put",
            Self::LaterPut => "later put",
            Self::Took => "take",
            Self::TookLater => "later take",
            Self::Removed => "remove",
            Self::Saw => "saw",
            Self::Missed => "missed",
            Self::Read => "log read",
            Self::ReadLess => "shorter read",
            Self::ReadTorn => "torn read",
            Self::SawTwice => "saw twice",
            Self::Overwrote => "overwrite",
            Self::SawNewer => "newer read",
            Self::SawOlder => "read",
            Self::Granted => "grant",
            Self::FirstGrant => "first grant",
            Self::LastGrant => "last grant",
            Self::Counted => "sum",
            Self::CountedLess => "lesser sum",
            Self::Given => "given",
            Self::Any => "operation",
        }
    }

    /// Whether it was answered what cannot be, beside what the others were.
    pub(crate) fn is_answered(self) -> bool {
        match self {
            Self::Took
            | Self::Saw
            | Self::Missed
            | Self::Read
            | Self::ReadLess
            | Self::ReadTorn
            | Self::SawTwice
            | Self::SawOlder
            | Self::Granted
            | Self::LastGrant
            | Self::Counted
            | Self::CountedLess
            | Self::Given
            | Self::Any => true,
            Self::Put
            | Self::LaterPut
            | Self::TookLater
            | Self::Removed
            | Self::Overwrote
            | Self::SawNewer
            | Self::FirstGrant => false,
        }
    }

    /// Whether what an operation does fits the part.
    pub(crate) fn fits(self, access: Option<&Access>) -> bool {
        let Some(access) = access else { return self == Self::Any };
        match self {
            Self::Put | Self::LaterPut => words::put(access).is_some(),
            Self::Took | Self::TookLater => matches!(access, Access::Take(_)),
            Self::Removed => matches!(access, Access::Remove(_) | Access::Removed(_)),
            Self::Saw => !words::seen(access).is_empty(),
            Self::Missed => matches!(
                access,
                Access::Empty
                    | Access::Absent(_)
                    | Access::Added(_)
                    | Access::ReadAll(_)
                    | Access::ReadLog(_)
            ),
            Self::Read | Self::ReadLess | Self::ReadTorn => matches!(access, Access::ReadLog(_)),
            Self::SawTwice => matches!(access, Access::Never),
            Self::Overwrote => matches!(access, Access::Write(_) | Access::Swap(..)),
            Self::SawNewer | Self::SawOlder => matches!(access, Access::Read(_) | Access::Swap(..)),
            Self::Granted | Self::FirstGrant | Self::LastGrant => matches!(access, Access::Acquire(..)),
            Self::Counted | Self::CountedLess => {
                matches!(access, Access::Sum(_) | Access::ChangeFrom(..))
            }
            Self::Given => matches!(access, Access::Unique(_)),
            Self::Any => true,
        }
    }
}
