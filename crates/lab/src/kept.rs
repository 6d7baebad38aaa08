//! Recordings that were made before, by their cards.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::row::{Expectation, Row};
use crate::table::Line;
use crate::verdict::Verdict;

/// What the names of cards end with.
const ENDING: &str = ".card.json";
/// The most bytes of a recording that is kept.
const LARGEST: u64 = 1 << 20;

/// A card that was read.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    path: PathBuf,
    all: Value,
    row: String,
    history: String,
    /// What was found; nothing in a recording that is void.
    found: Option<Verdict>,
}

/// The cards at these places, and directly in those of them that are folders; sorted by their names.
pub(crate) fn cards(paths: &[PathBuf]) -> Result<Vec<Told>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let listed = fs::read_dir(path).with_context(|| format!("cannot list {}", path.display()))?;
            for entry in listed {
                files.push(entry.with_context(|| format!("cannot list {}", path.display()))?.path());
            }
        } else {
            files.push(path.clone());
        }
    }
    files.sort();
    let is_card = |path: &&PathBuf| path.to_str().is_some_and(|path| path.ends_with(ENDING));
    let named = |path: &&PathBuf| paths.contains(path);
    files.iter().filter(|path| is_card(path) || named(path)).map(|path| Told::read(path)).collect()
}

/// What was recorded of each row, in the order of the table.
pub(crate) fn lines(cards: &[Told], rows: &[Row]) -> Vec<Line> {
    let of = |row: &Row| {
        let name = row.name();
        let mut line = Line::new(row);
        let mut is_there = false;
        for card in cards.iter().filter(|card| card.row == name) {
            line.add(card.found.as_ref());
            is_there = true;
        }
        is_there.then_some(line)
    };
    rows.iter().filter_map(of).collect()
}

impl Told {
    fn read(path: &Path) -> Result<Self> {
        let text = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let all: Value =
            serde_json::from_slice(&text).with_context(|| format!("{} is no card", path.display()))?;
        let word = |field: &str| {
            let word = all[field].as_str().map(str::to_owned);
            word.with_context(|| format!("{} is no card: it has no `{field}`", path.display()))
        };
        let (row, history) = (word("row")?, word("history")?);
        let found = match &all["found"] {
            Value::Null => None,
            found => {
                let found = serde_json::from_value(found.clone());
                Some(found.with_context(|| format!("{} is no card: `found` is none", path.display()))?)
            }
        };
        Ok(Self { path: path.to_owned(), all, row, history, found })
    }

    /// Copies the recording and its card below a folder of histories, and says where it is now.
    pub(crate) fn keep(&self, rows: &[Row], into: &Path) -> Result<PathBuf> {
        let what = self.path.display();
        let row = rows.iter().find(|row| row.name() == self.row);
        let row = row.with_context(|| format!("{what} is of `{}`, which is no row", self.row))?;
        let found = self.found.as_ref().with_context(|| format!("the recording of {what} is void"))?;
        let verdict = found.verdict.as_str();
        ensure!(matches!(verdict, "valid" | "invalid"), "the recording of {what} is {verdict}");
        ensure!(
            verdict == "valid" || row.expectation != Expectation::Valid,
            "the recording of {what} is invalid, which `{}` promises not to be",
            self.row
        );
        let from = self.path.with_file_name(&self.history);
        ensure!(
            self.history.ends_with(".jsonl.zst"),
            "{} is not compressed; is there no zstd?",
            from.display()
        );
        let bytes = fs::metadata(&from).with_context(|| format!("cannot read {}", from.display()))?.len();
        ensure!(bytes <= LARGEST, "{} has {bytes} bytes, and at most {LARGEST} are kept", from.display());

        let name = self.row.replace('/', "-");
        // Whichever verdict it had before.
        for verdict in ["valid", "invalid"] {
            let folder = into.join(row.workload.model()).join(verdict).join("lab");
            for ending in [".jsonl.zst", ENDING] {
                let old = folder.join(format!("{name}{ending}"));
                if old.exists() {
                    fs::remove_file(&old).with_context(|| format!("cannot remove {}", old.display()))?;
                }
            }
        }
        let folder = into.join(row.workload.model()).join(verdict).join("lab");
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let kept = folder.join(format!("{name}.jsonl.zst"));
        fs::copy(&from, &kept).with_context(|| format!("cannot write {}", kept.display()))?;
        let mut card = self.all.clone();
        card["history"] = Value::from(format!("{name}.jsonl.zst"));
        let path = folder.join(format!("{name}{ENDING}"));
        let text = serde_json::to_string_pretty(&card)? + "\n";
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(kept)
    }
}

#[cfg(test)]
mod tests;
