//! The systems that cases are made of: each is of a kind that the lab has recorded, and no two seeds have the same numbers.

use seriatim_testkit::Rng;

use crate::world::{Load, MS, READ_WRITE, Retry, Route, SECOND, Service, WITH_CAS, World, seconds};

/// A number between two.
pub(crate) fn around(rng: &mut Rng, least: f64, most: f64) -> f64 {
    least + (most - least) * rng.unit()
}

/// Three nodes; each of twelve clients in a closed loop stays with one of them. As a recording of the lab.
pub(crate) fn small(rng: &mut Rng) -> World {
    World {
        nodes: 3,
        clients: 12,
        hosts: 4,
        time: seconds(around(rng, 22.0, 28.0)),
        load: Load::Closed((around(rng, 20.0, 40.0) * MS as f64) as i64),
        changes: Vec::new(),
        in_step: None,
        route: Route::Fixed,
        functions: READ_WRITE,
        keys: 0,
        service: Service {
            median: (around(rng, 2.0, 6.0) * MS as f64) as i64,
            sigma: around(rng, 0.4, 0.7),
            tail: 0.01,
            longer: 8.0,
        },
        workers: 4,
        queue: None,
        patience: SECOND,
        patience_spread: 1.0,
        retry: None,
        has_attempts: false,
        faults: Vec::new(),
        clocks: Vec::new(),
        stamps: None,
    }
}

/// Five nodes, any of which each of thirty clients asks, for three kinds of things.
pub(crate) fn five(rng: &mut Rng) -> World {
    World {
        nodes: 5,
        clients: 30,
        hosts: 6,
        load: Load::Closed((around(rng, 60.0, 90.0) * MS as f64) as i64),
        route: Route::Any,
        functions: WITH_CAS,
        patience: (around(rng, 0.8, 2.5) * SECOND as f64) as i64,
        ..small(rng)
    }
}

/// Three nodes, the first of which does all work, from memory.
pub(crate) fn leader(rng: &mut Rng) -> World {
    World {
        clients: 10,
        load: Load::Closed((around(rng, 15.0, 25.0) * MS as f64) as i64),
        route: Route::First,
        functions: WITH_CAS,
        service: Service {
            median: (around(rng, 0.3, 0.8) * MS as f64) as i64,
            sigma: around(rng, 0.4, 0.8),
            tail: 0.01,
            longer: 15.0,
        },
        ..small(rng)
    }
}

/// Requests come by themselves, to any of three nodes, and there is always a client to take them.
pub(crate) fn open(rng: &mut Rng) -> World {
    World {
        clients: 400,
        hosts: 8,
        load: Load::Open(around(rng, 200.0, 350.0)),
        route: Route::Any,
        workers: 8,
        ..small(rng)
    }
}

/// Few clients in a closed loop, who wait long.
pub(crate) fn few(rng: &mut Rng) -> World {
    World {
        clients: 5,
        hosts: 5,
        load: Load::Closed((around(rng, 8.0, 16.0) * MS as f64) as i64),
        patience: 5 * SECOND,
        ..small(rng)
    }
}

/// A system at a bit more than half of what it can do, whose clients are soon out of patience and try again at once.
pub(crate) fn brittle(rng: &mut Rng) -> World {
    World {
        clients: 1_200,
        load: Load::Open(around(rng, 65.0, 75.0)),
        service: Service { median: 20 * MS, sigma: 0.5, tail: 0.0, longer: 1.0 },
        workers: 1,
        queue: Some(2 * SECOND),
        patience: SECOND / 2,
        retry: Some(Retry { tries: 4, wait: 50 * MS, is_jittered: true, doubles: false }),
        ..open(rng)
    }
}
