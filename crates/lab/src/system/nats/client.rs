//! A connection of one client to one node.

use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use async_nats::connection::State;
use async_nats::jetstream::consumer::push::OrderedConfig;
use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{DirectGetErrorKind, LastRawMessageErrorKind, Stream};
use async_nats::jetstream::{self, Context};
use async_nats::{Client as Connection, ConnectOptions};
use async_trait::async_trait;
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::time::timeout;

use super::{STREAM, SUBJECTS};
use crate::node::Node;
use crate::request::{Answer, Reply, Request};
use crate::setting::Setting;
use crate::system::Client;

/// How long one request may take. It is less than a client of the lab waits, so that what went wrong is told.
const PATIENCE: Duration = Duration::from_millis(1_300);

/// How many messages are asked for at once.
const AT_ONCE: usize = 32;

/// Connects to one node, and to no other one that it knows of.
async fn connection(node: Node) -> Result<Connection> {
    ConnectOptions::new()
        .connection_timeout(Duration::from_secs(1))
        .request_timeout(Some(PATIENCE))
        .ignore_discovered_servers()
        .retain_servers_order()
        .max_reconnects(1)
        .connect(format!("nats://{}:4222", node.address()))
        .await
        .with_context(|| format!("cannot connect to {node}"))
}

/// What streams are asked by, on a connection to a node.
pub(super) async fn context(node: Node) -> Result<Context> {
    let mut context = jetstream::new(connection(node).await?);
    context.set_timeout(PATIENCE);
    Ok(context)
}

/// A connection and the stream.
pub(super) struct Connected {
    context: Context,
    stream: Stream<()>,
    is_direct: bool,
}

/// A value and the place in the stream of the message that has it.
struct Found {
    value: i64,
    place: u64,
}

impl Connected {
    /// Connects to a node.
    pub(super) async fn to(node: Node, setting: Setting) -> Result<Self> {
        let context = context(node).await?;
        let stream = context.get_stream_no_info(STREAM).await?;
        Ok(Self { context, stream, is_direct: setting.is("reads", "any") })
    }

    /// Puts a message into the stream. With a place, only if that is where the last message of the subject is.
    async fn publish(&self, key: &str, value: i64, last: Option<u64>) -> Result<(), PublishError> {
        let message = PublishMessage::build().payload(value.to_string().into());
        let message = match last {
            Some(place) => message.expected_last_subject_sequence(place),
            None => message,
        };
        self.context.send_publish(subject(key), message).await?.await.map(drop)
    }

