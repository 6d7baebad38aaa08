//! Every history of ../shared/corpus: read without loss, and decided as its manifest says.
//!
//! A command of its own, since it needs ../shared: `cargo test --test upstream -- --nocapture`. What is left out is
//! named in [`UNREAD`] and [`OTHER_PROPERTIES`], with the reason; a row that no table knows fails the test.

#![allow(clippy::disallowed_methods, reason = "a test at the edge: it reads files and starts the program")]

mod cores;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use seriatim_history::format::csv::ColumnMap;
use seriatim_history::format::detect::{Detected, detect};
use seriatim_history::{HistoryBuilder, Source, SourceId, build::Overrides, format};

/// Formats of the manifest that are not read.
const UNREAD: &[(&str, &str)] = &[
    ("awdit-test-txt", "transactions without times: an isolation level, not linearizability"),
    ("polysi-plume-txt", "transactions without times: an isolation level, not linearizability"),
    ("cobra-log", "binary transactions without times"),
    ("dbcop-bincode", "binary transactions without times"),
    ("test-fressian", "recognised, and answered with what to pass instead"),
    ("test-jepsen", "recognised, and answered with what to pass instead"),
    ("jepsen-results-edn", "what a checker said of a history, not a history"),
    ("edn-tuples", "fixtures of a parser: no functions, no completions"),
];

/// How a model of the manifest is checked: its words there, the options that mean the same, and what is known of it.
const MODELS: &[(&str, &[&str])] = &[
    ("cas-register(init 0)", &["--model", "cas-register", "--init", "0"]),
    ("cas-register(init nil)", &["--model", "cas-register"]),
    ("cas-register(etcd: failed CAS proves mismatch; init nil)", &["--model", "cas-register"]),
    ("cas-register", &["--model", "cas-register"]),
    ("register(init nil)", &["--model", "register"]),
    (
        "register (unique writes, nil init; missing read is keyword :nil)",
        &["--model", "register", "--nil-read", "value"],
    ),
    ("register (read/write, int, init 0?)", &["--model", "register"]),
    ("register per key (field \"key\"; \"client\" = process)", &["--model", "register"]),
    ("register per key (kv PUT/GET/DELETE)", &["--model", "kv"]),
    ("register per key (kv Write/Read/Delete)", &["--model", "kv"]),
    ("kv map get/put/append (per-key string, init \"\")", &["--model", "kv"]),
    ("multi-register", &["--model", "multi-register", "--init", "0"]),
    ("multi-register {:x 0 :y 0}", &["--model", "multi-register", "--init", "{:x 0 :y 0}"]),
    ("mutex", &["--model", "mutex"]),
    ("counter", &["--model", "counter"]),
    ("atomic-queue", &["--model", "queue"]),
    ("atomic-stack", &["--model", "stack"]),
    ("fifo-queue", &["--model", "queue"]),
    ("queue", &["--model", "queue"]),
    ("stack", &["--model", "stack"]),
    ("deque", &["--model", "deque"]),
    ("set", &["--model", "set"]),
    ("semaphore", &["--model", "semaphore"]),
    ("rmw", &["--model", "cas-register"]),
    ("priorityqueue", &["--model", "max-priority-queue"]),
    ("pqueue", &["--model", "max-priority-queue"]),
];

/// What the manifest judges by another property than linearizability.
const OTHER_PROPERTIES: &[(&str, &str)] = &[
    ("bank", "a conserved total over transactions"),
    ("list-append", "isolation of transactions (elle)"),
    ("rw-register", "isolation of transactions (elle)"),
    ("comments", "visibility of earlier inserts"),
    ("set-full", "no acknowledged element lost: Jepsen's set-full"),
    ("set (add + final read missing)", "no read was recorded"),
];

/// Files whose manifest entry speaks of another property than their model's name suggests.
const OTHER_PROPERTY_FILES: &[(&str, &str)] = &[(
    "redis-set-split-brain-test",
    "writes and reads of every node's own set at once: agreement of replicas, not one set",
)];

/// Files of which the manifest counts no operations, though they record some.
const MISCOUNTED: &[(&str, usize)] = &[("Deabus__braft_bug/jepsen.log", 1636)];

/// Files of object models in which every operation failed: upstream calls what did not happen valid, and we call it
/// vacuous, for a gate must not be green where nothing was checked.
const NOTHING_HAPPENED: &[&str] = &[
    "jepsen-io__knossos/cas-register/good/mongodb-v0-ack-rollback-9.edn",
    "jepsen-io__knossos/cas-register/good/mongodb-v0-ack-rollback-10.edn",
    "jepsen-io__knossos/cas-register/good/mongodb-v0-ack-rollback-11.edn",
];

struct Row {
    path: String,
    format: String,
    model: String,
    operations: Option<usize>,
    verdict: String,
}

fn corpus() -> Option<PathBuf> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    if corpus.is_dir() {
        return Some(corpus);
    }
    println!("skipped: ../shared/corpus is not here");
    None
}

