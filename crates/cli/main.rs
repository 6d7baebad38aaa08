//! The command line of seriatim: the only part that touches files, threads, the clock and the environment.

#![allow(clippy::disallowed_methods, reason = "this is where the world is touched")]

mod args;
mod aside;
mod certificate;
mod check;
mod choose;
mod clock;
mod convert;
mod cores;
mod demo;
mod describe;
mod doubted;
mod exit;
mod findings;
mod frontier;
mod generate;
mod inputs;
mod instead;
mod large;
mod lint;
mod lists;
mod load;
mod marks;
mod naming;
mod output;
mod progress;
mod prove;
mod quantity;
mod reading;
mod recordings;
mod records;
mod reduce;
mod render;
mod resident;
mod settings;
mod sorted;
mod source;
mod stats;
mod stored;
mod stream;
mod strip;
mod verify;
mod watch;

use std::process::ExitCode;

use clap::FromArgMatches as _;

use crate::args::{Cli, Command};

fn main() -> ExitCode {
    let given = Cli::from_arg_matches(&args::command().get_matches());
    let Cli { command, check } = given.unwrap_or_else(|error| error.exit());
    let exit = match command {
        None => check::run(&check),
        Some(Command::Check(check)) => check::run(&check),
        Some(Command::VerifyCertificate(args)) => verify::run(&args),
        Some(Command::Reduce(args)) => reduce::run(&args),
        Some(Command::Stats(args)) => stats::run(&args),
        Some(Command::Lint(args)) => lint::run(&args),
        Some(Command::Convert(args)) => convert::run(&args),
        Some(Command::Watch(args)) => watch::run(*args),
        Some(Command::Demo(args)) => demo::run(&args),
        Some(Command::Generate(what)) => generate::run(&what),
        Some(Command::Report(args)) => render::run(&args),
        Some(Command::Schema { what }) => render::schema(what),
        Some(Command::Explain { codes }) => lists::anomalies(&codes),
        Some(Command::Models) => lists::models(),
        Some(Command::Formats) => lists::formats(),
    };
    exit.into()
}
