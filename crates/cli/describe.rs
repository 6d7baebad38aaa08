//! Turns what was decided into a report.

use std::time::Duration;

use rayon::prelude::*;
use seriatim_anomaly::AnomalyKind;
use seriatim_checker::{Cause, Decision, Refutation, StopReason, Verdict as Decided};
use seriatim_history::format::csv::ColumnMap;
use seriatim_history::{Completion, Format, History, Note, OpId, Operation, ValueId};
use seriatim_report::document::Unmet;
use seriatim_report::words::plural;
use seriatim_report::{
    Counted, FileRead, HistoryReport, OperationReport, Operations, Outcome, PartReport, PartVerdict, Problem,
    RefutationReport, Shown, UnknownReport, Verdict,
};

use crate::args::{OutputArgs, OutputFormat, ReportKind};
use crate::aside;
use crate::check::Checked;
use crate::findings::{self, Findings};
use crate::load::{Loaded, Problems};
use crate::naming::{Named, Names, Shows};
use crate::settings::Settings;
use crate::source::{Hash, Text, Texts};

/// The report of an input that could not be used.
pub(crate) fn unusable(path: &str, problems: Problems) -> HistoryReport {
    let mut report = HistoryReport::new(path, Verdict::Error);
    report.diagnostics = problems.first;
    report.diagnostics_total = problems.total;
    report
}

/// The report of a file that is named like a history, and is no text.
pub(crate) fn no_text(path: &str) -> HistoryReport {
    let help = "was the machine stopped before all of it was on the disk? if it never was a history, name the others";
    let why = Problem::error(format!("`{path}` is named like a history, and is no text")).help(help);
    unusable(path, why.into())
}

/// The report of an input in which there was nothing to check.
pub(crate) fn vacuous(path: &str, why: Problem) -> HistoryReport {
    let mut report = HistoryReport::new(path, Verdict::Vacuous);
    report.notes.push(why);
    report
}

/// The report of an input that was not read any more.
pub(crate) fn not_read(path: &str, reason: StopReason) -> HistoryReport {
    let mut report = HistoryReport::new(path, Verdict::Unknown);
    report.notes.push(stopped(reason, "before it was read"));
    report
}

/// The report of an input that has to be held as a whole, and has more bytes than that.
pub(crate) fn too_large(path: &str, bytes: usize, limit: usize) -> HistoryReport {
    let mut report = HistoryReport::new(path, Verdict::Unknown);
    let why = format!("it has {bytes} bytes, and no more than {limit} may be held");
    let advice = "raise --memory-limit; what is recorded by key need not be held as a whole";
    report.notes.push(Problem::warning(why).help(advice));
    report
}

/// What is not told of the violations of a history that was never held as a whole.
pub(crate) fn not_together() -> Problem {
    let why = "the history was sorted by key on disk, without its times: how late answers were, what could have been answered, \
               and what happened when in the run is not told, and it was not looked for two sides of a cluster, nor for what \
               still holds";
    Problem::warning(why).help("raise --memory-limit to have it looked at as a whole")
}

/// Why nothing was decided of a history that was read.
pub(crate) fn not_decided(reason: StopReason) -> Problem {
    stopped(reason, "before there was anything to decide")
}

/// Why the parts of a history that were decided are not all.
fn not_all(reason: StopReason, decided: usize, of: usize) -> Problem {
    let operations = plural(of, "operation", "operations");
    stopped(reason, &format!("when {decided} of {of} {operations} had been looked at"))
}

/// What ended a run outside of its searches, `when`, and what to do about it.
fn stopped(reason: StopReason, when: &str) -> Problem {
    let (why, advice) = match reason {
        StopReason::Timeout => ("the time was up", "raise --timeout"),
        StopReason::Interrupted => ("interrupted", "run it again"),
        // Nothing but a search enters configurations.
        StopReason::Memory | StopReason::Configurations => ("the memory was used up", "raise --memory-limit"),
    };
    Problem::warning(format!("{why} {when}")).help(advice)
}

