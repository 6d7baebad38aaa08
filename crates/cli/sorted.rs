//! A history that is too large for the memory at hand, sorted by key into temporary files: each holds the operations of
//! some keys, and can be checked by itself.
//!
//! Only histories whose every event is well-formed and in order, and whose every operation has a key, are sorted. What is
//! held is every value once, the faults, and the operations of one file. The files have no names: however the process
//! ends, they are gone.

use std::fs::File;
use std::hash::{Hash, Hasher};
use std::io::{self, BufWriter, Read, Seek, Write};

use rustc_hash::{FxHashMap, FxHasher};
use seriatim_checker::StopReason;
use seriatim_history::build::Overrides;
use seriatim_history::format::{self, Block, Blocks, Rest, Stopped};
use seriatim_history::{
    Answer, Completion, EventId, History, OpId, Operation, Point, SourceId, Span, Value, ValueId, Values,
};
use seriatim_report::{Operations, Problem};

use crate::clock::STOP;
use crate::inputs::Input;
use crate::load::Loaded;
use crate::settings::Settings;
use crate::source::{self, Opened, Origin, Reader, Text, Texts};
use crate::stored::Copy;
use crate::stream;

/// What a history takes in memory while it is checked, for each byte of its text.
pub(crate) const WHOLE: usize = 3;

/// How many files a history is sorted into.
const FILES: usize = 64;

/// More kinds of operations than this are not told apart.
const MOST_KINDS: usize = 4096;

/// A history in files.
pub(crate) struct Sorted {
    /// The history with one operation of each kind, which is all that the choice of a model looks at.
    pub(crate) loaded: Loaded,
    /// How many operations there are.
    pub(crate) operations: Operations,
    /// Whether all operations name their keys themselves; otherwise each has a tuple `[key value]`.
    pub(crate) is_keyed: bool,
    files: Vec<File>,
}

/// Why a history was not sorted.
pub(crate) enum NotSorted {
    /// It is to be read as a whole, because it is small or because there is something to say about it.
    Whole,
    /// The check was to stop.
    Stopped(StopReason),
    /// Temporary files cannot be written.
    Failed(Problem),
}

/// Sorts the history of an input by key if it is too large to be checked within `memory` bytes. The standard input is
/// left to be read again where it is not sorted.
pub(crate) fn sort(input: &Input, settings: &Settings, memory: usize) -> Result<Sorted, NotSorted> {
    let [origin] = input.origins.as_slice() else { return Err(NotSorted::Whole) };
    // Whatever is wrong with the file is told by whoever reads it as a whole.
    let opened = source::open_large(origin, memory / WHOLE).map_err(|_| NotSorted::Whole)?;
    let Some(mut opened) = opened else { return Err(NotSorted::Whole) };
    let failed = |error: io::Error| NotSorted::failed(&error);
    let (stored, copy) = match opened.stored().map_err(failed)? {
        Some(stored) => (stored, None),
        None => {
            let copy = Copy::new().map_err(failed)?;
            let stored = copy.stored().map_err(failed)?;
            opened.copy_to(&copy).map_err(failed)?;
            (stored, Some(copy))
        }
    };
    let mut sorting = Sorting::new(memory).map_err(failed)?;
    match sort_text(&mut opened, &mut sorting, settings, memory) {
        Ok(rest) => {
            let text = Text::stored(input.path.clone(), opened.bytes(), stored);
            sorting.finish(Texts(vec![text]), rest.history)
        }
        Err((why, rest)) => {
            if let (Origin::Stdin, NotSorted::Whole, Some(copy)) = (origin, &why, copy) {
                opened.put_back(copy.end().map_err(failed)?, rest);
            }
            Err(why)
        }
    }
}

