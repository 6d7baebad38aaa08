//! Nodes in network namespaces of their own, on one bridge that leads nowhere else.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::guard::{ETC, Guard};
use crate::namespace::Home;
use crate::node::{LAB, Node};
use crate::shell;

/// What each node drops: packets that come from an address in `deaf`. The sender is told nothing, as on a wire that is cut.
const RULES: &str = "\
table inet lab {
  set deaf { type ipv4_addr; }
  chain in { type filter hook input priority 0; ip saddr @deaf drop; }
}
";

/// The network of a run. This process is in it until it is dropped.
#[derive(Debug)]
pub(crate) struct Network {
    prefix: String,
    nodes: Vec<Node>,
    _home: Home,
}

impl Network {
    /// Makes bridge and namespaces, and moves this thread to the bridge, where clients reach all nodes whatever is cut
    /// between these.
    pub(crate) fn make(guard: &mut Guard, nodes: &[Node]) -> Result<Self> {
        let lab = format!("{}-lab", guard.prefix());
        guard.namespace(&lab)?;
        shell::run(&["ip", "netns", "add", &lab])?;
        let within = |arguments: &str| ip(&lab, arguments);
        within("link set lo up")?;
        within("link add bridge type bridge")?;
        within("link set bridge up")?;
        within(&format!("addr add {LAB}/24 dev bridge"))?;
        let hosts = hosts(nodes);
        for node in nodes {
            let name = format!("{}-{node}", guard.prefix());
            let etc = Path::new(ETC).join(&name);
            guard.folder(&etc)?;
            fs::write(etc.join("hosts"), &hosts)
                .with_context(|| format!("cannot write into {}", etc.display()))?;
            guard.namespace(&name)?;
            shell::run(&["ip", "netns", "add", &name])?;
            within(&format!("link add to-{node} type veth peer name eth0 netns {name}"))?;
            within(&format!("link set to-{node} master bridge up"))?;
            ip(&name, &format!("addr add {}/24 dev eth0", node.address()))?;
            ip(&name, "link set eth0 up")?;
            ip(&name, "link set lo up")?;
        }
        let home = Home::leave_for(&lab)?;
        let network = Self { prefix: guard.prefix().to_owned(), nodes: nodes.to_vec(), _home: home };
        for node in nodes {
            network.nft(*node, RULES)?;
        }
        Ok(network)
    }

    /// The namespace of a node.
    pub(crate) fn namespace(&self, node: Node) -> String {
        format!("{}-{node}", self.prefix)
    }

    /// All nodes.
    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Has nft read commands in the namespace of a node.
    pub(crate) fn nft(&self, node: Node, commands: &str) -> Result<()> {
        shell::fed(&["ip", "netns", "exec", &self.namespace(node), "nft", "-f", "-"], commands).map(drop)
    }

    /// From now on nothing that some nodes send comes in at others. What one may send to itself is not asked.
    pub(crate) fn deafen(&self, deaf: &[Node], to: &[Node]) -> Result<()> {
        for node in deaf {
            let addresses: Vec<_> =
                to.iter().filter(|other| *other != node).map(|other| other.address().to_string()).collect();
            if !addresses.is_empty() {
                self.nft(*node, &format!("add element inet lab deaf {{ {} }}\n", addresses.join(", ")))?;
            }
        }
        Ok(())
    }

    /// Cuts the two ways between some nodes and others.
    pub(crate) fn cut(&self, some: &[Node], others: &[Node]) -> Result<()> {
        self.deafen(some, others)?;
        self.deafen(others, some)
    }

    /// All nodes but some.
    pub(crate) fn without(&self, some: &[Node]) -> Vec<Node> {
        self.nodes.iter().copied().filter(|node| !some.contains(node)).collect()
    }

    /// Whatever was cut is whole again.
    pub(crate) fn heal(&self) -> Result<()> {
        self.nodes.iter().try_for_each(|node| self.nft(*node, "flush set inet lab deaf\n"))
    }
}

fn ip(namespace: &str, arguments: &str) -> Result<()> {
    let mut argv = vec!["ip", "-n", namespace];
    argv.extend(arguments.split(' '));
    shell::run(&argv).map(drop)
}

/// The names of all nodes, for systems that insist on names.
fn hosts(nodes: &[Node]) -> String {
    let mut text = format!("127.0.0.1 localhost\n{LAB} lab\n");
    for node in nodes {
        text.push_str(&format!("{} {node}\n", node.address()));
    }
    text
}
