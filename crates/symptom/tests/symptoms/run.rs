//! A run of a world, from request to request: what became of each, in true time.
//!
//! Requests are taken in the order of their calls. A node has workers and a queue in the order of arrival, so what becomes of
//! a request is known as soon as it arrives, and no answer has to be waited for. Work that nobody waits for any longer is done
//! all the same, as in most servers.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use seriatim_testkit::Rng;

use crate::world::{Fault, Hurt, Load, MS, Route, World};

/// An operation, in true times.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Done {
    pub(crate) client: usize,
    pub(crate) node: usize,
    pub(crate) function: usize,
    /// The key that it is on, where the world has keys.
    pub(crate) key: Option<usize>,
    /// Which try of its request it is, from 1.
    pub(crate) attempt: u32,
    pub(crate) call: i64,
    pub(crate) end: i64,
    pub(crate) what: What,
    /// When it took effect, where it did.
    pub(crate) effect: Option<i64>,
}

/// What a client was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// It happened.
    Ok,
    /// It did not happen.
    Fail,
    /// Nothing, or nothing that helps.
    Unknown,
}

/// What comes next.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Act {
    /// Somebody is to ask something.
    Arrive,
    /// A client is free.
    Free(usize),
    /// A client asks.
    Ask(usize),
    /// A client asks for the same another time.
    Again(usize, Wish, u32),
}

/// What a request asks for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Wish {
    function: usize,
    key: Option<usize>,
}

struct Simulation<'a> {
    world: &'a World,
    rng: Rng,
    acts: BinaryHeap<Reverse<(i64, u64, Act)>>,
    /// Makes the order of what is due at the same time a fixed one.
    number: u64,
    /// When each worker of each node is free.
    workers: Vec<Vec<i64>>,
    done: Vec<Done>,
}

/// What became of all requests in a world, in the order of their calls.
pub(crate) fn requests(world: &World, seed: u64) -> Vec<Done> {
    let mut simulation = Simulation {
        world,
        rng: Rng::new(seed),
        acts: BinaryHeap::new(),
        number: 0,
        workers: vec![vec![0; world.workers]; world.nodes],
        done: Vec::new(),
    };
    simulation.run();
    simulation.done
}