/// Sorts the operations of a text. Where that cannot be done, gives what is left of it, too.
fn sort_text(
    opened: &mut Opened,
    sorting: &mut Sorting,
    settings: &Settings,
    memory: usize,
) -> Result<Rest, (NotSorted, Reader)> {
    let start = opened.start(stream::SMALL);
    let reader = opened.take_reader();
    let Ok(start) = start else { return Err((NotSorted::Whole, reader)) };
    let Some(format) = stream::format_of(settings, &start, opened.name()) else {
        return Err((NotSorted::Whole, reader));
    };
    let blocks = match Blocks::new(format, start, reader, stream::block(memory)) {
        Ok(blocks) => blocks,
        Err((_, reader)) => return Err((NotSorted::Whole, reader)),
    };
    let overrides = Overrides { ties: settings.ties, order: settings.order };
    let (found, left, blocks) = stream::ahead(blocks, |coming, empty| {
        let take = |id, operation, values: &Values| sorting.take(id, &operation, values);
        format::in_passing(format, coming.iter(), overrides, take, |Block { bytes, .. }| {
            // Whoever reads ahead may have come to the end, and need no more memory.
            let _ = empty.send(bytes);
        })
    });
    drop(left);
    found.map_err(|stopped| {
        let why = match stopped {
            Stopped::Unusual | Stopped::Input(_) => NotSorted::Whole,
            Stopped::Taker(why) => why,
        };
        (why, blocks.into_parts().1)
    })
}

impl NotSorted {
    fn failed(error: &io::Error) -> Self {
        let message = format!("cannot write temporary files: {error}");
        Self::Failed(Problem::error(message).help(
            "this history is larger than --memory-limit allows; raise it, or name another directory by the environment variable TMPDIR",
        ))
    }
}

struct Sorting {
    files: Vec<BufWriter<File>>,
    operations: Operations,
    /// One operation of each kind, with its number.
    kinds: FxHashMap<u64, (OpId, Operation)>,
    keyed: usize,
}

impl Sorting {
    fn new(memory: usize) -> io::Result<Self> {
        let buffer = (memory / (16 * FILES)).clamp(1 << 12, 1 << 18);
        let file = |_| Ok(BufWriter::with_capacity(buffer, tempfile::tempfile()?));
        Ok(Self {
            files: (0..FILES).map(file).collect::<io::Result<_>>()?,
            operations: Operations::default(),
            kinds: FxHashMap::default(),
            keyed: 0,
        })
    }

    fn take(&mut self, id: OpId, operation: &Operation, values: &Values) -> Result<(), NotSorted> {
        if let Some(reason) = STOP.requested() {
            return Err(NotSorted::Stopped(reason));
        }
        let tuple = || match values.as_list(operation.argument?) {
            Some(&[key, _]) => Some(key),
            _ => None,
        };
        self.keyed += usize::from(operation.key.is_some());
        let key = operation.key.or_else(tuple).ok_or(NotSorted::Whole)?;
        let counts = &mut self.operations;
        counts.total += 1;
        *match operation.completion {
            Completion::Ok(_) => &mut counts.ok,
            Completion::Fail(_) => &mut counts.fail,
            Completion::Unknown => &mut counts.info,
        } += 1;
        let first = self.kinds.entry(kind(operation, values)).or_insert_with(|| (id, operation.clone()));
        if id < first.0 {
            *first = (id, operation.clone());
        }
        if self.kinds.len() > MOST_KINDS {
            return Err(NotSorted::Whole);
        }
        let file = &mut self.files[key.index() % FILES];
        file.write_all(&encode(id, operation)).map_err(|error| NotSorted::failed(&error))
    }

    fn finish(self, texts: Texts, history: History) -> Result<Sorted, NotSorted> {
        let is_keyed = self.keyed == self.operations.total;
        if self.operations.total == 0 || !is_keyed && self.keyed > 0 {
            return Err(NotSorted::Whole);
        }
        let mut files = Vec::with_capacity(FILES);
        for file in self.files {
            let file = file.into_inner().map_err(|error| NotSorted::failed(error.error()))?;
            files.push(file);
        }
        let mut kinds: Vec<_> = self.kinds.into_values().collect();
        kinds.sort_by_key(|&(id, _)| id);
        let operations = kinds.into_iter().map(|(_, operation)| operation).collect();
        let history = History { operations, ..history };
        let counts = Operations { faults: history.faults.len(), ..self.operations };
        let loaded = Loaded { texts, history, numbers: Vec::new() };
        Ok(Sorted { loaded, operations: counts, is_keyed, files })
    }
}

