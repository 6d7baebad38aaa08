//! What violations are called: of every kind a history that has it, and a mutant of that which has not.

use std::fmt::Write as _;

use insta::assert_snapshot;
use seriatim_anomaly::catalog::CATALOG;

use super::*;

/// A code, the model, the history below `invalid` that has it, and the mutant below `valid` that has not.
const PAIRS: &[(&str, &str, &str, &str)] = &[
    ("LIN001", "register", "stale-read.edn", "after-both-writes.edn"),
    ("LIN002", "register", "lost-write-looked-for-twice.edn", "write-found-by-the-second-look.edn"),
    ("LIN003", "register", "value-from-nowhere.edn", "value-from-a-write.edn"),
    ("LIN004", "register", "failed-write-is-seen.edn", "indeterminate-write-is-seen.edn"),
    ("LIN005", "register", "read-from-the-future.edn", "read-overlaps-the-write.edn"),
    ("LIN006", "register", "readers-disagree-on-the-order.edn", "readers-agree-on-the-order.edn"),
    ("LIN007", "register", "process-reads-its-own-past.edn", "process-reads-its-own-write.edn"),
    ("LIN008", "register", "new-old-inversion.edn", "old-then-new.edn"),
    ("LIN009", "cas-register", "double-success.edn", "second-swap-takes-the-first.edn"),
    ("LIN010", "mutex", "double-grant.edn", "grants-overlap-the-release.edn"),
    ("LIN011", "bag", "taken-twice.edn", "put-twice-taken-twice.edn"),
    ("LIN012", "cas-register", "cycle-without-a-root.edn", "chain-with-a-root.edn"),
    ("LIN013", "set", "lost-element.edn", "element-is-found.edn"),
    ("LIN014", "queue", "reordered.edn", "in-order.edn"),
    ("LIN015", "fenced-mutex", "token-regression.edn", "next-token-is-greater.edn"),
    ("LIN016", "bag", "empty-while-an-element-must-be-there.edn", "empty-after-the-take.edn"),
    ("LIN017", "set", "contains-after-remove.edn", "does-not-contain-after-remove.edn"),
    ("LIN018", "log", "incompatible-orders.edn", "one-order.edn"),
    ("LIN019", "counter", "lost-increment.edn", "both-increments-count.edn"),
    ("LIN020", "counter", "goes-back.edn", "goes-on.edn"),
    ("LIN021", "unique-ids", "duplicate-one-after-the-other.edn", "each-id-once.edn"),
    ("LIN022", "log", "read-goes-back.edn", "read-goes-on.edn"),
    ("LIN023", "register", "flip-flop.edn", "value-is-put-in-again.edn"),
    ("LIN024", "log", "torn-read.edn", "read-of-a-beginning.edn"),
    ("LIN025", "set", "stale-element.edn", "element-comes-while-it-is-added.edn"),
    ("LIN099", "semaphore", "one-too-many.jsonl", "as-many-as-there-are.jsonl"),
];

/// The code of a symptom, the model, and below `invalid` the history that has it, and a mutant that has other names only.
const SYMPTOMS: &[(&str, &str, &str, &str)] = &[
    ("SYM08", "register", "two-sides-go-on.jsonl", "one-side-only-answers.jsonl"),
    ("SYM09", "register", "node-stands-still.jsonl", "node-lags-a-moment.jsonl"),
];

fn history(model: &str, expectation: &str, name: &str) -> serde_json::Value {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("histories").join(model).join(expectation).join(name);
    json(&["check", "--model", model, path.to_str().expect("a path of this project")])["histories"][0].take()
}

fn anomalies(history: &serde_json::Value) -> &[serde_json::Value] {
    history["anomalies"].as_array().expect("anomalies")
}

#[test]
fn every_kind_has_a_history_and_a_mutant() {
    let listed = run(&["explain"]);
    let codes =
        listed.lines().filter_map(|line| line.split(' ').next()).filter(|word| word.starts_with("LIN"));
    assert!(codes.eq(PAIRS.iter().map(|&(code, ..)| code)), "{listed}");
    let mut told = String::new();
    for &(code, model, invalid, valid) in PAIRS {
        let found = history(model, "invalid", invalid);
        let [anomaly] = anomalies(&found) else { panic!("{invalid} has one name: {found:#}") };
        assert_eq!(anomaly["code"], *code, "{invalid}");
        let _ =
            writeln!(told, "{code} {}: {}", anomaly["name"], anomaly["message"].as_str().unwrap_or_default());
        let mutant = history(model, "valid", valid);
        assert_eq!(mutant["verdict"], "valid", "{valid}");
        assert!(anomalies(&mutant).is_empty(), "{valid}: {mutant:#}");
    }
    assert_snapshot!(told);
}

