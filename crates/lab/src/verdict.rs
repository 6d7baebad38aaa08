//! Asks the program `seriatim` about a history.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How long a check may take.
const LIMIT: &str = "120s";

/// What `seriatim check` found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Verdict {
    /// `valid`, `invalid`, `unknown`, `vacuous`.
    pub(crate) verdict: String,
    /// How many operations the history has.
    pub(crate) operations: u64,
    /// How many findings there are of each kind of anomaly.
    pub(crate) codes: BTreeMap<String, u64>,
    /// Symptoms, which no verdict depends on.
    pub(crate) symptoms: Vec<String>,
    /// How many keys, or other parts, have each verdict.
    pub(crate) parts: BTreeMap<String, u64>,
}

/// The program: the one that the variable SERIATIM names, one beside this program, or the one on the PATH.
pub(crate) fn program() -> Result<PathBuf> {
    if let Some(named) = env::var_os("SERIATIM").filter(|named| !named.is_empty()) {
        let named = PathBuf::from(named);
        ensure!(
            named.is_file(),
            "the variable SERIATIM names {}, and there is no such file",
            named.display()
        );
        return Ok(named);
    }
    let beside =
        env::current_exe().ok().map(|own| own.with_file_name("seriatim")).filter(|path| path.is_file());
    let on_path = || {
        let path = env::var_os("PATH")?;
        env::split_paths(&path).map(|folder| folder.join("seriatim")).find(|path| path.is_file())
    };
    beside.or_else(on_path).context(
        "there is no program `seriatim` to check with; build it by `cargo build --release` in a checkout, and set the \
         variable SERIATIM to its path",
    )
}

/// Checks a history.
pub(crate) fn check(program: &Path, history: &Path) -> Result<Verdict> {
    let output = Command::new(program)
        .args(["check", "--isolated", "--no-timings", "--output-format", "json", "--timeout", LIMIT, "--"])
        .arg(history)
        .output()
        .with_context(|| format!("cannot start `{}`", program.display()))?;
    if !matches!(output.status.code(), Some(0 | 1 | 3 | 4)) {
        bail!(
            "`{} check {}` ended with {}: {}",
            program.display(),
            history.display(),
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    read(&output.stdout).with_context(|| format!("cannot read the report of `{}`", program.display()))
}

/// What a JSON report of one history says.
fn read(report: &[u8]) -> Result<Verdict> {
    let report: Value = serde_json::from_slice(report)?;
    let history = &report["histories"][0];
    let verdict = history["verdict"].as_str().context("it has no verdict")?.to_owned();
    let operations = history["operations"]["total"].as_u64().context("it does not count operations")?;
    let list = |name: &str| history[name].as_array().cloned().unwrap_or_default();
    let mut codes = BTreeMap::new();
    for anomaly in list("anomalies") {
        let code = anomaly["code"].as_str().context("an anomaly has no code")?;
        *codes.entry(code.to_owned()).or_insert(0) += 1;
    }
    let mut parts = BTreeMap::new();
    for part in list("parts") {
        let verdict = part["verdict"].as_str().context("a part has no verdict")?;
        *parts.entry(verdict.to_owned()).or_insert(0) += 1;
    }
    let symptoms =
        list("symptoms").iter().filter_map(|symptom| symptom["code"].as_str().map(str::to_owned)).collect();
    Ok(Verdict { verdict, operations, codes, symptoms, parts })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_read_by_its_codes() {
        let report = br#"{"histories":[{"verdict":"invalid","operations":{"total":9},
            "parts":[{"verdict":"invalid"},{"verdict":"valid"},{"verdict":"valid"}],
            "anomalies":[{"code":"LIN001"},{"code":"LIN002"},{"code":"LIN001"}],"symptoms":[{"code":"SYM01"}]}]}"#;
        let verdict = read(report).expect("it is a report");
        assert_eq!((verdict.verdict.as_str(), verdict.operations), ("invalid", 9));
        assert_eq!(verdict.codes, BTreeMap::from([("LIN001".to_owned(), 2), ("LIN002".to_owned(), 1)]));
        assert_eq!(verdict.parts, BTreeMap::from([("invalid".to_owned(), 1), ("valid".to_owned(), 2)]));
        assert_eq!(verdict.symptoms, ["SYM01"]);
    }

    #[test]
    fn what_is_no_report_is_an_error() {
        assert!(read(b"no").is_err());
        assert!(read(b"{\"histories\":[]}").is_err());
    }
}
