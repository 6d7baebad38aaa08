//! The window search: any model, numbers in, order out.
//!
//! A configuration is (return event, state, which open operations are linearized, how many of each kind of crashed
//! ones were spent): its size follows the concurrency of the part, not its length. The search goes depth first over
//! return events and linearizes something only where the next return asks for it (Lowe 2017; ALGORITHMS §B). It may be
//! wrong about *no*, never about *yes*: every yes is verified by whoever calls it.

mod cursor;
mod dead;
mod register;
mod seen;
mod spent;
mod window;

use seriatim_model::{Model, Part};

use self::cursor::Cursor;
use self::dead::{DEAD, Deadness};
use self::register::RegisterPart;
use self::seen::Seen;
use self::spent::{Spent, SpentId};
use self::window::{Wide, Window};
use crate::limits::{Limits, StopReason};
use crate::numbered::Numbered;
use crate::table::{Outcomes, StateId, Table};
use crate::verdict::Reached;

/// Which reductions the search makes; all by default. Each can be switched off in tests: none changes a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reductions {
    /// An open operation that only observes is linearized as soon as it is legal.
    pub eager_observers: bool,
    /// A configuration is left where one was entered that can do all it can.
    pub dominance: bool,
    /// Of equal operations only one is tried: the one that returns first, or was called first.
    pub symmetry: bool,
    /// Values that nobody will ask for again are taken for one.
    pub dead_writes: bool,
    /// Nothing is linearized once the operation that returns is.
    pub just_in_time: bool,
    /// The search of a register ends where it comes to a read that is impossible by itself.
    pub impossible_reads: bool,
}

impl Default for Reductions {
    fn default() -> Self {
        Self {
            eager_observers: true,
            dominance: true,
            symmetry: true,
            dead_writes: true,
            just_in_time: true,
            impossible_reads: true,
        }
    }
}

/// What a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) answer: Answer,
    pub(crate) reached: Reached,
}

/// The answer of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// An order: operations of the part, each with which of its outcomes followed.
    Yes(Vec<(u32, u32)>),
    /// None; the number of the return that no order reaches.
    No(usize),
    /// The limits were met.
    Stopped(StopReason),
}

/// Searches a part.
pub(crate) fn search<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    numbered: &Numbered,
    limits: &Limits<'_>,
    reductions: Reductions,
    progress: &dyn Fn(Reached),
) -> Found {
    let (slots, width) = numbered.slots();
    let mut table = Table::new(model, part, &numbered.classes);
    let register = RegisterPart::new(model, part, numbered);
    let dead = register.as_ref().filter(|_| reductions.dead_writes);
    let dead = dead.and_then(|register| Deadness::new(&register.accesses, numbered, &mut table));
    let impossible = register.as_ref().filter(|_| reductions.impossible_reads);
    let impossible = impossible.and_then(|register| register.first_impossible(numbered));
    let setup = Setup { impossible, numbered, slots: &slots, width, limits, reductions, progress };
    match width {
        0..=64 => setup.run::<u64>(table, dead),
        65..=128 => setup.run::<u128>(table, dead),
        _ => setup.run::<Wide>(table, dead),
    }
}

#[derive(Clone, Copy)]
struct Setup<'a> {
    /// A return that no order reaches, as is known beforehand.
    impossible: Option<usize>,
    numbered: &'a Numbered,
    slots: &'a [u32],
    width: u32,
    limits: &'a Limits<'a>,
    reductions: Reductions,
    progress: &'a dyn Fn(Reached),
}

impl Setup<'_> {
    fn run<W: Window>(self, table: Table<'_>, dead: Option<Deadness>) -> Found {
        let observer: Vec<_> =
            (0..self.numbered.classes.len() as u32).map(|class| table.observes(class)).collect();
        // An operation that only observes and may never have happened says nothing.
        let useful = |op: u32| !observer[self.numbered.ops[op as usize].class as usize];
        let cursor: Cursor<'_, W> =
            Cursor::new(self.numbered, self.slots, self.width, &observer, self.reductions.symmetry, useful);
        let seen = Seen::new(self.width, self.reductions.dominance);
        let reached = Reached {
            returns: 0,
            of: self.numbered.returns.len(),
            width: self.width as usize,
            indeterminate: self.numbered.indeterminate(),
            configurations: 0,
        };
        let mut search = Search {
            setup: self,
            table,
            dead,
            cursor,
            seen,
            spent: Spent::new(),
            frames: Vec::new(),
            reached,
            log: None,
            charged: 0,
            next_look: LOOK,
        };
        let answer = search.run();
        self.limits.memory.change(search.charged, 0);
        Found { answer, reached: search.reached }
    }
}

