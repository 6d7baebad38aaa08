//! Every model by its name: what it has, and how it is made.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use seriatim_history::{FailedCas, NilRead, Value, ValueId, Values};
use thiserror::Error;

use crate::any::AnyModel;
use crate::bag::{self, Bag};
use crate::counter::{self, Counter};
use crate::deque::{self, Deque, Shape};
use crate::kv::{self, Kv};
use crate::log::{self, Log};
use crate::model::Model;
use crate::multi_register::{self, MultiRegister};
use crate::mutex::{self, Discipline, Mutex};
use crate::priority_queue::{self, Element, PriorityQueue};
pub use crate::read::Function;
use crate::read::LARGEST_AMOUNT;
use crate::register::{self, Register};
use crate::semaphore::{self, Semaphore};
use crate::set::{self, Set};
use crate::unique_ids::{self, UniqueIds};

/// The name of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ModelName {
    /// [`Register`] without compare-and-set.
    Register,
    /// [`Register`] with compare-and-set.
    CasRegister,
    /// [`MultiRegister`].
    MultiRegister,
    /// [`Kv`].
    Kv,
    /// [`Mutex`] whose holder nobody knows.
    Mutex,
    /// [`Mutex`] that its holder releases.
    OwnerMutex,
    /// [`Mutex`] that its holder may acquire again.
    ReentrantMutex,
    /// [`Mutex`] with fencing tokens.
    FencedMutex,
    /// [`Deque`] as a fifo queue.
    Queue,
    /// [`Deque`] as a stack.
    Stack,
    /// [`Deque`].
    Deque,
    /// [`PriorityQueue`], least first.
    PriorityQueue,
    /// [`PriorityQueue`], greatest first.
    MaxPriorityQueue,
    /// [`Set`].
    Set,
    /// [`Bag`].
    Bag,
    /// [`Counter`].
    Counter,
    /// [`Log`].
    Log,
    /// [`Semaphore`].
    Semaphore,
    /// [`UniqueIds`].
    UniqueIds,
}

/// What the catalogue knows of a model.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Which model.
    pub name: ModelName,
    /// Its name in files, reports and on the command line.
    pub word: &'static str,
    /// What it is, in a few words.
    pub about: &'static str,
    /// The functions it has.
    pub functions: &'static [Function],
    /// What it may start with, and what it starts with when it is not told; `None` where it always starts the same.
    pub initial: Option<(&'static str, &'static str)>,
    /// Whether it looks at [`ModelOptions::nil_read`].
    pub nil_read: bool,
    /// Whether it looks at [`ModelOptions::failed_cas`].
    pub failed_cas: bool,
}

impl Entry {
    /// Whether `function` is one that takes no argument: what
    /// [`independent::is_certain`](seriatim_history::independent::is_certain) asks for.
    pub fn takes_no_argument(&self, function: &str) -> bool {
        self.functions.iter().any(|known| !known.takes_argument && known.is(function))
    }
}

/// What most rows of [`MODELS`] have in common: no options.
const PLAIN: Entry = Entry {
    name: ModelName::Register,
    word: "",
    about: "",
    functions: &[],
    initial: None,
    nil_read: false,
    failed_cas: false,
};

