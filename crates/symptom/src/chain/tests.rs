use seriatim_history::OpId;

use super::*;
use crate::symptom::Scope;
use crate::trace::{Trace, ms, node};

/// A run of 60 s with these faults, in milliseconds and with their nodes.
fn observed(faults: &[(i64, i64, &[u32])]) -> Observed {
    let mut trace = Trace::new();
    trace.steady(0..60_000, 50, 2);
    for (from, to, nodes) in faults {
        trace.fault(*from, *to, nodes);
    }
    trace.observed()
}

fn symptom(kind: SymptomKind, from: i64, to: i64, nodes: &[u32]) -> Symptom {
    Symptom {
        kind,
        is_likeness: false,
        scope: Scope { nodes: nodes.iter().map(|&of| node(of)).collect(), ..Scope::default() },
        window: (ms(from), ms(to)),
        numbers: Vec::new(),
        effect: None,
        sample: (0, 0),
        test: None,
        shown: Vec::new(),
    }
}

fn proved(code: &'static str, at: i64, of: Option<u32>) -> Proved {
    let node = of.map(node);
    Proved {
        code,
        subject: OpId(0),
        time: Some(ms(at)),
        node,
        acknowledged: None,
        is_surplus: false,
        is_back: false,
        inversion: None,
    }
}

fn told(chains: &[Chain]) -> Vec<Vec<What>> {
    chains.iter().map(|chain| chain.links.iter().map(|link| link.what).collect()).collect()
}

use SymptomKind::{AvailabilityGap, BrownOut, RecorderClockFault, SlowRecovery, SplitBrain};
use What::{Anomaly, Fault, Symptom as Of};

#[test]
fn one_thing_after_the_other_is_one_chain() {
    let observed = observed(&[(10_000, 20_000, &[0])]);
    let joined = Joined {
        proved: vec![proved("LIN002", 13_000, Some(0)), proved("LIN002", 30_000, None)],
        sides: vec![(SplitBrain, Some((ms(11_000), ms(20_000))))],
        ..Joined::default()
    };
    let symptoms = [symptom(SlowRecovery, 20_000, 24_000, &[]), symptom(RecorderClockFault, 0, 60_000, &[])];
    let chains = chains(&observed, &joined, &symptoms);
    assert_eq!(told(&chains), [[Fault(0), Anomaly("SYM08"), Anomaly("LIN002"), Of(0)]]);
    assert_eq!(chains[0].links[2].window, (ms(13_000), ms(30_000)));
    // A side that is also given as a symptom is told once.
    let given = [symptom(SplitBrain, 11_000, 20_000, &[])];
    assert_eq!(told(&super::chains(&observed, &joined, &given)), [[Fault(0), Of(0), Anomaly("LIN002")]]);
}

#[test]
fn what_was_there_before_or_comes_long_after_is_none_of_it() {
    let observed = observed(&[(10_000, 20_000, &[])]);
    let joined = Joined {
        // Some of these are within, but the first was there before.
        proved: vec![
            proved("LIN001", 9_990, None),
            proved("LIN001", 12_000, None),
            proved("LIN003", 26_000, None),
        ],
        ..Joined::default()
    };
    let symptoms = [symptom(BrownOut, 5_000, 30_000, &[])];
    // The brown-out began before, so it is a root of its own.
    let found = chains(&observed, &joined, &symptoms);
    assert_eq!(told(&found), [[Of(0), Anomaly("LIN001"), Anomaly("LIN003")]]);
    assert_eq!(chains(&observed, &joined, &[]), []);
    let untimed =
        Joined { proved: vec![Proved { time: None, ..proved("LIN001", 0, None) }], ..Joined::default() };
    assert_eq!(chains(&observed, &untimed, &[]), []);
}

