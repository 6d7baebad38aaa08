//! The command line.

pub(crate) mod config;
mod convert;
mod demo;
mod gate;
mod generate;
mod given;
mod groups;
mod lint;
mod stats;
mod watch;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use seriatim_anomaly::catalog::{CATALOG, Row, with_code};
use seriatim_history::format::FORMATS;
use seriatim_history::format::csv::ColumnMap;
use seriatim_history::{FailedCas, Format, NilRead, Order, Ties};
use seriatim_model::catalog::{MODELS, ModelName};
use seriatim_symptom::Thresholds;

pub(crate) use self::config::{ConfigArgs, ConfigCommand, ConfigFormat};
pub(crate) use self::convert::ConvertArgs;
pub(crate) use self::demo::DemoArgs;
pub(crate) use self::generate::Generate;
pub(crate) use self::groups::command;
pub(crate) use self::lint::{LintArgs, Which};
pub(crate) use self::stats::{PlainFormat, StatsArgs};
pub(crate) use self::watch::WatchArgs;
use crate::doubted::Doubted;
use crate::exit::{EXIT_CODES, REDUCE_CODES};
use crate::quantity;
use crate::require::Requirement;
use crate::settings::{Rule as _, Settings};
use crate::shard::Shard;
use crate::threshold::Threshold;

pub(crate) use gate::{BaselineArgs, BaselineCommand, DiffArgs, DiffFormat, GATE, GateArgs, MergeArgs};
use gate::{DIFF_HELP, MERGE_HELP};

pub(crate) use given::given;

const EXAMPLES: &str = "\
Examples:
  seriatim check history.edn
  seriatim check store/ --model cas-register --timeout 5m
  seriatim check 'runs/*/history.jsonl.zst' --output-format json --report text=report.txt
  zcat history.edn.gz | seriatim check -
  seriatim check history.jsonl --certificates proofs
  seriatim reduce history.jsonl -o small.jsonl
  seriatim verify-certificate proofs/history.jsonl.json history.jsonl
  seriatim lint history.jsonl && seriatim stats history.jsonl
  seriatim watch history.jsonl --until-violation
  seriatim demo";

/// Decides whether recorded histories are linearizable, and proves what it says.
#[derive(Debug, Parser)]
#[command(
    version,
    about,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = after_help(),
    max_term_width = 100
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// Without a subcommand: `check`.
    #[command(flatten)]
    pub(crate) check: CheckArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check histories (this is what happens without a subcommand, too)
    #[command(after_help = after_help())]
    Check(Box<CheckArgs>),
    /// Check a certificate that `check --certificates` wrote, without what decided
    #[command(after_help = VERIFY_CODES)]
    VerifyCertificate(VerifyArgs),
    /// Write the few operations of a history that show a violation, as a history of their own
    #[command(after_help = reduce_help())]
    Reduce(Box<ReduceArgs>),
    /// Tell what a recording holds: operations, keys, nodes, times, faults; no verdict
    #[command(after_help = stats::HELP)]
    Stats(StatsArgs),
    /// Tell what makes a recording hard to check, or worth little
    #[command(after_help = lint::HELP)]
    Lint(LintArgs),
    /// Write a history in another format
    #[command(after_help = convert::HELP)]
    Convert(ConvertArgs),
    /// Follow a log that is being written, and check what is there
    #[command(after_help = watch::HELP)]
    Watch(Box<WatchArgs>),
    /// Write two recorded histories and check them
    #[command(after_help = demo::HELP)]
    Demo(DemoArgs),
    /// Write completions for shells, or manual pages
    #[command(subcommand, after_help = generate::HELP)]
    Generate(Generate),
    /// Tell what an anomaly is, how it comes about, and what to look at; without a code, list them
    #[command(after_help = LOOK_UP_CODES)]
    Explain {
        /// Codes, as reports name them: LIN001
        #[arg(value_name = "CODE", value_parser = code)]
        codes: Vec<&'static Row>,
    },
    /// Render a JSON report of `check` again, for people or for other programs
    #[command(after_help = RENDER_HELP)]
    Report(RenderArgs),
    /// Tell what is new, resolved and ongoing from one JSON report to another
    #[command(after_help = DIFF_HELP)]
    Diff(DiffArgs),
    /// Write down which findings are known, for `check --baseline`
    #[command(subcommand)]
    Baseline(BaselineCommand),
    /// Put the reports of shards together, and list others, as one report
    #[command(after_help = merge_help())]
    Merge(MergeArgs),
    /// Print the JSON Schema of what programs read
    #[command(after_help = LOOK_UP_CODES)]
    Schema {
        /// Which
        what: SchemaOf,
    },
    /// Show what options are in force besides the command line
    #[command(subcommand, after_help = config::CONFIG_HELP)]
    Config(ConfigCommand),
    /// List the models and their functions
    #[command(after_help = LOOK_UP_CODES)]
    Models,
    /// List the formats
    #[command(after_help = LOOK_UP_CODES)]
    Formats,
}

