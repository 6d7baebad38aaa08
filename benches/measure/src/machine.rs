//! What the figures were taken on.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::tool::Tool;

const LOCK: &str = include_str!("../Cargo.lock");

/// A paragraph: processors, memory, system, compiler, commit, peers, and how busy the machine was. No names or paths.
pub(crate) fn describe(root: &Path) -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let system = fs::read_to_string("/etc/os-release").ok();
    let system =
        system.as_deref().and_then(|text| field(text, "PRETTY_NAME=")).unwrap_or("an unnamed system");
    let memory = fs::read_to_string("/proc/meminfo").ok();
    let memory =
        memory.as_deref().and_then(|text| field(text, "MemTotal:")?.split_whitespace().next()?.parse().ok());
    let memory = memory.map_or("memory unknown".to_owned(), |kilobytes: f64| {
        format!("{:.0} GiB of memory", kilobytes / 1024.0 / 1024.0)
    });
    let load = fs::read_to_string("/proc/loadavg").ok();
    let load = load.as_deref().and_then(|text| text.split_whitespace().next()).unwrap_or("unknown");
    let commit = told(Command::new("git").current_dir(root).args(["log", "-1", "--format=%h of %cs"]));
    let changed =
        told(Command::new("git").current_dir(root).args(["status", "--porcelain", "--untracked-files=no"]));
    let changed = if changed.is_some_and(|files| !files.is_empty()) { ", with changes" } else { "" };
    let commit = commit.unwrap_or_else(|| "unknown".to_owned());
    let rustc = told(Command::new("rustc").arg("--version")).unwrap_or_else(|| "rustc unknown".to_owned());
    let rustc = rustc.split(" (").next().unwrap_or_default();
    let peers: Vec<_> = [Tool::PorcupineRs, Tool::TodcUtils, Tool::Stateright]
        .map(|tool| format!("{} {}", tool.package(), version(tool.package())))
        .into();
    format!(
        "{cores} cores ({}), {memory}, {system}, {rustc}; commit {commit}{changed}; {}. One-minute load average at the \
         start: {load}.\n",
        std::env::consts::ARCH,
        peers.join(", ")
    )
}

fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| Some(line.strip_prefix(name)?.trim().trim_matches('"')))
}

fn told(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The version of a package that this program was built with.
pub(crate) fn version(package: &str) -> &'static str {
    let head = format!("name = \"{package}\"\nversion = \"");
    let after = LOCK.split_once(&head).map(|(_, after)| after);
    after.and_then(|after| after.split('"').next()).unwrap_or("of unknown version")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_have_versions() {
        for tool in [Tool::PorcupineRs, Tool::TodcUtils, Tool::Stateright] {
            assert!(version(tool.package()).starts_with("0."), "{}", version(tool.package()));
        }
        assert_eq!(version("no-such-package"), "of unknown version");
    }
}
