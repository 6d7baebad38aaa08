//! Redis with a primary, two replicas, and a sentinel beside each.
//!
//! A client asks the sentinel of its own node who the primary is, twice a second, as a client library does. So clients of a node
//! that is cut off go on with the primary there.

use std::collections::BTreeMap;
use std::time::Duration;

use ::redis::aio::MultiplexedConnection;
use ::redis::{AsyncConnectionConfig, Cmd, FromRedisValue, RedisError, cmd, pipe};
use anyhow::{Context, Result, ensure};
use async_trait::async_trait;
use tokio::time::{Instant, sleep};

use super::{Client, Need, System};
use crate::cluster::{Cluster, Launch, View};
use crate::node::Node;
use crate::request::{Answer, BALANCE, Reply, Request};
use crate::setting::Setting;
use crate::shell;

/// Options of its settings:
/// `reads`: `primary` or `replica` (the server of the client's own node);
/// `wait`: how many replicas must have a write before it counts (WAIT);
/// `min-replicas`: without so many replicas a primary takes no writes (min-replicas-to-write);
/// `fsync`: `always`, `everysec` or `no`, of an append-only file; none where nothing is said;
/// `down-after`: milliseconds without an answer after which a sentinel takes a server for dead;
/// `tokens`: `yes`, and each grant of a lock has a number;
/// `cost`: milliseconds that a server stands still for each request (DEBUG SLEEP), as one does whose disk is slow;
/// `known-for`: milliseconds for which a client does not ask who the primary is.
pub(crate) struct Redis;

const PORT: u16 = 6379;
const SENTINEL: u16 = 26_379;
const GROUP: &str = "lab";
const SERVER_ROLE: &str = "redis";
const SENTINEL_ROLE: &str = "sentinel";
/// How long a lock is granted for, in milliseconds.
const TTL: u64 = 1_000;
/// How many milliseconds without an answer a sentinel waits where a setting says nothing.
const DOWN_AFTER: u64 = 1_000;
/// How long WAIT waits, in milliseconds.
const WAIT: u64 = 800;
/// How old may be what a client knows of the primary.
const KNOWN_FOR: Duration = Duration::from_millis(500);

#[async_trait]
impl System for Redis {
    fn name(&self) -> &'static str {
        "redis"
    }

    fn needs(&self) -> &'static [Need] {
        &[
            Need { package: "redis-server", program: "redis-server" },
            Need { package: "redis-sentinel", program: "redis-sentinel" },
        ]
    }

    fn version(&self) -> Result<String> {
        let text = shell::run(&["redis-server", "--version"])?;
        let version = text.split_whitespace().find_map(|word| word.strip_prefix("v="));
        Ok(format!("redis {}", version.context("redis-server tells no version")?))
    }

    fn role(&self) -> &'static str {
        SERVER_ROLE
    }

    async fn start(&self, cluster: &mut Cluster, setting: Setting) -> Result<()> {
        let nodes = cluster.nodes();
        let first = nodes[0];
        for node in &nodes {
            let data = cluster.make(*node, self.data(), None)?;
            let config = server_config(*node, first, &data.display().to_string(), setting);
            let config = cluster.write(*node, "redis.conf", &config, None)?;
            let argv = ["redis-server".to_owned(), config.display().to_string()];
            cluster.spawn(*node, SERVER_ROLE, Launch::new(argv))?;
        }
        for node in &nodes {
            until_it_answers(*node, PORT).await?;
        }
        for node in &nodes {
            let folder = cluster.folder(*node, None)?.display().to_string();
            let config = sentinel_config(*node, first, nodes.len() / 2 + 1, &folder, setting);
            let config = cluster.write(*node, "sentinel.conf", &config, None)?;
            let argv = ["redis-sentinel".to_owned(), config.display().to_string()];
            cluster.spawn(*node, SENTINEL_ROLE, Launch::new(argv))?;
        }
        for node in &nodes {
            until_it_answers(*node, SENTINEL).await?;
        }
        for _ in 0..200 {
            if all_know_all(&nodes).await && whole(&nodes).await.is_ok() {
                return Ok(());
            }
            sleep(Duration::from_millis(100)).await;
        }
        whole(&nodes).await?;
        ensure!(all_know_all(&nodes).await, "the sentinels do not know all replicas and one another");
        Ok(())
    }

    async fn leader(&self, view: &View) -> Option<Node> {
        let mut votes: BTreeMap<Node, usize> = BTreeMap::new();
        for node in view.nodes() {
            if let Ok(primary) = primary(*node, view).await {
                *votes.entry(primary).or_default() += 1;
            }
        }
        votes.into_iter().max_by_key(|(_, votes)| *votes).map(|(node, _)| node)
    }

    async fn connect(
        &self,
        view: &View,
        node: Node,
        client: usize,
        setting: Setting,
    ) -> Result<Box<dyn Client>> {
        let primary_node = primary(node, view).await?;
        let primary = connection(primary_node, PORT).await?;
        let reader = if setting.is("reads", "replica") { Some(connection(node, PORT).await?) } else { None };
        Ok(Box::new(Connection {
            view: view.clone(),
            home: node,
            primary_node,
            primary,
            reader,
            asked: Instant::now(),
            wait: setting.number("wait"),
            cost: setting.number("cost"),
            known_for: setting.number("known-for").map_or(KNOWN_FOR, Duration::from_millis),
            has_tokens: setting.is("tokens", "yes"),
            name: format!("{client}-{}", unique()),
            grants: 0,
        }))
    }

    async fn settled(&self, cluster: &Cluster, _setting: Setting) -> Result<()> {
        let nodes = cluster.nodes();
        let began = Instant::now();
        loop {
            match whole(&nodes).await {
                Ok(()) => return Ok(()),
                Err(error) if began.elapsed() > Duration::from_secs(40) => return Err(error),
                Err(_) => sleep(Duration::from_millis(200)).await,
            }
        }
    }
}

