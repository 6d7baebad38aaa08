//! How a run ends.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::{code, directory, fixture, fixtures, json, output, run, run_in, seriatim, shown, text};

/// A search that stops after one configuration: undecided, whatever the machine.
const UNDECIDED: [&str; 3] = ["counter.edn", "--max-configurations", "1"];

#[test]
fn each_verdict_has_a_code() {
    assert_eq!(code(&["valid.jsonl"]), 0);
    assert_eq!(code(&["stale-read.jsonl"]), 1);
    assert_eq!(code(&["several-errors.edn"]), 2);
    assert_eq!(code(&UNDECIDED), 3);
    assert_eq!(code(&["nothing-completed.jsonl"]), 4);
}

#[test]
fn a_violation_is_not_masked_by_an_unknown_and_a_bad_file() {
    let report =
        json(&["several-errors.edn", "counter.edn", "stale-read.jsonl", "--max-configurations", "1"]);
    let verdicts: Vec<_> = report["histories"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|history| history["verdict"].clone())
        .collect();
    assert_eq!(verdicts, ["error", "unknown", "invalid"]);
    assert_eq!((&report["verdict"], &report["exit_code"]), (&"invalid".into(), &1.into()));
    for order in [
        ["several-errors.edn", "counter.edn", "stale-read.jsonl"],
        ["stale-read.jsonl", "several-errors.edn", "counter.edn"],
        ["counter.edn", "stale-read.jsonl", "missing.edn"],
    ] {
        assert_eq!(code(&[&order[..], &["--max-configurations", "1"]].concat()), 1, "{order:?}");
    }
    let without = ["counter.edn", "nothing-completed.jsonl", "several-errors.edn", "valid.jsonl"];
    assert_eq!(code(&[&without[..], &["--max-configurations", "1"]].concat()), 2);
    assert_eq!(code(&[&UNDECIDED[..], &["nothing-completed.jsonl", "valid.jsonl"]].concat()), 3);
    assert_eq!(code(&["nothing-completed.jsonl", "valid.jsonl"]), 4);
}

#[test]
fn an_empty_file_is_vacuous() {
    for content in [&b""[..], b"\n \n", b"\xef\xbb\xbf", b"; nothing but a comment\n", b"[]"] {
        let directory = directory(&[("h.edn", content)]);
        let output = run_in(&directory, &["h.edn"]);
        assert_eq!(output.status.code(), Some(4), "{}", shown(&output));
        assert!(text(&output.stdout).contains("VACUOUS"), "{}", shown(&output));
        // An option that forbids the format to be found out changes nothing.
        assert_eq!(run_in(&directory, &["h.edn", "--input-format", "edn"]).status.code(), Some(4));
    }
}

#[test]
fn only_faults_are_vacuous() {
    let directory = directory(&[("h.edn", b"{:process :nemesis, :type :info, :f :start, :value nil}\n")]);
    let output = run_in(&directory, &["h.edn"]);
    assert_eq!(output.status.code(), Some(4), "{}", shown(&output));
    assert!(text(&output.stdout).contains("no client did anything"), "{}", shown(&output));
}

#[test]
fn answers_that_say_nothing_are_vacuous() {
    // What was read is not known, and nobody wrote.
    let read = |kind: &str| format!("{{:process 0, :type :{kind}, :f :read, :value nil}}\n");
    let directory = directory(&[("h.edn", (read("invoke") + &read("ok")).as_bytes())]);
    let output = run_in(&directory, &["h.edn"]);
    assert_eq!(output.status.code(), Some(4), "{}", shown(&output));
    let told = text(&output.stdout).replace("\n         ", " ");
    assert!(told.contains("no completed operation says anything about the object"), "{}", shown(&output));
    assert_eq!(run_in(&directory, &["h.edn", "--nil-read", "value"]).status.code(), Some(0));
}

