//! Network namespaces by their names, as `ip netns` keeps them.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process;

use anyhow::{Context, Result};
use nix::sched::{CloneFlags, setns};
use nix::unistd::Pid;

use crate::say::complain;

fn path(name: &str) -> PathBuf {
    Path::new("/run/netns").join(name)
}

/// Whether there is one of that name.
pub(crate) fn exists(name: &str) -> bool {
    path(name).exists()
}

/// The processes in a namespace, without this one. Daemons that left their group and their session are among them.
pub(crate) fn processes(name: &str) -> Vec<Pid> {
    let Ok(about) = fs::metadata(path(name)) else { return Vec::new() };
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|&number: &i32| u32::try_from(number).is_ok_and(|number| number != process::id()))
        // Of a zombie, and of one that is gone meanwhile, nothing is to be seen.
        .filter(|number| {
            fs::metadata(format!("/proc/{number}/ns/net"))
                .is_ok_and(|held| held.ino() == about.ino() && held.dev() == about.dev())
        })
        .map(Pid::from_raw)
        .collect()
}

/// The network that this process came from; it is there again when this is dropped.
#[derive(Debug)]
pub(crate) struct Home(File);

impl Home {
    /// Moves this thread, and all that it begins from now on, into a namespace.
    pub(crate) fn leave_for(name: &str) -> Result<Self> {
        let home =
            File::open("/proc/thread-self/ns/net").context("cannot open the network of this process")?;
        let file = File::open(path(name)).with_context(|| format!("there is no namespace {name}"))?;
        setns(file, CloneFlags::CLONE_NEWNET)
            .with_context(|| format!("cannot enter the namespace {name}"))?;
        Ok(Self(home))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Err(error) = setns(&self.0, CloneFlags::CLONE_NEWNET) {
            complain(&format!("error: cannot go back to the network that this process came from: {error}"));
        }
    }
}
