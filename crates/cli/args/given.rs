//! The command line of a run, for whoever reads its report.

use std::env;
use std::ffi::OsString;

use clap::parser::ValueSource;
use clap::{ArgMatches, Command};

use super::command;

/// Arguments that say where a report goes, how it looks and how many threads make it. A report that depended on them would be
/// another one each time.
const LEFT_OUT: [&str; 7] =
    ["certificates", "color", "largest", "output_format", "quiet", "report", "threads"];

/// What a check was called with, but for what changes nothing of its result: long names of options, in the order in which they
/// were given.
pub(crate) fn given() -> Vec<String> {
    of(env::args_os().collect())
}

fn of(arguments: Vec<OsString>) -> Vec<String> {
    let all = command();
    // It was accepted before.
    let Ok(matches) = all.clone().try_get_matches_from(arguments) else { return Vec::new() };
    let (name, command, matches) = match matches.subcommand() {
        Some((name, of)) => (name, all.find_subcommand(name), of),
        None => ("check", Some(&all), &matches),
    };
    let mut given = command.map_or_else(Vec::new, |command| places(command, matches));
    given.sort();
    let words = given.into_iter().flat_map(|(_, words)| words);
    [all.get_name().to_owned(), name.to_owned()].into_iter().chain(words).collect()
}

/// Each argument that was given, with its place.
fn places(command: &Command, matches: &ArgMatches) -> Vec<(usize, Vec<String>)> {
    let mut given = Vec::new();
    for argument in command.get_arguments() {
        let id = argument.get_id().as_str();
        // Clap has `help` and `version` among the arguments, of which there are no matches.
        let source = matches.try_contains_id(id).ok().and_then(|_| matches.value_source(id));
        if source != Some(ValueSource::CommandLine) || LEFT_OUT.contains(&id) {
            continue;
        }
        let name = argument.get_long().map(|name| format!("--{name}"));
        let indices = matches.indices_of(id).into_iter().flatten();
        if argument.get_action().takes_values() {
            let values = matches.get_raw(id).into_iter().flatten();
            for (index, value) in indices.zip(values) {
                let value = value.to_string_lossy().into_owned();
                given.push((index, name.iter().cloned().chain([value]).collect()));
            }
        } else {
            given.extend(indices.zip(name).map(|(index, name)| (index, vec![name])));
        }
    }
    given
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_the_result_is_told_as_it_was_given() {
        let of = |line: &str| of(line.split(' ').map(OsString::from).collect()).join(" ");
        assert_eq!(
            of(
                "/usr/bin/seriatim a.edn -m register --init=-1 b.edn --treat-fail-as-info f=write --treat-fail-as-info f=cas -v"
            ),
            "seriatim check a.edn --model register --init -1 b.edn --treat-fail-as-info f=write --treat-fail-as-info f=cas --verbose"
        );
        assert_eq!(
            of(
                "seriatim check -j 2 --report html=/tmp/x.html -qq -ojson --color always --certificates d --report-size 1MB x --independent"
            ),
            "seriatim check x --independent"
        );
    }

    #[test]
    fn what_is_left_out_is_there_to_be_given() {
        let command = command();
        let known: Vec<_> = command.get_arguments().map(|argument| argument.get_id().as_str()).collect();
        assert!(LEFT_OUT.iter().all(|name| known.contains(name)), "{known:?}");
    }
}
