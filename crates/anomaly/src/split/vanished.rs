//! What one side acknowledged is gone, and what the other one acknowledged meanwhile is there.
//!
//! Where nobody reads a set or a queue on both sides while they are apart, only the end tells: a stretch of time in
//! which all that one side acknowledged is lost, and all that the other one acknowledged was kept. Where everybody's is lost
//! it is no split, but a leader that went down with what it had not passed on; so both fates have to come in turn. Where one
//! fate follows another by chance, a long stretch of that sort is unlikely ([`SURPRISE`], [`WAYS`]). And what only the
//! other side misses may be there all the same, where that side lags: what is gone from a set or a log is missed on the
//! side that took it, or by somebody who saw what was put in after it. Elements of which nobody can tell are passed over.
//!
//! A register holds one value, so that what one side wrote and only that side saw may be gone as well as overwritten: it is
//! passed over. And clocks that decide which of two writes is the later one take all writes of one node, too, so that of
//! registers it is told where nodes could not reach each other meanwhile. O(n) for two sides.

use std::borrow::Cow;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use seriatim_history::{EventId, History, OpId, ValueId, Window};
use seriatim_model::{Access, Kind, Model, Part};

use super::agents::Agents;
use super::cuts::Cuts;
use super::sides::FEW;
use super::{EPISODES, Rung, SplitBrain};
use crate::words::{self, Word};

/// So many elements of either side there are, at the least.
const ELEMENTS: usize = 3;

/// How unlikely a stretch has to be if each element were lost by chance, as often as all are: e to the minus this.
const SURPRISE: f64 = 25.0;

/// Where no other element is lost, so many ways there are to lose as many of a stretch, at the least: one of them is told.
const WAYS: f64 = 100.0;

/// Which agents may have lost what they acknowledged.
type Losers = Vec<bool>;

/// An element that was acknowledged, and of which it is known what became of it.
#[derive(Clone, Copy, Debug)]
struct Put {
    op: OpId,
    agent: u32,
    call: EventId,
    is_lost: bool,
    /// The part, and the element.
    of: (usize, ValueId),
}

/// Who looked last at what a set or a log holds.
struct Looks {
    /// Of each agent the last look at all of it.
    whole: Vec<Option<Look>>,
    /// Who looked for one element in vain, and when.
    single: FxHashMap<ValueId, Vec<(u64, u32)>>,
}

/// A look at a whole set or log.
struct Look {
    call: u64,
    seen: FxHashSet<ValueId>,
    /// When the last of what it saw was put in, as far as that is one operation's.
    newest: u64,
}

impl Looks {
    fn of(words: &[Word], agents: &Agents) -> Self {
        let mut single: FxHashMap<ValueId, Vec<(u64, u32)>> = FxHashMap::default();
        let mut whole = vec![None; agents.count()];
        for word in words.iter().filter(|word| word.has_happened()) {
            let Some(agent) = agents.of(word.id) else { continue };
            match &word.access {
                Access::ReadAll(values) | Access::ReadLog(values) => {
                    whole[agent as usize] = Some((word.call, values));
                }
                Access::Absent(value) => single.entry(*value).or_default().push((word.call, agent)),
                _ => {}
            }
        }
        let mut put_in: FxHashMap<ValueId, Option<u64>> = FxHashMap::default();
        for word in words {
            if let Some(value) = words::put(&word.access) {
                put_in.entry(value).and_modify(|known| *known = None).or_insert(Some(word.call));
            }
        }
        let look = |(call, values): (u64, &Arc<[ValueId]>)| {
            let calls = values.iter().filter_map(|value| *put_in.get(value)?);
            Look { call, seen: values.iter().copied().collect(), newest: calls.max().unwrap_or(0) }
        };
        Self { whole: whole.into_iter().map(|whole| whole.map(look)).collect(), single }
    }

    /// Whether somebody looked in vain for what an operation put in, after it had returned, who cannot merely lag: on the
    /// node that took it, or who saw what was put in later still. It is known to be lost, so nobody saw it later.
    fn show_it_gone(&self, put: &Word, home: u32) -> bool {
        let Some(value) = words::put(&put.access) else { return false };
        let mut single = self.single.get(&value).into_iter().flatten();
        let misses_it = |look: &Look| put.ret < look.call && !look.seen.contains(&value);
        single.any(|&(call, agent)| put.ret < call && agent == home)
            || (0..).zip(&self.whole).any(|(agent, look)| {
                let look = look.as_ref().filter(|look| misses_it(look));
                look.is_some_and(|look| agent == home || put.ret < look.newest)
            })
    }
}

