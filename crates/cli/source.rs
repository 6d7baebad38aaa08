//! Texts of inputs: read, unpacked, and known to be UTF-8.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::string::FromUtf8Error;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rayon::prelude::*;
use seriatim_history::{Diagnostic, LineIndex, SourceId, Span};
use seriatim_report::{Place, Problem, Related};
use xxhash_rust::xxh3::xxh3_128;

pub(crate) use self::opened::{Opened, Parts, Reader, open_large};
use crate::marks::Marks;
use crate::stored::Stored;

mod opened;

/// Where a text comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The standard input.
    Stdin,
    /// A file.
    File(PathBuf),
}

impl Origin {
    /// The path as the user named it.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Stdin => "<stdin>".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// How many bytes a file has, as it is stored; 0 of what does not tell beforehand.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Stdin => 0,
            Self::File(path) => {
                path.metadata().map_or(0, |file| usize::try_from(file.len()).unwrap_or(usize::MAX))
            }
        }
    }
}

/// By what the bytes of an input are known: their XXH3 of 128 bits. It tells files apart, not whether somebody tampered with one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hash(u128);

impl Hash {
    /// The hash of all bytes of an input.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self(xxh3_128(bytes))
    }

    /// As other programs print it.
    pub(crate) fn shown(self) -> String {
        format!("{:032x}", self.0)
    }
}

/// A text of an input.
#[derive(Debug)]
pub(crate) struct Text {
    /// The path as the user named it.
    pub(crate) path: String,
    /// The text, without a byte order mark, once it was asked for.
    text: OnceLock<String>,
    /// What the text is made of when it is asked for.
    parts: Mutex<Vec<Vec<u8>>>,
    /// How many bytes of it are held.
    held: usize,
    stored: Option<Stored>,
    /// How many bytes the file has, before it was unpacked.
    pub(crate) bytes: usize,
    /// The hash of those; `None` where they were not all read.
    pub(crate) hash: Option<Hash>,
    marks: OnceLock<Marks>,
}

/// The content of an input, unpacked, whatever it is.
#[derive(Debug)]
pub(crate) struct Content {
    /// The path as the user named it.
    pub(crate) path: String,
    /// What it unpacks to.
    pub(crate) unpacked: Vec<u8>,
    /// How many bytes the file has, before it was unpacked.
    pub(crate) packed: usize,
    /// The hash of those; `None` where they were not all read.
    pub(crate) hash: Option<Hash>,
}

impl Content {
    /// Reads an input, and unpacks it where its first bytes say that it is packed. `largest` bounds what it may unpack
    /// to, in bytes.
    pub(crate) fn read(origin: &Origin, largest: usize) -> Result<Self, Problem> {
        let Origin::File(path) = origin else {
            let mut opened = Opened::new(origin, largest)?;
            let reader = opened.take_reader();
            return opened.whole(origin, Vec::new(), reader, largest);
        };
        let shown = origin.shown();
        let bytes = file(path).map_err(|error| cannot_read(&shown, &error))?;
        let (packed, hash) = (bytes.len(), Some(Hash::of(&bytes)));
        let unpacked = unpack(bytes, largest).map_err(|error| cannot_unpack(&shown, &error))?;
        Ok(Self { path: shown, unpacked, packed, hash })
    }

    /// Its name without the ending of a packed file.
    pub(crate) fn name(&self) -> &str {
        bare_name(&self.path)
    }

    /// Whether there is nothing but blanks.
    pub(crate) fn is_blank(&self) -> bool {
        self.unpacked.trim_ascii().is_empty()
    }

    /// The content as a text.
    pub(crate) fn text(self) -> Result<Text, Problem> {
        let Self { path, unpacked, packed, hash } = self;
        let mut text =
            String::from_utf8(unpacked).or_else(whole_characters).map_err(|error| not_utf8(&path, &error))?;
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        Ok(Text { held: text.capacity(), text: text.into(), ..Text::new(path, packed, hash) })
    }
}

