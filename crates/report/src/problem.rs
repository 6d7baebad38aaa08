//! What is wrong with an input, or doubtful about it.

use seriatim_history::Severity;

use crate::place::Place;

/// An error or a doubt, with its places found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// The offending text; absent where the input as a whole is meant.
    pub place: Option<Box<Place>>,
    /// Other places that explain it.
    pub related: Vec<Related>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Problem {
    /// Something that is wrong with the input as a whole.
    pub fn error(message: impl Into<String>) -> Self {
        let severity = Severity::Error;
        Self { severity, message: message.into(), place: None, related: Vec::new(), help: None }
    }

    /// A doubt about the input as a whole.
    pub fn warning(message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(message) }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds the place.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(Box::new(place));
        self
    }
}

/// A further place, with what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// The place.
    pub place: Place,
    /// What is there.
    pub message: String,
}
