//! Slow links: what a node and the others send each other arrives late, and what clients send does not.
//!
//! The kernel need not be able to delay anything. While the fault lasts, the node's end of the wire is not on the bridge but
//! on one of its own, and a task carries every frame from there to the bridge and back, holding it on the way. Connections
//! live on, whatever they carry.

mod line;
pub(crate) mod path;

use std::time::Duration;

use anyhow::Result;
use async_trait::async_trait;

use self::path::Path;
use super::{Aim, Fault, Stage, Who};

/// What devices are made with that a process carries frames for.
pub(crate) const DEVICE: &str = "/dev/net/tun";

/// How a path treats what it carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Manner {
    /// How long each frame is held, at least.
    pub(crate) delay: Duration,
    /// How much longer at most, drawn for each. None overtakes another.
    pub(crate) jitter: Duration,
}

/// Holds what one node and the others send each other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slow {
    /// Whose links.
    pub(crate) who: Who,
    /// How slow they are.
    pub(crate) manner: Manner,
}

/// Slow, but not so slow that an election is sure to be held: each way takes a twelfth to a sixth of a second.
pub(crate) const SLOW: Manner =
    Manner { delay: Duration::from_millis(80), jitter: Duration::from_millis(80) };

#[async_trait]
impl Fault for Slow {
    fn name(&self) -> String {
        format!("slow-{}", self.who.word())
    }

    fn lasts(&self) -> (u64, u64) {
        (4_000, 5_000)
    }

    async fn aim(&self, stage: &Stage<'_>, draw: u64) -> Result<Aim> {
        Ok(Aim::nodes([stage.pick(self.who, draw).await?]))
    }

    async fn begin(&self, stage: &mut Stage<'_>, aim: &Aim) -> Result<()> {
        for node in &aim.nodes {
            let path = Path::lay(*node, stage.cluster.network().nodes(), self.manner)?;
            stage.detours.push(path);
        }
        Ok(())
    }

    async fn end(&self, stage: &mut Stage<'_>, aim: &Aim) -> Result<()> {
        let paths: Vec<Path> =
            stage.detours.extract_if(.., |path| aim.nodes.contains(&path.node())).collect();
        paths.into_iter().try_for_each(Path::lift)
    }
}
