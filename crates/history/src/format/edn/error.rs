//! What is said of EDN that cannot be read.

use super::reader::Reader;
use crate::diagnostic::Diagnostic;

/// How deep forms may be nested. Logs have a dozen levels; the reader recurses, and its stack is finite.
pub(crate) const NESTING_LIMIT: usize = 256;

/// Why a form cannot be read.
#[derive(Debug)]
pub(crate) struct SyntaxError {
    /// What to say of it.
    pub(crate) diagnostic: Diagnostic,
    /// Whether the text ended before the form did.
    pub(crate) unfinished: bool,
}

/// What reading gives.
pub(crate) type Syntax<T> = Result<T, Box<SyntaxError>>;

impl Reader<'_> {
    /// An error at `start..end`.
    pub(crate) fn error(&self, start: usize, end: usize, message: impl Into<String>) -> Box<SyntaxError> {
        let diagnostic = Diagnostic::error(self.span(start, end), message);
        Box::new(SyntaxError { diagnostic, unfinished: false })
    }

    /// The error of the token from `start` up to here; one at the very end of the text may go on.
    pub(super) fn bad_token(&self, start: usize, message: impl Into<String>) -> Box<SyntaxError> {
        let unfinished = self.at == self.text.len();
        Box::new(SyntaxError { unfinished, ..*self.error(start, self.at, message) })
    }

    /// The error of a collection that is opened at `open` and not closed.
    pub(crate) fn unclosed(&self, open: usize, what: &str) -> Box<SyntaxError> {
        let diagnostic = Diagnostic::error(self.span(open, open + 1), format!("this {what} is never closed"))
            .help("was the file cut off here, or is a bracket or a quote missing?");
        Box::new(SyntaxError { diagnostic, unfinished: true })
    }

    /// The error of a text that ends before a value does.
    pub(crate) fn missing(&self) -> Box<SyntaxError> {
        let diagnostic =
            Diagnostic::error(self.span(self.at, self.at), "the text ends where a value is expected")
                .help("was the file cut off here?");
        Box::new(SyntaxError { diagnostic, unfinished: true })
    }

    /// The error of the closing bracket that is next, which does not close what is opened at `open`.
    pub(crate) fn mismatched(&self, open: usize, closer: u8) -> Box<SyntaxError> {
        let found = char::from(self.peek().unwrap_or_default());
        let message = format!("`{found}` where `{}` is expected", char::from(closer));
        let diagnostic = Diagnostic::error(self.span(self.at, self.at + 1), message)
            .related(self.span(open, open + 1), "opened here")
            .help("close every bracket with its like");
        Box::new(SyntaxError { diagnostic, unfinished: false })
    }

    /// The error of the map key at `start..end` that nothing follows.
    pub(crate) fn without_value(&self, start: usize, end: usize) -> Box<SyntaxError> {
        let key = shown(&self.text[start..end]);
        let diagnostic = Diagnostic::error(self.span(start, end), format!("the key `{key}` has no value"))
            .help("a map is keys and values by turns: write `nil` where there is no value");
        Box::new(SyntaxError { diagnostic, unfinished: false })
    }

    /// Whether `depth` levels are few enough; `at` is where the last one begins.
    pub(super) fn check_depth(&self, depth: usize, at: usize) -> Syntax<()> {
        if depth <= NESTING_LIMIT {
            return Ok(());
        }
        let message = format!("forms are nested more than {NESTING_LIMIT} levels deep");
        let diagnostic = Diagnostic::error(self.span(at, at + 1), message)
            .help("histories are never nested that deep: is a closing bracket missing further up?");
        Err(Box::new(SyntaxError { diagnostic, unfinished: false }))
    }
}

/// A text as a message shows it: not more of it than fits.
pub(crate) fn shown(text: &str) -> String {
    const LONGEST: usize = 40;
    if text.len() <= LONGEST {
        return text.replace(['\n', '\t', '\r'], " ");
    }
    format!("{}…", text[..text.floor_char_boundary(LONGEST)].replace(['\n', '\t', '\r'], " "))
}
