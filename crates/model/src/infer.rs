//! Which model a history is of, from the functions that its clients called and the shapes of what they saw.

use rustc_hash::FxHashMap;
use seriatim_history::{Completion, History, Value, ValueId, Values};

use crate::catalog::{MODELS, ModelName};
use crate::multi_register::Written;
use crate::read::same_name;

/// What the functions of a history say of its model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inference {
    /// They fit this one.
    Chosen(ModelName),
    /// They fit several, and what was seen does not tell which.
    Several {
        /// The models that they fit.
        candidates: Vec<ModelName>,
        /// The functions, as the history names them, sorted.
        functions: Vec<String>,
    },
    /// They are of something well known that no model here is.
    Known {
        /// The functions, as the history names them, sorted.
        functions: Vec<String>,
        /// What it is, in the plural.
        what: &'static str,
    },
    /// They fit no model; a history without a client operation has none.
    None {
        /// The functions, as the history names them, sorted.
        functions: Vec<String>,
    },
}

/// Finds the model that a history is of.
pub fn infer(history: &History) -> Inference {
    infer_with(history, false)
}

/// Finds the model that a history is of. With `unwrap`, every value of a client that is a vector of two counts as
/// the tuple `[key value]` of an independent object, and only its second counts.
pub fn infer_with(history: &History, unwrap: bool) -> Inference {
    let seen = Seen::new(history, unwrap);
    if seen.functions.is_empty() {
        return Inference::None { functions: Vec::new() };
    }
    if let Some(what) = seen.known() {
        return Inference::Known { functions: seen.functions, what };
    }
    let mut candidates = seen.candidates();
    match candidates.len() {
        0 => Inference::None { functions: seen.functions },
        1 => Inference::Chosen(candidates.remove(0)),
        _ => Inference::Several { candidates, functions: seen.functions },
    }
}

/// Functions that tell a model from the others that have them all, the most telling first.
const TELLING: &[(ModelName, &[&str])] = &[
    (ModelName::Kv, &["get", "put", "delete", "del", "set"]),
    (ModelName::CasRegister, &["cas", "compare-and-set"]),
    (ModelName::Register, &["read", "r", "write", "w"]),
    (ModelName::PriorityQueue, &["delete-min", "extract-min", "remove-min", "pop-min"]),
    (ModelName::PriorityQueue, &["find-min", "peek-min", "get-min", "min"]),
    (ModelName::MaxPriorityQueue, &["delete-max", "extract-max", "remove-max", "pop-max"]),
    (ModelName::MaxPriorityQueue, &["find-max", "peek-max", "get-max", "max"]),
    (ModelName::Queue, &["enqueue", "enq", "dequeue", "deq"]),
    (ModelName::Stack, &["push", "pop"]),
    (ModelName::Bag, &["take"]),
    (ModelName::Set, &["contains", "contains?", "member", "has", "exists", "lookup"]),
    (ModelName::Set, &["read-all", "get-all", "elements", "members"]),
    (ModelName::Counter, &["increment", "inc", "incr", "decrement", "dec", "decr"]),
];

/// Things that are recorded often and that no model here is: the functions that tell, and what they tell.
const KNOWN: &[(&[&str], &str)] = &[
    (&["transfer", "credit", "debit", "read-balance"], "bank transfers"),
    (&["drain"], "queues that are drained at the end"),
    (&["subscribe", "assign"], "logs with consumers, as Kafka has them"),
];

/// What clients called, and what they saw.
struct Seen {
    /// As the history names them, sorted.
    functions: Vec<String>,
    /// A function that may go without an argument got one, which is not the `[key nil]` of an independent object.
    argued: bool,
    /// What completed operations other than those that change something answered.
    read: Shapes,
    /// What was written.
    wrote: Shapes,
    /// Every value that was asked is a transaction, and there is one.
    transactions: bool,
    /// A transaction appends.
    appends: bool,
}

/// The shapes of some values.
#[derive(Clone, Copy, Default)]
struct Shapes {
    /// A list or a set.
    whole: bool,
    /// An integer.
    int: bool,
    /// A text.
    text: bool,
    /// Something else that is not nil.
    other: bool,
}

impl Shapes {
    fn add(&mut self, value: &Value) {
        match value {
            Value::Nil => {}
            Value::List(_) | Value::Set(_) => self.whole = true,
            Value::Int(_) => self.int = true,
            Value::Text(_) => self.text = true,
            Value::Bool(_) | Value::Decimal(_) | Value::Map(_) => self.other = true,
        }
    }

