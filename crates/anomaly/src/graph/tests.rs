use petgraph::algo::has_path_connecting;
use seriatim_testkit::Rng;

use super::*;
use crate::cycle::Spec;
use crate::relation::Relations;
use crate::small::{self, Raw, Shape};

fn goes_on() -> bool {
    true
}

fn graph(all: &[Raw]) -> RelationGraph {
    let (history, model) = small::history(all);
    let parts = small::parts(&model, &history);
    let parts: Vec<&Part<_>> = parts.iter().collect();
    RelationGraph::new(&model, &parts, &history, &goes_on).expect("it is a register")
}

#[test]
fn real_time_is_the_order_of_intervals() {
    let mut rng = Rng::new(21);
    for _ in 0..3_000 {
        let shape = small::random_shape(&mut rng);
        let all = small::random(&mut rng, &shape);
        let (history, model) = small::history(&all);
        let parts = small::parts(&model, &history);
        let parts: Vec<&Part<_>> = parts.iter().collect();
        let Kind::Register { initial } = model.kind() else { unreachable!("it is a register") };
        let steps = Steps::new(&model, &parts, initial, &history, &goes_on).expect("it has words");
        let RelationGraph { graph } = RelationGraph::of(&steps).real_time(&steps);
        assert!(graph.edge_count() <= 3 * steps.all.len());
        for (a, first) in steps.all.iter().enumerate() {
            for (b, second) in steps.all.iter().enumerate().filter(|&(b, _)| b != a) {
                let leads = has_path_connecting(&graph, NodeIndex::new(a), NodeIndex::new(b), None);
                assert_eq!(leads, first.ret.is_some_and(|ret| ret < second.call), "{first:?} {second:?}");
            }
        }
    }
}

/// With one key what is not sequentially consistent is a cycle without real time; with several what is a cycle is not.
#[test]
fn cycles_by_definition() {
    let mut rng = Rng::new(22);
    let timeless = Spec::of(Relations::ALL.without(Relation::RealTime));
    let (mut cyclic, mut timed) = (0, 0);
    for _ in 0..6_000 {
        let shape = small::random_shape(&mut rng);
        let all = small::random(&mut rng, &Shape { nowhere: 0.0, ..shape });
        let graph = graph(&all);
        let is_cyclic = graph.shortest_cycle(&timeless, &goes_on).is_some();
        let is_sequential = small::is_sequential(&all);
        cyclic += usize::from(is_cyclic);
        if shape.keys == 1 {
            assert_eq!(is_cyclic, !is_sequential, "{all:#?}");
        } else {
            assert!(!is_cyclic || !is_sequential, "{all:#?}");
        }
        if graph.shortest_cycle(&Spec::of(Relations::ALL), &goes_on).is_some() {
            let is_linearizable = small::is_linearizable(&all, |raw| raw.call, |raw| raw.ret);
            assert!(!is_linearizable, "{all:#?}");
            timed += usize::from(!is_cyclic);
        }
    }
    assert!(cyclic > 500 && timed > 100, "{cyclic} without real time, {timed} with");
}
