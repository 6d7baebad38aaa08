//! What is missing on this machine, and the line that installs it.

use std::collections::BTreeSet;
use std::env;
use std::path::Path;

use crate::fault::slow;
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
    let mut others = Vec::new();
    if !nix::unistd::geteuid().is_root() {
        others.push("network namespaces need root: run it as root, or by sudo".to_owned());
    } else if let Err(error) = shell::run(&["unshare", "--net", "true"]) {
        others.push(format!("this machine does not let root make network namespaces: {error:#}"));
    }
    Missing { packages, others }
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
            Ok(version) if missing.is_empty() => println!("{:<10} {version}", system.name()),
            _ if missing.packages.is_empty() => println!("{:<10} installed", system.name()),
            _ => {
                let packages: Vec<_> = missing.packages.iter().copied().collect();
                println!("{:<10} missing: {}", system.name(), packages.join(", "));
            }
        }
        all.packages.extend(missing.packages);
        all.others = missing.others;
    }
    match verdict::program() {
        Ok(path) => println!("{:<10} {}", "seriatim", path.display()),
        Err(error) => all.others.push(format!("{error:#}")),
    }
    if !GOOD.iter().all(|need| is_there(need.program)) {
        println!("zstd is not there: histories are not compressed");
    }
    println!("clock skew: not done, since the clock of this machine is that of all nodes");
    println!("delay and reordering by the kernel (netem): not used; it is missing in many kernels");
    if !Path::new(slow::DEVICE).exists() {
        println!("{} is not there: rows with slow links cannot be recorded", slow::DEVICE);
    }
    for other in &all.others {
        println!("\n{other}");
    }
    if !all.packages.is_empty() {
        println!("\nThis installs what is missing (Debian):\n  {}", all.line());
    }
    all.is_empty()
}
