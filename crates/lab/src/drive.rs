//! Has clients work while faults come and go, then waits until the system is whole, and asks what is to be asked at the end.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use async_trait::async_trait;
use serde::Serialize;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::cluster::{Cluster, View};
use crate::fault::{Aim, Fault, Stage};
use crate::gate::{Gate, Gates};
use crate::node::Node;
use crate::recording::{Recording, Try};
use crate::request::{Answer, Outcome, Reply, Request};
use crate::row::Row;
use crate::schedule::{Schedule, Step};
use crate::seed::Dice;
use crate::system::{Client, System};
use crate::workload::{Draw, Finale, Generator};

/// How long a client waits for an answer.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// How long a client waits for a connection, which on a busy machine takes some systems seconds.
const CONNECTING: Duration = Duration::from_millis(4_000);
/// How long a last request may take at most: whole sets are read at the end. Each try may take twice as long as the one before,
/// so that a node that hangs is not waited for long.
const LAST_PATIENCE: Duration = Duration::from_secs(20);
/// How long a client waits before it connects again.
const BACK_OFF: (u64, u64) = (30, 120);
/// How long the last requests may take to be answered.
const LAST: Duration = Duration::from_secs(45);
/// The option of a setting that says how often a client asks the same before it gives up.
const TRIES: &str = "tries";
/// The generator that all clients draw from.
type Shared = Arc<Mutex<Box<dyn Generator>>>;

/// A fault as it happened.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Happened {
    /// Its name.
    pub(crate) fault: String,
    /// Whom it hit.
    pub(crate) whom: Vec<String>,
    /// When it began, in milliseconds of the recording.
    pub(crate) from_ms: u64,
    /// When it was over.
    pub(crate) to_ms: u64,
}

/// What became of a run.
#[derive(Clone, Debug)]
pub(crate) struct Driven {
    /// The faults.
    pub(crate) faults: Vec<Happened>,
    /// Why the system did not become whole again, if it did not.
    pub(crate) not_settled: Option<String>,
    /// Why the last requests were not all answered, if they were not.
    pub(crate) not_final: Option<String>,
    /// Whether the recording is worth nothing without those answers.
    pub(crate) needs_final: bool,
}

/// Drives a system that has been started.
pub(crate) async fn drive(
    row: &Row,
    system: &'static dyn System,
    cluster: &mut Cluster,
    recording: &Recording,
    schedule: &Schedule,
    seed: u64,
) -> Result<Driven> {
    let count = row.workload.clients();
    let generator: Shared = Arc::new(Mutex::new(row.workload.begin(seed, count)));
    let gates = Gates::new(count);
    let (stop, stopped) = watch::channel(false);
    let nodes = cluster.nodes();
    let workers: Vec<_> = (0..count)
        .map(|client| {
            let worker = Worker {
                client,
                home: nodes[client % nodes.len()],
                system,
                row: *row,
                view: cluster.view(),
                generator: Arc::clone(&generator),
                recording: recording.clone(),
                gate: gates.of(client),
                stopped: stopped.clone(),
                dice: Dice::new(seed, &format!("client {client}")),
            };
            tokio::spawn(worker.work())
        })
        .collect();
    let began = Instant::now();
    let mut stage = Stage {
        system,
        setting: row.setting,
        cluster,
        gates: &gates,
        recording,
        limping: Vec::new(),
        detours: Vec::new(),
    };
    let faults = afflict(row.faults, schedule, &mut stage, recording, began).await;
    sleep_until(began + schedule.load).await;
    stop.send_replace(true);
    // What a session holds for its client goes with it, so none may end while others still wait for an answer.
    let mut connections = Vec::new();
    for worker in workers {
        connections.push(worker.await.context("a client panicked")?);
    }
    drop(connections);
    let faults = faults?;
    let settled = timeout(system.settling(), system.settled(cluster, row.setting)).await;
    let not_settled = match settled {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(format!("{error:#}")),
        Err(_) => Some(format!("it was not whole again after {} s", system.settling().as_secs())),
    };
    let finale = generator.lock().unwrap_or_else(PoisonError::into_inner).finale();
    let last = Last { row, system, view: cluster.view(), recording, client: count };
    let not_final = match timeout(LAST, last.ask(&finale)).await {
        Ok(()) => None,
        Err(_) => Some(format!("the last requests were not all answered within {} s", LAST.as_secs())),
    };
    Ok(Driven { faults, not_settled, not_final, needs_final: finale.is_needed })
}

