//! Certificates: written, verified, tampered with.

use std::fs;
use std::process::Output;

use tempfile::TempDir;

use crate::{directory, fixture, run_in, shown, text};

/// A directory with a history, and its certificate in `c/`.
fn certified(name: &str, arguments: &[&str]) -> (TempDir, String) {
    let directory = directory(&[(name, &fixture(name))]);
    run_in(&directory, &[&["check", name, "--certificates", "c"], arguments].concat());
    let path = format!("c/{name}.json");
    assert!(directory.path().join(&path).exists(), "{path} was written");
    (directory, path)
}

fn verify(directory: &TempDir, certificate: &str, history: &str) -> Output {
    run_in(directory, &["verify-certificate", certificate, history])
}

/// Verifies the certificate of the counter after a change.
fn tampered(change: impl FnOnce(&mut serde_json::Value)) -> Output {
    let (directory, path) = certified("counter.edn", &[]);
    let file = directory.path().join(&path);
    let mut certificate: serde_json::Value =
        serde_json::from_slice(&fs::read(&file).expect("it was written")).expect("it is JSON");
    change(&mut certificate);
    fs::write(&file, certificate.to_string()).expect("it can be written");
    verify(&directory, &path, "counter.edn")
}

fn order(certificate: &mut serde_json::Value) -> &mut Vec<serde_json::Value> {
    certificate["parts"][0]["order"].as_array_mut().expect("there is an order")
}

#[test]
fn a_certificate_says_what_it_is_of_and_is_accepted() {
    let (directory, path) = certified("counter.edn", &[]);
    let certificate = fs::read(directory.path().join(&path)).expect("it was written");
    let certificate: serde_json::Value = serde_json::from_slice(&certificate).expect("it is JSON");
    assert_eq!(certificate["schema"], "seriatim-certificate/1");
    assert_eq!(certificate["model"], "counter");
    assert_eq!(certificate["history"]["operations"], 5);
    assert_eq!(certificate["options"]["nil_read"], "wildcard");
    assert_eq!(certificate["parts"][0]["verdict"], "valid");
    let output = verify(&directory, &path, "counter.edn");
    assert_eq!(output.status.code(), Some(0), "{}", shown(&output));
    assert!(text(&output.stdout).contains("1 of 1 part proved linearizable"), "{}", shown(&output));
}

