//! The house as docs/ARCHITECTURE.md draws it: who imports whom, and what is absent where.

#![allow(clippy::disallowed_methods, reason = "the sources and the documents are what it is about")]

#[path = "architecture/failure_modes.rs"]
mod failure_modes;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use seriatim_anomaly::catalog::CATALOG;
use seriatim_history::format::FORMATS;
use seriatim_model::catalog::MODELS;
use seriatim_testkit::corpus::{self, Expectation};

/// Which of our crates a crate imports: in its own code, and in its tests.
const IMPORTS: &[(&str, &[&str], &[&str])] = &[
    ("seriatim-history", &[], &[]),
    ("seriatim-model", &["history"], &[]),
    ("seriatim-checker", &["history", "model"], &["testkit"]),
    ("seriatim-anomaly", &["history", "model"], &["testkit"]),
    ("seriatim-symptom", &["history"], &["testkit"]),
    ("seriatim-report", &["anomaly", "checker", "history", "symptom"], &[]),
    ("seriatim-testkit", &["history", "model"], &[]),
    // What other projects depend on brings nothing of ours with it: it asks the program.
    ("seriatim-record", &[], &[]),
    ("seriatim", &["anomaly", "checker", "history", "model", "report", "symptom"], &["record", "testkit"]),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The Rust files below a folder.
fn sources(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut todo = vec![root().join(folder)];
    while let Some(folder) = todo.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the project can be listed") {
            let path = entry.expect("an entry can be read").path();
            if path.is_dir() {
                // A package of its own may have been built where it stands.
                if path.file_name().is_some_and(|name| name != "target") {
                    todo.push(path);
                }
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty(), "{folder} has sources");
    found.sort();
    found
}

/// A file without the tests at its end; nothing of a file that is tests only.
fn code(path: &Path) -> String {
    if path.ends_with("tests.rs") {
        return String::new();
    }
    let text = read(path);
    text.split("\n#[cfg(test)]\nmod ").next().unwrap_or_default().to_owned()
}

#[test]
fn crates_import_only_what_lies_below_them() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    let packages = metadata["packages"].as_array().expect("a list of packages");
    let mut left: BTreeSet<&str> = IMPORTS.iter().map(|(name, ..)| *name).collect();
    for package in packages {
        let name = package["name"].as_str().expect("a package has a name");
        let (_, normal, tests) = IMPORTS
            .iter()
            .find(|(known, ..)| *known == name)
            .unwrap_or_else(|| panic!("{name} is not in the table"));
        left.remove(name);
        for dependency in package["dependencies"].as_array().expect("a list of dependencies") {
            let Some(ours) = dependency["name"].as_str().and_then(|name| name.strip_prefix("seriatim-"))
            else {
                continue;
            };
            let is_test = dependency["kind"].as_str() == Some("dev");
            let is_allowed = normal.contains(&ours) || is_test && tests.contains(&ours);
            assert!(is_allowed, "{name} imports seriatim-{ours}, and the table does not let it");
        }
    }
    assert!(left.is_empty(), "no such packages: {left:?}");
}

#[test]
fn no_file_is_too_long_to_be_about_one_thing() {
    for path in sources("crates") {
        let lines = code(&path).lines().count();
        assert!(lines <= 700, "{} has {lines} lines before its tests", path.display());
    }
}

/// What a file must not mention, and why.
const ABSENT: &[(&str, &str, &str)] = &[
    ("crates/model/src/certificate.rs", "seriatim_checker", "the verifier never searches"),
    ("crates/model/src", "seriatim_checker", "a model knows no search"),
    ("crates/checker/src", "seriatim_anomaly", "checker and anomaly judge each other"),
    ("crates/anomaly/src", "seriatim_checker", "checker and anomaly judge each other"),
    ("crates/report/src", "seriatim_model", "a report cannot step a model"),
    ("crates/testkit/src", "seriatim_checker", "the oracle must not lean on what it judges"),
    ("crates/symptom/src", "seriatim_anomaly", "what is proved comes in as data"),
    ("crates/history/src", "seriatim_model", "a history has no meaning of its own"),
];

#[test]
fn what_must_be_absent_is_absent() {
    for &(place, word, why) in ABSENT {
        let files = if place.ends_with(".rs") { vec![root().join(place)] } else { sources(place) };
        for path in files {
            let text = read(&path);
            let used = text.lines().find(|line| line.contains(word) && !line.trim_start().starts_with("//"));
            assert_eq!(used, None, "{}: {why}", path.display());
        }
    }
}

/// Verifying a certificate must not need the crate that found it.
#[test]
fn the_verifying_command_leaves_the_checker_alone() {
    let verifies = |path: &PathBuf| {
        path.file_stem().and_then(|stem| stem.to_str()).is_some_and(|stem| stem.contains("verify"))
    };
    let files: Vec<_> = sources("crates/cli").into_iter().filter(verifies).collect();
    assert!(!files.is_empty(), "crates/cli has a file whose name says that it verifies");
    for path in files {
        assert!(!read(&path).contains("seriatim_checker"), "{}", path.display());
    }
}

#[test]
fn only_the_command_line_touches_the_world() {
    for folder in ["history", "model", "checker", "anomaly", "symptom", "report"] {
        for path in sources(&format!("crates/{folder}/src")) {
            let text = code(&path);
            for word in ["std::fs", "std::env", "std::process", "Instant::now", "SystemTime", "println!"] {
                let used = text.lines().find(|line| {
                    line.contains(word) && !line.trim_start().starts_with("//") && !line.contains("env!(")
                });
                assert_eq!(used, None, "{} touches the world", path.display());
            }
        }
    }
}

#[test]
fn every_format_is_documented() {
    let text = read("docs/FORMATS.md");
    for row in FORMATS {
        assert!(text.contains(&format!("`{}`", row.name)), "docs/FORMATS.md says nothing of `{}`", row.name);
    }
}

#[test]
fn every_anomaly_is_documented() {
    let text = read("docs/ANOMALIES.md");
    for row in CATALOG {
        let begins = format!("| {} | {} | ", row.code, row.name);
        assert!(text.contains(&begins), "docs/ANOMALIES.md says nothing of {}", row.code);
    }
}

#[test]
fn every_model_is_documented() {
    let text = read("docs/MODELS.md");
    for row in MODELS {
        assert!(text.contains(&format!("`{}`", row.word)), "docs/MODELS.md says nothing of `{}`", row.word);
        for function in row.functions {
            // A page that lists some of the other names ends the list with "…"; each function itself stands there.
            let name = function.name;
            let is_there = text.contains(&format!("`{name}`"))
                || text.contains("the same with `-max`") && name.ends_with("-max");
            assert!(is_there, "docs/MODELS.md says nothing of `{name}` of `{}`", row.word);
        }
    }
}

#[test]
fn every_model_has_histories_of_each_verdict() {
    let cases = corpus::walk(&root().join("histories")).expect("every file of histories/ has an expectation");
    for row in MODELS {
        for expectation in [Expectation::Valid, Expectation::Invalid] {
            let fits = |case: &&corpus::Case| case.model == row.word && case.expectation == expectation;
            let folder = expectation.folder();
            assert!(cases.iter().any(|case| fits(&case)), "histories/{}/{folder} is empty", row.word);
        }
    }
}
