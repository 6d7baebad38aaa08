//! What is done to the system, as it begins and as it ends.

use serde_json::Value;

use crate::line::Line;
use crate::recorder::Recorder;

/// Something that is about to be done to the system.
#[derive(Debug)]
#[must_use = "nothing is recorded before `start`"]
pub struct Fault {
    recorder: Recorder,
    name: String,
    nodes: Option<Value>,
}

impl Fault {
    pub(crate) fn new(recorder: Recorder, name: String) -> Self {
        Self { recorder, name, nodes: None }
    }

    /// The nodes it is done to.
    pub fn nodes<N: Into<Value>>(mut self, nodes: impl IntoIterator<Item = N>) -> Self {
        self.nodes = Some(nodes.into_iter().map(Into::into).collect());
        self
    }

    /// Records that it begins, as `start-` and its name.
    pub fn start(self) -> FaultGuard {
        record(&self, "start", false);
        FaultGuard { fault: self, is_over: false }
    }
}

/// Something that is being done to the system, until it is stopped or dropped.
#[derive(Debug)]
#[must_use = "a fault that is dropped at once is over"]
pub struct FaultGuard {
    fault: Fault,
    is_over: bool,
}

impl FaultGuard {
    /// Records that it ends, as `stop-` and its name.
    pub fn stop(mut self) {
        self.is_over = true;
        record(&self.fault, "stop", false);
    }
}

impl Drop for FaultGuard {
    fn drop(&mut self) {
        if !self.is_over {
            record(&self.fault, "stop", true);
        }
    }
}

fn record(fault: &Fault, word: &str, is_dropped: bool) {
    let line = Line::new()
        .text("process", "nemesis")
        .text("type", "info")
        .text("f", &format!("{word}-{}", fault.name))
        .maybe("value", fault.nodes.as_ref());
    fault.recorder.state().write(line, is_dropped);
}