/// What a history has, before anything is decided: the operations, and the doubts of whoever read it with these settings.
pub(crate) fn read(path: &str, loaded: &Loaded, settings: &Settings) -> HistoryReport {
    let mut report = HistoryReport::new(path, Verdict::Vacuous);
    report.format = Some(loaded.history.format.name());
    report.files = loaded.texts.0.iter().map(file).collect();
    report.operations = operations(&loaded.history);
    report.notes = loaded.history.notes.iter().map(|note| doubt(note, &loaded.texts)).collect();
    if settings.map != ColumnMap::default() && loaded.history.format != Format::Csv {
        let why = "--map names the columns of a table, and this is none; it means nothing here";
        report.notes.push(Problem::warning(why));
    }
    report.notes.extend(settings.doubted.unknown_in(&loaded.history));
    report
}

fn file(text: &Text) -> FileRead {
    FileRead { path: text.path.clone(), bytes: text.bytes, xxh3: text.hash.map(Hash::shown) }
}

/// What is told of parts where somebody wants to know.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Details {
    /// How long each took.
    timings: bool,
    /// Each that is proved, and all pieces that one touches: not only those in its name.
    each: bool,
    /// The run as a whole, and what recorded the operations of findings.
    pub(crate) run: bool,
}

impl Details {
    /// What whoever gets the output wants to know.
    pub(crate) fn of(output: &OutputArgs) -> Self {
        let run = !matches!(output.output_format, OutputFormat::Text | OutputFormat::Compact)
            || output.report.iter().any(|report| report.kind != ReportKind::Text);
        Self { timings: !output.no_timings, each: output.verbose || run, run }
    }

    /// The same without the run as a whole and what recorded the operations of findings.
    pub(crate) fn of_sorted(self) -> Self {
        Self { run: false, ..self }
    }

    /// Whether more is told of a part than that it is proved.
    pub(crate) fn tells(self, decision: &Decision) -> bool {
        self.each || !matches!(decision.verdict, Decided::Linearizable(_))
    }
}

/// How many parts a thread describes at a time, at the least.
const PARTS: usize = 1 << 8;

/// Adds what was decided to the report of a history; `left_out` is why that is not all.
pub(crate) fn decided(
    report: &mut HistoryReport,
    loaded: &Loaded,
    checked: Checked,
    left_out: Option<StopReason>,
    details: Details,
) {
    let Checked { decisions, shown, elapsed, names, share, .. } = checked;
    name(report, loaded, &decisions, &names, details);
    let says_something = |&id: &OpId| loaded.history.operation(id).ret().is_some();
    let of_these = || decisions.iter().any(|decision| decision.ops.iter().any(says_something));
    let has_evidence = share.map_or_else(of_these, |(_, of_all)| of_all);
    report.share = share.map(|(share, _)| share);
    let number = |decision: &Decision| decision.ops.first().map(|&first| loaded.number(first));
    if share.is_some() {
        for (anomaly, named) in report.anomalies.iter_mut().zip(&names.kinds) {
            anomaly.first = number(&decisions[named.at]);
        }
    }
    let part = |((decision, shown), elapsed): ((&Decision, Shows), Option<Duration>)| {
        let elapsed = elapsed.filter(|_| details.timings);
        let first = share.and_then(|_| number(decision));
        PartReport { first, ..part(loaded, decision, &shown, elapsed, &names, details) }
    };
    let all = decisions.par_iter().zip(shown).zip(elapsed).with_min_len(PARTS);
    report.parts = all.filter(|((decision, _), _)| details.tells(decision)).map(part).collect();
    let only_counted = decisions.iter().filter(|&decision| !details.tells(decision));
    report.proved = only_counted.map(counted).fold(Counted::default(), Counted::and);
    aside::leave(decisions);
    conclude(report, has_evidence, left_out);
}

