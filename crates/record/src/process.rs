//! Who does something, and what is asked.

use serde_json::Value;

use crate::line::Line;
use crate::operation::Operation;
use crate::recorder::Recorder;

/// Clients are numbered below this; it is also what separates the process numbers of one client.
pub const CLIENTS: u32 = 1_000_000;

/// A client, which does one thing at a time.
#[derive(Clone, Debug)]
pub struct Process {
    recorder: Recorder,
    client: u32,
    node: Option<Value>,
}

impl Process {
    pub(crate) fn new(recorder: Recorder, client: u32) -> Self {
        Self { recorder, client, node: None }
    }

    /// The node that it talks to, for reports.
    #[must_use]
    pub fn node(mut self, node: impl Into<Value>) -> Self {
        self.node = Some(node.into());
        self
    }

    /// An operation that is about to begin, by the name of its function.
    pub fn invoke(&self, function: impl Into<String>) -> Invocation {
        Invocation {
            recorder: self.recorder.clone(),
            client: self.client,
            node: self.node.clone(),
            function: function.into(),
            key: None,
            value: None,
            attempt: None,
        }
    }
}

/// An operation that is about to begin.
#[derive(Debug)]
#[must_use = "nothing is recorded before `start`"]
pub struct Invocation {
    recorder: Recorder,
    client: u32,
    node: Option<Value>,
    function: String,
    key: Option<Value>,
    value: Option<Value>,
    attempt: Option<Value>,
}

impl Invocation {
    /// The object it goes to, where there are several.
    pub fn key(mut self, key: impl Into<Value>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Its argument.
    pub fn value(mut self, value: impl Into<Value>) -> Self {
        self.value = Some(value.into());
        self
    }

    /// The node that is asked, for reports.
    pub fn node(mut self, node: impl Into<Value>) -> Self {
        self.node = Some(node.into());
        self
    }

    /// Which try of one request it is, from 1: for clients that give up waiting and ask again. Each try is an operation.
    pub fn attempt(mut self, number: u32) -> Self {
        self.attempt = Some(number.into());
        self
    }

    /// Records that it begins. Call this before the request is sent.
    pub fn start(self) -> Operation {
        let mut state = self.recorder.state();
        let process = state.occupy(self.client);
        let line = Line::new()
            .field("process", &Value::from(process))
            .text("type", "invoke")
            .text("f", &self.function)
            .maybe("key", self.key.as_ref())
            .maybe("value", self.value.as_ref())
            .maybe("node", self.node.as_ref())
            .maybe("attempt", self.attempt.as_ref());
        state.write(line, false);
        drop(state);
        Operation::new(self.recorder, self.client, process, self.function, self.key)
    }
}
