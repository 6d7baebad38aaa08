//! Clients that stood still: together they asked nothing and were answered nothing for a while, others went on, and then so did
//! they. Where all of them waited for nodes that answered nobody, it was those that stood still.

use std::borrow::Cow;
use std::ops::Range;

use rustc_hash::FxHashMap;
use seriatim_history::{ValueId, Window};

use super::client_silence;
use super::process_pause::{GAP, WAITING};
use crate::cell::Answered;
use crate::grid::{Fold, Grid};
use crate::kind::SymptomKind;
use crate::rule::covered;
use crate::rules::Asked;
use crate::symptom::{Number, Scope, Symptom};

/// A client that does something in less than this share of the stretches in which it did not stand still, of its life or of what is
/// usual, does not tell by doing nothing.
const BUSY: f64 = 0.9;
/// In how many stretches on either side of it a client that stood still is as busy.
const BESIDE: usize = 4;
/// In how many whole stretches a client that stood still did nothing, at the least; in how many where these are longer than they could be:
/// that some rest in the same few long ones is chance.
pub(super) const LEAST: [usize; 2] = [3, 6];
/// By how many stretches clients that stand still together may differ in when they stop and when they go on.
const APART: usize = 1;

/// What a client did in each stretch, at each node and at all.
pub(super) struct Client {
    name: ValueId,
    nodes: Vec<(Option<ValueId>, Vec<Answered>)>,
    pub(super) all: Vec<Answered>,
}

/// A time in which a client did nothing: of which one, and the stretches.
pub(super) type Idle = (usize, usize, usize);

/// At least this share of all clients stood still together: of very many some do at one time by chance.
const COMMON: f64 = 0.12;

/// How many times the length of stretches is doubled: whoever does something once in a second is busy in long ones only.
const SCALES: usize = 3;

pub(super) fn find(of: &Asked<'_>) -> Vec<Symptom> {
    let mut found: Vec<Symptom> = Vec::new();
    let mut grid = Cow::Borrowed(&of.observed.answered);
    for _ in 0..SCALES {
        // What shorter stretches show is known better.
        let is_new =
            |symptom: &Symptom| found.iter().all(|known| covered(symptom.window, known.window) < 0.5);
        let more: Vec<_> = of_scale(of, &grid).into_iter().filter(is_new).collect();
        found.extend(more);
        grid = Cow::Owned(grid.wider());
    }
    let seldom = client_silence::find(of);
    let is_new = |symptom: &Symptom| found.iter().all(|known| covered(symptom.window, known.window) == 0.0);
    let more: Vec<_> = seldom.into_iter().filter(is_new).collect();
    found.extend(more);
    found
}

/// So many clients must have stood still together.
pub(super) fn least(of: &Asked<'_>, clients: &[Client]) -> f64 {
    of.thresholds.of(&WAITING).max(COMMON * clients.len() as f64).ceil()
}

/// What is found in stretches of one length.
fn of_scale(of: &Asked<'_>, grid: &Grid<Answered>) -> Vec<Symptom> {
    let clients = clients(of, grid);
    let least = least(of, &clients);
    let mut idle: Vec<Idle> =
        clients.iter().enumerate().flat_map(|(at, client)| idle(of, grid, at, client)).collect();
    idle.sort_unstable_by_key(|&(client, from, to)| (std::cmp::Reverse(to - from), from, client));
    let mut found: Vec<Symptom> = Vec::new();
    while let Some(&(_, from, to)) = idle.first() {
        let is_one = |&(_, start, end): &Idle| start.abs_diff(from) <= APART && end.abs_diff(to) <= APART;
        let (together, left): (Vec<_>, Vec<_>) = idle.into_iter().partition(is_one);
        idle = left;
        if together.len() as f64 >= least {
            found.extend(pause(of, grid, &clients, &together, is_busy_in));
        }
    }
    found
}

/// The clients, of pairs that are not too many.
pub(super) fn clients(of: &Asked<'_>, grid: &Grid<Answered>) -> Vec<Client> {
    let mut all: Vec<Client> = Vec::new();
    // Pairs are in the order of clients.
    for &((name, node), series) in of.observed.pairs.iter().flatten() {
        let counts: Vec<_> =
            grid.span().map(|at| grid.get(series, at).copied().unwrap_or_default()).collect();
        if all.last().is_none_or(|last| last.name != name) {
            all.push(Client { name, nodes: Vec::new(), all: vec![Answered::default(); counts.len()] });
        }
        let client = all.last_mut().expect("there is one");
        client.all.iter_mut().zip(&counts).for_each(|(sum, &more)| sum.fold(more));
        client.nodes.push((node, counts));
    }
    all
}

pub(super) fn is_active(of: &Answered) -> bool {
    of.calls + of.ok + of.bad > 0
}

/// The middle of a stretch.
pub(super) fn middle(grid: &Grid<Answered>, at: usize) -> i64 {
    grid.time(grid.span().start + at as i64) + grid.width() / 2
}

/// Whether no fault lasted at a time: what was done to clients is not usual of them.
pub(super) fn is_free(of: &Asked<'_>, time: i64) -> bool {
    let lasts = |window: &Window| {
        window.from.is_some_and(|from| from <= time) && window.to.is_none_or(|to| time < to)
    };
    !of.observed.windows.iter().any(lasts)
}

/// Whether the middle of a stretch is within what is usual, and no fault lasted then.
fn is_usual(of: &Asked<'_>, grid: &Grid<Answered>, at: usize) -> bool {
    let time = middle(grid, at);
    of.baseline.has(time) && is_free(of, time)
}