/// All models, in the order of [`ModelName`].
pub const MODELS: &[Entry] = &[
    Entry {
        name: ModelName::Register,
        word: "register",
        about: "one value, read and written",
        functions: register::FUNCTIONS.split_at(2).0,
        initial: Some(("any value", "nil")),
        nil_read: true,
        ..PLAIN
    },
    Entry {
        name: ModelName::CasRegister,
        word: "cas-register",
        about: "one value, read, written, and compared and set",
        functions: register::FUNCTIONS,
        initial: Some(("any value", "nil")),
        nil_read: true,
        failed_cas: true,
    },
    Entry {
        name: ModelName::MultiRegister,
        word: "multi-register",
        about: "registers that transactions read and write together",
        functions: multi_register::FUNCTIONS,
        initial: Some(("a map from registers to values, or one value for all", "nil")),
        nil_read: true,
        ..PLAIN
    },
    Entry {
        name: ModelName::Kv,
        word: "kv",
        about: "one key: got, put, deleted, appended to, compared and set",
        functions: kv::FUNCTIONS,
        initial: Some(("any value", "nil: absent")),
        nil_read: true,
        failed_cas: true,
    },
    Entry {
        name: ModelName::Mutex,
        word: "mutex",
        about: "a lock that anyone may release",
        functions: mutex::FUNCTIONS,
        initial: Some(("`free` or `held`", "free")),
        ..PLAIN
    },
    Entry {
        name: ModelName::OwnerMutex,
        word: "owner-mutex",
        about: "a lock that only its holder may release",
        functions: mutex::FUNCTIONS,
        ..PLAIN
    },
    Entry {
        name: ModelName::ReentrantMutex,
        word: "reentrant-mutex",
        about: "a lock that its holder may acquire again",
        functions: mutex::FUNCTIONS,
        ..PLAIN
    },
    Entry {
        name: ModelName::FencedMutex,
        word: "fenced-mutex",
        about: "a lock whose grants carry growing tokens",
        functions: mutex::FUNCTIONS,
        ..PLAIN
    },
    Entry {
        name: ModelName::Queue,
        word: "queue",
        about: "a fifo queue",
        functions: deque::QUEUE_FUNCTIONS,
        initial: Some(("a list, front first", "empty")),
        ..PLAIN
    },
    Entry {
        name: ModelName::Stack,
        word: "stack",
        about: "a stack",
        functions: deque::STACK_FUNCTIONS,
        initial: Some(("a list, top last", "empty")),
        ..PLAIN
    },
    Entry {
        name: ModelName::Deque,
        word: "deque",
        about: "a queue with two ends",
        functions: deque::DEQUE_FUNCTIONS,
        initial: Some(("a list, front first", "empty")),
        ..PLAIN
    },
    Entry {
        name: ModelName::PriorityQueue,
        word: "priority-queue",
        about: "a priority queue, least first",
        functions: priority_queue::FUNCTIONS,
        initial: Some(("a list of elements", "empty")),
        ..PLAIN
    },
    Entry {
        name: ModelName::MaxPriorityQueue,
        word: "max-priority-queue",
        about: "a priority queue, greatest first",
        functions: priority_queue::MAX_FUNCTIONS,
        initial: Some(("a list of elements", "empty")),
        ..PLAIN
    },
    Entry {
        name: ModelName::Set,
        word: "set",
        about: "a set: added to, removed from, asked, read whole",
        functions: set::FUNCTIONS,
        initial: Some(("a list or a set of elements", "empty")),
        nil_read: true,
        ..PLAIN
    },
    Entry {
        name: ModelName::Bag,
        word: "bag",
        about: "elements go in, and any of them comes out",
        functions: bag::FUNCTIONS,
        initial: Some(("a list of elements", "empty")),
        ..PLAIN
    },
    Entry {
        name: ModelName::Counter,
        word: "counter",
        about: "a sum that amounts are added to",
        functions: counter::FUNCTIONS,
        initial: Some(("an integer", "0")),
        nil_read: true,
        ..PLAIN
    },
    Entry {
        name: ModelName::Log,
        word: "log",
        about: "an append-only log, read whole",
        functions: log::FUNCTIONS,
        initial: Some(("a list of entries", "empty")),
        nil_read: true,
        ..PLAIN
    },
    Entry {
        name: ModelName::Semaphore,
        word: "semaphore",
        about: "permits, acquired and released",
        functions: semaphore::FUNCTIONS,
        initial: Some(("a number of permits", "1")),
        ..PLAIN
    },
    Entry {
        name: ModelName::UniqueIds,
        word: "unique-ids",
        about: "identifiers, none given twice",
        functions: unique_ids::FUNCTIONS,
        ..PLAIN
    },
];

