//! Histories that are larger than the memory they may take.

use std::fmt::Write as _;
use std::fs::File;
use std::time::Duration;

use seriatim_model::ModelName;
use seriatim_testkit::{Plan, Script, simulate};

use super::*;

/// How the lines of a script are written.
#[derive(Clone, Copy, PartialEq)]
enum Style {
    Json,
    /// With a key in every value, as Jepsen's independent workloads have it.
    Tuples,
}

fn script(operations: usize, keys: usize) -> Script {
    let plan = Plan {
        keys,
        values: 5,
        crash: 0.01,
        fail: 0.01,
        lie: 0.0002,
        nemesis: true,
        ..Plan::long(ModelName::CasRegister, operations, 10)
    };
    simulate::script(7, &plan)
}

fn written(script: &Script, style: Style) -> String {
    let mut out = String::new();
    for line in &script.lines {
        let (kind, f, time) = (line.kind.word(), line.function, line.time);
        let value = line.value.as_ref().map_or("nil".to_owned(), ToString::to_string);
        let written = match (style, line.process) {
            (Style::Json, Some(process)) => {
                let key = line.key.map_or("null".to_owned(), |key| key.to_string());
                let value = value.replace(' ', ",").replace("nil", "null");
                let result = line.result.as_ref().map_or("null".to_owned(), ToString::to_string);
                writeln!(
                    out,
                    r#"{{"process":{process},"type":"{kind}","f":"{f}","key":{key},"value":{value},"result":{result},"time":{time}}}"#
                )
            }
            (Style::Json, None) => {
                writeln!(
                    out,
                    r#"{{"process":"nemesis","type":"info","f":"{f}","value":["é"],"time":{time}}}"#
                )
            }
            (Style::Tuples, Some(process)) => {
                let key = line.key.unwrap_or_default();
                let result =
                    line.result.as_ref().map_or(String::new(), |result| format!(", :result {result}"));
                writeln!(
                    out,
                    "{{:type :{kind}, :f :{f}, :value [{key} {value}], :process {process}, :time {time}{result}}}"
                )
            }
            (Style::Tuples, None) => {
                writeln!(out, "{{:type :info, :f :{f}, :value nil, :process :nemesis, :time {time}}}")
            }
        };
        written.expect("texts can be written to");
    }
    out
}

/// What a run printed, and the most memory that it held, in bytes, where that can be seen.
/// `input` is the file that is its standard input.
fn peak(directory: &TempDir, arguments: &[&str], input: &str) -> (String, Option<usize>) {
    let out = directory.path().join("out");
    let input = File::open(directory.path().join(input)).expect("it is there");
    let mut child = seriatim(arguments)
        .current_dir(directory.path())
        .stdin(input)
        .stdout(File::create(&out).expect("a file can be made"))
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary runs");
    let status = format!("/proc/{}/status", child.id());
    let mut most = None;
    while child.try_wait().expect("it is our child").is_none() {
        let status = fs::read_to_string(&status).unwrap_or_default();
        let seen = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        most = seen.and_then(|kilobytes| kilobytes.parse::<usize>().ok()).map(|seen| seen << 10).or(most);
        std::thread::sleep(Duration::from_millis(1));
    }
    (fs::read_to_string(&out).expect("it printed"), most)
}

/// A report without what is told of histories only that are held as a whole, without the note that says so, and without the
/// command, which says how much memory there was.
fn of_parts(report: &str) -> serde_json::Value {
    let mut report: serde_json::Value = serde_json::from_str(report).expect("it prints JSON");
    report.as_object_mut().expect("a report").remove("command");
    for history in report["histories"].as_array_mut().expect("histories") {
        let history = history.as_object_mut().expect("a history");
        history.remove("still_holds");
        history.remove("run");
        for anomaly in history["anomalies"].as_array_mut().expect("anomalies") {
            let anomaly = anomaly.as_object_mut().expect("an anomaly");
            anomaly.remove("lag");
            for name in ["around", "possible", "frontier", "placements"] {
                anomaly.remove(name);
            }
            for operation in anomaly["operations"].as_array_mut().expect("operations") {
                let operation = operation.as_object_mut().expect("an operation");
                for name in ["call_s", "end_s", "call_text", "end_text"] {
                    operation.remove(name);
                }
            }
        }
        for part in history["parts"].as_array_mut().expect("parts") {
            if let Some(refutation) = part["refutation"].as_object_mut() {
                refutation.remove("possible");
                refutation.remove("frontier");
            }
        }
        let is_that = |note: &serde_json::Value| {
            note["message"].as_str().is_some_and(|message| message.contains("sorted by key on disk"))
        };
        history["notes"].as_array_mut().expect("notes").retain(|note| !is_that(note));
    }
    report
}

