//! Sequential consistency, where it is known who saw whose write.
//!
//! With one key, an operation that comes before another of the same session puts its whole chain of versions before the
//! other's: there is an order if and only if that is no contradiction (Gibbons & Korach 1997). With several keys what
//! comes before what through other keys does so too, so the order of chains grows ([saturate](super::saturate)); a
//! contradiction shows that there is none, and an order that [replays](super::replay) that there is one. Neither need
//! come of it.

use petgraph::algo::toposort;
use petgraph::graph::NodeIndex;

use super::replay::replays;
use super::saturate::{Grown, saturate};
use super::schedule::{FEW, MANY, PREFERENCES, Preference, schedule};
use super::{Held, Why, first_from_nowhere};
use crate::chain::{Chains, Order};
use crate::cycle::{Link, Spec};
use crate::graph::RelationGraph;
use crate::relation::Relations;
use crate::session::Steps;

/// Whether there is one order of all steps that each session keeps to.
pub(super) fn sequential(steps: &Steps, goes_on: &dyn Fn() -> bool) -> Held {
    if let Some(reader) = first_from_nowhere(steps) {
        return Held::Broken(steps.ids([reader]));
    }
    // Who saw what in a ring has no order, and no chain either.
    let causes = RelationGraph::of(steps).process(steps).saw(steps);
    if toposort(&causes.graph, None).is_err() {
        return cycle(&causes, None, steps, goes_on);
    }
    let chains = Chains::new(steps);
    if let Some((first, second)) = chains.fork {
        return Held::Broken(steps.ids([first, second]));
    }
    let mut order = chains.order_of_sessions(steps);
    let leads = |order: &[Order], preference, repeats| {
        let witness = schedule(steps, &chains, order, preference, repeats, goes_on);
        witness.is_some_and(|witness| replays(steps, &witness))
    };
    let why = loop {
        if !goes_on() {
            return Held::NotDetermined(Why::TimeUp);
        }
        let forced = Forced { steps, chains: &chains, order: &order };
        // Nothing comes before the initial value.
        if let Some(at) = order.iter().position(|order| chains.all[order.second].root.is_none()) {
            return Held::Broken(steps.ids(forced.shown(Vec::new(), vec![at])));
        }
        let graph = forced.graph(order.len());
        let Ok(sorted) = toposort(&graph.graph, None) else {
            return cycle(&graph, Some(&forced), steps, goes_on);
        };
        if leads(&order, Preference::FirstMeeting, FEW) {
            return Held::Holds;
        }
        match saturate(steps, &chains, &graph, &sorted, &order, goes_on) {
            Grown::By(more) => order.extend(more),
            Grown::NoMore => break Why::Unsolved,
            Grown::LeftOff(why) => break why,
        }
    };
    if PREFERENCES.into_iter().any(|preference| leads(&order, preference, MANY)) {
        return Held::Holds;
    }
    Held::NotDetermined(if goes_on() { why } else { Why::TimeUp })
}

/// The operations of a shortest cycle, and those that show the order of the chains that it goes through.
fn cycle(
    graph: &RelationGraph,
    forced: Option<&Forced<'_>>,
    steps: &Steps,
    goes_on: &dyn Fn() -> bool,
) -> Held {
    let Some(links) = graph.shortest_cycle(&Spec::of(Relations::ALL), goes_on) else {
        return Held::NotDetermined(Why::TimeUp);
    };
    let named = links.iter().map(|link| steps.at(link.from)).collect();
    let Some(forced) = forced else { return Held::Broken(steps.ids(named)) };
    let order = forced.taken(&links, forced.order.len());
    Held::Broken(steps.ids(forced.shown(named, order)))
}

/// The order of chains, and how it came to light.
struct Forced<'a> {
    steps: &'a Steps,
    chains: &'a Chains,
    order: &'a [Order],
}

impl Forced<'_> {
    /// What comes before what, by the first so many of what is forced.
    fn graph(&self, known: usize) -> RelationGraph {
        let graph = RelationGraph::of(self.steps).process(self.steps).saw(self.steps);
        graph.versions(self.steps, self.chains, &self.order[..known])
    }

    /// Which order of chains links go through, of the first so many.
    fn taken(&self, links: &[Link], known: usize) -> Vec<usize> {
        let chain = |id| self.chains.places[self.steps.at(id)].map(|place| place.chain);
        let leads = |link: &Link| {
            let (first, second) = (chain(link.from)?, chain(link.to)?);
            self.order[..known].iter().position(|order| order.first == first && order.second == second)
        };
        links.iter().filter_map(leads).collect()
    }

    /// Operations, and all that show the order that they lean on: the ways by which it came to light, by what had come to
    /// light before.
    fn shown(&self, mut named: Vec<usize>, mut order: Vec<usize>) -> Vec<usize> {
        let mut at = 0;
        while let Some(&next) = order.get(at) {
            let Order { shown_by: (from, to), known, .. } = self.order[next];
            named.extend([from, to]);
            if self.steps.all[from].session != self.steps.all[to].session {
                let way = self.graph(known).shortest_way(NodeIndex::new(from), NodeIndex::new(to));
                let way = way.expect("it came to light by a way");
                named.extend(way.iter().map(|link| self.steps.at(link.from)));
                for taken in self.taken(&way, known) {
                    if !order.contains(&taken) {
                        order.push(taken);
                    }
                }
            }
            at += 1;
        }
        named
    }
}
