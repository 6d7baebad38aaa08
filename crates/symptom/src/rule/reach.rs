//! Which client was answered by which node, and when it was not: what the rules on single clients share.
//!
//! Who is on which side is taken from the first half of a window, and what is told of the sides is tested on the second: who is
//! chosen for having failed would else be shown to have failed.

use std::ops::Range;

use seriatim_history::ValueId;

use crate::baseline::SAMPLE;
use crate::cell::Answered;
use crate::grid::Fold;
use crate::rules::Asked;
use crate::setting::{Setting, Unit};

/// See there.
pub(crate) static GAP: Setting = Setting {
    name: "sym05.gap",
    unit: Unit::Share,
    default: 0.5,
    about: "Between clients that found a node ill and those that found it well, the shares of operations that happened are at \
            least so far apart, and so much further than usual.",
};

/// See there.
pub(crate) static LASTS: Setting = Setting {
    name: "sym05.lasts",
    unit: Unit::Time,
    default: 3.0,
    about: "Clients must differ for at least so long, which is longer than they wait: who asked at the end of a fault differs from \
            who asked just after.",
};

/// How often a client asked a node on average, at the least, for what it found to be told.
const ASKED: u64 = 3;

/// How many stretches in which all was well lie between two parts of one bad time, at most, unless it is by a chance of this or more
/// that so many in a row went well, of what mostly did not.
const BRIDGED: i64 = 1;
const CHANCE: f64 = 1e-3;
/// How many bad times are looked at, the longest first.
const MOST_SPELLS: usize = 48;

/// A client and a node that it asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) client: ValueId,
    pub(super) node: ValueId,
    pub(super) series: usize,
}

/// Operations of some pairs: how many happened, and how many did not or nobody knows.
pub(super) type Outcomes = [u64; 2];

/// All pairs whose node is known; none where there are too many to look at.
pub(super) fn pairs(of: &Asked<'_>) -> Vec<Pair> {
    let all = of.observed.pairs.iter().flatten();
    all.filter_map(|&((client, node), series)| Some(Pair { client, node: node?, series })).collect()
}

/// The times in which pairs had mostly bad answers, the longest first, each once.
pub(super) fn spells(of: &Asked<'_>, pairs: &[Pair]) -> Vec<Range<i64>> {
    chosen(of, pairs.iter().flat_map(|pair| bad_times(of, pair, 1.0)))
}

/// The same, where what went well in between may be chance.
pub(super) fn bridged_spells(of: &Asked<'_>, pairs: &[Pair]) -> Vec<Range<i64>> {
    chosen(of, pairs.iter().flat_map(|pair| bad_times(of, pair, CHANCE)))
}

fn chosen(of: &Asked<'_>, spells: impl Iterator<Item = Range<i64>>) -> Vec<Range<i64>> {
    let long_enough = |spell: &Range<i64>| {
        (spell.end - spell.start) * of.observed.answered.width() >= of.thresholds.nanoseconds(&LASTS)
    };
    let mut all: Vec<_> = spells.filter(long_enough).collect();
    all.sort_unstable_by_key(|spell| (spell.start - spell.end, spell.start));
    all.dedup();
    all.truncate(MOST_SPELLS);
    all
}

/// When a client was mostly not answered well by a node: from the first such stretch to the last one, and on beyond what went well by
/// no less a chance.
fn bad_times(of: &Asked<'_>, pair: &Pair, chance: f64) -> Vec<Range<i64>> {
    let grid = &of.observed.answered;
    let mut all: Vec<Range<i64>> = Vec::new();
    // How many stretches in which all was well came after the last one of those, and what came of what was asked in these; and in
    // the bad time so far.
    let (mut well, mut since, mut so_far) = (i64::MAX, [0; 2], [0; 2]);
    for place in grid.span() {
        let Some(&Answered { ok, bad, .. }) = grid.get(pair.series, place) else { continue };
        since = [since[0] + u64::from(ok), since[1] + u64::from(bad)];
        if bad > ok {
            match all.last_mut() {
                Some(last) if well <= BRIDGED || is_chance(so_far, since, chance) => {
                    last.end = place + 1;
                    so_far = [so_far[0] + since[0], so_far[1] + since[1]];
                }
                _ => {
                    all.push(place..place + 1);
                    so_far = [ok.into(), bad.into()];
                }
            }
            (well, since) = (0, [0; 2]);
        } else if ok > 0 {
            well = well.saturating_add(1);
        }
    }
    all.retain(|spell| spell.end - spell.start > 1);
    all
}

/// Whether by a chance of at least so much that may have gone well which did after what mostly went badly, with which it mostly does
/// still.
fn is_chance(so_far: Outcomes, since: Outcomes, least: f64) -> bool {
    let well = (so_far[0] + 1) as f64 / (size(so_far) + 2) as f64;
    so_far[0] + since[0] < so_far[1] + since[1] && well.powi(since[0] as i32) >= least
}

/// The two halves of a window.
pub(super) fn halves(window: &Range<i64>) -> [Range<i64>; 2] {
    let middle = window.start + (window.end - window.start + 1) / 2;
    [window.start..middle, middle..window.end]
}

/// What came of what a client asked a node in some stretches.
pub(super) fn outcomes(of: &Asked<'_>, pair: &Pair, places: Range<i64>) -> Outcomes {
    let mut all = Answered::default();
    places.filter_map(|at| of.observed.answered.get(pair.series, at)).for_each(|&more| all.fold(more));
    [all.ok.into(), all.bad.into()]
}

