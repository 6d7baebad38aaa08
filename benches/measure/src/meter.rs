//! A process measured from outside: how long it took and the most memory it had, as the kernel counts them.
//!
//! The kernel starts a process's count of memory with what its parent had when it was started. So this process, which
//! may be large, does not start what it measures: it starts itself anew as `meter`, which is small, and that starts it.

use std::ffi::OsString;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use clap::Args;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};
use wait4::Wait4;

use crate::error::Error;

/// How often the memory of a process is looked at.
const LOOK: Duration = Duration::from_millis(20);

#[derive(Debug, Args)]
pub(crate) struct MeterArgs {
    /// Kill the program after so many seconds
    #[arg(long)]
    seconds: f64,
    /// Kill the program when it has so many bytes
    #[arg(long)]
    bytes: u64,
    /// The program and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    program: Vec<OsString>,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum End {
    /// By itself, with this code.
    Code(i32),
    /// It was killed for it took too long.
    Time,
    /// It was killed for it took too much memory.
    Memory,
    /// It crashed.
    Crash,
}

/// What a process took.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Metered {
    pub(crate) end: End,
    pub(crate) seconds: f64,
    /// The most memory it had at once, in bytes.
    pub(crate) peak: u64,
    /// What it wrote.
    #[serde(skip)]
    pub(crate) output: String,
}

/// What a process may take before it is killed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowed {
    pub(crate) time: Duration,
    pub(crate) bytes: u64,
}

/// Runs a program.
///
/// # Errors
/// It cannot be started.
pub(crate) fn meter(program: &OsString, args: &[OsString], allowed: Allowed) -> Result<Metered, Error> {
    let output = Command::new(this()?)
        .arg("meter")
        .args(["--seconds", &allowed.time.as_secs_f64().to_string()])
        .args(["--bytes", &allowed.bytes.to_string()])
        .arg("--")
        .arg(program)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Error::new(format!("the meter cannot be started: {error}")))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let metered: Metered =
        serde_json::from_str(&said).map_err(|_| Error::new(format!("nothing was measured: {said}")))?;
    Ok(Metered { output: String::from_utf8_lossy(&output.stdout).into_owned(), ..metered })
}

/// The path of this program.
pub(crate) fn this() -> Result<OsString, Error> {
    let path = std::env::current_exe().map_err(|error| Error::new(format!("where am I? {error}")))?;
    Ok(path.into_os_string())
}

/// `meter`: runs the program, whose output is this one's, and tells the figures on the standard error.
pub(crate) fn run(args: &MeterArgs) -> Result<(), Error> {
    let time = Duration::try_from_secs_f64(args.seconds).map_err(|error| Error::new(error.to_string()))?;
    let started = Instant::now();
    let child = Command::new(&args.program[0])
        .args(&args.program[1..])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| Error::new(format!("`{}`: {error}", args.program[0].to_string_lossy())))?;
    let id = child.id();
    let why = AtomicU8::new(0);
    let (done, watched) = mpsc::channel::<()>();
    let used = std::thread::scope(|scope| {
        scope.spawn(|| {
            let watched = watched;
            while watched.recv_timeout(LOOK) == Err(mpsc::RecvTimeoutError::Timeout) {
                let too_long = started.elapsed() > time;
                if too_long || resident(id).is_some_and(|bytes| bytes > args.bytes) {
                    why.store(if too_long { 1 } else { 2 }, Ordering::Relaxed);
                    // If it has just ended there is nothing left to kill.
                    let _ = kill(Pid::from_raw(id.cast_signed()), Signal::SIGKILL);
                    break;
                }
            }
        });
        let used = child.wait4();
        drop(done);
        used
    });
    let seconds = started.elapsed().as_secs_f64();
    let used = used.map_err(|error| Error::new(format!("the program was lost: {error}")))?;
    let end = match (used.status.code(), why.load(Ordering::Relaxed)) {
        (Some(code), _) => End::Code(code),
        (None, 1) => End::Time,
        (None, 2) => End::Memory,
        (None, _) => End::Crash,
    };
    let metered = Metered { end, seconds, peak: used.rusage.maxrss, output: String::new() };
    eprintln!("{}", serde_json::to_string(&metered).expect("plain data can be written"));
    Ok(())
}

/// The memory that a process has now, in bytes; `None` where nobody tells.
fn resident(id: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}