    /// The last message of a subject.
    async fn last(&self, key: &str) -> Result<Option<Found>> {
        let message = if self.is_direct {
            match self.stream.direct_get_last_for_subject(subject(key)).await {
                Ok(message) => message,
                Err(error) if error.kind() == DirectGetErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error.into()),
            }
        } else {
            match self.stream.get_last_raw_message_by_subject(&subject(key)).await {
                Ok(message) => message,
                Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => return Ok(None),
                Err(error) => return Err(error.into()),
            }
        };
        Ok(Some(Found { value: number(&message.payload)?, place: message.sequence }))
    }

    async fn swap(&self, key: &str, old: i64, new: i64) -> Reply {
        let found = match self.last(key).await {
            Ok(found) => found,
            // Nothing was sent that changes anything.
            Err(error) => return Reply::fail(format!("{error:#}")).broken(),
        };
        match found {
            Some(Found { value, place }) if value == old => {
                published(self.publish(key, new, Some(place)).await, Answer::Swapped(true))
            }
            _ => Reply::ok(Answer::Swapped(false)),
        }
    }

    /// The messages of a subject, as a consumer delivers them until none is pending. It may be on any replica.
    async fn delivered(&self, key: &str) -> Result<Vec<i64>> {
        let config = OrderedConfig {
            deliver_subject: self.context.client().new_inbox(),
            filter_subject: subject(key),
            ..OrderedConfig::default()
        };
        let consumer = self.stream.create_consumer(config).await?;
        let mut pending = consumer.cached_info().num_pending;
        let mut messages = consumer.messages().await?;
        let mut values = Vec::new();
        while pending > 0 {
            let message = timeout(PATIENCE, messages.try_next()).await.context("a consumer stopped")??;
            let message = message.context("a consumer ended before all was read")?;
            pending = message.info().map_err(|error| anyhow!("{error}"))?.pending;
            values.push(number(&message.payload)?);
        }
        Ok(values)
    }

    /// The messages of a subject, as the stream's leader gives them one by one.
    async fn stored(&self, key: &str) -> Result<Vec<i64>> {
        let state = self.stream.get_info().await?.state;
        let subject = subject(key);
        let places = stream::iter(state.first_sequence..=state.last_sequence);
        let mut messages = places.map(|place| self.stream.get_raw_message(place)).buffered(AT_ONCE);
        let mut values = Vec::new();
        while let Some(message) = messages.next().await {
            match message {
                Ok(message) if message.subject.as_str() == subject => values.push(number(&message.payload)?),
                Ok(_) => {}
                Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(values)
    }
}

#[async_trait]
impl Client for Connected {
    async fn call(&mut self, request: &Request) -> Reply {
        // What is asked of a connection that is gone would be sent whenever it is there again.
        if self.context.client().connection_state() != State::Connected {
            return Reply::fail("the connection is closed").broken();
        }
        let looked = |looked: Result<Answer>| match looked {
            Ok(answer) => Reply::ok(answer),
            Err(error) => Reply::fail(format!("{error:#}")).broken(),
        };
        match request {
            Request::Read { key } => {
                looked(self.last(key).await.map(|found| Answer::Value(found.map(|found| found.value))))
            }
            Request::ReadAll { key } => looked(self.stored(key).await.map(Answer::Elements)),
            Request::ReadLog { key } => looked(self.delivered(key).await.map(Answer::Elements)),
            Request::Write { key, value } | Request::Append { key, value } => {
                published(self.publish(key, *value, None).await, Answer::Done)
            }
            Request::Add { key, element } => published(self.publish(key, *element, None).await, Answer::Done),
            Request::Cas { key, old, new } => self.swap(key, *old, *new).await,
            other => Reply::fail(format!("a stream has no {}", other.function())),
        }
    }
}

fn subject(key: &str) -> String {
    format!("{SUBJECTS}{key}")
}

fn number(payload: &[u8]) -> Result<i64> {
    let text = std::str::from_utf8(payload)?;
    text.parse().with_context(|| format!("`{text}` is no value of the lab"))
}

/// What became of a message. It is surely not in the stream where nobody listened for it, and where the stream's leader says
/// that the message that it was to follow is not the last one.
fn published(result: Result<(), PublishError>, answer: Answer) -> Reply {
    match result {
        Ok(()) => Reply::ok(answer),
        Err(error) => match error.kind() {
            PublishErrorKind::StreamNotFound | PublishErrorKind::WrongLastSequence => Reply::fail(error),
            _ => Reply::info(error),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Outcome;

    #[test]
    fn only_a_refusal_says_that_nothing_happened() {
        let outcome = |kind| published(Err(PublishError::new(kind)), Answer::Done).outcome;
        for kind in [PublishErrorKind::StreamNotFound, PublishErrorKind::WrongLastSequence] {
            assert!(matches!(outcome(kind), Outcome::Fail(_)), "{kind:?}");
        }
        for kind in [PublishErrorKind::TimedOut, PublishErrorKind::BrokenPipe, PublishErrorKind::Other] {
            assert!(matches!(outcome(kind), Outcome::Info(_)), "{kind:?}");
        }
        assert_eq!(published(Ok(()), Answer::Swapped(true)), Reply::ok(Answer::Swapped(true)));
    }

    #[test]
    fn values_are_numbers() {
        assert_eq!(number(b"-17").expect("a number"), -17);
        assert!(number(b"x").is_err());
        assert!(number(&[0xff]).is_err());
    }
}
