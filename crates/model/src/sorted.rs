//! A sorted multiset that many states share: what bags and priority queues remember.

use std::cmp::Ordering;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Arc;

use rustc_hash::FxBuildHasher;

/// Elements in order, equal ones as often as they were put in.
///
/// They stand in chunks of up to `CHUNK`. Copies share their chunks: a state with one element more costs the list of
/// chunks and one of them anew, and nothing but the place in its chunk where nobody else holds the state.
#[derive(Clone, Debug)]
pub struct Sorted<T> {
    /// In order; none is empty.
    chunks: Arc<Vec<Arc<Vec<T>>>>,
    len: usize,
    /// How many elements differ from the one before them.
    different: usize,
    /// The sum of the elements' hashes.
    hash: u64,
}

/// How many elements stand together at most.
const CHUNK: usize = 128;

impl<T> Default for Sorted<T> {
    fn default() -> Self {
        Self { chunks: Arc::default(), len: 0, different: 0, hash: 0 }
    }
}

impl<T> Sorted<T> {
    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many different elements there are.
    pub fn different(&self) -> usize {
        self.different
    }

    /// The least element.
    pub fn first(&self) -> Option<&T> {
        self.chunks.first()?.first()
    }

    /// The greatest element.
    pub fn last(&self) -> Option<&T> {
        self.chunks.last()?.last()
    }

    /// The elements, in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flat_map(|chunk| chunk.iter())
    }

    /// About how many bytes a copy with one element more or less takes.
    pub fn heap(&self) -> usize {
        self.len.min(CHUNK) * size_of::<T>() + self.chunks.len() * size_of::<Arc<Vec<T>>>() + 96
    }
}

impl<T: Copy + Ord + Hash> Sorted<T> {
    /// The elements from the first on that is not `before` some place in the order, to the last.
    pub fn from(&self, before: impl Fn(&T) -> bool) -> impl Iterator<Item = &T> {
        let at = self.chunks.partition_point(|chunk| chunk.last().is_some_and(&before));
        let chunks = &self.chunks[at..];
        let within = chunks.first().map_or(0, |chunk| chunk.partition_point(&before));
        chunks.iter().flat_map(|chunk| chunk.iter()).skip(within)
    }

    /// How often an element is there.
    fn count(&self, element: &T) -> usize {
        self.from(|other| other < element).take_while(|other| *other == element).count()
    }

    /// Whether an element is there.
    pub fn contains(&self, element: &T) -> bool {
        self.from(|other| other < element).next() == Some(element)
    }

    /// The element at a place among the different ones.
    pub fn nth_different(&self, mut place: usize) -> Option<T> {
        if self.different < self.len {
            let different = self.iter().scan(None, |last, element| {
                let is_new = last.replace(element) != Some(element);
                Some(is_new.then_some(element))
            });
            return different.flatten().nth(place).copied();
        }
        for chunk in &*self.chunks {
            if let Some(element) = chunk.get(place) {
                return Some(*element);
            }
            place -= chunk.len();
        }
        None
    }

    /// Puts an element in.
    pub fn insert(&mut self, element: T) {
        self.different += usize::from(!self.contains(&element));
        self.len += 1;
        self.hash = self.hash.wrapping_add(mix(&element));
        let chunks = Arc::make_mut(&mut self.chunks);
        let at = chunks.partition_point(|chunk| chunk.last() < Some(&element));
        let at = at.min(chunks.len().saturating_sub(1));
        let Some(chunk) = chunks.get_mut(at) else {
            chunks.push(Arc::new(vec![element]));
            return;
        };
        let chunk = Arc::make_mut(chunk);
        chunk.insert(chunk.partition_point(|other| *other < element), element);
        if chunk.len() > CHUNK {
            let half = chunk.split_off(CHUNK / 2);
            chunks.insert(at + 1, Arc::new(half));
        }
    }

    /// Takes an element out; whether it was there.
    pub fn remove(&mut self, element: &T) -> bool {
        let count = self.count(element);
        if count == 0 {
            return false;
        }
        self.different -= usize::from(count == 1);
        self.len -= 1;
        self.hash = self.hash.wrapping_sub(mix(element));
        let chunks = Arc::make_mut(&mut self.chunks);
        let at = chunks.partition_point(|chunk| chunk.last() < Some(element));
        let chunk = Arc::make_mut(&mut chunks[at]);
        chunk.remove(chunk.partition_point(|other| other < element));
        if chunk.is_empty() {
            chunks.remove(at);
        }
        true
    }
}

fn mix<T: Hash>(element: &T) -> u64 {
    let hash = FxBuildHasher.hash_one(element);
    (hash ^ hash >> 29).wrapping_mul(0x94d0_49bb_1331_11eb)
}

impl<T: Copy + Ord + Hash> FromIterator<T> for Sorted<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        let mut all = Self::default();
        elements.into_iter().for_each(|element| all.insert(element));
        all
    }
}

impl<T: Eq> PartialEq for Sorted<T> {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len
            && self.hash == other.hash
            && (Arc::ptr_eq(&self.chunks, &other.chunks) || self.iter().eq(other.iter()))
    }
}

impl<T: Eq> Eq for Sorted<T> {}

impl<T> Hash for Sorted<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.hash.hash(state);
    }
}

impl<T: Ord> Ord for Sorted<T> {
    /// By the first elements that differ, then by length.
    fn cmp(&self, other: &Self) -> Ordering {
        self.iter().cmp(other.iter())
    }
}

impl<T: Ord> PartialOrd for Sorted<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behaves_like_a_sorted_vector() {
        let mut random = 5_u32;
        let (mut sorted, mut plain): (Sorted<u32>, Vec<u32>) = Default::default();
        let mut kept = Vec::new();
        for round in 0..9_000 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let element = (random >> 8) % if round % 4_000 < 2_000 { 700 } else { 7_000_000 };
            // Grows for a while, and is emptied in the end.
            if random >> 4 & 15 < if round < 5_000 { 12 } else { 2 } {
                sorted.insert(element);
                plain.insert(plain.partition_point(|&other| other < element), element);
            } else {
                let element = plain.get(element as usize % plain.len().max(1)).copied().unwrap_or(element);
                let found = plain.binary_search(&element);
                assert_eq!(sorted.remove(&element), found.is_ok());
                if let Ok(at) = found {
                    plain.remove(at);
                }
            }
            assert_eq!(sorted.len(), plain.len());
            assert_eq!((sorted.first(), sorted.last()), (plain.first(), plain.last()));
            assert_eq!(sorted.contains(&element), plain.binary_search(&element).is_ok());
            if round % 50 == 0 {
                assert!(sorted.iter().eq(&plain));
                assert!(sorted.from(|&other| other < element).eq(plain.iter().filter(|&&at| at >= element)));
                let mut different = plain.clone();
                different.dedup();
                for place in [0, different.len() / 2, different.len()] {
                    assert_eq!(sorted.nth_different(place), different.get(place).copied());
                }
                let anew: Sorted<_> = plain.iter().rev().copied().collect();
                assert_eq!(sorted, anew);
                assert_eq!(FxBuildHasher.hash_one(&sorted), FxBuildHasher.hash_one(&anew));
                kept.push((sorted.clone(), plain.clone()));
            }
        }
        assert!(sorted.is_empty());
        // What was kept has not changed since.
        assert!(kept.iter().all(|(sorted, plain)| sorted.iter().eq(plain)));
        assert!(kept.windows(2).all(|pair| pair[0].0.cmp(&pair[1].0) == pair[0].1.cmp(&pair[1].1)));
    }
}
