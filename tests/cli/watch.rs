//! `seriatim watch`: a log that grows.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Output, Stdio};
use std::thread;
use std::time::Duration;

use crate::{directory, run_in, seriatim, text};

fn op(process: u32, f: &str, key: &str, asked: &str, answered: &str) -> String {
    format!(
        "{{\"process\":{process},\"type\":\"invoke\",\"f\":\"{f}\",\"key\":\"{key}\",\"value\":{asked}}}\n\
         {{\"process\":{process},\"type\":\"ok\",\"f\":\"{f}\",\"key\":\"{key}\",\"value\":{answered}}}\n"
    )
}

fn append(path: &Path, text: &str) {
    let mut file = OpenOptions::new().append(true).create(true).open(path).expect("it can be opened");
    file.write_all(text.as_bytes()).expect("it can be written");
}

fn watch(directory: &Path, options: &[&str]) -> Child {
    let arguments = [&["watch", "log.jsonl", "--poll", "10ms", "--model", "register"], options].concat();
    let mut command = seriatim(&arguments);
    command
        .current_dir(directory)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs")
}

fn ended(child: Child) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = child.wait_with_output().expect("the binary ends");
    (status.code(), text(&stdout), text(&stderr))
}

fn pause() {
    thread::sleep(Duration::from_millis(400));
}

#[test]
fn each_change_is_told_and_the_end_is_that_of_a_check() {
    let files = directory(&[]);
    let path = files.path().join("log.jsonl");
    let child = watch(files.path(), &["--idle-timeout", "3s"]);
    pause();
    append(&path, &op(0, "write", "x", "1", "1"));
    pause();
    append(&path, &op(1, "write", "y", "7", "7"));
    // A line that is not whole yet.
    let stale = op(1, "read", "x", "null", "2");
    let (begun, rest) = stale.split_at(stale.len() - 9);
    append(&path, begun);
    pause();
    append(&path, rest);
    let (code, told, said) = ended(child);
    assert_eq!(code, Some(1), "{told}{said}");
    let lines: Vec<_> = told.lines().take(3).collect();
    assert_eq!(
        lines,
        [
            "valid so far: key \"x\", 1 operation",
            "valid so far: key \"y\", 1 operation",
            "violated at line 6: key \"x\", 2 operations",
        ],
        "{told}{said}"
    );
    let checked = text(&run_in(&files, &["check", "log.jsonl", "--no-timings"]).stdout);
    assert!(told.contains(checked.lines().next().expect("a report")), "{told}");
}

#[test]
fn the_first_violation_ends_it_where_that_is_asked_for() {
    let files = directory(&[]);
    let path = files.path().join("log.jsonl");
    append(&path, &op(0, "write", "x", "1", "1"));
    let child = watch(files.path(), &["--until-violation"]);
    let writer = thread::spawn(move || {
        for value in 2..40 {
            append(&path, &op(0, "write", "x", &value.to_string(), &value.to_string()));
            thread::sleep(Duration::from_millis(5));
        }
        append(&path, &op(1, "read", "x", "null", "5"));
    });
    let (code, told, said) = ended(child);
    writer.join().expect("it writes");
    assert_eq!(code, Some(1), "{told}{said}");
    assert!(told.contains("violated at line 80: key \"x\", 40 operations"), "{told}{said}");
}