const VERIFY_CODES: &str = "\
Exit codes:
    0  valid: every part is proved linearizable
    1  invalid: the evidence that some part is not linearizable was re-checked
    2  usage error, or a file that cannot be read
    3  unknown: the certificate leaves parts open, and shows no violation
    5  the certificate is refused: it does not prove what it claims";

const RENDER_HELP: &str = "\
Exit codes:
    as the run ended that wrote the report
    2  also a usage error, or a report that cannot be read

Examples:
  seriatim check history.edn --report json=run.json
  seriatim report run.json --report junit=run.xml --report sarif=run.sarif
  seriatim report run.json --output-format github";

const LOOK_UP_CODES: &str = "\
Exit codes:
    0  it was printed
    2  usage error";

const REDUCE_HELP: &str = "\
What is written has no linearization because FILE has none: nothing is left out but what cannot
make the difference (observers, all operations on a value, what comes after the violation), and
`seriatim check` finds it invalid without further options. A line on the standard error says how
many operations were kept. With --finding it keeps the operations that a finding of `check` names,
up to the last of them, and what it takes for `check` to find the same again.

Examples:
  seriatim reduce history.edn -o small.jsonl
  seriatim reduce history.edn --finding 2 -o second.jsonl
  seriatim reduce history.jsonl --key '\"x\"' | seriatim check -";

fn reduce_help() -> String {
    format!("{REDUCE_HELP}\n\n{REDUCE_CODES}")
}

fn merge_help() -> String {
    format!("{MERGE_HELP}\n\n{EXIT_CODES}")
}

fn after_help() -> String {
    format!("{EXAMPLES}\n\n{EXIT_CODES}")
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Files, directories, globs, or `-` for the standard input
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) meaning: MeaningArgs,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) gate: GateArgs,
    /// What each history must have exercised, else it is vacuous (COV01): `ok.read>=100`, `fail.write>=1`,
    /// `ok.read@during>=10` for each fault, `ok@partition>=1` for the faults of a name, `ok@after>=1`, `faults>=1`; may be
    /// repeated
    #[arg(long, value_name = "WHAT>=N", value_parser = Requirement::parse, help_heading = GATE)]
    pub(crate) require: Vec<Requirement>,
    /// What a symptom's rule goes by: `sym01.gap=2s`; `seriatim explain SYM01` lists them; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = Threshold::parse, help_heading = "Symptoms")]
    pub(crate) threshold: Vec<Threshold>,
    /// Decide only a share of the parts of each history, the Kth of N; `seriatim merge` puts their reports together
    #[arg(long, value_name = "K/N", value_parser = Shard::parse, conflicts_with = "certificates", help_heading = "Limits")]
    pub(crate) shard: Option<Shard>,
}

/// The heading of the options that say what the input means.
pub(crate) const MEANING: &str = "What the input means";

/// What the input means.
#[derive(Debug, Args)]
#[command(next_help_heading = MEANING)]
pub(crate) struct MeaningArgs {
    /// The object that was recorded; `seriatim models` lists them
    #[arg(long, short, value_name = "NAME", default_value = "auto", value_parser = model, hide_possible_values = true)]
    model: ModelArg,
    /// The format of the input, where it is not to be found out; `seriatim formats` lists them
    #[arg(long, value_name = "NAME", value_parser = format, hide_possible_values = true)]
    input_format: Option<Format>,
    /// The value that the object starts with, as JSON or EDN
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    init: Option<String>,
    /// What a completed read of nil says: that nil was there, or nothing [default: as the format's upstream]
    #[arg(long, value_name = "value|wildcard", value_parser = NilRead::parse)]
    nil_read: Option<NilRead>,
    /// What a failed compare-and-set says: that it did not happen, or that the value differed
    #[arg(long, value_name = "drop|observe", value_parser = FailedCas::parse)]
    failed_cas: Option<FailedCas>,
    /// Whether an operation overlaps one that is called at the very time of its return
    #[arg(long, value_name = "overlap|ordered", value_parser = Ties::parse)]
    ties: Option<Ties>,
    /// Functions whose operations that completed `fail` count as of unknown outcome, as after a timeout: `f=write,cas`;
    /// may be repeated
    #[arg(long, value_name = "f=FUNCTION,…", value_parser = Doubted::parse)]
    treat_fail_as_info: Vec<Doubted>,
    /// What orders the events: their place in the file, or their times
    #[arg(long, value_name = "line|time", value_parser = Order::parse)]
    order: Option<Order>,
    /// Take `[key value]` tuples apart, and check each key for itself [default: where it is certain]
    #[arg(long, overrides_with = "no_independent")]
    independent: bool,
    /// Take no `[key value]` tuples apart
    #[arg(long, overrides_with = "independent")]
    no_independent: bool,
    /// The columns of a CSV table: `process=client_id,f=op,…`
    #[arg(long, value_name = "OURS=THEIRS,…", value_parser = ColumnMap::parse)]
    map: Option<ColumnMap>,
}

