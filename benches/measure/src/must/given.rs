//! Rows about histories of others, which lie in a folder beside the project.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::Error;
use crate::must::{Case, Limit, Must, Reached};
use crate::place;
use crate::runs::{Ask, ask};
use crate::table;
use crate::tool::{Answer, Tool};

/// How the models of the manifest are checked; what is in no row is no object, or no history that can be read.
const OBJECTS: &[(&str, &[&str])] = &[
    ("cas-register", &["--model", "cas-register"]),
    ("register(init nil)", &["--model", "register"]),
    ("register per key (field", &["--model", "register"]),
    ("register per key (kv", &["--model", "kv"]),
    ("atomic-queue", &["--model", "queue"]),
    ("atomic-stack", &["--model", "stack"]),
    ("fifo-queue", &["--model", "queue"]),
];

/// The etcd logs of porcupine's tests, sorted.
pub(crate) fn etcd_logs(shared: &Path) -> Result<Vec<PathBuf>, Error> {
    let folder = shared.join("corpus/anishathalye__porcupine/jepsen");
    let entries = fs::read_dir(&folder).map_err(|error| Error::file(&folder, &error))?;
    let mut logs: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    logs.retain(|path| path.extension().is_some_and(|kind| kind == "log"));
    logs.sort();
    Ok(logs)
}

const ABSENT: &str = "the histories of others are not here";

impl Must<'_> {
    /// The etcd logs: the search alone.
    pub(super) fn etcd(&mut self) -> Result<(), Error> {
        let what = "etcd logs, search only";
        if !self.is_wanted(what) {
            return Ok(());
        }
        let Some(shared) = place::shared() else {
            self.absent(what, ABSENT);
            return Ok(());
        };
        let logs = etcd_logs(&shared)?;
        let passes = if self.args.quick { 1 } else { 5 };
        let limit = Duration::from_secs(10);
        let (decided, metered) = ask(Ask { passes, ..Ask::of(Tool::Seriatim, limit) }, &logs)?;
        let seconds: f64 = decided.iter().map(|decided| decided.seconds).sum();
        let most = decided.iter().map(|decided| decided.configurations).max().unwrap_or_default();
        let unknown = decided.iter().filter(|decided| decided.answer == Answer::Unknown).count();
        let counted = |answer| decided.iter().filter(|decided| decided.answer == answer).count();
        let told = format!(
            "{} valid, {} invalid, {unknown} unknown",
            counted(Answer::Valid),
            counted(Answer::Invalid)
        );
        let is_whole = unknown == 0 && decided.len() == logs.len();
        let dash = || "–".to_owned();
        let reached = |is_within: bool| if is_within && is_whole { Reached::Yes } else { Reached::No };
        let whole = table::seconds(metered.seconds);
        // The limit is for 102 logs; here may be fewer.
        let share = 0.02 * logs.len() as f64 / 102.0;
        let cells = [
            format!("{} {what}, best of {passes}", logs.len()),
            format!("{} (20 ms for 102)", table::seconds(share)),
            table::seconds(seconds),
            format!("{whole}, read and decided {passes} times"),
            table::bytes(metered.peak),
            told.clone(),
        ];
        self.push(cells, reached(seconds <= share));
        let cells = [
            "etcd logs: most configurations of one log".to_owned(),
            "500".to_owned(),
            most.to_string(),
            dash(),
            dash(),
            told,
        ];
        self.push(cells, reached(most <= 500));
        Ok(())
    }

    /// Porcupine's key-value cases.
    pub(super) fn porcupine_kv(&mut self) -> Result<(), Error> {
        for (name, clients, seconds, expected) in [
            ("c10-ok", 10, 0.05, Answer::Valid),
            ("c10-bad", 10, 0.05, Answer::Invalid),
            ("c50-ok", 50, 0.02, Answer::Valid),
            ("c50-bad", 50, 0.02, Answer::Invalid),
        ] {
            let what = format!("porcupine's key-value case {name}, {clients} clients, keys found by itself");
            let Some(shared) = place::shared() else {
                self.absent(&what, ABSENT);
                continue;
            };
            let file = shared.join("corpus/anishathalye__porcupine/kv").join(format!("{name}.txt"));
            if file.exists() {
                self.cases(&what, Limit::of(seconds), [Ok(Case::new(file, Some(expected)))])?;
            } else {
                self.absent(&what, "this one is not here");
            }
        }
        Ok(())
    }

    /// The largest recordings.
    pub(super) fn recordings(&mut self) -> Result<(), Error> {
        for (name, operations) in [("redis-register-nofault", 406_245), ("pg-primary-reads-nofault", 230_871)]
        {
            let what = format!("recording {name}, {} operations, packed", table::count(operations));
            let file =
                place::shared().map(|shared| shared.join("recordings").join(format!("{name}.jsonl.zst")));
            match file.filter(|file| file.exists()) {
                Some(file) => {
                    self.cases(&what, Limit::of(0.5), [Ok(Case::new(file, Some(Answer::Valid)))])?;
                }
                None => self.absent(&what, ABSENT),
            }
        }
        Ok(())
    }

    /// The histories that nobody has given a verdict.
    pub(super) fn undecided(&mut self) -> Result<(), Error> {
        let what = "histories of others without a known verdict";
        let Some(shared) = place::shared() else {
            self.absent(what, ABSENT);
            return Ok(());
        };
        let path = shared.join("corpus/MANIFEST.tsv");
        let manifest = fs::read_to_string(&path).map_err(|error| Error::file(&path, &error))?;
        let unknown = manifest.lines().filter_map(|line| {
            let mut fields = line.split('\t').map(|field| field.trim_matches('"'));
            let (file, _, _, _, model) =
                (fields.next()?, fields.next(), fields.next(), fields.next(), fields.next()?);
            let verdict = fields.nth(3)?;
            let (_, options) = OBJECTS.iter().find(|(start, _)| model.starts_with(start))?;
            (verdict == "unknown").then_some((file, *options))
        });
        let mut cases: Vec<_> = unknown
            .map(|(file, options)| {
                let file = shared.join("corpus").join(file);
                Ok(Case { file, options: options.to_vec(), expected: None })
            })
            .collect();
        cases.truncate(if self.args.quick { 3 } else { usize::MAX });
        self.cases(&format!("{} {what}", cases.len()), Limit::of(10.0), cases).map(drop)
    }
}
