//! One worker of a search: depth first from where it stands, giving work away when others have none.

use std::sync::PoisonError;

use super::Answer;
use super::config::{Config, Decision, Step};
use super::cursor::{Cursor, Traits};
use super::dead::{DEAD, Deadness};
use super::seen::{Key, Point, Seen};
use super::shared::{LOOK, Shared, Task};
use super::spent::{Spent, SpentId};
use super::window::Window;
use crate::limits::StopReason;
use crate::table::{Outcomes, StateId, Table};
use crate::verdict::Reached;

/// How many comparisons of configurations take about as long as entering one.
const COMPARED: u64 = 1 << 4;

/// How many configurations a worker enters between two looks whether somebody has nothing to do.
const GIFTS: u64 = 1 << 6;

/// How many configurations of each return the first sweep keeps.
const BEAM: usize = 1 << 3;

/// How many frames a worker gives away at once, at the most.
const GIVEN: usize = 1 << 5;

/// A configuration on the path, and what is left to try from it.
#[derive(Clone)]
pub(super) struct Frame<W> {
    config: Config<W>,
    /// What led here.
    step: Step,
    /// Its candidates, among those of all frames; none are listed before the operation that returns was tried.
    start: u32,
    end: u32,
    /// The candidate to try next.
    at: u32,
    outcome: u32,
    is_listed: bool,
}

/// One worker.
pub(super) struct Worker<'s, 'a, W> {
    pub(super) shared: &'s Shared<'a, W>,
    table: Table<'s, 'a>,
    dead: Option<Deadness>,
    cursor: Cursor<'s, W>,
    /// The path to the configuration at hand.
    frames: Vec<Frame<W>>,
    /// The candidates of all frames, those of the last frame last.
    candidates: Vec<Decision>,
    /// Those that are tried after the others, while a frame's candidates are listed.
    later: Vec<Decision>,
    /// For each class, the last listing in which an open operation of it stood.
    listed: Vec<u32>,
    /// For each value of a register, the last listing in which somebody needed it.
    needed: Vec<u32>,
    /// For each value of a register, the last listing in which a crashed compare-and-set leads to it.
    swapped: Vec<u32>,
    listing: u32,
    /// Where a found path is told: operations and their outcomes.
    log: Option<Vec<(u32, u32)>>,
    /// Bytes of its own that are charged to the limits.
    charged: usize,
    /// Configurations that it may still enter before it asks again.
    granted: u64,
    entered: u64,
    compared: u64,
    /// The work after which to look at the limits again.
    next_look: u64,
    /// The configurations after which to look again whether work is to be given away.
    next_gift: u64,
    /// How long nobody must have come further until the next sweep.
    next_sweep: u64,
    /// The furthest return that any worker had reached, and how many configurations this one had entered by then.
    furthest: (usize, u64),
    has_help: bool,
}

/// What became of a configuration once everything that follows from it was done.
pub(super) enum Settled<W> {
    /// It waits for a decision.
    At(Config<W>),
    /// Everything that returned is linearized.
    Done,
}

impl<'s, 'a, W: Window> Worker<'s, 'a, W> {
    pub(super) fn new(
        shared: &'s Shared<'a, W>,
        table: Table<'s, 'a>,
        dead: Option<Deadness>,
        traits: &'s Traits,
    ) -> Self {
        let setup = shared.setup;
        let cursor = Cursor::new(setup.numbered, setup.slots, setup.width, traits, setup.reductions.symmetry);
        let values = setup.uses.map_or(0, super::uses::Uses::values);
        Self {
            shared,
            table,
            dead,
            cursor,
            frames: Vec::new(),
            candidates: Vec::new(),
            later: Vec::new(),
            listed: vec![0; setup.numbered.classes.len()],
            needed: vec![0; values],
            swapped: vec![0; values],
            listing: 0,
            log: None,
            charged: 0,
            granted: 0,
            entered: 0,
            compared: 0,
            next_look: LOOK,
            next_gift: 0,
            next_sweep: 0,
            furthest: (0, 0),
            has_help: false,
        }
    }

