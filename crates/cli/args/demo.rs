//! The arguments of `demo`.

use std::path::PathBuf;

use clap::Args;

pub(crate) const HELP: &str = "\
It ends with 0 when it did what it should, although one of the histories is a violation: `check` by
itself ends with 1 on that.

Exit codes:
    0  the histories were written and checked
    2  usage error, or a file that is there already and holds something else

Examples:
  seriatim demo
  seriatim demo /tmp/seriatim";

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Where to write the histories
    #[arg(value_name = "DIR", default_value = "seriatim-demo")]
    pub(crate) directory: PathBuf,
}