/// A path without the ending of a packed file.
pub(crate) fn bare_name(path: &str) -> &str {
    path.strip_suffix(".gz").or_else(|| path.strip_suffix(".zst")).unwrap_or(path)
}

impl Text {
    fn new(path: String, bytes: usize, hash: Option<Hash>) -> Self {
        Self {
            path,
            text: OnceLock::new(),
            parts: Mutex::default(),
            held: 0,
            stored: None,
            bytes,
            hash,
            marks: OnceLock::new(),
        }
    }

    /// A text that is not held.
    pub(crate) fn stored(opened: &Opened, stored: Stored) -> Self {
        Self { stored: Some(stored), ..Self::new(opened.path.clone(), opened.bytes(), opened.hash()) }
    }

    /// A text in parts, each of which is a text.
    pub(crate) fn held(opened: &Opened, parts: Vec<Vec<u8>>) -> Self {
        let held = parts.iter().map(Vec::capacity).sum();
        Self { held, parts: parts.into(), ..Self::new(opened.path.clone(), opened.bytes(), opened.hash()) }
    }

    /// The text, without a byte order mark; nothing where it is not held.
    pub(crate) fn text(&self) -> &str {
        self.text.get_or_init(|| {
            let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
            let mut text = String::with_capacity(parts.iter().map(Vec::len).sum());
            // Each part is given back as soon as it is copied.
            for part in std::mem::take(&mut *parts) {
                text.push_str(str::from_utf8(&part).expect("every part is a text"));
            }
            text
        })
    }

    /// About how many bytes are held of it.
    pub(crate) fn in_memory(&self) -> usize {
        self.held
    }

    /// The place of a span of this text.
    pub(crate) fn place(&self, span: Span) -> Place {
        if let Some(stored) = &self.stored {
            return stored.place(&self.path, span);
        }
        let text = self.text().as_bytes();
        let marks = self.marks.get_or_init(|| {
            let mut marks = Marks::new();
            marks.take(text);
            marks
        });
        marks.place(&self.path, span, |offset, length| {
            let rest = usize::try_from(offset).ok().and_then(|offset| text.get(offset..)).unwrap_or_default();
            rest[..length.min(rest.len())].to_vec()
        })
    }
}

impl Text {
    /// What a span says, or the beginning of it where it is very long.
    fn raw(&self, span: Span) -> String {
        /// As much as a person reads.
        const READABLE: usize = 2_000;
        let length = (span.len as usize).min(READABLE);
        let bytes = match &self.stored {
            Some(stored) => stored.window(span.start, length).unwrap_or_default(),
            None => {
                let rest = self.text().as_bytes().get(span.start as usize..).unwrap_or_default();
                rest[..length.min(rest.len())].to_vec()
            }
        };
        let mut text =
            String::from_utf8_lossy(&bytes).trim_end_matches(char::REPLACEMENT_CHARACTER).to_owned();
        if length < span.len as usize {
            text.push('…');
        }
        text
    }
}

/// The texts of one history, by their [`SourceId`].
#[derive(Debug, Default)]
pub(crate) struct Texts(pub(crate) Vec<Text>);

impl Texts {
    /// The place of a span.
    pub(crate) fn place(&self, span: Span) -> Place {
        self.0[span.source.0 as usize].place(span)
    }

    /// What a span says, or the beginning of it where it is very long.
    pub(crate) fn raw(&self, span: Span) -> String {
        self.0[span.source.0 as usize].raw(span)
    }

    /// What is wrong, with its places found.
    pub(crate) fn problem(&self, diagnostic: &Diagnostic) -> Problem {
        let related = diagnostic.related.iter();
        Problem {
            severity: diagnostic.severity,
            message: diagnostic.message.clone(),
            place: diagnostic.span.map(|span| Box::new(self.place(span))),
            related: related
                .map(|label| Related { place: self.place(label.span), message: label.message.clone() })
                .collect(),
            help: diagnostic.help.clone(),
        }
    }

    /// How many bytes the files have together.
    pub(crate) fn bytes(&self) -> usize {
        self.0.iter().map(|text| text.bytes).sum()
    }
}

