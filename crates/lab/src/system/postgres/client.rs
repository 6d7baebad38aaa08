//! A client of PostgreSQL: what it sends for each request, and what an error says about the outcome.

use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use async_trait::async_trait;
use tokio::time::{sleep, timeout};
use tokio_postgres::error::{DbError, Severity, SqlState};
use tokio_postgres::types::Type;
use tokio_postgres::{Error, NoTls};

use super::session::{Argument, Session};
use super::setting::{Patience, Reads, Rows, Ways};
use crate::cluster::View;
use crate::node::Node;
use crate::request::{Answer, BALANCE, Reply, Request};
use crate::system::Client;

/// How long a client that cancels waits before.
const PATIENCE: Duration = Duration::from_millis(400);

/// How long work takes on what was taken from a queue.
const JOB: Duration = Duration::from_millis(2);
/// Of so many jobs of a client the last one fails.
const FAILING: u32 = 10;

/// Begins a transaction of those who want no company. The number of the lock means nothing.
const ALONE: &str = "begin; select pg_advisory_xact_lock(6)";

/// What a register holds.
const READ: &str = "select value from registers where key = $1";

/// The tables: a row for each register, for each element of a set, and for each entry of a queue or a log.
pub(crate) const TABLES: &str = "
    create table registers (key text primary key, value bigint not null);
    create table elements (key text, value bigint, primary key (key, value));
    create table queues (id bigserial primary key, key text not null, value bigint not null);
    create table logs (id bigserial primary key, key text not null, value bigint not null)";

/// A client as its setting makes it.
pub(crate) struct PostgresClient {
    view: View,
    node: Node,
    ways: Ways,
    /// The server that this client was told to be the primary.
    primary: (Node, Session),
    /// The server that it reads from, where that is another.
    reader: Option<(Node, Session)>,
    /// How many jobs it has done.
    jobs: AtomicU32,
}

impl PostgresClient {
    /// Connects a client of a node to the servers that it needs.
    pub(crate) async fn connect(view: &View, node: Node, ways: Ways) -> Result<Self> {
        let primary =
            super::primary(view, node).context("nobody told this node which server is the primary")?;
        let reads = match ways.reads {
            Reads::Primary => primary,
            Reads::Own => node,
            Reads::Standby => super::STANDBY,
        };
        let reader = match reads == primary {
            true => None,
            false => Some((reads, Session::open(reads.address()).await?)),
        };
        let session = Session::open(primary.address()).await?;
        Ok(Self {
            view: view.clone(),
            node,
            ways,
            primary: (primary, session),
            reader,
            jobs: AtomicU32::new(0),
        })
    }

    /// Where a request goes.
    fn server(&self, request: &Request) -> &(Node, Session) {
        match &self.reader {
            Some(reader) if request.only_looks() => reader,
            _ => &self.primary,
        }
    }

