//! SYM01 by keys: nothing that was asked of some keys happened, while it did of others. A shard, a range or a partition is served
//! by few, and they may be gone alone.
//!
//! Each key is looked at by itself: whether nothing happened for a while, of so much that chance does not explain it. Those of one
//! time are put together, and what they are asked together has the rule of any series.

use seriatim_history::ValueId;

use crate::baseline::within;
use crate::cell::Cell;
use crate::grid::Fold;
use crate::rule::covered;
use crate::rule::gap::{LEAST, chance, long, symptom};
use crate::rule::hole::{Hole, holes, usually};
use crate::rules::{Asked, Candidates, Q};
use crate::statistics::fewer;
use crate::symptom::Scope;

/// A time in which nothing of a key happened.
#[derive(Clone, Copy, Debug)]
struct Unserved {
    key: ValueId,
    series: usize,
    hole: Hole,
}

pub(super) fn find(asked: &Asked<'_>) -> Candidates {
    let observed = asked.observed;
    let Some(keys) = observed.keys.as_ref().filter(|keys| keys.len() > 1) else {
        return Candidates::default();
    };
    let least = asked.thresholds.nanoseconds(&LEAST);
    // As many keys are looked at.
    let most = asked.thresholds.of(&Q) / keys.len() as f64;
    let mut candidates = Candidates::default();
    let mut all = Vec::new();
    for &(key, series) in keys {
        let counts = counts(asked, &[series]);
        let usual = usual(asked, &counts);
        // Which key clients ask next is up to them: that all wait for one does not happen.
        let holes = holes(asked, &observed.keyed, &counts, least, None);
        let odd = holes.into_iter().filter(|hole| fewer([0, hole.calls], usual) <= most);
        let before = all.len();
        all.extend(odd.map(|hole| Unserved { key, series, hole }));
        candidates.tests.extend((all.len() == before).then_some(1.0));
    }
    for group in groups(all) {
        let series: Vec<_> = group.iter().map(|of| of.series).collect();
        let counts = counts(asked, &series);
        let Some(usually) = usually(asked, &observed.keyed, &counts) else { continue };
        let window = common(&group).expect("a group has one");
        let holes = holes(asked, &observed.keyed, &counts, long(asked, usually), None);
        let Some(hole) = holes.into_iter().find(|hole| covered(window, hole.window) >= 0.5) else { continue };
        let p = chance(asked, hole.window, hole.asked, usually.stretches);
        candidates.tests.push(p);
        let keys = group.iter().map(|of| of.key).collect();
        candidates.symptoms.push(symptom(Scope { keys, ..Scope::default() }, &hole, &usually, p));
    }
    candidates
}

/// What some keys were asked in each stretch, put together.
fn counts(asked: &Asked<'_>, series: &[usize]) -> Vec<Cell> {
    let grid = &asked.observed.keyed;
    let of = |place: i64| {
        let mut all = Cell::default();
        series.iter().filter_map(|&of| grid.get(of, place)).for_each(|&cell| all.fold(cell.into()));
        all
    };
    grid.span().map(of).collect()
}

/// How much of a key usually happens, and how much does not.
fn usual(asked: &Asked<'_>, counts: &[Cell]) -> [u64; 2] {
    let mut all = Cell::default();
    for &(from, to) in asked.baseline.stretches() {
        let places = within(&asked.observed.keyed, counts.len(), from, to);
        counts[places].iter().for_each(|&cell| all.fold(cell));
    }
    all.outcomes()
}

/// Those whose holes are about the same, together: the longest first, and with it what shares at least half of either.
fn groups(mut all: Vec<Unserved>) -> Vec<Vec<Unserved>> {
    all.sort_by_key(|of| (of.hole.window.0 - of.hole.window.1, of.hole.window.0, of.key));
    let mut groups: Vec<Vec<Unserved>> = Vec::new();
    for of in all {
        let is_same = |group: &&mut Vec<Unserved>| {
            let window = common(group).expect("a group has one");
            covered(of.hole.window, window) >= 0.5
                && covered(window, of.hole.window) >= 0.5
                && group.iter().all(|other| covered(other.hole.window, of.hole.window) >= 0.5)
        };
        match groups.iter_mut().find(is_same) {
            Some(group) => group.push(of),
            None => groups.push(vec![of]),
        }
    }
    groups.iter_mut().for_each(|group| group.sort_by_key(|of| of.key));
    groups
}

