//! What makes a run pass: baselines, `--fail-on`, requirements; and what is new from one run to the next.

use insta::assert_snapshot;

use super::*;

/// Runs in a directory with the fixtures of these names.
fn with(names: &[&str]) -> TempDir {
    let files: Vec<(&str, Vec<u8>)> = names.iter().map(|&name| (name, fixture(name))).collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
    directory(&files)
}

/// What a run in a directory printed and how it ended.
fn told(directory: &TempDir, arguments: &[&str]) -> (String, i32) {
    let output = run_in(directory, arguments);
    (shown(&output), output.status.code().expect("it was not killed"))
}

fn of_json(directory: &TempDir, arguments: &[&str]) -> serde_json::Value {
    let output = run_in(directory, arguments);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", shown(&output)))
}

/// Events of one line each: process, kind, function, value.
fn events(key: u32, events: &[(u32, &str, &str, &str)]) -> String {
    let line = |(process, kind, f, value): &(u32, &str, &str, &str)| {
        format!(
            "{{\"process\":{process},\"type\":\"{kind}\",\"f\":\"{f}\",\"key\":{key},\"value\":{value}}}\n"
        )
    };
    events.iter().map(line).collect()
}

/// A lost update of a key: another finding than a stale read.
fn lost_update(key: u32) -> String {
    let cas = |process, to: &'static str| [(process, "invoke", "cas", to), (process, "ok", "cas", to)];
    let first = [(0, "invoke", "write", "0"), (0, "ok", "write", "0")];
    events(key, &[&first[..], &cas(1, "[0,1]"), &cas(2, "[0,2]")].concat())
}

fn stale_read(key: u32) -> String {
    let write = |to| [(0, "invoke", "write", to), (0, "ok", "write", to)];
    let read = [(1, "invoke", "read", "null"), (1, "ok", "read", "1")];
    events(key, &[&write("1")[..], &write("2"), &read].concat())
}

fn write_baseline(directory: &TempDir, report: &str, more: &[&str]) -> (String, i32) {
    let arguments = ["baseline", "write", report, "-o", "b.json", "--author", "ada", "--today", "2026-06-01"];
    told(directory, &[&arguments[..], more].concat())
}

const KNOWN: [&str; 4] = ["--reason", "issue 17", "--expires", "2026-12-31"];

