//! Removes what a run made: processes, then namespaces, then folders.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use nix::sys::signal::{Signal, kill};

use crate::guard::{ETC, RUNS};
use crate::journal::{self, Entry};
use crate::namespace;
use crate::shell;

/// How long processes are waited for that were killed.
const DYING: Duration = Duration::from_secs(10);

/// Removes all that the journal names, and says what was there. What is not under the prefix is left alone, whatever the
/// journal says.
pub(crate) fn clean(prefix: &str, journal: &Path) -> Result<Vec<String>> {
    let entries = journal::read(journal)?;
    let namespaces: Vec<&str> = entries
        .iter()
        .filter_map(|entry| match entry {
            Entry::Namespace(name) if is_ours(prefix, name) => Some(name.as_str()),
            _ => None,
        })
        .collect();
    let mut gone = Vec::new();
    let killed = end_processes(&namespaces)?;
    if killed > 0 {
        gone.push(format!("{killed} processes"));
    }
    for name in namespaces {
        if namespace::exists(name) {
            shell::run(&["ip", "netns", "del", name])?;
            gone.push(format!("the namespace {name}"));
        }
    }
    for entry in &entries {
        if let Entry::Folder(path) = entry
            && is_our_folder(prefix, path)
            && path.exists()
        {
            fs::remove_dir_all(path).with_context(|| format!("cannot remove {}", path.display()))?;
            gone.push(format!("the folder {}", path.display()));
        }
    }
    // Of others there may be something in it.
    let _ = fs::remove_dir(ETC);
    Ok(gone)
}

fn is_ours(prefix: &str, name: &str) -> bool {
    name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('-'))
}

fn is_our_folder(prefix: &str, path: &Path) -> bool {
    [RUNS, ETC].iter().any(|root| {
        path.strip_prefix(root).is_ok_and(|rest| {
            rest.components().count() == 1 && rest.to_str().is_some_and(|name| is_ours(prefix, name))
        })
    })
}

/// Kills all processes in some namespaces, also those that left their group, and waits until they are gone. How many
/// there were.
fn end_processes(namespaces: &[&str]) -> Result<usize> {
    let began = Instant::now();
    let mut killed = 0;
    loop {
        let mut left = 0;
        for name in namespaces {
            for process in namespace::processes(name) {
                // It may be gone already.
                let _ = kill(process, Signal::SIGKILL);
                left += 1;
            }
        }
        killed = killed.max(left);
        if left == 0 {
            return Ok(killed);
        }
        ensure!(began.elapsed() < DYING, "{left} processes in {} do not end", namespaces.join(", "));
        thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(test)]
mod tests;
