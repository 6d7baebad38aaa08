//! Configurations, of which those are dropped that another one is no worse than.

use std::hash::{BuildHasher, Hash};

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;
use smallvec::SmallVec;

/// Numbers of operations or of kinds of them, sorted; few as a rule.
pub(super) type Few = SmallVec<[u32; 4]>;

/// What has happened by a return, as far as it matters for what may follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Config<State> {
    /// What the object remembers.
    pub(super) state: State,
    /// The operations that have taken effect, and will return before the prefix ends.
    pub(super) done: Few,
    /// The kinds of those that have, and are open when it ends; each as often as it was taken.
    pub(super) used: Few,
    /// The number of what the last operation was answered; [`NONE`](super::sweep::NONE) where it has not taken effect.
    pub(super) answer: u32,
    /// The last change before that; none where nothing has happened. Nothing depends on it.
    pub(super) changed: Option<u32>,
}

/// Configurations of which none is better than another: of the same state, with the same done and answered, none has used
/// less than another. They stand in the order in which they came.
#[derive(Debug)]
pub(super) struct Antichain<State> {
    configs: Vec<Option<Config<State>>>,
    /// Those of one state, done and answered, together.
    alike: HashTable<SmallVec<[u32; 1]>>,
}

impl<State: Clone + Eq + Hash> Antichain<State> {
    pub(super) fn new() -> Self {
        Self { configs: Vec::new(), alike: HashTable::new() }
    }

    /// Takes a configuration in, unless one that is there is no worse; drops those that are worse than it.
    pub(super) fn insert(&mut self, config: Config<State>) -> bool {
        let Self { configs, alike } = self;
        let hash = hash(&config);
        let known = |at: u32| configs[at as usize].as_ref().expect("only what is kept is listed");
        let is_like = |all: &SmallVec<[u32; 1]>| {
            let other = known(all[0]);
            other.answer == config.answer && other.done == config.done && other.state == config.state
        };
        let place = u32::try_from(configs.len()).expect("fewer than 2^32 configurations");
        if let Some(all) = alike.find_mut(hash, is_like) {
            if all.iter().any(|&at| is_within(&known(at).used, &config.used)) {
                return false;
            }
            let worse = |at: u32| is_within(&config.used, &known(at).used);
            let dropped: SmallVec<[u32; 1]> = all.iter().copied().filter(|&at| worse(at)).collect();
            all.retain(|at| !dropped.contains(at));
            all.push(place);
            dropped.into_iter().for_each(|at| configs[at as usize] = None);
        } else {
            let hashed = |all: &SmallVec<[u32; 1]>| self::hash(known(all[0]));
            alike.insert_unique(hash, SmallVec::from_elem(place, 1), hashed);
        }
        configs.push(Some(config));
        true
    }

    /// How many came, those that were dropped again among them.
    pub(super) fn len(&self) -> usize {
        self.configs.len()
    }

    /// The one that came as number `at`, unless it was dropped.
    pub(super) fn get(&self, at: usize) -> Option<&Config<State>> {
        self.configs[at].as_ref()
    }

    /// Those that are left.
    pub(super) fn configs(&self) -> impl Iterator<Item = &Config<State>> {
        self.configs.iter().flatten()
    }

    /// The same.
    pub(super) fn into_configs(self) -> impl Iterator<Item = Config<State>> {
        self.configs.into_iter().flatten()
    }
}

fn hash<State: Hash>(config: &Config<State>) -> u64 {
    let Config { state, done, answer, .. } = config;
    // The table goes by the upper bits and the lower ones.
    FxBuildHasher.hash_one((state, done, answer)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Whether each number stands in `all` as often as in `some`, or more often; both are sorted.
fn is_within(some: &[u32], all: &[u32]) -> bool {
    let mut all = all.iter();
    some.iter().all(|one| all.by_ref().find(|other| *other >= one) == Some(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_used_more_is_dropped_whoever_comes_first() {
        let config = |state: u8, used: &[u32]| Config {
            state,
            done: Few::new(),
            used: used.iter().copied().collect(),
            answer: 0,
            changed: None,
        };
        let mut all = Antichain::new();
        for (state, used, is_new) in [
            (1, &[0, 1, 1][..], true),
            (1, &[0, 1, 1], false),
            (1, &[2], true),
            (1, &[1, 1], true),
            (1, &[0, 2], false),
            (2, &[0, 2], true),
            (2, &[], true),
            (2, &[1], false),
        ] {
            assert_eq!(all.insert(config(state, used)), is_new, "{state} {used:?}");
        }
        let left: Vec<_> = all.configs().map(|config| (config.state, config.used.to_vec())).collect();
        assert_eq!(left, [(1, vec![2]), (1, vec![1, 1]), (2, vec![])]);
        assert_eq!((all.len(), all.get(0)), (5, None));
    }

    #[test]
    fn a_number_is_within_as_often_as_it_is_there() {
        for (some, all, expected) in [
            (&[][..], &[][..], true),
            (&[1], &[], false),
            (&[1, 1], &[1, 2], false),
            (&[1, 1], &[0, 1, 1, 2], true),
            (&[0, 2], &[0, 1, 2], true),
            (&[0, 3], &[0, 1, 2], false),
        ] {
            assert_eq!(is_within(some, all), expected, "{some:?} in {all:?}");
        }
    }
}