    /// Enters the first configuration, and searches from it. `call_for_help` is asked for helpers once the search turns
    /// out to be long.
    pub(super) fn begin(&mut self, call_for_help: &dyn Fn()) {
        if self.shared.setup.numbered.returns.is_empty() {
            return self.shared.finish(Answer::Yes(Vec::new()));
        }
        if let Some(reason) = self.shared.stopped() {
            return self.shared.finish(Answer::Stopped(reason));
        }
        let start = Step { decision: Decision::Start, outcome: 0 };
        if let Some(answer) = self.enter(self.start(), start) {
            self.shared.finish(answer);
        }
        self.work(Some(call_for_help));
    }

    /// Searches with what others give away.
    pub(super) fn help(&mut self) {
        self.shared.join();
        self.has_help = true;
        self.work(None);
    }

    fn work(&mut self, call_for_help: Option<&dyn Fn()>) {
        while !self.shared.is_done() {
            if let Some(answer) = self.search(call_for_help) {
                self.shared.finish(answer);
            }
            let Some(task) = self.shared.take() else { break };
            self.frames = task.frames;
            self.candidates = task.candidates;
        }
        self.shared.give_back(std::mem::take(&mut self.granted));
        self.shared.setup.limits.memory.change(std::mem::take(&mut self.charged), 0);
    }

    /// Searches from the path at hand until an answer is found, or there is nothing left on it.
    fn search(&mut self, call_for_help: Option<&dyn Fn()>) -> Option<Answer> {
        while let Some(frame) = self.frames.last() {
            self.cursor.seek(frame.config.event);
            let Some((step, next)) = self.next_step() else {
                let frame = self.frames.pop().expect("a configuration is at hand");
                self.candidates.truncate(frame.start as usize);
                continue;
            };
            if let Some(answer) = self.enter(next, step) {
                return Some(answer);
            }
            if self.entered >= self.next_gift {
                if self.shared.is_done() {
                    return None;
                }
                self.next_gift = self.entered + GIFTS;
                if self.is_stuck() {
                    if !std::mem::replace(&mut self.has_help, true)
                        && let Some(call) = call_for_help
                    {
                        call();
                    }
                    if self.shared.is_anybody_hungry() {
                        self.give();
                    }
                    if let Some(answer) = self.sweep_now_and_then() {
                        return Some(answer);
                    }
                }
            }
        }
        None
    }

    /// Whether nobody has come further for long: as long as somebody does, there is nothing to help with.
    fn is_stuck(&mut self) -> bool {
        let reached = self.shared.reached();
        if reached > self.furthest.0 {
            self.furthest = (reached, self.entered);
        }
        self.entered - self.furthest.1 >= self.shared.setup.alone
    }

    /// Sweeps from further and further back, the longer nobody has come further.
    fn sweep_now_and_then(&mut self) -> Option<Answer> {
        let stuck = self.entered - self.furthest.1;
        let patience = (4 * self.shared.setup.alone).max(1);
        if stuck < self.next_sweep.max(patience) {
            if stuck < patience {
                self.next_sweep = patience;
            }
            return None;
        }
        self.next_sweep = stuck * 4;
        let times = usize::try_from(stuck / patience).expect("a number of configurations");
        let width = times * BEAM;
        let back = 4 * self.shared.setup.width as usize * times;
        let event = self.furthest.0.saturating_sub(back);
        let from = self.frames.partition_point(|frame| (frame.config.event as usize) < event);
        let from = if event == 0 { 0 } else { from.min(self.frames.len() - 1) };
        if let super::beam::Swept::Answer(answer) = self.sweep(from, width, stuck) {
            return Some(answer);
        }
        None
    }

