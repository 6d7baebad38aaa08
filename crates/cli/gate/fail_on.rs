//! What makes a run end with 1: `--fail-on`.

use std::fmt;

use seriatim_anomaly::catalog::CATALOG;
use seriatim_report::Problem;
use seriatim_report::found::{Found, Sort};

use crate::shard::TAKES_ALL_PARTS;
use crate::suggest::nearest;

/// What makes a run end with 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FailOn(Vec<Item>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Item {
    /// Any violation.
    Violation,
    /// A violation of one kind.
    Anomaly(&'static str),
    /// Any symptom.
    AnySymptom,
    /// A symptom of one kind.
    Symptom(&'static str),
    /// Nothing.
    None,
}

/// The words that stand for themselves.
const WORDS: &[(&str, Item)] =
    &[("violation", Item::Violation), ("symptom", Item::AnySymptom), ("none", Item::None)];

impl FailOn {
    /// Reads the items of the command line.
    ///
    /// # Errors
    /// An item is not known, or nothing is wanted together with something.
    pub(crate) fn new(items: &[String]) -> Result<Self, Problem> {
        let read: Vec<_> = items.iter().map(|item| Item::parse(item)).collect::<Result<_, _>>()?;
        if read.len() > 1 && read.contains(&Item::None) {
            let help = "give `none` alone, or leave it out";
            return Err(Problem::error("--fail-on has `none` and something else").help(help));
        }
        Ok(Self(read))
    }

    /// Whether a finding is listed.
    pub(crate) fn has(&self, found: &Found<'_>) -> bool {
        self.0.iter().any(|item| match item {
            Item::Violation => found.sort != Sort::Symptom,
            Item::AnySymptom => found.sort == Sort::Symptom,
            Item::Anomaly(code) => found.sort == Sort::Anomaly && found.code == *code,
            Item::Symptom(code) => found.sort == Sort::Symptom && found.code == *code,
            Item::None => false,
        })
    }

    /// What is asked for that only whole histories have, the first of it: a code, or any symptom at all.
    pub(crate) fn takes_all_parts(&self) -> Option<String> {
        let is_such = |item: &&Item| match item {
            Item::Anomaly(code) | Item::Symptom(code) => TAKES_ALL_PARTS.contains(code),
            Item::AnySymptom => true,
            Item::Violation | Item::None => false,
        };
        self.0.iter().find(is_such).map(|&item| Self(vec![item]).to_string())
    }

    /// Whether every violation is.
    pub(crate) fn has_violations(&self) -> bool {
        self.0.contains(&Item::Violation)
    }
}

impl fmt::Display for FailOn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, item) in self.0.iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            match item {
                Item::Anomaly(code) => write!(out, "{comma}anomaly:{code}")?,
                Item::Symptom(code) => write!(out, "{comma}symptom:{code}")?,
                item => {
                    let word = WORDS.iter().find(|(_, known)| known == item).map_or("", |(word, _)| word);
                    write!(out, "{comma}{word}")?;
                }
            }
        }
        Ok(())
    }
}

