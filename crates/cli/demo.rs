//! `seriatim demo`: two recorded histories, and what `check` says of them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Parser as _;
use seriatim_report::Problem;

use crate::args::{Cli, Color, DemoArgs};
use crate::check;
use crate::exit::Exit;
use crate::output::{self, say};

/// The histories, packed, by the names of the files that they become. They are those of `histories/mutex`: clients of an
/// etcd cluster that took and released a lock.
const HISTORIES: &[(&str, &[u8])] = &[
    ("lock-without-faults.jsonl", include_bytes!("../../histories/mutex/valid/etcd-lock-nofault.jsonl.zst")),
    (
        "lock-with-paused-client.jsonl",
        include_bytes!("../../histories/mutex/invalid/etcd-lock-client-sigstop.jsonl.zst"),
    ),
];

/// As much as one of them unpacks to, at the most.
const LARGEST: usize = 16 << 20;

/// Writes the histories and checks them.
pub(crate) fn run(args: &DemoArgs) -> Exit {
    let paths = match written(&args.directory) {
        Ok(paths) => paths,
        Err(problem) => return output::fail(&problem, Color::Auto),
    };
    let [valid, violated] = paths.as_slice() else { unreachable!("there are two histories") };
    say(&format!(
        "Two histories, recorded by clients that share a lock of an etcd cluster:\n  {valid}\n  {violated}\n\n\
         $ seriatim check {valid} {violated}\n\n"
    ));
    let command = ["seriatim", "check", "--timeout", "none", valid, violated];
    let check = match Cli::try_parse_from(command) {
        Ok(cli) => cli.command,
        Err(error) => return output::fail(&Problem::error(error.to_string()), Color::Auto),
    };
    let Some(crate::args::Command::Check(check)) = check else { unreachable!("it is a check") };
    match check::run(&check) {
        Exit::Invalid => {}
        // Somebody interrupted, or a limit was met.
        other => return other,
    }
    say(&format!(
        "\nThe second one is a violation, so this check ended with 1; the demo did what it should, and ends with 0.\n\n\
         What to try next:\n\
         \x20 seriatim explain LIN010                                   what a double grant is, and what to look at\n\
         \x20 seriatim reduce {violated} -o small.jsonl\n\
         \x20 seriatim check {violated} --report html=report.html\n\
         \x20 seriatim stats {violated}\n\
         \x20 seriatim lint {violated}\n"
    ));
    Exit::Valid
}

/// Writes the histories, where they are not there already.
fn written(directory: &Path) -> Result<Vec<String>, Problem> {
    let cannot = |path: &Path, error: &io::Error| {
        Problem::error(format!("cannot write `{}`: {error}", path.display()))
    };
    let mut files: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    for &(name, packed) in HISTORIES {
        let path = directory.join(name);
        let text = zstd::bulk::decompress(packed, LARGEST).map_err(|error| cannot(&path, &error))?;
        match fs::read(&path) {
            Ok(there) if there != text => {
                let problem = Problem::error(format!(
                    "`{}` is there already, and holds something else",
                    path.display()
                ));
                return Err(problem.help("name another directory: `seriatim demo DIR`"));
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => files.push((path, text)),
            Err(error) => return Err(cannot(&path, &error)),
        }
    }
    fs::create_dir_all(directory).map_err(|error| cannot(directory, &error))?;
    for (path, text) in files {
        fs::write(&path, text).map_err(|error| cannot(&path, &error))?;
    }
    Ok(HISTORIES.iter().map(|(name, _)| directory.join(name).display().to_string()).collect())
}
