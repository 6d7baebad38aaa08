//! A sequence that many states share: what queues, stacks and logs remember.

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use seriatim_history::ValueId;

/// A sequence of values. Copies share their elements, so that a state after a push or a pop costs no more than a state.
///
/// Taking from either end and pushing at the back take time logarithmic in the pushes so far; pushing at the front
/// builds the sequence anew. What is [owned](Sequence::own) is changed in place instead, in constant time, and copied
/// whole. Equal sequences have equal hashes however they came about and are held.
#[derive(Clone)]
pub struct Sequence(Held);

#[derive(Clone)]
enum Held {
    Shared(Chain),
    Alone(VecDeque<ValueId>),
}

use Held::{Alone, Shared};

/// A sequence of which every other that came of it may hold a part.
#[derive(Clone, Default)]
struct Chain {
    last: Option<Arc<Node>>,
    len: u32,
    /// The hash of what stands before the front in the chain of nodes.
    before: u64,
}

/// A pushed value, and those pushed before it, of which the oldest may have been taken away again.
struct Node {
    value: ValueId,
    /// How many nodes stand before this one.
    depth: u32,
    /// Of all values up to this one.
    hash: u64,
    parent: Option<Arc<Node>>,
    /// A node much nearer to the first (Myers 1983, "An applicative random-access stack").
    jump: Option<Arc<Node>>,
}

/// An odd multiplier with bits all over.
const BASE: u64 = 0x9e37_79b9_7f4a_7c15;

fn mix(value: ValueId) -> u64 {
    let scattered = (value.index() as u64 + 1).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (scattered ^ scattered >> 29).wrapping_mul(0x94d0_49bb_1331_11eb) ^ scattered >> 32
}

fn extend(hash: u64, value: ValueId) -> u64 {
    hash.wrapping_mul(BASE).wrapping_add(mix(value))
}

impl Sequence {
    /// How many elements there are.
    pub fn len(&self) -> usize {
        match &self.0 {
            Shared(chain) => chain.len as usize,
            Alone(all) => all.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The last element.
    pub fn back(&self) -> Option<ValueId> {
        match &self.0 {
            Shared(chain) => chain.last.as_ref().map(|node| node.value),
            Alone(all) => all.back().copied(),
        }
    }

    /// The first element.
    pub fn front(&self) -> Option<ValueId> {
        match &self.0 {
            Shared(chain) => chain.front(),
            Alone(all) => all.front().copied(),
        }
    }

    /// Whether the elements, first to last, are these.
    pub fn is(&self, elements: &[ValueId]) -> bool {
        self.len() == elements.len()
            && match &self.0 {
                Shared(chain) => {
                    chain.backwards().zip(elements.iter().rev()).all(|(node, value)| node.value == *value)
                }
                Alone(all) => {
                    let (front, back) = all.as_slices();
                    let (first, last) = elements.split_at(front.len());
                    front == first && back == last
                }
            }
    }

    /// Shares its elements with no other from now on, so that changes are made in place.
    pub fn own(&mut self) {
        if let Shared(chain) = &self.0 {
            self.0 = Alone(chain.to_vec().into());
        }
    }

    /// Puts `value` behind all.
    pub fn add_back(&mut self, value: ValueId) {
        match &mut self.0 {
            Shared(chain) => *chain = chain.push_back(value),
            Alone(all) => all.push_back(value),
        }
    }

    /// Puts `value` before all.
    pub fn add_front(&mut self, value: ValueId) {
        match &mut self.0 {
            Shared(chain) => {
                let all = std::iter::once(value).chain(chain.to_vec());
                *chain = all.fold(Chain::default(), |all, value| all.push_back(value));
            }
            Alone(all) => all.push_front(value),
        }
    }

    /// Takes the last element away.
    pub fn take_back(&mut self) -> Option<ValueId> {
        let last = self.back();
        match &mut self.0 {
            Shared(chain) => *chain = chain.pop_back(),
            Alone(all) => {
                all.pop_back();
            }
        }
        last
    }

    /// Takes the first element away.
    pub fn take_front(&mut self) -> Option<ValueId> {
        let first = self.front();
        match &mut self.0 {
            Shared(chain) => *chain = chain.pop_front(),
            Alone(all) => {
                all.pop_front();
            }
        }
        first
    }

    /// The sequence with `value` behind it.
    #[must_use]
    pub fn push_back(&self, value: ValueId) -> Self {
        let mut more = self.clone();
        more.add_back(value);
        more
    }

    /// The elements, first to last.
    pub fn to_vec(&self) -> Vec<ValueId> {
        match &self.0 {
            Shared(chain) => chain.to_vec(),
            Alone(all) => all.iter().copied().collect(),
        }
    }

    fn hash_value(&self) -> u64 {
        match &self.0 {
            Shared(chain) => chain.hash_value(),
            Alone(all) => all.iter().fold(0, |hash, &value| extend(hash, value)),
        }
    }
}

impl Chain {
    fn front(&self) -> Option<ValueId> {
        let mut node = self.last.as_ref()?;
        let depth = node.depth + 1 - self.len;
        while node.depth > depth {
            let jump = node.jump.as_ref().filter(|jump| jump.depth >= depth);
            node = jump.or(node.parent.as_ref()).expect("a node that is not the first has a parent");
        }
        Some(node.value)
    }

    fn push_back(&self, value: ValueId) -> Self {
        let hash = extend(self.last.as_ref().map_or(0, |node| node.hash), value);
        let parent = self.last.clone();
        let depth = parent.as_ref().map_or(0, |node| node.depth + 1);
        let jump = parent.as_ref().map(|parent| {
            let Some(near) = &parent.jump else { return parent };
            let Some(far) = &near.jump else { return parent };
            if parent.depth - near.depth == near.depth - far.depth { far } else { parent }
        });
        let node = Node { value, depth, hash, jump: jump.cloned(), parent };
        Self { last: Some(Arc::new(node)), len: self.len + 1, before: self.before }
    }

    fn pop_back(&self) -> Self {
        let parent = self.last.as_ref().and_then(|node| node.parent.clone());
        if self.len <= 1 {
            Self::default()
        } else {
            Self { last: parent, len: self.len - 1, before: self.before }
        }
    }

    fn pop_front(&self) -> Self {
        match self.front() {
            Some(front) if self.len > 1 => {
                Self { last: self.last.clone(), len: self.len - 1, before: extend(self.before, front) }
            }
            _ => Self::default(),
        }
    }

    fn to_vec(&self) -> Vec<ValueId> {
        let mut all: Vec<_> = self.backwards().map(|node| node.value).collect();
        all.reverse();
        all
    }

    fn backwards(&self) -> impl Iterator<Item = &Arc<Node>> {
        std::iter::successors(self.last.as_ref(), |node| node.parent.as_ref()).take(self.len as usize)
    }

    fn hash_value(&self) -> u64 {
        let all = self.last.as_ref().map_or(0, |node| node.hash);
        all.wrapping_sub(self.before.wrapping_mul(BASE.wrapping_pow(self.len)))
    }
}

impl Default for Sequence {
    fn default() -> Self {
        Self(Shared(Chain::default()))
    }
}

impl FromIterator<ValueId> for Sequence {
    fn from_iter<I: IntoIterator<Item = ValueId>>(values: I) -> Self {
        let chain = values.into_iter().fold(Chain::default(), |all, value| all.push_back(value));
        Self(Shared(chain))
    }
}

impl PartialEq for Sequence {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.hash_value() == other.hash_value() && self.cmp(other).is_eq()
    }
}

impl Eq for Sequence {}

impl Hash for Sequence {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.len().hash(state);
        self.hash_value().hash(state);
    }
}

