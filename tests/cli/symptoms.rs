//! Symptoms beside the verdict: what a small run shows, in every output, and what gates it.

use std::fmt::Write as _;

use serde_json::Value;
use tempfile::TempDir;

use crate::{directory, run_in, shown, text};

const MILLISECOND: u64 = 1_000_000;

/// Ten seconds of six clients, each with a key of its own, at three nodes. Where it stands still, a node is killed after four
/// seconds, nothing that was asked is answered for two, and then all of it is.
fn recording(stands_still: bool) -> TempDir {
    let mut events: Vec<(u64, String)> = Vec::new();
    for client in 0..6 {
        let (node, key) = (client % 3 + 1, client);
        let mut at = client * 700_000 + 1;
        for count in 1.. {
            let (call, mut end) = (at, at + 4 * MILLISECOND + count % 5 * 300_000);
            if call > 10_000 * MILLISECOND {
                break;
            }
            if stands_still && (4_000 * MILLISECOND..6_000 * MILLISECOND).contains(&end) {
                end = 6_000 * MILLISECOND + client * 900_000;
            }
            // Every other one reads what was written just before.
            let (function, value) = (if count % 2 == 1 { "write" } else { "read" }, count.div_ceil(2));
            let told = |kind: &str, value: &str, time: u64| {
                format!(
                    r#"{{"process":{client},"type":"{kind}","f":"{function}","key":"r{key}","value":{value},"node":"n{node}","time":{time}}}"#
                )
            };
            let asked = if function == "write" { value.to_string() } else { "null".to_owned() };
            events.push((call, told("invoke", &asked, call)));
            events.push((end, told("ok", &value.to_string(), end)));
            at = end + 3 * MILLISECOND;
        }
    }
    if stands_still {
        for (kind, time) in [("start-kill", 4_000 * MILLISECOND), ("stop-kill", 6_000 * MILLISECOND)] {
            let fault =
                format!(r#"{{"process":"nemesis","type":"info","f":"{kind}","value":["n1"],"time":{time}}}"#);
            events.push((time, fault));
        }
    }
    events.sort();
    let mut log = String::from("{\"seriatim\":1,\"model\":\"register\"}\n");
    for (_, event) in events {
        let _ = writeln!(log, "{event}");
    }
    directory(&[("run.jsonl", log.as_bytes())])
}

fn document(directory: &TempDir, arguments: &[&str]) -> Value {
    let output = run_in(directory, &[arguments, &["--output-format", "json", "--no-timings"]].concat());
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", shown(&output)))
}

/// The symptoms of a code, of the only history.
fn of_code<'a>(document: &'a Value, code: &str) -> Vec<&'a Value> {
    let all = document["histories"][0]["symptoms"].as_array().expect("a list");
    all.iter().filter(|symptom| symptom["code"] == code).collect()
}

#[test]
fn a_run_that_stands_still_is_valid_and_says_so_with_its_numbers() {
    let run = recording(true);
    let document = document(&run, &["run.jsonl"]);
    assert_eq!((&document["verdict"], &document["exit_code"]), (&"valid".into(), &0.into()));
    let gaps = of_code(&document, "SYM01");
    let gap = gaps.first().unwrap_or_else(|| panic!("there is a gap: {document:#}"));
    assert_eq!((&gap["severity"], &gap["name"]), (&"note".into(), &"availability-gap".into()));
    let seconds = |name: &str| gap[name].as_f64().expect("a number of seconds");
    assert!((3.9..4.1).contains(&seconds("from_s")) && (5.9..6.1).contains(&seconds("to_s")), "{gap:#}");
    let numbers = gap["numbers"].as_array().expect("a list");
    let length = numbers.iter().find(|number| number["name"] == "gap").expect("how long it was");
    assert_eq!(length["unit"], "seconds");
    assert!(length["value"].as_f64().is_some_and(|gap| (1.9..2.1).contains(&gap)), "{length:#}");
    assert!(numbers.iter().all(|number| number["shown"].is_string()), "{numbers:#?}");
    assert_eq!((&gap["fault"]["name"], &gap["phase"]), (&"start-kill".into(), &"during".into()));
    assert!(gap["confounders"].as_array().is_some_and(|all| !all.is_empty()), "{gap:#}");
    let message = gap["message"].as_str().expect("a sentence");
    assert!(!message.contains(['{', '}']), "each place of the sentence has a number: {message}");
    assert!(
        document["histories"][0]["not_visible"].as_array().is_some_and(|all| !all.is_empty()),
        "what cannot be seen is said"
    );
}

