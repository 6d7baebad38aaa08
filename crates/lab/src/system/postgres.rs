//! PostgreSQL with streaming replication: one primary, and standbys that follow it. Nobody decides who is the primary but
//! whoever runs it; here that is the action `promote`, done as by an operator who cannot see the old primary any more.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use async_trait::async_trait;
use tokio::time::sleep;

use crate::cluster::{Cluster, Launch, View};
use crate::node::Node;
use crate::setting::Setting;
use crate::shell;
use crate::system::{Client, Need, System};
use client::PostgresClient;
use session::Session;
use setting::Ways;

mod client;
mod session;
mod setting;

/// Where Debian keeps the programs of this version.
const PROGRAMS: &str = "/usr/lib/postgresql/15/bin";
/// Who the servers run as.
const USER: &str = "postgres";
/// What a server is called.
const ROLE: &str = "postgres";
/// The primary at the start.
const PRIMARY: Node = Node(1);
/// The standby that is promoted, and that is the first one where one is synchronous.
const STANDBY: Node = Node(2);
/// The action that makes the standby a primary while the old one is cut off.
const PROMOTE: &str = "promote";
/// How long a server may take to serve.
const START: Duration = Duration::from_secs(40);

/// The options of all servers. Memory that is shared goes with the namespaces and the folder of the server.
const OPTIONS: &str = "\
unix_socket_directories = ''
port = 5432
max_connections = 200
shared_buffers = 32MB
dynamic_shared_memory_type = mmap
max_wal_senders = 10
wal_keep_size = 256MB
wal_sender_timeout = 3s
wal_receiver_timeout = 3s
wal_receiver_status_interval = 1s
wal_retrieve_retry_interval = 500ms
tcp_user_timeout = 2000
";

/// PostgreSQL with streaming replication.
pub(crate) struct Postgres;

#[async_trait]
impl System for Postgres {
    fn name(&self) -> &'static str {
        "postgres"
    }

    fn needs(&self) -> &'static [Need] {
        &[
            Need { package: "postgresql-15", program: "/usr/lib/postgresql/15/bin/postgres" },
            Need { package: "postgresql-15", program: "/usr/lib/postgresql/15/bin/initdb" },
            Need { package: "postgresql-client-15", program: "/usr/lib/postgresql/15/bin/pg_basebackup" },
            Need { package: "util-linux", program: "unshare" },
            Need { package: "util-linux", program: "setpriv" },
        ]
    }

    fn version(&self) -> Result<String> {
        Ok(shell::run(&[&program("postgres"), "--version"])?.trim().to_owned())
    }

    fn role(&self) -> &'static str {
        ROLE
    }

    async fn start(&self, cluster: &mut Cluster, setting: Setting) -> Result<()> {
        Ways::of(setting)?;
        let view = cluster.view();
        tell(&view, view.nodes(), PRIMARY);
        cluster.folder(PRIMARY, Some(USER))?;
        let data = data(cluster, PRIMARY)?;
        cluster.run(
            PRIMARY,
            &as_user(&[&program("initdb"), "-D", &data, "-U", "postgres", "-A", "trust", "-N"]),
        )?;
        let hosts = "host all all 10.77.0.0/24 trust\nhost replication all 10.77.0.0/24 trust\n";
        cluster.write(PRIMARY, "data/pg_hba.conf", hosts, Some(USER))?;
        configure(cluster, PRIMARY, &chosen(setting))?;
        cluster.spawn(PRIMARY, ROLE, serve(&data))?;
        let session = ready(PRIMARY).await?;
        // Without waiting for standbys that are not there yet.
        session.run("set synchronous_commit = local").await?;
        session.run(client::TABLES).await?;
        for node in cluster.network().without(&[PRIMARY]) {
            follow(cluster, node, PRIMARY)?;
        }
        for node in cluster.network().without(&[PRIMARY]) {
            ready(node).await?;
        }
        followed(&session, view.nodes().len() - 1).await
    }

    async fn leader(&self, view: &View) -> Option<Node> {
        // Where two take themselves for the primary, the one that most clients are told of.
        view.nodes().iter().rev().find_map(|node| primary(view, *node))
    }

    async fn connect(
        &self,
        view: &View,
        node: Node,
        _client: usize,
        setting: Setting,
    ) -> Result<Box<dyn Client>> {
        Ok(Box::new(PostgresClient::connect(view, node, Ways::of(setting)?).await?))
    }

    async fn settled(&self, cluster: &Cluster, _setting: Setting) -> Result<()> {
        let view = cluster.view();
        for node in view.nodes() {
            let primary = primary(&view, *node).context("nobody is the primary")?;
            ready(primary).await?;
        }
        Ok(())
    }

    async fn aim(&self, view: &View, action: &str, _draw: u64) -> Result<Vec<Node>> {
        ensure!(action == PROMOTE, "PostgreSQL has no action `{action}`");
        ensure!(primary(view, STANDBY) == Some(PRIMARY), "{STANDBY} was promoted before");
        Ok(vec![PRIMARY, STANDBY])
    }

    async fn act(
        &self,
        cluster: &mut Cluster,
        action: &str,
        _nodes: &[Node],
        _setting: Setting,
    ) -> Result<()> {
        ensure!(action == PROMOTE, "PostgreSQL has no action `{action}`");
        let network = cluster.network();
        network.cut(&[PRIMARY], &network.without(&[PRIMARY]))?;
        // As long as somebody takes to give up on the old one.
        sleep(Duration::from_secs(1)).await;
        let session = Session::open(STANDBY.address()).await?;
        session.rows("select pg_promote(true, 20)", &[]).await?;
        // Clients on the side of the old primary are told nothing: nobody reaches them.
        tell(&cluster.view(), &network.without(&[PRIMARY]), STANDBY);
        Ok(())
    }

    async fn end(
        &self,
        cluster: &mut Cluster,
        action: &str,
        _nodes: &[Node],
        _setting: Setting,
    ) -> Result<()> {
        ensure!(action == PROMOTE, "PostgreSQL has no action `{action}`");
        // Now that it is to be seen, there must not be two: the old one goes, with what only it knows.
        cluster.kill(PRIMARY, ROLE)?;
        cluster.network().heal()?;
        tell(&cluster.view(), &cluster.nodes(), STANDBY);
        Ok(())
    }
}

