//! A lock with owners: who may hold it, how many times over, and a bound on the tokens.

use seriatim_history::ValueId;

use super::gap::{Mask, Other, Windows};
use super::orders::Object;
use crate::access::Access;

/// How many times over a lock may be held, a bit each: the first for once, the last for as often as it stands for or
/// more often.
type Depths = u16;
const ONCE: Depths = 1;
const OFTEN: Depths = 1 << 15;

enum Does {
    Acquire(usize, Option<i128>),
    AcquireRefused(usize),
    Release(usize),
    ReleaseRefused(usize),
}

pub(super) struct Owners {
    reentrant: bool,
    does: Vec<Does>,
    /// For each owner of a kept operation, and at last for all others together: where those that were left out may
    /// acquire it.
    acquire: Vec<Windows>,
    /// Where they may release it.
    release: Vec<Windows>,
}

/// What is known of a lock.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct State {
    may_be_free: bool,
    /// For each owner how often it may hold the lock; 0 where it cannot.
    holds: Vec<Depths>,
    /// The next token is greater than this, if not than more.
    bound: Option<i128>,
}

impl Owners {
    /// `None` where an operation is none of a lock.
    pub(super) fn new(
        reentrant: bool,
        accesses: &[Access],
        others: impl Iterator<Item = Other>,
    ) -> Option<Self> {
        let mut owners: Vec<ValueId> = Vec::new();
        for access in accesses {
            let by = access.owner()?;
            if !owners.contains(&by) {
                owners.push(by);
            }
        }
        let place = |by: ValueId| owners.iter().position(|&known| known == by).unwrap_or(owners.len());
        let does = accesses.iter().map(|access| {
            Some(match *access {
                Access::Acquire(by, token) => Does::Acquire(place(by), token),
                Access::AcquireRefused(by) => Does::AcquireRefused(place(by)),
                Access::Release(by) => Does::Release(place(by)),
                Access::ReleaseRefused(by) => Does::ReleaseRefused(place(by)),
                _ => return None,
            })
        });
        let does = does.collect::<Option<Vec<_>>>()?;
        let mut acquire = vec![Windows::default(); owners.len() + 1];
        let mut release = acquire.clone();
        for other in others {
            let access = other.access?;
            let by = place(access.owner()?);
            match access {
                Access::Acquire(..) => acquire[by].add(other.window),
                Access::Release(_) => release[by].add(other.window),
                _ => {}
            }
        }
        Some(Self { reentrant, does, acquire, release })
    }

    /// What those that were left out make of it where they may be.
    fn meanwhile(&self, state: &mut State, done: Mask) {
        loop {
            let before = state.clone();
            for by in 0..self.acquire.len() {
                let holds = state.holds[by];
                if self.acquire[by].is_open(done) {
                    let again = if self.reentrant { holds << 1 | holds & OFTEN } else { 0 };
                    state.holds[by] |= again | if state.may_be_free { ONCE } else { 0 };
                }
                if self.release[by].is_open(done) {
                    state.may_be_free |= holds & ONCE != 0;
                    state.holds[by] |= holds >> 1;
                }
            }
            if *state == before {
                break;
            }
        }
    }
}

impl Object for Owners {
    type State = State;

    fn start(&self) -> State {
        State { may_be_free: true, holds: vec![0; self.acquire.len()], bound: None }
    }

    fn next(&self, state: &State, done: Mask, op: usize) -> impl IntoIterator<Item = State> {
        let mut next = state.clone();
        self.meanwhile(&mut next, done);
        let only = |by: usize, depths: Depths| {
            let mut holds = vec![0; self.acquire.len()];
            holds[by] = depths;
            holds
        };
        match self.does[op] {
            Does::Acquire(by, token) => {
                let holds = next.holds[by];
                let again = if self.reentrant { holds << 1 | holds & OFTEN } else { 0 };
                next.holds = only(by, again | if next.may_be_free { ONCE } else { 0 });
                next.may_be_free = false;
                let grows = next.bound.zip(token).is_none_or(|(bound, token)| token > bound);
                next.bound = match (token, next.bound) {
                    (Some(token), _) => Some(token),
                    (None, bound) => bound.map(|bound| bound.saturating_add(1)),
                };
                (grows && next.holds[by] != 0).then_some(next)
            }
            Does::Release(by) => {
                let holds = next.holds[by];
                next.may_be_free = holds & ONCE != 0;
                next.holds = only(by, holds >> 1 | holds & OFTEN);
                (holds != 0).then_some(next)
            }
            Does::AcquireRefused(by) => {
                next.may_be_free = false;
                if self.reentrant {
                    next.holds[by] = 0;
                }
                next.holds.iter().any(|&holds| holds != 0).then_some(next)
            }
            Does::ReleaseRefused(by) => {
                next.holds[by] = 0;
                (next.may_be_free || next.holds.iter().any(|&holds| holds != 0)).then_some(next)
            }
        }
    }
}
