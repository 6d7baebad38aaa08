//! Cases of SYM10, SYM12 and SYM15 to SYM18: of what others prove, and of clocks.

use seriatim_testkit::Rng;

use crate::case::{Case, like, of, plant};
use crate::recorded::Recorded;
use crate::shapes::{around, five, leader, open, small};
use crate::world::{Fault, Hurt, MS, SECOND, World, seconds};

/// The cases.
pub(crate) const CASES: &[Case] = &[
    plant("SYM10", "stale reads, and nothing else", &[], |rng| proved("LIN001", small(rng), rng)),
    plant("SYM10", "lost writes of five nodes under a fault that nobody feels", &[], |rng| {
        let fault = Fault::new("isolate", 7.0, 15.0, Hurt::Nothing).at(&[2]);
        proved("LIN002", five(rng).with([fault]), rng)
    }),
    plant("SYM10", "a node tells old values twelve seconds after an outage", &["SYM01", "SYM20"], |rng| {
        let world = leader(rng).lasting(40.0).with([Fault::new("kill", 6.0, 10.0, Hurt::Crash)]);
        let mut recorded = of(world, rng);
        some(&mut recorded, "LIN001", 5, (22.0, 36.0), rng);
        recorded
    }),
    like("SYM10", "stale reads while nearly half is turned down", Some("SYM04"), &[], |rng| {
        let world =
            small(rng).lasting(36.0).with([Fault::new("overload", 8.0, 28.0, Hurt::Refuse).share(0.45)]);
        let mut recorded = of(world, rng);
        some(&mut recorded, "LIN001", 6, (14.0, 22.0), rng);
        recorded
    }),
    like("SYM10", "stale reads while all takes twenty times as long", Some("SYM04"), &[], |rng| {
        let mut world = open(rng).lasting(36.0).with([Fault::new("limp", 8.0, 28.0, Hurt::Slow(20.0))]);
        world.workers = 60;
        let mut recorded = of(world, rng);
        some(&mut recorded, "LIN001", 6, (14.0, 22.0), rng);
        recorded
    }),
    like("SYM10", "nobody knows when the anomalies were there", None, &[], |rng| {
        let mut recorded = proved("LIN012", small(rng), rng);
        recorded.joined.proved.iter_mut().for_each(|proved| (proved.time, proved.node) = (None, None));
        recorded
    }),
    plant("SYM12", "elements come out twice", &["SYM10"], |rng| proved("LIN011", small(rng), rng)),
    plant("SYM12", "identifiers are given twice", &["SYM10"], |rng| proved("LIN021", five(rng), rng)),
    plant("SYM12", "a counter counts more than was added", &["SYM10"], |rng| {
        proved("LIN019", leader(rng), rng)
    }),
    like("SYM12", "stale reads", Some("SYM10"), &[], |rng| proved("LIN001", small(rng), rng)),
    like("SYM12", "lost elements", Some("SYM10"), &[], |rng| proved("LIN013", five(rng), rng)),
    like("SYM12", "requests are tried again, and each is done once", Some("SYM04"), &["SYM11"], |rng| {
        let mut world = small(rng).with([Fault::new("overload", 8.0, 15.0, Hurt::Refuse).share(0.6)]);
        world.retry =
            Some(crate::world::Retry { tries: 3, wait: 10 * MS, is_jittered: true, doubles: false });
        world.has_attempts = true;
        of(world, rng)
    }),
    plant("SYM15", "the clock of one host is set back while it runs", &[], |rng| {
        let mut world = small(rng);
        let back = -(around(rng, 50.0, 900.0) * MS as f64) as i64;
        world.clocks = vec![(rng.below(4), seconds(around(rng, 8.0, 15.0)), back)];
        clocks(world, rng)
    }),
    plant("SYM15", "the clock of one host of six is ahead", &[], |rng| {
        let mut world = five(rng);
        world.clocks = vec![(rng.below(6), 0, (around(rng, 80.0, 600.0) * MS as f64) as i64)];
        clocks(world, rng)
    }),
    plant("SYM15", "one clock is behind, and then ahead", &[], |rng| {
        let mut world = open(rng);
        let off = (around(rng, 100.0, 300.0) * MS as f64) as i64;
        world.clocks = vec![(1, 0, -off), (1, 12 * SECOND, 2 * off)];
        clocks(world, rng)
    }),
    like("SYM15", "the clocks of servers are off", Some("SYM16"), &[], |rng| {
        let mut world = small(rng);
        world.stamps = Some((vec![0, 400 * MS, -200 * MS], 1));
        clocks(world, rng)
    }),
    like("SYM15", "values are seen before they are put in, by no clock's fault", Some("SYM10"), &[], |rng| {
        proved("LIN005", small(rng), rng)
    }),
    like("SYM15", "all clients stand still, and go on", None, &["SYM01", "SYM19"], |rng| {
        clocks(small(rng).with([Fault::new("pause-clients", 8.0, 11.0, Hurt::Still)]), rng)
    }),
    plant("SYM16", "the clock of one server of three is ahead", &[], |rng| {
        let mut world = small(rng);
        world.stamps = Some((vec![0, (around(rng, 150.0, 900.0) * MS as f64) as i64, 0], 1));
        of(world, rng)
    }),
    plant("SYM16", "two of five are off, one by seconds; stamps count milliseconds", &[], |rng| {
        let mut world = five(rng);
        world.stamps = Some((vec![0, -3 * SECOND, 0, 200 * MS, 0], MS));
        of(world, rng)
    }),
    plant("SYM16", "the clock of the only server that is asked is behind", &[], |rng| {
        let mut world = leader(rng);
        world.stamps = Some((vec![-(around(rng, 100.0, 900.0) * MS as f64) as i64, 0, 0], 1));
        of(world, rng)
    }),
    like("SYM16", "stamps count milliseconds", None, &[], |rng| {
        let mut world = leader(rng);
        world.stamps = Some((vec![0; 3], MS));
        of(world, rng)
    }),
    like("SYM16", "servers are off by less than requests take", None, &[], |rng| {
        let mut world = small(rng);
        world.stamps = Some((vec![MS / 8, -MS / 8, 0], 1));
        of(world, rng)
    }),
    plant(
        "SYM17",
        "a node of three is killed, and what it had acknowledged last is lost",
        &["SYM01", "SYM04", "SYM10"],
        |rng| {
            let at = around(rng, 10.0, 12.0);
            let world = small(rng).with([Fault::new("kill", at, at + 4.0, Hurt::Crash).at(&[1])]);
            lost("LIN002", world, 1, (at - around(rng, 0.3, 0.9), at), rng)
        },
    ),
    plant("SYM17", "the leader loses power, with the end of its log", &["SYM01", "SYM04", "SYM10"], |rng| {
        let at = around(rng, 10.0, 12.0);
        let world = leader(rng).with([Fault::new("power-off", at, at + 4.0, Hurt::Crash).at(&[0])]);
        lost("LIN013", world, 0, (at - around(rng, 0.1, 0.5), at), rng)
    }),
    plant("SYM17", "the only node of five clients crashes", &["SYM01", "SYM04", "SYM10"], |rng| {
        let at = around(rng, 10.0, 12.0);
        let mut world =
            crate::shapes::few(rng).with([Fault::new("crash", at, at + 2.0, Hurt::Crash).at(&[0])]);
        world.nodes = 1;
        lost("LIN002", world, 0, (at - around(rng, 0.3, 0.9), at), rng)
    }),
    like("SYM17", "what one side took in a partition is lost", Some("SYM10"), &[], |rng| {
        let world = small(rng).with([Fault::new("partition", 9.0, 15.0, Hurt::Nothing).at(&[1])]);
        lost("LIN002", world, 1, (9.2, 15.0), rng)
    }),
    like(
        "SYM17",
        "what a node had acknowledged for seconds before it was killed is lost",
        Some("SYM01"),
        &["SYM04", "SYM10"],
        |rng| {
            let world = small(rng).with([Fault::new("kill", 14.0, 18.0, Hurt::Crash).at(&[1])]);
            lost("LIN002", world, 1, (7.0, 14.0), rng)
        },
    ),
    like("SYM17", "what another node had acknowledged is lost", Some("SYM01"), &["SYM04", "SYM10"], |rng| {
        let world = small(rng).with([Fault::new("kill", 12.0, 16.0, Hurt::Crash).at(&[1])]);
        lost("LIN002", world, 2, (11.2, 12.0), rng)
    }),
    plant("SYM18", "removed elements are seen again", &["SYM10"], |rng| proved("LIN017", small(rng), rng)),
    plant("SYM18", "values come back after the one that replaced them", &["SYM10"], |rng| {
        proved("LIN023", five(rng), rng)
    }),
    plant(
        "SYM18",
        "an element that a leader had removed is seen again after a fault that nobody felt",
        &["SYM10"],
        |rng| {
            let fault = Fault::new("pause", 4.0, 8.0, Hurt::Nothing).at(&[1]);
            proved("LIN017", leader(rng).with([fault]), rng)
        },
    ),
    plant("SYM18", "nodes tell old values after they had told newer ones", &["SYM10"], |rng| {
        let mut recorded = proved("LIN001", small(rng), rng);
        recorded.joined.proved.iter_mut().for_each(|proved| proved.is_back = true);
        recorded
    }),
    like("SYM18", "a node that lags and one that does not are asked in turn", Some("SYM10"), &[], |rng| {
        let mut recorded = proved("LIN023", five(rng), rng);
        recorded.joined.proved.iter_mut().for_each(|proved| proved.is_back = false);
        recorded
    }),
    like("SYM18", "stale reads", Some("SYM10"), &[], |rng| proved("LIN001", five(rng), rng)),
    like("SYM18", "lost writes", Some("SYM10"), &[], |rng| proved("LIN002", small(rng), rng)),
    like("SYM18", "elements come out twice", Some("SYM12"), &["SYM10"], |rng| {
        proved("LIN011", small(rng), rng)
    }),
];

