//! The shortest cycle of relations of some kind: breadth first over the product of a graph and a counter of the relations
//! that matter (the constraints of elle's anomalies, Kingsbury & Alvaro 2020, as a regular language: Barrett, Jacob &
//! Marathe 2000).
//!
//! A step to an operation costs one, a step to a virtual node nothing, so a queue with two ends keeps the nodes in the
//! order of their distance (0-1 BFS). From each start that takes as many steps as the component has edges, for each count
//! that is told apart, and no longer than the best cycle so far. Components are searched from the smallest on, and no
//! more than [`STARTS`] starts are tried in all: what is found has the fewest operations unless there are more.
//!
//! What is found is a closed walk: where several relations must be counted it may pass an operation twice, and shows as
//! much.

use std::collections::VecDeque;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::NodeIndex;
use petgraph::visit::{EdgeFiltered, EdgeRef};
use seriatim_history::OpId;

use crate::graph::{Node, RelationGraph};
use crate::relation::{Relation, Relations};

/// So many starts are tried.
pub const STARTS: usize = 256;

/// Which cycles are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The relations that they may have.
    pub allowed: Relations,
    /// Those that are counted.
    pub counted: Relations,
    /// How many of these they have at least.
    pub least: usize,
    /// And at most.
    pub most: Option<usize>,
}

impl Spec {
    /// Any cycle of these relations.
    pub fn of(allowed: Relations) -> Self {
        Self { allowed, counted: Relations::NONE, least: 0, most: None }
    }

    /// Those that have one of these relations so many times or more.
    #[must_use]
    pub fn at_least(self, least: usize, counted: Relations) -> Self {
        Self { counted, least, ..self }
    }

    /// Those that have it no more often than that.
    #[must_use]
    pub fn at_most(self, most: usize) -> Self {
        Self { most: Some(most), ..self }
    }

    /// How many counts are told apart.
    fn counts(&self) -> usize {
        self.most.map_or(self.least, |most| most.max(self.least)) + 1
    }

    /// The count after a step; `None` where there is no way on.
    fn count(&self, count: usize, relation: Option<Relation>) -> Option<usize> {
        let Some(relation) = relation else { return Some(count) };
        if !self.allowed.contains(relation) {
            return None;
        }
        let next = count + usize::from(self.counted.contains(relation));
        match self.most {
            Some(most) => (next <= most).then_some(next),
            // Enough is enough.
            None => Some(next.min(self.least)),
        }
    }

    fn allows(&self, relation: Option<Relation>) -> bool {
        relation.is_none_or(|relation| self.allowed.contains(relation))
    }
}

/// One operation before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The earlier one.
    pub from: OpId,
    /// The later one.
    pub to: OpId,
    /// Why.
    pub relation: Relation,
}

impl RelationGraph {
    /// A shortest cycle of the wanted kind; each link leads to the next, and the last to the first. `None` where there is
    /// none, or it is time to stop.
    pub fn shortest_cycle(&self, spec: &Spec, goes_on: &dyn Fn() -> bool) -> Option<Vec<Link>> {
        let mut search = Search::new(self, spec);
        let mut best: Option<Vec<Link>> = None;
        for start in self.starts(spec).into_iter().take(STARTS) {
            if !goes_on() {
                break;
            }
            let below = best.as_ref().map_or(usize::MAX, Vec::len);
            if let Some(found) = search.way(start, start, below) {
                best = Some(found);
            }
        }
        best
    }

    /// A shortest way from one operation to another.
    pub(crate) fn shortest_way(&self, from: NodeIndex, to: NodeIndex) -> Option<Vec<Link>> {
        Search::new(self, &Spec::of(Relations::ALL)).way(from, to, usize::MAX)
    }