    /// Gives the oldest half of what is left to try away, where somebody has nothing to do.
    fn give(&mut self) {
        // Frames that were tried by their first candidate only have their others listed now.
        let unlisted: Vec<usize> = (0..self.frames.len()).filter(|&at| !self.frames[at].is_listed).collect();
        let open = |frame: &Frame<W>| frame.is_listed && frame.at + 1 < frame.end;
        let listed = self.frames.iter().filter(|frame| open(frame)).count();
        let wanted = ((listed + unlisted.len()) / 2).clamp(1, GIVEN);
        let mut task = Task { frames: Vec::new(), candidates: Vec::new() };
        let mut given = 0;
        for at in 0..self.frames.len().saturating_sub(1) {
            if given == wanted {
                break;
            }
            if !self.frames[at].is_listed {
                // Its candidates are listed apart: the place behind its own is taken by those of later frames.
                let config = self.frames[at].config.clone();
                self.cursor.seek(config.event);
                let start = self.candidates.len();
                self.list(&config);
                let mut its = self.candidates.split_off(start);
                // The operation that returns may have outcomes that were not tried.
                its.splice(0..0, self.first(&config));
                let outcome = self.frames[at].outcome;
                let frame = &mut self.frames[at];
                frame.is_listed = true;
                (frame.at, frame.end) = (frame.start, frame.start);
                self.push(&mut task, at, &its);
                task.frames.last_mut().expect("a frame was pushed").outcome = outcome;
                given += usize::from(!its.is_empty());
            } else if open(&self.frames[at]) {
                let (from, to) = (self.frames[at].at as usize + 1, self.frames[at].end as usize);
                let its = self.candidates[from..to].to_vec();
                self.frames[at].end = self.frames[at].at + 1;
                self.push(&mut task, at, &its);
                given += 1;
            } else {
                self.push(&mut task, at, &[]);
            }
        }
        while task.frames.last().is_some_and(|frame| frame.at == frame.end) {
            task.frames.pop();
        }
        // Giving costs as much as the path is long.
        self.next_gift = self.entered + GIFTS + self.frames.len() as u64;
        if !task.frames.is_empty() {
            self.shared.offer(task);
        }
    }

    /// Puts a frame on a path that is given away, with these candidates.
    fn push(&self, task: &mut Task<W>, at: usize, candidates: &[Decision]) {
        let place = |len: usize| u32::try_from(len).expect("fewer than 2^32 candidates");
        let start = place(task.candidates.len());
        task.candidates.extend_from_slice(candidates);
        let end = place(task.candidates.len());
        let frame = &self.frames[at];
        task.frames.push(Frame { start, end, at: start, outcome: 0, is_listed: true, ..frame.clone() });
    }

    /// Enters what a step leads to, unless that is needless. An answer ends the search.
    fn enter(&mut self, config: Config<W>, step: Step) -> Option<Answer> {
        let config = match self.settle(config) {
            Settled::Done => return Some(Answer::Yes(self.tell(step))),
            Settled::At(config) => config,
        };
        if self.granted == 0 {
            self.granted = self.shared.grant();
            if self.granted == 0 {
                return Some(Answer::Stopped(StopReason::Configurations));
            }
        }
        let (key, point) = self.describe(&config);
        let hideable = self.hideable(&config);
        let shared = self.shared;
        let entered = shared.enter(key, point, &hideable, |a, b| self.at_most(a, b));
        self.compared += entered.compared as u64;
        if !entered.is_new {
            return self.look_now_and_then();
        }
        let event = config.event as usize;
        shared.reach(event);
        // Everything before it has an order, and nothing that includes it has: that is the shortest prefix without one.
        if shared.setup.impossible == Some(event) {
            return Some(Answer::No(event));
        }
        let start = u32::try_from(self.candidates.len()).expect("fewer than 2^32 candidates");
        self.frames.push(Frame { config, step, start, end: start, at: start, outcome: 0, is_listed: false });
        self.entered += 1;
        self.granted -= 1;
        self.look_now_and_then()
    }

    /// A configuration as it is compared with others.
    fn describe(&self, config: &Config<W>) -> (Key<W>, Point<W>) {
        let (observers, blind) = (self.cursor.observers(), self.cursor.blind());
        let rigid = config.linearized.without(observers).without(blind);
        let key = Key { event: config.event, state: config.state, rigid };
        let (observers, writes) = (config.linearized.and(observers), config.linearized.and(blind));
        (key, Point { observers, writes, spent: config.spent })
    }

