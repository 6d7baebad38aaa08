//! The nodes of a run and the processes on them.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::net::Ipv4Addr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::{Pid, User, chown};

use crate::descent::descendants;
use crate::namespace;
use crate::net::Network;
use crate::node::Node;
use crate::shell;

/// What clients may know of a cluster. Clones know the same.
#[derive(Clone, Debug)]
pub(crate) struct View {
    nodes: Arc<Vec<Node>>,
    notes: Arc<Mutex<BTreeMap<String, String>>>,
}

impl View {
    /// Nodes of which nothing is known yet.
    pub(crate) fn new(nodes: &[Node]) -> Self {
        Self { nodes: Arc::new(nodes.to_vec()), notes: Arc::default() }
    }

    /// All nodes.
    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The node of an address.
    pub(crate) fn node_at(&self, address: Ipv4Addr) -> Option<Node> {
        Node::at(address, &self.nodes)
    }

    /// Tells clients something, such as who is the primary by decree.
    pub(crate) fn note(&self, word: &str, what: impl ToString) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        notes.insert(word.to_owned(), what.to_string());
    }

    /// What clients were told last.
    pub(crate) fn noted(&self, word: &str) -> Option<String> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).get(word).cloned()
    }
}

/// How a process is started.
#[derive(Clone, Debug, Default)]
pub(crate) struct Launch {
    /// Program and arguments.
    pub(crate) argv: Vec<String>,
    /// Variables beside those of the lab.
    pub(crate) env: Vec<(String, String)>,
    /// Who it runs as; root where nothing is said.
    pub(crate) user: Option<&'static str>,
}

impl Launch {
    /// A program with arguments.
    pub(crate) fn new<T: ToString>(argv: impl IntoIterator<Item = T>) -> Self {
        Self { argv: argv.into_iter().map(|word| word.to_string()).collect(), ..Self::default() }
    }

    /// A variable.
    pub(crate) fn env(mut self, name: &str, value: impl ToString) -> Self {
        self.env.push((name.to_owned(), value.to_string()));
        self
    }

    /// Who it runs as.
    pub(crate) fn user(mut self, user: &'static str) -> Self {
        self.user = Some(user);
        self
    }
}

/// The nodes of a run and the processes on them. Those that were started are dead when it is dropped.
#[derive(Debug)]
pub(crate) struct Cluster {
    view: View,
    network: Network,
    folder: PathBuf,
    launches: BTreeMap<(Node, String), Launch>,
    running: BTreeMap<(Node, String), Child>,
}

impl Cluster {
    /// A network without processes, and a folder that is there.
    pub(crate) fn new(network: Network, folder: &Path) -> Self {
        Self {
            view: View::new(network.nodes()),
            network,
            folder: folder.to_owned(),
            launches: BTreeMap::new(),
            running: BTreeMap::new(),
        }
    }

    /// What clients may know.
    pub(crate) fn view(&self) -> View {
        self.view.clone()
    }

    /// All nodes.
    pub(crate) fn nodes(&self) -> Vec<Node> {
        self.view.nodes().to_vec()
    }

    /// The network.
    pub(crate) fn network(&self) -> &Network {
        &self.network
    }

    /// The folder of a node; made where it is not there, and given to a user.
    pub(crate) fn folder(&self, node: Node, user: Option<&str>) -> Result<PathBuf> {
        let path = self.folder.join(node.to_string());
        fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        give(&path, user)?;
        Ok(path)
    }

    /// Makes a folder in that of a node, and gives it to a user.
    pub(crate) fn make(&self, node: Node, name: &str, user: Option<&str>) -> Result<PathBuf> {
        let path = self.folder(node, user)?.join(name);
        fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        give(&path, user)?;
        Ok(path)
    }

    /// Writes a file into the folder of a node, and gives it to a user.
    pub(crate) fn write(&self, node: Node, name: &str, text: &str, user: Option<&str>) -> Result<PathBuf> {
        let path = self.folder(node, user)?.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        give(&path, user)?;
        Ok(path)
    }

    /// Starts a process on a node. What it writes goes to a log in the folder of the run.
    pub(crate) fn spawn(&mut self, node: Node, role: &str, launch: Launch) -> Result<()> {
        let path = self.log(node, role);
        let log = OpenOptions::new().create(true).append(true).open(&path);
        let log = log.with_context(|| format!("cannot write {}", path.display()))?;
        let mut command = self.command(node, &launch)?;
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {role} on {node}"))?;
        let key = (node, role.to_owned());
        if let Some(mut before) = self.running.insert(key.clone(), child) {
            before.kill()?;
            before.wait()?;
        }
        self.launches.insert(key, launch);
        Ok(())
    }

    /// Runs a program on a node to its end, and gives what it wrote to its standard output.
    pub(crate) fn run(&self, node: Node, launch: &Launch) -> Result<String> {
        let output = self
            .command(node, launch)?
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("cannot start `{}` on {node}", launch.argv.join(" ")))?;
        if !output.status.success() {
            bail!(
                "`{}` on {node} ended with {}: {}",
                launch.argv.join(" "),
                output.status,
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn command(&self, node: Node, launch: &Launch) -> Result<Command> {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.network.namespace(node)]);
        if let Some(user) = launch.user {
            command.args(["setpriv", "--reuid", user, "--regid", user, "--clear-groups"]);
        }
        // A group of its own: what the terminal sends to the lab does not reach it.
        command
            .args(&launch.argv)
            .envs(launch.env.iter().cloned())
            .current_dir(self.folder(node, None)?)
            .process_group(0);
        Ok(command)
    }

