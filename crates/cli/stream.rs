//! Large inputs that become histories while they are still being read and unpacked: a thread of its own reads blocks of
//! the text, and all others make events of them.
//!
//! Only what has nothing wrong with it is read so. Whatever is otherwise is read as a whole, and told of from there.

use std::cell::Cell;

use seriatim_history::build::Overrides;
use seriatim_history::format::detect::{Detected, detect};
use seriatim_history::format::{self, Block, Blocks};
use seriatim_history::{Format, History};
use seriatim_report::Problem;

use crate::load::Loaded;
use crate::settings::Settings;
use crate::source::{Content, Opened, Origin, Parts, Text, Texts};

/// A text of fewer bytes is read as a whole: that takes less time than to start a thread. Of others, so much is looked at
/// to tell what they are.
pub(crate) const SMALL: usize = 1 << 20;

/// Where less may be held of the standard input, it is known whether that is all of it before any becomes a history: the
/// room that half a history leaves is not given back at once.
const LITTLE: usize = 32 << 20;

/// Of that it is one part in so many, since it is still held when sorting begins.
const SHARE: usize = 3;

/// About how many bytes a block has where `memory` bytes may be held: enough for all threads to be busy while the next one
/// is read, and so few that all blocks that are read, waiting and done take a small share. What is used again is in the
/// cache and costs no new page, so a few small ones are faster than large ones, too.
pub(crate) fn block(memory: usize) -> usize {
    (memory / 160).clamp(1 << 16, 1 << 20)
}

/// What became of an input.
pub(crate) enum Streamed {
    /// It is a history.
    History(Box<Loaded>),
    /// It is to be read as a whole.
    Whole(Content),
    /// Its text has more bytes than may be held. It can be opened again.
    Large,
}

/// Reads an input, as a history if it is one that can be read so. `largest` bounds what a packed file may unpack to, and
/// `most` what may be held of the standard input, both in bytes.
///
/// # Errors
/// It cannot be read or unpacked.
pub(crate) fn read(
    origin: &Origin,
    settings: &Settings,
    largest: usize,
    most: usize,
) -> Result<Streamed, Problem> {
    let mut opened = Opened::new(origin, largest)?;
    let is_little = *origin == Origin::Stdin && most < LITTLE;
    let bound = if is_little { (most / SHARE).max(SMALL) } else { SMALL };
    let parts = opened.parts(bound, SMALL).map_err(|error| opened.failed(&error))?;
    let is_all = parts.iter().map(Vec::len).sum::<usize>() < bound;
    if is_little && !is_all {
        let rest = opened.take_reader();
        opened.put_back(Parts::new(parts), rest);
        return Ok(Streamed::Large);
    }
    let start = parts.concat();
    if start.len() < SMALL {
        return Ok(Streamed::Whole(opened.content(start)));
    }
    let format = format_of(settings, &start, opened.name());
    let cut = match format {
        Some(format) => Blocks::new(format, start, opened.take_reader(), block(largest)),
        None => Err((start, opened.take_reader())),
    };
    let blocks = match cut {
        Ok(blocks) => blocks,
        Err((start, rest)) => return opened.whole(origin, vec![start], rest, largest).map(Streamed::Whole),
    };
    // What can be read again need not be held.
    let stored = opened.stored().map_err(|error| opened.failed(&error))?;
    let is_bounded = *origin == Origin::Stdin && stored.is_none() && !is_little;
    let left = Cell::new(if is_bounded { most } else { usize::MAX });
    let mut held: Vec<Vec<u8>> = Vec::new();
    let overrides = Overrides { ties: settings.ties, order: settings.order };
    let (found, coming, blocks) = format::ahead(blocks, |ahead| {
        let mut allowed = ahead.blocks_while(|| left.get() > 0);
        let format = format.expect("only a text in a known format has blocks");
        format::in_blocks(format, &mut allowed, overrides, |Block { bytes, .. }| {
            if stored.is_some() {
                ahead.give_back(bytes);
            } else {
                left.set(left.get().saturating_sub(bytes.len()));
                held.push(bytes);
            }
        })
    });
    let found = found.map_err(|error| opened.failed(&error))?;
    if let Some(history) = found.filter(says_something) {
        let text = match stored {
            Some(stored) => Text::stored(&opened, stored),
            None => Text::held(&opened, held),
        };
        let loaded = Loaded { texts: Texts(vec![text]), history, numbers: Vec::new() };
        return Ok(Streamed::History(Box::new(loaded)));
    }
    for block in coming {
        held.push(block.map_err(|error| opened.failed(&error))?.bytes);
    }
    let (rest, reader) = blocks.into_parts();
    held.push(rest);
    if left.get() == 0 {
        opened.put_back(Parts::new(held), reader);
        return Ok(Streamed::Large);
    }
    opened.whole(origin, held, reader, largest).map(Streamed::Whole)
}

/// Whether there is anything in a history: what is blank is told of otherwise.
fn says_something(history: &History) -> bool {
    history.events > 0 || !history.faults.is_empty()
}

/// The format of a text that begins with `start`, if that alone tells, or the settings do.
pub(crate) fn format_of(settings: &Settings, start: &[u8], name: &str) -> Option<Format> {
    if settings.format.is_some() {
        return settings.format;
    }
    match detect(start, Some(name)) {
        // Their first object says it.
        Detected::Format(
            format @ (Format::Jsonl
            | Format::JsonArray
            | Format::Edn
            | Format::PorcupineKv
            | Format::JepsenInJava),
        ) => Some(format),
        Detected::Format(_) | Detected::Unsupported(..) | Detected::Unknown => None,
    }
}
