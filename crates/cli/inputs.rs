//! What a PATH of the command line stands for: a history, or the histories of a directory or a glob.

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};

use globset::GlobBuilder;
use ignore::WalkBuilder;
use rustc_hash::{FxHashMap, FxHashSet};
use seriatim_report::Problem;

use crate::source::{Origin, bare_name, cannot_read};

/// The texts of what may be one history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Input {
    /// The path as the user named it.
    pub(crate) path: String,
    /// Its texts; most histories have one.
    pub(crate) origins: Vec<Origin>,
}

impl Input {
    fn file(path: PathBuf) -> Self {
        let origin = Origin::File(path);
        Self { path: origin.shown(), origins: vec![origin] }
    }
}

/// What a PATH stands for.
#[derive(Debug)]
pub(crate) enum Found {
    /// A history, or else it is an error.
    Named(Input),
    /// What may be histories.
    Directory(Directory),
    /// Nothing.
    Missing(String, Problem),
}

/// What is in a directory.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Directory {
    /// The path as the user named it.
    pub(crate) path: String,
    /// What may be histories, sorted by path.
    pub(crate) inputs: Vec<Input>,
    /// What was left out without a look at it, and why.
    pub(crate) left_out: Vec<(String, String)>,
}

/// What the PATHs of the command line stand for, in the order given.
pub(crate) fn find(paths: &[PathBuf]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut stdin_is_taken = false;
    for path in paths {
        let shown = path.display().to_string();
        if path.as_os_str() == "-" {
            found.push(if std::mem::replace(&mut stdin_is_taken, true) {
                Found::Missing(
                    shown,
                    Problem::error("the standard input is named twice, and can be read once only"),
                )
            } else {
                Found::Named(Input { path: Origin::Stdin.shown(), origins: vec![Origin::Stdin] })
            });
        } else if path.exists() || !has_wildcard(&shown) {
            found.push(named(path));
        } else {
            match glob(&shown) {
                Ok(matches) if matches.is_empty() => {
                    let problem = Problem::error(format!("no file matches `{shown}`"));
                    found.push(Found::Missing(shown, problem));
                }
                Ok(matches) => found.extend(matches.iter().map(|path| named(path))),
                Err(error) => {
                    let problem = Problem::error(format!("`{shown}` is no glob: {error}"));
                    found.push(Found::Missing(shown, problem));
                }
            }
        }
    }
    found
}

/// What one path that is no glob stands for.
pub(crate) fn named(path: &Path) -> Found {
    let shown = path.display().to_string();
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => match directory(path) {
            Ok(found) => Found::Directory(found),
            Err(error) => {
                Found::Missing(shown.clone(), Problem::error(format!("cannot list `{shown}`: {error}")))
            }
        },
        Ok(_) => Found::Named(Input::file(path.to_owned())),
        Err(error) => Found::Missing(shown.clone(), nothing_at(&shown, &error)),
    }
}

/// The history that a path names: a file, the standard input, or the one history of a directory. `which` says what to do
/// where that holds several.
pub(crate) fn one(path: &Path, which: &str) -> Result<Input, Problem> {
    if path.as_os_str() == "-" {
        return Ok(Input { path: Origin::Stdin.shown(), origins: vec![Origin::Stdin] });
    }
    match named(path) {
        Found::Named(input) => Ok(input),
        Found::Missing(_, problem) => Err(problem),
        Found::Directory(mut directory) => match (directory.inputs.len(), directory.inputs.pop()) {
            (1, Some(input)) => Ok(input),
            (count, _) => {
                let message = format!("`{}` holds {count} files that may be histories", directory.path);
                Err(Problem::error(message).help(which))
            }
        },
    }
}

/// Why a path that the user named stands for nothing.
fn nothing_at(path: &str, error: &io::Error) -> Problem {
    let problem = cannot_read(path, error);
    if error.kind() == io::ErrorKind::NotFound {
        problem.help("PATH is a file, a directory, a glob, or `-` for the standard input; `seriatim --help` lists the subcommands")
    } else {
        problem
    }
}

