//! The header of the native format: an optional first object that says how the history is meant.

use super::json::{Kind, Scanned, Scanner, integer};
use crate::build::HistoryBuilder;
use crate::convention::{Declared, FailedCas, NilRead, Order, Ties, TimeUnit};
use crate::diagnostic::Diagnostic;
use crate::span::{SourceId, Span};

/// The version of the native format that is read here.
const VERSION: i64 = 1;

/// The keys of the header.
const KEYS: &[&str] = &["seriatim", "model", "init", "nil_read", "failed_cas", "ties", "order", "time_unit"];

const NIL_READS: &[(&str, NilRead)] = &[("value", NilRead::Value), ("wildcard", NilRead::Wildcard)];
const FAILED_CAS: &[(&str, FailedCas)] = &[("drop", FailedCas::Drop), ("observe", FailedCas::Observe)];
const TIES: &[(&str, Ties)] = &[("overlap", Ties::Overlap), ("ordered", Ties::Ordered)];
const ORDERS: &[(&str, Order)] = &[("line", Order::Line), ("time", Order::Time)];
const UNITS: &[(&str, TimeUnit)] = &[
    ("ns", TimeUnit::Nanoseconds),
    ("us", TimeUnit::Microseconds),
    ("ms", TimeUnit::Milliseconds),
    ("s", TimeUnit::Seconds),
];

/// Reads the header that `scanner` stands before into what `builder` has declared.
pub(super) fn read(source: SourceId, scanner: &mut Scanner<'_>, builder: &mut HistoryBuilder) -> Scanned<()> {
    let mut declared = Declared::default();
    let mut seen: Vec<String> = Vec::new();
    let mut is_first = true;
    scanner.open_object()?;
    loop {
        scanner.next_byte();
        let from = scanner.at();
        let Some(key) = scanner.key(is_first)? else { break };
        let key_start =
            if is_first { from } else { scanner.text()[from..].find('"').map_or(from, |at| from + at) };
        is_first = false;
        if seen.iter().any(|known| *known == key) {
            return Err(scanner.duplicate(from, &key));
        }
        seen.push(key.clone().into_owned());
        let kind = scanner.kind()?;
        let start = scanner.at();
        if !KEYS.contains(&&*key) {
            let end = scanner.text()[..start].trim_end().trim_end_matches(':').trim_end().len();
            builder.error(unknown(Span::new(source, key_start, end), "header key", &key, KEYS));
            scanner.skip()?;
            continue;
        }
        match (&*key, kind) {
            ("init", _) => {
                declared.initial = Some(scanner.value(&mut builder.values)?);
                continue;
            }
            // `null` leaves the choice open.
            (name, Kind::Null) if name != "seriatim" => {
                scanner.null()?;
                continue;
            }
            ("seriatim", Kind::Number) => {
                let number = scanner.number()?;
                if integer(number) != Some(VERSION) {
                    let message = format!("version `{number}` of the native format is not known");
                    builder.error(
                        Diagnostic::error(Span::new(source, start, scanner.at()), message)
                            .help("write `\"seriatim\":1`, or use a newer program"),
                    );
                }
                continue;
            }
            ("seriatim", _) => {
                scanner.skip()?;
                let message = format!("`seriatim` takes the number of a version, found {}", kind.name());
                builder.error(
                    Diagnostic::error(Span::new(source, start, scanner.at()), message)
                        .help("write `\"seriatim\":1`"),
                );
                continue;
            }
            (_, Kind::Text) => {}
            (name, _) => {
                scanner.skip()?;
                let message = format!("`{name}` takes a text, found {}", kind.name());
                builder.error(Diagnostic::error(Span::new(source, start, scanner.at()), message));
                continue;
            }
        }
        let word = scanner.string()?;
        let span = Span::new(source, start, scanner.at());
        let known = match &*key {
            "nil_read" => choose(NIL_READS, &word).map(|choice| declared.nil_read = Some(choice)),
            "failed_cas" => choose(FAILED_CAS, &word).map(|choice| declared.failed_cas = Some(choice)),
            "ties" => choose(TIES, &word).map(|choice| declared.ties = Some(choice)),
            "order" => choose(ORDERS, &word).map(|choice| declared.order = Some(choice)),
            "time_unit" => choose(UNITS, &word).map(|choice| declared.time_unit = Some(choice)),
            // Which models there are is known elsewhere.
            _ => {
                declared.model = Some(word.clone().into_owned());
                Ok(())
            }
        };
        if let Err(words) = known {
            builder.error(unknown(span, &format!("`{key}`"), &word, &words));
        }
    }
    builder.declared = declared;
    Ok(())
}