#[test]
fn what_may_not_be_held_is_unknown() {
    let write = |value: usize| op(0, "write", ["x", "y"][value % 2], &value.to_string(), &value.to_string());
    let many: String = (0..4_000).map(write).collect();
    let wrong = op(0, "write", "z", "1", "1") + &op(1, "read", "z", "null", "2");
    for (begun, expected) in [(String::new(), 3), (wrong, 1)] {
        let files = directory(&[]);
        let path = files.path().join("log.jsonl");
        append(&path, &(begun + &write(0)));
        let child = watch(files.path(), &["--memory-limit", "1MB", "--idle-timeout", "60s"]);
        let rest = many.clone();
        let writer = thread::spawn(move || {
            for at in (0..rest.len()).step_by(20_000) {
                append(&path, &rest[at..rest.len().min(at + 20_000)]);
                thread::sleep(Duration::from_millis(2));
            }
        });
        let (code, told, said) = ended(child);
        writer.join().expect("it writes");
        assert_eq!(code, Some(expected), "{told}{said}");
        assert!(told.contains("valid so far: key \"y\""), "what could be held was checked: {told}{said}");
        let (_, byte) = said.split_once("is followed up to byte ").expect("it says where it stopped");
        let (byte, _) = byte.split_once(' ').expect("a number");
        let byte: usize = byte.parse().expect("a number");
        assert!((10_000..=200_000).contains(&byte), "{said}");
    }
}

#[test]
fn what_is_told_goes_on_after_a_violation_and_as_long_as_it_grows() {
    let files = directory(&[]);
    let path = files.path().join("log.jsonl");
    append(&path, &(op(0, "write", "x", "1", "1") + &op(1, "read", "x", "null", "5")));
    let child = watch(files.path(), &["--idle-timeout", "3s"]);
    // Longer than that, but never idle.
    for key in 0..20 {
        thread::sleep(Duration::from_millis(200));
        append(&path, &op(2, "write", &format!("k{key}"), "1", "1"));
    }
    // More than are told one by one.
    append(&path, &(20..40).map(|key| op(2, "write", &format!("k{key}"), "1", "1")).collect::<String>());
    let (code, told, said) = ended(child);
    assert_eq!(code, Some(1), "{told}{said}");
    for line in ["violated at line 4: key \"x\"", "valid so far: key \"k0\"", "more parts\n"] {
        assert!(told.contains(line), "{line}: {told}{said}");
    }
    assert_eq!(told.matches("violated at line").count(), 1, "{told}");
}

#[test]
fn a_violation_is_not_masked_by_what_cannot_be_read_later() {
    let files = directory(&[]);
    let path = files.path().join("log.jsonl");
    append(&path, &(op(0, "write", "x", "1", "1") + &op(1, "read", "x", "null", "5")));
    let child = watch(files.path(), &[]);
    thread::sleep(Duration::from_millis(1_500));
    append(&path, "{\"process\":0,\"type\":\"ok\",\"f\":\"write\"}\n".repeat(9).as_str());
    let (code, told, said) = ended(child);
    assert_eq!(code, Some(1), "{told}{said}");
    assert!(told.contains("violated at line 4") && said.contains("log.jsonl:5:1"), "{told}{said}");
}

#[test]
fn options_count_while_it_is_watched_and_at_the_end() {
    let failed = "{\"process\":0,\"type\":\"invoke\",\"f\":\"write\",\"key\":\"x\",\"value\":3}\n\
                  {\"process\":0,\"type\":\"fail\",\"f\":\"write\",\"key\":\"x\",\"value\":3}\n";
    // Swaps of 0 and 1 there and back, all at once, which take a search.
    let swap = |process: u32| {
        let swapped = ["[0,1]", "[1,0]"][process as usize % 2];
        op(process, "cas", "x", swapped, swapped)
    };
    let swaps: String = (0..6).map(swap).collect();
    let (calls, ends) = swaps.lines().partition::<Vec<_>, _>(|line| line.contains("invoke"));
    let many = [calls, ends].concat().join("\n") + "\n";
    for (log, option, code, expected) in [
        (op(1, "read", "x", "null", "7"), ["--init", "7"], 0, "valid so far"),
        (
            failed.to_owned() + &op(1, "read", "x", "null", "3"),
            ["--treat-fail-as-info", "f=write"],
            0,
            "valid",
        ),
        (many, ["--max-configurations", "1"], 3, "unknown (configurations): key \"x\", 6 operations"),
        (op(1, "frobnicate", "x", "1", "1"), ["--poll", "10ms"], 2, ""),
    ] {
        let files = directory(&[("log.jsonl", log.as_bytes())]);
        let mut arguments = vec!["watch", "log.jsonl", "--idle-timeout", "300ms"];
        arguments.extend(option);
        if log.contains("cas") {
            arguments.extend(["--model", "cas-register", "--init", "0"]);
        }
        let output = run_in(&files, &arguments);
        let (told, said) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{option:?}: {told}{said}");
        assert!(told.starts_with(expected), "{option:?}: {told}{said}");
        let count = said.matches("nothing is checked yet").count();
        assert_eq!(count, usize::from(code == 2), "{told}{said}");
    }
}

