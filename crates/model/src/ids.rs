//! A set of values that many states share.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use seriatim_history::ValueId;
use smallvec::SmallVec;

/// A set of values. Copies share what they have in common: a state with one element more costs a few small nodes.
///
/// A few elements are a list; more are a tree over the bits of the values' numbers, five a level and six in a leaf. Its
/// shape depends on the elements alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct IdSet {
    len: u32,
    /// The sum of the elements' hashes.
    hash: u64,
    /// At most [`FEW`] elements, sorted; empty where there are more.
    few: SmallVec<[ValueId; FEW]>,
    /// More elements than that.
    root: Option<Arc<Node>>,
}

/// So many elements are a list.
const FEW: usize = 4;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    /// Elements whose numbers differ in the lowest six bits only: a bit for each.
    Leaf(u64),
    /// Which of the thirty-two children there are, and these.
    Branch(u32, Box<[Arc<Node>]>),
}

/// Six bits are a leaf's; the other twenty-six take six levels.
const TOP: u32 = 6 + 5 * 5;

impl IdSet {
    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether `value` is an element.
    pub fn contains(&self, value: ValueId) -> bool {
        if self.len() <= FEW {
            return self.few.contains(&value);
        }
        let mut level = TOP;
        let mut node = self.root.as_deref();
        while let Some(Node::Branch(present, children)) = node {
            let (bit, place) = locate(*present, value, level);
            node = (present & bit != 0).then(|| &*children[place]);
            level -= 5;
        }
        matches!(node, Some(Node::Leaf(present)) if present & in_leaf(value) != 0)
    }

    /// The set with `value`.
    #[must_use]
    pub fn insert(&self, value: ValueId) -> Self {
        let mut set = self.clone();
        set.add(value);
        set
    }

    /// The set without `value`.
    #[must_use]
    pub fn remove(&self, value: ValueId) -> Self {
        let mut set = self.clone();
        set.take(value);
        set
    }

    /// Puts `value` in; whether it was not there. What nobody shares is changed in place.
    pub fn add(&mut self, value: ValueId) -> bool {
        let is_new = !self.contains(value);
        if is_new {
            if self.len() < FEW {
                let place = self.few.partition_point(|&other| other < value);
                self.few.insert(place, value);
            } else {
                let root = self.root.get_or_insert_with(|| alone(value, TOP));
                self.few.drain(..).chain([value]).for_each(|value| insert(root, value, TOP));
            }
            self.len += 1;
            self.hash = self.hash.wrapping_add(mix(value));
        }
        is_new
    }

    /// Takes `value` out; whether it was there.
    pub fn take(&mut self, value: ValueId) -> bool {
        let was_there = self.contains(value);
        if was_there {
            self.few.retain(|other| *other != value);
            if let Some(root) = &mut self.root {
                remove(root, value, TOP);
            }
            self.len -= 1;
            if self.len() == FEW
                && let Some(root) = self.root.take()
            {
                collect(&root, 0, TOP, &mut |value| self.few.push(value));
            }
            self.hash = self.hash.wrapping_sub(mix(value));
        }
        was_there
    }

    /// The elements, sorted by number.
    pub fn iter(&self) -> impl Iterator<Item = ValueId> {
        let mut all = Vec::with_capacity(self.len());
        all.extend_from_slice(&self.few);
        if let Some(root) = &self.root {
            collect(root, 0, TOP, &mut |value| all.push(value));
        }
        all.into_iter()
    }

    /// Whether the elements are exactly those of `sorted`, which is without repetition.
    pub fn is(&self, sorted: &[ValueId]) -> bool {
        if self.len() != sorted.len() {
            return false;
        }
        let Some(root) = &self.root else { return *self.few == *sorted };
        // As many as there are, in the same order.
        let (mut left, mut are_equal) = (sorted.iter(), true);
        collect(root, 0, TOP, &mut |value| are_equal &= left.next() == Some(&value));
        are_equal
    }
}

impl Hash for IdSet {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.hash.hash(state);
    }
}

impl FromIterator<ValueId> for IdSet {
    fn from_iter<I: IntoIterator<Item = ValueId>>(values: I) -> Self {
        values.into_iter().fold(Self::default(), |set, value| set.insert(value))
    }
}

