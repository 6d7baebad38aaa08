//! A set of values that many states share.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use seriatim_history::ValueId;

/// A set of values. Copies share what they have in common: a state with one element more costs a few small nodes.
///
/// A tree over the bits of the values' numbers, five a level. Its shape depends on the elements alone.
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
        let mut level = TOP;
        let mut node = self.root.as_deref();
        while let Some(Node::Branch(present, children)) = node {
            let (bit, place) = locate(*present, value, level);
            node = (present & bit != 0).then(|| &*children[place]);
            level -= 5;
        }
        matches!(node, Some(Node::Leaf(all)) if all.binary_search(&value).is_ok())
    }

    /// The set with `value`.
    #[must_use]
    pub fn insert(&self, value: ValueId) -> Self {
        if self.contains(value) {
            return self.clone();
        }
        let root = insert(self.root.as_deref(), value, TOP);
        Self { len: self.len + 1, hash: self.hash.wrapping_add(mix(value)), root: Some(root) }
    }

    /// The set without `value`.
    #[must_use]
    pub fn remove(&self, value: ValueId) -> Self {
        match &self.root {
            Some(root) if self.contains(value) => Self {
                len: self.len - 1,
                hash: self.hash.wrapping_sub(mix(value)),
                root: remove(root, value, TOP),
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

/// The child's bit at this level, and its place among those present.
fn locate(present: u32, value: ValueId, level: u32) -> (u32, usize) {
    let bit = 1_u32 << (value.index() as u64 >> level & 31);
    (bit, (present & (bit - 1)).count_ones() as usize)
}

fn collect(node: &Node, out: &mut Vec<ValueId>) {
    match node {
        Node::Leaf(all) => out.extend_from_slice(all),
        Node::Branch(_, children) => children.iter().for_each(|child| collect(child, out)),
    }
}

/// The node with an element that it lacks.
fn insert(node: Option<&Node>, value: ValueId, level: u32) -> Arc<Node> {
    Arc::new(match node {
        Some(Node::Leaf(all)) => {
            let at = all.partition_point(|&other| other < value);
            Node::Leaf(all[..at].iter().chain([&value]).chain(&all[at..]).copied().collect())
        }
        None if level < 6 => Node::Leaf([value].into()),
        None => {
            let (bit, _) = locate(0, value, level);
            Node::Branch(bit, [insert(None, value, level - 5)].into())
        }
        Some(Node::Branch(present, children)) => {
            let (bit, place) = locate(*present, value, level);
            if present & bit != 0 {
                let mut children = children.clone();
                children[place] = insert(Some(&children[place]), value, level - 5);
                Node::Branch(*present, children)
            } else {
                let new = insert(None, value, level - 5);
                let (before, after) = children.split_at(place);
                Node::Branch(present | bit, before.iter().chain([&new]).chain(after).cloned().collect())
            }
        }
    })
}

/// The node without an element that it has; `None` where nothing is left.
fn remove(node: &Node, value: ValueId, level: u32) -> Option<Arc<Node>> {
    Some(Arc::new(match node {
        Node::Leaf(all) if all.len() == 1 => return None,
        Node::Leaf(all) => Node::Leaf(all.iter().copied().filter(|&other| other != value).collect()),
        Node::Branch(present, children) => {
            let (bit, place) = locate(*present, value, level);
            match remove(&children[place], value, level - 5) {
                Some(child) => {
                    let mut children = children.clone();
                    children[place] = child;
                    Node::Branch(*present, children)
                }
                None if children.len() == 1 => return None,
                None => {
                    let (before, after) = (&children[..place], &children[place + 1..]);
                    Node::Branch(present & !bit, before.iter().chain(after).cloned().collect())
                }
            }
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
        assert_eq!(set, sorted.iter().rev().copied().collect());
        let emptied = sorted.iter().fold(set, |set, &value| set.remove(value));
        assert_eq!(emptied, IdSet::default());
        assert!(emptied.is_empty());
    }
}