    /// Operations that every wanted cycle passes one of: those that the relation to be counted leads from, or else all.
    fn starts(&self, spec: &Spec) -> Vec<NodeIndex> {
        let filtered = EdgeFiltered::from_fn(&self.graph, |edge| spec.allows(*edge.weight()));
        let mut components = kosaraju_scc(&filtered);
        components.sort_by_key(Vec::len);
        let mut number = vec![0; self.graph.node_count()];
        for (at, component) in components.iter().enumerate() {
            component.iter().for_each(|node| number[node.index()] = at);
        }
        let begins = |node: &NodeIndex| {
            self.graph.edges(*node).any(|edge| {
                let stays = number[edge.source().index()] == number[edge.target().index()];
                let counts = edge.weight().is_some_and(|relation| spec.counted.contains(relation));
                stays && spec.allows(*edge.weight()) && (spec.least == 0 || counts)
            })
        };
        let is_operation = |node: &NodeIndex| matches!(self.graph[*node], Node::Operation(_));
        components.iter().flatten().copied().filter(|node| is_operation(node) && begins(node)).collect()
    }
}

/// What a node with a count was reached from.
#[derive(Clone, Copy)]
struct Reached {
    distance: usize,
    from: usize,
    relation: Option<Relation>,
}

struct Search<'a> {
    graph: &'a RelationGraph,
    spec: &'a Spec,
    /// By node and count.
    reached: Vec<Option<Reached>>,
    touched: Vec<usize>,
}

impl<'a> Search<'a> {
    fn new(graph: &'a RelationGraph, spec: &'a Spec) -> Self {
        let reached = vec![None; graph.graph.node_count() * spec.counts()];
        Self { graph, spec, reached, touched: Vec::new() }
    }

    /// A shortest way from one operation to another, or back to itself, of less than so many links.
    fn way(&mut self, start: NodeIndex, goal: NodeIndex, below: usize) -> Option<Vec<Link>> {
        for place in self.touched.drain(..) {
            self.reached[place] = None;
        }
        let counts = self.spec.counts();
        let place = start.index() * counts;
        let mut queue = VecDeque::from([(place, 0)]);
        self.reach(place, Reached { distance: 0, from: place, relation: None });
        while let Some((place, distance)) = queue.pop_front() {
            // It may have been reached by a shorter way since.
            if self.reached[place].is_some_and(|reached| reached.distance < distance) {
                continue;
            }
            if distance + 1 >= below {
                return None;
            }
            let (node, count) = (NodeIndex::new(place / counts), place % counts);
            for edge in self.graph.graph.edges(node) {
                let Some(count) = self.spec.count(count, *edge.weight()) else { continue };
                if edge.target() == goal && count >= self.spec.least {
                    return Some(self.links(place, *edge.weight(), goal));
                }
                let next = edge.target().index() * counts + count;
                let costs = usize::from(matches!(self.graph.graph[edge.target()], Node::Operation(_)));
                let distance = distance + costs;
                if self.reached[next].is_some_and(|reached| reached.distance <= distance) {
                    continue;
                }
                self.reach(next, Reached { distance, from: place, relation: *edge.weight() });
                if costs == 0 {
                    queue.push_front((next, distance))
                } else {
                    queue.push_back((next, distance))
                }
            }
        }
        None
    }

    fn reach(&mut self, place: usize, reached: Reached) {
        self.reached[place] = Some(reached);
        self.touched.push(place);
    }

    /// The links of the way to a place, and by one more edge to the goal.
    fn links(&self, last: usize, relation: Option<Relation>, goal: NodeIndex) -> Vec<Link> {
        // Backwards: from each operation, by the relation that leads on from it, to the one that was passed before.
        let mut links = Vec::new();
        let operation = |node: NodeIndex| match self.graph.graph[node] {
            Node::Operation(id) => Some(id),
            Node::Virtual => None,
        };
        let mut to = operation(goal).expect("the goal is an operation");
        let (mut place, mut relation) = (last, relation);
        loop {
            let reached = self.reached[place].expect("the way was walked");
            if let Some(from) = operation(NodeIndex::new(place / self.spec.counts())) {
                let relation = relation.expect("what leads from an operation has a relation");
                links.push(Link { from, to, relation });
                to = from;
            }
            if reached.from == place {
                break;
            }
            (place, relation) = (reached.from, reached.relation);
        }
        links.reverse();
        links
    }
}

#[cfg(test)]
mod tests;
