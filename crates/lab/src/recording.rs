//! How requests and their outcomes stand in the history.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::{Value, json};
use seriatim_record::{FaultGuard, Operation, Recorder};

use crate::node::Node;
use crate::request::{Answer, Outcome, Reply, Request};
use crate::workload::Workload;

/// How many requests of a function ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Count {
    /// It happened.
    pub(crate) ok: u64,
    /// It did not.
    pub(crate) fail: u64,
    /// Nobody knows.
    pub(crate) info: u64,
}

/// Which try of one request something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Try {
    /// From 1.
    pub(crate) number: u32,
    /// How many there are at most; where it is one, nothing is said of tries.
    pub(crate) of: u32,
}

impl Try {
    /// The only one.
    pub(crate) const ONLY: Self = Self { number: 1, of: 1 };
}

/// How many requests ended how, by function.
pub(crate) type Counts = BTreeMap<&'static str, Count>;

/// The history of a run.
#[derive(Clone, Debug)]
pub(crate) struct Recording {
    recorder: Recorder,
    /// Records what clients with odd numbers do, where they have a clock of their own.
    second: Option<Recorder>,
    /// How many milliseconds that clock is ahead.
    ahead: Arc<AtomicU64>,
    workload: Workload,
    counts: Arc<Mutex<Counts>>,
    began: Instant,
}

impl Recording {
    /// Begins a file. Times are those of the monotonic clock, from now on. With two clocks, clients with odd numbers go by the
    /// second one, as on another machine.
    pub(crate) fn create(path: &Path, workload: Workload, has_two_clocks: bool) -> io::Result<Self> {
        let began = Instant::now();
        let mut options = Recorder::options().model(workload.model()).clock(move || began.elapsed());
        if let Some(init) = workload.init() {
            options = options.init(init);
        }
        let recorder = options.clone().create(path)?;
        let ahead = Arc::new(AtomicU64::new(0));
        let second = if has_two_clocks {
            let ahead = Arc::clone(&ahead);
            let clock = move || began.elapsed() + Duration::from_millis(ahead.load(Ordering::SeqCst));
            Some(options.clock(clock).append(path)?)
        } else {
            None
        };
        Ok(Self { recorder, second, ahead, workload, counts: Arc::default(), began })
    }

    /// In memory, for tests.
    #[cfg(test)]
    pub(crate) fn memory(workload: Workload) -> Self {
        Self {
            recorder: Recorder::memory(),
            second: None,
            ahead: Arc::default(),
            workload,
            counts: Arc::default(),
            began: Instant::now(),
        }
    }

    /// What stands in it.
    #[cfg(test)]
    pub(crate) fn text(&self) -> String {
        self.recorder.text().expect("it is in memory")
    }

    /// Milliseconds since it began.
    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// A request that is about to be sent by a client by way of a node. Nothing, where it does not stand in the history.
    pub(crate) fn invoke(&self, client: u32, node: Node, request: &Request, try_: Try) -> Option<Operation> {
        if !self.workload.tells(request) {
            return None;
        }
        let recorder = if client % 2 == 1 { self.second.as_ref() } else { None };
        let process = recorder.unwrap_or(&self.recorder).process(client).node(node.to_string());
        let mut invocation = process.invoke(request.function());
        if let Some(key) = request.key() {
            invocation = invocation.key(key);
        }
        if let Some(argument) = request.argument() {
            invocation = invocation.value(argument);
        }
        if try_.of > 1 {
            invocation = invocation.attempt(try_.number);
        }
        Some(invocation.start())
    }

    /// What became of it.
    pub(crate) fn complete(&self, operation: Option<Operation>, request: &Request, reply: &Reply) {
        self.count(request.function(), &reply.outcome);
        let Some(operation) = operation else { return };
        let operation = match reply.node {
            Some(node) => operation.node(node.to_string()),
            None => operation,
        };
        match &reply.outcome {
            Outcome::Fail(error) => operation.fail(short(error)),
            Outcome::Info(error) => operation.info(short(error)),
            Outcome::Ok(answer) => match told(request, answer) {
                Told::Nothing => operation.done(),
                Told::Value(value) => operation.ok(value),
                Told::Result(result) => operation.ok_result(result),
            },
        }
    }

    fn count(&self, function: &'static str, outcome: &Outcome) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(function).or_default();
        match outcome {
            Outcome::Ok(_) => count.ok += 1,
            Outcome::Fail(_) => count.fail += 1,
            Outcome::Info(_) => count.info += 1,
        }
    }

    /// How many requests ended how until now.
    pub(crate) fn counts(&self) -> Counts {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Something that is about to be done to the system.
    pub(crate) fn fault(&self, name: &str, whom: Vec<String>) -> FaultGuard {
        self.recorder.fault(name).nodes(whom).start()
    }

    /// Sets the second clock ahead. Where it goes back, it stands still until the time is there.
    pub(crate) fn set_ahead(&self, milliseconds: u64) {
        self.ahead.store(milliseconds, Ordering::SeqCst);
    }

    /// Ends it.
    pub(crate) fn finish(&self) -> io::Result<()> {
        if let Some(second) = &self.second {
            second.finish()?;
        }
        self.recorder.finish()
    }
}

/// How an answer is told.
#[derive(Debug, PartialEq)]
enum Told {
    Nothing,
    Value(Value),
    Result(Value),
}

fn told(request: &Request, answer: &Answer) -> Told {
    match (answer, request) {
        // A transaction repeats what it read and wrote.
        (Answer::Done, Request::Transfer { .. }) => Told::Value(request.argument().unwrap_or(Value::Null)),
        (Answer::Balances(balances), Request::ReadAccounts { accounts }) => Told::Value(
            accounts.iter().zip(balances).map(|(account, balance)| json!(["r", account, balance])).collect(),
        ),
        (Answer::Done | Answer::Granted(None) | Answer::Balances(_), _) => Told::Nothing,
        (Answer::Value(value), _) => Told::Value(json!(value)),
        (Answer::Elements(values), _) => Told::Value(json!(values)),
        (Answer::Granted(Some(token)), _) => Told::Value(json!(token)),
        (Answer::Swapped(is_done), _) => Told::Result(json!(is_done)),
        (Answer::At(place), _) => Told::Result(json!(place)),
    }
}

/// The first line of an error, cut where it is long.
fn short(error: &str) -> String {
    error.lines().next().unwrap_or_default().chars().take(120).collect()
}

#[cfg(test)]
mod tests;
