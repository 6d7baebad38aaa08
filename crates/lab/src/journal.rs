//! What has to be cleaned up, written down before it is made: so whoever comes after a crash knows all of it.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Something that must go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// A network namespace, with all processes in it.
    Namespace(String),
    /// A folder, with all that is in it.
    Folder(PathBuf),
}

/// The file with what has to be cleaned up.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
}

impl Journal {
    /// Opens the journal, or begins one.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path);
        let file = file.with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self { path: path.to_owned(), file })
    }

    /// Writes down what is about to be made.
    pub(crate) fn note(&mut self, entry: &Entry) -> Result<()> {
        self.file
            .write_all(line(entry).as_bytes())
            .with_context(|| format!("cannot write {}", self.path.display()))
    }

    /// Forgets everything, once it is gone.
    pub(crate) fn forget(&mut self) -> Result<()> {
        self.file.set_len(0).with_context(|| format!("cannot write {}", self.path.display()))
    }
}

/// What a journal says; nothing where there is none.
pub(crate) fn read(path: &Path) -> Result<Vec<Entry>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(parse(&text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

fn line(entry: &Entry) -> String {
    match entry {
        Entry::Namespace(name) => format!("namespace {name}\n"),
        Entry::Folder(path) => format!("folder {}\n", path.display()),
    }
}

/// A last line without an end was being written when the program died: what it would have named was not made yet.
fn parse(text: &str) -> Vec<Entry> {
    text.split_inclusive('\n')
        .filter_map(|line| line.strip_suffix('\n')?.split_once(' '))
        .filter_map(|(kind, what)| match kind {
            "namespace" => Some(Entry::Namespace(what.to_owned())),
            "folder" => Some(Entry::Folder(PathBuf::from(what))),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests;
