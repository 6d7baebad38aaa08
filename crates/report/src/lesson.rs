//! What there is to know of a kind of anomaly or symptom, for people.

use std::fmt::Write as _;

use seriatim_anomaly::catalog as anomalies;
use seriatim_symptom::catalog as symptoms;
use seriatim_symptom::{Setting, Unit};

use crate::text::COLUMNS;
use crate::words::wrap;

/// Where texts begin, behind their labels.
const INDENT: usize = 10;

/// Where texts begin in the list of all.
const LISTED: usize = 9;

/// What has a code and a lesson.
#[derive(Clone, Copy, Debug)]
pub enum Subject {
    /// An anomaly.
    Anomaly(&'static anomalies::Row),
    /// A symptom; also one that has a row among the anomalies, since it is found where they are.
    Symptom(&'static symptoms::Row),
}

impl Subject {
    /// All, each once, in the order of their codes.
    pub fn all() -> Vec<Self> {
        let anomalies = anomalies::CATALOG.iter().filter(|row| symptoms::with_code(row.code).is_none());
        let mut all: Vec<_> = anomalies.map(Self::Anomaly).collect();
        all.extend(symptoms::CATALOG.iter().map(Self::Symptom));
        all.sort_unstable_by_key(|subject| subject.code());
        all
    }

    /// The one with a code or a name, in whatever case it is written, with hyphens or blanks.
    pub fn find(text: &str) -> Option<Self> {
        let name = text.replace(['-', '_', ' '], " ");
        let is_meant = |of: &str| of.replace('-', " ").eq_ignore_ascii_case(&name);
        // A symptom may have another name among the anomalies.
        let code = anomalies::CATALOG.iter().find(|row| is_meant(row.name)).map(|row| row.code);
        Self::all().into_iter().find(|subject| {
            subject.code().eq_ignore_ascii_case(text)
                || is_meant(subject.name())
                || Some(subject.code()) == code
        })
    }

    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Anomaly(row) => row.code,
            Self::Symptom(row) => row.code,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Anomaly(row) => row.name,
            Self::Symptom(row) => row.name,
        }
    }

    /// What it is, in one sentence.
    pub fn gist(self) -> &'static str {
        match self {
            Self::Anomaly(row) => row.definition,
            Self::Symptom(row) => row.kind.lesson().gist(),
        }
    }

    /// What is told of it: what it is, what it looks like, how it comes about, and what to do.
    pub fn lesson(self) -> String {
        match self {
            Self::Anomaly(row) => anomaly(row),
            Self::Symptom(row) => symptom(row),
        }
    }
}

/// All codes with their names and what they stand for.
pub fn list() -> String {
    let mut out = String::new();
    for subject in Subject::all() {
        let _ = writeln!(out, "{:<LISTED$}{}", subject.code(), subject.name());
        wrap(&mut out, COLUMNS, &" ".repeat(LISTED + 2), LISTED + 2, subject.gist());
    }
    out
}

/// The rule of a symptom, with the defaults of what it goes by: that by which it is found, where it is found among the anomalies.
pub fn rule(row: &symptoms::Row) -> String {
    let rule = anomalies::with_code(row.code).map_or(row.kind.lesson().rule, |row| row.rule);
    let fill =
        |rule: String, setting: &Setting| rule.replace(&format!("{{{}}}", setting.name), &default(setting));
    symptoms::settings().fold(rule.to_owned(), fill)
}

/// A default, as people write it.
pub fn default(setting: &Setting) -> String {
    let number = setting.default;
    match setting.unit {
        Unit::Time if number < 0.1 => format!("{} ms", number * 1e3),
        Unit::Time => format!("{number} s"),
        Unit::Count => number.to_string(),
        Unit::Rate => format!("{number} a second"),
        // A share such as 0.07 is not quite a hundredth of a whole number.
        Unit::Share => format!("{} %", (number * 1e8).round() / 1e6),
        Unit::Factor => format!("{number} times"),
    }
}

/// What is said to look alike, with its name where it has a code.
pub fn alike(what: &str) -> String {
    symptoms::with_code(what).map_or(what.to_owned(), |row| format!("{} {}", row.code, row.name))
}

fn anomaly(row: &anomalies::Row) -> String {
    let mut out = format!("{}  {}\n\n", row.code, row.name);
    say(&mut out, "what", row.definition);
    say(&mut out, "rule", row.rule);
    draw(&mut out, row.picture);
    say(&mut out, "how", row.mechanism);
    say(&mut out, "breaks", row.rules_out);
    list_of(&mut out, "causes", row.causes);
    say(&mut out, "look at", row.look_at);
    list_of(&mut out, "defences", row.defences);
    say(&mut out, "source", row.source);
    out
}

