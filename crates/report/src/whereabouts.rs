//! Where and when something was, and how late, in words: the only place where these become sentences.

use std::fmt::Write as _;

use crate::finding::{
    AnomalyReport, GuaranteeAnswer, InsteadReport, Justified, KeptReport, PossibleAnswer, ScopeReport,
    WindowReport,
};
use crate::frontier::ASIDE;
use crate::shown::Shown;
use crate::symptom::SplitReport;
use crate::words::{self, count, plural};

/// So many of a list are told.
const TOLD: usize = 3;

/// Where and when the instances of an anomaly were; `None` where nobody tells.
pub(crate) fn whereabouts(anomaly: &AnomalyReport) -> Option<String> {
    let scope = &anomaly.scope;
    // What is quoted in records is plain in sentences.
    let did = if anomaly.is_lost { "acknowledged by" } else { "answered by" };
    let facts = [nodes(scope, did), keys(scope), windows(scope)];
    let told: Vec<_> = facts.into_iter().flatten().collect();
    (!told.is_empty()).then(|| told.join("; "))
}

fn nodes(scope: &ScopeReport, did: &str) -> Option<String> {
    match scope.nodes.as_slice() {
        [] | [(None, _)] => None,
        [(Some(only), _)] => Some(format!("{}{did} {}", all(scope.of), plain(only))),
        several => {
            Some(listed(several, |node: &Shown| format!("{did} {}", plain(node)), "by nobody who is named"))
        }
    }
}

fn keys(scope: &ScopeReport) -> Option<String> {
    match scope.keys.as_slice() {
        [] | [_] => None,
        [(Some(most), times), ..] if *times > 1 => {
            Some(format!("on {} keys, most often {} ({times})", count(scope.keys.len()), most.text))
        }
        several => Some(format!("on {} keys", count(several.len()))),
    }
}

fn windows(scope: &ScopeReport) -> Option<String> {
    match scope.windows.as_slice() {
        [] => None,
        [(None, _)] if scope.of == 1 => Some("outside of all faults".to_owned()),
        [(None, _)] => Some("all outside of faults".to_owned()),
        [(Some(only), _)] => Some(format!("{}inside {}", all(scope.of), window(only))),
        several => {
            Some(listed(several, |of: &WindowReport| format!("inside {}", window(of)), "outside of faults"))
        }
    }
}

/// A name without the quotes of a text.
pub(crate) fn plain(name: &Shown) -> &str {
    name.text.trim_matches('"')
}

fn all(of: usize) -> String {
    if of == 1 { String::new() } else { format!("all {} ", count(of)) }
}

/// The most frequent ones with how often each is; `otherwise` is what nothing is called.
fn listed<T>(counts: &[(Option<T>, usize)], name: impl Fn(&T) -> String, otherwise: &str) -> String {
    let one = |(what, times): &(Option<T>, usize)| {
        format!("{} {}", count(*times), what.as_ref().map_or_else(|| otherwise.to_owned(), &name))
    };
    let mut told: Vec<String> = counts.iter().take(TOLD).map(one).collect();
    let rest: usize = counts.iter().skip(TOLD).map(|&(_, times)| times).sum();
    if rest > 0 {
        told.push(format!("{} elsewhere", count(rest)));
    }
    told.join(", ")
}

/// `partition n1 (3.0 s to 9.7 s)`.
pub(crate) fn window(window: &WindowReport) -> String {
    let mut told = words::fault(&window.name).to_owned();
    if !window.nodes.is_empty() {
        let _ = write!(told, " {}", window.nodes.join(", "));
    }
    match (window.from, window.to) {
        (Some(from), Some(to)) => _ = write!(told, " ({})", words::stretch(from, Some(to))),
        (Some(from), None) => _ = write!(told, " (from {} on)", words::stretch(from, None)),
        _ => {}
    }
    told
}

/// How late the answers were; `None` where times do not tell.
pub(crate) fn lateness(anomaly: &AnomalyReport) -> Option<String> {
    let (first, longest) = anomaly.lag.filter(|_| !anomaly.is_lost)?;
    let versions = match anomaly.versions {
        None | Some(0) => String::new(),
        Some(1) => " and at least 1 version".to_owned(),
        Some(more) => format!(" and at least {more} versions"),
    };
    let mut told = format!("it came {}{versions} after what it overlooked", long(first));
    if anomaly.count > 1 && longest > first {
        let _ = write!(told, "; the latest of all {}", long(longest));
    }
    let process = anomaly.operations.iter().find(|of| of.operation.id == anomaly.subject);
    if let Some(of) = process {
        let _ = write!(
            told,
            ". It would be right only if the clock of process {} were {} fast",
            of.operation.process.text,
            long(first)
        );
    }
    Some(told)
}

