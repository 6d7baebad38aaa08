//! Determined cuts: where all has returned and it is known which write was the last, what comes after does not depend on
//! how it came to that.
//!
//! A *determined cut* of a register is an instant at which no operation is open, and at which one blind write, called
//! after all others that changed anything had returned, is the last in every order. A piece between two cuts begins with
//! that write and is searched by itself: several at once, with memory that follows the piece, and with nothing to go back
//! to behind a cut. Where a piece has no order, there is none; where all have, these make one together.
//!
//! An operation that never returns stays open, and so there is no cut after one that may change anything
//! (docs/EXPERIMENTS.md tells what cutting there as well came to).

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
fn pieces(register: &RegisterPart, numbered: &Numbered<'_>, least: usize) -> Vec<Piece> {
    let least = (numbered.ops.len() / PIECES).max(least).max(1);
    let access = |at: usize| &register.accesses[numbered.ops[at].class as usize];
    let mut pieces = Vec::new();
    let mut piece = Piece { write: None, ops: 0..0, returned: 0 };
    // The last return, the change that was called last, and the last return of all other changes.
    let (mut last, mut change, mut others) = (None, None::<usize>, None);
    let mut returned = 0;
    for (at, op) in numbered.ops.iter().enumerate() {
        if at - piece.ops.start >= least && last.is_none_or(|last| last < op.call) {
            let is_determined = change.is_none_or(|change| {
                let call = numbered.ops[change].call;
                matches!(access(change), Access::Write(_)) && others.is_none_or(|others| others < call)
            });
            if is_determined {
                piece.ops.end = at;
                let next = Piece { write: change, ops: at..at, returned };
                pieces.push(std::mem::replace(&mut piece, next));
            }
        }
        let changes = put(access(at)).is_some();
        if op.ret == NEVER {
            if changes {
                break;
            }
            continue;
        }
        returned += 1;
        last = last.max(Some(op.ret));
        if changes {
            others = others.max(change.map(|change| numbered.ops[change].ret));
            change = Some(at);
        }
    }
    if !pieces.is_empty() {
        piece.ops.end = numbered.ops.len();
        pieces.push(piece);
    }
    pieces
}

/// Searches a part piece by piece; `None` where it is not cut.
pub(super) fn search<M: Model>(
    model: &M,
    part: &Part<M::Op>,
    numbered: &Numbered<'_>,
    limits: &Limits<'_>,
    options: Options,
    progress: &(dyn Fn(Reached) + Sync),
) -> Option<Found> {
    if numbered.ops.len() / 2 < options.piece {
        return None;
    }
    let pieces = pieces(&RegisterPart::new(model, part, numbered)?, numbered, options.piece);
    if pieces.is_empty() {
        return None;
    }
    let all =
        Reached { of: numbered.returns.len(), indeterminate: numbered.indeterminate(), ..Reached::default() };
    // The first piece that has no order, or was stopped: what comes after it does not matter.
    let first = AtomicUsize::new(usize::MAX);
    let search = |(at, piece): (usize, &Piece)| {
        if at > first.load(Ordering::Relaxed) {
            return None;
        }
        let found = piece.search(model, part, limits, options, &|reached| {
            progress(Reached { of: all.of, indeterminate: all.indeterminate, ..reached });
        });
        if !matches!(found.answer, Answer::Yes(_)) {
            first.fetch_min(at, Ordering::Relaxed);
        }
        Some(found)
    };
    let found: Vec<Option<Found>> = pieces.par_iter().enumerate().with_max_len(1).map(search).collect();
    let mut reached = all;
    let mut order = Vec::new();
    for found in found {
        let found = found.expect("only what comes after a failure is left out");
        reached.returns = found.reached.returns;
        reached.width = reached.width.max(found.reached.width);
        reached.configurations += found.reached.configurations;
        if reached.configurations > limits.configurations {
            return Some(Found { answer: Answer::Stopped(StopReason::Configurations), reached });
        }
        match found.answer {
            Answer::Yes(its) => order.extend(its),
            answer => return Some(Found { answer, reached }),
        }
    }
    Some(Found { answer: Answer::Yes(order), reached })
}

