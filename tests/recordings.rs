//! Every recording of a real cluster in ../shared/recordings gets the verdict of its manifest.
//!
//! A command of its own, since it needs ../shared: `cargo test --test recordings -- --nocapture`.

#![allow(
    clippy::disallowed_methods,
    reason = "a test at the edge: it reads files, starts the program and looks at the clock"
)]

mod cores;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Workloads that the manifest judges by another property than linearizability.
const OTHER_PROPERTIES: &[(&str, &str)] = &[(
    "queue (at least once)",
    "lost messages under redelivery; as a FIFO queue a redelivered message is a violation",
)];

/// What the violations of a recording are called, as its note in the manifest says; they have other names besides.
const NAMES: &[(&str, &[&str])] = &[
    ("etcd-lock-client-sigstop", &["LIN010"]),
    ("etcd-serializable", &["LIN001"]),
    ("nats-kv-direct", &["LIN001"]),
    ("nats-kv-leader-nofault", &["LIN009"]),
    ("pg-async-replica-reads", &["LIN001"]),
    ("pg-splitbrain-register", &["LIN001", "LIN002"]),
    ("pg-splitbrain-set", &["LIN013 × 13325"]),
    ("rabbit-mirrored-autoheal-partition", &["LIN011", "LIN013"]),
    ("redis-lock", &["LIN010"]),
    ("redis-register-mixed", &["LIN001"]),
    ("redis-register-partition", &["LIN001", "LIN002"]),
    ("redis-set-partition", &["LIN013 × 22757"]),
    ("zk-nosync", &["LIN001"]),
];

/// Where two sides were apart, as the notes of the recordings have it: of each time the sides, the one whose writes were lost
/// first where that is known, and the fault meanwhile. No other recording has any, but for those of locks and queues, where
/// it only looks so.
const SIDES: &[(&str, &[&str])] = &[
    ("pg-splitbrain-register", &["n1 | n2, n3 inside partition n1"]),
    ("pg-splitbrain-set", &["n1 | n2, n3 inside partition n1"]),
    ("rabbit-mirrored-autoheal-partition", &["n2, n3 | n1 inside partition n1"]),
    ("redis-lock-partition", &["n1 | n2, n3 inside partition-primary n1"]),
    ("redis-register-mixed", &["n1 | n2, n3 inside partition-primary n1"]),
    (
        "redis-register-partition",
        &["n1 | n2, n3 inside partition-primary n1", "n3 | n1, n2 inside partition-primary n3"],
    ),
    (
        "redis-set-partition.",
        &[
            "n1 | n2, n3 inside partition-primary n1",
            "n1, n2 | n3 inside partition-primary n2",
            "n2 | n1, n3 inside partition-primary n2",
        ],
    ),
];

/// The sides of a split, and the fault meanwhile.
fn sides(symptom: &serde_json::Value) -> String {
    let split = &symptom["split"];
    assert_eq!(
        (&symptom["from_s"], &symptom["to_s"]),
        (&split["from_s"], &split["to_s"]),
        "each has its own window"
    );
    let side = |at: usize| {
        let names = split["sides"][at].as_array().expect("a side");
        let mut names: Vec<&str> = names.iter().filter_map(serde_json::Value::as_str).collect();
        names.sort_unstable();
        names.join(", ")
    };
    let fault = &split["fault"];
    let nodes: Vec<&str> =
        fault["nodes"].as_array().into_iter().flatten().filter_map(|node| node.as_str()).collect();
    format!(
        "{} | {} inside {} {}",
        side(0),
        side(1),
        fault["name"].as_str().unwrap_or_default(),
        nodes.join(", ")
    )
}

/// Where the recordings are, and the rows of their manifest; nothing, and a word of it, where they are not here.
fn manifest() -> Option<(PathBuf, Vec<csv::StringRecord>)> {
    let recordings = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/recordings");
    if !recordings.is_dir() {
        println!("skipped: ../shared/recordings is not here");
        return None;
    }
    let path = recordings.join("MANIFEST.tsv");
    let mut manifest = csv::ReaderBuilder::new().delimiter(b'\t').from_path(path).expect("a manifest");
    Some((recordings, manifest.records().collect::<Result<_, _>>().expect("rows")))
}

