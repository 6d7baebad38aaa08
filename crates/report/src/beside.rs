//! What is said of symptoms beside their message: the only place where it becomes sentences. None of them is a verdict.

use crate::document::{Chain, Link, Symptom};
use crate::symptom::{GreenReport, UnitReport};
use crate::told::{digits, listed, number};
use crate::words::{self, count, plural, stretch};

/// What is said wherever things are told in the order of their beginnings.
pub const ORDER_ONLY: &str = "the order in time, not a proof that one caused the next";

/// Wrong answers that nobody could have noticed, in a sentence.
pub(crate) fn green(green: &GreenReport) -> String {
    format!(
        "wrong while green: {} of {} proved wrong {} came while error ratio and latency were as usual (errors {}, usually {}; \
         p99 {}, usually {})",
        count(green.wrong),
        count(green.of),
        plural(green.of, "answer", "answers"),
        number(green.errors.0, UnitReport::Share),
        number(green.errors.1, UnitReport::Share),
        number(green.p99.0, UnitReport::Seconds),
        number(green.p99.1, UnitReport::Seconds),
    )
}

/// A name without the hyphens that stand for blanks; those that are its own stay.
pub(crate) fn name(hyphened: &str) -> String {
    hyphened.replace('-', " ").replace("fail slow", "fail-slow").replace("brown out", "brown-out")
}

/// `fail-slow node`, or `consistent with a fail-slow node`.
pub(crate) fn called(symptom: &Symptom<'_>) -> String {
    let name = name(&symptom.name);
    if symptom.confidence == "consistent with" {
        let article = if name.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        format!("consistent with {article} {name}")
    } else {
        name
    }
}

/// `6.300 s to 12.000 s`; nothing where no times tell it.
pub(crate) fn when(symptom: &Symptom<'_>) -> Option<String> {
    Some(between(symptom.from_s?, symptom.to_s))
}

/// The fault that it goes with: `after partition of n1, 3.000 s to 9.700 s`.
pub(crate) fn fault(symptom: &Symptom<'_>) -> Option<String> {
    let fault = symptom.fault.as_ref()?;
    let nodes: Vec<&str> = fault.nodes.iter().map(|node| &**node).collect();
    let nodes = if nodes.is_empty() { String::new() } else { format!(" of {}", listed(&nodes)) };
    let when = fault.from_s.map_or(String::new(), |from| format!(", {}", between(from, fault.to_s)));
    Some(format!(
        "{} {}{nodes}{when}",
        symptom.phase.as_deref().unwrap_or("during"),
        words::fault(&fault.name)
    ))
}

/// `6.3 s to 12.0 s`.
pub(crate) fn between(from: f64, to: Option<f64>) -> String {
    let told = stretch(from, to);
    if to.is_some() { told } else { format!("{told} on") }
}

/// `gap 4.3 s (usually 20 ms), tried 312`; nothing where there is no number.
pub(crate) fn numbers(symptom: &Symptom<'_>) -> Option<String> {
    let of = symptom.numbers.iter().map(|of| {
        let usual = of.usual_shown.as_ref().map_or(String::new(), |usual| format!(" (usually {usual})"));
        format!("{} {}{usual}", of.name, of.shown)
    });
    Some(of.collect::<Vec<_>>().join(", ")).filter(|told| !told.is_empty())
}

/// `Cliff's delta: 0.82; seen in 412 operations, compared with 3,120; q = 1.2e-5 (Mann-Whitney, p = 3.0e-6)`.
pub(crate) fn measured(symptom: &Symptom<'_>) -> Option<String> {
    let told: Vec<_> = [effect(symptom), sample(symptom), test(symptom)].into_iter().flatten().collect();
    (!told.is_empty()).then(|| told.join("; "))
}

/// How large the difference is.
pub(crate) fn effect(symptom: &Symptom<'_>) -> Option<String> {
    symptom.effect.as_ref().map(|effect| format!("{}: {}", effect.measure, digits(effect.value)))
}

