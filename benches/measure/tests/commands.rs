//! Each command on small inputs: that it ends well, and that it says what it is to say.

#![allow(clippy::disallowed_methods, reason = "files are what it is about")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// Runs the program without the histories of others.
fn measure(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_measure"))
        .args(args)
        .env("SERIATIM_SHARED", "there-is-no-such-folder")
        .output()
        .expect("the program starts")
}

/// What it prints where all is well.
fn said(args: &[&str]) -> String {
    let output = measure(args);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{args:?}: {}\n{out}\n{err}", output.status);
    out.into_owned()
}

fn generated(folder: &Path, name: &str, args: &[&str]) -> String {
    let path = folder.join(name).to_string_lossy().into_owned();
    said(&[&["generate", "--output", &path], args].concat());
    path
}

#[test]
fn a_seed_gives_the_same_history_in_every_format() {
    for format in ["jsonl", "edn", "json-array", "tuples", "jepsen-txt", "jepsen-log", "porcupine-kv"] {
        let of =
            |seed: &str| said(&["generate", "-n", "50", "--keys", "3", "--seed", seed, "--format", format]);
        assert_eq!(of("7"), of("7"), "{format}");
        assert_ne!(of("7"), of("8"), "{format}");
        assert!((100..=102).contains(&of("7").lines().count()), "{format}");
    }
}

#[test]
fn what_cannot_be_generated_is_an_error() {
    for (args, told) in [
        (&["--model", "abacus"][..], "no such model"),
        (&["--shape", "round"], "the shapes are crashed-distinct"),
        (&["--format", "csv"], "the formats are jsonl"),
        (&["-n", "many"], "a whole number is expected"),
        (&["--model", "mutex", "--lie", "never-written"], "nothing was asked from there on"),
        (&["--output", "no-such-folder/x"], "no-such-folder/x"),
    ] {
        let output = measure(&[&["generate"], args].concat());
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {err}");
        assert!(err.contains(told), "{args:?}: {err}");
    }
}

#[test]
fn every_tool_decides_what_was_generated() {
    let folder = TempDir::new().expect("a folder");
    // stateright does not come to an end with more.
    let small = ["-n", "14", "-c", "3", "--values", "3", "--crash", "0.1"];
    let good = generated(folder.path(), "good.jsonl", &small);
    let bad = [&small[..], &["--lie", "never-written", "--at", "0.5"]].concat();
    let bad = generated(folder.path(), "bad.jsonl", &bad);
    for tool in ["seriatim", "porcupine-rs", "todc-utils", "stateright"] {
        for (file, answer) in [(&good, "valid"), (&bad, "invalid")] {
            let told = said(&["decide", "--tool", tool, file]);
            assert!(told.contains(&format!("\"answer\":\"{answer}\"")), "{tool}: {told}");
        }
    }
}

#[test]
fn a_peer_that_takes_too_long_knows_nothing() {
    let folder = TempDir::new().expect("a folder");
    let wide = ["-n", "1000", "-c", "40", "--lie", "never-written"];
    let wide = generated(folder.path(), "wide.jsonl", &wide);
    for tool in ["porcupine-rs", "todc-utils", "stateright"] {
        let told = said(&["decide", "--limit", "0.3", "--tool", tool, &wide]);
        assert!(told.contains("\"answer\":\"unknown\""), "{tool}: {told}");
    }
}

#[test]
fn a_process_is_measured_and_ended_from_outside() {
    let metered = |seconds: &str, bytes: &str, program: &[&str]| {
        let output = measure(&[&["meter", "--seconds", seconds, "--bytes", bytes, "--"], program].concat());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let good = metered("60", "1000000000", &["sh", "-c", "exit 3"]);
    assert!(good.contains(r#""end":{"Code":3}"#), "{good}");
    assert!(metered("0.1", "1000000000", &["sleep", "60"]).contains(r#""end":"Time""#));
    assert!(metered("60", "1000", &["sleep", "60"]).contains(r#""end":"Memory""#));
    // A process that holds much is told from one that holds little.
    let peak = |program: &[&str]| {
        let told = metered("60", "1000000000", program);
        let number = told.split(r#""peak":"#).nth(1).and_then(|rest| rest.split('}').next());
        number.and_then(|number| number.trim().parse::<u64>().ok()).expect("a number of bytes")
    };
    let this = env!("CARGO_BIN_EXE_measure");
    let large = peak(&[this, "micro", "--operations", "20000", "--runs", "1"]);
    let small = peak(&[this, "--version"]);
    assert!(small > 1_000_000 && large > small + 10_000_000, "{small} and {large}");
}

#[test]
fn ways_are_raced() {
    let told = said(&["race", "--cases", "40", "--seconds", "600"]);
    assert!(told.contains("40 histories"), "{told}");
    assert!(told.contains("all agree"), "{told}");
}

/// Every row is measured, whether or not it is reached; nothing is written.
#[test]
fn everything_is_measured_quickly() {
    let readme = || fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).expect("a file");
    let before = readme();
    let told = said(&["all", "--quick"]);
    assert_eq!(readme(), before);
    for heading in ["## micro", "## must", "## peers", "## scaling", "all took"] {
        assert!(told.contains(heading), "{heading}: {told}");
    }
    assert!(told.contains("the histories of others are not here"), "{told}");
    assert!(!told.contains("WRONG") && !told.contains("**NO**"), "{told}");
    let rows = told.lines().filter(|line| line.starts_with("| ")).count();
    assert!(rows > 150, "{rows} rows\n{told}");
}
