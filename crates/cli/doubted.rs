//! Functions whose failures are doubted: what their clients recorded as `fail` counts as of unknown outcome, as if a
//! timeout had been recorded for what it is.
//!
//! This is done where operations come in (`load`, `sorted`), before anybody counts them or gives them a meaning: nothing
//! further in knows of it, and what is written from there says `info`. It forbids less, so a violation that remains is
//! one either way. It costs a comparison of names for each operation that failed.

use seriatim_history::{Completion, History, Operation, Values};
use seriatim_report::Problem;

/// The functions, by the names that the history has for them, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Doubted(Vec<String>);

impl Doubted {
    /// Reads what the command line says: `f=write`, or `f=write,cas`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let functions = text.strip_prefix("f=").ok_or("expected `f=FUNCTION`, such as `f=write,cas`")?;
        let functions: Vec<&str> = functions.split(',').collect();
        if functions.contains(&"") {
            return Err("the name of a function is missing; write for example `f=write,cas`".to_owned());
        }
        Ok(functions.into_iter().collect())
    }

    /// The names.
    pub(crate) fn functions(&self) -> &[String] {
        &self.0
    }

    /// The names as the command line takes them, after `f=`.
    pub(crate) fn shown(&self) -> String {
        self.0.join(",")
    }

    /// Takes what is doubted of a history as of unknown outcome.
    pub(crate) fn apply(&self, history: &mut History) {
        if self.0.is_empty() {
            return;
        }
        let History { operations, values, .. } = history;
        for operation in operations.iter_mut().filter(|operation| self.doubts(operation, values)) {
            operation.completion = Completion::Unknown;
        }
    }

    /// An operation as of unknown outcome; `None` where it is as it was recorded.
    pub(crate) fn applied(&self, operation: &Operation, values: &Values) -> Option<Operation> {
        let unknown = || Operation { completion: Completion::Unknown, ..operation.clone() };
        self.doubts(operation, values).then(unknown)
    }

    fn doubts(&self, operation: &Operation, values: &Values) -> bool {
        let is_named = |name: &str| self.0.iter().any(|function| function == name);
        matches!(operation.completion, Completion::Fail(_))
            && values.as_text(operation.function).is_some_and(is_named)
    }

    /// A warning where no operation has one of the functions: it is likely misspelt, and says nothing.
    pub(crate) fn unknown_in(&self, history: &History) -> Option<Problem> {
        let has = |function: &String| {
            history.operations.iter().any(|operation| history.function(operation) == function.as_str())
        };
        let unknown: Vec<String> = self.0.iter().filter(|function| !has(function)).cloned().collect();
        if unknown.is_empty() {
            return None;
        }
        let mut known: Vec<String> = Vec::new();
        for operation in &history.operations {
            let function = history.function(operation);
            if known.iter().all(|known| known != function) {
                known.push(function.to_owned());
            }
        }
        let message = format!(
            "--treat-fail-as-info names {}, which no operation is; it means nothing here",
            quoted(&unknown)
        );
        let warning = Problem::warning(message);
        Some(if known.is_empty() { warning } else { warning.help(format!("there are {}", quoted(&known))) })
    }
}

impl<S: Into<String>> FromIterator<S> for Doubted {
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        let mut functions: Vec<String> = Vec::new();
        for name in names.into_iter().map(Into::into) {
            if !functions.contains(&name) {
                functions.push(name);
            }
        }
        Self(functions)
    }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_once_each_and_none_is_empty() {
        let read = |text: &str| Doubted::parse(text).map(|doubted| doubted.shown());
        assert_eq!(read("f=write"), Ok("write".to_owned()));
        assert_eq!(read("f=write,cas,write"), Ok("write,cas".to_owned()));
        for wrong in ["", "write", "f=", "f=write,", "g=write"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
