//! A finding: its story, when its operations were, what could have been answered, where all instances are, and the log.

use maud::{Markup, html};
use seriatim_anomaly::catalog::with_code;

use super::{Detail, lanes, tables};
use crate::document::{Anomaly, Frontier, History, Placements, Possible, Role, shown};
use crate::words::{count, plural, shortened};

/// So many characters of what an operation did are shown.
const READABLE: usize = 1_000;

/// So many parts without a name are told one by one.
const UNNAMED: usize = 100;

pub(super) fn anomaly(
    number: usize,
    id: &str,
    anomaly: &Anomaly<'_>,
    history: &History<'_>,
    detail: Detail,
) -> Markup {
    let name = anomaly.name.replace('-', " ");
    html! {
        article.card id=(id) tabindex="0" {
            h3 {
                span.chip.invalid { (anomaly.code) } " " (name)
                @if let Some(key) = &anomaly.key { " of key " code { (shown(key)) } }
                @if anomaly.count > 1 { span.count { " × " (count(anomaly.count)) } }
            }
            p { (shortened(&anomaly.message, READABLE)) }
            (story(&anomaly.operations))
            @if let Some(row) = with_code(&anomaly.code) {
                p { strong { "Why this cannot be: " } (row.definition) " It breaks " (row.rules_out) "." }
            }
            @if detail < Detail::Words { (lanes::lanes(anomaly, history, detail < Detail::Findings)) }
            @if let Some(frontier) = &anomaly.frontier {
                (stop(frontier))
                @if detail < Detail::Findings && let Some(placements) = &anomaly.placements { (stands(placements, anomaly, frontier.others_left_aside)) }
            }
            @if let Some(possible) = &anomaly.possible { (instead(possible)) }
            @if let Some(lag) = anomaly.lag {
                p { strong { "Late by " } (lag.first_ms) " ms here, and by " (lag.longest_ms)
                    " ms at most: so fast a clock would have to be for this to be in order." }
            }
            @if let Some(versions) = anomaly.versions_behind { p { strong { "Versions behind: " } (versions) } }
            p { strong { "Smallest: " } (count(anomaly.minimal.operations)) " " (plural(anomaly.minimal.operations, "operation", "operations")) " of " (count(history.operations.total)) " "
                (plural(anomaly.minimal.operations, "shows it by itself.", "show it by themselves.")) }
            @if detail < Detail::Findings { (tables::scope(&anomaly.scope)) (log(&anomaly.operations)) }
            p.help { "More: " code { "seriatim explain " (anomaly.code) } ", and "
                code { "seriatim reduce " (history.path) " --finding " (number) " -o smallest.jsonl" } }
        }
    }
}

