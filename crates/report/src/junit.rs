//! JUnit XML: a test suite for each history, with a test case for the history as a whole and one for each of its parts.

use std::io;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::document::{Baselined, Document, History, Part, Verdict};
use crate::notice::{Level, of_history};
use crate::words::plural;

/// So many parts of a history that were proved have a test case of their own.
const PROVED: usize = 10_000;

/// Writes a document as JUnit XML. What is not valid fails or is an error, unless the run was told to pass all the same:
/// then it is skipped, which every reader shows.
///
/// # Errors
/// Those of `out`.
pub fn write(document: &Document<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let mut report = Report::new("seriatim");
    let is_let_pass = document.exit_code == 0;
    report.add_test_suites(document.histories.iter().map(|history| suite(history, is_let_pass)));
    let text = report.to_string().map_err(io::Error::other)?;
    out.write_all(text.as_bytes())
}

fn suite(history: &History<'_>, is_let_pass: bool) -> TestSuite {
    let mut suite = TestSuite::new(&*history.path);
    suite.add_test_case(whole(history, is_let_pass));
    let mut proved = 0;
    for part in &history.parts {
        proved += usize::from(part.verdict == Verdict::Valid);
        if part.verdict != Verdict::Valid || proved <= PROVED {
            suite.add_test_case(case(history, part, is_let_pass));
        }
    }
    if let Some(more @ 1..) = proved.checked_sub(PROVED) {
        let mut case = TestCase::new(
            format!("{more} more {}, all proved", plural(more, "part", "parts")),
            TestCaseStatus::success(),
        );
        case.set_classname(&*history.path);
        suite.add_test_case(case);
    }
    let took = history.parts.iter().filter_map(|part| part.elapsed_ms).sum();
    suite.set_time(milliseconds(took));
    suite
}

/// The test case of a history as a whole: what is wrong with it, in full.
fn whole(history: &History<'_>, is_let_pass: bool) -> TestCase {
    let told = of_history(history);
    let lines = told.iter().filter(|notice| notice.level < Level::Note).map(|notice| {
        let line = notice.line.map_or(String::new(), |line| format!(":{line}"));
        format!("{}{line}: {}: {}\n", notice.path, notice.title, notice.in_full())
    });
    let text: String = lines.collect();
    let message =
        told.first().map_or(String::new(), |notice| format!("{}: {}", notice.title, notice.in_full()));
    let status = match history.counts_as {
        // It is violated, and passes all the same.
        Some(Verdict::Valid) => status(history.verdict, true, &message, &text),
        Some(other) => status(other, is_let_pass, &message, &text),
        None => status(history.verdict, is_let_pass, &message, &text),
    };
    let mut case = TestCase::new(format!("history is {}", history.property), status);
    case.set_classname(&*history.path);
    let notes = told.iter().filter(|notice| notice.level == Level::Note);
    let notes = notes.map(|notice| format!("note: {}: {}\n", notice.title, notice.in_full()));
    let notes: String =
        history.headline.iter().map(|headline| format!("{headline}\n")).chain(notes).collect();
    if !notes.is_empty() {
        case.set_system_out(notes);
    }
    case
}

/// The test case of a part.
fn case(history: &History<'_>, part: &Part<'_>, is_let_pass: bool) -> TestCase {
    let (message, text) = match (&part.refutation, &part.unknown) {
        (Some(refutation), _) => {
            let of = &refutation.operation;
            let evidence = refutation.evidence.iter().flat_map(|evidence| {
                let lines = evidence.operations.iter().map(|of| format!("line {}: {}\n", of.line, of.shown));
                std::iter::once(format!("{}\n", evidence.message)).chain(lines)
            });
            (format!("line {}: {} has no place in any order", of.line, of.shown), evidence.collect())
        }
        (None, Some(unknown)) => {
            let returns = plural(unknown.returns_total, "return", "returns");
            let reached = format!("{} of {} {returns}", unknown.returns_reached, unknown.returns_total);
            (format!("{} after {reached}", unknown.reason), unknown.advice.to_string())
        }
        (None, None) => (String::new(), String::new()),
    };
    let (is_let_pass, message) = match of_baseline(history, part) {
        Some(baselined) => (true, format!("{message} ({})", baselined.told())),
        None => (is_let_pass || part.verdict == Verdict::Invalid && passes(history), message),
    };
    let mut case = TestCase::new(part.name(), status(part.verdict, is_let_pass, &message, &text));
    case.set_classname(&*history.path);
    if let Some(elapsed) = part.elapsed_ms {
        case.set_time(milliseconds(elapsed));
    }
    case
}

/// Whether no violation of a history fails the run.
fn passes(history: &History<'_>) -> bool {
    history.verdict == Verdict::Invalid
        && history.counts_as.is_some_and(|counted| counted != Verdict::Invalid)
}

/// The entry of a baseline for which a part passes. Which names are those of one part is not told, so one that has some passes
/// where all of them are known.
fn of_baseline<'a>(history: &'a History<'_>, part: &'a Part<'_>) -> Option<&'a Baselined> {
    let refutation = part.refutation.as_ref()?;
    let in_force = |baselined: &'a Option<Baselined>| baselined.as_ref().filter(|known| known.is_in_force());
    if !refutation.is_named {
        return in_force(&refutation.baselined);
    }
    let all: Option<Vec<_>> = history.anomalies.iter().map(|anomaly| in_force(&anomaly.baselined)).collect();
    all?.first().copied()
}

fn status(verdict: Verdict, is_let_pass: bool, message: &str, text: &str) -> TestCaseStatus {
    let mut status = match verdict {
        Verdict::Valid => return TestCaseStatus::success(),
        // A file that cannot be read is never let pass.
        Verdict::Invalid | Verdict::Unknown | Verdict::Vacuous if is_let_pass => TestCaseStatus::skipped(),
        Verdict::Invalid => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Verdict::Error | Verdict::Unknown | Verdict::Vacuous => {
            TestCaseStatus::non_success(NonSuccessKind::Error)
        }
    };
    status.set_type(verdict.word()).set_message(message).set_description(text);
    status
}

fn milliseconds(milliseconds: f64) -> Duration {
    Duration::from_secs_f64(milliseconds.max(0.0) / 1e3)
}