impl Piece {
    /// Searches a piece; what is found is told in operations and returns of the whole part.
    fn search<M: Model>(
        &self,
        model: &M,
        part: &Part<M::Op>,
        limits: &Limits<'_>,
        options: Options,
        progress: &(dyn Fn(Reached) + Sync),
    ) -> Found {
        let from_before = usize::from(self.write.is_some());
        let told = |reached: Reached| Reached {
            returns: (reached.returns + self.returned).saturating_sub(from_before),
            ..reached
        };
        let places: Vec<usize> = self.write.into_iter().chain(self.ops.clone()).collect();
        let entries = places.iter().map(|&place| part.entries[place].clone()).collect();
        let piece = Part { key: part.key, touched: part.touched.clone(), entries };
        let mut numbered = Numbered::intervals(&piece, limits.stop);
        numbered.classify(&piece);
        let found = whole(model, &piece, &numbered, limits, options, &|reached| progress(told(reached)));
        let number = |place: usize| u32::try_from(place).expect("fewer than 2^32 operations");
        let answer = match found.answer {
            Answer::Yes(order) => {
                let placed = order.into_iter().map(|(op, outcome)| (places[op as usize], outcome));
                let own = placed.filter(|&(place, _)| Some(place) != self.write);
                Answer::Yes(own.map(|(place, outcome)| (number(place), outcome)).collect())
            }
            Answer::No(at) => Answer::No(at + self.returned - from_before),
            Answer::Stopped(reason) => Answer::Stopped(reason),
        };
        Found { answer, reached: told(found.reached) }
    }
}

#[cfg(test)]
mod tests {
    use seriatim_history::ValueId;

    use super::*;
    use crate::limits::Stop;
    use crate::numbered::Interval;

    /// The pieces of operations, each a call, a return and what it does.
    fn cut(ops: &[(u32, u32, Access)]) -> Vec<Piece> {
        let stop = Stop::new();
        let part: Part<()> = Part { key: None, touched: Vec::new(), entries: Vec::new() };
        let mut numbered = Numbered::intervals(&part, &stop);
        numbered.ops = (0..).zip(ops).map(|(class, &(call, ret, _))| Interval { call, ret, class }).collect();
        let accesses = ops.iter().map(|(_, _, access)| access.clone()).collect();
        pieces(&RegisterPart { initial: ValueId::NIL, accesses, values: 3 }, &numbered, 1)
    }

    /// Where each piece but the first begins, and with which write.
    fn cuts(ops: &[(u32, u32, Access)]) -> Vec<(usize, Option<usize>)> {
        cut(ops).iter().skip(1).map(|piece| (piece.ops.start, piece.write)).collect()
    }

    #[test]
    fn a_part_is_cut_where_one_write_is_the_last() {
        let (one, two) = (ValueId::NIL, ValueId::TRUE);
        let (write, read) = (Access::Write(one), Access::Read(one));
        assert_eq!(cuts(&[(0, 1, write.clone()), (2, 3, read.clone())]), [(1, Some(0))]);
        assert_eq!(cuts(&[(0, 1, read.clone()), (2, 3, write.clone())]), [(1, None)]);
        // Something is open.
        assert_eq!(cuts(&[(0, 2, write.clone()), (1, 3, read.clone())]), []);
        // Two writes that overlap, and one behind both.
        let overlap = [(0, 2, write.clone()), (1, 3, write.clone())];
        let then = |more: &[(u32, u32, Access)]| [&overlap[..], more].concat();
        assert_eq!(cuts(&then(&[(4, 5, read.clone())])), []);
        assert_eq!(cuts(&then(&[(4, 5, write.clone()), (6, 7, read.clone())])), [(3, Some(2))]);
        // Behind a compare-and-set it is not known to be possible.
        let swap = Access::Swap(one, two);
        assert_eq!(cuts(&[(0, 1, swap), (2, 3, read.clone())]), []);
        // What never returns may act at any time, unless it only looks.
        assert_eq!(cuts(&[(0, NEVER, write.clone()), (1, 2, write.clone()), (3, 4, read.clone())]), []);
        assert_eq!(cuts(&[(0, NEVER, read.clone()), (1, 2, write), (3, 4, read)]), [(1, None), (2, Some(1))]);
    }
}
