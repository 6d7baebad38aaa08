//! Any model of the catalogue as one type: [`AnyModel`] is chosen at run time and hands every question on.
//!
//! What is generic over models is compiled once for it, and not once for each model, so that programs and tests which ask
//! much of a checker stay small. A state and an operation take as much room as the largest of any model's.

use seriatim_history::{Operation, ValueId, Values};
use smallvec::SmallVec;

use crate::access::{Accesses, Kind, TextAccess, Unit};
use crate::catalog::Visitor;
use crate::error::OpError;
use crate::model::{Footprint, Model};

/// Of an operation or a state and a model that did not make it.
const FOREIGN: &str = "an operation and a state are of the model that is asked";

/// Declares [`AnyModel`] with its operations and states, a variant each for every type of model.
macro_rules! any_model {
    ($($variant:ident($model:ty)),* $(,)?) => {
        /// A model of the catalogue.
        #[derive(Clone, Debug)]
        pub enum AnyModel {
            $(#[doc = concat!("A [`", stringify!($model), "`].")] $variant($model)),*
        }

        /// An operation of a model of the catalogue.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum AnyOp {
            $(#[doc = concat!("One of a [`", stringify!($model), "`].")] $variant(<$model as Model>::Op)),*
        }

        /// A state of a model of the catalogue.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum AnyState {
            $(#[doc = concat!("One of a [`", stringify!($model), "`].")] $variant(<$model as Model>::State)),*
        }

        $(
            impl From<$model> for AnyModel {
                fn from(model: $model) -> Self {
                    Self::$variant(model)
                }
            }
        )*

        impl AnyModel {
            /// Hands the model to `visitor`, by its own type whichever it is.
            #[cfg(test)]
            pub(crate) fn visit_own<V: Visitor>(self, visitor: V) -> V::Out {
                match self {
                    $(Self::$variant(model) => visitor.visit(model)),*
                }
            }
        }

        impl Model for AnyModel {
            type Op = AnyOp;
            type State = AnyState;

            fn parse(&self, operation: &Operation, values: &Values) -> Result<Option<AnyOp>, OpError> {
                match self {
                    $(Self::$variant(model) => Ok(model.parse(operation, values)?.map(AnyOp::$variant))),*
                }
            }

            fn init(&self) -> AnyState {
                match self {
                    $(Self::$variant(model) => AnyState::$variant(model.init())),*
                }
            }

            fn started(&self, state: &AnyState, values: &mut Values) -> Option<(Self, ValueId)> {
                match (self, state) {
                    $((Self::$variant(model), AnyState::$variant(state)) => {
                        let (model, value) = model.started(state, values)?;
                        Some((Self::$variant(model), value))
                    })*
                    _ => unreachable!("{FOREIGN}"),
                }
            }

            fn step(&self, state: &AnyState, op: &AnyOp) -> impl IntoIterator<Item = AnyState> {
                let next: SmallVec<[AnyState; 1]> = match (self, state, op) {
                    $((Self::$variant(model), AnyState::$variant(state), AnyOp::$variant(op)) => {
                        model.step(state, op).into_iter().map(AnyState::$variant).collect()
                    })*
                    _ => unreachable!("{FOREIGN}"),
                };
                next
            }

            fn advance(&self, state: &mut AnyState, op: &AnyOp, outcome: usize) -> bool {
                match (self, state, op) {
                    $((Self::$variant(model), AnyState::$variant(state), AnyOp::$variant(op)) => {
                        model.advance(state, op, outcome)
                    })*
                    _ => unreachable!("{FOREIGN}"),
                }
            }

            fn observes(&self, op: &AnyOp) -> bool {
                match (self, op) {
                    $((Self::$variant(model), AnyOp::$variant(op)) => model.observes(op),)*
                    _ => unreachable!("{FOREIGN}"),
                }
            }

            fn footprint(&self, op: &AnyOp) -> Footprint {
                match (self, op) {
                    $((Self::$variant(model), AnyOp::$variant(op)) => model.footprint(op),)*
                    _ => unreachable!("{FOREIGN}"),
                }
            }

            fn kind(&self) -> Kind {
                match self {
                    $(Self::$variant(model) => model.kind()),*
                }
            }

            fn accesses(&self, op: &AnyOp) -> Accesses {
                match (self, op) {
                    $((Self::$variant(model), AnyOp::$variant(op)) => model.accesses(op),)*
                    _ => unreachable!("{FOREIGN}"),
                }
            }

            fn unit(&self, op: &AnyOp) -> Unit {
                match (self, op) {
                    $((Self::$variant(model), AnyOp::$variant(op)) => model.unit(op),)*
                    _ => unreachable!("{FOREIGN}"),
                }
            }

            fn text_access(&self, op: &AnyOp) -> Option<TextAccess<'_>> {
                match (self, op) {
                    $((Self::$variant(model), AnyOp::$variant(op)) => model.text_access(op),)*
                    _ => unreachable!("{FOREIGN}"),
                }
            }

            fn value_of(&self, state: &AnyState) -> Option<ValueId> {
                match (self, state) {
                    $((Self::$variant(model), AnyState::$variant(state)) => model.value_of(state),)*
                    _ => unreachable!("{FOREIGN}"),
                }
            }

            fn heap(&self, state: &AnyState) -> usize {
                match (self, state) {
                    $((Self::$variant(model), AnyState::$variant(state)) => model.heap(state),)*
                    _ => unreachable!("{FOREIGN}"),
                }
            }

            fn answers(&self, state: &AnyState, op: &AnyOp) -> Option<Vec<AnyOp>> {
                match (self, state, op) {
                    $((Self::$variant(model), AnyState::$variant(state), AnyOp::$variant(op)) => {
                        Some(model.answers(state, op)?.into_iter().map(AnyOp::$variant).collect())
                    })*
                    _ => unreachable!("{FOREIGN}"),
                }
            }

            fn needs(&self, op: &AnyOp, values: &Values) -> Option<String> {
                match (self, op) {
                    $((Self::$variant(model), AnyOp::$variant(op)) => model.needs(op, values),)*
                    _ => unreachable!("{FOREIGN}"),
                }
            }

            fn show_op(&self, op: &AnyOp, values: &Values) -> String {
                match (self, op) {
                    $((Self::$variant(model), AnyOp::$variant(op)) => model.show_op(op, values),)*
                    _ => unreachable!("{FOREIGN}"),
                }
            }

            fn show_state(&self, state: &AnyState, values: &Values) -> String {
                match (self, state) {
                    $((Self::$variant(model), AnyState::$variant(state)) => model.show_state(state, values),)*
                    _ => unreachable!("{FOREIGN}"),
                }
            }
        }
    };
}

impl AnyModel {
    /// Hands the model to `visitor`: by its own type where operations of that take much less room than those of any, or
    /// where histories of it are the longest, and else as any.
    pub fn visit<V: Visitor>(self, visitor: V) -> V::Out {
        match self {
            Self::Register(model) => visitor.visit(model),
            Self::Kv(model) => visitor.visit(model),
            Self::Deque(model) => visitor.visit(model),
            Self::Set(model) => visitor.visit(model),
            Self::Bag(model) => visitor.visit(model),
            Self::Log(model) => visitor.visit(model),
            other => visitor.visit(other),
        }
    }
}

any_model! {
    Register(crate::register::Register),
    MultiRegister(crate::multi_register::MultiRegister),
    Kv(crate::kv::Kv),
    Mutex(crate::mutex::Mutex),
    Deque(crate::deque::Deque),
    PriorityQueue(crate::priority_queue::PriorityQueue),
    Set(crate::set::Set),
    Bag(crate::bag::Bag),
    Counter(crate::counter::Counter),
    Log(crate::log::Log),
    Semaphore(crate::semaphore::Semaphore),
    UniqueIds(crate::unique_ids::UniqueIds),
}