#[test]
fn a_history_that_is_sorted_by_key_gets_the_report_of_the_whole() {
    let script = script(120_000, 150);
    let json = written(&script, Style::Json);
    let tuples = written(&script, Style::Tuples);
    let windows = format!("\u{feff}{}", json.replace('\n', "\r\n"));
    let vector = format!("[{}]", tuples.replace('\n', " "));
    let packed = zst(json.as_bytes());
    let two: String = json.lines().take(2).map(|line| format!("{line}\n")).collect();
    let directory = directory(&[
        ("two.jsonl", two.as_bytes()),
        ("keyed.jsonl", json.as_bytes()),
        ("windows.jsonl", windows.as_bytes()),
        ("packed.jsonl.zst", &packed),
        ("tuples.edn", tuples.as_bytes()),
        ("packed.edn.gz", &gzip(tuples.as_bytes())),
        ("vector.edn", vector.as_bytes()),
    ]);
    // What the program takes by itself, most of it its own code, is not what the limit is about.
    // It ends so soon that one may look too early.
    let runs = (0..9).filter_map(|_| peak(&directory, &["two.jsonl", "-o", "json"], "two.jsonl").1);
    let program = runs.max().unwrap_or_default();
    for (file, input) in [
        ("keyed.jsonl", "keyed.jsonl"),
        ("windows.jsonl", "keyed.jsonl"),
        ("packed.jsonl.zst", "keyed.jsonl"),
        ("tuples.edn", "keyed.jsonl"),
        ("packed.edn.gz", "keyed.jsonl"),
        ("vector.edn", "keyed.jsonl"),
        ("-", "windows.jsonl"),
        ("-", "packed.jsonl.zst"),
        ("-", "tuples.edn"),
        ("-", "packed.edn.gz"),
    ] {
        let check = |limit| {
            peak(
                &directory,
                &[file, "--output-format", "json", "--no-timings", "-v", "--memory-limit", limit],
                input,
            )
        };
        let ((whole, most), (sorted, little)) = (check("4GiB"), check("20MB"));
        assert!(
            whole.contains("\"invalid\"") && whole.contains("\"excerpt\"") | whole.contains("\"line\""),
            "{whole}"
        );
        assert!(sorted.contains("sorted by key on disk"), "{file}");
        assert!(!whole.contains("sorted by key on disk") && whole.contains("still_holds"), "{file}");
        assert_eq!(of_parts(&sorted), of_parts(&whole), "{file}");
        if let (Some(most), Some(little)) = (most, little) {
            assert!(
                little < program + 10_000_000 && 3 * little < 2 * most,
                "{file} is not held: {little}, {program} of nearly nothing, and {most} as a whole"
            );
        }
    }
}

#[test]
fn failures_that_are_doubted_are_so_where_a_history_is_sorted() {
    let directory = directory(&[("h.jsonl", written(&script(10_000, 50), Style::Json).as_bytes())]);
    let check = |limit: &str, options: &[&str]| {
        let arguments = ["h.jsonl", "-o", "json", "--no-timings", "--memory-limit", limit];
        let run = run_in(&directory, &[&arguments[..], options].concat());
        let report = text(&run.stdout);
        let history: serde_json::Value = serde_json::from_str(&report).expect("it prints JSON");
        let operations = &history["histories"][0]["operations"];
        (operations["fail"].as_u64(), operations["info"].as_u64(), of_parts(&report))
    };
    let (failed, unknown, _) = check("1GiB", &[]);
    let doubted = check("1GiB", &["--treat-fail-as-info", "f=write,frob"]);
    assert!(doubted.0 < failed && doubted.1 > unknown, "{:?}, {:?}", doubted.0, doubted.1);
    assert_eq!(check("4MB", &["--treat-fail-as-info", "f=write,frob"]), doubted);
}

