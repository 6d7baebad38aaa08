use std::collections::BTreeSet;

use super::look::look;
use super::*;
use seriatim_history::build::Overrides;
use seriatim_history::format::{self, csv::ColumnMap};
use seriatim_history::{Format, Source, SourceId};
use seriatim_model::ModelName;

/// What is found in a text of the native format that would be checked against a model.
fn found(text: &str, model: ModelName) -> Vec<Finding> {
    let source = Source { id: SourceId(0), text };
    let history = format::history(Format::Jsonl, &[source], &ColumnMap::default(), Overrides::default())
        .unwrap_or_else(|errors| panic!("{text}: {:?}", errors.first()));
    look(&history, Some(model))
}

/// The codes that a text is found to deserve, each with how often.
fn codes(text: &str) -> Vec<(&'static str, usize)> {
    let found = found(text, ModelName::Register);
    found.into_iter().map(|finding| (finding.rule.code, finding.count)).collect()
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
    clean_of(10)
}

/// One with so many pairs of writes.
fn clean_of(pairs: usize) -> String {
    let mut text = fault("start-partition") + &fault("stop-partition");
    for at in 0..pairs {
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

/// An operation that fails after so many nanoseconds, with what it answers.
fn failed(process: u32, f: &str, value: &str, answer: &str, took: i64) -> String {
    event(process, "invoke", f, value, ",\"time\":10")
        + &event(process, "fail", f, answer, &format!(",\"time\":{}", 10 + took))
}

#[test]
fn what_is_nearly_a_finding_is_none() {
    let seen = op(0, "read", "109");
    let keyed = |f: &str, key: u32, value: &str| {
        let key = format!(",\"key\":{key}");
        event(3, "invoke", f, value, &key) + &event(3, "ok", f, value, &key)
    };
    let timed = |process, from: i64, to: i64| {
        event(process, "invoke", "read", "null", &format!(",\"time\":{from}"))
            + &event(process, "ok", "read", "109", &format!(",\"time\":{to}"))
    };
    // The same value, and what is another one all the same.
    let again = op(2, "WRITE", "5") + &op(2, "Write", "5") + &op(2, "Write", "5") + &seen;
    assert_eq!(codes(&(clean() + &again)), [("HIS001", 1)]);
    assert_eq!(codes(&(clean() + &failed(2, "write", "5", "5", 1) + &seen)), []);
    assert_eq!(codes(&(clean() + &keyed("write", 1, "5") + &keyed("read", 1, "5"))), []);
    let counted = clean() + &op(2, "add", "5") + &op(2, "add", "5") + &seen;
    assert_eq!(codes(&counted), [("HIS001", 1)]);
    assert!(found(&counted, ModelName::Counter).is_empty());
    // Times that nobody knows, and clocks of several clients.
    assert_eq!(codes(&(clean() + &timed(2, 9, -1) + &timed(3, 5, 6))), []);
    // Timeouts of reads, and where the error stands in the value.
    assert_eq!(codes(&(clean() + &failed(2, "read", "null", "\"timeout\"", 1))), []);
    assert_eq!(codes(&(clean() + &failed(2, "write", "300", "\"timeout\"", 1) + &seen)), [("HIS003", 1)]);
    assert_eq!(codes(&(clean() + &failed(2, "write", "\"timeout\"", "\"timeout\"", 1) + &seen)), []);
    // Failures that are no timeouts: as many are quick, or what is ok takes as long.
    let ok = |took: i64| {
        event(7, "invoke", "write", "500", ",\"time\":1")
            + &event(7, "ok", "write", "500", &format!(",\"time\":{}", 1 + took))
    };
    let fails = |count: i64, took: i64| -> String {
        (0..count).map(|at| failed(20, "write", &(600 + took + at).to_string(), "null", took + at)).collect()
    };
    let of = |took: i64, quick: i64| clean() + &ok(took) + &fails(3, 1_000) + &fails(quick, 1) + &seen;
    let found_of =
        |text: String| codes(&text).into_iter().filter(|&(code, _)| code == "HIS004").collect::<Vec<_>>();
    assert_eq!(found_of(of(100, 2)), [("HIS004", 3)]);
    assert_eq!(found_of(of(100, 3)), []);
    assert_eq!(found_of(of(101, 0)), []);
    // A record of a whole operation says itself that it has no end.
    let whole = concat!(
        r#"{"process":0,"f":"write","value":1,"call":1,"return":5}"#,
        "\n",
        r#"{"process":1,"f":"write","value":2,"call":2,"type":"info"}"#,
        "\n",
        r#"{"process":2,"f":"read","value":2,"call":6,"return":9}"#,
        "\n",
    );
    assert_eq!(codes(whole), [("HIS012", 1)]);
    // A fault whose record has its end, and a history without operations.
    let ended = "{\"type\":\"fault\",\"name\":\"partition\",\"call\":1,\"return\":9}\n";
    assert_eq!(codes(&(clean() + ended)), []);
    assert_eq!(codes("{\"seriatim\":1}\n"), []);
    // Compare-and-sets look, failed reads are not about writes, and queues have no reads.
    let blind = clean().replace(&seen, "");
    assert_eq!(codes(&(blind.clone() + &op(0, "cas", "[1,2]"))), []);
    assert_eq!(codes(&(fault("kill") + &fault("restart") + &failed(2, "read", "null", "null", 1))), []);
    assert!(found(&(blind + &op(0, "enqueue", "1")), ModelName::Queue).is_empty());
    // Failed writes need not be seen; writes of a key that nobody reads would have to be.
    let lost: String =
        (400..403).map(|value| failed(value, "write", &value.to_string(), "null", 1)).collect();
    assert_eq!(codes(&(clean() + &lost)), []);
    let unread: String = (400..404).map(|value| keyed("write", 1, &value.to_string())).collect();
    let found = found(&(clean() + &unread), ModelName::Register);
    let told: Vec<_> = found.iter().map(|of| (of.rule.code, of.count, of.places.len())).collect();
    assert_eq!(told, [("HIS011", 4, 3)], "the first places are shown");
}

#[test]
fn rules_of_shares_hold_at_their_bounds() {
    let faults = || fault("kill") + &fault("restart");
    let looks = |count: usize| op(0, "read", "109").repeat(count);
    // One in a hundred overlaps.
    let pair = event(0, "invoke", "write", "1", "")
        + &event(1, "invoke", "write", "2", "")
        + &event(0, "ok", "write", "1", "")
        + &event(1, "ok", "write", "2", "");
    assert_eq!(codes(&(faults() + &pair + &looks(198))), []);
    assert_eq!(codes(&(faults() + &pair + &looks(199))), [("HIS008", 1)]);
    // Too few to say so.
    assert_eq!(codes(&(faults() + &looks(9))), []);
    assert_eq!(codes(&(faults() + &looks(10))), [("HIS008", 1)]);
    // A tenth of the writes nobody could see.
    let unseen = op(2, "write", "400") + &op(2, "write", "401");
    assert_eq!(codes(&(clean_of(9) + &op(0, "read", "1") + &unseen)), [("HIS011", 2)]);
    assert_eq!(codes(&(clean_of(10) + &op(0, "read", "1") + &unseen)), []);
    // A fifth of unknown outcome.
    let unknown = |count: u32| -> String {
        let all = |kind: &str| -> String {
            (10..10 + count).map(|process| event(process, kind, "write", &process.to_string(), "")).collect()
        };
        all("invoke") + &all("info")
    };
    assert_eq!(codes(&(faults() + &unknown(2) + &looks(8))), [("HIS016", 1)]);
    assert_eq!(codes(&(faults() + &unknown(2) + &looks(9))), []);
    assert_eq!(codes(&(faults() + &unknown(2) + &looks(7))), []);
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
