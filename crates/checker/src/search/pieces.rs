//! Searches a register piece by piece: several at once, with memory that follows the piece, and with nothing to go back to
//! behind a [cut](super::cuts).
//!
//! A piece begins with a write of what is there at the cut before it, and ends with what tells what is there at the cut
//! behind it, where something has to tell. Where all pieces have an order, these make one together. Where one has none,
//! the part has none either, and as all before have one, the return that it cannot reach is the first one that cannot be
//! reached, unless it comes before the operation that tells what the piece begins or ends with. Then the pieces from the
//! last determined cut up to that operation are searched as one.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use seriatim_history::EventId;
use seriatim_model::{Entry, Model, Part};

use super::cuts::{Cut, cuts};
use super::register::RegisterPart;
use super::{Answer, Found, Search};
use crate::limits::StopReason;
use crate::numbered::{NEVER, Numbered};
use crate::verdict::Reached;

/// What lies between two cuts.
#[derive(Debug)]
struct Piece {
    /// Its operations.
    ops: Range<usize>,
    /// How many operations had returned before, and return in it.
    returns: Range<usize>,
    /// A write of what is there at its beginning; none where it is the initial value.
    write: Option<usize>,
    /// The operation that tells what is there at its beginning, and the one that tells what is there at its end; none
    /// where nobody has to.
    told_by: [Option<usize>; 2],
}

/// Searches a part piece by piece; `None` where it is not cut.
pub(super) fn search<M: Model>(search: &Search<'_, M>, register: &RegisterPart) -> Option<Found> {
    let &Search { numbered, limits, options, .. } = search;
    if numbered.ops.len() / 2 < options.piece {
        return None;
    }
    let pieces = pieces(register, numbered, options.piece);
    if pieces.len() < 2 {
        return None;
    }
    // The first piece that has no order, or was stopped: what comes after it does not matter.
    let first = AtomicUsize::new(usize::MAX);
    let searched = |(at, piece): (usize, &Piece)| {
        if at > first.load(Ordering::Relaxed) {
            return None;
        }
        let found = piece.search(search);
        if !matches!(found.answer, Answer::Yes(_)) {
            first.fetch_min(at, Ordering::Relaxed);
        }
        Some(found)
    };
    let found: Vec<Option<Found>> = pieces.par_iter().enumerate().with_max_len(1).map(searched).collect();
    let mut reached = search.reached();
    let mut order = Vec::new();
    for (at, found) in found.into_iter().enumerate() {
        let found = found.expect("only what comes after a failure is left out");
        let mut answer = take(&mut reached, found, limits.configurations);
        if let Answer::No(returns) = answer
            && let Some(teller) = pieces[at].doubts(numbered, returns)
        {
            let found = joined(&pieces[..=at], numbered, teller).search(search);
            answer = take(&mut reached, found, limits.configurations);
            assert!(!matches!(answer, Answer::Yes(_)), "an order that the pieces cannot have");
        }
        match answer {
            Answer::Yes(its) => order.extend(its),
            answer => return Some(Found { answer, reached }),
        }
    }
    Some(Found { answer: Answer::Yes(order), reached })
}

/// The pieces of a part, each of so many operations at the least.
fn pieces(register: &RegisterPart, numbered: &Numbered<'_>, least: usize) -> Vec<Piece> {
    let cuts = cuts(register, numbered, least);
    let begins = std::iter::once(Cut::START).chain(cuts.iter().copied());
    let ends = cuts.iter().copied().chain([Cut {
        at: numbered.ops.len(),
        returned: numbered.returns.len(),
        ..Cut::START
    }]);
    let piece = |(begin, end): (Cut, Cut)| Piece {
        ops: begin.at..end.at,
        returns: begin.returned..end.returned,
        write: begin.write,
        told_by: [begin.told_by, end.told_by],
    };
    begins.zip(ends).map(piece).collect()
}

