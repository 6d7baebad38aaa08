//! What a run has to exercise: `--require`.

use insta::assert_snapshot;

use super::gate::{of_json, told, with};
use super::*;

/// A run with a partition, during which nobody reads.
pub(crate) const PARTITIONED: &str = r#"{"process":0,"type":"invoke","f":"write","key":1,"value":1}
{"process":0,"type":"ok","f":"write","key":1,"value":1}
{"process":1,"type":"invoke","f":"read","key":1,"value":null}
{"process":1,"type":"ok","f":"read","key":1,"value":1}
{"process":"nemesis","type":"info","f":"start-partition"}
{"process":0,"type":"invoke","f":"write","key":2,"value":2}
{"process":0,"type":"ok","f":"write","key":2,"value":2}
{"process":"nemesis","type":"info","f":"stop-partition"}
{"process":1,"type":"invoke","f":"read","key":2,"value":null}
{"process":1,"type":"ok","f":"read","key":2,"value":2}
"#;

#[test]
fn a_history_that_exercises_less_than_is_required_is_vacuous() {
    let again = PARTITIONED.repeat(400);
    let directory = directory(&[("h.jsonl", PARTITIONED.as_bytes()), ("long.jsonl", again.as_bytes())]);
    for (requirement, code) in [
        ("ok.read>=2", 0),
        ("ok.read>=3", 4),
        ("ok.write@during>=1", 0),
        ("ok.read@during>=1", 4),
        ("ok.read@partition>=1", 4),
        ("ok.write@start-partition>=1", 0),
        ("ok@after>=1", 0),
        ("ok@before>=3", 4),
        ("info>=1", 4),
        ("faults>=1", 0),
        ("faults>=2", 4),
        ("ok@kill>=1", 4),
    ] {
        let (said, found) = told(&directory, &["h.jsonl", "--require", requirement]);
        assert_eq!(found, code, "{said}");
        assert_eq!(said.contains("COV01"), code == 4, "{said}");
    }
    // Sorted on disk, it is the same.
    for (requirement, code) in
        [("ok.read>=800", 0), ("ok.read>=801", 4), ("ok.write@during>=400", 0), ("ok.read@during>=1", 4)]
    {
        let unmet = |limit: &str| {
            let arguments = ["long.jsonl", "-o", "json", "--memory-limit", limit, "--require", requirement];
            let output = run_in(&directory, &arguments);
            assert_eq!(output.status.code(), Some(code), "{limit} {requirement}: {}", shown(&output));
            let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it prints JSON");
            let is_sorted = report["histories"][0]["notes"].to_string().contains("sorted by key on disk");
            (report["histories"][0]["unmet"].clone(), is_sorted)
        };
        let ((whole, not), (sorted, is)) = (unmet("1GiB"), unmet("600kB"));
        assert_eq!((whole, not, is), (sorted, false, true), "{requirement}");
    }
    let unmet = run_in(&directory, &["h.jsonl", "--require", "ok.read@during>=1", "--require", "ok.raed>=1"]);
    assert_snapshot!(shown(&unmet));
    let (sarif, _) = told(
        &directory,
        &["h.jsonl", "--require", "ok.read>=9", "-o", "github", "--report", "sarif=r.sarif"],
    );
    assert!(
        sarif.contains("title=COV01 not covered::ok.read>=9 is not met: 2 of 9 `ok` of `read`"),
        "{sarif}"
    );
    let log = fs::read_to_string(directory.path().join("r.sarif")).expect("it was written");
    assert!(log.contains("\"ruleId\": \"COV01\"") && log.contains("\"id\": \"COV01\""), "{log}");
    let (said, code) = told(&directory, &["h.jsonl", "--require", "ok.read>9"]);
    assert!(code == 2 && said.contains("at character 8"), "{said}");
    assert!(run(&["explain", "COV01"]).contains("--require"));
}

