//! A set of values that many states share.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use seriatim_history::ValueId;
use smallvec::SmallVec;

/// A set of values. Copies share what they have in common: a state with one element more costs a few small nodes.
///
/// A tree over the bits of the values' numbers, three a level; levels at which all elements agree are left out (Morrison
/// 1968, PATRICIA). Few children a node, because a new state copies all of them on the way to its element. The shape
/// depends on the elements alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct IdSet {
    len: u32,
    /// The sum of the elements' hashes.
    hash: u64,
    root: Option<Arc<Node>>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    /// Elements whose numbers differ in the lowest six bits only, sorted.
    Leaf(Box<[ValueId]>),
    /// At least two children, whose elements differ first in the three bits from `level` on.
    Branch {
        level: u32,
        /// The bits above those, which all elements share.
        prefix: u32,
        /// Which of the eight children there are.
        present: u8,
        children: Children,
    },
}

type Children = SmallVec<[Arc<Node>; 8]>;

/// How many bits are a leaf's.
const LEAF: u32 = 6;

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
        let mut node = self.root.as_deref();
        while let Some(Node::Branch { level, prefix, present, children }) = node {
            let (bit, place) = locate(*present, value, *level);
            let is_there = above(value, *level) == *prefix && present & bit != 0;
            node = is_there.then(|| &*children[place]);
        }
        matches!(node, Some(Node::Leaf(all)) if all.binary_search(&value).is_ok())
    }

    /// The set with `value`.
    #[must_use]
    pub fn insert(&self, value: ValueId) -> Self {
        if self.contains(value) {
            return self.clone();
        }
        let root = match &self.root {
            Some(root) => insert(root, value),
            None => Arc::new(Node::Leaf([value].into())),
        };
        Self { len: self.len + 1, hash: self.hash.wrapping_add(mix(value)), root: Some(root) }
    }

    /// The set without `value`.
    #[must_use]
    pub fn remove(&self, value: ValueId) -> Self {
        match &self.root {
            Some(root) if self.contains(value) => Self {
                len: self.len - 1,
                hash: self.hash.wrapping_sub(mix(value)),
                root: remove(root, value),
            },
            _ => self.clone(),
        }
    }

    /// The elements, sorted by number.
    pub fn iter(&self) -> impl Iterator<Item = ValueId> {
        let mut all = Vec::with_capacity(self.len());
        if let Some(root) = &self.root {
            collect(root, &mut all);
        }
        all.into_iter()
    }

    /// Whether the elements are exactly those of `sorted`, which is without repetition.
    pub fn is(&self, sorted: &[ValueId]) -> bool {
        self.len() == sorted.len() && sorted.iter().all(|&value| self.contains(value))
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

/// The bits of a value's number above the three from `level` on.
fn above(value: ValueId, level: u32) -> u32 {
    let number = value.index() as u64 >> (level + 3);
    u32::try_from(number).expect("values have numbers of 32 bits")
}

/// The child's bit at this level, and its place among those present.
fn locate(present: u8, value: ValueId, level: u32) -> (u8, usize) {
    let bit = 1_u8 << (value.index() as u64 >> level & 7);
    (bit, (present & (bit - 1)).count_ones() as usize)
}

fn collect(node: &Node, out: &mut Vec<ValueId>) {
    match node {
        Node::Leaf(all) => out.extend_from_slice(all),
        Node::Branch { children, .. } => children.iter().for_each(|child| collect(child, out)),
    }
}

/// Any element of a node.
fn any(node: &Node) -> ValueId {
    match node {
        Node::Leaf(all) => all[0],
        Node::Branch { children, .. } => any(&children[0]),
    }
}

/// The node with an element that it lacks.
fn insert(node: &Arc<Node>, value: ValueId) -> Arc<Node> {
    let leaf = || Arc::new(Node::Leaf([value].into()));
    match &**node {
        Node::Leaf(all) if all[0].index() >> LEAF == value.index() >> LEAF => {
            let (less, greater) = all.split_at(all.partition_point(|&other| other < value));
            let mut all = Vec::with_capacity(all.len() + 1);
            all.extend_from_slice(less);
            all.push(value);
            all.extend_from_slice(greater);
            Arc::new(Node::Leaf(all.into()))
        }
        &Node::Branch { level, prefix, present, ref children } if above(value, level) == prefix => {
            let (bit, place) = locate(present, value, level);
            let mut children = children.clone();
            if present & bit != 0 {
                children[place] = insert(&children[place], value);
            } else {
                children.insert(place, leaf());
            }
            Arc::new(Node::Branch { level, prefix, present: present | bit, children })
        }
        Node::Leaf(_) | Node::Branch { .. } => join(node.clone(), leaf()),
    }
}

/// A node of two that differ above what they branch at.
fn join(a: Arc<Node>, b: Arc<Node>) -> Arc<Node> {
    let (of_a, of_b) = (any(&a), any(&b));
    let differ = (of_a.index() ^ of_b.index()) >> LEAF;
    // The first of the three bits, counted from a leaf's, of which the highest is the highest that differs.
    let level = LEAF + differ.ilog2() / 3 * 3;
    let ((bit_a, _), (bit_b, _)) = (locate(0, of_a, level), locate(0, of_b, level));
    let children = Children::from_iter(if bit_a < bit_b { [a, b] } else { [b, a] });
    Arc::new(Node::Branch { level, prefix: above(of_a, level), present: bit_a | bit_b, children })
}

/// The node without an element that it has; `None` where nothing is left.
fn remove(node: &Node, value: ValueId) -> Option<Arc<Node>> {
    Some(Arc::new(match node {
        Node::Leaf(all) if all.len() == 1 => return None,
        Node::Leaf(all) => Node::Leaf(all.iter().copied().filter(|&other| other != value).collect()),
        &Node::Branch { level, prefix, present, ref children } => {
            let (bit, place) = locate(present, value, level);
            let child = remove(&children[place], value);
            if child.is_none() && children.len() == 2 {
                return Some(children[1 - place].clone());
            }
            let mut children = children.clone();
            match child {
                Some(child) => children[place] = child,
                None => drop(children.remove(place)),
            }
            let present =
                if children.len() < present.count_ones() as usize { present & !bit } else { present };
            Node::Branch { level, prefix, present, children }
        }
    }))
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
            let before = set.clone();
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
            // However it came about, and whatever shares its nodes.
            assert_eq!(before == set, before.len() == set.len());
            if round % 50 == 0 {
                assert_eq!(set, plain.iter().copied().collect());
            }
        }
        let sorted: Vec<_> = plain.iter().copied().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), sorted);
        assert!(set.is(&sorted));
        assert!(!set.is(&sorted[1..]));
        assert_eq!(set, sorted.iter().rev().copied().collect());
        let emptied = sorted.iter().fold(set, |set, &value| set.remove(value));
        assert_eq!(emptied, IdSet::default());
        assert!(emptied.is_empty());
    }
}
