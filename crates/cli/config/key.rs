//! What can be set: the options of `check`, by their long names.

use std::path::Path;

use clap::{Arg, ArgAction, Command};

use crate::args::config::HEADING;

/// Options whose values name files, which are meant as seen from the file that sets them.
const OF_FILES: &[(&str, Names)] =
    &[("baseline", Names::Whole), ("certificates", Names::Whole), ("report", Names::AfterEquals)];

/// Which part of a value names a file.
#[derive(Clone, Copy)]
enum Names {
    Whole,
    AfterEquals,
}

/// An option that can be set.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    arg: Arg,
    /// The flag that says the opposite, where there is one.
    opposite: Option<Arg>,
}

/// What an option can be set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// `true` or `false`.
    Flag,
    /// How many times it is given.
    Count,
    /// One value.
    One,
    /// Several values.
    Many,
}

impl Key {
    /// All keys, in the order of the help.
    pub(crate) fn all(command: &Command) -> Vec<Self> {
        let check = command.find_subcommand("check").expect("there is such a command");
        let named = |long: &str| check.get_arguments().find(|arg| arg.get_long() == Some(long));
        let is_opposite = |long: &str| long.strip_prefix("no-").is_some_and(|long| named(long).is_some());
        let is_key = |arg: &&Arg| {
            arg.get_long().is_some_and(|long| !is_opposite(long))
                && !arg.is_hide_set()
                && arg.get_help_heading() != Some(HEADING)
                && sort(arg).is_some()
        };
        let key = |arg: &Arg| {
            let opposite = named(&format!("no-{}", arg.get_long().unwrap_or_default()));
            Self { arg: arg.clone(), opposite: opposite.cloned() }
        };
        check.get_arguments().filter(is_key).map(key).collect()
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        self.arg.get_long().unwrap_or_default()
    }

    /// What it can be set to.
    pub(crate) fn sort(&self) -> Sort {
        sort(&self.arg).unwrap_or(Sort::One)
    }

    /// Whether `false` says something else than that nothing is set.
    pub(crate) fn has_opposite(&self) -> bool {
        self.opposite.is_some()
    }

    /// Under which heading the help has it.
    pub(crate) fn heading(&self) -> Option<&str> {
        self.arg.get_help_heading()
    }

    /// What a value is called in the help.
    pub(crate) fn value_name(&self) -> String {
        let names: Vec<&str> =
            self.arg.get_value_names().unwrap_or_default().iter().map(|name| name.as_str()).collect();
        names.join(" ")
    }

    /// What it is where nobody sets it.
    pub(crate) fn default(&self) -> Option<String> {
        self.arg.get_default_values().first().map(|value| value.to_string_lossy().into_owned())
    }

    /// Whether a command has it, too.
    pub(crate) fn is_of(&self, command: &Command, name: &str) -> bool {
        let has =
            |command: &Command| command.get_arguments().any(|arg| arg.get_long() == self.arg.get_long());
        command.find_subcommand(name).is_some_and(has)
    }

    /// By what the parser knows it, and its opposite.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.arg).chain(&self.opposite).map(|arg| arg.get_id().as_str())
    }

    /// The arguments that set it; none where they would say what is so anyway.
    pub(crate) fn arguments(&self, values: &[String]) -> Vec<String> {
        let name = self.name();
        match (self.sort(), values) {
            (Sort::Flag, [value]) if value == "true" => vec![format!("--{name}")],
            (Sort::Flag, _) => {
                let opposite = self.opposite.iter().filter_map(Arg::get_long);
                opposite.map(|long| format!("--{long}")).collect()
            }
            (Sort::Count, [value]) => vec![format!("--{name}"); value.parse().unwrap_or(0)],
            (_, values) => values.iter().map(|value| format!("--{name}={value}")).collect(),
        }
    }

    /// `value` with what it names of files as seen from `folder`.
    pub(crate) fn seen_from(&self, folder: &Path, value: String) -> String {
        let from = |path: &str| folder.join(path).to_string_lossy().into_owned();
        match OF_FILES.iter().find(|(name, _)| *name == self.name()) {
            Some((_, Names::Whole)) => from(&value),
            Some((_, Names::AfterEquals)) => match value.split_once('=') {
                Some((kind, path)) if !path.is_empty() => format!("{kind}={}", from(path)),
                _ => value,
            },
            None => value,
        }
    }
}

fn sort(arg: &Arg) -> Option<Sort> {
    match arg.get_action() {
        ArgAction::SetTrue => Some(Sort::Flag),
        ArgAction::Count => Some(Sort::Count),
        ArgAction::Set => Some(Sort::One),
        ArgAction::Append => Some(Sort::Many),
        _ => None,
    }
}
