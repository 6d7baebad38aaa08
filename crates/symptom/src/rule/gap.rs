//! SYM01: for a while nothing that was asked happened, of all, of a node, of a function, or of some keys.
//!
//! A gap is a stretch between two operations that happened. Time in which nobody asked and nothing was open is not in it. It
//! counts where clients asked on, or where all of them waited: one client that stands still in a closed loop is not enough.

use crate::baseline::{SAMPLE, between};
use crate::cell::Cell;
use crate::grid::Fold;
use crate::kind::SymptomKind;
use crate::rule::hole::{Hole, Usually, holes, usually};
use crate::rule::{Part, covered, key_gap, load};
use crate::rules::{Asked, Candidates};
use crate::setting::{Setting, Unit};
use crate::statistics::fewer;
use crate::symptom::{Number, Scope, Symptom, Tested};

/// See there.
pub(crate) static LEAST: Setting =
    Setting { name: "sym01.gap", unit: Unit::Time, default: 1.0, about: "A gap lasts at least so long." };

/// See there.
pub(crate) static TIMES: Setting = Setting {
    name: "sym01.times",
    unit: Unit::Factor,
    default: 10.0,
    about: "And at least so many times as long as the 99.9th percentile of what usually lies between two operations that happen.",
};

/// See there.
pub(crate) static ATTEMPTS: Setting = Setting {
    name: "sym01.attempts",
    unit: Unit::Count,
    default: 5.0,
    about: "So many operations are called in it, or all clients of a closed loop wait: two at least, and so many of a node.",
};

/// A gap of everything, of a node, or of a function, whether or not it is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gap {
    pub(crate) part: Part,
    pub(crate) window: (i64, i64),
    hole: Hole,
    usually: Usually,
}

/// All gaps: of everything, of each node, and of each function.
pub(crate) fn gaps(asked: &Asked<'_>) -> Vec<Gap> {
    let observed = asked.observed;
    let nodes: Vec<_> = observed.nodes().into_iter().flatten().collect();
    let functions = observed.functions();
    let mut parts = vec![Part::ALL];
    if nodes.len() > 1 {
        parts.extend(nodes.into_iter().map(Part::node));
    }
    if functions.len() > 1 {
        parts.extend(functions.into_iter().map(|function| Part { node: None, function: Some(function) }));
    }
    parts.into_iter().flat_map(|part| of_part(asked, part)).collect()
}

fn of_part(asked: &Asked<'_>, part: Part) -> Vec<Gap> {
    let Asked { observed, baseline, .. } = *asked;
    let counts = observed.counts(|node, function| part.has(node, function));
    let Some(usually) = usually(asked, &observed.cells, &counts) else { return Vec::new() };
    // Which function clients ask next is up to them: that all wait for one does not happen. That the few of one node all do, may.
    let least = if part == Part::ALL { 2.0 } else { asked.thresholds.of(&ATTEMPTS) };
    let waiting = match part.function {
        None => load::clients(observed, baseline, part).map(|count| count.max(least)),
        Some(_) => None,
    };
    let long = long(asked, usually);
    let least = asked.thresholds.nanoseconds(&LEAST).max(LONG * usually.between);
    let is_told = |hole: &Hole| {
        let beside = beside(asked, &counts, hole.window);
        let is_sure = |others: [u64; 2]| fewer([0, hole.failed], others) <= SURE;
        let is_known = part.function.is_none() && is_sure(usually.outcomes) && is_sure(beside);
        hole.window.1 - hole.window.0 >= long || is_known
    };
    let holes = holes(asked, &observed.cells, &counts, least.min(long), waiting).into_iter().filter(is_told);
    holes.map(|hole| Gap { part, window: hole.window, hole, usually }).collect()
}

/// What came of what was asked just before a time and just after it, for as long: where little happens then as well, it is no gap.
fn beside(asked: &Asked<'_>, counts: &[Cell], (from, to): (i64, i64)) -> [u64; 2] {
    let mut all = between(asked.observed, counts, from - (to - from), from);
    all.fold(between(asked.observed, counts, to, to + (to - from)));
    all.outcomes()
}

/// Where seldom anything is asked, much time lies between two that happen. A gap need only be so many times as long as is seldom
/// exceeded where so many answers came in it that chance would not leave all of them bad with this probability.
const LONG: i64 = 3;
const SURE: f64 = 1e-9;

