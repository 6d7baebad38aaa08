//! What is printed.

use insta::assert_snapshot;

use crate::{directory, fixture, output, run, run_in, seriatim, shown, text};

#[test]
fn text_tells_the_model_the_options_and_how_much_was_checked() {
    assert_snapshot!(run(&["valid.jsonl"]));
}

#[test]
fn text_tells_what_cannot_be_linearized() {
    assert_snapshot!(run(&["check", "stale-read.jsonl"]));
}

#[test]
fn text_tells_how_far_an_undecided_search_came() {
    assert_snapshot!(run(&["counter.edn", "--max-configurations", "1"]));
}

#[test]
fn text_tells_that_nothing_was_checked() {
    assert_snapshot!(run(&["nothing-completed.jsonl"]));
}

#[test]
fn text_lists_the_parts_on_demand() {
    assert_snapshot!(run(&["stale-read.jsonl", "counter.edn", "-v", "--no-timings"]));
}

#[test]
fn errors_are_drawn_under_their_lines() {
    assert_snapshot!(run(&["several-errors.edn", "unknown-function.jsonl", "columns.txt", "table.csv"]));
}

#[test]
fn what_the_model_cannot_read_is_drawn_under_its_line() {
    assert_snapshot!(run(&["unknown-function.jsonl", "--model", "register"]));
}

#[test]
fn json_is_the_contract() {
    let arguments =
        ["stale-read.jsonl", "counter.edn", "--max-configurations", "1", "-o", "json", "--no-timings"];
    assert_snapshot!(run(&arguments));
}

#[test]
fn json_has_the_errors() {
    assert_snapshot!(run(&["several-errors.edn", "missing.edn", "-o", "json"]));
}

#[test]
fn jsonl_has_a_line_for_each_history() {
    assert_snapshot!(run(&[
        "valid.jsonl",
        "nothing-completed.jsonl",
        "missing.edn",
        "-o",
        "jsonl",
        "--no-timings"
    ]));
}

#[test]
fn compact_has_a_line_for_each_history() {
    let all =
        ["valid.jsonl", "stale-read.jsonl", "counter.edn", "several-errors.edn", "nothing-completed.jsonl"];
    assert_snapshot!(run(&[&all[..], &["--max-configurations", "1", "-o", "compact"]].concat()));
}

#[test]
fn times_are_measured_unless_they_are_not_wanted() {
    let part = |arguments: &[&str]| {
        let printed = output(arguments).stdout;
        let report: serde_json::Value = serde_json::from_slice(&printed).expect("it is JSON");
        report["histories"][0]["parts"][0].clone()
    };
    assert!(part(&["valid.jsonl", "-o", "json"])["elapsed_ms"].as_f64().expect("it was timed") >= 0.0);
    assert!(part(&["valid.jsonl", "-o", "json", "--no-timings"]).get("elapsed_ms").is_none());
}

#[test]
fn the_help_has_examples_and_exit_codes() {
    assert_snapshot!(run(&["--help"]));
}

#[test]
fn the_help_of_the_subcommands() {
    let help = run(&["verify-certificate", "--help"]);
    assert!(help.contains("the certificate is refused"), "{help}");
    assert!(run(&["check", "-h"]).contains("--max-configurations"));
    assert_eq!(run(&["--version"]), format!("seriatim {}\n\n--- exit 0 ---", env!("CARGO_PKG_VERSION")));
}

#[test]
fn models_and_formats_are_listed() {
    let models = run(&["models"]);
    assert!(models.contains("cas-register") && models.contains("compare-and-set"), "{models}");
    let formats = run(&["formats"]);
    assert!(formats.contains("jepsen-log-2014") && formats.contains("failed-cas observe"), "{formats}");
}

#[test]
fn anomalies_are_explained() {
    let all = run(&["explain"]);
    assert!(all.contains("\nLIN001   stale read") && all.contains("\nLIN012   general cycle"), "{all}");
    assert_snapshot!(run(&["explain", "lin002", "LIN009"]));
    let unknown = run(&["explain", "LIN000"]);
    assert!(unknown.contains("near it are `LIN001`") && unknown.contains("exit 2"), "{unknown}");
}

#[test]
fn colours_are_for_terminals_and_for_who_asks() {
    let colored = |command: &mut std::process::Command| {
        let printed = command.output().expect("the binary runs").stdout;
        text(&printed).contains('\u{1b}')
    };
    assert!(!colored(&mut seriatim(&["stale-read.jsonl"])), "this is no terminal");
    assert!(colored(&mut seriatim(&["stale-read.jsonl", "--color", "always"])));
    assert!(!colored(
        seriatim(&["stale-read.jsonl", "--color", "never"]).env("CLICOLOR_FORCE", "1").env("TERM", "xterm")
    ));
    assert!(colored(seriatim(&["stale-read.jsonl"]).env("CLICOLOR_FORCE", "1").env("TERM", "xterm")));
    assert!(!colored(
        seriatim(&["stale-read.jsonl"]).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1").env("TERM", "xterm")
    ));
    assert!(
        !colored(&mut seriatim(&["stale-read.jsonl", "-o", "json", "--color", "always"])),
        "JSON has no colours"
    );
}

