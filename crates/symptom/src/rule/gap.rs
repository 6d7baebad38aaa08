//! SYM01: for a while nothing that was asked happened, of all, of a node, of a function, or of some keys.
//!
//! A gap is a stretch between two operations that happened. Time in which nobody asked and nothing was open is not in it. It
//! counts where clients asked on, or where all of them waited: one client that stands still in a closed loop is not enough.

use crate::baseline::{SAMPLE, between, within};
use crate::cell::Cell;
use crate::grid::{Fold, Grid};
use crate::kind::SymptomKind;
use crate::rule::{Part, covered, key_gap, load};
use crate::rules::{Asked, Candidates};
use crate::setting::{Setting, Unit};
use crate::statistics::fewer;
use crate::symptom::{Number, Scope, Symptom, Tested};

/// See there.
pub(crate) static LEAST: Setting =
    Setting { name: "sym01.gap", unit: Unit::Time, default: 1.0, about: "A gap lasts at least so long." };

/// See there.
pub(crate) static TIMES: Setting = Setting {
    name: "sym01.times",
    unit: Unit::Factor,
    default: 10.0,
    about: "And at least so many times as long as the 99.9th percentile of what usually lies between two operations that happen.",
};

/// See there.
pub(crate) static ATTEMPTS: Setting = Setting {
    name: "sym01.attempts",
    unit: Unit::Count,
    default: 5.0,
    about: "So many operations are called in it, or all clients of a closed loop wait: two at least, and so many of a node.",
};

/// A stretch in which nothing of a series happened, although it was asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hole {
    pub(crate) window: (i64, i64),
    /// Operations that were called in it.
    pub(crate) calls: u64,
    /// How many were open at a time in it, at the most.
    pub(crate) open: i64,
    /// In how many short stretches of it something was asked.
    pub(crate) asked: u64,
}

/// What is usual between two operations of a series that happen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usually {
    /// The time that is seldom exceeded, in nanoseconds.
    pub(crate) between: i64,
    /// How many happened.
    pub(crate) count: u64,
    /// In how many of the short stretches in which something was asked something happened, and in how many nothing did.
    pub(crate) stretches: [u64; 2],
}

/// A gap of everything, of a node, or of a function, whether or not it is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gap {
    pub(crate) part: Part,
    pub(crate) window: (i64, i64),
    hole: Hole,
    usually: Usually,
}

/// All gaps: of everything, of each node, and of each function.
pub(crate) fn gaps(asked: &Asked<'_>) -> Vec<Gap> {
    let observed = asked.observed;
    let nodes: Vec<_> = observed.nodes().into_iter().flatten().collect();
    let functions = observed.functions();
    let mut parts = vec![Part::ALL];
    if nodes.len() > 1 {
        parts.extend(nodes.into_iter().map(Part::node));
    }
    if functions.len() > 1 {
        parts.extend(functions.into_iter().map(|function| Part { node: None, function: Some(function) }));
    }
    parts.into_iter().flat_map(|part| of_part(asked, part)).collect()
}

fn of_part(asked: &Asked<'_>, part: Part) -> Vec<Gap> {
    let Asked { observed, baseline, .. } = *asked;
    let counts = observed.counts(|node, function| part.has(node, function));
    let Some(usually) = usually(asked, &observed.cells, &counts) else { return Vec::new() };
    // Which function clients ask next is up to them: that all wait for one does not happen. That the few of one node all do, may.
    let least = if part == Part::ALL { 2.0 } else { asked.thresholds.of(&ATTEMPTS) };
    let waiting = match part.function {
        None => load::clients(observed, baseline, part).map(|count| count.max(least)),
        Some(_) => None,
    };
    let holes = holes(asked, &observed.cells, &counts, long(asked, usually), waiting);
    holes.into_iter().map(|hole| Gap { part, window: hole.window, hole, usually }).collect()
}

/// How long nothing has to happen for it to be a gap, where so much usually lies between two that happen.
pub(crate) fn long(asked: &Asked<'_>, usually: Usually) -> i64 {
    let times = (usually.between as f64 * asked.thresholds.of(&TIMES)) as i64;
    asked.thresholds.nanoseconds(&LEAST).max(times)
}