/// Elements that follow each other, of which one side's are lost and the other's kept.
#[derive(Clone, Debug, Default)]
struct Stretch {
    /// Where among all elements.
    from: usize,
    to: usize,
    /// How many are lost, and how many kept.
    lost: usize,
    kept: usize,
}

/// Where elements of one side are gone that were acknowledged: `lost` are those of all parts. `None` where it is time to
/// stop.
pub(super) fn find<M: Model>(
    model: &M,
    parts: &[Part<M::Op>],
    (history, windows): (&History, &[Window]),
    agents: &Agents,
    lost: &[OpId],
    goes_on: &dyn Fn() -> bool,
) -> Option<Vec<SplitBrain>> {
    if lost.is_empty() || agents.count() < 2 {
        return Some(Vec::new());
    }
    let lost: FxHashSet<OpId> = lost.iter().copied().collect();
    let is_seen_whole = matches!(model.kind(), Kind::Set | Kind::Log);
    let is_register = matches!(model.kind(), Kind::Register { .. });
    let cuts = Cuts::new(history, windows, agents);
    let mut puts = Vec::new();
    let mut sights = Sights::default();
    for (number, part) in parts.iter().enumerate() {
        let words = words::of(model, part, goes_on)?;
        let looks = Looks::of(&words, agents);
        let happened = || words.iter().filter(|word| word.has_happened());
        let seen: FxHashSet<ValueId> =
            happened().flat_map(|word| words::seen(&word.access)).copied().collect();
        for word in &words {
            let is_acknowledged = history.operation(word.id).ret().is_some();
            if let (true, Some(_), Some(agent)) =
                (is_acknowledged, words::put(&word.access), agents.of(word.id))
            {
                let is_lost = lost.contains(&word.id);
                let is_seen = words::put(&word.access).is_some_and(|value| seen.contains(&value));
                // Of what is taken out one by one nobody sees what is left: it is enough that nobody got it.
                let is_gone = is_lost && (!is_seen_whole || looks.show_it_gone(word, agent));
                if is_gone || !is_lost && is_seen {
                    let (op, call) = (word.id, history.operation(word.id).call.event);
                    let of = (number, words::put(&word.access).expect("it puts something in"));
                    puts.push(Put { op, agent, call, is_lost, of });
                }
            }
        }
        // Of registers who saw what was kept counts, too.
        let gone = puts.iter().filter(|put| (put.is_lost || is_register) && put.of.0 == number);
        let gone: FxHashSet<ValueId> = gone.map(|put| put.of.1).collect();
        for word in happened() {
            let Some(agent) = agents.of(word.id) else { continue };
            for &value in words::seen(&word.access).iter().filter(|value| gone.contains(value)) {
                sights.entry((number, value)).or_default().insert(agent);
            }
        }
    }
    puts.sort_by_key(|put| put.call);
    let crashes: Vec<_> = windows.iter().filter(|window| window.is_crash(&history.values)).collect();
    let mut all: Vec<Found> = Vec::new();
    for losers in candidates(&puts, agents) {
        if !goes_on() {
            return None;
        }
        let puts: Cow<'_, [Put]> = if is_register {
            puts.iter().filter(|put| !is_kept_by_losers(put, &losers, &sights)).copied().collect()
        } else {
            Cow::Borrowed(&puts)
        };
        let is_odd = |stretch: &Stretch| {
            let during = &puts[stretch.from..stretch.to];
            has_turns(during)
                && is_no_chance(&puts, stretch)
                && !is_shared(during, &losers, &sights)
                && !is_taken_by_a_crash(&puts, stretch, &crashes, agents)
                && (!is_register || is_inside_a_cut(during, &cuts))
        };
        let odd = stretches(&puts, &losers).into_iter().filter(is_odd);
        all.extend(odd.filter_map(|stretch| {
            let during = &puts[stretch.from..stretch.to];
            let span = [during.first()?.call, during.last()?.call];
            Some(Found { few: stretch.lost.min(stretch.kept), span, split: told(&puts, &stretch, agents)? })
        }));
    }
    all.sort_by_key(|found| std::cmp::Reverse(found.few));
    let mut chosen: Vec<Found> = Vec::new();
    for found in all {
        let [from, to] = found.span;
        let is_free = chosen.iter().all(|known| to < known.span[0] || known.span[1] < from);
        if is_free && chosen.len() < EPISODES {
            chosen.push(found);
        }
    }
    Some(chosen.into_iter().map(|found| found.split).collect())
}