    /// Whether who used `a` has as much of every kind left as who used `b`, or more than can be of use.
    fn at_most(&self, a: SpentId, b: SpentId) -> bool {
        if a == b || a == Spent::NOTHING {
            return true;
        }
        let setup = &self.shared.setup;
        let uses = setup.uses.filter(|_| setup.reductions.demand);
        let enough = |kind: u32, used: u32| {
            let left = (self.cursor.available(kind) - used) as usize;
            uses.is_some_and(|uses| left >= uses.demand(self.cursor.crashed(kind).class, self.cursor.ret()))
        };
        self.shared.spent.read().unwrap_or_else(PoisonError::into_inner).at_most(a, b, enough)
    }

    /// Enters a configuration into a memory of its own; `false` where it is needless.
    pub(super) fn enter_into(&self, seen: &mut Seen<W>, config: &Config<W>) -> bool {
        let (key, point) = self.describe(config);
        seen.enter(key, point, &self.hideable(config), |a, b| self.at_most(a, b)).is_new
    }

    /// How much a configuration has used up: of two, the one that used less is the better guess.
    pub(super) fn cost(&self, config: &Config<W>) -> (u32, usize) {
        let spent = self.shared.spent.read().unwrap_or_else(PoisonError::into_inner);
        let used = spent.counts(config.spent).iter().map(|&(_, count)| count).sum();
        (used, config.linearized.slots().count())
    }

    /// The configuration of a frame of the path, and what led there.
    pub(super) fn on_path(&self, frame: usize) -> (Config<W>, Step) {
        (self.frames[frame].config.clone(), self.frames[frame].step)
    }

    /// Moves the cursor to a return.
    pub(super) fn cursor_to(&mut self, event: u32) {
        self.cursor.seek(event);
    }

