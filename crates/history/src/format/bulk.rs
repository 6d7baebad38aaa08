//! Reads a text in pieces on all threads of the pool it is called in.
//!
//! A piece begins where an object seems to begin, and is read by the very reader that reads whole texts. If that reader
//! takes a piece for whole objects, one after the other, then its end is between two objects of the text: so what the
//! pieces say is what the text says, whatever their size. A piece of which it says anything else, or in which anything is
//! wrong, sends the whole text to be read in one: all that is told of errors is told there.
//!
//! While pieces are read, the events of those before them are paired. Values are numbered in the order of their first
//! appearance. So neither the pieces nor the number of threads can be told from the history.

mod ahead;
mod blocks;
mod cuts;
mod piece;

use std::io;

use rayon::prelude::*;

pub use self::ahead::{Ahead, ahead};
pub use self::blocks::{Block, Blocks, End};
use self::cuts::Cuts;
use self::piece::{Piece, Place};
use super::Format;
use crate::build::{Overrides, Stream, Unusual};
use crate::convention::{Order, TimeUnit};
use crate::operation::{History, OpId, Operation};
use crate::span::{Source, SourceId};
use crate::told::Told;
use crate::value::Values;

/// About how many bytes a piece has: its events and values fit into the cache of a core.
pub(super) const PIECE: usize = 256 << 10;

/// How many pieces a thread reads before all wait for each other.
const ROUND: usize = 8;

/// More bytes without a cut than this are not read in pieces.
const LONGEST: usize = 64 * PIECE;

/// Reads `source` in pieces of about `piece` bytes. `None` where it has to be read in one.
pub(super) fn history(
    format: Format,
    source: Source<'_>,
    overrides: Overrides,
    piece: usize,
) -> Option<History> {
    let mut reading = Reading::new(format, source.text, overrides, piece, Stream::new(format)).ok()?;
    let (text, round) = (source.text, piece.saturating_mul(ROUND * rayon::current_num_threads()));
    let mut at = 0;
    let mut keep = |_: &mut Stream| Ok::<_, Unusual>(());
    // An empty text has a head, too.
    while at < text.len() || !reading.is_begun() {
        let end = reading.cuts.next(text.as_bytes(), at.saturating_add(round));
        let is_last = end == text.len();
        reading.round(Source { id: source.id, text: &text[at..end] }, at, is_last, &mut keep).ok()?;
        reading.reserve(text.len() - end);
        at = end;
    }
    reading.finish().ok()
}

/// A history of which the first blocks were read.
struct Reading {
    format: Format,
    cuts: Cuts,
    /// About how many bytes a piece has.
    size: usize,
    stream: Stream,
    /// The unit of times that the head names; the outer option is whether the head was read.
    unit: Option<Option<TimeUnit>>,
    /// The pieces that are being read, and those that are being paired.
    unread: Vec<Piece>,
    unpaired: Vec<Piece>,
    is_reserved: bool,
}

impl Reading {
    /// Nothing of a text that begins with `start` was read; what it tells goes to `stream`.
    fn new(
        format: Format,
        start: &str,
        overrides: Overrides,
        size: usize,
        stream: Stream,
    ) -> Result<Self, Unusual> {
        if overrides.order.unwrap_or_default() != Order::Line {
            return Err(Unusual);
        }
        Ok(Self {
            format,
            cuts: Cuts::of(format, start).ok_or(Unusual)?,
            size,
            stream,
            unit: None,
            unread: Vec::new(),
            unpaired: Vec::new(),
            is_reserved: false,
        })
    }

    fn is_begun(&self) -> bool {
        self.unit.is_some()
    }

    /// Reads the block of the text that begins at `offset` and ends before an object or, where it is the last, at the end
    /// of the text; meanwhile, pairs what was read before it, and lets `paired` have what came of it.
    fn round<E: From<Unusual> + Send>(
        &mut self,
        source: Source<'_>,
        offset: usize,
        is_last: bool,
        paired: &mut (impl FnMut(&mut Stream) -> Result<(), E> + Send),
    ) -> Result<(), E> {
        let text = source.text.as_bytes();
        let mut at = 0;
        if self.unit.is_none() {
            // The head is in the first object, and says how to read the others.
            let mut first = Piece::new(self.format);
            first.range = 0..self.cuts.next(text, 1);
            at = first.range.end;
            let place = Place { is_first: true, is_last: is_last && at == text.len() };
            first.read(self.format, source, &self.cuts, None, place);
            self.stream.take(first.read_plainly()?, offset)?;
            self.stream.declare(&first.builder)?;
            self.unit = Some(first.builder.declared.time_unit);
        }
        let mut count = 0;
        while at < text.len() {
            if self.unread.len() == count {
                self.unread.push(Piece::new(self.format));
            }
            let end = self.cuts.next(text, at.saturating_add(self.size));
            // Objects that do not begin lines cannot be told apart.
            if end - at > LONGEST.max(64 * self.size.min(LONGEST)) {
                return Err(Unusual.into());
            }
            self.unread[count].range = at..end;
            self.unread[count].offset = offset;
            at = end;
            count += 1;
        }
        self.unread.truncate(count);
        let Self { format, cuts, stream, unread, unpaired, .. } = self;
        let unit = self.unit.flatten();
        let read = |piece: &mut Piece| {
            let place = Place { is_first: false, is_last: is_last && piece.range.end == text.len() };
            piece.read(*format, source, cuts, unit, place);
        };
        let pair = || {
            pair(stream, unpaired)?;
            paired(stream)
        };
        let ((), taken) = rayon::join(|| unread.par_iter_mut().for_each(read), pair);
        std::mem::swap(&mut self.unread, &mut self.unpaired);
        taken
    }

