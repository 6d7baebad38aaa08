//! A bag of distinct values: each is a thing of its own, but for those who found nothing there (ALGORITHMS §C5, COVER).

use seriatim_model::{Kind, Model, Part};

use super::items::{Does, Due, Items, Late, due};
use crate::numbered::{NEVER, Numbered};

/// A part that meets the conditions: each value is put in at most once; and where anybody found nothing, whatever was
/// taken is known.
#[derive(Debug)]
pub(crate) struct Bag<'a> {
    items: Items<'a>,
}

impl<'a> Bag<'a> {
    /// `None` where the part does not meet the conditions.
    pub(super) fn new<M: Model>(model: &M, part: &Part<M::Op>, numbered: &'a Numbered) -> Option<Self> {
        let items = Items::new(model, part, numbered, Kind::Bag)?;
        // Taking nobody knows what only ever helps who finds nothing.
        let is_met = !(items.any(Does::TakeAny) && items.any(Does::Empty));
        is_met.then_some(Self { items })
    }

    /// A linearization of the prefix that ends with the return `cut`: the operations in order. `None` where there is none.
    pub(super) fn linearize(&self, cut: u32) -> Option<Vec<u32>> {
        let items = &self.items;
        let mut prefix = items.prefix(cut)?;
        prefix.lives.sort_unstable_by_key(|life| life.last_call);
        let mut put = vec![NEVER; items.does.len()];
        for life in &prefix.lives {
            put[life.value as usize] = life.put;
        }
        let mut late = Late::new(items);
        let mut left = 0;
        for due in due(items, &prefix, cut) {
            let op = match due {
                Due::Empty { op, slot } => {
                    while let Some(life) = prefix.lives.get(left).filter(|life| life.last_call <= slot) {
                        late.emit(life.put);
                        late.emit(life.take.expect("a value that is gone was taken"));
                        left += 1;
                    }
                    op
                }
                Due::Return(op) => {
                    if let Does::Take(value) = items.does[op as usize] {
                        late.emit(put[value as usize]);
                    }
                    op
                }
            };
            late.emit(op);
        }
        Some(late.order)
    }

    /// Whether there is a linearization of the prefix that ends with the return `cut`.
    pub(super) fn is_feasible(&self, cut: u32) -> bool {
        self.items.prefix(cut).is_some()
    }
}
