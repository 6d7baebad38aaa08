//! A history that is too large for the memory at hand, sorted by key into temporary files: each holds the operations of
//! some keys, and can be checked by itself.
//!
//! Only histories whose every event is well-formed and in order, and whose every operation has a key, are sorted. What is
//! held is every value once, the faults, and the operations of one file. The files have no names: however the process
//! ends, they are gone.

use std::hash::{Hash, Hasher};
use std::io;
use std::sync::mpsc;
use std::thread::Scope;

use rustc_hash::{FxHashMap, FxHasher};
use seriatim_checker::StopReason;
use seriatim_history::build::Overrides;
use seriatim_history::format::{self, Block, Blocks, Rest, Stopped};
use seriatim_history::{Completion, Fault, History, OpId, Operation, Told, Value, ValueId, Values};
use seriatim_report::{Operations, Problem};
use seriatim_symptom::Observer;

use crate::clock::STOP;
use crate::doubted::Doubted;
use crate::inputs::Input;
use crate::load::Loaded;
use crate::records::{Held, Records, Writing};
use crate::settings::Settings;
use crate::source::{self, Opened, Origin, Reader, Text, Texts};
use crate::stored::Copy;
use crate::stream;
use crate::times::{Known, Times};

/// What a history takes in memory while it is checked, for each byte of its text.
pub(crate) const WHOLE: usize = 3;

