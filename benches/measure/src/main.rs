//! Measures seriatim; `benches/README.md` says what each table means.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a bench owns the clock, the files and the environment"
)]

mod all;
mod decide;
mod error;
mod generate;
mod input;
mod machine;
mod meter;
mod micro;
mod must;
mod ours;
mod peer;
mod peers;
mod place;
mod race;
mod readme;
mod runs;
mod scaling;
mod section;
mod table;
mod threads;
mod tool;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::Error;
use crate::must::Reached;
use crate::section::Section;

/// The tables of benches/README.md that `all` writes.
#[cfg(test)]
const ALL_TABLES: [&str; 6] = ["machine", "micro", "threads", "must", "peers", "scaling"];

/// Measures seriatim: in small, side by side with its peers, against size, and against what it must reach
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
    0  everything was measured; `must`: whether or not it is reached
    1  a verdict is wrong, or two tools or ways to decide contradict each other
    2  usage error, or something could not be measured
    3  `must --strict`: a row is not reached

SERIATIM_SHARED names the folder that has `corpus` and `recordings` [default: ../shared beside the project].
SERIATIM_PROGRAM names the program to measure [default: the release build, built first].";

#[derive(Debug, Subcommand)]
enum Command {
    /// Everything, into the tables of benches/README.md
    All(all::AllArgs),
    /// How fast formats are read, the search searches and each strategy decides
    Micro(micro::MicroArgs),
    /// Every line of what must be reached
    Must {
        #[command(flatten)]
        args: must::MustArgs,
        /// End with 3 where a row is not reached
        #[arg(long)]
        strict: bool,
    },
    /// The same histories decided by us and by others
    Peers(peers::PeersArgs),
    /// Time and memory against operations, clients, crashes and keys
    Scaling(scaling::ScalingArgs),
    /// How much faster two threads are than one
    Threads(threads::ThreadsArgs),
    /// Race every way to decide against every other on random histories
    Race(race::RaceArgs),
    /// Write a history from a seed
    Generate(generate::GenerateArgs),
    /// Let one tool decide files, in this process; prints JSON lines
    Decide(decide::DecideArgs),
    /// Read a file to a history; prints seconds
    #[command(hide = true)]
    Read(must::ReadArgs),
    /// Run a program and tell what it took
    #[command(hide = true)]
    Meter(meter::MeterArgs),
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Good,
    /// Something that must be reached is not.
    Missed,
    /// A verdict is wrong.
    Wrong,
}

impl Outcome {
    fn and(self, other: Self) -> Self {
        self.max(other)
    }

    fn of_must(rows: &[Reached]) -> Self {
        if rows.contains(&Reached::Wrong) {
            Self::Wrong
        } else if rows.iter().all(|&row| row == Reached::Yes) {
            Self::Good
        } else {
            Self::Missed
        }
    }

    fn code(self, is_strict: bool) -> ExitCode {
        ExitCode::from(match self {
            Self::Missed if is_strict => 3,
            Self::Good | Self::Missed => 0,
            Self::Wrong => 1,
        })
    }
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(command: Command) -> Result<ExitCode, Error> {
    let done = |()| ExitCode::SUCCESS;
    let of = |is_good| if is_good { Outcome::Good } else { Outcome::Wrong }.code(false);
    match command {
        Command::All(args) => all::run(&args).map(|outcome| outcome.code(false)),
        Command::Micro(args) => {
            printed("micro", |section| micro::run(&args, section)).map(|_| ExitCode::SUCCESS)
        }
        Command::Threads(args) => {
            printed("threads", |section| threads::run(&args, section)).map(|_| ExitCode::SUCCESS)
        }
        Command::Must { args, strict } => printed("must", |section| must::run(&args, section))
            .map(|(_, rows)| Outcome::of_must(&rows).code(strict)),
        Command::Peers(args) => {
            printed("peers", |section| peers::run(&args, section)).map(|(_, agree)| of(agree))
        }
        Command::Scaling(args) => {
            printed("scaling", |section| scaling::run(&args, section)).map(|_| ExitCode::SUCCESS)
        }
        Command::Race(args) => race::run(&args).map(of),
        Command::Generate(args) => generate::run(&args).map(done),
        Command::Decide(args) => decide::run(&args).map(done),
        Command::Read(args) => must::read(&args).map(done),
        Command::Meter(args) => meter::run(&args).map(done),
    }
}

/// Measures one section. What could not be measured ends the run with an error, after all else was.
fn printed<T>(name: &'static str, measure: impl FnOnce(&Section) -> Result<T, Error>) -> Result<T, Error> {
    let section = Section::printed(name);
    let measured = measure(&section)?;
    section.result().map(|()| measured)
}
