//! `stats`, `lint`, `demo`, `generate`, and the help: what is around a check.

use std::fs;
use std::process::Command;

use insta::assert_snapshot;

use crate::{code, directory, output, run, run_in, text, with_stdin};

/// A recording of everything that figures tell of.
const RECORDING: &str = concat!(
    r#"{"process":0,"type":"invoke","f":"write","key":"x","value":1,"time":0,"node":"n1"}"#,
    "\n",
    r#"{"process":1,"type":"invoke","f":"read","key":"x","value":null,"time":1000,"node":"n2"}"#,
    "\n",
    r#"{"process":0,"type":"ok","f":"write","key":"x","value":1,"time":2000,"node":"n1"}"#,
    "\n",
    r#"{"process":1,"type":"ok","f":"read","key":"x","value":1,"time":3000,"node":"n2"}"#,
    "\n",
    r#"{"process":"nemesis","type":"info","f":"start-partition","value":["n1"],"time":4000}"#,
    "\n",
    r#"{"process":0,"type":"invoke","f":"write","key":"y","value":1,"time":5000,"node":"n1"}"#,
    "\n",
    r#"{"process":0,"type":"fail","f":"write","key":"y","value":1,"time":6000,"node":"n1","error":"timeout"}"#,
    "\n",
    r#"{"process":"nemesis","type":"info","f":"stop-partition","time":7000}"#,
    "\n",
    r#"{"process":1,"type":"invoke","f":"write","key":"x","value":1,"time":8000,"node":"n2"}"#,
    "\n",
    r#"{"process":1,"type":"info","f":"write","key":"x","value":1,"time":10000,"node":"n2"}"#,
    "\n",
);

#[test]
fn the_figures_of_a_recording() {
    let files = directory(&[("a.jsonl", RECORDING.as_bytes())]);
    assert_snapshot!("stats_text", text(&run_in(&files, &["stats", "a.jsonl"]).stdout));
    assert_snapshot!(
        "stats_json",
        text(&run_in(&files, &["stats", "a.jsonl", "--output-format", "json"]).stdout)
    );
}

