//! Looks at each operation of a history once, in any order, and keeps what rules need: memory follows nodes, kinds of
//! operations and stretches of time, not operations.

use hdrhistogram::Histogram;
use rustc_hash::FxHashMap;
pub use seriatim_history::Told;
use seriatim_history::{Completion, Operation, ValueId, Values, Window};

use crate::cell::{Answered, Cell, LONG, Latencies, OnKey};
use crate::clients;
use crate::grid::Grid;
use crate::observed::{Observed, Stamps};
use crate::refusal::is_answer;
use crate::requests::Requests;

/// How long the short stretches are at first, in nanoseconds, and how many there may be.
const SHORT: (i64, usize) = (10_000_000, 4_096);
/// The same of those in which latencies are told apart.
const MEDIUM: (i64, usize) = (250_000_000, 256);
/// The same of those in which clients are.
const WIDE: (i64, usize) = (250_000_000, 128);

/// The same of those in which keys are.
const KEYED: (i64, usize) = (100_000_000, 512);

/// With more pairs of a client and a node, no rule looks at single clients.
pub const MOST_PAIRS: usize = 2_048;

/// So many pairs are followed before it is known which processes are one client.
const MOST_PROCESSES: usize = 8 * MOST_PAIRS;

/// So many stretches there may be of few pairs, and of all of them together.
const FINE: usize = 1_024;
const SEEN_PAIRS: usize = WIDE.1 * MOST_PAIRS;

/// With more keys, no rule looks at single ones.
pub const MOST_KEYS: usize = 256;

/// What became of an operation, for whoever waited for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Came {
    /// It was served: it happened, or it was told no.
    Done,
    /// It was not.
    Failed,
    /// Nobody knows.
    Unknown,
}

/// Looks at operations.
#[derive(Debug)]
pub struct Observer {
    /// The series of a node and a kind of operation.
    of: FxHashMap<(Option<ValueId>, ValueId), usize>,
    cells: Grid<Cell>,
    latencies: Grid<Latencies>,
    /// The series of a client and a node; nothing where there are too many.
    pairs: Option<FxHashMap<(ValueId, Option<ValueId>), usize>>,
    answered: Grid<Answered>,
    /// What became of the last operation of each process.
    last: clients::Last,
    /// The series of a key; nothing where there are too many.
    keys: Option<FxHashMap<ValueId, usize>>,
    keyed: Grid<OnKey>,
    /// How long operations took: those that happened, to a hundredth, and all others that ended, to a thousandth.
    lengths: [Histogram<u32>; 2],
    requests: Requests,
    /// Whether an operation told which try of its request it is.
    has_attempts: bool,
    stamps: FxHashMap<Option<ValueId>, Stamps>,
    /// How many operations end before they begin, and by how much the worst does.
    backward: (u64, i64),
    operations: u64,
    untimed: u64,
}

impl Default for Observer {
    fn default() -> Self {
        let lengths = |digits| Histogram::new_with_bounds(1, DAY, digits).expect("the bounds are in order");
        Self {
            of: FxHashMap::default(),
            cells: Grid::new(SHORT.0, SHORT.1),
            latencies: Grid::new(MEDIUM.0, MEDIUM.1),
            pairs: Some(FxHashMap::default()),
            answered: Grid::new(WIDE.0, FINE),
            last: clients::Last::default(),
            keys: Some(FxHashMap::default()),
            keyed: Grid::new(KEYED.0, KEYED.1),
            lengths: [lengths(2), lengths(3)],
            requests: Requests::default(),
            has_attempts: false,
            stamps: FxHashMap::default(),
            backward: (0, 0),
            operations: 0,
            untimed: 0,
        }
    }
}

/// A day, in nanoseconds.
const DAY: u64 = 86_400_000_000_000;

impl Observer {
    /// Looks at an operation on a key, whose names are in `values`. One whose call has no time is only counted. Of requests with numbers
    /// the earlier tries come first; else the order makes no difference.
    pub fn take(&mut self, operation: &Operation, key: Option<ValueId>, told: Told, values: &Values) {
        self.operations += 1;
        let Some(call) = operation.call.time else {
            self.untimed += 1;
            return;
        };
        let end = operation.end.and_then(|end| end.time);
        let came = match operation.completion {
            Completion::Ok(_) => Came::Done,
            Completion::Fail(_) if is_answer(operation, values) => Came::Done,
            Completion::Fail(_) => Came::Failed,
            Completion::Unknown => Came::Unknown,
        };
        let is_ok = came == Came::Done;
        let series = *self.of.entry((operation.node, operation.function)).or_insert_with(|| {
            self.latencies.add();
            self.cells.add()
        });
        let times = (call, end);
        let is_again = self.is_again(told);
        count(&mut self.cells, series, came, is_again, times);
        if let Some(end) = end {
            let length = end.saturating_sub(call);
            if length < 0 {
                self.backward = (self.backward.0 + 1, self.backward.1.max(-length));
            }
            let length = u64::try_from(length).unwrap_or(0);
            if is_ok {
                self.latencies.at(series, end).count(length);
            }
            self.lengths[usize::from(!is_ok)].saturating_record(length);
        }
        if let Some(key) = key {
            self.key(key, came, times);
        }
        self.pair(operation, call, end, came);
        if let Some(stamp) = told.server_time {
            self.stamps.entry(operation.node).or_default().count(stamp, call, end);
        }
    }

