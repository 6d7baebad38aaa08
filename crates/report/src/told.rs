//! Numbers and places of symptoms in words: the only place where a template becomes a sentence.
//!
//! Every number has its unit. What was measured has at most three digits that count; what was counted has all of its own.

use crate::shown::Shown;
use crate::symptom::{NumberReport, UnitReport};
use crate::whereabouts::plain;
use crate::words::count;

/// So many names of a list are told.
const NAMED: usize = 4;

/// Units, and how templates write them out.
const WRITTEN_OUT: [(&str, &str); 3] = [("/s", " operations a second"), ("/s", " a second"), ("×", " times")];

/// A template with its places filled: `{gap}` with the number of that name, `{gap.usual}` with what that usually is, `{calls operation}`
/// with the number of that name and so many of that noun, and `{where}` with `place`. What has no number stays as it is. What
/// stands in brackets is left out where all its numbers are zero.
pub fn told(template: &str, numbers: &[NumberReport], place: &str) -> String {
    let mut told = String::new();
    let mut rest = template;
    while let Some((before, (clause, after))) =
        rest.split_once('[').and_then(|(before, rest)| Some((before, rest.split_once(']')?)))
    {
        told.push_str(&fill(before, numbers, place));
        let is_named = |number: &&NumberReport| {
            [" ", "}"].iter().any(|end| clause.contains(&format!("{{{}{end}", number.name)))
        };
        if numbers.iter().filter(is_named).any(|number| number.value != 0.0) {
            told.push_str(&fill(clause, numbers, place));
        }
        rest = after;
    }
    told.push_str(&fill(rest, numbers, place));
    told
}

fn fill(template: &str, numbers: &[NumberReport], place: &str) -> String {
    let mut told = String::new();
    let mut rest = template;
    while let Some((before, (name, after))) =
        rest.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        told.push_str(before);
        match filled(name, numbers, place) {
            // A unit that the template writes out is said once.
            Some(filled) => {
                let unit = WRITTEN_OUT.iter().find(|(_, words)| after.starts_with(words));
                let unit = unit.and_then(|(unit, _)| filled.strip_suffix(unit));
                told.push_str(unit.unwrap_or(&filled));
            }
            None => told.extend(["{", name, "}"]),
        }
        rest = after;
    }
    told.push_str(rest);
    told
}

fn filled(name: &str, numbers: &[NumberReport], place: &str) -> Option<String> {
    if name == "where" {
        return Some(place.to_owned());
    }
    let of = |name: &str| numbers.iter().find(|number| number.name == name);
    if let Some((name, noun)) = name.split_once(' ') {
        let of = of(name)?;
        let many = if of.value == 1.0 { "" } else { "s" };
        return Some(format!("{} {noun}{many}", number(of.value, of.unit)));
    }
    match name.strip_suffix(".usual") {
        Some(name) => {
            let of = of(name)?;
            Some(of.usual.map_or_else(|| "nobody knows how much".to_owned(), |usual| number(usual, of.unit)))
        }
        None => of(name).map(|of| number(of.value, of.unit)),
    }
}

/// A number with its unit, as people write it.
pub fn number(value: f64, unit: UnitReport) -> String {
    match unit {
        UnitReport::Seconds => seconds(value),
        UnitReport::Count => count(value.max(0.0).round() as usize),
        UnitReport::Rate => format!("{}/s", digits(value)),
        UnitReport::Share => format!("{} %", digits(value * 100.0)),
        UnitReport::Factor => format!("{}×", digits(value)),
    }
}

/// A length of time, in milliseconds where it is less than a second, and in days where it is more than two.
pub fn seconds(value: f64) -> String {
    const DAY: f64 = 86_400.0;
    if value.abs() > 2.0 * DAY {
        return format!("{} days", digits(value / DAY));
    }
    // What would be written as 1000 ms is a second.
    if value.abs() < 0.9995 { format!("{} ms", digits(value * 1e3)) } else { format!("{} s", digits(value)) }
}

