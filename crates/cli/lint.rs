//! `seriatim lint`: what makes a recording hard to check, or worth little.

mod look;
pub(crate) mod rules;

use serde::Serialize;
use seriatim_report::{Place, Problem, Related, diagnostic};

use self::look::{Finding, look};
use self::rules::{RULES, Rule};
use crate::args::{LintArgs, PlainFormat, Which};
use crate::choose::choose;
use crate::exit::Exit;
use crate::output;
use crate::recordings;
use crate::source::Texts;

/// The version of what programs read.
const SCHEMA: &str = "seriatim-lint/1";

/// All that is printed for programs.
#[derive(Debug, Serialize)]
struct Linted {
    schema: &'static str,
    exit_code: u8,
    recordings: Vec<Recording>,
}

#[derive(Debug, Serialize)]
struct Recording {
    path: String,
    findings: Vec<Found>,
}

/// A finding with its places.
#[derive(Debug, Serialize)]
struct Found {
    code: &'static str,
    name: &'static str,
    severity: &'static str,
    message: String,
    /// How often.
    count: usize,
    /// The first ones.
    places: Vec<At>,
    why: &'static str,
    advice: &'static str,
    #[serde(skip)]
    drawn: Vec<Place>,
}

#[derive(Debug, Serialize)]
struct At {
    path: String,
    line: usize,
    column: usize,
}

/// Looks at recordings.
pub(crate) fn run(args: &LintArgs) -> Exit {
    if args.list {
        output::say(&list());
        return Exit::Valid;
    }
    let mut all = Vec::new();
    let mut fails = false;
    let all_were_read = recordings::each(&args.paths, &args.meaning, |mut reading| {
        let model = choose(&mut reading.loaded, &reading.settings).ok().map(|chosen| chosen.model);
        let mut findings = look(&reading.loaded.history, model);
        let is_any = |which: &[Which], rule: &Rule| which.iter().any(|which| which.holds(rule));
        // Whoever denies a rule wants to hear of it, whatever else is allowed.
        let denied =
            |rule: &Rule| args.deny.iter().any(|which| matches!(which, Which::Code(_)) && which.holds(rule));
        findings.retain(|finding| denied(finding.rule) || !is_any(&args.allow, finding.rule));
        fails |= findings.iter().any(|finding| finding.rule.is_warning || is_any(&args.deny, finding.rule));
        let texts = &reading.loaded.texts;
        let findings = findings.into_iter().map(|finding| found(finding, texts)).collect();
        all.push(Recording { path: reading.path, findings });
    });
    let exit = match (fails, all_were_read) {
        (true, _) => Exit::Invalid,
        (false, true) => Exit::Valid,
        (false, false) => Exit::Error,
    };
    match args.output_format {
        PlainFormat::Text => output::say_as_diagnostics(|color| shown(&all, color)),
        PlainFormat::Json => {
            let linted = Linted { schema: SCHEMA, exit_code: exit.code(), recordings: all };
            match serde_json::to_string_pretty(&linted) {
                Ok(text) => output::say(&format!("{text}\n")),
                Err(error) => output::complain(&format!("cannot write the findings: {error}")),
            }
        }
    }
    exit
}

fn found(finding: Finding, texts: &Texts) -> Found {
    let Finding { rule, message, count, places } = finding;
    let drawn: Vec<Place> = places.iter().map(|&span| texts.place(span)).collect();
    let at = |place: &Place| At { path: place.path.clone(), line: place.line, column: place.column };
    Found {
        code: rule.code,
        name: rule.name,
        severity: severity(rule),
        message,
        count,
        places: drawn.iter().map(at).collect(),
        why: rule.why,
        advice: rule.advice,
        drawn,
    }
}

fn severity(rule: &Rule) -> &'static str {
    if rule.is_warning { "warning" } else { "note" }
}

/// What was found, as errors are drawn.
fn shown(all: &[Recording], color: bool) -> String {
    let mut text = String::new();
    for recording in all {
        let Recording { path, findings } = recording;
        for finding in findings {
            let mut places = finding.drawn.iter().cloned();
            let mut problem = Problem::warning(&finding.message).help(finding.advice);
            match places.next() {
                Some(first) => problem = problem.at(first),
                None => problem.message = format!("{path}: {}", problem.message),
            }
            problem.related.extend(places.map(|place| Related { place, message: String::new() }));
            text.push_str(&diagnostic::draw_found(
                finding.code,
                finding.severity == "note",
                &problem,
                finding.why,
                color,
            ));
            text.push('\n');
        }
        let warnings = findings.iter().filter(|finding| finding.severity == "warning").count();
        let count = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
        let notes = findings.len() - warnings;
        text.push_str(&format!("{path}: {}, {}\n", count(warnings, "warning"), count(notes, "note")));
    }
    text
}

/// The rules, as a person reads them.
fn list() -> String {
    let rule = |rule: &Rule| {
        format!(
            "{} {} ({})\n    what    {}\n    why     {}\n    advice  {}\n",
            rule.code,
            rule.name,
            severity(rule),
            rule.what,
            rule.why,
            rule.advice
        )
    };
    RULES.iter().map(rule).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests;
