//! How configurations are compared: which make which needless, and which used less.

use super::Worker;
use crate::search::config::Config;
use crate::search::seen::{Key, Point, Seen};
use crate::search::spent::{Spent, SpentId};
use crate::search::window::Window;

impl<W: Window> Worker<'_, '_, W> {
    /// A configuration as it is compared with others.
    pub(super) fn describe(&self, config: &Config<W>) -> (Key<W>, Point<W>) {
        let (observers, blind) = (self.cursor.observers(), self.cursor.blind());
        let rigid = config.linearized.without(observers).without(blind);
        let key = Key { event: config.event, state: config.state, rigid };
        let (observers, writes) = (config.linearized.and(observers), config.linearized.and(blind));
        (key, Point { observers, writes, spent: config.spent })
    }

    /// Whether who used `a` has as much of every kind left as who used `b`, or more than can be of use.
    pub(super) fn at_most(&self, a: SpentId, b: SpentId) -> bool {
        if a == b || a == Spent::NOTHING {
            return true;
        }
        let setup = &self.shared.setup;
        let uses = setup.uses.filter(|_| setup.reductions.demand);
        let enough = |kind: u32, used: u32| {
            let left = (self.cursor.available(kind) - used) as usize;
            uses.is_some_and(|uses| left >= uses.demand(self.cursor.crashed(kind).class, self.cursor.ret()))
        };
        self.shared.spent.at_most(a, b, enough)
    }

    /// Enters a configuration into a memory of its own; `false` where it is needless.
    pub(in crate::search) fn enter_into(&self, seen: &mut Seen<W>, config: &Config<W>) -> bool {
        let (key, point) = self.describe(config);
        seen.enter(key, point, &self.hideable(config), |a, b| self.at_most(a, b)).refused.is_none()
    }

    /// How much a configuration has used up: of two, the one that used less is the better guess.
    pub(in crate::search) fn cost(&self, config: &Config<W>) -> (u32, usize) {
        let used = self.shared.spent.counts(config.spent).iter().map(|&(_, count)| count).sum();
        (used, config.linearized.slots().count())
    }

    /// The linearized blind writes that could as well be hidden later: one that returns earlier is still to come.
    pub(super) fn hideable(&self, config: &Config<W>) -> W {
        let setup = &self.shared.setup;
        let mut hideable = W::empty(setup.width);
        let Some(uses) = setup.uses.filter(|_| setup.reductions.hidden_writes) else { return hideable };
        let ops = &setup.numbered.ops;
        let mut first = uses.next_write(config.event);
        let open = self.cursor.open();
        let is_blind = |op: u32| self.cursor.blind().has(setup.slots[op as usize]);
        let is_left = |op: u32| is_blind(op) && !config.linearized.has(setup.slots[op as usize]);
        if let Some(&op) = open.iter().rev().find(|&&op| is_left(op)) {
            first = first.min(ops[op as usize].ret);
        }
        for &op in open.iter().take_while(|&&op| ops[op as usize].ret > first) {
            if is_blind(op) {
                hideable.insert(setup.slots[op as usize]);
            }
        }
        hideable
    }
}
