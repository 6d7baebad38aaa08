//! How many values must be there in each slot: a tree of minima over ranges that are raised and lowered as a whole.
//!
//! Invariant: a node's number is the least below it, apart from what is added above it; a branch's is the less of its
//! children's and what is added to all below it. Both ways through the tree go from the leaves up, so that what is near
//! in time is found in a few steps.

use crate::strategy::items::Life;

/// More than any number of values: a slot that is closed.
const CLOSED: i32 = i32::MAX / 4;

#[derive(Debug)]
pub(super) struct Cover {
    /// The slot of the first leaf.
    first: u32,
    /// How many leaves there are, a power of two.
    leaves: usize,
    least: Vec<i32>,
    /// What is added to all below a branch.
    added: Vec<i32>,
}

impl Cover {
    /// The slots from one to before another, in which none but these values must be there.
    pub(super) fn new(first: u32, end: u32, lives: &[Life]) -> Self {
        let end = (end - first) as usize;
        let leaves = end.max(1).next_power_of_two();
        let mut least = vec![CLOSED; 2 * leaves];
        let mut change = vec![0; end + 1];
        for life in lives {
            change[(life.first_ret - first) as usize] += 1;
            change[((life.last_call - first) as usize).min(end)] -= 1;
        }
        let mut count = 0;
        for (slot, change) in change[..end].iter().enumerate() {
            count += change;
            least[leaves + slot] = count;
        }
        for node in (1..leaves).rev() {
            least[node] = least[2 * node].min(least[2 * node + 1]);
        }
        Self { first, leaves, least, added: vec![0; leaves] }
    }

    /// A value that had to be there from a slot to before another is gone.
    pub(super) fn remove(&mut self, from: u32, to: u32) {
        self.add((from - self.first) as usize, (to - self.first) as usize, -1);
    }

    /// The slot is not found any more.
    pub(super) fn close(&mut self, slot: u32) {
        let leaf = (slot - self.first) as usize;
        self.add(leaf, leaf + 1, CLOSED);
    }

    fn add(&mut self, from: usize, to: usize, amount: i32) {
        if from >= to {
            return;
        }
        let (mut low, mut high) = (self.leaves + from, self.leaves + to);
        let (first, last) = (low, high - 1);
        while low < high {
            if low % 2 == 1 {
                self.raise(low, amount);
                low += 1;
            }
            if high % 2 == 1 {
                high -= 1;
                self.raise(high, amount);
            }
            low /= 2;
            high /= 2;
        }
        // The two ways up to the root meet.
        let (mut one, mut other) = (first / 2, last / 2);
        while one > 0 {
            self.settle(one);
            if other != one {
                self.settle(other);
            }
            one /= 2;
            other /= 2;
        }
    }

    fn raise(&mut self, node: usize, amount: i32) {
        self.least[node] += amount;
        if let Some(added) = self.added.get_mut(node) {
            *added += amount;
        }
    }

    fn settle(&mut self, branch: usize) {
        self.least[branch] = self.least[2 * branch].min(self.least[2 * branch + 1]) + self.added[branch];
    }

    /// The first slot from one to before another in which no more than so many values must be there.
    pub(super) fn first_at_most(&self, from: u32, to: u32, limit: i32) -> Option<u32> {
        if from >= to {
            return None;
        }
        let [from, to] = [from, to].map(|slot| (slot - self.first) as usize);
        let mut node = self.leaves + from;
        // What is added above the node.
        let mut above: i32 = self.branches_over(node).map(|branch| self.added[branch]).sum();
        while self.least[node] + above > limit {
            // On to the next slots, in pieces that grow.
            while node % 2 == 1 {
                node /= 2;
                if node <= 1 {
                    return None;
                }
                above -= self.added[node];
            }
            node += 1;
        }
        while node < self.leaves {
            above += self.added[node];
            node *= 2;
            if self.least[node] + above > limit {
                node += 1;
            }
        }
        let leaf = node - self.leaves;
        (leaf < to).then(|| self.first + u32::try_from(leaf).expect("slots have 32 bits"))
    }

    fn branches_over(&self, node: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(node / 2), |&branch| Some(branch / 2)).take_while(|&branch| branch > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_as_an_array_does() {
        let mut random = 9_u32;
        let mut below = |bound: u32| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (random >> 8) % bound
        };
        for end in 1..60 {
            let mut cover = Cover::new(7, 7 + end, &[]);
            let mut plain = vec![0; end as usize];
            for _ in 0..40 {
                let from = below(end);
                let to = from + below(end - from + 1);
                if below(4) == 0 {
                    cover.close(7 + from);
                    plain[from as usize] += CLOSED / 8;
                    cover.add(from as usize, from as usize + 1, CLOSED / 8 - CLOSED);
                } else {
                    cover.remove(7 + from, 7 + to);
                    plain[from as usize..to as usize].iter_mut().for_each(|count| *count -= 1);
                }
                let (from, limit) = (below(end), -i32::try_from(below(8)).expect("small"));
                let to = from + below(end - from + 1);
                let found = (from..to).find(|&slot| plain[slot as usize] <= limit);
                assert_eq!(cover.first_at_most(7 + from, 7 + to, limit), found.map(|slot| 7 + slot));
            }
        }
    }
}