    async fn ask(&self, request: &Request, session: &Session) -> Result<Answer, Trouble> {
        match request {
            Request::Read { key } => Ok(Answer::Value(session.number(READ, &[text(key)]).await?)),
            Request::Count { key } => {
                Ok(Answer::Value(Some(session.number(READ, &[text(key)]).await?.unwrap_or(0))))
            }
            Request::Write { key, value } => {
                let sql = "insert into registers values ($1, $2) on conflict (key) do update set value = excluded.value";
                self.change(session, sql, &[text(key), number(value)]).await?;
                Ok(Answer::Done)
            }
            Request::Cas { key, old, new } => {
                let sql = "update registers set value = $3 where key = $1 and value = $2";
                let rows = self.change(session, sql, &[text(key), number(old), number(new)]).await?;
                Ok(Answer::Swapped(rows > 0))
            }
            Request::Add { key, element } => {
                let sql = "insert into elements values ($1, $2)";
                self.change(session, sql, &[text(key), number(element)]).await?;
                Ok(Answer::Done)
            }
            Request::ReadAll { key } => {
                let sql = "select value from elements where key = $1 order by value";
                Ok(Answer::Elements(session.numbers(sql, &[text(key)]).await?))
            }
            Request::Enqueue { key, value } => {
                self.insert(session, "insert into queues (key, value) values ($1, $2)", key, *value).await?;
                Ok(Answer::Done)
            }
            Request::Dequeue { key } => Ok(Answer::Value(self.dequeue(session, key).await?)),
            Request::Acquire { key } => {
                let sql = "select pg_try_advisory_lock(hashtext($1))::int::bigint";
                match session.number(sql, &[text(key)]).await? {
                    Some(1) => Ok(Answer::Granted(None)),
                    _ => Err(Trouble::No("held".to_owned())),
                }
            }
            Request::Release { key } => {
                let sql = "select pg_advisory_unlock(hashtext($1))::int::bigint";
                // If it was not held any more, nothing is left to give back.
                session.number(sql, &[text(key)]).await?;
                Ok(Answer::Done)
            }
            Request::Increment { key, by } => {
                match self.ways.isolation {
                    Some(isolation) => self.add(session, isolation, key, *by).await?,
                    None => {
                        let sql = "insert into registers values ($1, $2)
                            on conflict (key) do update set value = registers.value + excluded.value";
                        self.change(session, sql, &[text(key), number(by)]).await?;
                    }
                }
                Ok(Answer::Done)
            }
            Request::Append { key, value } => {
                self.insert(session, "insert into logs (key, value) values ($1, $2)", key, *value).await?;
                Ok(Answer::Done)
            }
            Request::ReadLog { key } => {
                let sql = "select value from logs where key = $1 order by id";
                Ok(Answer::Elements(session.numbers(sql, &[text(key)]).await?))
            }
            Request::Transfer { from, to, amount } => {
                let after = [(&from.0, from.1, from.1 - amount), (&to.0, to.1, to.1 + amount)];
                self.transfer(session, &after).await?;
                Ok(Answer::Done)
            }
            Request::ReadAccounts { accounts } => {
                self.begin(session, self.ways.isolation).await?;
                let mut balances = Vec::new();
                for account in accounts {
                    balances.push(balance(session, account).await?);
                }
                session.run("commit").await?;
                Ok(Answer::Balances(balances))
            }
        }
    }

    /// Changes rows by one statement that is a transaction of its own.
    async fn change(&self, session: &Session, sql: &str, arguments: &[Argument<'_>]) -> Result<u64, Trouble> {
        if self.ways.patience == Patience::Waits {
            return Ok(session.change(sql, arguments).await?);
        }
        session.was_warned();
        let mut changing = pin!(session.change(sql, arguments));
        let rows = match timeout(PATIENCE, changing.as_mut()).await {
            Ok(done) => done?,
            Err(_) => {
                // If this does not arrive, the answer does not come either.
                let _ = session.cancel_token().cancel_query(NoTls).await;
                changing.await?
            }
        };
        if self.ways.patience == Patience::Heeds && session.was_warned() {
            return Err(Trouble::Perhaps("committed here, perhaps nowhere else".to_owned()));
        }
        Ok(rows)
    }

    /// Puts a row into a table that serves as a queue or as a log.
    async fn insert(&self, session: &Session, sql: &str, key: &String, value: i64) -> Result<(), Trouble> {
        let row = [text(key), number(&value)];
        if self.ways.rows != Rows::Alone {
            return self.change(session, sql, &row).await.map(drop);
        }
        session.run(ALONE).await?;
        session.change(sql, &row).await?;
        Ok(session.run("commit").await?)
    }

    async fn dequeue(&self, session: &Session, key: &String) -> Result<Option<i64>, Trouble> {
        let skip = if self.ways.rows == Rows::Skip { " skip locked" } else { "" };
        let first = format!(
            "delete from queues where id =
                (select id from queues where key = $1 order by id limit 1 for update{skip}) returning value"
        );
        let is_whole = self.ways.rows != Rows::Alone && !self.ways.works;
        if is_whole {
            return Ok(session.number(&first, &[text(key)]).await?);
        }
        session.run(if self.ways.rows == Rows::Alone { ALONE } else { "begin" }).await?;
        let taken = session.number(&first, &[text(key)]).await?;
        if self.ways.works && taken.is_some() {
            sleep(JOB).await;
            if self.jobs.fetch_add(1, Ordering::Relaxed) % FAILING == FAILING - 1 {
                session.run("rollback").await?;
                return Err(Trouble::No("the job failed".to_owned()));
            }
        }
        session.run("commit").await?;
        Ok(taken)
    }

    async fn begin(&self, session: &Session, isolation: Option<&str>) -> Result<(), Trouble> {
        let isolation = isolation.unwrap_or("serializable");
        Ok(session.run(&format!("begin isolation level {isolation}")).await?)
    }

    /// Adds to a counter as programs do that read it, add, and write it back.
    async fn add(&self, session: &Session, isolation: &str, key: &String, by: i64) -> Result<(), Trouble> {
        self.begin(session, Some(isolation)).await?;
        let before = session.number(READ, &[text(key)]).await?;
        put(session, key, before.unwrap_or(0) + by).await?;
        Ok(session.run("commit").await?)
    }

    /// Sets accounts that hold what is expected of them: name, what it holds, what it is to hold.
    async fn transfer(&self, session: &Session, accounts: &[(&String, i64, i64)]) -> Result<(), Trouble> {
        self.begin(session, self.ways.isolation).await?;
        for (account, before, _) in accounts {
            if balance(session, account).await? != *before {
                session.run("rollback").await?;
                return Err(Trouble::No("an account holds something else".to_owned()));
            }
        }
        for (account, _, after) in accounts {
            put(session, account, *after).await?;
        }
        Ok(session.run("commit").await?)
    }
}

#[async_trait]
impl Client for PostgresClient {
    async fn call(&mut self, request: &Request) -> Reply {
        if super::primary(&self.view, self.node) != Some(self.primary.0) {
            return Reply::fail("the primary is said to be another").broken();
        }
        let (node, session) = self.server(request);
        let reply = match self.ask(request, session).await {
            Ok(answer) => Reply::ok(answer),
            Err(Trouble::No(why)) => Reply::fail(why),
            Err(Trouble::Perhaps(why)) => Reply::after_sending(request, why),
            Err(Trouble::Sql(error)) => match error.as_db_error() {
                Some(told) if is_refusal(told.parsed_severity(), told.code()) => {
                    let reply = Reply::fail(words(told));
                    // A transaction that it was part of is still open.
                    if session.run("rollback").await.is_ok() { reply } else { reply.broken() }
                }
                Some(told) => Reply::after_sending(request, words(told)),
                None => Reply::after_sending(request, error),
            },
        };
        reply.at(Some(*node))
    }
}

/// Why there is no answer.
enum Trouble {
    /// What was asked for certainly did not happen.
    No(String),
    /// Nobody knows.
    Perhaps(String),
    /// The error tells.
    Sql(Error),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Sql(error)
    }
}

