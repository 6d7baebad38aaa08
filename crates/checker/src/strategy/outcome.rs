//! Which outcome of the model each operation of a linearization has, where a take of unknown outcome has several.

use std::collections::BTreeSet;

use super::items::{Does, Items};

/// The operations of a linearization of a bag or a priority queue, and the place of the state that follows among the
/// outcomes that the model tells.
///
/// A take of unknown outcome takes a value that nobody needs any more: the first of those. It is one of those of the
/// least rank, or the order would not be one; and which of these it is does not matter to any operation that follows.
pub(super) fn choose(items: &Items<'_>, order: &[u32]) -> Vec<(u32, u32)> {
    if items.any_takes.is_empty() {
        return order.iter().map(|&op| (op, 0)).collect();
    }
    // The models tell outcomes in the order of ranks, and then of the values' numbers.
    let count = items.values.len();
    let mut by_rank: Vec<usize> = (0..count).collect();
    by_rank.sort_unstable_by_key(|&value| (items.ranks.get(value), items.values[value]));
    let mut place = vec![0; count];
    by_rank.iter().enumerate().for_each(|(at, &value)| place[value] = at);
    // After which operation of the order nobody needs a value that is still there.
    let mut needed_until = vec![0; count];
    for (at, &op) in order.iter().enumerate() {
        match items.does[op as usize] {
            Does::Put(value) | Does::Peek(value) => needed_until[value as usize] = at,
            Does::Take(value) => needed_until[value as usize] = usize::MAX,
            Does::Empty | Does::TakeAny => {}
        }
    }
    let mut present = Present { tree: vec![0; count + 1] };
    let mut unneeded = BTreeSet::new();
    let mut chosen = Vec::with_capacity(order.len());
    for (at, &op) in order.iter().enumerate() {
        if items.numbered.is_over(at) {
            break;
        }
        let mut outcome = 0;
        match items.does[op as usize] {
            Does::Put(value) | Does::Peek(value) => {
                let place = place[value as usize];
                if matches!(items.does[op as usize], Does::Put(_)) {
                    present.change(place, 1);
                }
                if needed_until[value as usize] == at {
                    unneeded.insert(place);
                }
            }
            Does::Take(value) => present.change(place[value as usize], -1),
            Does::TakeAny => {
                let place = unneeded.pop_first().expect("a value is there that nobody else takes");
                outcome = present.before(place);
                present.change(place, -1);
            }
            Does::Empty => {}
        }
        chosen.push((op, outcome));
    }
    chosen
}

/// How many values are there, by their places (Fenwick 1994).
struct Present {
    tree: Vec<i32>,
}

impl Present {
    fn change(&mut self, place: usize, by: i32) {
        let mut node = place + 1;
        while node < self.tree.len() {
            self.tree[node] += by;
            node += node & node.wrapping_neg();
        }
    }

    /// How many are there whose place comes before this one.
    fn before(&self, place: usize) -> u32 {
        let (mut node, mut sum) = (place, 0);
        while node > 0 {
            sum += self.tree[node];
            node &= node - 1;
        }
        u32::try_from(sum).expect("a value is put in before it is taken")
    }
}
