//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::crew;

/// Runs real clusters, breaks them, records what their clients saw, and has seriatim check it.
///
/// Every node is in a network namespace of its own, on a bridge that leads nowhere else. That needs root. Afterwards nothing is
/// left of it, also after Ctrl-C; what a crash left is removed by the next run or by `clean`.
#[derive(Debug, Parser)]
#[command(name = "seriatim-lab", version)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Says what is missing on this machine, and the line that installs it.
    Doctor,
    /// Lists the rows: system, workload, setting and faults.
    List(Rows),
    /// Records rows, checks them, and prints what was found.
    ///
    /// Ends with 0 if all was recorded and what systems promise held, with 1 if something was found that a system promises not
    /// to do, with 2 for bad usage, with 3 if something was not recorded, and with 130 if it was interrupted.
    Run(Run),
    /// Prints the table of what was recorded before: how often which verdict and which code.
    Table(Kept),
    /// Puts recordings with their cards where their verdicts are tested: MODEL/valid/lab or MODEL/invalid/lab.
    ///
    /// What is void or too large, and what a system promises not to do, is not taken. A recording of the same row that is there
    /// is replaced.
    Keep(Keep),
    /// Records five seconds of Redis with one partition, to see whether recording, checking and cleaning work.
    ///
    /// What is found makes no difference. Where namespaces or Redis are missing it says SKIPPED and why, and ends with 0.
    Smoke(Place),
    /// Removes what a run left that was killed: processes, namespaces, folders.
    Clean(Place),
}

/// Which rows.
#[derive(Debug, Args)]
pub(crate) struct Rows {
    /// Rows by their names or what these begin with, as `etcd` or `redis/set`; `*` stands for anything.
    pub(crate) rows: Vec<String>,
}

/// What was recorded before.
#[derive(Debug, Args)]
pub(crate) struct Kept {
    /// Cards, or folders of them.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
}

/// What is kept, and where.
#[derive(Debug, Args)]
pub(crate) struct Keep {
    #[command(flatten)]
    pub(crate) kept: Kept,
    /// The folder of histories.
    #[arg(long, value_name = "DIR", default_value = "histories")]
    pub(crate) into: PathBuf,
}

/// Where.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// What names of namespaces begin with: labs with different ones do not meet.
    #[arg(long, value_name = "WORD", default_value = "sl")]
    pub(crate) prefix: String,
}

/// What to record and how.
#[derive(Debug, Args)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) rows: Rows,
    /// Records all rows.
    #[arg(long, conflicts_with = "rows")]
    pub(crate) all: bool,
    /// What all that is drawn follows from; with `--times`, the first of several.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Where histories and cards go.
    #[arg(long, value_name = "DIR", default_value = "lab-recordings")]
    pub(crate) out: PathBuf,
    /// How long clients work; without it as long as the faults need.
    #[arg(long, value_name = "S", value_parser = seconds)]
    pub(crate) seconds: Option<f64>,
    /// How often each row is recorded, each time with the next seed.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) times: u32,
    /// How many rows are recorded side by side. Labs of their own do it, whose prefixes end with a digit.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=i64::from(crew::MOST)))]
    pub(crate) jobs: u8,
    /// Keeps the folders of runs, with the logs of all servers, beside the histories.
    #[arg(long)]
    pub(crate) keep_logs: bool,
    #[command(flatten)]
    pub(crate) place: Place,
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (1.0..=600.0).contains(&seconds) => Ok(seconds),
        _ => Err("it is a number of seconds from 1 to 600".to_owned()),
    }
}
