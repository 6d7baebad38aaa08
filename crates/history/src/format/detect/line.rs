//! Texts that are told apart by their lines.

use super::{Detected, is_tuple};
use crate::format::csv;
use crate::format::object::{OBJECTS, Object};
use crate::format::{Format, jepsen_log};

/// How many lines of words are looked at to tell one table of words from another.
const LOOK: usize = 50;

pub(super) fn detect(text: &str, name: Option<&str>) -> Detected {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let first = lines.clone().find(|line| !line.trim_start().starts_with('#')).unwrap_or_default();
    if is_limo(text) {
        return Detected::Format(Format::Limo);
    }
    if let Some(format) = intervals(text).or_else(|| columns(first)) {
        return Detected::Format(format);
    }
    if let Some(format) = log(text) {
        return Detected::Format(format);
    }
    if csv::is_header(first) {
        return Detected::Format(Format::Csv);
    }
    const TRANSACTIONS: &str = "histories of transactions without times cannot be checked for linearizability; pass a history of operations with calls and returns";
    if lines.clone().take(LOOK).all(is_polysi) {
        return Detected::Unsupported("transactions in the text of PolySI and Plume", TRANSACTIONS);
    }
    if lines.clone().take(LOOK).all(is_awdit) {
        return Detected::Unsupported("transactions in the text of AWDIT", TRANSACTIONS);
    }
    // A table with columns of its own names is a table, and the reader says which columns it has.
    let is_named = name.is_some_and(|name| name.ends_with(".csv") || name.ends_with(".tsv"));
    let width = |line: &str| line.matches([',', ';', '\t']).count();
    let is_table = width(first) >= 2 && lines.nth(1).is_none_or(|second| width(second) == width(first));
    if is_named && width(first) >= 1
        || is_table && first.chars().all(|c| c.is_alphanumeric() || "_-.,;\t \"".contains(c))
    {
        return Detected::Format(Format::Csv);
    }
    Detected::Unknown
}

/// Whether a comment names LiMo's object, or the first line is one of its calls.
pub(super) fn is_limo(text: &str) -> bool {
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match line.strip_prefix('#') {
            Some(comment) if comment.trim_start().starts_with("@object") => return true,
            Some(_) => {}
            None => {
                let rest = line.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(_, rest)| rest);
                let word = rest.and_then(|rest| rest.split_whitespace().next());
                return matches!(word, Some("call" | "return"));
            }
        }
    }
    false
}

/// Intervals of fptlin or PolyLin: by their first row, or by a comment that names an object and nothing else.
fn intervals(text: &str) -> Option<Format> {
    let mut has_object = false;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(comment) = line.strip_prefix('#') {
            has_object |= Object::named(comment.trim()).is_some();
            continue;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        let is_number = |at: usize| words.get(at).is_some_and(|word| word.parse::<i64>().is_ok());
        let is_method = |at: usize| {
            words.get(at).is_some_and(|word| OBJECTS.iter().any(|object| object.method(word).is_some()))
        };
        let times_end = words.len() >= 3 && is_number(words.len() - 1) && is_number(words.len() - 2);
        return if is_number(1) && is_number(2) && is_method(3) {
            Some(Format::Fptlin)
        } else if times_end && (is_method(0) || is_number(0) && is_method(1)) {
            Some(Format::Polylin)
        } else if has_object {
            // Rows that neither has; fptlin's reader says what it expects.
            Some(Format::Fptlin)
        } else {
            None
        };
    }
    has_object.then_some(Format::Fptlin)
}

/// The columns of `history.txt`, or the same with blanks.
fn columns(first: &str) -> Option<Format> {
    let mut tabs = first.split('\t');
    let is_process = |word: &str| word.parse::<i64>().is_ok() || word.starts_with(':');
    let by_tabs =
        tabs.next().is_some_and(is_process) && tabs.next().is_some_and(|word| word.starts_with(':'));
    if by_tabs {
        return Some(Format::JepsenTxt);
    }
    is_tuple(first.trim_start()).then_some(Format::Tuples)
}

/// A log that records operations somewhere, or that Jepsen wrote at any rate.
fn log(text: &str) -> Option<Format> {
    let util = memchr::memmem::Finder::new("jepsen.util");
    let mut at = 0;
    while let Some(found) = util.find(&text.as_bytes()[at..]) {
        let found = at + found;
        let start = text[..found].rfind('\n').map_or(0, |at| at + 1);
        let end = text[found..].find('\n').map_or(text.len(), |at| found + at);
        let line = text[start..end].trim_end_matches('\r');
        if jepsen_log::is_operation_line(line) {
            let is_2014 = jepsen_log::is_2014_line(line);
            return Some(if is_2014 { Format::JepsenLog2014 } else { Format::JepsenLog });
        }
        at = end;
    }
    let is_of_jepsen = |line: &str| {
        line.contains(" jepsen.core") || line.contains("[jepsen ") || line.contains(" jepsen worker ")
    };
    text.lines().take(LOOK).any(is_of_jepsen).then_some(Format::JepsenLog)
}

/// `w(key,value,session,txn)` or `r(…)`.
fn is_polysi(line: &str) -> bool {
    let inside =
        line.trim().strip_prefix(['w', 'r']).and_then(|rest| rest.strip_prefix('(')?.strip_suffix(')'));
    inside.is_some_and(|inside| inside.split(',').count() == 4)
}

/// `w key value`, `r key value`, or a line between transactions or sessions.
fn is_awdit(line: &str) -> bool {
    let line = line.trim();
    if !line.is_empty() && (line.bytes().all(|byte| byte == b'-') || line.bytes().all(|byte| byte == b'=')) {
        return true;
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    matches!(words[..], ["w" | "r", _, _])
}
