//! The arguments of `watch`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{LimitArgs, MeaningArgs, OptionalTime};
use crate::quantity;

pub(crate) const HELP: &str = "\
Each time that the file has grown enough, what is there is checked, and a line is printed for each
part whose verdict is another than before. An operation that is still open then counts as of unknown
outcome. A violation stays one, whatever comes: a part that is violated is not looked at again until
the end. At the end (Ctrl-C, --idle-timeout, a violation with --until-violation) all is checked once
more, and told as `check` tells it.

Exit codes:
    as those of `check`, of what is there at the end; Ctrl-C is the usual end, and not 130
    2  also where the file got shorter or was replaced: what is there then is another history
    3  also where more was written than --memory-limit has room for: what comes later is unknown

Examples:
  seriatim watch history.jsonl
  seriatim watch history.edn --until-violation --idle-timeout 5m";

#[derive(Debug, Args)]
pub(crate) struct WatchArgs {
    /// The log: JSON Lines or EDN, an event a line; it need not be there yet
    #[arg(value_name = "FILE")]
    pub(crate) path: PathBuf,
    /// End at the first violation
    #[arg(long)]
    pub(crate) until_violation: bool,
    /// How often to look whether there is more
    #[arg(long, value_name = "TIME", default_value = "200ms", value_parser = positive)]
    pub(crate) poll: Duration,
    /// End when nothing was added for so long [default: never]
    #[arg(long, value_name = "TIME", default_value = "none", hide_default_value = true, value_parser = quantity::time)]
    pub(crate) idle_timeout: OptionalTime,
    #[command(flatten)]
    pub(crate) meaning: MeaningArgs,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

fn positive(text: &str) -> Result<Duration, String> {
    match quantity::time(text)? {
        Some(time) if !time.is_zero() => Ok(time),
        _ => Err("name a time, such as `200ms`".to_owned()),
    }
}
