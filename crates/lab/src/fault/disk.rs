//! Disks that lose what they had. What runs on the node is killed first, and started again at the end.

use std::time::Duration;

use anyhow::Result;
use async_trait::async_trait;
use tokio::time::sleep;

use super::{Aim, Fault, Stage, Who};

/// Removes all that a node has stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wipe(pub(crate) Who);

#[async_trait]
impl Fault for Wipe {
    fn name(&self) -> String {
        format!("wipe-{}", self.0.word())
    }

    fn lasts(&self) -> (u64, u64) {
        (50, 150)
    }

    async fn aim(&self, stage: &Stage<'_>, draw: u64) -> Result<Aim> {
        Ok(Aim::nodes([stage.pick(self.0, draw).await?]))
    }

    async fn begin(&self, stage: &mut Stage<'_>, aim: &Aim) -> Result<()> {
        for node in &aim.nodes {
            stage.cluster.kill(*node, stage.system.role())?;
            stage.cluster.wipe(*node, stage.system.data())?;
        }
        Ok(())
    }

    async fn end(&self, stage: &mut Stage<'_>, aim: &Aim) -> Result<()> {
        for node in &aim.nodes {
            stage.system.restart(stage.cluster, *node, stage.setting).await?;
        }
        Ok(())
    }
}

/// Stops a whole machine, and gives it back with its disk as it was a second before, as if nothing that was written since had
/// reached it. That is honest only where the system does not ask for that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RollBack(pub(crate) Who);

/// How far back.
const BACK: Duration = Duration::from_secs(1);

#[async_trait]
impl Fault for RollBack {
    fn name(&self) -> String {
        format!("roll-back-{}", self.0.word())
    }

    fn lasts(&self) -> (u64, u64) {
        (50, 150)
    }

    async fn aim(&self, stage: &Stage<'_>, draw: u64) -> Result<Aim> {
        Ok(Aim::nodes([stage.pick(self.0, draw).await?]))
    }

    async fn begin(&self, stage: &mut Stage<'_>, aim: &Aim) -> Result<()> {
        for node in &aim.nodes {
            stage.cluster.copy(*node, stage.system.data(), "before")?;
        }
        sleep(BACK).await;
        for node in &aim.nodes {
            stage.cluster.kill_node(*node);
            stage.cluster.wipe(*node, stage.system.data())?;
            stage.cluster.copy(*node, "before", stage.system.data())?;
        }
        Ok(())
    }

    async fn end(&self, stage: &mut Stage<'_>, aim: &Aim) -> Result<()> {
        for node in &aim.nodes {
            for role in stage.cluster.roles(*node) {
                stage.cluster.restart(*node, &role)?;
            }
        }
        Ok(())
    }
}
