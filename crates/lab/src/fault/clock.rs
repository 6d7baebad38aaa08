//! Clocks of those who record.

use anyhow::Result;
use async_trait::async_trait;

use super::{Aim, Fault, Stage};

/// The clock by which half of the clients record is ahead of the other one for a while, as if they were on another machine whose
/// clock was set. The system knows nothing of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StepClock;

/// By how many milliseconds: far more than anything takes that a client asks.
const AHEAD: u64 = 400;

#[async_trait]
impl Fault for StepClock {
    fn name(&self) -> String {
        "step-clock".to_owned()
    }

    fn needs_two_clocks(&self) -> bool {
        true
    }

    async fn aim(&self, stage: &Stage<'_>, _draw: u64) -> Result<Aim> {
        let clients = (0..stage.gates.len()).filter(|client| client % 2 == 1).collect();
        Ok(Aim { nodes: Vec::new(), clients })
    }

    async fn begin(&self, stage: &mut Stage<'_>, _aim: &Aim) -> Result<()> {
        stage.recording.set_ahead(AHEAD);
        Ok(())
    }

    async fn end(&self, stage: &mut Stage<'_>, _aim: &Aim) -> Result<()> {
        stage.recording.set_ahead(0);
        Ok(())
    }
}
