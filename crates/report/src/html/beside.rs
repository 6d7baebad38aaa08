//! What stands beside the verdict: symptoms with the numbers that show them, what came after what, and what nobody can see.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::{Detail, card, tables};
use crate::beside;
use crate::document::{History, Link, Symptom, shown};
use crate::words::{self, count, plural};

/// So many chains are drawn.
const CHAINS: usize = 20;

/// Where the findings of a code begin on the page, for what links to them.
pub(super) fn anchor(at: usize, code: &str) -> String {
    format!("h{at}-{code}")
}

/// The symptoms in the order of their cards, those for which the run fails first, each with where its card is. The first of
/// a code is where the code begins.
fn anchored<'a>(at: usize, history: &'a History<'a>) -> Vec<(&'a Symptom<'a>, String)> {
    let mut all: Vec<_> = history.symptoms.iter().collect();
    all.sort_by_key(|of| !of.is_failing());
    let mut told: BTreeMap<&str, usize> = BTreeMap::new();
    let anchored = all.into_iter().map(|of| {
        let number = told.entry(&of.code).or_default();
        *number += 1;
        let first = anchor(at, &of.code);
        (of, if *number == 1 { first } else { format!("{first}-{number}") })
    });
    anchored.collect()
}

/// The card that a link of a chain is about. A link says of which of several symptoms of its code it is by when and where that
/// was; its beginning may be put off to that of the one before it.
fn card_of(
    link: &Link<'_>,
    symptoms: &[(&Symptom<'_>, String)],
    at: usize,
    history: &History<'_>,
) -> Option<String> {
    let apart = |of: &Symptom<'_>| {
        let [from, to] = [(Some(link.from_s), of.from_s), (link.to_s, of.to_s)]
            .map(|(one, other)| one.zip(other).map_or(0.0, |(one, other)| (one - other).abs()));
        from + to
    };
    let is_elsewhere =
        |of: &Symptom<'_>| of.scope.as_ref().is_some_and(|scope| !link.label.ends_with(&*scope.shown));
    let symptoms = symptoms.iter().filter(|(of, _)| of.code == link.code);
    let nearest = symptoms.min_by(|(one, _), (other, _)| {
        apart(one).total_cmp(&apart(other)).then(is_elsewhere(one).cmp(&is_elsewhere(other)))
    });
    let is_proved = || history.anomalies.iter().any(|of| of.code == link.code);
    nearest.map(|(_, card)| card.clone()).or_else(|| is_proved().then(|| anchor(at, &link.code)))
}

/// Whether nobody could have noticed, above all findings.
pub(super) fn headline(history: &History<'_>) -> Markup {
    html! {
        @if let Some(headline) = &history.headline { p.headline { strong { "! " } (capital(headline)) "." } }
    }
}

fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or(String::new(), |first| first.to_uppercase().chain(rest).collect())
}

/// The symptoms of a history: those for which the run fails come first.
pub(super) fn symptoms(at: usize, history: &History<'_>, detail: Detail) -> Markup {
    let all = anchored(at, history);
    html! {
        @if !all.is_empty() {
            h3 { "Symptoms" }
            p.help { "Patterns of the run, beside its verdict. Each is what clients saw, compared with what they usually saw; what else leaves the same trace stands with it." }
        }
        @for (symptom, id) in &all { (self::symptom(symptom, id, detail)) }
    }
}

fn symptom(symptom: &Symptom<'_>, id: &str, detail: Detail) -> Markup {
    let is_failing = symptom.is_failing();
    html! {
        article.card.beside[!is_failing] id=(id) tabindex="0" {
            h3 {
                span.chip.invalid[is_failing] { (symptom.code) } " " (beside::name(&symptom.name)) " (" (symptom.confidence) ")"
                " " span.role { @if is_failing { "error: the run fails for it" } @else { (if symptom.severity == "error" { "note: let pass" } else { "note" }) } }
            }
            p { (symptom.message) }
            (card::story(&symptom.operations))
            @if let Some(split) = &symptom.split {
                div.wide { table {
                    thead { tr { th { "side" } th { (split.sides_are) } th.number { "acknowledged" } th.number { "answers that missed the other side" } } }
                    tbody { @for at in 0..2 { tr {
                        td { (at + 1) }
                        td { @for (place, name) in split.sides[at].iter().enumerate() { @if place > 0 { ", " } code { (shown(name)) } } }
                        td.number { (count(split.acknowledged[at])) }
                        td.number { (count(split.missed[at])) }
                    } } }
                } }
                @if let Some(fault) = &split.fault { p { "Meanwhile: " (tables::fault(fault)) } }
                @if let Some(line) = split.heal_line { p { "One again at line " (line) "." } }
                @if let Some(lost) = split.lost { p { strong { (count(lost)) } " of what the first side acknowledged is lost." } }
            }
            @if detail < Detail::Words { (numbers(symptom)) }
            (facts(symptom, detail))
            @if !symptom.confounders.is_empty() {
                p.could { strong { "Could also be:" } }
                ul.could { @for of in &symptom.confounders { li { (of) } } }
            }
            p.help { "More: " code { "seriatim explain " (symptom.code) } }
        }
    }
}