/// What a run may use.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitArgs {
    /// The time that each history may take, reading included: `500ms`, `60s`, `5m`, `1h`, `none`
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = quantity::time)]
    pub(crate) timeout: OptionalTime,
    /// The memory that histories and searches together may hold
    #[arg(long, value_name = "SIZE", default_value = "4GiB", value_parser = quantity::bytes)]
    pub(crate) memory_limit: usize,
    /// The configurations that the search of one part may enter [default: no limit]
    #[arg(long, value_name = "N")]
    pub(crate) max_configurations: Option<u64>,
    /// Threads [default: as many as there are processors]
    #[arg(long, short = 'j', value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
}

// Clap takes a plain `Option` for an argument that may be missing.
type OptionalTime = std::option::Option<Duration>;

/// What is shown.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// What the standard output shows
    #[arg(long, short, value_name = "KIND", default_value = "text")]
    pub(crate) output_format: OutputFormat,
    /// Write a report to a file, too: `html=report.html`; the kinds are `html`, `json`, `junit`, `markdown`, `sarif` and `text`; may
    /// be repeated
    #[arg(long, value_name = "KIND=FILE", value_parser = report)]
    pub(crate) report: Vec<ReportFile>,
    #[command(flatten)]
    pub(crate) size: SizeArgs,
    /// Write a certificate for each history into this directory
    #[arg(long, value_name = "DIR")]
    pub(crate) certificates: Option<PathBuf>,
    /// Colours; `auto` heeds NO_COLOR, CLICOLOR and CLICOLOR_FORCE
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
    /// Leave out how long things took
    #[arg(long)]
    pub(crate) no_timings: bool,
    /// Results only; twice: the exit code only
    #[arg(long, short, action = clap::ArgAction::Count, conflicts_with = "verbose")]
    pub(crate) quiet: u8,
    /// List every part, and the files that were left out
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RenderArgs {
    /// The report, or `-` for the standard input
    #[arg(value_name = "REPORT")]
    pub(crate) path: PathBuf,
    /// What the standard output shows
    #[arg(long, short, value_name = "KIND", default_value = "markdown")]
    pub(crate) output_format: RenderFormat,
    /// Write it to a file, too, as with `check`; may be repeated
    #[arg(long, value_name = "KIND=FILE", value_parser = rendered)]
    pub(crate) report: Vec<ReportFile>,
    #[command(flatten)]
    pub(crate) size: SizeArgs,
}

/// How large a report may be.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct SizeArgs {
    /// The most bytes of an HTML report; one that would be larger is drawn with less around its findings, and says so
    #[arg(long = "report-size", value_name = "SIZE", default_value = "5MB", value_parser = quantity::bytes)]
    pub(crate) largest: usize,
}

/// What a report can be rendered as again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RenderFormat {
    /// For people, and for whatever renders it
    Markdown,
    /// One JSON object
    Json,
    /// JUnit XML
    Junit,
    /// SARIF 2.1.0
    Sarif,
    /// Annotations of GitHub Actions, at most ten of a kind
    Github,
    /// Nothing
    None,
}

/// What there is a schema of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// What `check --output-format json` prints
    Report,
}

fn rendered(text: &str) -> Result<ReportFile, String> {
    report(text).and_then(|file| match file.kind {
        ReportKind::Text => {
            Err("the text report draws the lines of the history; run `check` for it".to_owned())
        }
        _ => Ok(file),
    })
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The certificate
    pub(crate) certificate: PathBuf,
    /// The history that it is of: the file or directory that was checked
    pub(crate) history: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct ReduceArgs {
    /// The history: a file, a directory that holds one, or `-` for the standard input
    #[arg(value_name = "FILE")]
    pub(crate) path: PathBuf,
    /// The violated key, as JSON or EDN [default: the first that is violated]
    #[arg(long, value_name = "KEY", allow_hyphen_values = true)]
    pub(crate) key: Option<String>,
    /// The finding to show, by its number among those that `check` lists, from 1 [default: any violation]
    #[arg(long, value_name = "N", conflicts_with = "key", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) finding: Option<u32>,
    /// Where to write [default: the standard output]; untouched where there is nothing to write
    #[arg(long, short, value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) meaning: MeaningArgs,
    #[command(flatten)]
    pub(crate) limits: ReduceLimitArgs,
}

/// What a reduction may use.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct ReduceLimitArgs {
    /// The time that all may take; then the best so far is written: `500ms`, `60s`, `5m`, `1h`, `none`
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = quantity::time)]
    pub(crate) timeout: OptionalTime,
    /// The memory that the history and searches together may hold
    #[arg(long, value_name = "SIZE", default_value = "4GiB", value_parser = quantity::bytes)]
    pub(crate) memory_limit: usize,
    /// Threads [default: as many as there are processors]
    #[arg(long, short = 'j', value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
}

