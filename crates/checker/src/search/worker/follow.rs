//! What a decision leads to, and what follows without one.

use super::{Settled, Worker};
use crate::search::config::{Config, Decision, Step};
use crate::search::dead::DEAD;
use crate::search::spent::{Spent, SpentId};
use crate::search::window::Window;
use crate::table::{Outcomes, StateId, Table};

impl<W: Window> Worker<'_, '_, W> {
    /// Does what a candidate says, with one of its outcomes; `None` where it has no such outcome.
    pub(super) fn apply(
        &mut self,
        config: &Config<W>,
        decision: Decision,
        outcome: u32,
    ) -> Option<(Step, Config<W>)> {
        let setup = self.shared.setup;
        let mut next = config.clone();
        match decision {
            Decision::Start => return None,
            Decision::Advance => {
                next.linearized.remove(setup.slots[self.cursor.returning() as usize]);
                next.event += 1;
                return (outcome == 0).then_some((Step { decision, outcome }, next));
            }
            Decision::Open { op, hidden } => {
                let class = setup.numbered.ops[op as usize].class;
                let outcomes = self.step(config.state, class);
                next.state = self.table.outcome(outcomes, outcome)?;
                self.absorb(class, &mut next);
                self.hide_first(hidden, Some(op), &mut next);
                next.linearized.insert(setup.slots[op as usize]);
                self.log_operation(op, outcome);
            }
            Decision::Crashed { kind, hidden } => {
                let class = self.cursor.crashed(kind).class;
                let outcomes = self.step(config.state, class);
                next.state = self.table.outcome(outcomes, outcome)?;
                self.absorb(class, &mut next);
                self.hide_first(hidden, None, &mut next);
                next.spent = self.spend(config, kind, outcome);
            }
        }
        Some((Step { decision, outcome }, self.canonical(next)))
    }

    pub(super) fn spend(&mut self, config: &Config<W>, kind: u32, outcome: u32) -> SpentId {
        let spent = &self.shared.spent;
        if self.log.is_some() {
            let used = spent.count(config.spent, kind) as usize;
            self.log_operation(self.cursor.crashed(kind).ops[used], outcome);
        }
        spent.add(config.spent, kind)
    }

    pub(super) fn step(&mut self, state: StateId, class: u32) -> Outcomes {
        if state == DEAD {
            return self.blind(class).map_or(Outcomes::None, Outcomes::One);
        }
        self.table.next(state, class)
    }

    /// The state that a class leads to from every other one, also from a dead one.
    pub(super) fn blind(&self, class: u32) -> Option<StateId> {
        self.dead.as_ref().expect("there is a dead state only where values can be dead").blind(class)
    }

    pub(super) fn canonical(&mut self, config: Config<W>) -> Config<W> {
        let ret = self.cursor.ret();
        match &mut self.dead {
            Some(dead) => Config { state: dead.canonical(config.state, ret, &self.table), ..config },
            None => config,
        }
    }

    /// Linearizes the first open blind writes by return, all but one, just before another write.
    pub(super) fn hide_first(&mut self, count: u32, but: Option<u32>, next: &mut Config<W>) {
        if count == 0 {
            return;
        }
        let setup = self.shared.setup;
        let uses = setup.uses.expect("only writes of registers are hidden");
        let hidden: Vec<u32> = self.hidden(next, uses, but).take(count as usize).collect();
        for op in hidden {
            next.linearized.insert(setup.slots[op as usize]);
            self.log_operation(op, 0);
        }
    }

    /// Where a blind write is linearized, open writes of dead values are too: just before it.
    pub(super) fn absorb(&mut self, class: u32, next: &mut Config<W>) {
        if self.dead.as_ref().is_some_and(|dead| dead.blind(class).is_some()) {
            // The write itself comes last, also where it is one of them: its own slot is set by whoever linearizes it.
            self.linearize_dead_writes(next, Some(class));
        }
    }

    /// Whether open writes of dead values are linearized together with a class.
    pub(super) fn absorbs(&self, config: &Config<W>, class: u32) -> bool {
        let setup = self.shared.setup;
        let ret = self.cursor.ret();
        self.dead.as_ref().filter(|dead| dead.blind(class).is_some()).is_some_and(|dead| {
            self.cursor
                .blind()
                .without(&config.linearized)
                .slots()
                .any(|slot| dead.puts_dead(setup.numbered.ops[self.cursor.at_slot(slot) as usize].class, ret))
        })
    }

