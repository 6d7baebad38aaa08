//! What is told in tables.

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::document::{Count, Diagnostic, Fault, History, Kept, Phase, Run, Scope, Verdict, shown};
use crate::words::{self, count, plural};

/// So many rows of a table are shown.
const ROWS: usize = 20;

/// So many parts that are not decided are told one by one.
const UNDECIDED: usize = 50;

pub(super) fn problem(problem: &Diagnostic<'_>) -> Markup {
    html! {
        p class=(problem.severity) {
            strong { (problem.severity) ": " } (problem.message)
            @if let Some(line) = problem.line { " (line " (line) @if let Some(column) = problem.column { ", column " (column) } ")" }
            @if let Some(help) = &problem.help { " — " (help) }
        }
    }
}

/// Where and when the instances of a finding are: is it one node?
pub(super) fn scope(scope: &Scope<'_>) -> Markup {
    let tables = [("node", &scope.nodes), ("key", &scope.keys), ("process", &scope.processes)];
    html! {
        div.scopes {
            @for (what, counts) in tables { @if counts.iter().any(|of| of.value.is_some()) { (counted(what, counts)) } }
            @if !scope.faults.is_empty() {
                table {
                    thead { tr { th { "fault meanwhile" } th.number { "instances" } } }
                    tbody { @for of in scope.faults.iter().take(ROWS) { tr {
                        td { @if let Some(fault) = &of.fault { (self::fault(fault)) } @else { "none" } }
                        td.number { (count(of.count)) }
                    } } }
                }
            }
        }
    }
}

