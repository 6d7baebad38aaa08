//! Two sides of some registers, and the longest time in which neither saw what the other one wrote then.
//!
//! Nobody who is cut off sees what is written beyond the cut. So of all intervals between two events those count in which
//! no write of one side is both called and seen by the other one; of the longest of these the one in which most is missed
//! both ways. Whoever only lags behind sees others' writes all the time, a little later, so that such intervals are short:
//! what happened by then could well have been unseen by chance ([`ENOUGH`]). O((sights + misses) · log) for two sides.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};
use seriatim_history::{EventId, History, OpId, ValueId, Window};

use super::agents::Agents;
use super::sights::{Miss, Put, Seen, Sight};
use super::{Rung, SplitBrain};

/// Up to so many agents, all ways to part them are tried.
pub(super) const FEW: usize = 6;

/// From so many sights across on it is known how often there should be one, and so many should have been there, had the
/// two sides not been apart.
const ENOUGH: u64 = 20;

/// Of what is missed inside a side there may be a share of one in so many of what is missed across.
const INSIDE: usize = 10;

/// Two of three sides miss so much of each other's, at the least.
const PLAIN: usize = 5;

/// On which side each agent is; none of a third one, if there are more than two.
pub(super) type Sides = Vec<Option<bool>>;

/// Ways to part agents that are worth a look: all of them, and some.
#[derive(Default)]
pub(super) struct Candidates {
    pub(super) whole: Vec<Sides>,
    pub(super) partial: Vec<Sides>,
}

/// Whether two agents are on different sides, or on the same one; `None` where either is on none.
fn are_across(sides: &Sides, one: u32, other: u32) -> Option<bool> {
    Some(sides[one as usize]? != sides[other as usize]?)
}

/// Two sides, and when they were apart.
#[derive(Clone, Debug)]
pub(super) struct Apart {
    sides: Sides,
    /// The first event of it, and the first after it.
    start: EventId,
    end: EventId,
    /// How much each side misses of what the other one wrote.
    missed: [usize; 2],
    /// A miss of either side, of which the times overlap.
    shown: [Miss; 2],
}

impl Apart {
    /// The more is missed both ways, the more it tells.
    pub(super) fn weight(&self) -> (usize, usize) {
        let [one, other] = self.missed;
        (one.min(other), one + other)
    }

    /// Whether a miss is one of those that show it.
    pub(super) fn holds(&self, miss: &Miss) -> bool {
        self.is_across(miss.writer, miss.reader) && self.start <= miss.since && miss.ret < self.end
    }

    /// Whether a miss is of the same time.
    pub(super) fn meets(&self, miss: &Miss) -> bool {
        self.start <= miss.ret && miss.since < self.end
    }

    /// Whether each side misses as much as tells two of three sides: among few misses some are inside a side by chance.
    pub(super) fn is_plain(&self) -> bool {
        self.missed.iter().all(|&missed| missed >= PLAIN)
    }

    /// Whether every agent is on one of the sides.
    pub(super) fn is_whole(&self) -> bool {
        self.sides.iter().all(Option::is_some)
    }

    fn is_across(&self, writer: u32, reader: u32) -> bool {
        are_across(&self.sides, writer, reader) == Some(true)
    }

    /// Of an agent on either side.
    fn side(&self, agent: u32) -> usize {
        usize::from(self.sides[agent as usize] == Some(true))
    }

    fn is_during(&self, put: &Put) -> bool {
        self.start <= put.call && put.ret < self.end
    }
}

/// Ways to part the agents that are worth a look.
pub(super) fn candidates(seen: &Seen, misses: &[Miss], agents: &Agents, windows: &[Window]) -> Candidates {
    let count = agents.count();
    let mut all = Candidates::default();
    if count < 2 || misses.is_empty() {
        return all;
    }
    if count <= FEW {
        let masks = 1..1_u32 << (count - 1);
        all.whole.extend(
            masks.map(|mask| (0..count).map(|agent| Some(mask >> agent & 1 == 1)).collect::<Sides>()),
        );
    }
    let end = |window: &Window| window.end.unwrap_or(EventId(u32::MAX));
    let mut spans: Vec<_> = windows.iter().map(|window| (window.start, end(window))).collect();
    let first = misses.iter().map(|miss| miss.since).min();
    spans.extend(first.zip(misses.iter().map(|miss| miss.ret).max()));
    for (start, end) in spans {
        let length =
            end.0.min(misses.iter().map(|miss| miss.ret.0).max().unwrap_or(0)).saturating_sub(start.0);
        // What was begun before a cut is seen for some time after it, and the same before its end.
        for (skip, stop) in [0, 2, 4, 5].into_iter().flat_map(|skip| [(skip, 0), (skip, 2)]) {
            let share = |eighths: u32| (u64::from(length) * u64::from(eighths) / 8) as u32;
            let (from, to) = (start.0 + share(skip), start.0 + length - share(stop));
            for sides in components(seen, agents, EventId(from), EventId(to)) {
                let is_whole = sides.iter().all(Option::is_some);
                let of = if is_whole { &mut all.whole } else { &mut all.partial };
                // Of few agents all that are whole are there already.
                if !(of.contains(&sides) || is_whole && count <= FEW) {
                    of.push(sides);
                }
            }
        }
    }
    all
}

