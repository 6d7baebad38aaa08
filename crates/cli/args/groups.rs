//! The commands by purpose, for the help of the whole.

use std::fmt::Write as _;

use clap::{Command, CommandFactory as _};

use super::{Cli, config};

/// The commands by purpose. Each command is in one group.
const GROUPS: &[(&str, &[&str])] = &[
    ("Check", &["check", "watch", "verify-certificate"]),
    ("Explain", &["explain", "reduce", "report", "demo"]),
    ("Prepare", &["lint", "stats", "convert"]),
    ("Look up", &["models", "formats", "schema"]),
    ("Automate", &["diff", "baseline", "merge", "config", "generate", "help"]),
];

/// The command line, with its help.
pub(crate) fn command() -> Command {
    let command = config::heeding(Cli::command());
    let template = template(&command);
    command.help_template(template)
}

fn template(command: &Command) -> String {
    /// A line of the help has no more characters.
    const WIDTH: usize = 100;
    /// Where what is said of a command begins.
    const INDENT: usize = 22;
    let mut text = "{about-with-newline}\n{usage-heading} {usage}\n\n".to_owned();
    for (purpose, names) in GROUPS {
        let _ = writeln!(text, "{purpose}:");
        for name in *names {
            let about = command.find_subcommand(name).and_then(Command::get_about);
            let about =
                about.map_or_else(|| "Print this help, or that of a command".to_owned(), ToString::to_string);
            let _ = write!(text, "  {name:<0$}", INDENT - 2);
            let mut column = INDENT;
            for (at, word) in about.split(' ').enumerate() {
                if at > 0 && column + 1 + word.len() > WIDTH {
                    let _ = write!(text, "\n{:INDENT$}", "");
                    column = INDENT;
                } else if at > 0 {
                    text.push(' ');
                    column += 1;
                }
                text.push_str(word);
                column += word.len();
            }
            text.push('\n');
        }
        text.push('\n');
    }
    text.push_str(
        "Options:\n  -h, --help            Print help\n  -V, --version         Print version\n\n\
         All other options are those of `check`, which may be left out: see `seriatim check --help`.{after-help}",
    );
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_command_is_in_one_group() {
        let command = Cli::command();
        let known: BTreeSet<&str> = command.get_subcommands().map(Command::get_name).collect();
        let grouped: Vec<&str> =
            GROUPS.iter().flat_map(|(_, names)| *names).copied().filter(|&name| name != "help").collect();
        assert_eq!(grouped.iter().copied().collect::<BTreeSet<_>>(), known);
        assert_eq!(grouped.len(), known.len());
    }
}
