//! The command line of seriatim: the only part that touches files, threads, the clock and the environment.

#![allow(clippy::disallowed_methods, reason = "this is where the world is touched")]

mod args;
mod aside;
mod certificate;
mod check;
mod choose;
mod clock;
mod cores;
mod describe;
mod doubted;
mod exit;
mod findings;
mod frontier;
mod inputs;
mod instead;
mod large;
mod lists;
mod load;
mod marks;
mod naming;
mod output;
mod progress;
mod prove;
mod quantity;
mod records;
mod reduce;
mod render;
mod resident;
mod settings;
mod sorted;
mod source;
mod stored;
mod stream;
mod strip;
mod terminal;
mod verify;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Cli, Command};

fn main() -> ExitCode {
    let Cli { command, check } = Cli::parse();
    let exit = match command {
        None => check::run(&check),
        Some(Command::Check(check)) => check::run(&check),
        Some(Command::VerifyCertificate(args)) => verify::run(&args),
        Some(Command::Reduce(args)) => reduce::run(&args),
        Some(Command::Report(args)) => render::run(&args),
        Some(Command::Schema { what }) => render::schema(what),
        Some(Command::Explain { codes }) => lists::anomalies(&codes),
        Some(Command::Models) => lists::models(),
        Some(Command::Formats) => lists::formats(),
    };
    exit.into()
}
