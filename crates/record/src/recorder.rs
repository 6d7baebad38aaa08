//! A recording and its handles.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::Clock;
use crate::fault::Fault;
use crate::file;
use crate::options::Options;
use crate::process::{CLIENTS, Process};
use crate::state::{Sink, State};

/// Records the operations of clients and the faults of a run. Clones record into the same history.
#[derive(Clone, Debug)]
pub struct Recorder {
    state: Arc<Mutex<State>>,
    path: Option<Arc<PathBuf>>,
}

impl Recorder {
    /// Head and clock to be chosen.
    pub fn options() -> Options {
        Options::new()
    }

    /// Begins a file anew; what was there before is gone.
    pub fn create(path: impl AsRef<Path>) -> io::Result<Self> {
        Options::new().create(path)
    }

    /// Goes on with a file, or begins it where there is none; see [`Options::append`].
    pub fn append(path: impl AsRef<Path>) -> io::Result<Self> {
        Options::new().append(path)
    }

    /// Records in memory.
    pub fn memory() -> Self {
        Options::new().memory()
    }

    pub(crate) fn in_file(path: &Path, anew: bool, head: &str, clock: Clock) -> io::Result<Self> {
        let file = file::open(path, anew, head)?;
        let state = Arc::new(Mutex::new(State::new(Sink::File(file), clock)));
        Ok(Self { state, path: Some(Arc::new(path.to_owned())) })
    }

    pub(crate) fn in_memory(head: &str, clock: Clock) -> Self {
        let state = Arc::new(Mutex::new(State::new(Sink::Memory(head.to_owned()), clock)));
        Self { state, path: None }
    }

    /// A client, by a number that nobody else has, in this process or in another that appends to the same file.
    ///
    /// Its operations are recorded under that number as the process, until one of them has no outcome: whoever that was
    /// counts as crashed, and the client goes on under its number and [`CLIENTS`], and so on. The same holds while it has
    /// several operations open at once.
    ///
    /// # Panics
    /// If the number is not less than [`CLIENTS`].
    #[track_caller]
    pub fn process(&self, client: u32) -> Process {
        assert!(client < CLIENTS, "clients are numbered below {CLIENTS}, and this is {client}");
        Process::new(self.clone(), client)
    }

    /// Something that is about to be done to the system, such as `partition` or `kill`.
    pub fn fault(&self, name: impl Into<String>) -> Fault {
        Fault::new(self.clone(), name.into())
    }

    /// Ends the recording: nothing is written after this, and operations that are still open have no outcome.
    ///
    /// # Errors
    /// The first error that there was in writing. What the file has then is the history up to there.
    pub fn finish(&self) -> io::Result<()> {
        self.state().close()
    }

    /// What was recorded so far.
    ///
    /// # Errors
    /// If it is a file that cannot be read.
    pub fn text(&self) -> io::Result<String> {
        match self.path() {
            Some(path) => fs::read_to_string(path),
            None => Ok(self.state().text().unwrap_or_default().to_owned()),
        }
    }

    /// The file that is written to; none in memory.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_ref().map(|path| path.as_path())
    }

    /// The state, also after somebody panicked who held it: every line is written at once, so it is whole.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
