//! The objects of the academic checkers, and how their methods are called here.

use crate::build::{HistoryBuilder, Interval};
use crate::diagnostic::Diagnostic;
use crate::operation::{Answer, Completion};
use crate::span::Span;
use crate::told::Told;
use crate::value::{ValueId, Values};

/// What the numbers of a row mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// What is put in.
    Insert,
    /// What was found or taken out; `-1` or `empty` where there was nothing.
    Take,
    /// What was asked about, and 1 or 0 for yes or no.
    Member,
    /// What was replaced, and by what.
    Swap,
    /// Always 1.
    Signal,
    /// 1 where it succeeded, 0 where it did not.
    Wait,
}

/// A method of an object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Method {
    /// What files call it, in lower case.
    pub(super) names: &'static [&'static str],
    /// What the model calls it.
    pub(super) function: &'static str,
    /// What its numbers mean.
    pub(super) shape: Shape,
}

/// An object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Object {
    /// What files call it.
    pub(super) names: &'static [&'static str],
    /// The model.
    pub(super) model: &'static str,
    /// What it starts with, where that is not the model's own beginning.
    pub(super) initial: Option<i128>,
    /// Its methods.
    pub(super) methods: &'static [Method],
}

macro_rules! methods {
    ($($names:expr => $function:literal $shape:ident),* $(,)?) => {
        &[$(Method { names: &$names, function: $function, shape: Shape::$shape }),*]
    };
}

/// The objects of fptlin (`focs-lab/fptlin`) and PolyLin (`solarrabbit99/PolyLin`), and of LiMo (`grahnen/LiMo`).
///
/// Their priority queues give the greatest first: in PolyLin's `pqueue_simple.0`, which is not linearizable, 5 is
/// taken while 6 is in. Semaphores and the register of read-modify-write begin at 0.
pub(super) const OBJECTS: &[Object] = &[
    Object {
        names: &["stack", "atomic-stack"],
        model: "stack",
        initial: None,
        // Recordings of LiMo have the words of a pool for stacks and queues alike.
        methods: methods![
            ["push", "add"] => "push" Insert,
            ["pop", "remove"] => "pop" Take,
            ["peek", "top"] => "peek" Take,
        ],
    },
    Object {
        names: &["queue", "atomic-queue"],
        model: "queue",
        initial: None,
        methods: methods![
            ["enq", "enqueue", "add"] => "enqueue" Insert,
            ["deq", "dequeue", "remove"] => "dequeue" Take,
            ["peek"] => "peek" Take,
        ],
    },
    Object {
        names: &["priorityqueue", "pqueue"],
        model: "max-priority-queue",
        initial: None,
        methods: methods![["insert"] => "insert" Insert, ["poll"] => "delete" Take, ["peek"] => "peek" Take],
    },
    Object {
        names: &["deque"],
        model: "deque",
        initial: None,
        methods: methods![
            ["push_front"] => "push-front" Insert,
            ["push_back"] => "push-back" Insert,
            ["pop_front"] => "pop-front" Take,
            ["pop_back"] => "pop-back" Take,
            ["peek_front"] => "peek-front" Take,
            ["peek_back"] => "peek-back" Take,
        ],
    },
    Object {
        names: &["set"],
        model: "set",
        initial: None,
        methods: methods![
            ["insert"] => "add" Member,
            ["remove"] => "remove" Member,
            ["contains"] => "contains" Member,
        ],
    },
    Object {
        names: &["rmw"],
        model: "cas-register",
        initial: Some(0),
        methods: methods![["read_modify_write", "rmw"] => "cas" Swap],
    },
    Object {
        names: &["semaphore"],
        model: "semaphore",
        initial: Some(0),
        methods: methods![["incr"] => "release" Signal, ["decr"] => "acquire" Wait],
    },
    Object {
        names: &["register", "atomic-register"],
        model: "register",
        initial: None,
        methods: methods![["write"] => "write" Insert, ["read"] => "read" Take],
    },
];

