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