/// The pieces from the last determined cut on as one, up to all that is called before `teller` returns.
fn joined(pieces: &[Piece], numbered: &Numbered<'_>, teller: usize) -> Piece {
    let begins = |piece: &&Piece| piece.told_by[0].is_none();
    let first = pieces.iter().rfind(begins).expect("nobody has to tell what a part begins with");
    let ret = numbered.ops[teller].ret;
    let end = numbered.ops.partition_point(|op| op.call < ret);
    let returns = numbered.ops[..end].iter().filter(|op| op.ret != NEVER).count();
    Piece {
        ops: first.ops.start..end,
        returns: first.returns.start..returns,
        write: first.write,
        told_by: [None; 2],
    }
}

/// Takes in how far the search of a piece came, and gives its answer, unless all pieces together have entered more than
/// this many configurations.
fn take(reached: &mut Reached, found: Found, configurations: u64) -> Answer {
    reached.returns = found.reached.returns;
    reached.width = reached.width.max(found.reached.width);
    reached.configurations += found.reached.configurations;
    if reached.configurations > configurations {
        return Answer::Stopped(StopReason::Configurations);
    }
    found.answer
}

impl Piece {
    /// Who tells what the piece begins or ends with, where that the return `at` cannot be reached says no more than that
    /// the return of the teller cannot.
    fn doubts(&self, numbered: &Numbered<'_>, at: usize) -> Option<usize> {
        let ret = |op: usize| numbered.ops[op].ret;
        let [begin, end] = self.told_by;
        let end = end.filter(|_| at >= self.returns.end);
        let unreached = end.unwrap_or(numbered.returns[at] as usize);
        begin.filter(|&teller| ret(unreached) < ret(teller)).or(end)
    }

    /// Searches a piece; what is found is told in operations and returns of the whole part.
    fn search<M: Model>(&self, search: &Search<'_, M>) -> Found {
        let &Search { model, part, limits, options, .. } = search;
        let all = search.reached();
        let entry = |place: usize| part.entries[place].clone();
        // Events before the first of the piece are those of operations that are not in it.
        let first = part.entries[self.ops.start].call.0;
        let write = self.write.map(|write| Entry {
            call: EventId(first - 2),
            ret: Some(EventId(first - 1)),
            ..entry(write)
        });
        let from_before = usize::from(write.is_some());
        let end = self.told_by[1].map(entry);
        let entries = write.into_iter().chain(self.ops.clone().map(entry)).chain(end).collect();
        let piece = Part { key: part.key, touched: part.touched.clone(), entries };
        let mut numbered = Numbered::intervals(&piece, limits.stop);
        numbered.classify(&piece);
        let returns = |returns: usize| (returns + self.returns.start).saturating_sub(from_before);
        let told = |reached: Reached| Reached {
            returns: returns(reached.returns).min(self.returns.end),
            of: all.of,
            indeterminate: all.indeterminate,
            ..reached
        };
        let progress = |reached| (search.progress)(told(reached));
        let its = Search { model, part: &piece, numbered: &numbered, limits, options, progress: &progress };
        let register = RegisterPart::new(model, &piece, &numbered);
        let found = its.stopped().unwrap_or_else(|| its.whole(register.as_ref()));
        let answer = match found.answer {
            Answer::Yes(order) => {
                let place = |op: u32| (op as usize).checked_sub(from_before).map(|at| self.ops.start + at);
                let own = order.into_iter().filter_map(|(op, outcome)| Some((place(op)?, outcome)));
                let own = own.filter(|(place, _)| self.ops.contains(place));
                let number = |place: usize| u32::try_from(place).expect("fewer than 2^32 operations");
                Answer::Yes(own.map(|(place, outcome)| (number(place), outcome)).collect())
            }
            Answer::No(at) => Answer::No(returns(at)),
            Answer::Stopped(reason) => Answer::Stopped(reason),
        };
        Found { answer, reached: told(found.reached) }
    }
}
