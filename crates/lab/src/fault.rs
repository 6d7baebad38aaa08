//! What is done to a system: whom it hits, how it begins, how it ends.

use anyhow::{Context, Result, ensure};
use async_trait::async_trait;
use tokio::task::JoinHandle;

use self::slow::path::Path;
use crate::cluster::Cluster;
use crate::gate::Gates;
use crate::node::Node;
use crate::recording::Recording;
use crate::setting::Setting;
use crate::system::System;

pub(crate) mod action;
pub(crate) mod clock;
pub(crate) mod disk;
pub(crate) mod isolate;
pub(crate) mod kill;
pub(crate) mod lasting;
pub(crate) mod limp;
pub(crate) mod lossy;
pub(crate) mod pause;
pub(crate) mod slow;

/// What is done to a system.
#[async_trait]
pub(crate) trait Fault: Send + Sync {
    /// As rows and histories call it, such as `isolate-leader`.
    fn name(&self) -> String;

    /// How many milliseconds it lasts, at least and at most.
    fn lasts(&self) -> (u64, u64) {
        (2_500, 3_500)
    }

    /// How many milliseconds pass before it, at least and at most, if that is not as usual.
    fn comes_after(&self) -> Option<(u64, u64)> {
        None
    }

    /// Whether half of the clients must record by a clock of their own.
    fn needs_two_clocks(&self) -> bool {
        false
    }

    /// Whom it hits, by a number that was drawn and by what the system is like at the moment.
    async fn aim(&self, stage: &Stage<'_>, draw: u64) -> Result<Aim>;

    /// Does it.
    async fn begin(&self, stage: &mut Stage<'_>, aim: &Aim) -> Result<()>;

    /// Undoes it, as far as it can be.
    async fn end(&self, stage: &mut Stage<'_>, aim: &Aim) -> Result<()>;
}

/// What a fault can reach.
pub(crate) struct Stage<'a> {
    /// The system.
    pub(crate) system: &'static dyn System,
    /// Its setting.
    pub(crate) setting: Setting,
    /// Its nodes.
    pub(crate) cluster: &'a mut Cluster,
    /// Its clients.
    pub(crate) gates: &'a Gates,
    /// What is recorded.
    pub(crate) recording: &'a Recording,
    /// What stops processes and lets them go on in turn.
    pub(crate) limping: Vec<JoinHandle<()>>,
    /// Wires that lead through this process.
    pub(crate) detours: Vec<Path>,
}

/// Whom a fault hits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Aim {
    /// Nodes, the one it is about first.
    pub(crate) nodes: Vec<Node>,
    /// Clients by their numbers.
    pub(crate) clients: Vec<usize>,
}

impl Aim {
    /// Some nodes.
    pub(crate) fn nodes(nodes: impl Into<Vec<Node>>) -> Self {
        Self { nodes: nodes.into(), clients: Vec::new() }
    }

    /// All of them by name, for the history.
    pub(crate) fn names(&self) -> Vec<String> {
        let nodes = self.nodes.iter().map(ToString::to_string);
        nodes.chain(self.clients.iter().map(|client| format!("client {client}"))).collect()
    }
}

/// Which nodes a fault is meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// The one that leads when the fault begins.
    Leader,
    /// One that does not lead then.
    Follower,
}

impl Who {
    /// As names of faults end.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Leader => "leader",
            Self::Follower => "follower",
        }
    }
}

impl Stage<'_> {
    /// The leader, as far as it can be asked.
    pub(crate) async fn leader(&self) -> Result<Node> {
        let leader = self.system.leader(&self.cluster.view()).await;
        leader.context("nobody knows who leads, so no fault can be aimed at it")
    }

    /// The node that a fault is meant for.
    pub(crate) async fn pick(&self, who: Who, draw: u64) -> Result<Node> {
        let leader = self.leader().await?;
        let others = self.cluster.network().without(&[leader]);
        Ok(match who {
            Who::Leader => leader,
            Who::Follower => {
                ensure!(!others.is_empty(), "a cluster of one node has no follower");
                others[usize::try_from(draw % others.len() as u64)?]
            }
        })
    }
}
