//! What other programs and browsers are given, and that it can be rendered again.

use insta::assert_snapshot;

use super::*;

/// The kinds of reports that a JSON report can be rendered as again.
const KINDS: [&str; 5] = ["html", "json", "junit", "markdown", "sarif"];

/// Checks with a report of each kind; what the files hold, and how it ended.
fn reports(directory: &TempDir, arguments: &[&str]) -> (Vec<String>, Option<i32>) {
    let files: Vec<_> = KINDS.iter().map(|kind| directory.path().join(format!("out.{kind}"))).collect();
    let asked: Vec<_> =
        KINDS.iter().zip(&files).map(|(kind, file)| format!("{kind}={}", file.display())).collect();
    let options = asked.iter().flat_map(|asked| ["--report", asked.as_str()]);
    let output = output(&arguments.iter().copied().chain(options).collect::<Vec<_>>());
    let read = |file: &PathBuf| fs::read_to_string(file).expect("it was written");
    (files.iter().map(read).collect(), output.status.code())
}

fn histories() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("histories").display().to_string()
}

#[test]
fn every_history_is_reported_as_the_schema_says_and_rendered_again() {
    let schema: serde_json::Value =
        serde_json::from_slice(&output(&["schema", "report"]).stdout).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    let directory = directory(&[]);
    let (checked, code) = reports(&directory, &["check", &histories(), "--no-timings", "-qq"]);
    assert_eq!(code, Some(1));
    let json: serde_json::Value = serde_json::from_str(&checked[1]).expect("it is JSON");
    let errors: Vec<_> = validator.iter_errors(&json).take(3).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert!(json["histories"].as_array().expect("histories").len() > 100);
    // Whoever renders it again writes the same, and ends as the check did.
    let saved = directory.path().join("run.json");
    fs::write(&saved, &checked[1]).expect("a file can be written");
    let saved = saved.to_str().expect("a path");
    let (again, code) = reports(&directory, &["report", saved, "-o", "none"]);
    assert_eq!(code, Some(1));
    for ((kind, one), other) in KINDS.iter().zip(&checked).zip(&again) {
        assert!(one == other, "{kind} is another one");
    }
}

#[test]
fn reports_do_not_depend_on_threads() {
    let directory = directory(&[]);
    let model = Path::new(&histories()).join("cas-register").display().to_string();
    let with = |threads| reports(&directory, &["check", &model, "--no-timings", "-qq", "-j", threads]);
    let (one, two) = (with("1"), with("2"));
    for (kind, (one, two)) in KINDS.iter().zip(one.0.iter().zip(&two.0)) {
        assert!(one == two, "{kind} is another one");
    }
}

#[test]
fn a_violation_is_told_to_each() {
    assert_snapshot!(
        "github",
        run(&["check", "stale-read.jsonl", "nothing-completed.jsonl", "-o", "github"])
    );
    let directory = directory(&[]);
    let arguments = ["check", "stale-read.jsonl", "several-errors.edn", "--no-timings", "-qq"];
    let (texts, code) = reports(&directory, &arguments);
    assert_eq!(code, Some(1));
    assert_snapshot!("junit", texts[2]);
    assert_snapshot!("markdown", texts[3]);
    assert_snapshot!("sarif", texts[4]);
    for word in ["LIN001", "stale read", "Could have been answered", "What still holds", "Assumptions"] {
        assert!(texts[0].contains(word), "{word}");
    }
}

