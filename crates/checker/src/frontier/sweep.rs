//! One way over the returns of a prefix, with all configurations of each.

use seriatim_history::OpId;
use seriatim_model::{Entry, Model};

use super::antichain::{Antichain, Config, Few};
use super::{Prefix, Undetermined};
use crate::limits::Limits;

/// Of the last operation: it has not taken effect.
pub(super) const NONE: u32 = 0;
/// It has, with the answer that it was given.
const AS_IT_WAS: u32 = 1;
/// The first of the other answers.
const OTHER: u32 = 2;

/// How many steps are tried between two looks at the time and the memory.
const LOOK: u64 = 1 << 9;

/// A sweep over a prefix.
pub(super) struct Sweep<'a, M: Model> {
    model: &'a M,
    prefix: &'a Prefix<'a, M::Op>,
    asked: &'a M::Op,
    limits: &'a Limits<'a>,
    goes_on: &'a dyn Fn() -> bool,
    /// The operations that have been called, and are among those that return; in the order of their calls.
    open: Vec<u32>,
    /// How many operations of the part have been called.
    called: usize,
    /// How many of each kind have.
    available: Vec<u32>,
    /// Whether the last operation has.
    is_last_called: bool,
    /// What could be answered to it, as far as it came up; from [`OTHER`] on.
    answers: Vec<M::Op>,
    /// Which of these get to the end, with the last change before.
    possible: Vec<(u32, Option<OpId>)>,
    /// Whether some state allowed an answer that no operation tells.
    is_any_untold: bool,
    furthest: Option<usize>,
    /// How many steps were tried.
    steps: u64,
    /// As many as there were at the last look.
    looked_at: u64,
    /// Bytes that are held.
    held: usize,
}

impl<M: Model> Drop for Sweep<'_, M> {
    fn drop(&mut self) {
        self.limits.memory.change(self.held, 0);
    }
}

impl<'a, M: Model> Sweep<'a, M> {
    pub(super) fn new(
        model: &'a M,
        prefix: &'a Prefix<'a, M::Op>,
        asked: &'a M::Op,
        limits: &'a Limits<'a>,
        goes_on: &'a dyn Fn() -> bool,
    ) -> Self {
        Self {
            model,
            prefix,
            asked,
            limits,
            goes_on,
            open: Vec::new(),
            called: prefix.start.map_or(0, |(first, _)| first),
            available: vec![0; prefix.kinds.len()],
            is_last_called: false,
            answers: Vec::new(),
            possible: Vec::new(),
            is_any_untold: false,
            furthest: None,
            steps: 0,
            looked_at: 0,
            held: 0,
        }
    }

    /// All configurations before the return that ends the prefix.
    pub(super) fn run(&mut self) -> Result<Antichain<M::State>, Undetermined> {
        let mut level = Antichain::new();
        level.insert(Config {
            state: self.begins(),
            done: Few::new(),
            used: Few::new(),
            answer: NONE,
            changed: self.prefix.start.map(|(_, write)| number(write)),
        });
        for at in 0..self.prefix.returns.len() {
            let returning = self.prefix.returns[at];
            self.call_until(returning);
            let (seen, next) = self.expand(level, Some(number(returning)))?;
            if seen.configs().any(|config| config.answer == AS_IT_WAS) {
                self.furthest = Some(returning);
            }
            self.open.retain(|&op| op != number(returning));
            level = next;
        }
        self.call_until(self.prefix.last);
        let (all, _) = self.expand(level, None)?;
        for config in all.configs() {
            if config.answer == AS_IT_WAS {
                return Err(Undetermined::Contradicted);
            }
            if config.answer >= OTHER && self.possible.iter().all(|&(known, _)| known != config.answer) {
                let changed = config.changed.map(|op| self.entry(op as usize).id);
                self.possible.push((config.answer, changed));
            }
        }
        Ok(all)
    }

    /// The state in which the sweep begins.
    fn begins(&self) -> M::State {
        let initial = self.model.init();
        let Some((_, write)) = self.prefix.start else { return initial };
        let after = self.model.step(&initial, &self.entry(write).op).into_iter().next();
        after.expect("a write is possible in every state")
    }

    /// What was found beside the configurations: the operation at whose return the last order ends that has the last
    /// operation, the answers, and whether these are all.
    #[allow(clippy::type_complexity, reason = "three things that are told once")]
    pub(super) fn found(&self) -> (Option<OpId>, Vec<(M::Op, Option<OpId>)>, bool) {
        let answer = |&(answer, changed): &(u32, Option<OpId>)| {
            (self.answers[(answer - OTHER) as usize].clone(), changed)
        };
        let furthest = self.furthest.map(|at| self.entry(at).id);
        (furthest, self.possible.iter().map(answer).collect(), !self.is_any_untold)
    }

