//! The arguments of `convert`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use seriatim_history::convert::Target;

use super::MeaningArgs;

pub(crate) const HELP: &str = "\
What is written is read again before it leaves, and compared: what the format cannot hold is said on
the standard error, or is an error. `jsonl` and `intervals` begin with what is in force (the model,
what it starts with, what a read of nil says), so that `check` needs no options; EDN has no place
for that, so the options are said on the standard error where `check` needs them.

Exit codes:
    0  it was written
    2  usage error, a file that cannot be read or written, or operations that the format cannot hold

Examples:
  seriatim convert store/latest/history.edn -o history.jsonl
  seriatim convert ops.csv --map process=client_id,f=op,call=t0,return=t1 --to edn
  zcat history.edn.gz | seriatim convert - --to intervals | seriatim check -";

#[derive(Debug, Args)]
pub(crate) struct ConvertArgs {
    /// The history: a file, a directory that holds one, or `-` for the standard input
    #[arg(value_name = "FILE")]
    pub(crate) path: PathBuf,
    /// What to write
    #[arg(long, value_name = "FORMAT", default_value = "jsonl")]
    pub(crate) to: To,
    /// Where to write [default: the standard output]
    #[arg(long, short, value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) meaning: MeaningArgs,
}

/// What a history can be written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum To {
    /// The native format, an event a line
    Jsonl,
    /// Jepsen's `history.edn`
    Edn,
    /// The native format, an operation a line with its call and return
    Intervals,
}

impl To {
    /// What it is to whoever writes it.
    pub(crate) fn target(self) -> Target {
        match self {
            Self::Jsonl => Target::Jsonl,
            Self::Edn => Target::Edn,
            Self::Intervals => Target::Intervals,
        }
    }
}