impl Sorted {
    /// How many files there are.
    pub(crate) fn files(&self) -> usize {
        self.files.len()
    }

    /// Makes the operations of a file those of the history, and their numbers those that they have in the whole one.
    pub(crate) fn load(&mut self, file: usize) -> Result<(), Problem> {
        let failed = |error: io::Error| Problem::error(format!("cannot read a temporary file: {error}"));
        let mut bytes = Vec::new();
        self.files[file].rewind().and_then(|()| self.files[file].read_to_end(&mut bytes)).map_err(failed)?;
        let mut records: Vec<&[u8; RECORD]> = bytes.as_chunks().0.iter().collect();
        records.sort_unstable_by_key(|record| word(record, 0));
        let Loaded { history, numbers, .. } = &mut self.loaded;
        history.operations = records.iter().map(|record| decode(record)).collect();
        *numbers = records.iter().map(|record| word(record, 0)).collect();
        Ok(())
    }
}

/// What the choice of a model and of its rules may look at: two operations with the same number are alike to it.
fn kind(operation: &Operation, values: &Values) -> u64 {
    let mut hasher = FxHasher::default();
    operation.function.hash(&mut hasher);
    operation.key.is_some().hash(&mut hasher);
    let shape = |value: Option<ValueId>, hasher: &mut FxHasher| match value {
        None => 0_u8.hash(hasher),
        Some(value) => shape(value, values, false, hasher),
    };
    shape(operation.argument, &mut hasher);
    match operation.completion {
        Completion::Unknown => 0_u8.hash(&mut hasher),
        Completion::Ok(answer) => {
            1_u8.hash(&mut hasher);
            shape(answer.value, &mut hasher);
        }
        Completion::Fail(_) => 2_u8.hash(&mut hasher),
    }
    hasher.finish()
}

/// What a value is, without what it says; save that texts within lists may be names of functions.
fn shape(value: ValueId, values: &Values, is_inside: bool, hasher: &mut FxHasher) {
    let value_of = values.get(value);
    std::mem::discriminant(value_of).hash(hasher);
    match value_of {
        Value::Text(text) if is_inside => text.hash(hasher),
        Value::List(items) | Value::Set(items) => {
            items.len().hash(hasher);
            items.iter().for_each(|&item| shape(item, values, true, hasher));
        }
        Value::Map(items) => {
            items.len().hash(hasher);
            items.iter().for_each(|&(key, value)| {
                shape(key, values, true, hasher);
                shape(value, values, true, hasher);
            });
        }
        Value::Nil | Value::Bool(_) | Value::Int(_) | Value::Decimal(_) | Value::Text(_) => {}
    }
}

/// The bytes of a record: 18 words, the least significant byte first.
const RECORD: usize = 4 * WORDS;
const WORDS: usize = 18;
/// In the word that tells what became of an operation: an end was recorded.
const ENDED: u32 = 4;

fn word(record: &[u8; RECORD], at: usize) -> u32 {
    let (words, _) = record.as_chunks();
    u32::from_le_bytes(words[at])
}