#[test]
fn faults_that_one_record_tells_meet_the_same_where_a_history_is_sorted() {
    let fault = r#"{"type":"fault","name":"partition","call":5,"return":2000}"#;
    let write = |at: usize| {
        let event = |kind: &str, time: usize| {
            format!(
                "{{\"process\":0,\"type\":\"{kind}\",\"f\":\"write\",\"key\":{},\"value\":{at},\"time\":{time}}}\n",
                at % 7
            )
        };
        event("invoke", 20 * at) + &event("ok", 20 * at + 10)
    };
    // Where it stands among the others says nothing.
    let last = r#"{"type":"fault","name":"kill","call":59000,"return":70000}"#;
    let first = r#"{"type":"fault","name":"none","call":-9,"return":-1}"#;
    let writes = (1..3_000).map(write).collect::<String>();
    let history = format!("{}{fault}\n{writes}{last}\n{first}\n", write(0));
    let directory = directory(&[("h.jsonl", history.as_bytes())]);
    for (requirement, code) in [
        ("ok>=3000", 0),
        ("ok>=3001", 4),
        ("ok@partition>=100", 0),
        ("ok@partition>=101", 4),
        ("ok@kill>=50", 0),
        ("ok@kill>=51", 4),
        ("ok@after>=1000", 4),
        ("faults>=2", 0),
        ("faults>=3", 4),
    ] {
        let said = ["600kB", "1GiB"].map(|limit| {
            let arguments = ["h.jsonl", "-o", "json", "--memory-limit", limit, "--require", requirement];
            let output = run_in(&directory, &arguments);
            assert_eq!(output.status.code(), Some(code), "{limit}: {}", shown(&output));
            let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it prints JSON");
            let is_sorted = report["histories"][0]["notes"].to_string().contains("sorted by key on disk");
            assert_eq!(is_sorted, limit == "600kB");
            report["histories"][0]["unmet"].clone()
        });
        assert_eq!(said[0], said[1], "{requirement}");
    }
    // So do findings.
    let stale = r#"{"process":1,"type":"invoke","f":"read","key":0,"value":null,"time":1000}
{"process":1,"type":"ok","f":"read","key":0,"value":0,"time":1001}
"#;
    let (before, after) = history.split_at(history.find("\"time\":1000}").expect("it is there"));
    let (line, _) = before.rsplit_once('\n').expect("it is not the first");
    let wrong = format!("{line}\n{stale}{}{after}", &before[line.len() + 1..]);
    fs::write(directory.path().join("wrong.jsonl"), wrong).expect("it can be written");
    let scopes = ["600kB", "1GiB"].map(|limit| {
        let report = of_json(&directory, &["wrong.jsonl", "-o", "json", "--memory-limit", limit]);
        report["histories"][0]["anomalies"][0]["scope"]["faults"].clone()
    });
    assert_eq!(scopes[0][0]["fault"]["name"], "partition", "{}", scopes[0]);
    assert_eq!(scopes[0], scopes[1]);
}

#[test]
fn a_violation_is_never_masked_by_a_requirement_and_neither_masks_it() {
    let directory = with(&["stale-read.jsonl", "counter.edn"]);
    let arguments = ["stale-read.jsonl", "--require", "ok.read>=1000"];
    let (said, code) = told(&directory, &arguments);
    assert!(code == 1 && said.contains("COV01"), "{said}");
    // Where the violation passes, what is missing counts, also for whoever judges the report.
    let passing = ["--fail-on", "none", "--report", "json=r.json"];
    assert_eq!(told(&directory, &[&arguments[..], &passing].concat()).1, 4);
    assert_eq!(told(&directory, &["merge", "r.json", "--fail-on", "none"]).1, 4);
    assert_eq!(
        told(&directory, &[&arguments[..], &["--fail-on", "none", "--on-vacuous", "warn"]].concat()).1,
        0
    );
    let unknown = ["counter.edn", "--max-configurations", "1", "--require", "ok>=1000000"];
    assert_eq!(told(&directory, &unknown).1, 3);
}