/// How long nothing has to happen for it to be a gap, where so much usually lies between two that happen.
pub(crate) fn long(asked: &Asked<'_>, usually: Usually) -> i64 {
    let times = (usually.between as f64 * asked.thresholds.of(&TIMES)) as i64;
    asked.thresholds.nanoseconds(&LEAST).max(times)
}

/// The probability of a hole of this length, with so many stretches in which something was asked, anywhere in a run.
pub(crate) fn chance(asked: &Asked<'_>, window: (i64, i64), holes: u64, usually: [u64; 2]) -> f64 {
    let run = asked.observed.span().map_or(0, |(first, last)| last - first);
    // So many holes of its length have room in the run.
    let places = (run as f64 / (window.1 - window.0).max(1) as f64).max(1.0);
    (places * fewer([0, holes], usually)).min(1.0)
}

pub(crate) fn find(asked: &Asked<'_>) -> Candidates {
    let all = gaps(asked);
    let is_steady = |gap: &Gap| !is_of_a_brown_out(asked, &all, gap);
    // What all of it shows is not told again of a part, unless most of that lies outside.
    let whole: Vec<_> = all.iter().filter(|gap| gap.part == Part::ALL).map(|gap| gap.window).collect();
    let is_told_of_all = |window: (i64, i64)| whole.iter().map(|&of| covered(window, of)).sum::<f64>() >= 0.5;
    let mut candidates = Candidates::default();
    let steady =
        all.iter().filter(|gap| is_steady(gap) && (gap.part == Part::ALL || !is_told_of_all(gap.window)));
    for Gap { part, window, hole, usually } in apart(asked, steady.copied().collect()) {
        let p = chance(asked, window, hole.asked, usually.stretches);
        candidates.tests.push(p);
        candidates.symptoms.push(symptom(part.scope(), &hole, &usually, p));
    }
    let of_keys = key_gap::find(asked);
    candidates.tests.extend(of_keys.tests);
    candidates.symptoms.extend(of_keys.symptoms.into_iter().filter(|of| !is_told_of_all(of.window)));
    candidates
}

/// Gaps, which are in the order of parts and of time, with the longest of each group of many that follow each other while in all that
/// time nearly nothing happens: that is one outage.
pub(crate) fn apart(asked: &Asked<'_>, gaps: Vec<Gap>) -> Vec<Gap> {
    let Asked { observed, baseline, .. } = *asked;
    let mut groups: Vec<Vec<Gap>> = Vec::new();
    for gap in gaps {
        let has = |node, function| gap.part.has(node, function);
        let usual = || baseline.usual(observed, 1.0, has).map_or(0.0, |usual| usual.ok());
        let little = |from: i64| {
            let happened = between(observed, &observed.counts(has), from, gap.window.1).ok;
            f64::from(happened) * 1e9 <= LITTLE * usual() * (gap.window.1 - from) as f64
        };
        let is_next = |group: &&mut Vec<Gap>| {
            let (from, end) = (group[0].window.0, group[group.len() - 1].window.1);
            let is_near = 4 * (gap.window.0 - end) <= gap.window.1 - from;
            group[0].part == gap.part && is_near && little(from)
        };
        match groups.last_mut().filter(is_next) {
            Some(group) => group.push(gap),
            None => groups.push(vec![gap]),
        }
    }
    let longest = |group: Vec<Gap>| match group.len() {
        ..MANY => group,
        _ => group.into_iter().max_by_key(|gap| gap.window.1 - gap.window.0).into_iter().collect(),
    };
    groups.into_iter().flat_map(longest).collect()
}

/// Nearly nothing happens where no more than this share of what usually does happens.
const LITTLE: f64 = 0.1;

/// So many gaps of a part in a time in which little happens between them are no gaps of their own.
const MANY: usize = 3;

