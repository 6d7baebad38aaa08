//! For people: what was found, on one screen, readable at 80 columns and without colour.

use std::fmt::Write as _;
use std::io;

use seriatim_history::Severity;

use crate::Renderer;
use crate::beside;
use crate::cards::severity;
use crate::diagnostic::{self, DRAWING, Mark, Picture};
use crate::document::Baselined;
use crate::explain::suffices;
use crate::finding::AnomalyReport;
use crate::frontier;
use crate::notice::UNMET;
use crate::operation::OperationReport;
use crate::part::{PartReport, PartVerdict, RefutationReport, UnknownReport};
use crate::problem::Problem;
use crate::report::{HistoryReport, ModelSource, OptionInForce, OptionSource, Report, Verdict};
use crate::symptom::SymptomReport;
use crate::timeline::{Pen, timeline};
use crate::whereabouts::{kept, plain, possible, sides};
use crate::words::{GLUE, configurations, count, duration, plural, wrap};

/// Renders a report for people.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// Whether to colour it.
    pub color: bool,
    /// Whether to list every part.
    pub verbose: bool,
    /// How many columns there are. Sentences use no more than anybody likes to read in a line; drawings use all.
    pub columns: usize,
    /// Whether drawings are of nothing but ASCII.
    pub is_ascii: bool,
}

impl Default for Text {
    fn default() -> Self {
        Self { color: false, verbose: false, columns: COLUMNS, is_ascii: false }
    }
}

/// The columns to fill where nobody says how many there are.
pub const COLUMNS: usize = 80;
/// No sentence fills more than so many.
const READABLE: usize = 120;
/// How many violated parts, and how many undecided ones, are told in full.
const PARTS_SHOWN: usize = 3;
/// How many doubts of a history are shown.
const NOTES_SHOWN: usize = 8;

impl Renderer for Text {
    fn render(&self, report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
        for (at, history) in report.histories.iter().enumerate() {
            if at > 0 {
                writeln!(out)?;
            }
            out.write_all(self.history(history).as_bytes())?;
        }
        let mut end = String::new();
        if report.histories.len() > 1 {
            let _ = writeln!(end, "\n{}: {}", self.bold("total"), total(report));
        }
        for note in &report.notes {
            let label = format!("{}: ", self.painted(Paint::Warning, "note"));
            wrap(&mut end, self.of_sentences(), &label, "note: ".len(), note);
        }
        out.write_all(end.as_bytes())
    }
}

/// How many histories have which verdict.
fn total(report: &Report) -> String {
    let words = [Verdict::Invalid, Verdict::Error, Verdict::Unknown, Verdict::Vacuous, Verdict::Valid];
    let counts =
        words.map(|verdict| (verdict, report.histories.iter().filter(|h| h.verdict == verdict).count()));
    let counts = counts.iter().filter(|(_, count)| *count > 0);
    let counts: Vec<_> = counts.map(|(verdict, count)| format!("{count} {}", verdict.word())).collect();
    format!("{} histories: {}", report.histories.len(), counts.join(", "))
}

impl Text {
    fn history(&self, history: &HistoryReport) -> String {
        let mut out = String::new();
        let (paint, headline) = headline(history);
        let path = diagnostic::printable(&history.path);
        let _ = writeln!(out, "{}: {}", self.bold(&path), self.painted(paint, &headline));
        if let Some(of) = &history.green {
            let told = beside::green(of);
            let (label, told) = told.split_once(": ").expect("it begins with what it is called");
            let label = format!("  {}: ", self.painted(Paint::Bad, label));
            wrap(&mut out, self.of_sentences(), &label, 4, told);
        }
        if history.verdict != Verdict::Error {
            self.basis(&mut out, history);
        }
        if self.verbose {
            for (at, part) in history.parts.iter().enumerate() {
                self.row(&mut out, if at == 0 { "each part" } else { "" }, &part_line(part));
            }
        }
        for problem in &history.diagnostics {
            let _ = write!(out, "\n{}", diagnostic::drawn(problem, self.color, self.of_sentences()));
        }
        let hidden = history.diagnostics_total.saturating_sub(history.diagnostics.len());
        if hidden > 0 {
            let what = plural(hidden, "error is", "errors are");
            let _ = writeln!(out, "\n{} more {what} not shown", count(hidden));
        }
        self.findings(&mut out, history);
        self.parts(&mut out, history);
        self.beside(&mut out, history);
        self.notes(&mut out, &history.notes);
        out
    }

