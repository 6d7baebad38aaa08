//! What a failure is down to: what a configuration lacked, and what it had still to do.
//!
//! Once everything that a configuration leads to has failed, it is known which crashed operations and which writes it
//! would have used and had none left of, and which operations stood in its way by not being linearized. Whoever is no
//! better off in these fails in the same way, however it differs in all others (README.md has the proof).

use smallvec::SmallVec;

use super::{Frame, Worker};
use crate::search::config::{Config, Decision, Step};
use crate::search::seen::{Failed, Refused};
use crate::search::spent::SpentId;
use crate::search::window::Window;

/// What the failure of a configuration is down to, as far as it was tried.
#[derive(Clone)]
pub(super) struct Blame<W> {
    /// The kinds of crashed operations that were lacked: a bit for each, those behind the last word were not.
    kinds: SmallVec<[u64; 2]>,
    /// Open operations that were not linearized, and that mattered.
    need: W,
    /// Open writes that were linearized, and lacked.
    used: W,
    /// Part of what follows was left to others: who knows what it is down to.
    is_open: bool,
}

impl<W: Window> Blame<W> {
    /// Nothing was tried.
    pub(super) fn nothing(width: u32) -> Self {
        Self { kinds: SmallVec::new(), need: W::empty(width), used: W::empty(width), is_open: false }
    }

    /// Part of what follows is left to others.
    pub(super) fn leave_open(&mut self) {
        self.is_open = true;
    }

    fn add_kind(&mut self, kind: u32) {
        let word = kind as usize / 64;
        if self.kinds.len() <= word {
            self.kinds.resize(word + 1, 0);
        }
        self.kinds[word] |= 1 << (kind % 64);
    }

    fn has_kind(&self, kind: u32) -> bool {
        self.kinds.get(kind as usize / 64).is_some_and(|word| word >> (kind % 64) & 1 == 1)
    }

    fn join_kinds(&mut self, other: &Self) {
        if self.kinds.len() < other.kinds.len() {
            self.kinds.resize(other.kinds.len(), 0);
        }
        self.kinds.iter_mut().zip(&other.kinds).for_each(|(word, other)| *word |= other);
    }

    /// Bytes on the heap.
    pub(super) fn heap(&self, width: u32) -> usize {
        2 * W::heap(width) + if self.kinds.spilled() { self.kinds.capacity() * 8 } else { 0 }
    }
}

/// What a configuration lacked itself, apart from what it led to.
pub(super) struct Lacked<W> {
    /// The kinds of crashed operations that would have been candidates, were any left.
    pub(super) kinds: Vec<u32>,
    pub(super) need: W,
    pub(super) used: W,
}

impl<W: Window> Worker<'_, '_, W> {
    fn blames(&self) -> bool {
        self.shared.setup.reductions.blame
    }

    /// The last configuration of the path lacks what was found when its candidates were listed.
    pub(super) fn blame_lacked(&mut self) {
        if self.blames() {
            let frame = self.frames.last_mut().expect("a configuration is at hand");
            self.lacked.kinds.iter().for_each(|&kind| frame.blame.add_kind(kind));
            frame.blame.need.join(&self.lacked.need);
            frame.blame.used.join(&self.lacked.used);
        }
    }

    /// The last configuration of the path, at which the cursor stands, has failed and its frame is gone: it is
    /// remembered by what that is down to, and so is whoever led to it.
    pub(super) fn blame_failed(&mut self, failed: &Frame<W>) {
        if !self.blames() {
            return;
        }
        if failed.blame.is_open {
            self.frames.last_mut().into_iter().for_each(|frame| frame.blame.leave_open());
            return;
        }
        let rigid_or_none = self.cursor.observers().union(self.cursor.blind());
        let need = failed.blame.need.and(&rigid_or_none);
        let used = failed.blame.used.clone();
        let spent = self.only_lacked(failed);
        // Where all of it mattered, what was entered says the same.
        let rest = rigid_or_none.without(&failed.config.linearized);
        let is_told = spent == failed.config.spent
            && need == rest
            && self.cursor.blind().and(&failed.config.linearized) == used;
        if !is_told {
            let (key, _) = self.describe(&failed.config);
            self.shared.fail(&key, Failed { need: need.clone(), used: used.clone(), spent });
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.blame.join_kinds(&failed.blame);
        }
        self.hand_up(failed.config.event, failed.step.decision, need, used);
    }