    fn only_whole(self) -> bool {
        self.whole && !self.int && !self.text && !self.other
    }

    fn only_int(self) -> bool {
        self.int && !self.whole && !self.text && !self.other
    }

    fn only_text(self) -> bool {
        self.text && !self.whole && !self.int && !self.other
    }
}

/// Functions that answer with what they saw.
const READS: &[&str] = &["read", "r", "get", "value", "read-all", "get-all", "elements", "members"];

/// Functions that one model has with an argument, and another without.
const BARE: &[&str] =
    &["acquire", "try-acquire", "lock", "try-lock", "release", "unlock", "remove", "delete", "rem", "del"];

fn one_of(known: &[&str], function: &str) -> bool {
    known.iter().any(|known| same_name(known, function))
}

impl Seen {
    fn new(history: &History, unwrap: bool) -> Self {
        let values = &history.values;
        let inner = |value| if unwrap { second(value, values).unwrap_or(value) } else { value };
        let mut of_function: FxHashMap<ValueId, (bool, bool)> = FxHashMap::default();
        let (mut read, mut wrote) = (Shapes::default(), Shapes::default());
        let (mut argued, mut appends) = (false, false);
        let (mut transactions, mut others) = (0_usize, 0_usize);
        for operation in &history.operations {
            let &mut (reads, is_bare) = of_function.entry(operation.function).or_insert_with(|| {
                let name = history.function(operation);
                (one_of(READS, name), one_of(BARE, name))
            });
            let argument = operation.argument.map(inner).filter(|&value| value != ValueId::NIL);
            if let Some(argument) = argument {
                // Where one record tells an operation whole, its one value may as well be the answer.
                let is_whole = operation.end.is_some_and(|end| end.span == operation.call.span);
                argued |= is_bare && !is_whole && second(argument, values) != Some(ValueId::NIL);
                match Written::all(argument, values).filter(|members| !members.is_empty()) {
                    Some(members) => {
                        transactions += 1;
                        appends |= members.contains(&Written::Append);
                    }
                    None => others += 1,
                }
                if !reads {
                    wrote.add(values.get(argument));
                }
            }
            if let Completion::Ok(answer) = operation.completion
                && let Some(value) = answer.value.filter(|_| reads)
            {
                read.add(values.get(inner(value)));
            }
        }
        let mut functions: Vec<_> =
            of_function.keys().filter_map(|&name| values.as_text(name)).map(str::to_owned).collect();
        functions.sort_unstable();
        let transactions = transactions > 0 && others == 0;
        Self { functions, argued, read, wrote, transactions, appends }
    }

    fn any(&self, known: &[&str]) -> bool {
        self.functions.iter().any(|function| one_of(known, function))
    }

    fn all(&self, known: &[&str]) -> bool {
        self.functions.iter().all(|function| one_of(known, function))
    }

    /// Whether a model has all functions.
    fn within(&self, model: ModelName) -> bool {
        let known = model.entry().functions;
        self.functions.iter().all(|function| known.iter().any(|known| known.is(function)))
    }

    /// Whether the operations are transactions: by their name or, where reads and writes are lists of such, by these.
    fn is_transactional(&self) -> bool {
        self.any(&["txn", "transaction"])
            || self.transactions && self.all(&["read", "r", "write", "w", "append"])
    }

