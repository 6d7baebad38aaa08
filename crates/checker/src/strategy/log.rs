//! A log of distinct entries that is read whole: the longest read tells the order, every other must be a beginning of
//! it, and reads and appends stand in levels (ALGORITHMS §C6).

use std::sync::Arc;

use seriatim_history::ValueId;
use seriatim_model::{Access, Kind, Model, Part};

use super::ladder::Ladder;
use super::numbers::Numbers;
use super::{Attempt, Hint};
use crate::numbered::Numbered;

#[derive(Debug)]
enum Does {
    /// Appended an entry, before which there were so many, where that is known.
    Append(ValueId, Option<u64>),
    /// Saw these entries; and whether they are a beginning of the longest read.
    Read(Arc<[ValueId]>, bool),
}

/// A part that meets the conditions: no entry is appended twice.
#[derive(Debug)]
pub(crate) struct Log<'a> {
    numbered: &'a Numbered<'a>,
    does: Vec<Does>,
    /// The entries that are appended.
    entries: Numbers,
    /// By the number of an entry, the operation that appends it.
    append: Vec<u32>,
}

impl<'a> Log<'a> {
    /// `None` where the part does not meet the conditions.
    pub(super) fn new<M: Model>(model: &M, part: &Part<M::Op>, numbered: &'a Numbered<'a>) -> Option<Self> {
        if model.kind() != Kind::Log {
            return None;
        }
        let mut longest: Option<Arc<[ValueId]>> = None;
        let mut does = Vec::with_capacity(part.entries.len());
        for (at, entry) in part.entries.iter().enumerate() {
            if numbered.is_over(at) {
                return None;
            }
            let done = match model.accesses(&entry.op).into_iter().next()? {
                Access::Append(entry) => Does::Append(entry, None),
                Access::AppendAt(entry, place) => Does::Append(entry, Some(place as u64)),
                Access::ReadLog(entries) => {
                    if longest.as_ref().is_none_or(|longest| longest.len() < entries.len()) {
                        longest = Some(entries.clone());
                    }
                    Does::Read(entries, false)
                }
                _ => return None,
            };
            does.push(done);
        }
        let appended = || {
            (0..).zip(&does).filter_map(|(at, does)| match does {
                Does::Append(entry, _) => Some((at, index(*entry))),
                Does::Read(..) => None,
            })
        };
        let mut entries = Numbers::new(appended().map(|(_, entry)| entry));
        let mut append = Vec::new();
        for (at, entry) in appended() {
            // Somebody else appended it.
            if (entries.number(entry) as usize) < append.len() {
                return None;
            }
            append.push(at);
        }
        for (at, does) in does.iter_mut().enumerate() {
            if numbered.is_over(at) {
                return None;
            }
            if let (Does::Read(entries, is_beginning), Some(longest)) = (does, &longest) {
                *is_beginning = longest.starts_with(entries);
            }
        }
        Some(Self { numbered, does, entries, append })
    }

    /// A linearization of the prefix that ends with the return `cut`.
    pub(super) fn linearize(&self, cut: u32) -> Attempt {
        self.ladder(cut).map_or_else(Attempt::Impossible, Ladder::climb)
    }

    /// What the prefix says; or a hint, where its reads contradict each other or what was appended.
    fn ladder(&self, cut: u32) -> Result<Ladder<'a>, Hint> {
        let ret = |op: u32| self.numbered.ops[op as usize].ret;
        let mut ladder = Ladder::new(self.numbered, cut);
        let called = self.numbered.ops.partition_point(|op| op.call < cut);
        let (mut longest, mut longest_is_beginning): (&[ValueId], bool) = (&[], true);
        let mut longest_ret = 0;
        for (at, does) in (0..).zip(&self.does[..called]) {
            if let Does::Read(entries, is_beginning) = does
                && ladder.has_returned(at)
            {
                ladder.seen.push((entries.len() as u64, at));
                if entries.len() >= longest.len() {
                    (longest, longest_is_beginning) = (entries, *is_beginning);
                    longest_ret = ret(at);
                }
            }
        }
        for (at, &(_, read)) in ladder.seen.iter().enumerate() {
            if self.numbered.is_over(at) {
                return Err(Hint::NONE);
            }
            let Does::Read(entries, is_beginning) = &self.does[read as usize] else {
                unreachable!("it read")
            };
            let is_beginning = *is_beginning && longest_is_beginning || longest.starts_with(entries);
            if !is_beginning {
                return Err(Hint::all([longest_ret, ret(read)]));
            }
        }
        let mut is_read = vec![false; called];
        for (place, entry) in (0..).zip(longest) {
            if self.numbered.is_over(place as usize) {
                return Err(Hint::NONE);
            }
            let append = self.entries.find(index(*entry)).map(|entry| self.append[entry as usize]);
            let append = append.filter(|&append| (append as usize) < called).ok_or(Hint(longest_ret))?;
            let Does::Append(_, told) = self.does[append as usize] else { unreachable!("it appended") };
            // It was told another place, or stands in two.
            if told.is_some_and(|told| told != place)
                || std::mem::replace(&mut is_read[append as usize], true)
            {
                return Err(Hint(longest_ret));
            }
            ladder.fixed.push((place, append));
        }
        for (at, does) in (0..).zip(&self.does[..called]) {
            match *does {
                Does::Append(..) if is_read[at as usize] => {}
                Does::Append(_, Some(place)) if ladder.has_returned(at) => ladder.fixed.push((place, at)),
                Does::Append(_, Some(place)) => ladder.spare.push((place, at)),
                Does::Append(_, None) => ladder.free.push(at),
                Does::Read(..) => {}
            }
        }
        Ok(ladder)
    }
}

fn index(entry: ValueId) -> u32 {
    u32::try_from(entry.index()).expect("values have 32 bits")
}