#[test]
fn an_open_operation_is_of_unknown_outcome() {
    let files = directory(&[]);
    let open = r#"{"process":9,"type":"invoke","f":"write","key":"x","value":5}"#;
    append(&files.path().join("log.jsonl"), &format!("{open}\n{}", op(1, "read", "x", "null", "5")));
    let (code, told, said) = ended(watch(files.path(), &["--idle-timeout", "300ms"]));
    assert_eq!(code, Some(0), "{told}{said}");
    assert!(told.starts_with("valid so far: key \"x\", 2 operations\n"), "{told}");
}

#[test]
fn what_was_open_is_decided_when_it_ends_and_what_stays_is_told_once() {
    let files = directory(&[]);
    let path = files.path().join("log.jsonl");
    let child = watch(files.path(), &["--idle-timeout", "4s"]);
    let stale = op(1, "read", "x", "null", "5");
    let (call, end) = stale.split_at(stale.find('\n').map_or(0, |at| at + 1));
    for text in [&op(0, "write", "x", "1", "1"), call, end] {
        append(&path, text);
        thread::sleep(Duration::from_millis(1_200));
    }
    let (code, told, said) = ended(child);
    assert_eq!(code, Some(1), "{told}{said}");
    let lines: Vec<_> = told.lines().take(2).collect();
    let expected = ["valid so far: key \"x\", 1 operation", "violated at line 4: key \"x\", 2 operations"];
    assert_eq!(lines, expected, "{told}{said}");
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_it_with_the_verdict() {
    for (answer, expected) in [("1", 0), ("3", 1)] {
        let files = directory(&[]);
        let path = files.path().join("log.jsonl");
        append(&path, &(op(0, "write", "x", "1", "1") + &op(1, "read", "x", "null", answer)));
        let child = watch(files.path(), &[]);
        thread::sleep(Duration::from_millis(1_500));
        let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
        assert!(killed.expect("there is `kill`").success());
        let (code, told, said) = ended(child);
        assert_eq!(code, Some(expected), "{told}{said}");
        assert!(told.contains("log.jsonl"), "the report of `check`: {told}{said}");
    }
}

#[test]
fn another_history_in_its_place_is_an_error() {
    let files = directory(&[]);
    let path = files.path().join("log.jsonl");
    append(&path, &op(0, "write", "x", "1", "1"));
    let child = watch(files.path(), &[]);
    thread::sleep(Duration::from_millis(300));
    fs::write(&path, "").expect("it can be written");
    let (code, told, said) = ended(child);
    assert_eq!(code, Some(2), "{told}{said}");
    assert!(said.contains("less in it than was read before"), "{said}");
}

#[test]
fn bad_input_is_an_error() {
    let files = directory(&[("log.jsonl", b"{\"process\":0,\"type\":\"ok\",\"f\":\"read\",\"value\":1}\n")]);
    let (code, _, said) = ended(watch(files.path(), &["--idle-timeout", "200ms"]));
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("log.jsonl:1:1"), "{said}");
    let none = directory(&[]);
    let (code, told, said) = ended(watch(none.path(), &["--idle-timeout", "100ms"]));
    assert_eq!(code, Some(2), "{told}{said}");
    assert!(said.starts_with("seriatim: `log.jsonl` is not there yet, and waited for\n"), "{said}");
    assert_eq!(run_in(&none, &["watch", "-"]).status.code(), Some(2));
    assert_eq!(run_in(&none, &["watch", ".", "--idle-timeout", "1s"]).status.code(), Some(2));
}
