//! A client of ZooKeeper: what it sends for each request, and what an error says about the outcome.

use std::time::Duration;

use anyhow::{Context, Result};
use async_trait::async_trait;
use tokio::time::timeout;
use zookeeper_client::{Acls, Client as Connection, CreateMode, CreateOptions, Error};

use super::lock::Lock;
use crate::node::Node;
use crate::request::{Answer, Reply, Request};
use crate::setting::Setting;
use crate::system::Client;

/// For how many milliseconds a session lives without a sign of its client, where the setting says nothing.
const SESSION: u64 = 2_000;
/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(4);

/// A client as its setting makes it.
pub(crate) struct ZooKeeperClient {
    connection: Connection,
    /// Whether the server of this client catches up with the leader before it answers a read.
    syncs: bool,
    /// Whether a counter is written only where it is still what was read.
    compares: bool,
    /// The lock that this client believes to hold.
    lock: Option<Lock>,
}

impl ZooKeeperClient {
    /// Connects to the server of a node, and to no other.
    pub(crate) async fn connect(node: Node, setting: Setting) -> Result<Self> {
        let session = Duration::from_millis(setting.number("session timeout in ms").unwrap_or(SESSION));
        let connector = Connection::connector().with_session_timeout(session).with_fail_eagerly();
        let servers = format!("{}:2181", node.address());
        let connection = timeout(CONNECT, connector.connect(&servers))
            .await
            .map_err(anyhow::Error::from)
            .and_then(|made| made.map_err(anyhow::Error::from))
            .with_context(|| format!("cannot connect to ZooKeeper at {servers}"))?;
        let syncs = setting.is("reads", "after sync");
        let compares = !setting.is("counts", "without a version");
        Ok(Self { connection, syncs, compares, lock: None })
    }

    /// Where a read must see what was written before, has the server catch up.
    async fn sync(&self, path: &str) -> Result<(), Error> {
        if self.syncs { self.connection.sync(path).await } else { Ok(()) }
    }

    async fn ask(&mut self, request: &Request) -> Result<Answer, Trouble> {
        match request {
            Request::Read { key } => Ok(Answer::Value(self.get(&path(key)).await?.map(|(value, _)| value))),
            Request::Count { key } => {
                Ok(Answer::Value(Some(self.get(&path(key)).await?.map_or(0, |(value, _)| value))))
            }
            Request::Write { key, value } => {
                self.put(&path(key), *value).await?;
                Ok(Answer::Done)
            }
            Request::Cas { key, old, new } => {
                let path = path(key);
                match self.get(&path).await? {
                    Some((value, version)) if value == *old => {
                        match self.connection.set_data(&path, &bytes(*new), Some(version)).await {
                            Ok(_) => Ok(Answer::Swapped(true)),
                            // It was written meanwhile, perhaps with the same value.
                            Err(Error::BadVersion) => Err(Trouble::No("another version".to_owned())),
                            Err(error) => Err(error.into()),
                        }
                    }
                    // Without `sync` this may be what was there long ago, which is no answer.
                    _ if !self.syncs => Err(Trouble::No("another value".to_owned())),
                    _ => Ok(Answer::Swapped(false)),
                }
            }
            Request::Add { key, element } => {
                self.below(key, &element.to_string(), CreateMode::Persistent).await?;
                Ok(Answer::Done)
            }
            Request::ReadAll { key } => {
                let names = self.names(key).await?;
                Ok(Answer::Elements(names.iter().filter_map(|name| name.parse().ok()).collect()))
            }
            Request::Enqueue { key, value } => {
                self.below(key, &format!("{value}-"), CreateMode::PersistentSequential).await?;
                Ok(Answer::Done)
            }
            Request::Dequeue { key } => Ok(Answer::Value(self.dequeue(key).await?)),
            Request::Acquire { key } => {
                if self.lock.is_some() {
                    return Err(Trouble::No("held by this client".to_owned()));
                }
                match Lock::acquire(&self.connection, &path(key)).await? {
                    Some(lock) => {
                        let token = lock.token();
                        self.lock = Some(lock);
                        Ok(Answer::Granted(Some(token)))
                    }
                    None => Err(Trouble::No("held".to_owned())),
                }
            }
            Request::Release { .. } => {
                if let Some(lock) = self.lock.take() {
                    lock.release(&self.connection).await?;
                }
                Ok(Answer::Done)
            }
            Request::Increment { key, by } => {
                self.add(&path(key), *by).await?;
                Ok(Answer::Done)
            }
            Request::Append { key, value } => {
                let at = self.below(key, &format!("{value}-"), CreateMode::PersistentSequential).await?;
                Ok(Answer::At(at))
            }
            Request::ReadLog { key } => {
                let names = self.names(key).await?;
                Ok(Answer::Elements(entries(&names).into_iter().map(|(_, value, _)| value).collect()))
            }
            Request::Transfer { .. } | Request::ReadAccounts { .. } => {
                Err(Trouble::No("ZooKeeper has no accounts here".to_owned()))
            }
        }
    }