/// With so many bytes there is room for a file more than is at work.
const LARGE: usize = 256 << 20;

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
    /// The operations by their keys.
    pub(crate) files: Vec<Records>,
    /// How many bytes it may take to check them.
    pub(crate) memory: usize,
    /// When its events were.
    pub(crate) times: Known,
    /// What was seen of its operations beside what they are.
    pub(crate) observer: Observer,
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
    let mut sorting = Sorting::new(memory, &settings.doubted).map_err(failed)?;
    match sort_text(&mut opened, &mut sorting, settings, memory) {
        Ok(rest) => {
            let text = Text::stored(&opened, stored);
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
    sorting: &mut Sorting<'_>,
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
    let (found, left, blocks) = format::ahead(blocks, |ahead| {
        let take =
            |id, operation: &Operation, told, values: &Values| sorting.take(id, operation, told, values);
        let blocks = ahead.blocks_while(|| true);
        format::in_passing(format, blocks, overrides, take, |Block { bytes, .. }| ahead.give_back(bytes))
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

struct Sorting<'a> {
    /// What is doubted stands in the files as it counts.
    doubted: &'a Doubted,
    files: Vec<Writing>,
    /// When its events were.
    times: Times,
    memory: usize,
    operations: Operations,
    /// One operation of each kind, with its number.
    kinds: FxHashMap<u64, (OpId, Operation)>,
    keyed: usize,
    observer: Observer,
}

impl<'a> Sorting<'a> {
    fn new(memory: usize, doubted: &'a Doubted) -> io::Result<Self> {
        let buffer = (memory / (64 * FILES)).clamp(1 << 12, 1 << 18);
        Ok(Self {
            doubted,
            files: (0..FILES).map(|_| Writing::new(buffer)).collect::<io::Result<_>>()?,
            times: Times::new(buffer)?,
            operations: Operations::default(),
            kinds: FxHashMap::default(),
            keyed: 0,
            observer: Observer::default(),
            memory,
        })
    }

    fn take(
        &mut self,
        id: OpId,
        operation: &Operation,
        told: Told,
        values: &Values,
    ) -> Result<(), NotSorted> {
        if let Some(reason) = STOP.requested() {
            return Err(NotSorted::Stopped(reason));
        }
        let applied = self.doubted.applied(operation, values);
        let operation = applied.as_ref().unwrap_or(operation);
        let tuple = || match values.as_list(operation.argument?) {
            Some(&[key, _]) => Some(key),
            _ => None,
        };
        self.keyed += usize::from(operation.key.is_some());
        let key = operation.key.or_else(tuple).ok_or(NotSorted::Whole)?;
        self.observer.take(operation, Some(key), told, values);
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
        let points = [Some(operation.call), operation.end];
        file.push(id, operation)
            .and_then(|()| points.into_iter().flatten().try_for_each(|point| self.times.push(point)))
            .map_err(|error| NotSorted::failed(&error))
    }

    fn finish(mut self, texts: Texts, history: History) -> Result<Sorted, NotSorted> {
        let is_keyed = self.keyed == self.operations.total;
        if self.operations.total == 0 || !is_keyed && self.keyed > 0 {
            return Err(NotSorted::Whole);
        }
        let files =
            std::mem::take(&mut self.files).into_iter().map(Writing::finish).collect::<io::Result<_>>();
        let files = files.map_err(|error| NotSorted::failed(&error))?;
        let mut kinds: Vec<_> = std::mem::take(&mut self.kinds).into_values().collect();
        kinds.sort_by_key(|&(id, _)| id);
        let operations = kinds.into_iter().map(|(_, operation)| operation).collect();
        let mut history = History { operations, ..history };
        let mut times = self.times.finish().map_err(|error| NotSorted::failed(&error))?;
        look_up(&mut history.faults, &mut times).map_err(|error| NotSorted::failed(&error))?;
        let counts = Operations { faults: history.faults.len(), ..self.operations };
        let loaded = Loaded { texts, history, numbers: Vec::new() };
        let Self { observer, memory, .. } = self;
        Ok(Sorted { loaded, operations: counts, is_keyed, files, memory, times, observer })
    }
}

/// Finds which events faults met that tell both their ends by their times: nobody else has the times of all operations.
fn look_up(faults: &mut [Fault], times: &mut Known) -> io::Result<()> {
    let ends = |fault: &Fault| fault.end.map(|end| [fault.start.time, Some(end)]);
    let wanted: Vec<i64> = faults.iter().filter_map(ends).flatten().flatten().collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let mut found = times.first_after(&wanted)?.into_iter();
    for fault in faults {
        fault.events = ends(fault).map(|ends| ends.map(|time| time.and_then(|_| found.next().flatten())));
    }
    Ok(())
}

/// Reads one file after the other; the next one while the last is at work, where both take no more than a small share of
/// `memory`.
pub(crate) fn read<'scope>(
    files: Vec<Records>,
    memory: usize,
    scope: &'scope Scope<'scope, '_>,
) -> Box<dyn Iterator<Item = Result<Held, Problem>>> {
    let largest = files.iter().map(Records::bytes).max().unwrap_or_default();
    let mut all = files.into_iter().map(|file| {
        file.read().map_err(|error| Problem::error(format!("cannot read a temporary file: {error}")))
    });
    // What a thread of its own takes counts where little is allowed.
    if memory < LARGE || largest > memory / FILES {
        return Box::new(all);
    }
    let (full, coming) = mpsc::sync_channel(0);
    // Whoever takes them may have enough.
    scope.spawn(move || all.try_for_each(|held| full.send(held)));
    Box::new(coming.into_iter())
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

#[cfg(test)]
mod tests {
    use seriatim_history::{Answer, EventId, Point, Span};

    use super::*;

    #[test]
    fn files_read_ahead_are_the_files() {
        let mut values = Values::new();
        let f = values.text("f");
        let files = || -> Vec<Records> {
            let file = |at: u32| {
                let mut file = Writing::new(64).expect("a file");
                for number in (0..at).rev() {
                    let point = Point { event: EventId(number), time: None, span: Span::default() };
                    let operation = Operation {
                        process: f,
                        function: f,
                        key: None,
                        argument: None,
                        completion: Completion::Unknown,
                        error: None,
                        node: None,
                        told: None,
                        call: point,
                        end: Some(point),
                    };
                    file.push(OpId(10 * at + number), &operation).expect("written");
                }
                file.finish().expect("written")
            };
            (0..20).map(file).collect()
        };
        let read = |memory: usize, most: usize| {
            std::thread::scope(|scope| {
                let held = super::read(files(), memory, scope).take(most);
                held.map(|held| held.map(|Held { operations, numbers }| (operations, numbers)))
                    .collect::<Result<Vec<_>, _>>()
                    .expect("they can be read")
            })
        };
        let all = read(usize::MAX, 20);
        for (at, (operations, numbers)) in (0..20).zip(&all) {
            assert_eq!(*numbers, (10 * at..11 * at).collect::<Vec<_>>());
            assert!((0..at).eq(operations.iter().map(|operation| operation.call.event.0)));
        }
        assert_eq!(read(0, 20), all);
        // Whoever has enough is not waited for.
        assert_eq!(read(usize::MAX, 3), all[..3]);
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
            told: None,
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