impl ModelName {
    /// What the catalogue knows of it.
    pub fn entry(self) -> &'static Entry {
        &MODELS[self as usize]
    }

    /// Its name in files, reports and on the command line.
    pub fn name(self) -> &'static str {
        self.entry().word
    }

    /// The model with this name, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        MODELS.iter().find(|entry| entry.word.eq_ignore_ascii_case(name)).map(|entry| entry.name)
    }
}

/// The choices that a model leaves open; see [`Entry`] for who looks at which.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ModelOptions {
    /// The value it starts with; a value of the history's [`Values`].
    pub initial: Option<ValueId>,
    /// What a completed read of nil says.
    pub nil_read: NilRead,
    /// What a failed compare-and-set says.
    pub failed_cas: FailedCas,
}

/// A model cannot start as it was told to.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OptionError {
    /// It starts with something of another shape.
    #[error("the initial value of `{}` is {expected}, found {found}", .model.name())]
    Initial {
        /// The model.
        model: ModelName,
        /// What it may start with, with an article.
        expected: &'static str,
        /// What it was told.
        found: String,
    },
    /// It always starts the same.
    #[error("`{}` takes no initial value, found {found}", .model.name())]
    NoInitial {
        /// The model.
        model: ModelName,
        /// What it was told.
        found: String,
    },
}

/// What to do with a model once its type is known.
pub trait Visitor {
    /// What comes of it.
    type Out;

    /// Does it.
    fn visit<M: Model + Clone + Send + 'static>(self, model: M) -> Self::Out
    where
        M::State: Ord;
}

/// Makes the model of a name and hands it to `visitor` ([`AnyModel::visit`]). `values` are those of the history, complete.
///
/// # Errors
/// [`ModelOptions::initial`] is nothing that the model can start with.
pub fn with_model<V: Visitor>(
    name: ModelName,
    options: &ModelOptions,
    values: &Values,
    visitor: V,
) -> Result<V::Out, OptionError> {
    any(name, options, values).map(|model| model.visit(visitor))
}

/// As [`with_model`], with a model whose type is that of all: what `visitor` does is compiled once.
///
/// # Errors
/// As [`with_model`].
pub fn with_any_model<V: Visitor>(
    name: ModelName,
    options: &ModelOptions,
    values: &Values,
    visitor: V,
) -> Result<V::Out, OptionError> {
    any(name, options, values).map(|model| visitor.visit(model))
}

/// Makes the model of a name. `values` are those of the history, complete.
pub(crate) fn any(name: ModelName, options: &ModelOptions, values: &Values) -> Result<AnyModel, OptionError> {
    let start = Start { name, value: options.initial.filter(|&value| value != ValueId::NIL), values };
    let ModelOptions { nil_read, failed_cas, .. } = *options;
    let initial = start.value.unwrap_or(ValueId::NIL);
    Ok(match name {
        ModelName::Register => AnyModel::from(Register { initial, nil_read, failed_cas, cas: false }),
        ModelName::CasRegister => AnyModel::from(Register { initial, nil_read, failed_cas, cas: true }),
        ModelName::MultiRegister => {
            let (initial, each) = start.registers();
            AnyModel::from(MultiRegister { initial, each, nil_read })
        }
        ModelName::Kv => AnyModel::from(Kv::new(initial, nil_read, failed_cas, values)),
        ModelName::Mutex => AnyModel::from(Mutex { discipline: Discipline::Anonymous, held: start.held()? }),
        ModelName::OwnerMutex => {
            start.nothing()?;
            AnyModel::from(Mutex { discipline: Discipline::Owner, held: false })
        }
        ModelName::ReentrantMutex => {
            start.nothing()?;
            AnyModel::from(Mutex { discipline: Discipline::Reentrant, held: false })
        }
        ModelName::FencedMutex => {
            start.nothing()?;
            AnyModel::from(Mutex { discipline: Discipline::Fenced, held: false })
        }
        ModelName::Queue => {
            AnyModel::from(Deque { shape: Shape::Queue, initial: start.list()?.iter().copied().collect() })
        }
        ModelName::Stack => {
            AnyModel::from(Deque { shape: Shape::Stack, initial: start.list()?.iter().copied().collect() })
        }
        ModelName::Deque => {
            AnyModel::from(Deque { shape: Shape::Deque, initial: start.list()?.iter().copied().collect() })
        }
        ModelName::PriorityQueue => {
            AnyModel::from(PriorityQueue { greatest_first: false, initial: start.elements()? })
        }
        ModelName::MaxPriorityQueue => {
            AnyModel::from(PriorityQueue { greatest_first: true, initial: start.elements()? })
        }
        ModelName::Set => AnyModel::from(Set { initial: start.items()?.iter().copied().collect(), nil_read }),
        ModelName::Bag => {
            let mut initial = start.items()?.to_vec();
            initial.sort_unstable();
            AnyModel::from(Bag { initial: initial.into() })
        }
        ModelName::Counter => AnyModel::from(Counter { initial: start.amount(0)?, nil_read }),
        ModelName::Log => AnyModel::from(Log { initial: start.list()?.iter().copied().collect(), nil_read }),
        ModelName::Semaphore => {
            let initial = start.amount(1)?;
            AnyModel::from(Semaphore { initial: if initial < 0 { Err(start.error())? } else { initial } })
        }
        ModelName::UniqueIds => {
            start.nothing()?;
            AnyModel::from(UniqueIds)
        }
    })
}

