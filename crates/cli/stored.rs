//! Texts that are too large to be held: where their lines begin is known roughly, and lines are read again when asked for.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use seriatim_history::Span;
use seriatim_report::Place;

use crate::marks::Marks;
use crate::source::read_at;

/// A text in a file.
#[derive(Debug)]
pub(crate) struct Stored {
    path: PathBuf,
    file: File,
    /// How many bytes of the file are no part of the text: a byte order mark.
    skipped: u64,
    /// Found when the first place is asked for; most reports name none.
    marks: OnceLock<Marks>,
}

impl Stored {
    /// The text of `file`, which is at `path`, after `skipped` bytes.
    pub(crate) fn new(file: File, path: PathBuf, skipped: u64) -> Self {
        Self { path, file, skipped, marks: OnceLock::new() }
    }

    /// The place of a span; of a file that cannot be read any more, the path alone is right.
    pub(crate) fn place(&self, path: &str, span: Span) -> Place {
        let marks = self.marks.get_or_init(|| self.marks());
        marks.place(path, span, |offset, length| self.window(offset, length).unwrap_or_default())
    }

    /// How many bytes the text has.
    fn length(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len().saturating_sub(self.skipped))
    }

    /// So many bytes of the text from an offset on, or fewer at its end.
    pub(crate) fn window(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let left = usize::try_from(self.length()?.saturating_sub(offset)).unwrap_or(usize::MAX);
        let mut bytes = vec![0; length.min(left)];
        read_at(&self.file, &self.path, &mut bytes, self.skipped + offset)?;
        Ok(bytes)
    }

    /// Goes over the text once.
    fn marks(&self) -> Marks {
        const STEP: usize = 1 << 18;
        let (mut marks, mut at) = (Marks::new(), 0);
        while let Ok(bytes) = self.window(at, STEP)
            && !bytes.is_empty()
        {
            marks.take(&bytes);
            at += bytes.len() as u64;
        }
        marks
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
    use seriatim_history::{LineIndex, SourceId};

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
