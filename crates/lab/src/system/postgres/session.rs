//! A connection to one server of PostgreSQL.

use std::future::poll_fn;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{AsyncMessage, CancelToken, Config, Error, NoTls, Row};

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(1);

/// An argument of a statement, with its type, so that no statement has to be prepared first.
pub(crate) type Argument<'a> = (&'a (dyn ToSql + Sync), Type);

/// A connection to one server.
pub(crate) struct Session {
    client: tokio_postgres::Client,
    /// Whether the server has warned since somebody looked.
    is_warned: Arc<AtomicBool>,
    pump: JoinHandle<()>,
}

impl Session {
    /// Connects to the server at an address.
    pub(crate) async fn open(address: Ipv4Addr) -> Result<Self> {
        let mut config = Config::new();
        config.host(address.to_string()).user("postgres").dbname("postgres");
        let (client, mut connection) = timeout(CONNECT, config.connect(NoTls))
            .await
            .map_err(anyhow::Error::from)
            .and_then(|made| made.map_err(anyhow::Error::from))
            .with_context(|| format!("cannot connect to PostgreSQL at {address}"))?;
        let is_warned = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&is_warned);
        let pump = tokio::spawn(async move {
            // A warning comes before the answer that it belongs to, and both come through here.
            while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
                if let AsyncMessage::Notice(notice) = message
                    && *notice.code() == SqlState::WARNING
                {
                    told.store(true, Ordering::SeqCst);
                }
            }
        });
        Ok(Self { client, is_warned, pump })
    }

    /// Does what a statement, or several, say.
    pub(crate) async fn run(&self, sql: &str) -> Result<(), Error> {
        self.client.batch_execute(sql).await
    }

    /// What a statement finds.
    pub(crate) async fn rows(&self, sql: &str, arguments: &[Argument<'_>]) -> Result<Vec<Row>, Error> {
        self.client.query_typed(sql, arguments).await
    }

    /// How many rows a statement changed.
    pub(crate) async fn change(&self, sql: &str, arguments: &[Argument<'_>]) -> Result<u64, Error> {
        self.client.execute_typed(sql, arguments).await
    }

    /// The number in the first row that a statement finds, if it finds any.
    pub(crate) async fn number(&self, sql: &str, arguments: &[Argument<'_>]) -> Result<Option<i64>, Error> {
        self.rows(sql, arguments).await?.first().map(|row| row.try_get(0)).transpose()
    }

    /// The numbers in all rows that a statement finds.
    pub(crate) async fn numbers(&self, sql: &str, arguments: &[Argument<'_>]) -> Result<Vec<i64>, Error> {
        self.rows(sql, arguments).await?.iter().map(|row| row.try_get(0)).collect()
    }

    /// Whether the server has warned since this was asked last.
    pub(crate) fn was_warned(&self) -> bool {
        self.is_warned.swap(false, Ordering::SeqCst)
    }

    /// What asks the server to stop what it does for this connection.
    pub(crate) fn cancel_token(&self) -> CancelToken {
        self.client.cancel_token()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.pump.abort();
    }
}
