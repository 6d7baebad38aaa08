//! Asks the program `seriatim` about a recording, and panics with its report.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

use crate::recorder::Recorder;

/// Finishes a recording and panics with the report of `seriatim check` unless all of it is linearizable; see [`Checker`].
///
/// # Panics
/// As [`Checker::assert`].
#[track_caller]
pub fn assert_linearizable(recorder: &Recorder) {
    Checker::new().assert(recorder);
}

/// How a recording is checked: by the program `seriatim`, which the variable `SERIATIM` names or which is on the `PATH`.
///
/// ```no_run
/// use seriatim_record::{Checker, Recorder};
///
/// let recorder = Recorder::memory();
/// // … what the test does …
/// Checker::new().argument("--timeout").argument("10s").assert(&recorder);
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "nothing is checked before `assert`"]
pub struct Checker {
    program: Option<PathBuf>,
    arguments: Vec<OsString>,
}

impl Checker {
    /// The program as it is found, without arguments.
    pub fn new() -> Self {
        Self::default()
    }

    /// The program to start, instead of the one that would be found.
    pub fn program(mut self, path: impl Into<PathBuf>) -> Self {
        self.program = Some(path.into());
        self
    }

    /// One more argument for `seriatim check`, such as `--timeout`; its value is another one.
    pub fn argument(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Finishes a recording and checks it.
    ///
    /// # Panics
    /// With the report if the history is not linearizable, if that is not known, or if nothing in it was checked; and
    /// with what to do about it if the recording has an error or the program is missing.
    #[track_caller]
    pub fn assert(&self, recorder: &Recorder) {
        if let Err(error) = recorder.finish() {
            panic!("the history was not recorded as a whole: {error}");
        }
        match recorder.path() {
            Some(path) => self.assert_file(path),
            None => {
                let text = recorder.text().unwrap_or_default();
                self.judge(self.run(OsStr::new("-"), text.as_bytes()));
            }
        }
    }

    /// Checks a file that is recorded already.
    ///
    /// # Panics
    /// As [`Checker::assert`].
    #[track_caller]
    pub fn assert_file(&self, path: impl AsRef<Path>) {
        self.judge(self.run(path.as_ref().as_os_str(), b""));
    }

    fn name(&self) -> PathBuf {
        let named = || env::var_os("SERIATIM").filter(|name| !name.is_empty()).map(PathBuf::from);
        self.program.clone().or_else(named).unwrap_or_else(|| PathBuf::from("seriatim"))
    }

    fn run(&self, what: &OsStr, input: &[u8]) -> io::Result<Output> {
        let mut child = Command::new(self.name())
            .arg("check")
            .args(["--color", "never"])
            .args(&self.arguments)
            .arg("--")
            .arg(what)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let stdin = child.stdin.take();
        thread::scope(|scope| {
            // Aside, since the program may have something to say before it has read all. If it stops reading, what it
            // says tells why.
            scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(input)));
            child.wait_with_output()
        })
    }

    #[track_caller]
    fn judge(&self, output: io::Result<Output>) {
        let output = match output {
            Ok(output) => output,
            Err(error) => panic!(
                "the recording was not checked: cannot start `{}`: {error}\n\
                 help: install it with `cargo install --path .` in a checkout of seriatim, so that it is on the PATH, \
                 or set the variable SERIATIM to the path of the program",
                self.name().display()
            ),
        };
        let what = match output.status.code() {
            Some(0) => return,
            Some(1) => "the recorded history is not linearizable",
            Some(3) => "it is not known whether the recorded history is linearizable",
            Some(4) => "nothing in the recorded history was checked",
            _ => "the recorded history could not be checked",
        };
        panic!(
            "{what} ({})\n\n{}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
}
