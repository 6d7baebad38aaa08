//! How requests and their outcomes stand in the history.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

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

/// How many requests ended how, by function.
pub(crate) type Counts = BTreeMap<&'static str, Count>;

/// The history of a run.
#[derive(Clone, Debug)]
pub(crate) struct Recording {
    recorder: Recorder,
    workload: Workload,
    counts: Arc<Mutex<Counts>>,
    began: Instant,
}

impl Recording {
    /// Begins a file. Times are those of the monotonic clock, from now on.
    pub(crate) fn create(path: &Path, workload: Workload) -> io::Result<Self> {
        let began = Instant::now();
        let mut options = Recorder::options().model(workload.model()).clock(move || began.elapsed());
        if let Some(init) = workload.init() {
            options = options.init(init);
        }
        Ok(Self { recorder: options.create(path)?, workload, counts: Arc::default(), began })
    }

    /// In memory, for tests.
    #[cfg(test)]
    pub(crate) fn memory(workload: Workload) -> Self {
        Self { recorder: Recorder::memory(), workload, counts: Arc::default(), began: Instant::now() }
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
    pub(crate) fn invoke(&self, client: u32, node: Node, request: &Request) -> Option<Operation> {
        if !self.workload.tells(request) {
            return None;
        }
        let process = self.recorder.process(client).node(node.to_string());
        let mut invocation = process.invoke(request.function());
        if let Some(key) = request.key() {
            invocation = invocation.key(key);
        }
        if let Some(argument) = request.argument() {
            invocation = invocation.value(argument);
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

    /// Ends it.
    pub(crate) fn finish(&self) -> io::Result<()> {
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
