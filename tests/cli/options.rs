//! What options change, and that the report says so.

use std::fs;
use std::path::Path;

use crate::{code, directory, fixture, json, output, run_in, shown, text};

fn check(history: &str, arguments: &[&str]) -> serde_json::Value {
    let directory = directory(&[("h", history.as_bytes())]);
    let output = run_in(&directory, &[&["h", "-o", "json", "--no-timings"], arguments].concat());
    let report: serde_json::Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", shown(&output)));
    report["histories"][0].clone()
}

fn events(events: &[(u32, &str, &str, &str)]) -> String {
    let line = |(process, kind, f, value): &(u32, &str, &str, &str)| {
        format!("{{\"process\":{process},\"type\":\"{kind}\",\"f\":\"{f}\",\"value\":{value}}}\n")
    };
    events.iter().map(line).collect()
}

fn in_force(history: &serde_json::Value, option: &str) -> (String, String) {
    let word = |field: &str| history["options"][option][field].as_str().unwrap_or_default().to_owned();
    (word("value"), word("from"))
}

fn given(value: &str) -> (String, String) {
    (value.to_owned(), "given".to_owned())
}

#[test]
fn the_initial_value() {
    let history =
        events(&[(0, "invoke", "read", "null"), (0, "ok", "read", "7"), (1, "invoke", "write", "1")]);
    assert_eq!(check(&history, &[])["verdict"], "invalid");
    let with = check(&history, &["--init", "7"]);
    assert_eq!(with["verdict"], "valid");
    assert_eq!(in_force(&with, "initial"), given("7"));
    assert_eq!(check(&history, &["--init", "\"7\""])["verdict"], "invalid");
    assert_eq!(check(&history, &["--init", "-1"])["verdict"], "invalid");
    let bad = check(&history, &["--init", "[7"]);
    assert_eq!(bad["verdict"], "error");
    assert_eq!(bad["diagnostics"][0]["message"], "`--init [7` is neither a JSON nor an EDN value");
    let wrong = check(&history, &["--init", "7", "--model", "unique-ids"]);
    assert_eq!(wrong["verdict"], "error", "{wrong:#}");
}

#[test]
fn a_header_declares_and_an_option_overrides() {
    let header = "{\"seriatim\":1,\"model\":\"cas-register\",\"init\":7}\n";
    let history = format!("{header}{}", events(&[(0, "invoke", "read", "null"), (0, "ok", "read", "7")]));
    let declared = check(&history, &[]);
    assert_eq!((&declared["model"], &declared["model_source"]), (&"cas-register".into(), &"declared".into()));
    assert_eq!(in_force(&declared, "initial"), ("7".to_owned(), "declared".to_owned()));
    assert_eq!(declared["verdict"], "valid");
    let overridden = check(&history, &["--init", "8", "--model", "register"]);
    assert_eq!((&overridden["model"], &overridden["model_source"]), (&"register".into(), &"given".into()));
    assert_eq!(in_force(&overridden, "initial"), given("8"));
    assert_eq!(overridden["verdict"], "invalid");
}

#[test]
fn reads_of_nil_and_failed_swaps() {
    let nil = events(&[
        (0, "invoke", "write", "1"),
        (0, "ok", "write", "1"),
        (0, "invoke", "read", "null"),
        (0, "ok", "read", "null"),
    ]);
    assert_eq!(check(&nil, &[])["verdict"], "invalid");
    let wildcard = check(&nil, &["--nil-read", "wildcard"]);
    assert_eq!((&wildcard["verdict"], in_force(&wildcard, "nil_read")), (&"valid".into(), given("wildcard")));
    let cas = events(&[
        (0, "invoke", "write", "1"),
        (0, "ok", "write", "1"),
        (0, "invoke", "cas", "[1,2]"),
        (0, "fail", "cas", "[1,2]"),
    ]);
    assert_eq!(check(&cas, &[])["verdict"], "valid");
    let observe = check(&cas, &["--failed-cas", "observe"]);
    assert_eq!(
        (&observe["verdict"], in_force(&observe, "failed_cas")),
        (&"invalid".into(), given("observe"))
    );
}