/// Has faults come and go. Whatever goes wrong, what began is ended.
async fn afflict(
    faults: &[&'static dyn Fault],
    schedule: &Schedule,
    stage: &mut Stage<'_>,
    recording: &Recording,
    began: Instant,
) -> Result<Vec<Happened>> {
    let mut happened = Vec::new();
    for step in &schedule.steps {
        sleep_until(began + Duration::from_millis(step.at_ms)).await;
        let fault = faults[step.place];
        let aim = aim(fault, stage, step).await?;
        let from_ms = recording.now();
        let guard = recording.fault(&step.fault, aim.names());
        let did = fault.begin(stage, &aim).await;
        if did.is_ok() {
            sleep(Duration::from_millis(step.lasts_ms)).await;
        }
        let undid = fault.end(stage, &aim).await;
        guard.stop();
        did.with_context(|| format!("cannot do `{}`", step.fault))?;
        undid.with_context(|| format!("cannot undo `{}`", step.fault))?;
        let to_ms = recording.now();
        happened.push(Happened { fault: step.fault.clone(), whom: aim.names(), from_ms, to_ms });
    }
    Ok(happened)
}

/// Whom a fault hits. While a system chooses its leader, it is asked again.
async fn aim(fault: &dyn Fault, stage: &Stage<'_>, step: &Step) -> Result<Aim> {
    let mut tries = 0;
    loop {
        match fault.aim(stage, step.draw).await {
            Ok(aim) => return Ok(aim),
            Err(error) if tries == 20 => return Err(error),
            Err(_) => tries += 1,
        }
        sleep(Duration::from_millis(100)).await;
    }
}

/// One client.
struct Worker {
    client: usize,
    home: Node,
    system: &'static dyn System,
    row: Row,
    view: View,
    generator: Shared,
    recording: Recording,
    gate: Gate,
    stopped: watch::Receiver<bool>,
    dice: Dice,
}

impl Worker {
    /// Asks one thing after the other until it is told to stop. What is left is its connection.
    async fn work(mut self) -> Option<Box<dyn Client>> {
        let mut connection: Option<Box<dyn Client>> = None;
        let mut draw: Option<Draw> = None;
        let tries = self.row.setting.number(TRIES).and_then(|tries| u32::try_from(tries).ok());
        let mut turn = Try { number: 1, of: tries.unwrap_or(1) };
        // Those who begin, or go on, at one moment would ask all at once.
        self.think().await;
        while !*self.stopped.borrow() {
            let Some(client) = &mut connection else {
                connection = self.connect().await.map(|client| self.beside(client));
                continue;
            };
            let Draw { request, wait } =
                draw.take().unwrap_or_else(|| lock(&self.generator).next(self.client));
            sleep(wait).await;
            if self.gate.pass().await {
                self.think().await;
            }
            if *self.stopped.borrow() {
                break;
            }
            let node = client.node().unwrap_or(self.home);
            let patience = self.row.workload.patience().unwrap_or(PATIENCE);
            let asked = Asked { number: self.client, node, request: &request, patience, turn };
            let reply = ask(client.as_mut(), &self.recording, asked).await;
            lock(&self.generator).saw(self.client, &request, &reply.outcome);
            // Whoever asks again at once does so by the same connection, where what was asked before still waits.
            if reply.is_broken && turn.of == 1 {
                connection = None;
            }
            if turn.number < turn.of && !matches!(reply.outcome, Outcome::Ok(_)) {
                draw = Some(Draw { request, wait: Duration::ZERO });
                turn.number += 1;
                continue;
            }
            turn.number = 1;
            self.think().await;
        }
        connection
    }

    /// Does nothing for as long as a client does nothing between an answer and its next request.
    async fn think(&mut self) {
        let pace = self.dice.below(self.row.workload.pace() * 2_000);
        sleep(Duration::from_micros(pace)).await;
    }

    /// A connection beside which stands what answers without the system.
    fn beside(&self, client: Box<dyn Client>) -> Box<dyn Client> {
        Box::new(Beside { number: self.client, generator: Arc::clone(&self.generator), client })
    }

    /// A connection, or nothing after a while.
    async fn connect(&mut self) -> Option<Box<dyn Client>> {
        let connecting = self.system.connect(&self.view, self.home, self.client, self.row.setting);
        if let Ok(Ok(client)) = timeout(CONNECTING, connecting).await {
            return Some(client);
        }
        sleep(Duration::from_millis(self.dice.millis(BACK_OFF.0, BACK_OFF.1))).await;
        None
    }
}

/// A connection beside which stands what answers without the system.
struct Beside {
    number: usize,
    generator: Shared,
    client: Box<dyn Client>,
}

#[async_trait]
impl Client for Beside {
    fn node(&self) -> Option<Node> {
        self.client.node()
    }

    async fn call(&mut self, request: &Request) -> Reply {
        let own = lock(&self.generator).answer(self.number, request);
        match own {
            Some(reply) => reply,
            None => self.client.call(request).await,
        }
    }
}

fn lock(generator: &Shared) -> std::sync::MutexGuard<'_, Box<dyn Generator>> {
    generator.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Something that a client asks.
struct Asked<'a> {
    /// Which client.
    number: usize,
    /// By way of which node.
    node: Node,
    request: &'a Request,
    /// How long it waits.
    patience: Duration,
    turn: Try,
}