impl Simulation<'_> {
    fn run(&mut self) {
        let mut free: BTreeSet<usize> = (0..self.world.clients).collect();
        let is_open = matches!(self.world.load, Load::Open(_));
        if is_open {
            self.push(0, Act::Arrive);
        } else {
            for client in free.clone() {
                let begin = self.exponential(20.0 * MS as f64);
                self.push(begin, Act::Ask(client));
            }
        }
        while let Some(Reverse((time, _, act))) = self.acts.pop() {
            match act {
                Act::Arrive => {
                    let next = self.due(time);
                    if time > 0
                        && let Some(client) = free.pop_first()
                    {
                        let wish = self.wish();
                        self.ask(time, client, wish, 1);
                    }
                    if next < self.world.time {
                        self.push(next, Act::Arrive);
                    }
                }
                Act::Free(client) if is_open => {
                    free.insert(client);
                }
                Act::Free(client) => {
                    let next = self.due(time);
                    if next < self.world.time {
                        self.push(next, Act::Ask(client));
                    }
                }
                Act::Ask(client) => {
                    let wish = self.wish();
                    self.ask(time, client, wish, 1);
                }
                Act::Again(client, wish, attempt) => self.ask(time, client, wish, attempt),
            }
        }
    }

    fn push(&mut self, time: i64, act: Act) {
        self.number += 1;
        self.acts.push(Reverse((time, self.number, act)));
    }

    fn exponential(&mut self, mean: f64) -> i64 {
        (-(1.0 - self.rng.unit()).ln() * mean) as i64
    }

    /// A number of the normal distribution, by Box and Muller.
    fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.rng.unit()).ln()).sqrt() * (std::f64::consts::TAU * self.rng.unit()).cos()
    }

    /// When the next request comes: of everybody in an open loop, else of a client that is free from a time on.
    fn due(&mut self, mut free: i64) -> i64 {
        if let Some(((from, to), every)) = self.world.in_step
            && (from..to).contains(&free)
        {
            return free + every - free % every + self.exponential(MS as f64);
        }
        loop {
            let (load, until) = self.world.load_at(free);
            if load > 0.0 {
                let due = free
                    + match self.world.load {
                        Load::Closed(think) => self.exponential(think as f64 / load),
                        Load::Open(rate) => self.exponential(1e9 / (rate * load)),
                        Load::InStep(every) => every - free % every + self.exponential(MS as f64),
                    };
                if due < until {
                    return due;
                }
            }
            if until == i64::MAX {
                return until;
            }
            free = until;
        }
    }

    fn wish(&mut self) -> Wish {
        let function = self.function();
        let keys = self.world.keys;
        Wish { function, key: (keys > 0).then(|| self.rng.below(keys)) }
    }

    fn function(&mut self) -> usize {
        let all = self.world.functions;
        let mut left = self.rng.unit() * all.iter().map(|function| function.weight).sum::<f64>();
        let at = all.iter().position(|function| {
            left -= function.weight;
            left < 0.0
        });
        at.unwrap_or(all.len() - 1)
    }

    fn ask(&mut self, time: i64, client: usize, wish: Wish, attempt: u32) {
        let Wish { function, key } = wish;
        let host = client % self.world.hosts;
        let still = |at: i64| {
            let stills = self.world.faults.iter().filter(|fault| fault.hurt == Hurt::Still);
            stills
                .filter(|fault| fault.is_at(at) && fault.is_for(0, host, function))
                .map(|fault| fault.time.1)
                .max()
        };
        let mut call = time;
        if let Some(until) = still(time) {
            call = until + self.exponential(2.0 * MS as f64);
        }
        let node = match self.world.route {
            Route::Fixed => client % self.world.nodes,
            Route::Any => self.rng.below(self.world.nodes),
            Route::First => 0,
            Route::Ring => self.on_ring(call),
        };
        let (mut end, what, effect) = self.answer(call, node, host, wish);
        if let Some(until) = still(end) {
            end = until + self.exponential(2.0 * MS as f64);
        }
        self.done.push(Done { client, node, function, key, attempt, call, end, what, effect });
        // What is not done in the best of times is no reason to try again.
        let is_usual = what == What::Fail && self.world.functions[function].refused > 0.0;
        let is_bad = what != What::Ok && !is_usual;
        match self.world.retry {
            Some(retry) if is_bad && attempt < retry.tries => {
                let times = if retry.doubles { f64::from(1u32 << (attempt - 1).min(16)) } else { 1.0 };
                let spread = if retry.is_jittered { 2.0 * self.rng.unit() } else { 1.0 };
                let wait = (retry.wait as f64 * times * spread) as i64;
                self.push(end + wait, Act::Again(client, wish, attempt + 1));
            }
            _ => self.push(end, Act::Free(client)),
        }
    }

    fn on_ring(&mut self, time: i64) -> usize {
        let mut node = self.rng.below(self.world.nodes);
        for _ in 1..self.world.nodes {
            let is_gone =
                |fault: &Fault| fault.hurt == Hurt::Crash && fault.is_at(time) && fault.is_for(node, 0, 0);
            if !self.world.faults.iter().any(is_gone) || self.rng.chance(0.1) {
                break;
            }
            node = (node + 1) % self.world.nodes;
        }
        node
    }

    /// When a request has its end, what the client knows then, and when it took effect.
    fn answer(&mut self, call: i64, node: usize, host: usize, wish: Wish) -> (i64, What, Option<i64>) {
        let Wish { function, key } = wish;
        let world = self.world;
        let kind = &world.functions[function];
        let way = MS / 8 + self.exponential(MS as f64 / 8.0);
        let arrival = call + way;
        let lost = if kind.name == "read" { What::Fail } else { What::Unknown };
        let soon = call + 2 * way + MS / 4;
        // A timer rings late, never early.
        let spread = world.patience_spread.powf(2.0 * self.rng.unit() - 1.0);
        let given_up = call + (world.patience as f64 * spread) as i64 + self.exponential(MS as f64);
        let mut factor = 1.0;
        let mut is_heard = true;
        for fault in &world.faults {
            let is_for = fault.is_for(node, host, function) && fault.is_on(key);
            if !fault.is_at(arrival) || !is_for || !self.rng.chance(fault.share) {
                continue;
            }
            match fault.hurt {
                Hurt::Refuse | Hurt::Crash => return (soon, What::Fail, None),
                Hurt::Lose => return (given_up, lost, None),
                Hurt::Mute => is_heard = false,
                Hurt::Slow(times) => factor *= times,
                Hurt::Freeze | Hurt::Still | Hurt::Nothing => {}
            }
        }
        let worker = (0..world.workers).min_by_key(|&at| self.workers[node][at]).expect("a node has workers");
        let begin = arrival.max(self.workers[node][worker]);
        if world.queue.is_some_and(|most| begin - arrival > most) {
            return (soon, What::Fail, None);
        }
        let service = &world.service;
        // The tail begins where the rest ends, so no quantile falls into a gap.
        let longer = if self.rng.chance(service.tail) {
            1.0 - (service.longer - 1.0) * (1.0 - self.rng.unit()).ln()
        } else {
            1.0
        };
        let work =
            service.median as f64 * (service.sigma * self.normal()).exp() * longer * kind.work * factor;
        let effect = self.awake(node, begin, work as i64);
        let at_node = |fault: &&Fault| fault.hurt == Hurt::Crash && fault.is_for(node, host, function);
        let mut crashes = world.faults.iter().filter(at_node).map(|fault| fault.time);
        if let Some((crash, back)) = crashes.find(|&(from, _)| (arrival..effect).contains(&from)) {
            self.workers[node].fill(back);
            return ((crash + way).min(given_up), lost, None);
        }
        self.workers[node][worker] = effect;
        let end = effect + way;
        if !is_heard || end > given_up {
            return (given_up, lost, Some(effect));
        }
        let what = if self.rng.chance(kind.refused) { What::Fail } else { What::Ok };
        (end, what, Some(effect))
    }

    /// When work that begins at a time is done by a node that may stand still meanwhile.
    fn awake(&self, node: usize, begin: i64, work: i64) -> i64 {
        let mut end = begin + work;
        for fault in &self.world.faults {
            let (from, to) = fault.time;
            if fault.hurt == Hurt::Freeze && fault.is_for(node, 0, 0) && begin < to && end > from {
                end += to - from.max(begin);
            }
        }
        end
    }
}
