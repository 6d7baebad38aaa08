//! What is usual in a run: the time without faults, and what was counted in it.
//!
//! It is the time before the first fault, after a warm-up, where enough was asked then; else also that between faults and
//! after the last one, from a while after each. Where it is enough but short, so is what comes well after faults and is like it:
//! what happens every quarter of a minute does not happen in five seconds. A run without recorded faults is usual all along, but
//! for one time in which far less of what was asked happened. What comes after most clients left is never usual.

use seriatim_history::ValueId;

use crate::cell::{Cell, Latencies};
use crate::grid::{Fold, Grid};
use crate::observed::Observed;
use crate::setting::{Setting, Thresholds, Unit};
use crate::statistics::median;

/// See there.
pub static WARM_UP: Setting = Setting {
    name: "baseline.warm-up",
    unit: Unit::Share,
    default: 0.1,
    about: "This share of the run, at its beginning, is not taken as usual.",
};

/// See there.
pub static ENOUGH: Setting = Setting {
    name: "baseline.operations",
    unit: Unit::Count,
    default: 200.0,
    about: "The time before the first fault is what is usual where so many operations were called in it; else also what comes \
            after faults.",
};

/// See there.
pub static SETTLE: Setting = Setting {
    name: "baseline.settle",
    unit: Unit::Time,
    default: 3.0,
    about: "Where the time after a fault is taken as usual, it begins so much later.",
};

/// See there.
pub static SHORT: Setting = Setting {
    name: "baseline.short",
    unit: Unit::Share,
    default: 0.2,
    about: "Where the time before the first fault is a smaller share of the run, what comes well after faults is usual, too, while it \
            is like that time.",
};

/// See there.
pub static CALM: Setting = Setting {
    name: "baseline.calm",
    unit: Unit::Time,
    default: 10.0,
    about: "Well after a fault is so much later.",
};

/// See there.
pub static SAMPLE: Setting = Setting {
    name: "baseline.sample",
    unit: Unit::Count,
    default: 30.0,
    about: "Nothing is compared with fewer operations on either side.",
};

/// A fault whose time is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spell {
    /// Its place among [`Observed::windows`].
    pub window: usize,
    /// When it began, in nanoseconds.
    pub from: i64,
    /// When it ended: with the run, where that was not recorded.
    pub to: i64,
    /// Whether its end was recorded.
    pub has_ended: bool,
}

/// The faults whose beginning is known, in the order of their beginnings.
pub fn spells(observed: &Observed) -> Vec<Spell> {
    let Some((_, last)) = observed.span() else { return Vec::new() };
    let of = |(window, of): (usize, &seriatim_history::Window)| {
        let from = of.from?;
        Some(Spell { window, from, to: of.to.unwrap_or(last).max(from), has_ended: of.to.is_some() })
    };
    let mut all: Vec<_> = observed.windows.iter().enumerate().filter_map(of).collect();
    all.sort_unstable_by_key(|spell| (spell.from, spell.to, spell.window));
    all
}

/// The times between two, from so long after each of these faults to the next one.
fn after(spells: &[Spell], wait: i64, (begin, last): (i64, i64)) -> Vec<(i64, i64)> {
    let mut all = Vec::new();
    let mut over = begin;
    for (at, spell) in spells.iter().enumerate() {
        over = over.max(spell.to.saturating_add(wait));
        let next = spells.get(at + 1).map_or(last, |next| next.from.min(last));
        all.extend((over < next).then_some((over, next)));
    }
    all
}

/// What is usual in a run.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    stretches: Vec<(i64, i64)>,
}

