//! What it costs to look at a long history, and that the order in which it is looked at makes no difference.
//!
//! `cargo test --release -p seriatim-symptom --test symptoms -- --ignored pace --nocapture` measures; it prints seconds and
//! what the observer holds.

use std::time::Instant;

use seriatim_history::{Answer, Completion, EventId, Operation, Point, Span, ValueId, Values};
use seriatim_symptom::{Joined, Observed, Observer, Thresholds, Told, find};
use seriatim_testkit::Rng;

use crate::case::of;
use crate::shapes::five;
use crate::world::{Fault, Hurt, MS};

/// Operations of five nodes, four kinds, a hundred clients and two hundred keys, one at a time.
fn operation(at: u32, rng: &mut Rng) -> Operation {
    let call = i64::from(at) * 30_000;
    let end = call + MS / 2 + (rng.unit().powi(8) * 40.0 * MS as f64) as i64;
    let point = |event: u32, time| Point { event: EventId(event), time: Some(time), span: Span::default() };
    let completion = match rng.below(100) {
        0 => Completion::Fail(Answer::default()),
        1 => Completion::Unknown,
        _ => Completion::Ok(Answer::default()),
    };
    Operation {
        process: ValueId::at(at % 100 + 100),
        function: ValueId::at(rng.below(4) as u32 + 10),
        key: Some(ValueId::at(at % 200 + 300)),
        argument: None,
        completion,
        error: None,
        node: Some(ValueId::at(rng.below(5) as u32 + 20)),
        told: None,
        call: point(2 * at, call),
        end: Some(point(2 * at + 1, end)),
    }
}

/// Texts for all that stands for something here.
fn values() -> Values {
    let mut values = Values::new();
    (0..600).for_each(|at| _ = values.text(&format!("name {at}")));
    values
}

/// The most memory that this process ever held, in kilobytes, where the system tells it.
fn most_held() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
#[ignore = "measures"]
fn pace() {
    const OPERATIONS: u32 = 10_000_000;
    let before = most_held();
    let mut rng = Rng::new(1);
    // Most of the time is not the observer's: what it looks at is made first, in parts that stay in the cache.
    let values = values();
    let (mut observer, mut spent) = (Observer::default(), 0.0);
    for part in 0..OPERATIONS / 10_000 {
        let operations: Vec<_> = (0..10_000).map(|at| operation(10_000 * part + at, &mut rng)).collect();
        let begin = Instant::now();
        for operation in &operations {
            observer.take(
                operation,
                operation.key,
                Told { attempt: Some(1), server_time: operation.call.time, ..Told::default() },
                &values,
            );
        }
        spent += begin.elapsed().as_secs_f64();
    }
    let begin = Instant::now();
    let observed = observer.finish(Vec::new(), &values);
    let symptoms = find(&observed, &Joined::default(), &Thresholds::default());
    let rules = begin.elapsed().as_secs_f64();
    println!(
        "{OPERATIONS} operations: {spent:.2} s to look at them, {rules:.3} s for all rules, {} symptoms",
        symptoms.len()
    );
    if let (Some(before), Some(after)) = (before, most_held()) {
        println!("at most {} kB more than before, with the operations of a part", after - before);
    }
}

/// All that rules can ask, in words.
fn all_of(observed: &Observed) -> String {
    format!("{observed:?}")
}

#[test]
fn the_order_makes_no_difference() {
    let mut rng = Rng::new(3);
    let mut world = five(&mut rng).with([Fault::new("kill", 8.0, 12.0, Hurt::Crash).at(&[1])]).lasting(60.0);
    (world.has_attempts, world.stamps) = (true, Some((vec![0; 5], 1)));
    let recorded = of(world, &mut rng);
    let forth = recorded.observed();
    let mut back = recorded.clone();
    back.operations.reverse();
    back.told.reverse();
    let back = back.observed();
    let symptoms = |observed: &Observed| find(observed, &recorded.joined, &Thresholds::default());
    assert_eq!(symptoms(&forth), symptoms(&back));
    // Series have numbers in the order in which they are met.
    let cells = |observed: &Observed| {
        let of = |&(series, _): &((Option<ValueId>, ValueId), usize)| {
            observed.counts(|node, function| (node, function) == series)
        };
        observed.series.iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!(cells(&forth), cells(&back));
    assert_eq!((&forth.lengths, &forth.stamps), (&back.lengths, &back.stamps));
    assert_eq!(all_of(&forth).len(), all_of(&back).len());
}
