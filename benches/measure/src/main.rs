//! Measures seriatim; `benches/README.md` says what each table means.

mod error;
mod generate;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::Error;
use crate::generate::GenerateArgs;

/// Measures seriatim: in small, side by side with its peers, against size, and against what it must reach
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a history from a seed
    Generate(GenerateArgs),
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
    match command {
        Command::Generate(args) => generate::run(&args).map(|()| ExitCode::SUCCESS),
    }
}