fn rows(corpus: &Path) -> Vec<Row> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b'\t')
        .from_path(corpus.join("MANIFEST.tsv"))
        .expect("a manifest");
    let rows = reader.records().map(|record| {
        let record = record.expect("a row");
        let field = |at: usize| record.get(at).unwrap_or_default().to_owned();
        Row {
            path: field(0),
            format: field(3),
            model: field(4),
            operations: field(5).parse().ok(),
            verdict: field(8),
        }
    });
    rows.collect()
}

fn reason<'a>(table: &[(&'a str, &'a str)], name: &str) -> Option<&'a str> {
    table.iter().find(|(start, _)| name.starts_with(start)).map(|&(_, reason)| reason)
}

#[test]
fn every_history_is_read_without_loss() {
    let Some(corpus) = corpus() else { return };
    let (mut read, mut left_out, mut wrong) =
        (BTreeMap::<String, usize>::new(), BTreeMap::<String, usize>::new(), Vec::new());
    for row in rows(&corpus) {
        if UNREAD.iter().any(|&(format, _)| format == row.format) {
            *left_out.entry(row.format.clone()).or_default() += 1;
            continue;
        }
        let bytes = std::fs::read(corpus.join(&row.path)).expect("a file of the manifest");
        let detected = detect(&bytes, Path::new(&row.path).file_name().and_then(|name| name.to_str()));
        let Detected::Format(format) = detected else {
            wrong.push(format!("{}: detected as {detected:?}", row.path));
            continue;
        };
        let text = String::from_utf8(bytes).expect("histories are UTF-8");
        let mut builder = HistoryBuilder::new(format);
        format::read(format, Source { id: SourceId(0), text: &text }, &ColumnMap::default(), &mut builder);
        match builder.finish(Overrides::default()) {
            Ok(history) => {
                *read.entry(format.name().to_owned()).or_default() += 1;
                let known = MISCOUNTED.iter().find(|(path, _)| *path == row.path).map(|&(_, count)| count);
                if known.or(row.operations).is_some_and(|operations| operations != history.operations.len()) {
                    wrong.push(format!(
                        "{}: {} operations, the manifest has {:?}",
                        row.path,
                        history.operations.len(),
                        row.operations
                    ));
                }
            }
            Err(errors) => {
                wrong.push(format!("{}: {} errors, first {:?}", row.path, errors.total(), errors.first()[0]))
            }
        }
    }
    println!("read without loss, by format: {read:?}");
    for (format, count) in left_out {
        println!("not read: {count} × {format}: {}", reason(UNREAD, &format).expect("named"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_verdict_is_that_of_the_manifest() {
    let Some(corpus) = corpus() else { return };
    let mut groups: BTreeMap<&[&str], Vec<Row>> = BTreeMap::new();
    let (mut left_out, mut open, mut wrong) = (BTreeMap::<String, usize>::new(), 0, Vec::new());
    for row in rows(&corpus) {
        let is_verdict = row.verdict == "valid" || row.verdict == "invalid";
        let other = reason(OTHER_PROPERTIES, &row.model)
            .or_else(|| {
                OTHER_PROPERTY_FILES
                    .iter()
                    .find(|(part, _)| row.path.contains(part))
                    .map(|&(_, reason)| reason)
            })
            .or_else(|| reason(UNREAD, &row.format));
        if let Some(reason) = other {
            *left_out.entry(format!("{}: {reason}", row.model)).or_default() += 1;
        } else if let Some(&(_, options)) = MODELS.iter().find(|&&(model, _)| model == row.model) {
            if is_verdict {
                groups.entry(options).or_default().push(row);
            } else {
                open += 1;
            }
        } else {
            wrong.push(format!("{}: no table knows the model `{}`", row.path, row.model));
        }
    }
    let mut agreed: BTreeMap<String, usize> = BTreeMap::new();
    for (options, rows) in groups {
        let verdicts = check(&corpus, options, rows.iter().map(|row| row.path.as_str()));
        for (row, verdict) in rows.iter().zip(verdicts) {
            if NOTHING_HAPPENED.contains(&row.path.as_str()) {
                println!(
                    "left out: {}: every operation failed; upstream says {}, we say {verdict}",
                    row.path, row.verdict
                );
                if verdict != "vacuous" {
                    wrong.push(format!("{}: {verdict}, though nothing happened in it", row.path));
                }
            } else if verdict == row.verdict {
                *agreed.entry(format!("{} {verdict}", row.model)).or_default() += 1;
            } else {
                wrong.push(format!("{}: {verdict}, the manifest has {}", row.path, row.verdict));
            }
        }
    }
    let total: usize = agreed.values().sum();
    println!("{total} verdicts are those of the manifest:");
    agreed.iter().for_each(|(what, count)| println!("  {count} × {what}"));
    println!("{open} histories have no verdict in the manifest (unknown or disputed)");
    left_out.iter().for_each(|(what, count)| println!("left out: {count} × {what}"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(total >= 299, "only {total} verdicts were compared");
}

/// Invalid files in which no few operations were found that show it by themselves.
const UNNAMED: &[&str] = &[
    "anishathalye__porcupine/jepsen/etcd_027.log",
    "anishathalye__porcupine/jepsen/etcd_057.log",
    // What was appended to a text depends on all that was appended before.
    "anishathalye__porcupine/kv/c50-bad.txt",
];

#[test]
fn every_violation_is_named_by_a_few_operations() {
    let Some(corpus) = corpus() else { return };
    let (mut named, mut wrong) = (0, Vec::new());
    println!("file | codes | operations of the first | seconds");
    for row in rows(&corpus).iter().filter(|row| row.verdict == "invalid") {
        let is_other = reason(OTHER_PROPERTIES, &row.model).is_some()
            || reason(UNREAD, &row.format).is_some()
            || OTHER_PROPERTY_FILES.iter().any(|(part, _)| row.path.contains(part));
        let Some(&(_, options)) = MODELS.iter().find(|&&(model, _)| model == row.model && !is_other) else {
            continue;
        };
        let started = Instant::now();
        let history = checked(&corpus, options, [row.path.as_str()].into_iter()).swap_remove(0);
        let seconds = started.elapsed().as_secs_f64();
        let anomalies = history["anomalies"].as_array().expect("anomalies");
        let codes: Vec<_> = anomalies.iter().filter_map(|anomaly| anomaly["code"].as_str()).collect();
        let of = |anomaly: &serde_json::Value| anomaly["operations"].as_array().map_or(0, Vec::len);
        let sizes: Vec<usize> = anomalies.iter().map(of).collect();
        println!("{} | {} | {:?} | {seconds:.2}", row.path, codes.join(" "), sizes.first());
        if UNNAMED.contains(&row.path.as_str()) != codes.is_empty() {
            wrong.push(format!("{}: named {codes:?}", row.path));
        }
        // So few that a person reads them.
        if sizes.iter().any(|&size| size == 0 || size > 12) {
            wrong.push(format!("{}: shown by {sizes:?} operations", row.path));
        }
        named += usize::from(!codes.is_empty());
    }
    println!("{named} invalid histories have a name");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(named >= 80, "only {named} have a name");
}

/// Invalid files of which more is left than a person reads, and why.
const LONG: &[(&str, &str)] = &[];

#[test]
fn every_violation_leaves_a_core_that_a_person_reads() {
    let Some(corpus) = corpus() else { return };
    let (mut few, mut slowest, mut wrong) = (0, 0.0_f64, Vec::new());
    println!("file | code | operations of its core | seconds");
    for row in rows(&corpus).iter().filter(|row| row.verdict == "invalid") {
        let is_other = reason(OTHER_PROPERTIES, &row.model).is_some()
            || reason(UNREAD, &row.format).is_some()
            || OTHER_PROPERTY_FILES.iter().any(|(part, _)| row.path.contains(part))
            || NOTHING_HAPPENED.contains(&row.path.as_str());
        let Some(&(_, options)) = MODELS.iter().find(|&&(model, _)| model == row.model && !is_other) else {
            continue;
        };
        let history = checked(&corpus, options, [row.path.as_str()].into_iter()).swap_remove(0);
        let code = history["anomalies"][0]["code"].as_str().unwrap_or("no name").to_owned();
        let core = cores::Core::of(&corpus, options, &row.path);
        println!("{} | {code} | {} | {:.2}", row.path, core.size, core.seconds);
        few += usize::from(core.size <= cores::READ);
        slowest = slowest.max(core.seconds);
        wrong.extend(core.compare(&row.path, LONG));
        wrong.extend(core.wrong);
    }
    println!("{few} cores of at most {} operations; the slowest took {slowest:.2} s", cores::READ);
    LONG.iter().for_each(|(file, why)| println!("longer: {file}: {why}"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(few >= 80, "only {few} are short");
}

/// The verdicts of files, in one call of the program.
fn check<'a>(corpus: &Path, options: &[&str], paths: impl Iterator<Item = &'a str>) -> Vec<String> {
    let histories = checked(corpus, options, paths);
    histories.iter().map(|history| history["verdict"].as_str().expect("a verdict").to_owned()).collect()
}

/// What the program says of files, in one call of it.
fn checked<'a>(
    corpus: &Path,
    options: &[&str],
    paths: impl Iterator<Item = &'a str>,
) -> Vec<serde_json::Value> {
    let output = Command::new(env!("CARGO_BIN_EXE_seriatim"))
        .current_dir(corpus)
        .args(["check", "--output-format", "json", "--timeout", "300s"])
        .args(options)
        .args(paths)
        .output()
        .expect("the program starts");
    let mut report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("no report: {error}\n{}", String::from_utf8_lossy(&output.stderr));
    });
    report["histories"].as_array_mut().map(std::mem::take).expect("histories")
}
