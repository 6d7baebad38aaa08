//! Shards, and reports that are put together.

use std::collections::BTreeSet;

use super::*;

fn histories() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("histories").display().to_string()
}

/// A report in a directory.
fn read(directory: &TempDir, name: &str) -> serde_json::Value {
    let text = fs::read(directory.path().join(name)).expect("it was written");
    serde_json::from_slice(&text).expect("it is JSON")
}

/// Checks with a JSON report of this name.
fn check(directory: &TempDir, arguments: &[&str], name: &str) -> Option<i32> {
    let report = format!("json={name}");
    let more = ["--no-timings", "-qq", "--report", &report];
    run_in(directory, &[&["check"], arguments, &more].concat()).status.code()
}

fn merge(directory: &TempDir, arguments: &[&str]) -> Output {
    run_in(directory, &[&["merge", "-o", "json"], arguments].concat())
}

/// What a shard cannot tell, and what is told of it instead.
fn without_the_whole(mut report: serde_json::Value) -> serde_json::Value {
    report["notes"] = serde_json::json!([]);
    for history in report["histories"].as_array_mut().expect("histories") {
        // Of symptoms, those that do not go by what is proved.
        let proved = ["SYM08", "SYM09", "SYM10", "SYM12", "SYM15", "SYM17", "SYM18"];
        let symptoms = history["symptoms"].as_array_mut().expect("symptoms");
        symptoms.retain(|symptom| symptom["code"].as_str().is_some_and(|code| !proved.contains(&code)));
        let history = history.as_object_mut().expect("a history");
        for together in ["still_holds", "chains", "wrong_while_green", "headline"] {
            history.remove(together);
        }
        let notes = history["notes"].as_array_mut().expect("notes");
        notes.retain(|note| !note.to_string().contains("COV02"));
    }
    report
}

#[test]
fn all_histories_are_the_same_in_shards_and_together() {
    let directory = directory(&[]);
    let all = histories();
    let code = check(&directory, &[&all], "whole.json");
    let whole = without_the_whole(read(&directory, "whole.json"));
    for of in [2, 3] {
        let names: Vec<_> = (1..=of).map(|index| format!("{index}-{of}.json")).collect();
        for (index, name) in (1..).zip(&names) {
            check(&directory, &[&all, "--shard", &format!("{index}/{of}")], name);
        }
        // In any order.
        let given: Vec<&str> = names.iter().rev().map(String::as_str).collect();
        let merged = merge(&directory, &given);
        assert_eq!(merged.status.code(), code);
        let merged: serde_json::Value = serde_json::from_slice(&merged.stdout).expect("it prints JSON");
        let (merged, whole) = (without_the_whole(merged), &whole);
        let of = |report: &serde_json::Value| report["histories"].as_array().expect("histories").clone();
        for (one, other) in of(&merged).iter().zip(of(whole)) {
            assert_eq!(*one, other, "{}", one["path"]);
        }
        assert_eq!(merged, *whole);
    }
}