/// A stretch that is told, unless one that tells more is of the same time.
struct Found {
    /// How many elements it has of the fate that fewer of them have.
    few: usize,
    /// The first call and the last one.
    span: [EventId; 2],
    split: SplitBrain,
}

/// Whether only those who may have lost it saw what one of them wrote and what is there.
fn is_kept_by_losers(put: &Put, losers: &Losers, sights: &Sights) -> bool {
    let is_of_losers = |&agent: &u32| losers[agent as usize];
    let seen = || sights.get(&put.of).into_iter().flatten();
    !put.is_lost && is_of_losers(&put.agent) && seen().all(is_of_losers)
}

/// Whether nodes could not reach each other as long as something was lost, who lost it on one side and who did not on the
/// other.
fn is_inside_a_cut(during: &[Put], cuts: &Cuts) -> bool {
    let mut lost = during.iter().filter(|put| put.is_lost);
    let Some(first) = lost.next() else { return false };
    let last = lost.next_back().unwrap_or(first);
    let agents = |is_lost: bool| {
        let meanwhile = during.iter().filter(|put| first.call <= put.call && put.call <= last.call);
        let of = meanwhile.filter(|put| put.is_lost == is_lost).map(|put| put.agent);
        of.collect::<FxHashSet<u32>>()
    };
    let (losers, keepers) = (agents(true), agents(false));
    let times = [first, last].map(|put| (put.call, put.call));
    let mut pairs = losers.iter().flat_map(|&loser| keepers.iter().map(move |&keeper| [loser, keeper]));
    !keepers.is_empty() && pairs.all(|pair| cuts.are_apart(pair, times))
}

/// Who may have lost what it acknowledged: all ways to part few agents; of many those of which nearly all is lost in some
/// piece of the time in which anything is.
fn candidates(puts: &[Put], agents: &Agents) -> Vec<Losers> {
    let count = agents.count();
    if count <= FEW {
        let masks = 1..(1_u32 << count) - 1;
        return masks.map(|mask| (0..count).map(|agent| mask >> agent & 1 == 1).collect()).collect();
    }
    const PIECES: usize = 8;
    let ends = [puts.iter().position(|put| put.is_lost), puts.iter().rposition(|put| put.is_lost)];
    let [Some(first), Some(last)] = ends else { return Vec::new() };
    let mut all: Vec<Losers> = Vec::new();
    for piece in puts[first..=last].chunks((last - first + 1).div_ceil(PIECES)) {
        let mut fates = vec![[0_usize; 2]; count];
        piece.iter().for_each(|put| fates[put.agent as usize][usize::from(put.is_lost)] += 1);
        let losers: Losers = fates.iter().map(|[kept, lost]| lost > kept).collect();
        if losers.contains(&true) && losers.contains(&false) && !all.contains(&losers) {
            all.push(losers);
        }
    }
    all
}

/// The stretches in which whatever the losers put in is lost, and nothing of the others.
fn stretches(puts: &[Put], losers: &Losers) -> Vec<Stretch> {
    let mut all = Vec::new();
    let mut now = Stretch::default();
    for (at, put) in puts.iter().enumerate() {
        if put.is_lost == losers[put.agent as usize] {
            now.to = at + 1;
            *if put.is_lost { &mut now.lost } else { &mut now.kept } += 1;
        } else {
            let next = Stretch { from: at + 1, to: at + 1, ..Stretch::default() };
            all.push(std::mem::replace(&mut now, next));
        }
    }
    all.push(now);
    all.retain(|stretch| stretch.lost.min(stretch.kept) >= ELEMENTS);
    all
}

/// Whether something is kept between what is lost, and lost between what is kept: both were taken at one time.
fn has_turns(during: &[Put]) -> bool {
    let is_between = |is_lost: bool| {
        let of = |put: &Put| put.is_lost == is_lost;
        let ends = during.iter().position(of).zip(during.iter().rposition(of));
        ends.is_some_and(|(first, last)| !during[first..=last].iter().all(of))
    };
    is_between(true) && is_between(false)
}

