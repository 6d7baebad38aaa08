//! The window search: any model, numbers in, order out.
//!
//! A configuration is (return event, state, which open operations are linearized, how many of each kind of crashed
//! ones were spent): its size follows the concurrency of the part, not its length. The search goes depth first over
//! return events and linearizes something only where the next return asks for it (Lowe 2017; ALGORITHMS §B). It may be
//! wrong about *no*, never about *yes*: every yes is verified by whoever calls it.

mod beam;
mod config;
mod cursor;
mod cuts;
mod dead;
mod pieces;
mod register;
mod seen;
mod shared;
mod shortage;
mod shortest;
mod spent;
mod supply;
mod texts;
mod uses;
mod window;
mod worker;

use seriatim_model::{Model, Part};

use self::cursor::Traits;
use self::dead::Deadness;
use self::register::RegisterPart;
use self::shared::Shared;
use self::supply::Supply;
use self::uses::Uses;
use self::window::{Wide, Window};
use self::worker::Worker;
use crate::check::Options;
use crate::limits::{Limits, StopReason};
use crate::numbered::{NEVER, Numbered};
use crate::table::{Stepper, Table, stepper};
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
    /// The search ends where it comes to an operation that is impossible by itself: of a register, a read of what it
    /// cannot have held; of a queue and its like, what came out more often than it was put in; of a text, what
    /// was surely replaced, or lacks what was surely appended.
    pub impossible_reads: bool,
    /// A write that nobody sees is put directly before another one, as late as can be. Only together with
    /// [`eager_observers`](Self::eager_observers) and [`just_in_time`](Self::just_in_time), which it leans on.
    pub hidden_writes: bool,
    /// Of more crashed operations than can ever be of use it does not matter how many were used.
    pub demand: bool,
    /// The search of a register turns back where somebody needs a value that nobody is left to put in.
    pub starvation: bool,
    /// What failed is remembered by what its failure is down to. Only together with [`dominance`](Self::dominance),
    /// [`eager_observers`](Self::eager_observers) and [`just_in_time`](Self::just_in_time), which it leans on.
    pub blame: bool,
}

impl Reductions {
    /// Every reduction.
    pub const ALL: Self = Self {
        eager_observers: true,
        dominance: true,
        symmetry: true,
        dead_writes: true,
        just_in_time: true,
        impossible_reads: true,
        hidden_writes: true,
        demand: true,
        starvation: true,
        blame: true,
    };

    /// No reduction: the plainest search.
    pub const NONE: Self = Self {
        eager_observers: false,
        dominance: false,
        symmetry: false,
        dead_writes: false,
        just_in_time: false,
        impossible_reads: false,
        hidden_writes: false,
        demand: false,
        starvation: false,
        blame: false,
    };
}

impl Default for Reductions {
    fn default() -> Self {
        Self::ALL
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

/// What one run of a search found.
struct Searched {
    found: Found,
    /// The furthest return, by number, that what was left as starved could have reached.
    starved: usize,
}

/// A part to be searched, and how.
pub(crate) struct Search<'a, M: Model> {
    pub(crate) model: &'a M,
    pub(crate) part: &'a Part<M::Op>,
    /// The part, classified.
    pub(crate) numbered: &'a Numbered<'a>,
    pub(crate) limits: &'a Limits<'a>,
    pub(crate) options: Options,
    pub(crate) progress: &'a (dyn Fn(Reached) + Sync),
}

impl<M: Model> Search<'_, M> {
    /// Searches the part, piece by piece where it can be cut.
    pub(crate) fn run(&self) -> Found {
        self.stopped().unwrap_or_else(|| {
            let register = RegisterPart::new(self.model, self.part, self.numbered);
            let in_pieces = register.as_ref().and_then(|register| pieces::search(self, register));
            in_pieces.unwrap_or_else(|| self.whole(register.as_ref()))
        })
    }

    /// What is known before anything is searched.
    fn reached(&self) -> Reached {
        let Self { numbered, .. } = self;
        Reached { of: numbered.returns.len(), indeterminate: numbered.indeterminate(), ..Reached::default() }
    }

    /// Where somebody asked to stop: what was numbered may be a part of it then, and means nothing.
    fn stopped(&self) -> Option<Found> {
        let answer = Answer::Stopped(self.limits.stop.requested()?);
        Some(Found { answer, reached: self.reached() })
    }