#[test]
fn the_rules_that_were_in_force_are_those_that_are_verified() {
    let history = b"who,what,sent,got,began,ended\n0,write,\"a \\\"b\",,10,20\n1,read,,7,20,40\n";
    let directory = directory(&[("t.csv", history)]);
    let map = "process=who,f=what,value=sent,output=got,call=began,return=ended";
    let arguments = ["t.csv", "--map", map, "--init", "7", "--certificates", "c"];
    let output = run_in(&directory, &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", shown(&output));
    let output = verify(&directory, "c/t.csv.json", "t.csv");
    assert_eq!(output.status.code(), Some(0), "{}", shown(&output));
    // With ordered ties the read comes after the write, and no order is left.
    let output = run_in(&directory, &[&arguments[..], &["--ties", "ordered"]].concat());
    assert_eq!(output.status.code(), Some(1), "{}", shown(&output));
    let output = verify(&directory, "c/t.csv.json", "t.csv");
    assert_eq!(output.status.code(), Some(1), "{}", shown(&output));
}

#[test]
fn failures_that_are_doubted_stand_in_the_certificate() {
    let history = "{:process 0, :type :invoke, :f :write, :value 1}\n\
                   {:process 0, :type :fail, :f :write, :value 1}\n\
                   {:process 1, :type :invoke, :f :read, :value nil}\n\
                   {:process 1, :type :ok, :f :read, :value 1}\n";
    let directory = directory(&[("h.edn", history.as_bytes())]);
    let doubted = ["h.edn", "--treat-fail-as-info", "f=write", "--certificates", "c"];
    assert_eq!(run_in(&directory, &doubted).status.code(), Some(0));
    let output = verify(&directory, "c/h.edn.json", "h.edn");
    assert_eq!(output.status.code(), Some(0), "{}", shown(&output));
    let printed = text(&output.stdout);
    assert!(printed.contains("under --treat-fail-as-info f=write: what failed there"), "{printed}");
    // Without it the order speaks of an operation that did not happen.
    let file = directory.path().join("c/h.edn.json");
    let certificate = fs::read_to_string(&file).expect("it was written");
    let without = certificate.replace(r#","treat_fail_as_info":["write"]"#, "");
    assert_ne!(without, certificate);
    fs::write(&file, without).expect("it can be written");
    assert_eq!(verify(&directory, "c/h.edn.json", "h.edn").status.code(), Some(5));
    // Where nothing is doubted nothing is said.
    run_in(&directory, &["h.edn", "--certificates", "c"]);
    let output = verify(&directory, "c/h.edn.json", "h.edn");
    assert_eq!(output.status.code(), Some(1), "{}", shown(&output));
    assert!(!text(&output.stdout).contains("treat-fail"), "{}", shown(&output));
}

#[test]
fn evidence_is_checked_again() {
    let (directory, path) = certified("stale-read.jsonl", &[]);
    let output = verify(&directory, &path, "stale-read.jsonl");
    assert_eq!(output.status.code(), Some(1), "{}", shown(&output));
    let printed = text(&output.stdout);
    assert!(printed.contains("INVALID, 1 of 2 parts proved"), "{}", shown(&output));
    assert!(printed.contains("1 refuted: no order of 3 operations is possible"), "{}", shown(&output));
    assert!(!printed.contains("not re-checked"), "{}", shown(&output));
}

#[test]
fn what_is_not_proved_is_not_rechecked() {
    // A violation without evidence shows nothing.
    let output = with_evidence(serde_json::json!([]));
    assert_eq!(output.status.code(), Some(3), "{}", shown(&output));
    assert!(text(&output.stdout).contains("1 of 2 parts proved"), "{}", shown(&output));
    assert!(text(&output.stdout).contains("1 not re-checked"), "{}", shown(&output));
    let (directory, path) = certified("counter.edn", &["--max-configurations", "1"]);
    assert_eq!(verify(&directory, &path, "counter.edn").status.code(), Some(3));
}

/// Verifies the certificate of the stale read with other evidence: operations 0 and 2 write, 3 reads what 0 wrote, and 1
/// is of another key.
fn with_evidence(evidence: serde_json::Value) -> Output {
    let (directory, path) = certified("stale-read.jsonl", &[]);
    let file = directory.path().join(&path);
    let mut certificate: serde_json::Value =
        serde_json::from_slice(&fs::read(&file).expect("it was written")).expect("it is JSON");
    let parts = certificate["parts"].as_array_mut().expect("there are parts");
    let bad = parts.iter_mut().find(|part| part["verdict"] == "invalid").expect("one is invalid");
    assert_eq!(bad["evidence"], serde_json::json!([0, 2, 3]));
    bad["evidence"] = evidence;
    fs::write(&file, certificate.to_string()).expect("it can be written");
    verify(&directory, &path, "stale-read.jsonl")
}

#[test]
fn evidence_that_shows_nothing_is_refused() {
    for (evidence, why) in [
        (serde_json::json!([0, 2]), "some order of these operations is possible"),
        (serde_json::json!([0, 3]), "some order of these operations is possible"),
        (serde_json::json!([0, 1, 2, 3]), "operation 1 is not of this part"),
        (serde_json::json!([3, 2, 0]), "operation 2 stands there twice"),
        (serde_json::json!([0, 2, 3, 3]), "operation 3 stands there twice"),
        (serde_json::json!([0, 2, 3, 4_000_000_000_u32]), "operation 4000000000 is not of this part"),
        (serde_json::json!((0..13).collect::<Vec<u32>>()), "13 operations are more than the 12"),
    ] {
        let output = with_evidence(evidence);
        assert_eq!(output.status.code(), Some(5), "{}", shown(&output));
        let printed = text(&output.stdout);
        assert!(printed.contains("REFUSED") && printed.contains(why), "{why}: {}", shown(&output));
    }
    // What was left out only told more.
    assert_eq!(with_evidence(serde_json::json!([2, 3])).status.code(), Some(1));
}

#[test]
fn every_change_to_an_order_is_refused() {
    let refused = |output: Output, why: &str| {
        assert_eq!(output.status.code(), Some(5), "{}", shown(&output));
        let printed = text(&output.stdout);
        assert!(printed.contains("REFUSED") && printed.contains(why), "{why}: {}", shown(&output));
    };
    refused(tampered(|certificate| order(certificate).reverse()), "step");
    refused(tampered(|certificate| _ = order(certificate).pop()), "happened and is missing");
    refused(
        tampered(|certificate| {
            let first = order(certificate)[0].clone();
            order(certificate).push(first);
        }),
        "stands there twice",
    );
    refused(
        tampered(|certificate| order(certificate).push(serde_json::json!([99, 0]))),
        "is not of this part",
    );
    refused(tampered(|certificate| order(certificate)[0][1] = 7.into()), "step 1 of");
    refused(tampered(|certificate| certificate["options"]["initial"] = "3".into()), "cannot happen there");
    refused(tampered(|certificate| certificate["parts"] = serde_json::json!([])), "tells of 0 parts");
    refused(
        tampered(|certificate| _ = certificate["parts"][0]["operations"].as_array_mut().map(Vec::pop)),
        "does not tell of",
    );
    refused(
        tampered(|certificate| {
            let part = certificate["parts"][0].clone();
            certificate["parts"].as_array_mut().expect("a list").push(part);
        }),
        "it tells of one part twice",
    );
}

/// Checks a history that is invalid, with a certificate.
fn certified_as_invalid(history: &str) -> TempDir {
    let directory = directory(&[("h.jsonl", history.as_bytes())]);
    let output = run_in(&directory, &["h.jsonl", "--certificates", "c"]);
    assert_eq!(output.status.code(), Some(1), "{}", shown(&output));
    directory
}

/// A deque from whose front something comes out that is gone, of whose kind no few operations are known to show that. There
/// is a look at it, too, and what comes after: operations 0 to 6 push, 7 looks, 8 to 14 pop, and 15 comes after that.
fn gone() -> TempDir {
    const PUSHES: u32 = 7;
    let mut history = String::new();
    let mut op = |process: u32, f: &str, value: u32| {
        for kind in ["invoke", "ok"] {
            history += &format!(r#"{{"process":{process},"type":"{kind}","f":"{f}","value":{value}}}"#);
            history.push('\n');
        }
    };
    (0..PUSHES).for_each(|value| op(0, "push-back", value));
    op(1, "peek-front", 0);
    (0..PUSHES - 1).for_each(|value| op(1, "pop-front", value));
    op(1, "pop-front", PUSHES - 2);
    op(1, "push-back", 0);
    certified_as_invalid(&history)
}

/// Registers of which each of many transactions takes one on, and the last sees it where it was: none can go.
fn many() -> TempDir {
    let mut history = r#"{"seriatim":1,"model":"multi-register","init":0}"#.to_owned() + "\n";
    let mut op = |process: u32, done: &str| {
        for kind in ["invoke", "ok"] {
            history += &format!(r#"{{"process":{process},"type":"{kind}","f":"txn","value":{done}}}"#);
            history.push('\n');
        }
    };
    (0..22).for_each(|at| op(0, &format!(r#"[["r",1,{at}],["w",1,{}]]"#, at + 1)));
    op(1, r#"[["r",1,5]]"#);
    certified_as_invalid(&history)
}

/// The steps that leave three operations of the deque before they are let overlap: one push, and two that took its value.
fn to_three() -> Vec<serde_json::Value> {
    let values = |operations: &[u32]| serde_json::json!({"values": {"operations": operations}});
    vec![
        serde_json::json!({"cut": 14}),
        values(&[0, 1, 2, 3, 7, 8, 9, 10, 11]),
        values(&[6]),
        values(&[4, 12]),
    ]
}

/// Verifies the certificate of the deque after a change of its core.
fn with_core(change: impl FnOnce(&mut serde_json::Value)) -> Output {
    let directory = gone();
    let file = directory.path().join("c/h.jsonl.json");
    let mut certificate: serde_json::Value =
        serde_json::from_slice(&fs::read(&file).expect("it was written")).expect("it is JSON");
    let part = &mut certificate["parts"][0];
    assert!(part["evidence"].is_null(), "{part}");
    let mut steps = to_three();
    // Twice a take overlaps: once the push, and once the other take.
    steps.push(serde_json::json!({"widen": [5, 13, 5, 13, 14, 14]}));
    steps.push(serde_json::json!({"widen": [5, 13, 13, 14, 5, 14]}));
    assert_eq!(part["core"], serde_json::json!({"steps": steps, "operations": [5, 13, 14]}));
    change(&mut part["core"]);
    fs::write(&file, certificate.to_string()).expect("it can be written");
    verify(&directory, "c/h.jsonl.json", "h.jsonl")
}

#[test]
fn a_core_is_checked_again_where_there_is_no_evidence() {
    let output = with_core(|_| {});
    assert_eq!(output.status.code(), Some(1), "{}", shown(&output));
    let printed = text(&output.stdout);
    assert!(printed.contains("1 refuted: sound steps leave 3 operations of it, and no order"), "{printed}");
    assert!(!printed.contains("not re-checked"), "{printed}");
    // When the first 5 was taken there was only a 6, so that one operation is enough.
    let started = with_core(|core| {
        *core = serde_json::json!({"steps": [{"cut": 14}, {"start": 13}], "operations": [14]});
    });
    assert_eq!(started.status.code(), Some(1), "{}", shown(&started));
    // Without it, and where too much is left to try all orders, nothing is shown.
    let without = with_core(|core| *core = serde_json::Value::Null);
    assert_eq!(without.status.code(), Some(3), "{}", shown(&without));
    let large = verify(&many(), "c/h.jsonl.json", "h.jsonl");
    assert_eq!(large.status.code(), Some(3), "{}", shown(&large));
    assert!(text(&large.stdout).contains("1 not re-checked"), "{}", shown(&large));
}

#[test]
fn a_core_that_shows_nothing_is_refused() {
    let core = |steps: &[serde_json::Value], operations: &[u32]| {
        with_core(|core| *core = serde_json::json!({"steps": steps, "operations": operations}))
    };
    let all = |gone: &[u32]| (0..15).filter(|op| !gone.contains(op)).collect::<Vec<u32>>();
    let cut = || serde_json::json!({"cut": 14});
    let then = |step: serde_json::Value| [&to_three()[..], &[step]].concat();
    let unsound = "step 2 leaves out what may not be left out by itself";
    for (output, why) in [
        (core(&to_three(), &[5, 13]), "the steps leave other operations than it says"),
        (core(&[cut(), serde_json::json!({"observers": [7, 3]})], &all(&[7, 3])), unsound),
        (core(&[cut(), serde_json::json!({"values": {"operations": [5, 13]}})], &all(&[5, 13])), unsound),
        (
            core(&[serde_json::json!({"cut": 13}), serde_json::json!({"observers": [7]})], &all(&[7, 14])),
            "what is left has an order",
        ),
        (core(&[serde_json::json!({"cut": 99})], &all(&[])), "step 1 speaks of operation 99"),
        (core(&[serde_json::json!({"part": [0, 1]})], &[0, 1]), "step 1 keeps other operations"),
        (
            core(&[serde_json::json!({"values": {"operations": [], "elements": ["["]}})], &all(&[])),
            "the element `[` is no value",
        ),
        // The take before the push, which was over when it was called.
        (
            core(&then(serde_json::json!({"widen": [13, 13, 5, 5, 14, 14]})), &[13, 5, 14]),
            "step 5 gives an order of events in which some operation takes less time",
        ),
        // No state comes after what cannot have been.
        (
            core(&then(serde_json::json!({"start": 14})), &[]),
            "step 5 starts where it is not certain what state the object is in",
        ),
        (
            core(&then(serde_json::json!({"start": 5})), &[14]),
            "the steps leave other operations than it says",
        ),
    ] {
        assert_eq!(output.status.code(), Some(5), "{}", shown(&output));
        // It is broken between words.
        let printed = text(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(printed.contains("REFUSED") && printed.contains(why), "{why}: {}", shown(&output));
    }
}

#[test]
fn a_certificate_of_another_history_is_refused() {
    let (directory, path) = certified("counter.edn", &[]);
    let shorter: String =
        text(&fixture("counter.edn")).lines().take(9).map(|line| format!("{line}\n")).collect();
    fs::write(directory.path().join("shorter.edn"), shorter).expect("it can be written");
    let output = verify(&directory, &path, "shorter.edn");
    assert_eq!(output.status.code(), Some(5), "{}", shown(&output));
    assert!(
        text(&output.stdout).contains("it is of a history of 5 operations, and this one has 4"),
        "{}",
        shown(&output)
    );
    let other = text(&fixture("counter.edn")).replace(":value 7", ":value 6");
    fs::write(directory.path().join("other.edn"), other).expect("it can be written");
    assert_eq!(verify(&directory, &path, "other.edn").status.code(), Some(5));
}

#[test]
fn what_cannot_be_read_is_an_error() {
    let (directory, path) = certified("counter.edn", &[]);
    for (certificate, history) in
        [("missing.json", "counter.edn"), (path.as_str(), "missing.edn"), ("counter.edn", "counter.edn")]
    {
        let output = verify(&directory, certificate, history);
        assert_eq!(output.status.code(), Some(2), "{}", shown(&output));
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{}", shown(&output));
    }
    for change in [
        |certificate: &mut serde_json::Value| certificate["schema"] = "seriatim-certificate/9".into(),
        |certificate: &mut serde_json::Value| certificate["model"] = "abacus".into(),
        |certificate: &mut serde_json::Value| certificate["format"] = "xml".into(),
        |certificate: &mut serde_json::Value| certificate["options"]["ties"] = "sometimes".into(),
        |certificate: &mut serde_json::Value| certificate["options"]["initial"] = "[".into(),
        |certificate: &mut serde_json::Value| certificate["parts"][0]["verdict"] = "perhaps".into(),
    ] {
        let output = tampered(change);
        assert_eq!(output.status.code(), Some(2), "{}", shown(&output));
    }
}

#[test]
fn histories_of_one_name_have_certificates_of_their_own() {
    let directory = directory(&[("a/h.edn", &fixture("counter.edn")), ("a_h.edn", &fixture("counter.edn"))]);
    run_in(&directory, &["a/h.edn", "a_h.edn", "--certificates", "c"]);
    assert_eq!(verify(&directory, "c/a_h.edn.json", "a/h.edn").status.code(), Some(0));
    assert_eq!(verify(&directory, "c/a_h.edn.2.json", "a_h.edn").status.code(), Some(0));
}

#[test]
fn nothing_that_verifies_imports_the_checker() {
    let sources = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/cli");
    let mut todo = vec!["verify".to_owned()];
    let mut seen = Vec::new();
    while let Some(module) = todo.pop() {
        if seen.contains(&module) {
            continue;
        }
        let source = fs::read_to_string(sources.join(format!("{module}.rs"))).expect("the module has a file");
        assert!(
            !source.contains("seriatim_checker"),
            "{module} uses the checker, and `verify` uses {module}"
        );
        for used in source.split("crate::").skip(1) {
            let used: String = used.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
            if sources.join(format!("{used}.rs")).exists() {
                todo.push(used);
            }
        }
        seen.push(module);
    }
    assert!(seen.len() > 3, "{seen:?}");
}
