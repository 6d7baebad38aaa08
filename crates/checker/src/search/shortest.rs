//! The shortest prefix without a linearization, where a search left configurations for what will happen later.
//!
//! A search that looks ahead says no sooner than it knows how far orders reach: what it left as starved could have come
//! some returns further. It is asked again about ever closer prefixes, each time heeding only what the prefix has.

use super::{Answer, Found, Searched, Setup};
use crate::limits::Limits;

/// Searches, and where there is no order finds the return that ends the shortest prefix without one.
pub(super) fn prefix<'a>(setup: Setup<'a>, search: impl Fn(Setup<'_>) -> Searched) -> Found {
    let Searched { mut found, starved } = search(setup);
    let Answer::No(reached) = found.answer else { return found };
    // Some order reaches `low`, and none goes further than `high`.
    let mut low = reached;
    let mut high = starved.max(low).min(setup.end.unwrap_or(usize::MAX));
    let mut step = 1;
    while low < high {
        let end = high.min(low + step);
        let last = setup.numbered.returns[end - 1];
        let used = found.reached.configurations;
        let limits = Limits { configurations: setup.limits.configurations - used, ..*setup.limits };
        let reached = super::Reached { configurations: used, ..setup.reached };
        let horizon = setup.numbered.ops[last as usize].ret;
        let closer = search(Setup { end: Some(end), horizon, limits: &limits, reached, ..setup });
        found.reached.configurations += closer.found.reached.configurations;
        found.reached.returns = found.reached.returns.max(closer.found.reached.returns);
        match closer.found.answer {
            Answer::No(at) if at >= end => (low, step) = (at, 2 * step),
            Answer::No(at) => (low, high, step) = (low.max(at), end - 1, 1),
            other => return Found { answer: other, ..found },
        }
    }
    Found { answer: Answer::No(low), ..found }
}
