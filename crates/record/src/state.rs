//! What all handles of a recorder share, behind one lock.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::Value;

use crate::clock::Clock;
use crate::line::Line;
use crate::process::CLIENTS;

/// Where lines go.
#[derive(Debug)]
pub(crate) enum Sink {
    /// To the end of a file.
    File(File),
    /// To a text in memory.
    Memory(String),
}

/// The process numbers of one client.
#[derive(Debug, Default)]
struct Client {
    /// Those without an open operation.
    idle: Vec<u64>,
    /// How many it has had.
    lives: u64,
}

/// What all handles of a recorder share.
#[derive(Debug)]
pub(crate) struct State {
    sink: Sink,
    clock: Clock,
    latest: u64,
    clients: BTreeMap<u32, Client>,
    is_closed: bool,
    error: Option<io::Error>,
}

impl State {
    pub(crate) fn new(sink: Sink, clock: Clock) -> Self {
        Self { sink, clock, latest: 0, clients: BTreeMap::new(), is_closed: false, error: None }
    }

    /// A process number of a client that has nothing open, for an operation that begins.
    pub(crate) fn occupy(&mut self, client: u32) -> u64 {
        let known = self.clients.entry(client).or_default();
        known.idle.pop().unwrap_or_else(|| {
            let number = u64::from(client) + known.lives * u64::from(CLIENTS);
            known.lives += 1;
            number
        })
    }

    /// Gives a number back whose operation has an outcome. One without is never used again.
    pub(crate) fn release(&mut self, client: u32, process: u64) {
        self.clients.entry(client).or_default().idle.push(process);
    }

    /// Writes a line with the time that it is now. Where `is_dropped`, a clock that panics only stands still.
    ///
    /// After the first error nothing is written any more, since what is there is a history as far as it goes; with a
    /// gap it would be none.
    pub(crate) fn write(&mut self, line: Line, is_dropped: bool) {
        if self.is_closed || self.error.is_some() {
            return;
        }
        let now = if is_dropped {
            catch_unwind(AssertUnwindSafe(|| self.clock.now())).unwrap_or(self.latest)
        } else {
            self.clock.now()
        };
        self.latest = self.latest.max(now);
        let line = line.field("time", &Value::from(self.latest)).end();
        match &mut self.sink {
            Sink::File(file) => self.error = file.write_all(line.as_bytes()).err(),
            Sink::Memory(text) => text.push_str(&line),
        }
    }

    /// Ends the recording, and gives the error that it ended with before.
    pub(crate) fn close(&mut self) -> io::Result<()> {
        self.is_closed = true;
        match &self.error {
            // An error cannot be copied; its kind and its words can.
            Some(error) => Err(io::Error::new(error.kind(), format!("the recording stops early: {error}"))),
            None => Ok(()),
        }
    }

    /// What was recorded in memory.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.sink {
            Sink::File(_) => None,
            Sink::Memory(text) => Some(text),
        }
    }
}
