//! etcd, with its HTTP/2 client. Each client talks to the server of its own node, which asks the leader.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use async_trait::async_trait;
use etcd_client::{
    Compare, CompareOp, ConnectOptions, Error, GetOptions, GetResponse, KeyValue, PutOptions, Txn, TxnOp,
    TxnOpResponse, TxnResponse,
};
use tokio::time::{Instant, sleep, timeout};

use super::{Client, Need, System};
use crate::cluster::{Cluster, Launch, View};
use crate::node::Node;
use crate::request::{Answer, BALANCE, Reply, Request};
use crate::setting::Setting;
use crate::shell;

/// Options of its settings:
/// `reads`: `linearizable` or `serializable` (what the server at hand has);
/// `increments`: `blind` puts what was read before and one more, else it is put only where nothing else was meanwhile.
pub(crate) struct Etcd;

const PORT: u16 = 2_379;
const PEERS: u16 = 2_380;
const ROLE: &str = "etcd";
/// How many seconds a lease lasts, the least that there is.
const TTL: i64 = 1;

#[async_trait]
impl System for Etcd {
    fn name(&self) -> &'static str {
        "etcd"
    }

    fn needs(&self) -> &'static [Need] {
        &[Need { package: "etcd-server", program: "etcd" }]
    }

    fn version(&self) -> Result<String> {
        let text = shell::run(&["etcd", "--version"])?;
        let version = text.lines().find_map(|line| line.strip_prefix("etcd Version: "));
        Ok(format!("etcd {}", version.context("etcd tells no version")?.trim()))
    }

    fn role(&self) -> &'static str {
        ROLE
    }

    async fn start(&self, cluster: &mut Cluster, _setting: Setting) -> Result<()> {
        let nodes = cluster.nodes();
        let members: Vec<_> =
            nodes.iter().map(|node| format!("{node}=http://{}:{PEERS}", node.address())).collect();
        for node in &nodes {
            let data = cluster.make(*node, self.data(), None)?;
            let address = format!("http://{}", node.address());
            let argv = [
                "etcd".to_owned(),
                format!("--name={node}"),
                format!("--data-dir={}", data.display()),
                format!("--listen-peer-urls={address}:{PEERS}"),
                format!("--initial-advertise-peer-urls={address}:{PEERS}"),
                format!("--listen-client-urls={address}:{PORT}"),
                format!("--advertise-client-urls={address}:{PORT}"),
                format!("--initial-cluster={}", members.join(",")),
                "--initial-cluster-state=new".to_owned(),
                "--heartbeat-interval=100".to_owned(),
                "--election-timeout=600".to_owned(),
            ];
            cluster.spawn(*node, ROLE, Launch::new(argv).env("GOMAXPROCS", 2))?;
        }
        until_whole(&nodes, Duration::from_secs(30)).await
    }

    async fn leader(&self, view: &View) -> Option<Node> {
        let mut members = BTreeMap::new();
        let mut latest = (0, 0);
        for node in view.nodes() {
            if let Ok(status) = status(*node).await {
                members.insert(status.member, *node);
                // Whoever was cut off believes what was true in an earlier term.
                if status.leader != 0 {
                    latest = latest.max((status.term, status.leader));
                }
            }
        }
        members.get(&latest.1).copied()
    }

    async fn connect(
        &self,
        _view: &View,
        node: Node,
        _client: usize,
        setting: Setting,
    ) -> Result<Box<dyn Client>> {
        let mut client = connection(node).await?;
        // A channel connects when it is first used: what is sent then must not be a write.
        client.status().await?;
        Ok(Box::new(Connection {
            client,
            is_serializable: setting.is("reads", "serializable"),
            is_blind: setting.is("increments", "blind"),
            lease: None,
        }))
    }

    async fn settled(&self, cluster: &Cluster, _setting: Setting) -> Result<()> {
        until_whole(&cluster.nodes(), Duration::from_secs(40)).await
    }
}

struct Status {
    member: u64,
    leader: u64,
    term: u64,
}

async fn connection(node: Node) -> Result<etcd_client::Client> {
    let options = ConnectOptions::new().with_connect_timeout(Duration::from_millis(700));
    Ok(etcd_client::Client::connect([format!("http://{}:{PORT}", node.address())], Some(options)).await?)
}

/// What a server says of itself.
async fn status(node: Node) -> Result<Status> {
    let asking = async {
        let status = connection(node).await?.status().await?;
        let member = status.header().context("a status has a header")?.member_id();
        Ok(Status { member, leader: status.leader(), term: status.raft_term() })
    };
    timeout(Duration::from_millis(700), asking).await.with_context(|| format!("{node} does not answer"))?
}