/// Adds what has a name.
fn name(
    report: &mut HistoryReport,
    loaded: &Loaded,
    decisions: &[Decision],
    names: &Names,
    details: Details,
) {
    let findings = Findings::new(loaded, names, details.run);
    report.origin = findings.origin();
    let within = |at: usize| match &decisions[at] {
        Decision { ops, verdict: Decided::NotLinearizable(refutation), .. } => (ops.len(), refutation.prefix),
        Decision { ops, .. } => (ops.len(), ops.len()),
    };
    let anomaly = |named: &Named| {
        let decision = &decisions[named.at];
        findings.anomaly(named, within(named.at), &decision.ops)
    };
    report.anomalies = names.kinds.iter().map(anomaly).collect();
    report.symptoms = findings.symptoms();
    report.kept = findings.kept();
    report.run = details.run.then(|| findings.run());
    report.notes.extend(unread(loaded, &names.never_read));
}

/// That nobody looked for elements of sets after they had been added; nothing where somebody looked for all.
fn unread(loaded: &Loaded, never_read: &[OpId]) -> Option<Problem> {
    let first = never_read.first()?;
    let row = AnomalyKind::NeverRead.row();
    let line = operation(loaded, *first, String::new()).last_line();
    let told = match never_read.len() {
        1 => format!("an element was acknowledged at line {line}, and nobody looked for it after that"),
        count => {
            format!(
                "{count} elements were acknowledged, the first at line {line}, and nobody looked for them after that"
            )
        }
    };
    let told = format!("{told}: whether it is there is not known ({}, {})", row.name, row.code);
    Some(Problem::warning(told).help("end a run with a read of the whole set"))
}

/// Says what the parts come to; `has_evidence` is whether any operation of them is known to have happened or not, and
/// `left_out` is why they are not all.
pub(crate) fn conclude(report: &mut HistoryReport, has_evidence: bool, left_out: Option<StopReason>) {
    let (_, violated, open) = report.counts();
    let says_something = report.operations.ok > 0 && has_evidence;
    report.verdict = verdict(violated, open, says_something, left_out.is_none());
    report.is_cut_short = left_out.is_some();
    if let Some(reason) = left_out {
        let told: usize = report.parts.iter().map(|part| part.operations).sum();
        let looked_at = report.proved.operations + told;
        report.notes.insert(0, not_all(reason, looked_at, report.operations.total));
    } else if report.verdict == Verdict::Vacuous {
        report.notes.insert(0, nothing_completed(report.operations));
    }
}

/// Says what a history was to have exercised, and did not: so it says too little to be valid.
pub(crate) fn lacks(report: &mut HistoryReport, unmet: Vec<Unmet>) {
    if report.verdict == Verdict::Valid && !unmet.is_empty() {
        report.verdict = Verdict::Vacuous;
    }
    report.unmet = unmet;
}

/// The verdict on a history with so many violated and open parts. What was not looked at may be as bad as anything.
fn verdict(violated: usize, open: usize, says_something: bool, is_whole: bool) -> Verdict {
    match (violated, open) {
        (1.., _) => Verdict::Invalid,
        (0, 0) if is_whole && says_something => Verdict::Valid,
        (0, 0) if is_whole => Verdict::Vacuous,
        (0, _) => Verdict::Unknown,
    }
}

/// Why a history with these operations says nothing.
pub(crate) fn nothing_completed(operations: Operations) -> Problem {
    let (message, help) = match operations {
        Operations { total: 0, .. } => {
            ("no client did anything", "did the clients' part of the log get lost?")
        }
        Operations { ok: 0, .. } => (
            "no operation completed `ok`, so there is nothing to judge",
            "did the clients reach the system at all?",
        ),
        _ => (
            "no completed operation says anything about the object",
            "is this the right model? `seriatim models` lists what each can judge",
        ),
    };
    Problem::warning(message).help(help)
}

fn operations(history: &History) -> Operations {
    /// How many operations a thread counts at a time.
    const BLOCK: usize = 1 << 14;
    let count = |operations: &[Operation]| {
        let mut counts = Operations::default();
        for operation in operations {
            *match operation.completion {
                Completion::Ok(_) => &mut counts.ok,
                Completion::Fail(_) => &mut counts.fail,
                Completion::Unknown => &mut counts.info,
            } += 1;
        }
        counts
    };
    let sum = |one: Operations, other: Operations| Operations {
        ok: one.ok + other.ok,
        fail: one.fail + other.fail,
        info: one.info + other.info,
        ..one
    };
    let counts = history.operations.par_chunks(BLOCK).map(count).reduce(Operations::default, sum);
    Operations { total: history.operations.len(), faults: history.faults.len(), ..counts }
}