/// What came of what several asked.
pub(super) fn sum<'a>(
    of: &Asked<'_>,
    pairs: impl IntoIterator<Item = &'a Pair>,
    places: &Range<i64>,
) -> Outcomes {
    let each = pairs.into_iter().map(|pair| outcomes(of, pair, places.clone()));
    each.fold([0; 2], |all, more| [all[0] + more[0], all[1] + more[1]])
}

/// The same in the time that is usual, without these stretches.
pub(super) fn usual<'a>(
    of: &Asked<'_>,
    pairs: impl IntoIterator<Item = &'a Pair>,
    but: &Range<i64>,
) -> Outcomes {
    let grid = &of.observed.answered;
    let is_usual = |&place: &i64| {
        let (from, to) = (grid.time(place), grid.time(place + 1) - 1);
        !but.contains(&place) && of.baseline.has(from) && of.baseline.has(to)
    };
    let places: Vec<_> = grid.span().filter(is_usual).collect();
    let each = pairs.into_iter().flat_map(|pair| places.iter().map(|&at| outcomes(of, pair, at..at + 1)));
    each.fold([0; 2], |all, more| [all[0] + more[0], all[1] + more[1]])
}

/// The share that happened; nothing of none.
pub(super) fn share([ok, bad]: Outcomes) -> Option<f64> {
    (ok + bad > 0).then(|| ok as f64 / (ok + bad) as f64)
}

/// How many there are.
pub(super) fn size([ok, bad]: Outcomes) -> u64 {
    ok + bad
}

/// When a window was, in nanoseconds.
pub(super) fn times(of: &Asked<'_>, places: &Range<i64>) -> (i64, i64) {
    (of.observed.answered.time(places.start), of.observed.answered.time(places.end))
}

/// Whether two sides, with what came of what each asked, are told by enough.
pub(super) fn are_enough(of: &Asked<'_>, sides: [(&[Pair], Outcomes); 2]) -> bool {
    let sample = of.thresholds.of(&SAMPLE);
    sides.iter().all(|&(pairs, all)| size(all) as f64 >= sample && size(all) >= ASKED * pairs.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{Came, READ, Trace, client, node};

    /// A client asks two nodes each fourth of a second for 30 s; such tries at the first one fail.
    fn trace(fails: impl Fn(i64) -> bool) -> Trace {
        let mut trace = Trace::new();
        for at in 0..120 {
            let came = if fails(at) { Came::Fail } else { Came::Ok };
            trace.add((0, 0), READ, 250 * at, Some((3, came))).add(
                (0, 1),
                READ,
                250 * at,
                Some((3, Came::Ok)),
            );
        }
        trace
    }

    fn found(fails: impl Fn(i64) -> bool) -> Vec<(i64, i64)> {
        let spells = trace(fails).ask(|of| spells(of, &pairs(of)));
        spells.into_iter().map(|spell| (spell.start, spell.end)).collect()
    }

    #[test]
    fn bad_times_last_three_seconds_and_one_good_stretch_is_bridged() {
        assert_eq!(found(|at| (40..52).contains(&at)), [(40, 52)]);
        assert_eq!(found(|at| (40..51).contains(&at)), []);
        assert_eq!(found(|at| (40..54).contains(&at) && at != 46), [(40, 54)]);
        assert_eq!(found(|at| (40..66).contains(&at) && at != 52 && at != 53), [(40, 52), (54, 66)]);
        // The longest is first.
        assert_eq!(found(|at| (40..52).contains(&at) || (70..90).contains(&at)), [(70, 90), (40, 52)]);
    }

    #[test]
    fn what_came_of_it_is_counted() {
        // One of four fails usually, and all in a bad time.
        let mut trace = trace(|at| at % 4 == 0 || (80..100).contains(&at));
        trace.fault(20_000, 25_000, &[]).thresholds.set(&crate::baseline::ENOUGH, 1.0);
        trace.ask(|of| {
            let pairs = pairs(of);
            let names: Vec<_> = pairs.iter().map(|pair| (pair.client, pair.node)).collect();
            assert_eq!(names, [(client(0), node(0)), (client(0), node(1))]);
            assert_eq!(outcomes(of, &pairs[0], 78..82), [2, 2]);
            assert_eq!(sum(of, &pairs, &(78..82)), [6, 2]);
            // From the third second on, without the seconds in question.
            assert_eq!(usual(of, &pairs[..1], &(40..48)), [45, 15]);
            assert_eq!(usual(of, &pairs[..1], &(90..98)), [51, 17]);
            assert_eq!(times(of, &(40..48)), (10_000_000_000, 12_000_000_000));
        });
        assert_eq!((share([3, 1]), share([0, 0]), size([3, 1])), (Some(0.75), None, 4));
        assert_eq!([halves(&(10..14)), halves(&(10..15))], [[10..12, 12..14], [10..13, 13..15]]);
    }

    #[test]
    fn thirty_and_three_of_each_are_enough() {
        let pair = Pair { client: client(0), node: node(0), series: 0 };
        let is_enough = |pairs: usize, all: Outcomes| {
            let pairs = vec![pair; pairs];
            Trace::new().ask(|of| are_enough(of, [(&pairs, all), (&pairs[..1], [1_000, 0])]))
        };
        assert_eq!([is_enough(10, [10, 20]), is_enough(9, [9, 20])], [true, false]);
        assert_eq!([is_enough(11, [13, 20]), is_enough(11, [12, 20])], [true, false]);
    }
}
