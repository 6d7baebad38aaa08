//! Reading an operation of a history: what all models share of it.

use seriatim_history::{Answer, Completion, Operation, Value, ValueId, Values};

use crate::error::OpError;

/// A function of a model, as histories name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// Other names for it.
    pub aliases: &'static [&'static str],
    /// Whether its invocation may carry a value.
    pub takes_argument: bool,
}

impl Function {
    /// Whether `name` means this function: in any case, and with `_` for `-`.
    pub fn is(&self, name: &str) -> bool {
        same_name(self.name, name) || self.aliases.iter().any(|alias| same_name(alias, name))
    }
}

/// Whether a history's `name` is `known`: in any case, and with `_` for `-`.
pub(crate) fn same_name(known: &str, name: &str) -> bool {
    let fold = |byte: u8| if byte == b'_' { b'-' } else { byte.to_ascii_lowercase() };
    known.len() == name.len() && known.bytes().zip(name.bytes()).all(|(a, b)| a == fold(b))
}

/// A function, and what it is to its model.
#[derive(Clone, Copy)]
pub(crate) struct Row<F>(pub(crate) Function, pub(crate) F);

/// A row of a function that takes an argument.
pub(crate) const fn with<F: Copy>(
    name: &'static str,
    aliases: &'static [&'static str],
    function: F,
) -> Row<F> {
    Row(Function { name, aliases, takes_argument: true }, function)
}

/// A row of a function that takes none.
pub(crate) const fn without<F: Copy>(
    name: &'static str,
    aliases: &'static [&'static str],
    function: F,
) -> Row<F> {
    Row(Function { name, aliases, takes_argument: false }, function)
}

/// The functions of a table, for the catalogue.
pub(crate) const fn functions<F: Copy, const N: usize>(table: &[Row<F>; N]) -> [Function; N] {
    let mut all = [table[0].0; N];
    let mut at = 1;
    while at < N {
        all[at] = table[at].0;
        at += 1;
    }
    all
}

/// The largest amount that a counter or a semaphore takes at once: sums of them over any history stay in an `i128`.
pub(crate) const LARGEST_AMOUNT: i128 = u64::MAX as i128;

/// What an invocation of a container takes.
pub(crate) const ELEMENT: &str = "an element other than nil, which is the answer of an empty one";

/// What a function that takes out or shows an element answers.
pub(crate) const TAKEN: &str = "the element, or nil where there is none";