/// A configuration at which the operation that returns is not linearized yet.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Config<W> {
    event: u32,
    state: StateId,
    linearized: W,
    spent: SpentId,
}

/// How a configuration was left: an open operation or a kind of crashed ones, and which of the outcomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decision {
    Start,
    Open {
        op: u32,
        outcome: u32,
    },
    Crashed {
        kind: u32,
        outcome: u32,
    },
    /// Only without [`Reductions::just_in_time`]: the operation that returned is linearized; on to the next return.
    Advance,
}

struct Frame<W> {
    config: Config<W>,
    /// What led here.
    decision: Decision,
    /// What to try next: first the open operations by return, then the kinds of crashed ones.
    candidate: u32,
    outcome: u32,
}

struct Search<'a, W> {
    setup: Setup<'a>,
    table: Table<'a>,
    dead: Option<Deadness>,
    cursor: Cursor<'a, W>,
    seen: Seen<W>,
    spent: Spent,
    /// The path to the configuration at hand.
    frames: Vec<Frame<W>>,
    reached: Reached,
    /// Where a found path is told: operations and their outcomes.
    log: Option<Vec<(u32, u32)>>,
    /// Bytes that are charged to the limits.
    charged: usize,
    /// The work after which to look at the limits again.
    next_look: u64,
}

/// What became of a configuration once everything that follows from it was done.
enum Settled<W> {
    /// It waits for a decision.
    At(Config<W>),
    /// Everything that returned is linearized.
    Done,
}

/// How many configurations are entered between two looks at the limits, or work as long as that is done.
const LOOK: u64 = 1 << 12;

/// How many comparisons of configurations take about as long as entering one.
const COMPARED: u64 = 1 << 4;