impl MeaningArgs {
    /// What the command line says of the meaning of the input.
    pub(crate) fn settings(&self) -> Settings {
        Settings {
            model: match self.model {
                ModelArg::Auto => None,
                ModelArg::Named(name) => Some(name),
            },
            format: self.input_format,
            map: self.map.clone().unwrap_or_default(),
            initial: self.init.clone(),
            nil_read: self.nil_read,
            failed_cas: self.failed_cas,
            ties: self.ties,
            order: self.order,
            independent: match (self.independent, self.no_independent) {
                (true, _) => Some(true),
                (_, true) => Some(false),
                _ => None,
            },
            doubted: self.treat_fail_as_info.iter().flat_map(Doubted::functions).cloned().collect(),
        }
    }
}

impl CheckArgs {
    /// What the command line says of the meaning of the input.
    pub(crate) fn settings(&self) -> Settings {
        self.meaning.settings()
    }

    /// What rules of symptoms go by.
    pub(crate) fn thresholds(&self) -> Thresholds {
        Threshold::all(&self.threshold)
    }
}

#[derive(Clone, Copy, Debug)]
enum ModelArg {
    Auto,
    Named(ModelName),
}

fn model(text: &str) -> Result<ModelArg, String> {
    if text.eq_ignore_ascii_case("auto") {
        return Ok(ModelArg::Auto);
    }
    let names = || std::iter::once("auto").chain(MODELS.iter().map(|model| model.name.name()));
    ModelName::from_name(text).map(ModelArg::Named).ok_or_else(|| format!("the models are {}", list(names())))
}

fn code(text: &str) -> Result<&'static Row, String> {
    let codes = || {
        let mut codes: Vec<_> = CATALOG.iter().map(|row| row.code).collect();
        codes.sort_unstable();
        codes.into_iter()
    };
    with_code(text).ok_or_else(|| format!("the codes are {}", list(codes())))
}

fn format(text: &str) -> Result<Format, String> {
    Format::from_name(text)
        .ok_or_else(|| format!("the formats are {}", list(FORMATS.iter().map(|row| row.name))))
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// A report in a file.
#[derive(Clone, Debug)]
pub(crate) struct ReportFile {
    pub(crate) kind: ReportKind,
    pub(crate) path: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReportKind {
    Html,
    Json,
    Junit,
    Markdown,
    Sarif,
    Text,
}

/// The kinds of reports by their names.
const REPORT_KINDS: &[(&str, ReportKind)] = &[
    ("html", ReportKind::Html),
    ("json", ReportKind::Json),
    ("junit", ReportKind::Junit),
    ("markdown", ReportKind::Markdown),
    ("sarif", ReportKind::Sarif),
    ("text", ReportKind::Text),
];

fn report(text: &str) -> Result<ReportFile, String> {
    let kinds = || list(REPORT_KINDS.iter().map(|&(name, _)| name));
    let (name, path) = text.split_once('=').ok_or("expected KIND=FILE, such as `json=report.json`")?;
    let &(_, kind) = REPORT_KINDS
        .iter()
        .find(|&&(known, _)| known == name)
        .ok_or_else(|| format!("there is no report of kind `{name}`; the kinds are {}", kinds()))?;
    if path.is_empty() {
        return Err("the file's name is missing after `=`".to_owned());
    }
    Ok(ReportFile { kind, path: path.into() })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// For people
    Text,
    /// One line a history
    Compact,
    /// One JSON object
    Json,
    /// One JSON object a history, each on its line
    Jsonl,
    /// Annotations of GitHub Actions, at most ten of a kind
    Github,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn a_page_is_as_large_as_its_renderer_says() {
        let arguments = ["seriatim", "check", "x"];
        let Some(Command::Check(check)) = Cli::parse_from(arguments).command else { panic!("it is a check") };
        assert_eq!(check.output.size.largest, seriatim_report::html::LARGEST);
    }
}