    /// Makes room for what `left` more bytes will tell, once: what is to come is much like what came.
    fn reserve(&mut self, left: usize) {
        let paired = self.unread.last().map_or(0, |piece| piece.offset + piece.range.end);
        if !self.is_reserved && paired > 0 {
            let to_come =
                left + self.unpaired.last().map_or(0, |piece| piece.offset + piece.range.end) - paired;
            let share = to_come as f64 / paired as f64;
            self.stream.reserve((self.stream.events() as f64 * share * 1.01) as usize);
            self.is_reserved = true;
        }
    }

    /// Pairs all that was read.
    fn pair(&mut self) -> Result<(), Unusual> {
        let paired = pair(&mut self.stream, &self.unpaired);
        self.unpaired.clear();
        paired
    }

    fn finish(mut self) -> Result<History, Unusual> {
        self.pair()?;
        Ok(self.stream.finish()?.0)
    }
}

/// Pairs the events of `pieces`.
fn pair(stream: &mut Stream, pieces: &[Piece]) -> Result<(), Unusual> {
    let take = |piece: &Piece| stream.take(piece.read_plainly()?, piece.offset + piece.range.start);
    pieces.iter().try_for_each(take)
}

/// Reads a history from the blocks of its text, which may still be on their way. Each block is handed to `done` as soon as
/// it was read, whatever was found in it. `None` where the text has to be read in one.
///
/// # Errors
/// Those of `blocks`.
pub fn in_blocks(
    format: Format,
    from: &mut impl Iterator<Item = io::Result<Block>>,
    overrides: Overrides,
    mut done: impl FnMut(Block),
) -> io::Result<Option<History>> {
    let mut blocks = Taken::new(format, overrides, Stream::new);
    let mut keep = |_: &mut Stream| Ok::<_, Unusual>(());
    for block in from {
        let block = block?;
        let taken = blocks.take(&block, &mut keep);
        let is_last = block.end == End::OfText;
        done(block);
        match taken {
            Ok(()) if is_last => return Ok(blocks.reading.and_then(|reading| reading.finish().ok())),
            Ok(()) => {}
            Err(Unusual) => return Ok(None),
        }
    }
    Ok(None)
}

/// The blocks of a text that were taken.
struct Taken {
    format: Format,
    overrides: Overrides,
    stream: fn(Format) -> Stream,
    /// `None` before the first one.
    reading: Option<Reading>,
    /// Where the next one begins.
    offset: usize,
}

impl Taken {
    fn new(format: Format, overrides: Overrides, stream: fn(Format) -> Stream) -> Self {
        Self { format, overrides, stream, reading: None, offset: 0 }
    }

    /// Reads the next block; `paired` is as in [`Reading::round`].
    fn take<E: From<Unusual> + Send>(
        &mut self,
        block: &Block,
        paired: &mut (impl FnMut(&mut Stream) -> Result<(), E> + Send),
    ) -> Result<(), E> {
        let text = str::from_utf8(&block.bytes).map_err(|_| Unusual)?;
        let reading = match &mut self.reading {
            Some(reading) => reading,
            none => {
                let stream = (self.stream)(self.format);
                none.insert(Reading::new(self.format, text, self.overrides, PIECE, stream)?)
            }
        };
        if block.end == End::Anywhere {
            return Err(Unusual.into());
        }
        let at = self.offset;
        self.offset += block.bytes.len();
        reading.round(Source { id: SourceId(0), text }, at, block.end == End::OfText, paired)
    }
}

/// What is left of a history when its operations were handed on.
#[derive(Debug)]
pub struct Rest {
    /// The history without any operation.
    pub history: History,
    /// How many operations there were.
    pub operations: usize,
}

/// Why a history could not be read in passing.
#[derive(Debug)]
pub enum Stopped<E> {
    /// It is not cut into pieces easily, or something is wrong with it: it has to be read as a whole.
    Unusual,
    /// The input could not be read.
    Input(io::Error),
    /// Whoever took the operations wants no more of them.
    Taker(E),
}

impl<E> From<Unusual> for Stopped<E> {
    fn from(_: Unusual) -> Self {
        Self::Unusual
    }
}

/// Reads a history in passing: its text is never held as a whole, and nor are the operations. Each is handed to `take`
/// with its number, those that end in about the order of their ends, and those that never do at last. Blocks that were
/// read are handed to `done`.
///
/// # Errors
/// Where the history is not in order, event after event, or anything is wrong with it; where `blocks` fail; and where
/// `take` does.
pub fn in_passing<E: Send>(
    format: Format,
    from: impl Iterator<Item = io::Result<Block>>,
    overrides: Overrides,
    mut take: impl FnMut(OpId, &Operation, Told, &Values) -> Result<(), E> + Send,
    mut done: impl FnMut(Block),
) -> Result<Rest, Stopped<E>> {
    let mut blocks = Taken::new(format, overrides, Stream::in_passing);
    let mut hand_on = |stream: &mut Stream| {
        let mut taken = Ok(());
        stream.drain(|id, operation, told, values| {
            if taken.is_ok() {
                taken = take(id, operation, told, values);
            }
        });
        taken.map_err(Stopped::Taker)
    };
    for block in from {
        let block = block.map_err(Stopped::Input)?;
        let taken = blocks.take(&block, &mut hand_on);
        done(block);
        taken?;
    }
    let mut reading = blocks.reading.ok_or(Unusual)?;
    reading.pair()?;
    hand_on(&mut reading.stream)?;
    let operations = reading.stream.called();
    let (mut history, numbers) = reading.stream.finish()?;
    for (operation, number) in std::mem::take(&mut history.operations).into_iter().zip(numbers) {
        take(OpId(number), &operation, history.told(&operation), &history.values).map_err(Stopped::Taker)?;
    }
    Ok(Rest { history, operations })
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