#[test]
fn shards_decide_each_part_once_and_say_which_they_are() {
    let line = |key: u32, process: u32| {
        format!(
            "{{\"process\":{process},\"type\":\"invoke\",\"f\":\"write\",\"key\":{key},\"value\":1}}\n{{\"process\":{process},\"type\":\"ok\",\"f\":\"write\",\"key\":{key},\"value\":1}}\n"
        )
    };
    let keys: String = (0..400).map(|key| line(key, key)).collect();
    let files: [(&str, &[u8]); 2] =
        [("keys.jsonl", keys.as_bytes()), ("valid.jsonl", &fixture("valid.jsonl"))];
    let directory = directory(&files);
    let mut seen = BTreeSet::new();
    let mut empty = 0;
    for index in 1..=3 {
        let name = format!("{index}.json");
        let shard = format!("{index}/3");
        let threads = if index == 2 { "1" } else { "2" };
        let arguments = ["keys.jsonl", "valid.jsonl", "--shard", &shard, "-j", threads];
        assert_eq!(check(&directory, &arguments, &name), Some(0));
        let report = read(&directory, &name);
        assert_eq!((&report["shard"]["index"], &report["shard"]["of"]), (&index.into(), &3.into()));
        for part in report["histories"][0]["parts"].as_array().expect("parts") {
            assert!(seen.insert(part["key"].to_string()), "{part}");
        }
        // Sorted on disk it is the same share.
        let text = text(&run_in(&directory, &[&arguments[..], &["--memory-limit", "150kB"]].concat()).stdout);
        assert!(
            text.contains(&format!("{} of 400 parts decided here", report["histories"][0]["share"]["parts"])),
            "{text}"
        );
        let other = &report["histories"][1];
        assert_eq!((&other["verdict"], &other["share"]["of"]), (&"valid".into(), &1.into()));
        empty += usize::from(other["share"]["parts"] == 0);
        assert!(report["notes"].to_string().contains(&format!("shard {index} of 3")));
    }
    assert_eq!((seen.len(), empty), (400, 2));
    for wrong in ["0/2", "3/2", "1", "1/0", "x"] {
        assert_eq!(check(&directory, &["keys.jsonl", "--shard", wrong], "x.json"), Some(2));
    }
    let both = ["keys.jsonl", "--shard", "1/2", "--certificates", "proofs"];
    assert_eq!(check(&directory, &both, "x.json"), Some(2));
    // Another path is divided in another way, and so are elements without keys.
    fs::copy(directory.path().join("keys.jsonl"), directory.path().join("other.jsonl")).expect("it is there");
    let set: String = (0..100)
        .map(|at| {
            line(at, at)
                .replace("write", "add")
                .replace("\"value\":1", &format!("\"value\":{at}"))
                .replace(&format!("\"key\":{at},"), "")
        })
        .collect();
    fs::write(directory.path().join("set.jsonl"), set).expect("it can be written");
    check(&directory, &["keys.jsonl", "other.jsonl", "--shard", "1/2"], "x.json");
    let report = read(&directory, "x.json");
    let keys = |at: usize| -> Vec<String> {
        let parts = report["histories"][at]["parts"].as_array().expect("parts");
        parts.iter().map(|part| part["key"].to_string()).collect()
    };
    assert_ne!(keys(0), keys(1));
    check(&directory, &["set.jsonl", "--model", "set", "--shard", "1/2"], "x.json");
    let share = &read(&directory, "x.json")["histories"][0]["share"];
    assert!(share["of"] == 100 && (25..75).contains(&share["parts"].as_u64().unwrap_or(0)), "{share}");
    // What is vacuous is so in each.
    fs::write(directory.path().join("none.jsonl"), fixture("nothing-completed.jsonl"))
        .expect("it can be written");
    assert_eq!(check(&directory, &["none.jsonl", "--shard", "1/2"], "x.json"), Some(4));
}

