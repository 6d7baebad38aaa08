//! What a client asks of a system, and what became of it.

use serde_json::{Value, json};

use crate::node::Node;

/// What a client asks. Values are integers, keys are texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// What a register holds; nothing, where nobody wrote it.
    Read {
        /// Which.
        key: String,
    },
    /// What a counter holds; 0, where nobody added to it.
    Count {
        /// Which.
        key: String,
    },
    /// Puts a value into a register.
    Write {
        /// Which.
        key: String,
        /// What.
        value: i64,
    },
    /// Replaces `old` by `new`, or says no. A register that nobody wrote holds no integer: the answer is no.
    Cas {
        /// Which register.
        key: String,
        /// What must be there.
        old: i64,
        /// What is there then.
        new: i64,
    },
    /// Adds an element to a set.
    Add {
        /// Which set.
        key: String,
        /// What.
        element: i64,
    },
    /// All elements of a set.
    ReadAll {
        /// Which set.
        key: String,
    },
    /// Puts a value at the end of a queue.
    Enqueue {
        /// Which queue.
        key: String,
        /// What.
        value: i64,
    },
    /// Takes the first value of a queue, if there is one.
    Dequeue {
        /// Which queue.
        key: String,
    },
    /// Takes a lock, without waiting for it.
    Acquire {
        /// Which.
        key: String,
    },
    /// Gives a lock back that this client believes to hold.
    Release {
        /// Which.
        key: String,
    },
    /// Adds to a counter.
    Increment {
        /// Which.
        key: String,
        /// How much.
        by: i64,
    },
    /// Puts a value at the end of a log.
    Append {
        /// Which log.
        key: String,
        /// What.
        value: i64,
    },
    /// All values of a log in their order.
    ReadLog {
        /// Which.
        key: String,
    },
    /// Moves an amount between two accounts in one transaction, which changes nothing unless they hold what the client
    /// saw before: so what it writes is known before it is sent.
    Transfer {
        /// The account that gives, and what it holds.
        from: (String, i64),
        /// The account that gets, and what it holds.
        to: (String, i64),
        /// How much.
        amount: i64,
    },
    /// What several accounts hold, in one transaction. An account that nobody wrote holds [`BALANCE`].
    ReadAccounts {
        /// Which.
        accounts: Vec<String>,
    },
}

/// What an account holds at the start.
pub(crate) const BALANCE: i64 = 100;

impl Request {
    /// Whether it changes nothing, so that without an answer it need not have happened.
    pub(crate) fn only_looks(&self) -> bool {
        matches!(
            self,
            Self::Read { .. }
                | Self::Count { .. }
                | Self::ReadAll { .. }
                | Self::ReadLog { .. }
                | Self::ReadAccounts { .. }
        )
    }

    /// The object it goes to; transactions name theirs in their value.
    pub(crate) fn key(&self) -> Option<&str> {
        match self {
            Self::Read { key }
            | Self::Count { key }
            | Self::Write { key, .. }
            | Self::Cas { key, .. }
            | Self::Add { key, .. }
            | Self::ReadAll { key }
            | Self::Enqueue { key, .. }
            | Self::Dequeue { key }
            | Self::Acquire { key }
            | Self::Release { key }
            | Self::Increment { key, .. }
            | Self::Append { key, .. }
            | Self::ReadLog { key } => Some(key),
            Self::Transfer { .. } | Self::ReadAccounts { .. } => None,
        }
    }

    /// The name of its function in the history.
    pub(crate) fn function(&self) -> &'static str {
        match self {
            Self::Read { .. } | Self::Count { .. } | Self::ReadAll { .. } | Self::ReadLog { .. } => "read",
            Self::Write { .. } => "write",
            Self::Cas { .. } => "cas",
            Self::Add { .. } | Self::Increment { .. } => "add",
            Self::Enqueue { .. } => "enqueue",
            Self::Dequeue { .. } => "dequeue",
            Self::Acquire { .. } => "acquire",
            Self::Release { .. } => "release",
            Self::Append { .. } => "append",
            Self::Transfer { .. } | Self::ReadAccounts { .. } => "txn",
        }
    }

    /// Its argument in the history.
    pub(crate) fn argument(&self) -> Option<Value> {
        match self {
            Self::Write { value, .. } | Self::Enqueue { value, .. } | Self::Append { value, .. } => {
                Some(json!(value))
            }
            Self::Cas { old, new, .. } => Some(json!([old, new])),
            Self::Add { element, .. } => Some(json!(element)),
            Self::Increment { by, .. } => Some(json!(by)),
            Self::Transfer { from, to, amount } => Some(json!([
                ["r", from.0, from.1],
                ["r", to.0, to.1],
                ["w", from.0, from.1 - amount],
                ["w", to.0, to.1 + amount]
            ])),
            Self::ReadAccounts { accounts } => {
                Some(accounts.iter().map(|account| json!(["r", account, null])).collect())
            }
            _ => None,
        }
    }
}

/// What a system answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It was done, and there is nothing more to say.
    Done,
    /// What was read of a register or a counter, or taken from a queue; nothing where there was none.
    Value(Option<i64>),
    /// Whether a compare-and-set did anything. No must be what the system said, not what went wrong.
    Swapped(bool),
    /// What was read of a set, in any order, or of a log, in its order.
    Elements(Vec<i64>),
    /// The lock was granted, with a token that grows from grant to grant where the system has such.
    Granted(Option<i64>),
    /// How many values stand before the one that was appended.
    At(i64),
    /// What was read of several accounts, in the order in which they were asked for.
    Balances(Vec<i64>),
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It happened.
    Ok(Answer),
    /// It certainly did not happen and never will.
    Fail(String),
    /// Nobody knows.
    Info(String),
}

/// What became of a request, and what that means for the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    /// What became of it.
    pub(crate) outcome: Outcome,
    /// Whether the connection must be made anew.
    pub(crate) is_broken: bool,
    /// The node that answered, where it is another than the one that was asked and known.
    pub(crate) node: Option<Node>,
}

impl Reply {
    /// It happened.
    pub(crate) fn ok(answer: Answer) -> Self {
        Self { outcome: Outcome::Ok(answer), is_broken: false, node: None }
    }

    /// It certainly did not happen and never will.
    pub(crate) fn fail(error: impl ToString) -> Self {
        Self { outcome: Outcome::Fail(error.to_string()), is_broken: false, node: None }
    }

    /// Nobody knows whether it happened or will.
    pub(crate) fn info(error: impl ToString) -> Self {
        Self { outcome: Outcome::Info(error.to_string()), is_broken: true, node: None }
    }

    /// The connection must be made anew.
    pub(crate) fn broken(mut self) -> Self {
        self.is_broken = true;
        self
    }

    /// The node that answered.
    pub(crate) fn at(mut self, node: Option<Node>) -> Self {
        self.node = node;
        self
    }

    /// What an error means that came after the request was sent: a request that only looks did not happen, of any other
    /// nobody knows. The connection must be made anew either way.
    pub(crate) fn after_sending(request: &Request, error: impl ToString) -> Self {
        if request.only_looks() { Self::fail(error).broken() } else { Self::info(error) }
    }
}
