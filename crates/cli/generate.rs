//! `seriatim generate`: completions for shells, and manual pages.

use std::fs;

use seriatim_report::Problem;

use crate::args::{self, Color, Generate};
use crate::exit::Exit;
use crate::{output, reading};

const NAME: &str = "seriatim";

/// Generates what is asked for.
pub(crate) fn run(what: &Generate) -> Exit {
    let generated = match what {
        Generate::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut args::command(), NAME, &mut script);
            reading::write(None, &script)
        }
        Generate::Man { output: None } => {
            let mut page = Vec::new();
            clap_mangen::Man::new(args::command())
                .render(&mut page)
                .map_err(|error| Problem::error(format!("cannot make the page: {error}")))
                .and_then(|()| reading::write(None, &page))
        }
        Generate::Man { output: Some(directory) } => fs::create_dir_all(directory)
            .and_then(|()| clap_mangen::generate_to(args::command(), directory))
            .map_err(|error| {
                Problem::error(format!("cannot write the pages to `{}`: {error}", directory.display()))
            }),
    };
    match generated {
        Ok(()) => Exit::Valid,
        Err(problem) => output::fail(&problem, Color::Auto),
    }
}
