//! What only one system can do to itself, such as promoting a standby.

use anyhow::Result;
use async_trait::async_trait;

use super::{Aim, Fault, Stage};

/// An action of the system's own, by its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Act {
    /// As the system calls it.
    pub(crate) name: &'static str,
    /// How many milliseconds it lasts, at least and at most.
    pub(crate) lasts: (u64, u64),
}

#[async_trait]
impl Fault for Act {
    fn name(&self) -> String {
        self.name.to_owned()
    }

    fn lasts(&self) -> (u64, u64) {
        self.lasts
    }

    async fn aim(&self, stage: &Stage<'_>, draw: u64) -> Result<Aim> {
        Ok(Aim::nodes(stage.system.aim(&stage.cluster.view(), self.name, draw).await?))
    }

    async fn begin(&self, stage: &mut Stage<'_>, aim: &Aim) -> Result<()> {
        stage.system.act(stage.cluster, self.name, &aim.nodes, stage.setting).await
    }

    async fn end(&self, stage: &mut Stage<'_>, aim: &Aim) -> Result<()> {
        stage.system.end(stage.cluster, self.name, &aim.nodes, stage.setting).await
    }
}