#[test]
fn what_is_known_is_told_everywhere_and_passes_until_the_day_that_it_names() {
    let directory = with(&["stale-read.jsonl"]);
    run_in(&directory, &["stale-read.jsonl", "--report", "json=r.json"]);
    assert_eq!(write_baseline(&directory, "r.json", &KNOWN).1, 0);
    let written = fs::read_to_string(directory.path().join("b.json")).expect("it was written");
    assert_snapshot!("baseline", written);
    let check = |today: &str, more: &[&str]| {
        let arguments = ["stale-read.jsonl", "--no-timings", "--baseline", "b.json", "--today", today];
        told(&directory, &[&arguments[..], more].concat())
    };
    let (text, code) = check("2026-12-31", &[]);
    assert_eq!(code, 0);
    for line in [
        "stale-read.jsonl: INVALID (not linearizable; let pass)",
        "LIN001 stale read, once in one part (baselined until 2026-12-31)",
        "= known: baselined by ada until 2026-12-31: issue 17",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert_snapshot!("github_of_what_is_known", check("2026-12-31", &["-o", "github"]).0);
    assert!(check("2026-12-31", &["-o", "compact"]).0.contains("counts as valid"));
    // The verdict stays, and JSON says as what it counts.
    let (report, _) = check("2026-12-31", &["-o", "json"]);
    let report: serde_json::Value =
        serde_json::from_str(report.split("\n--- ").next().expect("it is there")).expect("it prints JSON");
    let history = &report["histories"][0];
    assert_eq!((&report["verdict"], &report["exit_code"]), (&"invalid".into(), &0.into()));
    assert_eq!((&history["verdict"], &history["counts_as"]), (&"invalid".into(), &"valid".into()));
    let known = serde_json::json!({ "reason": "issue 17", "author": "ada", "expires": "2026-12-31" });
    assert_eq!(history["anomalies"][0]["baselined"], known);
    // In files.
    let files = ["junit=r.xml", "sarif=r.sarif", "markdown=r.md", "html=r.html"];
    check("2026-12-31", &files.iter().flat_map(|file| ["--report", *file]).collect::<Vec<_>>());
    let read = |name: &str| fs::read_to_string(directory.path().join(name)).expect("it was written");
    let junit = read("r.xml");
    assert!(!junit.contains("<failure") && !junit.contains("<error"), "{junit}");
    assert_eq!(junit.matches("<skipped").count(), 2, "{junit}");
    assert!(junit.contains("baselined by ada until 2026-12-31: issue 17"), "{junit}");
    let sarif: serde_json::Value = serde_json::from_str(&read("r.sarif")).expect("it is JSON");
    let suppressed = &sarif["runs"][0]["results"][0]["suppressions"];
    assert_eq!(
        *suppressed,
        serde_json::json!([{
            "kind": "external",
            "status": "accepted",
            "justification": "baselined by ada until 2026-12-31: issue 17"
        }])
    );
    for name in ["r.md", "r.html"] {
        assert!(read(name).contains("baselined by ada until 2026-12-31: issue 17"), "{name}");
    }
    // A day later.
    let (text, code) = check("2027-01-01", &[]);
    assert_eq!(code, 1);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for line in ["(baseline expired after 2026-12-31)", "note: gate: an entry of the baseline has expired"] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(check("2027-01-01", &["-o", "github"]).0.starts_with("::error "));
    check("2027-01-01", &["--report", "junit=r.xml"]);
    assert!(read("r.xml").contains("<failure"));
}

#[test]
fn a_history_passes_only_if_all_that_is_violated_is_known() {
    let directory = directory(&[("h.jsonl", stale_read(1).as_bytes())]);
    let check = |more: &[&str]| {
        let arguments =
            ["h.jsonl", "--model", "cas-register", "--baseline", "b.json", "--today", "2026-06-01"];
        told(&directory, &[&arguments[..], more].concat())
    };
    run_in(&directory, &["h.jsonl", "--model", "cas-register", "--report", "json=r.json"]);
    write_baseline(&directory, "r.json", &KNOWN);
    assert_eq!(check(&[]).1, 0);
    // The same kind in another part is the same finding; another kind is not.
    fs::write(directory.path().join("h.jsonl"), stale_read(1) + &stale_read(2)).expect("it can be written");
    assert_eq!(check(&[]).1, 0);
    fs::write(directory.path().join("h.jsonl"), stale_read(1) + &lost_update(2)).expect("it can be written");
    let (text, code) = check(&[]);
    assert!(code == 1 && text.contains("LIN009") && text.contains("baselined until"), "{text}");
    // What is known is told beside it, and JUnit tells which history fails.
    check(&["--report", "junit=r.xml"]);
    let junit = fs::read_to_string(directory.path().join("r.xml")).expect("it was written");
    assert!(junit.contains("<failure"), "{junit}");
    // A finding that is gone.
    fs::write(
        directory.path().join("h.jsonl"),
        events(1, &[(0, "invoke", "write", "1"), (0, "ok", "write", "1")]),
    )
    .expect("it can be written");
    for today in ["2026-06-01", "2027-06-01"] {
        let (text, code) = told(
            &directory,
            &[
                "h.jsonl",
                "--model",
                "cas-register",
                "--baseline",
                "b.json",
                "--today",
                today,
                "-o",
                "compact",
            ],
        );
        assert!(code == 0 && text.contains("it can be removed"), "{text}");
    }
}

#[test]
fn what_is_not_decided_is_not_let_pass() {
    let directory = with(&["counter.edn", "stale-read.jsonl"]);
    run_in(&directory, &["stale-read.jsonl", "--report", "json=r.json"]);
    write_baseline(&directory, "r.json", &KNOWN);
    let known = ["--baseline", "b.json", "--today", "2026-06-01", "--max-configurations", "1"];
    assert_eq!(told(&directory, &[&["stale-read.jsonl", "counter.edn"], &known[..]].concat()).1, 3);
    let warned = [&["stale-read.jsonl", "counter.edn", "--on-unknown", "warn"], &known[..]].concat();
    assert_eq!(told(&directory, &warned).1, 0);
    // In one history, too, whoever judges it: a key that is violated, and one that takes a search.
    let asked = |process: u32| match process {
        8 => ("write", "0"),
        _ => ("cas", ["[0,1]", "[1,0]"][process as usize % 2]),
    };
    let all =
        |kind: &'static str| (2..9).map(move |process| (process, kind, asked(process).0, asked(process).1));
    let many = events(2, &all("invoke").chain(all("ok")).collect::<Vec<_>>());
    fs::write(directory.path().join("h.jsonl"), stale_read(1) + &many).expect("it can be written");
    let h = ["h.jsonl", "--model", "cas-register"];
    told(&directory, &[&h, &known[4..], &["--report", "json=h.json"]].concat());
    fs::remove_file(directory.path().join("b.json")).expect("it is there");
    write_baseline(&directory, "h.json", &KNOWN);
    let (said, code) = told(&directory, &[&h, &known[..], &["-o", "compact"]].concat());
    assert!(code == 3 && said.contains("1 violated, 1 undecided"), "{said}");
    assert_eq!(told(&directory, &[&["merge", "h.json"], &known[..4]].concat()).1, 3);
}

#[test]
fn a_part_without_a_name_has_a_fingerprint_of_its_own() {
    // Nothing names what is wrong where there is no time to look for it, so what a report says is changed by hand.
    let directory = with(&["stale-read.jsonl"]);
    let mut report = of_json(&directory, &["stale-read.jsonl", "-o", "json", "--no-timings"]);
    report["histories"][0]["anomalies"] = serde_json::json!([]);
    report["histories"][0]["symptoms"] = serde_json::json!([]);
    for part in report["histories"][0]["parts"].as_array_mut().expect("parts") {
        if part["refutation"].is_object() {
            part["refutation"]["is_named"] = false.into();
        }
    }
    fs::write(directory.path().join("r.json"), report.to_string()).expect("it can be written");
    let merge = |more: &[&str]| {
        told(&directory, &[&["merge", "r.json", "--today", "2026-06-01", "-o", "github"], more].concat())
    };
    assert_eq!(merge(&[]).1, 1);
    let (said, code) = write_baseline(&directory, "r.json", &KNOWN);
    assert!(code == 0 && said.contains("1 entry added"), "{said}");
    let written = fs::read_to_string(directory.path().join("b.json")).expect("it was written");
    assert!(written.contains(r#""fingerprint": "violation/register/\"x\"/read""#), "{written}");
    let (text, code) = merge(&["--baseline", "b.json"]);
    assert!(code == 0 && text.starts_with("::notice "), "{text}");
    // That of another part is none of it.
    fs::write(directory.path().join("b.json"), written.replace(r#"\"x\""#, r#"\"y\""#))
        .expect("it can be written");
    assert_eq!(merge(&["--baseline", "b.json"]).1, 1);
    assert_eq!(merge(&["--fail-on", "anomaly:LIN001,symptom"]).1, 0);
}

#[test]
fn a_baseline_is_written_once_and_then_added_to() {
    let directory = directory(&[
        ("one.jsonl", stale_read(1).as_bytes()),
        ("two.jsonl", (stale_read(1) + &lost_update(2)).as_bytes()),
    ]);
    let model = ["--model", "cas-register", "--report"];
    run_in(&directory, &[&["one.jsonl"], &model[..], &["json=1.json"]].concat());
    run_in(&directory, &[&["two.jsonl"], &model[..], &["json=2.json"]].concat());
    assert!(
        write_baseline(&directory, "2.json", &[&KNOWN[..], &["--update"]].concat())
            .0
            .contains("2 entries added")
    );
    let (said, code) = write_baseline(&directory, "1.json", &KNOWN);
    assert!(code == 2 && said.contains("`b.json` is there already"), "{said}");
    let read = || fs::read_to_string(directory.path().join("b.json")).expect("it is there");
    let before = read();
    let later = ["--reason", "issue 18", "--expires", "2027-12-31", "--update"];
    let (said, code) = write_baseline(&directory, "1.json", &later);
    assert!(code == 0 && said.contains("0 entries added, 0 renewed, 1 as before, 1 of findings"), "{said}");
    assert_eq!(read(), before);
    // What has expired is renewed, and keeps the day on which it was added.
    let again = ["baseline", "write", "1.json", "-o", "b.json", "--author", "bob", "--today", "2027-02-01"];
    let (said, code) = told(&directory, &[&again[..], &later].concat());
    assert!(code == 0 && said.contains("1 renewed"), "{said}");
    let entries: serde_json::Value = serde_json::from_str(&read()).expect("it is JSON");
    let days = |at: usize| {
        let entry = &entries["entries"][at];
        ["code", "author", "added", "expires"]
            .map(|field| entry[field].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(days(0), ["LIN001", "bob", "2026-06-01", "2027-12-31"]);
    assert_eq!(days(1), ["LIN009", "ada", "2026-06-01", "2026-12-31"]);
    let (said, code) =
        write_baseline(&directory, "1.json", &["--reason", "x", "--expires", "2026-05-31", "--update"]);
    assert!(code == 2 && said.contains("2026-05-31 is over"), "{said}");
    for wrong in [["--reason", " ", "--expires", "2026-12-31"], ["--reason", "x", "--expires", "2026-02-30"]]
    {
        assert_eq!(write_baseline(&directory, "1.json", &wrong).1, 2);
    }
    assert_eq!(write_baseline(&directory, "none.json", &later).1, 2);
}

#[test]
fn a_baseline_is_of_findings_and_holds_on_its_last_day() {
    // The same finding in two histories, and the same kind of violation of another model.
    let directory =
        directory(&[("a.jsonl", stale_read(1).as_bytes()), ("b.jsonl", stale_read(2).as_bytes())]);
    let check = |model: &str, more: &[&str]| {
        told(&directory, &[&["a.jsonl", "b.jsonl", "-o", "compact", "--model", model], more].concat())
    };
    check("cas-register", &["--report", "json=r.json"]);
    let today = ["--reason", "issue 17", "--expires", "2026-06-01"];
    let (said, code) = write_baseline(&directory, "r.json", &today);
    assert!(code == 0 && said.contains("1 entry added"), "{said}");
    let known = ["--baseline", "b.json", "--today", "2026-06-01"];
    assert_eq!(check("cas-register", &known).1, 0);
    assert_eq!(check("register", &known).1, 1);
    let later = ["--reason", "issue 18", "--expires", "2026-07-01", "--update"];
    let (said, _) = write_baseline(&directory, "r.json", &later);
    assert!(said.contains("0 entries added, 0 renewed, 1 as before, 0 of findings"), "{said}");
    // What is renewed has the reason that is given now.
    let again = ["baseline", "write", "r.json", "-o", "b.json", "--author", "bob", "--today", "2026-06-02"];
    told(&directory, &[&again[..], &later].concat());
    let written = fs::read_to_string(directory.path().join("b.json")).expect("it was written");
    assert!(written.contains("issue 18") && !written.contains("issue 17"), "{written}");
    // The same kind of violation of another model is another finding here, too.
    check("register", &["--report", "json=other.json"]);
    let (said, _) = write_baseline(&directory, "other.json", &later);
    assert!(said.contains("1 entry added"), "{said}");
}

#[test]
fn what_is_no_baseline_is_an_error_with_its_place() {
    let entry = r#"{"fingerprint": "a", "code": "LIN001", "subject": "s", "reason": "r", "author": "a",
      "expires": "2027-01-01", "added": "2026-01-01"}"#;
    let of = |entries: &str| {
        format!("{{\n  \"schema\": \"seriatim-baseline/1\",\n  \"entries\": [\n    {entries}\n  ]\n}}\n")
    };
    let all = [
        ("twice.json", of(&format!("{entry},\n    {entry}"))),
        ("date.json", of(&entry.replace("2027-01-01", "2027-13-01"))),
        ("field.json", of(&entry.replace("\"code\"", "\"kode\""))),
        ("schema.json", of(entry).replace("baseline/1", "baseline/9")),
        ("text.json", "hello\n".to_owned()),
        ("empty.json", String::new()),
    ];
    let mut directory_of: Vec<(&str, &[u8])> =
        all.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    let valid = fixture("valid.jsonl");
    directory_of.push(("valid.jsonl", &valid));
    let directory = directory(&directory_of);
    let told: Vec<_> = all
        .iter()
        .map(|(name, _)| {
            let output = run_in(&directory, &["valid.jsonl", "-o", "compact", "--baseline", name]);
            assert_eq!(output.status.code(), Some(2), "{name}");
            text(&output.stderr)
        })
        .collect();
    assert_snapshot!(told.join("\n"));
    let missing = run_in(&directory, &["valid.jsonl", "--baseline", "missing.json"]);
    assert_eq!(missing.status.code(), Some(2));
    assert_eq!(run_in(&directory, &["valid.jsonl", "--baseline", "."]).status.code(), Some(2));
}

#[test]
fn only_what_is_listed_fails_and_nobody_is_green_by_accident() {
    let directory = with(&["stale-read.jsonl"]);
    for (list, code) in [
        ("violation", 1),
        ("anomaly:LIN001", 1),
        ("anomaly:stale-read,symptom", 1),
        ("anomaly:LIN002,anomaly:lin001", 1),
        ("anomaly:LIN002", 0),
        ("symptom", 0),
        ("none", 0),
    ] {
        let output = run_in(&directory, &["stale-read.jsonl", "-o", "json", "--fail-on", list]);
        assert_eq!(output.status.code(), Some(code), "{list}");
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it prints JSON");
        assert_eq!(report["verdict"], "invalid");
        let said = format!("`--fail-on {list}` does not ask for: stale-read.jsonl");
        assert_eq!(text(&output.stderr).matches(&said).count(), usize::from(code == 0), "{}", shown(&output));
        assert_eq!(report["notes"].to_string().contains(&said), code == 0);
    }
    let compact = run_in(&directory, &["stale-read.jsonl", "-o", "compact", "--fail-on", "none"]);
    assert_eq!(text(&compact.stderr).matches("does not ask for").count(), 1);
    for wrong in ["violations", "anomaly:LIN000", "symptom:spilt", "none,violation", ""] {
        let (said, code) = told(&directory, &["stale-read.jsonl", "--fail-on", wrong]);
        assert!(code == 2 && said.contains("--fail-on"), "{said}");
    }
}

/// A run with a partition, during which nobody reads.
const PARTITIONED: &str = r#"{"process":0,"type":"invoke","f":"write","key":1,"value":1}
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

#[test]
fn two_runs_are_compared_finding_by_finding() {
    let directory = directory(&[
        ("a.jsonl", stale_read(1).as_bytes()),
        ("b.jsonl", lost_update(1).as_bytes()),
        ("c.jsonl", PARTITIONED.as_bytes()),
        ("d.jsonl", lost_update(1).as_bytes()),
    ]);
    let check = |names: &[&str], report: &str| {
        let model = ["--model", "cas-register", "-qq", "--report", report];
        run_in(&directory, &[names, &model].concat());
    };
    check(&["a.jsonl", "b.jsonl", "c.jsonl", "d.jsonl"], "json=old.json");
    let write =
        |name: &str, text: String| fs::write(directory.path().join(name), text).expect("it can be written");
    write("a.jsonl", stale_read(1) + &stale_read(2) + &lost_update(3));
    write("b.jsonl", PARTITIONED.to_owned());
    write("c.jsonl", "{\"process\":0}\n".to_owned());
    write("e.jsonl", lost_update(1));
    check(&["a.jsonl", "b.jsonl", "c.jsonl", "e.jsonl"], "json=new.json");
    let diff = |arguments: &[&str]| told(&directory, &[&["diff"], arguments].concat());
    assert_snapshot!("diff", diff(&["old.json", "new.json"]).0);
    assert_snapshot!("diff_markdown", diff(&["old.json", "new.json", "-o", "markdown"]).0);
    let json = of_json(&directory, &["diff", "old.json", "new.json", "-o", "json"]);
    assert_eq!((&json["schema"], &json["exit_code"]), (&"seriatim-diff/1".into(), &1.into()));
    assert_eq!(json["new"][1]["moved_from"], "d.jsonl");
    assert_eq!(diff(&["old.json", "old.json"]).1, 0);
    // What got worse counts, though nothing has a name.
    check(&["c.jsonl"], "json=worse.json");
    write("c.jsonl", PARTITIONED.to_owned());
    check(&["c.jsonl"], "json=good.json");
    let (said, code) = diff(&["good.json", "worse.json"]);
    assert!(code == 1 && said.contains("c.jsonl: valid → error (worse)"), "{said}");
    assert_eq!(diff(&["worse.json", "good.json"]).1, 0);
    for wrong in [["old.json", "none.json"], ["a.jsonl", "old.json"], [".", "old.json"]] {
        assert_eq!(diff(&wrong).1, 2, "{wrong:?}");
    }
    let old = fs::read(directory.path().join("old.json")).expect("it is there");
    fs::write(directory.path().join("copy.json"), &old).expect("it can be written");
    let mut command = seriatim(&["diff", "-", "copy.json"]);
    let input = fs::File::open(directory.path().join("old.json")).expect("it is there");
    let output = command.current_dir(directory.path()).stdin(input).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(0), "{}", shown(&output));
}

#[test]
fn what_may_still_be_there_is_not_called_resolved() {
    let directory = directory(&[("h.jsonl", stale_read(1).as_bytes())]);
    let check = |report: &str| run_in(&directory, &["h.jsonl", "-qq", "--report", report]);
    check("json=old.json");
    fs::write(directory.path().join("h.jsonl"), PARTITIONED).expect("it can be written");
    check("json=new.json");
    let new = fs::read(directory.path().join("new.json")).expect("it was written");
    let unknown = serde_json::json!("unknown");
    for (field, value, is_resolved) in [
        ("cut_short", false.into(), true),
        ("cut_short", true.into(), false),
        ("verdict", unknown.clone(), false),
        ("verdict", "error".into(), false),
        ("share", serde_json::json!({ "parts": 1, "of": 2 }), false),
        ("part", unknown, false),
    ] {
        let mut report: serde_json::Value = serde_json::from_slice(&new).expect("it is JSON");
        let history = &mut report["histories"][0];
        match field {
            "part" => history["parts"][0]["verdict"] = value.clone(),
            field => history[field] = value.clone(),
        }
        fs::write(directory.path().join("changed.json"), report.to_string()).expect("it can be written");
        let diff = of_json(&directory, &["diff", "old.json", "changed.json", "-o", "json"]);
        let count = |list: &str| diff[list].as_array().expect("a list").len();
        let expected = if is_resolved { (1, 0) } else { (0, 1) };
        assert_eq!((count("resolved"), count("unsettled")), expected, "{field}: {value}");
    }
}

#[test]
fn what_is_new_elsewhere_did_not_always_move_there() {
    let (both, valid) = (stale_read(1) + &lost_update(2), PARTITIONED.to_owned());
    // What `a` and `b` were, what `a` and `c` are now, the exit code, and from where something came.
    for (old, new, code, moved_from) in [
        ([None, Some(stale_read(1))], [None, Some(stale_read(1))], 1, Some("b.jsonl")),
        // There was another finding.
        ([None, Some(lost_update(1))], [None, Some(stale_read(1))], 1, None),
        // It is there still, though nobody can read it.
        ([Some(stale_read(1)), None], [Some("{".to_owned() + &valid), Some(stale_read(1))], 1, None),
        // `a` was there before, and did not have it.
        ([Some(valid.clone()), Some(stale_read(1))], [Some(stale_read(1)), None], 1, None),
        // It was violated before, in another way.
        ([Some(stale_read(1)), None], [Some(both), None], 1, None),
        // What is new and valid is no worse than what was not there; what is new and cannot be read is.
        ([Some(valid.clone()), None], [Some(valid.clone()), Some(valid.clone())], 0, None),
        ([Some(valid.clone()), None], [Some(valid.clone()), Some("{".to_owned() + &valid)], 1, None),
    ] {
        let directory = directory(&[]);
        for (report, names, texts) in
            [("json=1.json", ["a.jsonl", "b.jsonl"], &old), ("json=2.json", ["a.jsonl", "c.jsonl"], &new)]
        {
            let mut arguments = vec!["--model", "cas-register", "-qq", "--report", report];
            for (name, text) in names.into_iter().zip(texts) {
                if let Some(text) = text {
                    fs::write(directory.path().join(name), text).expect("it can be written");
                    arguments.push(name);
                }
            }
            run_in(&directory, &arguments);
        }
        let diff = of_json(&directory, &["diff", "1.json", "2.json", "-o", "json"]);
        assert_eq!(diff["exit_code"], code, "{diff:#}");
        let new = diff["new"].as_array().expect("a list");
        assert!(new.iter().all(|found| found["moved_from"].as_str() == moved_from), "{diff:#}");
    }
}

#[test]
fn symptoms_are_let_pass_by_the_rung_of_their_split() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("histories/register/invalid/two-sides-go-on.jsonl");
    let history = fs::read(path).expect("it is there");
    let directory = directory(&[("h.jsonl", &history)]);
    let check = |more: &[&str]| of_json(&directory, &[&["h.jsonl", "-o", "json"], more].concat());
    let symptom = ["--fail-on", "symptom", "--report", "json=r.json"];
    assert_eq!(check(&symptom)["exit_code"], 1);
    write_baseline(&directory, "r.json", &KNOWN);
    let known = ["--fail-on", "violation,symptom", "--baseline", "b.json", "--today", "2026-06-01"];
    let merged = of_json(&directory, &[&["merge", "r.json", "-o", "json"], &known[..]].concat());
    for report in [check(&known), merged] {
        assert_eq!(report["exit_code"], 0, "{report:#}");
        assert_eq!(report["histories"][0]["symptoms"][0]["baselined"]["reason"], "issue 17");
    }
    let written = fs::read_to_string(directory.path().join("b.json")).expect("it was written");
    let other = written.replace("SYM08/register/jointly", "SYM08/register");
    assert_ne!(other, written);
    fs::write(directory.path().join("b.json"), other).expect("it can be written");
    assert_eq!(check(&known)["exit_code"], 1);
}
