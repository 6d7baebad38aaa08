//! What is wrong with an input, as data. Drawing is the business of `seriatim-report`.

use crate::span::Span;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The history cannot be used.
    Error,
    /// The history can be used; something in it is doubtful.
    Warning,
}

/// A further place that matters, with what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is there, a lowercase fragment.
    pub message: String,
}

/// One thing that is wrong with the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong: a lowercase fragment, values in backticks.
    pub message: String,
    /// The offending text; absent where the input as a whole is meant.
    pub span: Option<Span>,
    /// Other places that explain it.
    pub related: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error at `span`.
    pub fn error(span: impl Into<Option<Span>>, message: impl Into<String>) -> Self {
        let (span, message) = (span.into(), message.into());
        Self { severity: Severity::Error, message, span, related: Vec::new(), help: None }
    }

    /// A warning at `span`.
    pub fn warning(span: impl Into<Option<Span>>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(span, message) }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds a further place.
    #[must_use]
    pub fn related(mut self, span: Span, message: impl Into<String>) -> Self {
        self.related.push(Label { span, message: message.into() });
        self
    }
}

/// The errors of one history: the first [`Diagnostics::SHOWN`] in file order, and how many there are in all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics {
    first: Vec<Diagnostic>,
    total: usize,
}

impl Diagnostics {
    /// How many errors are kept; the others are only counted.
    pub const SHOWN: usize = 20;

    /// No errors.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an error, in any order.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.total += 1;
        let key = |d: &Diagnostic| d.span.map_or((0, 0), |s| (s.source.0, s.start));
        let at = self.first.partition_point(|d| key(d) <= key(&diagnostic));
        if at < Self::SHOWN {
            self.first.insert(at, diagnostic);
            self.first.truncate(Self::SHOWN);
        }
    }

    /// The first errors, in file order.
    pub fn first(&self) -> &[Diagnostic] {
        &self.first
    }

    /// How many errors there are, shown or not.
    pub fn total(&self) -> usize {
        self.total
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        let mut all = Self::new();
        all.push(diagnostic);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::SourceId;

    #[test]
    fn keeps_the_first_in_file_order_and_counts_all() {
        let mut all = Diagnostics::new();
        for at in (0..50).rev() {
            all.push(Diagnostic::error(Span::new(SourceId(0), at, at + 1), format!("at {at}")));
        }
        assert_eq!(all.total(), 50);
        assert_eq!(all.first().len(), Diagnostics::SHOWN);
        assert_eq!(all.first()[0].message, "at 0");
        assert_eq!(all.first()[19].message, "at 19");
    }
}