/// The numbers, beside what they usually are.
fn numbers(symptom: &Symptom<'_>) -> Markup {
    let has_usual = symptom.numbers.iter().any(|of| of.usual_shown.is_some());
    html! {
        @if !symptom.numbers.is_empty() {
            div.wide { table {
                thead { tr { th { "number" } th.number { "seen" } @if has_usual { th.number { "usually" } } } }
                tbody { @for of in &symptom.numbers { tr {
                    td { (of.name) }
                    td.number { (of.shown) }
                    @if has_usual { td.number { (of.usual_shown.as_deref().unwrap_or("–")) } }
                } } }
            } }
        }
    }
}

/// When and where it was, and what stands behind it.
fn facts(symptom: &Symptom<'_>, detail: Detail) -> Markup {
    let place = symptom.scope.as_ref().map(|scope| scope.shown.to_string());
    let told = [
        ("When", beside::when(symptom).filter(|_| symptom.split.is_none())),
        ("Where", place),
        (
            "Fault",
            beside::fault(symptom).filter(|_| symptom.split.as_ref().is_none_or(|of| of.fault.is_none())),
        ),
        ("Numbers", beside::numbers(symptom).filter(|_| detail == Detail::Words)),
        ("Size of the effect", beside::effect(symptom)),
        ("Sample", beside::sample(symptom)),
        ("Test", beside::test(symptom)),
    ];
    let told: Vec<_> = told.into_iter().filter_map(|(name, told)| Some((name, told?))).collect();
    html! {
        @if !told.is_empty() {
            dl { @for (name, told) in &told { div { dt { (name) } dd { (told) } } } }
        }
    }
}

/// What came after what.
pub(super) fn chains(at: usize, history: &History<'_>) -> Markup {
    let symptoms = anchored(at, history);
    let words = |link: &Link<'_>| {
        html! {
            strong { (if link.fault { words::fault(&link.code) } else { &link.code }) } @if !link.label.is_empty() { " " (link.label) }
            " " span.role { (beside::between(link.from_s, link.to_s)) }
        }
    };
    html! {
        @if !history.chains.is_empty() {
            h3 { "What came after what" }
            p.help { "This is " (beside::ORDER_ONLY) "." }
            @for chain in history.chains.iter().take(CHAINS) {
                ol.chain aria-label="A chain, the first first" {
                    @for link in &chain.links {
                        li.fault[link.fault] {
                            @if let Some(card) = card_of(link, &symptoms, at, history) { a href={ "#" (card) } { (words(link)) } } @else { (words(link)) }
                        }
                    }
                }
            }
            @if let Some(more @ 1..) = history.chains.len().checked_sub(CHAINS) { p { (count(more)) " more " (plural(more, "chain", "chains")) } }
        }
    }
}

/// What the history cannot show.
pub(super) fn not_visible(history: &History<'_>) -> Markup {
    html! {
        @if !history.not_visible.is_empty() {
            h3 { "What this history cannot show" }
            ul { @for of in &history.not_visible { li { (of) } } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{HistoryReport, Verdict};
    use crate::symptom::SymptomReport;

    #[test]
    fn a_link_leads_to_the_card_of_its_own_symptom() {
        let mut report = HistoryReport::new("h", Verdict::Valid);
        let gap =
            |from, to| SymptomReport { code: "SYM01", window: Some((from, to)), ..SymptomReport::default() };
        report.symptoms.extend([gap(1.0, 2.0), gap(3.0, 4.0)]);
        let history = History::new(&report);
        let symptoms = anchored(0, &history);
        let leads = |code: &'static str, from_s, to_s| {
            let link = Link { code: code.into(), label: "".into(), fault: false, from_s, to_s: Some(to_s) };
            card_of(&link, &symptoms, 0, &history)
        };
        assert_eq!(leads("SYM01", 1.0, 2.0).as_deref(), Some("h0-SYM01"));
        // It began after what came before it.
        assert_eq!(leads("SYM01", 3.5, 4.0).as_deref(), Some("h0-SYM01-2"));
        assert_eq!(leads("LIN001", 3.5, 4.0), None);
    }
}
