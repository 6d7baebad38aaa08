//! The order of chains of versions, as far as what comes before what forces it: an operation that comes before one of
//! another chain of its key puts its own chain first (the saturation of Zennou, Bouajjani, Enea & Erradi 2019, "Gradual
//! Consistency Checking", over chains instead of writes).
//!
//! Each node of the graph has a clock: how many operations of each session come before it (Mattern 1989). Of each session
//! it is enough to look at the last operation on the key. So one round takes operations times sessions steps and as much
//! memory, and there are no more than [`CELLS`].

use petgraph::Direction::Incoming;
use petgraph::graph::NodeIndex;
use rustc_hash::{FxHashMap, FxHashSet};

use super::Why;
use crate::chain::{Chains, Order};
use crate::graph::RelationGraph;
use crate::pace::Pace;
use crate::session::Steps;

/// So many counts there may be in all clocks together: a quarter of a gigabyte.
const CELLS: usize = 1 << 26;

/// What became of the order.
pub(super) enum Grown {
    /// There is more of it.
    By(Vec<Order>),
    /// Nothing else is forced.
    NoMore,
    /// It was left off.
    LeftOff(Why),
}

/// What else is forced, given the graph of what is forced so far and its nodes in some order that it allows.
pub(super) fn saturate(
    steps: &Steps,
    chains: &Chains,
    graph: &RelationGraph,
    sorted: &[NodeIndex],
    order: &[Order],
    goes_on: &dyn Fn() -> bool,
) -> Grown {
    let width = steps.sessions.len();
    if width.saturating_mul(sorted.len()) > CELLS {
        return Grown::LeftOff(Why::TooLarge);
    }
    let on_key = OnKey::new(steps, chains);
    let mut known: FxHashSet<(usize, usize)> =
        order.iter().map(|order| (order.first, order.second)).collect();
    let mut clocks = Clocks { width, counts: vec![0; width * sorted.len()] };
    let mut more = Vec::new();
    let mut pace = Pace::new(goes_on);
    for &node in sorted {
        if !pace.goes_on_with(width) {
            return Grown::LeftOff(Why::TimeUp);
        }
        for before in graph.graph.neighbors_directed(node, Incoming) {
            clocks.join(before.index(), node.index());
        }
        let Some(step) = steps.all.get(node.index()) else { continue };
        if let Some(place) = chains.places[node.index()] {
            for session in 0..width {
                let before = clocks.of(node.index())[session];
                let Some(&Touched { chain: first, step: other, .. }) = on_key.last(session, step.key, before)
                else {
                    continue;
                };
                // What is first anyway need not be said to be.
                let is_news =
                    first != place.chain && first >= steps.keys && known.insert((first, place.chain));
                if is_news {
                    let shown_by = (other, node.index());
                    more.push(Order { first, second: place.chain, shown_by, known: order.len() });
                }
            }
        }
        clocks.tick(node.index(), step.session, step.at);
    }
    if more.is_empty() { Grown::NoMore } else { Grown::By(more) }
}

/// How many operations of each session come before a node, or are it.
struct Clocks {
    width: usize,
    counts: Vec<u32>,
}

impl Clocks {
    fn of(&self, node: usize) -> &[u32] {
        &self.counts[node * self.width..][..self.width]
    }

    /// What comes before one node comes before the next.
    fn join(&mut self, before: usize, node: usize) {
        for session in 0..self.width {
            let count = self.counts[before * self.width + session];
            let own = &mut self.counts[node * self.width + session];
            *own = (*own).max(count);
        }
    }

    fn tick(&mut self, node: usize, session: usize, at: usize) {
        self.counts[node * self.width + session] = u32::try_from(at + 1).expect("fewer than 2^32 operations");
    }
}

/// An operation on a key.
struct Touched {
    /// Its place in its session.
    at: u32,
    step: usize,
    chain: usize,
}

/// By session and key: the operations on it.
struct OnKey {
    of: FxHashMap<(usize, usize), Vec<Touched>>,
}

impl OnKey {
    fn new(steps: &Steps, chains: &Chains) -> Self {
        let mut all = Self { of: FxHashMap::default() };
        for session in &steps.sessions {
            for (at, &step) in (0..).zip(session) {
                if let Some(place) = chains.places[step] {
                    let what = &steps.all[step];
                    let touched = Touched { at, step, chain: place.chain };
                    all.of.entry((what.session, what.key)).or_default().push(touched);
                }
            }
        }
        all
    }

    /// The last operation on a key among the first so many of a session.
    fn last(&self, session: usize, key: usize, before: u32) -> Option<&Touched> {
        let all = self.of.get(&(session, key))?;
        all.get(all.partition_point(|touched| touched.at < before).checked_sub(1)?)
    }
}