/// Whether a gap is one of many between which little happens: then part of what is asked is done, and now and then none by chance.
fn is_of_a_brown_out(asked: &Asked<'_>, all: &[Gap], gap: &Gap) -> bool {
    let Asked { observed, baseline, thresholds, .. } = *asked;
    let windows = || all.iter().filter(|other| other.part == gap.part).map(|other| other.window);
    let (from, to) = windows().fold((i64::MAX, i64::MIN), |(from, to), of| (from.min(of.0), to.max(of.1)));
    let dark: i64 = windows().map(|(from, to)| to - from).sum();
    if windows().count() < MANY || 2 * dark >= to - from {
        return false;
    }
    let has = |node, function| gap.part.has(node, function);
    let usual = baseline.usual(observed, thresholds.of(&SAMPLE), has).and_then(|usual| usual.cell.share());
    let counts = observed.counts(has);
    let outcomes = |(from, to)| {
        let cell = between(observed, &counts, from, to);
        (f64::from(cell.ok), f64::from(cell.settled()))
    };
    let (ok, settled) = windows()
        .map(outcomes)
        .fold(outcomes((from, to)), |(ok, settled), dark| (ok - dark.0, settled - dark.1));
    let share = (settled > 0.0).then(|| ok / settled);
    share.zip(usual).is_some_and(|(share, usual)| share < 0.9 * usual)
}