/// The files below a directory; those that `.gitignore` or `.ignore` name are listed apart.
fn directory(path: &Path) -> io::Result<Directory> {
    let mut left_out = Vec::new();
    let mut walk = |heed_ignore_files: bool| -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        let mut walker = WalkBuilder::new(path);
        walker.standard_filters(heed_ignore_files).hidden(true).sort_by_file_path(Path::cmp);
        for entry in walker.build() {
            let entry = entry.map_err(|error| {
                error.into_io_error().unwrap_or_else(|| io::Error::other("a loop of links"))
            })?;
            match entry.file_type() {
                Some(kind) if kind.is_file() => files.push(entry.into_path()),
                Some(kind) if kind.is_symlink() && heed_ignore_files => {
                    left_out.push((entry.path().display().to_string(), "a symbolic link".to_owned()));
                }
                _ => {}
            }
        }
        Ok(files)
    };
    let files = walk(true)?;
    let all = walk(false)?;
    let heeded: FxHashSet<&PathBuf> = files.iter().collect();
    let ignored = all.iter().filter(|file| !heeded.contains(file));
    let reason = "named by an ignore file; give its path to check it";
    let mut ignored: Vec<_> = ignored.map(|file| (file.display().to_string(), reason.to_owned())).collect();
    left_out.append(&mut ignored);
    Ok(group(path.display().to_string(), files, left_out))
}

/// The files of a Jepsen run, the most telling first: the first that is there is checked, for the others record the
/// same run.
const JEPSEN_RUN: &[&str] =
    &["history.edn", "history.txt", "jepsen.log", "results.edn", "test.jepsen", "test.fressian"];

/// Puts together what is one history, and leaves out what records the same run a second time.
fn group(path: String, files: Vec<PathBuf>, mut left_out: Vec<(String, String)>) -> Directory {
    let reports: FxHashSet<PathBuf> =
        files.iter().filter_map(|file| etcd_report(file)).map(Path::to_owned).collect();
    let mut runs: FxHashMap<PathBuf, usize> = FxHashMap::default();
    for file in &files {
        if let (Some(folder), Some(rank)) = (file.parent(), rank(file)) {
            let best = runs.entry(folder.to_owned()).or_insert(rank);
            *best = rank.min(*best);
        }
    }
    let mut inputs: BTreeMap<PathBuf, Input> = BTreeMap::new();
    for file in files {
        let shown = file.display().to_string();
        if let Some(report) = file.ancestors().find(|folder| reports.contains(*folder)) {
            if etcd_report(&file) == Some(report) {
                let input = inputs
                    .entry(report.to_owned())
                    .or_insert_with(|| Input { path: report.display().to_string(), origins: Vec::new() });
                input.origins.push(Origin::File(file));
            } else {
                left_out.push((shown, "a part of an etcd report that records no operations".to_owned()));
            }
            continue;
        }
        let same_run = rank(&file).zip(file.parent()).and_then(|(rank, folder)| {
            let best = *runs.get(folder)?;
            (best < rank).then(|| folder.join(JEPSEN_RUN[best]))
        });
        if let Some(run) = same_run.or_else(|| run_split_by_key(&file, &runs)) {
            left_out.push((shown, format!("records the same run as {}", run.display())));
        } else {
            inputs.insert(file.clone(), Input::file(file));
        }
    }
    left_out.sort();
    Directory { path, inputs: inputs.into_values().collect(), left_out }
}

/// The place of a file among those of a Jepsen run, packed or not.
fn rank(file: &Path) -> Option<usize> {
    let name = bare_name(file.file_name()?.to_str()?);
    JEPSEN_RUN.iter().position(|known| *known == name)
}