    fn entry(&self, at: usize) -> &'a Entry<M::Op> {
        &self.prefix.part.entries[at]
    }

    /// Calls what is called before an operation returns.
    fn call_until(&mut self, returning: usize) {
        let ret = self.entry(returning).ret;
        let entries = &self.prefix.part.entries;
        while self.called < entries.len() && ret.is_none_or(|ret| entries[self.called].call < ret) {
            let at = self.called;
            self.called += 1;
            if at == self.prefix.last {
                self.is_last_called = true;
            } else if self.prefix.is_required(at) {
                self.open.push(number(at));
            } else if let Some(kind) = self.prefix.kind_of(at) {
                self.available[kind] += 1;
            }
        }
    }

    /// All that follow from some configurations, until an operation has taken effect; and those with which it has. Where there
    /// is none, until the last one has.
    #[allow(clippy::type_complexity, reason = "what was seen, and what comes next")]
    fn expand(
        &mut self,
        level: Antichain<M::State>,
        until: Option<u32>,
    ) -> Result<(Antichain<M::State>, Antichain<M::State>), Undetermined> {
        let (mut seen, mut next) = (Antichain::new(), Antichain::new());
        for config in level.into_configs() {
            let config = self.looked(config);
            seen.insert(config);
        }
        let mut found = Vec::new();
        let mut at = 0;
        while at < seen.len() {
            let Some(config) = seen.get(at) else {
                at += 1;
                continue;
            };
            at += 1;
            self.look(&seen, &next)?;
            if let Some(place) = until.and_then(|until| config.done.binary_search(&until).ok()) {
                let mut config = config.clone();
                config.done.remove(place);
                next.insert(config);
                continue;
            }
            // An order that has all that it must have.
            if until.is_none() && config.answer != NONE {
                continue;
            }
            let config = config.clone();
            self.follow(&config, &mut found);
            for config in found.drain(..) {
                let config = self.looked(config);
                seen.insert(config);
            }
        }
        Ok((seen, next))
    }

    /// Whether there is time and room to go on.
    fn look(&mut self, seen: &Antichain<M::State>, next: &Antichain<M::State>) -> Result<(), Undetermined> {
        self.steps += 1;
        if self.steps > self.limits.configurations {
            return Err(Undetermined::TooMany);
        }
        if self.steps < self.looked_at + LOOK {
            return Ok(());
        }
        self.looked_at = self.steps;
        if !(self.goes_on)() {
            return Err(Undetermined::Time);
        }
        let heap = seen.configs().next().map_or(0, |config| self.model.heap(&config.state));
        let each = 2 * size_of::<Config<M::State>>() + heap;
        let holds = (seen.len() + next.len()) * each;
        let fits = self.limits.memory.change(self.held, holds);
        self.held = holds;
        if fits { Ok(()) } else { Err(Undetermined::Memory) }
    }

    /// What follows from a configuration by one operation.
    fn follow(&mut self, config: &Config<M::State>, found: &mut Vec<Config<M::State>>) {
        for &op in &self.open {
            if let Err(place) = config.done.binary_search(&op) {
                for mut next in self.after(config, &self.entry(op as usize).op, op) {
                    next.done.insert(place, op);
                    found.push(next);
                }
            }
        }
        for (kind, &available) in self.available.iter().enumerate() {
            let kind = number(kind);
            let (from, to) = (
                config.used.partition_point(|&used| used < kind),
                config.used.partition_point(|&used| used <= kind),
            );
            if to - from < available as usize {
                let op = self.prefix.kinds[kind as usize][to - from];
                for mut next in self.after(config, &self.entry(op).op, number(op)) {
                    next.used.insert(to, kind);
                    found.push(next);
                }
            }
        }
        self.steps += (self.open.len() + self.available.len()) as u64;
        if self.is_last_called && config.answer == NONE {
            self.answer(config, found);
        }
    }

    /// The configuration after an operation.
    fn after(
        &self,
        config: &Config<M::State>,
        op: &M::Op,
        at: u32,
    ) -> impl Iterator<Item = Config<M::State>> + use<'_, 'a, M> {
        let (before, is_look) = (config.clone(), self.model.observes(op));
        let states: Vec<_> = self.model.step(&config.state, op).into_iter().collect();
        states.into_iter().map(move |state| {
            let mut next = Config { state, ..before.clone() };
            if next.answer == NONE && !is_look {
                next.changed = Some(at);
            }
            next
        })
    }

    /// The last operation takes effect, with each answer that it could be given.
    fn answer(&mut self, config: &Config<M::State>, found: &mut Vec<Config<M::State>>) {
        let given = &self.entry(self.prefix.last).op;
        let mut take = |op: &M::Op, answer: u32| {
            let states = self.model.step(&config.state, op).into_iter();
            found.extend(states.map(|state| Config { state, answer, ..config.clone() }));
        };
        take(given, AS_IT_WAS);
        let Some(answers) = self.model.answers(&config.state, self.asked) else {
            self.is_any_untold = true;
            return;
        };
        for op in answers.into_iter().filter(|op| op != given) {
            let known = self.answers.iter().position(|known| *known == op);
            let known = known.unwrap_or_else(|| {
                self.answers.push(op);
                self.answers.len() - 1
            });
            take(&self.answers[known], OTHER + number(known));
        }
    }

    /// The configuration once all have looked that only look: who does so at once is no worse off.
    fn looked(&self, mut config: Config<M::State>) -> Config<M::State> {
        for &op in &self.open {
            if let Err(place) = config.done.binary_search(&op)
                && self.model.observes(&self.entry(op as usize).op)
                && self.model.step(&config.state, &self.entry(op as usize).op).into_iter().next().is_some()
            {
                config.done.insert(place, op);
            }
        }
        config
    }
}

fn number(at: usize) -> u32 {
    u32::try_from(at).expect("fewer than 2^32 operations")
}