/// What is told of a hole in what lies in this scope.
pub(crate) fn symptom(scope: Scope, hole: &Hole, usually: &Usually, p: f64) -> Symptom {
    let length = (hole.window.1 - hole.window.0) as f64;
    Symptom {
        kind: SymptomKind::AvailabilityGap,
        is_likeness: false,
        scope,
        window: hole.window,
        numbers: vec![
            Number::time("gap", length).usually(usually.between as f64),
            Number::count("calls", hole.calls),
            Number::count("open", hole.open),
        ],
        effect: Some(length / usually.between as f64),
        sample: (hole.calls, usually.count),
        test: Some(Tested { p, q: 1.0 }),
        shown: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{Came, READ, Trace, WRITE, ms, node};

    fn found(trace: &Trace) -> Vec<(Vec<seriatim_history::ValueId>, Vec<seriatim_history::ValueId>)> {
        let parts = trace.find(find).symptoms.into_iter();
        parts.map(|symptom| (symptom.scope.nodes, symptom.scope.functions)).collect()
    }

    fn failing(trace: &mut Trace, during: std::ops::Range<i64>, nodes: &[u32]) {
        for (at, time) in during.step_by(100).enumerate() {
            trace.add((at as u32 % 4, nodes[at % nodes.len()]), READ, time, Some((5, Came::Fail)));
        }
    }

    #[test]
    fn all_that_is_asked_fails() {
        let mut trace = Trace::new();
        trace.steady(0..5_000, 10, 2).steady(8_000..10_000, 10, 2).fault(5_000, 8_000, &[]);
        failing(&mut trace, 5_005..8_000, &[0, 1, 2]);
        let [symptom] = trace.find(find).symptoms.try_into().expect("it is told once, of everything");
        assert_eq!(symptom.scope, Part::ALL.scope());
        assert!((ms(2_900)..ms(3_100)).contains(&(symptom.window.1 - symptom.window.0)), "{symptom:?}");
    }

    #[test]
    fn all_clients_wait() {
        let mut trace = Trace::new();
        trace.steady(0..5_000, 10, 2).steady(8_000..10_000, 10, 2);
        for by in 0..4 {
            trace.add((by, by % 3), WRITE, 5_000, Some((3_000, Came::Ok)));
        }
        assert_eq!(found(&trace), [(vec![], vec![])]);
    }

    #[test]
    fn one_client_that_waits_is_not_enough() {
        let mut trace = Trace::new();
        trace.steady(0..5_000, 10, 2).steady(8_000..10_000, 10, 2);
        trace.add((1, 1), WRITE, 5_000, Some((3_000, Came::Ok)));
        assert_eq!(found(&trace), []);
    }

    #[test]
    fn where_nobody_asks_there_is_no_gap() {
        let mut trace = Trace::new();
        trace.steady(0..5_000, 10, 2).steady(8_000..10_000, 10, 2);
        assert_eq!(found(&trace), []);
        // Nor where they come back together and are answered a bit later.
        for by in 0..8 {
            trace.add((by, by % 3), READ, 7_960, Some((38, Came::Ok)));
        }
        assert_eq!(found(&trace), []);
    }

    #[test]
    fn a_stall_of_half_a_second_is_none() {
        let mut trace = Trace::new();
        trace.steady(0..5_000, 10, 2).steady(5_600..10_000, 10, 2);
        for by in 0..4 {
            trace.add((by, by % 3), WRITE, 5_000, Some((600, Came::Ok)));
        }
        assert_eq!(found(&trace), []);
    }

    #[test]
    fn few_who_still_ask_see_one_gap() {
        // Others turn away; after 8 s one in a second asks, twice with more than that in between.
        let mut trace = Trace::new();
        trace.steady(0..5_000, 10, 2).steady(15_000..20_000, 10, 2).fault(5_000, 15_000, &[]);
        failing(&mut trace, 5_005..5_400, &[0, 1, 2]);
        for at in [6_000, 6_500, 7_900, 9_800, 10_900, 11_300, 12_000, 13_900, 14_800] {
            trace.add((1, 1), READ, at, Some((5, Came::Fail)));
        }
        let [symptom] = trace.find(find).symptoms.try_into().expect("it is told once, of everything");
        assert!((ms(9_900)..ms(10_100)).contains(&(symptom.window.1 - symptom.window.0)), "{symptom:?}");
    }

    #[test]
    fn many_between_which_nearly_nothing_happens_are_one() {
        // One operation happens every two seconds, and once three of them are missing.
        let mut trace = Trace::new();
        trace.steady(0..10_000, 10, 2).steady(30_000..40_000, 10, 2).fault(10_000, 30_000, &[]);
        failing(&mut trace, 10_005..30_000, &[0, 1, 2]);
        for at in (12_000..30_000).step_by(2_000).filter(|at| !(19_000..25_000).contains(at)) {
            trace.add((1, at as u32 / 2_000 % 3), READ, at, Some((5, Came::Ok)));
        }
        let [symptom] = trace.find(find).symptoms.try_into().expect("it is told once");
        assert!((ms(7_900)..ms(8_100)).contains(&(symptom.window.1 - symptom.window.0)), "{symptom:?}");
    }

    #[test]
    fn where_little_is_asked_a_gap_is_known_by_what_fails() {
        // Each node is asked three times a second, and one turns all away for five seconds.
        let with = |came| {
            let mut trace = Trace::new();
            for (at, time) in (0..120_000).step_by(100).enumerate() {
                let (to, time) = (at as u32 % 3, time + at as i64 * 7 % 600);
                let is_out = to == 1 && (60_000..65_000).contains(&time);
                let came = if is_out { came } else { (5, Came::Ok) };
                trace.add((at as u32 % 7, to), READ, time, Some(came));
            }
            found(&trace)
        };
        assert_eq!(with((5, Came::Fail)), [(vec![node(1)], vec![])]);
        // Where one in a hundred happens for long, that none does for a while is chance.
        let mut trace = Trace::new();
        trace.steady(0..20_000, 300, 2).fault(20_000, 40_000, &[]);
        for (at, time) in (20_000..40_000).step_by(10).enumerate() {
            let came = if at % 200 == 199 { Came::Ok } else { Came::Fail };
            trace.add((at as u32 % 7, at as u32 % 3), READ, time, Some((5, came)));
        }
        assert_eq!(found(&trace), []);
        assert_eq!(with((5, Came::Ok)), []);
    }

    #[test]
    fn what_never_returned_was_open() {
        let mut trace = Trace::new();
        trace.steady(0..5_000, 10, 2).steady(8_000..10_000, 10, 2);
        for at in (5_000..8_000).step_by(100) {
            trace.add((at as u32 % 4, 1), READ, at, None);
        }
        let [symptom] = trace.find(find).symptoms.try_into().expect("it is told once");
        let open = symptom.numbers.iter().find(|number| number.name == "open").expect("it is told");
        assert!((28.0..=30.0).contains(&open.value), "{symptom:?}");
    }

    #[test]
    fn one_node_fails() {
        let mut trace = Trace::new();
        trace.steady(0..10_000, 10, 2);
        let is_down = |at: i64| (5_000..8_000).contains(&at);
        let mut other = Trace::new();
        for at in (0..10_000).step_by(50) {
            let came = if is_down(at) { Came::Info } else { Came::Ok };
            other.add((7, 4), READ, at, Some((20, came))).add((8, 5), WRITE, at, Some((20, Came::Ok)));
        }
        assert_eq!(found(&other), [(vec![node(4)], vec![]), (vec![], vec![READ])]);
        assert_eq!(found(&trace), []);
    }
}
