//! MariaDB with Galera: every server takes writes, and a transaction commits when all agree that none came before it that
//! wrote the same rows. Only a majority goes on without the others.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use async_trait::async_trait;
use tokio::time::sleep;

use crate::cluster::{Cluster, Launch, View};
use crate::node::Node;
use crate::setting::Setting;
use crate::shell;
use crate::system::{Client, Need, System};
use client::GaleraClient;
use setting::Ways;

mod client;
mod setting;

/// What a server is called.
const ROLE: &str = "mariadbd";
/// Who the servers run as.
const USER: &str = "mysql";
/// The replication.
const PROVIDER: &str = "/usr/lib/galera/libgalera_smm.so";
/// How long a server may take to join.
const START: Duration = Duration::from_secs(60);

/// The options of all servers. What is committed is in the file when a transaction ends, and needs no disk for that: a
/// process that is killed loses nothing.
const OPTIONS: &str = "\
[mariadbd]
port=3306
user=mysql
skip-name-resolve
binlog_format=ROW
default_storage_engine=InnoDB
innodb_autoinc_lock_mode=2
innodb_flush_log_at_trx_commit=2
innodb_buffer_pool_size=64M
innodb_log_file_size=24M
performance_schema=OFF
max_connections=200
wsrep_on=ON
wsrep_cluster_name=lab
wsrep_sst_method=rsync
wsrep_slave_threads=2
";

/// The options of the replication: a server that is silent for two seconds is given up.
const PROVIDER_OPTIONS: &str = "gcache.size=64M;evs.suspect_timeout=PT2S;evs.inactive_timeout=PT4S;\
    evs.keepalive_period=PT0.5S;evs.inactive_check_period=PT0.5S;gmcast.peer_timeout=PT2S";

/// MariaDB with Galera.
pub(crate) struct Galera;

#[async_trait]
impl System for Galera {
    fn name(&self) -> &'static str {
        "galera"
    }

    fn needs(&self) -> &'static [Need] {
        &[
            Need { package: "mariadb-server", program: "mariadbd" },
            Need { package: "mariadb-server", program: "mariadb-install-db" },
            Need { package: "mariadb-client", program: "mariadb" },
            Need { package: "galera-4", program: PROVIDER },
            Need { package: "rsync", program: "rsync" },
        ]
    }

    fn version(&self) -> Result<String> {
        Ok(shell::run(&["mariadbd", "--version"])?.trim().to_owned())
    }

    fn role(&self) -> &'static str {
        ROLE
    }

    async fn start(&self, cluster: &mut Cluster, setting: Setting) -> Result<()> {
        let ways = Ways::of(setting)?;
        let nodes = cluster.nodes();
        let members: Vec<_> = nodes.iter().map(|node| node.address().to_string()).collect();
        for node in &nodes {
            let folder = cluster.folder(*node, Some(USER))?;
            let folder = folder.display();
            let temporary = temporary_of(cluster, *node)?;
            let address = node.address();
            let text = format!(
                "{OPTIONS}datadir={folder}/data\ntmpdir={temporary}\nsocket={folder}/socket\npid-file={folder}/pid\nbind-address={address}\n\
                 wsrep_provider={PROVIDER}\nwsrep_node_name={node}\nwsrep_node_address={address}\n\
                 wsrep_cluster_address=gcomm://{}\nwsrep_provider_options=\"{PROVIDER_OPTIONS}{}\"\n",
                members.join(","),
                ways.provider()
            );
            cluster.write(*node, "my.cnf", &text, Some(USER))?;
        }
        let first = nodes[0];
        let data = data_of(cluster, first)?;
        let install = [
            "mariadb-install-db",
            "--no-defaults",
            "--user=mysql",
            &format!("--datadir={data}"),
            &format!("--tmpdir={}", temporary_of(cluster, first)?),
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        ];
        cluster.run(first, &Launch::new(install))?;
        serve(cluster, first, true)?;
        joined(cluster, first).await?;
        for sql in client::TABLES {
            tell(cluster, first, sql)?;
        }
        // One after the other: each gets a copy of all that there is, and a server gives one at a time.
        for node in &nodes[1..] {
            shell::run(&["install", "-d", "-o", USER, "-g", USER, &data_of(cluster, *node)?])?;
            serve(cluster, *node, false)?;
            joined(cluster, *node).await?;
        }
        Ok(())
    }

    /// There is none: the first node stands for it, so that faults have somebody to hit.
    async fn leader(&self, view: &View) -> Option<Node> {
        view.nodes().first().copied()
    }

    async fn connect(
        &self,
        _view: &View,
        node: Node,
        _client: usize,
        setting: Setting,
    ) -> Result<Box<dyn Client>> {
        Ok(Box::new(GaleraClient::connect(node, Ways::of(setting)?).await?))
    }

    async fn settled(&self, cluster: &Cluster, _setting: Setting) -> Result<()> {
        for node in cluster.nodes() {
            joined(cluster, node).await?;
        }
        Ok(())
    }

    /// Also the first one joins those that are there now.
    async fn restart(&self, cluster: &mut Cluster, node: Node, _setting: Setting) -> Result<()> {
        serve(cluster, node, false)
    }
}

