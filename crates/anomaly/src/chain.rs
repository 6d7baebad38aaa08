//! Versions of registers and the order that is forced on them: what one operation puts in is a version, and so is what
//! was there at the start.
//!
//! In every order in which each operation sees the last write of its key, a swap stands right behind the version that it
//! replaced and whoever else saw that. Versions that swaps join are a *chain*: of two chains of a key one lies as a whole
//! before the other, that of the initial value before all (Gibbons & Korach 1997, §4; Golab, Li & Shah 2011). An operation
//! that comes before one of another chain of its key, for whatever reason, puts its chain first.
//!
//! Swaps that see each other's values in a ring are of no chain. Linear in the number of operations, but for a hash.

use rustc_hash::FxHashMap;

use crate::session::{Source, Steps};

/// Where an operation stands: its chain, and there the version that it put in or, if it put in none, saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) chain: usize,
    pub(crate) at: usize,
}

/// One chain.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    pub(crate) key: usize,
    /// The write that it begins with; `None` where it begins with the initial value.
    pub(crate) root: Option<usize>,
    /// The place of its last version.
    pub(crate) last: usize,
    /// How many operations it has.
    pub(crate) members: usize,
}

/// One chain before another of its key, and two operations that show it: the first comes before the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) first: usize,
    pub(crate) second: usize,
    pub(crate) shown_by: (usize, usize),
    /// How many of these were known when it came to light.
    pub(crate) known: usize,
}

/// All chains: first those of the initial values, key by key.
#[derive(Clone, Debug)]
pub(crate) struct Chains {
    pub(crate) all: Vec<Chain>,
    /// Of each step.
    pub(crate) places: Vec<Option<Place>>,
    /// What replaced the version that a step put in.
    replaced: Vec<Option<usize>>,
    /// What replaced the initial value of each key.
    replaced_initial: Vec<Option<usize>>,
    /// Two swaps that replaced one version.
    pub(crate) fork: Option<(usize, usize)>,
}

impl Chains {
    pub(crate) fn new(steps: &Steps) -> Self {
        let mut chains = Self {
            all: (0..steps.keys).map(|key| Chain { key, root: None, last: 0, members: 0 }).collect(),
            places: vec![None; steps.all.len()],
            replaced: vec![None; steps.all.len()],
            replaced_initial: vec![None; steps.keys],
            fork: None,
        };
        let mut roots: Vec<usize> = Vec::new();
        for (at, step) in steps.all.iter().enumerate().filter(|(_, step)| step.writes) {
            let replaced = match step.source {
                Some(Source::Initial) => &mut chains.replaced_initial[step.key],
                Some(Source::Write(write)) => &mut chains.replaced[write],
                Some(Source::Nowhere) | None => {
                    roots.push(at);
                    continue;
                }
            };
            match *replaced {
                // Who lost against another swap of the same version begins a chain of its own.
                Some(other) => {
                    chains.fork = chains.fork.or(Some((other, at)));
                    roots.push(at);
                }
                None => *replaced = Some(at),
            }
        }
        for key in 0..steps.keys {
            chains.walk(key, chains.replaced_initial[key], 1);
        }
        for root in roots {
            let chain = chains.all.len();
            chains.all.push(Chain { key: steps.all[root].key, root: Some(root), last: 0, members: 0 });
            chains.walk(chain, Some(root), 0);
        }
        for (at, step) in steps.all.iter().enumerate().filter(|(_, step)| step.reads_only()) {
            chains.places[at] = match step.source {
                Some(Source::Initial) => Some(Place { chain: step.key, at: 0 }),
                Some(Source::Write(write)) => chains.places[write],
                _ => None,
            };
            if let Some(place) = chains.places[at] {
                chains.all[place.chain].members += 1;
            }
        }
        chains
    }

    /// Follows swaps from a write on.
    fn walk(&mut self, chain: usize, mut write: Option<usize>, mut at: usize) {
        while let Some(step) = write {
            self.places[step] = Some(Place { chain, at });
            (self.all[chain].last, self.all[chain].members) = (at, self.all[chain].members + 1);
            (write, at) = (self.replaced[step], at + 1);
        }
    }

    /// The swap that replaced what a step saw.
    pub(crate) fn replaced_by(&self, steps: &Steps, step: usize) -> Option<usize> {
        match steps.all[step].source? {
            Source::Initial => self.replaced_initial[steps.all[step].key],
            Source::Write(write) => self.replaced[write],
            Source::Nowhere => None,
        }
    }

    /// The order that sessions force: each by two operations on one key, one after the other.
    pub(crate) fn order_of_sessions(&self, steps: &Steps) -> Vec<Order> {
        let mut order = Vec::new();
        let mut latest: FxHashMap<usize, (usize, usize)> = FxHashMap::default();
        for session in &steps.sessions {
            latest.clear();
            for &step in session {
                let Some(Place { chain, .. }) = self.places[step] else { continue };
                match latest.insert(steps.all[step].key, (chain, step)) {
                    Some((first, earlier)) if first != chain => {
                        order.push(Order { first, second: chain, shown_by: (earlier, step), known: 0 });
                    }
                    _ => {}
                }
            }
        }
        order
    }
}