    /// The model, the options in force, and how much was checked.
    fn basis(&self, out: &mut String, history: &HistoryReport) {
        if let Some(model) = &history.model {
            self.row(out, "model", &format!("{} ({})", model.name, model.source.word()));
        }
        if !history.options.is_empty() {
            // Where a choice is the usual one, only programs are told whose it is.
            let source = |option: &OptionInForce| match option.source {
                OptionSource::Given | OptionSource::Declared => format!(" ({})", option.source.word()),
                OptionSource::Format
                | OptionSource::Model
                | OptionSource::Automatic
                | OptionSource::Default => String::new(),
            };
            let option = |option: &OptionInForce| {
                format!("{} {}{}", option.name.replace('_', "-"), option.value, source(option))
                    .replace(' ', &GLUE.to_string())
            };
            let options: Vec<_> = history.options.iter().map(option).collect();
            self.row(out, "options", &options.join(", "));
        }
        let all = &history.operations;
        if let Some(format) = history.format {
            let faults = match all.faults {
                0 => String::new(),
                faults => format!("; {} {}", count(faults), plural(faults, "fault event", "fault events")),
            };
            let (total, ok, fail, info) = (count(all.total), count(all.ok), count(all.fail), count(all.info));
            self.row(
                out,
                "operations",
                &format!("{total}: {ok} ok, {fail} fail, {info} info{faults} ({format})"),
            );
        }
        if history.parts_total() > 0 && (history.verdict != Verdict::Vacuous || !history.unmet.is_empty()) {
            self.row(out, "parts", &parts_line(history));
        }
        let symptoms = history.symptoms.iter().filter(|of| of.is_drawn()).map(symptom_line);
        for (at, line) in symptoms.chain(history.anomalies.iter().map(anomaly_line)).enumerate() {
            self.row(out, if at == 0 { "findings" } else { "" }, &line);
        }
        let beside = history.symptoms.iter().filter(|of| !of.is_drawn());
        let kinds = beside::kinds(beside.map(|of| (of.code, of.name)));
        if !kinds.is_empty() {
            self.row(out, "symptoms", &kinds);
        }
        if let Some(report) = &history.kept {
            self.row(out, "still holds", &kept(report));
        }
        if let Some(share) = history.share {
            self.row(
                out,
                "shard",
                &format!(
                    "{} of {} {} decided here",
                    count(share.parts),
                    count(share.of),
                    plural(share.of, "part", "parts")
                ),
            );
        }
        for (at, unmet) in history.unmet.iter().enumerate() {
            self.row(out, if at == 0 { "not covered" } else { "" }, &format!("{UNMET} {}", unmet.message));
        }
    }

    /// What was refuted, and what is open.
    fn parts(&self, out: &mut String, history: &HistoryReport) {
        let mut hidden = [0, 0];
        let mut shown = [0, 0];
        // Said once.
        let mut next = Some(what_next(history)).filter(|_| history.anomalies.is_empty());
        for part in &history.parts {
            let kind = match &part.verdict {
                PartVerdict::Valid => continue,
                // It was told by its name.
                PartVerdict::Invalid(refutation) if refutation.is_named && !self.verbose => continue,
                PartVerdict::Invalid(_) => 0,
                PartVerdict::Unknown(_) => 1,
            };
            if shown[kind] == PARTS_SHOWN {
                hidden[kind] += 1;
                continue;
            }
            shown[kind] += 1;
            let drawn = match &part.verdict {
                PartVerdict::Valid => continue,
                PartVerdict::Invalid(refutation) => {
                    self.refutation(part, refutation, history.origin, next.take().as_deref())
                }
                PartVerdict::Unknown(unknown) => self.unknown(part, unknown),
            };
            let _ = write!(out, "\n{drawn}");
        }
        for (hidden, what) in hidden.into_iter().zip(["violated", "undecided"]) {
            if hidden > 0 {
                let _ = writeln!(
                    out,
                    "\n{} more {} {what}; `--output-format json` lists all",
                    count(hidden),
                    plural(hidden, "part is", "parts are")
                );
            }
        }
    }

