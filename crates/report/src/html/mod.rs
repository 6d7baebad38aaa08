//! HTML: one file that needs nothing but a browser. Every fact is text that can be read without scripts, without colours
//! and without a pointer; scripts only step through orders, copy lines and switch the theme.

mod beside;
mod card;
mod gate;
mod lanes;
mod marks;
mod overview;
mod tables;

use std::io;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::document::{Document, History, Verdict};
use crate::words::{count, plural, shortened};

/// The most bytes of a page, unless somebody asks for another bound.
pub const LARGEST: usize = 5_000_000;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// So many histories have a row of their own.
const ROWS: usize = 2_000;

/// How much is shown. A page that gets too large is drawn again with less around its findings, and says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Detail {
    /// Everything.
    All,
    /// No single operations of the run.
    NoDots,
    /// Nothing but verdicts and findings, and of those no texts as they were recorded.
    Findings,
    /// The findings in words.
    Words,
}

impl Detail {
    const ALL: [Self; 4] = [Self::All, Self::NoDots, Self::Findings, Self::Words];

    /// What is missing, for whoever reads the page.
    fn missing(self) -> Option<&'static str> {
        match self {
            Self::All => None,
            Self::NoDots => Some("single operations of the runs"),
            Self::Findings => Some(
                "overviews of the runs, their coverage, tables of scope, the texts of the logs, where operations could stand, and what was under way around findings in words",
            ),
            Self::Words => Some("everything but the findings in words"),
        }
    }
}

/// Writes a document as a page of at most `largest` bytes, as far as findings in words fit into that.
///
/// # Errors
/// Those of `out`.
pub fn write(document: &Document<'_>, largest: usize, out: &mut dyn io::Write) -> io::Result<()> {
    for detail in Detail::ALL {
        let drawn = page(document, detail, largest, true).into_string();
        if drawn.len() <= largest {
            return out.write_all(drawn.as_bytes());
        }
    }
    out.write_all(page(document, Detail::Words, largest, false).into_string().as_bytes())
}

/// A page; `fits` is whether it is to have at most `largest` bytes.
fn page(document: &Document<'_>, detail: Detail, largest: usize, fits: bool) -> Markup {
    let verdict = document.verdict.word();
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "seriatim: " (verdict) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header class={ "banner " (verdict) } {
                    p.mark aria-hidden="true" { (mark(document.verdict)) }
                    div {
                        h1 { (verdict) }
                        p { (sentence(document)) }
                        @if let Some(green) = green(document) { p.headline { (green) } }
                        @if let Some(version) = &document.version { p.by { "Checked by seriatim " (version) (called(document)) } }
                    }
                    button #theme type="button" hidden { "Light or dark" }
                }
                // Drawings of the page refer to it.
                svg.hidden aria-hidden="true" {
                    defs { pattern #hatch width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                        path d="M0 0v6" { }
                    }
                    marker #arrow viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto" {
                        path d="M0 0l8 4l-8 4z" { }
                    } }
                }
                @if let Some(missing) = detail.missing() {
                    p.dropped {
                        @if fits { "To keep this page within " (count(largest)) " bytes, it leaves out " (missing) "." }
                        @else { "This page has more than the " (count(largest)) " bytes that it may have, though it leaves out " (missing) ": findings are never left out." }
                        " A larger " code { "--report-size" } ", or the JSON report, has them."
                    }
                }
                @for note in &document.notes { p.note { (note) } }
                @if document.histories.len() > 1 { (index(document)) }
                main {
                    @for (at, history) in document.histories.iter().enumerate() {
                        @if is_told(document, history) { (section(at, history, detail)) }
                    }
                }
                footer {
                    p { "Exit code " (document.exit_code) ", drawn by seriatim " (env!("CARGO_PKG_VERSION"))
                        ". An explanation is one of several that are possible; it need not be what happened inside of the system." }
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}

/// That answers were wrong while nothing that is usually watched showed it.
fn green(document: &Document<'_>) -> Option<String> {
    let green: Vec<_> = document.histories.iter().filter(|of| of.wrong_while_green.is_some()).collect();
    match green.as_slice() {
        [] => None,
        [only] if document.histories.len() == 1 => {
            only.headline.as_ref().map(|headline| format!("! {headline}"))
        }
        several => Some(format!(
            "! wrong while green: in {} {}, answers were wrong while error ratio and latency were as usual",
            count(several.len()),
            plural(several.len(), "history", "histories")
        )),
    }
}

/// What was called, as a shell reads it.
fn called(document: &Document<'_>) -> Markup {
    /// Whoever gave more than this names the files below.
    const READABLE: usize = 500;
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "/._-+=@%:,".contains(char);
    let quoted = |word: &str| {
        if !word.is_empty() && word.chars().all(is_plain) {
            word.to_owned()
        } else {
            format!("'{}'", word.replace('\'', "'\\''"))
        }
    };
    let words: Vec<_> = document.command.iter().map(|word| quoted(word)).collect();
    html! { @if !words.is_empty() { ": " code { (shortened(&words.join(" "), READABLE)) } } }
}