    /// What is in a node of the tree, and its version.
    async fn get(&self, path: &str) -> Result<Option<(i64, i32)>, Trouble> {
        self.sync(path).await?;
        match self.connection.get_data(path).await {
            Ok((data, stat)) => Ok(Some((integer(&data)?, stat.version))),
            Err(Error::NoNode) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Puts a value where there may be one. A node that is missing and one that is there are both certain refusals.
    async fn put(&self, path: &str, value: i64) -> Result<(), Error> {
        loop {
            match self.connection.set_data(path, &bytes(value), None).await {
                Err(Error::NoNode) => {}
                done => return done.map(drop),
            }
            match self.connection.create(path, &bytes(value), &plain(CreateMode::Persistent)).await {
                Err(Error::NodeExists) => {}
                done => return done.map(drop),
            }
        }
    }

    /// Adds to a counter: reads it and writes the sum, until nobody came between, or without asking whether somebody did.
    async fn add(&self, path: &str, by: i64) -> Result<(), Trouble> {
        loop {
            let Some((value, version)) = self.get(path).await? else {
                match self.connection.create(path, &bytes(by), &plain(CreateMode::Persistent)).await {
                    Err(Error::NodeExists) => continue,
                    done => return Ok(done.map(drop)?),
                }
            };
            match self.connection.set_data(path, &bytes(value + by), self.compares.then_some(version)).await {
                Err(Error::BadVersion) => {}
                done => return Ok(done.map(drop)?),
            }
        }
    }

    /// Makes a node below that of a key, and gives its number in the order of all that were made there, if it has one.
    async fn below(&self, key: &str, name: &str, mode: CreateMode) -> Result<i64, Error> {
        let parent = path(key);
        let child = format!("{parent}/{name}");
        loop {
            match self.connection.create(&child, b"", &plain(mode)).await {
                Err(Error::NoNode) => {}
                done => return done.map(|(_, sequence)| sequence.into_i64()),
            }
            match self.connection.create(&parent, b"", &plain(CreateMode::Persistent)).await {
                Ok(_) | Err(Error::NodeExists) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The names of the nodes below that of a key.
    async fn names(&self, key: &str) -> Result<Vec<String>, Error> {
        let path = path(key);
        self.sync(&path).await?;
        match self.connection.list_children(&path).await {
            Err(Error::NoNode) => Ok(Vec::new()),
            done => done,
        }
    }

    /// Takes the first entry away that nobody took before.
    async fn dequeue(&self, key: &str) -> Result<Option<i64>, Error> {
        loop {
            let names = self.names(key).await?;
            let entries = entries(&names);
            if entries.is_empty() {
                return Ok(None);
            }
            for (_, value, name) in entries {
                match self.connection.delete(&format!("{}/{name}", path(key)), None).await {
                    Err(Error::NoNode) => {}
                    done => return done.map(|()| Some(value)),
                }
            }
        }
    }
}

#[async_trait]
impl Client for ZooKeeperClient {
    async fn call(&mut self, request: &Request) -> Reply {
        match self.ask(request).await {
            Ok(answer) => Reply::ok(answer),
            Err(Trouble::No(why)) => Reply::fail(why),
            Err(Trouble::Broken(why)) => Reply::after_sending(request, why),
            Err(Trouble::Told(error)) if is_refusal(&error) => Reply::fail(error),
            Err(Trouble::Told(error)) => Reply::after_sending(request, error),
        }
    }
}

/// Why there is no answer.
enum Trouble {
    /// What was asked for certainly did not happen.
    No(String),
    /// The server has something that this client did not put there.
    Broken(String),
    /// The error tells.
    Told(Error),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Told(error)
    }
}

/// Whether the server says that it did nothing. All else may have come after the request went out.
fn is_refusal(error: &Error) -> bool {
    matches!(
        error,
        Error::NoNode
            | Error::NodeExists
            | Error::BadVersion
            | Error::NotEmpty
            | Error::Throttled
            | Error::BadArguments(_)
    )
}

/// The node of the tree that a key is kept in.
fn path(key: &str) -> String {
    format!("/{key}")
}

fn bytes(value: i64) -> Vec<u8> {
    value.to_string().into_bytes()
}

fn integer(data: &[u8]) -> Result<i64, Trouble> {
    std::str::from_utf8(data).ok().and_then(|text| text.parse().ok()).ok_or_else(|| {
        Trouble::Broken(format!("what was read is no integer: {}", String::from_utf8_lossy(data)))
    })
}

/// A node of a mode that anybody may read and write.
pub(super) fn plain(mode: CreateMode) -> CreateOptions<'static> {
    mode.with_acls(Acls::anyone_all())
}

/// The entries of a queue or a log in their order: number, value, and name.
fn entries(names: &[String]) -> Vec<(i64, i64, &str)> {
    let mut entries: Vec<_> = names.iter().filter_map(|name| entry(name)).collect();
    entries.sort_unstable();
    entries
}

/// An entry is named by its value and, since the server adds it, by its number: `17-0000000003`.
fn entry(name: &str) -> Option<(i64, i64, &str)> {
    let (value, number) = name.rsplit_once('-')?;
    Some((number.parse().ok()?, value.parse().ok()?, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_stand_in_the_order_in_which_they_were_made() {
        let names = ["9-0000000001", "-4-0000000000", "9-0000000010", "other"].map(str::to_owned);
        let values: Vec<_> = entries(&names).into_iter().map(|(number, value, _)| (number, value)).collect();
        assert_eq!(values, [(0, -4), (1, 9), (10, 9)]);
    }

    #[test]
    fn a_lost_connection_is_no_refusal() {
        assert!(is_refusal(&Error::BadVersion));
        for error in [Error::ConnectionLoss, Error::SessionExpired, Error::Timeout, Error::ClientClosed] {
            assert!(!is_refusal(&error), "{error}");
        }
    }
}