fn counted(decision: &Decision) -> Counted {
    let is_unnamed = decision.key.is_none() && decision.touched.is_empty();
    Counted { parts: 1, unnamed: usize::from(is_unnamed), operations: decision.ops.len() }
}

fn part(
    loaded: &Loaded,
    decision: &Decision,
    shown: &Shows,
    elapsed: Option<Duration>,
    names: &Names,
    details: Details,
) -> PartReport {
    let values = &loaded.history.values;
    let name = |id: ValueId| Shown::new(values, id);
    let pieces = if details.each { usize::MAX } else { PartReport::NAMED };
    PartReport {
        key: decision.key.map(name),
        touched: decision.touched.iter().take(pieces).map(|&piece| name(piece)).collect(),
        touched_total: decision.touched.len(),
        verdict: match &decision.verdict {
            Decided::Linearizable(_) => PartVerdict::Valid,
            Decided::NotLinearizable(refutation) => PartVerdict::Invalid(Box::new(refuted(
                loaded,
                refutation,
                shown,
                names,
                decision.ops.first(),
            ))),
            Decided::Unknown(cause) => PartVerdict::Unknown(undecided(*cause)),
        },
        operations: decision.ops.len(),
        strategy: decision.strategy.name(),
        configurations: decision.configurations,
        elapsed,
        first: None,
    }
}

fn refuted(
    loaded: &Loaded,
    refutation: &Refutation,
    shown: &Shows,
    names: &Names,
    first: Option<&OpId>,
) -> RefutationReport {
    let stop = names.stop(first);
    let of = |id: OpId| operation(loaded, id, what_it_did(shown, id));
    let evidence = refutation.evidence.iter().flat_map(|evidence| &evidence.ops);
    RefutationReport {
        operation: of(refutation.op),
        prefix_operations: refutation.prefix,
        evidence: evidence.map(|&id| of(id)).collect(),
        is_named: names.has(first),
        instead: stop.and_then(|stop| findings::instead(loaded, stop)),
        frontier: stop.map(|stop| findings::frontier(loaded, stop)),
        baselined: None,
    }
}

pub(crate) fn what_it_did(shown: &Shows, id: OpId) -> String {
    shown.iter().find(|&&(known, _)| known == id).map_or(String::new(), |(_, shown)| shown.clone())
}

pub(crate) fn operation(loaded: &Loaded, id: OpId, shown: String) -> OperationReport {
    let Loaded { texts, history, .. } = loaded;
    let number = loaded.number(id);
    let operation = history.operation(id);
    let name = |id: ValueId| Shown::new(&history.values, id);
    let answer = match operation.completion {
        Completion::Ok(answer) | Completion::Fail(answer) => answer.result.or(answer.value),
        Completion::Unknown => None,
    };
    OperationReport {
        id: number,
        process: name(operation.process),
        function: history.function(operation).to_owned(),
        argument: operation.argument.map(name),
        value: answer.map(name),
        node: operation.node.map(name),
        shown,
        outcome: match operation.completion {
            Completion::Ok(_) => Outcome::Ok,
            Completion::Fail(_) => Outcome::Fail,
            Completion::Unknown => Outcome::Info,
        },
        times: (operation.call.time, operation.end.and_then(|end| end.time)),
        raw: (None, None),
        call: texts.place(operation.call.span),
        end: operation.end.map(|end| texts.place(end.span)),
    }
}

fn undecided(cause: Cause) -> UnknownReport {
    let reached = cause.reached;
    UnknownReport {
        reason: reason(cause.reason),
        returns_reached: reached.returns,
        returns_total: reached.of,
        width: reached.width,
        indeterminate: reached.indeterminate,
        configurations: reached.configurations,
        advice: advice(cause),
    }
}