#[test]
fn what_is_wrong_with_a_large_history_is_told_as_of_a_small_one() {
    let good = written(&script(5_000, 10), Style::Json);
    let bad = good.clone()
        + "{\"process\":99,\"type\":\"ok\",\"f\":\"read\",\"key\":1,\"value\":1}\n{\"process\":}\n"
        + &good[..good.find('\n').map_or(0, |end| end + 1)];
    let foreign = good.clone()
        + "{\"process\":77,\"type\":\"invoke\",\"f\":\"frob\",\"key\":1,\"value\":1}\n{\"process\":77,\"type\":\"ok\",\"f\":\"frob\",\"key\":1,\"value\":1}\n";
    let directory = directory(&[("bad.jsonl", bad.as_bytes()), ("foreign.jsonl", foreign.as_bytes())]);
    for text in [&bad, &foreign] {
        // Of what can be read once only, all that was read is read again.
        let text = text.repeat(3);
        let check = |limit| {
            shown(&with_stdin(
                &["-", "--model", "cas-register", "--no-timings", "--memory-limit", limit],
                text.as_bytes(),
            ))
        };
        let whole = check("1GiB");
        assert!(whole.contains("exit 2"), "{whole}");
        assert_eq!(check("200kB"), whole);
        assert_eq!(check("4MB"), whole);
    }
    for file in ["bad.jsonl", "foreign.jsonl"] {
        let check = |limit| {
            let run = run_in(
                &directory,
                &[file, "--model", "cas-register", "--no-timings", "--memory-limit", limit],
            );
            shown(&run)
        };
        let whole = check("1GiB");
        assert!(whole.contains("exit 2"), "{whole}");
        assert_eq!(check("200kB"), whole);
    }
}

/// A history of one key, which has to be held as a whole.
fn one_key(operations: usize) -> String {
    let plan = Plan { values: 5, keys: 0, ..Plan::long(ModelName::CasRegister, operations, 5) };
    written(&simulate::script(3, &plan), Style::Json)
}

#[test]
fn what_cannot_be_read_in_time_is_not_waited_for() {
    let directory = directory(&[("long.jsonl", one_key(100_000).as_bytes())]);
    let run = run_in(&directory, &["long.jsonl", "-o", "json", "--timeout", "1ms"]);
    let report: serde_json::Value = serde_json::from_slice(&run.stdout).expect("it prints JSON");
    let history = &report["histories"][0];
    assert_eq!(history["verdict"], "unknown");
    assert_eq!(history["notes"][0]["message"], "the time was up before it was read");
    assert_eq!(run.status.code(), Some(3));
}

#[test]
fn memory_is_kept_as_it_is_seen_from_outside() {
    const LIMIT: usize = 40 << 20;
    let text = one_key(200_000);
    assert!(text.len() < LIMIT, "the text alone would fit: {}", text.len());
    let directory = directory(&[("long.jsonl", text.as_bytes())]);
    let (report, most) =
        peak(&directory, &["long.jsonl", "-o", "json", "--memory-limit", "40MiB"], "long.jsonl");
    let Some(most) = most else { return };
    assert!(most <= LIMIT + LIMIT / 10, "{most}: {report}");
    assert!(
        report.contains("\"verdict\":\"unknown\"") || report.contains("\"verdict\": \"unknown\""),
        "{report}"
    );
    let (report, whole) = peak(&directory, &["long.jsonl", "-o", "json"], "long.jsonl");
    assert!(whole.is_some_and(|whole| whole > most + LIMIT / 4), "it is no use: {whole:?}, {report}");
}

#[test]
fn what_a_history_holds_the_search_may_not() {
    let script = simulate::script(
        3,
        &Plan { values: 5, keys: 0, crash: 0.02, ..Plan::long(ModelName::CasRegister, 3_000, 20) },
    );
    let text = written(&script, Style::Json);
    let directory = directory(&[("one.jsonl", text.as_bytes())]);
    let verdict = |limit| {
        let run = run_in(&directory, &["one.jsonl", "--output-format", "json", "--memory-limit", limit]);
        let report: serde_json::Value = serde_json::from_slice(&run.stdout).expect("it prints JSON");
        let history = &report["histories"][0];
        (history["verdict"].clone(), history["parts"][0]["unknown"]["reason"].clone())
    };
    assert_eq!(verdict("1GiB").0, "valid");
    // As much as the text has, of which the history takes all.
    let (verdict, reason) = verdict(&format!("{}B", text.len()));
    assert_eq!((verdict, reason), ("unknown".into(), "memory".into()));
}