/// The value that a model is to start with.
struct Start<'a> {
    name: ModelName,
    value: Option<ValueId>,
    values: &'a Values,
}

impl<'a> Start<'a> {
    fn error(&self) -> OptionError {
        let found = self.value.map_or("nil".to_owned(), |value| format!("`{}`", self.values.show(value)));
        let model = self.name;
        match model.entry().initial {
            Some((expected, _)) => OptionError::Initial { model, expected, found },
            None => OptionError::NoInitial { model, found },
        }
    }

    fn nothing(&self) -> Result<(), OptionError> {
        if self.value.is_none() { Ok(()) } else { Err(self.error()) }
    }

    fn list(&self) -> Result<&'a [ValueId], OptionError> {
        let Some(value) = self.value else { return Ok(&[]) };
        self.values.as_list(value).ok_or_else(|| self.error())
    }

    fn items(&self) -> Result<&'a [ValueId], OptionError> {
        let Some(value) = self.value else { return Ok(&[]) };
        self.values.as_items(value).ok_or_else(|| self.error())
    }

    fn elements(&self) -> Result<Arc<[Element]>, OptionError> {
        let all = self.items()?.iter().map(|&value| Element::of(value, self.values));
        let mut all = all.collect::<Option<Vec<_>>>().ok_or_else(|| self.error())?;
        all.sort_unstable();
        Ok(all.into())
    }

    fn amount(&self, otherwise: i128) -> Result<i128, OptionError> {
        let Some(value) = self.value else { return Ok(otherwise) };
        let int = self.values.as_int(value).filter(|int| int.abs() <= LARGEST_AMOUNT);
        int.ok_or_else(|| self.error())
    }

    fn held(&self) -> Result<bool, OptionError> {
        match self.value.map(|value| self.values.get(value)) {
            None => Ok(false),
            Some(Value::Bool(held)) => Ok(*held),
            Some(Value::Text(text)) => match &**text {
                "free" | "unlocked" => Ok(false),
                "held" | "locked" => Ok(true),
                _ => Err(self.error()),
            },
            Some(_) => Err(self.error()),
        }
    }

    fn registers(&self) -> (ValueId, FxHashMap<ValueId, ValueId>) {
        match self.value.map(|value| (value, self.values.get(value))) {
            Some((_, Value::Map(each))) => (ValueId::NIL, each.iter().copied().collect()),
            Some((value, _)) => (value, FxHashMap::default()),
            None => (ValueId::NIL, FxHashMap::default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Shown<'a>(&'a Values);

    impl Visitor for Shown<'_> {
        type Out = String;

        fn visit<M: Model + Clone + Send + 'static>(self, model: M) -> String
        where
            M::State: Ord,
        {
            model.show_state(&model.init(), self.0)
        }
    }

    #[test]
    fn the_table_stands_in_the_order_of_names() {
        for (at, entry) in MODELS.iter().enumerate() {
            assert_eq!(entry.name as usize, at, "{}", entry.word);
            assert_eq!(ModelName::from_name(&entry.word.to_uppercase()), Some(entry.name));
            for (at, function) in entry.functions.iter().enumerate() {
                let others = entry.functions[..at].iter().chain(&entry.functions[at + 1..]);
                for name in [function.name].iter().chain(function.aliases) {
                    assert!(!others.clone().any(|other| other.is(name)), "{}: {name}", entry.word);
                    assert_eq!(*name, name.to_lowercase().replace('_', "-"), "{}", entry.word);
                }
            }
        }
        assert_eq!(ModelName::from_name("abacus"), None);
        assert!(ModelName::Set.entry().takes_no_argument("READ"));
        assert!(!ModelName::Set.entry().takes_no_argument("contains"));
        assert!(!ModelName::Set.entry().takes_no_argument("pop"));
    }

    #[test]
    fn models_start_as_told() {
        let mut values = Values::new();
        let [zero, one, minus] = [0, 1, -1].map(|int| values.int(int));
        let (x, held) = (values.text("x"), values.text("held"));
        let list = values.list([one, zero]);
        let set = values.set(vec![zero, one]);
        let pairs = values.map(vec![(x, one)]);
        for (name, initial, shown) in [
            (ModelName::Register, None, Some("nil")),
            (ModelName::CasRegister, Some(one), Some("1")),
            (ModelName::MultiRegister, Some(pairs), Some("{\"x\" 1, others nil}")),
            (ModelName::Kv, Some(x), Some("\"x\"")),
            (ModelName::Mutex, None, Some("free")),
            (ModelName::Mutex, Some(held), Some("held")),
            (ModelName::Mutex, Some(one), None),
            (ModelName::OwnerMutex, Some(held), None),
            (ModelName::ReentrantMutex, Some(ValueId::NIL), Some("free")),
            (ModelName::FencedMutex, Some(x), None),
            (ModelName::Queue, Some(list), Some("[1 0]")),
            (ModelName::Queue, Some(set), None),
            (ModelName::Stack, Some(one), None),
            (ModelName::Deque, None, Some("[]")),
            (ModelName::PriorityQueue, Some(list), Some("[0 1]")),
            (ModelName::MaxPriorityQueue, Some(pairs), None),
            (ModelName::Set, Some(list), Some("#{0 1}")),
            (ModelName::Set, Some(set), Some("#{0 1}")),
            (ModelName::Set, Some(x), None),
            (ModelName::Bag, Some(list), Some("[0 1]")),
            (ModelName::Counter, None, Some("0")),
            (ModelName::Counter, Some(minus), Some("-1")),
            (ModelName::Counter, Some(x), None),
            (ModelName::Log, Some(list), Some("[1 0]")),
            (ModelName::Semaphore, None, Some("1 free")),
            (ModelName::Semaphore, Some(zero), Some("0 free")),
            (ModelName::Semaphore, Some(minus), None),
            (ModelName::UniqueIds, Some(set), None),
            (ModelName::UniqueIds, None, Some("0 given")),
        ] {
            let options = ModelOptions { initial, ..ModelOptions::default() };
            let found = with_model(name, &options, &values, Shown(&values));
            assert_eq!(found.as_deref().ok(), shown, "{name:?} from {initial:?}");
        }
    }

    #[test]
    fn a_wrong_start_is_explained() {
        let mut values = Values::new();
        let x = values.text("x");
        let options = ModelOptions { initial: Some(x), ..ModelOptions::default() };
        let error =
            |name| with_model(name, &options, &values, Shown(&values)).expect_err("refused").to_string();
        assert_eq!(error(ModelName::Counter), "the initial value of `counter` is an integer, found `\"x\"`");
        assert_eq!(error(ModelName::UniqueIds), "`unique-ids` takes no initial value, found `\"x\"`");
    }
}
