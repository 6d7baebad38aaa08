//! Every recording of a real cluster in ../shared/recordings gets the verdict of its manifest.
//!
//! A command of its own, since it needs ../shared: `cargo test --test recordings -- --nocapture`.

#![allow(
    clippy::disallowed_methods,
    reason = "a test at the edge: it reads files, starts the program and looks at the clock"
)]

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Workloads that the manifest judges by another property than linearizability.
const OTHER_PROPERTIES: &[(&str, &str)] = &[(
    "queue (at least once)",
    "lost messages under redelivery; as a FIFO queue a redelivered message is a violation",
)];

/// No recording takes longer than this.
const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn every_recording_gets_its_verdict() {
    let recordings = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/recordings");
    if !recordings.is_dir() {
        println!("skipped: ../shared/recordings is not here");
        return;
    }
    let mut manifest = csv::ReaderBuilder::new()
        .delimiter(b'\t')
        .from_path(recordings.join("MANIFEST.tsv"))
        .expect("a manifest");
    let (mut agreed, mut wrong) = (0, Vec::new());
    for record in manifest.records() {
        let record = record.expect("a row");
        let [file, workload, expected] = [0, 2, 9].map(|at| record.get(at).expect("a field"));
        if let Some((_, reason)) = OTHER_PROPERTIES.iter().find(|(name, _)| *name == workload) {
            println!("left out: {file}: {reason}");
            continue;
        }
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
        if history["verdict"] != *expected {
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