/// Waits until all nodes follow one leader, and each answers what only a majority can.
async fn until_whole(nodes: &[Node], limit: Duration) -> Result<()> {
    let began = Instant::now();
    loop {
        match whole(nodes).await {
            Ok(()) => return Ok(()),
            Err(error) if began.elapsed() > limit => return Err(error),
            Err(_) => sleep(Duration::from_millis(100)).await,
        }
    }
}

async fn whole(nodes: &[Node]) -> Result<()> {
    let mut leaders = Vec::new();
    for node in nodes {
        leaders.push(status(*node).await?.leader);
        let reading = async { anyhow::Ok(connection(*node).await?.get("whole", None).await?) };
        timeout(Duration::from_millis(700), reading)
            .await
            .with_context(|| format!("{node} answers no linearizable read"))??;
    }
    ensure!(
        leaders[0] != 0 && leaders.iter().all(|leader| *leader == leaders[0]),
        "the nodes follow several leaders"
    );
    Ok(())
}

/// A connection of one client.
struct Connection {
    client: etcd_client::Client,
    is_serializable: bool,
    is_blind: bool,
    /// Of the lock that it holds.
    lease: Option<i64>,
}

#[async_trait]
impl Client for Connection {
    async fn call(&mut self, request: &Request) -> Reply {
        match self.ask(request).await {
            Ok(reply) => reply,
            // Some errors of the server say that nothing was done, but which do is nowhere promised.
            Err(error) => Reply::after_sending(request, error),
        }
    }
}

impl Connection {
    async fn ask(&mut self, request: &Request) -> Result<Reply, Error> {
        Ok(Reply::ok(match request {
            Request::Read { key } => Answer::Value(self.get(key).await?.kvs().first().and_then(number)),
            Request::Count { key } => {
                Answer::Value(Some(self.get(key).await?.kvs().first().and_then(number).unwrap_or(0)))
            }
            Request::ReadLog { key } => {
                Answer::Elements(self.get(key).await?.kvs().first().map(list).unwrap_or_default())
            }
            Request::ReadAll { key } => {
                let options = self.options().with_prefix().with_keys_only();
                let found = self.client.get(format!("{key}/"), Some(options)).await?;
                Answer::Elements(found.kvs().iter().filter_map(element).collect())
            }
            Request::ReadAccounts { accounts } => Answer::Balances(self.balances(accounts).await?),
            Request::Write { key, value } => {
                self.client.put(key.as_str(), value.to_string(), None).await?;
                Answer::Done
            }
            Request::Add { key, element } => {
                self.client.put(format!("{key}/{element}"), "", None).await?;
                Answer::Done
            }
            Request::Cas { key, old, new } => {
                let is_old = Compare::value(key.as_str(), CompareOp::Equal, old.to_string());
                let put = TxnOp::put(key.as_str(), new.to_string(), None);
                Answer::Swapped(self.client.txn(Txn::new().when([is_old]).and_then([put])).await?.succeeded())
            }
            Request::Increment { key, by } => {
                self.change(key, |before| (before.and_then(number).unwrap_or(0) + by).to_string()).await?;
                Answer::Done
            }
            Request::Append { key, value } => {
                let before = self
                    .change(key, |before| match before.map(text) {
                        None => value.to_string(),
                        Some(entries) => format!("{entries},{value}"),
                    })
                    .await?;
                Answer::At(before.as_ref().map_or(0, |before| list(before).len() as i64))
            }
            Request::Acquire { key } => return self.acquire(key).await,
            Request::Release { .. } => {
                // Without a lease, the connection on which it was acquired is gone. It is not held any longer either way.
                if let Some(lease) = self.lease.take() {
                    match self.client.lease_revoke(lease).await {
                        Ok(_) => {}
                        // It had expired.
                        Err(Error::GRpcStatus(status)) if status.message().contains("lease not found") => {}
                        Err(error) => return Err(error),
                    }
                }
                Answer::Done
            }
            Request::Transfer { from, to, amount } => return self.transfer(from, to, *amount).await,
            Request::Enqueue { .. } | Request::Dequeue { .. } => {
                return Ok(Reply::fail("etcd has no queue"));
            }
        }))
    }

    fn options(&self) -> GetOptions {
        if self.is_serializable { GetOptions::new().with_serializable() } else { GetOptions::new() }
    }

    async fn get(&mut self, key: &str) -> Result<GetResponse, Error> {
        self.client.get(key, Some(self.options())).await
    }

