//! Blocks of a text, cut where it may be read in pieces, as they come out of whatever gives the text.

use std::io::{self, Read};

use super::LONGEST;
use super::cuts::Cuts;
use crate::format::Format;

/// Some of a text.
#[derive(Debug)]
pub struct Block {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Where it ends.
    pub end: End,
}

/// Where a block ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Before what seems to be an object.
    BeforeObject,
    /// At the end of the text.
    OfText,
    /// Wherever it became too long.
    Anywhere,
}

/// Cuts what `input` gives into blocks; together they are the whole text. After an error there are no more blocks.
#[derive(Debug)]
pub struct Blocks<R> {
    input: R,
    cuts: Cuts,
    /// What follows the latest block, as far as it was read.
    rest: Vec<u8>,
    size: usize,
    is_over: bool,
}

impl<R: Read> Blocks<R> {
    /// The blocks of a text in `format` that begins with `start` and goes on with `input`, of about `size` bytes each.
    ///
    /// # Errors
    /// Texts in this format cannot be cut, or `start` does not hold a whole object: it and `input` are given back.
    pub fn new(format: Format, start: Vec<u8>, input: R, size: usize) -> Result<Self, (Vec<u8>, R)> {
        match Self::of_size(format, start, input, size) {
            Ok(blocks) if blocks.cuts.last(&blocks.rest).is_none() => Err((blocks.rest, blocks.input)),
            cut => cut,
        }
    }

    pub(super) fn of_size(
        format: Format,
        start: Vec<u8>,
        input: R,
        size: usize,
    ) -> Result<Self, (Vec<u8>, R)> {
        let known = start.utf8_chunks().next().map_or("", |chunk| chunk.valid());
        match Cuts::of(format, known) {
            Some(cuts) => Ok(Self { input, cuts, rest: start, size, is_over: false }),
            None => Err((start, input)),
        }
    }

    /// What was read and is in no block yet, and what was not read.
    pub fn into_parts(self) -> (Vec<u8>, R) {
        (self.rest, self.input)
    }

    /// The next block, in the memory of `bytes`, whose content is forgotten. `None` after the last one.
    ///
    /// # Errors
    /// Those of the input.
    pub fn next_in(&mut self, mut bytes: Vec<u8>) -> io::Result<Option<Block>> {
        if self.is_over {
            return Ok(None);
        }
        // What is there is written over: to forget it first would cost as much as to read.
        let mut filled = self.rest.len();
        bytes.resize(bytes.len().max(filled), 0);
        bytes[..filled].copy_from_slice(&self.rest);
        self.rest.clear();
        loop {
            let wanted = self.size.max(filled + self.size / 4 + 1);
            bytes.resize(bytes.len().max(wanted), 0);
            let read = fill(&mut self.input, &mut bytes[filled..wanted]);
            self.is_over = !matches!(read, Ok(read) if filled + read == wanted);
            filled += read?;
            if self.is_over {
                bytes.truncate(filled);
                return Ok(Some(Block { bytes, end: End::OfText }));
            }
            if let Some(cut) = self.cuts.last(&bytes[..filled]).filter(|&cut| cut > 0) {
                self.rest.extend_from_slice(&bytes[cut..filled]);
                bytes.truncate(cut);
                return Ok(Some(Block { bytes, end: End::BeforeObject }));
            }
            if filled > LONGEST {
                bytes.truncate(filled);
                return Ok(Some(Block { bytes, end: End::Anywhere }));
            }
        }
    }
}

/// Reads as many bytes as there is room for, or as there are.
fn fill(input: &mut impl Read, room: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < room.len() {
        match input.read(&mut room[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

impl<R: Read> Iterator for Blocks<R> {
    type Item = io::Result<Block>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_in(Vec::new()).transpose()
    }
}