impl Item {
    fn parse(text: &str) -> Result<Self, Problem> {
        if let Some(&(_, item)) = WORDS.iter().find(|(word, _)| *word == text) {
            return Ok(item);
        }
        let (rows, prefix) = match text.split_once(':') {
            Some(("anomaly", _)) => (anomalies(), "anomaly"),
            Some(("symptom", _)) => (symptoms(), "symptom"),
            _ => {
                let words = WORDS.iter().map(|(word, _)| *word);
                let known: Vec<_> = words.clone().map(|word| format!("`{word}`")).collect();
                let help = format!("there are {}, `anomaly:CODE` and `symptom:CODE`", known.join(", "));
                return Err(unknown(text, help, nearest(text, words).map(str::to_owned)));
            }
        };
        // Reports write names with blanks.
        let wanted = &text[prefix.len() + 1..].trim().replace(' ', "-");
        let hyphened = |name: &str| name.replace(' ', "-");
        let fits = |(code, name): &&Named| {
            code.eq_ignore_ascii_case(wanted) || hyphened(name) == wanted.to_lowercase()
        };
        // Its first words are enough where no other name begins so: `metastable`.
        let begins = |(_, name): &&Named| hyphened(name).starts_with(&format!("{}-", wanted.to_lowercase()));
        let only = Some(rows.iter().filter(begins)).filter(|all| all.clone().count() == 1);
        let found = rows.iter().find(fits).or_else(|| only.and_then(|mut all| all.next()));
        if let Some(&(code, _)) = found {
            return Ok(if prefix == "anomaly" { Self::Anomaly(code) } else { Self::Symptom(code) });
        }
        let names: Vec<_> =
            rows.iter().map(|(code, name)| format!("`{prefix}:{code}` ({})", hyphened(name))).collect();
        let near = nearest(wanted, rows.iter().map(|(code, _)| *code)).map(str::to_owned);
        let hyphened: Vec<_> = rows.iter().map(|(_, name)| hyphened(name)).collect();
        let near = nearest(wanted, hyphened.iter().map(String::as_str)).map(str::to_owned).or(near);
        Err(unknown(
            text,
            format!("there are {}", names.join(", ")),
            near.map(|near| format!("{prefix}:{near}")),
        ))
    }
}

fn unknown(text: &str, known: String, near: Option<String>) -> Problem {
    let help = match near {
        Some(near) => format!("did you mean `{near}`? {known}"),
        None => known,
    };
    Problem::error(format!("--fail-on knows no `{text}`")).help(help)
}

/// A code, and its name.
type Named = (&'static str, &'static str);

/// The kinds of violations, by their codes.
fn anomalies() -> Vec<Named> {
    let rows = CATALOG.iter().filter(|row| !row.kind.is_symptom());
    let mut all: Vec<Named> = rows.map(|row| (row.code, row.name)).collect();
    all.sort_unstable();
    all
}

/// The kinds of symptoms: what a history is told to show beside its violations. What is only noted is none.
fn symptoms() -> Vec<Named> {
    let rows = seriatim_symptom::catalog::CATALOG.iter().filter(|row| row.code.starts_with("SYM"));
    rows.map(|row| (row.code, row.name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(items: &[&str]) -> Result<String, (String, String)> {
        let items: Vec<_> = items.iter().map(|&item| item.to_owned()).collect();
        let read = FailOn::new(&items).map(|list| list.to_string());
        read.map_err(|problem| (problem.message, problem.help.unwrap_or_default()))
    }

    #[test]
    fn items_are_read_and_unknown_ones_refused_with_those_that_are_known() {
        let all = ["violation", "anomaly:lin001", "symptom", "symptom:split-brain", "symptom:SYM09"];
        assert_eq!(read(&all), Ok("violation,anomaly:LIN001,symptom,symptom:SYM08,symptom:SYM09".to_owned()));
        assert_eq!(read(&["symptom:metastable"]), Ok("symptom:SYM03".to_owned()));
        assert!(read(&["anomaly:stale"]).is_err_and(|(_, help)| help.contains("LIN001")), "two begin so");
        assert_eq!(read(&["anomaly:stale-read"]), Ok("anomaly:LIN001".to_owned()));
        assert_eq!(read(&["none"]), Ok("none".to_owned()));
        assert!(read(&["none", "violation"]).is_err_and(|(message, _)| message.contains("`none`")));
        for (wrong, meant) in [
            ("violations", "did you mean `violation`?"),
            ("anomaly:LIN0001", "did you mean `anomaly:LIN001`?"),
            ("anomaly:stale-reed", "did you mean `anomaly:stale-read`?"),
            ("symptom:spilt-brain", "did you mean `symptom:split-brain`?"),
            ("anomaly:SYM08", "there are `anomaly:LIN001`"),
            ("symptom:COV02", "there are `symptom:SYM01`"),
            ("everything", "there are `violation`, `symptom`, `none`"),
            ("", "there are `violation`"),
        ] {
            let (message, help) = read(&[wrong]).expect_err(wrong);
            assert_eq!(message, format!("--fail-on knows no `{wrong}`"));
            assert!(help.contains(meant), "{wrong}: {help}");
        }
    }
}
