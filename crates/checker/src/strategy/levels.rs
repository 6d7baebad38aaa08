//! A set that only grows and is read whole: reads are a chain of inclusions, and what is new in each is a level of its
//! own between them (ALGORITHMS §C5, LEVELS).
//!
//! Where an element is added several times, the add that is called first stands in the element's level: it can whenever
//! another can. The others change nothing then. They stand as late as real time allows, and not before that level.

use rustc_hash::FxHashMap;
use seriatim_history::ValueId;
use seriatim_model::{Access, Kind, Model, Part};

use crate::numbered::Numbered;

#[derive(Debug)]
enum Does {
    Add(u32),
    /// Saw elements: where in the list of all that were seen these stand.
    Read(std::ops::Range<usize>),
    /// Saw what no set shows.
    Never,
}

/// A part that meets the conditions: nothing is removed or answered but whole reads.
#[derive(Debug)]
pub(crate) struct Levels<'a> {
    numbered: &'a Numbered<'a>,
    does: Vec<Does>,
    /// The elements that were seen, read by read.
    seen: Vec<u32>,
    /// For each element, the first operation to be called of those that add it.
    add: Vec<Option<u32>>,
}

impl<'a> Levels<'a> {
    /// `None` where the part does not meet the conditions.
    pub(super) fn new<M: Model>(model: &M, part: &Part<M::Op>, numbered: &'a Numbered<'a>) -> Option<Self> {
        if model.kind() != Kind::Set {
            return None;
        }
        let mut numbers: FxHashMap<ValueId, u32> = FxHashMap::default();
        let mut add: Vec<Option<u32>> = Vec::new();
        let mut seen = Vec::new();
        let mut does = Vec::with_capacity(part.entries.len());
        for (at, entry) in (0..).zip(&part.entries) {
            if numbered.is_over(at as usize) {
                return None;
            }
            let mut number = |value| {
                *numbers.entry(value).or_insert_with(|| {
                    add.push(None);
                    u32::try_from(add.len() - 1).expect("fewer than 2^32 elements")
                })
            };
            does.push(match model.accesses(&entry.op).as_slice() {
                &[Access::Add(element)] => {
                    let element = number(element);
                    add[element as usize].get_or_insert(at);
                    Does::Add(element)
                }
                [Access::ReadAll(elements)] => {
                    let start = seen.len();
                    seen.extend(elements.iter().map(|&element| number(element)));
                    Does::Read(start..seen.len())
                }
                [Access::Never] => Does::Never,
                _ => return None,
            });
        }
        Some(Self { numbered, does, seen, add })
    }

    /// A linearization of the prefix that ends with the return `cut`: the operations in order. `None` where there is none.
    pub(super) fn linearize(&self, cut: u32) -> Option<Vec<u32>> {
        let ops = &self.numbered.ops;
        let has_returned = |op: u32| ops[op as usize].ret <= cut;
        let mut reads: Vec<(&[u32], u32)> = Vec::new();
        for (at, does) in (0..).zip(&self.does) {
            match does {
                Does::Read(seen) if has_returned(at) => reads.push((&self.seen[seen.clone()], at)),
                Does::Never if has_returned(at) => return None,
                Does::Read(_) | Does::Never | Does::Add(_) => {}
            }
        }
        // Stable: equal reads stay in the order of their calls.
        reads.sort_by_key(|(elements, _)| elements.len());
        let mut order: Vec<u32> = Vec::new();
        let mut level_start = 0;
        // For each element that was read, where in the order its level begins.
        let mut start = vec![NOT_IN; self.add.len()];
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
        for (at, (elements, read)) in reads.into_iter().enumerate() {
            if self.numbered.is_over(at) {
                return None;
            }
            let known = elements.iter().filter(|&&element| start[element as usize] != NOT_IN).count();
            // It misses an element of a smaller read, or one of an equally large one.
            if known < size {
                return None;
            }
            if elements.len() > size {
                if !close_level(&mut order, &mut level_start) {
                    return None;
                }
                for &element in elements {
                    if start[element as usize] == NOT_IN {
                        start[element as usize] = level_start;
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
        let mut again: Vec<u32> = Vec::new();
        for (at, does) in (0..).zip(&self.does) {
            match *does {
                Does::Add(element) if has_returned(at) => {
                    if start[element as usize] == NOT_IN {
                        order.push(at);
                    } else if self.add[element as usize] != Some(at) {
                        again.push(at);
                    }
                }
                Does::Add(_) | Does::Read(_) | Does::Never => {}
            }
        }
        if !close_level(&mut order, &mut level_start) {
            return None;
        }
        if again.is_empty() { Some(order) } else { self.with_repeated(order, again, &start) }
    }

    /// The order with those in it who added what was there, each as late as real time allows; `None` where one returned
    /// before the level of its element could begin.
    fn with_repeated(&self, order: Vec<u32>, mut again: Vec<u32>, start: &[usize]) -> Option<Vec<u32>> {
        let ops = &self.numbered.ops;
        again.sort_unstable_by_key(|&op| ops[op as usize].ret);
        let mut all = Vec::with_capacity(order.len() + again.len());
        let mut again = again.into_iter().peekable();
        for (place, &op) in order.iter().enumerate() {
            while let Some(add) = again.next_if(|&add| ops[add as usize].ret < ops[op as usize].call) {
                let Does::Add(element) = self.does[add as usize] else {
                    unreachable!("only adds are repeated")
                };
                if start[element as usize] > place {
                    return None;
                }
                all.push(add);
            }
            all.push(op);
        }
        all.extend(again);
        Some(all)
    }
}

/// The level of an element that was not read.
const NOT_IN: usize = usize::MAX;
