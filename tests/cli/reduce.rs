//! `seriatim reduce`: what it writes, and how it ends.

use std::fs;

use crate::{code, directory, output, run_in, text, with_stdin};

const STALE: &str = concat!(
    r#"{"process":0,"type":"invoke","f":"write","key":"x","value":1}"#,
    "\n",
    r#"{"process":0,"type":"ok","f":"write","key":"x","value":1}"#,
    "\n",
    r#"{"process":1,"type":"invoke","f":"read","key":"x","value":null}"#,
    "\n",
    r#"{"process":1,"type":"ok","f":"read","key":"x","value":1}"#,
    "\n",
    r#"{"process":0,"type":"invoke","f":"write","key":"x","value":2}"#,
    "\n",
    r#"{"process":0,"type":"ok","f":"write","key":"x","value":2}"#,
    "\n",
    r#"{"process":2,"type":"invoke","f":"read","key":"y","value":null}"#,
    "\n",
    r#"{"process":2,"type":"ok","f":"read","key":"y","value":7}"#,
    "\n",
    r#"{"process":1,"type":"invoke","f":"read","key":"x","value":null}"#,
    "\n",
    r#"{"process":1,"type":"ok","f":"read","key":"x","value":1}"#,
    "\n",
    r#"{"process":0,"type":"invoke","f":"write","key":"x","value":3}"#,
    "\n",
    r#"{"process":0,"type":"ok","f":"write","key":"x","value":3}"#,
    "\n",
    r#"{"process":3,"type":"invoke","f":"write","key":"z","value":1}"#,
    "\n",
    r#"{"process":3,"type":"ok","f":"write","key":"z","value":1}"#,
    "\n",
);

#[test]
fn what_is_written_is_invalid_without_options() {
    let files = directory(&[("stale.jsonl", STALE.as_bytes())]);
    let reduced = run_in(&files, &["reduce", "stale.jsonl", "--model", "cas-register", "-o", "small.jsonl"]);
    assert_eq!(reduced.status.code(), Some(0), "{}", text(&reduced.stderr));
    assert!(reduced.stdout.is_empty());
    let said = text(&reduced.stderr);
    assert!(said.contains("stale.jsonl: kept 3 of 5 operations of key \"x\"; minimal"), "{said}");
    let small = fs::read_to_string(files.path().join("small.jsonl")).expect("it was written");
    assert!(small.starts_with("{\"seriatim\":1,\"model\":\"cas-register\","), "{small}");
    assert_eq!(small.lines().count(), 7, "{small}");
    assert_eq!(run_in(&files, &["check", "small.jsonl"]).status.code(), Some(1));
}

#[test]
fn the_standard_input_is_reduced_to_the_standard_output() {
    let reduced = with_stdin(&["reduce", "-", "--init", "9"], STALE.as_bytes());
    assert_eq!(reduced.status.code(), Some(0), "{}", text(&reduced.stderr));
    assert!(text(&reduced.stdout).contains(r#""init":9"#));
    assert_eq!(with_stdin(&["check", "-"], &reduced.stdout).status.code(), Some(1));
}

#[test]
fn a_key_names_its_violation() {
    let of = |key: &str| with_stdin(&["reduce", "-", "--key", key], STALE.as_bytes());
    let y = of("\"y\"");
    assert_eq!(y.status.code(), Some(0), "{}", text(&y.stderr));
    assert_eq!(text(&y.stdout).lines().count(), 3);
    assert!(text(&y.stdout).contains(r#""key":"y""#));
    let z = of("z");
    assert_eq!((z.status.code(), z.stdout.len()), (Some(4), 0), "{}", text(&z.stderr));
    let none = of("w");
    assert_eq!((none.status.code(), none.stdout.len()), (Some(2), 0));
    assert!(text(&none.stderr).contains(r#"there are "x", "y", "z""#), "{}", text(&none.stderr));
}

#[test]
fn where_nothing_is_written_the_code_says_why() {
    let valid = STALE.lines().take(4).collect::<Vec<_>>().join("\n");
    let files = directory(&[
        ("stale.jsonl", STALE.as_bytes()),
        ("valid.jsonl", valid.as_bytes()),
        ("garbage.jsonl", b"{\"process\":0,\"type\":\"invok\"}\n{\"process\":0,\"type\":\"ok\"}\n"),
        ("empty.jsonl", b""),
    ]);
    let code_of = |arguments: &[&str]| run_in(&files, arguments).status.code();
    for (path, expected) in [("valid.jsonl", 4), ("garbage.jsonl", 2), ("empty.jsonl", 2), ("missing", 2)] {
        assert_eq!(code_of(&["reduce", path, "-o", "out"]), Some(expected), "{path}");
        assert!(!files.path().join("out").exists(), "{path}");
    }
    assert_eq!(code_of(&["reduce", "stale.jsonl", "--timeout", "0s", "-o", "out"]), Some(3));
    assert!(!files.path().join("out").exists());
    assert_eq!(code_of(&["reduce", "stale.jsonl", "-o", "stale.jsonl"]), Some(2));
    assert_eq!(fs::read(files.path().join("stale.jsonl")).expect("it is there"), STALE.as_bytes());
    assert_eq!(code_of(&["reduce", "stale.jsonl", "-o", "no/such/place"]), Some(2));
    assert_eq!(code(&["reduce"]), 2);
    assert!(text(&output(&["reduce", "--help"]).stdout).contains("4  nothing to reduce"));
}

#[test]
fn failures_that_are_doubted_are_written_as_unknown() {
    // Whether or not the write of 2 happened, 1 cannot be there again.
    let history = concat!(
        r#"{"process":0,"type":"invoke","f":"write","value":1}"#,
        "\n",
        r#"{"process":0,"type":"ok","f":"write","value":1}"#,
        "\n",
        r#"{"process":1,"type":"invoke","f":"write","value":2}"#,
        "\n",
        r#"{"process":1,"type":"fail","f":"write","value":2,"error":"timeout"}"#,
        "\n",
        r#"{"process":0,"type":"invoke","f":"read"}"#,
        "\n",
        r#"{"process":0,"type":"ok","f":"read","value":2}"#,
        "\n",
        r#"{"process":0,"type":"invoke","f":"read"}"#,
        "\n",
        r#"{"process":0,"type":"ok","f":"read","value":1}"#,
        "\n",
    );
    let reduced = with_stdin(&["reduce", "-", "--treat-fail-as-info", "f=write,frob"], history.as_bytes());
    let (written, said) = (text(&reduced.stdout), text(&reduced.stderr));
    assert_eq!(reduced.status.code(), Some(0), "{said}");
    assert!(said.contains("warning: --treat-fail-as-info names `frob`"), "{said}");
    assert!(written.contains(r#""type":"info""#) && !written.contains(r#""type":"fail""#), "{written}");
    let checked = with_stdin(&["check", "-", "-o", "json"], &reduced.stdout);
    assert_eq!(checked.status.code(), Some(1));
    assert!(!text(&checked.stdout).contains("LIN004"), "{}", text(&checked.stdout));
}