/// Operations in the order of their calls, a sentence each. The script tells these of what is drawn.
pub(super) fn story(operations: &[Role<'_>]) -> Markup {
    let mut order: Vec<_> = operations.iter().collect();
    order.sort_by_key(|of| of.id);
    html! {
        ol.story {
            @for of in order {
                li data-op=(of.id) {
                    "Process " code { (shown(&of.process)) }
                    @if let Some(node) = &of.node { " at " code { (shown(node)) } }
                    ": " code { (shortened(&of.shown, READABLE)) } ", " (told(of))
                    @if let Some(answer) = &of.answered { "; answered " code { (answer) } }
                    ", "
                    span.chip {
                        @if of.call_line == of.line { "line " (of.line) } @else { "lines " (of.call_line) " and " (of.line) }
                    } ", "
                    span.role { (of.role) }
                }
            }
        }
    }
}

fn told(of: &Role<'_>) -> String {
    let when = match (of.call_s, of.end_s) {
        (Some(call), Some(end)) => format!(", from {call:.6} s to {end:.6} s"),
        (Some(call), None) => format!(", called at {call:.6} s"),
        (None, _) => String::new(),
    };
    match &*of.outcome {
        "fail" => format!("which failed{when}"),
        "info" => format!("of which nobody knows what became{when}"),
        _ => format!("which completed{when}"),
    }
}

/// Where it stops: one order that leads there, step by step, and all that may be the case then.
fn stop(frontier: &Frontier<'_>) -> Markup {
    let aside = if frontier.others_left_aside { " (other observers left aside)" } else { "" };
    html! {
        p { strong { "Where it stops: " } code { (shortened(&frontier.shown, READABLE)) } " at line " (frontier.line)
            @if let Some(needs) = &frontier.needs { " needs " code { (shortened(needs, READABLE)) } } (aside) "." }
        @if !frontier.steps.is_empty() {
            p.help { "One order of what had returned by then, its last steps, with the state after each; the arrow keys step through it:" }
            ol.steps aria-label="An order, step by step" {
                @for (number, step) in (1..).zip(&frontier.steps) { li { span.role { (number) } " " code { (shortened(&step.shown, 80)) } " → " code { (shortened(&step.state, 80)) } " " span.role { "line " (step.line) } } }
                li.stuck { "✗ " code { (shortened(&frontier.shown, 80)) } " is impossible here" }
            }
        }
        @if let Some(why) = &frontier.not_determined { p { "What may be the case there is not determined: " (why) } }
        @else {
            ul {
                @for of in &frontier.standings {
                    li { "state " code { (shortened(&of.state, READABLE)) }
                        @if of.configurations > 1 { " in " (count(of.configurations)) " configurations" }
                        @for (at, taken) in of.taken.iter().enumerate() { (if at == 0 { ", after " } else { ", " }) code { (shortened(&taken.shown, 80)) } " (line " (taken.line) ")" }
                        @for left in &of.left {
                            "; open " code { (shortened(&left.shown, 80)) } " (line " (left.line) ") "
                            @if left.leads_to.is_empty() { "is impossible" } @else { "leads to " code { (shortened(&left.leads_to.join(", "), 80)) } }
                        }
                        ": there it cannot happen."
                    }
                }
                @if let Some(more @ 1..) = frontier.states.and_then(|states| states.checked_sub(frontier.standings.len())) { li { "and " (count(more)) " more " (plural(more, "state", "states")) } }
            }
        }
    }
}

/// Where each operation could stand in that order. The script tells it of what is drawn, too.
fn stands(placements: &Placements<'_>, anomaly: &Anomaly<'_>, are_left_aside: bool) -> Markup {
    let role = |id: u32| anomaly.operations.iter().chain(&anomaly.around).find(|of| of.id == id);
    html! {
        details.places {
            summary { "Where each operation could stand in this order" }
            p.help { "It is taken out of the order, and tried between the steps, by their numbers. “Allowed”: it may stand there in real time, it can happen there, and so can all steps after it. This is about this order; another one may allow more."
                @if placements.earlier_steps > 0 { " " (count(placements.earlier_steps)) " " (plural(placements.earlier_steps, "step comes", "steps come")) " before 1; nothing is tried there." }
            }
            ul {
                @for of in &placements.operations {
                    @if let Some(role) = role(of.id) {
                        li data-place=(of.id) {
                            code { (shortened(&role.shown, 80)) } " " span.role { "line " (role.line) } ": "
                            span.stands {
                                @match (&*of.stands, of.step) {
                                    (_, Some(step)) => { "it is step " (step) },
                                    ("before", _) => { "it stands before 1" },
                                    ("end", _) => { "this order ends with it, since it is impossible there" },
                                    _ if are_left_aside => { "it is not in this order" },
                                    _ => { "it is not in this order, since it had not returned by then" },
                                }
                            }
                            ul { @for span in &of.spans { li { (span.message) } } }
                        }
                    }
                }
            }
            @if placements.more > 0 { p { (count(placements.more)) " more " (plural(placements.more, "was", "were")) " not tried." } }
        }
    }
}

fn instead(possible: &Possible<'_>) -> Markup {
    html! {
        p { strong { "Could have been answered " } "at line " (possible.line) " instead of " code { (shortened(&possible.shown, READABLE)) } ":" }
        ul {
            @for of in &possible.answers {
                li { code { (shortened(&of.value, READABLE)) }
                    @match of.line {
                        Some(line) if of.under_way => { ", of line " (line) ", which was still under way" },
                        Some(line) => { ", of line " (line) },
                        None => ", which was there from the start",
                    }
                }
            }
            @if possible.answers.is_empty() { li { "nothing" } }
            @if possible.more > 0 { li { (count(possible.more)) " more" } }
            @if let Some(summary) = &possible.summary { li { "in all: " (shortened(summary, READABLE)) } }
            @if !possible.are_all { li { "and maybe others" } }
        }
    }
}

/// The log as it was recorded.
fn log(operations: &[Role<'_>]) -> Markup {
    let mut lines: Vec<(usize, &str)> = operations
        .iter()
        .flat_map(|of| [(of.call_line, of.call_text.as_deref()), (of.line, of.end_text.as_deref())])
        .filter_map(|(line, text)| Some((line, text?)))
        .collect();
    lines.sort_unstable();
    lines.dedup();
    html! {
        @if !lines.is_empty() {
            details open {
                summary { "As it was recorded" }
                button.copy type="button" hidden { "Copy" }
                pre { @for (line, text) in &lines { span.line { (line) } (text) "\n" } }
            }
        }
    }
}

/// Violations without a name.
pub(super) fn unnamed(history: &History<'_>) -> Markup {
    let all = history.parts.iter().filter_map(|part| Some((part, part.refutation.as_ref()?)));
    let unnamed: Vec<_> = all.filter(|(_, refutation)| !refutation.is_named).collect();
    html! {
        @for (part, refutation) in unnamed.iter().take(UNNAMED) {
            article.card tabindex="0" {
                h3 { "No order of " (part.name()) }
                p { "Line " (refutation.operation.line) ": " code { (shortened(&refutation.operation.shown, READABLE)) }
                    " has no place in any order of the " (count(refutation.prefix_operations)) " " (plural(refutation.prefix_operations, "operation that was", "operations that were")) " called by then." }
                @if let Some(evidence) = &refutation.evidence {
                    p { (evidence.message) ":" }
                    ul { @for of in &evidence.operations { li { "line " (of.line) ": " code { (shortened(&of.shown, READABLE)) } } } }
                }
            }
        }
        @if unnamed.len() > UNNAMED { p { (count(unnamed.len() - UNNAMED)) " more " (plural(unnamed.len() - UNNAMED, "part has", "parts have")) " no order, either." } }
    }
}