    fn refutation(
        &self,
        part: &PartReport,
        refutation: &RefutationReport,
        origin: i64,
        help: Option<&str>,
    ) -> String {
        let operation = &refutation.operation;
        let title = format!("not linearizable: {}{}", operation.by_whom(), named(", ", part));
        let first = match refutation.prefix_operations {
            1 => "the first operation".to_owned(),
            prefix => format!("the first {} operations", count(prefix)),
        };
        let note =
            format!("no order of {first} (of {}){} explains it", count(part.operations), named(" of ", part));
        let returned = format!(
            "returned here{}",
            operation.node.as_ref().map_or(String::new(), |node| format!(", from {}", plain(node)))
        );
        let mut marks = Vec::new();
        match &operation.end {
            Some(end) if *end == operation.call => {
                marks.push(Mark { place: end, label: "", is_primary: true })
            }
            Some(end) => {
                marks.push(Mark { place: end, label: &returned, is_primary: true });
                marks.push(Mark { place: &operation.call, label: "called here", is_primary: false });
            }
            None => marks.push(Mark { place: &operation.call, label: "called here", is_primary: true }),
        }
        let evidence = suffices(refutation).map(|sentence| {
            let line = |of: &OperationReport| format!("\n- {} ({})", of.by_whom(), lines(of));
            let is_alone = refutation.evidence.len() == 1;
            let all = refutation.evidence.iter().filter(|_| !is_alone).map(line);
            format!("{sentence}{}{}", if is_alone { "" } else { ":" }, all.collect::<String>())
        });
        let frontier = refutation.frontier.as_ref().map(frontier::told);
        let possible = refutation.instead.as_ref().and_then(possible);
        let known = refutation.baselined.as_ref().map(Baselined::told);
        let when = timeline(refutation.evidence.iter(), &[], origin, self.pen()).join("\n");
        let notes = [
            ("known", known.as_deref()),
            ("note", Some(note.as_str())),
            ("note", evidence.as_deref()),
            (DRAWING, Some(when.as_str()).filter(|when| !when.is_empty())),
            ("frontier", frontier.as_deref()),
            ("possible", possible.as_deref()),
        ];
        let notes = notes.into_iter().filter_map(|(name, told)| Some((name, told?))).collect();
        let severity = severity(&refutation.baselined);
        Picture { severity, code: "", title: &title, marks, notes, help }
            .draw(self.color, self.of_sentences())
    }

    fn unknown(&self, part: &PartReport, unknown: &UnknownReport) -> String {
        let title = format!("undecided{}: {}", named(", ", part), reason(unknown.reason));
        let (total, returns) =
            (count(unknown.returns_total), plural(unknown.returns_total, "return", "returns"));
        let came = match unknown.returns_reached {
            0 => format!("no order was found yet for even the first of {total} {returns}"),
            reached => format!(
                "an order was found for the first {} of {total} {returns} ({:.0} %)",
                count(reached),
                (unknown.share() * 100.0).floor()
            ),
        };
        // Nobody has counted yet where a strategy was stopped, or nothing was begun.
        let width = if unknown.width == 0 {
            String::new()
        } else {
            format!("{} open at once, ", count(unknown.width))
        };
        let against = format!(
            "{width}{} of unknown outcome, {} entered",
            count(unknown.indeterminate),
            configurations(unknown.configurations)
        );
        let help = Some(unknown.advice.as_str());
        let severity = Severity::Warning;
        let notes = vec![("note", came.as_str()), ("note", against.as_str())];
        Picture { severity, code: "", title: &title, marks: Vec::new(), notes, help }
            .draw(self.color, self.of_sentences())
    }

