//! What can be tried from a configuration, and in which order.

use super::Worker;
use crate::search::config::{Config, Decision};
use crate::search::dead::DEAD;
use crate::search::uses::Uses;
use crate::search::window::Window;
use crate::table::{Glance, Outcomes, StateId};

impl<W: Window> Worker<'_, '_, W> {
    /// What is tried before anything else: the operation that returns.
    pub(super) fn first(&self, config: &Config<W>) -> Option<Decision> {
        let op = self.cursor.returning();
        if config.linearized.has(self.shared.setup.slots[op as usize]) {
            return (!self.shared.setup.reductions.just_in_time).then_some(Decision::Advance);
        }
        Some(Decision::Open { op, hidden: 0 })
    }

    /// Lists what else can be tried: first what makes the operation that returns legal, then the rest; each time the
    /// open operations by return, then the kinds of crashed ones.
    pub(super) fn list(&mut self, config: &Config<W>) {
        let setup = self.shared.setup;
        let (ops, reductions) = (&setup.numbered.ops, setup.reductions);
        self.listing += 1;
        let hides = setup.uses.filter(|_| reductions.hidden_writes);
        let needs_another = hides.is_some_and(|uses| self.mark_needs(config, uses));
        let returning = self.cursor.returning();
        let aim = ops[returning as usize].class;
        self.lacked.kinds.clear();
        self.lacked.need = W::empty(setup.width);
        self.lacked.used = W::empty(setup.width);
        self.lacked.need.insert(setup.slots[returning as usize]);
        if !config.linearized.has(setup.slots[returning as usize]) {
            self.listed[aim as usize] = self.listing;
            if let Some(uses) = hides.filter(|_| self.cursor.blind().has(setup.slots[returning as usize])) {
                let hidden = self.hidden(config, uses, Some(returning)).count();
                self.hide(returning, hidden);
            }
        }
        for at in 1..self.cursor.open().len() {
            let op = self.cursor.by_return(at).expect("as many as are open");
            let slot = setup.slots[op as usize];
            let class = ops[op as usize].class;
            let is_blind = self.cursor.blind().has(slot);
            if is_blind
                && config.linearized.has(slot)
                && hides.is_none_or(|uses| needs_another || self.is_needed(uses, class))
            {
                self.lacked.used.insert(slot);
            }
            if config.linearized.has(slot)
                // It would be linearized if it were legal.
                || (reductions.eager_observers && self.cursor.observers().has(slot))
                // Of equal operations the one that returns first serves for all (exchange them in any order that has it
                // later).
                || (reductions.symmetry && self.listed[class as usize] == self.listing)
            {
                continue;
            }
            self.listed[class as usize] = self.listing;
            let Some(Glance { enables, .. }) = self.glance(config.state, class, aim) else { continue };
            if let Some(uses) = hides.filter(|_| is_blind) {
                // Nobody would see it: it is hidden before another one, or waits.
                if !needs_another && !self.is_needed(uses, class) {
                    continue;
                }
                let hidden = self.hidden(config, uses, Some(op)).count();
                self.propose(Decision::Open { op, hidden: 0 }, enables);
                self.hide(op, hidden);
            } else {
                self.propose(Decision::Open { op, hidden: 0 }, enables);
            }
        }
        // Where an equal one is left nobody lacks those that were used.
        for slot in self.lacked.used.slots() {
            if self.listed[ops[self.cursor.at_slot(slot) as usize].class as usize] == self.listing {
                self.lacked.used.remove(slot);
            }
        }
        self.list_crashed(config, aim, needs_another);
        self.candidates.append(&mut self.later);
    }

