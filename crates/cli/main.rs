//! The command line of seriatim: the only part that touches files, threads, the clock and the environment.

#![allow(clippy::disallowed_methods, reason = "this is where the world is touched")]

mod args;
mod around;
mod aside;
mod baseline;
mod certificate;
mod check;
mod choose;
mod clock;
mod config;
mod convert;
mod cores;
mod date;
mod demo;
mod describe;
mod diff;
mod doubted;
mod exit;
mod findings;
mod frontier;
mod gate;
mod generate;
mod inputs;
mod instead;
mod large;
mod lint;
mod lists;
mod load;
mod marks;
mod merge;
mod naming;
mod output;
mod placement;
mod progress;
mod prove;
mod quantity;
mod reading;
mod recordings;
mod records;
mod reduce;
mod render;
mod require;
mod resident;
mod settings;
mod shard;
mod sorted;
mod source;
mod stats;
mod stored;
mod stream;
mod strip;
mod suggest;
mod symptoms;
mod terminal;
mod threshold;
mod times;
mod verify;
mod watch;

use std::process::ExitCode;

use crate::args::{Cli, Color, Command, ConfigCommand};

fn main() -> ExitCode {
    let (cli, config) = match config::parse(std::env::args_os().collect()) {
        Ok(cli) => cli,
        Err(problem) => return output::fail(&problem, Color::Auto).into(),
    };
    let Cli { command, check } = cli;
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
        Some(Command::Diff(args)) => diff::run(&args),
        Some(Command::Baseline(command)) => baseline::run(&command),
        Some(Command::Merge(args)) => merge::run(&args),
        Some(Command::Schema { what }) => render::schema(what),
        Some(Command::Explain { codes }) => lists::anomalies(&codes),
        Some(Command::Config(ConfigCommand::Show { output_format })) => match config::layers(&config) {
            Ok(layers) => config::show(&layers, output_format),
            Err(problem) => output::fail(&problem, Color::Auto),
        },
        Some(Command::Models) => lists::models(),
        Some(Command::Formats) => lists::formats(),
    };
    exit.into()
}
