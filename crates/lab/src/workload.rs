//! What clients do: which requests, in which order, and what is asked at the end.

use std::time::Duration;

use crate::request::{Outcome, Reply, Request};

mod bank;
mod counter;
mod guarded;
mod lives;
mod lock;
mod log;
mod queue;
mod register;
mod set;

/// The kinds of work that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Workload {
    /// Reads and writes of registers; each value is written once.
    Register,
    /// Reads, writes and compare-and-sets of registers; each value is put in once.
    CasRegister,
    /// The same with five values that come again and again.
    SmallRegister,
    /// Registers of many clients that are seldom at it and have little patience.
    Crowd,
    /// Elements are added, and read at the end.
    Set,
    /// Values go into a queue and come out; what is left is taken at the end.
    Queue,
    /// The same where the order does not count, nor that nothing waited for a while.
    Bag,
    /// Ones are added to counters that are read now and then.
    Counter,
    /// Locks are taken, held for a while and given back.
    Lock,
    /// The same, and each grant has a token that grows.
    FencedLock,
    /// A lock guards a ledger of the lab's own, whose history is recorded; that of the lock is not.
    Guarded,
    /// The same, and the ledger checks tokens.
    FencedGuarded,
    /// Values are appended to logs that are read whole.
    Log,
    /// Amounts are moved between accounts.
    Bank,
}

/// Something to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Draw {
    /// What to ask.
    pub(crate) request: Request,
    /// How long to wait before.
    pub(crate) wait: Duration,
}

/// What is asked when faults are over, the system is whole again and no client is left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Finale {
    /// To be asked once each.
    pub(crate) reads: Vec<Request>,
    /// Queues from which values are taken until there are none.
    pub(crate) drains: Vec<String>,
    /// Whether the recording is worth nothing without.
    pub(crate) is_needed: bool,
}

/// The work of a run.
pub(crate) trait Generator: Send {
    /// What a client does next.
    fn next(&mut self, client: usize) -> Draw;

    /// What a client is answered by something that is no part of the system, if it asks that.
    fn answer(&mut self, _client: usize, _request: &Request) -> Option<Reply> {
        None
    }

    /// What became of what a client did.
    fn saw(&mut self, _client: usize, _request: &Request, _outcome: &Outcome) {}

    /// What is asked at the end.
    fn finale(&self) -> Finale;
}

/// What there is to know of a kind of work.
struct Kind {
    workload: Workload,
    /// As rows call it.
    name: &'static str,
    /// What its history is checked against.
    model: &'static str,
    /// What each object starts with, where the model has another opinion.
    init: Option<i64>,
    clients: usize,
    /// Milliseconds between an answer and the next request, on average.
    pace: u64,
    /// Milliseconds that a client waits for an answer, where that is not as usual.
    patience: Option<u64>,
    begin: fn(u64, usize) -> Box<dyn Generator>,
}

#[rustfmt::skip]
const KINDS: &[Kind] = &[
    Kind { workload: Workload::Register, name: "register", model: "register", init: None, clients: 12, pace: 6, patience: None, begin: register::unique },
    Kind { workload: Workload::CasRegister, name: "cas-register", model: "cas-register", init: None, clients: 12, pace: 6, patience: None, begin: register::cas },
    Kind { workload: Workload::SmallRegister, name: "small-register", model: "cas-register", init: None, clients: 12, pace: 6, patience: None, begin: register::small },
    Kind { workload: Workload::Crowd, name: "crowd", model: "register", init: None, clients: 250, pace: 900, patience: Some(250), begin: register::unique },
    Kind { workload: Workload::Set, name: "set", model: "set", init: None, clients: 12, pace: 8, patience: None, begin: set::begin },
    Kind { workload: Workload::Queue, name: "queue", model: "queue", init: None, clients: 12, pace: 8, patience: None, begin: queue::begin },
    Kind { workload: Workload::Bag, name: "bag", model: "bag", init: None, clients: 12, pace: 8, patience: None, begin: queue::begin },
    Kind { workload: Workload::Counter, name: "counter", model: "counter", init: None, clients: 12, pace: 6, patience: None, begin: counter::begin },
    Kind { workload: Workload::Lock, name: "lock", model: "owner-mutex", init: None, clients: 10, pace: 8, patience: None, begin: lock::begin },
    Kind { workload: Workload::FencedLock, name: "fenced-lock", model: "fenced-mutex", init: None, clients: 10, pace: 8, patience: None, begin: lock::begin },
    Kind { workload: Workload::Guarded, name: "guarded", model: "counter", init: None, clients: 10, pace: 8, patience: None, begin: guarded::unchecked },
    Kind { workload: Workload::FencedGuarded, name: "fenced-guarded", model: "counter", init: None, clients: 10, pace: 8, patience: None, begin: guarded::checked },
    Kind { workload: Workload::Log, name: "log", model: "log", init: None, clients: 12, pace: 10, patience: None, begin: log::begin },
    Kind { workload: Workload::Bank, name: "bank", model: "multi-register", init: Some(crate::request::BALANCE), clients: 10, pace: 6, patience: None, begin: bank::begin },
];

impl Workload {
    fn kind(self) -> &'static Kind {
        KINDS.iter().find(|kind| kind.workload == self).expect("every workload has a row in the table")
    }

    /// As rows call it.
    pub(crate) fn name(self) -> &'static str {
        self.kind().name
    }

    /// The model that its history is checked against.
    pub(crate) fn model(self) -> &'static str {
        self.kind().model
    }

    /// What each object starts with, where the model has another opinion.
    pub(crate) fn init(self) -> Option<i64> {
        self.kind().init
    }

    /// Whether a request stands in the history.
    pub(crate) fn tells(self, request: &Request) -> bool {
        let is_of_lock = matches!(request, Request::Acquire { .. } | Request::Release { .. });
        !(is_of_lock && matches!(self, Self::Guarded | Self::FencedGuarded))
    }

    /// How many clients work.
    pub(crate) fn clients(self) -> usize {
        self.kind().clients
    }

    /// Milliseconds between an answer and the next request, on average.
    pub(crate) fn pace(self) -> u64 {
        self.kind().pace
    }

    /// How long a client waits for an answer, where that is not as usual.
    pub(crate) fn patience(self) -> Option<Duration> {
        self.kind().patience.map(Duration::from_millis)
    }

    /// The work of a run, by a seed and for so many clients.
    pub(crate) fn begin(self, seed: u64, clients: usize) -> Box<dyn Generator> {
        (self.kind().begin)(seed, clients)
    }
}

#[cfg(test)]
mod tests;
