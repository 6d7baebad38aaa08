use std::collections::BTreeSet;

use super::look::look;
use super::*;
use seriatim_history::build::Overrides;
use seriatim_history::format::{self, csv::ColumnMap};
use seriatim_history::{Format, Source, SourceId};
use seriatim_model::ModelName;

/// The codes that a text of the native format is found to deserve, each with how often.
fn codes(text: &str) -> Vec<(&'static str, usize)> {
    let source = Source { id: SourceId(0), text };
    let history = format::history(Format::Jsonl, &[source], &ColumnMap::default(), Overrides::default())
        .unwrap_or_else(|errors| panic!("{text}: {:?}", errors.first()));
    look(&history, Some(ModelName::Register))
        .into_iter()
        .map(|finding| (finding.rule.code, finding.count))
        .collect()
}

/// An event of a client, with what else it says.
fn event(process: u32, kind: &str, f: &str, value: &str, more: &str) -> String {
    format!("{{\"process\":{process},\"type\":\"{kind}\",\"f\":\"{f}\",\"value\":{value}{more}}}\n")
}

fn fault(name: &str) -> String {
    format!("{{\"process\":\"nemesis\",\"type\":\"info\",\"f\":\"{name}\"}}\n")
}

/// An operation that overlaps nothing.
fn op(process: u32, f: &str, value: &str) -> String {
    event(process, "invoke", f, value, "") + &event(process, "ok", f, value, "")
}

/// A recording in which nothing is found.
fn clean() -> String {
    let mut text = fault("start-partition") + &fault("stop-partition");
    for at in 0..10 {
        let (one, two) = (at.to_string(), (at + 100).to_string());
        text += &event(0, "invoke", "write", &one, "");
        text += &event(1, "invoke", "write", &two, "");
        text += &event(0, "ok", "write", &one, "");
        text += &event(1, "ok", "write", &two, "");
    }
    text + &op(0, "read", "109")
}

#[test]
fn in_a_clean_recording_nothing_is_found() {
    assert_eq!(codes(&clean()), []);
}

#[test]
fn each_rule_finds_what_it_is_for_and_nothing_else_does() {
    let slow = |process, at: i64| {
        event(process, "invoke", "write", &(200 + at).to_string(), &format!(",\"time\":{}", at * 1_000_000))
            + &event(process, "fail", "write", "null", &format!(",\"time\":{}", at * 1_000_000 + 950_000))
    };
    let quick = |value: i64| {
        event(7, "invoke", "write", &value.to_string(), ",\"time\":1")
            + &event(7, "ok", "write", &value.to_string(), ",\"time\":2")
    };
    // What has to come after what is clean for a rule to find it, and how often it does; and what is nearly the same.
    let error = |text: &str| {
        event(2, "invoke", "write", "300", "")
            + &event(2, "fail", "write", "300", &format!(",\"error\":\"{text}\""))
            + &op(0, "read", "109")
    };
    let unseen: String = (400..403).map(|value| op(2, "write", &value.to_string())).collect();
    let unknown: String = (400..408)
        .map(|process| {
            event(process, "invoke", "write", &process.to_string(), "")
                + &event(process, "info", "write", "null", "")
        })
        .collect();
    let seen = op(0, "read", "109");
    let cases: &[(&str, usize, String, String)] = &[
        ("HIS001", 1, op(2, "write", "5") + &seen, op(2, "write", "55") + &seen),
        (
            "HIS002",
            1,
            event(2, "invoke", "read", "null", ",\"time\":9") + &event(2, "ok", "read", "109", ",\"time\":8"),
            event(2, "invoke", "read", "null", ",\"time\":9") + &event(2, "ok", "read", "109", ",\"time\":9"),
        ),
        ("HIS003", 1, error("Read timed out"), error("connection refused")),
        ("HIS003", 1, error("java.io.EOFException: EOF"), error("geofence")),
        (
            "HIS004",
            3,
            quick(500) + &slow(2, 1) + &slow(2, 2) + &slow(2, 3) + &seen,
            quick(500) + &slow(2, 1) + &slow(2, 2) + &seen,
        ),
        (
            "HIS005",
            1,
            event(2, "invoke", "read", "null", "") + "{\"process\":2,\"type\":\"ok\",\"f\":\"read\"}\n",
            op(2, "read", "null"),
        ),
        (
            "HIS006",
            1,
            event(2, "invoke", "write", "300", "") + &seen,
            event(2, "invoke", "write", "300", "") + &event(2, "info", "write", "300", "") + &seen,
        ),
        ("HIS007", 1, event(2, "info", "write", "300", ""), String::new()),
        (
            "HIS009",
            1,
            event(2, "invoke", "write", "300", "")
                + &event(2, "info", "write", "300", "")
                + &op(2, "read", "109"),
            event(2, "invoke", "write", "300", "")
                + &event(2, "info", "write", "300", "")
                + &op(3, "read", "109"),
        ),
        ("HIS011", 3, unseen.clone(), unseen.clone() + &seen),
        ("HIS014", 1, fault("start-partition"), fault("start-partition") + &fault("stop-partition")),
        ("HIS015", 1, "{\"process\":2,\"ty".to_owned(), String::new()),
        ("HIS016", 1, unknown + &seen, String::new()),
    ];
    for (code, count, bad, good) in cases {
        let clean = clean();
        assert_eq!(codes(&(clean.clone() + bad)), [(*code, *count)], "{bad}");
        assert_eq!(codes(&(clean + good)), [], "{good}");
    }
    // Those that are about the whole.
    let all = |text: &str| codes(text).into_iter().map(|(code, _)| code).collect::<Vec<_>>();
    let apart: String = (0..10).map(|value| op(0, "write", &value.to_string())).collect();
    assert_eq!(all(&(fault("kill") + &fault("restart") + &apart + &seen)), ["HIS008"]);
    let blind = clean().replace(&op(0, "read", "109"), "");
    assert_eq!(all(&blind), ["HIS010"]);
    assert_eq!(all(&(op(0, "write", "1") + &op(0, "read", "1"))), ["HIS012"]);
    let keyed = |key: u32| {
        event(3, "invoke", "read", "null", &format!(",\"key\":{key}"))
            + &event(3, "ok", "read", "null", &format!(",\"key\":{key}"))
    };
    assert_eq!(codes(&(clean() + &keyed(1) + &keyed(2) + &keyed(2))), [("HIS013", 1)]);
}

#[test]
fn every_rule_has_a_row_and_a_test() {
    let codes: BTreeSet<&str> = RULES.iter().map(|rule| rule.code).collect();
    assert_eq!(codes.len(), RULES.len());
    let text = include_str!("tests.rs");
    for rule in RULES {
        assert!(text.contains(&format!("\"{}\"", rule.code)), "{} has no test", rule.code);
        assert!(!rule.name.contains(' ') && !rule.advice.ends_with('.'), "{}", rule.code);
    }
}
