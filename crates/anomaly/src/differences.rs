//! How soon clients saw what others put in: what offsets of their clocks have to allow, if there are any.
//!
//! Of a value that one operation put in and another one saw, the first was called before the second was answered. If clocks
//! are apart, the recorded times may say otherwise; of two clients the least of all differences counts. O(what was seen),
//! but of whole sets and logs only the ends.

use rustc_hash::FxHashMap;
use seriatim_history::{History, OpId, ValueId};
use seriatim_model::{Model, Part};

use crate::words;

/// Of a whole log, or a set, so many elements are looked at: the latest tell most.
const LATEST: usize = 64;

/// The least time from the call of what a client put in to the return of what another one saw of it, as recorded, in
/// nanoseconds: less than 0 where it was seen before. Of each two clients, in the order of their numbers; of those whose
/// operations have no times nothing, and nothing where it is time to stop.
pub fn differences<M: Model>(
    model: &M,
    parts: &[Part<M::Op>],
    history: &History,
    goes_on: &dyn Fn() -> bool,
) -> Vec<([ValueId; 2], i64)> {
    let mut least: FxHashMap<[ValueId; 2], i64> = FxHashMap::default();
    for part in parts {
        let Some(words) = words::of(model, part, goes_on) else { return Vec::new() };
        let mut puts: FxHashMap<ValueId, Option<OpId>> = FxHashMap::default();
        for word in &words {
            if let Some(value) = words::put(&word.access) {
                puts.entry(value).and_modify(|known| *known = None).or_insert(Some(word.id));
            }
        }
        for word in words.iter().filter(|word| word.has_happened()) {
            let seen = history.operation(word.id);
            let Some(answered) = seen.end.and_then(|end| end.time) else { continue };
            for value in words::seen(&word.access).iter().rev().take(LATEST) {
                let Some(&Some(put)) = puts.get(value) else { continue };
                let put = history.operation(put);
                let Some(called) = put.call.time.filter(|_| put.process != seen.process) else { continue };
                let known = least.entry([put.process, seen.process]).or_insert(i64::MAX);
                *known = (answered.saturating_sub(called)).min(*known);
            }
        }
    }
    let mut all: Vec<_> = least.into_iter().collect();
    all.sort_unstable();
    all
}

#[cfg(test)]
mod tests {
    use seriatim_model::part;

    use super::*;
    use crate::split::tests::{history, read, register, write};

    #[test]
    fn of_each_two_clients_the_least_counts() {
        let history = history(&[
            (0, "n1", write(1), 0, 10),
            (1, "n1", read(1), 20, 30),
            (2, "n1", read(1), 22, 40),
            (1, "n1", write(2), 50, 60),
            (0, "n1", read(2), 55, 62),
            (0, "n1", write(3), 70, 80),
            (1, "n1", read(3), 75, 85),
            (0, "n1", read(3), 90, 95),
        ]);
        let parts = part::split(&register(), &history).expect("the operations are those of the model");
        let shown = |id: ValueId| history.values.show(id);
        let of = |([put, seen], least): ([ValueId; 2], i64)| (shown(put), shown(seen), least);
        let mut all: Vec<_> =
            differences(&register(), &parts, &history, &|| true).into_iter().map(of).collect();
        all.sort();
        let told = |put: &str, seen: &str, least| (put.to_owned(), seen.to_owned(), least);
        assert_eq!(all, [told("0", "1", 15), told("0", "2", 40), told("1", "0", 12)]);
    }
}
