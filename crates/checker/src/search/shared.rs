//! What the workers on one part share: the configurations that were entered, the work that is to be had, and the answer.

use std::hash::{BuildHasher, Hash};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxBuildHasher;

use super::seen::{Entered, Failed, Key, Point, Seen};
use super::spent::{Spent, SpentId};
use super::window::Window;
use super::worker::Frame;
use super::{Answer, Setup};
use crate::limits::StopReason;
use crate::table::Stepper;

/// How many configurations are entered between two looks at the limits, or work as long as that is done.
pub(super) const LOOK: u64 = 1 << 12;

/// Into how many pieces the memory of configurations is cut, each with a lock of its own.
pub(super) const SHARDS: usize = 1 << 4;

/// How many configurations a worker may enter before it asks again how many are allowed.
const GRANT: u64 = 1 << 8;

/// What a worker gives away: its path so far, and what is left to try along it.
pub(super) struct Task<W> {
    pub(super) frames: Vec<Frame<W>>,
    pub(super) candidates: Vec<super::config::Decision>,
}

/// Work that waits for somebody, and who is at work.
struct Pool<W> {
    tasks: Vec<Task<W>>,
    working: usize,
}

/// What the workers on one part share.
pub(super) struct Shared<'a, W> {
    pub(super) setup: Setup<'a>,
    pub(super) stepper: Box<dyn Stepper + 'a>,
    pub(super) spent: Spent,
    seen: Vec<Mutex<Seen<W>>>,
    /// The furthest return that was reached, by number.
    returns: AtomicUsize,
    /// The furthest return, by number, that a configuration left as starved could have reached.
    starved: AtomicUsize,
    configurations: AtomicU64,
    pool: Mutex<Pool<W>>,
    wake: Condvar,
    /// How many workers have nothing to do.
    hungry: AtomicUsize,
    is_done: AtomicBool,
    answer: Mutex<Option<Answer>>,
    /// Bytes of what is shared that are charged to the limits.
    charged: Mutex<usize>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'a, W: Window> Shared<'a, W> {
    pub(super) fn new(setup: Setup<'a>, stepper: Box<dyn Stepper + 'a>) -> Self {
        let seen = || Mutex::new(Seen::new(setup.width, setup.reductions.dominance));
        Self {
            setup,
            stepper,
            spent: Spent::new(),
            seen: std::iter::repeat_with(seen).take(SHARDS).collect(),
            returns: AtomicUsize::new(0),
            starved: AtomicUsize::new(0),
            configurations: AtomicU64::new(0),
            pool: Mutex::new(Pool { tasks: Vec::new(), working: 1 }),
            wake: Condvar::new(),
            hungry: AtomicUsize::new(0),
            is_done: AtomicBool::new(false),
            answer: Mutex::new(None),
            charged: Mutex::new(0),
        }
    }

    /// Enters a configuration, unless it is needless.
    pub(super) fn enter(
        &self,
        key: Key<W>,
        point: Point<W>,
        hideable: &W,
        at_most: impl Fn(SpentId, SpentId) -> bool,
    ) -> Entered<W> {
        locked(&self.seen[shard(&key)]).enter(key, point, hideable, at_most)
    }

    /// Remembers a configuration that has failed by what that is down to.
    pub(super) fn fail(&self, key: &Key<W>, failed: Failed<W>) {
        locked(&self.seen[shard(key)]).fail(key, failed);
    }

    /// Grants a worker some configurations; 0 where no more are allowed.
    pub(super) fn grant(&self) -> u64 {
        let limit = self.setup.limits.configurations;
        let granted = |used: u64| GRANT.min(limit.saturating_sub(used));
        let take = |used: u64| Some(used + granted(used));
        let used = self.configurations.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
        granted(used.unwrap_or_else(|used| used))
    }

    /// Takes back what was granted and not used.
    pub(super) fn give_back(&self, left: u64) {
        self.configurations.fetch_sub(left, Ordering::Relaxed);
    }

    /// How many configurations were granted.
    pub(super) fn configurations(&self) -> u64 {
        self.configurations.load(Ordering::Relaxed)
    }

    /// Some order reaches this return.
    pub(super) fn reach(&self, event: usize) {
        self.returns.fetch_max(event, Ordering::Relaxed);
    }

    /// The furthest return that some order reaches.
    pub(super) fn reached(&self) -> usize {
        self.returns.load(Ordering::Relaxed)
    }

    /// A configuration is left that could have reached this return at the most.
    pub(super) fn starve(&self, event: usize) {
        self.starved.fetch_max(event, Ordering::Relaxed);
    }

    /// The furthest return that a configuration left as starved could have reached.
    pub(super) fn starved(&self) -> usize {
        self.starved.load(Ordering::Relaxed)
    }

    /// Ends the search for all. The first answer stays, but for one that decides more.
    pub(super) fn finish(&self, answer: Answer) {
        let mut known = locked(&self.answer);
        if known.is_none() || matches!(known.as_ref(), Some(Answer::Stopped(_))) {
            *known = Some(answer);
        }
        drop(known);
        self.end();
    }

    /// Ends the search for all; what somebody panics with is told by whoever waits for all workers.
    pub(super) fn end(&self) {
        // Whoever waits looks at this and goes to sleep under the same lock, and so misses nothing.
        let pool = locked(&self.pool);
        self.is_done.store(true, Ordering::Release);
        drop(pool);
        self.wake.notify_all();
    }

    /// Whether the search has ended.
    pub(super) fn is_done(&self) -> bool {
        self.is_done.load(Ordering::Acquire)
    }

    /// The answer, once all workers are back.
    pub(super) fn answer(&self) -> Answer {
        locked(&self.answer).take().unwrap_or(Answer::No(self.reached()))
    }

    /// Charges what is shared to the limits; `false` where that is more than there is.
    pub(super) fn charge(&self) -> bool {
        let seen: usize = self.seen.iter().map(|seen| locked(seen).bytes()).sum();
        let soon = LOOK as usize;
        let bytes = seen + self.spent.bytes(soon) + self.stepper.bytes(soon);
        let mut charged = locked(&self.charged);
        let fits = self.setup.limits.memory.change(*charged, bytes);
        *charged = bytes;
        fits
    }

    /// Gives back what was charged.
    pub(super) fn discharge(&self) {
        let mut charged = locked(&self.charged);
        self.setup.limits.memory.change(*charged, 0);
        *charged = 0;
    }

    /// Whether somebody has nothing to do.
    pub(super) fn is_anybody_hungry(&self) -> bool {
        self.hungry.load(Ordering::Relaxed) > 0
    }

    /// Gives work away.
    pub(super) fn offer(&self, task: Task<W>) {
        locked(&self.pool).tasks.push(task);
        self.wake.notify_one();
    }

    /// Somebody comes to help.
    pub(super) fn join(&self) {
        locked(&self.pool).working += 1;
    }

    /// Waits for work; `None` once the search has ended, or nobody has any.
    pub(super) fn take(&self) -> Option<Task<W>> {
        let mut pool = locked(&self.pool);
        pool.working -= 1;
        self.hungry.fetch_add(1, Ordering::Relaxed);
        let found = loop {
            if self.is_done() {
                break None;
            }
            if let Some(task) = pool.tasks.pop() {
                pool.working += 1;
                break Some(task);
            }
            if pool.working == 0 {
                self.is_done.store(true, Ordering::Release);
                self.wake.notify_all();
                break None;
            }
            pool = self.wake.wait(pool).unwrap_or_else(PoisonError::into_inner);
        };
        self.hungry.fetch_sub(1, Ordering::Relaxed);
        found
    }

    /// Looks whether somebody asked to stop.
    pub(super) fn stopped(&self) -> Option<StopReason> {
        self.setup.limits.stop.requested()
    }
}

fn shard<W: Window>(key: &Key<W>) -> usize {
    // The top of the hash: the table inside goes by the rest.
    FxBuildHasher.hash_one(HashOf(key)) as usize % SHARDS
}

/// A key as it is spread over the shards: in another way than inside of one.
struct HashOf<'a, W>(&'a Key<W>);

impl<W: Hash> Hash for HashOf<'_, W> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.state.hash(state);
        self.0.event.hash(state);
    }
}