#[test]
fn a_directory_without_histories_is_vacuous_and_says_so() {
    let empty = directory(&[]);
    let output = run_in(&empty, &["."]);
    assert_eq!(output.status.code(), Some(4), "{}", shown(&output));
    assert!(text(&output.stdout).contains("there is no file in it"), "{}", shown(&output));
    let others = directory(&[("a.txt", b"words"), ("b/c.bin", &[0, 1, 2, 0]), ("d.md", b"# title\n")]);
    let output = run_in(&others, &["."]);
    assert_eq!(output.status.code(), Some(4), "{}", shown(&output));
    assert!(text(&output.stdout).contains("none of the 3 files in it is a history"), "{}", shown(&output));
    // What is beside it does not hide it.
    let valid = fixtures().join("valid.jsonl");
    assert_eq!(run_in(&others, &[".", valid.to_str().expect("it is UTF-8")]).status.code(), Some(4));
}

#[test]
fn what_counts_can_be_chosen() {
    let with = |arguments: &[&str], more: &[&str]| code(&[arguments, more].concat());
    assert_eq!(with(&UNDECIDED, &["--on-unknown", "warn"]), 0);
    assert_eq!(with(&UNDECIDED, &["--on-vacuous", "warn"]), 3);
    assert_eq!(with(&["nothing-completed.jsonl"], &["--on-vacuous", "warn"]), 0);
    assert_eq!(with(&["nothing-completed.jsonl"], &["--on-unknown", "warn"]), 4);
    assert_eq!(with(&["stale-read.jsonl"], &["--on-unknown", "warn", "--on-vacuous", "warn"]), 1);
    assert_eq!(with(&["stale-read.jsonl", "nothing-completed.jsonl"], &["--exit-zero"]), 0);
    assert_eq!(with(&UNDECIDED, &["--exit-zero"]), 0);
    assert_eq!(with(&["several-errors.edn"], &["--exit-zero"]), 2);
    let report = json(&["stale-read.jsonl", "--exit-zero"]);
    assert_eq!((&report["verdict"], &report["exit_code"]), (&"invalid".into(), &0.into()));
}