/// Whether the server says that it has rolled back what it was asked for.
///
/// An `ERROR` does; but what a server says that goes down may come after the commit, and so may what it says of a broken
/// connection or of itself.
fn is_refusal(severity: Option<Severity>, code: &SqlState) -> bool {
    let is_doubtful = ["08", "57P", "58", "XX"].iter().any(|class| code.code().starts_with(class));
    severity == Some(Severity::Error) && !is_doubtful
}

fn words(error: &DbError) -> String {
    format!("{}: {}", error.code().code(), error.message())
}

fn text(text: &String) -> Argument<'_> {
    (text, Type::TEXT)
}

fn number(number: &i64) -> Argument<'_> {
    (number, Type::INT8)
}

/// Sets a register, within a transaction that has begun.
async fn put(session: &Session, key: &String, value: i64) -> Result<(), Error> {
    let sql = "insert into registers values ($1, $2) on conflict (key) do update set value = excluded.value";
    session.change(sql, &[text(key), number(&value)]).await?;
    Ok(())
}

/// What an account holds, within a transaction that has begun.
async fn balance(session: &Session, account: &String) -> Result<i64, Error> {
    let held = session.number(READ, &[text(account)]).await?;
    Ok(held.unwrap_or(BALANCE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_rollback_is_a_refusal() {
        let error = Some(Severity::Error);
        assert!(is_refusal(error, &SqlState::T_R_SERIALIZATION_FAILURE));
        assert!(is_refusal(error, &SqlState::READ_ONLY_SQL_TRANSACTION));
        assert!(is_refusal(error, &SqlState::QUERY_CANCELED));
        assert!(!is_refusal(Some(Severity::Fatal), &SqlState::ADMIN_SHUTDOWN));
        assert!(!is_refusal(error, &SqlState::CRASH_SHUTDOWN));
        assert!(!is_refusal(error, &SqlState::CONNECTION_FAILURE));
        assert!(!is_refusal(None, &SqlState::T_R_SERIALIZATION_FAILURE));
    }
}