/// Whether the beginning of a file already tells that it is no text. Packed files count as texts.
pub(crate) fn is_binary(path: &Path) -> io::Result<bool> {
    let mut start = Vec::new();
    File::open(path)?.take(8192).read_to_end(&mut start)?;
    Ok(Packing::of(&start).is_none() && start.contains(&0))
}

/// Reads a file, a large one by all threads: half of the time goes to pages that are touched for the first time.
fn file(path: &Path) -> io::Result<Vec<u8>> {
    const BLOCK: usize = 1 << 20;
    let mut file = File::open(path)?;
    let metadata = file.metadata()?;
    let length = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
    if !metadata.is_file() || length < 4 * BLOCK {
        // A pipe can be opened once only.
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    let mut bytes = vec![0; length];
    let read = |(at, block): (usize, &mut [u8])| read_at(&file, path, block, (at * BLOCK) as u64);
    bytes.par_chunks_mut(BLOCK).enumerate().try_for_each(read)?;
    Ok(bytes)
}

#[cfg(unix)]
pub(crate) fn read_at(file: &File, _: &Path, block: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, block, offset)
}

#[cfg(not(unix))]
pub(crate) fn read_at(_: &File, path: &Path, block: &mut [u8], offset: u64) -> io::Result<()> {
    let mut file = File::open(path)?;
    io::Seek::seek(&mut file, io::SeekFrom::Start(offset))?;
    file.read_exact(block)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Packing {
    Gzip,
    Zstd,
}

impl Packing {
    fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(&[0x1f, 0x8b]) {
            Some(Self::Gzip)
        } else if bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
            Some(Self::Zstd)
        } else {
            None
        }
    }
}

/// What is read where `bytes` are packed: all members of the file.
fn unpacked<'a>(
    packing: Option<Packing>,
    bytes: impl Read + Send + 'a,
) -> io::Result<Box<dyn Read + Send + 'a>> {
    Ok(match packing {
        None => Box::new(bytes),
        Some(Packing::Gzip) => Box::new(flate2::read::MultiGzDecoder::new(bytes)),
        Some(Packing::Zstd) => Box::new(zstd::Decoder::new(bytes)?),
    })
}

/// Unpacks all members of a packed file.
fn unpack(bytes: Vec<u8>, largest: usize) -> io::Result<Vec<u8>> {
    let packing = Packing::of(&bytes);
    if packing.is_none() {
        return Ok(bytes);
    }
    let mut unpacked_bytes = Vec::new();
    Bounded::new(unpacked(packing, bytes.as_slice())?, largest).read_to_end(&mut unpacked_bytes)?;
    Ok(unpacked_bytes)
}

/// A reader that fails where more than so many bytes come.
struct Bounded<R> {
    input: R,
    largest: usize,
    given: usize,
    /// Whether there is no bound for now: what comes is not held.
    is_free: Arc<AtomicBool>,
}

impl<R> Bounded<R> {
    fn new(input: R, largest: usize) -> Self {
        Self { input, largest, given: 0, is_free: Arc::default() }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let is_free = self.is_free.load(Ordering::Relaxed);
        let left = if is_free { usize::MAX } else { self.largest.saturating_sub(self.given) };
        if left == 0 && !buffer.is_empty() {
            return match self.input.read(&mut [0])? {
                0 => Ok(0),
                _ => Err(io::Error::new(
                    io::ErrorKind::FileTooLarge,
                    format!("it unpacks to more than {} bytes; raise --memory-limit", self.largest),
                )),
            };
        }
        let length = buffer.len().min(left);
        let read = self.input.read(&mut buffer[..length])?;
        self.given += read;
        Ok(read)
    }
}

/// What to say of a file that cannot be read.
pub(crate) fn cannot_read(path: &str, error: &io::Error) -> Problem {
    Problem::error(format!("cannot read `{path}`: {error}"))
}

