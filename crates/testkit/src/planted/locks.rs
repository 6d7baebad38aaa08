//! What is planted in locks.
//!
//! Somebody holds a lock from the return of the acquire until the first call of a release that may end this hold: one of
//! the holder, or, of a lock without owners, of anybody.

use seriatim_model::ModelName;

use super::draft::{Draft, Op, Outcome};
use crate::rng::Rng;
use crate::script::Datum;

/// How often another place is tried.
const TRIES: usize = 200;

fn is_grant(op: &Op) -> bool {
    op.is_done() && op.function == "acquire"
}

/// The token of a grant.
fn token(draft: &Draft, at: usize) -> Option<i64> {
    match draft.answer(at) {
        Datum::Map(items) => items.first().and_then(|(_, token)| token.as_int()),
        other => other.as_int(),
    }
}

fn set_token(draft: &mut Draft, at: usize, token: i64) {
    let token = Datum::Int(token);
    let told = match draft.answer(at) {
        Datum::Map(_) => Datum::Map(vec![(Datum::text("token"), token)]),
        _ => token,
    };
    draft.set_answer(at, told);
}

/// The place of the first call that may end what a grant began.
fn until(draft: &Draft, grant: usize) -> usize {
    let ops = draft.ops();
    let has_owners = draft.model != ModelName::Mutex;
    let may_end = |op: &&Op| {
        op.function == "release"
            && op.outcome != Outcome::Refused
            && op.ret() > ops[grant].call
            && (!has_owners || op.process == ops[grant].process)
    };
    ops.iter().filter(may_end).map(|op| op.call).min().unwrap_or(draft.len())
}

/// Somebody else acquires and releases a lock while it is held.
pub(super) fn double_grant(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    for _ in 0..TRIES {
        let grant = draft.pick(is_grant, rng)?;
        let (held, until) = (draft.ops()[grant].ret(), until(draft, grant));
        // Whoever acquired it twice holds it from the first time on.
        let is_held_already = |at: usize| {
            let (op, holder) = (&draft.ops()[at], &draft.ops()[grant]);
            is_grant(op) && op.process == holder.process && self::until(draft, at) == until
        };
        let is_again = draft.model == ModelName::ReentrantMutex
            && (grant.saturating_sub(200)..grant).any(is_held_already);
        if held >= until || is_again {
            continue;
        }
        let place = rng.between(held + 1, until);
        let holder = draft.ops()[grant].process;
        let other = draft.idle(place, &[holder], rng);
        let named = draft.ops()[grant].number;
        let mut told = Datum::Nil;
        if draft.model == ModelName::FencedMutex {
            let next = token(draft, grant)? + 1;
            // All later ones are greater by one, so that only the second grant is wrong.
            let later: Vec<(usize, i64)> = (0..draft.ops().len())
                .filter(|&at| is_grant(&draft.ops()[at]))
                .filter_map(|at| Some((at, token(draft, at).filter(|&token| token >= next)?)))
                .collect();
            for (at, token) in later {
                set_token(draft, at, token + 1);
            }
            told = Datum::Int(next);
        }
        let second = draft.done(place, other, "acquire", Datum::Nil, told);
        draft.done(place, other, "release", Datum::Nil, Datum::Nil);
        return Some(vec![named, second]);
    }
    None
}

/// A grant comes with a token that is not greater than the one before.
pub(super) fn fencing_regression(draft: &mut Draft, rng: &mut Rng) -> Option<Vec<u32>> {
    let grant = draft.pick(is_grant, rng)?;
    let ops = draft.ops();
    let before = (0..grant).filter(|&at| is_grant(&ops[at]) && ops[at].is_before(&ops[grant]));
    let (greatest, before) = before.filter_map(|at| Some((token(draft, at)?, at))).max()?;
    let named = vec![ops[before].number, ops[grant].number];
    set_token(draft, grant, (greatest - rng.below(3) as i64).max(1));
    Some(named)
}
