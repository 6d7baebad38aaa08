//! What a failure is down to: the crashed operations that a configuration lacked.
//!
//! Once everything that a configuration leads to has failed, it is known which kinds of crashed operations it would have
//! used and had none left of. Whoever has no more of these fails in the same way, however much it has of all others: so
//! only these stay in what is remembered of it (README.md has the proof).

use std::sync::PoisonError;

use smallvec::SmallVec;

use super::Worker;
use crate::search::spent::SpentId;
use crate::search::window::Window;

/// The kinds of crashed operations that were lacked, as far as is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Blame {
    /// A bit for each kind; those behind the last word were not.
    Kinds(SmallVec<[u64; 2]>),
    /// Whatever was used: part of what follows was left to others.
    All,
}

impl Blame {
    pub(super) fn nobody() -> Self {
        Self::Kinds(SmallVec::new())
    }

    pub(super) fn add(&mut self, kind: u32) {
        if let Self::Kinds(words) = self {
            let word = kind as usize / 64;
            if words.len() <= word {
                words.resize(word + 1, 0);
            }
            words[word] |= 1 << (kind % 64);
        }
    }

    fn has(&self, kind: u32) -> bool {
        match self {
            Self::Kinds(words) => {
                words.get(kind as usize / 64).is_some_and(|word| word >> (kind % 64) & 1 == 1)
            }
            Self::All => true,
        }
    }

    fn join(&mut self, other: &Self) {
        match (&mut *self, other) {
            (Self::All, _) => {}
            (_, Self::All) => *self = Self::All,
            (Self::Kinds(words), Self::Kinds(others)) => {
                if words.len() < others.len() {
                    words.resize(others.len(), 0);
                }
                words.iter_mut().zip(others).for_each(|(word, other)| *word |= other);
            }
        }
    }

    /// Bytes on the heap.
    pub(super) fn heap(&self) -> usize {
        match self {
            Self::Kinds(words) if words.spilled() => words.capacity() * 8,
            Self::Kinds(_) | Self::All => 0,
        }
    }
}

impl<W: Window> Worker<'_, '_, W> {
    /// The last configuration of the path has failed, whose frame is gone: it is remembered by what it lacked, and
    /// whoever led to it has lacked that, too.
    pub(super) fn blame(&mut self, failed: &super::Frame<W>) {
        let setup = self.shared.setup;
        if !setup.reductions.blame {
            return;
        }
        if let Blame::Kinds(_) = failed.blame {
            let all = &self.shared.spent;
            let spent = failed.config.spent;
            let is_less = {
                let all = all.read().unwrap_or_else(PoisonError::into_inner);
                all.counts(spent).iter().any(|&(kind, _)| !failed.blame.has(kind))
            };
            if is_less {
                let only = all
                    .write()
                    .unwrap_or_else(PoisonError::into_inner)
                    .only(spent, |kind| failed.blame.has(kind));
                let (key, point) = self.describe(&failed.config);
                self.shared.weaken(&key, &point, only);
            }
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.blame.join(&failed.blame);
        }
    }

    /// What the last configuration of the path led to was refused because of one that had used so much.
    pub(super) fn blame_used(&mut self, spent: SpentId) {
        let all = self.shared.spent.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(frame) = self.frames.last_mut() {
            all.counts(spent).iter().for_each(|&(kind, _)| frame.blame.add(kind));
        }
    }
}
