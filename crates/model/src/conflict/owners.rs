//! A lock with owners: who may hold it, how many times over, and a bound on the tokens.
//!
//! How often an owner holds it is how often it acquired it, less how often it released it: of all that must have been done
//! before a kept operation and all that may have been, that leaves a least and a most. It counts where two operations are
//! kept or more: one that is at odds with a number alone tells nobody anything. All owners of whom nothing is kept count
//! as one, for of these, too, at most one holds the lock.

use seriatim_history::ValueId;

use super::gap::{Mask, Other, Window, Windows};
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

/// How often those that were left out acquire and release it who may be at the same places.
#[derive(Clone, Copy, Debug)]
struct Times {
    window: Window,
    acquire: i64,
    release: i64,
}

pub(super) struct Owners {
    reentrant: bool,
    does: Vec<Does>,
    /// For each owner of a kept operation, and at last for all others together: where those that were left out may
    /// acquire it.
    acquire: Vec<Windows>,
    /// Where they may release it.
    release: Vec<Windows>,
    /// How often they do either; nothing where that does not count.
    times: Vec<Vec<Times>>,
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
        let mut times = vec![Vec::new(); owners.len() + 1];
        for other in others {
            let access = other.access?;
            let by = place(access.owner()?);
            match access {
                Access::Acquire(..) => {
                    acquire[by].add(other.window);
                    times_in(&mut times[by], other.window).acquire += 1;
                }
                Access::Release(_) => {
                    release[by].add(other.window);
                    times_in(&mut times[by], other.window).release += 1;
                }
                _ => {}
            }
        }
        if does.len() < 2 {
            times.clear();
        }
        Some(Self { reentrant, does, acquire, release, times })
    }

    /// Leaves of what may be before a kept operation only what may be for as often as each owner acquired and released it.
    fn count(&self, state: &mut State, done: Mask, op: usize) {
        for by in 0..self.times.len() {
            let (least, most) = self.held(by, done, op);
            let mut depths = 0;
            for depth in (1..=i64::from(Depths::BITS)).rev() {
                let is_often = depth == i64::from(Depths::BITS);
                let may_be = depth <= most && (depth >= least || is_often);
                depths = depths << 1 | Depths::from(may_be);
            }
            state.holds[by] &= depths;
            if least > 0 || most < 0 {
                state.may_be_free = false;
                (0..self.times.len()).filter(|&other| other != by).for_each(|other| state.holds[other] = 0);
            }
        }
    }

    /// How often an owner holds it at least and at most before a kept operation, behind those of `done`.
    fn held(&self, by: usize, done: Mask, op: usize) -> (i64, i64) {
        let kept = self.does.iter().enumerate().filter(|(at, _)| done & 1 << at != 0);
        let kept: i64 = kept
            .map(|(_, does)| match *does {
                Does::Acquire(owner, _) => i64::from(owner == by),
                Does::Release(owner) => -i64::from(owner == by),
                Does::AcquireRefused(_) | Does::ReleaseRefused(_) => 0,
            })
            .sum();
        let (mut least, mut most) = (kept, kept);
        for &Times { window, acquire, release } in &self.times[by] {
            if window.must_precede(done | 1 << op) {
                least += acquire - release;
                most += acquire - release;
            } else if window.may_precede(done) {
                least -= release;
                most += acquire;
            }
        }
        (least, most)
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

/// The times that belong to a window.
fn times_in(all: &mut Vec<Times>, window: Window) -> &mut Times {
    let known = all.iter().rposition(|times| times.window == window);
    let at = known.unwrap_or_else(|| {
        all.push(Times { window, acquire: 0, release: 0 });
        all.len() - 1
    });
    &mut all[at]
}

impl Object for Owners {
    type State = State;

    fn start(&self) -> State {
        State { may_be_free: true, holds: vec![0; self.acquire.len()], bound: None }
    }

    fn next(&self, state: &State, done: Mask, op: usize) -> impl IntoIterator<Item = State> {
        let mut next = state.clone();
        self.meanwhile(&mut next, done);
        self.count(&mut next, done, op);
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
