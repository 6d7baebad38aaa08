//! Programs that are run to their end.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail};

/// Runs a program and gives what it wrote to its standard output. A status other than 0 is an error that tells what it wrote.
pub(crate) fn run(argv: &[&str]) -> Result<String> {
    fed(argv, "")
}

/// The same with a standard input.
pub(crate) fn fed(argv: &[&str], input: &str) -> Result<String> {
    let (program, arguments) = argv.split_first().context("there is no program to run")?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| {
            format!("cannot start `{program}`; `seriatim-lab doctor` says what must be installed")
        })?;
    if let Some(mut stdin) = child.stdin.take() {
        // Where it reads nothing, what it says tells why.
        let _ = stdin.write_all(input.as_bytes());
    }
    judge(argv, child.wait_with_output()?)
}

/// What a program wrote that has ended.
fn judge(argv: &[&str], output: Output) -> Result<String> {
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = if said.trim().is_empty() { String::from_utf8_lossy(&output.stdout) } else { said };
        bail!("`{}` ended with {}: {}", argv.join(" "), output.status, said.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
