//! Where options come from besides the command line.

use std::path::PathBuf;

use clap::builder::Resettable;
use clap::{Args, Command, Subcommand, ValueEnum};

/// The heading of these options in the help.
pub(crate) const HEADING: &str = "Configuration";

/// Which configuration counts. The commands that heed one get these arguments in [`heeding`].
#[derive(Debug, Default, Args)]
#[command(next_help_heading = HEADING)]
pub(crate) struct ConfigArgs {
    /// Set an option as `seriatim.toml` could, over the file and below the command line; may be repeated
    #[arg(long = "config", value_name = "KEY=VALUE", conflicts_with = "isolated")]
    pub(crate) settings: Vec<String>,
    /// Read this file instead of the `seriatim.toml` of this directory or of the nearest above it
    #[arg(long, value_name = "FILE", conflicts_with = "isolated")]
    pub(crate) config_file: Option<PathBuf>,
    /// Take the `[profile.NAME]` of the file, too [default: what SERIATIM_PROFILE says]
    #[arg(long, value_name = "NAME", conflicts_with = "isolated")]
    pub(crate) profile: Option<String>,
    /// Heed the command line only: no file, no SERIATIM_PROFILE
    #[arg(long)]
    pub(crate) isolated: bool,
}

/// The commands that heed a configuration, besides `config show`; without a subcommand it is `check`.
const HEEDING: &[&str] = &["check", "watch", "reduce", "lint", "stats", "convert", "merge"];

/// Whether the command of this name heeds a configuration.
pub(crate) fn heeds(name: &str) -> bool {
    name == "config" || HEEDING.contains(&name)
}

/// A command line whose commands that heed a configuration take these arguments, too.
pub(crate) fn heeding(command: Command) -> Command {
    let command = HEEDING
        .iter()
        .fold(with_arguments(command), |command, name| command.mut_subcommand(name, with_arguments));
    command.mut_subcommand("config", |config| config.mut_subcommand("show", with_arguments))
}

/// A command with these arguments, and what was said of it before.
fn with_arguments(command: Command) -> Command {
    let (about, long_about) = (command.get_about().cloned(), command.get_long_about().cloned());
    ConfigArgs::augment_args(command).about(Resettable::from(about)).long_about(Resettable::from(long_about))
}

/// What there is to do with the configuration.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print every option of `check`, its value, and where that came from
    Show {
        /// As what
        #[arg(long, short, value_name = "KIND", default_value = "toml")]
        output_format: ConfigFormat,
    },
}

/// As what the configuration is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ConfigFormat {
    /// A file that says the same, with remarks
    Toml,
    /// One JSON object
    Json,
}

/// What the help says of it.
pub(crate) const CONFIG_HELP: &str = "\
A `seriatim.toml` in this directory, or in the nearest above it that has one, sets options of
`check` by their long names:

  model = \"register\"
  timeout = \"5m\"

  [profile.ci]
  report = [\"junit=seriatim.xml\", \"html=seriatim.html\"]

Of several that set an option the first counts: the command line, --config KEY=VALUE, the profile,
the rest of the file. Lists are not put together. Paths are meant as seen from the file. Other
commands heed what they share with `check` of what the input means and of what makes a run pass.";
