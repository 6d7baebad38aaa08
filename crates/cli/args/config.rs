//! Where options come from besides the command line.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// The heading of these options in the help.
pub(crate) const HEADING: &str = "Configuration";

/// Which configuration counts.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = HEADING)]
pub(crate) struct ConfigArgs {
    /// Set an option as `seriatim.toml` could, over the file and below the command line; may be repeated
    #[arg(long = "config", value_name = "KEY=VALUE", global = true, conflicts_with = "isolated")]
    pub(crate) settings: Vec<String>,
    /// Read this file instead of the `seriatim.toml` of this directory or of the nearest above it
    #[arg(long, value_name = "FILE", global = true, conflicts_with = "isolated")]
    pub(crate) config_file: Option<PathBuf>,
    /// Take the `[profile.NAME]` of the file, too [default: what SERIATIM_PROFILE says]
    #[arg(long, value_name = "NAME", global = true, conflicts_with = "isolated")]
    pub(crate) profile: Option<String>,
    /// Heed the command line only: no file, no SERIATIM_PROFILE
    #[arg(long, global = true)]
    pub(crate) isolated: bool,
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