    /// Searches the part, on all idle threads of the pool it is called in once it turns out to be hard.
    fn whole(&self, register: Option<&RegisterPart>) -> Found {
        let &Self { model, part, numbered, limits, options, progress } = self;
        let (slots, width) = numbered.slots();
        let reductions = options.reductions;
        let leans = reductions.eager_observers && reductions.just_in_time;
        let reductions = Reductions {
            hidden_writes: reductions.hidden_writes && leans,
            blame: reductions.blame && reductions.dominance && leans,
            ..reductions
        };
        let uses = register.map(|register| Uses::new(register, numbered));
        if let Some(stopped) = self.stopped() {
            return stopped;
        }
        let supply = uses.as_ref().filter(|_| reductions.starvation).map(|uses| Supply::new(uses, numbered));
        let impossible = || match register {
            Some(register) => register.first_impossible(numbered),
            None => shortage::first(model, part, numbered).or_else(|| texts::first(model, part, numbered)),
        };
        let impossible = if reductions.impossible_reads { impossible() } else { None };
        if let Some(stopped) = self.stopped() {
            return stopped;
        }
        // Whoever needs what is impossible starves everybody, and the search is to come so far.
        let ret = |at: usize| numbered.ops[numbered.returns[at] as usize].ret;
        let horizon = impossible.map_or(NEVER, |at| ret(at).saturating_sub(1));
        let setup = Setup {
            end: impossible,
            horizon,
            numbered,
            slots: &slots,
            width,
            limits,
            reductions,
            alone: options.alone,
            uses: uses.as_ref(),
            supply: supply.as_ref(),
            reached: Reached { width: width as usize, ..self.reached() },
            progress,
        };
        let class = |&op: &u32| &part.entries[op as usize].op;
        let observes: Vec<bool> = numbered.classes.iter().map(|op| model.observes(class(op))).collect();
        shortest::prefix(setup, |setup| {
            let (stepper, observes) = (stepper(model, part, &numbered.classes), observes.clone());
            match width {
                0..=64 => setup.run::<u64>(stepper, observes, register),
                65..=128 => setup.run::<u128>(stepper, observes, register),
                _ => setup.run::<Wide>(stepper, observes, register),
            }
        })
    }
}

#[derive(Clone, Copy)]
struct Setup<'a> {
    /// The return, by number, at which the search is over once some order reaches it.
    end: Option<usize>,
    /// The last return, by event, whose operation counts when the search asks who is starved.
    horizon: u32,
    numbered: &'a Numbered<'a>,
    slots: &'a [u32],
    width: u32,
    limits: &'a Limits<'a>,
    reductions: Reductions,
    alone: u64,
    /// What the operations of a register need.
    uses: Option<&'a Uses>,
    /// Where its values come from.
    supply: Option<&'a Supply>,
    /// What the search is up against.
    reached: Reached,
    progress: &'a (dyn Fn(Reached) + Sync),
}

impl Setup<'_> {
    fn run<W: Window>(
        self,
        stepper: Box<dyn Stepper + '_>,
        observes: Vec<bool>,
        register: Option<&RegisterPart>,
    ) -> Searched {
        let mut shared: Shared<'_, W> = Shared::new(self, stepper);
        let states = register.map(|register| register.values + 1);
        let mut traits = Traits { is_blind: Vec::new(), observes };
        let mut table = Table::new(&*shared.stepper, &traits.observes, states);
        let dead = register.and_then(|register| Deadness::new(&register.accesses, self.numbered, &mut table));
        drop(table);
        let is_blind = |class| dead.as_ref().is_some_and(|dead| dead.blind(class).is_some());
        traits.is_blind = (0..traits.observes.len() as u32).map(is_blind).collect();
        // A register that refuses writes is none of which this is known.
        shared.setup.uses = self.uses.filter(|_| dead.is_some());
        let dead = dead.filter(|_| self.reductions.dead_writes);
        let shared = &shared;
        let worker = || {
            let table = Table::new(&*shared.stepper, &traits.observes, states);
            Worker::new(shared, table, dead.clone(), &traits)
        };
        rayon::in_place_scope(|scope| {
            let call_for_help = || {
                for _ in 1..rayon::current_num_threads() {
                    scope.spawn(|_| worker().help());
                }
            };
            worker().begin(&call_for_help);
        });
        shared.discharge();
        let reached =
            Reached { returns: shared.reached(), configurations: shared.configurations(), ..self.reached };
        Searched { found: Found { answer: shared.answer(), reached }, starved: shared.starved() }
    }
}
