//! Who contradicts an operation that saw a value of a register.

use rustc_hash::FxHashMap;
use seriatim_history::ValueId;
use seriatim_model::conflict::LARGEST;
use seriatim_model::{Access, Model};

use super::{Scout, Seen};
use crate::numbered::NEVER;

/// Values that stand together, because one was swapped for the other.
#[derive(Clone, Copy, Debug)]
struct Chain {
    /// The operation that returned first, and its return.
    first: (u32, usize),
    /// The operation that was called last, and its call.
    last: (u32, usize),
}

impl Chain {
    /// Whether one operation of each returned before one of the other was called.
    fn contradicts(self, other: Self) -> bool {
        other.first.0 < self.last.0 && self.first.0 < other.last.0
    }
}

/// The values of a prefix, by the order of their first appearance, and the chains that they make up.
#[derive(Debug, Default)]
struct Chains {
    numbers: FxHashMap<ValueId, usize>,
    /// For each value another one of its chain, up to one that is its own: the root.
    parents: Vec<usize>,
    /// For each root its chain, once all are [joined](Chains::join).
    chains: Vec<Chain>,
    /// For each value the first operation that put it in.
    writers: Vec<Option<usize>>,
    /// The operations, each with a value that it is about.
    ops: Vec<(usize, usize)>,
}

impl Chains {
    fn number(&mut self, value: ValueId, of_its_own: Chain) -> usize {
        *self.numbers.entry(value).or_insert_with(|| {
            self.parents.push(self.parents.len());
            self.writers.push(None);
            self.chains.push(of_its_own);
            self.parents.len() - 1
        })
    }

    fn root(&mut self, mut at: usize) -> usize {
        while self.parents[at] != at {
            self.parents[at] = self.parents[self.parents[at]];
            at = self.parents[at];
        }
        at
    }

    /// Takes the chains of all values together at their roots.
    fn join(&mut self) {
        for at in 0..self.chains.len() {
            let root = self.root(at);
            let Chain { first, last } = self.chains[at];
            let chain = &mut self.chains[root];
            (chain.first, chain.last) = (chain.first.min(first), chain.last.max(last));
        }
    }

    /// The operations of the chain with this root.
    fn family(&mut self, root: usize) -> Vec<usize> {
        let ops = std::mem::take(&mut self.ops);
        let family = ops.iter().filter(|&&(of, _)| self.root(of) == root).map(|&(_, at)| at).collect();
        self.ops = ops;
        family
    }

    /// Who put in the values that an access names.
    fn writers(&self, access: &Access) -> impl Iterator<Item = usize> {
        access.values().filter_map(|value| self.writers[*self.numbers.get(&value)?])
    }
}

/// The value that an operation saw.
fn saw(access: &Access) -> Option<ValueId> {
    match *access {
        Access::Read(value) | Access::Swap(value, _) => Some(value),
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
            if seen.access.puts_in() == Some(wanted) {
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
                && (seen.access.puts_in().is_some_and(|value| value != wanted)
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
        let mut all = self.chains(initial);
        let own = *all.numbers.get(&wanted)?;
        let own = all.root(own);
        let family = all.family(own);
        let near = |count: usize| &family[family.len().saturating_sub(count)..];
        let mine = all.chains[own];
        let mut guesses: Vec<Vec<usize>> = vec![near(LARGEST - 1).to_vec()];
        for (at, &other) in all.chains.iter().enumerate() {
            if guesses.len() > 3 {
                break;
            }
            if at != own && all.parents[at] == at && mine.contradicts(other) {
                let mut ops = vec![mine.first.1, mine.last.1, other.first.1, other.last.1];
                let accesses: Vec<Access> = ops.iter().filter_map(|&op| self.access(op)).collect();
                ops.extend(accesses.iter().flat_map(|access| all.writers(access)));
                let mut wide = [&ops, near(LARGEST)].concat();
                wide.dedup();
                wide.truncate(LARGEST - 1);
                guesses.extend([ops, wide]);
            }
        }
        self.first_of(guesses)
    }

    /// All chains of the prefix.
    fn chains(&self, initial: ValueId) -> Chains {
        let mut all = Chains::default();
        for seen in self.prefix() {
            let mut number = |value: ValueId| {
                // The initial value was there before all.
                let first = if value == initial { 0 } else { NEVER };
                all.number(value, Chain { first: (first, self.last), last: (0, self.last) })
            };
            let from = saw(&seen.access).map(&mut number);
            let to = seen.access.puts_in().map(&mut number);
            let Some(of) = from.or(to) else { continue };
            if let Some(to) = to {
                all.writers[to].get_or_insert(seen.at);
            }
            for of in [from, to].into_iter().flatten() {
                let chain = &mut all.chains[of];
                // What did not return need not have happened, unless its value was seen.
                if seen.ret <= self.end {
                    chain.first = chain.first.min((seen.ret, seen.at));
                }
                chain.last = chain.last.max((seen.call, seen.at));
            }
            if let (Some(from), Some(to)) = (from, to) {
                let (from, to) = (all.root(from), all.root(to));
                all.parents[to] = from;
            }
            all.ops.push((of, seen.at));
        }
        all.join();
        all
    }
}