    fn known(&self) -> Option<&'static str> {
        if self.is_transactional() {
            return self.appends.then_some("transactions that append to lists");
        }
        if self.any(&["send"]) && self.any(&["poll"]) {
            return Some("logs with consumers, as Kafka has them");
        }
        if self.all(&["read", "r", "write", "w"])
            && self.any(&["write", "w"])
            && self.read.only_whole()
            && !self.wrote.whole
        {
            return Some("tables that are written by the row and read whole");
        }
        KNOWN.iter().find(|(telling, _)| self.any(telling)).map(|&(_, what)| what)
    }

    /// The models that it can be: one if something tells.
    fn candidates(&self) -> Vec<ModelName> {
        if self.is_transactional() {
            let fits = self.within(ModelName::MultiRegister);
            return Vec::from_iter(fits.then_some(ModelName::MultiRegister));
        }
        let told = TELLING.iter().find(|(model, telling)| self.within(*model) && self.any(telling));
        if let Some(&(model, _)) = told {
            return vec![model];
        }
        if self.any(&["append"]) {
            return self.by_reads(&[
                (ModelName::Log, self.read.only_whole()),
                (ModelName::Kv, self.read.only_text()),
            ]);
        }
        if self.any(&["add"]) && self.any(READS) {
            return self.by_reads(&[
                (ModelName::Set, self.read.only_whole()),
                (ModelName::Counter, self.read.only_int()),
            ]);
        }
        if self.within(ModelName::Mutex) && !self.argued {
            return vec![ModelName::Mutex];
        }
        if self.any(&["add", "insert"]) && self.argued && self.within(ModelName::Set) {
            return vec![ModelName::Set];
        }
        MODELS.iter().map(|entry| entry.name).filter(|&model| self.within(model)).collect()
    }

    /// Of the models that have all functions, those that what was read tells; all of them where it tells none.
    fn by_reads(&self, models: &[(ModelName, bool)]) -> Vec<ModelName> {
        let fitting: Vec<_> = models.iter().filter(|(model, _)| self.within(*model)).collect();
        let told: Vec<_> = fitting.iter().filter(|(_, told)| *told).map(|(model, _)| *model).collect();
        if told.is_empty() { fitting.into_iter().map(|(model, _)| *model).collect() } else { told }
    }
}

/// The second of a vector of two.
fn second(value: ValueId, values: &Values) -> Option<ValueId> {
    let &[_, value] = values.as_list(value)? else { return None };
    Some(value)
}

#[cfg(test)]
mod tests {
    use seriatim_history::build::{HistoryBuilder, Overrides};
    use seriatim_history::format::{self, csv::ColumnMap};
    use seriatim_history::{Format, Source, SourceId};

    use super::*;

    /// A history of completed operations: `f argument answer`, in JSON.
    fn history(operations: &[(&str, &str, &str)]) -> History {
        let mut text = String::new();
        for (at, (function, argument, answer)) in operations.iter().enumerate() {
            for (kind, value) in [("invoke", argument), ("ok", answer)] {
                text += &format!(
                    "{{\"process\":{at},\"type\":\"{kind}\",\"f\":\"{function}\",\"value\":{value}}}\n"
                );
            }
        }
        let mut builder = HistoryBuilder::new(Format::Jsonl);
        let source = Source { id: SourceId(0), text: &text };
        format::read(Format::Jsonl, source, &ColumnMap::default(), &mut builder);
        builder.finish(Overrides::default()).expect("well-formed")
    }