#[test]
fn ties_and_order() {
    let intervals = "{\"process\":0,\"f\":\"write\",\"value\":1,\"call\":0,\"return\":10,\"type\":\"ok\"}\n\
                     {\"process\":1,\"f\":\"read\",\"value\":null,\"call\":10,\"return\":20,\"type\":\"ok\"}\n";
    let overlap = check(intervals, &[]);
    assert_eq!(overlap["verdict"], "valid");
    assert_eq!(in_force(&overlap, "order"), ("time".to_owned(), "format".to_owned()));
    let ordered = check(intervals, &["--ties", "ordered"]);
    assert_eq!((&ordered["verdict"], in_force(&ordered, "ties")), (&"invalid".into(), given("ordered")));
    let late = "{\"process\":1,\"type\":\"invoke\",\"f\":\"read\",\"value\":null,\"time\":30}\n\
                {\"process\":1,\"type\":\"ok\",\"f\":\"read\",\"value\":1,\"time\":40}\n\
                {\"process\":0,\"type\":\"invoke\",\"f\":\"write\",\"value\":1,\"time\":10}\n\
                {\"process\":0,\"type\":\"ok\",\"f\":\"write\",\"value\":1,\"time\":20}\n";
    assert_eq!(check(late, &[])["verdict"], "invalid");
    let by_time = check(late, &["--order", "time"]);
    assert_eq!((&by_time["verdict"], in_force(&by_time, "order")), (&"valid".into(), given("time")));
}

#[test]
fn independent_keys() {
    let certain = events(&[
        (0, "invoke", "write", "[1,5]"),
        (0, "ok", "write", "[1,5]"),
        (0, "invoke", "read", "[2,null]"),
        (0, "ok", "read", "[2,null]"),
    ]);
    let automatic = check(&certain, &[]);
    assert_eq!(in_force(&automatic, "independent"), ("yes".to_owned(), "automatic".to_owned()));
    assert_eq!(
        (&automatic["verdict"], automatic["parts"].as_array().map(Vec::len)),
        (&"valid".into(), Some(2))
    );
    let together = check(&certain, &["--no-independent"]);
    assert_eq!((&together["verdict"], in_force(&together, "independent")), (&"invalid".into(), given("no")));
    // A write of a pair may be just that.
    let doubtful = events(&[(0, "invoke", "write", "[1,5]"), (0, "ok", "write", "[1,5]")]);
    assert_eq!(in_force(&check(&doubtful, &[]), "independent"), ("no".to_owned(), "automatic".to_owned()));
    let split = check(&doubtful, &["--independent"]);
    assert_eq!((&split["parts"][0]["key"], in_force(&split, "independent")), (&1.into(), given("yes")));
    let none = check(&text(&fixture("valid.jsonl")), &["--independent"]);
    assert_eq!(none["verdict"], "error");
    assert_eq!(none["diagnostics"][0]["message"], "expected `[key value]`, found `1`");
}

#[test]
fn the_columns_of_a_table() {
    let table = "who,what,sent,got,began,ended\n0,write,1,,10,20\n1,read,,1,30,40\n";
    let mapped = check(table, &["--map", "process=who,f=what,value=sent,output=got,call=began,return=ended"]);
    assert_eq!((&mapped["format"], &mapped["verdict"]), (&"csv".into(), &"valid".into()), "{mapped:#}");
    assert_eq!(mapped["notes"], serde_json::json!([]));
    // What is no table has no columns.
    let events = text(&fixture("valid.jsonl"));
    assert_eq!(check(&events, &[])["notes"], serde_json::json!([]));
    let note = &check(&events, &["--map", "process=who"])["notes"][0];
    assert_eq!(
        note["message"],
        "--map names the columns of a table, and this is none; it means nothing here"
    );
}

#[test]
fn the_format_can_be_named() {
    let tuples = "[0 :invoke :write 1]\n[0 :ok :write 1]\n";
    assert_eq!(check(tuples, &[])["format"], "tuples");
    assert_eq!(check(tuples, &["--input-format", "edn"])["verdict"], "error");
}

