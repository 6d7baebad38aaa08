use seriatim_testkit::Rng;

use super::*;

const KINDS: [Relation; 5] =
    [Relation::RealTime, Relation::Process, Relation::WriteRead, Relation::WriteWrite, Relation::ReadWrite];

fn graph(operations: u32, links: &[(u32, u32, Relation)]) -> RelationGraph {
    graph_through(operations, links, || 0)
}

/// The same, where links lead through so many virtual nodes.
fn graph_through(
    operations: u32,
    links: &[(u32, u32, Relation)],
    mut through: impl FnMut() -> usize,
) -> RelationGraph {
    let mut graph = RelationGraph::default();
    let nodes: Vec<_> = (0..operations).map(|id| graph.add(OpId(id))).collect();
    for &(from, to, relation) in links {
        let (mut last, mut relation) = (nodes[from as usize], Some(relation));
        for _ in 0..through() {
            let next = graph.add_virtual();
            graph.link(last, next, relation);
            (last, relation) = (next, None);
        }
        graph.link(last, nodes[to as usize], relation);
    }
    graph
}

fn shortest(graph: &RelationGraph, spec: Spec) -> Option<Vec<(u32, Relation)>> {
    let found = graph.shortest_cycle(&spec, &|| true)?;
    Some(found.iter().map(|link| (link.from.0, link.relation)).collect())
}

#[test]
fn what_has_an_order_has_no_cycle() {
    let graph =
        graph(3, &[(0, 1, Relation::Process), (1, 2, Relation::WriteRead), (0, 2, Relation::RealTime)]);
    assert_eq!(shortest(&graph, Spec::of(Relations::ALL)), None);
}

#[test]
fn the_shortest_cycle_that_may_be() {
    // A cycle of two by real time, and one of three without.
    let links = [
        (0, 1, Relation::RealTime),
        (1, 0, Relation::ReadWrite),
        (0, 2, Relation::Process),
        (2, 1, Relation::WriteRead),
    ];
    let graph = graph(3, &links);
    let mut any = shortest(&graph, Spec::of(Relations::ALL)).expect("there is one");
    any.sort_unstable();
    assert_eq!(any, [(0, Relation::RealTime), (1, Relation::ReadWrite)]);
    let timeless = Spec::of(Relations::ALL.without(Relation::RealTime));
    let mut timeless = shortest(&graph, timeless).expect("there is one");
    timeless.sort_unstable();
    assert_eq!(timeless, [(0, Relation::Process), (1, Relation::ReadWrite), (2, Relation::WriteRead)]);
}

#[test]
fn relations_are_counted() {
    // Long fork: two of read-write; and a shorter cycle with one.
    let links = [
        (0, 1, Relation::WriteRead),
        (1, 2, Relation::ReadWrite),
        (2, 3, Relation::WriteRead),
        (3, 0, Relation::ReadWrite),
        (3, 2, Relation::ReadWrite),
    ];
    let graph = graph(4, &links);
    let read_write = Relations::NONE.with(Relation::ReadWrite);
    let spec = |least| Spec::of(Relations::ALL).at_least(least, read_write);
    let count = |spec| shortest(&graph, spec).map(|cycle| cycle.len());
    assert_eq!(count(spec(0)), Some(2));
    assert_eq!(count(spec(1)), Some(2));
    assert_eq!(count(spec(1).at_most(1)), Some(2));
    // The short one twice has two of them, and so has the long one.
    assert_eq!(count(spec(2)), Some(4));
    let without = Spec::of(Relations::ALL.without(Relation::ReadWrite));
    assert_eq!(count(without), None);
}

#[test]
fn virtual_nodes_cost_nothing_and_are_not_shown() {
    let mut graph = RelationGraph::default();
    let [first, second] = [graph.add(OpId(7)), graph.add(OpId(9))];
    let mut last = first;
    for at in 0..5 {
        let node = graph.add_virtual();
        graph.link(last, node, (at == 0).then_some(Relation::RealTime));
        last = node;
    }
    graph.link(last, second, None);
    graph.link(second, first, Some(Relation::WriteRead));
    assert_eq!(
        shortest(&graph, Spec::of(Relations::ALL)),
        Some(vec![(7, Relation::RealTime), (9, Relation::WriteRead)])
    );
}

/// The fewest operations of a closed walk of the wanted kind that begins at `start`, by definition: every walk is tried.
fn fewest(links: &[(u32, u32, Relation)], spec: &Spec, start: u32, longest: usize) -> Option<usize> {
    fn walk(
        links: &[(u32, u32, Relation)],
        spec: &Spec,
        start: u32,
        at: u32,
        seen: &mut Vec<Relation>,
    ) -> bool {
        let counted = seen.iter().filter(|&&relation| spec.counted.contains(relation)).count();
        let fits = counted >= spec.least && spec.most.is_none_or(|most| counted <= most);
        if seen.len() == seen.capacity() {
            return at == start && fits;
        }
        links.iter().any(|&(from, to, relation)| {
            if from != at || !spec.allowed.contains(relation) {
                return false;
            }
            seen.push(relation);
            let found = walk(links, spec, start, to, seen);
            seen.pop();
            found
        })
    }
    (1..=longest).find(|&len| {
        let mut seen = Vec::new();
        seen.reserve_exact(len);
        assert_eq!(seen.capacity(), len, "the room tells when to stop");
        walk(links, spec, start, start, &mut seen)
    })
}

#[test]
fn random_graphs_by_definition() {
    const OPERATIONS: u32 = 4;
    let mut rng = Rng::new(7);
    let (mut with, mut without) = (0, 0);
    for _ in 0..3000 {
        let links: Vec<(u32, u32, Relation)> = (0..rng.between(2, 7))
            .map(|_| {
                let from = rng.below(OPERATIONS as usize) as u32;
                let to = (from + 1 + rng.below(OPERATIONS as usize - 1) as u32) % OPERATIONS;
                (from, to, *rng.pick(&KINDS))
            })
            .collect();
        let (banned, counted) = (*rng.pick(&KINDS), *rng.pick(&KINDS));
        let least = rng.below(3);
        let mut spec =
            Spec::of(Relations::ALL.without(banned)).at_least(least, Relations::NONE.with(counted));
        if rng.chance(0.4) {
            spec = spec.at_most(least.max(rng.below(3)));
        }
        let expected = (0..OPERATIONS).filter_map(|start| fewest(&links, &spec, start, 6)).min();
        let graph = graph_through(OPERATIONS, &links, || if rng.chance(0.4) { rng.between(1, 5) } else { 0 });
        let found = graph.shortest_cycle(&spec, &|| true);
        let Some(found) = found else {
            assert_eq!(expected, None, "{links:?} {spec:?}");
            without += 1;
            continue;
        };
        with += 1;
        // A longer one than was tried by definition is none of its business.
        if expected.is_some() || found.len() <= 6 {
            assert_eq!(expected, Some(found.len()), "{links:?} {spec:?}");
        }
        let counted = found.iter().filter(|link| spec.counted.contains(link.relation)).count();
        assert!(counted >= spec.least && spec.most.is_none_or(|most| counted <= most));
        for (link, next) in found.iter().zip(found.iter().cycle().skip(1)) {
            assert!(links.contains(&(link.from.0, link.to.0, link.relation)), "{links:?} {link:?}");
            assert!(spec.allowed.contains(link.relation));
            assert_eq!(link.to, next.from);
        }
    }
    assert!(with > 300 && without > 300, "{with} with a cycle, {without} without");
}
