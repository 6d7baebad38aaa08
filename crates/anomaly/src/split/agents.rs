//! Who may be on one side or the other: nodes, or clients where nobody says which node was asked.

use rustc_hash::FxHashMap;
use seriatim_history::{History, OpId, ValueId};

/// The agents of a history, numbered from 0.
pub(super) struct Agents {
    /// Whether they are nodes; else they are clients.
    pub(super) are_nodes: bool,
    names: Vec<ValueId>,
    /// Of each operation.
    of: Vec<Option<u32>>,
}

impl Agents {
    pub(super) fn new(history: &History) -> Self {
        // One node alone is not two sides, whoever asked it.
        let are_nodes = history.operations.iter().any(|operation| operation.node.is_some());
        let mut numbers: FxHashMap<ValueId, u32> = FxHashMap::default();
        let mut names = Vec::new();
        let of = history.operations.iter().map(|operation| {
            let name = if are_nodes { operation.node? } else { operation.process };
            Some(*numbers.entry(name).or_insert_with(|| {
                names.push(name);
                names.len() as u32 - 1
            }))
        });
        let of = of.collect();
        Self { are_nodes, names, of }
    }

    pub(super) fn count(&self) -> usize {
        self.names.len()
    }

    pub(super) fn name(&self, agent: u32) -> ValueId {
        self.names[agent as usize]
    }

    /// The agent of an operation; `None` where nobody says which node was asked, and of others somebody does.
    pub(super) fn of(&self, id: OpId) -> Option<u32> {
        self.of[id.index()]
    }
}
