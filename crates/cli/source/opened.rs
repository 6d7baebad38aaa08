//! An input that is read from front to back.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use seriatim_report::Problem;
use xxhash_rust::xxh3::Xxh3;

use super::{Bounded, Content, Hash, Origin, Packing, bare_name, cannot_read, cannot_unpack, unpacked};
use crate::stored::{Copy, Stored};

/// What gives the bytes of a text.
pub(crate) type Reader = Box<dyn Read + Send>;

const MARK: &[u8] = "\u{feff}".as_bytes();

/// The standard input, of which something was read that is to be read again.
static AGAIN: Mutex<Option<Opened>> = Mutex::new(None);

/// An input that was opened. What it gives is unpacked, and without a byte order mark.
pub(crate) struct Opened {
    /// The path as the user named it.
    pub(crate) path: String,
    reader: Reader,
    is_packed: bool,
    /// Whether a byte order mark was left out.
    is_marked: bool,
    /// What was read, as it is stored.
    passed: Arc<Passed>,
    /// Whether it may unpack to any length for now.
    is_free: Arc<AtomicBool>,
    /// The file, if it can be read again, and its path.
    file: Option<(File, PathBuf)>,
}

impl Opened {
    /// Opens an input. `largest` bounds what it may unpack to, in bytes.
    pub(crate) fn new(origin: &Origin, largest: usize) -> Result<Self, Problem> {
        let path = origin.shown();
        if *origin == Origin::Stdin
            && let Some(opened) = AGAIN.lock().unwrap_or_else(PoisonError::into_inner).take()
        {
            return Ok(opened);
        }
        let passed = Arc::<Passed>::default();
        let (mut raw, mut file): (Reader, _) = match origin {
            Origin::Stdin => (Box::new(io::stdin()), None),
            Origin::File(file_path) => {
                let file = File::open(file_path).map_err(|error| cannot_read(&path, &error))?;
                let is_file = file.metadata().is_ok_and(|metadata| metadata.is_file());
                let again = if is_file { file.try_clone().ok() } else { None };
                (Box::new(file), again.map(|file| (file, file_path.clone())))
            }
        };
        raw = Box::new(Counted::new(raw, Arc::clone(&passed)));
        let mut start = Vec::new();
        raw.by_ref().take(4).read_to_end(&mut start).map_err(|error| cannot_read(&path, &error))?;
        let packing = Packing::of(&start);
        let whole = io::Cursor::new(start).chain(raw);
        let mut reader: Reader = unpacked(packing, whole).map_err(|error| cannot_unpack(&path, &error))?;
        let mut is_free = Arc::default();
        if packing.is_some() {
            let bounded = Bounded::new(reader, largest);
            is_free = Arc::clone(&bounded.is_free);
            reader = Box::new(bounded);
            file = None;
        }
        let mut mark = Vec::new();
        let cannot = if packing.is_some() { cannot_unpack } else { cannot_read };
        reader.by_ref().take(3).read_to_end(&mut mark).map_err(|error| cannot(&path, &error))?;
        let is_marked = mark == MARK;
        if !is_marked {
            reader = Box::new(io::Cursor::new(mark).chain(reader));
        }
        Ok(Self { path, reader, is_packed: packing.is_some(), is_marked, passed, is_free, file })
    }

    /// Its name without the ending of a packed file.
    pub(crate) fn name(&self) -> &str {
        bare_name(&self.path)
    }

    /// How many bytes were read so far, as they are stored.
    pub(crate) fn bytes(&self) -> usize {
        self.passed.bytes.load(Ordering::Relaxed)
    }

