//! A client that is one thread: while it does nothing, nothing is done for it, and its session gets no sign of life either.
//! So a pause of such a client is to ZooKeeper what a stopped process is.

use std::sync::mpsc;
use std::thread;

use anyhow::{Context, Result};
use async_trait::async_trait;
use tokio::runtime::Builder;
use tokio::sync::oneshot;

use super::client::ZooKeeperClient;
use crate::node::Node;
use crate::request::{Reply, Request};
use crate::setting::Setting;
use crate::system::Client;

/// A request, and where its reply goes.
type Call = (Request, oneshot::Sender<Reply>);

/// A client on a thread of its own, which stands still between requests. The thread ends when this is dropped.
pub(crate) struct ThreadClient(mpsc::Sender<Call>);

impl ThreadClient {
    /// Starts the thread, and connects there.
    pub(crate) async fn connect(node: Node, setting: Setting) -> Result<Self> {
        let (calls, called) = mpsc::channel();
        let (tell, told) = oneshot::channel();
        let work = move || {
            let _ = match Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime.block_on(serve(node, setting, called, tell)),
                Err(error) => tell.send(Err(error.into())).map_err(drop),
            };
        };
        thread::Builder::new().name(format!("client of {node}")).spawn(work)?;
        told.await.context("the thread of a client ended")??;
        Ok(Self(calls))
    }
}

/// Answers calls until there can be no more. Waiting for one stops the whole thread: that is what it is for.
async fn serve(
    node: Node,
    setting: Setting,
    called: mpsc::Receiver<Call>,
    tell: oneshot::Sender<Result<()>>,
) -> Result<(), ()> {
    let mut client = match ZooKeeperClient::connect(node, setting).await {
        Ok(client) => client,
        Err(error) => return tell.send(Err(error)).map_err(drop),
    };
    tell.send(Ok(())).map_err(drop)?;
    while let Ok((request, reply)) = called.recv() {
        // Whoever asked may have given up.
        let _ = reply.send(client.call(&request).await);
    }
    Ok(())
}

#[async_trait]
impl Client for ThreadClient {
    async fn call(&mut self, request: &Request) -> Reply {
        let (reply, replied) = oneshot::channel();
        if self.0.send((request.clone(), reply)).is_err() {
            return Reply::fail("the thread of this client ended").broken();
        }
        match replied.await {
            Ok(reply) => reply,
            Err(_) => Reply::after_sending(request, "the thread of this client ended"),
        }
    }
}