/// The word for what stopped a search.
pub(crate) fn reason(reason: StopReason) -> &'static str {
    match reason {
        StopReason::Timeout => "timeout",
        StopReason::Memory => "memory",
        StopReason::Configurations => "configurations",
        StopReason::Interrupted => "interrupted",
    }
}

/// From this many on, operations of unknown outcome are what makes a part hard.
const MANY_INDETERMINATE: usize = 12;
/// From this width on, concurrency is.
const WIDE: usize = 24;

/// One line of what to do about it.
fn advice(cause: Cause) -> String {
    let raise = match cause.reason {
        StopReason::Timeout => "raise --timeout",
        StopReason::Memory => "raise --memory-limit",
        StopReason::Configurations => "raise --max-configurations",
        StopReason::Interrupted => return "run it again".to_owned(),
    };
    let reached = cause.reached;
    if reached.indeterminate >= MANY_INDETERMINATE {
        format!(
            "record `fail` instead of `info` where clients know that nothing happened, or spread them over more keys; or {raise}"
        )
    } else if reached.width >= WIDE {
        format!("let fewer clients work on one key at once; or {raise}")
    } else {
        format!("{raise}, or record shorter histories")
    }
}

/// A doubt of whoever read the history.
fn doubt(note: &Note, texts: &Texts) -> Problem {
    let times = |count: usize| if count == 1 { "once".to_owned() } else { format!("{count} times") };
    match note {
        Note::MissingCompletions(1) => {
            Problem::warning("1 operation has no completion; its outcome counts as unknown")
        }
        Note::MissingCompletions(count) => Problem::warning(format!(
            "{count} operations have no completion; their outcomes count as unknown"
        )),
        Note::ProcessReused(count, first) => {
            let message =
                format!("a process went on after an operation of unknown outcome, {}", times(*count));
            Problem::warning(message).at(texts.place(*first))
        }
        Note::TimesRunBack(count, first) => {
            let message = format!("the times run back {}; the order of the lines counts", times(*count));
            Problem::warning(message).at(texts.place(*first)).help("--order time sorts by time instead")
        }
        Note::SortedByIndex => Problem::warning("the events were sorted by their indexes"),
        Note::IndexesIgnored => {
            Problem::warning("not every event has an index of its own; the order of the lines counts")
        }
        Note::NotClients(count, first) => {
            let message = format!(
                "a process that is no integer invokes or completes, {}; taken as a fault",
                times(*count)
            );
            Problem::warning(message).at(texts.place(*first))
        }
        Note::TruncatedLine(span) => {
            Problem::warning("the last line is cut off and was left out").at(texts.place(*span))
        }
        Note::OverlappingProcess(count, first) => {
            let message = format!("a process had several operations open at once, {}", times(*count));
            Problem::warning(message).at(texts.place(*first))
        }
        Note::StrayInfos(count, first) => {
            let message =
                format!("a process says `info` of an operation that it never invoked, {}", times(*count));
            Problem::warning(message).at(texts.place(*first))
        }
        Note::OtherLines(1) => Problem::warning("1 line records no operation"),
        Note::OtherLines(count) => Problem::warning(format!("{count} lines record no operation")),
        Note::Format(message) => Problem::warning(message.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_is_as_bad_as_its_worst_part_and_what_was_left_out_is_unknown() {
        for (violated, open, says_something, is_whole, expected) in [
            (0, 0, true, true, Verdict::Valid),
            (0, 0, false, true, Verdict::Vacuous),
            (0, 2, true, true, Verdict::Unknown),
            (0, 2, false, true, Verdict::Unknown),
            (1, 2, true, true, Verdict::Invalid),
            (0, 0, true, false, Verdict::Unknown),
            (0, 0, false, false, Verdict::Unknown),
            (0, 2, true, false, Verdict::Unknown),
            (1, 0, true, false, Verdict::Invalid),
        ] {
            assert_eq!(verdict(violated, open, says_something, is_whole), expected);
        }
    }
}
