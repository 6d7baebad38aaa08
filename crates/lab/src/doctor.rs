//! What is missing on this machine, and the line that installs it.

use std::collections::BTreeSet;
use std::env;
use std::path::Path;

use crate::fault::slow;
use crate::say::say;
use crate::shell;
use crate::system::{self, Need};
use crate::verdict;

/// What the lab itself calls.
const OWN: &[Need] = &[
    Need { package: "iproute2", program: "ip" },
    Need { package: "nftables", program: "nft" },
    Need { package: "util-linux", program: "setpriv" },
    Need { package: "util-linux", program: "unshare" },
];

/// What is good to have: without it histories are not compressed.
const GOOD: &[Need] = &[Need { package: "zstd", program: "zstd" }];

/// What is missing for some systems.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Missing {
    /// Packages to install.
    pub(crate) packages: BTreeSet<&'static str>,
    /// What no package mends.
    pub(crate) others: Vec<String>,
}

impl Missing {
    /// Whether nothing is.
    pub(crate) fn is_empty(&self) -> bool {
        self.packages.is_empty() && self.others.is_empty()
    }

    /// The line that installs it. No daemon starts by itself: the lab starts its own.
    pub(crate) fn line(&self) -> String {
        let packages: Vec<_> = self.packages.iter().copied().collect();
        format!(
            "printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d && apt-get update && \
             DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends {}",
            packages.join(" ")
        )
    }
}

/// What is missing for a system.
pub(crate) fn missing(needs: &[Need]) -> Missing {
    let packages =
        OWN.iter().chain(needs).filter(|need| !is_there(need.program)).map(|need| need.package).collect();
    let others = obstacle(&packages).into_iter().collect();
    Missing { packages, others }
}

/// What a network of a run is made of, in a namespace that is gone at once.
const PROBE: &str = "ip link add one type veth peer name two && ip link add three type bridge && \
                     nft add table inet lab && nft add set inet lab deaf '{ type ipv4_addr; }' && nft flush ruleset";

/// What no package mends, if there is such a thing.
fn obstacle(packages: &BTreeSet<&str>) -> Option<String> {
    if !nix::unistd::geteuid().is_root() {
        return Some("network namespaces need root: run it as root, or by sudo".to_owned());
    }
    if let Err(error) = shell::run(&["unshare", "--net", "--mount", "true"]) {
        return Some(format!("this machine does not let root make namespaces: {error:#}"));
    }
    // Without its programs nothing can be tried.
    if OWN.iter().any(|need| packages.contains(need.package)) {
        return None;
    }
    let name = format!("lab-probe-{}", std::process::id());
    let tried = shell::run(&["ip", "netns", "add", &name])
        .and_then(|_| shell::run(&["ip", "netns", "del", &name]))
        .and_then(|_| shell::run(&["unshare", "--net", "sh", "-c", PROBE]));
    tried.err().map(|error| format!("this machine has no virtual network that can be cut: {error:#}"))
}

/// Whether a program is there, by its path or on the PATH. Programs of servers are sometimes where root does not look.
pub(crate) fn is_there(program: &str) -> bool {
    if program.starts_with('/') {
        return Path::new(program).is_file();
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let usual = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"].map(Into::into);
    env::split_paths(&path).chain(usual).any(|folder| folder.join(program).is_file())
}

/// Tells what is there and what is not. Whether everything is.
pub(crate) fn report() -> bool {
    let mut all = Missing::default();
    for system in system::systems() {
        let missing = missing(system.needs());
        match system.version() {
            Ok(version) if missing.is_empty() => say(&format!("{:<10} {version}", system.name())),
            _ if missing.packages.is_empty() => say(&format!("{:<10} installed", system.name())),
            _ => {
                let packages: Vec<_> = missing.packages.iter().copied().collect();
                say(&format!("{:<10} missing: {}", system.name(), packages.join(", ")));
            }
        }
        all.packages.extend(missing.packages);
        all.others = missing.others;
    }
    match verdict::program() {
        Ok(path) => say(&format!("{:<10} {}", "seriatim", path.display())),
        Err(error) => all.others.push(format!("{error:#}")),
    }
    if !GOOD.iter().all(|need| is_there(need.program)) {
        say("zstd is not there: histories are not compressed");
    }
    say("clock skew: not done, since the clock of this machine is that of all nodes");
    say("delay and reordering by the kernel (netem): not used; it is missing in many kernels");
    if !Path::new(slow::DEVICE).exists() {
        say(&format!("{} is not there: rows with slow links cannot be recorded", slow::DEVICE));
    }
    for other in &all.others {
        say(&format!("\n{other}"));
    }
    if !all.packages.is_empty() {
        say(&format!("\nThis installs what is missing (Debian):\n  {}", all.line()));
    }
    all.is_empty()
}
