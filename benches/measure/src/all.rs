//! `all`: everything, into benches/README.md.

use std::fs;
use std::time::{Duration, Instant};

use clap::Args;

use crate::error::Error;
use crate::micro::{self, MicroArgs};
use crate::must::{self, MustArgs};
use crate::peers::{self, PeersArgs};
use crate::scaling::{self, ScalingArgs};
use crate::{Outcome, machine, place, readme};

#[derive(Debug, Args)]
pub(crate) struct AllArgs {
    /// Small inputs, and nothing is written: shows that everything can be measured
    #[arg(long)]
    quick: bool,
    /// Print the tables and leave benches/README.md as it is
    #[arg(long)]
    no_write: bool,
}

/// Measures everything; what is finished is written even if what follows fails.
pub(crate) fn run(args: &AllArgs) -> Result<Outcome, Error> {
    let root = place::root();
    let path = root.join("benches/README.md");
    // An early word if it cannot be written later.
    fs::metadata(&path).map_err(|error| Error::file(&path, &error))?;
    let write = |name: &str, text: &str| {
        if args.quick || args.no_write { Ok(()) } else { readme::write(&path, name, text) }
    };
    let started = Instant::now();
    let quick = args.quick;
    let (few, limit) = (if quick { 500 } else { 100_000 }, if quick { 1.0 } else { 10.0 });
    let machine = machine::describe(&root);
    println!("{machine}");
    write("machine", &machine)?;
    let mut outcome = Outcome::Good;
    println!("\n## micro\n");
    write("micro", &micro::run(&MicroArgs { operations: few, runs: if quick { 1 } else { 5 } })?)?;
    println!("\n## must\n");
    let (text, reached) = must::run(&MustArgs { only: None, quick, no_huge: quick })?;
    write("must", &text)?;
    outcome = outcome.and(Outcome::of_must(&reached));
    println!("\n## peers\n");
    let (text, agree) = peers::run(&PeersArgs { limit, log_limit: 1.0, quick })?;
    write("peers", &text)?;
    outcome = outcome.and(if agree { Outcome::Good } else { Outcome::Wrong });
    println!("\n## scaling\n");
    let (most, most_on_one_key) = if quick { (1_000, 1_000) } else { (10_000_000, 1_000_000) };
    write("scaling", &scaling::run(&ScalingArgs { most, most_on_one_key, limit })?)?;
    let minutes = Duration::from_secs(started.elapsed().as_secs()).as_secs_f64() / 60.0;
    println!("all took {minutes:.1} minutes");
    Ok(outcome)
}
