//! Budgets, enforced inside the search. The clock is not here: whoever owns it sets [`Stop`].

use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

/// What stopped a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// The time was up.
    Timeout,
    /// The memory was used up.
    Memory,
    /// As many configurations as were allowed had been entered.
    Configurations,
    /// Somebody interrupted.
    Interrupted,
}

/// A request to stop, shared by all searches of a run.
#[derive(Debug, Default)]
pub struct Stop(AtomicU8);

impl Stop {
    /// Nobody has asked yet.
    pub const fn new() -> Self {
        Self(AtomicU8::new(0))
    }

    /// Asks all searches to stop. The first reason stays.
    pub fn request(&self, reason: StopReason) {
        let _ = self.0.compare_exchange(0, Self::code(reason), Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Takes a request back, if it was for this reason.
    pub fn withdraw(&self, reason: StopReason) {
        let _ = self.0.compare_exchange(Self::code(reason), 0, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Whether somebody has asked, as far as a loop sees it that is at this step: it looks once in many.
    pub(crate) fn is_requested_at(&self, step: usize) -> bool {
        /// So many steps that do little take less than a millisecond.
        const LOOK: usize = 1 << 12;
        step.is_multiple_of(LOOK) && self.requested().is_some()
    }

    fn code(reason: StopReason) -> u8 {
        match reason {
            StopReason::Timeout => 1,
            StopReason::Memory => 2,
            StopReason::Configurations => 3,
            StopReason::Interrupted => 4,
        }
    }

    /// The reason to stop, if somebody has asked.
    pub fn requested(&self) -> Option<StopReason> {
        match self.0.load(Ordering::Relaxed) {
            0 => None,
            1 => Some(StopReason::Timeout),
            2 => Some(StopReason::Memory),
            3 => Some(StopReason::Configurations),
            _ => Some(StopReason::Interrupted),
        }
    }
}

/// The bytes that the searches of a run may hold together; or a share of them.
#[derive(Debug)]
pub struct Memory<'a> {
    limit: usize,
    used: AtomicUsize,
    /// What this is a share of.
    whole: Option<&'a Memory<'a>>,
}

impl<'a> Memory<'a> {
    /// At most `limit` bytes.
    pub const fn new(limit: usize) -> Self {
        Self { limit, used: AtomicUsize::new(0), whole: None }
    }

    /// At most `limit` bytes of those of another: what is held of the share is held of the whole, too.
    pub(crate) fn share(whole: &'a Memory<'a>, limit: usize) -> Self {
        Self { limit, used: AtomicUsize::new(0), whole: Some(whole) }
    }

    /// How many bytes nobody holds.
    pub(crate) fn free(&self) -> usize {
        self.limit.saturating_sub(self.used.load(Ordering::Relaxed))
    }

    /// Changes what one holder has from `before` to `after` bytes; `false` where that is more than there is.
    pub fn change(&self, before: usize, after: usize) -> bool {
        let fits_whole = self.whole.is_none_or(|whole| whole.change(before, after));
        let fits = if after >= before {
            let grown = after - before;
            self.used.fetch_add(grown, Ordering::Relaxed).saturating_add(grown) <= self.limit
        } else {
            self.used.fetch_sub(before - after, Ordering::Relaxed);
            true
        };
        fits && fits_whole
    }
}

/// About how many bytes a hash table holds that has room for so many entries: an eighth of its places stays empty.
pub(crate) fn table(capacity: usize, entry: usize) -> usize {
    capacity * 8 / 7 * entry
}

/// About how many bytes a growing hash table holds until the limits are looked at again: one that is nearly full will hold
/// its old and its new place, twice as large, at once.
pub(crate) fn growing(len: usize, capacity: usize, entry: usize, soon: usize) -> usize {
    if capacity - len < soon { 3 * table(capacity.max(soon), entry) } else { table(capacity, entry) }
}

/// What a check may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits<'a> {
    /// Configurations that the search of one part may enter.
    pub configurations: u64,
    /// Set by whoever owns the clock.
    pub stop: &'a Stop,
    /// The memory that all searches share.
    pub memory: &'a Memory<'a>,
}
