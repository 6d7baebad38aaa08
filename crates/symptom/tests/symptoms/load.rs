//! Cases of SYM11 and SYM13: how clients ask when they are turned down, and when they no longer are.

use crate::case::{Case, like, of, plant};
use crate::shapes::{around, five, open, small};
use crate::world::{Fault, Hurt, Load, MS, Retry, SECOND, World, seconds};

const AT_ONCE: Retry = Retry { tries: 6, wait: 15 * MS, is_jittered: true, doubles: false };

/// The cases.
pub(crate) const CASES: &[Case] = &[
    plant("SYM11", "most is turned down and tried up to six times; tries are recorded", &["SYM04"], |rng| {
        let mut world =
            small(rng).with([Fault::new("overload", 8.0, 15.0, Hurt::Refuse).share(around(rng, 0.78, 0.9))]);
        (world.retry, world.has_attempts) = (Some(AT_ONCE), true);
        of(world, rng)
    }),
    plant(
        "SYM11",
        "nothing is answered, and all is tried up to eight times; tries are recorded",
        &["SYM01", "SYM02", "SYM20"],
        |rng| {
            let mut world = five(rng).with([Fault::new("partition", 8.0, 15.0, Hurt::Lose)]);
            (world.patience, world.has_attempts) = (SECOND / 5, true);
            world.retry = Some(Retry { tries: 8, ..AT_ONCE });
            of(world, rng)
        },
    ),
    plant(
        "SYM11",
        "requests go on coming, most are turned down and tried again; tries are not recorded",
        &["SYM01", "SYM04"],
        |rng| {
            let mut world = open(rng)
                .with([Fault::new("overload", 8.0, 16.0, Hurt::Refuse).share(around(rng, 0.8, 0.92))]);
            world.retry = Some(AT_ONCE);
            of(world, rng)
        },
    ),
    like("SYM11", "a tenth is tried a second time", None, &["SYM04"], |rng| {
        let mut world = small(rng).with([Fault::new("overload", 8.0, 15.0, Hurt::Refuse).share(0.1)]);
        (world.retry, world.has_attempts) = (Some(AT_ONCE), true);
        of(world, rng)
    }),
    like("SYM11", "more is asked, and all is done", None, &[], |rng| {
        let mut world = open(rng);
        world.load = Load::Open(120.0);
        world.changes = vec![(seconds(9.0), around(rng, 2.2, 3.0)), (seconds(17.0), 1.0)];
        of(world, rng)
    }),
    like("SYM11", "most is turned down, and nobody tries again", Some("SYM04"), &[], |rng| {
        of(open(rng).with([Fault::new("overload", 8.0, 16.0, Hurt::Refuse).share(0.65)]), rng)
    }),
    like(
        "SYM11",
        "who is turned down asks for something else; tries are recorded",
        Some("SYM04"),
        &[],
        |rng| {
            let mut world = small(rng).with([Fault::new("overload", 8.0, 15.0, Hurt::Refuse).share(0.7)]);
            world.has_attempts = true;
            of(world, rng)
        },
    ),
    like("SYM11", "two tries, the second after a second", Some("SYM04"), &[], |rng| {
        let mut world = open(rng).with([Fault::new("overload", 8.0, 16.0, Hurt::Refuse).share(0.65)]);
        world.retry = Some(Retry { tries: 2, wait: SECOND, is_jittered: true, doubles: true });
        world.has_attempts = true;
        of(world, rng)
    }),
    plant("SYM13", "forty clients ask in step after a crash of all nodes", &["SYM01", "SYM02"], |rng| {
        let every = (around(rng, 400.0, 1_000.0) * MS as f64) as i64;
        of(herd(five(rng), 40, every, 18.0), rng)
    }),
    plant("SYM13", "a hundred clients of three nodes do", &["SYM01", "SYM02"], |rng| {
        let every = (around(rng, 400.0, 1_200.0) * MS as f64) as i64;
        of(herd(small(rng), 100, every, 20.0), rng)
    }),
    plant(
        "SYM13",
        "after the fault all are turned down for seconds, and come again each second",
        &["SYM01", "SYM02", "SYM04", "SYM11"],
        |rng| {
            let refuse = Fault::hidden(8.0, around(rng, 16.0, 18.0), Hurt::Refuse);
            let mut world = small(rng).with([Fault::new("kill", 8.0, 10.0, Hurt::Nothing), refuse]);
            (world.clients, world.workers) = (40, 16);
            world.retry = Some(Retry { tries: 30, wait: SECOND, is_jittered: false, doubles: false });
            of(world, rng)
        },
    ),
    like("SYM13", "clients ask in step at all times", Some("SYM01"), &[], |rng| {
        let mut world = five(rng).with([Fault::new("kill", 8.0, 12.0, Hurt::Crash)]);
        (world.load, world.workers) = (Load::InStep(SECOND / 2), 8);
        of(world, rng)
    }),
    like(
        "SYM13",
        "all ask at once when the fault ends, and then each in its own time",
        Some("SYM01"),
        &["SYM02"],
        |rng| {
            let mut world = five(rng).with([Fault::new("pause", 8.0, 11.0, Hurt::Freeze)]);
            (world.patience, world.workers) = (20 * SECOND, 8);
            of(world, rng)
        },
    ),
    like("SYM13", "twice as much is asked after the fault", Some("SYM01"), &["SYM11", "SYM20"], |rng| {
        let mut world = open(rng).with([Fault::new("partition", 8.0, 11.0, Hurt::Lose)]);
        world.changes = vec![(seconds(11.0), 2.0)];
        of(world, rng)
    }),
];

/// Clients who lose all nodes, and then ask in step.
fn herd(world: World, clients: usize, every: i64, until: f64) -> World {
    let world = world.with([Fault::new("kill", 8.0, 11.0, Hurt::Crash)]);
    World {
        clients,
        load: Load::Closed(250 * MS),
        in_step: Some(((seconds(10.5), seconds(until)), every)),
        workers: 16,
        ..world
    }
}
