//! RabbitMQ: classic queues that are mirrored to all nodes, and quorum queues.
//!
//! What it promises is that a message that was confirmed is delivered at least once: it is taken off the queue when its
//! consumer acknowledges it, and what was delivered and not acknowledged is delivered again. So
//! * an enqueue is known to have happened when it was confirmed, and a negative confirmation says nothing;
//! * a dequeue is known to have happened when its acknowledgement was sent and the node answered what was asked after it on the
//!   same channel. If the connection breaks before, the message may or may not come again, so nobody knows;
//! * that a queue is empty says only that no message waits: some may be out with other consumers and come back. It is an
//!   answer where none can be out, which is after all clients have stopped and [`System::settled`] has seen that none is.
//!
//! So there are three things to check a history against. A `queue`: only without faults, since what is delivered again comes
//! out of its turn. A `bag`: each confirmed message comes out, once; what comes twice is a duplicate, which the promise
//! allows and the model does not. A `set` that nobody takes from until the end, when all that waits is read: each confirmed
//! message is there. That is what is promised, and only there a violation is one of the promise.

mod client;
mod erlang;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use async_trait::async_trait;
use tokio::time::{Instant, sleep};

use super::{Client, Need, System};
use crate::cluster::{Cluster, Launch, View};
use crate::node::Node;
use crate::setting::Setting;
use crate::shell;

/// The process that keeps the data.
const BROKER: &str = "rabbitmq";

/// What tells nodes each other's ports. It is started by itself, or the broker would start one that no group has.
const MAPPER: &str = "epmd";

/// The queues that workloads use. They lead where they are declared.
const QUEUES: [&str; 2] = ["queue", "set"];

/// What nodes must know to speak to each other.
const COOKIE: &str = "SERIATIMLAB";

/// Where nodes listen for each other.
const PORT: u16 = 25_672;

/// How long a cluster may take to start, or to become one again, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(240);

/// What is noted for clients when no message is out any more.
const SETTLED: &str = "settled";

/// RabbitMQ. Options of a setting:
/// * `queue`: `mirrored` or `quorum`.
/// * `partitions`: `autoheal`, `ignore` or `pause_minority`, as `cluster_partition_handling` has them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RabbitMq;

#[async_trait]
impl System for RabbitMq {
    fn name(&self) -> &'static str {
        "rabbitmq"
    }

    fn needs(&self) -> &'static [Need] {
        &[
            Need { package: "rabbitmq-server", program: "/usr/lib/rabbitmq/bin/rabbitmq-server" },
            Need { package: "erlang-base", program: "erl_call" },
            Need { package: "erlang-base", program: "epmd" },
        ]
    }

    fn version(&self) -> Result<String> {
        // The broker itself would have to run to tell.
        let listed = shell::run(&["dpkg-query", "--show", "--showformat", "${Version}", "rabbitmq-server"])?;
        Ok(format!("RabbitMQ {}", listed.trim()))
    }

    fn role(&self) -> &'static str {
        BROKER
    }

    async fn start(&self, cluster: &mut Cluster, setting: Setting) -> Result<()> {
        for node in cluster.nodes() {
            cluster.spawn(node, MAPPER, Launch::new(["epmd"]))?;
            let launch = configure(cluster, node, setting)?;
            cluster.spawn(node, BROKER, launch)?;
        }
        let nodes = cluster.nodes();
        agreed(&nodes, nodes.len()).await.context("RabbitMQ did not become a cluster")?;
        if setting.is("queue", "mirrored") {
            erlang::ask(nodes[0], erlang::MIRROR).await.context("cannot have queues mirrored")?;
        }
        client::declare(nodes[0], setting, &QUEUES).await.context("cannot declare queues")?;
        agreed(&nodes, nodes.len()).await.context("RabbitMQ did not stay a cluster")
    }

    async fn leader(&self, view: &View) -> Option<Node> {
        let mut votes = Vec::new();
        for node in view.nodes() {
            if let Ok(text) = erlang::ask(*node, erlang::LEADER).await {
                votes.extend(erlang::node_in(&text, view.nodes()));
            }
        }
        let count = |node: &Node| votes.iter().filter(|vote| *vote == node).count();
        votes.iter().copied().max_by_key(count)
    }

    async fn connect(
        &self,
        view: &View,
        node: Node,
        _client: usize,
        setting: Setting,
    ) -> Result<Box<dyn Client>> {
        let is_settled = view.noted(SETTLED).is_some();
        Ok(Box::new(client::Connected::to(node, setting, is_settled).await?))
    }

    fn settling(&self) -> Duration {
        PATIENCE + Duration::from_secs(30)
    }

    async fn settled(&self, cluster: &Cluster, setting: Setting) -> Result<()> {
        let nodes = cluster.nodes();
        if setting.is("partitions", "ignore") {
            reunite(&nodes).await?;
        }
        agreed(&nodes, nodes.len()).await.context("RabbitMQ did not become one cluster again")?;
        cluster.view().note(SETTLED, "no message is out");
        Ok(())
    }
}

