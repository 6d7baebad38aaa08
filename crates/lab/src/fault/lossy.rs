//! Lossy links: of what a node and the others send each other, some is dropped at random.

use anyhow::Result;
use async_trait::async_trait;

use super::{Aim, Fault, Stage, Who};
use crate::node::Node;

/// Drops so many of a hundred packets between one node and the others, in both directions. Clients are not hit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lossy {
    /// Whose links.
    pub(crate) who: Who,
    /// How many of a hundred.
    pub(crate) percent: u8,
}

/// As many as let a connection live and make it slow: what is lost is sent again after a fifth of a second or more.
pub(crate) const LOSS: u8 = 25;

#[async_trait]
impl Fault for Lossy {
    fn name(&self) -> String {
        format!("lossy-{}", self.who.word())
    }

    fn lasts(&self) -> (u64, u64) {
        (4_000, 5_000)
    }

    async fn aim(&self, stage: &Stage<'_>, draw: u64) -> Result<Aim> {
        Ok(Aim::nodes([stage.pick(self.who, draw).await?]))
    }

    async fn begin(&self, stage: &mut Stage<'_>, aim: &Aim) -> Result<()> {
        let network = stage.cluster.network();
        let others = network.without(&aim.nodes);
        for (nodes, from) in [(&aim.nodes, &others), (&others, &aim.nodes)] {
            nodes.iter().try_for_each(|node| network.nft(*node, &rules(from, self.percent)))?;
        }
        Ok(())
    }

    async fn end(&self, stage: &mut Stage<'_>, _aim: &Aim) -> Result<()> {
        let network = stage.cluster.network();
        // A table that is added twice is there once; so none is missing where it is deleted.
        let gone = "add table inet lossy\ndelete table inet lossy\n";
        network.nodes().iter().try_for_each(|node| network.nft(*node, gone))
    }
}

/// Rules by which a node drops some of what comes from others.
fn rules(from: &[Node], percent: u8) -> String {
    let addresses: Vec<_> = from.iter().map(|node| node.address().to_string()).collect();
    format!(
        "table inet lossy {{\n  chain in {{\n    type filter hook input priority 1;\n    \
         ip saddr {{ {} }} numgen random mod 100 < {percent} drop;\n  }}\n}}\n",
        addresses.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_name_whom_they_drop_and_how_much() {
        let text = rules(&[Node(1), Node(3)], 30);
        assert!(
            text.contains("ip saddr { 10.77.0.11, 10.77.0.13 } numgen random mod 100 < 30 drop;"),
            "{text}"
        );
        assert_eq!(text.matches('{').count(), text.matches('}').count());
    }
}
