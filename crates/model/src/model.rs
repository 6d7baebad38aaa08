//! The contract of a sequential specification.

use std::hash::Hash;

use seriatim_history::{Operation, ValueId, Values};
use smallvec::SmallVec;

use crate::access::{Accesses, Kind, TextAccess, Unit};
use crate::error::OpError;

/// The sequential specification of an object (Herlihy & Wing 1990, §2.3).
///
/// A model answers one question: from this state, may this operation happen, and what state follows? It never sees
/// time, concurrency, other operations, or the search. Operations on different [keys](Operation::key) go to different
/// objects: a model speaks of one of them and never looks at the key.
pub trait Model: Sync {
    /// An operation in this model's own terms: what was asked and, where it is known, what was answered.
    type Op: Clone + Eq + Hash + Send + Sync;
    /// Everything the object remembers between operations.
    type State: Clone + Eq + Hash + Send + Sync;

    /// Reads an operation of a history as one of this model's: the one place where its values get a meaning.
    ///
    /// `None` for an operation that says nothing about the object: one that failed, or that only looked and whose
    /// answer is not known. An operation that failed but is [`Some`] counts as having happened, with "no" for an answer.
    ///
    /// # Errors
    /// The model has no such function, or the values are not of the shape that it takes.
    fn parse(&self, operation: &Operation, values: &Values) -> Result<Option<Self::Op>, OpError>;

    /// The state that the object starts in.
    fn init(&self) -> Self::State;

    /// The same object, started in a state that it comes to, and the value that says so to whoever makes the model by its
    /// name ([`ModelOptions::initial`](crate::catalog::ModelOptions::initial)); `None` where no value says it.
    fn started(&self, state: &Self::State, values: &mut Values) -> Option<(Self, ValueId)>
    where
        Self: Sized,
    {
        let _ = (state, values);
        None
    }

    /// The states that `op` may lead to: none where its answer contradicts `state`, several where the object may
    /// choose, or where the answer is unknown. Total: asked of any state it made and any `op` it parsed. Always the
    /// same states in the same order.
    ///
    /// An operation of unknown outcome need not happen at all, so "it had no effect" is not among its outcomes.
    fn step(&self, state: &Self::State, op: &Self::Op) -> impl IntoIterator<Item = Self::State>;

    /// Goes from `state` to the outcome of `op` that stands at a place among those of [`step`](Model::step); `false` where
    /// there is none, and then what `state` is means nothing. A replay needs no state twice, so a model whose states are
    /// large can do in place what `step` has to copy for.
    fn advance(&self, state: &mut Self::State, op: &Self::Op, outcome: usize) -> bool {
        let next = self.step(state, op).into_iter().nth(outcome);
        let is_allowed = next.is_some();
        next.into_iter().for_each(|next| *state = next);
        is_allowed
    }

    /// Whether `op` is a pure observer: from every state it leads to that very state or to none. What is `true` here
    /// is relied upon; what is `false` only costs time.
    fn observes(&self, op: &Self::Op) -> bool {
        let _ = op;
        false
    }

    /// The independent parts of one object that `op` touches. Operations that share no part, directly or through
    /// others, are checked apart (locality: Herlihy & Wing 1990, Theorem 1). One [`Footprint::Whole`] joins all.
    fn footprint(&self, op: &Self::Op) -> Footprint {
        let _ = op;
        Footprint::Whole
    }

    /// The data type this is, if it is one that has an algorithm of its own.
    fn kind(&self) -> Kind {
        Kind::Other
    }

    /// What `op` observed and changed, in the words that those algorithms and the anomaly finder share. Empty where
    /// these words cannot say it.
    fn accesses(&self, op: &Self::Op) -> Accesses {
        let _ = op;
        Accesses::new()
    }

    /// With what `op` may be left out, for an object that is of no [`kind`](Model::kind): where its accesses say it, these
    /// do.
    fn unit(&self, op: &Self::Op) -> Unit {
        let _ = op;
        Unit::Bars
    }

    /// What `op` saw of or did to a text that others are put behind; `None` where the object is no such text, or these
    /// words cannot say it. Whatever is no text is the empty one.
    fn text_access(&self, op: &Self::Op) -> Option<TextAccess<'_>> {
        let _ = op;
        None
    }

    /// The value that `state` holds, for a model whose [`kind`](Model::kind) is a register: states that hold the same
    /// value are equal.
    fn value_of(&self, state: &Self::State) -> Option<ValueId> {
        let _ = state;
        None
    }

    /// About how many bytes `state` holds on the heap: what a search that keeps states is charged for.
    fn heap(&self, state: &Self::State) -> usize {
        let _ = state;
        0
    }

    /// `op` again with each answer that the object could give in `state`, equal ones once: all that [`step`](Model::step)
    /// allows there, and nothing else. One that the object invents, such as a token or an identifier, stands for all that
    /// nobody else got. `None` where `op` does not tell what was asked, or where no operation tells of what is there.
    fn answers(&self, state: &Self::State, op: &Self::Op) -> Option<Vec<Self::Op>> {
        let _ = (state, op);
        None
    }

    /// What a state must have for `op` to happen, as a person reads it after "needs"; `None` where it needs nothing, or the
    /// model does not say.
    fn needs(&self, op: &Self::Op, values: &Values) -> Option<String> {
        let _ = (op, values);
        None
    }

    /// The operation as a person reads it.
    fn show_op(&self, op: &Self::Op, values: &Values) -> String;

    /// The state as a person reads it.
    fn show_state(&self, state: &Self::State, values: &Values) -> String;
}

/// Independent parts of an object by name, such as keys of a store or elements of a set; more often than not one.
pub type Keys = SmallVec<[ValueId; 2]>;

/// The independent parts of an object that an operation touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Footprint {
    /// All of it.
    Whole,
    /// Only these parts.
    Keys(Keys),
}
