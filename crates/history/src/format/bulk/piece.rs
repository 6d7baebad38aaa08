//! A piece of a text, and what was read of it.

use std::ops::Range;

use super::cuts::Cuts;
use crate::build::{HistoryBuilder, Unusual};
use crate::convention::TimeUnit;
use crate::format::{Format, edn, jepsen_in_java, jepsen_log, jepsen_txt, jsonl, porcupine_kv, tuples};
use crate::span::Source;

/// A piece of a block of the text.
pub(super) struct Piece {
    /// Its bytes in the block.
    pub(super) range: Range<usize>,
    /// Where the block begins in the text.
    pub(super) offset: usize,
    pub(super) builder: HistoryBuilder,
    /// Whether it ends where an object ends, as far as its reader can tell.
    is_whole: bool,
}

/// Which of the pieces of a text it is; one may be both.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) is_first: bool,
    pub(super) is_last: bool,
}

impl Piece {
    pub(super) fn new(format: Format) -> Self {
        Self { range: 0..0, offset: 0, builder: HistoryBuilder::new(format), is_whole: false }
    }

    /// Reads the piece of `block`.
    pub(super) fn read(
        &mut self,
        format: Format,
        block: Source<'_>,
        cuts: &Cuts,
        unit: Option<TimeUnit>,
        place: Place,
    ) {
        let builder = &mut self.builder;
        builder.clear();
        builder.declared.time_unit = unit;
        let piece = Source { id: block.id, text: &block.text[self.range.clone()] };
        self.is_whole = true;
        match format {
            Format::Edn | Format::PorcupineKv => {
                if format == Format::PorcupineKv && place.is_first {
                    porcupine_kv::declare(builder);
                }
                let closer = cuts.closer();
                let open = edn::read_within(piece, builder, closer.filter(|_| !place.is_first));
                self.is_whole = open == closer.filter(|_| !place.is_last);
            }
            Format::JsonArray | Format::Jsonl => match cuts {
                Cuts::Lines(_) => jsonl::read_from(piece, builder, place.is_first),
                Cuts::Members { .. } => {
                    self.is_whole = jsonl::read_members(piece, builder, place.is_first, place.is_last);
                }
            },
            Format::JepsenInJava => jepsen_in_java::read(piece, builder),
            Format::JepsenTxt => jepsen_txt::read(piece, builder),
            Format::JepsenLog | Format::JepsenLog2014 => jepsen_log::read(piece, builder),
            Format::Tuples => tuples::read(piece, builder),
            Format::EtcdRobustness | Format::Limo | Format::Fptlin | Format::Polylin | Format::Csv => {
                unreachable!("texts in this format are not cut");
            }
        }
    }

    /// What was read, if the piece is one.
    pub(super) fn read_plainly(&self) -> Result<&HistoryBuilder, Unusual> {
        if self.is_whole { Ok(&self.builder) } else { Err(Unusual) }
    }
}