fn server_config(node: Node, first: Node, folder: &str, setting: Setting) -> String {
    let mut text = format!(
        "bind {} 127.0.0.1\nport {PORT}\nprotected-mode no\ndir {folder}\nsave \"\"\n\
         repl-diskless-sync yes\nrepl-diskless-sync-delay 0\nrepl-timeout 5\n",
        node.address()
    );
    match setting.get("fsync") {
        Some(fsync) => text.push_str(&format!("appendonly yes\nappendfsync {fsync}\n")),
        None => text.push_str("appendonly no\n"),
    }
    if setting.get("cost").is_some() {
        text.push_str("enable-debug-command yes\n");
    }
    if let Some(replicas) = setting.number("min-replicas") {
        text.push_str(&format!("min-replicas-to-write {replicas}\nmin-replicas-max-lag 1\n"));
    }
    if node != first {
        text.push_str(&format!("replicaof {} {PORT}\n", first.address()));
    }
    text
}

fn sentinel_config(node: Node, first: Node, quorum: usize, folder: &str, setting: Setting) -> String {
    let down_after = setting.number("down-after").unwrap_or(DOWN_AFTER);
    format!(
        "bind {} 127.0.0.1\nport {SENTINEL}\ndir {folder}\nprotected-mode no\n\
         sentinel monitor {GROUP} {} {PORT} {quorum}\nsentinel down-after-milliseconds {GROUP} {down_after}\n\
         sentinel failover-timeout {GROUP} 3000\nsentinel parallel-syncs {GROUP} 2\n",
        node.address(),
        first.address()
    )
}

async fn connection(node: Node, port: u16) -> Result<MultiplexedConnection> {
    let client = ::redis::Client::open(format!("redis://{}:{port}", node.address()))?;
    // Whoever calls gives up by itself, and later than this.
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(Duration::from_millis(700)))
        .set_response_timeout(Some(Duration::from_secs(5)));
    Ok(client.get_multiplexed_async_connection_with_config(&config).await?)
}

