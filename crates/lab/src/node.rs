//! A member of the cluster, by its number.

use std::fmt;
use std::net::Ipv4Addr;

use serde::{Serialize, Serializer};

/// A member of the cluster; the first is `n1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Node(pub(crate) u8);

/// Where the clients are.
pub(crate) const LAB: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 254);

impl Node {
    /// The first so many nodes.
    pub(crate) fn first(count: usize) -> Vec<Self> {
        (1..=u8::try_from(count).unwrap_or(u8::MAX)).map(Self).collect()
    }

    /// Its address on the bridge.
    pub(crate) fn address(self) -> Ipv4Addr {
        Ipv4Addr::new(10, 77, 0, 10 + self.0)
    }

    /// The node that has an address.
    pub(crate) fn at(address: Ipv4Addr, nodes: &[Self]) -> Option<Self> {
        nodes.iter().copied().find(|node| node.address() == address)
    }
}

impl fmt::Display for Node {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "n{}", self.0)
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}
