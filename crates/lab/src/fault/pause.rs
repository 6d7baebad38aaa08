//! Those that stand still for a while and then go on as if nothing had been.

use anyhow::Result;
use async_trait::async_trait;

use super::{Aim, Fault, Stage, Who};

/// Stops the process that keeps the data, by SIGSTOP.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pause(pub(crate) Who);

/// Clients do nothing for a while, between an answer and their next request: they stand still wherever they are, also while they
/// hold a lock. The task of such a client waits; no process is stopped.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StandStill {
    name: &'static str,
    /// Every so-manieth client, which of them is drawn.
    every: usize,
}

/// Half of the clients, as if their processes were stopped.
pub(crate) const PAUSE_CLIENTS: StandStill = StandStill { name: "pause-clients", every: 2 };

/// All of them: the load is taken away, as an operator does who sees no other way out.
pub(crate) const REST_CLIENTS: StandStill = StandStill { name: "rest-clients", every: 1 };

#[async_trait]
impl Fault for Pause {
    fn name(&self) -> String {
        format!("pause-{}", self.0.word())
    }

    async fn aim(&self, stage: &Stage<'_>, draw: u64) -> Result<Aim> {
        Ok(Aim::nodes([stage.pick(self.0, draw).await?]))
    }

    async fn begin(&self, stage: &mut Stage<'_>, aim: &Aim) -> Result<()> {
        aim.nodes.iter().try_for_each(|node| stage.cluster.pause(*node, stage.system.role()))
    }

    async fn end(&self, stage: &mut Stage<'_>, aim: &Aim) -> Result<()> {
        aim.nodes.iter().try_for_each(|node| stage.cluster.resume(*node, stage.system.role()))
    }
}

#[async_trait]
impl Fault for StandStill {
    fn name(&self) -> String {
        self.name.to_owned()
    }

    async fn aim(&self, stage: &Stage<'_>, draw: u64) -> Result<Aim> {
        let first = usize::try_from(draw)? % self.every;
        let clients = (first..stage.gates.len()).step_by(self.every).collect();
        Ok(Aim { nodes: Vec::new(), clients })
    }

    async fn begin(&self, stage: &mut Stage<'_>, aim: &Aim) -> Result<()> {
        stage.gates.shut(&aim.clients);
        Ok(())
    }

    async fn end(&self, stage: &mut Stage<'_>, aim: &Aim) -> Result<()> {
        stage.gates.open(&aim.clients);
        Ok(())
    }
}
