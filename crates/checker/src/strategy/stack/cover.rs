//! How many values must be there in each slot: a tree of minima over ranges that are raised and lowered as a whole.

use crate::strategy::items::Life;

/// More than any number of values: a slot that is closed.
const CLOSED: i32 = i32::MAX / 2;

#[derive(Debug)]
pub(super) struct Cover {
    /// The slot of the first leaf.
    first: u32,
    /// How many leaves there are, a power of two.
    leaves: usize,
    /// For each node the least below it, apart from what is added to it and to all above it.
    least: Vec<i32>,
    /// What is added to all below a node.
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
        Self { first, leaves, least, added: vec![0; 2 * leaves] }
    }

    /// A value that had to be there from a slot to before another is gone.
    pub(super) fn remove(&mut self, from: u32, to: u32) {
        self.add(1, 0, self.leaves, (from - self.first) as usize, (to - self.first) as usize, -1);
    }

    /// The slot is not found any more.
    pub(super) fn close(&mut self, slot: u32) {
        let leaf = (slot - self.first) as usize;
        self.add(1, 0, self.leaves, leaf, leaf + 1, CLOSED);
    }

    fn add(&mut self, node: usize, start: usize, width: usize, from: usize, to: usize, amount: i32) {
        if to <= start || start + width <= from {
            return;
        }
        if from <= start && start + width <= to {
            self.added[node] += amount;
            return;
        }
        let half = width / 2;
        self.add(2 * node, start, half, from, to, amount);
        self.add(2 * node + 1, start + half, half, from, to, amount);
        self.least[node] = [2 * node, 2 * node + 1]
            .map(|child| self.least[child] + self.added[child])
            .into_iter()
            .min()
            .unwrap_or(0);
    }

    /// The first slot from one to before another in which no more than so many values must be there.
    pub(super) fn first_at_most(&self, from: u32, to: u32, limit: i32) -> Option<u32> {
        if from >= to {
            return None;
        }
        let [from, to] = [from, to].map(|slot| (slot - self.first) as usize);
        let found = self.find(1, 0, self.leaves, from, to, limit);
        found.map(|leaf| self.first + u32::try_from(leaf).expect("slots have 32 bits"))
    }

    fn find(
        &self,
        node: usize,
        start: usize,
        width: usize,
        from: usize,
        to: usize,
        limit: i32,
    ) -> Option<usize> {
        let limit = limit - self.added[node];
        if to <= start || start + width <= from || self.least[node] > limit {
            return None;
        }
        if width == 1 {
            return Some(start);
        }
        let half = width / 2;
        self.find(2 * node, start, half, from, to, limit)
            .or_else(|| self.find(2 * node + 1, start + half, half, from, to, limit))
    }
}