    /// Whether an operation is a further try of its request; nothing where that is not told.
    fn is_again(&mut self, told: Told) -> Option<bool> {
        self.has_attempts |= told.attempt.is_some();
        let number = told.request;
        told.attempt.map(|attempt| attempt > 1).or_else(|| Some(self.requests.has_seen(number?)))
    }

    fn key(&mut self, key: ValueId, came: Came, times: (i64, Option<i64>)) {
        let Some(keys) = &mut self.keys else { return };
        let keyed = &mut self.keyed;
        let series = *keys.entry(key).or_insert_with(|| keyed.add());
        if keys.len() > MOST_KEYS {
            (self.keys, self.keyed) = (None, Grid::new(KEYED.0, KEYED.1));
            return;
        }
        let (call, end) = times;
        let called = keyed.at(series, call);
        called.calls += 1;
        called.ended_calls += u32::from(end.is_some());
        let Some(end) = end else { return };
        let ended = keyed.at(series, end);
        *(if came == Came::Done { &mut ended.ok } else { &mut ended.bad }) += 1;
    }

    fn pair(&mut self, operation: &Operation, call: i64, end: Option<i64>, came: Came) {
        let Some(pairs) = &mut self.pairs else { return };
        let answered = &mut self.answered;
        let most = SEEN_PAIRS / (pairs.len() + 1).next_power_of_two();
        let pair = *pairs.entry((operation.process, operation.node)).or_insert_with(|| {
            answered.limit(most.clamp(WIDE.1, FINE));
            answered.add()
        });
        if pairs.len() > MOST_PROCESSES {
            (self.pairs, self.answered) = (None, Grid::new(WIDE.0, FINE));
            self.last = clients::Last::default();
            return;
        }
        self.last.take(operation.process, call, came == Came::Unknown || end.is_none());
        answered.at(pair, call).calls += 1;
        let ended = answered.at(pair, end.unwrap_or(call));
        if came == Came::Done && end.is_some() {
            ended.ok += 1;
        } else {
            ended.bad += 1;
        }
    }

    /// What was seen, of a history with these faults, whose names are in `values`.
    pub fn finish(self, windows: Vec<Window>, values: &Values) -> Observed {
        let number = |process| values.as_int(process).and_then(|number| i64::try_from(number).ok());
        let pairs = self.pairs.map(|pairs| pairs.into_iter().collect());
        let (pairs, answered) =
            match pairs.map(|pairs| clients::folded(pairs, self.answered, &self.last, number)) {
                Some((pairs, answered)) if pairs.len() <= MOST_PAIRS => (Some(pairs), answered),
                _ => (None, Grid::new(WIDE.0, FINE)),
            };
        Observed {
            series: self.of.into_iter().collect(),
            cells: self.cells,
            latencies: self.latencies,
            pairs,
            answered,
            keys: self.keys.map(|keys| keys.into_iter().collect()),
            keyed: self.keyed,
            lengths: self.lengths,
            are_tries_known: self.has_attempts || self.requests.has_repeated(),
            stamps: self.stamps.into_iter().collect(),
            backward: self.backward,
            operations: self.operations,
            untimed: self.untimed,
            windows,
        }
        .sorted()
    }
}

/// Counts an operation, which may be known to be a further try or none, in the stretches of a series in which it was called and ended.
fn count(
    cells: &mut Grid<Cell>,
    series: usize,
    came: Came,
    is_again: Option<bool>,
    (call, end): (i64, Option<i64>),
) {
    let called = cells.at(series, call);
    called.calls += 1;
    called.ended_calls += u32::from(end.is_some());
    if let Some(is_again) = is_again {
        called.numbered += 1;
        called.again += u32::from(is_again);
    }
    let Some(end) = end else { return };
    let is_long = end.saturating_sub(call) >= LONG;
    let ended = cells.at(series, end);
    match came {
        Came::Done => ended.ok += 1,
        Came::Failed => ended.fail += 1,
        Came::Unknown => ended.info += 1,
    }
    ended.long += u32::from(is_long);
    ended.long_ok += u32::from(is_long && came == Came::Done);
}
