//! Sequential consistency, where it is known who saw whose write.
//!
//! With one key, an operation that comes before another of the same session puts its whole chain of versions before the
//! other's: there is an order if and only if that is no contradiction (Gibbons & Korach 1997). With several keys what
//! comes before what through other keys does so too, so the order of chains grows ([saturate](super::saturate)); a
//! contradiction shows that there is none, and an order that [replays](super::replay) that there is one. Neither need
//! come of it.

use petgraph::algo::toposort;

use super::replay::replays;
use super::saturate::{Grown, saturate};
use super::schedule::schedule;
use super::{Held, Why, first_from_nowhere};
use crate::chain::{Chains, Order};
use crate::cycle::Spec;
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
        return shown(steps, &causes, None, goes_on);
    }
    let chains = Chains::new(steps);
    if let Some((first, second)) = chains.fork {
        return Held::Broken(steps.ids([first, second]));
    }
    let mut order = chains.order_of_sessions(steps);
    loop {
        if !goes_on() {
            return Held::NotDetermined(Why::TimeUp);
        }
        // Nothing comes before the initial value.
        if let Some(order) = order.iter().find(|order| chains.all[order.second].root.is_none()) {
            return Held::Broken(steps.ids([order.shown_by.0, order.shown_by.1]));
        }
        let graph = RelationGraph::of(steps).process(steps).saw(steps).versions(steps, &chains, &order);
        let Ok(sorted) = toposort(&graph.graph, None) else {
            return shown(steps, &graph, Some((&chains, &order)), goes_on);
        };
        if schedule(steps, &chains, &order, goes_on).is_some_and(|witness| replays(steps, &witness)) {
            return Held::Holds;
        }
        if steps.keys == 1 {
            break;
        }
        match saturate(steps, &chains, &graph, &sorted, &order, goes_on) {
            Grown::By(more) => order.extend(more),
            Grown::NoMore => break,
            Grown::LeftOff(why) => return Held::NotDetermined(why),
        }
    }
    Held::NotDetermined(if goes_on() { Why::Unsolved } else { Why::TimeUp })
}

/// The operations of a shortest cycle, and those that show the order of the chains that it goes through.
fn shown(
    steps: &Steps,
    graph: &RelationGraph,
    forced: Option<(&Chains, &[Order])>,
    goes_on: &dyn Fn() -> bool,
) -> Held {
    let Some(cycle) = graph.shortest_cycle(&Spec::of(Relations::ALL), goes_on) else {
        return Held::NotDetermined(Why::TimeUp);
    };
    let mut named: Vec<usize> = Vec::new();
    for link in &cycle {
        let [from, to] = [link.from, link.to].map(|id| {
            let step = steps.all.binary_search_by_key(&id, |step| step.id);
            step.expect("the nodes of the graph are steps")
        });
        named.extend([from, to]);
        let Some((chains, order)) = forced else { continue };
        let [first, second] = [from, to].map(|step| chains.places[step].map(|place| place.chain));
        let leads = |order: &&Order| Some(order.first) == first && Some(order.second) == second;
        if let Some(order) = order.iter().find(leads) {
            named.extend([order.shown_by.0, order.shown_by.1]);
        }
    }
    Held::Broken(steps.ids(named))
}
