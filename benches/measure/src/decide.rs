//! `decide`: one tool on some files, in a process of its own, so that it can be measured and killed from outside.

use std::path::PathBuf;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use clap::Args;
use seriatim_checker::{Options, Strategy};
use seriatim_model::ModelName;

use crate::error::Error;
use crate::tool::{Answer, Decided, Tool};
use crate::{input, ours, peer};

#[derive(Debug, Args)]
pub(crate) struct DecideArgs {
    /// Who decides
    #[arg(long, default_value = "seriatim")]
    pub(crate) tool: Tool,
    /// Give up on a file after so many seconds
    #[arg(long, default_value_t = 60.0)]
    pub(crate) limit: f64,
    /// Decide so many times and tell the shortest
    #[arg(long, default_value_t = 1)]
    pub(crate) passes: usize,
    /// Use the search and no other strategy
    #[arg(long)]
    search: bool,
    /// The model, where the files do not tell
    #[arg(long)]
    model: Option<String>,
    /// Histories
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
}

/// Prints a line of JSON for each file. A peer that does not come to an end is left out with all that follow.
pub(crate) fn run(args: &DecideArgs) -> Result<(), Error> {
    let limit = Duration::try_from_secs_f64(args.limit).map_err(|error| Error::new(error.to_string()))?;
    let model = args.model.as_deref().map(|name| {
        ModelName::from_name(name).ok_or_else(|| Error::new(format!("there is no model `{name}`")))
    });
    let model = model.transpose()?;
    for path in &args.files {
        let input = input::load(path, model)?;
        let mut best: Option<Decided> = None;
        for _ in 0..args.passes.max(1) {
            let decided = if args.tool == Tool::Seriatim {
                let strategy = args.search.then_some(Strategy::Search);
                ours::decide(&input, Options { strategy, ..Options::default() }, limit)?
            } else {
                ask_peer(args.tool, &input, limit)?
            };
            if best.as_ref().is_none_or(|best| decided.seconds < best.seconds) {
                best = Some(decided);
            }
        }
        tell(&best.expect("there is at least one pass"));
    }
    Ok(())
}

fn tell(decided: &Decided) {
    println!("{}", serde_json::to_string(decided).expect("plain data can be written"));
}

/// Asks a peer; ends the whole process where it takes too long, since nothing else would stop it.
fn ask_peer(tool: Tool, input: &input::Input, limit: Duration) -> Result<Decided, Error> {
    let tasks = peer::tasks(input)?;
    let operations = input.history.operations.len();
    let decided =
        |answer, seconds| Decided { answer, seconds, operations, configurations: 0, strategies: Vec::new() };
    let give_up = decided(Answer::Unknown, limit.as_secs_f64());
    let (done, watched) = mpsc::channel::<()>();
    std::thread::spawn(move || {
        if watched.recv_timeout(limit) == Err(mpsc::RecvTimeoutError::Timeout) {
            tell(&give_up);
            std::process::exit(0);
        }
    });
    let started = Instant::now();
    let answer = peer::decide(tool, &tasks);
    let seconds = started.elapsed().as_secs_f64();
    drop(done);
    Ok(decided(answer, seconds))
}