/// How many operations stand behind it.
pub(crate) fn sample(symptom: &Symptom<'_>) -> Option<String> {
    let sample = symptom.sample?;
    let of = |number: u64| count(usize::try_from(number).unwrap_or(usize::MAX));
    let noun = if sample.seen == 1 { "operation" } else { "operations" };
    let compared = match sample.compared_with {
        0 => String::new(),
        others => format!(", compared with {}", of(others)),
    };
    Some(format!("seen in {} {noun}{compared}", of(sample.seen)))
}

/// How likely it is by chance.
pub(crate) fn test(symptom: &Symptom<'_>) -> Option<String> {
    let test = symptom.test.as_ref()?;
    // What is nearer to nothing than numbers can tell is still something.
    let told = |value: f64| if value > 0.0 { format!("= {}", digits(value)) } else { "< 1e-300".to_owned() };
    Some(format!("q {} ({}, p {})", told(test.q), test.name, told(test.p)))
}

/// What else leaves the same trace, in one line.
pub(crate) fn confounders(symptom: &Symptom<'_>) -> Option<String> {
    let told: Vec<&str> = symptom.confounders.iter().map(|of| &**of).collect();
    // What are sentences stay sentences.
    let between = if told.iter().all(|of| of.ends_with('.')) { " " } else { "; " };
    (!told.is_empty()).then(|| told.join(between))
}

/// Everything beside the message, each with what it is called.
pub(crate) fn facts(symptom: &Symptom<'_>) -> Vec<(&'static str, String)> {
    let scope = symptom.scope.as_ref().map(|scope| scope.shown.to_string());
    let all = [
        ("window", when(symptom)),
        ("where", scope),
        ("fault", fault(symptom)),
        ("numbers", numbers(symptom)),
        ("measured", measured(symptom)),
        ("could also be", confounders(symptom)),
    ];
    all.into_iter().filter_map(|(name, told)| Some((name, told?))).collect()
}

/// The message of a symptom, with when it was and what else leaves the same trace, for whoever has one line.
pub(crate) fn in_one(symptom: &Symptom<'_>) -> String {
    let mut told = symptom.message.trim_end_matches('.').to_owned();
    if let Some(when) = when(symptom).filter(|_| symptom.split.is_none()) {
        told.push_str(&format!(" ({when}"));
        if let Some(fault) = fault(symptom) {
            told.push_str(&format!(", {fault}"));
        }
        told.push(')');
    }
    if let Some(others) = confounders(symptom) {
        told.push_str(&format!("; could also be: {others}"));
    }
    // What is told as it always was keeps its full stop.
    if told.len() + 1 == symptom.message.len() { symptom.message.to_string() } else { told }
}

/// `partition n1 (6.3 s to 12.0 s) → SYM08 split brain (7.1 s) → LIN001 stale read (7.4 s)`.
pub(crate) fn chain(chain: &Chain<'_>, arrow: &str) -> String {
    chain.links.iter().map(link).collect::<Vec<_>>().join(arrow)
}

/// A link, with when it was.
pub(crate) fn link(link: &Link<'_>) -> String {
    let label = if link.label.is_empty() { String::new() } else { format!(" {}", link.label) };
    format!(
        "{}{label} ({})",
        if link.fault { words::fault(&link.code) } else { &link.code },
        between(link.from_s, link.to_s)
    )
}

