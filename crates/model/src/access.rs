//! The words that special algorithms and the anomaly finder share: what an operation saw and did, apart from any model.

use std::sync::Arc;

use seriatim_history::ValueId;
use smallvec::SmallVec;

/// The data type of an object, where it is one that has an algorithm of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Holds one value; accessed by [`Access::Read`], [`Access::Write`], [`Access::Swap`] and [`Access::Differs`].
    Register {
        /// The value it starts with.
        initial: ValueId,
    },
    /// A set that starts empty; accessed by [`Access::Add`], [`Access::Remove`], [`Access::Added`],
    /// [`Access::Removed`], [`Access::Present`], [`Access::Absent`], [`Access::ReadAll`] and [`Access::Never`].
    Set,
    /// A sum; accessed by [`Access::Change`], [`Access::ChangeFrom`], [`Access::Sum`] and [`Access::Never`].
    Counter {
        /// The sum it starts with.
        initial: i128,
    },
    /// Entries in the order in which they came, none at the start; accessed by [`Access::Append`],
    /// [`Access::AppendAt`] and [`Access::ReadLog`].
    Log,
    /// Held or free, and nobody knows by whom; accessed by [`Access::Acquire`], [`Access::AcquireRefused`],
    /// [`Access::Release`] and [`Access::ReleaseRefused`], whose owners mean nothing.
    Mutex {
        /// Whether it is held at the start.
        held: bool,
    },
    /// Free at the start, then held by one owner at a time, who alone can release it; accessed as a [`Kind::Mutex`].
    /// Where acquires tell tokens, each is greater than every one before.
    OwnedMutex {
        /// Whether its owner can acquire it again, and must release it as often.
        reentrant: bool,
    },
    /// Gives out identifiers, each at most once; accessed by [`Access::Unique`].
    UniqueIds,
    /// The first value in is the first out; accessed by [`Access::Put`], [`Access::Take`], [`Access::Peek`],
    /// [`Access::Empty`] and [`Access::TakeAny`]. It starts empty, as do all that follow.
    Queue,
    /// The last value in is the first out; accessed as a [`Kind::Queue`].
    Stack,
    /// Any value comes out; accessed as a [`Kind::Queue`].
    Bag,
    /// A value of the least rank comes out first; accessed as a [`Kind::Queue`], with [`Access::PutRanked`] for
    /// [`Access::Put`].
    PriorityQueue,
    /// Anything else.
    Other,
}

/// With what an operation may be left out of a history, so that a linearization of the whole leaves one of the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// With all operations on this value.
    Value(ValueId),
    /// By itself.
    Alone,
    /// With nothing.
    Stays,
    /// With nothing, and while it is there nothing else may go.
    Bars,
}

/// What an operation saw of a text that others are put behind, or did to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextAccess<'a> {
    /// Saw that it is this one.
    Saw(&'a str),
    /// Put this one in, whatever was there.
    Put(&'a str),
    /// Put this one behind what was there.
    Append(&'a str),
}

/// One thing that an operation saw or did.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Access {
    /// Saw that the register holds this value.
    Read(ValueId),
    /// Put this value in, whatever was there.
    Write(ValueId),
    /// Saw the first value and put in the second, at one instant. An operation of unknown outcome did so or nothing.
    Swap(ValueId, ValueId),
    /// Saw that the register does not hold this value.
    Differs(ValueId),
    /// Added an element, whether or not it was there.
    Add(ValueId),
    /// Removed an element, whether or not it was there.
    Remove(ValueId),
    /// Added an element that was not there. An operation of unknown outcome did so or nothing; so below.
    Added(ValueId),
    /// Removed an element that was there.
    Removed(ValueId),
    /// Saw that an element is there.
    Present(ValueId),
    /// Saw that an element is not there.
    Absent(ValueId),
    /// Saw the whole set: its elements, sorted by number, without repetition.
    ReadAll(Arc<[ValueId]>),
    /// Saw what the object can never show.
    Never,
    /// Added this to the sum.
    Change(i128),
    /// Saw the first as the sum and added the second.
    ChangeFrom(i128, i128),
    /// Saw that this is the sum.
    Sum(i128),
    /// Put an entry behind all others.
    Append(ValueId),
    /// Put an entry behind all others, of which there were so many.
    AppendAt(ValueId, usize),
    /// Saw the whole log: its entries in their order.
    ReadLog(Arc<[ValueId]>),
    /// Got hold of a mutex, for this owner and with this token, where there are any.
    Acquire(ValueId, Option<i128>),
    /// Saw that a mutex is held: where its owner can acquire it again, by somebody else.
    AcquireRefused(ValueId),
    /// Let go of a mutex, as this owner.
    Release(ValueId),
    /// Saw that a mutex is not held, or not by this owner.
    ReleaseRefused(ValueId),
    /// Got an identifier that nobody else may get.
    Unique(ValueId),
    /// Put this value in, beside those that are there.
    Put(ValueId),
    /// Put this value in, which comes out before any that has a greater rank.
    PutRanked(ValueId, i128),
    /// Took this value out.
    Take(ValueId),
    /// Saw that this value is the one to come out next.
    Peek(ValueId),
    /// Found nothing there.
    Empty,
    /// Took a value out: nobody knows which.
    TakeAny,
}

impl Access {
    /// The values of a register, a set or a container that it names one by one.
    pub fn values(&self) -> impl Iterator<Item = ValueId> + use<> {
        let (one, other) = match *self {
            Self::Read(value)
            | Self::Write(value)
            | Self::Differs(value)
            | Self::Add(value)
            | Self::Remove(value)
            | Self::Added(value)
            | Self::Removed(value)
            | Self::Present(value)
            | Self::Absent(value)
            | Self::Put(value)
            | Self::PutRanked(value, _)
            | Self::Take(value)
            | Self::Peek(value) => (Some(value), None),
            Self::Swap(from, to) => (Some(from), Some(to)),
            _ => (None, None),
        };
        one.into_iter().chain(other)
    }

    /// The value that it puts into a register, a set or a container.
    pub fn puts_in(&self) -> Option<ValueId> {
        match *self {
            Self::Write(value)
            | Self::Swap(_, value)
            | Self::Add(value)
            | Self::Added(value)
            | Self::Put(value)
            | Self::PutRanked(value, _) => Some(value),
            _ => None,
        }
    }

    /// Whose doing it is, with a lock.
    pub fn owner(&self) -> Option<ValueId> {
        match *self {
            Self::Acquire(by, _)
            | Self::AcquireRefused(by)
            | Self::Release(by)
            | Self::ReleaseRefused(by) => Some(by),
            _ => None,
        }
    }
}

/// What an operation saw and did; empty where [`Access`] has no words for it.
pub type Accesses = SmallVec<[Access; 1]>;
