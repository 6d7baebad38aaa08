//! `seriatim explain`: what there is to know of each code.

use seriatim_anomaly::catalog as anomalies;
use seriatim_symptom::catalog as symptoms;

use super::*;

/// All codes, each once, in order.
fn codes() -> Vec<&'static str> {
    let all =
        anomalies::CATALOG.iter().map(|row| row.code).chain(symptoms::CATALOG.iter().map(|row| row.code));
    let mut all: Vec<_> = all.collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[test]
fn every_code_explains_in_eighty_columns() {
    let all = codes();
    let told = output(&[&["explain"][..], all.as_slice()].concat());
    assert_eq!(told.status.code(), Some(0));
    let told = text(&told.stdout);
    for line in told.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let heads = told.lines().filter_map(|line| line.split_once("  ")).map(|(code, _)| code);
    let heads: Vec<_> = heads.filter(|code| all.contains(code)).collect();
    assert_eq!(heads, all);
}

#[test]
fn the_list_has_each_code_once() {
    let listed = run(&["explain"]);
    let heads: Vec<_> =
        listed.lines().filter_map(|line| line.split_once(' ')).map(|(code, _)| code).collect();
    let heads: Vec<_> = heads.into_iter().filter(|head| !head.is_empty() && *head != "---").collect();
    assert_eq!(heads, codes(), "{listed}");
    assert!(listed.lines().all(|line| line.chars().count() <= 80), "{listed}");
}

#[test]
fn a_name_tells_the_same_as_its_code() {
    let told = run(&["explain", "SYM03"]);
    for name in ["sym03", "metastable-failure", "Metastable Failure", "metastable_failure"] {
        assert_eq!(run(&["explain", name]), told, "{name}");
    }
    for label in [
        "what ",
        "trigger ",
        "kept by ",
        "trace ",
        "rule ",
        "settings ",
        "alike ",
        "look at ",
        "defences ",
        "sources ",
    ] {
        assert!(told.lines().any(|line| line.starts_with(label)), "{label}: {told}");
    }
    assert!(run(&["explain", "stale-read"]).starts_with("LIN001  stale read"));
}

/// What is found among the anomalies and told as a symptom has the symptom's lesson, and the rule that finds it.
#[test]
fn what_stands_in_both_tables_is_told_once() {
    let told = run(&["explain", "SYM09"]);
    let words: Vec<_> = told.split_whitespace().collect();
    let rule = anomalies::with_code("SYM09").expect("it is there").rule;
    assert!(words.join(" ").contains(rule), "{told}");
    assert!(told.contains("\ntrigger ") && told.contains("\nkept by "), "{told}");
}

#[test]
fn what_is_unknown_is_told_what_is_near() {
    for (word, near) in [
        ("SYM99", "`SYM09`"),
        ("LIN000", "`LIN001`"),
        ("metastable", "`metastable failure`"),
        ("thundering-heard", "`thundering herd`"),
    ] {
        let told = run(&["explain", word]);
        assert!(told.contains(near) && told.contains("exit 2"), "{word}: {told}");
        assert!(told.contains("`seriatim explain` lists all"), "{word}: {told}");
    }
    let told = run(&["explain", "nothing-of-the-kind"]);
    assert!(!told.contains("near it") && told.contains("`seriatim explain` lists all"), "{told}");
}
