//! `seriatim baseline`: writes down what is known.

use std::fs;
use std::io::ErrorKind;

use seriatim_report::Problem;
use seriatim_report::document::Document;
use seriatim_report::found::findings;

use crate::args::{BaselineArgs, BaselineCommand, Color};
use crate::date::Date;
use crate::exit::Exit;
use crate::gate::baseline::{Baseline, Entry};
use crate::output::{self, complain};
use crate::render;

/// Writes a baseline.
pub(crate) fn run(command: &BaselineCommand) -> Exit {
    let BaselineCommand::Write(args) = command;
    match write(args) {
        Ok(done) => {
            complain(&done);
            Exit::Valid
        }
        Err(problem) => output::fail(&problem, Color::Auto),
    }
}

/// Writes what a report has found, and says what was done.
fn write(args: &BaselineArgs) -> Result<String, Problem> {
    let today = args.today.unwrap_or_else(Date::today);
    if args.expires < today {
        return Err(Problem::error(format!("{} is over: nothing would be let pass", args.expires))
            .help("--expires names the last day on which the findings are let pass"));
    }
    let document = render::document(&args.report)?;
    let shown = args.output.display();
    let known = match fs::metadata(&args.output) {
        Ok(_) if args.update => Baseline::read(&args.output)?.entries,
        Ok(_) => {
            let help = "--update adds to it what is not in it; or write another file";
            return Err(Problem::error(format!("`{shown}` is there already")).help(help));
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(Problem::error(format!("cannot read `{shown}`: {error}"))),
    };
    let (baseline, done) = updated(args, today, &document, known);
    fs::write(&args.output, baseline.written())
        .map_err(|error| Problem::error(format!("cannot write `{shown}`: {error}")))?;
    Ok(format!("{shown}: {done}"))
}

/// What is known once a report is: the entries before it, and what it has found.
fn updated(
    args: &BaselineArgs,
    today: Date,
    document: &Document<'_>,
    known: Vec<Entry>,
) -> (Baseline, String) {
    let before = known.len();
    let mut entries = known;
    let (mut added, mut renewed) = (0, 0);
    let mut met = vec![false; before];
    for (found, subject) in document.histories.iter().flat_map(findings) {
        let at = entries.iter().position(|entry| entry.fingerprint == found.fingerprint);
        let (reason, author) = (args.reason.clone(), args.author.clone());
        match at {
            Some(at) => {
                if let Some(met) = met.get_mut(at) {
                    *met = true;
                }
                let entry = &mut entries[at];
                if entry.expires < today {
                    (entry.reason, entry.author, entry.expires) = (reason, author, args.expires);
                    renewed += 1;
                }
            }
            None => {
                added += 1;
                entries.push(Entry {
                    fingerprint: found.fingerprint.into_owned(),
                    code: found.code.into_owned(),
                    subject,
                    reason,
                    author,
                    expires: args.expires,
                    added: today,
                });
            }
        }
    }
    let other = met.iter().filter(|&&met| !met).count();
    let entry = |count: usize| if count == 1 { "entry" } else { "entries" };
    let mut done = format!("{added} {} added", entry(added));
    if args.update {
        let kept = before - renewed - other;
        done = format!(
            "{done}, {renewed} renewed, {kept} as before, {other} of findings that the report does not have"
        );
    }
    (Baseline::new(entries), done)
}
