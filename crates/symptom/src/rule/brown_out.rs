//! SYM04: for a while part of what was asked happened, or far more of it than usual took long: of everything, or of a node.
//!
//! Each function is compared with itself, since what is asked changes. What a gap of single nodes or functions explains is
//! that gap, and what less than half of the nodes explain is told of these. A node is told where it is worse than the others are
//! meanwhile: clients that are ill find all nodes so.

use seriatim_history::ValueId;

use crate::baseline::SAMPLE;
use crate::kind::SymptomKind;
use crate::rule::gap::{Gap, apart, gaps};
use crate::rule::known::{Known, Seen, judge};
use crate::rule::sliding::{Slide, sharpened, stretches, tight};
use crate::rule::{Part, covered, load};
use crate::rules::{Asked, Candidates};
use crate::setting::{Setting, Unit};
use crate::statistics::fewer;
use crate::symptom::{Number, Symptom, Tested};

/// See there.
pub(crate) static LEAST: Setting =
    Setting { name: "sym04.least", unit: Unit::Time, default: 3.0, about: "It lasts at least so long." };

/// See there.
pub(crate) static LOW: Setting = Setting {
    name: "sym04.low",
    unit: Unit::Share,
    default: 0.2,
    about: "With a smaller share of what usually happens, it is no part any more.",
};

/// See there.
pub(crate) static HIGH: Setting = Setting {
    name: "sym04.high",
    unit: Unit::Share,
    default: 0.95,
    about: "With a greater share of what usually happens, it is all.",
};

/// See there.
pub(crate) static TIMES: Setting = Setting {
    name: "sym04.times",
    unit: Unit::Factor,
    default: 3.0,
    about: "An operation is slow that takes so many times as long as the 99th percentile of its function usually is.",
};

/// A stretch of time in which a part of the system was bad.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Brown {
    pub(crate) part: Part,
    pub(crate) window: (i64, i64),
    /// The lesser p of what happened and of what was slow.
    pub(crate) p: f64,
}

/// Where a part was bad for long enough, whatever explains it.
pub(crate) fn browns(asked: &Asked<'_>, part: Part, least: i64) -> Vec<Brown> {
    let observed = asked.observed;
    let known = Known::new(asked, |node, of| part.has(node, of));
    let (Some((_, last)), Some(&(first, _))) = (observed.span(), asked.baseline.stretches().first()) else {
        return Vec::new();
    };
    if known.functions.is_empty() {
        return Vec::new();
    }
    let usual = known.usual(None);
    // Windows of four stretches in which latencies are told apart.
    let step = observed.latencies.width();
    let last = load::until(observed).min(last);
    let begins =
        (first.div_euclid(step) + 1..).map(|place| place * step).take_while(|at| at + 4 * step <= last);
    let seen: Vec<_> = begins
        .map(|from| {
            let seen = known.seen((from, from + 4 * step));
            (Slide { from, to: from + 4 * step, cell: seen.cell }, judge(asked, &seen, &usual, 3).is_bad())
        })
        .collect();
    let slides: Vec<_> = seen.iter().map(|(slide, _)| *slide).collect();
    let windows = stretches(&slides, |at, _| seen[at].1);
    let windows = windows.into_iter().map(|window| sharpened(observed, tight(&slides, window), 4 * step));
    let told = windows.filter(|(from, to)| to - from >= least).map(|window| {
        let seen = known.seen(window);
        let p = fewer(seen.cell.outcomes(), usual.cell.outcomes()).min(fewer(seen.pace(), usual.pace()));
        Brown { part, window, p }
    });
    told.collect()
}

pub(crate) fn find(asked: &Asked<'_>) -> Candidates {
    let gaps = apart(asked, gaps(asked));
    let least = asked.thresholds.nanoseconds(&LEAST);
    let nodes: Vec<_> = asked.observed.nodes().into_iter().flatten().collect();
    let mut of_nodes: Vec<Brown> = Vec::new();
    if nodes.len() > 1 {
        of_nodes.extend(nodes.iter().flat_map(|&node| browns(asked, Part::node(node), least)));
    }
    let mut all = Candidates::default();
    let mut whole: Vec<(i64, i64)> = Vec::new();
    for brown in browns(asked, Part::ALL, least) {
        let few = |node: &&ValueId| {
            let of_node = of_nodes.iter().filter(|of| of.part.node == Some(**node));
            let covered: f64 = of_node.map(|of| covered(brown.window, of.window)).sum();
            covered >= 0.3 || is_worse(asked, **node, brown.window)
        };
        let bad: Vec<_> = nodes.iter().filter(few).copied().collect();
        let without = if 2 * bad.len() < nodes.len() { bad } else { Vec::new() };
        if let Some(symptom) = symptom(asked, &gaps, brown, &without, &mut all.tests) {
            whole.push(brown.window);
            all.symptoms.push(symptom);
        }
    }
    for brown in of_nodes {
        if whole.iter().map(|&window| covered(brown.window, window)).sum::<f64>() < 0.5 {
            all.symptoms.extend(symptom(asked, &gaps, brown, &[], &mut all.tests));
        }
    }
    all
}

