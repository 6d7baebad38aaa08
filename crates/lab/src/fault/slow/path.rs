//! A detour of a node's wire through this process.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::task::JoinHandle;
use tokio_tun::Tun;

use super::line::Line;
use super::{DEVICE, Manner};
use crate::node::Node;
use crate::seed::Dice;
use crate::shell;

/// A detour that is being carried.
#[derive(Debug)]
pub(crate) struct Path {
    node: Node,
    carrier: JoinHandle<()>,
}

impl Path {
    /// Leads the wire of a node through this process. What is not sent between nodes is not held.
    pub(crate) fn lay(node: Node, nodes: &[Node], manner: Manner) -> Result<Self> {
        let (near, far) = (tap(&format!("near-{node}"))?, tap(&format!("far-{node}"))?);
        ip(&format!("link add slow-{node} type bridge"))?;
        ip(&format!("link set slow-{node} up"))?;
        ip(&format!("link set near-{node} master slow-{node} up"))?;
        ip(&format!("link set far-{node} master bridge up"))?;
        let carrier =
            tokio::spawn(carry(near, far, nodes.to_vec(), manner, Dice::new(node.0.into(), "slow")));
        // Last, so that the wire is never cut for longer than this takes.
        ip(&format!("link set to-{node} master slow-{node}"))?;
        Ok(Self { node, carrier })
    }

    /// Whose wire it is.
    pub(crate) fn node(&self) -> Node {
        self.node
    }

    /// Leads the wire straight to the bridge again. What is on its way is lost.
    pub(crate) fn lift(self) -> Result<()> {
        ip(&format!("link set to-{} master bridge", self.node))?;
        self.carrier.abort();
        ip(&format!("link del slow-{}", self.node))
    }
}

/// This process is where the bridge is.
fn ip(arguments: &str) -> Result<()> {
    let argv: Vec<_> = ["ip"].into_iter().chain(arguments.split(' ')).collect();
    shell::run(&argv).map(drop)
}

fn tap(name: &str) -> Result<Tun> {
    let made = Tun::builder().name(name).tap().up().build();
    let made =
        made.with_context(|| format!("cannot make the device {name} by {DEVICE}, which slow links need"))?;
    made.into_iter().next().context("no device was made")
}

/// Carries frames both ways until it is aborted.
async fn carry(near: Tun, far: Tun, nodes: Vec<Node>, manner: Manner, mut dice: Dice) {
    let (mut out, mut back) = (Line::default(), Line::default());
    let (mut from_near, mut from_far) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        let next = [out.next(), back.next()].into_iter().flatten().min();
        // Where nothing is held there is nothing to wake up for; an hour is longer than any run.
        let next = next.unwrap_or_else(|| Instant::now() + Duration::from_secs(3_600));
        tokio::select! {
            got = near.recv(&mut from_near) => if let Ok(len) = got {
                let frame = &from_near[..len];
                out.take(Instant::now(), hold(frame, &nodes, manner, &mut dice), frame);
            },
            got = far.recv(&mut from_far) => if let Ok(len) = got {
                let frame = &from_far[..len];
                back.take(Instant::now(), hold(frame, &nodes, manner, &mut dice), frame);
            },
            () = tokio::time::sleep_until(next.into()) => {}
        }
        for (line, device) in [(&mut out, &far), (&mut back, &near)] {
            while let Some(frame) = line.let_go(Instant::now()) {
                // What a device does not take is lost, as on a wire.
                let _ = device.send(&frame).await;
            }
        }
    }
}

/// How long a frame is to be held.
fn hold(frame: &[u8], nodes: &[Node], manner: Manner, dice: &mut Dice) -> Duration {
    let is_node = |address| Node::at(address, nodes).is_some();
    match ends(frame) {
        Some((from, to)) if is_node(from) && is_node(to) => {
            let jitter = u64::try_from(manner.jitter.as_micros()).unwrap_or(u64::MAX - 1);
            manner.delay + Duration::from_micros(dice.below(jitter + 1))
        }
        _ => Duration::ZERO,
    }
}

/// From where to where an Ethernet frame with a packet of IPv4 goes.
fn ends(frame: &[u8]) -> Option<(Ipv4Addr, Ipv4Addr)> {
    let packet = frame.get(12..)?.strip_prefix(&[0x08, 0x00])?;
    let address = |at: usize| -> Option<Ipv4Addr> {
        let bytes: [u8; 4] = packet.get(at..at + 4)?.try_into().ok()?;
        Some(bytes.into())
    };
    Some((address(12)?, address(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::LAB;

    const MANNER: Manner = Manner { delay: Duration::from_millis(80), jitter: Duration::from_millis(40) };

    /// A frame with a header of IPv4 in it.
    fn frame(from: Ipv4Addr, to: Ipv4Addr) -> Vec<u8> {
        let mut bytes = vec![0; 12];
        bytes.extend([0x08, 0x00]);
        bytes.extend([0x45; 12]);
        bytes.extend(from.octets());
        bytes.extend(to.octets());
        bytes
    }

    #[test]
    fn only_what_nodes_send_each_other_is_held() {
        let nodes = Node::first(3);
        let mut dice = Dice::new(7, "test");
        let mut held = |from, to| hold(&frame(from, to), &nodes, MANNER, &mut dice);
        let (one, two) = (Node(1).address(), Node(2).address());
        for _ in 0..100 {
            let time = held(one, two);
            assert!(time >= MANNER.delay && time <= MANNER.delay + MANNER.jitter, "{time:?}");
        }
        assert_eq!(held(LAB, two), Duration::ZERO);
        assert_eq!(held(two, LAB), Duration::ZERO);
    }

    #[test]
    fn what_is_no_packet_of_ipv4_is_not_held() {
        let mut question = frame(Node(1).address(), Node(2).address());
        question[13] = 0x06;
        assert_eq!(ends(&question), None, "an address resolution");
        assert_eq!(ends(&frame(LAB, LAB)[..30]), None, "a frame that is cut off");
        assert_eq!(ends(&[]), None);
    }
}