fn cannot_unpack(path: &str, error: &io::Error) -> Problem {
    let problem = Problem::error(format!("cannot unpack `{path}`: {error}"));
    // That one says itself what to do.
    if error.kind() == io::ErrorKind::FileTooLarge {
        return problem;
    }
    problem.help("is the file cut off or damaged? what of it can still be unpacked can be checked by itself")
}

/// The text without half a character at its end, as a recorder leaves it that was killed. Only of objects: one that is cut
/// off lacks its brace, too, so that whoever reads it knows; of a row nobody could tell that a value is not whole.
fn whole_characters(error: FromUtf8Error) -> Result<String, FromUtf8Error> {
    let wrong = error.utf8_error();
    let is_object = error.as_bytes().trim_ascii_start().starts_with(b"{");
    if wrong.error_len().is_some() || !is_object {
        return Err(error);
    }
    let mut bytes = error.into_bytes();
    bytes.truncate(wrong.valid_up_to());
    String::from_utf8(bytes)
}

fn not_utf8(path: &str, error: &FromUtf8Error) -> Problem {
    let (bytes, at) = (error.as_bytes(), error.utf8_error().valid_up_to());
    let text = String::from_utf8_lossy(bytes);
    // Up to the first wrong byte both texts are the same; there one has U+FFFD.
    let span = Span::new(SourceId::default(), at, at + '\u{fffd}'.len_utf8());
    let place = Place::new(path, &text, &LineIndex::new(text.as_bytes()), span);
    let is_utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    let help =
        if is_utf16 { "it looks like UTF-16; save it as UTF-8" } else { "histories are texts in UTF-8" };
    let message =
        format!("byte {:#04x} at offset {at} is not UTF-8", bytes.get(at).copied().unwrap_or_default());
    Problem::error(message).at(place).help(help)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).expect("memory takes it");
        encoder.finish().expect("memory takes it")
    }

    #[test]
    fn all_members_of_a_packed_file_are_unpacked() {
        let twice = [gzip("one\n"), gzip("two\n")].concat();
        assert_eq!(unpack(twice, 100).expect("it is gzip"), b"one\ntwo\n");
        let frame = |text: &str| zstd::encode_all(text.as_bytes(), 1).expect("memory takes it");
        let twice = [frame("one\n"), frame("two\n")].concat();
        assert_eq!(unpack(twice, 100).expect("it is zstd"), b"one\ntwo\n");
        assert_eq!(unpack(b"plain".to_vec(), 1).expect("it is not packed"), b"plain");
    }

    #[test]
    fn what_unpacks_to_too_much_or_is_cut_off_is_an_error() {
        assert_eq!(unpack(gzip("12345678"), 8).expect("it fits"), b"12345678");
        assert!(unpack(gzip("123456789"), 8).expect_err("too large").to_string().contains("--memory-limit"));
        let mut cut = gzip("123456789");
        cut.truncate(cut.len() - 4);
        assert!(unpack(cut, 100).is_err());
    }

    #[test]
    fn half_a_character_is_left_out_at_the_end_of_an_object_only() {
        let read = |bytes: &[u8]| {
            let content =
                Content { path: "x".to_owned(), unpacked: bytes.to_vec(), packed: bytes.len(), hash: None };
            content.text().map(|text| text.text().to_owned()).map_err(|problem| problem.message)
        };
        let cut = &"{\"value\":\"😀".as_bytes()[..12];
        assert_eq!(read(cut).as_deref(), Ok("{\"value\":\""));
        assert!(read(&[cut, b"\"}"].concat()).is_err(), "in the middle");
        assert!(read(&[b"f,value\nwrite,", &cut[10..]].concat()).is_err(), "of a row");
        assert!(read(b"{\"value\":\"\xff").is_err(), "a byte that begins no character");
    }

    #[test]
    fn a_wrong_byte_is_found() {
        let error = String::from_utf8(b"ab\ncd\xff".to_vec()).expect_err("it is not UTF-8");
        let problem = not_utf8("x", &error);
        let place = problem.place.expect("it has a place");
        assert_eq!((place.line, place.column), (2, 3));
        assert_eq!(problem.message, "byte 0xff at offset 5 is not UTF-8");
    }
}