/// The stretches of a series in which nothing happened for so long, although enough was called, or all of so many clients waited.
pub(crate) fn holes<T: Fold>(
    asked: &Asked<'_>,
    grid: &Grid<T>,
    counts: &[Cell],
    least: i64,
    waiting: Option<f64>,
) -> Vec<Hole> {
    let thresholds = asked.thresholds;
    let width = grid.width();
    let open = load::open(counts);
    let pause = (thresholds.nanoseconds(&LEAST) / width).max(1) as usize;
    let of = |(from, to): (usize, usize)| {
        let calls = |until| counts[from..until].iter().map(|cell| u64::from(cell.calls)).sum::<u64>();
        // Who asks as it ends says nothing of the time before.
        let early = calls(from + (to - from) * 3 / 4);
        let waited = open[from + (to - from) / 2];
        let is_asked =
            early as f64 >= thresholds.of(&ATTEMPTS) || waiting.is_some_and(|all| waited as f64 >= all);
        let is_long = (to - from) as i64 * width >= least;
        (is_long && is_asked).then(|| Hole {
            window: (grid.time(grid.span().start + from as i64), grid.time(grid.span().start + to as i64)),
            calls: calls(to),
            open: open[from..to].iter().copied().max().unwrap_or(0),
            asked: (from..to).filter(|&at| open[at] > 0 || counts[at].calls > 0).count() as u64,
        })
    };
    silent(counts, &open, pause).into_iter().filter_map(of).collect()
}

/// The places from the first in which something was asked, and nothing happened, to the next in which something did; without those
/// at the end in which nobody asked, and in pieces where nobody did for longer than `pause` and a fourth of the time.
fn silent(counts: &[Cell], open: &[i64], pause: usize) -> Vec<(usize, usize)> {
    let mut all = Vec::new();
    // Where something was asked since something happened.
    let mut asked: Vec<usize> = Vec::new();
    // After the last one nothing is answered any more.
    for (at, cell) in counts.iter().zip(open).map(Some).chain([None]).enumerate() {
        match cell {
            Some((cell, open)) if cell.ok == 0 => asked.extend((*open > 0 || cell.calls > 0).then_some(at)),
            answered => {
                let pieces = pieces(&asked, pause);
                let last = pieces.len().saturating_sub(1);
                for (number, piece) in pieces.into_iter().enumerate() {
                    let (from, to) = (piece[0], piece[piece.len() - 1]);
                    // What is answered now was waited for until now.
                    let is_until = number == last && answered.is_some() && at - to <= pause;
                    all.push((from, if is_until { at } else { to + 1 }));
                }
                asked.clear();
            }
        }
    }
    all
}

/// Parts of some places, which are in order, between any two of which more than `pause` and a fourth of all lie.
fn pieces(places: &[usize], pause: usize) -> Vec<&[usize]> {
    let (Some(first), Some(last)) = (places.first(), places.last()) else { return Vec::new() };
    let hole = |at: usize| places[at] - places[at - 1];
    let widest = (1..places.len()).max_by_key(|&at| hole(at));
    match widest.filter(|&at| hole(at) > pause.max((last - first) / 4)) {
        Some(at) => [&places[..at], &places[at..]].into_iter().flat_map(|part| pieces(part, pause)).collect(),
        None => vec![places],
    }
}

/// What is usual in a series. The longest of all times between two is left out, and one more for each thousand: one stall of a
/// machine makes no rule. Nothing where too little happened.
pub(crate) fn usually<T: Fold>(asked: &Asked<'_>, grid: &Grid<T>, counts: &[Cell]) -> Option<Usually> {
    let open = load::open(counts);
    let mut between: Vec<i64> = Vec::new();
    let (mut count, mut stretches) = (0, [0; 2]);
    for &(from, to) in asked.baseline.stretches() {
        let mut since = None;
        for at in within(grid, counts.len(), from, to) {
            let has_happened = counts[at].ok > 0;
            stretches[usize::from(!has_happened)] +=
                u64::from(has_happened || open[at] > 0 || counts[at].calls > 0);
            if has_happened {
                between.extend(since.map(|since| (at - since) as i64));
                since = Some(at);
                count += u64::from(counts[at].ok);
            }
        }
    }
    between.sort_unstable();
    let left_out = 1 + count as usize / 1_000;
    let seldom = between.len().checked_sub(1 + left_out).map(|at| between[at])?;
    let is_enough = count as f64 >= asked.thresholds.of(&SAMPLE);
    is_enough.then(|| Usually { between: seldom * grid.width(), count, stretches })
}

