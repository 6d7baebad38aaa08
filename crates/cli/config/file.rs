//! A `seriatim.toml`, read: what it sets, and where.

use std::ops::Range;
use std::path::Path;

use clap::Command;
use seriatim_history::{LineIndex, SourceId, Span};
use seriatim_report::{Place, Problem};
use toml::de::{DeTable, DeValue};

use super::key::{Key, Sort};
use crate::suggest::nearest;

/// The key of the table of profiles.
const PROFILES: &str = "profile";

/// A file, read.
#[derive(Clone, Debug, Default)]
pub(crate) struct File {
    /// What it sets for every profile.
    pub(crate) common: Vec<Setting>,
    /// What it sets for one profile each, in the order of their names.
    pub(crate) profiles: Vec<(String, Vec<Setting>)>,
}

/// An option that is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    /// The name of the option.
    pub(crate) key: String,
    /// Its value; several where it takes several.
    pub(crate) value: Vec<String>,
    /// The line, from 1; 0 where there is no file.
    pub(crate) line: usize,
}

/// What is read, and against what.
pub(crate) struct Reader<'a> {
    /// The file, as a person calls it.
    pub(crate) path: &'a str,
    /// The folder from which its paths are seen.
    pub(crate) folder: &'a Path,
    /// Its text.
    pub(crate) text: &'a str,
    /// The command line that is configured.
    pub(crate) command: &'a Command,
    /// What can be set.
    pub(crate) keys: &'a [Key],
}

impl Reader<'_> {
    /// The file. Of several errors the first in the text is told.
    pub(crate) fn file(&self) -> Result<File, Problem> {
        let root = DeTable::parse(self.text).map_err(|error| {
            let message = error.message().lines().next().unwrap_or("it cannot be read").to_owned();
            self.problem(error.span().unwrap_or(0..0), format!("this is no TOML: {message}"))
        })?;
        let mut file = File::default();
        let mut problems = Vec::new();
        for (name, value) in root.get_ref() {
            if name.get_ref() != PROFILES {
                self.set(name.get_ref(), name.span(), value, &mut file.common, &mut problems);
                continue;
            }
            let DeValue::Table(profiles) = value.get_ref() else {
                let help = "profiles are tables: [profile.ci]";
                problems
                    .push((value.span().start, self.problem(value.span(), "this is no table").help(help)));
                continue;
            };
            for (name, table) in profiles {
                let DeValue::Table(table) = table.get_ref() else {
                    let why = format!("the profile `{}` is no table", name.get_ref());
                    let help = format!("begin it with [profile.{}]", name.get_ref());
                    problems.push((name.span().start, self.problem(name.span(), why).help(help)));
                    continue;
                };
                let mut settings = Vec::new();
                for (key, value) in table {
                    self.set(key.get_ref(), key.span(), value, &mut settings, &mut problems);
                }
                file.profiles.push((name.get_ref().to_string(), settings));
            }
        }
        problems.sort_by_key(|&(at, _)| at);
        let more = problems.len().saturating_sub(1);
        match problems.into_iter().next() {
            None => Ok(file),
            Some((_, mut first)) => {
                if more > 0 {
                    let noun = if more == 1 { "thing is" } else { "things are" };
                    first.message += &format!(" ({more} more {noun} wrong with this file)");
                }
                Err(first)
            }
        }
    }

    fn set(
        &self,
        name: &str,
        at: Range<usize>,
        value: &toml::Spanned<DeValue<'_>>,
        settings: &mut Vec<Setting>,
        problems: &mut Vec<(usize, Problem)>,
    ) {
        let read = match self.keys.iter().find(|key| key.name() == name) {
            None => {
                let problem = self.problem(at.clone(), format!("there is no option `{name}`"));
                Err(problem.help(instead(name, self.keys.iter().map(Key::name))))
            }
            Some(key) => self.value(key, value).map(|value| {
                let line = LineIndex::new(self.text.as_bytes()).line_column(self.text, at.start as u64).0;
                Setting { key: name.to_owned(), value, line }
            }),
        };
        match read {
            Ok(setting) => settings.push(setting),
            Err(problem) => problems.push((at.start, problem)),
        }
    }

    fn value(&self, key: &Key, value: &toml::Spanned<DeValue<'_>>) -> Result<Vec<String>, Problem> {
        let wrong = |what: String| Err(self.problem(value.span(), what));
        let name = key.name();
        let values = match (key.sort(), value.get_ref()) {
            (Sort::Flag, DeValue::Boolean(value)) => vec![value.to_string()],
            (Sort::Flag, _) => return wrong(format!("`{name}` is `true` or `false`")),
            (Sort::Count, DeValue::Boolean(value)) => vec![u8::from(*value).to_string()],
            (Sort::Count, DeValue::Integer(value)) if matches!(value.as_str(), "0" | "1" | "2") => {
                vec![value.as_str().to_owned()]
            }
            (Sort::Count, _) => return wrong(format!("`{name}` is 0, 1 or 2")),
            (Sort::Many, DeValue::Array(values)) => {
                let each = values.iter().map(|value| scalar(value.get_ref()));
                match each.collect::<Option<Vec<String>>>() {
                    Some(values) => values,
                    None => return wrong(format!("`{name}` is a list of texts")),
                }
            }
            (Sort::One, DeValue::Array(_)) => return wrong(format!("`{name}` takes one value, and no list")),
            (_, value) => match scalar(value) {
                Some(value) => vec![value],
                None => return wrong(format!("`{name}` is a text or a number, and no table")),
            },
        };
        let values: Vec<String> = values.into_iter().map(|value| key.seen_from(self.folder, value)).collect();
        match refused(self.command, key, &values) {
            Some(why) => wrong(why),
            None => Ok(values),
        }
    }

    /// A problem with some of the text.
    pub(crate) fn problem(&self, at: Range<usize>, message: impl Into<String>) -> Problem {
        let lines = LineIndex::new(self.text.as_bytes());
        let span = Span::new(SourceId(0), at.start, at.end.max(at.start));
        Problem::error(message).at(Place::new(self.path, self.text, &lines, span))
    }
}

/// A value that is no list and no table.
fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_owned()),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).ok().map(|number| number.to_string())
        }
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Boolean(value) => Some(value.to_string()),
        DeValue::Datetime(time) => Some(time.to_string()),
        DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

/// Why the command line would refuse these values; `None` where it would not.
pub(crate) fn refused(command: &Command, key: &Key, values: &[String]) -> Option<String> {
    let name = [command.get_name().to_owned(), "check".to_owned()];
    let all = name.into_iter().chain(key.arguments(values)).chain(["x".to_owned()]);
    command.clone().try_get_matches_from(all).err().map(|error| complaint(&error))
}

/// The first line of what clap says is wrong.
pub(crate) fn complaint(error: &clap::Error) -> String {
    let told = error.to_string();
    let first = told.lines().next().unwrap_or_default();
    first.strip_prefix("error: ").unwrap_or(first).to_owned()
}

/// What somebody may have meant who wrote a name that is none.
pub(crate) fn instead<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    match nearest(name, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let all: Vec<String> = known.map(|known| format!("`{known}`")).collect();
            match all.as_slice() {
                [] => "there are none".to_owned(),
                all => format!("there are {}", all.join(", ")),
            }
        }
    }
}
