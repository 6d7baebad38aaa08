//! What makes a run pass: baselines and `--fail-on`.

use insta::assert_snapshot;

use super::*;

/// Runs in a directory with the fixtures of these names.
pub(crate) fn with(names: &[&str]) -> TempDir {
    let files: Vec<(&str, Vec<u8>)> = names.iter().map(|&name| (name, fixture(name))).collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
    directory(&files)
}

/// What a run in a directory printed and how it ended.
pub(crate) fn told(directory: &TempDir, arguments: &[&str]) -> (String, i32) {
    let output = run_in(directory, arguments);
    (shown(&output), output.status.code().expect("it was not killed"))
}

pub(crate) fn of_json(directory: &TempDir, arguments: &[&str]) -> serde_json::Value {
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
pub(crate) fn lost_update(key: u32) -> String {
    let cas = |process, to: &'static str| [(process, "invoke", "cas", to), (process, "ok", "cas", to)];
    let first = [(0, "invoke", "write", "0"), (0, "ok", "write", "0")];
    events(key, &[&first[..], &cas(1, "[0,1]"), &cas(2, "[0,2]")].concat())
}

pub(crate) fn stale_read(key: u32) -> String {
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

/// Clients that ask four times in a hundred milliseconds for 20 s; for two seconds from a time on a node turns them down, or all nodes
/// do, while a fault lasts or not.
fn gap(at: i64, node: Option<u32>, fault: bool) -> String {
    let mut told = String::new();
    if fault {
        told += &format!(
            "{{\"type\":\"fault\",\"name\":\"kill\",\"nodes\":[\"n1\"],\"call\":{},\"return\":{}}}\n",
            at * 1_000_000,
            (at + 2_000) * 1_000_000
        );
    }
    for time in (0..20_000_i64).step_by(25) {
        let of = (time / 25 % 3) as u32;
        let is_down = (at..at + 2_000).contains(&time) && node.is_none_or(|node| node == of);
        let came = if is_down { "fail" } else { "ok" };
        told += &format!(
            "{{\"process\":{},\"f\":\"write\",\"value\":{time},\"call\":{},\"return\":{},\"type\":\"{came}\",\"node\":\"n{of}\"}}\n",
            time / 25 % 8,
            time * 1_000_000,
            (time + 3) * 1_000_000
        );
    }
    told
}

#[test]
fn a_known_symptom_hides_none_of_another_place_or_beside_another_fault() {
    let directory = directory(&[
        ("known.jsonl", gap(8_000, Some(1), true).as_bytes()),
        ("node.jsonl", gap(11_000, Some(2), true).as_bytes()),
        ("whole.jsonl", gap(8_000, None, true).as_bytes()),
        ("alone.jsonl", gap(8_000, Some(1), false).as_bytes()),
    ]);
    let gate = ["--fail-on", "symptom:availability-gap", "-o", "json"];
    let check =
        |path: &str, more: &[&str]| of_json(&directory, &[&["check", path], &gate[..], more].concat());
    assert_eq!(check("known.jsonl", &["--report", "json=r.json"])["exit_code"], 1);
    write_baseline(&directory, "r.json", &KNOWN);
    let known = ["--baseline", "b.json", "--today", "2026-06-01"];
    // Which node is killed is another one in each run.
    for (path, code) in [("known.jsonl", 0), ("node.jsonl", 0), ("whole.jsonl", 1), ("alone.jsonl", 1)] {
        let report = check(path, &known);
        assert_eq!(report["exit_code"], code, "{path}: {:#}", report["histories"][0]["symptoms"]);
    }
}
