//! What `reduce` leaves of a file, as a user sees it.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// The most operations that a person reads.
pub(crate) const READ: usize = 15;

/// No reduction takes longer.
pub(crate) const LIMIT: Duration = Duration::from_secs(10);

/// What `reduce` left of a file.
pub(crate) struct Core {
    /// How many operations.
    pub(crate) size: usize,
    /// How long it took.
    pub(crate) seconds: f64,
    /// What is wrong with it.
    pub(crate) wrong: Vec<String>,
}

impl Core {
    /// Reduces a file with the options that say what it is, and checks what is left without any.
    pub(crate) fn of(folder: &Path, options: &[&str], path: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory for what is left");
        let out = directory.path().join("core.jsonl");
        let started = Instant::now();
        let output = Command::new(env!("CARGO_BIN_EXE_seriatim"))
            .current_dir(folder)
            .args(["reduce", path, "-o"])
            .arg(&out)
            .args(options)
            .output()
            .expect("the program starts");
        let elapsed = started.elapsed();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let kept = said.split("kept ").nth(1).and_then(|rest| rest.split(' ').next());
        let size = kept.and_then(|kept| kept.parse().ok()).unwrap_or(0);
        let mut wrong = Vec::new();
        if output.status.code() != Some(0)
            || size == 0
            || said.contains("warning")
            || !said.contains("; minimal")
        {
            wrong.push(format!("{path}: {said}"));
        }
        if elapsed > LIMIT {
            wrong.push(format!("{path}: took {elapsed:?}"));
        }
        let checked = Command::new(env!("CARGO_BIN_EXE_seriatim"))
            .args(["check", "-qq", "--timeout", "60s"])
            .arg(&out)
            .output()
            .expect("the program starts");
        if checked.status.code() != Some(1) {
            wrong.push(format!("{path}: what is left of it ends with {:?}", checked.status.code()));
        }
        Self { size, seconds: elapsed.as_secs_f64(), wrong }
    }

    /// Says what is wrong where it has more operations than a person reads, unless it is known to have more; or where it
    /// is known to, and has not.
    pub(crate) fn compare(&self, path: &str, long: &[(&str, &str)]) -> Option<String> {
        let is_long = long.iter().any(|&(known, _)| path.starts_with(known));
        ((self.size > READ) != is_long).then(|| format!("{path}: {} operations are left", self.size))
    }
}