/// Has some operations proved wrong that end between two times.
fn some(recorded: &mut Recorded, code: &'static str, count: usize, (from, to): (f64, f64), rng: &mut Rng) {
    let all = recorded.happened(seconds(from), seconds(to), |_| true);
    let mut few: Vec<_> = (0..count).map(|_| *rng.pick(&all)).collect();
    few.sort_unstable();
    few.dedup();
    recorded.prove(code, &few);
}

/// What is recorded of a world in which a few operations are proved wrong, in its middle.
fn proved(code: &'static str, world: World, rng: &mut Rng) -> Recorded {
    let mut recorded = of(world, rng);
    let count = rng.between(3, 9);
    some(&mut recorded, code, count, (9.0, 16.0), rng);
    recorded
}

/// What is recorded of a world with clocks of its own.
fn clocks(world: World, rng: &mut Rng) -> Recorded {
    let mut recorded = of(world, rng);
    recorded.compare_clocks(rng.bits(), 4);
    recorded
}

/// What is recorded of a world in which what a node acknowledged between two times is lost.
fn lost(code: &'static str, world: World, node: usize, (from, to): (f64, f64), rng: &mut Rng) -> Recorded {
    let mut recorded = of(world, rng);
    let writes =
        recorded.happened(seconds(from), seconds(to), |done| done.node == node && done.function != 0);
    recorded.lose(code, &writes);
    recorded
}