/// At most three digits that count.
pub fn digits(value: f64) -> String {
    if !value.is_finite() {
        return if value > 0.0 {
            "more than can be counted".to_owned()
        } else {
            "nobody knows how much".to_owned()
        };
    }
    let rounded = |places: usize| format!("{value:.places$}");
    let text = match value.abs() {
        99.95.. => {
            let unit = 10f64.powi((value.abs().log10().floor() as i32 - 2).max(0));
            return grouped((value / unit).round() * unit);
        }
        9.995.. => rounded(1),
        0.9995.. => rounded(2),
        0.001.. => rounded(3),
        0.0 => return "0".to_owned(),
        _ => return format!("{value:.1e}"),
    };
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn grouped(value: f64) -> String {
    format!("{}{}", if value < 0.0 { "-" } else { "" }, count(value.abs() as usize))
}

/// Where something was seen: `at n2`, `of clients 3, 5 and 6`, `on key 7 for read`, `of the whole system`.
pub fn place(nodes: &[Shown], processes: &[Shown], keys: &[Shown], functions: &[String]) -> String {
    let functions: Vec<_> = functions.iter().map(String::as_str).collect();
    let many = |names: &[Shown], one: &str, many: &str| {
        let names: Vec<_> = names.iter().map(plain).collect();
        (!names.is_empty())
            .then(|| format!("{} {}", if names.len() == 1 { one } else { many }, listed(&names)))
    };
    let clients = if nodes.is_empty() { ["of client", "of clients"] } else { ["for client", "for clients"] };
    let parts =
        [many(nodes, "at", "at"), many(processes, clients[0], clients[1]), many(keys, "on key", "on keys")];
    let asking = (!functions.is_empty()).then(|| format!("for {}", listed(&functions)));
    let all: Vec<_> = parts.into_iter().flatten().chain(asking).collect();
    if all.is_empty() { "of the whole system".to_owned() } else { all.join(" ") }
}

/// `a`, `a and b`, `a, b and c`, `a, b, c and 7 others`.
pub fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [some @ .., last] if names.len() <= NAMED => format!("{} and {last}", some.join(", ")),
        _ => {
            let (some, others) = names.split_at(NAMED - 1);
            format!("{} and {} others", some.join(", "), count(others.len()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_a_unit_and_no_more_than_three_digits() {
        for (value, unit, expected) in [
            (0.0, UnitReport::Seconds, "0 ms"),
            (0.000_012_34, UnitReport::Seconds, "0.012 ms"),
            (0.012_345, UnitReport::Seconds, "12.3 ms"),
            (0.999_4, UnitReport::Seconds, "999 ms"),
            (0.999_6, UnitReport::Seconds, "1 s"),
            (1.0, UnitReport::Seconds, "1 s"),
            (12.345, UnitReport::Seconds, "12.3 s"),
            (1234.5, UnitReport::Seconds, "1,230 s"),
            (-0.25, UnitReport::Seconds, "-250 ms"),
            (158_112_000.0, UnitReport::Seconds, "1,830 days"),
            (12_345.0, UnitReport::Count, "12,345"),
            (87.65, UnitReport::Rate, "87.7/s"),
            (0.976, UnitReport::Share, "97.6 %"),
            (0.000_5, UnitReport::Share, "0.05 %"),
            (1.0, UnitReport::Share, "100 %"),
            (4.0, UnitReport::Factor, "4×"),
            (9.999, UnitReport::Factor, "10×"),
            (0.000_01, UnitReport::Factor, "1.0e-5×"),
        ] {
            assert_eq!(number(value, unit), expected, "{value}");
        }
    }

    #[test]
    fn templates_are_filled_by_name() {
        let gap = NumberReport { name: "gap", value: 4.3, unit: UnitReport::Seconds, usual: Some(0.02) };
        let ends = NumberReport { name: "ends", value: 7.0, unit: UnitReport::Count, usual: None };
        let template =
            "nothing {where} was done for {gap} (usually {gap.usual}); {ends} ended, {ends.usual}; {no} {";
        assert_eq!(
            told(template, &[gap, ends], "at n1"),
            "nothing at n1 was done for 4.3 s (usually 20 ms); 7 ended, nobody knows how much; {no} {"
        );
    }

    #[test]
    fn what_counts_nothing_is_left_out() {
        let of = |name, value| NumberReport { name, value, unit: UnitReport::Count, usual: None };
        let template = "Odd[; early: {early}][; back: {back}, at {where}].";
        assert_eq!(told(template, &[of("early", 2.0), of("back", 0.0)], "n1"), "Odd; early: 2.");
        assert_eq!(told(template, &[of("early", 0.0), of("back", 3.0)], "n1"), "Odd; back: 3, at n1.");
    }

    #[test]
    fn one_is_not_many() {
        let of = |value| [NumberReport { name: "ends", value, unit: UnitReport::Count, usual: None }];
        for (value, expected) in [(0.0, "0 late ends."), (1.0, "1 late end."), (1_200.0, "1,200 late ends.")]
        {
            assert_eq!(told("{ends late end}.", &of(value), ""), expected);
        }
        assert_eq!(told("Odd[: {ends end}].", &of(1.0), ""), "Odd: 1 end.");
        assert_eq!(told("Odd[: {ends end}].", &of(0.0), ""), "Odd.");
    }

    #[test]
    fn a_unit_is_said_once() {
        let of = |name, value, unit, usual| NumberReport { name, value, unit, usual };
        let numbers = [
            of("ok", 512.3, UnitReport::Rate, Some(800.0)),
            of("factor", 3.21, UnitReport::Factor, None),
            of("ratio", 9.76, UnitReport::Factor, None),
        ];
        let template =
            "{ok} operations a second, usually {ok.usual}; {factor} times as many, {ratio} what others took";
        assert_eq!(
            told(template, &numbers, ""),
            "512 operations a second, usually 800/s; 3.21 times as many, 9.76× what others took"
        );
    }

    #[test]
    fn places_name_few_and_count_the_others() {
        let of = |names: &[&str]| -> Vec<Shown> {
            names.iter().map(|name| Shown { text: format!("\"{name}\""), json: (*name).into() }).collect()
        };
        let read = ["read".to_owned()];
        assert_eq!(place(&[], &[], &[], &[]), "of the whole system");
        assert_eq!(place(&of(&["n2"]), &[], &[], &[]), "at n2");
        assert_eq!(place(&of(&["n1", "n2"]), &of(&["7"]), &[], &[]), "at n1 and n2 for client 7");
        assert_eq!(
            place(&[], &of(&["1", "2", "3", "4", "5"]), &[], &read),
            "of clients 1, 2, 3 and 2 others for read"
        );
        assert_eq!(place(&[], &[], &[], &read), "for read");
        assert_eq!(place(&[], &[], &of(&["x"]), &[]), "on key x");
        assert_eq!(place(&of(&["n1"]), &[], &of(&["x", "y"]), &read), "at n1 on keys x and y for read");
    }
}
