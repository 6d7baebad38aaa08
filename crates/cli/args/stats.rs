//! The arguments of `stats`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::MeaningArgs;

pub(crate) const HELP: &str = "\
It decides nothing: `check` does. docs/COMMANDS.md says what each figure and each field is.

Exit codes:
    0  all were read
    2  usage error, or an input that cannot be read

Examples:
  seriatim stats history.edn
  seriatim stats runs/ --output-format json | jq '.recordings[].info_share'";

#[derive(Debug, Args)]
pub(crate) struct StatsArgs {
    /// Files, directories, globs, or `-` for the standard input
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) meaning: MeaningArgs,
    /// What the standard output shows
    #[arg(long, short, value_name = "KIND", default_value = "text")]
    pub(crate) output_format: PlainFormat,
}

/// For people or for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlainFormat {
    /// For people
    Text,
    /// One JSON object
    Json,
}
