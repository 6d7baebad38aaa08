//! One history, read as a whole: what every command starts with that looks at a recording and decides nothing.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use seriatim_report::Problem;

use crate::args::{Color, MeaningArgs};
use crate::exit::Exit;
use crate::inputs::{self, Input};
use crate::load::{Loaded, NoHistory, Problems, load};
use crate::output::{self, complain};
use crate::settings::Settings;

/// A history that was read, and what it was read by.
pub(crate) struct Reading {
    /// The path as the user named it.
    pub(crate) path: String,
    /// What the command line says of its meaning.
    pub(crate) settings: Settings,
    pub(crate) loaded: Loaded,
}

impl Reading {
    /// Reads the one history that a path names. `which` says what to do where it names several.
    pub(crate) fn one(path: &Path, meaning: &MeaningArgs, which: &str) -> Result<Self, Problems> {
        Self::of(&inputs::one(path, which)?, meaning.settings())
    }

    /// Reads an input.
    pub(crate) fn of(input: &Input, settings: Settings) -> Result<Self, Problems> {
        let path = input.path.clone();
        match load(input, &settings, usize::MAX, usize::MAX) {
            Ok(loaded) => Ok(Self { path, settings, loaded }),
            Err(NoHistory::Empty) => {
                let problem = Problem::error(format!("there is nothing in `{path}`"));
                Err(problem.help("was the recording written at all?").into())
            }
            Err(NoHistory::Other(problem)) => Err(problem.into()),
            Err(NoHistory::Malformed(_, problems)) => Err(problems),
            Err(NoHistory::Large) => unreachable!("as much as there is may be held"),
        }
    }
}

/// Says on the standard error what is wrong with an input.
pub(crate) fn fail(problems: &Problems) -> Exit {
    let hidden = problems.total - problems.first.len();
    problems.first.iter().for_each(|problem| _ = output::fail(problem, Color::Auto));
    if hidden > 0 {
        complain(&output::not_shown(hidden));
    }
    Exit::Error
}

/// Says on the standard error what is to be known, and is no error.
pub(crate) fn warn(problem: &Problem) {
    output::fail(problem, Color::Auto);
}

/// Refuses to write over what was read.
pub(crate) fn not_over_itself(input: &Path, out: &Path) -> Result<(), Problem> {
    match (fs::canonicalize(input), fs::canonicalize(out)) {
        (Ok(a), Ok(b)) if a == b => {
            let message = format!("`{}` would be overwritten by what is made of it", out.display());
            Err(Problem::error(message).help("name another file with -o"))
        }
        _ => Ok(()),
    }
}

/// Writes a text to a file, or to the standard output.
pub(crate) fn write(out: Option<&Path>, text: &[u8]) -> Result<(), Problem> {
    match out {
        Some(out) => fs::write(out, text)
            .map_err(|error| Problem::error(format!("cannot write `{}`: {error}", out.display()))),
        None => {
            let mut stdout = io::stdout().lock();
            match stdout.write_all(text).and_then(|()| stdout.flush()) {
                // Whoever reads it has seen enough.
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                    Err(Problem::error(format!("cannot write to the standard output: {error}")))
                }
                _ => Ok(()),
            }
        }
    }
}