/// An operation and the values it speaks of.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    operation: &'a Operation,
    values: &'a Values,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(operation: &'a Operation, values: &'a Values) -> Self {
        Self { operation, values }
    }

    /// Finds the operation's function in a table.
    pub(crate) fn function<F: Copy>(&self, table: &[Row<F>]) -> Result<F, OpError> {
        let found = table.iter().find(|Row(function, _)| function.is(self.name()));
        found.map(|&Row(_, f)| f).ok_or_else(|| OpError::UnknownFunction {
            function: self.name().to_owned(),
            known: table.iter().map(|Row(function, _)| function.name).collect(),
        })
    }

    /// The invocation's value, which must be there.
    pub(crate) fn argument(&self, expected: &'static str) -> Result<ValueId, OpError> {
        self.operation.argument.ok_or_else(|| self.bad_argument(expected))
    }

    /// The invocation's value, which must be there and be something.
    pub(crate) fn element(&self) -> Result<ValueId, OpError> {
        let argument = self.operation.argument.filter(|&value| value != ValueId::NIL);
        argument.ok_or_else(|| self.bad_argument(ELEMENT))
    }

    /// What a compare-and-set expects and puts in: `[from to]` or `{from …, to …}`.
    pub(crate) fn swap(&self) -> Result<[ValueId; 2], OpError> {
        let argument = self.operation.argument;
        let pair = argument.and_then(|value| self.values.as_list(value)?.try_into().ok());
        let pair = pair.or_else(|| {
            let member = |name| self.values.find_text(name).and_then(|key| self.member(argument?, key));
            Some([member("from")?, member("to")?])
        });
        pair.ok_or_else(|| self.bad_argument("a pair `[from to]`"))
    }

    /// An amount: 1 where the invocation carries none.
    pub(crate) fn amount_or_one(&self) -> Result<i128, OpError> {
        match self.operation.argument {
            None | Some(ValueId::NIL) => Ok(1),
            Some(_) => self.amount(),
        }
    }

    /// An amount, which the invocation must carry.
    pub(crate) fn amount(&self) -> Result<i128, OpError> {
        let int = self.operation.argument.and_then(|value| self.values.as_int(value));
        int.filter(|int| int.abs() <= LARGEST_AMOUNT)
            .ok_or_else(|| self.bad_argument("an integer of at most 64 bits"))
    }

    /// The completion's value, which must be there.
    pub(crate) fn answer(&self, answer: Answer, expected: &'static str) -> Result<ValueId, OpError> {
        answer.value.ok_or_else(|| self.bad_answer(answer, expected))
    }

    /// The element that a completion answers with; `None` where it says that there was none.
    pub(crate) fn taken(&self, answer: Answer) -> Result<Option<ValueId>, OpError> {
        match answer {
            Answer { result: Some(ValueId::FALSE), .. } => Ok(None),
            Answer { value: Some(ValueId::NIL), .. } => Ok(None),
            Answer { value: Some(value), .. } => Ok(Some(value)),
            Answer { value: None, .. } => Err(self.bad_answer(answer, TAKEN)),
        }
    }

    /// Yes or no, where the completion of a function with an argument says it: in its result, or in a value that does
    /// not just repeat the argument.
    pub(crate) fn truth(&self, answer: Answer) -> Option<bool> {
        let value = answer.value.filter(|_| answer.value != self.operation.argument);
        self.bare_truth(Answer { value, ..answer })
    }

    /// Yes or no, where the completion of a function without an argument says it. An operation that one record tells
    /// whole has one value, which then is the answer.
    pub(crate) fn bare_truth(&self, answer: Answer) -> Option<bool> {
        [answer.result, answer.value].into_iter().flatten().find_map(|value| match value {
            ValueId::TRUE => Some(true),
            ValueId::FALSE => Some(false),
            _ => None,
        })
    }

    /// Nothing, or an error where a function without an argument got one, which is not its answer either.
    pub(crate) fn no_argument(&self, help: &'static str) -> Result<(), OpError> {
        let answered = match self.operation.completion {
            Completion::Ok(answer) | Completion::Fail(answer) => answer.value,
            Completion::Unknown => None,
        };
        match self.operation.argument {
            None | Some(ValueId::NIL) => Ok(()),
            argument if argument == answered => Ok(()),
            Some(_) => Err(self.unsupported("takes no argument", help)),
        }
    }

    /// Nothing, or an error where the completion says that an object without a bound refused.
    pub(crate) fn not_refused(&self, answer: Answer) -> Result<(), OpError> {
        if self.truth(answer) == Some(false) {
            return Err(self.unsupported(
                "was refused, but this object has room for everything",
                "objects of limited size are not modelled; if nothing happened, record the completion as `fail`",
            ));
        }
        Ok(())
    }

    /// The integer that a completion answers with: its result, or else its value.
    pub(crate) fn integer(&self, answer: Answer, expected: &'static str) -> Result<i128, OpError> {
        let int = |value: Option<ValueId>| value.and_then(|value| self.values.as_int(value));
        int(answer.result).or_else(|| int(answer.value)).ok_or_else(|| self.bad_answer(answer, expected))
    }

    /// The value of a key of a map.
    pub(crate) fn member(&self, map: ValueId, key: ValueId) -> Option<ValueId> {
        let Value::Map(items) = self.values.get(map) else { return None };
        items.iter().find(|&&(known, _)| known == key).map(|&(_, value)| value)
    }

    pub(crate) fn bad_argument(&self, expected: &'static str) -> OpError {
        OpError::Argument {
            function: self.name().to_owned(),
            expected,
            found: self.show(self.operation.argument),
        }
    }

    pub(crate) fn bad_answer(&self, answer: Answer, expected: &'static str) -> OpError {
        OpError::Answer { function: self.name().to_owned(), expected, found: self.show(answer.value) }
    }

    pub(crate) fn bad_result(&self, answer: Answer, expected: &'static str) -> OpError {
        OpError::Answer { function: self.name().to_owned(), expected, found: self.show(answer.result) }
    }

    pub(crate) fn unsupported(&self, reason: &'static str, help: &'static str) -> OpError {
        OpError::Unsupported { function: self.name().to_owned(), reason, help }
    }

    fn show(&self, value: Option<ValueId>) -> String {
        value.map_or_else(|| "no value".to_owned(), |value| format!("`{}`", self.values.show(value)))
    }

    pub(crate) fn name(&self) -> &'a str {
        self.values.as_text(self.operation.function).expect("functions are texts")
    }
}