impl Object {
    /// The object that files call `name`.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        OBJECTS.iter().find(|object| object.names.contains(&name))
    }

    /// The method that files call `name`, in any case.
    pub(super) fn method(&self, name: &str) -> Option<&'static Method> {
        self.methods.iter().find(|method| method.names.iter().any(|known| known.eq_ignore_ascii_case(name)))
    }

    /// Declares the model and what it starts with.
    pub(super) fn declare(&self, builder: &mut HistoryBuilder) {
        builder.declared.model = Some(self.model.to_owned());
        builder.declared.initial = self.initial.map(|initial| builder.values.int(initial));
    }

    /// An error that names the methods that there are.
    pub(super) fn unknown_method(&self, name: &str, span: Span) -> Diagnostic {
        let known: Vec<String> = self.methods.iter().map(|method| format!("`{}`", method.names[0])).collect();
        Diagnostic::error(span, format!("a {} has no method `{name}`", self.names[0]))
            .help(format!("there are {}", known.join(", ")))
    }
}

/// One line of a file of intervals, taken apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    /// The client.
    pub(super) process: ValueId,
    /// The method.
    pub(super) method: &'static Method,
    /// Its numbers.
    pub(super) numbers: &'a [&'a str],
    /// When it was called.
    pub(super) call: i64,
    /// When it returned.
    pub(super) end: i64,
    /// The line.
    pub(super) span: Span,
}

impl Row<'_> {
    /// The operation that the row tells.
    pub(super) fn interval(&self, values: &mut Values) -> Result<Interval, Diagnostic> {
        let shape = self.method.shape;
        let (argument, answer) = match (shape, self.numbers) {
            (Shape::Insert, &[value]) => (Some(number_or_text(value, values)), Answer::default()),
            (Shape::Take, &[value]) => {
                let value = if value == "-1" { ValueId::NIL } else { number_or_text(value, values) };
                (None, Answer { value: Some(value), result: None })
            }
            (Shape::Member, &[value, answer @ ("0" | "1")]) => {
                let value = Some(number_or_text(value, values));
                (value, Answer { value, result: Some(values.bool(answer == "1")) })
            }
            (Shape::Swap, &[from, to]) => {
                let pair = [number_or_text(from, values), number_or_text(to, values)];
                let pair = Some(values.list(pair));
                (pair, Answer { value: pair, result: None })
            }
            (Shape::Signal, &["1"]) => (None, Answer::default()),
            (Shape::Wait, &[answer @ ("0" | "1")]) => {
                (None, Answer { value: None, result: Some(values.bool(answer == "1")) })
            }
            _ => return Err(self.wrong_numbers()),
        };
        Ok(Interval {
            process: self.process,
            function: values.text(self.method.function),
            key: None,
            argument,
            completion: Completion::Ok(answer),
            error: None,
            node: None,
            told: Told::default(),
            call: self.call,
            end: Some(self.end),
            span: self.span,
        })
    }

    fn wrong_numbers(&self) -> Diagnostic {
        let expected = match self.method.shape {
            Shape::Insert => "one value",
            Shape::Take => "one value, `-1` for nothing",
            Shape::Member => "a value, and 1 or 0 for yes or no",
            Shape::Swap => "the value before and the value after",
            Shape::Signal => "1",
            Shape::Wait => "1 for done or 0 for not done",
        };
        let found = match self.numbers.join(" ") {
            none if none.is_empty() => "nothing".to_owned(),
            numbers => format!("`{numbers}`"),
        };
        let message = format!("`{}` takes {expected}, found {found}", self.method.names[0]);
        Diagnostic::error(self.span, message)
    }
}

/// The integer that a word writes, or the word.
pub(super) fn number_or_text(word: &str, values: &mut Values) -> ValueId {
    // `007` and `+7` are names, not numbers.
    let digits = word.strip_prefix('-').unwrap_or(word);
    let is_canonical = digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.is_empty()
        && (digits == "0" && digits.len() == word.len() || !digits.starts_with('0'));
    match word.parse::<i128>() {
        Ok(number) if is_canonical => values.int(number),
        _ => values.text(word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        for (at, object) in OBJECTS.iter().enumerate() {
            for other in &OBJECTS[at + 1..] {
                assert!(object.names.iter().all(|name| !other.names.contains(name)));
            }
            for (at, method) in object.methods.iter().enumerate() {
                for other in &object.methods[at + 1..] {
                    assert!(method.names.iter().all(|name| !other.names.contains(name)));
                }
            }
        }
    }

    #[test]
    fn only_canonical_integers_are_numbers() {
        let mut values = Values::new();
        for (word, is_number) in [
            ("0", true),
            ("-7", true),
            ("007", false),
            ("+7", false),
            ("-0", false),
            ("-", false),
            ("a", false),
            ("", false),
        ] {
            let id = number_or_text(word, &mut values);
            assert_eq!(values.as_int(id).is_some(), is_number, "{word}");
        }
    }
}
