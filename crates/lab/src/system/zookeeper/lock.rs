//! The recipe for locks: whoever has made the first ephemeral node below the lock holds it, and others wait for the node
//! before their own to go. A node goes with the session of its client, whatever that client believes.

use std::time::Duration;

use tokio::time::timeout;
use zookeeper_client::{Client, CreateMode, CreateSequence, Error, Stat};

use super::client::plain;

/// How long a client waits for its turn.
const TURN: Duration = Duration::from_millis(300);

/// A lock that is held, as far as its holder knows.
pub(crate) struct Lock {
    /// The node that stands for the holder.
    path: String,
    /// The transaction that made the node.
    made: i64,
}

impl Lock {
    /// Waits for its turn, for a while; nothing if that did not come.
    pub(crate) async fn acquire(client: &Client, lock: &str) -> Result<Option<Self>, Error> {
        let (stat, number) = line_up(client, lock).await?;
        let held = Self { path: format!("{lock}/{number}"), made: stat.czxid };
        match timeout(TURN, turn(client, lock, number.into_i64())).await {
            Ok(Ok(())) => Ok(Some(held)),
            Ok(Err(error)) => Err(error),
            Err(_) => {
                held.release(client).await?;
                Ok(None)
            }
        }
    }

    /// The fencing token: nodes are made in the order in which they have their turn, and transactions are numbered.
    pub(crate) fn token(&self) -> i64 {
        self.made
    }

    /// Gives it back, if it is still held.
    pub(crate) async fn release(self, client: &Client) -> Result<(), Error> {
        match client.delete(&self.path, None).await {
            Ok(()) | Err(Error::NoNode) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Makes the last node of those that wait. One below a lock that nobody took before is certainly refused.
async fn line_up(client: &Client, lock: &str) -> Result<(Stat, CreateSequence), Error> {
    loop {
        match client.create(&format!("{lock}/"), b"", &plain(CreateMode::EphemeralSequential)).await {
            Err(Error::NoNode) => {}
            done => return done,
        }
        match client.create(lock, b"", &plain(CreateMode::Persistent)).await {
            Ok(_) | Err(Error::NodeExists) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Waits until all nodes are gone that were made before one.
async fn turn(client: &Client, lock: &str, number: i64) -> Result<(), Error> {
    loop {
        let names = client.list_children(lock).await?;
        let before = names.iter().filter_map(|name| Some((name.parse::<i64>().ok()?, name)));
        let Some((_, last)) = before.filter(|(other, _)| *other < number).max() else {
            // If its own is gone, too, the session is.
            let is_there = names.iter().any(|name| name.parse() == Ok(number));
            return if is_there { Ok(()) } else { Err(Error::SessionExpired) };
        };
        let (there, watcher) = client.check_and_watch_stat(&format!("{lock}/{last}")).await?;
        if there.is_some() {
            watcher.changed().await;
        }
    }
}
