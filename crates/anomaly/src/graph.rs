//! Operations and what puts one before another, as a graph.
//!
//! Nodes without an operation stand for what many operations have in common: an instant at which some had returned and
//! others were not yet called, or the end of a chain of versions. So there are at most three edges of real time for each
//! operation, however many precede each other, and as many of versions as there are operations and forced pairs of chains
//! (`ALGORITHMS` F4; elle links each call to all that returned since, which is quadratic in the concurrency).
//!
//! The label of a way through such nodes stands on its first edge; the others have none.

use petgraph::graph::{DiGraph, NodeIndex};
use seriatim_history::{History, OpId};
use seriatim_model::{Kind, Model, Part};

use crate::chain::{Chains, Order};
use crate::relation::Relation;
use crate::session::Steps;

/// What stands at a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node {
    /// An operation.
    Operation(OpId),
    /// What operations have in common.
    Virtual,
}

/// Operations and why one comes before another.
#[derive(Clone, Debug, Default)]
pub struct RelationGraph {
    pub(crate) graph: DiGraph<Node, Option<Relation>>,
}

impl RelationGraph {
    /// All relations between the operations of parts of a history of registers: real time, process order, who saw what
    /// another put in, and the order of versions where chains of swaps or the order of one session's operations force it.
    /// `None` where the model is no register or has no words for some operation, or it is time to stop.
    pub fn new<M: Model>(
        model: &M,
        parts: &[&Part<M::Op>],
        history: &History,
        goes_on: &dyn Fn() -> bool,
    ) -> Option<Self> {
        let Kind::Register { initial } = model.kind() else { return None };
        let steps = Steps::new(model, parts, initial, history, goes_on).ok()?;
        let chains = Chains::new(&steps);
        let order = chains.order_of_sessions(&steps);
        goes_on().then(|| {
            Self::of(&steps).real_time(&steps).process(&steps).saw(&steps).versions(&steps, &chains, &order)
        })
    }

    /// Operations, and nothing between them yet; each at the node that has its place among the steps.
    pub(crate) fn of(steps: &Steps) -> Self {
        let mut graph = DiGraph::with_capacity(steps.all.len(), 3 * steps.all.len());
        for step in &steps.all {
            graph.add_node(Node::Operation(step.id));
        }
        Self { graph }
    }

    /// Adds an operation that is not of a history.
    pub fn add(&mut self, id: OpId) -> NodeIndex {
        self.graph.add_node(Node::Operation(id))
    }

    /// Adds what operations have in common.
    pub fn add_virtual(&mut self) -> NodeIndex {
        self.graph.add_node(Node::Virtual)
    }

    /// Adds why one node comes before another: a relation where the first is an operation, and none where it is virtual.
    pub fn link(&mut self, from: NodeIndex, to: NodeIndex, relation: Option<Relation>) {
        self.graph.add_edge(from, to, relation);
    }

    fn between(&mut self, from: usize, to: usize, relation: Relation) {
        self.graph.add_edge(NodeIndex::new(from), NodeIndex::new(to), Some(relation));
    }

    /// Adds real time: an instant for each run of returns, which follow each other.
    pub(crate) fn real_time(mut self, steps: &Steps) -> Self {
        let calls = steps.all.iter().enumerate().map(|(at, step)| (step.call, false, at));
        let returns = steps.all.iter().enumerate().filter_map(|(at, step)| Some((step.ret?, true, at)));
        let mut events: Vec<_> = calls.chain(returns).collect();
        events.sort_unstable();
        let (mut instant, mut is_open): (Option<NodeIndex>, bool) = (None, false);
        for (_, returns, at) in events {
            if !returns {
                if let Some(instant) = instant {
                    self.link(instant, NodeIndex::new(at), None);
                }
                is_open = false;
                continue;
            }
            if !is_open {
                let next = self.add_virtual();
                if let Some(instant) = instant {
                    self.link(instant, next, None);
                }
                (instant, is_open) = (Some(next), true);
            }
            let instant = instant.expect("a return opens an instant");
            self.link(NodeIndex::new(at), instant, Some(Relation::RealTime));
        }
        self
    }

    /// Adds the order of each session.
    pub(crate) fn process(mut self, steps: &Steps) -> Self {
        for session in &steps.sessions {
            for pair in session.windows(2) {
                self.between(pair[0], pair[1], Relation::Process);
            }
        }
        self
    }

    /// Adds who saw what another put in.
    pub(crate) fn saw(mut self, steps: &Steps) -> Self {
        for (at, step) in steps.all.iter().enumerate() {
            if let Some(write) = step.source.and_then(|source| source.write()) {
                self.between(write, at, Relation::WriteRead);
            }
        }
        self
    }

    /// Adds the order of versions: inside each chain, from that of the initial value to all others of its key, and
    /// between chains of which it is said. Of two swaps that replaced one version each comes before the other.
    pub(crate) fn versions(mut self, steps: &Steps, chains: &Chains, order: &[Order]) -> Self {
        let mut ends: Vec<Option<NodeIndex>> = vec![None; chains.all.len()];
        for (first, chain) in chains.all.iter().enumerate().take(steps.keys) {
            debug_assert!(chain.root.is_none(), "chains of initial values come first");
            ends[first] = Some(self.add_virtual());
        }
        for order in order {
            if ends[order.first].is_none() {
                ends[order.first] = Some(self.add_virtual());
            }
        }
        for (at, step) in steps.all.iter().enumerate() {
            let Some(place) = chains.places[at] else { continue };
            if step.reads_only()
                && let Some(next) = chains.replaced_by(steps, at)
            {
                self.between(at, next, Relation::ReadWrite);
            }
            // Who stands before the last version of a chain comes before it anyway.
            if let Some(end) = ends[place.chain]
                && place.at == chains.all[place.chain].last
            {
                let relation = if step.writes { Relation::WriteWrite } else { Relation::ReadWrite };
                self.link(NodeIndex::new(at), end, Some(relation));
            }
        }
        if let Some((first, second)) = chains.fork {
            self.between(first, second, Relation::ReadWrite);
            self.between(second, first, Relation::ReadWrite);
        }
        for chain in &chains.all[steps.keys..] {
            let initial = ends[chain.key].expect("chains of initial values have ends");
            let root = chain.root.expect("it does not begin with an initial value");
            self.link(initial, NodeIndex::new(root), None);
        }
        for order in order {
            if let (Some(end), Some(root)) = (ends[order.first], chains.all[order.second].root) {
                self.link(end, NodeIndex::new(root), None);
            }
        }
        self
    }
}

#[cfg(test)]
mod tests;