/// Whether a node was bad in a time as a whole, or did even less than what counts as a part.
fn is_worse(asked: &Asked<'_>, node: ValueId, window: (i64, i64)) -> bool {
    // What is seldom of a node that is slow for a fourth of a run is else what it is then, or just before and after.
    let edge = (window.1 - window.0) / 4;
    let rest = asked.baseline.without((window.0 - edge, window.1 + edge));
    let asked = &Asked { baseline: rest.as_ref().unwrap_or(asked.baseline), ..*asked };
    let known = Known::new(asked, |of, _| of == Some(node));
    let (seen, usual) = (known.seen(window), known.usual(Some(window)));
    let shares = seen.cell.share().zip(usual.cell.share());
    let low = asked.thresholds.of(&LOW);
    let is_out = seen.cell.settled() >= 3 && shares.is_some_and(|(share, usually)| share < low * usually);
    is_out || judge(asked, &seen, &usual, 3).is_bad()
}

/// The longest part of a time that is in none of some others.
fn outside(window: (i64, i64), others: impl Iterator<Item = (i64, i64)>) -> Option<(i64, i64)> {
    let cut = |left: Vec<(i64, i64)>, (from, to): (i64, i64)| -> Vec<_> {
        let both = left.into_iter().flat_map(|(begin, end)| [(begin, end.min(from)), (begin.max(to), end)]);
        both.filter(|(begin, end)| begin < end).collect()
    };
    others.fold(vec![window], cut).into_iter().max_by_key(|(from, to)| to - from)
}

