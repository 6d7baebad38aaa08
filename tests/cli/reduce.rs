//! `seriatim reduce`: what it writes, and how it ends.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{code, directory, json, output, run_in, text, with_stdin};

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

/// The histories of this project that are invalid, each with its model.
fn invalid_histories() -> Vec<(String, PathBuf)> {
    let mut all = Vec::new();
    let models = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("histories")).expect("histories");
    for model in models.map(|model| model.expect("a model").path()) {
        let Ok(files) = fs::read_dir(model.join("invalid")) else { continue };
        let name = model.file_name().and_then(|name| name.to_str()).expect("a model's name").to_owned();
        all.extend(files.map(|file| (name.clone(), file.expect("a file").path())));
    }
    all.sort();
    all
}

/// The verdict on a history, and the codes of its findings.
fn findings(arguments: &[&str]) -> (serde_json::Value, Vec<String>) {
    let mut report = json(arguments)["histories"][0].take();
    let anomalies = report["anomalies"].as_array().cloned().unwrap_or_default();
    let code = |anomaly: &serde_json::Value| anomaly["code"].as_str().unwrap_or_default().to_owned();
    (report["verdict"].take(), anomalies.iter().map(code).collect())
}

#[test]
fn whatever_is_found_is_found_again_in_what_is_left_of_it() {
    let files = directory(&[]);
    let out = files.path().join("out.jsonl");
    let out = out.to_str().expect("a plain path");
    let mut shown = 0;
    for (model, path) in invalid_histories() {
        let path = path.to_str().expect("a path of this project");
        let (_, codes) = findings(&["check", "--model", &model, path]);
        for (number, code) in (1..).zip(&codes) {
            let number = number.to_string();
            let reduced = output(&["reduce", "--model", &model, path, "--finding", &number, "-o", out]);
            let said = text(&reduced.stderr);
            assert_eq!(reduced.status.code(), Some(0), "{path}, {number}: {said}");
            assert!(said.contains(&format!(", finding {number} ({code} ")), "{path}: {said}");
            assert!(said.contains("; minimal") && !said.contains("warning"), "{path}: {said}");
            let (verdict, left) = findings(&["check", out]);
            assert_eq!(verdict, "invalid", "{path}, {number}");
            assert!(left.contains(code), "{path}, {number}: {code} is not among {left:?}");
            shown += 1;
        }
    }
    assert!(shown > 100, "{shown} findings");
}

