//! The rows of a table, with the places of their cells.

use csv::{ReaderBuilder, StringRecord};

use crate::diagnostic::Diagnostic;
use crate::span::{Source, Span};

/// A row.
#[derive(Clone, Debug)]
pub(super) struct Row<'a> {
    /// The cells, without their quotes.
    pub(super) cells: StringRecord,
    /// The row without its line break.
    pub(super) span: Span,
    source: Source<'a>,
    separator: u8,
}

/// The rows of `source`, empty lines left out. What separates the cells is what the first row has most of.
pub(super) fn rows<'a>(source: Source<'a>) -> impl Iterator<Item = Row<'a>> {
    let mark = if source.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let separator = separator(&source.text[mark..]);
    let mut builder = ReaderBuilder::new();
    builder.has_headers(false).flexible(true).delimiter(separator);
    let mut reader = builder.from_reader(&source.text.as_bytes()[mark..]);
    std::iter::from_fn(move || {
        let mut cells = StringRecord::new();
        // Reading from memory cannot fail, and the parts of a text are texts.
        if !reader.read_record(&mut cells).unwrap_or(false) {
            return None;
        }
        let offset = |byte: u64| mark + usize::try_from(byte).unwrap_or(usize::MAX - mark);
        let from = offset(cells.position().map_or(0, csv::Position::byte));
        let to = offset(reader.position().byte()).min(source.text.len());
        let text = &source.text[from.min(to)..to];
        let start = to - text.trim_start_matches(['\r', '\n']).len();
        let end = start + source.text[start..to].trim_end_matches(['\r', '\n']).len();
        Some(Row { cells, span: Span::new(source.id, start, end), source, separator })
    })
}

/// What separates the cells of the first line.
pub(super) fn separator(text: &str) -> u8 {
    let first = text.trim_start_matches(['\r', '\n']).lines().next().unwrap_or_default();
    let count = |separator: u8| first.bytes().filter(|&byte| byte == separator).count();
    // Of equals the last is taken, so that the comma is what a single column has.
    [b'\t', b';', b','].into_iter().max_by_key(|&separator| count(separator)).unwrap_or(b',')
}

impl Row<'_> {
    /// A cell that is not empty.
    pub(super) fn cell(&self, at: usize) -> Option<&str> {
        self.cells.get(at).filter(|cell| !cell.trim().is_empty())
    }

    /// The place of a cell, quotes included.
    pub(super) fn span_of(&self, at: usize) -> Span {
        self.walk().get(at).map_or(self.span, |cell| cell.0)
    }

    /// The error that a quote is not closed: such a cell runs to the end of the table.
    pub(super) fn not_closed(&self) -> Option<Box<Diagnostic>> {
        if (self.span.end() as usize) < self.source.text.trim_end_matches(['\r', '\n']).len() {
            return None;
        }
        let cells = self.walk();
        let &(span, false) = cells.last()? else { return None };
        let help = "close it with `\"`; was the end of the file cut off?";
        Some(Box::new(Diagnostic::error(span, "this quote is not closed").help(help)))
    }

    /// The cells' places, and whether their quotes are closed.
    fn walk(&self) -> Vec<(Span, bool)> {
        let (start, end) = (self.span.start as usize, self.span.end() as usize);
        let bytes = &self.source.text.as_bytes()[start..end];
        let mut cells = Vec::new();
        let mut from = 0;
        loop {
            let mut at = from;
            let mut is_closed = true;
            if bytes.get(from) == Some(&b'"') {
                is_closed = false;
                at += 1;
                while at < bytes.len() && !is_closed {
                    match (bytes[at], bytes.get(at + 1)) {
                        (b'"', Some(b'"')) => at += 2,
                        (b'"', _) => (is_closed, at) = (true, at + 1),
                        _ => at += 1,
                    }
                }
            }
            let rest = bytes.get(at..).unwrap_or_default();
            let to = memchr::memchr(self.separator, rest).map_or(bytes.len(), |found| at + found);
            cells.push((Span::new(self.source.id, start + from, start + to), is_closed));
            if to >= bytes.len() {
                return cells;
            }
            from = to + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::SourceId;

    #[test]
    fn rows_and_cells_know_their_places() {
        let text = "\u{feff}a,b,c\r\n\r\n1,\"x\n,\"\"y\"\"\",\n\n,,é";
        let source = Source { id: SourceId(0), text };
        let rows: Vec<Row<'_>> = rows(source).collect();
        let show = |span: Span| &text[span.start as usize..span.end() as usize];
        let shown: Vec<&str> = rows.iter().map(|row| show(row.span)).collect();
        assert_eq!(shown, ["a,b,c", "1,\"x\n,\"\"y\"\"\",", ",,é"]);
        let cells: Vec<&str> = (0..3).map(|at| show(rows[1].span_of(at))).collect();
        assert_eq!(cells, ["1", "\"x\n,\"\"y\"\"\"", ""]);
        assert_eq!(rows[1].cell(1), Some("x\n,\"y\""));
        assert!(rows.iter().all(|row| row.not_closed().is_none()));
    }

    #[test]
    fn the_commonest_separator_of_the_first_row_counts() {
        assert_eq!(separator("a;b;c,d\n1,2,3,4"), b';');
        assert_eq!(separator("a\tb"), b'\t');
        assert_eq!(separator("a"), b',');
    }
}