/// What could have been answered; `None` where nobody found out.
pub(crate) fn possible(instead: &InsteadReport) -> Option<String> {
    let answer = |answer: &PossibleAnswer| match answer.by {
        None => answer.value.clone(),
        Some(Justified { line, is_open: true }) => format!("{} (line {line}, under way)", answer.value),
        Some(Justified { line, .. }) => format!("{} (line {line})", answer.value),
    };
    let mut told: Vec<_> = instead.answers.iter().map(answer).collect();
    if instead.more > 0 {
        told.push(format!("{} more", count(instead.more)));
    }
    let operation = &instead.operation;
    let of = operation.by_whom();
    let aside = if instead.is_alone { ASIDE } else { "" };
    let among = if instead.are_all { "" } else { ", among others" };
    Some(match (told.as_slice(), &instead.summary) {
        ([], _) if instead.are_all => {
            format!("nothing that anybody put in fits in the place of {of} (line {})", operation.last_line())
        }
        ([], _) => return None,
        (_, Some(summary)) => {
            format!("instead of {of} some order of what came before{aside} allows{among}: {summary}")
        }
        _ => format!(
            "instead of {of} some order of what came before{aside} allows{among}: {}",
            told.join(", or ")
        ),
    })
}

/// `687 ms`.
pub(crate) fn long(nanoseconds: u64) -> String {
    match nanoseconds {
        0..1_000 => format!("{nanoseconds} ns"),
        1_000..1_000_000 => format!("{:.1} µs", nanoseconds as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} ms", nanoseconds as f64 / 1e6),
        _ => format!("{:.1} s", nanoseconds as f64 / 1e9),
    }
}

/// What a history still keeps to.
pub(crate) fn kept(kept: &KeptReport) -> String {
    let whole: Vec<&str> = kept.whole.iter().filter(|of| of.is_strongest).map(|of| of.name).collect();
    let mut told = match (kept.whole.is_empty(), whole.is_empty()) {
        (true, _) => "the whole is too large to look into".to_owned(),
        (false, true) => "of the whole nothing weaker is known to hold".to_owned(),
        (false, false) => whole.join(", "),
    };
    let is_of_whole =
        |name: &str| kept.whole.iter().any(|of| of.name == name && of.answer == GuaranteeAnswer::Holds);
    let each = |(name, [holds, broken, open]): &(&'static str, [usize; 3])| {
        let of = holds + broken + open;
        // What holds of the whole holds of each part.
        (*holds > 0 && !is_of_whole(name)).then(|| {
            if of == *holds {
                format!("{name} of each")
            } else {
                format!("{name} of {} of {}", count(*holds), count(of))
            }
        })
    };
    // What is implied by a stronger one holds as often, as a rule; the strongest ones say enough.
    let mut counts: Vec<usize> = Vec::new();
    let is_more = |(_, [holds, ..]): &&(&'static str, [usize; 3])| {
        let is_more = !counts.contains(holds);
        counts.push(*holds);
        is_more
    };
    let parts: Vec<String> = kept.parts.iter().filter(is_more).filter_map(each).take(2).collect();
    if !parts.is_empty() {
        let _ = write!(told, "; of the violated parts: {}", parts.join(", "));
    }
    if kept.versions > 0 {
        let versions = if kept.versions == 1 { "version" } else { "versions" };
        let _ = write!(told, "; the furthest answer is at least {} {versions} behind", kept.versions);
    }
    if let Some((delta, of)) = kept.delta {
        let parts = if of == 1 { "1 part".to_owned() } else { format!("{} parts", count(of)) };
        let _ =
            write!(told, "; {parts} would be linearizable if reads had been called {} earlier", long(delta));
    }
    told
}

/// `n1 | n2, n3`.
pub(crate) fn sides(split: &SplitReport) -> String {
    let side = |names: &[Shown]| {
        let told: Vec<_> = names.iter().take(2 * TOLD).map(plain).collect();
        let more = names.len().saturating_sub(2 * TOLD);
        format!("{}{}", told.join(", "), if more > 0 { format!(" and {more} more") } else { String::new() })
    };
    let of = if split.are_nodes { "" } else { "clients " };
    format!("{of}{} | {}", side(&split.sides[0]), side(&split.sides[1]))
}

