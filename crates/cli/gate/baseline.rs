//! Baselines: the findings that are known, each with a reason, whoever says so, and the last day on which it is let pass.
//!
//! `seriatim-baseline/1` is a JSON object with `schema` and `entries`, which are sorted by fingerprint. What is not known in it
//! is an error: a misspelt field would let pass what nobody meant, or for longer.

use std::fmt;
use std::fs;
use std::path::Path;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use seriatim_history::{LineIndex, SourceId, Span};
use seriatim_report::{Place, Problem};

use crate::date::Date;

/// The name of the schema.
const SCHEMA: &str = "seriatim-baseline/1";

/// The findings that are known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Baseline {
    schema: Schema,
    /// Sorted by their fingerprints, none of which two entries have.
    pub(crate) entries: Vec<Entry>,
}

/// A finding that is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    /// What stays the same when it is found again.
    pub(crate) fingerprint: String,
    /// The code of its kind; for people.
    pub(crate) code: String,
    /// What it was about when it was written down; for people.
    pub(crate) subject: String,
    /// Why it is let pass.
    pub(crate) reason: Words,
    /// Who says so.
    pub(crate) author: Words,
    /// The last day on which it is let pass.
    pub(crate) expires: Date,
    /// The day on which it was written down.
    pub(crate) added: Date,
}

/// The name of the schema, and no other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Schema;

/// A text that is not blank.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Words(String);

impl Baseline {
    /// One with these entries.
    pub(crate) fn new(mut entries: Vec<Entry>) -> Self {
        entries.sort_by(|one, other| one.fingerprint.cmp(&other.fingerprint));
        Self { schema: Schema, entries }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, or is no baseline.
    pub(crate) fn read(path: &Path) -> Result<Self, Problem> {
        let shown = path.display().to_string();
        let text = fs::read_to_string(path)
            .map_err(|error| Problem::error(format!("cannot read the baseline `{shown}`: {error}")))?;
        Self::parse(&shown, &text)
    }

    /// Reads the text of a file.
    pub(crate) fn parse(path: &str, text: &str) -> Result<Self, Problem> {
        let wrong = |message: String| {
            let help = "`seriatim baseline write` writes what is read here; docs/ci.md has the fields";
            Problem::error(format!("`{path}` is no baseline: {message}")).help(help)
        };
        let place = |start: usize, end: usize| {
            Place::new(path, text, &LineIndex::new(text.as_bytes()), Span::new(SourceId(0), start, end))
        };
        let read: Self = serde_json::from_str(text).map_err(|error| {
            let told = error.to_string();
            let told = told.split(" at line ").next().unwrap_or(&told).to_owned();
            let before: usize =
                text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
            let at = before + error.column().saturating_sub(1);
            wrong(told).at(place(at, at + 1))
        })?;
        let mut seen: Vec<&str> = read.entries.iter().map(|entry| entry.fingerprint.as_str()).collect();
        seen.sort_unstable();
        if let Some([twice, _]) = seen.array_windows().find(|[one, other]| one == other) {
            let problem = wrong(format!("the fingerprint `{twice}` has two entries"));
            let written = serde_json::Value::from(*twice).to_string();
            let is_of_field = |&(at, _): &(usize, &str)| {
                let before = text[..at].trim_end().strip_suffix(':').unwrap_or_default();
                before.trim_end().ends_with("\"fingerprint\"")
            };
            let second = text.match_indices(&written).filter(is_of_field).nth(1);
            return Err(match second {
                Some((at, found)) => problem.at(place(at, at + found.len())),
                None => problem,
            });
        }
        Ok(Self::new(read.entries))
    }

    /// The entry with a fingerprint.
    pub(crate) fn entry(&self, fingerprint: &str) -> Option<&Entry> {
        let at = self.entries.binary_search_by(|entry| entry.fingerprint.as_str().cmp(fingerprint)).ok()?;
        Some(&self.entries[at])
    }

    /// What stands in a file.
    pub(crate) fn written(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("texts can be written as JSON");
        text + "\n"
    }
}

impl Words {
    /// Reads a text that is not to be blank.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() { Err("it is blank".to_owned()) } else { Ok(Self(text.to_owned())) }
    }
}

