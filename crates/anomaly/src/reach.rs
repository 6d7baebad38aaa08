//! Who reaches furthest among those that stand up to some place, or from some place on; and how many there are.

/// For places that are known beforehand: the greatest number that was set at or before a place, and whose it is.
#[derive(Debug)]
pub(crate) struct Reach {
    /// A binary indexed tree of maxima (Fenwick 1994).
    tree: Vec<(u64, usize)>,
}

impl Reach {
    /// Nothing was set at any of so many places.
    pub(crate) fn new(places: usize) -> Self {
        Self { tree: vec![(0, usize::MAX); places + 1] }
    }

    /// Sets a number at a place, for an operation or a value.
    pub(crate) fn set(&mut self, place: usize, number: u64, whose: usize) {
        let mut at = place + 1;
        while at < self.tree.len() {
            self.tree[at] = self.tree[at].max((number, whose));
            at += at & at.wrapping_neg();
        }
    }

    /// The greatest number at one of the first so many places.
    pub(crate) fn greatest(&self, places: usize) -> Option<(u64, usize)> {
        let mut at = places.min(self.tree.len() - 1);
        let mut best = (0, usize::MAX);
        while at > 0 {
            best = best.max(self.tree[at]);
            at -= at & at.wrapping_neg();
        }
        (best.1 != usize::MAX).then_some(best)
    }
}

/// For places that are known beforehand: how many of them were taken.
#[derive(Debug)]
pub(crate) struct Count {
    /// A binary indexed tree of sums (Fenwick 1994).
    tree: Vec<u32>,
    all: u32,
}

impl Count {
    /// None of so many places was taken.
    pub(crate) fn new(places: usize) -> Self {
        Self { tree: vec![0; places + 1], all: 0 }
    }

    /// Takes a place.
    pub(crate) fn add(&mut self, place: usize) {
        self.all += 1;
        let mut at = place + 1;
        while at < self.tree.len() {
            self.tree[at] += 1;
            at += at & at.wrapping_neg();
        }
    }

    /// How many were taken from a place on.
    pub(crate) fn from(&self, place: usize) -> u32 {
        let (mut at, mut before) = (place.min(self.tree.len() - 1), 0);
        while at > 0 {
            before += self.tree[at];
            at -= at & at.wrapping_neg();
        }
        self.all - before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_many_were_taken_from_a_place_on() {
        let mut count = Count::new(7);
        let taken = [3_usize, 0, 6, 3];
        for &place in &taken {
            count.add(place);
        }
        for place in 0..=9 {
            assert_eq!(count.from(place) as usize, taken.iter().filter(|&&taken| taken >= place).count());
        }
    }

    #[test]
    fn the_greatest_of_the_first_ones() {
        let numbers = [3_u64, 9, 1, 9, 4, 12, 0];
        let mut reach = Reach::new(numbers.len());
        assert_eq!(reach.greatest(7), None);
        for (at, &number) in numbers.iter().enumerate() {
            reach.set(at, number, at);
        }
        for places in 0..=9 {
            let expected = numbers.iter().take(places).zip(0..).map(|(&number, at)| (number, at)).max();
            assert_eq!(reach.greatest(places), expected);
        }
    }
}