/// Agents that see what each other wrote between two events are of one group: each of the larger groups that acknowledged
/// something against all others, and any two of them against each other.
fn components(seen: &Seen, agents: &Agents, from: EventId, to: EventId) -> Vec<Sides> {
    const GROUPS: usize = 4;
    let mut group: Vec<usize> = (0..agents.count()).collect();
    fn root(group: &mut [usize], mut at: usize) -> usize {
        while group[at] != at {
            group[at] = group[group[at]];
            at = group[at];
        }
        at
    }
    let first = seen.sights.partition_point(|sight| sight.since < from);
    for sight in seen.sights[first..].iter().take_while(|sight| sight.since < to).filter(|s| s.ret < to) {
        let [writer, reader] = [sight.writer, sight.reader].map(|agent| root(&mut group, agent as usize));
        group[writer] = reader;
    }
    let mut writes: FxHashMap<usize, usize> = FxHashMap::default();
    for put in seen.puts.iter().filter(|put| from <= put.call && put.ret < to) {
        *writes.entry(root(&mut group, put.agent as usize)).or_default() += 1;
    }
    let mut largest: Vec<_> = writes.into_iter().map(|(root, count)| (count, root)).collect();
    largest.sort_unstable_by(|a, b| b.cmp(a));
    if largest.len() < 2 {
        return Vec::new();
    }
    largest.truncate(GROUPS);
    let roots: Vec<usize> = (0..agents.count()).map(|agent| root(&mut group, agent)).collect();
    let of = |side: &dyn Fn(usize) -> Option<bool>| roots.iter().map(|&root| side(root)).collect::<Sides>();
    let mut all: Vec<Sides> = Vec::new();
    for (at, &(_, one)) in largest.iter().enumerate() {
        all.push(of(&|root| Some(root == one)));
        if largest.len() > 2 {
            let others = largest[at + 1..].iter();
            all.extend(
                others.map(|&(_, other)| of(&|root| (root == one || root == other).then_some(root == one))),
            );
        }
    }
    all
}

