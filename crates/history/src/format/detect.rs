//! To be written.

use super::Format;

/// What a text looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detected {
    /// A history in this format.
    Format(Format),
    /// A file that is recognised but not read; the second says what to pass instead.
    Unsupported(&'static str, &'static str),
    /// Nothing that is known.
    Unknown,
}