#[test]
fn every_symptom_has_a_history_and_a_mutant() {
    // Those that are found where anomalies are; the others have tests of their own.
    let codes = CATALOG.iter().map(|row| row.code).filter(|code| code.starts_with("SYM"));
    let mut codes: Vec<_> = codes.collect();
    codes.sort_unstable();
    assert!(codes.into_iter().eq(SYMPTOMS.iter().map(|&(code, ..)| code)));
    let mut told = String::new();
    for &(code, model, with, without) in SYMPTOMS {
        let found = history(model, "invalid", with);
        let [symptom] = found["symptoms"].as_array().expect("symptoms").as_slice() else {
            panic!("{with} has one: {found:#}")
        };
        assert_eq!(symptom["code"], *code, "{with}");
        let _ = writeln!(told, "{code} {:#}", symptom);
        let mutant = history(model, "invalid", without);
        assert_eq!(mutant["symptoms"], serde_json::json!([]), "{without}");
        assert!(!anomalies(&mutant).is_empty(), "{without}: {mutant:#}");
    }
    assert_snapshot!(told);
}

/// What nobody looked for is noted, and is no violation; where somebody looked there is nothing to note.
#[test]
fn elements_that_nobody_looked_for_are_noted() {
    let noted = |name: &str| {
        let found = history("set", "valid", name);
        assert_eq!((&found["verdict"], anomalies(&found).len()), (&"valid".into(), 0), "{name}");
        found["notes"].to_string().contains("COV02")
    };
    assert!(noted("added-after-the-last-read.edn"));
    assert!(!noted("element-is-found.edn"));
}

#[test]
fn every_invalid_history_has_a_name() {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("histories");
    let mut named = 0;
    for model in fs::read_dir(all).expect("histories").map(|model| model.expect("a model").path()) {
        let Ok(files) = fs::read_dir(model.join("invalid")) else { continue };
        let name = model.file_name().and_then(|name| name.to_str()).expect("a model's name");
        // What is below has cards, which tell its names.
        for file in files.map(|file| file.expect("a file")).filter(|file| file.path().is_file()) {
            let file = file.file_name().into_string().expect("a name");
            let found = history(name, "invalid", &file);
            assert!(!anomalies(&found).is_empty(), "{name}/invalid/{file} has no name");
            named += 1;
        }
    }
    assert!(named > 100, "{named} histories");
}

/// The notes of a text report with these names.
fn notes(printed: &str, names: &[&str]) -> String {
    let mut told = String::new();
    let mut is_told = false;
    for line in printed.lines() {
        let note = line.trim();
        if let Some(note) = note.strip_prefix("= ") {
            is_told = names.iter().any(|name| note.starts_with(&format!("{name}: ")));
        }
        if is_told && !note.is_empty() {
            assert!(line.chars().count() <= 80, "{line}");
            let _ = writeln!(told, "  {note}");
        }
    }
    told
}

#[test]
fn what_may_be_the_case_and_what_could_have_been_answered_is_told_of_every_kind() {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("histories");
    let mut told = String::new();
    for &(code, model, invalid, _) in PAIRS {
        let path = all.join(model).join("invalid").join(invalid);
        let printed = run(&["check", "--model", model, path.to_str().expect("a path of this project")]);
        let notes = notes(&printed, &["frontier", "possible"]);
        assert!(notes.contains("= frontier: ") && notes.contains("= possible: "), "{invalid}: {printed}");
        let _ = writeln!(told, "{code} of a {model}\n{notes}");
    }
    assert_snapshot!(told);
}

#[test]
fn where_operations_could_stand_is_told_of_every_kind() {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("histories");
    let mut told = String::new();
    for &(code, model, invalid, _) in PAIRS {
        let path = all.join(model).join("invalid").join(invalid);
        let path = path.to_str().expect("a path of this project");
        let report: serde_json::Value =
            serde_json::from_slice(&output(&["check", "--model", model, path, "-o", "json"]).stdout)
                .expect("it prints JSON");
        let anomalies = report["histories"][0]["anomalies"].as_array().expect("anomalies");
        let anomaly = anomalies.iter().find(|of| of["code"] == code).expect("it has the kind");
        let _ = writeln!(told, "{code} of a {model}");
        let steps = anomaly["frontier"]["steps"].as_array();
        // Where nothing had returned before there is no order to stand in.
        assert_eq!(steps.is_some(), anomaly.get("placements").is_some(), "{invalid}");
        for (number, step) in (1..).zip(steps.into_iter().flatten()) {
            let _ = writeln!(told, "  {number} {} -> {}", step["shown"], step["state"]);
        }
        let placed = anomaly["placements"]["operations"].as_array();
        for of in placed.into_iter().flatten() {
            let role = |all: &str| {
                let all = anomaly[all].as_array()?;
                all.iter().find(|role| role["id"] == of["id"]).map(|role| role["shown"].clone())
            };
            let shown = role("operations").or_else(|| role("around")).expect("it is drawn");
            let _ = writeln!(told, "  {shown}: {} {}", of["stands"], of["step"]);
            for span in of["spans"].as_array().expect("spans") {
                let _ = writeln!(told, "    {}", span["message"].as_str().expect("a sentence"));
                // Else there were an order.
                assert!(of["stands"] != "end" || span.get("barred").is_some(), "{invalid}: {span}");
            }
        }
    }
    assert_snapshot!(told);
}

