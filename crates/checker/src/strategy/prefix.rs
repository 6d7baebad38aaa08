//! The shortest prefix that has no linearization, where a strategy can judge prefixes.
//!
//! Once a prefix has none, no longer one has. What was in the way of a linearization hints at where the shortest such
//! prefix ends; it is seldom right next to the truth, but a few hints lead there, and bisection goes on where they do not.

use super::Outcome;
use super::items::{Conflict, Items};

/// What a strategy knows about a prefix.
#[derive(Debug)]
pub(super) enum Known<T> {
    /// It has a linearization.
    Yes(T),
    /// The strategy cannot tell.
    Maybe,
    /// It has none.
    No(Conflict),
}

impl<T> From<Result<T, Conflict>> for Known<T> {
    /// What a test that is never wrong found.
    fn from(found: Result<T, Conflict>) -> Self {
        found.map_or_else(Self::No, Self::Yes)
    }
}

/// How many hints are followed before one bisection.
const HINTS: u32 = 4;

/// Decides a part: by what is known about the whole of it, and where that has no linearization, about its prefixes, each
/// named by the event that it ends with. The prefixes that end with one of the first `good` returns have one.
pub(super) fn decide(
    items: &Items<'_>,
    good: usize,
    linearize: impl FnOnce(u32) -> Known<Vec<u32>>,
    check: impl Fn(u32) -> Known<()>,
) -> Outcome {
    let conflict = match linearize(items.last_event()) {
        Known::Yes(order) => return Outcome::Order(order),
        Known::Maybe => return Outcome::Undecided(None),
        Known::No(conflict) => conflict,
    };
    let returns = &items.numbered.returns;
    let ret = |op: u32| items.spans[op as usize].ret;
    let place = |Conflict(event)| returns.partition_point(|&op| ret(op) < event);
    // The prefixes before `low` are not known to have none, those before `sure` have one, that of `high` has none.
    let (mut low, mut sure, mut high) = (good, good, returns.len() - 1);
    let (mut hint, mut hints, mut step) = (Some(place(conflict)), 0, 1);
    while low < high {
        let half = low + (high - low) / 2;
        let hinted = hint.take().filter(|hint| (low..high).contains(hint) && hints < HINTS);
        let probe = hinted.unwrap_or_else(|| half.max(high.saturating_sub(step)));
        if hinted.is_some() {
            hints += 1;
        } else {
            (hints, step) = (0, 2 * step);
        }
        match check(ret(returns[probe])) {
            Known::No(conflict) => {
                high = probe;
                hint = Some(place(conflict));
            }
            Known::Yes(()) => {
                low = probe + 1;
                sure = low;
            }
            Known::Maybe => low = probe + 1,
        }
    }
    if sure == high { Outcome::Refuted { at: high, before: None } } else { Outcome::Undecided(None) }
}