fn symptom(row: &symptoms::Row) -> String {
    let lesson = row.kind.lesson();
    let mut out = format!("{}  {}\n\n", row.code, row.name);
    say(&mut out, "what", lesson.definition);
    say(&mut out, "trigger", lesson.trigger);
    say(&mut out, "kept by", lesson.sustaining);
    say(&mut out, "trace", lesson.trace);
    draw(&mut out, lesson.picture);
    say(&mut out, "rule", &rule(row));
    let setting = |of: &&Setting| format!("{} = {}: {}", of.name, default(of), of.about);
    list_of(&mut out, "settings", &row.settings.iter().map(setting).collect::<Vec<_>>());
    let other = |&(what, apart): &(&str, &str)| format!("{}: {apart}", alike(what));
    list_of(&mut out, "alike", &lesson.look_alikes.iter().map(other).collect::<Vec<_>>());
    say(&mut out, "look at", lesson.look_at);
    list_of(&mut out, "defences", lesson.defences);
    list_of(&mut out, "sources", lesson.sources);
    out
}

fn draw(out: &mut String, picture: &str) {
    out.push('\n');
    for line in picture.lines() {
        // The widest pictures are drawn further to the left.
        let indent =
            INDENT.min(COLUMNS - picture.lines().map(|line| line.chars().count()).max().unwrap_or(0));
        let line = format!("{:indent$}{line}", "");
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out.push('\n');
}

fn say(out: &mut String, label: &str, text: &str) {
    wrap(out, COLUMNS, &format!("{label:<INDENT$}"), INDENT, text);
}

fn list_of(out: &mut String, label: &str, items: &[impl AsRef<str>]) {
    for (at, item) in items.iter().enumerate() {
        let label = if at == 0 { label } else { "" };
        wrap(out, COLUMNS, &format!("{label:<INDENT$}- "), INDENT + 2, item.as_ref());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_or_a_name_is_meant_however_it_is_written() {
        for text in ["SYM03", "sym03", "metastable failure", "Metastable-Failure", "metastable_failure"] {
            assert_eq!(Subject::find(text).map(Subject::code), Some("SYM03"), "{text}");
        }
        for (text, code) in [
            ("brown-out", "SYM04"),
            ("brown out", "SYM04"),
            ("stale read", "LIN001"),
            ("stuck replica or zombie leader", "SYM09"),
            ("cov01", "COV01"),
        ] {
            assert_eq!(Subject::find(text).map(Subject::code), Some(code), "{text}");
        }
        assert!(Subject::find("SYM99").is_none() && Subject::find("").is_none());
    }

    #[test]
    fn rules_are_told_with_what_they_go_by() {
        let of = |code| rule(symptoms::with_code(code).expect("there is one"));
        assert!(
            of("SYM01").starts_with("No operation ended `ok` for 1 s or longer, and for 10 times as long")
        );
        assert!(of("SYM16").contains("by more than 5 ms."));
        assert!(symptoms::CATALOG.iter().all(|row| !rule(row).contains('{')));
    }

    #[test]
    fn what_stands_in_both_tables_is_one_subject_and_has_the_rule_that_finds_it() {
        let all = Subject::all();
        assert!(all.is_sorted_by(|a, b| a.code() < b.code()));
        for row in anomalies::CATALOG {
            let Some(Subject::Symptom(symptom)) = Subject::find(row.code) else { continue };
            assert_eq!(rule(symptom), row.rule);
        }
        assert!(matches!(Subject::find("SYM08"), Some(Subject::Symptom(_))));
        assert!(matches!(Subject::find("COV02"), Some(Subject::Anomaly(_))));
    }

    #[test]
    fn every_line_fits() {
        let lessons = Subject::all().into_iter().map(Subject::lesson).chain([list()]);
        for text in lessons {
            for line in text.lines() {
                assert!(line.chars().count() <= COLUMNS, "{line}");
                assert_eq!(line, line.trim_end());
            }
        }
    }

    /// A lesson may name the codes of others, which must be there.
    #[test]
    fn every_code_that_is_named_exists() {
        let is_code = |word: &&str| {
            let (letters, digits) = word.split_at(word.len().min(3));
            ["SYM", "LIN", "COV"].contains(&letters)
                && digits.starts_with(|digit: char| digit.is_ascii_digit())
        };
        let mut seen = 0;
        for subject in Subject::all() {
            let text = subject.lesson();
            for code in text.split(|letter: char| !letter.is_alphanumeric()).filter(is_code) {
                assert!(Subject::find(code).is_some(), "{} names {code}", subject.code());
                seen += 1;
            }
        }
        assert!(seen > Subject::all().len());
    }

    #[test]
    fn defaults_are_told_in_their_units() {
        let of = |unit, default| Setting { name: "x", unit, default, about: "." };
        for (unit, number, told) in [
            (Unit::Time, 0.5, "0.5 s"),
            (Unit::Count, 30.0, "30"),
            (Unit::Share, 0.07, "7 %"),
            (Unit::Share, 0.001, "0.1 %"),
            (Unit::Factor, 3.0, "3 times"),
            (Unit::Rate, 2.0, "2 a second"),
        ] {
            assert_eq!(default(&of(unit, number)), told);
        }
    }
}
