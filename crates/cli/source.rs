//! Texts of inputs: read, unpacked, and known to be UTF-8.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rayon::prelude::*;
use seriatim_history::{Diagnostic, LineIndex, SourceId, Span};
use seriatim_report::{Place, Problem, Related};

use crate::stored::Stored;

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
}

impl Origin {
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

/// A text of an input.
#[derive(Debug)]
pub(crate) struct Text {
    /// The path as the user named it.
    pub(crate) path: String,
    /// The text, without a byte order mark; nothing where it is too large to be held.
    pub(crate) text: String,
    stored: Option<Stored>,
    /// How many bytes the file has, before it was unpacked.
    pub(crate) bytes: usize,
    lines: OnceLock<LineIndex>,
}

/// The content of an input, unpacked, whatever it is.
#[derive(Debug)]
pub(crate) struct Content {
    /// The path as the user named it.
    pub(crate) path: String,
    /// What it unpacks to.
    pub(crate) unpacked: Vec<u8>,
    /// How many bytes the file has, before it was unpacked.
    packed: usize,
}

impl Content {
    /// Reads an input, and unpacks it where its first bytes say that it is packed. `largest` bounds what it may unpack
    /// to, in bytes.
    pub(crate) fn read(origin: &Origin, largest: usize) -> Result<Self, Problem> {
        let path = origin.shown();
        let bytes =
            bytes(origin).map_err(|error| Problem::error(format!("cannot read `{path}`: {error}")))?;
        let packed = bytes.len();
        match unpack(bytes, largest) {
            Ok(unpacked) => Ok(Self { path, unpacked, packed }),
            Err(error) => Err(Problem::error(format!("cannot unpack `{path}`: {error}"))),
        }
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
        let Self { path, unpacked, packed } = self;
        let mut text = String::from_utf8(unpacked).map_err(|error| not_utf8(&path, &error))?;
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        Ok(Text { path, text, stored: None, bytes: packed, lines: OnceLock::new() })
    }
}

/// A path without the ending of a packed file.
pub(crate) fn bare_name(path: &str) -> &str {
    path.strip_suffix(".gz").or_else(|| path.strip_suffix(".zst")).unwrap_or(path)
}

impl Text {
    /// A text that is not held.
    pub(crate) fn stored(path: String, bytes: usize, stored: Stored) -> Self {
        Self { path, text: String::new(), stored: Some(stored), bytes, lines: OnceLock::new() }
    }

    /// The place of a span of this text.
    pub(crate) fn place(&self, span: Span) -> Place {
        if let Some(stored) = &self.stored {
            return stored.place(&self.path, span);
        }
        let lines = self.lines.get_or_init(|| LineIndex::new(self.text.as_bytes()));
        Place::new(&self.path, &self.text, lines, span)
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

fn bytes(origin: &Origin) -> io::Result<Vec<u8>> {
    match origin {
        Origin::File(path) => file(path),
        Origin::Stdin => {
            let mut bytes = Vec::new();
            io::stdin().lock().read_to_end(&mut bytes)?;
            Ok(bytes)
        }
    }
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
fn read_at(_: &File, path: &Path, block: &mut [u8], offset: u64) -> io::Result<()> {
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
fn unpacked<'a>(packing: Option<Packing>, bytes: impl Read + 'a) -> io::Result<Box<dyn Read + 'a>> {
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
    let mut reader = unpacked(packing, bytes.as_slice())?;
    let mut unpacked = Vec::new();
    reader.by_ref().take(largest as u64).read_to_end(&mut unpacked)?;
    if unpacked.len() == largest && reader.read(&mut [0])? > 0 {
        return Err(io::Error::other(format!(
            "it unpacks to more than {largest} bytes; raise --memory-limit"
        )));
    }
    Ok(unpacked)
}

/// A file that may hold much.
pub(crate) struct Large {
    /// What it holds, unpacked.
    pub(crate) reader: Box<dyn Read>,
    /// How many bytes it has, as it is stored.
    pub(crate) bytes: usize,
    /// Whether it is packed.
    pub(crate) is_packed: bool,
}

/// Opens a file to be read from front to back, if it may hold more than `most` bytes.
pub(crate) fn open_large(path: &Path, most: usize) -> io::Result<Option<Large>> {
    // What repeats itself as histories do is packed to about this share.
    const PACKED: u64 = 32;
    let metadata = path.metadata()?;
    if !metadata.is_file() || metadata.len().saturating_mul(PACKED) <= most as u64 {
        return Ok(None);
    }
    let mut file = File::open(path)?;
    let mut start = Vec::new();
    file.by_ref().take(4).read_to_end(&mut start)?;
    let packing = Packing::of(&start);
    if packing.is_none() && metadata.len() <= most as u64 {
        return Ok(None);
    }
    let whole = io::Cursor::new(start).chain(file);
    let bytes = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
    Ok(Some(Large { reader: unpacked(packing, whole)?, bytes, is_packed: packing.is_some() }))
}

fn not_utf8(path: &str, error: &std::string::FromUtf8Error) -> Problem {
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
    fn a_wrong_byte_is_found() {
        let error = String::from_utf8(b"ab\ncd\xff".to_vec()).expect_err("it is not UTF-8");
        let problem = not_utf8("x", &error);
        let place = problem.place.expect("it has a place");
        assert_eq!((place.line, place.column), (2, 3));
        assert_eq!(problem.message, "byte 0xff at offset 5 is not UTF-8");
    }
}
