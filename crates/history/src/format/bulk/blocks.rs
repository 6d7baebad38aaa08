//! Blocks of a text, cut where it may be read in pieces, as they come out of whatever gives the text.

use std::io::{self, Read};

use super::cuts::Cuts;
use super::{LONGEST, PIECE, ROUND};
use crate::format::Format;

/// About how many bytes a block has.
const BLOCK: usize = 2 * ROUND * PIECE;

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
    /// The blocks of a text in `format` that begins with `start` and goes on with `input`.
    ///
    /// # Errors
    /// Texts in this format cannot be cut, or `start` does not hold a whole object: it and `input` are given back.
    pub fn new(format: Format, start: Vec<u8>, input: R) -> Result<Self, (Vec<u8>, R)> {
        match Self::of_size(format, start, input, BLOCK) {
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
        bytes.clear();
        bytes.append(&mut self.rest);
        // Room for the bytes that are asked for last, lest there be twice as much.
        bytes.reserve(self.size + self.size / 4 + 64);
        loop {
            let wanted = self.size.saturating_sub(bytes.len()).max(self.size / 4).max(1);
            let read = match self.input.by_ref().take(wanted as u64).read_to_end(&mut bytes) {
                Ok(read) => read,
                Err(error) => {
                    self.is_over = true;
                    return Err(error);
                }
            };
            if read < wanted {
                self.is_over = true;
                return Ok(Some(Block { bytes, end: End::OfText }));
            }
            if let Some(cut) = self.cuts.last(&bytes).filter(|&cut| cut > 0) {
                self.rest.extend_from_slice(&bytes[cut..]);
                bytes.truncate(cut);
                return Ok(Some(Block { bytes, end: End::BeforeObject }));
            }
            if bytes.len() > LONGEST {
                return Ok(Some(Block { bytes, end: End::Anywhere }));
            }
        }
    }
}

impl<R: Read> Iterator for Blocks<R> {
    type Item = io::Result<Block>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_in(Vec::new()).transpose()
    }
}