/// Whether more than a row is shown of a history: of one among many with which nothing is wrong, it is not.
fn is_told(document: &Document<'_>, history: &History<'_>) -> bool {
    document.histories.len() == 1 || history.verdict != Verdict::Valid || !history.symptoms.is_empty()
}

pub(crate) fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Valid => "✓",
        Verdict::Vacuous => "○",
        Verdict::Unknown => "?",
        Verdict::Error => "!",
        Verdict::Invalid => "✗",
    }
}

fn sentence(document: &Document<'_>) -> String {
    let of = |verdict| document.histories.iter().filter(|history| history.verdict == verdict).count();
    let total = document.histories.len();
    let verdicts = [Verdict::Invalid, Verdict::Error, Verdict::Unknown, Verdict::Vacuous, Verdict::Valid];
    let counts: Vec<_> = verdicts
        .into_iter()
        .filter(|&verdict| of(verdict) > 0)
        .map(|verdict| format!("{} {}", count(of(verdict)), verdict.word()))
        .collect();
    let operations = document.histories.iter().map(|history| history.operations.total).sum();
    format!(
        "{} {} with {} {}: {}",
        count(total),
        plural(total, "history", "histories"),
        count(operations),
        plural(operations, "operation", "operations"),
        counts.join(", ")
    )
}

/// A table of all histories, the worst first.
fn index(document: &Document<'_>) -> Markup {
    let mut all: Vec<_> = document.histories.iter().enumerate().collect();
    all.sort_by_key(|(_, history)| std::cmp::Reverse(history.verdict));
    html! {
        section {
            h2 { "Histories" }
            div.wide { table {
                thead { tr { th { "history" } th { "verdict" } th { "object" } th.number { "operations" } th { "findings" } } }
                tbody {
                    @for (at, history) in all.iter().take(ROWS) {
                        tr {
                            td { @if is_told(document, history) { a href={ "#h" (at) } { (history.path) } } @else { (history.path) } }
                            td class=(history.verdict.word()) { (mark(history.verdict)) " " (history.verdict.word()) }
                            td { (history.model.as_deref().unwrap_or("–")) }
                            td.number { (count(history.operations.total)) }
                            td { @for of in &history.anomalies { span.chip { (of.code) " × " (count(of.count)) } " " }
                                @let symptoms = crate::beside::kinds(history.symptoms.iter().map(|of| (&*of.code, &*of.name)));
                                @if !symptoms.is_empty() { span.role { (symptoms) } }
                            }
                        }
                    }
                }
            } }
            @if all.len() > ROWS { p { (count(all.len() - ROWS)) " more, none of them worse" } }
        }
    }
}

fn section(at: usize, history: &History<'_>, detail: Detail) -> Markup {
    let word = history.verdict.word();
    let operations = history.operations;
    html! {
        section id={ "h" (at) } {
            h2 { span class={ "chip " (word) } { (mark(history.verdict)) " " (word) } " " (history.path) }
            p { (what(history)) }
            p { (count(operations.total)) " " (plural(operations.total, "operation", "operations")) ": " (count(operations.ok)) " ok, " (count(operations.fail)) " fail, "
                (count(operations.info)) " info; " (count(operations.faults)) " " (plural(operations.faults, "event", "events")) " of faults" }
            @for problem in &history.diagnostics { (tables::problem(problem)) }
            @if history.diagnostics_total > history.diagnostics.len() {
                @let more = history.diagnostics_total - history.diagnostics.len();
                p { (count(more)) " more " (plural(more, "error", "errors")) }
            }
            (beside::headline(history))
            (gate::told(history))
            @for (number, anomaly) in history.anomalies.iter().enumerate() {
                (card::anomaly(number + 1, &beside::anchor(at, &anomaly.code), anomaly, history, detail))
            }
            (card::unnamed(history))
            (beside::symptoms(at, history, detail))
            (beside::chains(at, history))
            @if let Some(kept) = &history.still_holds { (tables::kept(kept)) }
            (tables::undecided(history))
            @if detail < Detail::Findings {
                @if let Some(run) = &history.run {
                    (overview::overview(run, history, detail))
                    (tables::coverage(run))
                }
            }
            @if detail < Detail::Words {
                (tables::checked(history))
                (tables::assumptions(history))
                (beside::not_visible(history))
            }
            @if !history.notes.is_empty() {
                h3 { "Doubts" }
                @for problem in &history.notes { (tables::problem(problem)) }
            }
        }
    }
}

/// What was asked of a history, and what came out.
fn what(history: &History<'_>) -> String {
    let of = |verdict| history.parts.iter().filter(|part| part.verdict == verdict).count();
    let parts = history.parts.len();
    let Some(model) = &history.model else { return "No object was chosen to check it against.".to_owned() };
    let chosen = history.model_source.as_deref().unwrap_or("given");
    format!(
        "Is it {} as a {model} ({chosen})? {} of {} {} proved, {} violated, {} not decided.",
        history.property,
        count(of(Verdict::Valid)),
        count(parts),
        plural(parts, "part", "parts"),
        count(of(Verdict::Invalid)),
        count(of(Verdict::Unknown)),
    )
}