    fn bare(functions: &[&'static str]) -> Vec<(&'static str, &'static str, &'static str)> {
        functions.iter().map(|&function| (function, "null", "null")).collect()
    }

    #[test]
    fn the_functions_of_a_model_tell_it() {
        use ModelName::*;
        for (functions, model) in [
            (&["read", "write"][..], Register),
            (&["R", "W"], Register),
            (&["write"], Register),
            (&["read", "write", "cas"], CasRegister),
            (&["get", "put"], Kv),
            (&["get", "put", "cas"], Kv),
            (&["Read", "Write", "Delete"], Kv),
            (&["get", "append"], Kv),
            (&["enqueue", "dequeue"], Queue),
            (&["ENQ", "DEQ", "PEEK"], Queue),
            (&["push", "pop", "peek"], Stack),
            (&["push_front", "pop_back"], Deque),
            (&["insert", "delete-min"], PriorityQueue),
            (&["insert", "delete-max", "peek"], MaxPriorityQueue),
            (&["add", "remove", "contains"], Set),
            (&["insert", "contains"], Set),
            (&["put", "take"], Bag),
            (&["inc", "read"], Counter),
            (&["add", "decrement"], Counter),
            (&["add-and-get"], Counter),
            (&["acquire", "release"], Mutex),
            (&["lock", "unlock"], Mutex),
            (&["wait", "signal"], Semaphore),
            (&["generate"], UniqueIds),
            (&["txn"], MultiRegister),
        ] {
            assert_eq!(infer(&history(&bare(functions))), Inference::Chosen(model), "{functions:?}");
        }
    }

    #[test]
    fn what_was_seen_tells_where_the_functions_do_not() {
        use ModelName::*;
        let several = |candidates: &[ModelName]| Err(candidates.to_vec());
        for (operations, expected) in [
            (&[("add", "1", "1"), ("read", "null", "[1]")][..], Ok(Set)),
            (&[("add", "1", "1"), ("read", "null", "1")], Ok(Counter)),
            (&[("add", "1", "1"), ("read", "null", "null")], several(&[Set, Counter])),
            (&[("add", "1", "1"), ("read", "null", "1"), ("read", "null", "[1]")], several(&[Set, Counter])),
            (&[("append", "1", "1"), ("read", "null", "[1]")], Ok(Log)),
            (&[("append", "\"a\"", "null"), ("read", "null", "\"a\"")], Ok(Kv)),
            (&[("append", "1", "1")], several(&[Log, Kv])),
            (&[("add", "1", "1"), ("remove", "1", "true")], Ok(Set)),
            (&[("add", "1", "1"), ("remove", "null", "1")], several(&[Queue, Set, Bag])),
            (
                &[("insert", "1", "1"), ("poll", "null", "1")],
                several(&[PriorityQueue, MaxPriorityQueue, Bag]),
            ),
            (
                &[("acquire", "\"a\"", "null")],
                several(&[Mutex, OwnerMutex, ReentrantMutex, FencedMutex, Semaphore]),
            ),
            (&[("acquire", "[\"a\",null]", "null")], Ok(Mutex)),
            (&[("txn", "[[\"r\",1,null],[\"w\",1,2]]", "null")], Ok(MultiRegister)),
            (&[("read", "[[\"r\",1,null]]", "null"), ("write", "[[\"w\",1,2]]", "null")], Ok(MultiRegister)),
            (&[("read", "null", "null"), ("write", "[[\"w\",1,2]]", "null")], Ok(MultiRegister)),
            (&[("write", "1", "1"), ("write", "[[\"w\",1,2]]", "null")], Ok(Register)),
        ] {
            let found = match infer(&history(operations)) {
                Inference::Chosen(model) => Ok(model),
                Inference::Several { candidates, .. } => Err(candidates),
                other => panic!("{other:?}"),
            };
            assert_eq!(found, expected, "{operations:?}");
        }
    }

    #[test]
    fn tuples_are_looked_into_where_asked() {
        let history = history(&[("add", "[7,1]", "[7,1]"), ("read", "[7,null]", "[7,1]")]);
        assert_eq!(infer_with(&history, false), Inference::Chosen(ModelName::Set));
        assert_eq!(infer_with(&history, true), Inference::Chosen(ModelName::Counter));
    }

    #[test]
    fn what_no_model_has_is_named() {
        let of = |operations: &[_]| match infer(&history(operations)) {
            Inference::Known { what, .. } => what.to_owned(),
            Inference::None { functions } => functions.join(" "),
            other => panic!("{other:?}"),
        };
        assert_eq!(of(&[("txn", "[[\"append\",1,2]]", "null")]), "transactions that append to lists");
        assert_eq!(of(&bare(&["transfer", "read"])), "bank transfers");
        assert_eq!(of(&bare(&["enqueue", "dequeue", "drain"])), "queues that are drained at the end");
        assert_eq!(of(&bare(&["send", "poll"])), "logs with consumers, as Kafka has them");
        assert_eq!(
            of(&[("write", "1", "1"), ("read", "null", "[1,2]")]),
            "tables that are written by the row and read whole"
        );
        assert_eq!(of(&bare(&["write-set", "read-set-all"])), "read-set-all write-set");
        assert_eq!(of(&bare(&["read", "frobnicate"])), "frobnicate read");
        assert_eq!(of(&[]), "");
    }

    #[test]
    fn every_model_is_told_by_its_own_functions_or_named_as_a_candidate() {
        for entry in MODELS {
            let functions: Vec<_> = entry.functions.iter().map(|function| function.name).collect();
            let found = match infer(&history(&bare(&functions))) {
                Inference::Chosen(model) => vec![model],
                Inference::Several { candidates, .. } => candidates,
                other => panic!("{}: {other:?}", entry.word),
            };
            let names = |entry: &crate::catalog::Entry| {
                entry.functions.iter().map(|function| function.name).collect::<Vec<_>>()
            };
            // Locks and semaphores have the same functions: a lock is meant.
            assert!(found.iter().any(|model| names(model.entry()) == functions), "{}: {found:?}", entry.word);
        }
    }
}
