//! Five seconds of one system with one fault: whether recording, checking and cleaning work.

use std::env;
use std::fs;
use std::path::Path;
use std::process;

use anyhow::{Result, ensure};

use crate::doctor;
use crate::guard::Guard;
use crate::interrupt;
use crate::namespace;
use crate::node::Node;
use crate::rows;
use crate::run::{self, Plan};
use crate::say::say;
use crate::system;
use crate::verdict;

/// What is recorded.
const ROW: &str = "redis/cas-register/primary/isolate-leader";
const SECONDS: f64 = 5.0;

/// Records, checks and cleans. What is found makes no difference.
pub(crate) fn smoke(prefix: &str) -> Result<u8> {
    if let Some(why) = obstacle() {
        say(&format!("SKIPPED: {why}"));
        return Ok(0);
    }
    let rows = rows::matching(&rows::rows(), ROW);
    ensure!(rows.len() == 1, "there is no row `{ROW}`");
    let checker = verdict::program()?;
    let out = env::temp_dir().join(format!("seriatim-smoke-{}", process::id()));
    let plan = Plan { seed: 1, seconds: Some(SECONDS), out: out.clone(), keeps_logs: false, checker };
    let mut guard = Guard::enter(prefix)?;
    let recorded = run::record(&mut guard, &rows[0], &plan);
    drop(guard);
    // What it wrote is of no use to anybody; where it wrote nothing, there is no folder.
    let _ = fs::remove_dir_all(&out);
    interrupt::check()?;
    let card = recorded?;
    ensure!(card.void.is_none(), "the recording is void: {}", card.void.unwrap_or_default());
    let found = card.found.as_ref().map_or(0, |found| found.operations);
    ensure!(found > 0, "nothing was recorded");
    ensure!(card.faults.len() == 1, "{} faults happened, and one should", card.faults.len());
    let left: Vec<_> = Node::first(rows[0].nodes)
        .iter()
        .map(|node| format!("{prefix}-{node}"))
        .chain([format!("{prefix}-lab")])
        .filter(|name| namespace::exists(name) || Path::new("/etc/netns").join(name).exists())
        .collect();
    ensure!(left.is_empty(), "left behind: {}", left.join(", "));
    say(&format!(
        "ok: recorded {found} operations, checked them ({}), and left nothing behind",
        card.verdict()
    ));
    Ok(0)
}

/// Why it cannot be done here, if so.
fn obstacle() -> Option<String> {
    let Some(system) = system::by_name("redis") else {
        return Some("this program was built without `redis`".to_owned());
    };
    let missing = doctor::missing(system.needs());
    if let Some(other) = missing.others.first() {
        return Some(other.clone());
    }
    let packages: Vec<_> = missing.packages.iter().copied().collect();
    (!packages.is_empty()).then(|| format!("not installed: {}", packages.join(", ")))
}