    fn notes(&self, out: &mut String, notes: &[Problem]) {
        if !notes.is_empty() {
            out.push('\n');
        }
        for note in notes.iter().take(NOTES_SHOWN) {
            let place = note
                .place
                .as_ref()
                .map_or(String::new(), |place| format!(" ({}:{})", place.path, place.line));
            let help = note.help.as_ref().map_or(String::new(), |help| format!("; {help}"));
            let label = format!("{}: ", self.painted(Paint::Warning, "warning"));
            wrap(
                out,
                self.of_sentences(),
                &label,
                "warning: ".len(),
                &format!("{}{place}{help}", note.message),
            );
        }
        if notes.len() > NOTES_SHOWN {
            let hidden = notes.len() - NOTES_SHOWN;
            let _ = writeln!(out, "{} more {}", count(hidden), plural(hidden, "warning", "warnings"));
        }
    }

    pub(crate) fn row(&self, out: &mut String, label: &str, text: &str) {
        wrap(out, self.of_sentences(), &format!("  {label:<11} "), 14, text);
    }

    /// How many columns sentences may fill.
    pub(crate) fn of_sentences(&self) -> usize {
        self.columns.min(READABLE)
    }

    /// What draws below a finding.
    pub(crate) fn pen(&self) -> Pen {
        Pen { columns: self.columns.saturating_sub(diagnostic::before(DRAWING)), is_ascii: self.is_ascii }
    }

    fn bold(&self, text: &str) -> String {
        self.painted(Paint::Bold, text)
    }