#[test]
fn usage_errors_end_with_two() {
    for arguments in [
        &[][..],
        &["valid.jsonl", "--model", "abacus"],
        &["valid.jsonl", "--input-format", "xml"],
        &["valid.jsonl", "--timeout", "soon"],
        &["valid.jsonl", "--memory-limit", "0"],
        &["valid.jsonl", "--threads", "0"],
        &["valid.jsonl", "--ties", "sometimes"],
        &["valid.jsonl", "--report", "html"],
        &["valid.jsonl", "--report", "pdf=x"],
        &["valid.jsonl", "--map", "nonsense"],
        &["valid.jsonl", "--frobnicate"],
        &["valid.jsonl", "-q", "-v"],
        &["verify-certificate", "only-one"],
    ] {
        let output = output(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", shown(&output));
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{arguments:?}: {}", shown(&output));
    }
    let unknown = run(&["valid.jsonl", "--model", "abacus"]);
    assert!(unknown.contains("`cas-register`"), "{unknown}");
}

#[test]
fn what_is_missing_is_an_error_of_its_own() {
    let report = json(&["missing.edn", "valid.jsonl"]);
    assert_eq!(report["histories"][0]["verdict"], "error");
    assert_eq!(report["histories"][1]["verdict"], "valid");
    assert_eq!(report["exit_code"], 2);
}

#[test]
fn when_the_time_is_up_the_rest_is_unknown() {
    let report = json(&["valid.jsonl", "stale-read.jsonl", "--timeout", "0s"]);
    assert_eq!(report["exit_code"], 3);
    for history in report["histories"].as_array().expect("a list") {
        assert_eq!(history["verdict"], "unknown");
        assert_eq!(history["notes"][0]["message"], "the time was up before it was read");
    }
    assert_eq!(code(&["valid.jsonl", "--timeout", "none"]), 0);
}

/// Queues of equal elements and peeks that no order explains: the search is as long as one likes.
fn hopeless() -> String {
    let mut history = String::new();
    let mut event = |process: usize, kind: &str, f: &str, value: &str| {
        history +=
            &format!("{{\"process\":{process},\"type\":\"{kind}\",\"f\":\"{f}\",\"value\":{value}}}\n");
    };
    for process in 0..40 {
        event(process, "invoke", "enqueue", &process.to_string());
    }
    for process in 0..40 {
        event(process, "ok", "enqueue", &process.to_string());
    }
    for process in (0..38).rev() {
        event(99, "invoke", "dequeue", "null");
        event(99, "ok", "dequeue", &process.to_string());
    }
    event(99, "invoke", "dequeue", "null");
    event(99, "ok", "dequeue", "77");
    history
}

#[test]
fn the_time_limit_is_kept_inside_the_search() {
    let history = hopeless();
    let directory = directory(&[("h.jsonl", history.as_bytes())]);
    let started = Instant::now();
    let output = run_in(&directory, &["h.jsonl", "--timeout", "300ms", "-o", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    // A machine or a search that is quick enough refutes it.
    if report["verdict"] != "invalid" {
        assert_eq!(output.status.code(), Some(3), "{}", shown(&output));
        assert_eq!(report["histories"][0]["parts"][0]["unknown"]["reason"], "timeout");
    }
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    for format in ["text", "json", "jsonl", "compact"] {
        let directory = directory(&[("h.jsonl", &fixture("stale-read.jsonl"))]);
        let mut paths = vec!["h.jsonl"; 200];
        paths.extend(["-o", format]);
        let mut child = seriatim(&paths)
            .current_dir(directory.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("the binary ends");
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(1), String::new()), "{format}");
    }
}

#[cfg(target_os = "linux")]
mod interrupts {
    use std::fs;
    use std::process::{Child, Command, Output, Stdio};
    use std::sync::mpsc;
    use std::thread::{self, sleep};
    use std::time::Duration;

    use crate::{seriatim, shown};

    /// Waits until the process handles SIGINT by itself.
    fn wait_for_handler(child: &Child) {
        for _ in 0..1000 {
            let status =
                fs::read_to_string(format!("/proc/{}/status", child.id())).expect("the process is there");
            let caught =
                status.lines().find_map(|line| line.strip_prefix("SigCgt:")).expect("the kernel tells");
            if u64::from_str_radix(caught.trim(), 16).expect("a mask") & (1 << 1) != 0 {
                return;
            }
            sleep(Duration::from_millis(10));
        }
        panic!("no handler after ten seconds");
    }

    fn signal(child: &Child, name: &str) {
        let status =
            Command::new("kill").args([name, &child.id().to_string()]).status().expect("there is a kill");
        assert!(status.success());
        // The handler runs in a thread of its own.
        sleep(Duration::from_millis(300));
    }

    /// What a run says that is to end now; one that does not is killed, and the test fails.
    fn ending(child: Child) -> Output {
        let id = child.id().to_string();
        let (tell, told) = mpsc::channel();
        thread::spawn(move || tell.send(child.wait_with_output()));
        match told.recv_timeout(Duration::from_secs(60)) {
            Ok(output) => output.expect("what it says can be read"),
            Err(_) => {
                Command::new("kill").args(["-KILL", &id]).status().expect("there is a kill");
                panic!("it goes on after the signal");
            }
        }
    }

    #[test]
    fn an_interrupt_shows_what_was_decided_so_far() {
        for name in ["-INT", "-TERM"] {
            // It waits for its standard input when the signal comes, and does no longer then.
            let mut child = seriatim(&["stale-read.jsonl", "-", "valid.jsonl", "-o", "json"])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("the binary runs");
            wait_for_handler(&child);
            sleep(Duration::from_millis(300));
            signal(&child, name);
            let stdin = child.stdin.take();
            let output = ending(child);
            drop(stdin);
            assert_eq!(output.status.code(), Some(130), "{}", shown(&output));
            let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
            assert_eq!((&report["verdict"], &report["exit_code"]), (&"invalid".into(), &130.into()));
            assert_eq!(report["histories"][0]["verdict"], "invalid");
            for history in [1, 2] {
                let note = &report["histories"][history]["notes"][0]["message"];
                assert_eq!(note, "interrupted before it was read");
            }
        }
    }

    #[test]
    fn a_second_interrupt_ends_it_at_once() {
        let mut child = seriatim(&["-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        wait_for_handler(&child);
        signal(&child, "-INT");
        signal(&child, "-INT");
        let stdin = child.stdin.take();
        let output = ending(child);
        drop(stdin);
        assert_eq!(output.status.code(), Some(130), "{}", shown(&output));
    }
}