    pub(super) fn linearize_dead_writes(&mut self, next: &mut Config<W>, but: Option<u32>) {
        let ret = self.cursor.ret();
        let setup = self.shared.setup;
        let Some(dead) = &self.dead else { return };
        for slot in self.cursor.blind().without(&next.linearized).slots() {
            let op = self.cursor.at_slot(slot);
            let class = setup.numbered.ops[op as usize].class;
            if Some(class) != but && dead.puts_dead(class, ret) {
                next.linearized.insert(slot);
                if let Some(log) = &mut self.log {
                    log.push((op, 0));
                }
            }
        }
    }

    /// Linearizes open observers that are legal.
    pub(super) fn observe(&mut self, config: &mut Config<W>) {
        for slot in self.cursor.observers().without(&config.linearized).slots() {
            let op = self.cursor.at_slot(slot);
            if self.step(config.state, self.shared.setup.numbered.ops[op as usize].class) != Outcomes::None {
                config.linearized.insert(slot);
                self.log_operation(op, 0);
            }
        }
    }

    /// Does everything that follows from a configuration without a decision: observers that are legal, writes that
    /// change nothing, and returns of what is linearized.
    pub(super) fn settle(&mut self, mut config: Config<W>) -> Settled<W> {
        let setup = self.shared.setup;
        loop {
            self.cursor.seek(config.event);
            config = self.canonical(config);
            if config.state == DEAD {
                // From one dead value to another: nothing changes.
                self.linearize_dead_writes(&mut config, None);
            }
            if setup.reductions.eager_observers {
                self.observe(&mut config);
            }
            let returning = setup.slots[self.cursor.returning() as usize];
            if !config.linearized.has(returning) {
                return Settled::At(config);
            }
            if config.event as usize + 1 == setup.numbered.returns.len() {
                return Settled::Done;
            }
            if !setup.reductions.just_in_time {
                return Settled::At(config);
            }
            config.linearized.remove(returning);
            config.event += 1;
        }
    }

    /// Goes the path that was found once more, and tells what is linearized on it.
    pub(super) fn tell(&mut self, last: Step) -> Vec<(u32, u32)> {
        self.tell_from(self.frames.len().saturating_sub(1), vec![last])
    }

    /// The same for a path that leaves the one at hand after a frame.
    pub(in crate::search) fn tell_from(&mut self, frame: usize, behind: Vec<Step>) -> Vec<(u32, u32)> {
        self.log = Some(Vec::new());
        let frames = std::mem::take(&mut self.frames);
        self.cursor.seek(0);
        let mut settled = self.settle(self.start());
        let steps = frames.iter().take(frame + 1).map(|frame| frame.step).chain(behind);
        for Step { decision, outcome } in steps.filter(|step| step.decision != Decision::Start) {
            let Settled::At(config) = settled else { break };
            let (_, next) =
                self.apply(&config, decision, outcome).expect("a decision that was made can be made again");
            settled = self.settle(next);
        }
        self.log.take().expect("the log was opened")
    }

    pub(super) fn log_operation(&mut self, op: u32, outcome: u32) {
        if let Some(log) = &mut self.log {
            log.push((op, outcome));
        }
    }

    pub(super) fn start(&self) -> Config<W> {
        Config {
            event: 0,
            state: Table::INITIAL,
            linearized: W::empty(self.shared.setup.width),
            spent: Spent::NOTHING,
        }
    }

    /// Everything that a configuration leads to.
    pub(in crate::search) fn successors(&mut self, config: &Config<W>) -> Vec<(Step, Settled<W>)> {
        self.cursor.seek(config.event);
        let start = self.candidates.len();
        self.candidates.extend(self.first(config));
        self.list(config);
        let candidates = self.candidates.split_off(start);
        let mut all = Vec::new();
        for decision in candidates {
            for outcome in 0.. {
                self.cursor.seek(config.event);
                let Some((step, next)) = self.apply(config, decision, outcome) else { break };
                all.push((step, self.settle(next)));
            }
        }
        all
    }
}
