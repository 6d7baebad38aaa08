//! The arguments of `lint`.

use std::path::PathBuf;

use clap::Args;

use super::{MeaningArgs, PlainFormat};
use crate::lint::rules::{RULES, Rule};

pub(crate) const HELP: &str = "\
It decides nothing: `check` does. `seriatim lint --list` tells what is looked for, and why.

Exit codes:
    0  nothing was found, or nothing but notes
    1  a warning was found, or what --deny names
    2  usage error, or an input that cannot be read
Of both, 1 counts.

Examples:
  seriatim lint history.edn
  seriatim lint runs/ --deny HIS012 --allow HIS001
  seriatim lint --list";

#[derive(Debug, Args)]
pub(crate) struct LintArgs {
    /// Files, directories, globs, or `-` for the standard input
    #[arg(required_unless_present = "list", value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// List the rules, and look at nothing
    #[arg(long, conflicts_with = "paths")]
    pub(crate) list: bool,
    /// End with 1 for these, too: `notes`, or the code of a rule; may be repeated
    #[arg(long, value_name = "CODE|warnings|notes", value_parser = Which::parse)]
    pub(crate) deny: Vec<Which>,
    /// Do not look for these: `notes`, `warnings`, or the code of a rule; may be repeated
    #[arg(long, value_name = "CODE|warnings|notes", value_parser = Which::parse)]
    pub(crate) allow: Vec<Which>,
    #[command(flatten)]
    pub(crate) meaning: MeaningArgs,
    /// What the standard output shows
    #[arg(long, short, value_name = "KIND", default_value = "text")]
    pub(crate) output_format: PlainFormat,
}

/// Some of the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    Warnings,
    Notes,
    Code(&'static str),
}

impl Which {
    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "warnings" => Ok(Self::Warnings),
            "notes" => Ok(Self::Notes),
            code => {
                let is_it = |rule: &&Rule| rule.code.eq_ignore_ascii_case(code) || rule.name == code;
                RULES.iter().find(is_it).map(|rule| Self::Code(rule.code)).ok_or_else(|| {
                    let codes: Vec<_> = RULES.iter().map(|rule| rule.code).collect();
                    format!("there is no rule `{code}`; there are `warnings`, `notes`, {}", codes.join(", "))
                })
            }
        }
    }

    /// Whether a rule is one of these.
    pub(crate) fn holds(self, rule: &Rule) -> bool {
        match self {
            Self::Warnings => rule.is_warning,
            Self::Notes => !rule.is_warning,
            Self::Code(code) => rule.code == code,
        }
    }
}
