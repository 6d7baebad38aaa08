//! Where and when: how many of the instances of an anomaly each node, key, process and fault window has.

use std::collections::BTreeMap;

use seriatim_history::{History, OpId, ValueId, Window};

/// What some operations have in common; each list with what is most frequent first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// How many operations it is about.
    pub of: usize,
    /// By the node that was asked; `None` where nobody says so.
    pub nodes: Vec<(Option<ValueId>, usize)>,
    /// By the key; `None` where there is none.
    pub keys: Vec<(Option<ValueId>, usize)>,
    /// By the client.
    pub processes: Vec<(Option<ValueId>, usize)>,
    /// By the window of a fault in which they were under way, the one that began last; `None` outside of all.
    pub windows: Vec<(Option<usize>, usize)>,
}

impl Scope {
    /// That of some operations of a history with these windows, which are in the order of their beginnings.
    pub fn of(history: &History, windows: &[Window], operations: &[OpId]) -> Self {
        let all = || operations.iter().map(|&id| history.operation(id));
        Self {
            of: operations.len(),
            nodes: counted(all().map(|operation| operation.node)),
            keys: counted(all().map(|operation| operation.key)),
            processes: counted(all().map(|operation| Some(operation.process))),
            windows: counted(
                all().map(|operation| windows.iter().rposition(|window| window.holds(operation))),
            ),
        }
    }
}

/// How often there is what, the most frequent first.
fn counted<T: Ord>(all: impl Iterator<Item = T>) -> Vec<(T, usize)> {
    let mut counts: BTreeMap<T, usize> = BTreeMap::new();
    for one in all {
        *counts.entry(one).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_most_frequent_comes_first() {
        assert_eq!(counted([3, 1, 2, 1, 2, 1].into_iter()), [(1, 3), (2, 2), (3, 1)]);
        assert_eq!(counted(std::iter::empty::<u8>()), []);
    }
}
