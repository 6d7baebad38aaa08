//! Which operations are open, and whose they are.

use rustc_hash::FxHashMap;

use crate::value::ValueId;

/// Who a completion belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// A client that does one thing at a time.
    Process(ValueId),
    /// An operation that has a name of its own.
    Id(ValueId),
}

/// The places of the operations that are open.
#[derive(Debug, Default)]
pub(super) struct Open {
    /// By the number of the process: the place plus one, or 0 where it has nothing open.
    by_process: Vec<u32>,
    by_id: FxHashMap<ValueId, u32>,
}

impl Open {
    /// What the owner has open.
    pub(super) fn get(&self, owner: Owner) -> Option<usize> {
        match owner {
            Owner::Process(process) => {
                let place = self.by_process.get(process.index()).copied().unwrap_or_default();
                place.checked_sub(1).map(|at| at as usize)
            }
            Owner::Id(id) => self.by_id.get(&id).map(|&at| at as usize),
        }
    }

    /// From now on the owner has the operation at this place open, which is below 2^32 - 1.
    pub(super) fn insert(&mut self, owner: Owner, at: usize) {
        let at = u32::try_from(at).expect("fewer than 2^32 operations");
        match owner {
            Owner::Process(process) => {
                if self.by_process.len() <= process.index() {
                    self.by_process.resize((process.index() + 1).next_power_of_two(), 0);
                }
                self.by_process[process.index()] = at + 1;
            }
            Owner::Id(id) => _ = self.by_id.insert(id, at),
        }
    }

    /// What the owner had open, which it has no more.
    pub(super) fn remove(&mut self, owner: Owner) -> Option<usize> {
        let at = self.get(owner)?;
        match owner {
            Owner::Process(process) => self.by_process[process.index()] = 0,
            Owner::Id(id) => _ = self.by_id.remove(&id),
        }
        Some(at)
    }
}
