//! Why an operation of a history is none of a model.

use seriatim_history::{Diagnostic, Operation, Span};
use thiserror::Error;

/// Why an operation of a history is none of a model.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OpError {
    /// The model has no such function.
    #[error("this model has no function `{function}`")]
    UnknownFunction {
        /// The name in the history.
        function: String,
        /// The names that the model has.
        known: Vec<&'static str>,
    },
    /// The model knows what the function means, and that it cannot say it.
    #[error("`{function}` {reason}")]
    Unsupported {
        /// The name in the history.
        function: String,
        /// Why not, after the name.
        reason: &'static str,
        /// What to do about it.
        help: &'static str,
    },
    /// The invocation's value is not what the function takes.
    #[error("`{function}` takes {expected}, found {found}")]
    Argument {
        /// The function.
        function: String,
        /// What it takes, with an article.
        expected: &'static str,
        /// What the history has.
        found: String,
    },
    /// The completion's value is not what the function answers.
    #[error("`{function}` answers with {expected}, found {found}")]
    Answer {
        /// The function.
        function: String,
        /// What it answers, with an article.
        expected: &'static str,
        /// What the history has.
        found: String,
    },
}

impl OpError {
    /// The event of `operation` that the error is about.
    pub fn span(&self, operation: &Operation) -> Span {
        match self {
            Self::UnknownFunction { .. } | Self::Unsupported { .. } | Self::Argument { .. } => {
                operation.call.span
            }
            Self::Answer { .. } => operation.end.unwrap_or(operation.call).span,
        }
    }

    /// The error as a diagnostic at its place in the input.
    pub fn diagnostic(&self, operation: &Operation) -> Diagnostic {
        let error = Diagnostic::error(self.span(operation), self.to_string());
        match self {
            Self::UnknownFunction { known, .. } => {
                error.help(format!("it has {}; choose another model with --model", list(known)))
            }
            Self::Unsupported { help, .. } => error.help(*help),
            Self::Answer { found, .. } if found == "no value" => error
                .help("an `ok` without a value says nothing about what was seen; record the value (null is a value), or `info` where it is not known"),
            Self::Argument { .. } | Self::Answer { .. } => error,
        }
    }
}

/// "`a`, `b` and `c`".
fn list(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => "none".to_owned(),
    }
}
