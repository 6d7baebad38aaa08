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
    /// A set that is read whole; accessed by [`Access::Add`] and [`Access::ReadAll`]. It starts empty.
    GrowOnlySet,
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
    /// Added an element.
    Add(ValueId),
    /// Saw the whole set: its elements, sorted by number, without repetition.
    ReadAll(Arc<[ValueId]>),
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

/// What an operation saw and did; empty where [`Access`] has no words for it.
pub type Accesses = SmallVec<[Access; 1]>;