    /// Puts what follows from what is there, and gives what was there. It is tried until nothing came between, unless this
    /// client does not look.
    async fn change(
        &mut self,
        key: &str,
        next: impl Fn(Option<&KeyValue>) -> String,
    ) -> Result<Option<KeyValue>, Error> {
        loop {
            let found = self.get(key).await?;
            let before = found.kvs().first();
            let value = next(before);
            if self.is_blind {
                self.client.put(key, value, None).await?;
                return Ok(before.cloned());
            }
            let is_same = same(key, before);
            let transaction = Txn::new().when([is_same]).and_then([TxnOp::put(key, value, None)]);
            if self.client.txn(transaction).await?.succeeded() {
                return Ok(before.cloned());
            }
        }
    }

    /// Takes a lock that nobody has, for as long as a new lease lasts. Its token is the revision of the store.
    async fn acquire(&mut self, key: &str) -> Result<Reply, Error> {
        let began = Instant::now();
        // A look costs the cluster nothing, and may be wrong: then it is tried a little later.
        let look = GetOptions::new().with_serializable().with_keys_only();
        if !self.client.get(key, Some(look)).await?.kvs().is_empty() {
            return Ok(Reply::fail("held"));
        }
        let lease = self.client.lease_grant(TTL, None).await?.id();
        let is_free = Compare::create_revision(key, CompareOp::Equal, 0);
        let put = TxnOp::put(key, "", Some(PutOptions::new().with_lease(lease)));
        let done = self.client.txn(Txn::new().when([is_free]).and_then([put])).await?;
        if !done.succeeded() {
            // It was not needed; if that is not heard, it expires.
            let _ = self.client.lease_revoke(lease).await;
            return Ok(Reply::fail("held"));
        }
        // The lease began before this client knew of it, and whoever comes so late must not rely on what is left.
        if began.elapsed() > Duration::from_secs(TTL.unsigned_abs()) / 2 {
            let _ = self.client.lease_revoke(lease).await;
            return Ok(Reply::fail("granted too late to be used"));
        }
        self.lease = Some(lease);
        Ok(Reply::ok(Answer::Granted(done.header().map(|header| header.revision()))))
    }

    async fn balances(&mut self, accounts: &[String]) -> Result<Vec<i64>, Error> {
        Ok(self.accounts(accounts).await?.iter().map(|account| balance(account.as_ref())).collect())
    }

    /// What is stored of several accounts at one moment.
    async fn accounts(&mut self, accounts: &[String]) -> Result<Vec<Option<KeyValue>>, Error> {
        let gets: Vec<_> =
            accounts.iter().map(|account| TxnOp::get(account.as_str(), Some(self.options()))).collect();
        let found: TxnResponse = self.client.txn(Txn::new().and_then(gets)).await?;
        let first = |response: TxnOpResponse| match response {
            TxnOpResponse::Get(found) => found.kvs().first().cloned(),
            _ => None,
        };
        Ok(found.op_responses().into_iter().map(first).collect())
    }

    async fn transfer(
        &mut self,
        from: &(String, i64),
        to: &(String, i64),
        amount: i64,
    ) -> Result<Reply, Error> {
        let found = self.accounts(&[from.0.clone(), to.0.clone()]).await?;
        let before: Vec<_> = found.iter().map(|account| balance(account.as_ref())).collect();
        if before != [from.1, to.1] {
            return Ok(Reply::fail("an account holds something else"));
        }
        let unchanged = [same(&from.0, found[0].as_ref()), same(&to.0, found[1].as_ref())];
        let puts = [
            TxnOp::put(from.0.as_str(), (from.1 - amount).to_string(), None),
            TxnOp::put(to.0.as_str(), (to.1 + amount).to_string(), None),
        ];
        if self.client.txn(Txn::new().when(unchanged).and_then(puts)).await?.succeeded() {
            Ok(Reply::ok(Answer::Done))
        } else {
            Ok(Reply::fail("an account was changed meanwhile"))
        }
    }
}

/// That nothing was put at a key since.
fn same(key: &str, before: Option<&KeyValue>) -> Compare {
    Compare::mod_revision(key, CompareOp::Equal, before.map_or(0, KeyValue::mod_revision))
}

fn text(stored: &KeyValue) -> String {
    String::from_utf8_lossy(stored.value()).into_owned()
}

fn number(stored: &KeyValue) -> Option<i64> {
    text(stored).parse().ok()
}

fn list(stored: &KeyValue) -> Vec<i64> {
    text(stored).split(',').filter_map(|entry| entry.parse().ok()).collect()
}

/// The element of a set, whose key has it behind a slash.
fn element(stored: &KeyValue) -> Option<i64> {
    String::from_utf8_lossy(stored.key()).rsplit('/').next()?.parse().ok()
}

fn balance(stored: Option<&KeyValue>) -> i64 {
    stored.and_then(number).unwrap_or(BALANCE)
}