/// When two sides were apart longest, if they were at all. `settled` are the misses that other sides explain, which count
/// where both agents are on one side.
pub(super) fn apart(
    seen: &Seen,
    misses: &[Miss],
    settled: &[Miss],
    sides: &Sides,
    history: &History,
) -> Option<Apart> {
    let is_across = |writer: u32, reader: u32| are_across(sides, writer, reader) == Some(true);
    let across: Vec<&Sight> =
        seen.sights.iter().filter(|sight| is_across(sight.writer, sight.reader)).collect();
    let missed: Vec<&Miss> = misses.iter().filter(|miss| is_across(miss.writer, miss.reader)).collect();
    // Interval i lies after the call of the write of sight i - 1, and before any of sight i or a later one was seen.
    let mut ends = vec![EventId(u32::MAX); across.len() + 1];
    for (at, sight) in across.iter().enumerate().rev() {
        ends[at] = ends[at + 1].min(sight.ret);
    }
    let start =
        |at: usize| at.checked_sub(1).map_or(EventId(0), |before| EventId(across[before].since.0 + 1));
    let mut changes = vec![[0_i64; 2]; ends.len() + 1];
    for miss in &missed {
        let first = ends.partition_point(|&end| end <= miss.ret);
        let after = across.partition_point(|sight| sight.since < miss.since) + 1;
        if first < after {
            let way = usize::from(sides[miss.reader as usize] == Some(true));
            changes[first][way] += 1;
            changes[after][way] -= 1;
        }
    }
    let mut now = [0_i64; 2];
    let mut best: Option<((i64, i64), usize)> = None;
    for (at, change) in changes.iter().take(ends.len()).enumerate() {
        now = [now[0] + change[0], now[1] + change[1]];
        let weight = (now[0].min(now[1]), now[0] + now[1]);
        if weight.0 > 0 && best.is_none_or(|(known, _)| weight > known) {
            best = Some((weight, at));
        }
    }
    let (_, at) = best?;
    let (start, end) = (start(at), ends[at]);
    let length = u64::from(end.0.min(history.events as u32).saturating_sub(start.0));
    let rest = (history.events as u64).saturating_sub(length).max(1);
    let sights = across.len() as u64;
    if sights >= ENOUGH && sights * length < ENOUGH * rest {
        return None;
    }
    let is_during = |miss: &&Miss| start <= miss.since && miss.ret < end;
    let within: Vec<&Miss> = missed.into_iter().filter(is_during).collect();
    // What others did elsewhere says nothing of these two.
    let parts: FxHashSet<usize> = within.iter().map(|miss| miss.part).collect();
    let inside = misses
        .iter()
        .chain(settled)
        .filter(|miss| are_across(sides, miss.writer, miss.reader) == Some(false));
    let inside = inside.filter(|miss| is_during(miss) && parts.contains(&miss.part)).count();
    if inside * INSIDE > within.len() {
        return None;
    }
    let way = |miss: &Miss| usize::from(sides[miss.reader as usize] == Some(true));
    let mut counts = [0, 0];
    within.iter().for_each(|miss| counts[way(miss)] += 1);
    let shown = both_at_once(&within, way)?;
    Some(Apart { sides: sides.clone(), start, end, missed: counts, shown })
}

/// A miss either way on one object on which each side was without the other's at one instant: from the first return of what
/// was there to be seen instead, to the last call of who saw it. In between nobody saw anything across, so that whoever
/// lacked something once, and again, is not known to have caught up meanwhile. (Zones that overlap, as of Gibbons & Korach
/// 1997, §4, here of all that one side saw.)
fn both_at_once(within: &[&Miss], way: impl Fn(&Miss) -> usize) -> Option<[Miss; 2]> {
    let mut by_part: BTreeMap<usize, [Option<Without>; 2]> = BTreeMap::new();
    for &miss in within {
        let side = &mut by_part.entry(miss.part).or_default()[way(miss)];
        *side = Some(side.map_or_else(|| Without::of(miss), |known| known.and(miss)));
    }
    let mutual = by_part.into_values().filter_map(|[one, other]| one.zip(other));
    let mut at_once = mutual.filter(|(one, other)| one.from < other.to && other.from < one.to);
    at_once.next().map(|(one, other)| [one.first, other.first])
}

/// From when to when a side was without what the other one had written.
#[derive(Clone, Copy)]
struct Without {
    from: EventId,
    to: EventId,
    /// What shows it first.
    first: Miss,
}

impl Without {
    fn of(miss: &Miss) -> Self {
        Self { from: miss.zone.0, to: miss.zone.1, first: *miss }
    }

    fn and(self, miss: &Miss) -> Self {
        let first = if miss.ret < self.first.ret { *miss } else { self.first };
        Self { from: self.from.min(miss.zone.0), to: self.to.max(miss.zone.1), first }
    }
}

