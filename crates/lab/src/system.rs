//! What a system is to the lab, and which there are.

use std::time::Duration;

use anyhow::{Result, bail};
use async_trait::async_trait;

use crate::cluster::{Cluster, View};
use crate::node::Node;
use crate::request::{Reply, Request};
use crate::setting::Setting;

#[cfg(feature = "etcd")]
pub(crate) mod etcd;
#[cfg(feature = "galera")]
pub(crate) mod galera;
#[cfg(feature = "nats")]
pub(crate) mod nats;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(feature = "rabbitmq")]
pub(crate) mod rabbitmq;
#[cfg(feature = "redis")]
pub(crate) mod redis;
#[cfg(feature = "zookeeper")]
pub(crate) mod zookeeper;

/// A program that must be installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Need {
    /// The package of Debian that has it.
    pub(crate) package: &'static str,
    /// The program, on the PATH or whole.
    pub(crate) program: &'static str,
}

/// A replicated system that can be started on the nodes of a cluster.
#[async_trait]
pub(crate) trait System: Send + Sync {
    /// As rows call it.
    fn name(&self) -> &'static str;

    /// The programs that it is made of.
    fn needs(&self) -> &'static [Need];

    /// The version, as its own program tells it.
    fn version(&self) -> Result<String>;

    /// The role of the process that keeps the data: what is paused and killed.
    fn role(&self) -> &'static str;

    /// What in the folder of a node is its data, as a name in that folder.
    fn data(&self) -> &'static str {
        "data"
    }

    /// Writes configuration, starts every node, and waits until the cluster serves.
    async fn start(&self, cluster: &mut Cluster, setting: Setting) -> Result<()>;

    /// Who leads, as far as that can be asked from outside.
    async fn leader(&self, view: &View) -> Option<Node>;

    /// A connection of a client by way of a node. It is given up where it takes long.
    async fn connect(
        &self,
        view: &View,
        node: Node,
        client: usize,
        setting: Setting,
    ) -> Result<Box<dyn Client>>;

    /// How long it may take to be whole again after faults.
    fn settling(&self) -> Duration {
        Duration::from_secs(45)
    }

    /// After faults are over and clients have stopped: waits until all nodes are one cluster again. What did not come back is
    /// the error.
    async fn settled(&self, cluster: &Cluster, setting: Setting) -> Result<()>;

    /// Starts a node again whose process was killed.
    async fn restart(&self, cluster: &mut Cluster, node: Node, _setting: Setting) -> Result<()> {
        cluster.restart(node, self.role())
    }

    /// Which nodes an action of the system's own would be done to, such as `promote`.
    async fn aim(&self, _view: &View, action: &str, _draw: u64) -> Result<Vec<Node>> {
        bail!("{} has no action `{action}`", self.name())
    }

    /// Begins an action of the system's own.
    async fn act(
        &self,
        _cluster: &mut Cluster,
        action: &str,
        _nodes: &[Node],
        _setting: Setting,
    ) -> Result<()> {
        bail!("{} has no action `{action}`", self.name())
    }

    /// Ends an action of the system's own, where there is anything to end.
    async fn end(
        &self,
        _cluster: &mut Cluster,
        _action: &str,
        _nodes: &[Node],
        _setting: Setting,
    ) -> Result<()> {
        Ok(())
    }
}

/// A connection of one client.
#[async_trait]
pub(crate) trait Client: Send {
    /// The node that the next request goes to, where it is another than the one that was connected to.
    fn node(&self) -> Option<Node> {
        None
    }

    /// Asks, and waits for the answer. It may be given up at any moment; the connection is then never used again.
    async fn call(&mut self, request: &Request) -> Reply;
}

/// The systems that this program was built with.
pub(crate) fn systems() -> &'static [&'static dyn System] {
    &[
        #[cfg(feature = "etcd")]
        &etcd::Etcd,
        #[cfg(feature = "galera")]
        &galera::Galera,
        #[cfg(feature = "nats")]
        &nats::Nats,
        #[cfg(feature = "postgres")]
        &postgres::Postgres,
        #[cfg(feature = "rabbitmq")]
        &rabbitmq::RabbitMq,
        #[cfg(feature = "redis")]
        &redis::Redis,
        #[cfg(feature = "zookeeper")]
        &zookeeper::ZooKeeper,
    ]
}

/// A system by its name.
pub(crate) fn by_name(name: &str) -> Option<&'static dyn System> {
    systems().iter().copied().find(|system| system.name() == name)
}
