//! Cuts in the network between nodes. Clients reach all nodes all the time.

use anyhow::Result;
use async_trait::async_trait;

use super::{Aim, Fault, Stage, Who};
use crate::node::Node;

/// How long a partition lasts: longer than any of the systems here takes to choose another leader.
const LASTS: (u64, u64) = (4_000, 5_000);

/// Cuts one node off from all others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Isolate(pub(crate) Who);

/// What one node sends does not come in at others, while it hears them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OneWay(pub(crate) Who);

/// Divides the nodes in two, with the leader on the smaller side.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Halves;

/// Each node reaches only its two neighbours in a ring. It needs five nodes to differ from a whole network in that nobody
/// sees the same majority.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ring;

#[async_trait]
impl Fault for Isolate {
    fn name(&self) -> String {
        format!("isolate-{}", self.0.word())
    }

    fn lasts(&self) -> (u64, u64) {
        LASTS
    }

    async fn aim(&self, stage: &Stage<'_>, draw: u64) -> Result<Aim> {
        Ok(Aim::nodes([stage.pick(self.0, draw).await?]))
    }

    async fn begin(&self, stage: &mut Stage<'_>, aim: &Aim) -> Result<()> {
        let network = stage.cluster.network();
        network.cut(&aim.nodes, &network.without(&aim.nodes))
    }

    async fn end(&self, stage: &mut Stage<'_>, _aim: &Aim) -> Result<()> {
        stage.cluster.network().heal()
    }
}

#[async_trait]
impl Fault for OneWay {
    fn name(&self) -> String {
        format!("mute-{}", self.0.word())
    }

    fn lasts(&self) -> (u64, u64) {
        LASTS
    }

    async fn aim(&self, stage: &Stage<'_>, draw: u64) -> Result<Aim> {
        Ok(Aim::nodes([stage.pick(self.0, draw).await?]))
    }

    async fn begin(&self, stage: &mut Stage<'_>, aim: &Aim) -> Result<()> {
        let network = stage.cluster.network();
        network.deafen(&network.without(&aim.nodes), &aim.nodes)
    }

    async fn end(&self, stage: &mut Stage<'_>, _aim: &Aim) -> Result<()> {
        stage.cluster.network().heal()
    }
}

#[async_trait]
impl Fault for Halves {
    fn name(&self) -> String {
        "halves".to_owned()
    }

    fn lasts(&self) -> (u64, u64) {
        LASTS
    }

    async fn aim(&self, stage: &Stage<'_>, draw: u64) -> Result<Aim> {
        let leader = stage.leader().await?;
        Ok(Aim::nodes(smaller_side(leader, stage.cluster.network().nodes(), draw)))
    }

    async fn begin(&self, stage: &mut Stage<'_>, aim: &Aim) -> Result<()> {
        let network = stage.cluster.network();
        network.cut(&aim.nodes, &network.without(&aim.nodes))
    }

    async fn end(&self, stage: &mut Stage<'_>, _aim: &Aim) -> Result<()> {
        stage.cluster.network().heal()
    }
}

#[async_trait]
impl Fault for Ring {
    fn name(&self) -> String {
        "ring".to_owned()
    }

    fn lasts(&self) -> (u64, u64) {
        LASTS
    }

    async fn aim(&self, stage: &Stage<'_>, _draw: u64) -> Result<Aim> {
        Ok(Aim::nodes(stage.cluster.nodes()))
    }

    async fn begin(&self, stage: &mut Stage<'_>, aim: &Aim) -> Result<()> {
        for (at, node) in aim.nodes.iter().enumerate() {
            stage.cluster.network().deafen(&[*node], &not_beside(at, &aim.nodes))?;
        }
        Ok(())
    }

    async fn end(&self, stage: &mut Stage<'_>, _aim: &Aim) -> Result<()> {
        stage.cluster.network().heal()
    }
}

/// The leader and as many others as leave a majority without it.
fn smaller_side(leader: Node, nodes: &[Node], draw: u64) -> Vec<Node> {
    let mut others: Vec<_> = nodes.iter().copied().filter(|node| *node != leader).collect();
    if !others.is_empty() {
        let turn = draw % others.len() as u64;
        others.rotate_left(usize::try_from(turn).unwrap_or(0));
    }
    let minority = nodes.len().saturating_sub(1) / 2;
    let mut side = vec![leader];
    side.extend(others.into_iter().take(minority.saturating_sub(1)));
    side
}

/// The nodes that are neither at a place of a ring nor beside it.
fn not_beside(at: usize, nodes: &[Node]) -> Vec<Node> {
    let len = nodes.len();
    let apart = |other: usize| other != at && (other + 1) % len != at && (at + 1) % len != other;
    (0..len).filter(|other| apart(*other)).map(|other| nodes[other]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smaller_side_has_the_leader_and_leaves_a_majority() {
        let nodes = Node::first(5);
        for draw in 0..9 {
            let side = smaller_side(Node(3), &nodes, draw);
            assert_eq!((side.len(), side[0]), (2, Node(3)), "{side:?}");
            assert_ne!(side[1], Node(3));
        }
        assert_eq!(smaller_side(Node(2), &Node::first(3), 7), [Node(2)]);
    }

    #[test]
    fn in_a_ring_of_five_each_node_misses_the_two_opposite() {
        let nodes = Node::first(5);
        assert_eq!(not_beside(0, &nodes), [Node(3), Node(4)]);
        assert_eq!(not_beside(4, &nodes), [Node(2), Node(3)]);
        assert_eq!(not_beside(1, &Node::first(3)), [], "a ring of three is whole");
    }
}
