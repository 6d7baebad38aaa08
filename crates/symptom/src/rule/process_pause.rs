//! SYM19: a process stood still, and then went on as if nothing had been: a stop of its virtual machine, a garbage collection, a
//! signal. Of a node, whose answers stop and then come all at once; or of clients, who ask nothing while others do.

use super::{client_pause, node_pause};
use crate::rules::{Asked, Candidates};
use crate::setting::{Setting, Unit};

/// See there.
pub(crate) static GAP: Setting = Setting {
    name: "sym19.gap",
    unit: Unit::Time,
    default: 1.0,
    about: "A process stood still if it did nothing for at least so long.",
};

/// See there.
pub(crate) static WAITING: Setting = Setting {
    name: "sym19.waiting",
    unit: Unit::Count,
    default: 3.0,
    about: "At least so many operations must have waited for a node that stood still, or so many clients must have stood still \
            together.",
};

/// See there.
pub(crate) static SHARE: Setting = Setting {
    name: "sym19.share",
    unit: Unit::Share,
    default: 0.8,
    about: "At least this share of what waited for a node happens as soon as it goes on.",
};

/// See there.
pub(crate) static WITHIN: Setting = Setting {
    name: "sym19.within",
    unit: Unit::Share,
    default: 0.05,
    about: "That is as soon as it goes on which happens within this share of the time it stood still, or within one stretch.",
};

pub(crate) fn find(of: &Asked<'_>) -> Candidates {
    let nodes = node_pause::find(of);
    let clients = client_pause::find(of);
    Candidates { symptoms: nodes.into_iter().chain(clients).collect(), tests: Vec::new() }
}