fn choose<T: Copy>(words: &[(&'static str, T)], word: &str) -> Result<T, Vec<&'static str>> {
    let found = words.iter().find(|(known, _)| known.eq_ignore_ascii_case(word));
    found.map(|&(_, choice)| choice).ok_or_else(|| words.iter().map(|&(known, _)| known).collect())
}

/// An error that names what there is, the nearest first.
fn unknown(span: Span, what: &str, word: &str, known: &[&str]) -> Diagnostic {
    let list = known.iter().map(|known| format!("`{known}`")).collect::<Vec<_>>().join(", ");
    let help = match nearest(word, known) {
        Some(nearest) => format!("did you mean `{nearest}`? There are {list}"),
        None => format!("there are {list}"),
    };
    Diagnostic::error(span, format!("unknown {what}: `{word}`")).help(help)
}

/// The one of `known` that is at most two changes away from `word`.
pub(super) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let word = word.to_ascii_lowercase();
    let by_distance = known.iter().map(|&known| (distance(&word, known), known));
    by_distance
        .filter(|&(distance, known)| distance <= 2 && distance < known.len())
        .min()
        .map(|(_, known)| known)
}

/// Levenshtein's distance in characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    // A header key is short; what is not cannot be near.
    for (i, x) in a.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::Overrides;
    use crate::diagnostic::Diagnostics;
    use crate::format::{Format, jsonl};
    use crate::operation::History;
    use crate::span::Source;
    use crate::value::ValueId;

    fn history(text: &str) -> Result<History, Diagnostics> {
        let mut builder = HistoryBuilder::new(Format::Jsonl);
        jsonl::read(Source { id: SourceId(0), text }, &mut builder);
        builder.finish(Overrides::default())
    }

    #[test]
    fn the_header_is_declared() {
        let text = r#"{"seriatim":1,"model":"cas-register","init":null,"nil_read":"wildcard","failed_cas":"observe","ties":"ordered","order":"time","time_unit":"ms"}"#;
        let declared = history(text).expect("well-formed").declared;
        let expected = Declared {
            model: Some("cas-register".to_owned()),
            initial: Some(ValueId::NIL),
            nil_read: Some(NilRead::Wildcard),
            failed_cas: Some(FailedCas::Observe),
            ties: Some(Ties::Ordered),
            order: Some(Order::Time),
            time_unit: Some(TimeUnit::Milliseconds),
        };
        assert_eq!(declared, expected);
        assert_eq!(history(r#"{"seriatim":1}"#).expect("well-formed").declared, Declared::default());
    }

    #[test]
    fn what_is_not_known_is_an_error_with_a_suggestion() {
        for (text, message, help, at) in [
            (r#"{"seriatim":1, "nilread":"value"}"#, "`nilread`", "did you mean `nil_read`", 15..24),
            (r#"{"seriatim":1,"ties":"orderd"}"#, "`orderd`", "did you mean `ordered`", 21..29),
            (r#"{"seriatim":2}"#, "version `2`", "newer", 12..13),
            (r#"{"seriatim":"x"}"#, "found a text", "\"seriatim\":1", 12..15),
            (r#"{"seriatim":1,"order":7}"#, "`order` takes a text", "", 22..23),
            (
                r#"{"seriatim":1,"ties":"overlap","ties":"overlap"}"#,
                "`ties` occurs twice",
                "keep one",
                31..37,
            ),
        ] {
            let errors = history(text).expect_err(text);
            let error = &errors.first()[0];
            assert!(error.message.contains(message), "{error:?}");
            assert!(error.help.as_deref().unwrap_or_default().contains(help), "{error:?}");
            let span = error.span.expect("a span");
            assert_eq!(span.start..span.end(), at, "{text}");
        }
    }

    #[test]
    fn distances_are_of_characters() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "ab"), 2);
        assert_eq!(nearest("modle", KEYS), Some("model"));
        assert_eq!(nearest("x", KEYS), None);
    }
}