impl Ord for Sequence {
    /// By length, then by the last elements that differ.
    fn cmp(&self, other: &Self) -> Ordering {
        self.len().cmp(&other.len()).then_with(|| match (&self.0, &other.0) {
            (Shared(one), Shared(other)) => {
                for (a, b) in one.backwards().zip(other.backwards()) {
                    if Arc::ptr_eq(a, b) {
                        return Ordering::Equal; // and so is all before it
                    }
                    if a.value != b.value {
                        return a.value.cmp(&b.value);
                    }
                }
                Ordering::Equal
            }
            _ => self.to_vec().iter().rev().cmp(other.to_vec().iter().rev()),
        })
    }
}

impl PartialOrd for Sequence {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl std::fmt::Debug for Sequence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.to_vec()).finish()
    }
}

impl Drop for Node {
    /// Takes the chain apart link by link: dropped one inside the other, a long one would overflow the stack.
    fn drop(&mut self) {
        // The parents keep the target of a jump, so letting go of the jump first frees nothing.
        self.jump = None;
        let mut next = self.parent.take();
        while let Some(mut node) = next.and_then(Arc::into_inner) {
            node.jump = None;
            next = node.parent.take();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::hash::BuildHasher;

    use rustc_hash::FxBuildHasher;
    use seriatim_history::Values;

    use super::*;

    #[test]
    fn behaves_like_a_deque() {
        let mut values = Values::new();
        let pool: Vec<_> = (0..3).map(|int| values.int(int)).collect();
        let mut random = 7_u32;
        let mut kept: Vec<(Sequence, VecDeque<ValueId>)> = vec![Default::default()];
        for round in 0..4_000 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (choice, value) = (random >> 16, pool[(random >> 24) as usize % 3]);
            // Going on from an older state makes chains share their beginnings.
            let (sequence, plain) = &kept[kept.len() - 1 - (choice as usize / 8) % kept.len().min(3)];
            let (mut sequence, mut plain) = (sequence.clone(), plain.clone());
            if round % 100 == 50 {
                sequence.own();
            }
            if round % 100 == 0 {
                sequence = sequence.to_vec().into_iter().collect();
            }
            match choice % 8 {
                0..=2 => {
                    sequence.add_back(value);
                    plain.push_back(value);
                }
                3 => {
                    sequence.add_front(value);
                    plain.push_front(value);
                }
                4..=5 => assert_eq!(sequence.take_front(), plain.pop_front()),
                _ => assert_eq!(sequence.take_back(), plain.pop_back()),
            }
            assert_eq!(sequence.to_vec(), Vec::from(plain.clone()));
            assert_eq!(sequence.front(), plain.front().copied());
            assert_eq!(sequence.back(), plain.back().copied());
            let anew: Sequence = plain.iter().copied().collect();
            assert_eq!(sequence, anew);
            assert_eq!(FxBuildHasher.hash_one(&sequence), FxBuildHasher.hash_one(&anew));
            let (before, plain_before) = kept.last().expect("never empty");
            assert_eq!(*before == sequence, *plain_before == plain);
            assert!(sequence.is(&sequence.to_vec()));
            assert_eq!(sequence.is(&before.to_vec()), *plain_before == plain);
            assert_eq!(before.cmp(&sequence), before.to_vec().into_iter().collect::<Sequence>().cmp(&anew));
            kept.push((sequence, plain));
        }
    }

    #[test]
    fn long_chains_are_dropped_flat() {
        let mut values = Values::new();
        let one = values.int(1);
        let mut sequence = Sequence::default();
        for _ in 0..300_000 {
            sequence = sequence.push_back(one);
        }
        let mut shared = sequence.clone();
        shared.take_back();
        drop(sequence);
        assert_eq!(shared.len(), 299_999);
    }
}