    fn painted(&self, paint: Paint, text: &str) -> String {
        if !self.color {
            return text.to_owned();
        }
        let code = match paint {
            Paint::Bold => "1",
            Paint::Good => "1;32",
            Paint::Warning => "1;33",
            Paint::Bad => "1;31",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

#[derive(Clone, Copy)]
enum Paint {
    Bold,
    Good,
    Warning,
    Bad,
}

fn headline(history: &HistoryReport) -> (Paint, String) {
    match history.verdict {
        Verdict::Valid => (Paint::Good, "VALID (linearizable)".to_owned()),
        Verdict::Invalid if history.counts_as == Some(Verdict::Valid) => {
            (Paint::Warning, "INVALID (not linearizable; let pass)".to_owned())
        }
        Verdict::Invalid => (Paint::Bad, "INVALID (not linearizable)".to_owned()),
        Verdict::Unknown => (Paint::Warning, "UNKNOWN (undecided)".to_owned()),
        Verdict::Vacuous if !history.unmet.is_empty() => {
            (Paint::Warning, "VACUOUS (less was exercised than is required)".to_owned())
        }
        Verdict::Vacuous => (Paint::Warning, "VACUOUS (nothing was checked)".to_owned()),
        Verdict::Error => {
            let total = history.diagnostics_total;
            (Paint::Bad, format!("ERROR ({} {})", count(total), plural(total, "error", "errors")))
        }
    }
}

/// " of key 17", after " of ", where the part is not all there is.
fn named(before: &str, part: &PartReport) -> String {
    if part.key.is_none() && part.touched.is_empty() {
        String::new()
    } else {
        format!("{before}{}", part.name())
    }
}

/// "412 of 413 keys proved linearizable, 1 violated".
pub(crate) fn parts_line(history: &HistoryReport) -> String {
    let (proved, violated, open) = history.counts();
    let total = history.parts_total();
    let keyed = history.proved.unnamed == 0
        && history.parts.iter().all(|part| part.key.is_some() || !part.touched.is_empty());
    let noun = if keyed { plural(total, "key", "keys") } else { plural(total, "part", "parts") };
    let mut line = format!("{} of {} {noun} proved linearizable", count(proved), count(total));
    if violated > 0 {
        let _ = write!(line, ", {} violated", count(violated));
    }
    if open > 0 {
        let _ = write!(line, ", {} undecided", count(open));
    }
    line
}

/// What to call next about the violations of a history.
pub(crate) fn what_next(history: &HistoryReport) -> String {
    let mut codes: Vec<&str> = history.anomalies.iter().map(|anomaly| anomaly.code).collect();
    codes.dedup();
    let explain =
        if codes.is_empty() { String::new() } else { format!("seriatim explain {}", codes.join(" ")) };
    let given = history.model.as_ref().filter(|model| model.source == ModelSource::Given);
    let model = given.map_or(String::new(), |model| format!(" --model {}", model.name));
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "/._-+=@%".contains(char);
    let reduce = match history.path.as_str() {
        // What came from there is gone.
        "<stdin>" => String::new(),
        path if path.chars().all(is_plain) => format!("seriatim reduce{model} {path}"),
        path => format!("seriatim reduce{model} '{}'", path.replace('\'', "'\\''")),
    };
    let both = [explain, reduce];
    both.iter().filter(|call| !call.is_empty()).map(String::as_str).collect::<Vec<_>>().join(" · ")
}

/// What a kind of violation is called, and how often it shows.
fn anomaly_line(anomaly: &AnomalyReport) -> String {
    format!(
        "{} {}, {} in {}{}",
        anomaly.code,
        anomaly.name,
        if anomaly.count == 1 { "once".to_owned() } else { format!("{} times", count(anomaly.count)) },
        if anomaly.parts == 1 { "one part".to_owned() } else { format!("{} parts", count(anomaly.parts)) },
        known(&anomaly.baselined),
    )
}

fn symptom_line(symptom: &SymptomReport) -> String {
    let likely = if symptom.is_likeness { "consistent with a " } else { "" };
    let sides = symptom.split.as_ref().map_or(String::new(), |split| format!(": {}", sides(split)));
    format!("{} {likely}{}{sides}{}", symptom.code, symptom.name, known(&symptom.baselined))
}

/// What a baseline says of a finding, in a few words.
pub(crate) fn known(of: &Option<Baselined>) -> String {
    match of {
        None => String::new(),
        Some(of) if of.is_in_force() => format!(" (baselined until {})", of.expires),
        Some(of) => format!(" (baseline expired after {})", of.expires),
    }
}

fn part_line(part: &PartReport) -> String {
    let mut line = format!(
        "{}: {}, {} {}, {}",
        part.name(),
        part.verdict.word(),
        count(part.operations),
        plural(part.operations, "operation", "operations"),
        part.strategy
    );
    if part.configurations > 0 {
        let _ = write!(line, ", {}", configurations(part.configurations));
    }
    if let Some(elapsed) = part.elapsed {
        let _ = write!(line, ", {}", duration(elapsed));
    }
    line
}

/// Where an operation is recorded.
fn lines(operation: &OperationReport) -> String {
    let call = operation.call.line;
    match &operation.end {
        None => format!("line {call}"),
        Some(end) if end.line == call => format!("line {call}"),
        Some(end) => format!("lines {call} and {}", end.line),
    }
}

fn reason(reason: &str) -> &'static str {
    match reason {
        "timeout" => "the time was up",
        "memory" => "the memory was used up",
        "configurations" => "as many configurations as allowed were entered",
        _ => "interrupted",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::part::Counted;
    use crate::shown::Shown;

    #[test]
    fn parts_that_are_only_counted_are_counted() {
        let unknown = UnknownReport {
            reason: "timeout",
            returns_reached: 0,
            returns_total: 1,
            width: 1,
            indeterminate: 0,
            configurations: 0,
            advice: String::new(),
        };
        let told = PartReport {
            key: Some(Shown { text: "17".to_owned(), json: 17.into() }),
            touched: Vec::new(),
            touched_total: 0,
            verdict: PartVerdict::Unknown(unknown),
            operations: 2,
            strategy: "search",
            configurations: 0,
            elapsed: None,
            first: None,
        };
        let mut history = HistoryReport::new("h", Verdict::Unknown);
        history.parts.push(told);
        let named = Counted { parts: 999, unnamed: 0, operations: 5_000 };
        history.proved = named;
        assert_eq!(history.counts(), (999, 0, 1));
        assert_eq!(parts_line(&history), "999 of 1,000 keys proved linearizable, 1 undecided");
        history.proved = named.and(Counted { parts: 1, unnamed: 1, operations: 3 });
        assert_eq!(parts_line(&history), "1,000 of 1,001 parts proved linearizable, 1 undecided");
        assert_eq!(history.proved.operations, 5_003);
    }
}
