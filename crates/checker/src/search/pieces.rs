//! Determined cuts: where all has returned and it is known which write was the last, what comes after does not depend on
//! how it came to that.
//!
//! A *determined cut* of a register is an instant at which no operation that returns is open, and at which one blind
//! write, called after all others that changed anything had returned, is the last in every order. What a search may hold
//! there is no better than that write's value with every crashed operation left: whatever else it holds was put in by
//! crashed operations after that write, and these can as well act after the cut. So a piece between two cuts begins with
//! the write, has the crashed operations of those before it beside its own, and is searched by itself: several at once,
//! with memory that follows the piece, and with nothing to go back to behind a cut.
//!
//! Where a piece has no order, there is none. Where every piece has one and no crashed operation acts in two of them, they
//! make one together. Where one does, the later piece is searched again without those that have acted. Where that has no
//! order, or a crashed operation had to act between the last write and the cut, the part is searched whole.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use seriatim_model::{Access, Model, Part};

use super::register::{RegisterPart, put};
use super::{Answer, Found, whole};
use crate::check::Options;
use crate::limits::{Limits, StopReason};
use crate::numbered::{NEVER, Numbered};
use crate::verdict::Reached;

/// Into how many pieces a part is cut at the most: enough to keep threads at work, and few to begin.
const PIECES: usize = 1 << 4;

/// What lies between two determined cuts.
#[derive(Debug, PartialEq, Eq)]
struct Piece {
    /// The write whose value is there at its beginning; the initial one where there is none.
    write: Option<usize>,
    /// Its operations.
    ops: Range<usize>,
    /// How many operations had returned before.
    returned: usize,
}

/// The pieces of a part, each of so many operations at the least; none where it is not cut.
fn pieces<M: Model>(model: &M, part: &Part<M::Op>, numbered: &Numbered<'_>, least: usize) -> Vec<Piece> {
    let least = (numbered.ops.len() / PIECES).max(least).max(1);
    if numbered.ops.len() / 2 < least {
        return Vec::new();
    }
    let Some(register) = RegisterPart::new(model, part, numbered) else { return Vec::new() };
    let mut pieces = Vec::new();
    let mut piece = Piece { write: None, ops: 0..0, returned: 0 };
    // Of those that return: the last return, the change that was called last, and the last return of all other changes.
    let (mut last, mut change, mut others) = (None, None::<usize>, None);
    let mut returned = 0;
    for (at, op) in numbered.ops.iter().enumerate() {
        if at - piece.ops.start >= least && last.is_none_or(|last| last < op.call) {
            let call = change.map_or(NEVER, |change| numbered.ops[change].call);
            let access = change.map(|change| &register.accesses[numbered.ops[change].class as usize]);
            let is_determined = others.is_none_or(|others| others < call)
                && access.is_none_or(|access| matches!(access, Access::Write(_)));
            if is_determined {
                let next = Piece { write: change, ops: at..at, returned };
                piece.ops.end = at;
                pieces.push(std::mem::replace(&mut piece, next));
            }
        }
        if op.ret == NEVER {
            continue;
        }
        returned += 1;
        last = last.max(Some(op.ret));
        if put(&register.accesses[op.class as usize]).is_some() {
            others = others.max(change.map(|change| numbered.ops[change].ret));
            change = Some(at);
        }
    }
    if pieces.is_empty() {
        return Vec::new();
    }
    piece.ops.end = numbered.ops.len();
    pieces.push(piece);
    pieces
}

/// A part that is searched piece by piece.
struct Cut<'a, M: Model> {
    model: &'a M,
    part: &'a Part<M::Op>,
    numbered: &'a Numbered<'a>,
    options: Options,
    progress: &'a (dyn Fn(Reached) + Sync),
    /// What is known of the part before it is searched.
    all: Reached,
}

/// Searches a part piece by piece; `None` where it cannot be cut.
pub(super) fn search<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    numbered: &Numbered<'_>,
    limits: &Limits<'_>,
    options: Options,
    progress: &(dyn Fn(Reached) + Sync),
) -> Option<Found> {
    let pieces = pieces(model, part, numbered, options.piece);
    if pieces.is_empty() {
        return None;
    }
    let all =
        Reached { of: numbered.returns.len(), indeterminate: numbered.indeterminate(), ..Reached::default() };
    Some(Cut { model, part, numbered, options, progress, all }.join(&pieces, limits))
}

