//! What was seen of a history as a whole, and the questions that rules ask of it.

use hdrhistogram::Histogram;
use seriatim_history::{ValueId, Window};

use crate::cell::{Answered, Cell, Latencies, OnKey};
use crate::grid::{Fold, Grid};

/// What was seen of a history.
#[derive(Clone, Debug)]
pub struct Observed {
    /// The series of each node and kind of operation in `cells` and `latencies`.
    pub series: Vec<((Option<ValueId>, ValueId), usize)>,
    /// Counts, in short stretches.
    pub cells: Grid<Cell>,
    /// How long what happened took, by when it ended, in longer stretches.
    pub latencies: Grid<Latencies>,
    /// The series of each client and node in `answered`; nothing where there are more than anybody looks at.
    pub pairs: Option<Vec<(Pair, usize)>>,
    /// Who was answered by whom, in stretches that are longer still.
    pub answered: Grid<Answered>,
    /// The series of each key in `keyed`; nothing where there are more than anybody looks at.
    pub keys: Option<Vec<(ValueId, usize)>>,
    /// Counts of keys, in longer stretches.
    pub keyed: Grid<OnKey>,
    /// How long operations took: those that happened, to a hundredth, and all others that ended, to a thousandth.
    pub lengths: [Histogram<u32>; 2],
    /// Whether it is known which try of its request an operation is.
    pub are_tries_known: bool,
    /// The stamps of each node's servers.
    pub stamps: Vec<(Option<ValueId>, Stamps)>,
    /// How many operations end before they begin, and by how many nanoseconds the worst does.
    pub backward: (u64, i64),
    /// How many operations there are.
    pub operations: u64,
    /// How many of them have no times.
    pub untimed: u64,
    /// The faults.
    pub windows: Vec<Window>,
}

/// A client and the node that it asked.
pub type Pair = (ValueId, Option<ValueId>);

/// How far stamps of a server lie outside of the requests they belong to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamps {
    /// How many there are.
    pub count: u64,
    /// How many lie before the call, and by how many nanoseconds the worst does.
    pub before: (u64, i64),
    /// How many lie after the end, and by how many nanoseconds the worst does.
    pub after: (u64, i64),
    /// What a clock that is off by one constant must be ahead by, at the least and at the most, in nanoseconds; for the
    /// difference to be within both ends of each request.
    pub offset: Option<(i64, i64)>,
    /// The first and the last call of a request of which the stamp lies outside.
    pub outside: Option<(i64, i64)>,
}

impl Stamps {
    /// Counts a stamp of an operation with this call and end.
    pub fn count(&mut self, stamp: i64, call: i64, end: Option<i64>) {
        self.count += 1;
        if stamp < call || end.is_some_and(|end| stamp > end) {
            self.outside =
                Some(self.outside.map_or((call, call), |(first, last)| (first.min(call), last.max(call))));
        }
        if stamp < call {
            self.before = (self.before.0 + 1, self.before.1.max(call - stamp));
        }
        let Some(end) = end else { return };
        if stamp > end {
            self.after = (self.after.0 + 1, self.after.1.max(stamp - end));
        }
        // The true time is within the request, so the clock is ahead by something between these.
        let (least, most) = (stamp - end, stamp - call);
        self.offset = Some(self.offset.map_or((least, most), |(low, high)| (low.max(least), high.min(most))));
    }
}

impl Observed {
    pub(crate) fn sorted(mut self) -> Self {
        self.series.sort_unstable();
        self.stamps.sort_unstable_by_key(|(node, _)| *node);
        if let Some(pairs) = &mut self.pairs {
            pairs.sort_unstable();
        }
        if let Some(keys) = &mut self.keys {
            keys.sort_unstable();
        }
        self
    }

    /// The nodes that were asked, in the order of their numbers; one is nothing where operations do not tell their node.
    pub fn nodes(&self) -> Vec<Option<ValueId>> {
        let mut nodes: Vec<_> = self.series.iter().map(|((node, _), _)| *node).collect();
        nodes.dedup();
        nodes
    }

    /// What was asked, in the order of their numbers.
    pub fn functions(&self) -> Vec<ValueId> {
        let mut functions: Vec<_> = self.series.iter().map(|((_, function), _)| *function).collect();
        functions.sort_unstable();
        functions.dedup();
        functions
    }

    /// The counts of some series in each short stretch of the run, put together.
    pub fn counts(&self, has: impl Fn(Option<ValueId>, ValueId) -> bool) -> Vec<Cell> {
        let mut all = vec![Cell::default(); self.cells.span().count()];
        for &((node, function), series) in &self.series {
            if has(node, function) {
                for (cell, place) in all.iter_mut().zip(self.cells.span()) {
                    if let Some(&of) = self.cells.get(series, place) {
                        cell.fold(of);
                    }
                }
            }
        }
        all
    }

    /// The latencies of some series between two times, put together: of all stretches that lie within.
    pub fn latencies(&self, from: i64, to: i64, has: impl Fn(Option<ValueId>, ValueId) -> bool) -> Latencies {
        let mut all = Latencies::default();
        let grid = &self.latencies;
        // A beginning within a stretch begins with the next one.
        let places = -(-from).div_euclid(grid.width())..to.div_euclid(grid.width());
        for &((node, function), series) in &self.series {
            if has(node, function) {
                places
                    .clone()
                    .filter_map(|place| grid.get(series, place))
                    .for_each(|of| all.fold(of.clone()));
            }
        }
        all
    }

    /// The recorded times of the first and the last event, to the length of a short stretch; nothing where there are no times.
    pub fn span(&self) -> Option<(i64, i64)> {
        let span = self.cells.span();
        (!span.is_empty()).then(|| (self.cells.time(span.start), self.cells.time(span.end)))
    }
}