    /// What a configuration had used of those kinds that it lacked.
    fn only_lacked(&self, failed: &Frame<W>) -> SpentId {
        self.shared.spent.only(failed.config.spent, |kind| failed.blame.has_kind(kind))
    }

    /// A configuration, at which the cursor stands and to which the last one of the path led, was refused.
    pub(super) fn blame_refused(&mut self, config: &Config<W>, step: Step, by: Refused<W>) {
        if !self.blames() {
            return;
        }
        let (need, used, spent) = match by {
            Refused::Entered(by) => {
                let observers = self.cursor.observers().without(&by.observers);
                let writes = self.cursor.blind().without(&config.linearized);
                (observers.union(&writes), by.writes, by.spent)
            }
            Refused::Failed(by) => (by.need, by.used, by.spent),
        };
        let all = &self.shared.spent;
        if let Some(frame) = self.frames.last_mut() {
            all.counts(spent).iter().for_each(|&(kind, _)| frame.blame.add_kind(kind));
        }
        self.hand_up(config.event, step.decision, need, used);
    }

    /// A configuration, at which the cursor stands and to which the last one of the path led, is starved of a value that
    /// is needed at a return.
    pub(super) fn blame_starved(&mut self, config: &Config<W>, step: Step, (value, needed): (usize, u32)) {
        let setup = self.shared.setup;
        let Some(uses) = setup.uses.filter(|_| self.blames()) else { return };
        let mut need = W::empty(setup.width);
        let mut used = W::empty(setup.width);
        for &op in self.cursor.open() {
            let (slot, interval) = (setup.slots[op as usize], &setup.numbered.ops[op as usize]);
            if config.linearized.has(slot) {
                if self.cursor.blind().has(slot) && uses.puts(interval.class) == Some(value) {
                    used.insert(slot);
                }
            } else if interval.ret == needed {
                need.insert(slot);
            }
        }
        let called: Vec<u32> = self.kinds_of(value).filter(|&kind| self.cursor.available(kind) > 0).collect();
        if let Some(frame) = self.frames.last_mut() {
            called.into_iter().for_each(|kind| frame.blame.add_kind(kind));
        }
        self.hand_up(config.event, step.decision, need, used);
    }

    /// Hands what the failure of a step is down to, which led to a return at which the cursor stands, to the last
    /// configuration of the path, and moves the cursor there: of operations that were not open there yet it knows
    /// nothing, and of writes that returned in between it needed that they were linearized.
    fn hand_up(&mut self, event: u32, decision: Decision, mut need: W, mut used: W) {
        let Some(frame) = self.frames.last_mut() else { return };
        let setup = self.shared.setup;
        let ops = &setup.numbered.ops;
        if frame.config.event < event {
            for window in [&mut need, &mut used] {
                for slot in window.slots() {
                    if self.cursor.at_slot(slot) >= frame.called {
                        window.remove(slot);
                    }
                }
            }
            for &op in &setup.numbered.returns[frame.config.event as usize..event as usize] {
                if op < frame.called && self.cursor.is_blind(op) {
                    used.insert(setup.slots[op as usize]);
                }
            }
            self.cursor.seek(frame.config.event);
        }
        // Where it matters which of several equal writes the step took, nobody may take another one.
        if let Decision::Open { op, .. } = decision
            && self.cursor.is_blind(op)
        {
            let class = ops[op as usize].class;
            let equal =
                self.cursor.open().iter().copied().filter(|&other| ops[other as usize].class == class);
            let mut equals = W::empty(setup.width);
            equal.for_each(|other| equals.insert(setup.slots[other as usize]));
            let slot = setup.slots[op as usize];
            if used.has(slot) || !need.is_apart(&equals) {
                need.insert(slot);
                used.join(&equals);
            }
        }
        frame.blame.need.join(&need);
        frame.blame.used.join(&used.and(&frame.config.linearized));
    }
}
