//! What recordings tell of single operations beside what these are: few do, so it stands in a table of its own.

use std::hash::{Hash, Hasher};
use std::num::NonZeroU32;

/// What a recording tells of an operation beside what it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Which try of its request it is, from 1.
    pub attempt: Option<u32>,
    /// A number that all tries of one request have, and hardly any others: see [`Told::request`].
    pub request: Option<u64>,
    /// The time that the server stamped it with, in nanoseconds.
    pub server_time: Option<i64>,
}

impl Told {
    /// The number of a request whose clients number it themselves: the last 53 bits of theirs, which every reader of JSON keeps.
    pub fn request(number: i64) -> u64 {
        number as u64 & ((1 << 53) - 1)
    }

    /// The number of a request that its clients gave a name.
    pub fn named_request(name: &str) -> u64 {
        let mut hasher = rustc_hash::FxHasher::default();
        name.hash(&mut hasher);
        Self::request(hasher.finish() as i64)
    }

    /// The same, with what `later` tells.
    #[must_use]
    pub fn and(self, later: Self) -> Self {
        Self {
            attempt: later.attempt.or(self.attempt),
            request: later.request.or(self.request),
            server_time: later.server_time.or(self.server_time),
        }
    }

    /// Whether nothing is told.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// The place of what is told of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ToldId(NonZeroU32);

/// All that is told of the operations of a history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllTold {
    told: Vec<Told>,
    /// Places of which nobody asks any more.
    free: Vec<ToldId>,
}

impl AllTold {
    /// What stands at a place; nothing where there is none.
    pub fn of(&self, id: Option<ToldId>) -> Told {
        id.map_or(Told::default(), |id| self.told[id.index()])
    }

    /// Adds what is told of an operation that had `id` before; gives its place.
    pub fn tell(&mut self, id: Option<ToldId>, told: Told) -> Option<ToldId> {
        if told.is_nothing() {
            return id;
        }
        if let Some(id) = id.or_else(|| self.free.pop()) {
            self.told[id.index()] = self.told[id.index()].and(told);
            return Some(id);
        }
        self.told.push(told);
        let number = u32::try_from(self.told.len()).expect("fewer than 2^32 operations");
        NonZeroU32::new(number).map(ToldId)
    }

    /// Forgets everything, and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.told.clear();
        self.free.clear();
    }

    /// What stands at a place, of which nobody will ask again.
    pub(crate) fn take(&mut self, id: Option<ToldId>) -> Told {
        let Some(id) = id else { return Told::default() };
        self.free.push(id);
        std::mem::take(&mut self.told[id.index()])
    }
}

impl ToldId {
    fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_later_is_added_and_places_are_used_again() {
        let mut all = AllTold::default();
        let attempt = |number| Told { attempt: Some(number), ..Told::default() };
        let stamp = Told { server_time: Some(7), ..Told::default() };
        assert_eq!(all.tell(None, Told::default()), None);
        let first = all.tell(None, attempt(2));
        let second = all.tell(None, attempt(1));
        assert_eq!(all.tell(first, stamp), first);
        assert_eq!(all.of(first), Told { attempt: Some(2), ..stamp });
        assert_eq!(all.take(first), Told { attempt: Some(2), ..stamp });
        assert_eq!(all.tell(None, stamp), first);
        assert_eq!((all.of(first), all.of(second), all.of(None)), (stamp, attempt(1), Told::default()));
    }
}
