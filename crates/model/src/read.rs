//! Reading an operation of a history: what all models share of it.

use seriatim_history::{Answer, Operation, ValueId, Values};

use crate::error::OpError;

/// A function of a model: its name, other names for it, and what it is to the model.
pub(crate) struct Function<F: 'static>(
    pub(crate) &'static str,
    pub(crate) &'static [&'static str],
    pub(crate) F,
);

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

    /// Finds the operation's function in a table, in any case and with `_` for `-`. `known` is what an error lists.
    pub(crate) fn function<F: Copy>(
        &self,
        table: &[Function<F>],
        known: &'static [&'static str],
    ) -> Result<F, OpError> {
        let name = self.name();
        let is = |known: &str| {
            known.len() == name.len()
                && known
                    .bytes()
                    .zip(name.bytes())
                    .all(|(a, b)| a == if b == b'_' { b'-' } else { b.to_ascii_lowercase() })
        };
        let found =
            table.iter().find(|Function(main, aliases, _)| is(main) || aliases.iter().any(|alias| is(alias)));
        found
            .map(|Function(_, _, f)| *f)
            .ok_or_else(|| OpError::UnknownFunction { function: name.to_owned(), known })
    }

    /// The invocation's value, which must be there.
    pub(crate) fn argument(&self, expected: &'static str) -> Result<ValueId, OpError> {
        self.operation.argument.ok_or_else(|| self.bad_argument(expected))
    }

    /// The two members of the invocation's value.
    pub(crate) fn argument_pair(&self, expected: &'static str) -> Result<[ValueId; 2], OpError> {
        let items = self.operation.argument.and_then(|value| self.values.as_list(value));
        items.and_then(|items| items.try_into().ok()).ok_or_else(|| self.bad_argument(expected))
    }

    /// The completion's value, which must be there.
    pub(crate) fn answer(&self, answer: Answer, expected: &'static str) -> Result<ValueId, OpError> {
        answer.value.ok_or_else(|| self.bad_answer(answer, expected))
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

    fn show(&self, value: Option<ValueId>) -> String {
        value.map_or_else(|| "no value".to_owned(), |value| format!("`{}`", self.values.show(value)))
    }

    fn name(&self) -> &'a str {
        self.values.as_text(self.operation.function).expect("functions are texts")
    }
}