#[test]
fn a_run_in_which_nothing_happened_has_no_symptoms() {
    let run = recording(false);
    let document = document(&run, &["run.jsonl"]);
    assert_eq!(document["verdict"], "valid");
    assert_eq!(document["histories"][0]["symptoms"], Value::Array(Vec::new()));
    let output = run_in(&run, &["run.jsonl"]);
    assert!(!text(&output.stdout).contains("SYM"), "{}", shown(&output));
}

#[test]
fn every_output_tells_symptoms_and_none_as_a_failure() {
    let run = recording(true);
    for (arguments, told) in [
        (&["--output-format", "text"][..], "note[SYM01]: availability gap: "),
        (&["--output-format", "compact"], "symptoms: SYM01 availability gap"),
        (&["--output-format", "github"], "::notice file=run.jsonl,title=SYM01 availability gap::"),
        (&["--output-format", "jsonl"], r#""code":"SYM01""#),
    ] {
        let output = run_in(&run, &[&["run.jsonl"], arguments].concat());
        assert_eq!(output.status.code(), Some(0), "{}", shown(&output));
        let told_so = text(&output.stdout);
        assert!(told_so.contains(told), "{arguments:?}: {told_so}");
        assert!(!told_so.contains("::error"), "{told_so}");
    }
    let kinds = [
        ("text", "note[SYM01]"),
        ("html", "availability gap"),
        ("markdown", "### SYM01: availability gap"),
        ("junit", "note: SYM01 availability gap"),
        ("sarif", r#""ruleId": "SYM01""#),
    ];
    let files: Vec<String> = kinds.iter().map(|(kind, _)| format!("{kind}=first.{kind}")).collect();
    let reports = files.iter().flat_map(|file| ["--report", file.as_str()]);
    let arguments: Vec<&str> =
        ["run.jsonl", "--no-timings", "--report", "json=run.json"].into_iter().chain(reports).collect();
    let output = run_in(&run, &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", shown(&output));
    let read = |name: &str| std::fs::read_to_string(run.path().join(name)).expect("it was written");
    for (kind, told) in kinds {
        let first = read(&format!("first.{kind}"));
        assert!(first.contains(told), "{kind} does not say {told}");
        if kind == "text" {
            continue;
        }
        // What was found is in the document, so that others can be drawn of it later.
        let again = format!("{kind}=again.{kind}");
        let output = run_in(&run, &["report", "run.json", "--report", &again, "--output-format", "none"]);
        assert_eq!(output.status.code(), Some(0), "{}", shown(&output));
        assert!(read(&format!("again.{kind}")) == first || kind == "junit", "{kind} is another one");
    }
    let junit = read("first.junit");
    assert!(!junit.contains("<failure") && junit.contains("<system-out>"), "{junit}");
    assert!(!read("first.sarif").contains(r#""level": "error""#), "a symptom is a note");
}

#[test]
fn a_symptom_fails_a_run_only_where_somebody_asks_for_it() {
    let run = recording(true);
    let code = |arguments: &[&str]| run_in(&run, &[&["run.jsonl"], arguments].concat()).status.code();
    assert_eq!(code(&[]), Some(0));
    for item in ["symptom", "symptom:SYM01", "symptom:availability-gap"] {
        assert_eq!(code(&["--fail-on", item]), Some(1), "{item}");
    }
    assert_eq!(code(&["--fail-on", "symptom:SYM06"]), Some(0));
    // What is asked of a gap is more than there is.
    assert_eq!(code(&["--fail-on", "symptom:SYM01", "--threshold", "sym01.gap=5s"]), Some(0));
    let document = document(&run, &["run.jsonl", "--threshold", "sym01.gap=5s"]);
    assert!(of_code(&document, "SYM01").is_empty(), "{document:#}");
}