fn mix(value: ValueId) -> u64 {
    let scattered = (value.index() as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (scattered ^ scattered >> 31).wrapping_mul(0xd6e8_feb8_6659_fd93)
}

/// The child's bit at this level, and its place among those present.
fn locate(present: u32, value: ValueId, level: u32) -> (u32, usize) {
    let bit = 1_u32 << (value.index() as u64 >> level & 31);
    (bit, (present & (bit - 1)).count_ones() as usize)
}

/// The bit of a value in its leaf.
fn in_leaf(value: ValueId) -> u64 {
    1 << (value.index() & 63)
}

/// Gives out the elements of a node in order, whose numbers begin with the bits of `start`.
fn collect(node: &Node, start: u32, level: u32, out: &mut impl FnMut(ValueId)) {
    match node {
        Node::Leaf(present) => ones(*present).for_each(|bit| out(ValueId::at(start | bit))),
        Node::Branch(present, children) => {
            for (bit, child) in ones(u64::from(*present)).zip(children) {
                collect(child, start | bit << level, level - 5, out);
            }
        }
    }
}

/// The places of the bits that are set, the lowest first.
fn ones(mut bits: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let lowest = (bits != 0).then(|| bits.trailing_zeros());
        bits &= bits.wrapping_sub(1);
        lowest
    })
}

/// A node for one element.
fn alone(value: ValueId, level: u32) -> Arc<Node> {
    Arc::new(if level < 6 {
        Node::Leaf(in_leaf(value))
    } else {
        Node::Branch(locate(0, value, level).0, [alone(value, level - 5)].into())
    })
}

/// Puts an element into a node, unless it is there.
fn insert(node: &mut Arc<Node>, value: ValueId, level: u32) {
    match Arc::make_mut(node) {
        Node::Leaf(present) => *present |= in_leaf(value),
        Node::Branch(present, children) => {
            let (bit, place) = locate(*present, value, level);
            if *present & bit != 0 {
                insert(&mut children[place], value, level - 5);
            } else {
                let mut more = std::mem::take(children).into_vec();
                more.insert(place, alone(value, level - 5));
                *children = more.into();
                *present |= bit;
            }
        }
    }
}

/// Takes an element that is there out of a node; whether anything is left.
fn remove(node: &mut Arc<Node>, value: ValueId, level: u32) -> bool {
    match Arc::make_mut(node) {
        Node::Leaf(present) => {
            *present &= !in_leaf(value);
            *present != 0
        }
        Node::Branch(present, children) => {
            let (bit, place) = locate(*present, value, level);
            if !remove(&mut children[place], value, level - 5) {
                let mut fewer = std::mem::take(children).into_vec();
                fewer.remove(place);
                *children = fewer.into();
                *present &= !bit;
            }
            *present != 0
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use seriatim_history::Values;

    use super::*;

    #[test]
    fn behaves_like_a_set() {
        let mut values = Values::new();
        let pool: Vec<_> = (0..3_000).map(|int| values.int(int)).collect();
        let (mut set, mut plain) = (IdSet::default(), BTreeSet::new());
        let mut random = 3_u32;
        for round in 0..6_000 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let value = pool[(random >> 12) as usize % if round < 3_000 { 3_000 } else { 5 }];
            if random >> 11 & 1 == 0 {
                set = set.insert(value);
                plain.insert(value);
            } else {
                set = set.remove(value);
                plain.remove(&value);
            }
            assert_eq!(set.contains(value), plain.contains(&value));
            assert_eq!(set.len(), plain.len());
        }
        let sorted: Vec<_> = plain.iter().copied().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), sorted);
        assert!(set.is(&sorted));
        assert!(!set.is(&sorted[1..]));
        assert!(!set.is(&[]));
        let mut other = sorted.clone();
        other[0] = *pool.iter().find(|value| !sorted.contains(value)).expect("not all are elements");
        other.sort_unstable();
        assert!(!set.is(&other));
        assert!(sorted.iter().take(3).copied().collect::<IdSet>().is(&sorted[..3]));
        assert!(!sorted.iter().take(3).copied().collect::<IdSet>().is(&sorted[1..4]));
        assert!(IdSet::default().is(&[]));
        assert_eq!(set, sorted.iter().rev().copied().collect());
        let emptied = sorted.iter().fold(set, |set, &value| set.remove(value));
        assert_eq!(emptied, IdSet::default());
        assert!(emptied.is_empty());
    }
}
