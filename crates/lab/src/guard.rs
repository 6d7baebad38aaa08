//! One lab at a time under a prefix, and nothing left of it afterwards, however it ends.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process;

use anyhow::{Context, Result, bail, ensure};

use crate::clean;
use crate::journal::{Entry, Journal};
use crate::say::complain;

/// Where locks and journals are.
const STATE: &str = "/run/seriatim-lab";
/// Where runs have their folders.
pub(crate) const RUNS: &str = "/var/tmp/seriatim-lab";
/// Where `ip netns exec` looks for what a namespace has of its own.
pub(crate) const ETC: &str = "/etc/netns";

/// The right to make namespaces, processes and folders under a prefix. What was made is gone when it is dropped.
#[derive(Debug)]
pub(crate) struct Guard {
    prefix: String,
    lock: File,
    journal: Journal,
}

impl Guard {
    /// Takes the lock, and cleans what an earlier crash left.
    pub(crate) fn enter(prefix: &str) -> Result<Self> {
        ensure!(nix::unistd::geteuid().is_root(), "network namespaces need root: run it as root, or by sudo");
        ensure!(
            (1..=8).contains(&prefix.len())
                && prefix.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()),
            "the prefix `{prefix}` is not one to eight small letters and digits"
        );
        fs::create_dir_all(STATE).with_context(|| format!("cannot make {STATE}"))?;
        let lock = lock(&lock_path(prefix))?;
        let journal_path = journal_path(prefix);
        let journal = Journal::open(&journal_path)?;
        let mut guard = Self { prefix: prefix.to_owned(), lock, journal };
        for line in guard.clean()? {
            complain(&format!("note: removed what an earlier run left: {line}"));
        }
        Ok(guard)
    }

    /// What all that is made here begins with.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Writes down a namespace that is about to be made.
    pub(crate) fn namespace(&mut self, name: &str) -> Result<()> {
        self.journal.note(&Entry::Namespace(name.to_owned()))
    }

    /// Makes a folder, and writes it down before.
    pub(crate) fn folder(&mut self, path: &Path) -> Result<()> {
        self.journal.note(&Entry::Folder(path.to_owned()))?;
        fs::create_dir_all(path).with_context(|| format!("cannot make {}", path.display()))
    }

    /// Removes all that was made under the prefix, and says what that was.
    pub(crate) fn clean(&mut self) -> Result<Vec<String>> {
        let gone = clean::clean(&self.prefix, &journal_path(&self.prefix))?;
        self.journal.forget()?;
        Ok(gone)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Err(error) = self.clean() {
            complain(&format!("error: {error:#}\nhelp: `seriatim-lab clean` tries again"));
            return;
        }
        // Still locked: whoever waits for the lock finds another file, or none.
        let _ = fs::remove_file(journal_path(&self.prefix));
        let _ = fs::remove_file(lock_path(&self.prefix));
        let _ = self.lock.unlock();
        // Of others there may be something in it.
        let _ = fs::remove_dir(STATE);
        let _ = fs::remove_dir(RUNS);
    }
}

fn lock_path(prefix: &str) -> PathBuf {
    Path::new(STATE).join(format!("{prefix}.lock"))
}

fn journal_path(prefix: &str) -> PathBuf {
    Path::new(STATE).join(format!("{prefix}.journal"))
}

/// Locks a file that is there by that name when it is locked; the number of the process stands in it.
fn lock(path: &Path) -> Result<File> {
    loop {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .with_context(|| format!("cannot open {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut who = String::new();
                file.read_to_string(&mut who)?;
                bail!(
                    "a run is under way (process {}): two would disturb each other; wait for its end, or give `--prefix` \
                     for namespaces of your own",
                    who.trim()
                );
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("cannot lock {}", path.display()));
            }
        }
        // Whoever had it before may have removed it meanwhile.
        let is_it =
            fs::metadata(path).is_ok_and(|there| file.metadata().is_ok_and(|held| held.ino() == there.ino()));
        if is_it {
            file.set_len(0)?;
            file.seek(SeekFrom::Start(0))?;
            writeln!(file, "{}", process::id())?;
            return Ok(file);
        }
    }
}
