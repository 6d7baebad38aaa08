//! Those that stand still for a while and then go on as if nothing had been.

use anyhow::Result;
use async_trait::async_trait;

use super::{Aim, Fault, Stage, Who};

/// Stops the process that keeps the data, by SIGSTOP.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pause(pub(crate) Who);

/// Half of the clients do nothing for a while, between an answer and their next request: they stand still wherever they are,
/// also while they hold a lock. The task of such a client waits; no process is stopped.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PauseClients;

/// No client asks anything for a while: the load is taken away, as an operator does who sees no other way out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RestClients;

#[async_trait]
impl Fault for RestClients {
    fn name(&self) -> String {
        "rest-clients".to_owned()
    }

    async fn aim(&self, stage: &Stage<'_>, _draw: u64) -> Result<Aim> {
        Ok(Aim { nodes: Vec::new(), clients: (0..stage.gates.len()).collect() })
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
impl Fault for PauseClients {
    fn name(&self) -> String {
        "pause-clients".to_owned()
    }

    async fn aim(&self, stage: &Stage<'_>, draw: u64) -> Result<Aim> {
        let odd = usize::try_from(draw % 2)?;
        let clients = (0..stage.gates.len()).filter(|client| client % 2 == odd).collect();
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