impl<M: Model> Cut<'_, M> {
    /// Searches the pieces, and puts together what is found.
    fn join(&self, pieces: &[Piece], limits: &Limits<'_>) -> Found {
        // The first piece that has no order, or was stopped: what comes after it does not matter.
        let first = AtomicUsize::new(usize::MAX);
        let search = |(at, piece): (usize, &Piece)| {
            if at > first.load(Ordering::Relaxed) {
                return None;
            }
            let found = self.piece(piece, &|_| true, limits);
            if !matches!(found.answer, Answer::Yes(_)) {
                first.fetch_min(at, Ordering::Relaxed);
            }
            Some(found)
        };
        let found: Vec<Option<Found>> = pieces.par_iter().enumerate().with_max_len(1).map(search).collect();
        let mut tally = Tally { limits, reached: self.all };
        let mut joined = Joined { order: Vec::new(), has_acted: vec![false; self.part.entries.len()] };
        for (at, (piece, found)) in pieces.iter().zip(found).enumerate() {
            let mut answer = tally.count(found.expect("only what comes after a failure is left out"));
            if matches!(&answer, Answer::Yes(order) if !joined.can_take(order)) {
                // Once more, without the crashed operations that have acted.
                let is_left = |place: usize| !joined.has_acted[place];
                answer = tally.count(self.piece(piece, &is_left, &tally.left()));
                if matches!(answer, Answer::No(_)) {
                    return self.whole(tally);
                }
            }
            if tally.is_over() {
                return tally.found(Answer::Stopped(StopReason::Configurations));
            }
            match answer {
                Answer::Yes(order) => joined.take(order),
                Answer::No(at) if !self.is_sure(piece) => {
                    let answer = tally.count(self.before(at, &tally.left()));
                    return tally.found(answer);
                }
                answer @ (Answer::No(_) | Answer::Stopped(_)) => return tally.found(answer),
            }
            if let Some(next) = pieces.get(at + 1)
                && !joined.ends_with(next.write, self.numbered)
            {
                return self.whole(tally);
            }
        }
        tally.found(Answer::Yes(joined.order))
    }

    /// Searches the whole part.
    fn whole(&self, mut tally: Tally<'_>) -> Found {
        let limits = tally.left();
        let found = whole(self.model, self.part, self.numbered, &limits, self.options, self.progress);
        let answer = tally.count(found);
        tally.found(answer)
    }

    /// Searches a piece with those of the crashed operations of before that are left; what is found is told in places and
    /// returns of the whole part.
    fn piece(&self, piece: &Piece, is_left: &dyn Fn(usize) -> bool, limits: &Limits<'_>) -> Found {
        let offset = piece.returned - usize::from(piece.write.is_some());
        let told = |reached: Reached| Reached {
            returns: reached.returns + offset,
            width: reached.width,
            configurations: reached.configurations,
            ..self.all
        };
        let is_from_before =
            |&at: &usize| Some(at) == piece.write || (self.numbered.ops[at].ret == NEVER && is_left(at));
        let places: Vec<usize> =
            (0..piece.ops.start).filter(is_from_before).chain(piece.ops.clone()).collect();
        let entries = places.iter().map(|&place| self.part.entries[place].clone()).collect();
        let part = Part { key: self.part.key, touched: self.part.touched.clone(), entries };
        let mut numbered = Numbered::intervals(&part, limits.stop);
        numbered.classify(&part);
        let progress = |reached| (self.progress)(told(reached));
        let found = whole(self.model, &part, &numbered, limits, self.options, &progress);
        let number = |place: usize| u32::try_from(place).expect("fewer than 2^32 operations");
        let answer = match found.answer {
            Answer::Yes(order) => {
                let placed = order.into_iter().map(|(op, outcome)| (places[op as usize], outcome));
                let own = placed.filter(|&(place, _)| Some(place) != piece.write);
                Answer::Yes(own.map(|(place, outcome)| (number(place), outcome)).collect())
            }
            Answer::No(at) => Answer::No(at + offset),
            Answer::Stopped(reason) => Answer::Stopped(reason),
        };
        Found { answer, reached: told(found.reached) }
    }

    /// Whether no crashed operation of before can act in a piece: then how far an order reaches in it does not depend on
    /// those that acted.
    fn is_sure(&self, piece: &Piece) -> bool {
        self.numbered.ops[..piece.ops.start].iter().all(|op| op.ret != NEVER)
    }

    /// Where no order reaches a return: whether one reaches all before it, or else how far one does.
    fn before(&self, at: usize, limits: &Limits<'_>) -> Found {
        let before = self.numbered.prefix(self.part, at);
        let mut numbered = Numbered::intervals(&before, limits.stop);
        numbered.classify(&before);
        let found = super::search(self.model, &before, &numbered, limits, self.options, self.progress);
        let answer = match found.answer {
            Answer::Yes(_) => Answer::No(at),
            answer => answer,
        };
        Found { answer, ..found }
    }
}

/// What was spent so far, and how far that came.
struct Tally<'a> {
    limits: &'a Limits<'a>,
    reached: Reached,
}

impl<'a> Tally<'a> {
    /// Counts what a search took.
    fn count(&mut self, found: Found) -> Answer {
        let configurations = self.reached.configurations + found.reached.configurations;
        let width = self.reached.width.max(found.reached.width);
        self.reached = Reached { configurations, width, ..found.reached };
        found.answer
    }

    fn is_over(&self) -> bool {
        self.reached.configurations > self.limits.configurations
    }

    /// What is left of the limits.
    fn left(&self) -> Limits<'a> {
        let configurations = self.limits.configurations.saturating_sub(self.reached.configurations);
        Limits { configurations, ..*self.limits }
    }

    fn found(&self, answer: Answer) -> Found {
        Found { answer, reached: self.reached }
    }
}

/// The order of the pieces so far.
struct Joined {
    order: Vec<(u32, u32)>,
    /// Whether an operation stands in it, by place.
    has_acted: Vec<bool>,
}

impl Joined {
    /// Whether no operation of a piece's order has acted before.
    fn can_take(&self, order: &[(u32, u32)]) -> bool {
        order.iter().all(|&(place, _)| !self.has_acted[place as usize])
    }

    fn take(&mut self, order: Vec<(u32, u32)>) {
        order.iter().for_each(|&(place, _)| self.has_acted[place as usize] = true);
        self.order.extend(order);
    }

    /// Whether what a write put in is there at the end: no crashed operation acts after it, but for those behind all others,
    /// which are left out.
    fn ends_with(&mut self, write: Option<usize>, numbered: &Numbered<'_>) -> bool {
        let is_crashed = |&(place, _): &(u32, u32)| numbered.ops[place as usize].ret == NEVER;
        while let Some((place, _)) = self.order.pop_if(|last| is_crashed(last)) {
            self.has_acted[place as usize] = false;
        }
        let is_it = |&&(place, _): &&(u32, u32)| write != Some(place as usize);
        !self.order.iter().rev().take_while(is_it).any(is_crashed)
    }
}
