//! What one side acknowledged is gone, and what the other one acknowledged meanwhile is there.
//!
//! Nobody reads a set or a queue on both sides while they are apart, so that only the end tells: a stretch of time in
//! which all that one side acknowledged is lost, and all that the other one acknowledged was kept. Where everybody's is lost
//! it is no split, but a leader that went down with what it had not passed on; and where one fate follows another by
//! chance, a long stretch of that sort is unlikely ([`SURPRISE`]). O(n) for two sides.

use rustc_hash::FxHashSet;
use seriatim_history::{EventId, History, OpId};
use seriatim_model::{Model, Part};

use super::agents::Agents;
use super::sides::{FEW, Sides};
use super::{EPISODES, Rung, SplitBrain};
use crate::words;

/// So many elements of either side there are, at the least.
const ELEMENTS: usize = 3;

/// How unlikely a stretch has to be if each element were lost by chance, as often as all are: e to the minus this. It need
/// not be where no other element is lost.
const SURPRISE: f64 = 25.0;

/// An element that was acknowledged.
#[derive(Clone, Copy, Debug)]
struct Put {
    op: OpId,
    agent: u32,
    call: EventId,
    is_lost: bool,
}

/// Elements that follow each other, of which one side's are lost and the other's kept.
#[derive(Clone, Debug)]
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
    history: &History,
    agents: &Agents,
    lost: &[OpId],
    goes_on: &dyn Fn() -> bool,
) -> Option<Vec<SplitBrain>> {
    if lost.is_empty() || agents.count() < 2 {
        return Some(Vec::new());
    }
    let lost: FxHashSet<OpId> = lost.iter().copied().collect();
    let mut puts = Vec::new();
    for part in parts {
        for word in words::of(model, part, goes_on)? {
            let is_acknowledged = history.operation(word.id).ret().is_some();
            if let (true, Some(_), Some(agent)) =
                (is_acknowledged, words::put(&word.access), agents.of(word.id))
            {
                let (op, is_lost) = (word.id, lost.contains(&word.id));
                puts.push(Put { op, agent, call: history.operation(op).call.event, is_lost });
            }
        }
    }
    puts.sort_by_key(|put| put.call);
    let mut all: Vec<Stretch> = Vec::new();
    for losers in candidates(&puts, agents) {
        if !goes_on() {
            return None;
        }
        all.extend(stretches(&puts, &losers));
    }
    all.sort_by_key(|stretch| std::cmp::Reverse(stretch.lost.min(stretch.kept)));
    let mut chosen: Vec<Stretch> = Vec::new();
    for stretch in all {
        let is_free = chosen.iter().all(|known| stretch.to <= known.from || known.to <= stretch.from);
        if is_free && chosen.len() < EPISODES && is_no_chance(&puts, &stretch) {
            chosen.push(stretch);
        }
    }
    Some(chosen.iter().filter_map(|stretch| told(&puts, stretch, agents)).collect())
}

/// Who may have lost what it acknowledged: all ways to part few agents; of many those of which nearly all is lost in some
/// piece of the time in which anything is.
fn candidates(puts: &[Put], agents: &Agents) -> Vec<Sides> {
    let count = agents.count();
    if count <= FEW {
        let masks = 1..(1_u32 << count) - 1;
        return masks.map(|mask| (0..count).map(|agent| mask >> agent & 1 == 1).collect()).collect();
    }
    const PIECES: usize = 8;
    let ends = [puts.iter().position(|put| put.is_lost), puts.iter().rposition(|put| put.is_lost)];
    let [Some(first), Some(last)] = ends else { return Vec::new() };
    let mut all: Vec<Sides> = Vec::new();
    for piece in puts[first..=last].chunks((last - first + 1).div_ceil(PIECES)) {
        let mut fates = vec![[0_usize; 2]; count];
        piece.iter().for_each(|put| fates[put.agent as usize][usize::from(put.is_lost)] += 1);
        let losers: Sides = fates.iter().map(|[kept, lost]| lost > kept).collect();
        if losers.contains(&true) && losers.contains(&false) && !all.contains(&losers) {
            all.push(losers);
        }
    }
    all
}

/// The stretches in which whatever the losers put in is lost, and nothing of the others.
fn stretches(puts: &[Put], losers: &Sides) -> Vec<Stretch> {
    let mut all = Vec::new();
    let mut now = Stretch { from: 0, to: 0, lost: 0, kept: 0 };
    for (at, put) in puts.iter().enumerate() {
        if put.is_lost == losers[put.agent as usize] {
            now.to = at + 1;
            *if put.is_lost { &mut now.lost } else { &mut now.kept } += 1;
        } else {
            let next = Stretch { from: at + 1, to: at + 1, lost: 0, kept: 0 };
            all.push(std::mem::replace(&mut now, next));
        }
    }
    all.push(now);
    all.retain(|stretch| stretch.lost.min(stretch.kept) >= ELEMENTS);
    all
}

fn is_no_chance(puts: &[Put], stretch: &Stretch) -> bool {
    let lost = puts.iter().filter(|put| put.is_lost).count();
    if stretch.lost == lost {
        return true;
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
    let of = |is_lost: bool| during.iter().find(|put| put.is_lost == is_lost).map(|put| put.op);
    sides.iter_mut().for_each(|side| side.sort_unstable());
    Some(SplitBrain {
        rung: Rung::Vanished,
        are_nodes: agents.are_nodes,
        sides: sides.map(|side| side.into_iter().map(|agent| agents.name(agent)).collect()),
        window: window?,
        acknowledged: [stretch.lost, stretch.kept],
        missed: [0, 0],
        parts: 1,
        shown: vec![("lost", of(true)?), ("kept", of(false)?)],
        heal: None,
        lost: Some(stretch.lost),
    })
}
