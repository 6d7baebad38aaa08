//! What goes to the terminal. Where nobody reads any more, work goes on: what is under way must be cleaned up.

use std::io::{self, Write};

/// Writes a line, or several, to the standard output.
pub(crate) fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}

/// Writes a line, or several, to the standard error.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