#[test]
fn only_what_belongs_together_is_put_together() {
    let directory =
        directory(&[("a.jsonl", &fixture("stale-read.jsonl")), ("b.jsonl", &fixture("valid.jsonl"))]);
    for (arguments, name) in [
        (&["a.jsonl", "--shard", "1/2"][..], "1.json"),
        (&["a.jsonl", "--shard", "2/2"], "2.json"),
        (&["a.jsonl", "--shard", "2/2", "--model", "cas-register"], "other-model.json"),
        (&["a.jsonl", "--shard", "2/2", "--init", "7"], "other-init.json"),
        (&["a.jsonl", "--shard", "2/3"], "2-of-3.json"),
        (&["a.jsonl", "--shard", "1/1"], "1-of-1.json"),
        (&["b.jsonl", "--shard", "2/2"], "2-of-b.json"),
        (&["b.jsonl"], "b.json"),
    ] {
        check(&directory, arguments, name);
    }
    let is_refused = |arguments: &[&str], why: &str| {
        let output = merge(&directory, arguments);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), String::new()), "{arguments:?}");
        let told = text(&output.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains(why), "{told}");
    };
    is_refused(&["1.json"], "shard 2 of 2 is missing beside `1.json`");
    is_refused(&["1.json", "2-of-3.json"], "shard 2 of 2 is missing beside `1.json`");
    is_refused(&["1.json", "2-of-b.json"], "shard 2 of 2 is missing beside `1.json`");
    is_refused(&["b.json", "2.json"], "shard 1 of 2 is missing beside `2.json`");
    is_refused(&["1.json", "2.json", "1.json"], "`1.json` and `1.json` both are shard 1 of 2");
    is_refused(&["1.json", "other-model.json"], "do not agree on the model of `a.jsonl`");
    is_refused(&["1.json", "other-init.json"], "do not agree on the options of `a.jsonl`");
    is_refused(&["1.json", "a.jsonl"], "`a.jsonl` is no report");
    is_refused(&["none.json"], "cannot read `none.json`");
    let mut older = read(&directory, "2.json");
    older["version"] = "0.0.1".into();
    fs::write(directory.path().join("older.json"), older.to_string()).expect("it can be written");
    is_refused(&["1.json", "older.json"], "different versions of seriatim");
    // Other histories stand beside them.
    let merged = merge(&directory, &["b.json", "2.json", "1.json"]);
    assert_eq!(merged.status.code(), Some(1));
    let merged: serde_json::Value = serde_json::from_slice(&merged.stdout).expect("it prints JSON");
    let paths: Vec<_> =
        merged["histories"].as_array().expect("histories").iter().map(|of| of["path"].clone()).collect();
    assert_eq!(paths, ["b.jsonl", "a.jsonl"]);
    assert!(merged["shard"].is_null() && merged["histories"][1]["share"].is_null());
    let notes = merged["notes"].to_string();
    assert!(notes.contains("was put together from shards") && !notes.contains("shard 1 of 2"), "{notes}");
    assert!(!text(&merge(&directory, &["1-of-1.json"]).stdout).contains("was put together"));
    // What makes it pass is said anew.
    assert_eq!(
        merge(&directory, &["b.json", "2.json", "1.json", "--fail-on", "none"]).status.code(),
        Some(0)
    );
    assert_eq!(check(&directory, &["a.jsonl", "--fail-on", "none"], "passed.json"), Some(0));
    let output = run_in(&directory, &["merge", "passed.json", "--report", "junit=m.xml"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(!text(&output.stdout).contains("does not ask for"), "{}", shown(&output));
    assert!(fs::read_to_string(directory.path().join("m.xml")).expect("it was written").contains("<failure"));
}

#[test]
fn what_a_shard_did_not_come_to_is_not_let_pass() {
    let directory = directory(&[("a.jsonl", &fixture("stale-read.jsonl"))]);
    for index in ["1", "2"] {
        check(&directory, &["a.jsonl", "--shard", &format!("{index}/2")], &format!("{index}.json"));
    }
    let is_violated = |name: &str| read(&directory, name)["verdict"] == "invalid";
    let (violated, other) = if is_violated("1.json") { ("1.json", "2.json") } else { ("2.json", "1.json") };
    let merged = |name: &str| {
        let output = merge(&directory, &[violated, name, "--fail-on", "none"]);
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it prints JSON");
        (
            output.status.code(),
            report["histories"][0]["verdict"].clone(),
            report["histories"][0]["counts_as"].clone(),
        )
    };
    assert_eq!(merged(other), (Some(0), "invalid".into(), "valid".into()));
    // As a shard tells it that had no time.
    let mut late = read(&directory, other);
    late["verdict"] = "unknown".into();
    late["exit_code"] = 3.into();
    let history = late["histories"][0].as_object_mut().expect("a history");
    history.remove("share");
    history["verdict"] = "unknown".into();
    for (field, empty) in
        [("model", "null"), ("model_source", "null"), ("format", "null"), ("parts", "[]"), ("options", "{}")]
    {
        history[field] = serde_json::from_str(empty).expect("it is JSON");
    }
    fs::write(directory.path().join("late.json"), late.to_string()).expect("it can be written");
    assert_eq!(merged("late.json"), (Some(3), "invalid".into(), "unknown".into()));
    // Whichever of the two it is.
    let mut there = read(&directory, violated);
    let before = there["shard"].clone();
    for shard in [late["shard"].clone(), before] {
        late["shard"] = std::mem::replace(&mut there["shard"], shard);
        fs::write(directory.path().join("late.json"), late.to_string()).expect("it can be written");
        fs::write(directory.path().join(violated), there.to_string()).expect("it can be written");
        assert_eq!(merged("late.json"), (Some(3), "invalid".into(), "unknown".into()));
    }
    // An interruption comes before all.
    late["exit_code"] = 130.into();
    fs::write(directory.path().join("late.json"), late.to_string()).expect("it can be written");
    assert_eq!(merged("late.json").0, Some(130));
}

/// Keys of which each is read stale, by one of three nodes, half of them during a partition; some have an update lost, too.
fn violated() -> String {
    let mut text = String::new();
    let mut time = 0_u64;
    let mut say = |process: u32, kind: &str, f: &str, key: u32, value: &str| {
        // The later a key, the later its stale answer.
        time += if f == "read" { 1_000_000 * u64::from(key + 1) } else { 1_000_000 };
        text += &format!(
            "{{\"process\":{process},\"type\":\"{kind}\",\"f\":\"{f}\",\"key\":\"k{key}\",\"value\":{value},\
             \"node\":\"n{}\",\"time\":{time}}}\n",
            key % 3 + 1
        );
        if key == 11 && kind == "invoke" && f == "read" {
            text += "{\"process\":\"nemesis\",\"type\":\"info\",\"f\":\"start-partition\"}\n";
        }
    };
    for key in 0..24 {
        for value in ["1", "2"] {
            ["invoke", "ok"].into_iter().for_each(|kind| say(2 * key, kind, "write", key, value));
        }
        say(2 * key + 1, "invoke", "read", key, "null");
        say(2 * key + 1, "ok", "read", key, "1");
        if key % 5 == 0 {
            for to in ["[2,3]", "[2,4]"] {
                ["invoke", "ok"].into_iter().for_each(|kind| say(2 * key, kind, "cas", key, to));
            }
        }
    }
    text
}

#[test]
fn what_shards_found_of_one_kind_is_one_finding() {
    let directory = directory(&[("h.jsonl", violated().as_bytes()), ("runs/notes.md", b"hello\n")]);
    let arguments = ["h.jsonl", "runs", "--model", "cas-register"];
    check(&directory, &arguments, "whole.json");
    let whole = without_the_whole(read(&directory, "whole.json"));
    assert!(whole["histories"][0]["anomalies"].as_array().is_some_and(|all| all.len() > 1), "{whole:#}");
    let names = ["1.json", "2.json", "3.json"];
    for (index, name) in (1..).zip(names) {
        check(&directory, &[&arguments[..], &["--shard", &format!("{index}/3")]].concat(), name);
        assert_eq!(read(&directory, name)["verdict"], "invalid", "each has a part of it");
    }
    for order in [names, ["3.json", "1.json", "2.json"]] {
        let merged = merge(&directory, &order);
        assert_eq!(merged.status.code(), Some(1));
        let merged: serde_json::Value = serde_json::from_slice(&merged.stdout).expect("it prints JSON");
        assert_eq!(merged["notes"].to_string().matches("left out").count(), 1, "{:#}", merged["notes"]);
        assert_eq!(without_the_whole(merged), whole);
    }
}

#[test]
fn shards_of_other_bytes_or_options_are_not_put_together() {
    let directory = directory(&[("h.jsonl", violated().as_bytes())]);
    for index in ["1", "2"] {
        let shard = format!("{index}/2");
        check(
            &directory,
            &["h.jsonl", "--model", "cas-register", "--shard", &shard],
            &format!("{index}.json"),
        );
    }
    let other = read(&directory, "2.json");
    let merged = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut other = other.clone();
        change(&mut other["histories"][0]);
        fs::write(directory.path().join("other.json"), other.to_string()).expect("it can be written");
        let output = merge(&directory, &["1.json", "other.json", "--fail-on", "none"]);
        (output.status.code(), text(&output.stderr).split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let unmet = serde_json::json!([{ "requirement": "ok>=9", "message": "ok>=9 is not met" }]);
    for (at, value, what) in [
        ("/files/0/xxh3", "0".repeat(32).into(), "the bytes"),
        ("/format", "edn".into(), "the format"),
        ("/property", "another".into(), "the property"),
        ("/operations/total", 9.into(), "the operations"),
        ("/unmet", unmet, "the requirements"),
        ("/share/of", 9.into(), "how many parts there are"),
    ] {
        let (code, said) = merged(&|history| match history.pointer_mut(at) {
            Some(known) => *known = value.clone(),
            None => history["unmet"] = value.clone(),
        });
        assert!(code == Some(2) && said.contains(&format!("do not agree on {what} of `h.jsonl`")), "{said}");
    }
    // Where a share says that it is less than that, or that time was up, it is not the whole.
    let (code, said) = merged(&|history| history["share"]["parts"] = 1.into());
    assert!(code == Some(2) && said.contains("named alike"), "{said}");
    assert_eq!(merged(&|_| {}).0, Some(0));
    assert_eq!(merged(&|history| history["cut_short"] = true.into()).0, Some(3));
    let both = merged(&|history| {
        (history["cut_short"], history["share"]["parts"]) = (true.into(), 1.into());
    });
    assert_eq!(both.0, Some(3));
}

#[test]
fn a_gate_that_shards_cannot_fail_is_refused() {
    let directory = directory(&[("a.jsonl", &fixture("stale-read.jsonl"))]);
    for index in ["1", "2"] {
        check(&directory, &["a.jsonl", "--shard", &format!("{index}/2")], &format!("{index}.json"));
    }
    for (asked, told) in [
        ("symptom:SYM10", "symptom:SYM10"),
        ("violation,symptom:split-brain", "symptom:SYM08"),
        ("symptom", "symptom"),
    ] {
        let merged = merge(&directory, &["1.json", "2.json", "--fail-on", asked]);
        assert_eq!(merged.status.code(), Some(2), "{asked}: {}", shown(&merged));
        let expected = format!("--fail-on has `{told}`, which shards cannot tell");
        assert!(text(&merged.stderr).contains(&expected), "{asked}: {}", shown(&merged));
        let of_one = ["a.jsonl", "--shard", "1/2", "--fail-on", asked];
        assert_eq!(check(&directory, &of_one, "x.json"), Some(2), "{asked}");
    }
    for asked in ["violation", "symptom:SYM01", "anomaly:LIN001,symptom:metastable"] {
        assert_ne!(
            merge(&directory, &["1.json", "2.json", "--fail-on", asked]).status.code(),
            Some(2),
            "{asked}"
        );
    }
}