/// What two sides did while they were apart, in sentences.
pub fn apart(split: &SplitReport) -> String {
    let [first, second] = [0, 1].map(|at| {
        let names: Vec<_> = split.sides[at].iter().take(2 * TOLD).map(plain).collect();
        let of = match (split.are_nodes, names.len()) {
            (true, _) => "",
            (false, 1) => "client ",
            (false, _) => "clients ",
        };
        format!("{of}{}", names.join(", "))
    });
    let [one, other] = split.acknowledged.map(count);
    let mut told = match split.rung {
        "grants" => {
            let [one_time, other_time] = split.acknowledged.map(|of| plural(of, "time", "times"));
            format!(
                "{first} granted {one} {one_time} and {second} {other} {other_time} while each other's holds lasted"
            )
        }
        "tokens" => {
            let times = plural(split.acknowledged[1], "time", "times");
            format!(
                "{second} granted {other} {times} a token no greater than one that {first} had granted before"
            )
        }
        "prefixes" => {
            format!("{first} and {second} answered logs of which neither is a beginning of the other")
        }
        "vanished" => format!(
            "of {one} that {first} acknowledged {} are lost, and what {second} acknowledged meanwhile ({other}) is there",
            split.lost.map_or_else(String::new, count)
        ),
        _ => format!(
            "{first} acknowledged {one} and {second} {other}; {} {} what {second} had acknowledged, \
             {} the other way round, on {} {}",
            count(split.missed[0]),
            plural(split.missed[0], &format!("answer of {first} lacks"), &format!("answers of {first} lack")),
            count(split.missed[1]),
            count(split.parts),
            if split.parts == 1 { "part" } else { "parts" }
        ),
    };
    match split.window {
        (Some(from), Some(to)) => _ = write!(told, "; from {from:.2} s to {to:.2} s"),
        (Some(from), None) => _ = write!(told, "; from {from:.2} s on"),
        _ => {}
    }
    if let Some(fault) = &split.fault {
        // A twentieth of a second more is still inside.
        let begins = fault.from.zip(split.window.0).is_none_or(|(fault, from)| fault <= from + 0.05);
        let ends = fault.to.zip(split.window.1).is_none_or(|(fault, to)| to <= fault + 0.05);
        let _ = write!(told, ", {} {}", if begins && ends { "inside" } else { "beside" }, window(fault));
    }
    if let Some(heal) = &split.heal {
        let at = heal.at.map_or_else(String::new, |at| format!(" at {at:.2} s"));
        let _ = write!(told, "; seen as one again{at} (line {})", heal.line);
    }
    if let Some(lost) = split.lost.filter(|_| split.rung != "vanished") {
        let _ = write!(told, "; nobody saw {} of the {one} writes of {first} after that", count(lost));
    }
    told
}

/// What a node did that told one and the same, in a sentence.
pub fn told_by_stuck(node: &Shown, (answers, of): (usize, usize), frozen: u64) -> String {
    let name = plain(node);
    let share = if answers == of {
        format!("all {}", count(of))
    } else {
        format!("{} of {}", count(answers), count(of))
    };
    format!(
        "{share} stale answers are by {name}, which told one and the same for {} after something newer was known elsewhere",
        long(frozen)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Shown {
        Shown { text: text.to_owned(), json: text.into() }
    }

    #[test]
    fn what_nobody_tells_is_not_told() {
        let mut scope = ScopeReport { of: 2, nodes: vec![(None, 2)], ..ScopeReport::default() };
        assert_eq!((nodes(&scope, "answered by"), windows(&scope)), (None, None));
        scope.nodes = vec![(Some(shown("n2")), 2)];
        assert_eq!(nodes(&scope, "answered by").as_deref(), Some("all 2 answered by n2"));
        scope.nodes = vec![(Some(shown("n2")), 1), (None, 1)];
        let told = nodes(&scope, "answered by");
        assert_eq!(told.as_deref(), Some("1 answered by n2, 1 by nobody who is named"));
    }

    #[test]
    fn windows_are_told_with_their_times() {
        let nodes = vec!["n1".to_owned(), "n2".to_owned()];
        let cut = WindowReport { name: "partition".to_owned(), nodes, from: Some(3.04), to: Some(9.66) };
        assert_eq!(window(&cut), "partition n1, n2 (3.0 s to 9.7 s)");
        let scope =
            ScopeReport { of: 3, windows: vec![(Some(cut.clone()), 2), (None, 1)], ..ScopeReport::default() };
        let told = windows(&scope);
        assert_eq!(told.as_deref(), Some("2 inside partition n1, n2 (3.0 s to 9.7 s), 1 outside of faults"));
        let open = WindowReport { nodes: Vec::new(), to: None, ..cut };
        assert_eq!(window(&open), "partition (from 3.0 s on)");
    }

    #[test]
    fn times_have_units() {
        let told = [999, 1_500, 687_000_000, 2_340_000_000].map(long);
        assert_eq!(told, ["999 ns", "1.5 µs", "687.0 ms", "2.3 s"]);
    }
}