impl Baseline {
    /// What is usual in what was seen; no time at all where no times are known.
    pub fn new(observed: &Observed, thresholds: &Thresholds) -> Self {
        let Some((first, _)) = observed.span() else { return Self::default() };
        let last = crate::rule::load::until(observed);
        let begin = first + ((last - first) as f64 * thresholds.of(&WARM_UP)) as i64;
        let spells = spells(observed);
        let until = spells.first().map_or(last, |spell| spell.from.min(last));
        let before = Self { stretches: Vec::from_iter((begin < until).then_some((begin, until))) };
        let usual = before.usual(observed, 0.0, |_, _| true);
        let calls: f64 = usual.as_ref().map_or(0.0, |usual| usual.cell.calls.into());
        let after = |wait: &Setting| after(&spells, thresholds.nanoseconds(wait), (begin, last));
        let is_short = (before.length() as f64) < thresholds.of(&SHORT) * (last - first) as f64;
        let all = if spells.is_empty() || calls >= thresholds.of(&ENOUGH) && !is_short {
            before
        } else if calls >= thresholds.of(&ENOUGH) {
            let alike = after(&CALM).into_iter().filter(|&time| before.is_like(observed, thresholds, time));
            let alike: Vec<_> = alike.collect();
            Self { stretches: before.stretches.into_iter().chain(alike).collect() }
        } else {
            Self { stretches: before.stretches.into_iter().chain(after(&SETTLE)).collect() }
        };
        all.without_the_worst(observed)
    }

    /// Whether as much happens in a stretch of time as here, and as fast: of everything, and of each node. Service that has not come
    /// back from a fault is not usual.
    fn is_like(&self, observed: &Observed, thresholds: &Thresholds, time: (i64, i64)) -> bool {
        let sample = thresholds.of(&SAMPLE);
        let other = Self { stretches: vec![time] };
        let is_like = |node: Option<ValueId>| {
            let has = |of: Option<ValueId>, _| node.is_none() || of == node;
            let both = self.usual(observed, sample, has).zip(other.usual(observed, 0.0, has));
            both.map(|(usual, other)| other.is_as_good(&usual))
        };
        // What was seldom asked before has nothing to be compared with.
        let mut nodes = observed.nodes().into_iter().flatten();
        is_like(None) == Some(true) && nodes.all(|node| is_like(Some(node)).unwrap_or(true))
    }

    /// It without the longest time in which far less happened of what was asked, and a bit on either side, unless that is half of it.
    /// Clients may ask much more then, so shares of time count here, and not of operations.
    fn without_the_worst(self, observed: &Observed) -> Self {
        let counts = observed.counts(|_, _| true);
        let calls: u64 = self
            .stretches
            .iter()
            .map(|&(from, to)| u64::from(between(observed, &counts, from, to).calls))
            .sum();
        let pieces = self.pieces((calls / LEAST).min(WORST));
        let share = |&(from, to): &(i64, i64)| between(observed, &counts, from, to).share();
        let shares: Vec<_> = pieces.iter().map(share).collect();
        let Some(middle) = median(shares.iter().copied().flatten().collect()) else { return self };
        let is_bad = |at: usize| shares[at].is_some_and(|share| share < BAD * middle);
        let all: Vec<_> = (0..pieces.len()).collect();
        let runs = all.chunk_by(|&one, &other| is_bad(one) == is_bad(other)).filter(|run| is_bad(run[0]));
        let Some(worst) = runs.max_by_key(|run| run.len()) else { return self };
        let (first, last) = (worst[0].saturating_sub(1), (worst[worst.len() - 1] + 1).min(pieces.len() - 1));
        self.without((pieces[first].0, pieces[last].1)).unwrap_or(self)
    }

    /// It in about so many pieces of one length; what is left of a stretch is in none.
    pub(crate) fn pieces(&self, count: u64) -> Vec<(i64, i64)> {
        let length = self.length() / (count.max(1) as i64);
        let of = |&(from, to): &(i64, i64)| {
            let begins =
                (0..).map(move |at| from + at * length).take_while(move |begin| begin + length <= to);
            begins.map(move |begin| (begin, begin + length))
        };
        if length > 0 { self.stretches.iter().flat_map(of).collect() } else { Vec::new() }
    }

    /// When it was: stretches of time that do not overlap, in order.
    pub fn stretches(&self) -> &[(i64, i64)] {
        &self.stretches
    }

    /// Whether a time is within.
    pub fn has(&self, time: i64) -> bool {
        self.stretches.iter().any(|&(from, to)| (from..to).contains(&time))
    }

