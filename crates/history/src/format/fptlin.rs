//! To be written.

use crate::build::HistoryBuilder;
use crate::span::Source;

/// Reads a text.
pub fn read(source: Source<'_>, builder: &mut HistoryBuilder) {
    let _ = (source, builder);
}