    /// Everything that a configuration leads to.
    pub(super) fn successors(&mut self, config: &Config<W>) -> Vec<(Step, Settled<W>)> {
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

    /// The linearized blind writes that could as well be hidden later: one that returns earlier is still to come.
    fn hideable(&self, config: &Config<W>) -> W {
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

    fn look_now_and_then(&mut self) -> Option<Answer> {
        let work = self.entered + self.compared / COMPARED;
        if work < self.next_look {
            return None;
        }
        self.next_look = work + LOOK;
        self.look()
    }

    /// Looks at the limits.
    fn look(&mut self) -> Option<Answer> {
        let setup = &self.shared.setup;
        if let Some(reason) = self.shared.stopped() {
            return Some(Answer::Stopped(reason));
        }
        let frame = size_of::<Frame<W>>() + W::heap(setup.width);
        let bytes = self.frames.capacity() * frame
            + self.candidates.capacity() * size_of::<Decision>()
            + self.table.bytes(LOOK as usize);
        let fits = setup.limits.memory.change(self.charged, bytes);
        self.charged = bytes;
        if !(fits && self.shared.charge()) {
            return Some(Answer::Stopped(StopReason::Memory));
        }
        (setup.progress)(Reached {
            returns: self.shared.reached(),
            configurations: self.shared.configurations(),
            ..setup.reached
        });
        None
    }

    /// The next way to leave the configuration on top, and what it leads to before anything follows from it.
    fn next_step(&mut self) -> Option<(Step, Config<W>)> {
        loop {
            let frame = self.frames.last().expect("a configuration is at hand");
            let decision = if !frame.is_listed {
                self.first(&frame.config)
            } else if frame.at < frame.end {
                Some(self.candidates[frame.at as usize])
            } else {
                return None;
            };
            let (config, outcome) = (frame.config.clone(), frame.outcome);
            let found = decision.and_then(|decision| self.apply(&config, decision, outcome));
            let frame = self.frames.last_mut().expect("a configuration is at hand");
            if let Some(found) = found {
                frame.outcome += 1;
                return Some(found);
            }
            frame.outcome = 0;
            if frame.is_listed {
                frame.at += 1;
                continue;
            }
            frame.is_listed = true;
            self.list(&config);
            let end = u32::try_from(self.candidates.len()).expect("fewer than 2^32 candidates");
            self.frames.last_mut().expect("a configuration is at hand").end = end;
        }
    }

    /// What is tried before anything else: the operation that returns.
    fn first(&self, config: &Config<W>) -> Option<Decision> {
        let op = self.cursor.returning();
        if config.linearized.has(self.shared.setup.slots[op as usize]) {
            return (!self.shared.setup.reductions.just_in_time).then_some(Decision::Advance);
        }
        Some(Decision::Open { op, hidden: 0 })
    }

    /// Lists what else can be tried: first what makes the operation that returns legal, then the rest; each time the
    /// open operations by return, then the kinds of crashed ones.
    fn list(&mut self, config: &Config<W>) {
        let setup = self.shared.setup;
        let (ops, reductions) = (&setup.numbered.ops, setup.reductions);
        self.listing += 1;
        let hides = setup.uses.filter(|_| reductions.hidden_writes);
        let needs_another = hides.is_some_and(|uses| self.mark_needs(config, uses));
        let returning = self.cursor.returning();
        let aim = ops[returning as usize].class;
        self.listed[aim as usize] = self.listing;
        if let Some(uses) = hides
            && self.cursor.blind().has(setup.slots[returning as usize])
            && !config.linearized.has(setup.slots[returning as usize])
        {
            let hidden = self.hidden(config, uses, Some(returning)).count();
            self.hide(returning, hidden);
        }
        for at in 1..self.cursor.open().len() {
            let op = self.cursor.by_return(at).expect("as many as are open");
            let slot = setup.slots[op as usize];
            let class = ops[op as usize].class;
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
            let Some(enables) = self.enables(config.state, class, aim) else { continue };
            let is_blind = self.cursor.blind().has(slot);
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
        self.list_crashed(config, aim, needs_another);
        self.candidates.append(&mut self.later);
    }

    /// Lists the kinds of operations that never return.
    fn list_crashed(&mut self, config: &Config<W>, aim: u32, needs_another: bool) {
        let setup = self.shared.setup;
        let hides = setup.uses.filter(|_| setup.reductions.hidden_writes);
        let ret = self.cursor.ret();
        let left = self.left(config);
        if let Some(uses) = hides {
            for &kind in &left {
                let class = self.cursor.crashed(kind).class;
                if uses.needs(class).is_some()
                    && self.step(config.state, class) != Outcomes::None
                    && let Some(value) = uses.puts(class)
                {
                    self.swapped[value] = self.listing;
                }
            }
        }
        for kind in left {
            let class = self.cursor.crashed(kind).class;
            // An open one of the same class goes first: what is crashed can take its place later.
            if (setup.reductions.symmetry && self.listed[class as usize] == self.listing)
                || self.dead.as_ref().is_some_and(|dead| dead.puts_dead(class, ret))
            {
                continue;
            }
            let Some(enables) = self.enables(config.state, class, aim) else { continue };
            // What changes nothing need not have happened, unless something is hidden before it.
            let is_idle =
                self.step(config.state, class) == Outcomes::One(config.state) && !self.absorbs(config, class);
            let Some(uses) = hides else {
                if !is_idle {
                    self.propose(Decision::Crashed { kind, hidden: 0 }, enables);
                }
                continue;
            };
            if !needs_another && !self.is_needed(uses, class) {
                continue;
            }
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

    /// The kinds of operations that never return of which some are left.
    fn left(&self, config: &Config<W>) -> Vec<u32> {
        let kinds = u32::try_from(self.cursor.kinds()).expect("fewer than 2^32 kinds");
        if config.spent == Spent::NOTHING {
            return (0..kinds).filter(|&kind| self.cursor.available(kind) > 0).collect();
        }
        let spent = self.shared.spent.read().unwrap_or_else(PoisonError::into_inner);
        let mut counts = spent.counts(config.spent).iter().peekable();
        let is_left = |&kind: &u32| {
            let used = counts.next_if(|&&(other, _)| other == kind).map_or(0, |&(_, used)| used);
            used < self.cursor.available(kind)
        };
        (0..kinds).filter(is_left).collect()
    }

    /// Tries a candidate, soon or late.
    fn propose(&mut self, decision: Decision, soon: bool) {
        if soon { self.candidates.push(decision) } else { self.later.push(decision) }
    }

    /// Tries a write behind one hidden write, behind two, and so on.
    fn hide(&mut self, op: u32, hidden: usize) {
        for hidden in 1..=hidden as u32 {
            self.later.push(Decision::Open { op, hidden });
        }
    }

    /// Whether a class can happen in a state and makes another one legal; `None` where it cannot.
    fn enables(&mut self, state: StateId, class: u32, aim: u32) -> Option<bool> {
        match self.step(state, class) {
            Outcomes::None => None,
            Outcomes::One(next) => Some(self.step(next, aim) != Outcomes::None),
            Outcomes::Several { .. } => Some(true),
        }
    }

    /// Marks the values that open operations need, or compare-and-sets that never return; `true` where some operation
    /// needs a value to be gone.
    fn mark_needs(&mut self, config: &Config<W>, uses: &super::uses::Uses) -> bool {
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

    fn is_needed(&self, uses: &super::uses::Uses, class: u32) -> bool {
        uses.puts(class).is_some_and(|value| self.needed[value] == self.listing)
    }

    /// The open blind writes that can be hidden before another write and may have to be: as long as none that is still
    /// to come returns earlier, the earliest return first.
    fn hidden<'b>(
        &'b self,
        config: &'b Config<W>,
        uses: &super::uses::Uses,
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

    /// Does what a candidate says, with one of its outcomes; `None` where it has no such outcome.
    fn apply(&mut self, config: &Config<W>, decision: Decision, outcome: u32) -> Option<(Step, Config<W>)> {
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

    fn spend(&mut self, config: &Config<W>, kind: u32, outcome: u32) -> SpentId {
        let all = &self.shared.spent;
        let spent = all.read().unwrap_or_else(PoisonError::into_inner);
        if self.log.is_some() {
            let used = spent.count(config.spent, kind) as usize;
            self.log_operation(self.cursor.crashed(kind).ops[used], outcome);
        }
        if let Some(known) = spent.added(config.spent, kind) {
            return known;
        }
        drop(spent);
        all.write().unwrap_or_else(PoisonError::into_inner).add(config.spent, kind)
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

    /// Linearizes the first open blind writes by return, all but one, just before another write.
    fn hide_first(&mut self, count: u32, but: Option<u32>, next: &mut Config<W>) {
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
    fn absorb(&mut self, class: u32, next: &mut Config<W>) {
        if self.dead.as_ref().is_some_and(|dead| dead.blind(class).is_some()) {
            // The write itself comes last, also where it is one of them: its own slot is set by whoever linearizes it.
            self.linearize_dead_writes(next, Some(class));
        }
    }

    /// Whether open writes of dead values are linearized together with a class.
    fn absorbs(&self, config: &Config<W>, class: u32) -> bool {
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

    fn linearize_dead_writes(&mut self, next: &mut Config<W>, but: Option<u32>) {
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
    fn observe(&mut self, config: &mut Config<W>) {
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
    fn settle(&mut self, mut config: Config<W>) -> Settled<W> {
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
    fn tell(&mut self, last: Step) -> Vec<(u32, u32)> {
        self.tell_from(self.frames.len().saturating_sub(1), vec![last])
    }

    /// The same for a path that leaves the one at hand after a frame.
    pub(super) fn tell_from(&mut self, frame: usize, behind: Vec<Step>) -> Vec<(u32, u32)> {
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

    fn log_operation(&mut self, op: u32, outcome: u32) {
        if let Some(log) = &mut self.log {
            log.push((op, outcome));
        }
    }

    fn start(&self) -> Config<W> {
        Config {
            event: 0,
            state: Table::INITIAL,
            linearized: W::empty(self.shared.setup.width),
            spent: Spent::NOTHING,
        }
    }
}