/// Without its times, which nobody needs once events are in order.
fn encode(id: OpId, operation: &Operation) -> [u8; RECORD] {
    let number = |value: Option<ValueId>| {
        value.map_or(0, |value| u32::try_from(value.index() + 1).expect("the number of a value has 32 bits"))
    };
    let (tag, answer) = match operation.completion {
        Completion::Unknown => (0, Answer::default()),
        Completion::Ok(answer) => (1, answer),
        Completion::Fail(answer) => (2, answer),
    };
    let halves = |offset: u64| [offset as u32, (offset >> 32) as u32];
    let [call_low, call_high] = halves(operation.call.span.start);
    let end = operation.end.unwrap_or(operation.call);
    let [end_low, end_high] = halves(end.span.start);
    let words: [u32; WORDS] = [
        id.0,
        number(Some(operation.process)),
        number(Some(operation.function)),
        number(operation.key),
        number(operation.argument),
        tag | if operation.end.is_some() { ENDED } else { 0 },
        number(answer.value),
        number(answer.result),
        number(operation.error),
        number(operation.node),
        operation.call.event.0,
        call_low,
        call_high,
        operation.call.span.len,
        end.event.0,
        end_low,
        end_high,
        end.span.len,
    ];
    let mut record = [0; RECORD];
    for (bytes, word) in record.as_chunks_mut().0.iter_mut().zip(words) {
        *bytes = word.to_le_bytes();
    }
    record
}

fn decode(record: &[u8; RECORD]) -> Operation {
    let value = |at: usize| word(record, at).checked_sub(1).map(ValueId::at);
    let point = |at: usize| {
        let start = u64::from(word(record, at + 1)) | u64::from(word(record, at + 2)) << 32;
        let span = Span { source: SourceId(0), start, len: word(record, at + 3) };
        Point { event: EventId(word(record, at)), time: None, span }
    };
    let answer = Answer { value: value(6), result: value(7) };
    Operation {
        process: value(1).expect("every operation has a process"),
        function: value(2).expect("every operation has a function"),
        key: value(3),
        argument: value(4),
        completion: match word(record, 5) % ENDED {
            0 => Completion::Unknown,
            1 => Completion::Ok(answer),
            _ => Completion::Fail(answer),
        },
        error: value(8),
        node: value(9),
        call: point(10),
        end: (word(record, 5) >= ENDED).then(|| point(14)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_lead_back() {
        let mut values = Values::new();
        let ids = [values.text("f"), values.int(7), values.int(8), values.text("e")];
        let point = |event: u32, start: u64| Point {
            event: EventId(event),
            time: None,
            span: Span { source: SourceId(0), start, len: 70 },
        };
        let answer = Answer { value: Some(ids[2]), result: Some(ValueId::TRUE) };
        for completion in [Completion::Unknown, Completion::Ok(answer), Completion::Fail(Answer::default())] {
            for (key, end) in [(None, None), (Some(ids[3]), Some(point(u32::MAX, u64::MAX)))] {
                let operation = Operation {
                    process: ids[1],
                    function: ids[0],
                    key,
                    argument: Some(ValueId::NIL),
                    completion,
                    error: key,
                    node: None,
                    call: point(3, 1 << 40),
                    end,
                };
                let record = encode(OpId(9), &operation);
                assert_eq!((word(&record, 0), decode(&record)), (9, operation));
            }
        }
    }

    #[test]
    fn operations_of_a_kind_differ_in_values_alone() {
        let mut values = Values::new();
        let (f, one, two, text) = (values.text("f"), values.int(1), values.int(2), values.text("t"));
        let with = |argument, key, completion| Operation {
            process: one,
            function: f,
            key,
            argument,
            completion,
            error: None,
            node: None,
            call: Point { event: EventId(0), time: None, span: Span::default() },
            end: None,
        };
        let ok = |value| Completion::Ok(Answer { value: Some(value), result: None });
        let pair = values.list([one, ValueId::NIL]);
        let same = kind(&with(Some(one), Some(one), ok(two)), &values);
        assert_eq!(kind(&with(Some(two), Some(two), ok(one)), &values), same);
        for other in [
            with(None, Some(one), ok(two)),
            with(Some(ValueId::NIL), Some(one), ok(two)),
            with(Some(text), Some(one), ok(two)),
            with(Some(pair), Some(one), ok(two)),
            with(Some(one), None, ok(two)),
            with(Some(one), Some(one), ok(text)),
            with(Some(one), Some(one), Completion::Unknown),
        ] {
            assert_ne!(kind(&other, &values), same, "{other:?}");
        }
    }
}