/// Recordings of which more is left than a person reads, and why.
const LONG: &[(&str, &str)] = &[];

#[test]
fn every_violation_leaves_a_core_that_a_person_reads() {
    let Some((recordings, rows)) = manifest() else { return };
    let (mut few, mut slowest, mut wrong) = (0, 0.0_f64, Vec::new());
    println!("file | operations of its core | seconds");
    for record in &rows {
        let [file, workload, expected] = [0, 2, 9].map(|at| record.get(at).expect("a field"));
        if expected != "invalid" || OTHER_PROPERTIES.iter().any(|&(name, _)| name == workload) {
            continue;
        }
        let core = cores::Core::of(&recordings, &[], file);
        println!("{file} | {} | {:.2}", core.size, core.seconds);
        few += usize::from(core.size <= cores::READ);
        slowest = slowest.max(core.seconds);
        wrong.extend(core.compare(file, LONG));
        wrong.extend(core.wrong);
    }
    println!("{few} cores of at most {} operations; the slowest took {slowest:.2} s", cores::READ);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(few >= 10, "only {few} are short");
}

/// No recording takes longer than this.
const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn every_recording_gets_its_verdict() {
    let Some((recordings, rows)) = manifest() else { return };
    let (mut agreed, mut wrong) = (0, Vec::new());
    for record in &rows {
        let [file, workload, expected] = [0, 2, 9].map(|at| record.get(at).expect("a field"));
        let started = Instant::now();
        let output = Command::new(env!("CARGO_BIN_EXE_seriatim"))
            .current_dir(&recordings)
            .args(["check", "--output-format", "json", "--timeout", "60s", file])
            .output()
            .expect("the program starts");
        let elapsed = started.elapsed();
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let history = &report["histories"][0];
        println!(
            "{file}: {} ({} operations as {}) in {elapsed:.1?}",
            history["verdict"], history["operations"]["total"], history["model"]
        );
        let anomalies = history["anomalies"].as_array().expect("anomalies");
        let named: Vec<String> = anomalies
            .iter()
            .map(|anomaly| format!("{} × {}", anomaly["code"].as_str().unwrap_or_default(), anomaly["count"]))
            .collect();
        println!("    {}", named.join(", "));
        let names =
            NAMES.iter().find(|(start, _)| file.starts_with(start)).map_or(&[][..], |&(_, names)| names);
        let is_named = |name: &&str| named.iter().any(|known| known.starts_with(name));
        if expected == "invalid" && (names.is_empty() || !names.iter().all(|name| is_named(&name))) {
            wrong.push(format!("{file}: named {named:?}, its note says {names:?}"));
        } else if expected == "valid" && history["verdict"] == "valid" && !named.is_empty() {
            wrong.push(format!("{file}: is valid, and yet named {named:?}"));
        }
        let symptoms = history["symptoms"].as_array().into_iter().flatten();
        let apart: Vec<String> = symptoms.filter(|symptom| symptom["code"] == "SYM08").map(sides).collect();
        let expected_sides =
            SIDES.iter().find(|(start, _)| file.starts_with(start)).map_or(&[][..], |&(_, sides)| sides);
        if apart != expected_sides {
            wrong.push(format!("{file}: apart were {apart:?}, and should have been {expected_sides:?}"));
        }
        if let Some((_, reason)) = OTHER_PROPERTIES.iter().find(|(name, _)| *name == workload) {
            println!("left out: {file}: {reason}");
        } else if history["verdict"] != *expected {
            wrong.push(format!("{file}: {}, the manifest has {expected}", history["verdict"]));
        } else if elapsed > LIMIT {
            wrong.push(format!("{file}: took {elapsed:?}"));
        } else {
            agreed += 1;
        }
    }
    println!("{agreed} recordings have the verdict of the manifest");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(agreed >= 27, "only {agreed} recordings were compared");
}