    /// Lists the kinds of operations that never return.
    pub(super) fn list_crashed(&mut self, config: &Config<W>, aim: u32, needs_another: bool) {
        let setup = self.shared.setup;
        let hides = setup.uses.filter(|_| setup.reductions.hidden_writes);
        let ret = self.cursor.ret();
        let kinds = self.kinds(config);
        if let Some(uses) = hides {
            for &(kind, _) in kinds.iter().filter(|&&(_, is_left)| is_left) {
                let class = self.cursor.crashed(kind).class;
                if uses.needs(class).is_some()
                    && self.step(config.state, class) != Outcomes::None
                    && let Some(value) = uses.puts(class)
                {
                    self.swapped[value] = self.listing;
                }
            }
        }
        for (kind, is_left) in kinds {
            let class = self.cursor.crashed(kind).class;
            // An open one of the same class goes first: what is crashed can take its place later.
            if (setup.reductions.symmetry && self.listed[class as usize] == self.listing)
                || self.dead.as_ref().is_some_and(|dead| dead.puts_dead(class, ret))
            {
                continue;
            }
            let Some(Glance { enables, is_idle }) = self.glance(config.state, class, aim) else { continue };
            if hides.is_some_and(|uses| !needs_another && !self.is_needed(uses, class)) {
                continue;
            }
            if !is_left {
                self.lacked.kinds.push(kind);
                continue;
            }
            // What changes nothing need not have happened, unless something is hidden before it.
            let is_idle = is_idle && !self.absorbs(config, class);
            let Some(uses) = hides else {
                if !is_idle {
                    self.propose(Decision::Crashed { kind, hidden: 0 }, enables);
                }
                continue;
            };
            let is_write = uses.needs(class).is_none();
            // A compare-and-set that leads to the same value can do less later than the write.
            let is_spared =
                is_write && uses.puts(class).is_some_and(|value| self.swapped[value] == self.listing);
            if !is_spared && !is_idle {
                self.propose(Decision::Crashed { kind, hidden: 0 }, enables);
            }
            if is_write {
                for hidden in 1..=self.hidden(config, uses, None).count() {
                    self.later.push(Decision::Crashed { kind, hidden: hidden as u32 });
                }
            }
        }
    }

    /// The kinds of operations that never return of which some were called, and whether any of these are left.
    fn kinds(&self, config: &Config<W>) -> Vec<(u32, bool)> {
        let kinds = u32::try_from(self.cursor.kinds()).expect("fewer than 2^32 kinds");
        let mut counts = self.shared.spent.counts(config.spent).iter().peekable();
        let called = (0..kinds).map(|kind| (kind, self.cursor.available(kind)));
        called
            .filter_map(|(kind, available)| {
                let used = counts.next_if(|&&(other, _)| other == kind).map_or(0, |&(_, used)| used);
                (available > 0).then_some((kind, used < available))
            })
            .collect()
    }

    /// Tries a candidate, soon or late.
    pub(super) fn propose(&mut self, decision: Decision, soon: bool) {
        if soon { self.candidates.push(decision) } else { self.later.push(decision) }
    }

    /// Tries a write behind one hidden write, behind two, and so on.
    pub(super) fn hide(&mut self, op: u32, hidden: usize) {
        for hidden in 1..=hidden as u32 {
            self.later.push(Decision::Open { op, hidden });
        }
    }

    /// What a class would do, and whether it makes another one legal; `None` where it cannot happen.
    fn glance(&mut self, state: StateId, class: u32, aim: u32) -> Option<Glance> {
        if state == DEAD {
            let next = self.blind(class)?;
            return Some(Glance { enables: self.step(next, aim) != Outcomes::None, is_idle: false });
        }
        self.table.glance(state, class, aim)
    }

    /// Marks the values that open operations need, or compare-and-sets that never return; `true` where some operation
    /// needs a value to be gone.
    pub(super) fn mark_needs(&mut self, config: &Config<W>, uses: &Uses) -> bool {
        let setup = self.shared.setup;
        let mut needs_another = false;
        for &op in self.cursor.open() {
            if !config.linearized.has(setup.slots[op as usize]) {
                let class = setup.numbered.ops[op as usize].class;
                needs_another |= uses.needs_another(class);
                if let Some(value) = uses.needs(class) {
                    self.needed[value] = self.listing;
                }
            }
        }
        for kind in 0..self.cursor.kinds() as u32 {
            if let Some(value) = uses.needs(self.cursor.crashed(kind).class) {
                self.needed[value] = self.listing;
            }
        }
        needs_another
    }

    pub(super) fn is_needed(&self, uses: &Uses, class: u32) -> bool {
        uses.puts(class).is_some_and(|value| self.needed[value] == self.listing)
    }

    /// The open blind writes that can be hidden before another write and may have to be: as long as none that is still
    /// to come returns earlier, the earliest return first.
    pub(super) fn hidden<'b>(
        &'b self,
        config: &'b Config<W>,
        uses: &Uses,
        but: Option<u32>,
    ) -> impl Iterator<Item = u32> + 'b {
        let setup = self.shared.setup;
        let ret = self.cursor.ret();
        let next = uses.next_write(config.event);
        let ops = &setup.numbered.ops;
        let is_dead = move |class: u32| self.dead.as_ref().is_some_and(|dead| dead.puts_dead(class, ret));
        let open = self.cursor.open().iter().rev().copied();
        open.take_while(move |&op| ops[op as usize].ret < next).filter(move |&op| {
            let slot = setup.slots[op as usize];
            Some(op) != but
                && self.cursor.blind().has(slot)
                && !config.linearized.has(slot)
                && !is_dead(ops[op as usize].class)
        })
    }
}
