//! Who contradicts an operation that saw a value of a register.

use rustc_hash::FxHashMap;
use seriatim_history::ValueId;
use seriatim_model::conflict::LARGEST;
use seriatim_model::{Access, Model};

use super::{Scout, Seen};
use crate::numbered::NEVER;

/// Values that stand together, because one was swapped for the other.
#[derive(Clone, Debug)]
struct Chain {
    /// The operation that returned first, and its return.
    first: (u32, usize),
    /// The operation that was called last, and its call.
    last: (u32, usize),
}

/// The value that an operation saw.
fn saw(access: &Access) -> Option<ValueId> {
    match *access {
        Access::Read(value) | Access::Swap(value, _) => Some(value),
        _ => None,
    }
}

/// The value that it put in.
fn put(access: &Access) -> Option<ValueId> {
    match *access {
        Access::Write(value) | Access::Swap(_, value) => Some(value),
        _ => None,
    }
}

impl<M: Model> Scout<'_, M> {
    pub(super) fn of_register(&self, initial: ValueId) -> Option<Vec<usize>> {
        let last = self.seen(self.last)?;
        let wanted = saw(&last.access)?;
        let mut writers: Vec<usize> = Vec::new();
        let mut is_swap = matches!(last.access, Access::Swap(..));
        // What was over when this one was called, and what another swapped the value for.
        let (mut written, mut swapped) = (0, None);
        for seen in self.prefix().filter(|seen| seen.at != self.last) {
            if put(&seen.access) == Some(wanted) {
                writers.push(seen.at);
                written = written.max(seen.ret);
            }
            if matches!(seen.access, Access::Swap(from, _) if from == wanted) && seen.ret < self.end {
                swapped = Some(seen.at);
            }
        }
        is_swap &= swapped.is_some();
        if writers.len() + 2 > LARGEST {
            return None;
        }
        // Somebody put in or saw another value after the last write of this one and before it was seen.
        let contradicts = |seen: &Seen| {
            seen.call >= written
                && seen.ret < last.call
                && (put(&seen.access).is_some_and(|value| value != wanted)
                    || matches!(seen.access, Access::Read(value) if value != wanted))
        };
        // A write needs nobody else to explain it.
        let is_write = |seen: &Seen| matches!(seen.access, Access::Write(_)) && contradicts(seen);
        let between = self.prefix().find(is_write).or_else(|| self.prefix().find(contradicts));
        let with = |more: &[usize]| writers.iter().chain(more).copied().collect::<Vec<_>>();
        let mut guesses = vec![];
        if let Some(between) = between {
            guesses.push(with(&[between.at]));
        } else {
            guesses.push(writers.clone());
        }
        if is_swap {
            guesses.push(with(swapped.as_slice()));
        }
        self.first_of(guesses).or_else(|| self.of_chains(initial, wanted))
    }

    /// Two chains that must each come before the other, or one that contradicts itself.
    fn of_chains(&self, initial: ValueId, wanted: ValueId) -> Option<Vec<usize>> {
        let mut numbers: FxHashMap<ValueId, usize> = FxHashMap::default();
        let mut parents: Vec<usize> = Vec::new();
        let mut chains: Vec<Chain> = Vec::new();
        let mut writers: Vec<Option<usize>> = Vec::new();
        fn root(parents: &mut [usize], mut at: usize) -> usize {
            while parents[at] != at {
                parents[at] = parents[parents[at]];
                at = parents[at];
            }
            at
        }
        let mut all: Vec<(usize, usize)> = Vec::new();
        for seen in self.prefix() {
            let (from, to) = (saw(&seen.access), put(&seen.access));
            let mut number = |value: ValueId| {
                *numbers.entry(value).or_insert_with(|| {
                    parents.push(parents.len());
                    writers.push(None);
                    let first = if value == initial { 0 } else { NEVER };
                    chains.push(Chain { first: (first, self.last), last: (0, self.last) });
                    parents.len() - 1
                })
            };
            let (from, to) = (from.map(&mut number), to.map(&mut number));
            let Some(of) = from.or(to) else { continue };
            if let Some(to) = to {
                writers[to].get_or_insert(seen.at);
            }
            let returned = seen.ret <= self.end;
            // What did not return need not have happened, unless its value was seen.
            for of in [from, to].into_iter().flatten() {
                let chain = &mut chains[of];
                if returned {
                    chain.first = chain.first.min((seen.ret, seen.at));
                }
                chain.last = chain.last.max((seen.call, seen.at));
            }
            if let (Some(from), Some(to)) = (from, to) {
                let (from, to) = (root(&mut parents, from), root(&mut parents, to));
                parents[to] = from;
            }
            all.push((of, seen.at));
        }
        let own = *numbers.get(&wanted)?;
        let own = root(&mut parents, own);
        for at in 0..chains.len() {
            let of = root(&mut parents, at);
            if of != at {
                let Chain { first, last } = chains[at].clone();
                chains[of].first = chains[of].first.min(first);
                chains[of].last = chains[of].last.max(last);
            }
        }
        let mut value_of: FxHashMap<usize, Vec<usize>> = FxHashMap::default();
        for &(of, at) in &all {
            let chain = root(&mut parents, of);
            if chain == own {
                value_of.entry(chain).or_default().push(at);
            }
        }
        let family = value_of.remove(&own).unwrap_or_default();
        let mine = chains[own].clone();
        let contradicts = |chain: &Chain| chain.first.0 < mine.last.0 && mine.first.0 < chain.last.0;
        let mut guesses: Vec<Vec<usize>> = Vec::new();
        let near = |ops: &[usize], count: usize| ops[ops.len().saturating_sub(count)..].to_vec();
        guesses.push(near(&family, LARGEST - 1));
        for (at, other) in chains.iter().enumerate() {
            if guesses.len() > 3 {
                break;
            }
            if at != own && parents[at] == at && contradicts(other) {
                let mut ops = vec![mine.first.1, mine.last.1, other.first.1, other.last.1];
                let named: Vec<usize> = ops
                    .iter()
                    .filter_map(|&op| self.access(op))
                    .flat_map(|access| [saw(&access), put(&access)])
                    .flatten()
                    .filter_map(|value| writers[*numbers.get(&value)?])
                    .collect();
                ops.extend(named);
                let mut wide = ops.clone();
                wide.extend(near(&family, LARGEST));
                wide.dedup();
                guesses.push(ops);
                wide.truncate(LARGEST - 1);
                guesses.push(wide);
            }
        }
        self.first_of(guesses)
    }
}