/// Which server clients of a node are told to be the primary: as by a name service that each node has for itself.
fn primary(view: &View, node: Node) -> Option<Node> {
    let noted = view.noted(&note(node))?;
    view.nodes().iter().copied().find(|known| known.to_string() == noted)
}

/// From now on, clients of these nodes are told that this is the primary.
fn tell(view: &View, nodes: &[Node], primary: Node) {
    for node in nodes {
        view.note(&note(*node), primary);
    }
}

fn note(node: Node) -> String {
    format!("primary for {node}")
}

fn program(name: &str) -> String {
    format!("{PROGRAMS}/{name}")
}

fn data(cluster: &Cluster, node: Node) -> Result<String> {
    Ok(cluster.folder(node, None)?.join("data").display().to_string())
}

fn as_user(argv: &[&str]) -> Launch {
    Launch::new(argv).user(USER).env("LC_ALL", "C")
}

/// A server in namespaces of its own for processes and shared memory: when the first process is killed, all of its
/// children are, as if the machine stopped, and nothing of its memory is left.
fn serve(data: &str) -> Launch {
    let apart = ["unshare", "--pid", "--ipc", "--fork", "--kill-child"];
    let user = ["setpriv", "--reuid", USER, "--regid", USER, "--clear-groups"];
    let server = [&program("postgres"), "-D", data];
    Launch::new(apart.into_iter().chain(user).chain(server)).env("LC_ALL", "C")
}

/// The options of a setting that are the server's.
fn chosen(setting: Setting) -> String {
    ["synchronous_standby_names", "synchronous_commit"]
        .iter()
        .filter_map(|option| Some(format!("{option} = '{}'\n", setting.get(option)?)))
        .collect()
}

/// Writes the options of a server.
fn configure(cluster: &Cluster, node: Node, more: &str) -> Result<()> {
    let text = format!("listen_addresses = '{}'\n{OPTIONS}{more}", node.address());
    cluster.write(node, "data/postgresql.conf", &text, Some(USER))?;
    Ok(())
}

/// Makes a server a standby that follows another, and starts it.
fn follow(cluster: &mut Cluster, node: Node, primary: Node) -> Result<()> {
    cluster.folder(node, Some(USER))?;
    let data = data(cluster, node)?;
    let source =
        format!("host={} user=postgres application_name={node} connect_timeout=2", primary.address());
    let copy = [&program("pg_basebackup"), "-D", &data, "-d", &source, "-R", "-X", "stream", "-c", "fast"];
    cluster.run(node, &as_user(&copy))?;
    configure(cluster, node, "synchronous_standby_names = ''\n")?;
    cluster.spawn(node, ROLE, serve(&data))
}

/// Waits until a server answers.
async fn ready(node: Node) -> Result<Session> {
    let begin = Instant::now();
    loop {
        match Session::open(node.address()).await {
            Ok(session) => return Ok(session),
            Err(error) if begin.elapsed() > START => return Err(error),
            Err(_) => sleep(Duration::from_millis(100)).await,
        }
    }
}

/// Waits until so many standbys follow the primary.
async fn followed(primary: &Session, standbys: usize) -> Result<()> {
    let standbys = i64::try_from(standbys)?;
    let begin = Instant::now();
    loop {
        let sql = "select count(*) from pg_stat_replication where state = 'streaming'";
        let following = primary.number(sql, &[]).await?;
        if following == Some(standbys) {
            return Ok(());
        }
        ensure!(begin.elapsed() < START, "the standbys do not follow the primary");
        sleep(Duration::from_millis(100)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::rows;

    #[test]
    fn the_settings_of_all_rows_are_understood() {
        let rows: Vec<_> = rows().into_iter().filter(|row| row.system == Postgres.name()).collect();
        assert!(!rows.is_empty());
        for row in rows {
            Ways::of(row.setting).unwrap_or_else(|error| panic!("{}: {error}", row.name()));
        }
        assert!(Ways::of(Setting { name: "other", options: &[("reads", "anywhere")] }).is_err());
    }

    #[test]
    fn only_the_options_of_the_server_go_to_the_server() {
        let options = &[("reads", "standby"), ("synchronous_commit", "off")];
        assert_eq!(chosen(Setting { name: "some", options }), "synchronous_commit = 'off'\n");
    }

    #[test]
    fn during_a_split_nodes_are_told_different_primaries() {
        let nodes = Node::first(3);
        let view = View::new(&nodes);
        assert_eq!(primary(&view, PRIMARY), None);
        tell(&view, &nodes, PRIMARY);
        tell(&view, &nodes[1..], STANDBY);
        let told: Vec<_> = nodes.iter().map(|node| primary(&view, *node)).collect();
        assert_eq!(told, [Some(PRIMARY), Some(STANDBY), Some(STANDBY)]);
    }
}