#[test]
fn what_is_no_report_is_an_error() {
    let files: [(&str, &[u8]); 4] = [
        ("text.json", b"hello"),
        (
            "other.json",
            br#"{"schema":"seriatim-report/2","verdict":"valid","exit_code":0,"histories":[],"notes":[]}"#,
        ),
        (
            "code.json",
            br#"{"schema":"seriatim-report/1","verdict":"valid","exit_code":9,"histories":[],"notes":[]}"#,
        ),
        ("short.json", br#"{"schema":"seriatim-report/1","verdict":"valid","exit_code":0}"#),
    ];
    let directory = directory(&files);
    let told = files.map(|(file, _)| shown(&run_in(&directory, &["report", file])));
    assert_snapshot!(told.join("\n"));
    assert_eq!(run_in(&directory, &["report", "none.json"]).status.code(), Some(2));
    assert_eq!(run_in(&directory, &["report", "short.json", "--report", "text=x"]).status.code(), Some(2));
}

#[test]
fn a_report_comes_from_the_standard_input_too() {
    let json = output(&["check", "stale-read.jsonl", "-o", "json", "--no-timings"]).stdout;
    let again = with_stdin(&["report", "-", "-o", "json"], &json);
    assert_eq!((text(&again.stdout), again.status.code()), (text(&json), Some(1)));
}

/// The page of a check with these arguments.
fn page(arguments: &[&str]) -> String {
    let directory = directory(&[]);
    let file = directory.path().join("page.html");
    let asked = format!("html={}", file.display());
    output(&[&["check", "-qq", "--no-timings", "--report", &asked], arguments].concat());
    fs::read_to_string(file).expect("it was written")
}

fn history(name: &str) -> String {
    Path::new(&histories()).join(name).display().to_string()
}

#[test]
fn a_page_has_no_more_bytes_than_it_may_and_says_what_it_leaves_out() {
    let file = history("register/invalid/two-sides-go-on.jsonl");
    let whole = page(&[&file]);
    assert!(!whole.contains("it leaves out") && whole.contains("As it was recorded"));
    let least = page(&[&file, "--report-size", "1"]);
    assert!(least.contains("This page has more than the 1 bytes") && least.contains("LIN001"), "{least}");
    let bound = usize::midpoint(whole.len(), least.len());
    let less = page(&[&file, "--report-size", &bound.to_string()]);
    assert!(less.len() <= bound, "{} of {bound}", less.len());
    assert!(less.contains("it leaves out") && less.contains("LIN") && !less.contains("As it was recorded"));
    // The same of what is rendered again.
    let json = output(&["check", "--no-timings", &file, "-o", "json"]).stdout;
    let directory = directory(&[("run.json", &json)]);
    let bound = bound.to_string();
    let again = ["report", "run.json", "-o", "none", "--report", "html=again.html", "--report-size", &bound];
    assert_eq!(run_in(&directory, &again).status.code(), Some(1));
    let again = fs::read_to_string(directory.path().join("again.html")).expect("it was written");
    assert!(again == less, "{} bytes, and {}", again.len(), less.len());
    let refused = run(&["check", &file, "--report-size", "large"]);
    assert!(refused.contains("expected a size such as") && refused.contains("exit 2"), "{refused}");
}

#[test]
fn a_report_tells_the_version_and_what_was_called() {
    let called =
        |arguments: &[&str]| json(&[&["check", "stale-read.jsonl"], arguments].concat())["command"].clone();
    let expected =
        serde_json::json!(["seriatim", "check", "stale-read.jsonl", "--init", "a b", "--no-timings"]);
    assert_eq!(called(&["--init", "a b", "-j", "1"]), expected);
    assert_eq!(called(&["--init", "a b", "-j", "2", "--color", "always"]), expected, "it is the same check");
    let page = page(&["stale-read.jsonl", "--init", "a b"]);
    let command = "seriatim check --no-timings stale-read.jsonl --init 'a b'";
    assert!(page.contains(command), "{page}");
    assert!(page.contains(&format!("Checked by seriatim {}", env!("CARGO_PKG_VERSION"))), "{page}");
}

#[test]
fn findings_and_symptoms_are_on_the_axis_of_the_run() {
    let page = page(&[&history("register/invalid/two-sides-go-on.jsonl")]);
    let marks = page.matches("<text class=\"mark").count();
    let (findings, symptoms) =
        (page.matches("<path class=\"tick\"").count(), page.matches("<rect class=\"stretch\"").count());
    assert!(findings > 1 && symptoms == 1 && marks > 1, "{findings}, {symptoms}, {marks}");
    assert!(page.contains("<li>SYM08 split brain, "), "it is told in words, too: {page}");
}

#[test]
fn what_the_script_moves_is_told_without_it() {
    let page = page(&[&history("register/invalid/node-lags-a-moment.jsonl")]);
    let bars = page.matches("<g class=\"bar ").count();
    let told = page.matches("<li data-op=").count();
    assert!(bars == 4 && told >= bars, "{bars} are drawn, and {told} told");
    assert!(page.contains("Lanes by node") && page.contains("<tspan class=\"node\"> at n"), "{page}");
    assert!(page.contains("; answered <code>"), "{page}");
    let without = self::page(&["stale-read.jsonl", "--report-size", "1"]);
    assert!(!without.contains("Lanes by"), "words are words");
}

#[test]
fn what_was_read_is_known_by_its_hash() {
    // What another program says of the same bytes.
    let small = fs::read(fixtures().join("stale-read.jsonl")).expect("it is there");
    let small = (small, 977, "f79f125fc13496801df76ab8e3cad449");
    let event = |at: u32, kind: &str| {
        let (process, key) = (at % 7, at % 50);
        format!(
            "{{\"process\":{process},\"type\":\"{kind}\",\"f\":\"write\",\"key\":{key},\"value\":{at}}}\n"
        )
    };
    let large: String = (0..30_000).flat_map(|at| [event(at, "invoke"), event(at, "ok")]).collect();
    let large = (large.into_bytes(), 3_745_780, "18cfc6d3e39743c19e41a562857d797b");
    for (bytes, length, hash) in [small, large] {
        let directory = directory(&[("h.jsonl", &bytes)]);
        let file = run_in(&directory, &["h.jsonl", "-o", "json"]);
        for (output, path) in [(file, "h.jsonl"), (with_stdin(&["-", "-o", "json"], &bytes), "<stdin>")] {
            let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it prints JSON");
            let expected = serde_json::json!([{ "path": path, "bytes": length, "xxh3": hash }]);
            assert_eq!(report["histories"][0]["files"], expected, "{path}");
        }
    }
}