fn counted(what: &str, counts: &[Count<'_>]) -> Markup {
    let most = counts.iter().map(|of| of.count).max().unwrap_or(1).max(1);
    html! {
        table {
            thead { tr { th { (what) } th.number { "instances" } th { } } }
            tbody {
                @for of in counts.iter().take(ROWS) { tr {
                    td { @if let Some(value) = &of.value { code { (shown(value)) } } @else { "not told" } }
                    td.number { (count(of.count)) }
                    td.bar { span style={ "width:" (of.count * 100 / most) "%" } { } }
                } }
                @if counts.len() > ROWS { tr { td colspan="3" { (count(counts.len() - ROWS)) " more" } } }
            }
        }
    }
}

pub(super) fn fault(fault: &Fault<'_>) -> String {
    let nodes =
        if fault.nodes.is_empty() { String::new() } else { format!(" of {}", fault.nodes.join(", ")) };
    let when = match (fault.from_s, fault.to_s) {
        (Some(from), Some(to)) => format!(", {from:.3} s to {to:.3} s"),
        (Some(from), None) => format!(", from {from:.3} s on"),
        (None, _) => String::new(),
    };
    format!("{}{nodes}{when}", words::fault(&fault.name))
}

pub(super) fn kept(kept: &Kept<'_>) -> Markup {
    html! {
        h3 { "What still holds" }
        div.wide { table {
            thead { tr { th { "guarantee" } th { "of the whole" } th { "because" } } }
            tbody { @for of in &kept.whole { tr {
                td { (of.name) @if kept.strongest.contains(&of.name) { " " strong { "(strongest)" } } }
                td { @match of.holds { Some(true) => "✓ holds", Some(false) => "✗ broken", None => "? not determined" } }
                td {
                    @if let Some(lines) = &of.lines { "lines " (lines.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")) }
                    @if let Some(why) = &of.not_determined { (why) }
                }
            } } }
        } }
        @if let Some(delta) = kept.delta_ms {
            p { "If clocks differed by " (delta) " ms, " (count(kept.delta_parts)) " violated "
                (plural(kept.delta_parts, "part", "parts")) " would be in order." }
        }
    }
}

/// Parts that are not decided, and what to do about them.
pub(super) fn undecided(history: &History<'_>) -> Markup {
    let open: Vec<_> = history.parts.iter().filter_map(|part| Some((part, part.unknown.as_ref()?))).collect();
    html! {
        @if !open.is_empty() {
            h3 { "Not decided" }
            div.wide { table {
                thead { tr { th { "part" } th { "stopped by" } th { "reached" } th.number { "open at once" } th.number { "of unknown outcome" } th { "what to do" } } }
                tbody { @for (part, unknown) in open.iter().take(UNDECIDED) { tr {
                    td { (part.name()) }
                    td { (unknown.reason) }
                    td { (count(unknown.returns_reached)) " of " (count(unknown.returns_total)) " " (plural(unknown.returns_total, "return", "returns")) }
                    td.number { (unknown.width) }
                    td.number { (unknown.indeterminate) }
                    td { (unknown.advice) }
                } } }
            } }
            @if open.len() > UNDECIDED { p { (count(open.len() - UNDECIDED)) " more " (plural(open.len() - UNDECIDED, "part is", "parts are")) " not decided" } }
        }
    }
}

/// How many operations of each function completed in each phase; a cell in which nothing happened stands out.
pub(super) fn coverage(run: &Run<'_>) -> Markup {
    html! {
        h3 { "Coverage" }
        p { "Operations that completed ok, and in brackets those that failed or of which nobody knows. A phase in which nothing completed ok tests nothing." }
        div.wide { table {
            thead { tr { th { "function" } @for of in &run.phases { th.number { (phase(of)) } } } }
            tbody { @for (function, phases) in run.functions.iter().zip(&run.coverage) { tr {
                td { code { (function) } }
                @for &[ok, fail, info] in phases {
                    td class={ "number" @if ok == 0 { " zero" } } {
                        (count(ok)) @if fail + info > 0 { " (" (count(fail)) ", " (count(info)) ")" }
                    }
                }
            } } }
        } }
    }
}

fn phase(phase: &Phase<'_>) -> String {
    match (&*phase.when, &phase.fault) {
        ("all", _) => "the run".to_owned(),
        ("during", Some(fault)) => format!("during {}", words::fault(fault)),
        ("between", _) => "between faults".to_owned(),
        (when, _) => format!("{when} all faults"),
    }
}

/// What was checked, and how.
pub(super) fn checked(history: &History<'_>) -> Markup {
    let mut ways: BTreeMap<(&str, Verdict), (usize, usize)> = BTreeMap::new();
    for part in &history.parts {
        let (parts, operations) = ways.entry((&part.strategy, part.verdict)).or_default();
        *parts += 1;
        *operations += part.operations;
    }
    html! {
        @if !history.files.is_empty() {
            h3 { "What was read" }
            div.wide { table {
                thead { tr { th { "file" } th.number { "bytes" } th { "XXH3 of 128 bits" } } }
                tbody {
                    @for file in history.files.iter().take(ROWS) { tr {
                        td { (file.path) } td.number { (count(file.bytes)) } td { code { (file.xxh3.as_deref().unwrap_or("not all read")) } }
                    } }
                    @if history.files.len() > ROWS { tr { td colspan="3" { (count(history.files.len() - ROWS)) " more" } } }
                }
            } }
        }
        @if !ways.is_empty() {
            h3 { "What was checked, and how" }
            p { "An order was found for every part that is valid, and replayed by a verifier that shares no code with what found it. What shows that a part is invalid was checked again, too." }
            div.wide { table {
                thead { tr { th { "decided by" } th { "verdict" } th.number { "parts" } th.number { "operations" } } }
                tbody { @for ((strategy, verdict), (parts, operations)) in &ways { tr {
                    td { (strategy) } td { (verdict.word()) } td.number { (count(*parts)) } td.number { (count(*operations)) }
                } } }
            } }
        }
    }
}

/// What was taken for granted.
pub(super) fn assumptions(history: &History<'_>) -> Markup {
    html! {
        @if !history.options.is_empty() {
            h3 { "Assumptions" }
            div.wide { table {
                thead { tr { th { "choice" } th { "in force" } th { "from" } } }
                tbody { @for (name, choice) in &history.options { tr {
                    td { (name.replace('_', " ")) } td { code { (choice.value) } } td { (choice.from) }
                } } }
            } }
        }
    }
}