impl fmt::Display for Words {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl Serialize for Schema {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(SCHEMA)
    }
}

/// Reads a text within a visitor, so that an error is at the end of the text and not behind what follows it.
struct Read<T>(&'static str, fn(&str) -> Result<T, String>);

impl<T> Visitor<'_> for Read<T> {
    type Value = T;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.0)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        self.1(text).map_err(E::custom)
    }
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Read("a text", Self::parse))
    }
}

impl<'de> Deserialize<'de> for Schema {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let parse = |text: &str| {
            if text == SCHEMA { Ok(Self) } else { Err(format!("its schema is `{text}`, and not `{SCHEMA}`")) }
        };
        deserializer.deserialize_str(Read("the name of the schema", parse))
    }
}

#[cfg(test)]
impl Entry {
    /// An entry of a fingerprint that expires on a day.
    pub(crate) fn of_test(fingerprint: &str, expires: &str) -> Self {
        let words = || Words("w".to_owned());
        let date = Date::parse(expires).expect("a day");
        let (code, subject) = ("c".to_owned(), "s".to_owned());
        let fingerprint = fingerprint.to_owned();
        Self { fingerprint, code, subject, reason: words(), author: words(), expires: date, added: date }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> (String, Option<(usize, usize)>) {
        let problem = Baseline::parse("b.json", text).expect_err(text);
        (problem.message, problem.place.map(|place| (place.line, place.column)))
    }

    #[test]
    fn what_is_written_is_read_back_in_order() {
        let of = |fingerprint| Entry::of_test(fingerprint, "2027-01-01");
        let baseline = Baseline::new(vec![of("b"), of("a\"\n"), of("c")]);
        let names: Vec<_> = baseline.entries.iter().map(|entry| entry.fingerprint.as_str()).collect();
        assert_eq!(names, ["a\"\n", "b", "c"]);
        assert_eq!(Baseline::parse("b.json", &baseline.written()), Ok(baseline.clone()));
        assert!(baseline.entry("b").is_some() && baseline.entry("d").is_none());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let good = Baseline::new(vec![Entry::of_test("a", "2027-01-01")]).written();
        let with = |from: &str, to: &str| {
            assert!(good.contains(from), "{good}");
            place(&good.replacen(from, to, 1))
        };
        let (message, at) = with("\"expires\": \"2027-01-01\"", "\"expires\": \"2027-02-30\"");
        assert!(message.contains("there is no day `2027-02-30`"), "{message}");
        assert_eq!(at.map(|(line, _)| line), Some(10));
        let (message, at) = with("\"added\": \"2027-01-01\"", "\"added\": \"soon\"");
        assert!(
            message.contains("`soon` is no date") && at.is_some_and(|(line, _)| line == 11),
            "{message} {at:?}"
        );
        let (message, at) = with("\"reason\"", "\"raeson\"");
        assert!(
            message.contains("unknown field `raeson`") && at.is_some_and(|(line, _)| line == 8),
            "{message} {at:?}"
        );
        let (message, _) = with("\"reason\": \"w\"", "\"reason\": \"  \"");
        assert!(message.contains("it is blank"), "{message}");
        let (message, at) = with("baseline/1", "baseline/2");
        assert!(message.contains("its schema is `seriatim-baseline/2`"), "{message}");
        assert_eq!(at.map(|(line, _)| line), Some(2));
        let (message, _) = with("      \"author\": \"w\",\n", "");
        assert!(message.contains("missing field `author`"), "{message}");
        let entry = &good[good.find("    {").unwrap_or(0)..good.find("\n  ]").unwrap_or(0)];
        let (message, at) = with(entry, &format!("{entry},\n{entry}"));
        assert!(message.contains("the fingerprint `a` has two entries"), "{message}");
        assert_eq!(at, Some((14, 22)));
        assert!(place("").0.contains("EOF"), "{:?}", place(""));
        assert!(place("[]").0.contains("is no baseline"));
    }
}
