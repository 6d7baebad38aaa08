//! Which operations are further tries of a request: those with a number that was seen before.
//!
//! What is remembered does not grow with a history: a number is forgotten when another one comes to its place, mostly some ten
//! thousand requests later. A try that comes later than that counts as a first one.

/// So many places there are for numbers.
const PLACES: usize = 1 << 16;

/// The numbers of requests that were seen.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    /// Each at the place that it belongs to, one more than it is; nothing before there is any.
    seen: Vec<u64>,
    has_repeated: bool,
}

impl Requests {
    /// Whether the number of a request, which has no more than 53 bits, was seen before.
    pub(crate) fn has_seen(&mut self, number: u64) -> bool {
        if self.seen.is_empty() {
            self.seen.resize(PLACES, 0);
        }
        // The finalizer of SplitMix64 (Steele, Lea & Flood 2014) spreads numbers that have much in common.
        let mixed = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let place = &mut self.seen[(mixed >> 32) as usize % PLACES];
        let is_again = std::mem::replace(place, number + 1) == number + 1;
        self.has_repeated |= is_again;
        is_again
    }

    /// Whether any was seen twice: where none was, each try may have a number of its own.
    pub(crate) fn has_repeated(&self) -> bool {
        self.has_repeated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_again_soon_is_known() {
        let mut requests = Requests::default();
        assert!(!requests.has_seen(0) && !requests.has_seen(7) && !requests.has_repeated());
        assert!(requests.has_seen(0) && requests.has_seen(7) && requests.has_seen(7));
        assert!(requests.has_repeated());
    }

    #[test]
    fn what_is_remembered_does_not_grow() {
        let mut requests = Requests::default();
        assert!((0..1_000_000).all(|number| !requests.has_seen(number)));
        assert_eq!(requests.seen.len(), PLACES);
        // Of the last hundred hardly any is forgotten.
        let known = (999_900..1_000_000).filter(|&number| requests.has_seen(number)).count();
        assert!(known >= 98, "{known}");
        assert!(!requests.has_seen(3));
    }
}
