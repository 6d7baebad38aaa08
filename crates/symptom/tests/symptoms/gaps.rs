//! Cases of SYM01 to SYM04: a whole system that does nothing, comes back late, stays bad, or does a part.

use crate::case::{Case, like, of, plant};
use crate::shapes::{around, brittle, few, five, leader, open, small};
use crate::world::{Fault, Hurt, MS, READ_WRITE, Retry, SECOND, seconds};

const WRITE: &[usize] = &[1];

/// The cases.
pub(crate) const CASES: &[Case] = &[
    plant("SYM01", "no leader is elected for some seconds: all wait", &["SYM02", "SYM20"], |rng| {
        let (from, length) = (around(rng, 7.0, 9.0), around(rng, 3.0, 7.0));
        of(small(rng).with([Fault::new("isolate", from, from + length, Hurt::Lose).at(&[0, 1, 2])]), rng)
    }),
    plant("SYM01", "all five nodes are killed", &["SYM02"], |rng| {
        let (from, length) = (around(rng, 7.0, 9.0), around(rng, 3.0, 7.0));
        of(five(rng).with([Fault::new("kill", from, from + length, Hurt::Crash)]), rng)
    }),
    plant("SYM01", "one node of three is killed", &["SYM04"], |rng| {
        let (from, length) = (around(rng, 7.0, 9.0), around(rng, 4.0, 7.0));
        of(small(rng).with([Fault::new("kill", from, from + length, Hurt::Crash).at(&[1])]), rng)
    }),
    plant(
        "SYM01",
        "five clients with much patience, all of which wait; no fault was recorded",
        &["SYM19"],
        |rng| {
            let (from, length) = (around(rng, 7.0, 9.0), around(rng, 3.0, 4.5));
            of(few(rng).with([Fault::hidden(from, from + length, Hurt::Freeze)]), rng)
        },
    ),
    plant(
        "SYM01",
        "requests go on coming, and nobody does them",
        &["SYM02", "SYM11", "SYM13", "SYM20"],
        |rng| {
            let (from, length) = (around(rng, 7.0, 9.0), around(rng, 3.0, 6.0));
            of(open(rng).with([Fault::new("partition", from, from + length, Hurt::Lose)]), rng)
        },
    ),
    plant("SYM01", "two shards of eight are not served", &["SYM04", "SYM20"], |rng| {
        let (from, length) = (around(rng, 8.0, 9.0), around(rng, 4.0, 7.0));
        let hurt = [Hurt::Lose, Hurt::Refuse][rng.below(2)];
        let mut world = five(rng).with([Fault::new("isolate", from, from + length, hurt).on(&[1, 5])]);
        (world.keys, world.retry) = (8, None);
        of(world.lasting(26.0), rng)
    }),
    plant("SYM01", "one key of sixty is not served for long; no fault was recorded", &[], |rng| {
        let mut world =
            open(rng).with([Fault::hidden(around(rng, 12.0, 14.0), 38.0, Hurt::Refuse).on(&[17])]);
        (world.keys, world.retry) = (60, None);
        world.load = crate::world::Load::Open(around(rng, 350.0, 500.0));
        of(world.lasting(55.0), rng)
    }),
    like("SYM01", "each of forty keys is asked seldom, and fails now and then", None, &[], |rng| {
        let share = around(rng, 0.2, 0.4);
        let mut world = five(rng).with([Fault::hidden(0.0, 60.0, Hurt::Refuse).share(share)]);
        (world.keys, world.retry) = (40, None);
        of(world.lasting(30.0), rng)
    }),
    like("SYM01", "one client stands still, the others go on", None, &[], |rng| {
        let mut world = small(rng).with([Fault::hidden(9.0, 14.0, Hurt::Still).by_hosts(&[2])]);
        world.hosts = 12;
        of(world, rng)
    }),
    like("SYM01", "nobody asks for some seconds", None, &[], |rng| {
        let mut world = small(rng);
        world.changes = vec![(seconds(9.0), 0.0), (seconds(around(rng, 12.0, 15.0)), 1.0)];
        of(world, rng)
    }),
    like("SYM01", "some nodes are asked once in a second or two", None, &[], |rng| {
        let mut world = five(rng).lasting(40.0);
        (world.clients, world.load) = (3, crate::world::Load::Closed(800 * MS));
        of(world, rng)
    }),
    like("SYM01", "all takes most of a second", Some("SYM04"), &["SYM02", "SYM20"], |rng| {
        let mut world = open(rng).with([Fault::new("limp", 8.0, 15.0, Hurt::Slow(60.0))]);
        (world.workers, world.patience) = (400, 4 * SECOND);
        of(world, rng)
    }),
    // Who loses patience together asks again together (SYM13).
    plant(
        "SYM02",
        "the fault ends, and the system is down for as long again",
        &["SYM01", "SYM13", "SYM20"],
        |rng| {
            let late = around(rng, 5.0, 8.0);
            let back = Fault::hidden(10.0, 11.0 + late, Hurt::Lose);
            of(small(rng).with([Fault::new("partition", 8.0, 11.0, Hurt::Lose), back]).lasting(28.0), rng)
        },
    ),
    plant("SYM02", "the nodes come back slow", &["SYM01", "SYM04"], |rng| {
        let late = around(rng, 6.0, 9.0);
        let slow = Fault::hidden(10.0, 11.0 + late, Hurt::Slow(around(rng, 25.0, 40.0)));
        let mut world = five(rng).with([Fault::new("kill", 8.0, 11.0, Hurt::Crash), slow]).lasting(30.0);
        world.workers = 30;
        of(world, rng)
    }),
    plant("SYM02", "one node of five takes long to join again", &["SYM01", "SYM04"], |rng| {
        let late = around(rng, 5.0, 9.0);
        let back = Fault::hidden(10.0, 11.0 + late, Hurt::Refuse).at(&[2]);
        of(five(rng).with([Fault::new("kill", 7.0, 11.0, Hurt::Crash).at(&[2]), back]).lasting(28.0), rng)
    }),
    like("SYM02", "service is back within half a second", Some("SYM01"), &["SYM20"], |rng| {
        let late = around(rng, 0.1, 0.5);
        let back = Fault::hidden(10.0, 11.0 + late, Hurt::Refuse);
        of(small(rng).with([Fault::new("kill", 7.0, 11.0, Hurt::Crash), back]), rng)
    }),
    like(
        "SYM02",
        "less is asked after the fault, and all of it is done",
        Some("SYM01"),
        &["SYM11", "SYM13", "SYM20"],
        |rng| {
            let mut world = open(rng).with([Fault::new("partition", 8.0, 11.0, Hurt::Lose)]);
            world.changes = vec![(seconds(11.5), around(rng, 0.3, 0.6))];
            of(world, rng)
        },
    ),
    like("SYM02", "the run ends with the fault", Some("SYM01"), &["SYM20"], |rng| {
        let end = around(rng, 14.5, 15.5);
        of(small(rng).with([Fault::new("partition", 10.0, 14.0, Hurt::Lose)]).lasting(end), rng)
    }),
    like(
        "SYM02",
        "service is back at once, and stands still a third of a second later on",
        Some("SYM01"),
        &["SYM20"],
        |rng| {
            let stall = Fault::hidden(14.0, 14.3, Hurt::Freeze);
            of(small(rng).with([Fault::new("kill", 7.0, 11.0, Hurt::Crash), stall]), rng)
        },
    ),
    plant(
        "SYM03",
        "retries keep a queue full that a slow stretch has filled",
        &["SYM01", "SYM02", "SYM04", "SYM11", "SYM20"],
        |rng| {
            let length = around(rng, 6.0, 9.0);
            of(
                brittle(rng).with([Fault::new("limp", 30.0, 30.0 + length, Hurt::Slow(6.0))]).lasting(100.0),
                rng,
            )
        },
    ),
    plant(
        "SYM03",
        "the same, until the load is taken off",
        &["SYM01", "SYM02", "SYM04", "SYM11", "SYM20"],
        |rng| {
            let mut world =
                brittle(rng).with([Fault::new("limp", 30.0, 38.0, Hurt::Slow(6.0))]).lasting(110.0);
            world.changes = vec![(seconds(80.0), 0.02), (seconds(88.0), 1.0)];
            of(world, rng)
        },
    ),
    plant("SYM03", "most is turned down after the fault, as in it", &["SYM02", "SYM04"], |rng| {
        let mut world = open(rng).lasting(80.0);
        world.load = crate::world::Load::Open(around(rng, 80.0, 120.0));
        let stuck = |from, to| Fault::hidden(from, to, Hurt::Refuse).share(0.75);
        of(world.with([Fault::new("overload", 25.0, 30.0, Hurt::Nothing), stuck(25.0, 90.0)]), rng)
    }),
    like(
        "SYM03",
        "a closed loop asks less of nodes that stay slow",
        Some("SYM02"),
        &["SYM04", "SYM06"],
        |rng| {
            let mut world = small(rng).lasting(75.0);
            (world.load, world.patience) = (crate::world::Load::Closed(30 * MS), 3 * SECOND);
            let slow = Fault::hidden(20.0, 80.0, Hurt::Slow(around(rng, 25.0, 35.0)));
            of(world.with([Fault::new("limp", 20.0, 25.0, Hurt::Nothing), slow]), rng)
        },
    ),
    like("SYM03", "nobody recorded the end of the fault", Some("SYM04"), &[], |rng| {
        let mut world = open(rng).lasting(70.0);
        world.load = crate::world::Load::Open(around(rng, 80.0, 120.0));
        of(world.with([Fault::new("overload", 25.0, 80.0, Hurt::Refuse).share(0.75).endless()]), rng)
    }),
    like("SYM03", "it is good again ten seconds after the fault", Some("SYM02"), &["SYM04"], |rng| {
        let mut world = open(rng).lasting(75.0);
        world.load = crate::world::Load::Open(around(rng, 80.0, 120.0));
        let refuse = Fault::hidden(25.0, 40.0, Hurt::Refuse).share(0.75);
        of(world.with([Fault::new("overload", 25.0, 30.0, Hurt::Nothing), refuse]), rng)
    }),
    like("SYM03", "it turns bad long after the fault, which did nothing", Some("SYM04"), &[], |rng| {
        let mut world = open(rng).lasting(80.0);
        world.load = crate::world::Load::Open(around(rng, 80.0, 120.0));
        let refuse = Fault::hidden(45.0, 90.0, Hurt::Refuse).share(0.75);
        of(world.with([Fault::new("pause", 20.0, 25.0, Hurt::Nothing), refuse]), rng)
    }),
    plant("SYM04", "a good part is turned down", &[], |rng| {
        let share = around(rng, 0.3, 0.6);
        of(small(rng).with([Fault::new("overload", 8.0, 16.0, Hurt::Refuse).share(share)]), rng)
    }),
    plant("SYM04", "some take thirty times as long", &[], |rng| {
        let mut world = open(rng).with([Fault::new("limp", 8.0, 16.0, Hurt::Slow(30.0)).share(0.08)]);
        world.workers = 50;
        of(world, rng)
    }),
    plant("SYM04", "answers of five nodes are lost now and then; no fault was recorded", &["SYM20"], |rng| {
        let share = around(rng, 0.25, 0.4);
        let mut world = five(rng).with([Fault::hidden(9.0, 19.0, Hurt::Mute).share(share)]).lasting(30.0);
        world.patience = 3 * SECOND / 10;
        of(world, rng)
    }),
    like("SYM04", "two seconds of it", None, &[], |rng| {
        of(small(rng).with([Fault::new("overload", 8.0, 10.0, Hurt::Refuse).share(0.4)]), rng)
    }),
    like("SYM04", "nothing is done at all", Some("SYM01"), &[], |rng| {
        of(five(rng).with([Fault::new("kill", 8.0, 15.0, Hurt::Crash)]), rng)
    }),
    like("SYM04", "a few of a hundred are turned down", None, &[], |rng| {
        of(open(rng).with([Fault::new("pause", 8.0, 16.0, Hurt::Refuse).share(0.02)]), rng)
    }),
    like("SYM04", "locks are held by others at all times, in the fault too", None, &[], |rng| {
        let mut world = small(rng).with([Fault::new("pause", 8.0, 16.0, Hurt::Nothing)]);
        world.functions = crate::kinds::LOCK;
        of(world, rng)
    }),
    like("SYM04", "storage takes long now and then, at all times", None, &[], |rng| {
        let mut world = leader(rng).with([Fault::new("isolate", 8.0, 16.0, Hurt::Nothing).at(&[2])]);
        (world.service.tail, world.service.longer) = (0.03, 60.0);
        of(world, rng)
    }),
    plant("SYM01", "writes find no majority, reads are done", &["SYM04", "SYM05", "SYM20", "SYM21"], |rng| {
        let length = around(rng, 4.0, 8.0);
        let mut world = small(rng).with([Fault::new("partition", 8.0, 8.0 + length, Hurt::Lose).of(WRITE)]);
        (world.functions, world.retry) = (READ_WRITE, None::<Retry>);
        of(world, rng)
    }),
];
