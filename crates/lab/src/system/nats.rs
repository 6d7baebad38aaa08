//! NATS JetStream: streams as sets and logs of acknowledged messages, and a key-value bucket as registers.
//!
//! A bucket is a stream that keeps the last message of each subject, so there is one kind of object here. What a publish
//! answers comes from the stream's leader after a majority has the message. A read is answered by the leader too, which does
//! not ask anybody whether it still is one; or, where the stream allows it, by any replica at once. A set is read at the leader,
//! message by message. A log is read as its readers would, by a consumer, which delivers what some replica has.

mod client;

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use async_nats::jetstream::stream::{Config, DiscardPolicy, Info, StorageType};
use async_trait::async_trait;
use tokio::time::{Instant, sleep};

use super::{Client, Need, System};
use crate::cluster::{Cluster, Launch, View};
use crate::node::Node;
use crate::setting::Setting;
use crate::shell;

/// The server.
const SERVER: &str = "nats";

/// The stream, by its name.
const STREAM: &str = "KV_lab";

/// What the subjects of the stream begin with: those that a key-value client would use for a bucket that is called `lab`.
const SUBJECTS: &str = "$KV.lab.";

/// How long a cluster may take to start, or to become one again, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(40);

/// NATS JetStream. Options of a setting:
/// * `replicas`: how many nodes have the stream; `3` where nothing is said.
/// * `keeps`: `last` for a key-value bucket, which has the last message of each subject only; `all` where nothing is said.
/// * `reads`: `any` has any replica answer them (`allow_direct`); `leader` where nothing is said.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nats;

#[async_trait]
impl System for Nats {
    fn name(&self) -> &'static str {
        "nats"
    }

    fn needs(&self) -> &'static [Need] {
        &[Need { package: "nats-server", program: "nats-server" }]
    }

    fn version(&self) -> Result<String> {
        let text = shell::run(&["nats-server", "--version"])?;
        Ok(format!("NATS {}", text.trim().trim_start_matches("nats-server: v")))
    }

    fn role(&self) -> &'static str {
        SERVER
    }

    async fn start(&self, cluster: &mut Cluster, setting: Setting) -> Result<()> {
        let nodes = cluster.nodes();
        for node in &nodes {
            let store = cluster.folder(*node, None)?.join("store");
            let text = configuration(*node, &nodes, &store.display().to_string());
            let path = cluster.write(*node, "nats.conf", &text, None)?;
            let launch = Launch::new(["nats-server", "--config", &path.display().to_string()]);
            cluster.spawn(*node, SERVER, launch)?;
        }
        let end = Instant::now() + PATIENCE;
        while let Err(error) = make_stream(nodes[0], setting).await {
            if Instant::now() > end {
                return Err(error.context("NATS did not make the stream"));
            }
            sleep(Duration::from_millis(200)).await;
        }
        whole(&nodes, setting).await
    }

    async fn leader(&self, view: &View) -> Option<Node> {
        // Whoever was cut off may think that nothing has changed, so that most must agree.
        let mut votes = Vec::new();
        for node in view.nodes() {
            if let Ok(info) = ask(*node).await {
                votes.extend(leader_in(&info, view.nodes()));
            }
        }
        let count = |node: &Node| votes.iter().filter(|vote| *vote == node).count();
        votes.iter().copied().max_by_key(count)
    }

    async fn connect(
        &self,
        _view: &View,
        node: Node,
        _client: usize,
        setting: Setting,
    ) -> Result<Box<dyn Client>> {
        Ok(Box::new(client::Connected::to(node, setting).await?))
    }

    async fn settled(&self, cluster: &Cluster, setting: Setting) -> Result<()> {
        whole(&cluster.nodes(), setting).await
    }
}

fn replicas(setting: Setting) -> usize {
    setting.number("replicas").and_then(|number| usize::try_from(number).ok()).unwrap_or(3)
}

async fn make_stream(node: Node, setting: Setting) -> Result<()> {
    let context = client::context(node).await?;
    let config = Config {
        name: STREAM.to_owned(),
        subjects: vec![format!("{SUBJECTS}>")],
        storage: StorageType::File,
        num_replicas: replicas(setting),
        max_messages_per_subject: if setting.is("keeps", "last") { 1 } else { -1 },
        discard: if setting.is("keeps", "last") { DiscardPolicy::New } else { DiscardPolicy::Old },
        allow_direct: setting.is("reads", "any"),
        ..Config::default()
    };
    context.get_or_create_stream(config).await.context("cannot make the stream")?;
    Ok(())
}

/// What the stream's leader says of it, by way of a node.
async fn ask(node: Node) -> Result<Info> {
    let context = client::context(node).await?;
    let stream = context.get_stream_no_info(STREAM).await?;
    stream.get_info().await.with_context(|| format!("nobody answers {node} about the stream"))
}

fn leader_in(info: &Info, nodes: &[Node]) -> Option<Node> {
    let name = info.cluster.as_ref()?.leader.as_ref()?;
    nodes.iter().copied().find(|node| node.to_string() == *name)
}

/// Waits until the same leader answers by way of every node, and every replica has what it has.
async fn whole(nodes: &[Node], setting: Setting) -> Result<()> {
    let end = Instant::now() + PATIENCE;
    while let Err(error) = is_whole(nodes, setting).await {
        if Instant::now() > end {
            return Err(error.context(format!("NATS was not whole after {} s", PATIENCE.as_secs())));
        }
        sleep(Duration::from_millis(300)).await;
    }
    Ok(())
}

async fn is_whole(nodes: &[Node], setting: Setting) -> Result<()> {
    let mut first = None;
    for node in nodes {
        let info = ask(*node).await?;
        let leader = leader_in(&info, nodes).context("the stream has no leader")?;
        ensure!(*first.get_or_insert(leader) == leader, "nodes do not agree on the leader of the stream");
        let followers = info.cluster.map(|cluster| cluster.replicas).unwrap_or_default();
        ensure!(followers.len() + 1 == replicas(setting), "the stream has {} followers", followers.len());
        for follower in followers {
            if !follower.current || follower.offline || follower.lag.is_some_and(|lag| lag > 0) {
                bail!("{} lags behind {leader}", follower.name);
            }
        }
    }
    Ok(())
}

fn configuration(node: Node, nodes: &[Node], store: &str) -> String {
    let address = node.address();
    let others = nodes.iter().filter(|other| **other != node);
    let routes: Vec<_> = others.map(|other| format!("nats://{}:6222", other.address())).collect();
    format!(
        "server_name: {node}\n\
         listen: {address}:4222\n\
         jetstream {{ store_dir: \"{store}\", max_mem: 64M, max_file: 1G }}\n\
         cluster {{ name: lab, listen: {address}:6222, routes: [{}] }}\n\
         ping_interval: \"2s\"\n\
         ping_max: 2\n",
        routes.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_has_routes_to_all_others() {
        let text = configuration(Node(2), &Node::first(3), "/run/n2/store");
        assert!(text.contains("server_name: n2\nlisten: 10.77.0.12:4222\n"), "{text}");
        assert!(text.contains("routes: [nats://10.77.0.11:6222, nats://10.77.0.13:6222]"), "{text}");
        assert!(text.contains("store_dir: \"/run/n2/store\""), "{text}");
    }

    #[test]
    fn a_stream_has_three_replicas_where_nothing_is_said() {
        let setting = |options| Setting { name: "test", options };
        assert_eq!(replicas(setting(&[])), 3);
        assert_eq!(replicas(setting(&[("replicas", "1")])), 1);
    }
}
