//! Texts that are too large to be held: where their lines begin is known roughly, and lines are read again when asked for.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use memchr::{memchr, memchr_iter};
use seriatim_history::{LineIndex, Span};
use seriatim_report::Place;

use crate::source::read_at;

/// A text in a file.
#[derive(Debug)]
pub(crate) struct Stored {
    path: PathBuf,
    file: File,
    /// How many bytes of the file are no part of the text: a byte order mark.
    skipped: u64,
    marks: Vec<Mark>,
}

/// The beginning of a line.
#[derive(Clone, Copy, Debug)]
struct Mark {
    offset: u64,
    /// How many lines are before it.
    lines: usize,
}

impl Stored {
    /// The place of a span; of a file that cannot be read any more, the path alone is right.
    pub(crate) fn place(&self, path: &str, span: Span) -> Place {
        let after = self.marks.partition_point(|mark| mark.offset <= span.start);
        let mark = self.marks[after.saturating_sub(1)];
        let within = Span { start: span.start - mark.offset, ..span };
        let text = self.line(mark.offset, within.start).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let mut place = Place::new(path, &text, &LineIndex::new(text.as_bytes()), within);
        place.line += mark.lines;
        place
    }

    /// What begins at `offset`, up to the end of the line that the byte `at` of it is on.
    fn line(&self, offset: u64, at: u64) -> io::Result<Vec<u8>> {
        const STEP: usize = 1 << 13;
        let length = self.file.metadata()?.len();
        let mut text: Vec<u8> = Vec::new();
        loop {
            let seen = text.len();
            let from = self.skipped + offset + seen as u64;
            let step = usize::try_from(length.saturating_sub(from)).unwrap_or(STEP).min(STEP);
            text.resize(seen + step, 0);
            read_at(&self.file, &self.path, &mut text[seen..], from)?;
            let after = usize::try_from(at).unwrap_or(usize::MAX).max(seen);
            if let Some(rest) = text.get(after..)
                && let Some(end) = memchr(b'\n', rest)
            {
                text.truncate(after + end);
                return Ok(text);
            }
            if step == 0 {
                return Ok(text);
            }
        }
    }
}

/// A text on its way through: lines are counted, and where it cannot be read again it is copied.
pub(crate) struct Passing<R> {
    input: R,
    path: PathBuf,
    /// Where the text can be read again, and whether it must be written there first.
    file: File,
    is_copied: bool,
    skipped: u64,
    offset: u64,
    lines: usize,
    marks: Vec<Mark>,
    /// What was read to see whether there is a byte order mark.
    start: io::Cursor<Vec<u8>>,
}

impl<R: Read> Passing<R> {
    /// The text that `input` gives, which is that of the file at `path`, unless that is packed.
    pub(crate) fn new(mut input: R, path: &Path, is_packed: bool) -> io::Result<Self> {
        let mut start = Vec::new();
        input.by_ref().take(3).read_to_end(&mut start)?;
        let mut skipped = 0;
        if start == "\u{feff}".as_bytes() {
            start.clear();
            skipped = if is_packed { 0 } else { 3 };
        }
        Ok(Self {
            input,
            path: path.to_owned(),
            file: if is_packed { tempfile::tempfile()? } else { File::open(path)? },
            is_copied: is_packed,
            skipped,
            offset: 0,
            lines: 0,
            marks: vec![Mark { offset: 0, lines: 0 }],
            start: io::Cursor::new(start),
        })
    }

    /// The text, once it has passed.
    pub(crate) fn stored(self) -> Stored {
        Stored { path: self.path, file: self.file, skipped: self.skipped, marks: self.marks }
    }
}

impl<R: Read> Read for Passing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        /// How many bytes lie between two marks, at least.
        const APART: u64 = 1 << 14;
        let mut count = self.start.read(buffer)?;
        if count == 0 {
            count = self.input.read(buffer)?;
        }
        let read = &buffer[..count];
        if self.is_copied {
            self.file.write_all(read)?;
        }
        let mut latest = self.marks.last().map_or(0, |mark| mark.offset);
        for newline in memchr_iter(b'\n', read) {
            self.lines += 1;
            let offset = self.offset + newline as u64 + 1;
            if offset >= latest + APART {
                self.marks.push(Mark { offset, lines: self.lines });
                latest = offset;
            }
        }
        self.offset += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seriatim_history::SourceId;

    #[test]
    fn places_are_those_of_the_text_in_memory() {
        let text: String = (0..40_000).map(|at| format!("{}é{at}\r\n", "x".repeat(at % 90))).collect();
        let lines = LineIndex::new(text.as_bytes());
        for mark in ["", "\u{feff}"] {
            for is_packed in [false, true] {
                let mut file = tempfile::NamedTempFile::new().expect("a file");
                file.write_all(mark.as_bytes())
                    .and_then(|()| file.write_all(text.as_bytes()))
                    .expect("written");
                let input = File::open(file.path()).expect("it is there");
                let mut passing = Passing::new(input, file.path(), is_packed).expect("it is read");
                let mut read = String::new();
                passing.read_to_string(&mut read).expect("it is a text");
                assert_eq!(read, text);
                let stored = passing.stored();
                assert!(stored.marks.len() > 10);
                for start in (0..text.len()).step_by(9_973).chain([text.len() - 1, text.len()]) {
                    if text.is_char_boundary(start) {
                        let span = Span::new(SourceId(0), start, (start + 5).min(text.len()));
                        assert_eq!(stored.place("p", span), Place::new("p", &text, &lines, span), "{start}");
                    }
                }
            }
        }
    }
}