    /// The hash of all of it, as it is stored; `None` where it was not read to its end.
    pub(crate) fn hash(&self) -> Option<Hash> {
        *self.passed.hash.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its first `most` bytes, or fewer if that is all.
    pub(crate) fn start(&mut self, most: usize) -> io::Result<Vec<u8>> {
        let mut start = Vec::new();
        self.reader.by_ref().take(most as u64).read_to_end(&mut start)?;
        Ok(start)
    }

    /// Its first `most` bytes in parts of `part` bytes, or fewer if that is all.
    pub(crate) fn parts(&mut self, most: usize, part: usize) -> io::Result<Vec<Vec<u8>>> {
        let starts = (0..most).step_by(part);
        let parts = starts.map(|start| self.start(part.min(most - start)));
        parts.take_while(|part| !part.as_ref().is_ok_and(Vec::is_empty)).collect()
    }

    /// What gives the rest of its text.
    pub(crate) fn take_reader(&mut self) -> Reader {
        std::mem::replace(&mut self.reader, Box::new(io::empty()))
    }

    /// Copies what is read of its text from now on.
    pub(crate) fn copy_to(&mut self, copy: &Copy) -> io::Result<()> {
        let reader = self.take_reader();
        self.reader = Box::new(copy.of(reader)?);
        Ok(())
    }

    /// What to say of an input that fails.
    pub(crate) fn failed(&self, error: &io::Error) -> Problem {
        let cannot = if self.is_packed { cannot_unpack } else { cannot_read };
        cannot(&self.path, error)
    }

    /// The text where it stands, if it can be read there again.
    pub(crate) fn stored(&self) -> io::Result<Option<Stored>> {
        let skipped = if self.is_marked { MARK.len() as u64 } else { 0 };
        let stored =
            |(file, path): &(File, PathBuf)| Ok(Stored::new(file.try_clone()?, path.clone(), skipped));
        self.file.as_ref().map(stored).transpose()
    }

    /// The whole content, of which `parts` were read and the rest is in `reader`.
    pub(crate) fn whole(
        self,
        origin: &Origin,
        parts: Vec<Vec<u8>>,
        mut reader: Reader,
        largest: usize,
    ) -> Result<Content, Problem> {
        if self.file.is_some() {
            // All threads read it faster, and not all parts of it were kept.
            return Content::read(origin, largest);
        }
        let mut parts = parts.into_iter();
        let mut text = parts.next().unwrap_or_default();
        for part in parts {
            text.extend(part);
        }
        reader.read_to_end(&mut text).map_err(|error| self.failed(&error))?;
        Ok(self.content(text))
    }

    /// The content, whose text was read.
    pub(crate) fn content(self, text: Vec<u8>) -> Content {
        // Whoever says which byte is wrong counts from the beginning of the file.
        let unpacked = if self.is_marked { [MARK, &text].concat() } else { text };
        Content { packed: self.bytes(), hash: self.hash(), path: self.path, unpacked }
    }

    /// Leaves the standard input to whoever opens it next: `start` of it, and then `rest`.
    pub(crate) fn put_back(self, start: impl Read + Send + 'static, rest: Reader) {
        self.is_free.store(false, Ordering::Relaxed);
        let opened = Self { reader: Box::new(start.chain(rest)), ..self };
        *AGAIN.lock().unwrap_or_else(PoisonError::into_inner) = Some(opened);
    }
}

/// Opens an input that may hold more than `most` bytes. `None` where it does not, or cannot be known to.
pub(crate) fn open_large(origin: &Origin, most: usize) -> Result<Option<Opened>, Problem> {
    // What repeats itself as histories do is packed to about this share.
    const PACKED: u64 = 32;
    let is_large = match origin {
        Origin::Stdin => AGAIN.lock().unwrap_or_else(PoisonError::into_inner).is_some(),
        Origin::File(path) => path
            .metadata()
            .is_ok_and(|metadata| metadata.is_file() && metadata.len().saturating_mul(PACKED) > most as u64),
    };
    if !is_large {
        return Ok(None);
    }
    let opened = Opened::new(origin, usize::MAX)?;
    // Whoever asks for what is large does not hold it.
    opened.is_free.store(true, Ordering::Relaxed);
    let is_small =
        |(file, _): &(File, PathBuf)| file.metadata().is_ok_and(|metadata| metadata.len() <= most as u64);
    Ok(Some(opened).filter(|opened| !opened.file.as_ref().is_some_and(is_small)))
}

/// Bytes in parts, each of which is given back as soon as it was read.
pub(crate) struct Parts {
    part: io::Cursor<Vec<u8>>,
    others: std::vec::IntoIter<Vec<u8>>,
}

impl Parts {
    pub(crate) fn new(parts: Vec<Vec<u8>>) -> Self {
        Self { part: io::Cursor::default(), others: parts.into_iter() }
    }
}

impl Read for Parts {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.part.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            let Some(next) = self.others.next() else { return Ok(0) };
            self.part = io::Cursor::new(next);
        }
    }
}

/// What is known of bytes that were read.
#[derive(Default)]
struct Passed {
    /// How many they are.
    bytes: AtomicUsize,
    /// Their hash, once they are all.
    hash: Mutex<Option<Hash>>,
}

/// Counts what is read, and hashes it.
struct Counted {
    input: Reader,
    passed: Arc<Passed>,
    hasher: Box<Xxh3>,
}

impl Counted {
    fn new(input: Reader, passed: Arc<Passed>) -> Self {
        Self { input, passed, hasher: Box::new(Xxh3::new()) }
    }
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.passed.bytes.fetch_add(read, Ordering::Relaxed);
        self.hasher.update(&buffer[..read]);
        if read == 0 && !buffer.is_empty() {
            let hash = Hash(self.hasher.digest128());
            *self.passed.hash.lock().unwrap_or_else(PoisonError::into_inner) = Some(hash);
        }
        Ok(read)
    }
}
