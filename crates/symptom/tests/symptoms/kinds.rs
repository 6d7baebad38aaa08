//! Cases of SYM20 and SYM21: when clients give up, and which kinds of requests are done.

use crate::case::{Case, like, of, plant};
use crate::shapes::{around, five, open, small};
use crate::world::{Fault, Function, Hurt, MS, SECOND, Service};

/// Reads, and a lock that somebody else holds nearly always.
pub(crate) const LOCK: &[Function] = &[
    Function { name: "read", weight: 0.4, work: 1.0, refused: 0.0 },
    Function { name: "acquire", weight: 0.6, work: 1.5, refused: 0.97 },
];

const READ: &[usize] = &[0];
const WRITE: &[usize] = &[1];

/// The cases.
pub(crate) const CASES: &[Case] = &[
    plant("SYM20", "a tenth of all requests is lost, at all times", &["SYM04"], |rng| {
        of(open(rng).with([Fault::hidden(0.0, 60.0, Hurt::Lose).share(around(rng, 0.09, 0.15))]), rng)
    }),
    plant(
        "SYM20",
        "no answer for eight seconds; clients wait for a fifth of a second",
        &["SYM01", "SYM02"],
        |rng| {
            let mut world = small(rng).with([Fault::new("partition", 8.0, 16.0, Hurt::Lose)]);
            world.patience = (around(rng, 0.15, 0.3) * SECOND as f64) as i64;
            of(world, rng)
        },
    ),
    plant("SYM20", "the queue is longer than clients wait", &["SYM01", "SYM02", "SYM03", "SYM04"], |rng| {
        let mut world = open(rng).with([Fault::new("limp", 8.0, 14.0, Hurt::Slow(60.0))]);
        world.workers = 4;
        of(world, rng)
    }),
    like("SYM20", "each waits for as long as it likes", Some("SYM04"), &[], |rng| {
        let mut world = open(rng).with([Fault::hidden(0.0, 60.0, Hurt::Lose).share(0.12)]);
        world.patience_spread = 4.0;
        of(world, rng)
    }),
    like("SYM20", "a fifth is turned down at once", Some("SYM04"), &[], |rng| {
        of(small(rng).with([Fault::hidden(0.0, 60.0, Hurt::Refuse).share(0.2)]), rng)
    }),
    like("SYM20", "all that is done takes the same time", None, &[], |rng| {
        let mut world = five(rng);
        world.service = Service { median: 40 * MS, sigma: 0.001, tail: 0.0, longer: 1.0 };
        world.workers = 20;
        of(world, rng)
    }),
    like("SYM20", "two of a hundred are lost", None, &[], |rng| {
        of(open(rng).with([Fault::hidden(0.0, 60.0, Hurt::Lose).share(0.02)]), rng)
    }),
    plant("SYM21", "writes are turned down", &["SYM01", "SYM04", "SYM05"], |rng| {
        let length = around(rng, 5.0, 8.0);
        of(small(rng).with([Fault::new("isolate", 8.0, 8.0 + length, Hurt::Refuse).of(WRITE)]), rng)
    }),
    plant("SYM21", "one node of five takes no writes", &["SYM01", "SYM04", "SYM05"], |rng| {
        let cut = Fault::new("isolate", 8.0, 18.0, Hurt::Refuse).of(&[1, 2]).at(&[2]);
        of(five(rng).with([cut]), rng)
    }),
    plant(
        "SYM21",
        "writes are answered, reads are not; no fault was recorded",
        &["SYM01", "SYM02", "SYM04", "SYM05", "SYM20"],
        |rng| {
            let length = around(rng, 5.0, 8.0);
            of(open(rng).with([Fault::hidden(9.0, 9.0 + length, Hurt::Lose).of(READ)]), rng)
        },
    ),
    like("SYM21", "neither reads nor writes are done", Some("SYM01"), &[], |rng| {
        of(small(rng).with([Fault::new("kill", 8.0, 15.0, Hurt::Crash)]), rng)
    }),
    like("SYM21", "half of the writes are done", Some("SYM04"), &[], |rng| {
        of(small(rng).with([Fault::new("overload", 8.0, 16.0, Hurt::Refuse).of(WRITE).share(0.5)]), rng)
    }),
    like("SYM21", "a lock is held by others at all times", None, &[], |rng| {
        let mut world = five(rng).with([Fault::new("pause", 8.0, 14.0, Hurt::Nothing)]);
        world.functions = LOCK;
        of(world, rng)
    }),
];