/// Asks one thing, and records it.
async fn ask(client: &mut dyn Client, recording: &Recording, asked: Asked<'_>) -> Reply {
    let Asked { number, node, request, patience, turn } = asked;
    let number = u32::try_from(number).expect("there are few clients");
    let operation = recording.invoke(number, node, request, turn);
    let reply = match timeout(patience, client.call(request)).await {
        Ok(reply) => reply,
        Err(_) => Reply::after_sending(request, "timed out"),
    };
    recording.complete(operation, request, &reply);
    reply
}

/// Whoever asks the last requests, when nobody else does anything.
struct Last<'a> {
    row: &'a Row,
    system: &'static dyn System,
    view: View,
    recording: &'a Recording,
    client: usize,
}

impl Last<'_> {
    /// Asks all of them, each until it is answered.
    async fn ask(&self, finale: &Finale) {
        for read in &finale.reads {
            self.until_answered(read, None, &mut None).await;
        }
        for queue in &finale.drains {
            // What one node has is not always what another one gives out.
            for node in self.view.nodes() {
                let take = Request::Dequeue { key: queue.clone() };
                let mut connection = None;
                while self.until_answered(&take, Some(*node), &mut connection).await != Answer::Value(None) {}
            }
        }
    }

    /// Asks until there is an answer, by a connection that is used again where it did well.
    async fn until_answered(
        &self,
        request: &Request,
        node: Option<Node>,
        connection: &mut Option<Box<dyn Client>>,
    ) -> Answer {
        let mut tries = 0;
        loop {
            let nodes = self.view.nodes();
            let via = match node {
                Some(node) => node,
                None if tries == 0 => self.system.leader(&self.view).await.unwrap_or(nodes[0]),
                None => nodes[tries % nodes.len()],
            };
            let patience = (PATIENCE * (1 << tries.min(4))).min(LAST_PATIENCE);
            tries += 1;
            if connection.is_none() {
                let connecting = self.system.connect(&self.view, via, self.client, self.row.setting);
                *connection = timeout(CONNECTING, connecting).await.ok().and_then(Result::ok);
            }
            if let Some(client) = connection {
                let asked = client.node().unwrap_or(via);
                let asked = Asked { number: self.client, node: asked, request, patience, turn: Try::ONLY };
                let reply = ask(client.as_mut(), self.recording, asked).await;
                if let Outcome::Ok(answer) = reply.outcome {
                    return answer;
                }
                *connection = None;
            }
            sleep(Duration::from_millis(200)).await;
        }
    }
}

#[cfg(test)]
mod tests;
