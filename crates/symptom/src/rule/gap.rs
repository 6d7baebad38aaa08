//! SYM01: for a while nothing that was asked happened, of all, of a node, or of a function.
//!
//! A gap is a stretch between two operations that happened. Time in which nobody asked and nothing was open is not in it. It
//! counts where clients asked on, or where all of them waited: one client that stands still in a closed loop is not enough.

use crate::baseline::within;
use crate::cell::Cell;
use crate::kind::SymptomKind;
use crate::rule::{Part, covered, load, number};
use crate::rules::{Asked, Candidates};
use crate::setting::{Setting, Unit};
use crate::symptom::Symptom;

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
    about: "So many operations are called in it, or all clients of a closed loop wait, and there are two at least.",
};

/// A gap that was found, whether or not it is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gap {
    pub(crate) part: Part,
    pub(crate) window: (i64, i64),
    /// The longest time between two that is usual, in nanoseconds, and of how many.
    usual: (i64, u64),
    calls: u64,
    open: i64,
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
    let Asked { observed, baseline, thresholds, .. } = *asked;
    let counts = observed.counts(|node, function| part.has(node, function));
    let Some(usual) = usual(asked, &counts) else { return Vec::new() };
    let width = observed.cells.width();
    let least = thresholds.nanoseconds(&LEAST).max((usual.0 as f64 * thresholds.of(&TIMES)) as i64);
    let open = load::open(&counts);
    // Which function clients ask next is up to them: that all wait for one does not happen.
    let waiting = match part.function {
        None => load::clients(observed, baseline, part).map(|count| count.max(2.0)),
        Some(_) => None,
    };
    let is_asked = |at: usize| open[at] > 0 || counts[at].calls > 0;
    let hole = (thresholds.nanoseconds(&LEAST) / width).max(1) as usize;
    let mut all = Vec::new();
    let mut tell = |from: usize, to: usize| {
        if (to - from) as i64 * width < least {
            return;
        }
        let calls = |until| counts[from..until].iter().map(|cell| u64::from(cell.calls)).sum::<u64>();
        // Who asks as it ends says nothing of the time before.
        let early = calls(from + (to - from) * 3 / 4);
        let open = open[from + (to - from) / 2];
        if early as f64 >= thresholds.of(&ATTEMPTS) || waiting.is_some_and(|all| open as f64 >= all) {
            let time = |at: usize| observed.cells.time(observed.cells.span().start + at as i64);
            all.push(Gap { part, window: (time(from), time(to)), usual, calls: calls(to), open });
        }
    };
    // The first and the last stretch of the gap that is being followed in which something was asked.
    let mut run: Option<(usize, usize)> = None;
    for (at, cell) in counts.iter().enumerate() {
        if cell.ok > 0 {
            // What is answered now was waited for until now.
            run.take().inspect(|&(from, last)| tell(from, if at - last > hole { last + 1 } else { at }));
        } else if is_asked(at) {
            run = match run {
                Some((from, last)) if at - last > hole => {
                    tell(from, last + 1);
                    Some((at, at))
                }
                Some((from, _)) => Some((from, at)),
                None => Some((at, at)),
            };
        }
    }
    run.inspect(|&(from, last)| tell(from, last + 1));
    all
}

/// The time between two operations that happened which is seldom exceeded where all is as usual, and how many happened there.
/// The longest of all is left out, and once more for each thousand: one stall of a machine makes no rule.
fn usual(asked: &Asked<'_>, counts: &[Cell]) -> Option<(i64, u64)> {
    let mut between: Vec<i64> = Vec::new();
    let mut count = 0_u64;
    for &(from, to) in asked.baseline.stretches() {
        let mut since = None;
        for at in within(asked.observed, counts.len(), from, to) {
            if counts[at].ok > 0 {
                between.extend(since.map(|since| (at - since) as i64));
                since = Some(at);
                count += u64::from(counts[at].ok);
            }
        }
    }
    between.sort_unstable();
    let left_out = 1 + count as usize / 1_000;
    let seldom = between.len().checked_sub(1 + left_out).map(|at| between[at])?;
    let is_enough = count as f64 >= asked.thresholds.of(&crate::baseline::SAMPLE);
    is_enough.then(|| (seldom * asked.observed.cells.width(), count))
}

pub(crate) fn find(asked: &Asked<'_>) -> Candidates {
    let all = gaps(asked);
    // What all of it shows is not told again of a part, unless most of that lies outside.
    let wider = |of: &Gap| {
        let whole = all.iter().filter(|gap| gap.part == Part::ALL && of.part != Part::ALL);
        whole.map(|gap| covered(of.window, gap.window)).sum::<f64>()
    };
    let told = all.iter().filter(|gap| wider(gap) < 0.5);
    let symptoms = told.map(|gap| {
        let length = (gap.window.1 - gap.window.0) as f64;
        Symptom {
            kind: SymptomKind::AvailabilityGap,
            is_likeness: false,
            scope: gap.part.scope(),
            window: gap.window,
            numbers: vec![
                number("gap", Unit::Time, length, gap.usual.0 as f64),
                number("calls", Unit::Count, gap.calls as f64, None),
                number("open", Unit::Count, gap.open as f64, None),
            ],
            effect: Some(length / gap.usual.0 as f64),
            sample: (gap.calls, gap.usual.1),
            test: None,
            shown: Vec::new(),
        }
    });
    Candidates { symptoms: symptoms.collect(), tests: Vec::new() }
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
