//! Reads a text in pieces on all threads of the pool it is called in.
//!
//! A piece begins where a line begins with an object, and is read by the very reader that reads whole texts. If that
//! reader takes a piece for whole objects, one after the other, then its end is between two objects of the text: so
//! what the pieces say is what the text says, whatever their size. A piece of which it says anything else, or in which
//! anything is wrong, sends the whole text to be read in one: all that is told of errors is told there.
//!
//! While pieces are read, the events of those before them are paired. Values are numbered in the order of their first
//! appearance. So neither the pieces nor the number of threads can be told from the history.

use std::io::{self, Read};
use std::ops::Range;

use memchr::{memchr_iter, memmem};
use rayon::prelude::*;

use super::{Format, edn, jsonl};
use crate::build::{HistoryBuilder, Overrides, Stream, Unusual};
use crate::convention::{Order, TimeUnit};
use crate::operation::{History, OpId, Operation};
use crate::span::{Source, SourceId};
use crate::value::Values;

/// About how many bytes a piece has: its events and values fit into the cache of a core.
pub(super) const PIECE: usize = 256 << 10;

/// How many pieces a thread reads before all wait for each other.
const ROUND: usize = 8;

/// Reads `source` in pieces of about `piece` bytes. `None` where it has to be read in one.
pub(super) fn history(
    format: Format,
    source: Source<'_>,
    overrides: Overrides,
    piece: usize,
) -> Option<History> {
    let is_cut = matches!(format, Format::Jsonl | Format::Edn);
    if !is_cut || overrides.order.unwrap_or_default() != Order::Line {
        return None;
    }
    read(format, source, piece).ok()
}

