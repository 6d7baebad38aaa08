//! What is new from one run to the next: `seriatim diff`.

use insta::assert_snapshot;

use super::gate::{lost_update, of_json, stale_read, told};
use super::required::PARTITIONED;
use super::*;

#[test]
fn two_runs_are_compared_finding_by_finding() {
    let directory = directory(&[
        ("a.jsonl", stale_read(1).as_bytes()),
        ("b.jsonl", lost_update(1).as_bytes()),
        ("c.jsonl", PARTITIONED.as_bytes()),
        ("d.jsonl", lost_update(1).as_bytes()),
    ]);
    let check = |names: &[&str], report: &str| {
        let model = ["--model", "cas-register", "-qq", "--report", report];
        run_in(&directory, &[names, &model].concat());
    };
    check(&["a.jsonl", "b.jsonl", "c.jsonl", "d.jsonl"], "json=old.json");
    let write =
        |name: &str, text: String| fs::write(directory.path().join(name), text).expect("it can be written");
    write("a.jsonl", stale_read(1) + &stale_read(2) + &lost_update(3));
    write("b.jsonl", PARTITIONED.to_owned());
    write("c.jsonl", "{\"process\":0}\n".to_owned());
    write("e.jsonl", lost_update(1));
    check(&["a.jsonl", "b.jsonl", "c.jsonl", "e.jsonl"], "json=new.json");
    let diff = |arguments: &[&str]| told(&directory, &[&["diff"], arguments].concat());
    assert_snapshot!("diff", diff(&["old.json", "new.json"]).0);
    assert_snapshot!("diff_markdown", diff(&["old.json", "new.json", "-o", "markdown"]).0);
    let json = of_json(&directory, &["diff", "old.json", "new.json", "-o", "json"]);
    assert_eq!((&json["schema"], &json["exit_code"]), (&"seriatim-diff/1".into(), &1.into()));
    assert_eq!(json["new"][1]["moved_from"], "d.jsonl");
    assert_eq!(diff(&["old.json", "old.json"]).1, 0);
    // What got worse counts, though nothing has a name.
    check(&["c.jsonl"], "json=worse.json");
    write("c.jsonl", PARTITIONED.to_owned());
    check(&["c.jsonl"], "json=good.json");
    let (said, code) = diff(&["good.json", "worse.json"]);
    assert!(code == 1 && said.contains("c.jsonl: valid → error (worse)"), "{said}");
    assert_eq!(diff(&["worse.json", "good.json"]).1, 0);
    for wrong in [["old.json", "none.json"], ["a.jsonl", "old.json"], [".", "old.json"]] {
        assert_eq!(diff(&wrong).1, 2, "{wrong:?}");
    }
    let old = fs::read(directory.path().join("old.json")).expect("it is there");
    fs::write(directory.path().join("copy.json"), &old).expect("it can be written");
    let mut command = seriatim(&["diff", "-", "copy.json"]);
    let input = fs::File::open(directory.path().join("old.json")).expect("it is there");
    let output = command.current_dir(directory.path()).stdin(input).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(0), "{}", shown(&output));
}

#[test]
fn what_may_still_be_there_is_not_called_resolved() {
    let directory = directory(&[("h.jsonl", stale_read(1).as_bytes())]);
    let check = |report: &str| run_in(&directory, &["h.jsonl", "-qq", "--report", report]);
    check("json=old.json");
    fs::write(directory.path().join("h.jsonl"), PARTITIONED).expect("it can be written");
    check("json=new.json");
    let new = fs::read(directory.path().join("new.json")).expect("it was written");
    let unknown = serde_json::json!("unknown");
    for (field, value, is_resolved) in [
        ("cut_short", false.into(), true),
        ("cut_short", true.into(), false),
        ("verdict", unknown.clone(), false),
        ("verdict", "error".into(), false),
        ("share", serde_json::json!({ "parts": 1, "of": 2 }), false),
        ("part", unknown, false),
    ] {
        let mut report: serde_json::Value = serde_json::from_slice(&new).expect("it is JSON");
        let history = &mut report["histories"][0];
        match field {
            "part" => history["parts"][0]["verdict"] = value.clone(),
            field => history[field] = value.clone(),
        }
        fs::write(directory.path().join("changed.json"), report.to_string()).expect("it can be written");
        let diff = of_json(&directory, &["diff", "old.json", "changed.json", "-o", "json"]);
        let count = |list: &str| diff[list].as_array().expect("a list").len();
        let expected = if is_resolved { (1, 0) } else { (0, 1) };
        assert_eq!((count("resolved"), count("unsettled")), expected, "{field}: {value}");
    }
}

#[test]
fn what_is_new_elsewhere_did_not_always_move_there() {
    let (both, valid) = (stale_read(1) + &lost_update(2), PARTITIONED.to_owned());
    // What `a` and `b` were, what `a` and `c` are now, the exit code, and from where something came.
    for (old, new, code, moved_from) in [
        ([None, Some(stale_read(1))], [None, Some(stale_read(1))], 1, Some("b.jsonl")),
        // There was another finding.
        ([None, Some(lost_update(1))], [None, Some(stale_read(1))], 1, None),
        // It is there still, though nobody can read it.
        ([Some(stale_read(1)), None], [Some("{".to_owned() + &valid), Some(stale_read(1))], 1, None),
        // `a` was there before, and did not have it.
        ([Some(valid.clone()), Some(stale_read(1))], [Some(stale_read(1)), None], 1, None),
        // It was violated before, in another way.
        ([Some(stale_read(1)), None], [Some(both), None], 1, None),
        // What is new and valid is no worse than what was not there; what is new and cannot be read is.
        ([Some(valid.clone()), None], [Some(valid.clone()), Some(valid.clone())], 0, None),
        ([Some(valid.clone()), None], [Some(valid.clone()), Some("{".to_owned() + &valid)], 1, None),
    ] {
        let directory = directory(&[]);
        for (report, names, texts) in
            [("json=1.json", ["a.jsonl", "b.jsonl"], &old), ("json=2.json", ["a.jsonl", "c.jsonl"], &new)]
        {
            let mut arguments = vec!["--model", "cas-register", "-qq", "--report", report];
            for (name, text) in names.into_iter().zip(texts) {
                if let Some(text) = text {
                    fs::write(directory.path().join(name), text).expect("it can be written");
                    arguments.push(name);
                }
            }
            run_in(&directory, &arguments);
        }
        let diff = of_json(&directory, &["diff", "1.json", "2.json", "-o", "json"]);
        assert_eq!(diff["exit_code"], code, "{diff:#}");
        let new = diff["new"].as_array().expect("a list");
        assert!(new.iter().all(|found| found["moved_from"].as_str() == moved_from), "{diff:#}");
    }
}
