//! `all`: everything, into benches/README.md.

use std::fs;
use std::path::Path;
use std::time::Instant;

use clap::Args;

use crate::error::Error;
use crate::micro::{self, MicroArgs};
use crate::must::{self, MustArgs};
use crate::peers::{self, PeersArgs};
use crate::scaling::{self, ScalingArgs};
use crate::section::{Section, progress, tell_progress};
use crate::threads::{self, ThreadsArgs};
use crate::{Outcome, machine, place};

#[derive(Debug, Args)]
pub(crate) struct AllArgs {
    /// Small inputs, and nothing is written: shows that everything can be measured
    #[arg(long)]
    quick: bool,
    /// Print the tables and leave benches/README.md as it is
    #[arg(long)]
    no_write: bool,
}

/// Measures everything. What is measured is written at once: a run that is cut off keeps it, and so does one in which
/// something fails.
pub(crate) fn run(args: &AllArgs) -> Result<Outcome, Error> {
    let root = place::root();
    let path = root.join("benches/README.md");
    // An early word if it cannot be written later.
    fs::metadata(&path).map_err(|error| Error::file(&path, &error))?;
    tell_progress();
    let quick = args.quick;
    let mut all = All {
        path: if quick || args.no_write { None } else { Some(&path) },
        times: Vec::new(),
        failures: Vec::new(),
    };
    let (few, limit) = (if quick { 500 } else { 100_000 }, if quick { 1.0 } else { 10.0 });
    let mut outcome = Outcome::Good;
    // The program is built first, so that no table has to wait for it.
    all.section("machine", |_| {
        place::program()?;
        let machine = machine::describe(&root);
        println!("{machine}");
        Ok(machine)
    });
    all.section("micro", |section| {
        micro::run(&MicroArgs { operations: few, runs: if quick { 1 } else { 5 } }, section)
    });
    all.section("threads", |section| {
        let (operations, hard) = if quick { (1_000, 100) } else { (1_000_000, 1_000) };
        threads::run(&ThreadsArgs { operations, hard, runs: if quick { 1 } else { 3 } }, section)
    });
    all.section("must", |section| {
        let (text, reached) = must::run(&MustArgs { only: None, quick, no_huge: quick }, section)?;
        outcome = outcome.and(Outcome::of_must(&reached));
        Ok(text)
    });
    all.section("peers", |section| {
        let (text, agree) = peers::run(&PeersArgs { limit, log_limit: 1.0, quick }, section)?;
        outcome = outcome.and(if agree { Outcome::Good } else { Outcome::Wrong });
        Ok(text)
    });
    all.section("scaling", |section| {
        let (most, most_on_one_key) = if quick { (1_000, 1_000) } else { (10_000_000, 1_000_000) };
        scaling::run(&ScalingArgs { most, most_on_one_key, limit }, section)
    });
    all.end(outcome)
}

struct All<'a> {
    /// The file that the tables are written to.
    path: Option<&'a Path>,
    /// How many seconds each section took.
    times: Vec<(&'static str, f64)>,
    failures: Vec<Error>,
}

impl All<'_> {
    /// Measures a section; whatever happens in it, the others are measured, too.
    fn section(&mut self, name: &'static str, measure: impl FnOnce(&Section) -> Result<String, Error>) {
        println!("\n## {name}\n");
        progress(name);
        let started = Instant::now();
        let section = Section::written(name, self.path.map(Path::to_owned));
        if let Some(text) = section.attempt("the section", || measure(&section)) {
            section.whole(&text);
        }
        self.failures.extend(section.result().err());
        self.times.push((name, started.elapsed().as_secs_f64()));
    }

    fn end(self, outcome: Outcome) -> Result<Outcome, Error> {
        let all: f64 = self.times.iter().map(|(_, seconds)| seconds).sum();
        let times: Vec<_> =
            self.times.iter().map(|(name, seconds)| format!("{name} {seconds:.0} s")).collect();
        println!("\nall took {:.1} minutes: {}", all / 60.0, times.join(", "));
        // A wrong verdict is worse than one that is missing.
        if outcome == Outcome::Wrong || self.failures.is_empty() {
            return Ok(outcome);
        }
        let failures: Vec<_> = self.failures.iter().map(Error::to_string).collect();
        Err(Error::new(failures.join("; ")))
    }
}
