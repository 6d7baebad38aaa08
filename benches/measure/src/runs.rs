//! Runs of the program and of single tools, as processes.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::Error;
use crate::meter::{self, Allowed, End, Metered, meter};
use crate::place;
use crate::tool::{Answer, Decided, Tool};

/// A process with more memory than this is killed.
pub(crate) const MOST_MEMORY: u64 = 8_000_000_000;

/// The program, from outside.
#[derive(Clone, Debug)]
pub(crate) struct Program(OsString);

/// What it said, and what it took.
#[derive(Clone, Debug)]
pub(crate) struct Checked {
    pub(crate) answer: Answer,
    pub(crate) metered: Metered,
}

impl Program {
    pub(crate) fn build() -> Result<Self, Error> {
        place::program().map(Self)
    }

    /// Checks a file; the program gives up after `limit`.
    ///
    /// # Errors
    /// It says anything but valid, invalid or unknown.
    pub(crate) fn check(&self, file: &Path, options: &[&str], limit: Duration) -> Result<Checked, Error> {
        let timeout = format!("{}ms", limit.as_millis());
        let mut args: Vec<OsString> = ["check", "-qq", "--timeout", &timeout].map(OsString::from).into();
        args.extend(options.iter().map(OsString::from));
        args.push(file.into());
        let allowed = Allowed { time: limit.mul_f64(1.5) + Duration::from_secs(5), bytes: MOST_MEMORY };
        let metered = meter(&self.0, &args, allowed)?;
        let answer = match metered.end {
            End::Code(0) => Answer::Valid,
            End::Code(1) => Answer::Invalid,
            End::Code(3) | End::Time | End::Memory => Answer::Unknown,
            End::Code(code) => {
                return Err(Error::new(format!("the program ended with {code}: check {}", show(&args))));
            }
            End::Crash => return Err(Error::new(format!("the program crashed: check {}", show(&args)))),
        };
        Ok(Checked { answer, metered })
    }

    /// The same, and again while it takes longer than `wanted`: the best of at most three, since others may be at work
    /// on this machine.
    pub(crate) fn check_best(
        &self,
        file: &Path,
        options: &[&str],
        limit: Duration,
        wanted: f64,
    ) -> Result<Checked, Error> {
        let mut best = self.check(file, options, limit)?;
        for _ in 0..2 {
            if best.answer == Answer::Unknown || best.metered.seconds <= wanted {
                break;
            }
            let next = self.check(file, options, limit)?;
            if next.metered.seconds < best.metered.seconds {
                best = next;
            }
        }
        Ok(best)
    }
}

fn show(args: &[OsString]) -> String {
    args.iter().skip(1).map(|arg| arg.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// How a tool is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask {
    pub(crate) tool: Tool,
    pub(crate) limit: Duration,
    pub(crate) passes: usize,
    /// Ours, with the search and no other strategy.
    pub(crate) search: bool,
}

impl Ask {
    pub(crate) fn of(tool: Tool, limit: Duration) -> Self {
        Self { tool, limit, passes: 1, search: false }
    }
}

/// What a tool made of some files: of all, or of those before the one that it did not come to an end with.
pub(crate) fn ask(ask: Ask, files: &[PathBuf]) -> Result<(Vec<Decided>, Metered), Error> {
    let words = ["decide", "--tool", ask.tool.package()].map(OsString::from);
    let mut args: Vec<OsString> = words.into();
    args.extend(["--limit".into(), ask.limit.as_secs_f64().to_string().into()]);
    args.extend(["--passes".into(), ask.passes.to_string().into()]);
    args.extend(ask.search.then(|| "--search".into()));
    args.extend(files.iter().map(Into::into));
    let each = ask.limit.mul_f64(ask.passes as f64) + Duration::from_secs(20);
    let allowed = Allowed { time: each * u32::try_from(files.len()).unwrap_or(u32::MAX), bytes: MOST_MEMORY };
    let metered = meter(&meter::this()?, &args, allowed)?;
    let decided = metered.output.lines().map(serde_json::from_str).collect::<Result<Vec<_>, _>>();
    let decided = decided.map_err(|error| Error::new(format!("a tool said something else: {error}")))?;
    if let End::Code(code @ 1..) = metered.end {
        return Err(Error::new(format!("{} ended with {code}: {}", ask.tool.package(), show(&args))));
    }
    Ok((decided, metered))
}
