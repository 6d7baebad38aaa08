//! One line a history.

use std::io;

use crate::Renderer;
use crate::beside;
use crate::diagnostic;
use crate::notice::UNMET;
use crate::part::PartVerdict;
use crate::problem::Problem;
use crate::report::{HistoryReport, Report, Verdict};
use crate::text::parts_line;
use crate::words::{count, plural};

/// Renders a report as one line a history; the notes on the run as a whole are no histories.
#[derive(Clone, Copy, Debug, Default)]
pub struct Compact;

impl Renderer for Compact {
    fn render(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
        for history in &report.histories {
            writeln!(out, "{}", diagnostic::printable(&line(history)))?;
        }
        Ok(())
    }
}

fn line(history: &HistoryReport) -> String {
    let mut facts = vec![format!("{}: {}", history.path, history.verdict.word())];
    if history.verdict == Verdict::Error {
        let total = history.diagnostics_total;
        if total > 1 {
            facts.push(format!("{} errors", count(total)));
        }
        facts.extend(history.diagnostics.first().map(problem));
        return facts.join("; ");
    }
    if let Some(model) = &history.model {
        facts.push(format!("{} ({})", model.name, model.source.word()));
    }
    if !history.options.is_empty() {
        let options = history.options.iter().map(|option| format!("{}={}", option.name, option.value));
        facts.push(options.collect::<Vec<_>>().join(" "));
    }
    let total = history.operations.total;
    facts.push(format!("{} {}", count(total), plural(total, "operation", "operations")));
    if history.parts_total() > 0 {
        facts.push(parts_line(history));
    }
    let first = history.parts.iter().find_map(|part| match &part.verdict {
        PartVerdict::Invalid(refutation) => Some((part, refutation)),
        PartVerdict::Valid | PartVerdict::Unknown(_) => None,
    });
    if let Some((part, refutation)) = first {
        let operation = &refutation.operation;
        let line = operation.end.as_ref().unwrap_or(&operation.call).line;
        facts.push(format!("first: {}, {} at line {line}", part.name(), operation.in_short()));
    }
    if let Some(of) = &history.green {
        facts.push(format!("wrong while green: {} of {}", count(of.wrong), count(of.of)));
    }
    let symptoms = beside::kinds(history.symptoms.iter().map(|of| (of.code, of.name)));
    if !symptoms.is_empty() {
        facts.push(format!("symptoms: {symptoms}"));
    }
    facts.extend(history.counts_as.map(|verdict| format!("counts as {}", verdict.word())));
    facts.extend(history.unmet.iter().map(|unmet| format!("{UNMET} {}", unmet.message)));
    facts.extend(history.notes.iter().map(problem));
    facts.join("; ")
}

fn problem(problem: &Problem) -> String {
    match &problem.place {
        Some(place) => format!("{}:{}: {}", place.line, place.column, problem.message),
        None => problem.message.clone(),
    }
}
