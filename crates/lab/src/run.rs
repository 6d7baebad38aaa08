//! Records a row: from an empty machine to an empty machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use tokio::runtime;

use crate::card::{self, Card};
use crate::cluster::Cluster;
use crate::drive::{Driven, drive};
use crate::guard::{Guard, RUNS};
use crate::interrupt;
use crate::net::Network;
use crate::node::Node;
use crate::recording::{Counts, Recording};
use crate::row::Row;
use crate::schedule::Schedule;
use crate::system::{self, System};
use crate::verdict;

/// What a run is told beside its row.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// What everything that is drawn follows from.
    pub(crate) seed: u64,
    /// How long clients work; as long as the faults need where nothing is said.
    pub(crate) seconds: Option<f64>,
    /// Where histories and cards go.
    pub(crate) out: PathBuf,
    /// Whether the folder of the run, with all logs of the servers, is kept beside them.
    pub(crate) keeps_logs: bool,
    /// The program that checks.
    pub(crate) checker: PathBuf,
}

/// Records a row, checks it, and writes history and card. Afterwards nothing of it is left but these.
pub(crate) fn record(guard: &mut Guard, row: &Row, plan: &Plan) -> Result<Card> {
    let system = system::by_name(row.system).with_context(|| {
        format!("this program was built without `{}`; build it with `--features all`", row.system)
    })?;
    fs::create_dir_all(&plan.out).with_context(|| format!("cannot make {}", plan.out.display()))?;
    let name = name(row, plan.seed);
    let recorded = in_cluster(guard, system, row, plan, &name);
    let cleaned = guard.clean();
    let card = recorded?;
    cleaned?;
    Ok(card)
}

/// A name that no other recording has: two in one second would take the same folder, and the lock lets no two run.
fn name(row: &Row, seed: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    format!("{}-{seed}-{now}", row.name().replace('/', "_"))
}

fn in_cluster(
    guard: &mut Guard,
    system: &'static dyn System,
    row: &Row,
    plan: &Plan,
    name: &str,
) -> Result<Card> {
    let version = system.version()?;
    let folder = Path::new(RUNS).join(format!("{}-{}", guard.prefix(), short(name)));
    guard.folder(&folder)?;
    let history = folder.join(format!("{name}.jsonl"));
    let schedule = Schedule::new(plan.seed, row.faults, plan.seconds);
    interrupt::check()?;
    let network = Network::make(guard, &Node::first(row.nodes))?;
    // From here on every thread that begins is on the bridge.
    let mut cluster = Cluster::new(network, &folder);
    let recorded = {
        let runtime = runtime::Builder::new_multi_thread().worker_threads(3).enable_all().build()?;
        let driven = runtime.block_on(async {
            tokio::select! {
                driven = serve(row, system, &mut cluster, &history, &schedule, plan.seed) => driven,
                () = interrupt::asked() => bail!("interrupted"),
            }
        });
        runtime.shutdown_background();
        driven
    };
    let failed = recorded.is_err() && !interrupt::is_asked();
    let words = if failed { cluster.last_words() } else { String::new() };
    drop(cluster);
    if plan.keeps_logs {
        copy(&folder, &plan.out.join(format!("{name}.logs")))?;
    }
    let (driven, counts) = recorded.with_context(|| words.trim_end().to_owned()).map_err(unlogged)?;
    let stored = store(&history, &plan.out)?;
    let void = void(&driven, &counts);
    let found = match void {
        Some(_) => None,
        None => {
            let checked = verdict::check(&plan.checker, &stored);
            Some(checked.with_context(|| format!("it is in {}, without a card", stored.display()))?)
        }
    };
    let card = Card {
        row: row.name(),
        history: stored.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        system: version,
        topology: card::topology(row),
        clients: card::clients(row),
        setting_name: row.setting.name,
        setting: row.setting,
        promise: row.promise,
        expectation: card::expectation(row),
        seed: plan.seed,
        load_ms: u64::try_from(schedule.load.as_millis()).unwrap_or(u64::MAX),
        schedule: schedule.steps,
        faults: driven.faults,
        outcomes: counts,
        settled: driven.not_settled.unwrap_or_else(|| "yes".to_owned()),
        last_requests: driven.not_final.unwrap_or_else(|| "all answered".to_owned()),
        void,
        found,
        again: again(row, plan),
    };
    let path = plan.out.join(format!("{name}.card.json"));
    let text = serde_json::to_string_pretty(&card)? + "\n";
    fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(card)
}

/// Puts what the servers wrote last below an error, rather than above it.
fn unlogged(error: anyhow::Error) -> anyhow::Error {
    let words = error.to_string();
    let chain: Vec<_> = error.chain().skip(1).map(ToString::to_string).collect();
    if words.is_empty() {
        anyhow::anyhow!("{}", chain.join(": "))
    } else {
        anyhow::anyhow!("{}\nwhat the servers wrote last:\n{words}", chain.join(": "))
    }
}

/// Starts the system, and drives it.
async fn serve(
    row: &Row,
    system: &'static dyn System,
    cluster: &mut Cluster,
    history: &Path,
    schedule: &Schedule,
    seed: u64,
) -> Result<(Driven, Counts)> {
    system.start(cluster, row.setting).await.with_context(|| format!("{} does not start", system.name()))?;
    let recording = Recording::create(history, row.workload, row.has_two_clocks())?;
    let driven = drive(row, system, cluster, &recording, schedule, seed).await?;
    recording.finish()?;
    Ok((driven, recording.counts()))
}

/// Why a recording says nothing, if so.
fn void(driven: &Driven, counts: &Counts) -> Option<String> {
    // Whoever looks at nothing finds it.
    let puts_in = |function: &str| !matches!(function, "read" | "dequeue");
    if counts.iter().all(|(function, count)| count.ok == 0 || !puts_in(function)) {
        return Some("not one request that changes anything is known to have happened".to_owned());
    }
    match &driven.not_final {
        Some(why) if driven.needs_final => Some(format!("{why}: what is missing may well be there")),
        _ => None,
    }
}

/// The part of a name that tells runs apart: paths of sockets are short.
fn short(name: &str) -> &str {
    name.rsplit('-').next().unwrap_or(name)
}

/// Compresses a history into a folder, where there is zstd; else copies it.
fn store(history: &Path, out: &Path) -> Result<PathBuf> {
    let name = history.file_name().context("a history has a name")?;
    let mut packed = out.join(name).into_os_string();
    packed.push(".zst");
    let packed = PathBuf::from(packed);
    let plain = out.join(name);
    if let Some(there) = [&packed, &plain].into_iter().find(|path| path.exists()) {
        bail!("{} is there already", there.display());
    }
    let done = Command::new("zstd").args(["-19", "-q"]).arg(history).arg("-o").arg(&packed).status();
    match done {
        Ok(status) if status.success() => Ok(packed),
        _ => {
            fs::copy(history, &plain).with_context(|| format!("cannot write {}", plain.display()))?;
            Ok(plain)
        }
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let status = Command::new("cp").arg("-r").arg(from).arg(to).status()?;
    if !status.success() {
        bail!("cannot copy {} to {}", from.display(), to.display());
    }
    Ok(())
}

fn again(row: &Row, plan: &Plan) -> String {
    let seconds = plan.seconds.map_or(String::new(), |seconds| format!(" --seconds {seconds}"));
    format!("seriatim-lab run {} --seed {}{seconds}", row.name(), plan.seed)
}

#[cfg(test)]
mod tests;