/// Which symptoms there are, each kind once: `SYM01 availability gap × 2, SYM06 fail-slow node`.
pub(crate) fn kinds<'a>(symptoms: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut kinds: Vec<(&str, &str, usize)> = Vec::new();
    for (code, name) in symptoms {
        match kinds.iter_mut().find(|(known, ..)| *known == code) {
            Some((.., times)) => *times += 1,
            None => kinds.push((code, name, 1)),
        }
    }
    let told = kinds.into_iter().map(|(code, of, times)| {
        let times = if times > 1 { format!(" × {}", count(times)) } else { String::new() };
        format!("{code} {}{times}", name(of))
    });
    told.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::History;
    use crate::finding::WindowReport;
    use crate::report::{HistoryReport, Verdict};
    use crate::shown::Shown;
    use crate::symptom::{ChainReport, LinkReport, NumberReport, SymptomReport, TestReport};

    fn slow() -> SymptomReport {
        let fault = WindowReport {
            name: "slow-disk".to_owned(),
            nodes: vec!["n2".to_owned()],
            from: Some(6.0),
            to: Some(12.0),
        };
        SymptomReport {
            code: "SYM06",
            name: "fail-slow node",
            is_likeness: true,
            message: "n2 answered 9.8× slower than the others.".to_owned(),
            window: Some((6.25, 12.0)),
            nodes: vec![Shown { text: "\"n2\"".to_owned(), json: "n2".into() }],
            numbers: vec![
                NumberReport { name: "p99", value: 0.41, unit: UnitReport::Seconds, usual: Some(0.042) },
                NumberReport { name: "factor", value: 9.76, unit: UnitReport::Factor, usual: None },
            ],
            effect: Some(("Cliff's delta", 0.824)),
            sample: Some((412, 3_120)),
            test: Some(TestReport { name: "Mann-Whitney", p: 0.000_003, q: 0.000_012 }),
            confounders: &["A node that is farther away.", "A node that has more to do."],
            fault: Some((fault, "during")),
            ..SymptomReport::default()
        }
    }

    #[test]
    fn all_that_is_known_of_a_symptom_is_told_with_units() {
        let mut history = HistoryReport::new("h", Verdict::Valid);
        history.symptoms.push(slow());
        let told = &History::new(&history).symptoms[0];
        assert_eq!(called(told), "consistent with a fail-slow node");
        assert_eq!(
            facts(told),
            [
                ("window", "6.2 s to 12.0 s".to_owned()),
                ("where", "at n2".to_owned()),
                ("fault", "during slow-disk of n2, 6.0 s to 12.0 s".to_owned()),
                ("numbers", "p99 410 ms (usually 42 ms), factor 9.76×".to_owned()),
                (
                    "measured",
                    "Cliff's delta: 0.824; seen in 412 operations, compared with 3,120; q = 1.2e-5 (Mann-Whitney, p = 3.0e-6)"
                        .to_owned()
                ),
                ("could also be", "A node that is farther away. A node that has more to do.".to_owned()),
            ]
        );
        assert_eq!(
            in_one(told),
            "n2 answered 9.8× slower than the others (6.2 s to 12.0 s, during slow-disk of n2, 6.0 s to 12.0 s); \
             could also be: A node that is farther away. A node that has more to do."
        );
    }

    #[test]
    fn what_nobody_knows_is_not_told() {
        let mut history = HistoryReport::new("h", Verdict::Valid);
        let bare = SymptomReport {
            message: "It is so.".to_owned(),
            name: "gray failure",
            ..SymptomReport::default()
        };
        history.symptoms.push(bare);
        let told = &History::new(&history).symptoms[0];
        assert_eq!((facts(told), in_one(told)), (Vec::new(), "It is so.".to_owned()));
        assert_eq!(called(told), "gray failure");
    }

    #[test]
    fn a_chain_is_told_with_its_times() {
        let link = |code: &str, label: &str, from, to| LinkReport {
            code: code.to_owned(),
            label: label.to_owned(),
            is_fault: false,
            from,
            to,
        };
        let links = vec![
            link("partition", "n1", 6.3, None),
            link("SYM08", "split brain", 7.1, Some(9.0)),
            link("LIN001", "stale read", 7.4, Some(7.4)),
        ];
        let report = ChainReport { links, message: String::new() };
        assert_eq!(
            chain(&Chain::new(&report), " → "),
            "partition n1 (6.3 s on) → SYM08 split brain (7.1 s to 9.0 s) → LIN001 stale read (7.4 s)"
        );
    }

    #[test]
    fn kinds_are_counted() {
        let all = [("SYM01", "availability-gap"), ("SYM06", "fail-slow-node"), ("SYM01", "availability-gap")];
        assert_eq!(kinds(all.into_iter()), "SYM01 availability gap × 2, SYM06 fail-slow node");
    }
}
