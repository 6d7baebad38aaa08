//! Sets of slots: which of the open operations a configuration has linearized.

use std::hash::Hash;

/// A set of slots below some width.
pub(crate) trait Window: Clone + Eq + Hash + Send {
    /// No slot of `width`.
    fn empty(width: u32) -> Self;
    fn has(&self, slot: u32) -> bool;
    fn insert(&mut self, slot: u32);
    fn remove(&mut self, slot: u32);
    /// The slots that are in both.
    fn and(&self, other: &Self) -> Self;
    /// The slots that are in either.
    fn union(&self, other: &Self) -> Self;
    /// Takes in all slots of `other`.
    fn join(&mut self, other: &Self);
    /// Whether no slot is in both.
    fn is_apart(&self, other: &Self) -> bool;
    /// The slots that are not in `other`.
    fn without(&self, other: &Self) -> Self;
    /// Whether all slots of `other` are in it.
    fn includes(&self, other: &Self) -> bool;
    /// The slots that are in it, in order.
    fn slots(&self) -> impl Iterator<Item = u32> + use<Self>;
    /// Bytes on the heap.
    fn heap(width: u32) -> usize;
}

macro_rules! word {
    ($($word:ty),*) => {$(
        impl Window for $word {
            fn empty(width: u32) -> Self {
                assert!(width <= <$word>::BITS, "a word holds the window");
                0
            }
            fn has(&self, slot: u32) -> bool {
                self >> slot & 1 == 1
            }
            fn insert(&mut self, slot: u32) {
                *self |= 1 << slot;
            }
            fn remove(&mut self, slot: u32) {
                *self &= !(1 << slot);
            }
            fn and(&self, other: &Self) -> Self {
                self & other
            }
            fn union(&self, other: &Self) -> Self {
                self | other
            }
            fn join(&mut self, other: &Self) {
                *self |= other;
            }
            fn is_apart(&self, other: &Self) -> bool {
                self & other == 0
            }
            fn without(&self, other: &Self) -> Self {
                self & !other
            }
            fn includes(&self, other: &Self) -> bool {
                other & !self == 0
            }
            fn slots(&self) -> impl Iterator<Item = u32> + use<> {
                let mut left = *self;
                std::iter::from_fn(move || {
                    let slot = (left != 0).then(|| left.trailing_zeros())?;
                    left &= left - 1;
                    Some(slot)
                })
            }
            fn heap(_: u32) -> usize {
                0
            }
        }
    )*};
}

word!(u64, u128);

/// A window of any width.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Wide(Box<[u64]>);

impl Wide {
    fn zip(&self, other: &Self, f: impl Fn(u64, u64) -> u64) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(&a, &b)| f(a, b)).collect())
    }
}

impl Window for Wide {
    fn empty(width: u32) -> Self {
        Self(vec![0; width.div_ceil(64) as usize].into())
    }
    fn has(&self, slot: u32) -> bool {
        self.0[(slot / 64) as usize].has(slot % 64)
    }
    fn insert(&mut self, slot: u32) {
        self.0[(slot / 64) as usize].insert(slot % 64);
    }
    fn remove(&mut self, slot: u32) {
        self.0[(slot / 64) as usize].remove(slot % 64);
    }
    fn and(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a & b)
    }
    fn union(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a | b)
    }
    fn join(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a |= b);
    }
    fn is_apart(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(a, b)| a & b == 0)
    }
    fn without(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a & !b)
    }
    fn includes(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(a, b)| a.includes(b))
    }
    fn slots(&self) -> impl Iterator<Item = u32> + use<> {
        let words = (0..).zip(self.0.clone());
        words.flat_map(|(at, word)| word.slots().map(move |slot| 64 * at + slot))
    }
    fn heap(width: u32) -> usize {
        width.div_ceil(64) as usize * 8 + 16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<W: Window>(width: u32) {
        let last = width - 1;
        let mut a = W::empty(width);
        a.insert(0);
        a.insert(last);
        let mut b = W::empty(width);
        b.insert(last);
        assert!(a.has(0) && a.has(last) && !a.has(1));
        assert!(a.includes(&b) && !b.includes(&a) && a.includes(&a));
        assert!(a.and(&b) == b);
        assert!(a.slots().eq([0, last]) && b.slots().eq([last]));
        let mut only = a.without(&b);
        assert!(only.has(0) && !only.has(last));
        assert!(only.is_apart(&b) && !a.is_apart(&b) && only.union(&b) == a);
        let mut both = only.clone();
        both.join(&b);
        assert!(both == a);
        only.remove(0);
        assert!(only == W::empty(width) && b.includes(&only));
    }

    #[test]
    fn windows_are_sets() {
        check::<u64>(64);
        check::<u128>(128);
        check::<Wide>(64);
        check::<Wide>(65);
        check::<Wide>(1000);
    }
}