/// Which agents saw an element of a part, of those that are lost.
type Sights = FxHashMap<(usize, ValueId), FxHashSet<u32>>;

/// Whether somebody on the other side saw what is lost, while it was there: so there were not two sides.
fn is_shared(during: &[Put], losers: &Losers, sights: &Sights) -> bool {
    let seen = during.iter().filter(|put| put.is_lost).filter_map(|put| sights.get(&put.of));
    seen.flatten().any(|&agent| !losers[agent as usize])
}

/// Whether a crash of those who took what is lost came next, before they took more than a little that was kept: then they lost what
/// they had not yet written down.
fn is_taken_by_a_crash(puts: &[Put], stretch: &Stretch, crashes: &[&Window], agents: &Agents) -> bool {
    let lost = || puts[stretch.from..stretch.to].iter().filter(|put| put.is_lost);
    let Some(last) = lost().next_back() else { return false };
    let losers: FxHashSet<u32> = lost().map(|put| put.agent).collect();
    let of_losers = puts.iter().filter(|put| !put.is_lost && losers.contains(&put.agent));
    let kept: Vec<_> = of_losers.map(|put| put.call).filter(|&call| call > last.call).collect();
    let is_of_them = |window: &Window| {
        let is_one = |agent: u32| window.nodes.contains(&agents.name(agent));
        !agents.are_nodes || window.nodes.is_empty() || losers.iter().copied().any(is_one)
    };
    crashes.iter().filter(|window| is_of_them(window)).any(|window| {
        let is_over = window.end.is_some_and(|end| end < last.call);
        !is_over && kept.iter().filter(|&&call| call < window.start).count() < ELEMENTS
    })
}

/// Whether a stretch is unlikely where each element were lost by chance, as often as all are.
fn is_no_chance(puts: &[Put], stretch: &Stretch) -> bool {
    let lost = puts.iter().filter(|put| put.is_lost).count();
    if stretch.lost == lost {
        let few = stretch.lost.min(stretch.kept);
        let ways = (0..few).map(|at| (stretch.lost + stretch.kept - at) as f64 / (at + 1) as f64);
        return ways.product::<f64>() >= WAYS;
    }
    let share = (lost as f64 / puts.len() as f64).clamp(0.01, 0.99);
    let surprise = -(stretch.lost as f64 * share.ln() + stretch.kept as f64 * (1.0 - share).ln());
    // All are of either fate for a long time where a leader went down, so that each fate has to surprise by itself.
    surprise >= SURPRISE && stretch.lost.min(stretch.kept) as f64 >= SURPRISE / 4.0
}

fn told(puts: &[Put], stretch: &Stretch, agents: &Agents) -> Option<SplitBrain> {
    let during = &puts[stretch.from..stretch.to];
    let (mut sides, mut window) = ([Vec::new(), Vec::new()], None::<[OpId; 2]>);
    for put in during {
        let side: &mut Vec<u32> = &mut sides[usize::from(!put.is_lost)];
        if !side.contains(&put.agent) {
            side.push(put.agent);
        }
        if put.is_lost {
            window = Some(window.map_or([put.op; 2], |[first, _]| [first, put.op]));
        }
    }
    // What was kept is told of the time in which something was lost.
    let ends = [during.iter().position(|put| put.is_lost), during.iter().rposition(|put| put.is_lost)];
    let meanwhile = &during[ends[0]?..=ends[1]?];
    let kept = meanwhile.iter().filter(|put| !put.is_lost).count();
    let of = |is_lost: bool| during.iter().find(|put| put.is_lost == is_lost).map(|put| put.op);
    sides.iter_mut().for_each(|side| side.sort_unstable());
    Some(SplitBrain {
        rung: Rung::Vanished,
        are_nodes: agents.are_nodes,
        sides: sides.map(|side| side.into_iter().map(|agent| agents.name(agent)).collect()),
        window: window?,
        acknowledged: [stretch.lost, kept],
        missed: [0, 0],
        parts: 1,
        shown: vec![("lost", of(true)?), ("kept", of(false)?)],
        heal: None,
        lost: Some(stretch.lost),
    })
}
