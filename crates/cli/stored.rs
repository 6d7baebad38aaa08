//! Texts that are too large to be held: where their lines begin is known roughly, and lines are read again when asked for.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

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
    /// Found when the first place is asked for; most reports name none.
    marks: OnceLock<Vec<Mark>>,
}

/// The beginning of a line.
#[derive(Clone, Copy, Debug)]
struct Mark {
    offset: u64,
    /// How many lines are before it.
    lines: usize,
}

impl Stored {
    /// The text of `file`, which is at `path`, after `skipped` bytes.
    pub(crate) fn new(file: File, path: PathBuf, skipped: u64) -> Self {
        Self { path, file, skipped, marks: OnceLock::new() }
    }

    /// The place of a span; of a file that cannot be read any more, the path alone is right.
    pub(crate) fn place(&self, path: &str, span: Span) -> Place {
        let marks = self.marks.get_or_init(|| self.find_marks());
        let after = marks.partition_point(|mark| mark.offset <= span.start);
        let mark = marks[after.saturating_sub(1)];
        let within = Span { start: span.start - mark.offset, ..span };
        let text = self.line(mark.offset, within.start).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let mut place = Place::new(path, &text, &LineIndex::new(text.as_bytes()), within);
        place.line += mark.lines;
        place
    }

    /// Goes over the text, and marks some of its lines.
    fn find_marks(&self) -> Vec<Mark> {
        /// How many bytes lie between two marks, at least.
        const APART: u64 = 1 << 14;
        const STEP: u64 = 1 << 18;
        let mut marks = vec![Mark { offset: 0, lines: 0 }];
        let (mut lines, mut latest, mut at) = (0, 0, 0);
        let length = self.file.metadata().map_or(0, |metadata| metadata.len()).saturating_sub(self.skipped);
        let mut step = vec![0; usize::try_from(STEP.min(length)).unwrap_or_default()];
        while at < length {
            let step = &mut step[..usize::try_from(STEP.min(length - at)).unwrap_or_default()];
            if read_at(&self.file, &self.path, step, self.skipped + at).is_err() {
                break;
            }
            for newline in memchr_iter(b'\n', step) {
                lines += 1;
                let offset = at + newline as u64 + 1;
                if offset >= latest + APART {
                    marks.push(Mark { offset, lines });
                    latest = offset;
                }
            }
            at += step.len() as u64;
        }
        marks
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

/// A copy of a text that cannot be read twice, written while it is read. Its file has no name.
#[derive(Debug)]
pub(crate) struct Copy {
    file: File,
    is_over: Arc<AtomicBool>,
}

impl Copy {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self { file: tempfile::tempfile()?, is_over: Arc::default() })
    }

    /// The text, once it was read.
    pub(crate) fn stored(&self) -> io::Result<Stored> {
        Ok(Stored::new(self.file.try_clone()?, PathBuf::new(), 0))
    }

    /// What `input` gives, which is also copied.
    pub(crate) fn of<R: Read>(&self, input: R) -> io::Result<Copying<R>> {
        Ok(Copying { input, file: self.file.try_clone()?, is_over: Arc::clone(&self.is_over) })
    }

    /// All that was copied, from its beginning; what is read from now on is not.
    pub(crate) fn end(mut self) -> io::Result<File> {
        self.is_over.store(true, Ordering::Relaxed);
        self.file.rewind()?;
        Ok(self.file)
    }
}

/// A text that is copied.
pub(crate) struct Copying<R> {
    input: R,
    file: File,
    is_over: Arc<AtomicBool>,
}

impl<R: Read> Read for Copying<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        if !self.is_over.load(Ordering::Relaxed) {
            self.file.write_all(&buffer[..count])?;
        }
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
            let mut file = tempfile::NamedTempFile::new().expect("a file");
            file.write_all(mark.as_bytes()).and_then(|()| file.write_all(text.as_bytes())).expect("written");
            let open = File::open(file.path()).expect("it is there");
            let stored = Stored::new(open, file.path().to_owned(), mark.len() as u64);
            for start in (0..text.len()).step_by(9_973).chain([text.len() - 1, text.len()]) {
                if text.is_char_boundary(start) {
                    let span = Span::new(SourceId(0), start, (start + 5).min(text.len()));
                    assert_eq!(stored.place("p", span), Place::new("p", &text, &lines, span), "{start}");
                }
            }
            assert!(stored.marks.get().expect("they were asked for").len() > 10);
        }
    }

    #[test]
    fn what_was_copied_can_be_read_again() {
        let copy = Copy::new().expect("a file");
        let mut copying = copy.of(&b"some text"[..]).expect("it is there");
        let mut read = [0; 5];
        copying.read_exact(&mut read).expect("it is copied");
        let mut again = String::new();
        let mut whole = copy.end().expect("it is there").chain(copying);
        whole.read_to_string(&mut again).expect("it is a text");
        assert_eq!((&read[..], again.as_str()), (&b"some "[..], "some text"));
    }
}