fn data_of(cluster: &Cluster, node: Node) -> Result<String> {
    Ok(cluster.folder(node, None)?.join("data").display().to_string())
}

/// Where a server keeps what it needs for a while. When it starts it removes what it takes for its own there, also that of others.
fn temporary_of(cluster: &Cluster, node: Node) -> Result<String> {
    Ok(cluster.make(node, "tmp", Some(USER))?.display().to_string())
}

/// Starts a server, the first one as a cluster of its own.
fn serve(cluster: &mut Cluster, node: Node, is_first: bool) -> Result<()> {
    let options = cluster.folder(node, None)?.join("my.cnf");
    let mut argv = vec!["mariadbd".to_owned(), format!("--defaults-file={}", options.display())];
    if is_first {
        argv.push("--wsrep-new-cluster".to_owned());
    }
    cluster.spawn(node, ROLE, Launch::new(argv))
}

/// Has the server of a node do something, by its socket, and gives what it answers.
fn tell(cluster: &Cluster, node: Node, sql: &str) -> Result<String> {
    let socket = cluster.folder(node, None)?.join("socket");
    let argv =
        ["mariadb", "--no-defaults", "-uroot", "-N", "-s", &format!("-S{}", socket.display()), "-e", sql];
    cluster.run(node, &Launch::new(argv))
}

/// Waits until a server has all that the others have, and takes part.
async fn joined(cluster: &Cluster, node: Node) -> Result<()> {
    let begin = Instant::now();
    let sql =
        "select group_concat(variable_value order by variable_name) from information_schema.global_status
        where variable_name in ('wsrep_cluster_status', 'wsrep_local_state_comment')";
    loop {
        let state = tell(cluster, node, sql);
        if state.as_ref().is_ok_and(|state| state.trim() == "Primary,Synced") {
            return Ok(());
        }
        if begin.elapsed() > START {
            let state = state.with_context(|| format!("MariaDB on {node} does not answer"))?;
            bail!("MariaDB on {node} has not joined the others: {}", state.trim());
        }
        sleep(Duration::from_millis(250)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::setting::Counting;
    use super::*;
    use crate::rows::rows;

    #[test]
    fn the_settings_of_all_rows_are_understood() {
        let rows: Vec<_> = rows().into_iter().filter(|row| row.system == Galera.name()).collect();
        assert!(!rows.is_empty());
        for row in rows {
            Ways::of(row.setting).unwrap_or_else(|error| panic!("{}: {error}", row.name()));
        }
        assert!(Ways::of(Setting { name: "other", options: &[("counts", "somehow")] }).is_err());
    }

    #[test]
    fn the_options_of_a_setting_go_where_they_belong() {
        let options = &[("wsrep_sync_wait", "7"), ("pc.ignore_quorum", "true"), ("counts", "select, update")];
        let ways = Ways::of(Setting { name: "some", options }).expect("it is a setting");
        assert_eq!(ways.session(), ["set session wsrep_sync_wait = 7"]);
        assert_eq!(ways.provider(), ";pc.ignore_quorum=true");
        assert_eq!(ways.counting, Counting::ReadThenWrite);
    }
}