/// What is told of it, unless gaps or what is left out explain it.
fn symptom(
    asked: &Asked<'_>,
    gaps: &[Gap],
    brown: Brown,
    without: &[ValueId],
    tests: &mut Vec<f64>,
) -> Option<Symptom> {
    let Brown { part, window, .. } = brown;
    let of_all = || gaps.iter().filter(|gap| gap.part == Part::ALL || gap.part == part).map(|gap| gap.window);
    if of_all().map(|gap| covered(window, gap)).sum::<f64>() >= 0.5 {
        return None;
    }
    let window = outside(window, of_all())?;
    if window.1 - window.0 < asked.thresholds.nanoseconds(&LEAST) {
        return None;
    }
    let over: Vec<_> = gaps.iter().filter(|gap| covered(window, gap.window) >= 0.2).collect();
    let is_gap = |node: Option<ValueId>, function: ValueId| {
        let narrow = over.iter().filter(|gap| gap.part != Part::ALL && gap.part != part);
        narrow.into_iter().any(|gap| gap.part.has(node, function))
    };
    let has = |node: Option<ValueId>, function: ValueId| {
        part.has(node, function)
            && !is_gap(node, function)
            && !node.is_some_and(|node| without.contains(&node))
    };
    let sample = asked.thresholds.of(&SAMPLE);
    let rest = Known::new(asked, has);
    let (rest, rest_usual) = (rest.seen(window), rest.usual(Some(window)));
    if f64::from(rest.cell.settled()) < sample || !judge(asked, &rest, &rest_usual, 1).is_bad() {
        return None;
    }
    let mut fails = fewer(rest.cell.outcomes(), rest_usual.cell.outcomes());
    let mut slows = fewer(rest.pace(), rest_usual.pace());
    if part.node.is_some() {
        let at_others = |node, function| node != part.node && !is_gap(node, function);
        let others = Known::new(asked, at_others).seen(window);
        if f64::from(others.cell.settled()) >= sample {
            if !judge(asked, &rest, &others, 1).is_bad() {
                return None;
            }
            fails = fails.max(fewer(rest.cell.outcomes(), others.cell.outcomes()));
            slows = slows.max(fewer(rest.pace(), others.pace()));
        }
    }
    tests.extend([fails, slows]);
    let whole = Known::new(asked, |node, of| part.has(node, of));
    let (seen, usual) = (whole.seen(window), whole.usual(Some(window)));
    let p99 = |of: &Seen| of.latencies.quantile(0.99);
    let seldom = asked.baseline.seldom_exceeded(asked.observed, |node, of| part.has(node, of))?;
    let share = |of: &Seen| of.cell.share().unwrap_or(0.0);
    Some(Symptom {
        kind: SymptomKind::BrownOut,
        is_likeness: false,
        scope: part.scope(),
        window,
        numbers: vec![
            Number::time("lasted", (window.1 - window.0) as f64),
            Number::share("share", share(&seen)).usually(share(&usual)),
            Number::time("p99", p99(&seen)?).usually(seldom),
            Number::share("slow", seen.slow_share()).usually(usual.slow_share()),
        ],
        effect: Some(share(&seen) - share(&usual)),
        sample: (seen.cell.settled().into(), usual.cell.settled().into()),
        test: Some(Tested { p: fails.min(slows), q: 1.0 }),
        shown: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{Came, READ, Trace, WRITE, node};

    /// Reads and writes at three nodes, which take this and come to that from the fourth to the eighth second.
    fn trace(of: impl Fn(usize, u32) -> (i64, Came)) -> Trace {
        let mut trace = Trace::new();
        for (at, time) in (0..12_000).step_by(10).enumerate() {
            let (to, function) = (at as u32 % 3, if at % 2 == 0 { READ } else { WRITE });
            let came =
                if (4_000..8_000).contains(&time) { of(at, to) } else { (3 + at as i64 % 3, Came::Ok) };
            trace.add((at as u32 % 12, to), function, time, Some(came));
        }
        trace.fault(4_000, 8_000, &[]);
        trace
    }

    fn nodes(trace: &Trace) -> Vec<Vec<ValueId>> {
        trace.find(find).symptoms.into_iter().map(|of| of.scope.nodes).collect()
    }

    #[test]
    fn what_is_left_of_a_time_is_its_longest_part() {
        let of = |others: &[(i64, i64)]| outside((10, 20), others.iter().copied());
        assert_eq!(of(&[]), Some((10, 20)));
        assert_eq!(of(&[(0, 11), (14, 15)]), Some((15, 20)));
        assert_eq!(of(&[(5, 25)]), None);
        assert_eq!(of(&[(19, 25), (30, 40)]), Some((10, 19)));
    }

    #[test]
    fn part_of_it_happens() {
        let all = trace(|at, _| if at % 5 < 2 { (5, Came::Fail) } else { (5, Came::Ok) });
        assert_eq!(nodes(&all), [[]]);
    }

    #[test]
    fn it_takes_long() {
        let all = trace(|at, _| if at % 10 == 0 { (200, Came::Ok) } else { (5, Came::Ok) });
        assert_eq!(nodes(&all), [[]]);
    }

    #[test]
    fn one_node_is_bad() {
        let all = trace(|at, to| if to == 2 && at % 4 < 2 { (100, Came::Fail) } else { (5, Came::Ok) });
        assert_eq!(nodes(&all), [[node(2)]]);
    }

    #[test]
    fn a_client_that_is_ill_makes_no_node_so() {
        // A few of a hundred fail at each node, and a few more at one of them.
        let all = trace(|at, to| {
            let is_ill = at % 25 == 0 || to == 1 && at % 50 == 1;
            if is_ill { (5, Came::Fail) } else { (5, Came::Ok) }
        });
        assert!(nodes(&all).is_empty(), "{:?}", nodes(&all));
    }

    #[test]
    fn one_node_that_is_slow_is_not_the_whole_system() {
        // It is asked so seldom that a fourth of the run is a fourth of what is known of it.
        let mut trace = Trace::new();
        for (at, time) in (0..60_000).step_by(10).enumerate() {
            let to = at as u32 % 8;
            let is_slow = to == 2 && (30_000..45_000).contains(&time);
            let length = if is_slow { 200 } else { 3 + at as i64 % 3 };
            trace.add((at as u32 % 12, to), READ, time, Some((length, Came::Ok)));
        }
        assert!(!nodes(&trace).contains(&vec![]), "{:?}", nodes(&trace));
    }

    #[test]
    fn one_node_that_does_nothing_is_not_the_whole_system() {
        // For less than a gap is made to take here, it does nothing at all, and then all again.
        let mut trace = Trace::new();
        trace.thresholds.set(&crate::rule::gap::TIMES, 1_000.0);
        for (at, time) in (0..120_000).step_by(167).enumerate() {
            let to = at as u32 % 3;
            let is_out = to == 1 && (60_000..72_000).contains(&time);
            // What the node was told waits for long, so that nothing is known to have failed at it.
            let came = if is_out { None } else { Some((5, Came::Ok)) };
            trace.add((at as u32 % 7, to), READ, time, came);
        }
        assert!(!nodes(&trace).contains(&vec![]), "{:?}", nodes(&trace));
    }

    #[test]
    fn a_gap_is_none() {
        assert!(nodes(&trace(|_, _| (5, Came::Fail))).is_empty());
        assert!(nodes(&trace(|_, to| if to == 1 { (5, Came::Fail) } else { (5, Came::Ok) })).is_empty());
    }

    #[test]
    fn two_seconds_are_not_long_enough() {
        let all = trace(
            |at, _| if (450..650).contains(&at) && at % 5 < 2 { (5, Came::Fail) } else { (5, Came::Ok) },
        );
        assert!(nodes(&all).is_empty());
    }

    #[test]
    fn a_stall_is_none() {
        let all = trace(|at, _| if (450..500).contains(&at) { (300, Came::Ok) } else { (5, Came::Ok) });
        assert!(nodes(&all).is_empty());
    }
}
