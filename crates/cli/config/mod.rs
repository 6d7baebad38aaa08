//! Options that do not come from the command line: `seriatim.toml`, its profiles, and `--config`.
//!
//! A key is the long name of an option of `check`, so that whatever the command line has can be configured and nothing
//! else: what is set becomes an argument, where the command line has none of that name, and clap reads it as any other.

mod file;
mod key;
mod layers;
mod show;

use std::ffi::OsString;

use clap::parser::ValueSource;
use clap::{ArgMatches, FromArgMatches as _};
use seriatim_report::Problem;

pub(crate) use layers::Layers;
pub(crate) use show::show;

use self::key::Key;
use crate::args::config::heeds;
use crate::args::{self, Cli, ConfigArgs, GATE, MEANING};

/// The headings of the options that mean the same wherever they are: other commands than `check` heed what is configured for
/// these only.
const SHARED: &[&str] = &[MEANING, GATE];

/// The command line `given`, with what is configured, and which configuration that is.
pub(crate) fn parse(given: Vec<OsString>) -> Result<(Cli, ConfigArgs), Problem> {
    let command = args::command();
    let matches = command.clone().get_matches_from(&given);
    let (name, own) = matches.subcommand().unwrap_or(("check", &matches));
    let innermost = own.subcommand().map_or(own, |(_, own)| own);
    if !heeds(name) {
        return Ok((read(&matches), ConfigArgs::default()));
    }
    let config = ConfigArgs::from_arg_matches(innermost).unwrap_or_else(|error| error.exit());
    let is_shared = |key: &Key| key.heading().is_some_and(|heading| SHARED.contains(&heading));
    let has = |key: &Key| name == "check" || is_shared(key) && key.is_of(&command, name);
    let layers = Layers::find(&config, &command)?;
    let mut more: Vec<OsString> = Vec::new();
    for (key, setting) in layers.in_force().filter(|(key, _)| has(key)) {
        if !key.ids().any(|id| is_given(own, id)) {
            more.extend(key.arguments(&setting.value).into_iter().map(Into::into));
        }
    }
    if more.is_empty() {
        return Ok((read(&matches), config));
    }
    let end = given.iter().position(|argument| argument == "--").unwrap_or(given.len());
    let mut all = given;
    all.splice(end..end, more);
    // What is set is read well by itself; it may be at odds with what is given.
    let matches = command.try_get_matches_from(all).map_err(|error| {
        let why = file::complaint(&error);
        Problem::error(format!("the options given do not go with those configured: {why}"))
            .help("`seriatim config show` says what is configured where; --isolated heeds none of it")
    })?;
    Ok((read(&matches), config))
}

fn read(matches: &ArgMatches) -> Cli {
    Cli::from_arg_matches(matches).unwrap_or_else(|error| error.exit())
}

fn is_given(matches: &ArgMatches, id: &str) -> bool {
    matches.try_contains_id(id).unwrap_or(false) && matches.value_source(id) == Some(ValueSource::CommandLine)
}

/// All that is configured, whatever the command line says.
pub(crate) fn layers(args: &ConfigArgs) -> Result<Layers, Problem> {
    Layers::find(args, &args::command())
}