/// Tells what was found.
pub(super) fn told(seen: &Seen, apart: &Apart, agents: &Agents) -> SplitBrain {
    let is_of_either = |agent: u32| apart.sides[agent as usize].is_some();
    let puts = seen.puts.iter().filter(|put| is_of_either(put.agent));
    let during: Vec<&Put> = puts.filter(|put| apart.is_during(put)).collect();
    let side = |agent: u32| apart.side(agent);
    let mut acknowledged = [0, 0];
    during.iter().for_each(|put| acknowledged[side(put.agent)] += 1);
    let within: Vec<&Miss> = seen.misses.iter().filter(|miss| apart.holds(miss)).collect();
    let mut parts: Vec<usize> = within.iter().map(|miss| miss.part).collect();
    parts.sort_unstable();
    parts.dedup();
    let heal = seen.sights.iter().filter(|sight| {
        apart.is_across(sight.writer, sight.reader) && sight.ret >= apart.end && sight.since >= apart.start
    });
    let heal = heal.min_by_key(|sight| sight.ret);
    let gone = gone(seen, &during, apart, heal);
    let first = within.iter().min_by_key(|miss| miss.since).map_or(apart.shown[0].write, |miss| miss.write);
    let last = within.iter().max_by_key(|miss| miss.ret).map_or(apart.shown[0].read, |miss| miss.read);
    // What was lost was acknowledged by the first side.
    let is_turned = gone.is_some_and(|(side, _)| side == 1);
    let turn = |[one, other]: [usize; 2]| if is_turned { [other, one] } else { [one, other] };
    let mut shown: Vec<(&'static str, OpId)> = Vec::new();
    let roles = [("write", "read of the other side"), ("write of the other side", "read")];
    // The first of these is read by the first side, so that the second one wrote.
    for (at, (write, read)) in turn([1, 0]).into_iter().zip(roles) {
        shown.extend([(write, apart.shown[at].write), (read, apart.shown[at].read)]);
    }
    shown.extend(heal.map(|sight| ("heal", sight.read)));
    let active = active(seen, &within);
    let names = |wanted: bool| {
        let is_there = |&agent: &u32| apart.sides[agent as usize] == Some(wanted) && active.contains(&agent);
        let of = (0..agents.count() as u32).filter(is_there);
        of.map(|agent| agents.name(agent)).collect::<Vec<ValueId>>()
    };
    let sides = if is_turned { [names(true), names(false)] } else { [names(false), names(true)] };
    SplitBrain {
        rung: Rung::Jointly,
        are_nodes: agents.are_nodes,
        sides,
        window: [first, last],
        acknowledged: turn(acknowledged),
        missed: turn(observations(&within, side)),
        parts: parts.len(),
        shown,
        heal: heal.map(|sight| sight.read),
        lost: gone.map(|(_, count)| count),
    }
}

/// Who wrote or answered something meanwhile. Of the others nobody knows on which side they were.
fn active(seen: &Seen, within: &[&Miss]) -> FxHashSet<u32> {
    let first = within.iter().map(|miss| miss.since).min().unwrap_or(EventId(0));
    let last = within.iter().map(|miss| miss.ret).max().unwrap_or(EventId(u32::MAX));
    let is_during = |call: EventId, ret: EventId| first <= ret && call <= last;
    let writers = seen.puts.iter().filter(|put| is_during(put.call, put.ret)).map(|put| put.agent);
    let sights = seen.sights.iter().chain(&seen.later).filter(|sight| is_during(sight.call, sight.ret));
    let missing = seen.misses.iter().filter(|miss| is_during(miss.zone.1, miss.ret));
    writers.chain(sights.map(|sight| sight.reader)).chain(missing.map(|miss| miss.reader)).collect()
}

/// How many observations of each side miss something, however much that is.
fn observations(within: &[&Miss], side: impl Fn(u32) -> usize) -> [usize; 2] {
    let reads: FxHashSet<(usize, OpId)> = within.iter().map(|miss| (side(miss.reader), miss.read)).collect();
    [0, 1].map(|wanted| reads.iter().filter(|&&(side, _)| side == wanted).count())
}

/// Which side lost what it acknowledged meanwhile, and how many writes that are: after the heal some of the other side's
/// were seen on this side, and none of its own on the other. Lost are those that nobody saw who asked after the heal.
fn gone(seen: &Seen, during: &[&Put], apart: &Apart, heal: Option<&Sight>) -> Option<(usize, usize)> {
    let heal = heal?;
    let side = |agent: u32| apart.side(agent);
    let mut left: FxHashMap<(usize, ValueId), usize> = FxHashMap::default();
    let mut counts = [0, 0];
    for put in during {
        left.insert((put.part, put.value), side(put.agent));
        counts[side(put.agent)] += 1;
    }
    let mut is_seen_beyond = [false, false];
    let mut after = [0, 0];
    for sight in seen.sights.iter().chain(&seen.later).filter(|sight| sight.ret >= apart.end) {
        let Some(&written) = left.get(&(sight.part, sight.value)) else { continue };
        is_seen_beyond[written] |= apart.is_across(sight.writer, sight.reader);
        if sight.call >= heal.ret {
            left.remove(&(sight.part, sight.value));
            after[written] += 1;
        }
    }
    match is_seen_beyond {
        [false, true] => Some((0, counts[0] - after[0])),
        [true, false] => Some((1, counts[1] - after[1])),
        _ => None,
    }
}
