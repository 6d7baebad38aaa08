//! One worker of a search: depth first from where it stands, giving work away when others have none.

mod blame;
mod compare;
mod follow;
mod give;
mod list;
mod starve;

use self::blame::{Blame, Lacked};
use self::starve::Hunger;
use super::Answer;
use super::config::{Config, Decision, Step};
use super::cursor::{Cursor, Traits};
use super::dead::Deadness;
use super::shared::{LOOK, Shared};
use super::window::Window;
use crate::limits::StopReason;
use crate::table::Table;
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
    /// What its failure is down to, as far as it was tried.
    blame: Blame<W>,
    /// How many operations were called before its return.
    called: u32,
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
    /// What the configuration lacks whose candidates were listed last.
    lacked: Lacked<W>,
    /// For each class, the last listing in which an open operation of it stood.
    listed: Vec<u32>,
    /// For each value of a register, the last listing in which somebody needed it.
    needed: Vec<u32>,
    /// For each value of a register, the last listing in which a crashed compare-and-set leads to it.
    swapped: Vec<u32>,
    hunger: Hunger,
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

/// Does something where a panic passes by: the others must not wait for who will never come back.
struct EndOnPanic<F: Fn()>(F);

impl<F: Fn()> Drop for EndOnPanic<F> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            (self.0)();
        }
    }
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
        let mut kinds = vec![Vec::new(); values];
        if let Some(uses) = setup.uses {
            for (kind, class) in (0..).zip(cursor.classes_of_kinds()) {
                kinds
                    .get_mut(uses.puts(class).unwrap_or(usize::MAX))
                    .into_iter()
                    .for_each(|of: &mut Vec<u32>| of.push(kind));
            }
        }
        Self {
            shared,
            table,
            dead,
            cursor,
            frames: Vec::new(),
            candidates: Vec::new(),
            later: Vec::new(),
            lacked: Lacked { kinds: Vec::new(), need: W::empty(setup.width), used: W::empty(setup.width) },
            listed: vec![0; setup.numbered.classes.len()],
            needed: vec![0; values],
            swapped: vec![0; values],
            hunger: Hunger::new(kinds),
            listing: 0,
            log: None,
            charged: 0,
            granted: 0,
            entered: 0,
            compared: 0,
            next_look: LOOK,
            next_gift: 0,
            next_sweep: (4 * setup.alone).max(1),
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

    /// Races whoever asked for help for a while, then searches with what others give away.
    pub(super) fn help(&mut self) {
        self.has_help = true;
        if let Some(answer) = self.race() {
            self.shared.finish(answer);
        }
        self.shared.join();
        self.work(None);
    }

    /// Goes breadth first over all configurations from the start, leaving none out, as far as that takes not much longer
    /// than it took until somebody asked for help.
    fn race(&mut self) -> Option<Answer> {
        let shared = self.shared;
        let _end = EndOnPanic(|| shared.end());
        let Settled::At(config) = self.settle(self.start()) else { return None };
        self.push(config, Step { decision: Decision::Start, outcome: 0 });
        let swept = self.sweep(0, usize::MAX, (4 * shared.setup.alone).max(GIFTS));
        self.frames.clear();
        match swept {
            super::beam::Swept::Answer(answer) => Some(answer),
            super::beam::Swept::Nothing => None,
        }
    }

    fn work(&mut self, call_for_help: Option<&dyn Fn()>) {
        let shared = self.shared;
        let _end = EndOnPanic(|| shared.end());
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
                self.blame_failed(&frame);
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
            self.next_sweep = self.patience();
        }
        self.entered - self.furthest.1 >= self.shared.setup.alone
    }

    /// How long nobody must have come further before the first sweep.
    fn patience(&self) -> u64 {
        (4 * self.shared.setup.alone).max(1)
    }

    /// Sweeps from further and further back, the longer nobody has come further.
    fn sweep_now_and_then(&mut self) -> Option<Answer> {
        let stuck = self.entered - self.furthest.1;
        if stuck < self.next_sweep {
            return None;
        }
        self.next_sweep = stuck * 4;
        let times = usize::try_from(stuck / self.patience()).expect("a number of configurations");
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

    /// Enters what a step leads to, unless that is needless. An answer ends the search.
    fn enter(&mut self, config: Config<W>, step: Step) -> Option<Answer> {
        let config = match self.settle(config) {
            Settled::Done => return Some(Answer::Yes(self.tell(step))),
            Settled::At(config) => config,
        };
        let left = self.frames.last().map_or(Table::INITIAL, |frame| frame.config.state);
        if let Some(starved) = self.starved(&config, left) {
            self.blame_starved(&config, step, starved);
            self.compared += COMPARED;
            return self.look_now_and_then();
        }
        if !self.is_granted() {
            return Some(Answer::Stopped(StopReason::Configurations));
        }
        let (key, point) = self.describe(&config);
        let hideable = self.hideable(&config);
        let shared = self.shared;
        let entered = shared.enter(key, point, &hideable, |a, b| self.at_most(a, b));
        self.compared += entered.compared as u64;
        if let Some(by) = entered.refused {
            self.blame_refused(&config, step, by);
            return self.look_now_and_then();
        }
        let event = config.event as usize;
        shared.reach(event);
        // Everything before it has an order, and nothing that includes it has: that is the shortest prefix without one.
        if shared.setup.end.is_some_and(|end| event >= end) {
            return Some(Answer::No(event));
        }
        self.push(config, step);
        self.entered += 1;
        self.granted -= 1;
        self.look_now_and_then()
    }

    /// Puts a configuration, at which the cursor stands, on the path.
    fn push(&mut self, config: Config<W>, step: Step) {
        let start = u32::try_from(self.candidates.len()).expect("fewer than 2^32 candidates");
        let (blame, called) = (Blame::nothing(self.shared.setup.width), self.cursor.called());
        let frame =
            Frame { config, step, start, end: start, at: start, outcome: 0, is_listed: false, blame, called };
        self.frames.push(frame);
    }

    /// Whether one more configuration may be entered.
    fn is_granted(&mut self) -> bool {
        if self.granted == 0 {
            self.granted = self.shared.grant();
        }
        self.granted > 0
    }

    /// Counts a configuration that a sweep enters; `false` where no more may be.
    pub(super) fn count(&mut self) -> bool {
        let is_granted = self.is_granted();
        self.granted -= u64::from(is_granted);
        is_granted
    }

    /// The configuration of a frame of the path, and what led there.
    pub(super) fn on_path(&self, frame: usize) -> (Config<W>, Step) {
        (self.frames[frame].config.clone(), self.frames[frame].step)
    }

    /// Moves the cursor to a return.
    pub(super) fn cursor_to(&mut self, event: u32) {
        self.cursor.seek(event);
    }

    fn look_now_and_then(&mut self) -> Option<Answer> {
        // A model that is asked makes states, which take memory; to look, as to compare, takes time.
        let (asked, glances) = self.table.asked();
        let work = self.entered + asked + (self.compared + glances) / COMPARED;
        if work < self.next_look {
            return None;
        }
        self.next_look = work + LOOK;
        self.look(0)
    }

    /// Looks at the limits, holding so many bytes beside its own.
    pub(super) fn look(&mut self, beside: usize) -> Option<Answer> {
        let setup = &self.shared.setup;
        if let Some(reason) = self.shared.stopped() {
            return Some(Answer::Stopped(reason));
        }
        let kinds = self.frames.last().map_or(0, |frame| frame.blame.heap(setup.width));
        let frame = size_of::<Frame<W>>() + W::heap(setup.width) + kinds;
        let bytes = self.frames.capacity() * frame
            + self.candidates.capacity() * size_of::<Decision>()
            + self.table.bytes(LOOK as usize)
            + beside;
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
            let frame = self.frames.last_mut().expect("a configuration is at hand");
            frame.end = end;
            self.blame_lacked();
        }
    }
}
