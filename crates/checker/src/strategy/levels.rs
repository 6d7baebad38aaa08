//! A set that only grows and is read whole: reads are a chain of inclusions, and what is new in each is a level of its
//! own between them (ALGORITHMS §C5, LEVELS).

use rustc_hash::FxHashMap;
use seriatim_history::ValueId;
use seriatim_model::{Access, Kind, Model, Part};

use crate::numbered::Numbered;

#[derive(Debug)]
enum Does {
    Add(u32),
    /// The numbers of the elements that were seen.
    Read(Vec<u32>),
}

/// A part that meets the conditions: every element is added at most once.
#[derive(Debug)]
pub(crate) struct Levels<'a> {
    numbered: &'a Numbered,
    does: Vec<Does>,
    /// For each element, the operation that adds it.
    add: Vec<Option<u32>>,
}

impl<'a> Levels<'a> {
    /// `None` where the part does not meet the conditions.
    pub(super) fn new<M: Model>(model: &M, part: &Part<M::Op>, numbered: &'a Numbered) -> Option<Self> {
        if model.kind() != Kind::Set {
            return None;
        }
        let mut numbers: FxHashMap<ValueId, u32> = FxHashMap::default();
        let mut add: Vec<Option<u32>> = Vec::new();
        let mut does = Vec::with_capacity(part.entries.len());
        for (at, entry) in (0..).zip(&part.entries) {
            let mut number = |value| {
                *numbers.entry(value).or_insert_with(|| {
                    add.push(None);
                    u32::try_from(add.len() - 1).expect("fewer than 2^32 elements")
                })
            };
            does.push(match model.accesses(&entry.op).as_slice() {
                &[Access::Add(element)] => {
                    let element = number(element);
                    if add[element as usize].replace(at).is_some() {
                        return None;
                    }
                    Does::Add(element)
                }
                [Access::ReadAll(elements)] => {
                    Does::Read(elements.iter().map(|&element| number(element)).collect())
                }
                _ => return None,
            });
        }
        Some(Self { numbered, does, add })
    }

    /// A linearization of the prefix that ends with the return `cut`: the operations in order. `None` where there is none.
    pub(super) fn linearize(&self, cut: u32) -> Option<Vec<u32>> {
        let ops = &self.numbered.ops;
        let has_returned = |op: u32| ops[op as usize].ret <= cut;
        let mut reads: Vec<(&[u32], u32)> = Vec::new();
        for (at, does) in (0..).zip(&self.does) {
            if let Does::Read(elements) = does
                && has_returned(at)
            {
                reads.push((elements, at));
            }
        }
        // Stable: equal reads stay in the order of their calls.
        reads.sort_by_key(|(elements, _)| elements.len());
        let mut order: Vec<u32> = Vec::new();
        let mut level_start = 0;
        let mut is_in = vec![false; self.add.len()];
        let mut size = 0;
        let mut latest_call = None;
        // Whether the operations from `level_start` on may stand behind all before them.
        let mut close_level = |order: &mut Vec<u32>, start: &mut usize| {
            let level = &mut order[*start..];
            level.sort_unstable();
            let is_possible = level
                .iter()
                .all(|&op| latest_call.is_none_or(|call| !has_returned(op) || ops[op as usize].ret > call));
            latest_call = level.iter().map(|&op| ops[op as usize].call).chain(latest_call).max();
            *start = order.len();
            is_possible
        };
        for (elements, read) in reads {
            let known = elements.iter().filter(|&&element| is_in[element as usize]).count();
            // It misses an element of a smaller read, or one of an equally large one.
            if known < size {
                return None;
            }
            if elements.len() > size {
                if !close_level(&mut order, &mut level_start) {
                    return None;
                }
                for &element in elements {
                    if !std::mem::replace(&mut is_in[element as usize], true) {
                        order.push(self.add[element as usize].filter(|&add| ops[add as usize].call < cut)?);
                    }
                }
                size = elements.len();
                if !close_level(&mut order, &mut level_start) {
                    return None;
                }
            }
            order.push(read);
        }
        if !close_level(&mut order, &mut level_start) {
            return None;
        }
        for (at, does) in (0..).zip(&self.does) {
            if let Does::Add(element) = does
                && has_returned(at)
                && !is_in[*element as usize]
            {
                order.push(at);
            }
        }
        close_level(&mut order, &mut level_start).then_some(order)
    }
}
