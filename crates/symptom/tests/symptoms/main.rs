//! What is planted in simulated runs is told, and nothing else is: docs/SYMPTOMS.md has how often, for each code.
//!
//! A case is a world with something in it (`gaps`, `nodes`, `load`, `kinds`, `proved`), or nothing (`clean`); it says by
//! definition, and by no rule, what is there. The table follows from fixed seeds.
//! `UPDATE_DOCS=1 cargo test -p seriatim-symptom --test symptoms` writes it anew, and
//! `cargo test -p seriatim-symptom --test symptoms -- --ignored many --nocapture` looks at other seeds, and more of them.

#![allow(
    clippy::disallowed_methods,
    reason = "the table is in a document, the environment says whether to write it, and the pace is measured"
)]

mod case;
mod clean;
mod gaps;
mod kinds;
mod load;
mod nodes;
mod pace;
mod proved;
mod recorded;
mod run;
mod score;
mod shapes;
mod world;

use std::fs;
use std::path::PathBuf;

use crate::score::Score;

/// How many seeds of each case.
const FEW: u64 = 7;

fn told(score: &Score) {
    for complaint in score.complaints() {
        println!("{complaint}");
    }
}

fn hold(score: &Score) {
    for (code, count) in score.codes() {
        assert!(count.recall() >= 0.95, "{code}: {} of {} are found", count.found, count.planted);
        assert!(count.precision() >= 0.95, "{code}: {} are true, {} are not", count.found, count.falsely());
    }
    assert!(score.clean_notes() * 10 <= score.clean_runs(), "{} notes", score.clean_notes());
}

#[test]
fn what_is_planted_is_told() {
    let score = Score::of(0..FEW);
    told(&score);
    in_document(&score.tables());
    hold(&score);
}

#[test]
#[ignore = "takes minutes"]
fn many() {
    let score = Score::of(1_000..1_100);
    told(&score);
    println!("{}", score.tables());
    hold(&score);
}

/// What the runs of each case look like, second by second, to be judged by eye.
#[test]
#[ignore = "prints"]
fn look() {
    let wanted = std::env::var("CASE").unwrap_or_default();
    for case in case::cases().filter(|case| format!("{:?} {}", case.role, case.name).contains(&wanted)) {
        println!("{:?} {}", case.role, case.name);
        println!("{}", case.recorded(0).seconds());
    }
}

/// Looks whether the document ends with these tables, or writes them there.
fn in_document(tables: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/SYMPTOMS.md");
    let document = fs::read_to_string(&path).expect("the document can be read");
    let begin = document.find("## Each code\n").expect("the document has the tables");
    let wanted = format!("{}{tables}", &document[..begin]);
    if std::env::var("UPDATE_DOCS").is_ok_and(|write| write == "1") {
        fs::write(&path, wanted).expect("the document can be written");
        return;
    }
    assert!(document == wanted, "docs/SYMPTOMS.md has other tables than these:\n{tables}");
}
