//! A node that is slow and not dead: its process is stopped and let go on, many times a second.

use std::time::Duration;

use anyhow::Result;
use async_trait::async_trait;
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use tokio::time::sleep;

use super::{Aim, Fault, Stage, Who};
use crate::descent::descendants;

/// Lets the process that keeps the data run only a small part of the time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limp {
    /// Whose process.
    pub(crate) who: Who,
    /// How long it stands still each time, in milliseconds.
    pub(crate) stands: u64,
    /// How long it runs each time, in milliseconds.
    pub(crate) runs: u64,
}

/// A leader that runs for a fifth of the time, and never stands still long enough to be taken for dead.
pub(crate) const LIMP: Limp = Limp { who: Who::Leader, stands: 160, runs: 40 };

#[async_trait]
impl Fault for Limp {
    fn name(&self) -> String {
        format!("limp-{}", self.who.word())
    }

    fn lasts(&self) -> (u64, u64) {
        (4_000, 5_000)
    }

    async fn aim(&self, stage: &Stage<'_>, draw: u64) -> Result<Aim> {
        Ok(Aim::nodes([stage.pick(self.who, draw).await?]))
    }

    async fn begin(&self, stage: &mut Stage<'_>, aim: &Aim) -> Result<()> {
        for node in &aim.nodes {
            let group = stage.cluster.group(*node, stage.system.role())?;
            let limp = limp(group, Duration::from_millis(self.stands), Duration::from_millis(self.runs));
            stage.limping.push(tokio::spawn(limp));
        }
        Ok(())
    }

    async fn end(&self, stage: &mut Stage<'_>, aim: &Aim) -> Result<()> {
        stage.limping.drain(..).for_each(|task| task.abort());
        aim.nodes.iter().try_for_each(|node| stage.cluster.resume(*node, stage.system.role()))
    }
}

/// Stops a group of processes, and all that descend from it, and lets them go on, until the group is gone or the task is aborted.
async fn limp(group: Pid, stands: Duration, runs: Duration) {
    // Those that are there when it begins: to look for others many times a second would slow down more than one node.
    let others = descendants(group);
    let send = |signal| {
        for process in &others {
            // It may have ended meanwhile.
            let _ = kill(*process, signal);
        }
        killpg(group, signal).is_ok()
    };
    while send(Signal::SIGSTOP) {
        sleep(stands).await;
        if !send(Signal::SIGCONT) {
            return;
        }
        sleep(runs).await;
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    use super::*;

    #[tokio::test]
    async fn a_process_that_is_gone_ends_it() {
        let mut child =
            Command::new("sleep").arg("60").process_group(0).spawn().expect("sleep is everywhere");
        let group = Pid::from_raw(child.id().cast_signed());
        let task = tokio::spawn(limp(group, Duration::from_millis(2), Duration::from_millis(2)));
        sleep(Duration::from_millis(30)).await;
        assert!(!task.is_finished());
        child.kill().expect("it runs");
        child.wait().expect("it was killed");
        tokio::time::timeout(Duration::from_secs(5), task)
            .await
            .expect("it ends")
            .expect("it does not panic");
    }
}
