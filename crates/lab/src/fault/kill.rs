//! Processes that are killed by SIGKILL and started again. What the operating system has of their files stays.

use anyhow::Result;
use async_trait::async_trait;

use super::{Aim, Fault, Stage, Who};

/// Kills the process that keeps the data, and starts it again at the end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kill(pub(crate) Who);

/// The same, but it is back before anybody can have noticed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounce(pub(crate) Who);

/// Kills it on all nodes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KillAll;

async fn begin(stage: &mut Stage<'_>, aim: &Aim) -> Result<()> {
    aim.nodes.iter().try_for_each(|node| stage.cluster.kill(*node, stage.system.role()))
}

async fn end(stage: &mut Stage<'_>, aim: &Aim) -> Result<()> {
    for node in &aim.nodes {
        stage.system.restart(stage.cluster, *node, stage.setting).await?;
    }
    Ok(())
}

#[async_trait]
impl Fault for Kill {
    fn name(&self) -> String {
        format!("kill-{}", self.0.word())
    }

    async fn aim(&self, stage: &Stage<'_>, draw: u64) -> Result<Aim> {
        Ok(Aim::nodes([stage.pick(self.0, draw).await?]))
    }

    async fn begin(&self, stage: &mut Stage<'_>, aim: &Aim) -> Result<()> {
        begin(stage, aim).await
    }

    async fn end(&self, stage: &mut Stage<'_>, aim: &Aim) -> Result<()> {
        end(stage, aim).await
    }
}

#[async_trait]
impl Fault for Bounce {
    fn name(&self) -> String {
        format!("bounce-{}", self.0.word())
    }

    fn lasts(&self) -> (u64, u64) {
        (50, 150)
    }

    async fn aim(&self, stage: &Stage<'_>, draw: u64) -> Result<Aim> {
        Ok(Aim::nodes([stage.pick(self.0, draw).await?]))
    }

    async fn begin(&self, stage: &mut Stage<'_>, aim: &Aim) -> Result<()> {
        begin(stage, aim).await
    }

    async fn end(&self, stage: &mut Stage<'_>, aim: &Aim) -> Result<()> {
        end(stage, aim).await
    }
}

#[async_trait]
impl Fault for KillAll {
    fn name(&self) -> String {
        "kill-all".to_owned()
    }

    fn lasts(&self) -> (u64, u64) {
        (500, 1_000)
    }

    async fn aim(&self, stage: &Stage<'_>, _draw: u64) -> Result<Aim> {
        Ok(Aim::nodes(stage.cluster.nodes()))
    }

    async fn begin(&self, stage: &mut Stage<'_>, aim: &Aim) -> Result<()> {
        begin(stage, aim).await
    }

    async fn end(&self, stage: &mut Stage<'_>, aim: &Aim) -> Result<()> {
        end(stage, aim).await
    }
}