#[test]
fn a_model_that_cannot_be_inferred_is_an_error_that_lists_the_candidates() {
    let several = check(
        &events(&[(0, "invoke", "add", "1"), (0, "ok", "add", "1"), (1, "invoke", "read", "null")]),
        &[],
    );
    assert_eq!(several["verdict"], "error");
    assert_eq!(several["diagnostics"][0]["message"], "the functions `add`, `read` fit several models");
    assert_eq!(several["diagnostics"][0]["help"], "choose one with --model: `set`, `counter`");
    let bank = check(&events(&[(0, "invoke", "transfer", "{}"), (0, "ok", "transfer", "{}")]), &[]);
    let message = bank["diagnostics"][0]["message"].as_str().expect("a text").to_owned();
    assert!(message.contains("bank transfers"), "{message}");
    let declared = check(
        "{\"seriatim\":1,\"model\":\"abacus\"}\n{\"process\":0,\"type\":\"invoke\",\"f\":\"read\"}\n",
        &[],
    );
    assert_eq!(declared["verdict"], "error", "{declared:#}");
    // Without a completed operation there is nothing to judge by any model.
    let vacuous = check(&events(&[(0, "invoke", "transfer", "{}"), (0, "info", "transfer", "{}")]), &[]);
    assert_eq!(vacuous["verdict"], "vacuous");
}

#[test]
fn the_model_can_be_given() {
    let report = json(&["valid.jsonl", "--model", "CAS-Register"]);
    assert_eq!(report["histories"][0]["model"], "cas-register");
    assert_eq!(report["histories"][0]["model_inferred"], false);
}

/// A history of this project in which a write that failed is seen.
fn dirty_read() -> String {
    let path = "histories/register/invalid/failed-write-is-seen.edn";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(path).expect("it is there")
}

#[test]
fn failures_that_are_doubted_are_of_unknown_outcome() {
    let history = dirty_read();
    let failed = check(&history, &[]);
    assert_eq!(failed["verdict"], "invalid");
    assert_eq!(failed["anomalies"][0]["code"], "LIN004");
    // What the report says to try is what makes it legal.
    let message = failed["anomalies"][0]["message"].as_str().expect("a text");
    let (_, hint) = message.split_once("try `").expect("it says what to try");
    let hint: Vec<&str> = hint.trim_end_matches('`').split(' ').collect();
    assert_eq!(hint, ["--treat-fail-as-info", "f=write"]);
    let doubted = check(&history, &hint);
    assert_eq!(doubted["verdict"], "valid", "{doubted:#}");
    assert_eq!(in_force(&doubted, "treat_fail_as_info"), given("write"));
    let counts = |history: &serde_json::Value| {
        ["ok", "fail", "info"].map(|outcome| history["operations"][outcome].as_u64())
    };
    assert_eq!((counts(&failed), counts(&doubted)), ([2, 1, 0].map(Some), [2, 0, 1].map(Some)));
    assert_eq!(doubted["notes"], serde_json::json!([]));
    // Where nobody asked for it there is nothing in force.
    assert!(failed["options"]["treat_fail_as_info"].is_null(), "{failed:#}");
    // It may be repeated, and a list.
    let more = check(&history, &["--treat-fail-as-info", "f=read", "--treat-fail-as-info", "f=write,read"]);
    assert_eq!(more["verdict"], "valid");
    assert_eq!(in_force(&more, "treat_fail_as_info"), given("read,write"));
}

#[test]
fn failures_of_a_function_that_is_not_there_are_told() {
    let history = dirty_read();
    let misspelt = check(&history, &["--treat-fail-as-info", "f=wirte,write"]);
    assert_eq!(misspelt["verdict"], "valid");
    let note = &misspelt["notes"][0];
    let expected = "--treat-fail-as-info names `wirte`, which no operation is; it means nothing here";
    assert_eq!((&note["message"], &note["help"]), (&expected.into(), &"there are `write`, `read`".into()));
    let other = check(&history, &["--treat-fail-as-info", "f=read"]);
    assert_eq!((&other["verdict"], &other["notes"]), (&"invalid".into(), &serde_json::json!([])));
    for wrong in ["write", "f=", "f=write,"] {
        assert_eq!(code(&["valid.jsonl", "--treat-fail-as-info", wrong]), 2, "{wrong}");
    }
    let told = text(&output(&["valid.jsonl", "--treat-fail-as-info", "write"]).stderr);
    assert!(told.contains("expected `f=FUNCTION`, such as `f=write,cas`"), "{told}");
}
