//! A client of MariaDB: what it sends for each request, and what an error says about the outcome.

use std::time::Duration;

use anyhow::{Context, Result};
use async_trait::async_trait;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error, OptsBuilder, Params, ServerError};
use tokio::time::timeout;

use super::setting::{Counting, Ways};
use crate::node::Node;
use crate::request::{Answer, BALANCE, Reply, Request};
use crate::system::Client;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(1);

/// The tables: a row for each register and for each element of a set.
pub(crate) const TABLES: &[&str] = &[
    "create database lab",
    "create table lab.registers (name varchar(32) primary key, value bigint not null)",
    "create table lab.elements (name varchar(32), value bigint, primary key (name, value))",
    "create user 'lab'@'%' identified by 'lab'",
    "grant all on lab.* to 'lab'@'%'",
];

/// A client as its setting makes it.
pub(crate) struct GaleraClient {
    connection: Conn,
    ways: Ways,
}

impl GaleraClient {
    /// Connects to the server of a node, and to no other.
    pub(crate) async fn connect(node: Node, ways: Ways) -> Result<Self> {
        let options = OptsBuilder::default()
            .ip_or_hostname(node.address().to_string())
            .user(Some("lab"))
            .pass(Some("lab"))
            .db_name(Some("lab"))
            // So that a compare-and-set by a value with itself counts.
            .client_found_rows(true)
            .prefer_socket(false)
            .setup(ways.session());
        let connection = timeout(CONNECT, Conn::new(options))
            .await
            .map_err(anyhow::Error::from)
            .and_then(|made| made.map_err(anyhow::Error::from))
            .with_context(|| format!("cannot connect to MariaDB on {node}"))?;
        Ok(Self { connection, ways })
    }

    async fn ask(&mut self, request: &Request) -> Result<Answer, Trouble> {
        match request {
            Request::Read { key } => Ok(Answer::Value(self.number(key).await?)),
            Request::Count { key } => Ok(Answer::Value(Some(self.number(key).await?.unwrap_or(0)))),
            Request::Write { key, value } => {
                self.put(key, *value).await?;
                Ok(Answer::Done)
            }
            Request::Cas { key, old, new } => {
                let sql = "update registers set value = ? where name = ? and value = ?";
                Ok(Answer::Swapped(self.change(sql, (new, key, old)).await? > 0))
            }
            Request::Add { key, element } => {
                self.change("insert into elements values (?, ?)", (key, element)).await?;
                Ok(Answer::Done)
            }
            Request::ReadAll { key } => {
                let sql = "select value from elements where name = ?";
                Ok(Answer::Elements(self.connection.exec(sql, (key,)).await?))
            }
            Request::Increment { key, by } => {
                self.add(key, *by).await?;
                Ok(Answer::Done)
            }
            Request::Transfer { from, to, amount } => {
                let after = [(&from.0, from.1, from.1 - amount), (&to.0, to.1, to.1 + amount)];
                self.transfer(&after).await?;
                Ok(Answer::Done)
            }
            Request::ReadAccounts { accounts } => {
                let mut balances = Vec::new();
                self.connection.query_drop("start transaction").await?;
                for account in accounts {
                    balances.push(self.number(account).await?.unwrap_or(BALANCE));
                }
                self.connection.query_drop("commit").await?;
                Ok(Answer::Balances(balances))
            }
            other => Err(Trouble::No(format!("Galera has no `{}` here", other.function()))),
        }
    }

    async fn change(&mut self, sql: &str, arguments: impl Into<Params> + Send) -> Result<u64, Error> {
        self.connection.exec_drop(sql, arguments).await?;
        Ok(self.connection.affected_rows())
    }

    async fn number(&mut self, key: &str) -> Result<Option<i64>, Error> {
        self.connection.exec_first("select value from registers where name = ?", (key,)).await
    }

    async fn put(&mut self, key: &str, value: i64) -> Result<(), Error> {
        let sql = "insert into registers values (?, ?) on duplicate key update value = ?";
        self.change(sql, (key, value, value)).await.map(drop)
    }

    /// Adds to a counter, in one of the ways in which programs do it.
    async fn add(&mut self, key: &str, by: i64) -> Result<(), Error> {
        let select = match self.ways.counting {
            Counting::OneStatement => {
                let sql = "insert into registers values (?, ?) on duplicate key update value = value + ?";
                return self.change(sql, (key, by, by)).await.map(drop);
            }
            Counting::ReadThenWrite => "select value from registers where name = ?",
            Counting::ForUpdate => "select value from registers where name = ? for update",
        };
        self.connection.query_drop("start transaction").await?;
        let before: Option<i64> = self.connection.exec_first(select, (key,)).await?;
        self.put(key, before.unwrap_or(0) + by).await?;
        self.connection.query_drop("commit").await
    }

    /// Sets accounts that hold what is expected of them: name, what it holds, what it is to hold.
    async fn transfer(&mut self, accounts: &[(&String, i64, i64)]) -> Result<(), Trouble> {
        self.connection.query_drop("start transaction").await?;
        for (account, before, _) in accounts {
            if self.number(account).await?.unwrap_or(BALANCE) != *before {
                self.connection.query_drop("rollback").await?;
                return Err(Trouble::No("an account holds something else".to_owned()));
            }
        }
        for (account, _, after) in accounts {
            self.put(account, *after).await?;
        }
        Ok(self.connection.query_drop("commit").await?)
    }
}

#[async_trait]
impl Client for GaleraClient {
    async fn call(&mut self, request: &Request) -> Reply {
        match self.ask(request).await {
            Ok(answer) => Reply::ok(answer),
            Err(Trouble::No(why)) => Reply::fail(why),
            Err(Trouble::Told(Error::Server(error))) if is_refusal(&error) => {
                let reply = Reply::fail(format!("{}: {}", error.code, error.message));
                // A transaction that it was part of may still be open.
                if self.connection.query_drop("rollback").await.is_ok() { reply } else { reply.broken() }
            }
            Err(Trouble::Told(error)) => Reply::after_sending(request, error),
        }
    }
}

/// Why there is no answer.
enum Trouble {
    /// What was asked for certainly did not happen.
    No(String),
    /// The error tells.
    Told(Error),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Told(error)
    }
}

/// What a server says when it has rolled back what it was asked for, or has not begun: number and meaning.
const REFUSALS: &[(u16, &str)] = &[
    (1020, "the row was changed since it was read"),
    (1047, "the node is not in the primary component, or not synced"),
    (1205, "a lock was waited for too long"),
    (1213, "deadlock, or a write of another node came first"),
];

/// Whether a server says that nothing happened.
fn is_refusal(error: &ServerError) -> bool {
    REFUSALS.iter().any(|(code, _)| *code == error.code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(code: u16) -> ServerError {
        ServerError { code, message: String::new(), state: String::new() }
    }

    #[test]
    fn only_a_rollback_is_a_refusal() {
        assert!(is_refusal(&error(1213)));
        // An error during commit, an interrupted query and a shutdown may all come after it.
        for code in [1180, 1317, 1053, 1927] {
            assert!(!is_refusal(&error(code)), "{code}");
        }
    }
}