/// A cluster that ignores partitions stays divided until somebody chooses the side to trust, and restarts the other one: here
/// the nodes that see no majority. They may take a while to see who is there.
async fn reunite(nodes: &[Node]) -> Result<()> {
    for _ in 0..5 {
        for node in nodes {
            let state = erlang::ask(*node, erlang::STATE).await.unwrap_or_default();
            if erlang::is_alone(&state, nodes.len()) {
                erlang::ask(*node, erlang::RESTART)
                    .await
                    .with_context(|| format!("cannot restart {node}"))?;
            }
        }
        sleep(Duration::from_secs(2)).await;
    }
    Ok(())
}

/// Waits until every node says that so many run, that none is partitioned off, and that no message is out with a consumer.
async fn agreed(nodes: &[Node], count: usize) -> Result<()> {
    let wanted = format!("{count} 0 0");
    let end = Instant::now() + PATIENCE;
    loop {
        let mut said = Vec::new();
        for node in nodes {
            let text = erlang::ask(*node, erlang::STATE).await;
            said.push(format!("{node}: {}", text.unwrap_or_else(|error| error.to_string())));
        }
        if said.iter().all(|text| text.ends_with(&format!(": {wanted}"))) {
            return Ok(());
        }
        if Instant::now() > end {
            bail!(
                "nodes that run, nodes that they miss, and messages that are out should be `{wanted}` after {} s: {}",
                PATIENCE.as_secs(),
                said.join("; ")
            );
        }
        sleep(Duration::from_millis(500)).await;
    }
}

/// Writes what a node needs, and says how it is started.
fn configure(cluster: &Cluster, node: Node, setting: Setting) -> Result<Launch> {
    let handling = setting.get("partitions").unwrap_or("pause_minority");
    let folder = cluster.folder(node, None)?;
    let cookie = cluster.write(node, ".erlang.cookie", COOKIE, None)?;
    fs::set_permissions(&cookie, fs::Permissions::from_mode(0o400))
        .with_context(|| format!("cannot protect {}", cookie.display()))?;
    cluster.write(node, "plugins", "[].\n", None)?;
    cluster.write(node, "rabbitmq.conf", &configuration(node, &cluster.nodes(), handling), None)?;
    let within = |name: &str| folder.join(name).display().to_string();
    // The node's name is that of its machine, so each has one of its own.
    let start = format!("hostname {node} && exec /usr/lib/rabbitmq/bin/rabbitmq-server");
    Ok(Launch::new(["unshare", "--uts", "sh", "-c", &start])
        .env("HOME", folder.display())
        .env("LC_ALL", "C.UTF-8")
        .env("RABBITMQ_NODENAME", format!("rabbit@{node}"))
        .env("RABBITMQ_MNESIA_BASE", within("mnesia"))
        .env("RABBITMQ_LOG_BASE", within("log"))
        .env("RABBITMQ_CONFIG_FILE", within("rabbitmq.conf"))
        .env("RABBITMQ_ADVANCED_CONFIG_FILE", within("advanced.config"))
        .env("RABBITMQ_ENABLED_PLUGINS_FILE", within("plugins"))
        .env("RABBITMQ_PID_FILE", within("pid"))
        .env("RABBITMQ_CONF_ENV_FILE", "/dev/null")
        .env("RABBITMQ_DIST_PORT", PORT)
        // Else a shell would stand between the lab and the broker.
        .env("RUNNING_UNDER_SYSTEMD", "true")
        // A node that is not heard of for six seconds, give or take a quarter, is taken to be down.
        .env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "+S 1:1 +sbwt none -kernel net_ticktime 6"))
}

fn configuration(node: Node, nodes: &[Node], handling: &str) -> String {
    let mut text = format!(
        "listeners.tcp.1 = {}:5672\n\
         loopback_users = none\n\
         heartbeat = 5\n\
         cluster_partition_handling = {handling}\n\
         cluster_formation.peer_discovery_backend = classic_config\n\
         log.console = true\n\
         log.file = false\n",
        node.address()
    );
    for (at, other) in nodes.iter().enumerate() {
        text.push_str(&format!("cluster_formation.classic_config.nodes.{} = rabbit@{other}\n", at + 1));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_listens_at_its_address_and_knows_all() {
        let text = configuration(Node(2), &Node::first(3), "autoheal");
        assert!(text.contains("listeners.tcp.1 = 10.77.0.12:5672\n"), "{text}");
        assert!(text.contains("cluster_partition_handling = autoheal\n"), "{text}");
        assert!(text.contains("nodes.3 = rabbit@n3\n"), "{text}");
    }
}