async fn until_it_answers(node: Node, port: u16) -> Result<()> {
    let began = Instant::now();
    loop {
        match connection(node, port).await {
            Ok(_) => return Ok(()),
            Err(error) if began.elapsed() > Duration::from_secs(20) => {
                return Err(error).with_context(|| format!("{node} does not answer at port {port}"));
            }
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
    }
}

/// Who is the primary, as the sentinel of a node has it.
async fn primary(node: Node, view: &View) -> Result<Node> {
    let mut sentinel = connection(node, SENTINEL).await?;
    let told: Vec<String> =
        cmd("SENTINEL").arg("get-master-addr-by-name").arg(GROUP).query_async(&mut sentinel).await?;
    let address = told.first().context("the sentinel names no primary")?.parse()?;
    view.node_at(address).context("the sentinel names a primary that is no node")
}

/// Whether each sentinel knows all replicas and all other sentinels.
async fn all_know_all(nodes: &[Node]) -> bool {
    for node in nodes {
        let Ok(mut sentinel) = connection(*node, SENTINEL).await else { return false };
        let told: Result<BTreeMap<String, String>, _> =
            cmd("SENTINEL").arg("master").arg(GROUP).query_async(&mut sentinel).await;
        let Ok(told) = told else { return false };
        let others = (nodes.len() - 1).to_string();
        if ["num-slaves", "num-other-sentinels"].iter().any(|word| told.get(*word) != Some(&others)) {
            return false;
        }
    }
    true
}

/// Whether there is one primary, and all others follow it.
async fn whole(nodes: &[Node]) -> Result<()> {
    let mut primaries = Vec::new();
    let mut followed = Vec::new();
    for node in nodes {
        let mut server = connection(*node, PORT).await.with_context(|| format!("{node} does not answer"))?;
        let told: String = cmd("INFO").arg("replication").query_async(&mut server).await?;
        let told: BTreeMap<_, _> = told.lines().filter_map(|line| line.trim().split_once(':')).collect();
        if told.get("role") == Some(&"master") {
            primaries.push(*node);
        } else {
            let link = told.get("master_link_status");
            ensure!(link == Some(&"up"), "{node} is a replica and has no connection to its primary");
            followed.extend(told.get("master_host").map(|host| (*host).to_owned()));
        }
    }
    let [primary] = primaries[..] else {
        anyhow::bail!("{} nodes take themselves for the primary", primaries.len())
    };
    let address = primary.address().to_string();
    ensure!(followed.iter().all(|host| *host == address), "a replica follows another than {primary}");
    Ok(())
}

/// A number that no other connection has: it tells whose lock it is.
fn unique() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A connection of one client.
struct Connection {
    view: View,
    home: Node,
    primary_node: Node,
    primary: MultiplexedConnection,
    reader: Option<MultiplexedConnection>,
    asked: Instant,
    wait: Option<u64>,
    /// Milliseconds that the server stands still for each request.
    cost: Option<u64>,
    known_for: Duration,
    has_tokens: bool,
    name: String,
    grants: u64,
}

const CAS: &str = "\
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2]) return 1 else return 0 end";
const RELEASE: &str = "\
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) else return 0 end";
const ACQUIRE: &str = "\
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return redis.call('INCR', KEYS[2]) else return 0 end";
const TRANSFER: &str = "\
local from = redis.call('GET', KEYS[1]) or ARGV[5]
local to = redis.call('GET', KEYS[2]) or ARGV[5]
if from == ARGV[1] and to == ARGV[2] then redis.call('MSET', KEYS[1], ARGV[3], KEYS[2], ARGV[4]) return 1 end
return 0";

/// Codes of errors that say that nothing was done.
const REFUSED: &[&str] =
    &["READONLY", "NOREPLICAS", "LOADING", "MASTERDOWN", "MISCONF", "CLUSTERDOWN", "OOM"];

#[async_trait]
impl Client for Connection {
    fn node(&self) -> Option<Node> {
        Some(self.primary_node)
    }

    async fn call(&mut self, request: &Request) -> Reply {
        if self.asked.elapsed() > self.known_for {
            match primary(self.home, &self.view).await {
                Ok(primary) if primary == self.primary_node => self.asked = Instant::now(),
                Ok(primary) => {
                    return Reply::fail(format!("not sent: the primary is {primary} now")).broken();
                }
                Err(error) => return Reply::fail(format!("not sent: {error}")).broken(),
            }
        }
        match self.ask(request).await {
            Ok(reply) => reply,
            Err(error) if error.code().is_some_and(|code| REFUSED.contains(&code)) => {
                Reply::fail(error).broken()
            }
            Err(error) => Reply::after_sending(request, error),
        }
    }
}

impl Connection {
    async fn ask(&mut self, request: &Request) -> Result<Reply, RedisError> {
        let answer = match request {
            Request::Read { key } => Answer::Value(self.look(cmd("GET").arg(key)).await?),
            Request::Count { key } => {
                let sum: Option<i64> = self.look(cmd("GET").arg(key)).await?;
                Answer::Value(Some(sum.unwrap_or(0)))
            }
            Request::ReadAll { key } => Answer::Elements(self.look(cmd("SMEMBERS").arg(key)).await?),
            Request::ReadLog { key } => {
                Answer::Elements(self.look(cmd("LRANGE").arg(key).arg(0).arg(-1)).await?)
            }
            Request::ReadAccounts { accounts } => {
                let balances: Vec<Option<i64>> = self.look(cmd("MGET").arg(accounts)).await?;
                Answer::Balances(balances.into_iter().map(|balance| balance.unwrap_or(BALANCE)).collect())
            }
            Request::Write { key, value } => {
                let (): () = self.change(cmd("SET").arg(key).arg(value)).await?;
                Answer::Done
            }
            Request::Cas { key, old, new } => {
                let done: i64 = self.change(cmd("EVAL").arg(CAS).arg(1).arg(key).arg(old).arg(new)).await?;
                Answer::Swapped(done == 1)
            }
            Request::Add { key, element } => {
                let _: i64 = self.change(cmd("SADD").arg(key).arg(element)).await?;
                Answer::Done
            }
            Request::Increment { key, by } => {
                let _: i64 = self.change(cmd("INCRBY").arg(key).arg(by)).await?;
                Answer::Done
            }
            Request::Append { key, value } => {
                let length: i64 = self.change(cmd("RPUSH").arg(key).arg(value)).await?;
                Answer::At(length - 1)
            }
            Request::Enqueue { key, value } => {
                let _: i64 = self.change(cmd("RPUSH").arg(key).arg(value)).await?;
                Answer::Done
            }
            Request::Dequeue { key } => Answer::Value(self.change(cmd("LPOP").arg(key)).await?),
            Request::Acquire { key } => {
                self.grants += 1;
                let began = Instant::now();
                let mut command = cmd("EVAL");
                command.arg(ACQUIRE).arg(2).arg(key).arg(format!("{key}-fence"));
                let token: i64 = self.change(command.arg(self.mark()).arg(TTL)).await?;
                if token == 0 {
                    return Ok(Reply::fail("held"));
                }
                // Its time began before this client knew of it, and whoever comes so late must not rely on what is left.
                if began.elapsed() > Duration::from_millis(TTL) / 2 {
                    let _: i64 =
                        self.change(cmd("EVAL").arg(RELEASE).arg(1).arg(key).arg(self.mark())).await?;
                    return Ok(Reply::fail("granted too late to be used"));
                }
                Answer::Granted(self.has_tokens.then_some(token))
            }
            // Whether it still was this client's to give back makes no difference: from now on it does not hold it.
            Request::Release { key } => {
                let _: i64 = self.change(cmd("EVAL").arg(RELEASE).arg(1).arg(key).arg(self.mark())).await?;
                Answer::Done
            }
            Request::Transfer { from, to, amount } => {
                let mut command = cmd("EVAL");
                command.arg(TRANSFER).arg(2).arg(&from.0).arg(&to.0).arg(from.1).arg(to.1);
                command.arg(from.1 - amount).arg(to.1 + amount).arg(BALANCE);
                let done: i64 = self.change(&mut command).await?;
                if done == 0 {
                    return Ok(Reply::fail("an account holds something else"));
                }
                Answer::Done
            }
        };
        if let Some(replicas) = self.wait
            && !request.only_looks()
        {
            // It was done, but nobody knows whether it will stay.
            let command = cmd("WAIT").arg(replicas).arg(WAIT).to_owned();
            match command.query_async::<u64>(&mut self.primary).await {
                Ok(reached) if reached >= replicas => {}
                Ok(reached) => {
                    return Ok(Reply::info(format!("WAIT reached {reached} of {replicas} replicas")));
                }
                Err(error) => return Ok(Reply::info(error)),
            }
        }
        Ok(Reply::ok(answer))
    }

    /// Whose lock it is.
    fn mark(&self) -> String {
        format!("{}-{}", self.name, self.grants)
    }

    async fn look<T: FromRedisValue>(&mut self, command: &mut Cmd) -> Result<T, RedisError> {
        send(command, self.cost, self.reader.as_mut().unwrap_or(&mut self.primary)).await
    }

    async fn change<T: FromRedisValue>(&mut self, command: &mut Cmd) -> Result<T, RedisError> {
        send(command, self.cost, &mut self.primary).await
    }
}

/// Sends a command, before it the one that has the server stand still for so many milliseconds.
async fn send<T: FromRedisValue>(
    command: &Cmd,
    cost: Option<u64>,
    to: &mut MultiplexedConnection,
) -> Result<T, RedisError> {
    let Some(cost) = cost else { return command.query_async(to).await };
    let seconds = Duration::from_millis(cost).as_secs_f64();
    let mut both = pipe();
    both.cmd("DEBUG").arg("SLEEP").arg(seconds).ignore().add_command(command.clone());
    let (answer,): (T,) = both.query_async(to).await?;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_but_the_first_follow_it() {
        let setting = Setting { name: "any", options: &[("fsync", "always"), ("min-replicas", "1")] };
        let first = server_config(Node(1), Node(1), "/d", setting);
        let second = server_config(Node(2), Node(1), "/d", setting);
        assert!(!first.contains("replicaof"), "{first}");
        assert!(second.contains("replicaof 10.77.0.11 6379\n"), "{second}");
        for text in [&first, &second] {
            assert!(text.contains("appendonly yes\nappendfsync always\nmin-replicas-to-write 1\n"), "{text}");
        }
        let plain = Setting { name: "any", options: &[] };
        assert!(server_config(Node(1), Node(1), "/d", plain).contains("appendonly no\n"));
    }
}
