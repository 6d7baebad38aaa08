//! A connection of one client to one node.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result};
use async_trait::async_trait;
use futures_util::TryStreamExt;
use lapin::message::BasicGetMessage;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicGetOptions, BasicPublishOptions, BasicQosOptions,
    ConfirmSelectOptions, QueueDeclareOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Confirmation, Connection, ConnectionProperties};
use tokio::time::timeout;

use crate::node::Node;
use crate::request::{Answer, Reply, Request};
use crate::setting::Setting;
use crate::system::Client;

/// Messages that are kept on disk.
const PERSISTENT: u8 = 2;

/// A connection with one channel.
pub(super) struct Connected {
    connection: Connection,
    channel: Channel,
    setting: Setting,
    /// Whether no message can be out with another consumer.
    is_settled: bool,
    declared: BTreeSet<String>,
}

impl Connected {
    /// Connects, and has what is published confirmed.
    pub(super) async fn to(node: Node, setting: Setting, is_settled: bool) -> Result<Self> {
        let address = format!("amqp://guest:guest@{}:5672/%2f?heartbeat=5", node.address());
        let opened = async {
            let connection = Connection::connect(&address, ConnectionProperties::default()).await?;
            let channel = connection.create_channel().await?;
            channel.confirm_select(ConfirmSelectOptions::default()).await?;
            Ok::<_, lapin::Error>((connection, channel))
        };
        let (connection, channel) = opened.await.with_context(|| format!("cannot connect to {node}"))?;
        Ok(Self { connection, channel, setting, is_settled, declared: BTreeSet::new() })
    }

    fn is_open(&self) -> bool {
        self.connection.status().connected() && self.channel.status().connected()
    }

    /// Declares a queue where this connection has not done so yet.
    async fn declare(&mut self, key: &str) -> lapin::Result<()> {
        if self.declared.contains(key) {
            return Ok(());
        }
        let mut arguments = FieldTable::default();
        if self.setting.is("queue", "quorum") {
            arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
        }
        let options = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
        self.channel.queue_declare(key.into(), options, arguments).await?;
        self.declared.insert(key.to_owned());
        Ok(())
    }

    async fn enqueue(&mut self, key: &str, value: i64) -> Reply {
        if let Err(error) = self.declare(key).await {
            return Reply::fail(format!("the queue is not there: {error}")).broken();
        }
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let properties = BasicProperties::default().with_delivery_mode(PERSISTENT);
        let payload = value.to_string();
        let sent = self.channel.basic_publish("".into(), key.into(), options, payload.as_bytes(), properties);
        let confirmation = match sent.await {
            Ok(confirmation) => confirmation.await,
            Err(error) => return Reply::info(error),
        };
        confirmed(confirmation)
    }

    async fn dequeue(&mut self, key: &str) -> Reply {
        if let Err(error) = self.declare(key).await {
            return Reply::fail(format!("the queue is not there: {error}")).broken();
        }
        let got = match self.channel.basic_get(key.into(), BasicGetOptions::default()).await {
            Ok(Some(got)) => got,
            Ok(None) if self.is_settled => return Reply::ok(Answer::Value(None)),
            Ok(None) => return Reply::fail("no message waits"),
            Err(error) => return Reply::info(error),
        };
        match self.acknowledge(key, &got).await {
            Ok(()) => {}
            Err(error) => return Reply::info(format!("not known to be acknowledged: {error}")),
        }
        match number(&got.delivery.data) {
            Ok(value) => Reply::ok(Answer::Value(Some(value))),
            Err(error) => Reply::info(error),
        }
    }

    /// All messages that wait in a queue. None is acknowledged: they wait again when the connection is closed. A message may
    /// be delivered more than once; here it counts once.
    async fn all(&mut self, key: &str) -> Result<BTreeSet<i64>> {
        self.declare(key).await?;
        let count = self.waiting(key).await?;
        // Where nothing is said, a quorum queue lets 2,000 be out and waits.
        self.channel.basic_qos(u16::MAX, BasicQosOptions::default()).await?;
        let options = BasicConsumeOptions::default();
        let mut messages =
            self.channel.basic_consume(key.into(), "lab".into(), options, FieldTable::default()).await?;
        let mut values = BTreeSet::new();
        for _ in 0..count {
            let message = messages.try_next().await?.context("the queue ended before all was read")?;
            values.insert(number(&message.data)?);
        }
        Ok(values)
    }

    /// How many messages wait in a queue.
    async fn waiting(&self, key: &str) -> lapin::Result<u32> {
        let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        let queue = self.channel.queue_declare(key.into(), passive, FieldTable::default()).await?;
        Ok(queue.message_count())
    }

    /// Acknowledges a message, and has the node answer something after that on the same channel.
    async fn acknowledge(&self, key: &str, got: &BasicGetMessage) -> lapin::Result<()> {
        got.delivery.acker.ack(BasicAckOptions::default()).await?;
        self.waiting(key).await.map(drop)
    }
}

/// Declares queues by way of a node, before there are clients.
pub(super) async fn declare(node: Node, setting: Setting, queues: &[&str]) -> Result<()> {
    let work = async {
        let mut connected = Connected::to(node, setting, false).await?;
        for queue in queues {
            connected.declare(queue).await?;
        }
        Ok(())
    };
    timeout(Duration::from_secs(30), work).await.with_context(|| format!("{node} does not answer"))?
}

#[async_trait]
impl Client for Connected {
    async fn call(&mut self, request: &Request) -> Reply {
        if !self.is_open() {
            return Reply::fail("the connection is closed").broken();
        }
        match request {
            Request::Enqueue { key, value } | Request::Add { key, element: value } => {
                self.enqueue(key, *value).await
            }
            Request::Dequeue { key } => self.dequeue(key).await,
            Request::ReadAll { key } => match self.all(key).await {
                Ok(values) => Reply::ok(Answer::Elements(values.into_iter().collect())).broken(),
                Err(error) => Reply::fail(format!("{error:#}")).broken(),
            },
            other => Reply::fail(format!("RabbitMQ has no {}", other.function())),
        }
    }
}

fn number(payload: &[u8]) -> Result<i64> {
    let text = std::str::from_utf8(payload)?;
    text.parse().with_context(|| format!("`{text}` is no value of the lab"))
}

/// What a confirmation says. A negative one says that the node could not do its part, not that nobody has the message.
fn confirmed(confirmation: lapin::Result<Confirmation>) -> Reply {
    match confirmation {
        Ok(Confirmation::Ack(None)) => Reply::ok(Answer::Done),
        Ok(Confirmation::Ack(Some(_))) => Reply::fail("returned: no queue took it"),
        Ok(Confirmation::Nack(_)) => Reply::info("not confirmed"),
        Ok(Confirmation::NotRequested) => Reply::info("confirmations are off"),
        Err(error) => Reply::info(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Outcome;

    #[test]
    fn only_a_confirmation_says_that_it_happened() {
        assert_eq!(confirmed(Ok(Confirmation::Ack(None))).outcome, Outcome::Ok(Answer::Done));
        for other in [Confirmation::Nack(None), Confirmation::NotRequested] {
            assert!(matches!(confirmed(Ok(other)).outcome, Outcome::Info(_)));
        }
        let lost = lapin::ErrorKind::RuntimeShutdownError(std::sync::Arc::new(std::io::Error::other("gone")));
        let reply = confirmed(Err(lost.into()));
        assert!(matches!(reply.outcome, Outcome::Info(_)) && reply.is_broken, "{reply:?}");
    }
}