/// The probability of a hole of this length, with so many stretches in which something was asked, anywhere in a run.
pub(crate) fn chance(asked: &Asked<'_>, window: (i64, i64), holes: u64, usually: [u64; 2]) -> f64 {
    let run = asked.observed.span().map_or(0, |(first, last)| last - first);
    // So many holes of its length have room in the run.
    let places = (run as f64 / (window.1 - window.0).max(1) as f64).max(1.0);
    (places * fewer([0, holes], usually)).min(1.0)
}

pub(crate) fn find(asked: &Asked<'_>) -> Candidates {
    let all = gaps(asked);
    let is_steady = |gap: &Gap| !is_of_a_brown_out(asked, &all, gap);
    // What all of it shows is not told again of a part, unless most of that lies outside.
    let whole: Vec<_> = all.iter().filter(|gap| gap.part == Part::ALL).map(|gap| gap.window).collect();
    let is_told_of_all = |window: (i64, i64)| whole.iter().map(|&of| covered(window, of)).sum::<f64>() >= 0.5;
    let mut candidates = Candidates::default();
    for Gap { part, window, hole, usually } in
        all.iter().filter(|gap| is_steady(gap) && (gap.part == Part::ALL || !is_told_of_all(gap.window)))
    {
        let p = chance(asked, *window, hole.asked, usually.stretches);
        candidates.tests.push(p);
        candidates.symptoms.push(symptom(part.scope(), hole, usually, p));
    }
    let of_keys = key_gap::find(asked);
    candidates.tests.extend(of_keys.tests);
    candidates.symptoms.extend(of_keys.symptoms.into_iter().filter(|of| !is_told_of_all(of.window)));
    candidates
}

/// So many gaps of a part in a time in which little happens between them are no gaps of their own.
const MANY: usize = 3;

/// Whether a gap is one of many between which little happens: then part of what is asked is done, and now and then none by chance.
fn is_of_a_brown_out(asked: &Asked<'_>, all: &[Gap], gap: &Gap) -> bool {
    let Asked { observed, baseline, thresholds, .. } = *asked;
    let windows = || all.iter().filter(|other| other.part == gap.part).map(|other| other.window);
    let (from, to) = windows().fold((i64::MAX, i64::MIN), |(from, to), of| (from.min(of.0), to.max(of.1)));
    let dark: i64 = windows().map(|(from, to)| to - from).sum();
    if windows().count() < MANY || 2 * dark >= to - from {
        return false;
    }
    let has = |node, function| gap.part.has(node, function);
    let usual = baseline.usual(observed, thresholds.of(&SAMPLE), has).and_then(|usual| usual.cell.share());
    let counts = observed.counts(has);
    let outcomes = |(from, to)| {
        let cell = between(observed, &counts, from, to);
        (f64::from(cell.ok), f64::from(cell.settled()))
    };
    let (ok, settled) = windows()
        .map(outcomes)
        .fold(outcomes((from, to)), |(ok, settled), dark| (ok - dark.0, settled - dark.1));
    let share = (settled > 0.0).then(|| ok / settled);
    share.zip(usual).is_some_and(|(share, usual)| share < 0.9 * usual)
}

/// What is told of a hole in what lies in this scope.
pub(crate) fn symptom(scope: Scope, hole: &Hole, usually: &Usually, p: f64) -> Symptom {
    let length = (hole.window.1 - hole.window.0) as f64;
    Symptom {
        kind: SymptomKind::AvailabilityGap,
        is_likeness: false,
        scope,
        window: hole.window,
        numbers: vec![
            Number::time("gap", length).usually(usually.between as f64),
            Number::count("calls", hole.calls),
            Number::count("open", hole.open.max(0) as u64),
        ],
        effect: Some(length / usually.between as f64),
        sample: (hole.calls, usually.count),
        test: Some(Tested { p, q: 1.0 }),
        shown: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
