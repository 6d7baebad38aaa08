//! What ends a run.

use std::fmt;
use std::path::Path;

/// A sentence for whoever called.
#[derive(Debug)]
pub(crate) struct Error(String);

impl Error {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }

    pub(crate) fn file(path: &Path, error: &dyn fmt::Display) -> Self {
        Self(format!("`{}`: {error}", path.display()))
    }

    pub(crate) fn output(error: &dyn fmt::Display) -> Self {
        Self(format!("the output cannot be written: {error}"))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
