//! The walk over `histories/<model>/{valid,invalid,malformed}/…`: the path is the expectation, adding a file adds a test.

#![allow(clippy::disallowed_methods, reason = "the files of histories/ are what it is about")]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What must be found in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Expectation {
    /// There is a linearization.
    Valid,
    /// There is none.
    Invalid,
    /// It is no history.
    Malformed,
}

impl Expectation {
    /// Every expectation.
    pub const ALL: [Self; 3] = [Self::Valid, Self::Invalid, Self::Malformed];

    /// The name of the folder.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Invalid => "invalid",
            Self::Malformed => "malformed",
        }
    }
}

/// A file of `histories/`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Case {
    /// Where it is.
    pub path: PathBuf,
    /// The folder that names its model.
    pub model: String,
    /// What must be found in it.
    pub expectation: Expectation,
}

/// Every history below `root`, sorted by path. Beside a malformed file its snapshot may stand (`.stderr`, `.snap`), beside a
/// recording its card (`.card.json`), and anywhere a `README.md`; none of these is a history.
///
/// # Errors
/// A folder cannot be listed, or a file stands where no path says what is expected of it.
pub fn walk(root: &Path) -> io::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for model in sorted(root)? {
        if !model.is_dir() {
            stray(&model)?;
            continue;
        }
        for folder in sorted(&model)? {
            let name = name(&folder);
            let expectation = Expectation::ALL.into_iter().find(|known| known.folder() == name);
            match expectation.filter(|_| folder.is_dir()) {
                Some(expectation) => {
                    let model = model.file_name().unwrap_or_default().to_string_lossy().into_owned();
                    collect(&folder, &model, expectation, &mut cases)?;
                }
                None => stray(&folder)?,
            }
        }
    }
    cases.sort();
    Ok(cases)
}

fn collect(folder: &Path, model: &str, expectation: Expectation, cases: &mut Vec<Case>) -> io::Result<()> {
    for path in sorted(folder)? {
        if path.is_dir() {
            collect(&path, model, expectation, cases)?;
        } else if !is_aside(&path) {
            cases.push(Case { path, model: model.to_owned(), expectation });
        }
    }
    Ok(())
}

fn sorted(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths: Vec<_> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    paths.sort();
    Ok(paths)
}

fn name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

fn is_aside(path: &Path) -> bool {
    name(path) == "README.md"
        || [".stderr", ".snap", ".card.json"].iter().any(|end| name(path).ends_with(end))
}

/// A file that no path says anything about must not be left out in silence.
fn stray(path: &Path) -> io::Result<()> {
    if is_aside(path) {
        return Ok(());
    }
    let message = format!("`{}` is neither of a model nor valid, invalid or malformed", path.display());
    Err(io::Error::new(io::ErrorKind::InvalidData, message))
}
