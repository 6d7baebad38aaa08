//! What a recording begins with: its head, and the clock that it goes by.

use std::io;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::clock::Clock;
use crate::line::Line;
use crate::recorder::Recorder;

/// The head of a recording and its clock, to be chosen before it begins.
///
/// ```
/// use seriatim_record::Recorder;
///
/// let recorder = Recorder::options().model("cas-register").init(0).head("nil_read", "wildcard").memory();
/// let head = r#"{"seriatim":1,"model":"cas-register","init":0,"nil_read":"wildcard"}"#;
/// assert_eq!(recorder.text()?.lines().next(), Some(head));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "nothing is recorded before `create`, `append` or `memory`"]
pub struct Options {
    head: Vec<(String, Value)>,
    clock: Option<Clock>,
}

impl Options {
    /// No model, and the clock of the machine.
    pub fn new() -> Self {
        Self::default()
    }

    /// The model to check against, such as `register` or `kv`. Without one the functions of the history decide.
    pub fn model(self, name: &str) -> Self {
        self.head("model", name)
    }

    /// What the object starts with.
    pub fn init(self, value: impl Into<Value>) -> Self {
        self.head("init", value)
    }

    /// Any other field of the head, such as `nil_read`. What it cannot be is told by `seriatim check`.
    pub fn head(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.head.retain(|(known, _)| known != field);
        self.head.push((field.to_owned(), value.into()));
        self
    }

    /// The clock to go by, as in a simulation: how long ago some fixed moment was.
    ///
    /// It is asked once for each event, in the order of the events. Where it goes back, the time before counts.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicU64, Ordering};
    /// use std::time::Duration;
    ///
    /// use seriatim_record::Recorder;
    ///
    /// let simulated = Arc::new(AtomicU64::new(5));
    /// let clock = Arc::clone(&simulated);
    /// let recorder = Recorder::options()
    ///     .clock(move || Duration::from_millis(clock.load(Ordering::Relaxed)))
    ///     .memory();
    /// recorder.process(0).invoke("write").value(17).start().done();
    /// assert!(recorder.text()?.contains(r#""time":5000000"#));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn clock(mut self, now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        self.clock = Some(Clock::given(now));
        self
    }

    /// Begins a file anew; what was there before is gone.
    pub fn create(self, path: impl AsRef<Path>) -> io::Result<Recorder> {
        Recorder::in_file(path.as_ref(), true, &self.first_line(), self.clock_to_use())
    }

    /// Goes on with a file, or begins it where there is none. Several processes may do so at once, each with clients of
    /// its own: the head is that of whoever came first.
    pub fn append(self, path: impl AsRef<Path>) -> io::Result<Recorder> {
        Recorder::in_file(path.as_ref(), false, &self.first_line(), self.clock_to_use())
    }

    /// Records in memory.
    pub fn memory(self) -> Recorder {
        Recorder::in_memory(&self.first_line(), self.clock_to_use())
    }

    fn clock_to_use(&self) -> Clock {
        self.clock.clone().unwrap_or_else(Clock::machine)
    }

    fn first_line(&self) -> String {
        let line = Line::new().field("seriatim", &Value::from(1));
        self.head.iter().fold(line, |line, (field, value)| line.field(field, value)).end()
    }
}