#[test]
fn quiet_runs_print_less() {
    assert_eq!(run(&["stale-read.jsonl", "-qq"]), "\n--- exit 1 ---");
    assert_eq!(run(&["stale-read.jsonl", "-q"]), run(&["stale-read.jsonl"]));
}

#[test]
fn reports_go_to_files_too() {
    let directory = directory(&[("h.jsonl", &fixture("stale-read.jsonl"))]);
    let arguments =
        ["h.jsonl", "--report", "json=r.json", "--report", "text=r.txt", "--no-timings", "--color", "always"];
    let output = run_in(&directory, &[&arguments[..], &["-o", "compact"]].concat());
    assert_eq!(output.status.code(), Some(1));
    let read = |name: &str| std::fs::read(directory.path().join(name)).expect("it was written");
    let printed = |format: &str| run_in(&directory, &["h.jsonl", "--no-timings", "-o", format]).stdout;
    assert_eq!(text(&read("r.json")), text(&printed("json")));
    assert_eq!(text(&read("r.txt")), text(&printed("text")));
}

#[test]
fn a_report_that_cannot_be_written_is_an_error_before_anything_is_checked() {
    let directory = directory(&[("h.jsonl", &fixture("stale-read.jsonl"))]);
    let output = run_in(&directory, &["h.jsonl", "--report", "json=missing/r.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&output.stdout), "");
    assert!(text(&output.stderr).contains("cannot write the report `missing/r.json`"), "{}", shown(&output));
}

#[test]
fn text_fits_eighty_columns() {
    for arguments in [
        &["stale-read.jsonl", "several-errors.edn", "nothing-completed.jsonl", "table.csv"][..],
        &["counter.edn", "--max-configurations", "1", "-v", "--no-timings"],
    ] {
        let printed = run(arguments);
        let long: Vec<_> = printed.lines().filter(|line| line.chars().count() > 80).collect();
        assert!(long.is_empty(), "{long:#?}");
    }
}

#[test]
fn text_fits_as_many_columns_as_there_are() {
    let lines = |columns: &str, locale: &str| {
        let mut command = seriatim(&["stale-read.jsonl", "several-errors.edn", "table.csv"]);
        let printed =
            command.env("COLUMNS", columns).env("LC_ALL", locale).output().expect("the binary runs").stdout;
        text(&printed).lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let widest = |lines: &[String]| lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    let (narrow, usual, wide) = (lines("60", ""), lines("80", ""), lines("200", ""));
    assert_eq!(usual, lines("none", ""), "80 where nobody says how many");
    assert!(widest(&usual) <= 80 && widest(&wide) <= 200 && widest(&wide) > 150, "{wide:#?}");
    assert!(narrow.len() > usual.len() && wide.len() < usual.len());
    let bars = |lines: &[String]| lines.iter().filter(|line| line.contains('├')).count();
    assert_eq!((bars(&usual), bars(&wide)), (2, 2), "{usual:#?}");
    // Where the terminal shows nothing else, drawings are of ASCII.
    let ascii = lines("80", "C");
    assert_eq!((bars(&ascii), ascii.len()), (0, usual.len()));
    assert!(ascii.iter().any(|line| line.contains("|--") && line.contains("write 1")), "{ascii:#?}");
    assert_eq!(lines("80", "C.UTF-8"), usual);
}

#[test]
fn a_line_of_a_megabyte_is_not_printed_whole() {
    let long = "x".repeat(1 << 20);
    let history =
        format!("{{\"process\":0,\"type\":\"invoke\",\"f\":\"write\",\"value\":\"{long}\" oops}}\n");
    let directory = directory(&[("h.jsonl", history.as_bytes())]);
    let output = run_in(&directory, &["h.jsonl"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.len() < 2_000, "{} bytes", output.stdout.len());
    assert!(text(&output.stdout).contains("oops"), "{}", text(&output.stdout));
}

#[test]
fn text_commands_no_terminal() {
    let history = b"{\"process\":0,\"type\":\"invoke\",\"f\":\"\\u001b[31mwrite\",\"value\":1}\n{\"process\":0,\"type\":\"ok\",\"f\":\"\x1b]0;pwned\x07\",\"value\":1}\n";
    let directory = directory(&[("h\u{7}.jsonl", history)]);
    for format in ["text", "compact"] {
        let output = run_in(&directory, &["h\u{7}.jsonl", "-o", format]);
        assert_eq!(output.status.code(), Some(2), "{}", shown(&output));
        let printed = text(&output.stdout);
        assert!(!printed.contains(['\u{1b}', '\u{7}']), "{printed:?}");
    }
}
