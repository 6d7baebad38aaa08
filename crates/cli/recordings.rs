//! The recordings that PATHs name, one after the other, for commands that look at each and decide nothing.

use std::path::PathBuf;

use seriatim_report::Problem;

use crate::args::MeaningArgs;
use crate::inputs::{self, Found, Input};
use crate::load::{Loaded, NoHistory, load};
use crate::output::complain;
use crate::reading::{self, Reading};
use crate::settings::Settings;
use crate::source::{self, Origin};

/// Hands each recording to `look`; `false` where some input could not be used, which is said on the standard error.
pub(crate) fn each(paths: &[PathBuf], meaning: &MeaningArgs, mut look: impl FnMut(Reading)) -> bool {
    let settings = meaning.settings();
    let mut all_were_read = true;
    for found in inputs::find(paths) {
        match found {
            Found::Named(input) => match Reading::of(&input, settings.clone()) {
                Ok(reading) => look(reading),
                Err(problems) => {
                    reading::fail(&problems);
                    all_were_read = false;
                }
            },
            Found::Missing(_, problem) => {
                reading::fail(&problem.into());
                all_were_read = false;
            }
            Found::Directory(directory) => {
                let (mut seen, mut left_out) = (0, directory.left_out.len());
                for input in &directory.inputs {
                    match of_directory(input, &settings) {
                        Ok(Some(loaded)) => {
                            seen += 1;
                            look(Reading { path: input.path.clone(), settings: settings.clone(), loaded });
                        }
                        Ok(None) => left_out += 1,
                        Err(problems) => {
                            seen += 1;
                            reading::fail(&problems);
                            all_were_read = false;
                        }
                    }
                }
                if left_out > 0 {
                    let what = if left_out == 1 { "1 file was" } else { "files were" };
                    let count = if left_out == 1 { String::new() } else { format!("{left_out} ") };
                    complain(&format!("{}: {count}{what} left out: no history", directory.path));
                }
                if seen == 0 {
                    let problem = Problem::error(format!("there is no history in `{}`", directory.path));
                    reading::fail(&problem.into());
                    all_were_read = false;
                }
            }
        }
    }
    all_were_read
}

/// The history in a file of a directory; `None` where it is none.
fn of_directory(input: &Input, settings: &Settings) -> Result<Option<Loaded>, crate::load::Problems> {
    if let [Origin::File(file)] = input.origins.as_slice()
        && source::is_binary(file).unwrap_or(false)
    {
        return Ok(None);
    }
    match load(input, settings, usize::MAX, usize::MAX) {
        Ok(loaded) => Ok(Some(loaded)),
        Err(NoHistory::Empty | NoHistory::Other(_)) => Ok(None),
        Err(NoHistory::Malformed(_, problems)) => Err(problems),
        Err(NoHistory::Large) => unreachable!("as much as there is may be held"),
    }
}
