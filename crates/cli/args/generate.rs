//! The arguments of `generate`.

use std::path::PathBuf;

use clap::Subcommand;
use clap_complete::Shell;

pub(crate) const HELP: &str = "\
Exit codes:
    0  it was written
    2  usage error, or a file that cannot be written

Examples:
  seriatim generate completions bash > ~/.local/share/bash-completion/completions/seriatim
  seriatim generate man -o ~/.local/share/man/man1";

#[derive(Debug, Subcommand)]
pub(crate) enum Generate {
    /// Print what completes this command line in a shell
    #[command(after_help = HELP)]
    Completions {
        /// Which
        shell: Shell,
    },
    /// Print the manual page, or write that of every command
    #[command(after_help = HELP)]
    Man {
        /// The directory to write all pages to [default: the page of `seriatim`, to the standard output]
        #[arg(long, short, value_name = "DIR")]
        output: Option<PathBuf>,
    },
}