/// Jepsen stores the history of each key of a run below `independent`, beside that of the run.
fn run_split_by_key(file: &Path, runs: &FxHashMap<PathBuf, usize>) -> Option<PathBuf> {
    let independent =
        file.ancestors().find(|folder| folder.file_name().is_some_and(|name| name == "independent"))?;
    let folder = independent.parent()?;
    // Only a history of the whole run stands for those of its keys.
    let best = *runs.get(folder)?;
    (best <= 1 && rank(file).is_some()).then(|| folder.join(JEPSEN_RUN[best]))
}

/// The etcd report that `R/client-N/operations.json` is of: `R`.
fn etcd_report(file: &Path) -> Option<&Path> {
    let client = file.parent()?;
    let is_client = client.file_name()?.to_str()?.starts_with("client-");
    (file.file_name()? == "operations.json" && is_client).then(|| client.parent())?
}

fn has_wildcard(path: &str) -> bool {
    path.contains(['*', '?', '[', '{'])
}

/// The files and directories that match a glob, sorted; with `**` the files only.
fn glob(pattern: &str) -> Result<Vec<PathBuf>, globset::Error> {
    let pattern = pattern.strip_prefix("./").unwrap_or(pattern);
    let matcher = GlobBuilder::new(pattern).literal_separator(true).build()?.compile_matcher();
    let is_fixed = |component: &Component<'_>| !has_wildcard(&component.as_os_str().to_string_lossy());
    let base: PathBuf = Path::new(pattern).components().take_while(is_fixed).collect();
    let start = if base.as_os_str().is_empty() { Path::new(".") } else { &base };
    let mut matches = Vec::new();
    let mut walker = WalkBuilder::new(start);
    walker.standard_filters(false).sort_by_file_path(Path::cmp);
    for entry in walker.build().flatten() {
        let path = entry.path().strip_prefix("./").unwrap_or(entry.path());
        let is_directory = entry.path().is_dir();
        if matcher.is_match(path) && !(is_directory && pattern.contains("**")) {
            matches.push(path.to_owned());
        }
    }
    Ok(matches)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grouped(files: &[&str]) -> (Vec<(String, usize)>, Vec<String>) {
        let found = group("d".to_owned(), files.iter().map(PathBuf::from).collect(), Vec::new());
        let inputs = found.inputs.into_iter().map(|input| (input.path, input.origins.len()));
        (inputs.collect(), found.left_out.into_iter().map(|(path, _)| path).collect())
    }

    #[test]
    fn a_jepsen_run_is_checked_once() {
        let (inputs, left_out) = grouped(&[
            "d/r/history.edn.gz",
            "d/r/history.txt",
            "d/r/independent/3/history.edn",
            "d/r/jepsen.log",
            "d/r/results.edn",
            "d/r/test.jepsen",
            "d/r/timeline.html",
        ]);
        assert_eq!(inputs, [("d/r/history.edn.gz".to_owned(), 1), ("d/r/timeline.html".to_owned(), 1)]);
        assert_eq!(left_out.len(), 5);
        let (inputs, left_out) = grouped(&["d/r/history.txt", "d/r/jepsen.log", "d/s/jepsen.log"]);
        assert_eq!(inputs, [("d/r/history.txt".to_owned(), 1), ("d/s/jepsen.log".to_owned(), 1)]);
        assert_eq!(left_out, ["d/r/jepsen.log"]);
    }

    #[test]
    fn an_etcd_report_is_one_history() {
        let (inputs, left_out) = grouped(&[
            "d/client-1/operations.json",
            "d/client-1/watch.json",
            "d/client-2/operations.json",
            "d/traffic.json",
        ]);
        assert_eq!(inputs, [("d".to_owned(), 2)]);
        assert_eq!(left_out, ["d/client-1/watch.json", "d/traffic.json"]);
    }

    #[test]
    fn other_files_stay_apart() {
        let (inputs, left_out) = grouped(&["d/a.jsonl", "d/b.jsonl", "d/independent/x.jsonl"]);
        assert_eq!(inputs.len(), 3);
        assert!(left_out.is_empty());
    }
}
