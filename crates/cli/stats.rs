//! `seriatim stats`: what recordings hold, without a verdict.

mod measure;
mod show;

use serde::Serialize;

use self::measure::Recording;
use crate::args::{PlainFormat, StatsArgs};
use crate::choose::choose;
use crate::exit::Exit;
use crate::output;
use crate::recordings;

pub(crate) use self::measure::{duration, overlapping};

/// The version of what programs read.
const SCHEMA: &str = "seriatim-stats/1";

/// All that is printed for programs.
#[derive(Debug, Serialize)]
struct Stats {
    schema: &'static str,
    recordings: Vec<Recording>,
}

/// Tells what recordings hold.
pub(crate) fn run(args: &StatsArgs) -> Exit {
    let mut recordings = Vec::new();
    let all_were_read = recordings::each(&args.paths, &args.meaning, |mut reading| {
        let chosen = choose(&mut reading.loaded, &reading.settings);
        recordings.push(measure::recording(&reading, chosen.as_ref()));
    });
    match args.output_format {
        PlainFormat::Text => {
            let texts: Vec<String> = recordings.iter().map(show::recording).collect();
            output::say(&texts.join("\n"));
        }
        PlainFormat::Json => {
            let stats = Stats { schema: SCHEMA, recordings };
            match serde_json::to_string_pretty(&stats) {
                Ok(text) => output::say(&format!("{text}\n")),
                Err(error) => output::complain(&format!("cannot write the figures: {error}")),
            }
        }
    }
    if all_were_read { Exit::Valid } else { Exit::Error }
}