    /// How long it was, in nanoseconds.
    pub fn length(&self) -> i64 {
        self.stretches.iter().map(|(from, to)| to - from).sum()
    }

    /// What is usual without a stretch of time that is in question; nothing where that stretch is the greater part of it, and so
    /// may itself be what is usual.
    pub fn without(&self, (from, to): (i64, i64)) -> Option<Self> {
        let parts =
            self.stretches.iter().flat_map(|&(begin, end)| [(begin, end.min(from)), (begin.max(to), end)]);
        let rest = Self { stretches: parts.filter(|(begin, end)| begin < end).collect() };
        (2 * rest.length() >= self.length()).then_some(rest)
    }

    /// What was counted of some nodes and functions; nothing where they were asked less often than `sample` times.
    pub fn usual(
        &self,
        observed: &Observed,
        sample: f64,
        has: impl Fn(Option<ValueId>, ValueId) -> bool,
    ) -> Option<Usual> {
        let mut usual = Usual::default();
        let counts = observed.counts(&has);
        for &(from, to) in &self.stretches {
            usual.cell.fold(between(observed, &counts, from, to));
            usual.latencies.fold(observed.latencies(from, to, &has));
        }
        usual.seconds = self.length() as f64 / 1e9;
        (usual.seconds > 0.0 && f64::from(usual.cell.calls) >= sample.max(1.0)).then_some(usual)
    }
}

/// In pieces with so many calls on average, and no more of them, the time in which least happened is looked for.
const LEAST: u64 = 100;
const WORST: u64 = 64;

/// It is one in which less than so much of what usually happens does.
const BAD: f64 = 0.7;

/// What [`Observed::counts`] has between two times, put together: of all stretches that lie within.
pub fn between(observed: &Observed, counts: &[Cell], from: i64, to: i64) -> Cell {
    let mut all = Cell::default();
    counts[within(&observed.cells, counts.len(), from, to)].iter().for_each(|&cell| all.fold(cell));
    all
}

/// The places of the stretches of a grid that lie between two times, of so many from the first on.
pub fn within<T: Fold>(grid: &Grid<T>, count: usize, from: i64, to: i64) -> std::ops::Range<usize> {
    let first = grid.span().start;
    // A beginning within a stretch begins with the next one.
    let place = |at: i64| usize::try_from(at.saturating_sub(first)).unwrap_or(0).min(count);
    let start = place(-(-from).div_euclid(grid.width()));
    start..place(to.div_euclid(grid.width())).max(start)
}

/// What was counted in the time that is usual.
#[derive(Clone, Debug, Default)]
pub struct Usual {
    /// How long that was, in seconds.
    pub seconds: f64,
    /// The counts.
    pub cell: Cell,
    /// How long what happened took.
    pub latencies: Latencies,
}

impl Usual {
    /// Operations that were called, a second.
    pub fn calls(&self) -> f64 {
        f64::from(self.cell.calls) / self.seconds
    }

    /// Whether most of it happened: else there is nothing to fall from.
    pub fn is_good(&self) -> bool {
        self.cell.share().is_some_and(|share| share >= 0.5)
    }

    /// Whether as much happened as in this other time, and as fast.
    fn is_as_good(&self, as_that: &Self) -> bool {
        let is_share = |of: Option<f64>, least: Option<f64>| of >= least.map(|least| 0.95 * least);
        is_share(self.cell.share(), as_that.cell.share())
            && self.ok() >= 0.7 * as_that.ok()
            && !self.is_slower(as_that, 0.5, 1.5)
            && !self.is_slower(as_that, 0.9, 2.0)
    }

    /// Whether the latency that this share does not exceed is so many times what it is in another time.
    fn is_slower(&self, than: &Self, share: f64, times: f64) -> bool {
        let both = self.latencies.quantile(share).zip(than.latencies.quantile(share));
        both.is_some_and(|(this, other)| this >= times * other)
    }

    /// Operations that happened, a second.
    pub fn ok(&self) -> f64 {
        f64::from(self.cell.ok) / self.seconds
    }
}

#[cfg(test)]
mod tests;