#[test]
fn a_finding_keeps_its_operations_and_nothing_after_them() {
    let files = directory(&[("stale.jsonl", STALE.as_bytes())]);
    let of = |number: &str| run_in(&files, &["reduce", "stale.jsonl", "--finding", number]);
    // The value from nowhere of key y comes first, though it is not the first part.
    let nowhere = of("1");
    assert_eq!(nowhere.status.code(), Some(0), "{}", text(&nowhere.stderr));
    let said = text(&nowhere.stderr);
    assert!(
        said.contains(r#"finding 1 (LIN003 value from nowhere): kept 1 of 1 operation of key "y""#),
        "{said}"
    );
    let stale = of("2");
    assert_eq!(stale.status.code(), Some(0), "{}", text(&stale.stderr));
    let written = text(&stale.stdout);
    assert_eq!(written.lines().count(), 7, "{written}");
    assert!(!written.contains(r#""value":3"#), "{written}");
    let none = of("3");
    assert_eq!((none.status.code(), none.stdout.len()), (Some(2), 0));
    let said = text(&none.stderr);
    assert!(said.contains("`stale.jsonl` has 2 findings, so none has the number 3"), "{said}");
    assert!(said.contains("they are 1 LIN003 value from nowhere, 2 LIN0"), "{said}");
    assert_eq!(of("0").status.code(), Some(2));
    let both = run_in(&files, &["reduce", "stale.jsonl", "--finding", "1", "--key", "x"]);
    assert_eq!(both.status.code(), Some(2));
    assert_eq!(code(&["reduce", "valid.jsonl", "--finding", "1"]), 4);
    let late = run_in(&files, &["reduce", "stale.jsonl", "--finding", "1", "--timeout", "0s"]);
    assert_eq!((late.status.code(), late.stdout.len()), (Some(3), 0), "{}", text(&late.stderr));
}

#[test]
fn a_finding_keeps_the_operation_that_failed() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("histories/register/invalid/failed-write-is-seen.edn");
    let path = path.to_str().expect("a path of this project");
    let reduced = output(&["reduce", path, "--finding", "1"]);
    let written = text(&reduced.stdout);
    assert!(written.contains(r#""type":"fail","f":"write","value":2"#), "{written}");
    assert_eq!(written.lines().count(), 5, "the write that was seen, and the read: {written}");
    let said = text(&reduced.stderr);
    assert!(said.contains("kept 2 of 3 operations; minimal"), "{said}");
}

#[test]
fn what_is_long_starts_with_the_only_state_there_can_be() {
    let mut history = String::new();
    let mut op = |process: u32, f: &str| {
        for kind in ["invoke", "ok"] {
            history += &format!(r#"{{"process":{process},"type":"{kind}","f":"{f}"}}"#);
            history.push('\n');
        }
    };
    for _ in 0..8 {
        op(0, "acquire");
        op(0, "release");
    }
    op(0, "acquire");
    op(1, "acquire");
    op(1, "release");
    let reduced = with_stdin(&["reduce", "-", "--model", "mutex"], history.as_bytes());
    let (written, said) = (text(&reduced.stdout), text(&reduced.stderr));
    assert_eq!(reduced.status.code(), Some(0), "{said}");
    assert!(said.contains("kept 1 of 19 operations; what was over before is replaced by"), "{said}");
    assert!(said.contains(r#"the only state that it can have led to: "held"; minimal"#), "{said}");
    assert!(
        written.starts_with(r#"{"seriatim":1,"model":"mutex","order":"line","init":"held"}"#),
        "{written}"
    );
    assert_eq!(written.lines().count(), 3, "{written}");
    assert_eq!(with_stdin(&["check", "-"], &reduced.stdout).status.code(), Some(1));
    // What a person reads keeps its own start.
    let short: String = history.lines().skip(16).map(|line| format!("{line}\n")).collect();
    let reduced = with_stdin(&["reduce", "-", "--model", "mutex"], short.as_bytes());
    assert!(text(&reduced.stderr).contains("kept 10 of 11 operations; "), "{}", text(&reduced.stderr));
    assert!(!text(&reduced.stdout).contains("init"), "{}", text(&reduced.stdout));
}

#[test]
fn what_is_left_overlaps_as_far_as_it_can() {
    // What was put in once is taken twice: when it was put in has nothing to do with it.
    let op = |process: u32, f: &str| {
        let event =
            |kind| format!(r#"{{"process":{process},"type":"{kind}","f":"{f}","value":5,"time":7}}"#) + "\n";
        ["invoke", "ok"].map(event).concat()
    };
    let history = [op(0, "push-back"), op(1, "pop-front"), op(1, "pop-front")].concat();
    let reduced = with_stdin(&["reduce", "-", "--model", "deque"], history.as_bytes());
    let (written, said) = (text(&reduced.stdout), text(&reduced.stderr));
    assert_eq!(reduced.status.code(), Some(0), "{said}");
    assert!(said.contains("kept 3 of 3 operations; 2 pairs of them overlap that did not; minimal"), "{said}");
    // A client does one thing at a time still, and nobody measured when.
    let events: Vec<serde_json::Value> =
        written.lines().skip(1).map(|line| serde_json::from_str(line).expect("it is JSON")).collect();
    let shown: Vec<_> =
        events.iter().map(|event| (event["process"].as_u64(), event["type"].as_str())).collect();
    assert_eq!(
        shown,
        [
            (Some(0), Some("invoke")),
            (Some(1), Some("invoke")),
            (Some(1), Some("ok")),
            (Some(1), Some("invoke")),
            (Some(0), Some("ok")),
            (Some(1), Some("ok")),
        ]
    );
    assert!(events.iter().all(|event| event["time"].is_null()), "{written}");
    assert_eq!(with_stdin(&["check", "-"], &reduced.stdout).status.code(), Some(1));
}
