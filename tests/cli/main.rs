//! The command line from outside: what it prints, and how it ends.

#![allow(clippy::disallowed_methods, reason = "files are what it is about")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// The binary, in the directory of the fixtures, in an environment that says nothing of colours.
fn seriatim(arguments: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("seriatim"));
    command.args(arguments).current_dir(fixtures()).stdin(Stdio::null());
    for variable in [
        "NO_COLOR",
        "CLICOLOR",
        "CLICOLOR_FORCE",
        "CI",
        "TERM",
        "COLUMNS",
        "LC_ALL",
        "LC_CTYPE",
        "LANG",
        "SERIATIM_PROFILE",
    ] {
        command.env_remove(variable);
    }
    command
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/fixtures")
}

fn output(arguments: &[&str]) -> Output {
    seriatim(arguments).output().expect("the binary runs")
}

/// How a run ended.
fn code(arguments: &[&str]) -> i32 {
    output(arguments).status.code().expect("it was not killed")
}

/// What a run printed and how it ended, for snapshots.
fn run(arguments: &[&str]) -> String {
    shown(&output(arguments))
}

fn shown(output: &Output) -> String {
    let stderr = text(&output.stderr);
    let stderr = if stderr.is_empty() { String::new() } else { format!("\n--- stderr ---\n{stderr}") };
    let code = output.status.code().map_or("killed".to_owned(), |code| code.to_string());
    format!("{}{stderr}\n--- exit {code} ---", text(&output.stdout))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("what is printed is UTF-8")
}

fn json(arguments: &[&str]) -> serde_json::Value {
    let output = output(&[arguments, &["--output-format", "json", "--no-timings"]].concat());
    serde_json::from_slice(&output.stdout).expect("it prints JSON")
}

/// A directory with these files.
fn directory(files: &[(&str, &[u8])]) -> TempDir {
    let directory = tempfile::tempdir().expect("a directory can be made");
    for (path, bytes) in files {
        let path = directory.path().join(path);
        fs::create_dir_all(path.parent().expect("it is below the directory"))
            .expect("a directory can be made");
        fs::write(path, bytes).expect("a file can be written");
    }
    directory
}

/// A run in `directory`.
fn run_in(directory: &TempDir, arguments: &[&str]) -> Output {
    seriatim(arguments).current_dir(directory.path()).output().expect("the binary runs")
}

fn with_stdin(arguments: &[&str], bytes: &[u8]) -> Output {
    let mut child = seriatim(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut stdin = child.stdin.take().expect("it is piped");
    std::thread::scope(|scope| {
        // Beside the reading, so that neither waits for the other. A program that refuses its options ends
        // without reading, and then nobody takes the bytes; what it says and ends with is what counts.
        scope.spawn(move || match stdin.write_all(bytes) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                panic!("it reads its input: {error}")
            }
            _ => (),
        });
        child.wait_with_output().expect("the binary ends")
    })
}

fn fixture(name: &str) -> Vec<u8> {
    fs::read(fixtures().join(name)).expect("the fixture is there")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

fn zst(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).expect("memory takes it")
}

mod anomalies;
mod around;
mod cards;
mod certificates;
#[cfg(unix)]
mod ci;
mod compared;
mod config;
mod convert;
mod explain;
mod gallery;
mod gate;
mod inputs;
mod large;
mod options;
mod outputs;
mod reduce;
mod reports;
mod required;
mod runs;
mod shards;
mod symptoms;
mod watch;
