//! Cases in which nothing is wrong.

use crate::case::{Case, clean, of};
use crate::shapes::{around, few, five, leader, open, small};
use crate::world::{Fault, Hurt, Load, MS, Retry, seconds};

/// The cases.
pub(crate) const CASES: &[Case] = &[
    clean("three nodes, a closed loop", |rng| of(small(rng), rng)),
    clean("five nodes, any of which is asked", |rng| of(five(rng), rng)),
    clean("one leader does all work", |rng| of(leader(rng), rng)),
    clean("requests come by themselves", |rng| of(open(rng), rng)),
    clean("five clients", |rng| of(few(rng), rng)),
    clean("clients ask in step by design", |rng| {
        let mut world = five(rng);
        (world.load, world.workers) = (Load::InStep(500 * MS), 8);
        of(world, rng)
    }),
    clean("storage takes long now and then", |rng| {
        let mut world = small(rng);
        (world.service.tail, world.service.longer) = (0.02, 40.0);
        of(world, rng)
    }),
    clean("the first two seconds are slow", |rng| {
        of(five(rng).with([Fault::hidden(0.0, 2.0, Hurt::Slow(10.0))]), rng)
    }),
    clean("all stand still for a third of a second, once", |rng| {
        let at = around(rng, 6.0, 16.0);
        of(small(rng).with([Fault::hidden(at, at + 0.3, Hurt::Freeze)]), rng)
    }),
    clean("the machine stalls for half a second, once", |rng| {
        let at = around(rng, 6.0, 16.0);
        let still = Fault::hidden(at, at + 0.5, Hurt::Still);
        of(five(rng).with([still, Fault::hidden(at, at + 0.5, Hurt::Freeze)]), rng)
    }),
    clean("the load grows to three times and falls again", |rng| {
        let mut world = open(rng);
        world.load = Load::Open(150.0);
        world.changes = (0..20).map(|step: u32| (seconds(f64::from(step)), wave(step))).collect();
        of(world, rng)
    }),
    clean("faults that nobody feels, at nodes that nobody asks", |rng| {
        let faults = [
            Fault::new("pause", 6.0, 10.0, Hurt::Freeze).at(&[1]),
            Fault::new("kill", 13.0, 16.0, Hurt::Crash).at(&[2]),
        ];
        of(leader(rng).with(faults), rng)
    }),
    clean("some are turned down and tried again, at all times", |rng| {
        let mut world = small(rng).with([Fault::hidden(0.0, 60.0, Hurt::Refuse).share(0.01)]);
        world.retry = Some(Retry { tries: 3, wait: 20 * MS, is_jittered: true, doubles: true });
        world.has_attempts = true;
        of(world, rng)
    }),
    clean("servers stamp their answers", |rng| {
        let mut world = small(rng);
        world.stamps = Some((vec![0; 3], 1));
        of(world, rng)
    }),
    clean("a minute and a half, few requests", |rng| {
        let mut world = five(rng).lasting(90.0);
        world.load = Load::Closed(700 * MS);
        of(world, rng)
    }),
    clean("two seconds", |rng| of(small(rng).lasting(2.0), rng)),
];

/// From one to three and back to one, in twenty steps.
fn wave(step: u32) -> f64 {
    2.0 - (std::f64::consts::TAU * f64::from(step) / 20.0).cos()
}
