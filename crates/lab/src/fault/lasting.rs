//! A fault that lasts as long as a system needs to take note of it, or comes when there is something to compare it with.

use anyhow::Result;
use async_trait::async_trait;

use super::{Aim, Fault, Stage};

/// The same fault for another time.
#[derive(Clone, Copy)]
pub(crate) struct Lasting {
    /// What is done.
    pub(crate) fault: &'static dyn Fault,
    /// How many milliseconds it lasts, at least and at most.
    pub(crate) lasts: (u64, u64),
    /// How many milliseconds pass before it, if that is not as usual.
    pub(crate) comes_after: Option<(u64, u64)>,
}

impl Lasting {
    /// At its usual time.
    pub(crate) const fn new(fault: &'static dyn Fault, lasts: (u64, u64)) -> Self {
        Self { fault, lasts, comes_after: None }
    }
}

#[async_trait]
impl Fault for Lasting {
    fn name(&self) -> String {
        self.fault.name()
    }

    fn lasts(&self) -> (u64, u64) {
        self.lasts
    }

    fn comes_after(&self) -> Option<(u64, u64)> {
        self.comes_after
    }

    async fn aim(&self, stage: &Stage<'_>, draw: u64) -> Result<Aim> {
        self.fault.aim(stage, draw).await
    }

    async fn begin(&self, stage: &mut Stage<'_>, aim: &Aim) -> Result<()> {
        self.fault.begin(stage, aim).await
    }

    async fn end(&self, stage: &mut Stage<'_>, aim: &Aim) -> Result<()> {
        self.fault.end(stage, aim).await
    }
}
