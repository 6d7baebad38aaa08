//! Cases of SYM05, SYM06, SYM07, SYM14 and SYM19: single nodes, single hosts of clients, and what is between them.

use crate::case::{Case, like, of, plant};
use crate::shapes::{around, five, open, small};
use crate::world::{Fault, Hurt, Load, MS, Route, SECOND, World};

/// The cases.
pub(crate) const CASES: &[Case] = &[
    plant("SYM05", "one host of six cannot reach one node of five: turned down", &["SYM04"], |rng| {
        of(five(rng).with([Fault::new("partition", 8.0, 18.0, Hurt::Refuse).at(&[1]).by_hosts(&[3])]), rng)
    }),
    plant(
        "SYM05",
        "half of the hosts get no answer of one node; no fault was recorded",
        &["SYM04", "SYM20"],
        |rng| {
            let cut = Fault::hidden(9.0, 19.0, Hurt::Lose).at(&[2]).by_hosts(&[0, 2, 4]);
            let mut world = five(rng).with([cut]).lasting(28.0);
            world.patience = SECOND / 2;
            of(world, rng)
        },
    ),
    plant("SYM05", "one node of three is well for one host and ill for three", &["SYM04", "SYM20"], |rng| {
        let cut = Fault::new("partition", 8.0, 16.0, Hurt::Mute).at(&[0]).by_hosts(&[1, 2, 3]);
        let mut world = small(rng).with([cut]);
        (world.route, world.patience) = (Route::Any, SECOND / 4);
        of(world, rng)
    }),
    like("SYM05", "one host cannot reach any node", Some("SYM04"), &["SYM20"], |rng| {
        let cut = Fault::new("partition", 8.0, 18.0, Hurt::Refuse).by_hosts(&[3]);
        of(five(rng).with([cut]), rng)
    }),
    like("SYM05", "one node is down for all", Some("SYM01"), &["SYM04"], |rng| {
        of(five(rng).with([Fault::new("kill", 8.0, 16.0, Hurt::Crash).at(&[1])]), rng)
    }),
    like("SYM05", "half of all requests are lost, whose ever they are", Some("SYM04"), &["SYM20"], |rng| {
        let mut world = five(rng).with([Fault::new("lossy", 8.0, 18.0, Hurt::Lose).share(0.5)]);
        world.patience = SECOND / 2;
        of(world, rng)
    }),
    plant("SYM06", "one node of three takes twenty times as long", &["SYM04"], |rng| {
        let mut world = small(rng).lasting(32.0);
        world.workers = 8;
        of(world.with([Fault::new("limp", 9.0, 23.0, Hurt::Slow(20.0)).at(&[2])]), rng)
    }),
    plant("SYM06", "one node of five takes ten times as long; no fault was recorded", &["SYM04"], |rng| {
        let mut world = five(rng).lasting(48.0);
        world.workers = 20;
        of(world.with([Fault::hidden(12.0, 27.0, Hurt::Slow(around(rng, 9.0, 14.0))).at(&[3])]), rng)
    }),
    plant("SYM06", "the leader limps", &["SYM04"], |rng| {
        let mut world = open(rng).lasting(34.0);
        world.workers = 60;
        of(world.with([Fault::new("limp", 10.0, 24.0, Hurt::Slow(around(rng, 10.0, 20.0))).at(&[0])]), rng)
    }),
    like("SYM06", "the leader does more work, at all times", None, &[], |rng| {
        let mut world = five(rng);
        world.workers = 20;
        let more = Fault::hidden(0.0, 60.0, Hurt::Slow(7.0)).at(&[0]);
        of(world.with([more, Fault::new("isolate", 8.0, 18.0, Hurt::Nothing).at(&[0])]), rng)
    }),
    like("SYM06", "all nodes are slow", Some("SYM04"), &["SYM02"], |rng| {
        let mut world = small(rng).with([Fault::new("limp", 8.0, 18.0, Hurt::Slow(12.0))]);
        world.workers = 8;
        of(world, rng)
    }),
    like("SYM06", "a slow node that turns down half", Some("SYM04"), &[], |rng| {
        let mut world = five(rng).lasting(28.0);
        world.workers = 20;
        let faults = [
            Fault::new("overload", 8.0, 20.0, Hurt::Slow(12.0)).at(&[1]),
            Fault::hidden(8.0, 20.0, Hurt::Refuse).at(&[1]).share(0.5),
        ];
        of(world.with(faults), rng)
    }),
    like("SYM06", "one node takes twice as long", None, &[], |rng| {
        of(five(rng).with([Fault::new("limp", 8.0, 20.0, Hurt::Slow(2.0)).at(&[1])]), rng)
    }),
    plant("SYM07", "two hosts, two nodes, two links that are cut crosswise", &["SYM04", "SYM05"], |rng| {
        let cut = |host, node| Fault::hidden(8.0, 18.0, Hurt::Refuse).at(&[node]).by_hosts(&[host]);
        let told = Fault::new("partition", 8.0, 18.0, Hurt::Nothing);
        of(five(rng).with([told, cut(0, 1), cut(1, 2)]), rng)
    }),
    plant("SYM07", "half of the hosts reach one side, half the other", &["SYM04", "SYM05", "SYM20"], |rng| {
        let cut = |hosts: &[usize], nodes: &[usize]| {
            Fault::new("partition", 8.0, 18.0, Hurt::Lose).at(nodes).by_hosts(hosts)
        };
        let mut world = five(rng).with([cut(&[0, 1, 2], &[3, 4]), cut(&[3, 4, 5], &[0, 1])]);
        world.patience = SECOND / 4;
        of(world, rng)
    }),
    plant(
        "SYM07",
        "three nodes, four hosts; answers are lost one way; no fault was recorded",
        &["SYM04", "SYM05", "SYM20"],
        |rng| {
            let cut =
                |hosts: &[usize], node| Fault::hidden(9.0, 18.0, Hurt::Mute).at(&[node]).by_hosts(hosts);
            let mut world = small(rng).with([cut(&[0], 1), cut(&[1, 2], 2)]);
            (world.route, world.patience) = (Route::Any, SECOND / 4);
            of(world, rng)
        },
    ),
    like("SYM07", "one node is down, and one host is cut off", Some("SYM01"), &["SYM04"], |rng| {
        let faults = [
            Fault::new("kill", 8.0, 18.0, Hurt::Crash).at(&[1]),
            Fault::new("partition", 8.0, 18.0, Hurt::Refuse).by_hosts(&[2]),
        ];
        of(five(rng).with(faults), rng)
    }),
    like("SYM07", "one link is cut", Some("SYM05"), &["SYM04"], |rng| {
        of(five(rng).with([Fault::new("partition", 8.0, 18.0, Hurt::Refuse).at(&[1]).by_hosts(&[3])]), rng)
    }),
    like("SYM07", "half of all requests are lost, whose ever they are", Some("SYM04"), &["SYM20"], |rng| {
        let mut world = small(rng).with([Fault::new("lossy", 8.0, 18.0, Hurt::Lose).share(0.5)]);
        (world.route, world.patience) = (Route::Any, SECOND / 4);
        of(world, rng)
    }),
    like("SYM07", "two nodes are down, one after the other", Some("SYM01"), &["SYM04"], |rng| {
        let faults = [
            Fault::new("kill", 8.0, 13.0, Hurt::Crash).at(&[1]),
            Fault::new("kill", 13.0, 18.0, Hurt::Crash).at(&[2]),
        ];
        of(five(rng).with(faults), rng)
    }),
    plant(
        "SYM14",
        "a node of four is killed, and the next two fall under its load",
        &["SYM01", "SYM04"],
        |rng| {
            let second = around(rng, 11.5, 13.0);
            let world = ring(open(rng), 4);
            of(world.with(falling(second, second + around(rng, 3.0, 4.5))), rng)
        },
    ),
    plant("SYM14", "the same of five, in a closed loop", &["SYM01", "SYM04"], |rng| {
        let second = around(rng, 12.0, 13.0);
        let world = ring(five(rng), 5).lasting(32.0);
        of(world.with(falling(second, second + around(rng, 3.0, 5.0))), rng)
    }),
    like("SYM14", "three nodes are killed one after the other", Some("SYM01"), &["SYM04"], |rng| {
        let killed = |from: f64, node| Fault::new("kill", from, 24.0, Hurt::Crash).at(&[node]);
        of(ring(open(rng), 5).with([killed(8.0, 0), killed(12.0, 1), killed(16.0, 2)]), rng)
    }),
    like("SYM14", "three nodes are gone at one moment", Some("SYM01"), &["SYM04"], |rng| {
        let faults = [
            Fault::new("kill", 8.0, 22.0, Hurt::Crash).at(&[0]),
            Fault::hidden(8.0, 22.0, Hurt::Crash).at(&[1, 2]),
        ];
        of(ring(open(rng), 5).with(faults), rng)
    }),
    plant(
        "SYM14",
        "one node of three is overloaded, and then the next one, and then all are down",
        &["SYM01", "SYM04"],
        |rng| {
            let second = around(rng, 12.0, 13.0);
            let world = ring(open(rng), 3).lasting(26.0);
            of(world.with(falling(second, second + around(rng, 4.0, 6.0))), rng)
        },
    ),
    like(
        "SYM14",
        "two nodes fall in sequence, and no load goes to others",
        Some("SYM01"),
        &["SYM04"],
        |rng| {
            let faults = [
                Fault::new("kill", 8.0, 11.0, Hurt::Crash).at(&[0]),
                Fault::hidden(12.0, 15.0, Hurt::Crash).at(&[1]),
                Fault::hidden(16.0, 19.0, Hurt::Crash).at(&[2]),
            ];
            of(small(rng).with(faults), rng)
        },
    ),
    like("SYM14", "the others hold under the load of one that is gone", Some("SYM01"), &["SYM04"], |rng| {
        of(ring(open(rng), 4).with([Fault::new("kill", 8.0, 22.0, Hurt::Crash).at(&[0])]), rng)
    }),
    plant("SYM19", "a node stands still; its clients wait", &["SYM01", "SYM04"], |rng| {
        let length = around(rng, 2.0, 4.0);
        let mut world = small(rng).with([Fault::new("pause", 8.0, 8.0 + length, Hurt::Freeze).at(&[1])]);
        world.patience = 10 * SECOND;
        of(world, rng)
    }),
    plant(
        "SYM19",
        "a node of five stands still, and soon all clients wait for it; no fault was recorded",
        &["SYM01", "SYM04"],
        |rng| {
            let length = around(rng, 2.0, 4.0);
            let mut world = five(rng).with([Fault::hidden(9.0, 9.0 + length, Hurt::Freeze).at(&[4])]);
            world.patience = 10 * SECOND;
            of(world, rng)
        },
    ),
    plant("SYM19", "some clients stand still", &["SYM04"], |rng| {
        let length = around(rng, 2.0, 4.0);
        of(small(rng).with([Fault::new("pause-clients", 8.0, 8.0 + length, Hurt::Still).by_hosts(&[1])]), rng)
    }),
    plant("SYM19", "five clients of thirty stand still; no fault was recorded", &["SYM04"], |rng| {
        let length = around(rng, 2.0, 4.0);
        let mut world = five(rng).with([Fault::hidden(9.0, 9.0 + length, Hurt::Still).by_hosts(&[1])]);
        world.load = Load::Closed(40 * MS);
        of(world, rng)
    }),
    like("SYM19", "a node is killed", Some("SYM01"), &["SYM04"], |rng| {
        of(small(rng).with([Fault::new("kill", 8.0, 11.0, Hurt::Crash).at(&[1])]), rng)
    }),
    like(
        "SYM19",
        "a node's answers are lost, and its clients give up",
        Some("SYM01"),
        &["SYM04", "SYM20"],
        |rng| of(small(rng).with([Fault::new("isolate", 8.0, 13.0, Hurt::Lose).at(&[1])]), rng),
    ),
    like(
        "SYM19",
        "a node takes very long, for each request as long as it takes",
        Some("SYM04"),
        &["SYM01", "SYM06"],
        |rng| {
            let mut world = small(rng).with([Fault::new("limp", 8.0, 18.0, Hurt::Slow(200.0)).at(&[1])]);
            (world.patience, world.workers) = (10 * SECOND, 8);
            of(world, rng)
        },
    ),
    like(
        "SYM19",
        "some clients have nothing to ask for some seconds, between two requests",
        None,
        &[],
        |rng| {
            let mut world = small(rng);
            world.changes = vec![(9 * SECOND, 0.0), (12 * SECOND, 1.0)];
            of(world, rng)
        },
    ),
    like("SYM19", "one client stands still", None, &[], |rng| {
        let mut world = five(rng).with([Fault::hidden(9.0, 12.0, Hurt::Still).by_hosts(&[7])]);
        world.hosts = 30;
        of(world, rng)
    }),
];

/// Any of so many nodes is asked, or the next one where that is gone.
fn ring(world: World, nodes: usize) -> World {
    World { nodes, route: Route::Ring, ..world }
}

/// One node is killed, and two more are gone from these times on.
fn falling(second: f64, third: f64) -> [Fault; 3] {
    [
        Fault::new("kill", 9.0, 60.0, Hurt::Crash).at(&[0]).endless(),
        Fault::hidden(second, 60.0, Hurt::Crash).at(&[1]),
        Fault::hidden(third, 60.0, Hurt::Crash).at(&[2]),
    ]
}