/// Two enqueues are open, one of which never returns, when a dequeue answers with what nobody put in.
const OPEN: &str = r#"
{"process":0,"type":"invoke","f":"enqueue","value":1}
{"process":0,"type":"ok","f":"enqueue","value":1}
{"process":1,"type":"invoke","f":"enqueue","value":2}
{"process":2,"type":"invoke","f":"enqueue","value":3}
{"process":3,"type":"invoke","f":"dequeue"}
{"process":4,"type":"invoke","f":"dequeue"}
{"process":3,"type":"ok","f":"dequeue","value":1}
{"process":4,"type":"ok","f":"dequeue","value":9}
{"process":2,"type":"ok","f":"enqueue","value":3}
"#;

#[test]
fn each_state_is_told_with_what_is_open_and_where_that_leads() {
    let directory = directory(&[("open.jsonl", OPEN.as_bytes())]);
    let printed = text(&run_in(&directory, &["check", "--model", "queue", "open.jsonl"]).stdout);
    assert_snapshot!(notes(&printed, &["frontier", "possible"]));
    let output = run_in(&directory, &["check", "--model", "queue", "open.jsonl", "--output-format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it prints JSON");
    let anomaly = &report["histories"][0]["anomalies"][0];
    let state = |of: &serde_json::Value| of["state"].as_str().expect("a state").to_owned();
    let standings = anomaly["frontier"]["standings"].as_array().expect("states");
    let states: Vec<String> = standings.iter().map(state).collect();
    assert_eq!(states, ["[]", "[2]", "[3]", "[2 3]", "[3 2]"]);
    assert_eq!(anomaly["frontier"]["configurations"], 5);
    // Whoever dequeued 1 may have come first or last.
    let answers = anomaly["possible"]["answers"].as_array().expect("answers");
    let mut values: Vec<_> =
        answers.iter().map(|answer| answer["value"].as_str().expect("it is told")).collect();
    values.sort_unstable();
    assert_eq!(values, ["dequeue 2", "dequeue 3", "find it empty"]);
}

/// Two readers see what they cannot: the part stops being linearizable at the first, and the second is a finding of its own.
const TWO: &str = r#"
{"process":0,"type":"invoke","f":"write","value":1}
{"process":0,"type":"ok","f":"write","value":1}
{"process":0,"type":"invoke","f":"write","value":2}
{"process":0,"type":"ok","f":"write","value":2}
{"process":1,"type":"invoke","f":"read"}
{"process":1,"type":"ok","f":"read","value":9}
{"process":0,"type":"invoke","f":"write","value":3}
{"process":1,"type":"invoke","f":"read"}
{"process":1,"type":"ok","f":"read","value":1}
{"process":0,"type":"ok","f":"write","value":3}
"#;

#[test]
fn what_else_could_have_been_read_is_told_of_each_reader() {
    let directory = directory(&[("two.jsonl", TWO.as_bytes())]);
    let output = run_in(&directory, &["check", "two.jsonl", "--output-format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it prints JSON");
    let anomalies = report["histories"][0]["anomalies"].as_array().expect("anomalies");
    let told = |code: &str| {
        let anomaly = anomalies.iter().find(|anomaly| anomaly["code"] == code).expect("it is found");
        let answers = anomaly["possible"]["answers"].as_array().expect("answers");
        let mut values: Vec<_> =
            answers.iter().map(|answer| answer["value"].as_str().expect("it is told").to_owned()).collect();
        values.sort_unstable();
        let aside = &anomaly["frontier"]["others_left_aside"];
        (anomaly["possible"]["line"].as_u64(), aside.as_bool(), values)
    };
    assert_eq!(told("LIN003"), (Some(7), Some(false), vec!["read 2".to_owned()]));
    let of_both = vec!["read 2".to_owned(), "read 3".to_owned()];
    assert_eq!(told("LIN001"), (Some(10), Some(true), of_both));
    let printed = text(&run_in(&directory, &["check", "two.jsonl"]).stdout);
    let notes = notes(&printed, &["frontier", "possible"]);
    assert_eq!(notes.matches("other observers left aside,").count(), 2, "{notes}");
}
