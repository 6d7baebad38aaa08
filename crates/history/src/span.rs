//! Where in the input something stands.

/// One input text of a history. Most histories have one; an etcd report has one for each client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SourceId(pub u32);

/// A text to read, already decompressed and known to be UTF-8.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Which of the history's inputs this is.
    pub id: SourceId,
    /// The whole text.
    pub text: &'a str,
}

/// A range of bytes of one source, after decompression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The source that the bytes are of.
    pub source: SourceId,
    /// Length in bytes, cut at 4 GiB.
    pub len: u32,
    /// Offset of the first byte.
    pub start: u64,
}

impl Span {
    /// The range `start..end` of `source`. Ends before its start count as empty.
    pub fn new(source: SourceId, start: usize, end: usize) -> Self {
        let len = u32::try_from(end.saturating_sub(start)).unwrap_or(u32::MAX);
        Self { source, start: start as u64, len }
    }

    /// Offset of the first byte after the range.
    pub fn end(&self) -> u64 {
        self.start + u64::from(self.len)
    }
}

/// Offsets of the line starts of one text, to turn bytes into lines and columns.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u64>,
}

impl LineIndex {
    /// Finds the lines of `text`.
    pub fn new(text: &[u8]) -> Self {
        let starts =
            std::iter::once(0).chain(memchr::memchr_iter(b'\n', text).map(|at| at as u64 + 1)).collect();
        Self { starts }
    }

    /// The 1-based line that the byte at `offset` is on.
    pub fn line(&self, offset: u64) -> usize {
        self.starts.partition_point(|&start| start <= offset)
    }

    /// The 1-based line, and the 1-based column in characters, of the byte at `offset` of `text`.
    pub fn line_column(&self, text: &str, offset: u64) -> (usize, usize) {
        let line = self.line(offset);
        let start = self.starts[line - 1] as usize;
        let mut end = (offset as usize).min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        (line, text[start..end].chars().count() + 1)
    }

    /// The bytes of a 1-based line without its line break.
    pub fn range(&self, text: &str, line: usize) -> std::ops::Range<usize> {
        let start = self.starts[line - 1] as usize;
        let end = self.starts.get(line).map_or(text.len(), |&next| next as usize - 1);
        let end = if end > start && text.as_bytes()[end - 1] == b'\r' { end - 1 } else { end };
        start..end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns() {
        let text = "ab\r\nçd\n\nx";
        let lines = LineIndex::new(text.as_bytes());
        assert_eq!(lines.line_column(text, 0), (1, 1));
        assert_eq!(lines.line_column(text, 6), (2, 2));
        assert_eq!(lines.line_column(text, 9), (4, 1));
        assert_eq!(&text[lines.range(text, 1)], "ab");
        assert_eq!(&text[lines.range(text, 3)], "");
        assert_eq!(&text[lines.range(text, 4)], "x");
    }
}