fn read(format: Format, source: Source<'_>, piece: usize) -> Result<History, Unusual> {
    let text = source.text;
    let mut stream = Stream::new(format);
    // The head is in the first object, and says how to read the others.
    let mut first = Piece::new(format);
    first.range = 0..end(text, 0, 1);
    first.read(format, source, None, true);
    stream.take(&first.builder, 0)?;
    stream.declare(&first.builder)?;
    let unit = first.builder.declared.time_unit;
    let mut at = first.range.end;
    let round = ROUND * rayon::current_num_threads();
    let mut is_reserved = false;
    let (mut unread, mut unpaired): (Vec<Piece>, Vec<Piece>) = (Vec::new(), Vec::new());
    loop {
        let mut count = 0;
        while count < round && at < text.len() {
            if unread.len() == count {
                unread.push(Piece::new(format));
            }
            unread[count].range = at..end(text, at, piece);
            // Objects that do not begin lines cannot be told apart.
            if unread[count].range.len() > 64 * PIECE.max(piece) {
                return Err(Unusual);
            }
            at = unread[count].range.end;
            count += 1;
        }
        unread.truncate(count);
        if unread.is_empty() && unpaired.is_empty() {
            return stream.finish();
        }
        let ((), paired) = rayon::join(
            || unread.par_iter_mut().for_each(|piece| piece.read(format, source, unit, false)),
            || unpaired.iter().try_for_each(|piece| stream.take(&piece.builder, piece.range.start)),
        );
        paired?;
        if let (false, Some(last)) = (is_reserved, unpaired.last()) {
            // What is to come is much like what came.
            let share = text.len() as f64 / last.range.end as f64;
            stream.reserve((stream.events() as f64 * (share - 1.0) * 1.01) as usize);
            is_reserved = true;
        }
        std::mem::swap(&mut unread, &mut unpaired);
        unread.truncate(if at < text.len() { round } else { 0 });
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

/// Reads a history in passing: what `input` gives is never held as a whole, and nor are the operations. Each is handed to
/// `take` with its number, those that end in about the order of their ends, and those that never do at last.
///
/// # Errors
/// Where the history is not in order, event after event, or anything is wrong with it; where `input` fails; and where
/// `take` does.
pub fn in_passing<E>(
    format: Format,
    input: impl Read,
    overrides: Overrides,
    take: impl FnMut(OpId, Operation, &Values) -> Result<(), E>,
) -> Result<Rest, Stopped<E>> {
    passing(format, input, overrides, ROUND * PIECE, take)
}

/// The same, with about `wanted` bytes at a time.
fn passing<E>(
    format: Format,
    mut input: impl Read,
    overrides: Overrides,
    wanted: usize,
    mut take: impl FnMut(OpId, Operation, &Values) -> Result<(), E>,
) -> Result<Rest, Stopped<E>> {
    let is_cut = matches!(format, Format::Jsonl | Format::Edn);
    if !is_cut || overrides.order.unwrap_or_default() != Order::Line {
        return Err(Stopped::Unusual);
    }
    let mut stream = Stream::new(format);
    let mut pieces: Vec<Piece> = Vec::new();
    let (mut buffer, mut offset, mut unit, mut is_over) = (Vec::new(), 0, None, false);
    while !is_over {
        is_over =
            input.by_ref().take(wanted as u64).read_to_end(&mut buffer).map_err(Stopped::Input)? < wanted;
        // Up to the last line that begins with an object, all objects are whole.
        let whole =
            if is_over { Some(buffer.len()) } else { memmem::rfind(&buffer, b"\n{").map(|at| at + 1) };
        let Some(whole) = whole else {
            if buffer.len() > 64 * PIECE {
                return Err(Stopped::Unusual);
            }
            continue;
        };
        let text = str::from_utf8(&buffer[..whole]).map_err(|_| Unusual)?;
        let source = Source { id: SourceId(0), text };
        let mut at = 0;
        if offset == 0 {
            let mut first = Piece::new(format);
            first.range = 0..end(text, 0, 1);
            first.read(format, source, None, true);
            stream.take(&first.builder, 0)?;
            stream.declare(&first.builder)?;
            unit = first.builder.declared.time_unit;
            at = first.range.end;
        }
        let mut count = 0;
        while at < text.len() {
            if pieces.len() == count {
                pieces.push(Piece::new(format));
            }
            pieces[count].range = at..end(text, at, PIECE);
            at = pieces[count].range.end;
            count += 1;
        }
        pieces.truncate(count);
        pieces.par_iter_mut().for_each(|piece| piece.read(format, source, unit, false));
        for piece in &pieces {
            stream.take(&piece.builder, offset + piece.range.start)?;
        }
        let mut taken = Ok(());
        stream.drain(|id, operation, values| {
            if taken.is_ok() {
                taken = take(id, operation, values);
            }
        });
        taken.map_err(Stopped::Taker)?;
        buffer.drain(..whole);
        offset += whole;
    }
    let (mut history, numbers, operations) = stream.finish_drained()?;
    for (operation, number) in history.operations.drain(..).zip(numbers) {
        take(OpId(number), operation, &history.values).map_err(Stopped::Taker)?;
    }
    Ok(Rest { history, operations })
}

/// The end of the piece of at least `size` bytes that begins at `from`: the next line that begins with an object.
fn end(text: &str, from: usize, size: usize) -> usize {
    let bytes = text.as_bytes();
    let Some(rest) = bytes.get(from + size - 1..) else { return bytes.len() };
    let begins = |&at: &usize| rest.get(at + 1) == Some(&b'{');
    memchr_iter(b'\n', rest).find(begins).map_or(bytes.len(), |at| from + size + at)
}

/// A piece of the text, and what was read of it.
struct Piece {
    range: Range<usize>,
    builder: HistoryBuilder,
}

impl Piece {
    fn new(format: Format) -> Self {
        Self { range: 0..0, builder: HistoryBuilder::new(format) }
    }

    fn read(&mut self, format: Format, source: Source<'_>, unit: Option<TimeUnit>, is_start: bool) {
        self.builder.clear();
        self.builder.declared.time_unit = unit;
        let piece = Source { id: source.id, text: &source.text[self.range.clone()] };
        match format {
            Format::Edn => edn::read(piece, &mut self.builder),
            _ => jsonl::read_from(piece, &mut self.builder, is_start),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostics;
    use crate::format::csv::ColumnMap;

    fn in_one(format: Format, text: &str) -> Result<History, Diagnostics> {
        let mut builder = HistoryBuilder::new(format);
        let source = Source { id: SourceId(0), text };
        super::super::read(format, source, &ColumnMap::default(), &mut builder);
        builder.finish(Overrides::default())
    }

    fn in_pieces(format: Format, text: &str, piece: usize) -> Option<History> {
        history(format, Source { id: SourceId(0), text }, Overrides::default(), piece)
    }

    /// All that can be seen of a history, down to the numbers of its values.
    fn shown(history: &History) -> String {
        let values: Vec<_> = (0..history.values.len()).map(|at| history.values.nth(at)).collect();
        format!(
            "{values:?}\n{:?}\n{:?}\n{} {:?} {:?}",
            history.operations, history.faults, history.events, history.declared, history.notes
        )
    }

    fn jsonl() -> String {
        let mut text = r#"{"seriatim":1,"init":7,"time_unit":"us"}"#.to_owned();
        for at in 0..200 {
            let (process, value) = (at % 3, at * at % 50);
            text += &format!(
                "\n{{\"process\":{process},\"type\":\"invoke\",\"f\":\"write\",\"value\":{value},\"time\":{at}}}\n\
                 {{\"process\":\"nemesis\",\"type\":\"info\",\"f\":\"n{at}\",\"value\":{{\"a\":[{at},\"é\"]}}}}\n\
                 {{\"process\":{process},\"type\":\"{}\",\"f\":\"write\",\"value\":{value},\"srv\":\"x\",\"time\":{}}}",
                if at % 7 == 0 { "info" } else { "ok" },
                at - at % 5
            );
        }
        text
    }

    fn edn() -> String {
        (0..200)
            .map(|at| {
                format!(
                    "{{:process {}, :type :invoke, :f :add, :value #{{{} {at} :x}}, :index {}}}\n\
                     {{:process {}, :type :ok, :f :add, :value \"a\n b\", :index {}}} ; so\n",
                    at % 5,
                    200 - at,
                    2 * at,
                    at % 5,
                    2 * at + 1
                )
            })
            .collect()
    }

    #[test]
    fn pieces_cannot_be_told_from_the_history() {
        for (format, text) in [(Format::Jsonl, jsonl()), (Format::Edn, edn())] {
            let whole = shown(&in_one(format, &text).expect("well-formed"));
            for piece in [1, 100, 1_000, 5_000, 1_000_000] {
                let history = in_pieces(format, &text, piece).expect("nothing is unusual");
                assert_eq!(shown(&history), whole, "{piece}");
            }
            for threads in [1, 3] {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
                let history = pool.install(|| in_pieces(format, &text, 100)).expect("nothing is unusual");
                assert_eq!(shown(&history), whole, "{threads} threads");
            }
        }
    }

    #[test]
    fn what_is_read_in_passing_is_the_history() {
        for (format, text) in [(Format::Jsonl, jsonl()), (Format::Edn, edn())] {
            let text = text
                + if format == Format::Jsonl {
                    "\n{\"process\":9,\"type\":\"invoke\",\"f\":\"x\"}"
                } else {
                    "{:process 9, :type :invoke, :f :x, :index 1000}"
                };
            let whole = in_one(format, &text).expect("well-formed");
            let nothing = |_, _, _: &Values| Ok::<_, ()>(());
            let empty =
                in_passing(format, &b""[..], Overrides::default(), nothing).expect("nothing is unusual");
            assert_eq!((empty.operations, empty.history.events), (0, 0));
            // Small reads put the drains between the invocations and their completions.
            for size in [1, 50, 1_000, 1_000_000] {
                let mut operations: Vec<(OpId, Operation)> = Vec::new();
                let mut input = text.as_bytes();
                let rest =
                    passing(format, &mut input, Overrides::default(), size, |id, operation, _: &Values| {
                        operations.push((id, operation));
                        Ok::<_, ()>(())
                    })
                    .expect("nothing is unusual");
                operations.sort_by_key(|&(id, _)| id);
                assert!((0..).zip(&operations).all(|(at, (id, _))| id.0 == at));
                assert_eq!(rest.operations, operations.len());
                let operations = operations.into_iter().map(|(_, operation)| operation).collect();
                let history = History { operations, ..rest.history };
                assert_eq!(shown(&history), shown(&whole), "{size}");
            }
        }
    }

    #[test]
    fn whatever_is_unusual_is_read_in_one() {
        let line = |process: u32, kind: &str| {
            format!("{{\"process\":{process},\"type\":\"{kind}\",\"f\":\"read\",\"value\":1}}\n")
        };
        let good = line(0, "invoke") + &line(0, "ok");
        for bad in [
            "{\"seriatim\":1}\n".to_owned(),
            line(0, "ok"),
            line(1, "invoke") + &line(1, "invoke"),
            "{\"process\":1}\n".to_owned(),
            "{\n{\n".to_owned(),
            "{\"process\":3,\"type\":\"invoke\",\"f\":\"read\",\n{\"value\":1}\n".to_owned(),
            "{\"process\":2,\"f\":\"read\",\"value\":1,\"call\":1,\"return\":2}\n".to_owned(),
            "{\"process\":2,\"type\":\"invoke\",\"f\":\"read\",\"index\":7}\n".to_owned(),
            "{\"process\":2,\"type\":\"invoke\"}\n".to_owned(),
            "{\"proc".to_owned(),
            "]\n".to_owned(),
        ] {
            for text in [good.clone() + &good + &bad + &good, good.clone() + &good + &bad] {
                assert!(in_pieces(Format::Jsonl, &text, 1).is_none(), "{text}");
            }
        }
        let ordered = "{\"seriatim\":1,\"order\":\"time\"}\n".to_owned() + &good;
        assert!(in_pieces(Format::Jsonl, &ordered, 1).is_none());
        let by_time = Overrides { order: Some(Order::Time), ..Overrides::default() };
        let source = Source { id: SourceId(0), text: &good };
        assert!(history(Format::Jsonl, source, by_time, 1).is_none());
        assert!(history(Format::Jsonl, source, Overrides::default(), 1).is_some());
    }

    #[test]
    fn a_string_over_several_lines_is_not_cut_in_two() {
        let event =
            |kind: &str, value: &str| format!("{{:process 0, :type {kind}, :f :write, :value {value}}}\n");
        let text =
            event(":invoke", "1") + &event(":ok", "1") + &event(":invoke", "\"a\n{:b\"") + &event(":ok", "2");
        let whole = in_one(Format::Edn, &text).expect("well-formed");
        for piece in 1..text.len() {
            if let Some(history) = in_pieces(Format::Edn, &text, piece) {
                assert_eq!(shown(&history), shown(&whole), "{piece}");
            }
        }
        assert!(in_pieces(Format::Edn, &text, text.len()).is_some());
        assert!(in_pieces(Format::Edn, &text, 1).is_none());
    }
}