    /// Removes what is in a folder of a node, and leaves the folder and whose it is.
    pub(crate) fn wipe(&self, node: Node, name: &str) -> Result<()> {
        let folder = self.folder(node, None)?.join(name);
        let wiped = || -> std::io::Result<()> {
            for entry in fs::read_dir(&folder)? {
                let entry = entry?;
                if entry.file_type()?.is_dir() {
                    fs::remove_dir_all(entry.path())?;
                } else {
                    fs::remove_file(entry.path())?;
                }
            }
            Ok(())
        };
        wiped().with_context(|| format!("cannot empty {}", folder.display()))
    }

    /// Copies what is in a folder of a node into another of its folders, with whose it is.
    pub(crate) fn copy(&self, node: Node, from: &str, to: &str) -> Result<()> {
        let folder = self.folder(node, None)?;
        let to = folder.join(to);
        fs::create_dir_all(&to).with_context(|| format!("cannot make {}", to.display()))?;
        let from = folder.join(from).join(".").display().to_string();
        shell::run(&["cp", "-a", &from, &to.display().to_string()]).map(drop)
    }

    /// Kills a process and its group, and waits until it is dead.
    pub(crate) fn kill(&mut self, node: Node, role: &str) -> Result<()> {
        let Some(mut child) = self.running.remove(&(node, role.to_owned())) else {
            bail!("{role} does not run on {node}")
        };
        end(&mut child);
        Ok(())
    }

    /// Kills all processes of a node, also those that left their group: as if its machine stopped.
    pub(crate) fn kill_node(&mut self, node: Node) {
        for process in namespace::processes(&self.network.namespace(node)) {
            // It may be gone already.
            let _ = kill(process, Signal::SIGKILL);
        }
        let here: Vec<_> = self.running.keys().filter(|(at, _)| *at == node).cloned().collect();
        for key in here {
            if let Some(mut child) = self.running.remove(&key) {
                end(&mut child);
            }
        }
    }

    /// Starts a process again as it was started before.
    pub(crate) fn restart(&mut self, node: Node, role: &str) -> Result<()> {
        let launch = self.launches.get(&(node, role.to_owned())).cloned();
        let launch = launch.with_context(|| format!("{role} was never started on {node}"))?;
        self.spawn(node, role, launch)
    }

    /// Stops a process, its group and all that descend from it where they stand.
    pub(crate) fn pause(&self, node: Node, role: &str) -> Result<()> {
        self.signal(node, role, Signal::SIGSTOP)
    }

    /// Lets them go on.
    pub(crate) fn resume(&self, node: Node, role: &str) -> Result<()> {
        self.signal(node, role, Signal::SIGCONT)
    }

    /// The group of a process that runs.
    pub(crate) fn group(&self, node: Node, role: &str) -> Result<Pid> {
        let child = self.running.get(&(node, role.to_owned()));
        child.map(group).with_context(|| format!("{role} does not run on {node}"))
    }

    fn signal(&self, node: Node, role: &str, signal: Signal) -> Result<()> {
        let group = self.group(node, role)?;
        for process in descendants(group) {
            // It may have ended meanwhile.
            let _ = kill(process, signal);
        }
        killpg(group, signal).with_context(|| format!("cannot send {signal} to {role} on {node}"))
    }

    /// The roles that were started on a node.
    pub(crate) fn roles(&self, node: Node) -> Vec<String> {
        self.launches.keys().filter(|(at, _)| *at == node).map(|(_, role)| role.clone()).collect()
    }

    /// The log of a process.
    pub(crate) fn log(&self, node: Node, role: &str) -> PathBuf {
        self.folder.join(format!("{node}-{role}.log"))
    }

    /// What all logs end with, for the message of an error.
    pub(crate) fn last_words(&self) -> String {
        let mut text = String::new();
        for (node, role) in self.launches.keys() {
            if let Ok(words) = tail(&self.log(*node, role)) {
                text.push_str(&format!("--- {node} {role}\n{words}\n"));
            }
        }
        text
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for child in self.running.values_mut() {
            end(child);
        }
    }
}

fn group(child: &Child) -> Pid {
    Pid::from_raw(child.id().cast_signed())
}

/// Kills a process and its group, and waits until it is dead.
fn end(child: &mut Child) {
    // Either may be gone already.
    let _ = killpg(group(child), Signal::SIGKILL);
    let _ = child.kill();
    let _ = child.wait();
}

/// Gives a file or a folder to a user.
fn give(path: &Path, user: Option<&str>) -> Result<()> {
    let Some(user) = user else { return Ok(()) };
    let found =
        User::from_name(user)?.with_context(|| format!("there is no user `{user}` on this machine"))?;
    chown(path, Some(found.uid), Some(found.gid))
        .with_context(|| format!("cannot give {} to {user}", path.display()))
}

/// The last lines of a log.
fn tail(path: &Path) -> Result<String> {
    let mut file = File::open(path)?;
    let from = file.metadata()?.len().saturating_sub(1_500);
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<_> = text.lines().collect();
    Ok(lines[lines.len().saturating_sub(8)..].join("\n"))
}
