//! ZooKeeper: a leader and followers that agree on an order of all writes. Each server answers reads from what it has.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use async_trait::async_trait;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::cluster::{Cluster, Launch, View};
use crate::node::Node;
use crate::setting::Setting;
use crate::shell;
use crate::system::{Client, Need, System};
use client::ZooKeeperClient;
use thread::ThreadClient;

mod client;
mod lock;
mod thread;

/// What a server is called.
const ROLE: &str = "zookeeper";
/// Where Debian keeps the program; the folder has its options for logging.
const CLASSES: &str = "/etc/zookeeper/conf:/usr/share/java/zookeeper.jar";
/// How long the servers may take to serve.
const START: Duration = Duration::from_secs(60);
/// How long one may take to say how it is.
const ASK: Duration = Duration::from_millis(500);

/// The options of all servers: half-second ticks, so that followers are given up after two seconds.
const OPTIONS: &str = "\
tickTime=500
initLimit=10
syncLimit=4
minSessionTimeout=1000
clientPort=2181
maxClientCnxns=0
admin.enableServer=false
4lw.commands.whitelist=srvr
";

/// The program and its arguments but the last. Whoever elects a leader gives up after half a second, and not five, on a
/// server that cannot be reached.
const JAVA: &[&str] = &[
    "java",
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-Dzookeeper.cnxTimeout=500",
    "-cp",
    CLASSES,
    "org.apache.zookeeper.server.quorum.QuorumPeerMain",
];

/// ZooKeeper.
pub(crate) struct ZooKeeper;

#[async_trait]
impl System for ZooKeeper {
    fn name(&self) -> &'static str {
        "zookeeper"
    }

    fn needs(&self) -> &'static [Need] {
        &[
            Need { package: "zookeeper", program: "/usr/share/java/zookeeper.jar" },
            Need { package: "default-jre-headless", program: "java" },
        ]
    }

    fn version(&self) -> Result<String> {
        let told = shell::run(&["java", "-cp", CLASSES, "org.apache.zookeeper.version.VersionInfoMain"])?;
        let line = told
            .lines()
            .find(|line| line.contains("version"))
            .context("ZooKeeper does not tell its version")?;
        Ok(line.trim().to_owned())
    }

    fn role(&self) -> &'static str {
        ROLE
    }

    async fn start(&self, cluster: &mut Cluster, _setting: Setting) -> Result<()> {
        let nodes = cluster.nodes();
        let members: String =
            nodes.iter().map(|node| format!("server.{}={}:2888:3888\n", node.0, node.address())).collect();
        for node in &nodes {
            let data = cluster.folder(*node, None)?;
            cluster.write(*node, "myid", &node.0.to_string(), None)?;
            let text = format!(
                "{OPTIONS}clientPortAddress={}\ndataDir={}\n{members}",
                node.address(),
                data.display()
            );
            let options = cluster.write(*node, "zoo.cfg", &text, None)?;
            let options = options.display().to_string();
            cluster.spawn(*node, ROLE, Launch::new(JAVA.iter().chain(&[options.as_str()])))?;
        }
        all_serve(&nodes).await
    }

    async fn leader(&self, view: &View) -> Option<Node> {
        for node in view.nodes() {
            if mode(*node).await.as_deref() == Some("leader") {
                return Some(*node);
            }
        }
        None
    }

    async fn connect(
        &self,
        _view: &View,
        node: Node,
        _client: usize,
        setting: Setting,
    ) -> Result<Box<dyn Client>> {
        if setting.is("session", "kept by requests") {
            return Ok(Box::new(ThreadClient::connect(node, setting).await?));
        }
        Ok(Box::new(ZooKeeperClient::connect(node, setting).await?))
    }

    async fn settled(&self, cluster: &Cluster, _setting: Setting) -> Result<()> {
        all_serve(&cluster.nodes()).await
    }
}

/// Waits until one server leads and all others follow.
async fn all_serve(nodes: &[Node]) -> Result<()> {
    let begin = Instant::now();
    loop {
        let mut leaders = 0;
        let mut followers = 0;
        for node in nodes {
            match mode(*node).await.as_deref() {
                Some("leader") => leaders += 1,
                Some("follower") => followers += 1,
                _ => {}
            }
        }
        if leaders == 1 && followers + 1 == nodes.len() {
            return Ok(());
        }
        if begin.elapsed() > START {
            bail!("{leaders} servers of {} lead and {followers} follow", nodes.len());
        }
        sleep(Duration::from_millis(200)).await;
    }
}

/// What a server says that it is; nothing while it does not serve.
async fn mode(node: Node) -> Option<String> {
    let asked = async {
        let mut stream = TcpStream::connect((node.address(), 2181)).await.ok()?;
        stream.write_all(b"srvr").await.ok()?;
        let mut text = String::new();
        stream.read_to_string(&mut text).await.ok()?;
        text.lines().find_map(|line| line.strip_prefix("Mode: ")).map(str::to_owned)
    };
    timeout(ASK, asked).await.ok()?
}