#[test]
fn a_symptom_that_lasts_carries_on_the_chain_of_its_fault() {
    let observed = observed(&[(10_000, 12_000, &[])]);
    let joined = Joined { proved: vec![proved("LIN001", 29_000, None)], ..Joined::default() };
    let symptoms = [symptom(BrownOut, 11_000, 26_000, &[])];
    assert_eq!(told(&chains(&observed, &joined, &symptoms)), [[Fault(0), Of(0), Anomaly("LIN001")]]);
    // A stretch of time may hold both beginnings.
    let early = [symptom(BrownOut, 9_900, 26_000, &[])];
    let found = chains(&observed, &joined, &early);
    assert_eq!(told(&found), [[Fault(0), Of(0), Anomaly("LIN001")]]);
    assert_eq!(found[0].links[1].window.0, ms(10_000));
}

#[test]
fn other_nodes_are_another_matter() {
    let observed = observed(&[(10_000, 20_000, &[0])]);
    let of = |nodes: &[u32], wrong| {
        let joined = Joined { proved: vec![proved("LIN001", 14_000, Some(wrong))], ..Joined::default() };
        told(&chains(&observed, &joined, &[symptom(AvailabilityGap, 11_000, 13_000, nodes)]))
    };
    assert_eq!(of(&[0], 0), [[Fault(0), Of(0), Anomaly("LIN001")]]);
    assert_eq!(of(&[0], 1), [[Fault(0), Of(0)]]);
    // What is of the whole system leads on to each node.
    assert_eq!(of(&[], 1), [[Fault(0), Of(0), Anomaly("LIN001")]]);
    assert_eq!(of(&[0, 1], 1), [[Fault(0), Of(0), Anomaly("LIN001")]]);
    // The fault was elsewhere.
    assert_eq!(of(&[1], 1), [[Of(0), Anomaly("LIN001")]]);
}

#[test]
fn the_latest_fault_is_the_root() {
    let observed = observed(&[(10_000, 20_000, &[]), (15_000, 18_000, &[])]);
    let joined = Joined {
        proved: vec![proved("LIN001", 16_000, None), proved("LIN002", 12_000, None)],
        ..Joined::default()
    };
    let found = chains(&observed, &joined, &[]);
    assert_eq!(told(&found), [[Fault(0), Anomaly("LIN002")], [Fault(1), Anomaly("LIN001")]]);
}

#[test]
fn five_seconds_after_all_is_over_it_is_over() {
    let observed = observed(&[(10_000, 20_000, &[])]);
    let of = |at| {
        let joined = Joined { proved: vec![proved("LIN001", at, None)], ..Joined::default() };
        told(&chains(&observed, &joined, &[symptom(AvailabilityGap, 11_000, 13_000, &[])]))
    };
    assert_eq!(of(25_000), [[Fault(0), Of(0), Anomaly("LIN001")]]);
    assert_eq!(of(25_001), [[Fault(0), Of(0)]]);
    assert_eq!(of(10_000), [[Fault(0), Anomaly("LIN001"), Of(0)]]);
}

#[test]
fn what_was_silently_wrong_is_counted() {
    use crate::symptom::Number;
    let of =
        |at: Option<i64>, code, inversion| Proved { time: at.map(ms), inversion, ..proved(code, 0, None) };
    let early = Some([(ms(3), node(1)), (ms(4), node(2))]);
    let all = [
        of(Some(1), "LIN001", None),
        of(Some(2), "LIN002", None),
        of(None, "LIN001", None),
        of(Some(3), "LIN005", early),
        of(Some(4), "SER001", None),
    ];
    let joined = Joined { proved: all.to_vec(), ..Joined::default() };
    let mut silent = symptom(SymptomKind::SilentWrongData, 1, 2, &[]);
    silent.numbers = vec![
        Number::count("wrong", 1),
        Number::share("errors", 0.02).usually(Some(0.01)),
        Number::time("p99", 5.0).usually(Some(4.0)),
    ];
    let green = Green { wrong: 1, known: 2, errors: (0.02, 0.01), p99: (5.0, 4.0) };
    let others = symptom(BrownOut, 1, 2, &[]);
    assert_eq!(wrong_while_green(&[others.clone(), silent], &joined), Some(green));
    assert_eq!(wrong_while_green(&[others], &joined), None);
}
