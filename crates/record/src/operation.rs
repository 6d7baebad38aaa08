//! An operation that has begun.

use std::fmt::Display;
use std::thread;

use serde_json::Value;

use crate::line::Line;
use crate::recorder::Recorder;

/// An operation that has begun, until its outcome is told.
///
/// If it is dropped before, because a future was cancelled, an error was handed on or a test panicked, its outcome is
/// recorded as unknown: that is true whatever happened.
#[derive(Debug)]
#[must_use = "an operation that is dropped at once has no outcome"]
pub struct Operation {
    recorder: Recorder,
    client: u32,
    process: u64,
    function: String,
    key: Option<Value>,
    node: Option<Value>,
    is_over: bool,
}

impl Operation {
    pub(crate) fn new(
        recorder: Recorder,
        client: u32,
        process: u64,
        function: String,
        key: Option<Value>,
    ) -> Self {
        Self { recorder, client, process, function, key, node: None, is_over: false }
    }

    /// The number that it is recorded under.
    pub fn process(&self) -> u64 {
        self.process
    }

    /// The node that answered, where it is only known now. It counts if none was named before.
    pub fn node(mut self, node: impl Into<Value>) -> Self {
        self.node = Some(node.into());
        self
    }

    /// It happened, and this is the answer: what was read, or whether a compare-and-set did anything.
    pub fn ok(mut self, answer: impl Into<Value>) {
        self.end("ok", &[("value", answer.into())], false);
    }

    /// It happened, and there is no answer, as of a write.
    pub fn done(mut self) {
        self.end("ok", &[], false);
    }

    /// It happened, and this is an answer apart from the value, such as the place of what was appended to a log.
    pub fn ok_result(mut self, result: impl Into<Value>) {
        self.end("ok", &[("result", result.into())], false);
    }

    /// It certainly did not happen and never will. A timeout is not that: see [`Operation::info`].
    pub fn fail(mut self, error: impl Display) {
        self.end("fail", &[("error", Value::from(error.to_string()))], false);
    }

    /// Nobody knows whether it happened or will.
    pub fn info(mut self, error: impl Display) {
        self.end("info", &[("error", Value::from(error.to_string()))], false);
    }

    fn end(&mut self, kind: &str, fields: &[(&str, Value)], is_dropped: bool) {
        // Before anything that could panic, so that nothing is recorded twice.
        self.is_over = true;
        let line = Line::new()
            .field("process", &Value::from(self.process))
            .text("type", kind)
            .text("f", &self.function)
            .maybe("key", self.key.as_ref())
            .maybe("node", self.node.as_ref());
        let line = fields.iter().fold(line, |line, (name, value)| line.field(name, value));
        let mut state = self.recorder.state();
        state.write(line, is_dropped);
        if kind != "info" {
            state.release(self.client, self.process);
        }
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        if !self.is_over {
            let why = if thread::panicking() { "panicked" } else { "dropped" };
            self.end("info", &[("error", Value::from(why))], true);
        }
    }
}
