//! To be written.

use crate::build::HistoryBuilder;
use crate::span::Source;

/// Which columns of a table mean what: `process=client_id,f=op`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ColumnMap {
    /// Pairs of our name and the table's.
    pub columns: Vec<(String, String)>,
}

/// Reads a text.
pub fn read(source: Source<'_>, map: &ColumnMap, builder: &mut HistoryBuilder) {
    let _ = (source, map, builder);
}