/// The times in which a client that else is busy did nothing, although it had been answered well, and after which it went on.
/// Of clients that take turns, some rest where there is less to do; they are not busy all along. Where that was their lot for most
/// of what is usual, until a fault needs them, it is what is usual of them.
fn idle(of: &Asked<'_>, grid: &Grid<Answered>, at: usize, client: &Client) -> Vec<Idle> {
    let active: Vec<_> = (0..client.all.len()).filter(|&at| is_active(&client.all[at])).collect();
    let (Some(&first), Some(&last)) = (active.first(), active.last()) else { return Vec::new() };
    let width = grid.width();
    let least = LEAST[usize::from(width > of.observed.answered.width())];
    let long_enough = |&(from, to): &(usize, usize)| {
        to - from >= least && (to - from) as i64 * width >= of.thresholds.nanoseconds(&GAP)
    };
    let gaps: Vec<_> = active.windows(2).map(|two| (two[0] + 1, two[1])).filter(long_enough).collect();
    let rest = last + 1 - first - gaps.iter().map(|(from, to)| to - from).sum::<usize>();
    let is_busy = |part: Range<usize>| {
        let did = client.all[part.clone()].iter().filter(|of| is_active(of)).count();
        did as f64 >= BUSY * part.len() as f64 - 0.5
    };
    let usual: Vec<_> = (first..=last).filter(|&at| is_usual(of, grid, at)).collect();
    let in_gap = |at: usize| gaps.iter().any(|&(from, to)| (from..to).contains(&at));
    // Whoever rests elsewhere, too, or was not seen at work for as long as at rest, is no witness.
    let works = |&(from, to): &(usize, usize)| {
        let (idle, rest): (Vec<_>, Vec<_>) = usual.iter().copied().partition(|at| (from..to).contains(at));
        // Where next to nothing is usual, all of its life tells, but for the times in which it did nothing.
        let (idle, rest) = if (usual.len() as i64) * width < 2 * of.thresholds.nanoseconds(&GAP) {
            (to - from, (first..=last).filter(|&at| !in_gap(at)).collect())
        } else {
            (idle.len(), rest)
        };
        let did = rest.iter().filter(|&&at| is_active(&client.all[at])).count();
        rest.len() >= idle.max(BESIDE) && did as f64 >= BUSY * rest.len() as f64 - 0.5
    };
    let is_told = |&(from, to): &(usize, usize)| {
        let before = &client.all[from - 1];
        // Whoever waits before it tries again has been answered badly.
        before.bad <= before.ok
            && is_busy(from.saturating_sub(BESIDE).max(first)..from)
            && is_busy(to..(to + BESIDE).min(last + 1))
    };
    if (active.len() as f64) < BUSY * rest as f64 {
        return Vec::new();
    }
    gaps.iter().copied().filter(is_told).filter(works).map(|(from, to)| (at, from, to)).collect()
}

/// Whether a client was answered nearly all along.
fn is_busy_in(client: &Client, during: Range<usize>) -> bool {
    let length = during.len();
    let answered = client.all.get(during).into_iter().flatten().filter(|of| of.ok > 0).count();
    answered > 0 && answered as f64 >= BUSY * length as f64
}

/// What is told of some who did nothing at one time, while others went on.
pub(super) fn pause(
    of: &Asked<'_>,
    grid: &Grid<Answered>,
    clients: &[Client],
    together: &[Idle],
    goes_on: impl Fn(&Client, Range<usize>) -> bool,
) -> Option<Symptom> {
    let from = together.iter().map(|idle| idle.1).max().expect("there are some");
    let to = together.iter().map(|idle| idle.2).min().expect("there are some");
    let others = clients.iter().filter(|client| goes_on(client, from..to)).count();
    let is_long = to > from && (to - from) as i64 * grid.width() >= of.thresholds.nanoseconds(&GAP);
    if !is_long || others == 0 {
        return None;
    }
    let mut answers: FxHashMap<Option<ValueId>, u64> = FxHashMap::default();
    for (node, counts) in clients.iter().flat_map(|client| &client.nodes) {
        *answers.entry(*node).or_default() += counts[from..to].iter().map(|of| u64::from(of.ok)).sum::<u64>();
    }
    // For whom each of them waited, if for any.
    let waits = |&(client, start, _): &Idle| {
        let is_open = |counts: &[Answered]| {
            let all = counts[..start].iter().copied().fold(Answered::default(), |mut all, more| {
                all.fold(more);
                all
            });
            all.calls > all.ok + all.bad
        };
        let mut nodes =
            clients[client].nodes.iter().filter(|(_, counts)| is_open(counts)).map(|(node, _)| *node);
        nodes.next()
    };
    let waiting: Vec<_> = together.iter().filter_map(waits).collect();
    let in_vain = waiting.iter().filter(|node| answers.get(node).is_none_or(|&count| count == 0)).count();
    // Nothing that stands still elsewhere keeps a client from asking that waits for nothing.
    if 2 * in_vain >= together.len() {
        return None;
    }
    let place = |at: usize| grid.time(grid.span().start + at as i64);
    let mut processes: Vec<_> = together.iter().map(|&(client, ..)| clients[client].name).collect();
    processes.sort_unstable();
    Some(Symptom {
        kind: SymptomKind::ProcessPause,
        // If each waited for something, its way may have been cut.
        is_likeness: waiting.len() == together.len(),
        window: (place(from), place(to)),
        numbers: vec![
            Number::time("gap", (place(to) - place(from)) as f64),
            Number::count("held", processes.len() as u64),
            Number::share("share", 1.0),
            Number::time("within", ((1 + APART) as i64 * grid.width()) as f64),
        ],
        sample: (processes.len() as u64, others as u64),
        scope: Scope { processes, ..Scope::default() },
        effect: None,
        test: None,
        shown: Vec::new(),
    })
}

#[cfg(test)]
mod tests;