/// The time that all holes of a group have in common.
fn common(group: &[Unserved]) -> Option<(i64, i64)> {
    let windows = || group.iter().map(|of| of.hole.window);
    Some((windows().map(|(from, _)| from).max()?, windows().map(|(_, to)| to).min()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{Came, READ, Trace, ms};

    /// Ten keys, each of which is asked ten times a second by eight clients, and what comes of it.
    fn trace(came: impl Fn(u32, i64) -> Came) -> Trace {
        let mut trace = Trace::new();
        for (at, time) in (0..20_000).step_by(10).enumerate() {
            let key = at as u32 * 7 % 10;
            trace.on(key, (at as u32 % 8, at as u32 % 3), READ, time, Some((4, came(key, time))));
        }
        trace.fault(8_000, 12_000, &[]);
        trace
    }

    #[test]
    fn some_keys_are_not_served() {
        let all =
            trace(|key, time| if key < 2 && (8_000..12_000).contains(&time) { Came::Fail } else { Came::Ok });
        let found = all.find(crate::rule::gap::find);
        let [of] = &found.symptoms[..] else { panic!("{found:?}") };
        assert_eq!(of.scope.keys, [0, 1].map(Trace::key));
        assert!(of.window.0 >= ms(7_900) && of.window.1 <= ms(12_100), "{of:?}");
        assert!(of.window.1 - of.window.0 >= ms(3_800), "{of:?}");
        // Both were asked ten times a second.
        assert!((76.0..=82.0).contains(&of.numbers[1].value), "{of:?}");
        assert!(of.test.is_some_and(|test| test.p < 1e-9));
    }

    #[test]
    fn what_one_key_does_not_show_many_do() {
        // Each of forty keys is asked twice in a second: that one is not served for two seconds is nothing, but for ten it is.
        let with = |out: u32| {
            let mut trace = Trace::new();
            for (at, time) in (0..40_000).step_by(12).enumerate() {
                let key = at as u32 * 7 % 40;
                let came = if key < out && (20_000..24_000).contains(&time) { Came::Fail } else { Came::Ok };
                trace.on(key, (at as u32 % 8, at as u32 % 3), READ, time, Some((4, came)));
            }
            trace.fault(20_000, 24_000, &[]);
            let found = trace.find(crate::rule::gap::find).symptoms;
            found.iter().map(|of| of.scope.keys.len()).collect::<Vec<_>>()
        };
        assert_eq!(with(10), [10]);
        assert!(with(1).is_empty());
    }

    #[test]
    fn two_at_two_times_are_two() {
        let all = trace(|key, time| {
            let from = if key == 3 { 8_000 } else { 10_500 };
            let is_out = (key == 3 || key == 4) && (from..from + 2_000).contains(&time);
            if is_out { Came::Info } else { Came::Ok }
        });
        let found = all.find(crate::rule::gap::find);
        let keys: Vec<_> = found.symptoms.iter().map(|of| of.scope.keys.clone()).collect();
        assert_eq!(keys, [[Trace::key(3)], [Trace::key(4)]]);
    }

    #[test]
    fn what_all_show_is_not_told_of_keys() {
        let all = trace(|_, time| if (8_000..12_000).contains(&time) { Came::Fail } else { Came::Ok });
        let found = all.find(crate::rule::gap::find);
        assert_eq!(found.symptoms.len(), 1);
        assert!(found.symptoms[0].scope.keys.is_empty());
        // A key that is asked no more has no gap, and neither has one that fails now and then.
        let all = trace(|key, time| if key == 5 && time % 2_000 < 900 { Came::Fail } else { Came::Ok });
        assert!(all.find(crate::rule::gap::find).symptoms.is_empty());
    }

    /// The keys that go together of those that are not served at such times, named by their places.
    fn together(windows: &[(i64, i64)]) -> Vec<Vec<u32>> {
        let hole = |&window: &(i64, i64)| Hole { window, calls: 1, open: 0, asked: 1, failed: 0 };
        let of = |(at, hole): (usize, Hole)| Unserved { key: Trace::key(at as u32), series: at, hole };
        let groups = groups(windows.iter().map(hole).enumerate().map(of).collect());
        groups.iter().map(|group| group.iter().map(|of| of.series as u32).collect()).collect()
    }

    #[test]
    fn what_shares_half_of_its_time_goes_together() {
        assert_eq!(together(&[(5, 15), (0, 10)]), [[0, 1]]);
        assert_eq!(together(&[(6, 16), (0, 10)]), [[1], [0]]);
        // The longest is first, of which a part has to be half as well.
        assert_eq!(together(&[(0, 10), (0, 20)]), [[0, 1]]);
        assert_eq!(together(&[(0, 9), (0, 20)]), [[1], [0]]);
        // One that shares half with the second but not with the first.
        assert_eq!(together(&[(0, 10), (4, 14), (8, 18)]), [vec![0, 1], vec![2]]);
    }
}
