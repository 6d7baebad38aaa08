//! What makes a run pass: arguments of `check` and of `merge`; and `baseline` and `diff`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::args::{RenderFormat, ReportFile, SizeArgs, rendered};
use crate::date::Date;
use crate::exit::Policy;
use crate::gate::baseline::Words;

/// The heading of these options in the help.
pub(crate) const GATE: &str = "Exit code";

/// What makes a run pass.
#[derive(Debug, Args)]
#[command(next_help_heading = GATE)]
pub(crate) struct GateArgs {
    /// What ends the run with 1: `violation`, `anomaly:CODE`, `symptom`, `symptom:CODE`, `none`; several with commas. Violations
    /// that are not listed are told, and a line says that they do not count
    #[arg(long, value_name = "LIST", default_value = "violation", value_delimiter = ',')]
    pub(crate) fail_on: Vec<String>,
    /// Findings that are known and do not end the run with 1 until the day that each names; `seriatim baseline write` makes it
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// The day that it is, for tests
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = Date::parse, hide = true)]
    pub(crate) today: Option<Date>,
    /// End with 0 whatever the verdicts; errors still end with 2
    #[arg(long)]
    exit_zero: bool,
    /// Whether an unknown verdict ends with 3
    #[arg(long, value_name = "WHAT", default_value = "fail")]
    on_unknown: OnArg,
    /// Whether a vacuous history ends with 4
    #[arg(long, value_name = "WHAT", default_value = "fail")]
    on_vacuous: OnArg,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OnArg {
    Fail,
    Warn,
}

impl GateArgs {
    /// Which verdicts end the process with another code than 0.
    pub(crate) fn policy(&self) -> Policy {
        Policy {
            exit_zero: self.exit_zero,
            unknown_fails: self.on_unknown == OnArg::Fail,
            vacuous_fails: self.on_vacuous == OnArg::Fail,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// The JSON report of the run before, or `-` for the standard input
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,
    /// The JSON report of the run now, or `-`
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,
    /// What is printed
    #[arg(long, short, value_name = "KIND", default_value = "text")]
    pub(crate) output_format: DiffFormat,
}

/// How a comparison is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// For people
    Text,
    /// One JSON object
    Json,
    /// For people, and for whatever renders it
    Markdown,
}

/// The exit codes of `diff`, and examples, for its help.
pub(crate) const DIFF_HELP: &str = "\
Exit codes:
    0  nothing is new, and no verdict got worse
    1  something is new, or a verdict got worse
    2  usage error, or a report that cannot be read

Findings are the same where their fingerprints are, in one history by its path.

Examples:
  seriatim diff last-week.json today.json
  seriatim diff main.json branch.json --output-format markdown";

#[derive(Debug, Subcommand)]
pub(crate) enum BaselineCommand {
    /// Write the findings of a JSON report down as known
    #[command(after_help = BASELINE_HELP)]
    Write(BaselineArgs),
}

#[derive(Debug, Args)]
pub(crate) struct BaselineArgs {
    /// The JSON report, or `-` for the standard input
    #[arg(value_name = "REPORT")]
    pub(crate) report: PathBuf,
    /// The file to write
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Why they are let pass
    #[arg(long, value_name = "TEXT", value_parser = Words::parse)]
    pub(crate) reason: Words,
    /// Who says so
    #[arg(long, value_name = "NAME", value_parser = Words::parse)]
    pub(crate) author: Words,
    /// The last day on which they are let pass
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = Date::parse)]
    pub(crate) expires: Date,
    /// Add to FILE what is not in it, and renew what has expired; entries in force, and those of other findings, stay
    #[arg(long)]
    pub(crate) update: bool,
    /// The day that it is, for tests
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = Date::parse, hide = true)]
    pub(crate) today: Option<Date>,
}

const BASELINE_HELP: &str = "\
Exit codes:
    0  the file was written, or has all of it already
    2  usage error, a report or a file that cannot be read or written, or a file that is there
       without --update

Examples:
  seriatim check runs/ --report json=run.json
  seriatim baseline write run.json -o baseline.json --reason 'see issue 17' --author ada \\
    --expires 2027-01-31
  seriatim check runs/ --baseline baseline.json";

#[derive(Debug, Args)]
pub(crate) struct MergeArgs {
    /// The JSON reports
    #[arg(required = true, value_name = "REPORT")]
    pub(crate) reports: Vec<PathBuf>,
    /// What the standard output shows
    #[arg(long, short, value_name = "KIND", default_value = "markdown")]
    pub(crate) output_format: RenderFormat,
    /// Write it to a file, too, as with `check`; may be repeated
    #[arg(long, value_name = "KIND=FILE", value_parser = rendered)]
    pub(crate) report: Vec<ReportFile>,
    #[command(flatten)]
    pub(crate) size: SizeArgs,
    #[command(flatten)]
    pub(crate) gate: GateArgs,
}

/// What `merge` does, for its help.
pub(crate) const MERGE_HELP: &str = "\
Shards that `check --shard K/N` wrote are put together, all N of them; other reports are listed one
after the other. What makes the run pass is said here anew: what was said to the runs that wrote the
reports does not count, but for --require, which each of them looked at.

Examples:
  seriatim check runs/ --shard 1/2 --report json=1.json
  seriatim check runs/ --shard 2/2 --report json=2.json
  seriatim merge 1.json 2.json --report junit=run.xml --baseline baseline.json";