#[test]
fn the_figures_of_a_recording_that_tells_less() {
    let event = |process: &str, kind: &str, more: &str| {
        format!("{{\"process\":{process},\"type\":\"{kind}\",\"f\":\"read\"{more}}}\n")
    };
    let fault =
        |time: &str| format!("{{\"process\":\"nemesis\",\"type\":\"info\",\"f\":\"start-kill\"{time}}}\n");
    let open =
        event("0", "invoke", ",\"time\":5") + &fault(",\"time\":7") + &event("1", "invoke", ",\"time\":9");
    let keyed = ",\"key\":1,\"value\":1";
    let recorded = open
        + &event("1", "ok", ",\"value\":1,\"time\":9")
        + &event("2", "invoke", keyed)
        + &event("2", "ok", keyed);
    let files = directory(&[("a.jsonl", recorded.as_bytes())]);
    let json = run_in(&files, &["stats", "a.jsonl", "-o", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).expect("it is JSON");
    let of = &json["recordings"][0];
    assert_eq!((&of["keys"]["without"], &of["keys"]["count"]), (&2.into(), &1.into()), "{of:#}");
    // An open operation overlaps all that come later.
    let concurrency = &of["concurrency"];
    assert_eq!(
        (&concurrency["overlapping"], &concurrency["mean_over"]),
        (&1.0.into(), &"events".into()),
        "{of:#}"
    );
    assert_eq!(
        (&of["times"]["duration_ns"], &of["faults"]["windows"][0]["ended"]),
        (&4.into(), &false.into())
    );
    let told = text(&run_in(&files, &["stats", "a.jsonl"]).stdout);
    for line in ["; 2 operations have none", "start-kill, from 2 ns on, never ended"] {
        assert!(told.contains(line), "{line}: {told}");
    }
}

#[test]
fn figures_need_a_recording_and_no_model() {
    let files = directory(&[
        ("runs/a.jsonl", RECORDING.as_bytes()),
        ("runs/b.edn", b"{:process 0 :type :invoke :f :frobnicate}\n"),
        ("runs/notes.md", b"hello\n"),
    ]);
    let all = run_in(&files, &["stats", "runs", "-o", "json"]);
    assert_eq!(all.status.code(), Some(0), "{}", text(&all.stderr));
    let json: serde_json::Value = serde_json::from_slice(&all.stdout).expect("it is JSON");
    let recordings = json["recordings"].as_array().expect("a list");
    assert_eq!(recordings.len(), 2);
    assert_eq!(recordings[0]["model"]["name"], "register");
    assert!(recordings[1]["model_problem"].as_str().expect("a text").contains("frobnicate"));
    assert!(text(&all.stderr).contains("1 file was left out"), "{}", text(&all.stderr));
    // What is malformed, or of no use at all, is an error in a directory, too; a warning comes before it.
    let files = directory(&[
        ("runs/bad.jsonl", b"{\"process\":0,\"type\":\"ok\",\"f\":\"read\"}\n"),
        ("runs/b.edn", b"{:process 0 :type :invoke :f :frobnicate}\n{:process 0 :type :ok :f :frobnicate}\n"),
        ("none/notes.md", b"hello\n"),
        ("a.jsonl", RECORDING.as_bytes()),
        ("bad.jsonl", b"{\"process\":0,\"type\":\"ok\",\"f\":\"read\"}\n{\"process\":1,\n"),
        ("empty.jsonl", b""),
    ]);
    for directory in ["runs", "none"] {
        for command in ["stats", "lint"] {
            let ended = run_in(&files, &[command, directory]);
            assert_eq!(ended.status.code(), Some(2), "{command} {directory}: {}", text(&ended.stderr));
        }
    }
    assert!(text(&run_in(&files, &["stats", "none"]).stderr).contains("there is no history in `none`"));
    assert_eq!(run_in(&files, &["lint", "runs", "a.jsonl"]).status.code(), Some(1));
    for bad in ["bad.jsonl", "empty.jsonl", "missing.jsonl"] {
        let ended = run_in(&files, &["stats", bad]);
        assert_eq!(ended.status.code(), Some(2), "{bad}");
        assert!(text(&ended.stderr).starts_with("error: "), "{bad}: {}", text(&ended.stderr));
        assert_eq!(run_in(&files, &["lint", bad]).status.code(), Some(2), "{bad}");
    }
}

#[test]
fn what_is_found_is_drawn_and_told_to_programs() {
    let files = directory(&[("a.jsonl", RECORDING.as_bytes())]);
    let drawn = run_in(&files, &["lint", "a.jsonl"]);
    assert_eq!(drawn.status.code(), Some(1));
    assert_snapshot!("lint_text", text(&drawn.stdout));
    assert_snapshot!("lint_json", text(&run_in(&files, &["lint", "a.jsonl", "-o", "json"]).stdout));
    assert_snapshot!("lint_list", run(&["lint", "--list"]));
}

#[test]
fn warnings_fail_and_notes_do_where_they_are_denied() {
    let ended = |options: &[&str]| with_stdin(&[&["lint", "-"], options].concat(), RECORDING.as_bytes());
    let code = |options: &[&str]| ended(options).status.code();
    assert_eq!(code(&[]), Some(1));
    // The only warning; what is left are notes.
    assert_eq!(code(&["--allow", "HIS003"]), Some(0));
    assert!(text(&ended(&["--allow", "HIS003"]).stdout).contains("HIS001"));
    assert_eq!(code(&["--allow", "warnings", "--deny", "HIS001"]), Some(1));
    assert_eq!(code(&["--allow", "warnings", "--deny", "notes"]), Some(1));
    assert_eq!(code(&["--allow", "warnings", "--deny", "HIS012"]), Some(0));
    assert_eq!(code(&["--allow", "warnings", "--deny", "timeout-recorded-as-fail"]), Some(1));
    assert_eq!(code(&["--allow", "warnings", "--allow", "notes"]), Some(0));
    let wrong = ended(&["--deny", "HIS999"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("there is no rule `HIS999`"), "{}", text(&wrong.stderr));
}

#[test]
fn the_demo_shows_a_violation_and_spoils_nothing() {
    let files = directory(&[]);
    let shown = run_in(&files, &["demo", "d"]);
    assert_eq!(shown.status.code(), Some(0), "{}", text(&shown.stderr));
    let said = text(&shown.stdout);
    for part in ["LIN010", "double grant", "d/lock-without-faults.jsonl", "ends with 0", "seriatim reduce d/"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    let path = files.path().join("d/lock-with-paused-client.jsonl");
    let violated = fs::read(&path).expect("it was written");
    assert_eq!(run_in(&files, &["check", "d", "-qq"]).status.code(), Some(1));
    assert_eq!(run_in(&files, &["demo", "d"]).status.code(), Some(0), "what is there is the same");
    fs::write(&path, b"mine").expect("it can be written");
    let refused = run_in(&files, &["demo", "d"]);
    assert_eq!(refused.status.code(), Some(2));
    let said = text(&refused.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("holds something else"), "{said}");
    assert_eq!(fs::read(&path).expect("it is there"), b"mine");
    assert!(violated.len() > 1_000);
}

#[test]
fn completions_are_made_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = output(&["generate", "completions", shell]);
        assert_eq!(script.status.code(), Some(0), "{shell}");
        assert!(text(&script.stdout).contains("verify-certificate"), "{shell}");
    }
    let files = directory(&[("seriatim.bash", &output(&["generate", "completions", "bash"]).stdout)]);
    if let Ok(checked) = Command::new("bash").args(["-n", "seriatim.bash"]).current_dir(files.path()).output()
    {
        assert!(checked.status.success(), "{}", text(&checked.stderr));
    }
    assert_eq!(code(&["generate", "completions", "tcsh"]), 2);
}

#[test]
fn every_command_has_a_manual_page() {
    let files = directory(&[("file", b"")]);
    assert_eq!(run_in(&files, &["generate", "man", "-o", "man"]).status.code(), Some(0));
    for command in
        ["", "-check", "-convert", "-demo", "-explain", "-lint", "-reduce", "-report", "-stats", "-watch"]
    {
        let page = fs::read_to_string(files.path().join(format!("man/seriatim{command}.1")))
            .expect("it was written");
        assert!(page.starts_with(".ie") && page.contains(".SH NAME"), "{page}");
        assert!(page.contains("Exit codes"), "{command}: {page}");
    }
    assert!(text(&output(&["generate", "man"]).stdout).contains("seriatim\\-check"));
    let refused = run_in(&files, &["generate", "man", "-o", "file"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("cannot write the pages"), "{}", text(&refused.stderr));
}

#[test]
fn the_help_of_each_command_in_short() {
    let help = text(&output(&["--help"]).stdout);
    let listed = help.split("Options:").next().unwrap_or_default();
    let lines = listed.lines().filter_map(|line| line.strip_prefix("  "));
    let commands = lines.filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
    let mut all = String::new();
    for command in commands
        .filter_map(|line| line.split_whitespace().next())
        .filter(|&command| command != "help" && command != "seriatim")
    {
        all += &format!("$ seriatim {command} -h\n{}\n", run(&[command, "-h"]));
    }
    assert!(all.matches("$ seriatim ").count() >= 14, "{all}");
    assert_snapshot!("short_help", all);
}