impl<W: Window> Search<'_, W> {
    fn run(&mut self) -> Answer {
        if self.setup.numbered.returns.is_empty() {
            return Answer::Yes(Vec::new());
        }
        if let Some(reason) = self.setup.limits.stop.requested() {
            return Answer::Stopped(reason);
        }
        if let Some(answer) = self.enter(self.start(), Decision::Start) {
            return answer;
        }
        while let Some(frame) = self.frames.last() {
            self.cursor.seek(frame.config.event);
            let Some((decision, next)) = self.next_decision() else {
                self.frames.pop();
                continue;
            };
            if let Some(answer) = self.enter(next, decision) {
                return answer;
            }
        }
        Answer::No(self.reached.returns)
    }

    /// Enters what a decision leads to, unless it was entered before. An answer ends the search.
    fn enter(&mut self, config: Config<W>, decision: Decision) -> Option<Answer> {
        let config = match self.settle(config) {
            Settled::Done => return Some(Answer::Yes(self.tell(decision))),
            Settled::At(config) => config,
        };
        if self.reached.configurations >= self.setup.limits.configurations {
            return Some(Answer::Stopped(StopReason::Configurations));
        }
        let observers = config.linearized.and(self.cursor.observers());
        let mutators = config.linearized.without(self.cursor.observers());
        if !self.seen.enter(config.event, config.state, mutators, observers, config.spent, &self.spent) {
            return self.look_now_and_then();
        }
        self.reached.returns = self.reached.returns.max(config.event as usize);
        // Everything before it has an order, and nothing that includes it has: that is the shortest prefix without one.
        if self.setup.impossible == Some(config.event as usize) {
            return Some(Answer::No(config.event as usize));
        }
        self.frames.push(Frame { config, decision, candidate: 0, outcome: 0 });
        self.reached.configurations += 1;
        self.look_now_and_then()
    }

    fn look_now_and_then(&mut self) -> Option<Answer> {
        let work = self.reached.configurations + self.seen.compared() / COMPARED;
        if work < self.next_look {
            return None;
        }
        self.next_look = work + LOOK;
        self.look()
    }

    /// Looks at the limits.
    fn look(&mut self) -> Option<Answer> {
        if let Some(reason) = self.setup.limits.stop.requested() {
            return Some(Answer::Stopped(reason));
        }
        let path = self.frames.capacity() * (size_of::<Frame<W>>() + W::heap(self.setup.width));
        let bytes = self.table.bytes(LOOK as usize) + self.seen.bytes() + self.spent.bytes() + path;
        let fits = self.setup.limits.memory.change(self.charged, bytes);
        self.charged = bytes;
        if !fits {
            return Some(Answer::Stopped(StopReason::Memory));
        }
        (self.setup.progress)(self.reached);
        None
    }

    /// The next way to leave the configuration on top, and what it leads to before anything follows from it.
    fn next_decision(&mut self) -> Option<(Decision, Config<W>)> {
        loop {
            let frame = self.frames.last().expect("a configuration is at hand");
            let (candidate, outcome) = (frame.candidate, frame.outcome);
            let config = frame.config.clone();
            let decision = self.candidate(&config, candidate)?;
            let found = decision.and_then(|decision| self.apply(&config, decision, outcome));
            let frame = self.frames.last_mut().expect("a configuration is at hand");
            match found {
                Some(found) => {
                    frame.outcome += 1;
                    return Some(found);
                }
                None => {
                    frame.candidate += 1;
                    frame.outcome = 0;
                }
            }
        }
    }

    /// What the candidate with this number is: nothing where it is not to be tried, `None` after the last.
    #[allow(
        clippy::option_option,
        reason = "the end of the candidates is not the same as one that is left out"
    )]
    fn candidate(&self, config: &Config<W>, candidate: u32) -> Option<Option<Decision>> {
        let at = candidate as usize;
        let is_linearized = |op: u32| config.linearized.has(self.setup.slots[op as usize]);
        let class = |op: u32| self.setup.numbered.ops[op as usize].class;
        if let Some(op) = self.cursor.by_return(at) {
            if is_linearized(op) {
                let is_returning = at == 0 && !self.setup.reductions.just_in_time;
                return Some(is_returning.then_some(Decision::Advance));
            }
            if self.setup.reductions.eager_observers
                && self.cursor.observers().has(self.setup.slots[op as usize])
            {
                // It would be linearized if it were legal.
                return Some(None);
            }
            // Of equal operations the one that returns first serves for all (exchange them in any order that has it later).
            let mut earlier = (0..at).filter_map(|at| self.cursor.by_return(at));
            let is_repeated = self.setup.reductions.symmetry
                && earlier.any(|other| class(other) == class(op) && !is_linearized(other));
            return Some((!is_repeated).then_some(Decision::Open { op, outcome: 0 }));
        }
        let kind = at - self.cursor.open().len();
        if kind >= self.cursor.kinds() {
            return None;
        }
        let kind = kind as u32;
        let is_left = self.spent.count(config.spent, kind) < self.cursor.available(kind);
        let class = self.cursor.crashed(kind).class;
        let is_useless = self.dead.as_ref().is_some_and(|dead| dead.puts_dead(class, self.cursor.ret()));
        Some((is_left && !is_useless).then_some(Decision::Crashed { kind, outcome: 0 }))
    }

    /// Does what a candidate says, with one of its outcomes; `None` where it has no such outcome.
    fn apply(
        &mut self,
        config: &Config<W>,
        decision: Decision,
        outcome: u32,
    ) -> Option<(Decision, Config<W>)> {
        let mut next = config.clone();
        let decision = match decision {
            Decision::Start => return None,
            Decision::Advance => {
                next.linearized.remove(self.setup.slots[self.cursor.returning() as usize]);
                next.event += 1;
                return (outcome == 0).then_some((decision, next));
            }
            Decision::Open { op, .. } => {
                let class = self.setup.numbered.ops[op as usize].class;
                let outcomes = self.step(config.state, class);
                next.state = self.table.outcome(outcomes, outcome)?;
                self.absorb(class, &mut next);
                next.linearized.insert(self.setup.slots[op as usize]);
                self.log_operation(op, outcome);
                Decision::Open { op, outcome }
            }
            Decision::Crashed { kind, .. } => {
                let class = self.cursor.crashed(kind).class;
                let outcomes = self.step(config.state, class);
                let state = self.table.outcome(outcomes, outcome)?;
                self.absorb(class, &mut next);
                if let Some(log) = &mut self.log {
                    let used = self.spent.count(config.spent, kind) as usize;
                    log.push((self.cursor.crashed(kind).ops[used], outcome));
                }
                next.state = state;
                next.spent = self.spent.add(config.spent, kind);
                Decision::Crashed { kind, outcome }
            }
        };
        Some((decision, self.canonical(next)))
    }

    fn step(&mut self, state: StateId, class: u32) -> Outcomes {
        if state == DEAD {
            let dead = self.dead.as_ref().expect("there is a dead state only where values can be dead");
            return dead.blind(class).map_or(Outcomes::None, Outcomes::One);
        }
        self.table.next(state, class)
    }

    fn canonical(&mut self, config: Config<W>) -> Config<W> {
        let ret = self.cursor.ret();
        match &mut self.dead {
            Some(dead) => Config { state: dead.canonical(config.state, ret, &self.table), ..config },
            None => config,
        }
    }

    /// Where a blind write is linearized, open writes of dead values are too: just before it.
    fn absorb(&mut self, class: u32, next: &mut Config<W>) {
        if self.dead.as_ref().is_some_and(|dead| dead.blind(class).is_some()) {
            // The write itself comes last, also where it is one of them: its own slot is set by whoever linearizes it.
            self.linearize_dead_writes(next, Some(class));
        }
    }

    fn linearize_dead_writes(&mut self, next: &mut Config<W>, but: Option<u32>) {
        let ret = self.cursor.ret();
        let Some(dead) = &self.dead else { return };
        for &op in self.cursor.open() {
            let class = self.setup.numbered.ops[op as usize].class;
            let slot = self.setup.slots[op as usize];
            if Some(class) != but
                && dead.blind(class).is_some()
                && dead.puts_dead(class, ret)
                && !next.linearized.has(slot)
            {
                next.linearized.insert(slot);
                if let Some(log) = &mut self.log {
                    log.push((op, 0));
                }
            }
        }
    }

    /// Linearizes open observers that are legal.
    fn observe(&mut self, config: &mut Config<W>) {
        for at in 0..self.cursor.open().len() {
            let op = self.cursor.open()[at];
            let slot = self.setup.slots[op as usize];
            if !self.cursor.observers().has(slot) || config.linearized.has(slot) {
                continue;
            }
            if self.step(config.state, self.setup.numbered.ops[op as usize].class) != Outcomes::None {
                config.linearized.insert(slot);
                self.log_operation(op, 0);
            }
        }
    }

    /// Does everything that follows from a configuration without a decision: observers that are legal, writes that
    /// change nothing, and returns of what is linearized.
    fn settle(&mut self, mut config: Config<W>) -> Settled<W> {
        loop {
            self.cursor.seek(config.event);
            config = self.canonical(config);
            if config.state == DEAD {
                // From one dead value to another: nothing changes.
                self.linearize_dead_writes(&mut config, None);
            }
            if self.setup.reductions.eager_observers {
                self.observe(&mut config);
            }
            let returning = self.setup.slots[self.cursor.returning() as usize];
            if !config.linearized.has(returning) {
                return Settled::At(config);
            }
            if config.event as usize + 1 == self.setup.numbered.returns.len() {
                return Settled::Done;
            }
            if !self.setup.reductions.just_in_time {
                return Settled::At(config);
            }
            config.linearized.remove(returning);
            config.event += 1;
        }
    }

    /// Goes the path that was found once more, and tells what is linearized on it.
    fn tell(&mut self, last: Decision) -> Vec<(u32, u32)> {
        self.log = Some(Vec::new());
        let frames = std::mem::take(&mut self.frames);
        self.cursor.seek(0);
        let mut settled = self.settle(self.start());
        for decision in frames
            .iter()
            .map(|frame| frame.decision)
            .skip(1)
            .chain([last])
            .filter(|&decision| decision != Decision::Start)
        {
            let Settled::At(config) = settled else { break };
            let outcome = match decision {
                Decision::Start | Decision::Advance => 0,
                Decision::Open { outcome, .. } | Decision::Crashed { outcome, .. } => outcome,
            };
            let (_, next) =
                self.apply(&config, decision, outcome).expect("a decision that was made can be made again");
            settled = self.settle(next);
        }
        self.log.take().expect("the log was opened")
    }

    fn log_operation(&mut self, op: u32, outcome: u32) {
        if let Some(log) = &mut self.log {
            log.push((op, outcome));
        }
    }

    fn start(&self) -> Config<W> {
        Config {
            event: 0,
            state: Table::INITIAL,
            linearized: W::empty(self.setup.width),
            spent: Spent::NOTHING,
        }
    }
}
