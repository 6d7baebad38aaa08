//! What is known of values, by their numbers.

use rustc_hash::FxHashMap;
use seriatim_history::ValueId;

/// So many places there may be in a table for each operation that names values.
const EACH: usize = 4;

/// Something for each of some values: in a table where their numbers are small, which is read in about the order of a
/// history where a hash would lead all over the memory; in a map where a part names few values of many.
#[derive(Clone, Debug)]
pub(crate) enum ByValue<T> {
    Table(Vec<Option<T>>),
    Map(FxHashMap<ValueId, T>),
}

impl<T: Copy> ByValue<T> {
    /// Nothing yet, of values up to `largest` that so many operations name.
    pub(crate) fn new(largest: Option<ValueId>, operations: usize) -> Self {
        let places = largest.map_or(0, |value| value.index() + 1);
        if places <= EACH * operations {
            Self::Table(vec![None; places])
        } else {
            Self::Map(FxHashMap::default())
        }
    }

    pub(crate) fn get(&self, value: ValueId) -> Option<T> {
        match self {
            Self::Table(all) => all.get(value.index()).copied().flatten(),
            Self::Map(all) => all.get(&value).copied(),
        }
    }

    /// Says it of a value, which is none larger than the largest.
    pub(crate) fn insert(&mut self, value: ValueId, what: T) {
        match self {
            Self::Table(all) => all[value.index()] = Some(what),
            Self::Map(all) => _ = all.insert(value, what),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_and_a_map_say_the_same() {
        let value = ValueId::at;
        for operations in [1, 1_000] {
            let mut all: ByValue<u32> = ByValue::new(Some(value(100)), operations);
            assert_eq!(matches!(all, ByValue::Map(_)), operations == 1);
            all.insert(value(7), 1);
            all.insert(value(100), 2);
            all.insert(value(7), 3);
            let known = [7, 8, 100, 101].map(|at| all.get(value(at)));
            assert_eq!(known, [Some(3), None, Some(2), None]);
        }
        assert_eq!(ByValue::<u32>::new(None, 0).get(value(0)), None);
    }
}
