//! Which of the values that can have been pushed by now can be popped the latest: a tree of maxima.

use std::ops::Range;

use crate::strategy::items::Life;

#[derive(Debug)]
pub(super) struct Latest {
    /// How many leaves there are, a power of two.
    leaves: usize,
    /// For each node one more than the latest return of a pop below it; 0 where no value below is in question.
    pop: Vec<u64>,
    /// For each node the earliest call of a push below it of a value that was not admitted.
    push: Vec<u32>,
    /// For each value the return of its pop.
    take_ret: Vec<u32>,
}

impl Latest {
    /// The values in the order of their first returns; none is admitted yet.
    pub(super) fn new(lives: &[Life]) -> Self {
        let leaves = lives.len().max(1).next_power_of_two();
        let mut push = vec![u32::MAX; 2 * leaves];
        for (at, life) in lives.iter().enumerate() {
            push[leaves + at] = life.put_call;
        }
        for node in (1..leaves).rev() {
            push[node] = push[2 * node].min(push[2 * node + 1]);
        }
        let take_ret = lives.iter().map(|life| life.take_ret).collect();
        Self { leaves, pop: vec![0; 2 * leaves], push, take_ret }
    }

    /// Whoever can have been pushed before the slot `start` is in question from now on, if its first return is not
    /// earlier than that.
    pub(super) fn admit(&mut self, start: u32, inside: Range<usize>) {
        while let Some(at) = self.find_push(1, 0, self.leaves, &inside, start) {
            let mut node = self.leaves + at;
            self.push[node] = u32::MAX;
            while node > 1 {
                node /= 2;
                self.push[node] = self.push[2 * node].min(self.push[2 * node + 1]);
            }
            self.restore(at);
        }
    }

    fn find_push(
        &self,
        node: usize,
        start: usize,
        width: usize,
        inside: &Range<usize>,
        before: u32,
    ) -> Option<usize> {
        if inside.end <= start || start + width <= inside.start || self.push[node] >= before {
            return None;
        }
        if width == 1 {
            return Some(start);
        }
        let half = width / 2;
        self.find_push(2 * node, start, half, inside, before)
            .or_else(|| self.find_push(2 * node + 1, start + half, half, inside, before))
    }

    /// The value is in question no more.
    pub(super) fn remove(&mut self, at: usize) {
        self.set(at, 0);
    }

    /// The value is in question again.
    pub(super) fn restore(&mut self, at: usize) {
        self.set(at, u64::from(self.take_ret[at]) + 1);
    }

    fn set(&mut self, at: usize, pop: u64) {
        let mut node = self.leaves + at;
        self.pop[node] = pop;
        while node > 1 {
            node /= 2;
            self.pop[node] = self.pop[2 * node].max(self.pop[2 * node + 1]);
        }
    }

    /// A value among these that is in question and can be popped in the slot `end` or later: one whose pop returns last.
    pub(super) fn find(&self, inside: Range<usize>, end: u32) -> Option<usize> {
        // The nodes that make up the range, of which one has the latest pop.
        let (mut low, mut high) = (self.leaves + inside.start, self.leaves + inside.end);
        let mut best = (u64::from(end) + 1, None);
        while low < high {
            if low % 2 == 1 {
                best = best.max((self.pop[low], Some(low)));
                low += 1;
            }
            if high % 2 == 1 {
                high -= 1;
                best = best.max((self.pop[high], Some(high)));
            }
            low /= 2;
            high /= 2;
        }
        let mut node = best.1?;
        while node < self.leaves {
            node = if self.pop[2 * node] == self.pop[node] { 2 * node } else { 2 * node + 1 };
        }
        Some(node - self.leaves)
    }
}
